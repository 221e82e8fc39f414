"""What two searches say of the same series, link by link and lag by lag."""

from __future__ import annotations

from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.toolkit.result import EdgeAgreement
from causalcopilot_tools.discovery.agreement import STABLE, Compared

Key = tuple[int, tuple[str, ...]]


def compare(method: str, graph: Graph, other_method: str, other: Graph | None) -> Compared:
    """Set two lagged graphs side by side.

    Args:
        method: search of ``graph``.
        graph: the primary graph.
        other_method: search of ``other``.
        other: graph of the runner-up, or ``None``.
    """
    theirs = {_key(e): e for e in other.edges} if other else {}
    rows, stable, shared = [], [], 0
    for e in graph.edges:
        match = theirs.pop(_key(e), None)
        shared += match is not None
        symbols = [(method, e.symbol)]
        if match is not None:
            symbols.append((other_method, _facing(match, e).symbol))
        rows.append(EdgeAgreement(e.source, e.target, tuple(symbols), e.lag))
        agreed = other is None or (match is not None and not _opposed(e, _facing(match, e)))
        kept = e.confidence is None or e.confidence >= STABLE
        stable.append(agreed and kept and (other is not None or e.confidence is not None))
    rows += [EdgeAgreement(e.source, e.target, ((other_method, e.symbol),), e.lag) for e in theirs.values()]
    share = shared / len(graph.edges) if other is not None and graph.edges else None
    return Compared(tuple(rows), share, tuple(stable))


def _key(e: Edge) -> Key:
    return (e.lag, (e.source, e.target) if e.lag else tuple(sorted((e.source, e.target))))


def _facing(match: Edge, e: Edge) -> Edge:
    return match if match.source == e.source or e.lag else match.flipped()


def _opposed(a: Edge, b: Edge) -> bool:
    return a.directed and b.directed and a.target_mark != b.target_mark
