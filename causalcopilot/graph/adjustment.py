"""Adjustment sets by the generalised adjustment criterion, for DAGs, ADMGs, CPDAGs and PAGs.

Perkovic, Textor, Kalisch & Maathuis (2018); Perkovic, Kalisch & Maathuis (2017) where background knowledge
has directed edges of a CPDAG.  A set is valid when the graph is amenable, the set holds no forbidden node,
and it separates treatment and outcome once the first edges of all causal paths are removed (the proper
back-door graph of van der Zander, Liskiewicz & Textor 2019).  Given amenability the last condition may be
read in any one member of the class. The optimal set is that of Henckel, Perkovic & Maathuis (2022).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from causalcopilot.domain.identification import Excluded
from causalcopilot.errors import KnowledgeError, UsageError
from causalcopilot.graph.causes import Sides, sides
from causalcopilot.graph.connect import connected, open_trail, smallest_separator, trace
from causalcopilot.graph.ends import possible_path, visible
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.mixed import Mixed, closure, shortest, without
from causalcopilot.graph.separation import position, positions, reading, spelled

Status = Literal["valid", "not_amenable", "no_valid_set", "invalid_graph"]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Who must, may and must not be adjusted for.

    Attributes:
        treatment, outcome: node names.
        status: ``valid`` when a valid set of measured nodes exists; ``not_amenable`` when members of the
            graph's class disagree about which paths are causal; ``no_valid_set`` when some non-causal path
            cannot be blocked; ``invalid_graph`` when the graph is not of its declared kind.
        causal_path: whether a (possibly) directed path leads from treatment to outcome; without one the graph
            says the effect is zero.
        minimal: a valid set of the fewest nodes, nearest to the outcome of several; empty unless valid.
        optimal: the valid set with the smallest asymptotic variance, where the graph tells it, else ``None``.
        all_allowed: the largest set of use: ``minimal`` and every other cause of treatment or outcome that
            may join it; valid as a whole.  Instruments are left out because they only cost precision.
        unneeded: measured nodes that do neither harm nor good.
        forbidden: every other node with its reason: ``mediator``, ``descendant of NAME``, ``post_treatment``,
            ``possible descendant of NAME``, ``collider``, ``instrument`` or ``latent``.
        blocking_path: where the status is not ``valid``, a non-causal path that stays open or the possibly
            causal path in doubt; nodes and edge symbols alternating.
        example_path: a (possibly) directed path from treatment to outcome, or empty.
        causal_nodes: nodes on (possibly) directed paths after the treatment, outcome included.
        reason: one sentence where the status is not ``valid``.
    """

    treatment: str
    outcome: str
    status: Status
    causal_path: bool
    minimal: tuple[str, ...] = ()
    optimal: tuple[str, ...] | None = None
    all_allowed: tuple[str, ...] = ()
    unneeded: tuple[str, ...] = ()
    forbidden: tuple[Excluded, ...] = ()
    blocking_path: tuple[str, ...] = ()
    example_path: tuple[str, ...] = ()
    causal_nodes: tuple[str, ...] = ()
    reason: str = ""

    @property
    def valid(self) -> bool:
        """Whether a valid set exists."""
        return self.status == "valid"

    @property
    def amenable(self) -> bool:
        """Whether the graph tells which paths from treatment to outcome are causal."""
        return self.status in ("valid", "no_valid_set")


@dataclass(frozen=True)
class Case:
    """One treatment and outcome in one graph, on integers.

    Attributes:
        facing: the graph ready for questions about causes.
        t, y: treatment and outcome.
        causal: nodes on (possibly) causal paths after ``t``.
        forbidden: their possible descendants.
        doubt: a possibly causal path that does not start with a (visible) edge out of ``t``, or empty.
        member: one member of the class; ``back``: its proper back-door graph.
        allowed: measured nodes that are neither ``t``, ``y`` nor forbidden.
    """

    facing: Sides
    t: int
    y: int
    causal: set[int]
    forbidden: set[int]
    doubt: list[int]
    member: Mixed
    back: Mixed
    allowed: set[int]


def adjustment(graph: Graph, treatment: str, outcome: str) -> Adjustment:
    """Whether adjustment identifies the total effect, and by which columns.

    Raises:
        UsageError: treatment or outcome is not a measured node, or they are the same.
    """
    t, y = _ends(graph, treatment, outcome)
    try:
        case = case_of(graph, t, y)
    except KnowledgeError as error:
        return Adjustment(treatment, outcome, "invalid_graph", causal_path=True, reason=error.message)
    return _doubtful(case) if case.doubt else _answer(case)


def is_valid_adjustment(graph: Graph, treatment: str, outcome: str, columns: Iterable[str]) -> bool:
    """Whether this very set is valid; latents and the two ends themselves never are.

    Raises:
        UsageError: an unknown node.
        KnowledgeError: the graph is not of its declared kind.
    """
    t, y = _ends(graph, treatment, outcome)
    z = positions(graph, columns)
    case = case_of(graph, t, y)
    return not case.doubt and z <= case.allowed and not connected(case.back, t, y, z)


def _ends(graph: Graph, treatment: str, outcome: str) -> tuple[int, int]:
    t, y = position(graph, treatment), position(graph, outcome)
    if t == y:
        raise UsageError("treatment and outcome are the same column", "name two columns")
    for name in (treatment, outcome):
        if name in graph.latents:
            raise UsageError(f"{name} is latent in the graph", "name a measured treatment and outcome")
    return t, y


def case_of(graph: Graph, t: int, y: int) -> Case:
    """Read one treatment and outcome off a graph; ``KnowledgeError`` if the graph is not of its kind."""
    facing, member = sides(graph), reading(graph)
    causal = _causal(facing, t, y)
    forbidden = facing.possible_effects(*causal) if causal else set()
    in_member = closure(member.children, (t,)) & closure(member.parents, (y,)) - {t}
    back = without(member, ((t, v) for v in in_member))
    measured = positions(graph, graph.observed)
    allowed = measured - forbidden - {t, y}
    return Case(facing, t, y, causal, forbidden, _doubt(facing, t, y), member, back, allowed)


def _causal(facing: Sides, t: int, y: int) -> set[int]:
    """Nodes after ``t`` on (possibly) directed paths from ``t`` to ``y``."""
    forward = facing.possible_effects(t)
    return forward & facing.possible_causes(y, avoid={t}) - {t} if y in forward else set()


def _doubt(facing: Sides, t: int, y: int) -> list[int]:
    """A possibly causal path whose first edge some member does not direct (visibly) out of ``t``."""
    ends = facing.ends
    if ends is None:
        return []
    pag = facing.graph.kind == "pag"
    causes = {v for v, mark in ends[t].items() if mark == "arrow"}
    for v, mark in sorted(ends[t].items()):
        out = mark == "tail" and ends[v][t] == "arrow"
        if mark == "arrow" or (out and (not pag or visible(ends, t, v))):
            continue
        path = possible_path(ends, v, y, {t} if pag else {t} | causes, covered=pag)
        if path:
            return [t, *path]
    return []


def _answer(case: Case) -> Adjustment:
    t, y, back = case.t, case.y, case.back
    useful = closure(back.parents, (t, y)) & case.allowed
    found = smallest_separator(back, t, y, useful)
    trail = [] if found is not None else open_trail(back, t, y, useful)
    base = useful if found is None else found
    instruments = _instruments(case, useful, base)
    joined = useful - instruments if found is not None else set()
    colliders = _colliders(case, base) - useful
    forbidden = _reasons(case, colliders, instruments)
    graph = case.facing.graph
    path = spelled(graph, trail) if trail else ()
    return Adjustment(
        graph.nodes[t],
        graph.nodes[y],
        "valid" if found is not None else "no_valid_set",
        bool(case.causal),
        minimal=_named(graph, found or ()),
        optimal=_optimal(case) if found is not None else None,
        all_allowed=_named(graph, joined),
        unneeded=_unneeded(case, joined, forbidden) if found is not None else (),
        forbidden=forbidden,
        blocking_path=path,
        example_path=_example(case),
        causal_nodes=_named(graph, case.causal),
        reason=f"no set of measured columns blocks {' '.join(path)}" if path else "",
    )


def _doubtful(case: Case) -> Adjustment:
    graph = case.facing.graph
    path = spelled(graph, [(v, "") for v in case.doubt])
    return Adjustment(
        graph.nodes[case.t],
        graph.nodes[case.y],
        "not_amenable",
        causal_path=True,
        forbidden=_reasons(case, set(), set()),
        blocking_path=path,
        example_path=_example(case),
        causal_nodes=_named(graph, case.causal),
        reason=f"the graph does not say whether {' '.join(path)} is causal",
    )


def _named(graph: Graph, nodes: Iterable[int]) -> tuple[str, ...]:
    return tuple(graph.nodes[v] for v in sorted(nodes))


def _example(case: Case) -> tuple[str, ...]:
    """A shortest (possibly) directed path from treatment to outcome, definite if there is one."""
    facing = case.facing
    path = shortest(facing.children, case.t, case.y)
    if not path and facing.ends is not None:
        path = possible_path(facing.ends, case.t, case.y, covered=facing.graph.kind == "pag")
    return spelled(facing.graph, [(v, "-->") for v in path]) if path else ()


def _optimal(case: Case) -> tuple[str, ...] | None:
    """Allowed parents of the causal nodes; ``None`` where a latent is, or may be, among them."""
    graph, member = case.facing.graph, case.member
    causal = closure(member.children, (case.t,)) & closure(member.parents, (case.y,)) - {case.t}
    if graph.kind == "pag" or not causal or any(member.siblings[v] for v in causal):
        return None
    parents = {p for v in causal for p in member.parents[v]} - case.forbidden - {case.t}
    return _named(graph, parents) if parents <= case.allowed else None


def _instruments(case: Case, useful: set[int], base: set[int]) -> set[int]:
    """Causes of the treatment with no way to the outcome but through it, where they are not needed.

    Dropping node after node keeps the set valid: a dropped node is independent of the outcome given the
        others.
    """
    kept, found = set(useful), set()
    for v in sorted(useful - base):
        kept.discard(v)
        if connected(case.back, v, case.y, ()) or connected(case.back, v, case.y, kept):
            kept.add(v)
        else:
            found.add(v)
    return found


def _colliders(case: Case, base: set[int]) -> set[int]:
    """Nodes outside ``base`` that open paths run into from both sides: adjusting for them joins the two."""
    sides_ = [{v for (v, into) in trace(case.back, end, base) if into} for end in (case.t, case.y)]
    return (sides_[0] & sides_[1]) - base - {case.t, case.y}


def _reasons(case: Case, colliders: set[int], instruments: set[int]) -> tuple[Excluded, ...]:
    facing = case.facing
    after = facing.possible_effects(case.t)
    certain = closure(facing.children, (case.t,))
    latent = positions(facing.graph, facing.graph.latents)
    excluded = []
    for v, name in enumerate(facing.graph.nodes):
        if v in (case.t, case.y):
            continue
        reason = ""
        if v in latent:
            reason = "latent"
        elif v in after:
            reason = _after(case, v, v in certain)
        elif v in case.forbidden:
            reason = _descent(case, v)
        elif v in colliders:
            reason = "collider"
        elif v in instruments:
            reason = "instrument"
        if reason:
            excluded.append(Excluded(name, reason))
    return tuple(excluded)


def _after(case: Case, v: int, certain: bool) -> str:
    """Why a (possible) effect of the treatment stays out."""
    if not certain:
        return f"possible descendant of {case.facing.graph.nodes[case.t]}"
    if v in case.causal:
        return "mediator"
    return _descent(case, v) if v in case.forbidden else "post_treatment"


def _descent(case: Case, v: int) -> str:
    """Names the outcome where ``v`` comes after it, else the first mediator it comes after."""
    facing = case.facing
    for source in [case.y, *sorted(case.causal - {case.y})]:
        if v in closure(facing.children, (source,)):
            return f"descendant of {facing.graph.nodes[source]}"
    source = next((s for s in [case.y, *sorted(case.causal)] if v in facing.possible_effects(s)), case.t)
    return f"possible descendant of {facing.graph.nodes[source]}"


def _unneeded(case: Case, joined: set[int], forbidden: tuple[Excluded, ...]) -> tuple[str, ...]:
    graph = case.facing.graph
    taken = {e.name for e in forbidden}
    return tuple(graph.nodes[v] for v in sorted(case.allowed - joined) if graph.nodes[v] not in taken)
