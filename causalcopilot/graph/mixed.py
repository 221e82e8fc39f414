"""Directed mixed graphs on integers: the plain form in which separations and ancestors are read.

A ``Mixed`` holds ``-->`` and ``<->`` edges only, so it covers DAGs, ADMGs and MAGs.  Graphs of the other
classes are read through one member of their class (``separation.reading``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from causalcopilot.errors import KnowledgeError
from causalcopilot.graph.graph import Graph

Adjacency = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Mixed:
    """A directed mixed graph; nodes are positions in the names of the graph it came from.

    Attributes:
        parents, children: ends of ``-->`` edges, per node.
        siblings: other ends of ``<->`` edges, per node.
    """

    parents: Adjacency
    children: Adjacency
    siblings: Adjacency

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.parents)

    def adjacent(self, a: int, b: int) -> bool:
        """Whether any edge joins two nodes."""
        return b in self.parents[a] or b in self.children[a] or b in self.siblings[a]


def mixed(size: int, arrows: Iterable[tuple[int, int]], arcs: Iterable[tuple[int, int]] = ()) -> Mixed:
    """A ``Mixed`` of ``size`` nodes from ``-->`` pairs (cause, effect) and ``<->`` pairs."""
    parents: list[list[int]] = [[] for _ in range(size)]
    children: list[list[int]] = [[] for _ in range(size)]
    siblings: list[list[int]] = [[] for _ in range(size)]
    for a, b in arrows:
        parents[b].append(a)
        children[a].append(b)
    for a, b in arcs:
        siblings[a].append(b)
        siblings[b].append(a)
    return Mixed(_frozen(parents), _frozen(children), _frozen(siblings))


def _frozen(lists: Sequence[Sequence[int]]) -> Adjacency:
    return tuple(tuple(sorted(set(row))) for row in lists)


def mixed_of(graph: Graph) -> Mixed:
    """The ``Mixed`` of a graph whose edges are all ``-->`` or ``<->``.

    Raises:
        KnowledgeError: another mark, a lag, or a directed cycle.
    """
    at = {n: i for i, n in enumerate(graph.nodes)}
    arrows, arcs = [], []
    for e in graph.edges:
        a, b = at[e.source], at[e.target]
        if e.lag or not (e.directed or e.symbol == "<->"):
            raise KnowledgeError(
                f"edge {e} has no place in a graph of kind {graph.kind}",
                "draw only --> edges in a dag, and --> or <-> edges in an admg",
            )
        if e.symbol == "<->":
            arcs.append((a, b))
        else:
            arrows.append((a, b) if e.target_mark == "arrow" else (b, a))
    result = mixed(len(graph.nodes), arrows, arcs)
    loop = cycle(result.children)
    if loop:
        text = " --> ".join(graph.nodes[i] for i in loop)
        raise KnowledgeError(
            f"the graph has a directed cycle: {text}", "a causal graph of this kind has none: drop one edge"
        )
    return result


def closure(steps: Adjacency, start: Iterable[int], avoid: Iterable[int] = ()) -> set[int]:
    """Nodes reached from ``start`` along ``steps`` (``start`` included), never entering ``avoid``."""
    seen = set(start)
    banned = set(avoid)
    stack = list(seen)
    while stack:
        for w in steps[stack.pop()]:
            if w not in seen and w not in banned:
                seen.add(w)
                stack.append(w)
    return seen


def order(children: Adjacency) -> list[int] | None:
    """A topological order with the smallest node first at each choice, or ``None`` if there is a cycle."""
    from heapq import heapify, heappop, heappush

    waiting = [0] * len(children)
    for row in children:
        for w in row:
            waiting[w] += 1
    ready = [v for v, k in enumerate(waiting) if not k]
    heapify(ready)
    found = []
    while ready:
        v = heappop(ready)
        found.append(v)
        for w in children[v]:
            waiting[w] -= 1
            if not waiting[w]:
                heappush(ready, w)
    return found if len(found) == len(children) else None


def cycle(children: Adjacency) -> list[int]:
    """One directed cycle with its first node repeated at the end, or an empty list."""
    if order(children) is not None:
        return []
    colour = [0] * len(children)
    for root in range(len(children)):
        if colour[root]:
            continue
        path, stack = [root], [iter(children[root])]
        colour[root] = 1
        while stack:
            w = next(stack[-1], None)
            if w is None:
                colour[path.pop()] = 2
                stack.pop()
            elif colour[w] == 1:
                return [*path[path.index(w) :], w]
            elif not colour[w]:
                colour[w] = 1
                path.append(w)
                stack.append(iter(children[w]))
    return []


def without(graph: Mixed, arrows: Iterable[tuple[int, int]]) -> Mixed:
    """The graph less some ``-->`` edges, given as (cause, effect)."""
    gone = set(arrows)
    parents = tuple(tuple(a for a in row if (a, b) not in gone) for b, row in enumerate(graph.parents))
    children = tuple(tuple(b for b in row if (a, b) not in gone) for a, row in enumerate(graph.children))
    return Mixed(parents, children, graph.siblings)


def shortest(steps: Adjacency, start: int, goal: int, avoid: Iterable[int] = ()) -> list[int]:
    """A shortest walk along ``steps`` from ``start`` to ``goal``, or an empty list."""
    before = {start: -1}
    banned = set(avoid)
    queue = [start]
    for v in queue:
        if v == goal:
            break
        for w in steps[v]:
            if w not in before and w not in banned:
                before[w] = v
                queue.append(w)
    if goal not in before:
        return []
    path = [goal]
    while path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]
