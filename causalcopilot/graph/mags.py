"""All the maximal ancestral graphs of a PAG's class, where they are few."""

from __future__ import annotations

from collections.abc import Iterator

from causalcopilot.graph.ends import Ends, ends_of
from causalcopilot.graph.graph import Edge, Graph, Mark
from causalcopilot.graph.mixed import Mixed, mixed
from causalcopilot.graph.orient import orient
from causalcopilot.graph.pags import is_mag, member_of

MOST_TRIED = 3000
"""Orientations looked at, finished or not; about a second with ten nodes."""
WAYS: tuple[tuple[Mark, Mark], ...] = (("tail", "arrow"), ("arrow", "tail"), ("arrow", "arrow"))


def mags(graph: Graph, most: int = MOST_TRIED) -> tuple[Graph, ...] | None:
    """Every MAG of the class (each a ``pag`` without circles), in a fixed order; ``None`` where there are too many.

    Circles become tails or arrows edge by edge, never with two tails (that would be selection) and never with a
    new unshielded collider.  What is ancestral and maximal, and has the marks in common with the class that a
    member of it has (Zhang 2008), is a member.

    Raises:
        KnowledgeError: the marks fit no maximal ancestral graph.
    """
    ends = ends_of(graph)
    shared = orient(_marks(member_of(graph)))
    found = []
    for tried, way in enumerate(_orientations(ends)):
        if tried >= most:
            return None
        if way is not None and _in_class(way, shared, graph.nodes):
            found.append(_graph(way, graph))
    return tuple(found)


def _marks(mag: Mixed) -> Ends:
    ends: Ends = [{} for _ in range(mag.size)]
    for a, row in enumerate(mag.children):
        for b in row:
            ends[a][b], ends[b][a] = "tail", "arrow"
    for a, row in enumerate(mag.siblings):
        for b in row:
            ends[a][b] = "arrow"
    return ends


def _orientations(ends: Ends) -> Iterator[Ends | None]:
    """Every way to replace the circles; ``None`` for a step on the way there, so that steps can be counted."""
    open_edges = [
        (a, b)
        for a, row in enumerate(ends)
        for b in sorted(row)
        if a < b and "circle" in (row[b], ends[b][a])
    ]
    stack: list[tuple[int, Ends]] = [(0, ends)]
    while stack:
        k, so_far = stack.pop()
        if k == len(open_edges):
            yield so_far
            continue
        yield None
        a, b = open_edges[k]
        for here, there in reversed(WAYS):
            if ends[a][b] not in ("circle", here) or ends[b][a] not in ("circle", there):
                continue
            way = [dict(row) for row in so_far]
            way[a][b], way[b][a] = here, there
            if not (_collides(ends, way, a, b) or _collides(ends, way, b, a)):
                stack.append((k + 1, way))


def _collides(ends: Ends, way: Ends, a: int, b: int) -> bool:
    """Whether the new mark at ``b`` makes an unshielded collider there that the class does not have."""
    if way[b][a] != "arrow" or ends[b][a] == "arrow":
        return False
    return any(mark == "arrow" and c != a and c not in way[a] for c, mark in way[b].items())


def _in_class(way: Ends, shared: Ends, names: tuple[str, ...]) -> bool:
    arrows = [(a, b) for a, row in enumerate(way) for b, mark in row.items() if mark == "tail"]
    arcs = [
        (a, b)
        for a, row in enumerate(way)
        for b, mark in row.items()
        if a < b and mark == way[b][a] == "arrow"
    ]
    return is_mag(mixed(len(way), arrows, arcs), names) and orient(way) == shared


def _graph(way: Ends, graph: Graph) -> Graph:
    edges = []
    for a, row in enumerate(way):
        for b in sorted(row):
            if row[b] == "tail" or (a < b and way[b][a] == "arrow" == row[b]):
                edges.append(Edge(graph.nodes[a], graph.nodes[b], row[b], way[b][a]))
    return Graph("pag", graph.nodes, tuple(edges), graph.latents)
