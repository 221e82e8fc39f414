"""Who possibly and who certainly causes whom, in every class of graph."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from causalcopilot.errors import KnowledgeError
from causalcopilot.graph.ends import Ends, definite, ends_of, first_steps, reachable, uncovered
from causalcopilot.graph.equivalence import meek_closure
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.mixed import Adjacency, closure
from causalcopilot.graph.separation import reading


@dataclass(frozen=True)
class Sides:
    """A graph ready for questions about causes.

    Attributes:
        graph: as given.
        ends: marks of a CPDAG (closed under Meek's rules) or PAG; ``None`` for a DAG or ADMG.
        children, parents: by ``-->`` edges.
    """

    graph: Graph
    ends: Ends | None
    children: Adjacency
    parents: Adjacency

    def possible_effects(self, *start: int, avoid: Collection[int] = ()) -> set[int]:
        """Nodes that some of ``start`` causes in some member of the class, ``start`` included.

        Paths through ``avoid`` do not count.
        """
        if self.ends is None:
            return closure(self.children, start, avoid)
        return (uncovered if self.graph.kind == "cpdag" else reachable)(self.ends, start, avoid)

    def possible_causes(self, *goal: int, avoid: Collection[int] = ()) -> set[int]:
        """Nodes that cause some of ``goal`` in some member of the class, ``goal`` included.

        Paths through ``avoid`` do not count.
        """
        if self.ends is None:
            return closure(self.parents, goal, avoid)
        return (uncovered if self.graph.kind == "cpdag" else reachable)(self.ends, goal, avoid, back=True)

    def certain_cause(self, a: int, b: int) -> bool:
        """Whether ``a`` causes ``b`` in every member of the class.

        A directed path, or (in CPDAGs and PAGs) uncovered possibly directed paths to ``b`` that leave ``a``
        by two non-adjacent nodes, of which every member directs at least one away from ``a`` (Roumpelaki et
        al. 2016; Fang & He 2020).
        """
        if b in closure(self.children, (a,)):
            return True
        if self.ends is None:
            return False
        steps = first_steps(self.ends, a, b)
        return any(w not in self.ends[v] for i, v in enumerate(steps) for w in steps[i + 1 :])


@lru_cache(maxsize=128)
def sides(graph: Graph) -> Sides:
    """The graph ready for questions about causes.

    Raises:
        KnowledgeError: the graph is not of its declared kind, or is lagged.
    """
    member = reading(graph)  # refuses what is not of its kind
    if graph.kind in ("dag", "admg"):
        return Sides(graph, None, member.children, member.parents)
    if graph.kind not in ("cpdag", "pag"):
        raise KnowledgeError(f"a {graph.kind} graph is not read for causes", "ask of a graph without lags")
    ends = ends_of(meek_closure(graph) if graph.kind == "cpdag" else graph)
    children = definite(ends)
    parents: list[list[int]] = [[] for _ in children]
    for v, row in enumerate(children):
        for w in row:
            parents[w].append(v)
    return Sides(graph, ends, children, tuple(tuple(row) for row in parents))
