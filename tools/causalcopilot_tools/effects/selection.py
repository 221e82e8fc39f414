"""Rows that got into the table because of what the treatment or the outcome did: does the effect survive that?"""

from __future__ import annotations

from dataclasses import replace

from causalcopilot.graph.adjustment import Adjustment
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.separation import d_separated, open_path

HELPS = (
    "use rows that were not selected this way, or know how likely each unit was to get into the table",
    "measure what joins the outcome with the selection",
)


def selection_path(graph: Graph, found: Adjustment, used: tuple[str, ...]) -> tuple[str, ...]:
    """A path that selection leaves open, or an empty tuple where the graph names no selection or it does no harm.

    Selection is harmless where, given treatment and controls, it is independent of the outcome: then what is seen
    among the selected holds for everybody with the same controls (Bareinboim, Tian & Pearl 2014).
    """
    t, y = found.treatment, found.outcome
    held = {t, *used}
    for node in graph.selected:
        if node in (t, y):
            if node == y:
                return (y,)
            continue
        if node in held or d_separated(graph, node, y, held - {node}):
            continue
        return _beside(graph, found, (*used, node)) or open_path(graph, node, y, held) or (node, y)
    return ()


def _beside(graph: Graph, found: Adjustment, given: tuple[str, ...]) -> tuple[str, ...]:
    """A non-causal path between treatment and outcome that opens when the selected rows are looked at."""
    if graph.kind not in ("dag", "admg"):
        return ()
    t, causal = found.treatment, set(found.causal_nodes)
    first = {(t, v) for v in causal}
    edges = tuple(e for e in graph.edges if not (e.directed and _arrow(e) in first))
    return open_path(replace(graph, edges=edges), t, found.outcome, given) or ()


def _arrow(edge: Edge) -> tuple[str, str]:
    return (edge.source, edge.target) if edge.target_mark == "arrow" else (edge.target, edge.source)
