"""What two searches say about the same columns, edge by edge; disagreement is shown, never averaged."""

from __future__ import annotations

from dataclasses import dataclass

from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.toolkit.result import EdgeAgreement

STABLE = 0.8
"""Share of resamples from which an edge counts as stable."""


@dataclass(frozen=True)
class Compared:
    """A graph beside another search's.

    Attributes:
        edges: every adjacency either found, with each one's symbol.
        share: share of the graph's adjacencies that the other has too; ``None`` without another.
        stable: per edge of the graph, whether the other does not contradict it and resamples keep it.
    """

    edges: tuple[EdgeAgreement, ...]
    share: float | None
    stable: tuple[bool, ...]


def compare(
    method: str, graph: Graph, other_method: str, other: Graph | None, marks: bool = True
) -> Compared:
    """Set two graphs side by side.

    Args:
        method: search of ``graph``.
        graph: the primary graph.
        other_method: search of ``other``.
        other: graph of the runner-up, or ``None``.
        marks: whether the runner-up's directions count (not when it did not know what the first knew).
    """
    theirs = {frozenset((e.source, e.target)): e for e in other.edges} if other else {}
    rows, stable, shared = [], [], 0
    for e in graph.edges:
        match = theirs.pop(frozenset((e.source, e.target)), None)
        shared += match is not None
        symbols = [(method, e.symbol)]
        if match is not None:
            symbols.append((other_method, (match if match.source == e.source else match.flipped()).symbol))
        rows.append(EdgeAgreement(e.source, e.target, tuple(symbols)))
        agreed = other is None or (match is not None and not (marks and _opposed(e, match)))
        kept = e.confidence is None or e.confidence >= STABLE
        # without a second search or resamples nothing has been tried, so nothing is called stable
        stable.append(agreed and kept and (other is not None or e.confidence is not None))
    rows += [EdgeAgreement(e.source, e.target, ((other_method, e.symbol),)) for e in theirs.values()]
    share = shared / len(graph.edges) if other is not None and graph.edges else None
    return Compared(tuple(rows), share, tuple(stable))


def _opposed(a: Edge, b: Edge) -> bool:
    """Whether one draws an arrowhead where the other draws a tail, on an edge both have directed."""
    b = b if b.source == a.source else b.flipped()
    return a.directed and b.directed and a.target_mark != b.target_mark
