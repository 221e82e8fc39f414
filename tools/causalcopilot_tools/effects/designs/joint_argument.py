"""Whether graph, roles or a search let several treatments be read as set together, and by which columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from causalcopilot.domain.identification import Alternative, Assumption, Controls, Excluded, Identification
from causalcopilot.errors import KnowledgeError
from causalcopilot.graph.formats import to_dagitty
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.joint import (
    JointAdjustment,
    equations,
    is_valid_joint_adjustment,
    joint_adjustment,
)
from causalcopilot.graph.separation import d_separated, open_path
from causalcopilot.graph.stored import StoredGraph
from causalcopilot_tools.effects import controls as columns
from causalcopilot_tools.effects import graphical
from causalcopilot_tools.effects.assumptions import standard, voucher
from causalcopilot_tools.effects.designs.posed import Identified, Posed
from causalcopilot_tools.effects.designs.set_together import Together, together_of
from causalcopilot_tools.effects.selection import HELPS as SELECTION_HELPS

Basis = Literal["graph", "roles", "controls", "discovered", "none"]


@dataclass(frozen=True)
class Read:
    """What one graph says of them.

    Attributes:
        controls: who is held, or nobody where every equation is fitted (``route`` is then ``equations``).
        refused: why it cannot be told, with a path and what would help; empty words where it can.
        open_edges: only edges without a direction stand in the way.
    """

    controls: Controls
    route: Literal["held", "equations"] = "held"
    refused: str = ""
    path: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    open_edges: bool = False
    findings: tuple[str, ...] = ()
    graph: Graph | None = None


def identify_joint(posed: Posed) -> Identified:
    """Can it be told what the treatments do together?  By authority: controls, given graph, order, learned graph."""
    asked = together_of(posed)
    if posed.controls is not None:
        return _by_controls(posed, asked, tuple(c for c in posed.controls if c not in asked.names))
    if posed.graph is not None:
        return _by_graph(posed, asked, posed.graph, "graph")
    known = posed.context.knowledge
    if any(columns.knows_order(known, n) for n in asked.names):
        return _by_order(posed, asked)
    if posed.learned is not None and graphical.holds(posed.learned, *asked.names, asked.outcome):
        return _by_graph(posed, asked, posed.learned, "discovered")
    told = "Nobody says what comes before them: every other usable column is held, by assumption."
    return _assumed(posed, asked, "none", told=(told,))


# --- a graph ---------------------------------------------------------------------------------------------------


def read(posed: Posed, asked: Together, stored: StoredGraph) -> Read:
    """What a graph says, as this table can use it.

    Raises:
        KnowledgeError: one of the columns is no measured node.
    """
    for name in asked.names[1:]:  # the first is looked up by the view
        graphical.view(stored, posed.context.profile, name, asked.outcome)
    seen = graphical.view(stored, posed.context.profile, asked.names[0], asked.outcome)
    graph = settled(seen.graph)
    found = joint_adjustment(graph, asked.names, asked.outcome)
    if found.valid:
        held = _sound(graph, found)
        if held is None:
            path = _selected(graph, found, found.minimal)
            why = "rows got into the table because of what came after"
            return Read(Controls(), refused=why, path=path, helps=SELECTION_HELPS)
        left = _left(seen.columns, graph, found, held)
        optional = tuple(n for n in held if n not in found.minimal)
        return Read(
            Controls(found.minimal, optional, left),
            findings=(*seen.findings, *_idle(asked, found)),
            graph=graph,
        )
    if found.status == "no_valid_set" and not graph.selected:
        try:
            equations(graph, asked.names, asked.outcome)
        except KnowledgeError:
            pass
        else:
            told = (
                "no set of columns can be held for all of them at once, so the equations between are fitted"
            )
            return Read(
                Controls(), "equations", findings=(*seen.findings, told, *_idle(asked, found)), graph=graph
            )
    return Read(
        Controls((), (), _left(seen.columns, graph, found, ())),
        refused="the graph leaves a path open",
        path=found.blocking_path,
        helps=_helps(asked, graph, found),
        open_edges=found.status == "not_amenable",
        findings=seen.findings,
    )


def settled(graph: Graph) -> Graph:
    """A CPDAG without open edges as the DAG that it is; other graphs as they are."""
    if graph.kind == "cpdag" and all(e.directed for e in graph.edges):
        return replace(graph, kind="dag")
    return graph


def _sound(graph: Graph, found: JointAdjustment) -> tuple[str, ...] | None:
    """The largest set of use that selection leaves valid; ``None`` where selection spoils every one."""
    for held in (found.all_allowed, found.minimal):
        if not _selected(graph, found, held):
            return held
    return None


def _selected(graph: Graph, found: JointAdjustment, held: tuple[str, ...]) -> tuple[str, ...]:
    """A path to the outcome that being in the table opens, or an empty tuple."""
    y, given = found.outcome, {*found.treatments, *held}
    for node in graph.selected:
        if node == y:
            return (y,)
        if node not in given and not d_separated(graph, node, y, given):
            return open_path(graph, node, y, given) or (node, y)
    return ()


def _idle(asked: Together, found: JointAdjustment) -> tuple[str, ...]:
    """Treatments without a way of their own to the outcome, told."""
    return tuple(
        f"with the others set, the graph leaves {n} no way to {asked.outcome}: its own part is zero by the graph"
        for n in asked.names
        if n not in found.acting
    )


def _left(
    names: tuple[str, ...], graph: Graph, found: JointAdjustment, held: tuple[str, ...]
) -> tuple[Excluded, ...]:
    out = []
    for name in names:
        if name in held or name in found.treatments:
            continue
        why = "not in the graph" if name not in graph.nodes else "not needed: it blocks no open path"
        if name in found.forbidden:
            why = "comes after what is set, on the way to the outcome or beyond"
        elif name in graph.latents:
            why = "cannot be used as a number"
        out.append(Excluded(name, why))
    return tuple(out)


def _helps(asked: Together, graph: Graph, found: JointAdjustment) -> tuple[str, ...]:
    path = found.blocking_path
    if found.status == "not_amenable":
        return (
            f"settle which way {' '.join(path[:3])} points: by an order of the columns, or a forbidden or required "
            "edge",
            f"randomise {asked.said}",
        )
    first = [f"measure {n}" for n in path[2:-1:2] if n in graph.latents]
    first += [
        f"measure the common cause of {path[i - 1]} and {path[i + 1]}"
        for i in range(1, len(path) - 1, 2)
        if path[i] == "<->"
    ]
    back = [
        f"ask the question the other way round: the graph says that {path[-1]} causes {path[0]}"
        for _ in (0,)
        if len(path) == 3 and path[1] == "<--"
    ]
    return (*dict.fromkeys((*first, *back)), f"randomise {asked.said}")


def _by_graph(
    posed: Posed, asked: Together, stored: StoredGraph, basis: Literal["graph", "discovered"]
) -> Identified:
    seen = read(posed, asked, stored)
    told = (*asked.findings, *seen.findings)
    if seen.refused and posed.context.question.assume:
        return _assumed(posed, asked, basis, seen, stored, told)
    status: Literal["identified", "assumed", "not_identified"] = (
        "not_identified" if seen.refused else "identified" if basis == "graph" else "assumed"
    )
    who = "the given graph" if basis == "graph" else "a graph learned from these very rows"
    route: tuple[tuple[str, str], ...] = ()
    if not seen.refused and seen.graph is not None:
        route = (("route", seen.route),)
        if seen.graph.kind == "dag":
            route += (("graph", to_dagitty(seen.graph)),)
    found = replace(
        _found(posed, asked, status, basis, seen.controls, who),
        design=route,
        blocking_path=seen.path,
        would_help=seen.helps,
        graph=stored.id or None,
    )
    return Identified(found, told, stored.id if seen.open_edges else "")


# --- controls, an order, nothing -------------------------------------------------------------------------------


def _by_controls(posed: Posed, asked: Together, held: tuple[str, ...]) -> Identified:
    """Columns named by hand: right where the graph says so, or where each is known to come before every treatment."""
    known = posed.context.knowledge
    base = _found(posed, asked, "assumed", "controls", Controls(held), "the question")
    if posed.graph is not None:
        graph = graphical.view(posed.graph, posed.context.profile, asked.names[0], asked.outcome).graph
        usable = tuple(c for c in held if c in graph.observed)
        if is_valid_joint_adjustment(graph, asked.names, asked.outcome, usable):
            return Identified(
                replace(base, status="identified", graph=posed.graph.id or None), asked.findings
            )
        seen = joint_adjustment(graph, asked.names, asked.outcome)
        bad = tuple(
            Excluded(c, "comes after what is set; used because it was asked for")
            for c in usable
            if c in seen.forbidden
        )
        against = "the graph does not say that holding these is enough"
        return Identified(
            replace(
                base,
                controls=Controls(held, (), bad),
                graph=posed.graph.id or None,
                design=(
                    ("assumed_against_graph", against),
                    *(("forced_bad_control", e.name) for e in bad),
                ),
            ),
            (*asked.findings, against),
        )
    earlier = [columns.earlier_columns(known, n) for n in asked.names]
    if all(e and set(held) <= e for e in earlier):
        return Identified(replace(base, status="identified"), asked.findings)
    return Identified(base, asked.findings)


def _by_order(posed: Posed, asked: Together) -> Identified:
    """Roles and tiers: what comes before every treatment is held; nobody's word where one of them has no order."""
    known, profile = posed.context.knowledge, posed.context.profile
    settled_all = all(columns.knows_order(known, n) for n in asked.names)
    made = [
        columns.role_controls(profile, known, n, asked.outcome)
        for n in asked.names
        if columns.knows_order(known, n)
    ]
    held = [c for c in made[0].used if c not in asked.names]
    for one in made[1:]:
        held = [c for c in held if c in one.used]
    reasons = {e.name: e.reason for one in made for e in one.forbidden}
    left = tuple(
        Excluded(c.name, reasons.get(c.name) or "does not come before all of the columns that are set")
        for c in columns.others(profile, asked.names[0], asked.outcome)
        if c.name not in held and c.name not in asked.names
    )
    between = _later_by_order(posed, asked, held)
    who = voucher(known)
    doubt: tuple[str, ...] = ()
    if not settled_all:
        unsaid = ", ".join(n for n in asked.names if not columns.knows_order(known, n))
        doubt = (f"nobody says what comes before {unsaid}; what comes before the others is held",)
    if between:
        doubt = (
            f"{', '.join(between)} comes between the columns that are set: it may have to be held for the later "
            "one and not for the earlier, which a graph could tell",
        )
    status: Literal["identified", "assumed"] = "assumed" if doubt else "identified"
    if known.latents:
        status = "assumed"
        doubt = (*doubt, f"{who} names {', '.join(known.latents)} as unmeasured")
    found = _found(posed, asked, status, "roles", Controls(tuple(held), (), left), who)
    helps = ("give a graph with --graph: it tells who is held for each of them",) if doubt else ()
    return Identified(replace(found, would_help=helps), (*asked.findings, *doubt))


def _later_by_order(posed: Posed, asked: Together, held: list[str]) -> tuple[str, ...]:
    """Columns known to come before one treatment and not before another, which is no treatment itself."""
    known = posed.context.knowledge
    early = [columns.earlier_columns(known, n) for n in asked.names if columns.knows_order(known, n)]
    some = frozenset().union(*early) if early else frozenset()
    return tuple(
        c.name for c in posed.context.profile.columns if c.name in some - set(held) - set(asked.names)
        and not columns.unusable(c, allow_dates=True)
    )  # fmt: skip


def _assumed(
    posed: Posed,
    asked: Together,
    basis: Basis,
    seen: Read | None = None,
    stored: StoredGraph | None = None,
    told: tuple[str, ...] = (),
) -> Identified:
    """Every usable column is held, on nobody's word or against the graph."""
    known, profile = posed.context.knowledge, posed.context.profile
    default = columns.default_controls(profile, known, asked.names[0], asked.outcome)
    after = {e.name for e in seen.controls.forbidden if "after" in e.reason} if seen else set()
    used = tuple(c for c in default.used if c not in asked.names and c not in after)
    found = _found(posed, asked, "assumed", basis, Controls(used, (), default.forbidden), "nobody")
    if seen is not None:
        words = " ".join(seen.path) or seen.refused
        taken = Assumption("open_path", False, f"taken by request against the graph: {words}")
        found = replace(
            found,
            assumptions=(taken, *found.assumptions[1:]),
            blocking_path=seen.path,
            design=(("assumed_against_graph", words),),
            graph=stored.id or None if stored else None,
        )
    return Identified(found, (*asked.findings, *told) if seen is None else told)


def _found(
    posed: Posed,
    asked: Together,
    status: Literal["identified", "assumed", "not_identified"],
    basis: Basis,
    held: Controls,
    who: str,
) -> Identification:
    refused = status == "not_identified"
    rests = () if refused else _assumptions(asked, who)
    return Identification(
        status,
        None if refused else "Joint Intervention",
        "ATE",
        "all units in the table",
        asked.names,
        (asked.outcome,),
        posed.chosen.type,
        asked.contrasts[0],
        controls=held,
        assumptions=rests,
        alternatives=(
            Alternative(
                "Conditional Exogeneity",
                "gives the effect of each column alone, with whatever it moves, not of all set at once",
            ),
        ),
        basis=basis,
        contrasts=asked.contrasts,
    )


def _assumptions(asked: Together, who: str) -> tuple[Assumption, ...]:
    return (
        Assumption(
            "no_joint_confounding", False, f"untestable; {who} vouches for it, for every one of {asked.said}"
        ),
        Assumption("straight_joint_lines", True, "see the checks joint_lines and joint_interaction"),
        *standard(),
    )
