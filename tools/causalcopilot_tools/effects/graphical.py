"""What a graph says about one effect: valid controls, or the path that stays open and what would help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from causalcopilot.domain.identification import Alternative, Controls, Excluded
from causalcopilot.domain.profile import Profile
from causalcopilot.errors import KnowledgeError, nearest
from causalcopilot.graph.adjustment import Adjustment, adjustment, is_valid_adjustment
from causalcopilot.graph.alternatives import instruments
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.separation import open_path
from causalcopilot.graph.stored import StoredGraph
from causalcopilot_tools.effects.controls import unusable
from causalcopilot_tools.effects.selection import HELPS as SELECTION_HELPS
from causalcopilot_tools.effects.selection import selection_path

GENERAL_HELP = (
    "find an instrument: something that moves the treatment and reaches the outcome only through it",
    "randomise the treatment",
)
HARMLESS = ("instrument", "latent")
"""Reasons of the adjustment criterion that cost precision or cannot happen, but do not bias."""


@dataclass(frozen=True)
class View:
    """A graph as this table can use it.

    Attributes:
        graph: the graph, with every node that is not a usable column marked latent.
        found: what the adjustment criterion says.
        effects: columns that the graph makes definite effects of treatment or outcome.
        columns: the table's columns besides treatment and outcome.
        findings: what a reader must know about the reading.
        learned: a search found the graph, so what it says is no fact.
    """

    graph: Graph
    found: Adjustment
    effects: frozenset[str]
    columns: tuple[str, ...]
    findings: tuple[str, ...] = ()
    learned: bool = False


@dataclass(frozen=True)
class Found:
    """Controls by the adjustment criterion, or why there are none."""

    valid: bool
    controls: Controls
    blocking_path: tuple[str, ...] = ()
    would_help: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """What a graph says about a set that somebody chose."""

    valid: bool
    forced: tuple[Excluded, ...] = ()
    open_path: tuple[str, ...] = ()


def from_text(text: str) -> StoredGraph:
    """A graph that a knowledge file gives as dagitty text."""
    from causalcopilot.graph.formats import from_dagitty

    return StoredGraph("", from_dagitty(text), op="imported")


def holds(stored: StoredGraph, *names: str) -> bool:
    """Whether all these columns are measured nodes of the graph."""
    return set(names) <= set(stored.graph.observed)


def view(stored: StoredGraph, profile: Profile, treatment: str, outcome: str) -> View:
    """Read a graph against the table.

    Raises:
        KnowledgeError: treatment or outcome is not a measured node, or the graph is not of its declared kind.
    """
    for name in (treatment, outcome):
        if not holds(stored, name):
            like = nearest(name, stored.graph.observed)
            raise KnowledgeError(
                f"the graph has no measured node {name!r}",
                f"did you mean {', '.join(like)}?" if like else "add the column to the graph",
            )
    graph, findings = _measured(stored.graph, profile, (treatment, outcome))
    found = adjustment(graph, treatment, outcome)
    if found.status == "invalid_graph":
        raise KnowledgeError(found.reason, "correct the graph, or learn it again")
    columns = tuple(n for n in profile.names if n not in (treatment, outcome))
    effects = _effects(graph, treatment, outcome)
    return View(graph, found, effects, columns, findings, stored.learned)


def _measured(graph: Graph, profile: Profile, ends: tuple[str, str]) -> tuple[Graph, tuple[str, ...]]:
    """Mark nodes that the table does not hold, or cannot use, as latent."""
    usable = {c.name for c in profile.columns if not unusable(c, allow_dates=True)} | set(ends)
    varies = usable | {c.name for c in profile.columns if c.type == "constant" or c.distinct < 2}
    absent = tuple(n for n in graph.observed if n not in varies)
    if not absent:
        return graph, ()
    told = f"nodes of the graph that the table does not measure count as unmeasured: {', '.join(absent)}"
    return replace(graph, latents=graph.latents + absent), (told,)


def _effects(graph: Graph, treatment: str, outcome: str) -> frozenset[str]:
    """Definite descendants of treatment and outcome."""
    children: dict[str, set[str]] = {}
    for cause, effect in (_arrow(e) for e in graph.edges if e.directed):
        children.setdefault(cause, set()).add(effect)
    seen, todo = {treatment, outcome}, [treatment, outcome]
    while todo:
        new = children.get(todo.pop(), set()) - seen
        seen |= new
        todo += new
    return frozenset(seen - {treatment, outcome})


def adjust(seen: View) -> Found:
    """The controls that the adjustment criterion gives: the fewest needed, and the others that sharpen."""
    found = seen.found
    if not found.valid:
        return Found(
            False,
            Controls((), (), _left_out(seen, ())),
            found.blocking_path,
            helps(seen, found.blocking_path),
        )
    optional = tuple(n for n in found.all_allowed if n not in found.minimal)
    selected = selection_path(seen.graph, found, (*found.minimal, *optional))
    if selected and optional and not selection_path(seen.graph, found, found.minimal):
        optional, selected = (), ()
    if selected:
        return Found(
            False, Controls((), (), _left_out(seen, ())), selected, (*SELECTION_HELPS, *GENERAL_HELP[1:])
        )
    controls = Controls(found.minimal, optional, _left_out(seen, (*found.minimal, *optional)))
    told = (
        ()
        if found.causal_path
        else (
            f"no directed path leads from {found.treatment} to {found.outcome}: the graph says the effect is zero",
        )
    )
    return Found(True, controls, findings=told)


def _left_out(seen: View, used: Iterable[str]) -> tuple[Excluded, ...]:
    """Every column that is not a control, with the graph's reason."""
    taken = set(used)
    reasons = {e.name: _words(seen, e.reason) for e in seen.found.forbidden}
    nodes = set(seen.graph.nodes)
    left = []
    for name in seen.columns:
        if name in taken:
            continue
        default = "not needed: it blocks no open path" if name in nodes else "not in the graph"
        if not seen.found.valid and name in nodes:
            default = "no set of controls is enough"
        left.append(Excluded(name, reasons.get(name, default)))
    return tuple(left)


def _words(seen: View, reason: str) -> str:
    """The criterion's one-word reasons in a sentence; longer ones as they are.  A learned graph only says so."""
    t, y = seen.found.treatment, seen.found.outcome
    said: Mapping[str, str] = {
        "mediator": f"mediator: lies on the way from {t} to {y}",
        "post_treatment": f"post-treatment: an effect of {t}",
        "collider": "collider: adjusting for it opens a path",
        "instrument": f"instrument: moves {t} only, so it costs precision",
        "latent": "cannot be used as a number",
    }
    words = said.get(reason, reason)
    return f"the learned graph says: {words}" if seen.learned and reason != "latent" else words


def helps(seen: View, path: tuple[str, ...]) -> tuple[str, ...]:
    """What would make the effect identified, the nearest thing first."""
    if seen.found.status == "not_amenable" and len(path) > 2:
        edge = " ".join(path[:3])
        return (
            f"settle which way {edge} points: by an order of the columns, or a forbidden or required edge",
            *GENERAL_HELP[1:],
        )
    first = [f"measure {n}" for n in path[2:-1:2] if n in seen.graph.latents]
    first += [
        f"measure the common cause of {path[i - 1]} and {path[i + 1]}"
        for i in range(1, len(path) - 1, 2)
        if path[i] == "<->"
    ]
    if len(path) == 3 and path[1] == "<--":
        first.append(f"ask the question the other way round: the graph says that {path[-1]} causes {path[0]}")
    return (*dict.fromkeys([*first, *_other_designs(seen)]), *GENERAL_HELP)


def _other_designs(seen: View) -> list[str]:
    """Instruments that the graph itself implies, and how to use them."""
    graph, t, y = seen.graph, seen.found.treatment, seen.found.outcome
    told = []
    for z in instruments(graph, t, y)[:3]:
        given = f" given {', '.join(z.given)}" if z.given else ""
        told.append(
            f"use the instrument {z.name}{given}, which the graph implies: --design iv --instrument {z.name}"
        )
    return told


def judge(seen: View, chosen: tuple[str, ...]) -> Judged:
    """Check a chosen set: valid; or spoilt by named columns; or leaving a path open."""
    found, known = seen.found, tuple(c for c in chosen if c in seen.graph.nodes)
    usable = tuple(c for c in known if c not in seen.graph.latents)
    t, y = found.treatment, found.outcome
    if is_valid_adjustment(seen.graph, t, y, usable):
        selected = selection_path(seen.graph, found, usable)
        return Judged(not selected, (), selected)
    reasons = {e.name: e.reason for e in found.forbidden if e.reason not in HARMLESS}
    forced = tuple(
        Excluded(c, f"{_words(seen, reasons[c])}; used because it was asked for")
        for c in usable
        if c in reasons
    )
    rest = tuple(c for c in usable if c not in reasons)
    if is_valid_adjustment(seen.graph, t, y, rest):
        return Judged(False, forced)
    return Judged(False, forced, _open(seen, rest) or found.blocking_path)


def _open(seen: View, given: tuple[str, ...]) -> tuple[str, ...]:
    """An open non-causal path, found after the first edges of all causal paths are taken away."""
    graph, t = seen.graph, seen.found.treatment
    if graph.kind not in ("dag", "admg"):
        return ()
    causal = set(seen.found.causal_nodes)
    starts = {(t, v) for v in causal}
    edges = tuple(e for e in graph.edges if not (e.directed and _arrow(e) in starts))
    return open_path(replace(graph, edges=edges), t, seen.found.outcome, given) or ()


def _arrow(edge: Edge) -> tuple[str, str]:
    """Cause and effect of a directed edge."""
    return (edge.source, edge.target) if edge.target_mark == "arrow" else (edge.target, edge.source)


def beside(
    stored: StoredGraph, profile: Profile, treatment: str, outcome: str, used: tuple[str, ...]
) -> tuple[tuple[Alternative, ...], tuple[str, ...]]:
    """A learned graph as evidence beside the roles: every difference is told, none is acted on."""
    name = stored.id or "the learned graph"
    if not holds(stored, treatment, outcome):
        return (), (f"{name} does not hold both {treatment} and {outcome}",)
    try:
        seen = view(stored, profile, treatment, outcome)
    except KnowledgeError as error:
        return (), (f"{name} could not be read beside the roles: {error.message}",)
    doubts = [f"{e.name} ({e.reason})" for e in seen.found.forbidden if e.name in used]
    told = (f"{name} would not adjust for {', '.join(doubts)}; the roles decide",) if doubts else ()
    if seen.found.valid:
        theirs = ", ".join(seen.found.all_allowed) or "no controls"
        why = f"it would adjust for {theirs}; what people know goes before what a search finds"
    else:
        why = f"it gives no valid set ({' '.join(seen.found.blocking_path)})"
    return (Alternative(f"controls from {name}", why),), told
