"""Partially directed acyclic graphs on integers: Meek's rules and extension to a DAG."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

from causalcopilot.errors import KnowledgeError
from causalcopilot.graph.graph import Graph


class Pattern:
    """A graph of ``-->`` and ``---`` edges that is worked on in place.

    Attributes:
        parents, children, free: per node, the other ends of its incoming, outgoing and undirected edges.
        near: per node, all neighbours.
    """

    def __init__(self, size: int) -> None:
        self.parents: list[set[int]] = [set() for _ in range(size)]
        self.children: list[set[int]] = [set() for _ in range(size)]
        self.free: list[set[int]] = [set() for _ in range(size)]
        self.near: list[set[int]] = [set() for _ in range(size)]

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.near)

    def add(self, a: int, b: int, *, directed: bool) -> None:
        """Add ``a --> b`` or ``a --- b``."""
        self.near[a].add(b)
        self.near[b].add(a)
        if directed:
            self.children[a].add(b)
            self.parents[b].add(a)
        else:
            self.free[a].add(b)
            self.free[b].add(a)

    def orient(self, a: int, b: int) -> None:
        """Turn ``a --- b`` into ``a --> b``."""
        self.free[a].discard(b)
        self.free[b].discard(a)
        self.children[a].add(b)
        self.parents[b].add(a)

    def copy(self) -> Pattern:
        """An independent copy."""
        twin = Pattern(0)
        twin.parents = [set(s) for s in self.parents]
        twin.children = [set(s) for s in self.children]
        twin.free = [set(s) for s in self.free]
        twin.near = self.near  # adjacency never changes after building
        return twin

    def undirected(self) -> list[tuple[int, int]]:
        """Undirected edges as sorted pairs, in order."""
        return [(a, b) for a, row in enumerate(self.free) for b in sorted(row) if a < b]

    def arrows(self) -> list[tuple[int, int]]:
        """Directed edges as (cause, effect), in order."""
        return [(a, b) for a, row in enumerate(self.children) for b in sorted(row)]


def pattern_of(graph: Graph) -> Pattern:
    """The ``Pattern`` of a graph whose edges are all ``-->`` or ``---``.

    Raises:
        KnowledgeError: another mark, a lag, or two edges between one pair.
    """
    at = {n: i for i, n in enumerate(graph.nodes)}
    result = Pattern(len(graph.nodes))
    for e in graph.edges:
        a, b = at[e.source], at[e.target]
        if e.lag or not (e.directed or e.symbol == "---"):
            raise KnowledgeError(
                f"edge {e} has no place in a graph of kind {graph.kind}", "a cpdag has --> and --- edges only"
            )
        if b in result.near[a]:
            raise KnowledgeError(
                f"two edges join {e.source} and {e.target}", "a graph of this kind has one per pair"
            )
        if e.source_mark == "arrow":
            a, b = b, a
        result.add(a, b, directed=e.directed)
    return result


def close(p: Pattern, pending: Iterable[tuple[int, int]] | None = None) -> None:
    """Apply Meek's rules 1 to 4 until none applies, in place (Meek 1995).

    ``pending`` limits the first look to edges near newly directed ones; by default every undirected edge is
    looked at.
    """
    queue = set(p.undirected())
    if pending is not None:
        queue = {e for pair in pending for e in _touched(p, *pair)}
    while queue:
        later: set[tuple[int, int]] = set()
        for a, b in sorted(queue):
            if b not in p.free[a]:
                continue
            for x, y in ((a, b), (b, a)):
                if _forced(p, x, y):
                    p.orient(x, y)
                    later |= _touched(p, x, y)
                    break
        queue = later


def _touched(p: Pattern, a: int, b: int) -> set[tuple[int, int]]:
    """Undirected edges that the arrow ``a --> b`` may direct: they have an end at or near it."""
    ends = {a, b} | (p.near[a] & p.near[b])
    return {(min(v, w), max(v, w)) for v in ends for w in p.free[v]}


def _forced(p: Pattern, a: int, b: int) -> bool:
    """Whether ``a --- b`` must become ``a --> b``."""
    if any(b not in p.near[c] for c in p.parents[a]):  # R1: else a new unshielded collider at a
        return True
    if p.children[a] & p.parents[b]:  # R2: else a cycle a --> c --> b --> a
        return True
    via = sorted(p.free[a] & p.parents[b])
    for i, c in enumerate(via):  # R3: two non-adjacent such c cannot both point to a
        if any(d not in p.near[c] for d in via[i + 1 :]):
            return True
    # R4: a --- d --> c --> b with c adjacent to a, and d, b not adjacent
    return any(b not in p.near[d] for c in p.parents[b] & p.near[a] for d in p.free[a] & p.parents[c])


def extend(p: Pattern) -> list[tuple[int, int]] | None:
    """Arrows of a DAG with the same skeleton, arrows and unshielded colliders; ``None`` if there is none.

    Dor and Tarsi (1992): repeatedly take a node that can be a sink, smallest first.
    """
    work = p.copy()
    near = [set(s) for s in p.near]
    gone = [False] * p.size

    def sink(v: int) -> bool:
        return not work.children[v] and all(near[v] - {u} <= near[u] for u in work.free[v])

    ready = [v for v in range(p.size) if sink(v)]
    heapify(ready)
    arrows, left = [], p.size
    while ready:
        v = heappop(ready)
        if gone[v] or not sink(v):
            continue
        gone[v] = True
        left -= 1
        arrows += [(u, v) for u in near[v]]
        for u in near[v]:
            near[u].discard(v)
            work.children[u].discard(v)
            work.free[u].discard(v)
        for u in near[v]:
            heappush(ready, u)
    return sorted(arrows) if not left else None
