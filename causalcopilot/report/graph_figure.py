"""A causal graph as a drawing: every end mark, lags, confidence as opacity, treatment, outcome and latents told apart.

Heads are drawn as shapes, not as SVG markers, because viewers disagree about reversed markers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import hypot

from causalcopilot.graph.graph import Edge, Graph, Mark
from causalcopilot.report import svg
from causalcopilot.report.escape import html_text
from causalcopilot.report.placing import Placed, place
from causalcopilot.report.svg import SMALL, WIDTH, circle, label, num, rect

Point = tuple[float, float]
_HEIGHT = 30.0
_PAD = 12.0
_PORT = 9.0
_MAX_LABEL = 150.0
_FAINTEST = 0.35
_LEAST = 320.0
_TALLEST = 900.0


@dataclass(frozen=True)
class Box:
    """A node's place: centre and size."""

    x: float
    y: float
    w: float
    h: float


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
        from causalcopilot.report.lagged_figure import lagged_figure

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


def describe(graph: Graph) -> str:
    """The graph in words, for those who cannot see it."""
    return f"{len(graph.nodes)} nodes; " + "; ".join(str(e) for e in graph.edges)


def node_roles(graph: Graph, treatment: str, outcome: str) -> dict[str, str]:
    """Style of the nodes that have a role."""
    return dict.fromkeys(graph.latents, "latent") | {
        n: r for n, r in ((treatment, "treatment"), (outcome, "outcome")) if n
    }


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
    gap = min(150.0, max(56.0, (WIDTH - 2 * _PAD - tight.extent[0]) / layers))
    p = place(graph, nodes, w, h, layer_gap=gap, node_gap=14)
    boxes = {n: Box(_PAD + p.main[p.rank[n]], _PAD + p.cross[n], *sizes[n]) for n in nodes}
    curves = _curves(graph, p, boxes, horizontal=True)
    return _Drawing(boxes, curves, p.extent[0] + 2 * _PAD, p.extent[1] + 2 * _PAD, 0)


def _down(graph: Graph, nodes: Sequence[str]) -> _Drawing:
    degree = {n: sum(n in (e.source, e.target) for e in graph.edges) for n in nodes}
    w = {n: max(_size(n, graph)[0], min(degree[n], 14) * _PORT + 14) for n in nodes}
    h = dict.fromkeys(nodes, _HEIGHT)
    p = place(graph, nodes, h, w, layer_gap=46, node_gap=18)
    boxes = {n: Box(_PAD + p.cross[n], _PAD + p.main[p.rank[n]], w[n], h[n]) for n in nodes}
    curves = _curves(graph, p, boxes, horizontal=False)
    return _Drawing(boxes, curves, p.extent[1] + 2 * _PAD, p.extent[0] + 2 * _PAD, 1)


def _curves(graph: Graph, p: Placed, boxes: Mapping[str, Box], horizontal: bool) -> dict[int, list[Point]]:
    """Points of every edge from source to target: port, straight through each layer between, port."""
    mids: dict[int, list[Point]] = {}
    for i, e in enumerate(graph.edges):
        if e.source in boxes and e.target in boxes:
            mids[i] = []
            forth = 1 if p.rank[e.target] > p.rank[e.source] else -1
            for key in p.via[i]:
                if isinstance(key, tuple):
                    middle, half, c = _PAD + p.main[key[1]], p.thick[key[1]] / 2, _PAD + p.cross[key]
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


def draw_edge(
    e: Edge, points: Sequence[Point], marked: Collection[frozenset[str]] = (), axis: int | None = None
) -> str:
    """One edge with both of its marks and a tooltip; ``axis`` (0 or 1) is the main axis of a layered drawing."""
    pts = list(points)
    start, end = _short(pts[0], pts[1], e.source_mark), _short(pts[-1], pts[-2], e.target_mark)
    line = _smooth([start, *pts[1:-1], end], axis)
    heads = _mark(e.source_mark, pts[0], pts[1]) + _mark(e.target_mark, pts[-1], pts[-2])
    on_path = frozenset((e.source, e.target)) in marked
    cls = ' class="path"' if on_path else ""
    faint = 1.0 if e.confidence is None or on_path else _FAINTEST + (1 - _FAINTEST) * e.confidence
    return (
        f'<g{cls} opacity="{faint:.2f}"><title>{html_text(edge_words(e))}</title>'
        f'<path class="edge" d="{line}"/>{heads}</g>'
    )


def edge_words(e: Edge) -> str:
    """An edge with its confidences, for its tooltip."""
    parts = [] if e.confidence is None else [f"adjacent in {e.confidence:.0%} of resamples"]
    for name, share in ((e.source, e.source_confidence), (e.target, e.target_confidence)):
        if share is not None:
            parts.append(f"mark at {name} in {share:.0%}")
    return f"{e}" + (f" ({', '.join(parts)})" if parts else "")


def _unit(tip: Point, back: Point) -> Point:
    d = hypot(tip[0] - back[0], tip[1] - back[1]) or 1.0
    return (tip[0] - back[0]) / d, (tip[1] - back[1]) / d


def _short(tip: Point, back: Point, mark: Mark) -> Point:
    """The line ends where the head begins, so that the head's point stays sharp."""
    ux, uy = _unit(tip, back)
    cut = {"arrow": 7.0, "circle": 7.2, "tail": 0.0}[mark]
    return tip[0] - cut * ux, tip[1] - cut * uy


def _mark(mark: Mark, tip: Point, back: Point) -> str:
    ux, uy = _unit(tip, back)
    if mark == "arrow":
        bx, by = tip[0] - 9.5 * ux, tip[1] - 9.5 * uy
        left, right = (bx - 4.2 * uy, by + 4.2 * ux), (bx + 4.2 * uy, by - 4.2 * ux)
        d = f"M{num(tip[0])} {num(tip[1])}L{num(left[0])} {num(left[1])}L{num(right[0])} {num(right[1])}z"
        return f'<path class="head" d="{d}"/>'
    if mark == "circle":
        return circle(tip[0] - 4 * ux, tip[1] - 4 * uy, 3.4, "ring")
    return ""


def _smooth(points: Sequence[Point], axis: int | None) -> str:
    """A line through the points; at waypoints it runs along the main axis, so that it never swings into a node."""
    d = f"M{num(points[0][0])} {num(points[0][1])}"
    if len(points) == 2:
        return d + f"L{num(points[1][0])} {num(points[1][1])}"
    last = len(points) - 2
    for i, (a, b) in enumerate(pairwise(points)):
        c1 = _along(a, b, 0.3, None if i == 0 else axis)
        c2 = _along(b, a, 0.3, None if i == last else axis)
        d += f"C{num(c1[0])} {num(c1[1])} {num(c2[0])} {num(c2[1])} {num(b[0])} {num(b[1])}"
    return d


def _along(a: Point, b: Point, share: float, axis: int | None) -> Point:
    """A control point on the way from ``a`` to ``b``: along one axis only where one is given."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    if axis is None:
        return a[0] + share * dx, a[1] + share * dy
    return (a[0] + 0.45 * dx, a[1]) if axis == 0 else (a[0], a[1] + 0.45 * dy)


def draw_node(name: str, box: Box, role: str) -> str:
    """One node; a name that is too long is cut and told in full by its tooltip."""
    shape = rect(box.x - box.w / 2, box.y - box.h / 2, box.w, box.h, role or "node", 15)
    tip = f"<title>{html_text(name + (f' ({role})' if role else ''))}</title>"
    text = label(box.x, box.y + 4.5, name, "m b" if role in ("treatment", "outcome") else "m", box.w - 16)
    return f"<g>{tip}{shape}{text}</g>"


def _loose_nodes(
    names: Sequence[str], roles: Mapping[str, str], width: float, top: float, body: list[str]
) -> float:
    """Nodes without an edge, in rows below the drawing; the height they take."""
    if not names:
        return 0.0
    wide = max(width, 420.0)
    top += 6
    body.append(label(_PAD, top + 18, "not connected:", "s"))
    x, y = _PAD + 100, top + 14
    for n in names:
        w = min(svg.width_of(n), _MAX_LABEL) + 24
        if x + w > wide - _PAD and x > _PAD + 100:
            x, y = _PAD + 100, y + 38
        body.append(draw_node(n, Box(x + w / 2, y, w, 28), roles.get(n, "")))
        x += w + 10
    return y - top + 30


def legend(
    graph: Graph, roles: Mapping[str, str], path: bool, width: float, top: float, body: list[str]
) -> float:
    """What the shapes mean, only those that occur; the height it takes."""
    marks = {m for e in graph.edges for m in (e.source_mark, e.target_mark)}
    pairs = {(e.source_mark, e.target_mark) for e in graph.edges}
    items: list[tuple[str, str]] = []
    if "circle" in marks:
        items.append(("circle", "end not decided by the data"))
    if ("arrow", "arrow") in pairs:
        items.append(("both", "hidden common cause"))
    if ("tail", "tail") in pairs:
        items.append(("line", "direction not decided"))
    items += [
        (r, r if r != "latent" else "not measured")
        for r in ("treatment", "outcome", "latent")
        if r in roles.values()
    ]
    if path:
        items.append(("path", "open path"))
    if any(e.confidence is not None for e in graph.edges):
        items.append(("faint", "fainter: in fewer resamples"))
    if not items:
        return 0.0
    x, y = _PAD, top + 14
    for kind, words in items:
        w = 34 + svg.width_of(words, SMALL) + 18
        if x + w > max(width, 300) and x > _PAD:
            x, y = _PAD, y + 20
        body.append(_key(kind, x, y))
        body.append(label(x + 32, y + 4, words, "s"))
        x += w
    return y - top + 16


def _key(kind: str, x: float, y: float) -> str:
    a, b = (x, y), (x + 26, y)
    marks: dict[str, tuple[Mark, Mark]] = {
        "circle": ("circle", "arrow"),
        "both": ("arrow", "arrow"),
        "line": ("tail", "tail"),
        "path": ("tail", "tail"),
        "faint": ("tail", "arrow"),
    }
    if kind in marks:
        e = Edge("a", "b", *marks[kind], confidence=0.2 if kind == "faint" else None)
        drawn = draw_edge(e, [a, b], {frozenset("ab")} if kind == "path" else ())
        return drawn.replace(f"<title>{html_text(edge_words(e))}</title>", "")
    return rect(x, y - 8, 26, 16, kind, 8)
