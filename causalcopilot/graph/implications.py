"""What a graph claims about the data: an independence for every missing edge, a dependence for every edge.

For two measured nodes that can be separated, the smallest separating set; together these independences imply the
graph's others in the usual cases (Pearl & Meshkat 1999 for the pairwise basis; Richardson & Spirtes 2002 for graphs
with ``<->``).  An edge claims that its two ends depend on each other given the set that would separate them without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from causalcopilot.graph.connect import smallest_separator
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.mixed import Mixed, mixed
from causalcopilot.graph.separation import reading


@dataclass(frozen=True, slots=True)
class Claim:
    """Two nodes and the set they are claimed to be independent given (or dependent, where ``edge`` is given)."""

    a: str
    b: str
    given: tuple[str, ...] = ()
    edge: Edge | None = None

    def __str__(self) -> str:
        return f"{self.a} and {self.b}" + (f" given {', '.join(self.given)}" if self.given else "")


def independences(graph: Graph, measured: Iterable[str]) -> tuple[Claim, ...]:
    """One independence for each pair of measured nodes that a set of measured nodes separates, small sets first.

    Raises:
        KnowledgeError: the graph is not of its declared kind, or is lagged.
    """
    m, at, pool = _read(graph, measured)
    claims = []
    for a, b in combinations(sorted(pool), 2):
        found = smallest_separator(m, a, b, pool)
        if found is not None:
            claims.append(Claim(at[a], at[b], tuple(at[v] for v in sorted(found))))
    return tuple(sorted(claims, key=lambda c: len(c.given)))


def dependences(graph: Graph, measured: Iterable[str]) -> tuple[Claim, ...]:
    """One dependence for each edge between measured nodes, given the smallest set that would separate its ends
    if the edge were not there; edges that an unmeasured cause makes inseparable claim nothing that can be tested.

    Raises:
        KnowledgeError: the graph is not of its declared kind, or is lagged.
    """
    m, at, pool = _read(graph, measured)
    places = {n: i for i, n in enumerate(graph.nodes)}
    claims = []
    for edge in graph.edges:
        a, b = places[edge.source], places[edge.target]
        if a in pool and b in pool and len(graph.between(edge.source, edge.target)) == 1:
            found = smallest_separator(_without(m, a, b), a, b, pool)
            if found is not None:
                claims.append(Claim(edge.source, edge.target, tuple(at[v] for v in sorted(found)), edge))
    return tuple(claims)


def _read(graph: Graph, measured: Iterable[str]) -> tuple[Mixed, tuple[str, ...], set[int]]:
    known = set(measured) & set(graph.observed)
    return reading(graph), graph.nodes, {i for i, n in enumerate(graph.nodes) if n in known}


def _without(m: Mixed, a: int, b: int) -> Mixed:
    """The graph less whatever joins two nodes."""
    pair = {a, b}
    arrows = [(p, v) for v, row in enumerate(m.parents) for p in row if {p, v} != pair]
    arcs = [(v, s) for v, row in enumerate(m.siblings) for s in row if v < s and {v, s} != pair]
    return mixed(m.size, arrows, arcs)
