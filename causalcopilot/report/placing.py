"""Where the nodes and edges of a drawn graph go: layers, order within a layer, coordinates.

Sugiyama's scheme: edges that have a direction point from layer to layer, edges over several layers get a waypoint
in each, and the order within layers follows the barycentre of the neighbours (Sugiyama, Tagawa and Toda 1981).
Works in abstract axes: *main* runs from layer to layer, *cross* within a layer; the drawing turns them into x and y.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from causalcopilot.graph.graph import Edge, Graph

Key = str | tuple[int, int]
"""A node's name, or an edge's waypoint: (edge index, layer)."""
_SWEEPS = 12
_RELAX = 24


@dataclass(frozen=True)
class Placed:
    """Coordinates of a layered drawing.

    Attributes:
        main, thick: centre and thickness of each layer along the main axis.
        rank: layer of each node.
        cross: centre of each node and waypoint along the cross axis, 0 or more.
        via: waypoints of each edge in order from its source to its target.
        extent: size of the drawing along main and cross.
    """

    main: tuple[float, ...]
    thick: tuple[float, ...]
    rank: Mapping[str, int]
    cross: Mapping[Key, float]
    via: tuple[tuple[Key, ...], ...]
    extent: tuple[float, float]


def ranks(graph: Graph, nodes: Sequence[str]) -> dict[str, int]:
    """Layer of each node: causes before effects where the marks say so; cycles are cut where they close."""
    arcs: dict[str, list[str]] = {n: [] for n in nodes}
    known = set(nodes)
    edges = [e for e in graph.edges if not e.lag and e.source in known and e.target in known]
    for directed in (True, False):
        for e in edges:
            forward = e.target_mark == "arrow" and e.source_mark != "arrow"
            backward = e.source_mark == "arrow" and e.target_mark != "arrow"
            if directed != (forward or backward):
                continue
            a, b = (e.target, e.source) if backward else (e.source, e.target)
            if a in _reached(arcs, b):
                a, b = b, a
            if a not in _reached(arcs, b):
                arcs[a].append(b)
    depth: dict[str, int] = {}
    for n in nodes:
        _depth(n, arcs, depth)
    top = max(depth.values(), default=0)
    return {n: top - depth[n] for n in nodes}


def _reached(arcs: Mapping[str, list[str]], start: str) -> set[str]:
    seen, stack = {start}, [start]
    while stack:
        for m in arcs[stack.pop()]:
            if m not in seen:
                seen.add(m)
                stack.append(m)
    return seen


def _depth(node: str, arcs: Mapping[str, list[str]], depth: dict[str, int]) -> int:
    """Longest way from a node to a sink, without recursion."""
    stack = [node]
    while stack:
        n = stack[-1]
        waiting = [m for m in arcs[n] if m not in depth]
        if n in depth or not waiting:
            depth.setdefault(n, max((depth[m] + 1 for m in arcs[n]), default=0))
            stack.pop()
        else:
            stack += waiting
    return depth[node]


def place(
    graph: Graph,
    nodes: Sequence[str],
    along: Mapping[str, float],
    across: Mapping[str, float],
    *,
    layer_gap: float,
    node_gap: float,
) -> Placed:
    """Coordinates for ``nodes``.

    Args:
        graph: its contemporaneous edges among ``nodes`` are routed.
        nodes: nodes to place.
        along, across: size of each node along the main and the cross axis.
        layer_gap, node_gap: free space between layers and between neighbours in a layer.
    """
    rank = ranks(graph, nodes)
    layers: list[list[Key]] = [
        [n for n in nodes if rank[n] == r] for r in range(max(rank.values(), default=0) + 1)
    ]
    via = _waypoints(graph.edges, rank, layers)
    near = _neighbours(graph.edges, rank, via)
    _order(layers, near)
    size: dict[Key, float] = {n: across[n] for n in nodes}
    size.update((p, 10.0) for points in via for p in points)
    cross = _spread(layers, near, size, node_gap)
    thick = tuple(max((along[n] for n in layer if isinstance(n, str)), default=0.0) for layer in layers)
    main, at = [], 0.0
    for t in thick:
        main.append(at + t / 2)
        at += t + layer_gap
    extent = max((cross[k] + size[k] / 2 for k in cross), default=0.0)
    return Placed(tuple(main), thick, rank, cross, tuple(via), (max(at - layer_gap, 0.0), extent))


def _waypoints(
    edges: Sequence[Edge], rank: Mapping[str, int], layers: list[list[Key]]
) -> list[tuple[Key, ...]]:
    via: list[tuple[Key, ...]] = []
    for i, e in enumerate(edges):
        points: list[Key] = []
        if e.source in rank and e.target in rank and not e.lag:
            a, b = rank[e.source], rank[e.target]
            points = [(i, r) for r in range(min(a, b) + 1, max(a, b))]
            for p in points:
                layers[p[1]].append(p)  # type: ignore[index]
            if a > b:
                points.reverse()
        via.append(tuple(points))
    return via


def _neighbours(
    edges: Sequence[Edge], rank: Mapping[str, int], via: Sequence[tuple[Key, ...]]
) -> dict[Key, list[Key]]:
    near: dict[Key, list[Key]] = {n: [] for n in rank}
    for e, points in zip(edges, via, strict=True):
        if e.lag or e.source not in rank or e.target not in rank:
            continue
        chain: list[Key] = [e.source, *points, e.target]
        for a, b in pairwise(chain):
            near.setdefault(a, []).append(b)
            near.setdefault(b, []).append(a)
    return near


def _order(layers: list[list[Key]], near: Mapping[Key, list[Key]]) -> None:
    """Sort each layer by the mean place of its neighbours, back and forth; keeps the order with fewest crossings."""
    best, fewest = [list(layer) for layer in layers], _crossings(layers, near)
    for sweep in range(_SWEEPS):
        place_of = {k: (i + 0.5) / len(layer) for layer in layers for i, k in enumerate(layer)}
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            mean = {
                k: sum(place_of[m] for m in near[k]) / len(near[k]) if near.get(k) else place_of[k]
                for k in layer
            }
            layer.sort(key=lambda k: (mean[k], place_of[k]))
            for i, k in enumerate(layer):
                place_of[k] = (i + 0.5) / len(layer)
        now = _crossings(layers, near)
        if now < fewest:
            best, fewest = [list(layer) for layer in layers], now
    layers[:] = best


def _crossings(layers: Sequence[Sequence[Key]], near: Mapping[Key, list[Key]]) -> int:
    total = 0
    for upper, lower in pairwise(layers):
        seat = {k: i for i, k in enumerate(lower)}
        ends = [
            seat[m]
            for k in upper
            for m in sorted((m for m in near.get(k, ()) if m in seat), key=seat.__getitem__)
        ]
        total += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return total


def _spread(
    layers: Sequence[Sequence[Key]], near: Mapping[Key, list[Key]], size: Mapping[Key, float], gap: float
) -> dict[Key, float]:
    """Pull each node towards its neighbours while neighbours in a layer keep their distance."""
    cross: dict[Key, float] = {}
    widest = max((sum(size[k] + gap for k in layer) for layer in layers), default=0.0)
    for layer in layers:
        at = (widest - sum(size[k] + gap for k in layer)) / 2
        for k in layer:
            cross[k] = at + (size[k] + gap) / 2
            at += size[k] + gap
    for turn in range(_RELAX):
        for layer in layers if turn % 2 == 0 else layers[::-1]:
            wish = {
                k: sum(cross[m] for m in near[k]) / len(near[k]) if near.get(k) else cross[k] for k in layer
            }
            _settle(layer, wish, size, gap, cross)
    low = min((cross[k] - size[k] / 2 for k in cross), default=0.0)
    return {k: v - low for k, v in cross.items()}


def _settle(
    layer: Sequence[Key],
    wish: Mapping[Key, float],
    size: Mapping[Key, float],
    gap: float,
    cross: dict[Key, float],
) -> None:
    """Places nearest to the wishes (least squares) that keep the order and the distances: pooled violators."""
    blocks: list[tuple[float, int, list[Key]]] = []
    offset = 0.0
    offsets: dict[Key, float] = {}
    for i, k in enumerate(layer):
        if i:
            before = layer[i - 1]
            pad = gap if isinstance(k, str) or isinstance(before, str) else gap / 2
            offset += (size[before] + size[k]) / 2 + pad
        offsets[k] = offset
        blocks.append((wish[k] - offset, 1, [k]))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (m2, n2, k2), (m1, n1, k1) = blocks.pop(), blocks.pop()
            blocks.append(((m1 * n1 + m2 * n2) / (n1 + n2), n1 + n2, k1 + k2))
    for mean, _, keys in blocks:
        for k in keys:
            cross[k] = mean + offsets[k]
