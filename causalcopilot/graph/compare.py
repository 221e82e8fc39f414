"""How two graphs differ, edge by edge and in the field's usual scores."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from causalcopilot.errors import CcpError
from causalcopilot.graph.equivalence import cpdag_of
from causalcopilot.graph.graph import Edge, Graph

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class EdgeDifference:
    """One pair of nodes (and lag) joined differently; an empty text means not joined there.

    Attributes:
        a, b: the pair, in the node order of the first graph.
        lag: time steps between them.
        first, second: edges as texts (``"a --> b"``), several joined by commas in an ADMG.
    """

    a: str
    b: str
    lag: int
    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.first or f'{self.a} and {self.b} not joined'}  |  {self.second or 'not joined'}"


@dataclass(frozen=True, slots=True)
class GraphDiff:
    """A second graph held against a first; scores read the first as the truth.

    Attributes:
        shared: pairs joined by the same edge in both.
        only_first, only_second: pairs joined in one of them only.
        different_marks: pairs joined in both, with other marks.
        differences: one record per pair that is not shared, in node order.
        nodes_only_first, nodes_only_second: nodes that one of them lacks.
        skeleton_precision, skeleton_recall, skeleton_f1: of the adjacencies; ``None`` where the ratio has no
            denominator.
        arrowhead_precision, arrowhead_recall: of the arrowheads, each end of each edge on its own.
        shd: structural Hamming distance: pairs that differ in any way, between the equivalence classes where
            both graphs have a CPDAG, else between the graphs as drawn.
    """

    shared: int
    only_first: int
    only_second: int
    different_marks: int
    differences: tuple[EdgeDifference, ...]
    nodes_only_first: tuple[str, ...]
    nodes_only_second: tuple[str, ...]
    skeleton_precision: float | None
    skeleton_recall: float | None
    skeleton_f1: float | None
    arrowhead_precision: float | None
    arrowhead_recall: float | None
    shd: int

    @property
    def equal(self) -> bool:
        """Whether both have the same nodes and edges."""
        return not (self.differences or self.nodes_only_first or self.nodes_only_second)


def compare(a: Graph, b: Graph) -> GraphDiff:
    """Hold ``b`` against ``a``; confidences, origins and the way an edge is written down do not count."""
    order = {n: i for i, n in enumerate(dict.fromkeys((*a.nodes, *b.nodes)))}
    first, second = _by_pair(a, order), _by_pair(b, order)
    keys = sorted(first.keys() | second.keys(), key=lambda k: (order[k[0]], order[k[1]], k[2]))
    differences = tuple(
        EdgeDifference(*k, _text(first.get(k)), _text(second.get(k)))
        for k in keys
        if first.get(k) != second.get(k)
    )
    both = first.keys() & second.keys()
    heads_a, heads_b = _heads(first), _heads(second)
    precision, recall = _ratio(len(both), len(second)), _ratio(len(both), len(first))
    return GraphDiff(
        shared=sum(first[k] == second[k] for k in both),
        only_first=len(first.keys() - both),
        only_second=len(second.keys() - both),
        different_marks=sum(first[k] != second[k] for k in both),
        differences=differences,
        nodes_only_first=tuple(n for n in a.nodes if n not in b.nodes),
        nodes_only_second=tuple(n for n in b.nodes if n not in a.nodes),
        skeleton_precision=precision,
        skeleton_recall=recall,
        skeleton_f1=_ratio(2 * len(both), len(first) + len(second)),
        arrowhead_precision=_ratio(len(heads_a & heads_b), len(heads_b)),
        arrowhead_recall=_ratio(len(heads_a & heads_b), len(heads_a)),
        shd=shd(a, b),
    )


def shd(a: Graph, b: Graph) -> int:
    """Structural Hamming distance: pairs of nodes (and lags) that the two graphs join differently.

    DAGs and CPDAGs are compared as CPDAGs (Tsamardinos, Brown & Aliferis 2006), other graphs mark by mark.
    """
    a, b = _comparable(a, b)
    order = {n: i for i, n in enumerate(dict.fromkeys((*a.nodes, *b.nodes)))}
    first, second = _by_pair(a, order), _by_pair(b, order)
    return sum(first.get(k) != second.get(k) for k in first.keys() | second.keys())


def _comparable(a: Graph, b: Graph) -> tuple[Graph, Graph]:
    """Both as CPDAGs where both have one; an invalid one (a search may return it) is left as drawn."""
    if {a.kind, b.kind} <= {"dag", "cpdag"} and not (a.latents or b.latents):
        try:
            return _class(a), _class(b)
        except CcpError:
            pass
    return a, b


def _class(graph: Graph) -> Graph:
    return cpdag_of(graph) if graph.kind == "dag" else graph


Key = tuple[str, str, int]
Drawn = dict[Key, frozenset[Edge]]


def _by_pair(graph: Graph, order: dict[str, int]) -> Drawn:
    found: dict[Key, set[Edge]] = {}
    for e in graph.edges:
        turned = e if e.lag or order[e.source] <= order[e.target] else e.flipped()
        bare = replace(turned, confidence=None, source_confidence=None, target_confidence=None, origin="data")
        found.setdefault((bare.source, bare.target, bare.lag), set()).add(bare)
    return {k: frozenset(v) for k, v in found.items()}


def _text(edges: Iterable[Edge] | None) -> str:
    return ", ".join(sorted(str(e) for e in edges or ()))


def _heads(drawn: Drawn) -> set[tuple[str, str, int]]:
    """(from, to, lag) for every arrowhead, at ``to``."""
    heads = set()
    for edges in drawn.values():
        for e in edges:
            if e.target_mark == "arrow":
                heads.add((e.source, e.target, e.lag))
            if e.source_mark == "arrow":
                heads.add((e.target, e.source, e.lag))
    return heads


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
