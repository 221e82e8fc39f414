"""A chart of courses over a running axis: an event study, a unit and its synthetic control, both sides of a cutoff.

Drawn for 700 pixels from stored tables; nothing is computed here but places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from causalcopilot.report import svg
from causalcopilot.report.escape import html_text
from causalcopilot.report.svg import SMALL, WIDTH, circle, label, line, num, path, tick_text, ticks

HEIGHT = 240.0
MOST_LABELS = 14
"""Labels of periods set below the axis; with more, every second, third … is set."""


@dataclass(frozen=True, slots=True)
class Point:
    """One place of a course: position, value, and the ends of its interval."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """One line or row of points: name, colour class, whether it is joined and dashed."""

    name: str
    points: tuple[Point, ...]
    colour: str = "blue"
    joined: bool = True
    dashed: bool = False


def course_figure(
    courses: Sequence[Course],
    title: str,
    across: str,
    up: str,
    marker: float | None = None,
    zero: bool = False,
    names: Sequence[str] = (),
) -> str:
    """All courses on common axes; empty where there are no points.

    Args:
        courses: what is drawn, in order.
        title: for screen readers.
        across, up: words of the axes.
        marker: where a dashed upright line stands (the adoption, the cutoff).
        zero: whether a line at zero is drawn.
        names: labels of the positions 0, 1 … where they are not numbers.
    """
    points = [p for c in courses for p in c.points]
    if not points:
        return ""
    values = [v for p in points for v in (p.y, p.low, p.high) if v is not None] + ([0.0] if zero else [])
    pad = (max(values) - min(values) or 1.0) * 0.06
    places = [p.x for p in points] + ([marker] if marker is not None else [])
    wide = (max(places) - min(places) or 1.0) * 0.03
    left, right, top = 74.0, WIDTH - 16.0, 40.0
    x = _Span(min(places) - wide, max(places) + wide, left, right)
    y = _Span(min(values) - pad, max(values) + pad, top + HEIGHT, top)
    body = _frame(x, y, across, up, names)
    if zero:
        body.append(line(left, y(0.0), right, y(0.0), "zero"))
    if marker is not None:
        body.append(path(f"M{num(x(marker))} {num(top)}V{num(top + HEIGHT)}", "zero line dash"))
    for c in courses:
        body += _course(c, x, y)
    body += _legend(courses, left)
    told = "; ".join(f"{c.name}: {len(c.points)} points" for c in courses)
    return svg.document(WIDTH, top + HEIGHT + 48, title, body, told)


@dataclass(frozen=True)
class _Span:
    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def _frame(x: _Span, y: _Span, across: str, up: str, names: Sequence[str]) -> list[str]:
    out = []
    for t in ticks(y.low, y.high):
        out.append(line(x.start, y(t), x.end, y(t), "grid"))
        out.append(label(x.start - 8, y(t) + 4, tick_text(t), "s e n", x.start - 10, SMALL))
    bottom = y.start
    if names:
        step = -(-len(names) // MOST_LABELS)
        room = (x.end - x.start) / max(min(len(names), MOST_LABELS), 1)
        for i in range(0, len(names), step):
            out.append(label(x(i), bottom + 16, names[i], "s m n", room, SMALL))
    else:
        out += [label(x(t), bottom + 16, tick_text(t), "s m n") for t in ticks(x.low, x.high, 8)]
    out.append(line(x.start, bottom, x.end, bottom, "axis"))
    out.append(label((x.start + x.end) / 2, bottom + 36, across, "s m", 460, SMALL))
    out.append(label(8, 14, up, "s", 330, SMALL))
    return out


def _course(c: Course, x: _Span, y: _Span) -> list[str]:
    out = []
    if c.joined and len(c.points) > 1:
        d = "M" + "L".join(f"{num(x(p.x))} {num(y(p.y))}" for p in c.points)
        out.append(path(d, f"{c.colour} line{' dash' if c.dashed else ''}", 2))
    for p in c.points:
        tip = html_text(f"{c.name}: {tick_text(float(f'{p.y:.3g}'))}")
        drawn = []
        if p.low is not None and p.high is not None:
            drawn.append(path(f"M{num(x(p.x))} {num(y(p.low))}V{num(y(p.high))}", f"{c.colour} line", 1.8))
        if not c.joined or p.low is not None:
            drawn.append(circle(x(p.x), y(p.y), 4, c.colour))
        if drawn:
            out += [f"<g><title>{tip}</title>", *drawn, "</g>"]
    return out


def _legend(courses: Sequence[Course], left: float) -> list[str]:
    if len(courses) < 2:
        return []
    out, at = [], left
    for c in courses:
        out.append(path(f"M{num(at)} 28h22", f"{c.colour} line{' dash' if c.dashed else ''}", 2.4))
        out.append(label(at + 28, 32, c.name, "s", 180, SMALL))
        at += 44 + min(svg.width_of(c.name, SMALL), 180)
    return out
