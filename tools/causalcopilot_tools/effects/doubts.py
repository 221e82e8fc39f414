"""Controls that are held although a learned graph speaks against them: told, and never taken for a fact."""

from __future__ import annotations

from collections.abc import Iterable

from causalcopilot.domain.identification import Excluded
from causalcopilot.errors import KnowledgeError
from causalcopilot.graph.graph import Graph
from causalcopilot_tools.effects import graphical
from causalcopilot_tools.effects.asked import Asked

OPEN = ("---", "o-o", "o->", "<-o")


def of_learned(asked: Asked, used: Iterable[str]) -> tuple[Excluded, ...]:
    """What the learned graph says against controls that are used; nothing where it cannot be read."""
    if asked.learned is None or not graphical.holds(asked.learned, asked.treatment, asked.outcome):
        return ()
    try:
        seen = graphical.view(asked.learned, asked.profile, asked.treatment, asked.outcome)
    except KnowledgeError:
        return ()  # the argument that reads the graph says so
    return doubts(seen, used)


def doubts(seen: graphical.View, used: Iterable[str]) -> tuple[Excluded, ...]:
    """Controls that the graph forbids, or whose edge with the treatment it leaves without a direction."""
    said = {e.name: e.reason for e in seen.found.forbidden if e.reason not in graphical.HARMLESS}
    told = []
    for name in used:
        if name not in seen.graph.nodes:
            continue
        edge = undecided(seen.graph, seen.found.treatment, name)
        reason = _against(seen, said[name], edge) if name in said else ""
        if not reason and edge:
            reason = f"the learned graph leaves open whether {seen.found.treatment} causes it: {edge}"
        if reason:
            told.append(Excluded(name, reason))
    return tuple(told)


def _against(seen: graphical.View, reason: str, edge: str) -> str:
    """One of the adjustment criterion's reasons, as the word of a graph that may be wrong."""
    t, y = seen.found.treatment, seen.found.outcome
    if reason.startswith("possible descendant of "):
        cause = reason.removeprefix("possible descendant of ")
        return f"the learned graph leaves open whether {cause} causes it" + (f": {edge}" if edge else "")
    if reason.startswith("descendant of "):
        return f"the learned graph says it is an effect of {reason.removeprefix('descendant of ')}"
    words = {
        "mediator": f"the learned graph says it lies on the way from {t} to {y}",
        "post_treatment": f"the learned graph says it is an effect of {t}",
        "collider": f"the learned graph says that holding it opens a path between {t} and {y}",
    }
    return words.get(reason, f"the learned graph says: {reason}")


def undecided(graph: Graph, treatment: str, name: str) -> str:
    """The edge between treatment and column where it does not say which of them is the cause, else empty.

    An edge with an arrow at the treatment is decided: whatever joins the two, the treatment does not cause it.
    """
    for edge in graph.between(treatment, name):
        if edge.symbol in OPEN and edge.source_mark != "arrow":
            return str(edge)
    return ""
