"""Where to draw nodes and edges, and the graph as lines of text for a terminal.

Layers follow the directed part (Sugiyama, Tagawa & Toda 1981): longest path, barycentre order, bends for long
edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from unicodedata import east_asian_width

from causalcopilot.graph.graph import Edge, Graph

LETTER, PADDING = 7.4, 26.0  # width of a letter at 13 px and of the round ends of a box, in px
HEIGHT, GAP, STEP, MARGIN = 34.0, 30.0, 88.0, 16.0
LONGEST_LABEL = 28
SWEEPS = 8

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A node as drawn: centre, size (px) and the text in it; ``layer`` counts from the top."""

    name: str
    label: str
    x: float
    y: float
    width: float
    height: float
    layer: int
    latent: bool


@dataclass(frozen=True, slots=True)
class Route:
    """An edge as drawn: its points from the border of the source's box to that of the target's, in px."""

    edge: Edge
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing: size (px), boxes in node order, routes in edge order."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]


def layers(graph: Graph) -> tuple[tuple[str, ...], ...]:
    """Nodes in layers, causes above effects; directed cycles (lagged graphs) are cut.

    Nodes without a direction sit beside their first placed neighbour.
    """
    at = {n: i for i, n in enumerate(graph.nodes)}
    rank = _ranks(graph, at)
    rows: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
    for v, r in enumerate(rank):
        rows[r].append(v)
    _untangle(rows, _neighbours(graph, at))
    return tuple(tuple(graph.nodes[v] for v in row) for row in rows if row)


def _neighbours(graph: Graph, at: dict[str, int]) -> list[set[int]]:
    near: list[set[int]] = [set() for _ in graph.nodes]
    for e in graph.edges:
        if e.source != e.target:
            near[at[e.source]].add(at[e.target])
            near[at[e.target]].add(at[e.source])
    return near


def _ranks(graph: Graph, at: dict[str, int]) -> list[int]:
    """Longest path from the top, causes pulled down to just above their first effect."""
    children: list[set[int]] = [set() for _ in graph.nodes]
    for e in graph.edges:
        if (e.source_mark == "arrow") != (e.target_mark == "arrow") and e.source != e.target:
            a, b = (e.source, e.target) if e.target_mark == "arrow" else (e.target, e.source)
            children[at[a]].add(at[b])
    order = _topological(children)
    place = {v: i for i, v in enumerate(order)}
    children = [{w for w in row if place[w] > place[v]} for v, row in enumerate(children)]
    rank = [0] * len(children)
    for v in order:
        for w in children[v]:
            rank[w] = max(rank[w], rank[v] + 1)
    caused = {w for row in children for w in row}
    for v in reversed(order):
        if children[v] and v not in caused:
            rank[v] = min(rank[w] for w in children[v]) - 1
    settled = caused | {v for v, row in enumerate(children) if row}
    near = _neighbours(graph, at)
    queue = sorted(settled)
    for v in queue:
        for w in sorted(near[v] - settled):
            rank[w] = rank[v]
            settled.add(w)
            queue.append(w)
    return rank


def _topological(children: list[set[int]]) -> list[int]:
    """An order of all nodes; where only cycles are left, the node with the fewest causes left goes first."""
    waiting = [0] * len(children)
    for row in children:
        for w in row:
            waiting[w] += 1
    left, order = set(range(len(children))), []
    while left:
        v = min(left, key=lambda n: (waiting[n], n))
        left.discard(v)
        order.append(v)
        for w in children[v]:
            waiting[w] -= 1
    return order


def _untangle(rows: list[list[int]], near: list[set[int]]) -> None:
    """Order each row by the mean place of its neighbours, sweeping down and up."""
    for sweep in range(SWEEPS):
        place = {v: (i + 0.5) / len(row) for row in rows for i, v in enumerate(row)}
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            row.sort(key=lambda v: sum(place[w] for w in near[v]) / len(near[v]) if near[v] else place[v])
            for i, v in enumerate(row):
                place[v] = (i + 0.5) / len(row)


def layout(graph: Graph) -> Layout:
    """Coordinates for a drawing; the same graph gives the same drawing."""
    rows: list[list[str | Bend]] = [list(row) for row in layers(graph)]
    rank = {n: r for r, row in enumerate(rows) for n in row if isinstance(n, str)}
    bends = [_bends(rows, rank, e, k) for k, e in enumerate(graph.edges)]
    centres, width = _centres(rows)
    boxes = {
        n: Box(n, _short(n, LONGEST_LABEL), *centres[n], _width(n), HEIGHT, rank[n], n in graph.latents)
        for n in graph.nodes
    }
    routes = (_route(e, boxes, [centres[b] for b in way]) for e, way in zip(graph.edges, bends, strict=True))
    height = 2 * MARGIN + HEIGHT + STEP * max(0, len(rows) - 1)
    return Layout(width, height, tuple(boxes.values()), tuple(routes))


Bend = tuple[int, int]
"""Where the edge of that number crosses the layer of that number."""


def _bends(rows: list[list[str | Bend]], rank: dict[str, int], edge: Edge, number: int) -> list[Bend]:
    """Places kept free in the layers between the ends of an edge, from source to target."""
    a, b = edge.source, edge.target
    top, low = (a, b) if rank[a] <= rank[b] else (b, a)
    share = (rows[rank[top]].index(top) + 0.5) / len(rows[rank[top]])
    way: list[Bend] = [(number, r) for r in range(rank[top] + 1, rank[low])]
    for bend in way:
        row = rows[bend[1]]
        row.insert(round(share * len(row)), bend)
    return way if top == a else way[::-1]


def _width(item: str | Bend) -> float:
    return PADDING + LETTER * _cells(_short(item, LONGEST_LABEL)) if isinstance(item, str) else 8.0


def _centres(rows: list[list[str | Bend]]) -> tuple[dict[str | Bend, Point], float]:
    widths = [sum(_width(n) + GAP for n in row) - GAP for row in rows]
    width = max(widths, default=60.0) + 2 * MARGIN
    centres: dict[str | Bend, Point] = {}
    for r, row in enumerate(rows):
        space = (width - 2 * MARGIN - sum(map(_width, row))) / (len(row) + 1)
        x = MARGIN + space
        for n in row:
            centres[n] = (x + _width(n) / 2, MARGIN + HEIGHT / 2 + r * STEP)
            x += _width(n) + space
    return centres, width


def _route(edge: Edge, boxes: dict[str, Box], middle: list[Point]) -> Route:
    a, b = boxes[edge.source], boxes[edge.target]
    if a is b:  # a lagged effect on itself: a small loop above the box
        side, top = a.width / 4, a.y - a.height / 2
        return Route(edge, ((a.x - side, top), (a.x, top - 18), (a.x + side, top)))
    if a.layer == b.layer and not middle and _between(a, b, boxes):
        middle = [((a.x + b.x) / 2, a.y + HEIGHT)]
    points = [(a.x, a.y), *middle, (b.x, b.y)]
    return Route(edge, (_border(a, points[1]), *middle, _border(b, points[-2])))


def _between(a: Box, b: Box, boxes: dict[str, Box]) -> bool:
    low, high = sorted((a.x, b.x))
    return any(low < c.x < high and c.layer == a.layer for c in boxes.values())


def _border(box: Box, toward: Point) -> Point:
    """Where the line from the centre of a box to a point leaves the box, a little outside."""
    dx, dy = toward[0] - box.x, toward[1] - box.y
    across = (box.width / 2 + 2) / abs(dx) if dx else 1.0
    along = (box.height / 2 + 2) / abs(dy) if dy else 1.0
    k = min(across, along, 1.0)
    return box.x + dx * k, box.y + dy * k


_LEFT = {"tail": "─", "arrow": "◀", "circle": "o"}
_RIGHT = {"tail": "─", "arrow": "▶", "circle": "o"}
_BAR = 10
MARKS = "marks"
"""Stands before the confidence of an edge's marks."""
_GREEN, _YELLOW, _RED, _PLAIN = "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[0m"


def text_lines(graph: Graph, colour: bool = False, width: int = 80) -> list[str]:
    """The graph for a terminal: an edge a line, causes first, with lag and a bar of its confidence.

    Where the confidence of its marks is known too, the smaller of the two ends' follows: an edge may come back in
    all resamples and its direction in few.  Long names are shortened so that no line is wider than ``width`` cells
    (at least 40).  Nodes without an edge and latents follow in lines of their own.  With ``colour`` the bars carry
    ANSI colours.
    """
    place = {n: (r, i) for r, row in enumerate(layers(graph)) for i, n in enumerate(row)}
    edges = sorted(graph.edges, key=lambda e: (place[e.source], place[e.target], e.lag))
    sure = any(e.confidence is not None for e in edges)
    ends = any(_marks(e) is not None for e in edges)
    room = (max(width, 40) - 5 - (7 + _BAR) * sure - (len(MARKS) + 6) * ends) // 2
    left = [_short(_plain(e.source), room - len(_lag(e))) + _lag(e) for e in edges]
    right = [_short(_plain(e.target), room) for e in edges]
    first, second = (max(map(_cells, side), default=0) for side in (left, right))
    lines = []
    for e, a, b in zip(edges, left, right, strict=True):
        mark = f"{_LEFT[e.source_mark]}─{_RIGHT[e.target_mark]}"
        line = f"{' ' * (first - _cells(a))}{a} {mark} {b}"
        if e.confidence is not None:
            line += " " * (second - _cells(b) + 1) + _confidence(e.confidence, colour, ends)
        if (share := _marks(e)) is not None:
            line += f" {MARKS} {share:.2f}"
        lines.append(line)
    joined = {n for e in edges for n in (e.source, e.target)}
    lines += _listed("alone: ", [n for n in graph.nodes if n not in joined], max(width, 40))
    return lines + _listed("latent: ", list(graph.latents), max(width, 40))


def _lag(edge: Edge) -> str:
    return f"[t-{edge.lag}]" if edge.lag else ""


def _marks(edge: Edge) -> float | None:
    """Share of resamples with the edge's marks: that of the end that came back less often."""
    ends = (edge.source_confidence, edge.target_confidence)
    return min(e for e in ends if e is not None) if None not in ends else None


def _confidence(share: float, colour: bool, padded: bool) -> str:
    bar = "█" * round(share * _BAR)
    rest = " " * (_BAR - len(bar)) if padded else ""
    if colour:
        bar = f"{_GREEN if share >= 0.8 else _YELLOW if share >= 0.5 else _RED}{bar}{_PLAIN}"
    text = f"{share:.2f} {bar}{rest}"
    return text if padded else text.rstrip()


def _listed(label: str, names: list[str], width: int) -> list[str]:
    from textwrap import wrap

    if not names:
        return []
    text = ", ".join(_short(_plain(n), width - len(label) - 2) for n in names)
    return wrap(label + text, width, subsequent_indent=" " * len(label))


def _plain(name: str) -> str:
    """A name without control characters, which would move the cursor."""
    return "".join(c if c.isprintable() else "�" for c in name)


def _cells(text: str) -> int:
    """Width in terminal cells; East Asian letters take two."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _short(name: str, room: int) -> str:
    """The name, cut with an ellipsis where it is wider than ``room`` cells."""
    if _cells(name) <= room:
        return name
    while name and _cells(name) > room - 1:
        name = name[:-1]
    return name + "…"
