"""The parts of a drawn graph: nodes, edges with both of their marks, and the legend.

Heads are drawn as shapes, not as SVG markers, because viewers disagree about reversed markers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from causalcopilot.graph.graph import Edge, Graph, Mark
from causalcopilot.report import svg
from causalcopilot.report.escape import html_text
from causalcopilot.report.svg import SMALL, circle, label, num, rect

Point = tuple[float, float]
PAD = 12.0
"""Pixels left free around a drawing."""
_FAINTEST = 0.35
"""Opacity of an edge that no resample has."""


@dataclass(frozen=True)
class Box:
    """A node's place: centre and size."""

    x: float
    y: float
    w: float
    h: float


def describe(graph: Graph) -> str:
    """The graph in words, for those who cannot see it."""
    return f"{len(graph.nodes)} nodes; " + "; ".join(str(e) for e in graph.edges)


def node_roles(graph: Graph, treatment: str, outcome: str) -> dict[str, str]:
    """Style of the nodes that have a role."""
    return dict.fromkeys(graph.latents, "latent") | {
        n: r for n, r in ((treatment, "treatment"), (outcome, "outcome")) if n
    }


def draw_node(name: str, box: Box, role: str) -> str:
    """One node; a name that is too long is cut and told in full by its tooltip."""
    shape = rect(box.x - box.w / 2, box.y - box.h / 2, box.w, box.h, role or "node", 15)
    tip = f"<title>{html_text(name + (f' ({role})' if role else ''))}</title>"
    text = label(box.x, box.y + 4.5, name, "m b" if role in ("treatment", "outcome") else "m", box.w - 16)
    return f"<g>{tip}{shape}{text}</g>"


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
    x, y = PAD, top + 14
    for kind, words in items:
        w = 34 + svg.width_of(words, SMALL) + 18
        if x + w > max(width, 300) and x > PAD:
            x, y = PAD, y + 20
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
