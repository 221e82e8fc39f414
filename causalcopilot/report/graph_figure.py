"""A causal graph as a drawing: every end mark, lags, confidence as opacity; treatment, outcome, latents told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.report import svg
from causalcopilot.report.graph_marks import (
    PAD,
    Box,
    Point,
    describe,
    draw_edge,
    draw_node,
    legend,
    node_roles,
)
from causalcopilot.report.lagged_figure import lagged_figure
from causalcopilot.report.placing import Placed, place
from causalcopilot.report.svg import WIDTH, label

# All in pixels: height of a node, room of an edge along its side, longest name, least width, tallest part of a page.
_HEIGHT = 30.0
_PORT = 9.0
_MAX_LABEL = 150.0
_LEAST = 320.0
_TALLEST = 900.0


def graph_figure(
    graph: Graph,
    *,
    treatment: str = "",
    outcome: str = "",
    path: Sequence[str] = (),
    title: str = "Causal graph",
) -> str:
    """The graph as SVG.

    Args:
        graph: any kind; nodes without an edge are listed below the drawing.
        treatment, outcome: nodes drawn in colour.
        path: nodes and symbols alternating (``t``, ``<--``, ``u``, ``-->``, ``y``); drawn in colour.
        title: for screen readers.
    """
    if graph.kind == "lagged" or any(e.lag for e in graph.edges):
        return lagged_figure(graph, treatment=treatment, outcome=outcome, title=title)
    boxes, curves, axes, width, height = _flow(graph)
    marked = {frozenset((a, b)) for a, b in zip(path[::2], path[2::2], strict=False)}
    body = [draw_edge(e, curves[i], marked, axes[i]) for i, e in enumerate(graph.edges)]
    roles = node_roles(graph, treatment, outcome)
    body += [draw_node(n, boxes[n], roles.get(n, "")) for n in graph.nodes if n in boxes]
    loose = [n for n in graph.nodes if n not in boxes]
    height += _loose_nodes(loose, roles, width, height, body)
    height += legend(graph, roles, bool(path), width, height, body)
    return svg.document(max(width, _LEAST), height, title, body, describe(graph))


@dataclass
class _Drawing:
    """A connected part: boxes of nodes, points of edges by index, width and height, main axis."""

    boxes: dict[str, Box]
    curves: dict[int, list[Point]]
    width: float
    height: float
    axis: int


def _flow(graph: Graph) -> tuple[dict[str, Box], dict[int, list[Point]], dict[int, int], float, float]:
    """Each connected part drawn for itself, then set in rows like words in a line."""
    boxes: dict[str, Box] = {}
    curves: dict[int, list[Point]] = {}
    axes: dict[int, int] = {}
    x = y = row = widest = 0.0
    for part in _parts(graph):
        d = _best(graph, part)
        if x and x + d.width > WIDTH:
            x, y, row = 0.0, y + row, 0.0
        boxes |= {n: replace(b, x=b.x + x, y=b.y + y) for n, b in d.boxes.items()}
        curves |= {i: [(px + x, py + y) for px, py in points] for i, points in d.curves.items()}
        axes |= dict.fromkeys(d.curves, d.axis)
        x, row = x + d.width + 16, max(row, d.height)
        widest = max(widest, x - 16)
    return boxes, curves, axes, widest, y + row


def _parts(graph: Graph) -> list[list[str]]:
    """Nodes of the connected parts that have an edge, largest part first."""
    near: dict[str, set[str]] = {}
    for e in graph.edges:
        near.setdefault(e.source, set()).add(e.target)
        near.setdefault(e.target, set()).add(e.source)
    parts: list[list[str]] = []
    seen: set[str] = set()
    for n in graph.nodes:
        if n in near and n not in seen:
            found, stack = {n}, [n]
            while stack:
                fresh = near[stack.pop()] - found
                found |= fresh
                stack += fresh
            seen |= found
            parts.append([m for m in graph.nodes if m in found])
    return sorted(parts, key=lambda p: -len(p))


def _size(node: str, graph: Graph) -> tuple[float, float]:
    degree = sum(node in (e.source, e.target) for e in graph.edges)
    return min(svg.width_of(node), _MAX_LABEL) + 24, max(_HEIGHT, min(degree, 14) * _PORT * 0.7 + 8)


def _best(graph: Graph, nodes: Sequence[str]) -> _Drawing:
    """Drawn from left to right or from top to bottom, whichever reads larger on a page of 700 pixels."""

    def cost(d: _Drawing) -> tuple[float, float]:
        shrink = max(1.0, d.width / WIDTH, d.height / _TALLEST)
        return round(shrink, 2), d.height / shrink

    return min((_across(graph, nodes), _down(graph, nodes)), key=cost)


def _across(graph: Graph, nodes: Sequence[str]) -> _Drawing:
    sizes = {n: _size(n, graph) for n in nodes}
    w, h = {n: s[0] for n, s in sizes.items()}, {n: s[1] for n, s in sizes.items()}
    tight = place(graph, nodes, w, h, layer_gap=0, node_gap=14)
    layers = max(1, len(tight.main) - 1)
    gap = min(150.0, max(56.0, (WIDTH - 2 * PAD - tight.extent[0]) / layers))
    p = place(graph, nodes, w, h, layer_gap=gap, node_gap=14)
    boxes = {n: Box(PAD + p.main[p.rank[n]], PAD + p.cross[n], *sizes[n]) for n in nodes}
    curves = _curves(graph, p, boxes, horizontal=True)
    return _Drawing(boxes, curves, p.extent[0] + 2 * PAD, p.extent[1] + 2 * PAD, 0)


def _down(graph: Graph, nodes: Sequence[str]) -> _Drawing:
    degree = {n: sum(n in (e.source, e.target) for e in graph.edges) for n in nodes}
    w = {n: max(_size(n, graph)[0], min(degree[n], 14) * _PORT + 14) for n in nodes}
    h = dict.fromkeys(nodes, _HEIGHT)
    p = place(graph, nodes, h, w, layer_gap=46, node_gap=18)
    boxes = {n: Box(PAD + p.cross[n], PAD + p.main[p.rank[n]], w[n], h[n]) for n in nodes}
    curves = _curves(graph, p, boxes, horizontal=False)
    return _Drawing(boxes, curves, p.extent[1] + 2 * PAD, p.extent[0] + 2 * PAD, 1)


def _curves(graph: Graph, p: Placed, boxes: Mapping[str, Box], horizontal: bool) -> dict[int, list[Point]]:
    """Points of every edge from source to target: port, straight through each layer between, port."""
    mids: dict[int, list[Point]] = {}
    for i, e in enumerate(graph.edges):
        if e.source in boxes and e.target in boxes:
            mids[i] = []
            forth = 1 if p.rank[e.target] > p.rank[e.source] else -1
            for key in p.via[i]:
                if isinstance(key, tuple):
                    middle, half, c = PAD + p.main[key[1]], p.thick[key[1]] / 2, PAD + p.cross[key]
                    for m in (middle - forth * half, middle + forth * half):
                        mids[i].append((m, c) if horizontal else (c, m))
    ports = _ports(graph.edges, mids, boxes, p.rank, horizontal)
    return {i: [ports[i, 0], *points, ports[i, 1]] for i, points in mids.items()}


def _ports(
    edges: Sequence[Edge],
    mids: Mapping[int, Sequence[Point]],
    boxes: Mapping[str, Box],
    rank: Mapping[str, int],
    horizontal: bool,
) -> dict[tuple[int, int], Point]:
    """Where each edge meets its nodes: spread along the side that faces the other end, in the order of the ends."""
    sides: dict[tuple[str, int], list[tuple[float, int, int]]] = {}
    axis = 1 if horizontal else 0
    for i in mids:
        e = edges[i]
        for end, (node, other) in enumerate(((e.source, e.target), (e.target, e.source))):
            towards = mids[i][0 if end == 0 else -1] if mids[i] else (boxes[other].x, boxes[other].y)
            side = 1 if rank[other] > rank[node] else -1
            sides.setdefault((node, side), []).append((towards[axis], i, end))
    ports: dict[tuple[int, int], Point] = {}
    for (node, side), ends in sides.items():
        box = boxes[node]
        long = box.h if horizontal else box.w
        step = min(_PORT, (long - 12) / max(1, len(ends)))
        for seat, (_, i, end) in enumerate(sorted(ends)):
            shift = (seat - (len(ends) - 1) / 2) * step
            ports[i, end] = (
                (box.x + side * (box.w / 2 + 2), box.y + shift)
                if horizontal
                else (box.x + shift, box.y + side * (box.h / 2 + 2))
            )
    return ports


def _loose_nodes(
    names: Sequence[str], roles: Mapping[str, str], width: float, top: float, body: list[str]
) -> float:
    """Nodes without an edge, in rows below the drawing; the height they take."""
    if not names:
        return 0.0
    wide = max(width, 420.0)
    top += 6
    body.append(label(PAD, top + 18, "not connected:", "s"))
    x, y = PAD + 100, top + 14
    for n in names:
        w = min(svg.width_of(n), _MAX_LABEL) + 24
        if x + w > wide - PAD and x > PAD + 100:
            x, y = PAD + 100, y + 38
        body.append(draw_node(n, Box(x + w / 2, y, w, 28), roles.get(n, "")))
        x += w + 10
    return y - top + 30
