"""The charts of a report as SVG: estimates, balance, overlap, checks; the graph is drawn in ``graph_figure``.

Every chart is drawn for 700 pixels and takes its numbers from stored results; nothing is computed here but places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from causalcopilot.report import svg
from causalcopilot.report.escape import html_text
from causalcopilot.report.svg import SMALL, WIDTH, circle, label, line, num, path, rect, tick_text, ticks

Tone = Literal["primary", "plain", "unsupported", "association"]
_TONES = {"primary": "blue", "plain": "blue", "unsupported": "grey", "association": "grey"}
_ROW, _TALL = 30, 38


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One estimate: who, what it reads as, and where it lies; ``None`` where there is no number."""

    label: str
    note: str
    text: str
    value: float | None
    low: float | None
    high: float | None
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class CheckMark:
    """One check: name, status, what was compared with what, as text and as numbers."""

    name: str
    status: str
    text: str
    statistic: float | None
    threshold: float | None


def forest_figure(rows: Sequence[ForestRow], unit: str, title: str = "Estimates") -> str:
    """All estimates with their intervals on one scale, with a line at zero; empty without numbers."""
    numbers = [v for r in rows for v in (r.value, r.low, r.high) if v is not None]
    if not numbers:
        return ""
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    pad = (high - low or 1.0) * 0.06
    room = min(250.0, max(svg.width_of(r.text) * (1.06 if r.tone == "primary" else 1.0) for r in rows))
    left, right = 205.0, WIDTH - room - 26
    scale = _Scale(low - pad, high + pad, left, right)
    top, bottom = 12.0, 12.0 + _TALL * len(rows)
    body = [rect(0, top + _TALL * i, WIDTH, _TALL, "band") for i in range(0, len(rows), 2)]
    body += _axis(scale, top, bottom, f"effect in {unit}" if unit else "effect")
    body.append(line(scale(0), top, scale(0), bottom, "zero"))
    for i, row in enumerate(rows):
        body += _forest_row(row, top + _TALL * (i + 0.5), scale, room + 2)
    told = "; ".join(f"{r.label} {r.note}: {r.text}" for r in rows)
    return svg.document(WIDTH, bottom + 44, title, body, told)


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    left: float
    right: float

    def __call__(self, value: float) -> float:
        return self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)


def _axis(scale: _Scale, top: float, bottom: float, words: str) -> list[str]:
    out = []
    for t in ticks(scale.low, scale.high):
        out.append(line(scale(t), top, scale(t), bottom, "grid"))
        out.append(label(scale(t), bottom + 16, tick_text(t), "s m n"))
    out.append(line(scale.left, bottom, scale.right, bottom, "axis"))
    out.append(
        label(
            (scale.left + scale.right) / 2, bottom + 34, words, "s m", scale.right - scale.left + 120, SMALL
        )
    )
    return out


def _forest_row(row: ForestRow, y: float, scale: _Scale, room: float) -> list[str]:
    colour = _TONES[row.tone]
    bold = " b" if row.tone == "primary" else ""
    out = [
        label(8, y + (-3 if row.note else 4.5), row.label, bold.strip(), 192),
        label(8, y + 12, row.note, "s", 192, SMALL),
        label(WIDTH - 8, y + 4.5, row.text, f"e n{bold}", room),
    ]
    if row.low is not None and row.high is not None:
        dash = " dash" if row.tone in ("unsupported", "association") else ""
        d = f"M{num(scale(row.low))} {num(y)}H{num(scale(row.high))}"
        out.append(path(d, f"{colour} line{dash}", 3 if bold else 1.8))
        for end in (row.low, row.high):
            out.append(path(f"M{num(scale(end))} {num(y - 4)}v8", f"{colour} line", 1.8))
    if row.value is not None:
        out.append(_point(scale(row.value), y, row.tone, colour))
    tip = html_text(f"{row.label}, {row.note}: {row.text}")
    return [f"<g><title>{tip}</title>", *out, "</g>"]


def _point(x: float, y: float, tone: Tone, colour: str) -> str:
    if tone == "primary":
        return (
            f'<rect class="{colour}" x="{num(x - 5.5)}" y="{num(y - 5.5)}" width="11" height="11" rx="1.5"/>'
        )
    hollow = " hollow" if tone in ("unsupported", "association") else ""
    return f'<circle class="{colour}{hollow}" cx="{num(x)}" cy="{num(y)}" r="4.5" stroke-width="1.8"/>'


def balance_figure(
    rows: Sequence[tuple[str, float | None, float | None]],
    limits: Sequence[float] = (),
    title: str = "Balance of the controls",
) -> str:
    """Love plot: absolute standardised differences of each covariate, raw (hollow) and weighted (full).

    Args:
        rows: covariate, raw difference, weighted difference.
        limits: thresholds of the balance check, drawn as dashed lines.
        title: for screen readers.
    """
    shown = [(n, None if a is None else abs(a), None if b is None else abs(b)) for n, a, b in rows]
    shown.sort(key=lambda r: (-(r[1] or 0.0), r[0]))
    numbers = [v for _, a, b in shown for v in (a, b) if v is not None]
    if not numbers:
        return ""
    step, left, right, top = 24.0, 205.0, WIDTH - 24.0, 34.0
    scale = _Scale(0.0, max(*numbers, *limits, 0.1) * 1.08, left, right)
    bottom = top + step * len(shown)
    body = _legend((("hollow", "before weighting"), ("full", "after weighting")), left)
    body += [rect(0, top + step * i, WIDTH, step, "band") for i in range(0, len(shown), 2)]
    body += _axis(scale, top, bottom, "absolute standardised mean difference")
    body += [line(scale(v), top, scale(v), bottom, "orange dash") for v in limits]
    for i, (name, raw, weighted) in enumerate(shown):
        body += _balance_row(name, raw, weighted, top + step * (i + 0.5), scale)
    return svg.document(WIDTH, bottom + 44, title, body, "dashed lines are the limits of the balance check")


def _legend(items: Sequence[tuple[str, str]], x: float) -> list[str]:
    out = []
    for kind, words in items:
        out.append(_dot(x + 5, 14, kind))
        out.append(label(x + 16, 18, words, "s"))
        x += svg.width_of(words, SMALL) + 44
    return out


def _dot(x: float, y: float, kind: str) -> str:
    colour = "grey hollow" if kind == "hollow" else "blue"
    return f'<circle class="{colour}" cx="{num(x)}" cy="{num(y)}" r="4.5" stroke-width="1.8"/>'


def _balance_row(name: str, raw: float | None, weighted: float | None, y: float, scale: _Scale) -> list[str]:
    out = [label(8, y + 4.5, name, "", 185)]
    if raw is not None and weighted is not None:
        out.append(path(f"M{num(scale(raw))} {num(y)}H{num(scale(weighted))}", "grey line", 1.2))
    if raw is not None:
        out.append(_dot(scale(raw), y, "hollow"))
    if weighted is not None:
        out.append(_dot(scale(weighted), y, "full"))
    return out


def overlap_figure(
    rows: Sequence[tuple[float, float, float, float]],
    treated: str = "treated",
    control: str = "control",
    title: str = "Overlap",
) -> str:
    """Mirrored histogram of the estimated treatment probability: treated rows above the line, control below.

    Args:
        rows: lower edge, upper edge, treated rows, control rows of each bin.
        treated, control: names of the two groups.
        title: for screen readers.
    """
    if not rows or not any(t or c for _, _, t, c in rows):
        return ""
    left, right, top, height = 60.0, WIDTH - 20.0, 26.0, 220.0
    scale = _Scale(min(r[0] for r in rows), max(r[1] for r in rows), left, right)
    up, down = max(r[2] for r in rows), max(r[3] for r in rows)
    unit = height / ((up + down) or 1)
    middle = top + unit * up
    body = _counts(up, down, middle, unit, left, right)
    for low, high, t, c in rows:
        x, w = scale(low), scale(high) - scale(low) - 1.5
        body.append(_bar(x, middle - unit * t, w, unit * t, "blue", f"{tick_text(t)} {treated}", low, high))
        body.append(_bar(x, middle, w, unit * c, "amber", f"{tick_text(c)} {control}", low, high))
    bottom = top + height
    body.append(line(left, middle, right, middle, "zero"))
    body += [label(right, top - 8, treated, "e b", 300), label(right, bottom + 2, control, "e b", 300)]
    for t in ticks(scale.low, scale.high):
        body.append(label(scale(t), bottom + 24, tick_text(t), "s m n"))
    body.append(
        label((left + right) / 2, bottom + 42, f"estimated probability of {treated}", "s m", 500, SMALL)
    )
    return svg.document(WIDTH, bottom + 52, title, body, f"{treated} above the line, {control} below")


def _counts(up: float, down: float, middle: float, unit: float, left: float, right: float) -> list[str]:
    out = []
    step = next((t for t in ticks(0, max(up, down), 3) if t > 0), 1.0)
    for side, most in ((-1, up), (1, down)):
        value = step
        while value <= most:
            y = middle + side * unit * value
            out.append(line(left, y, right, y, "grid"))
            out.append(label(left - 8, y + 4, tick_text(value), "s e n"))
            value += step
    out.append(label(left - 8, middle + 4, "0", "s e n"))
    return out


def _bar(x: float, y: float, w: float, h: float, colour: str, words: str, low: float, high: float) -> str:
    if h <= 0:
        return ""
    tip = f"<title>{html_text(f'{tick_text(low)} to {tick_text(high)}: {words}')}</title>"
    return f"<g>{tip}{rect(x, y, w, h, f'{colour} soft')}</g>"


_STATUS = {
    "pass": ("green", "M-4 0.2l2.8 3 5.2-6.2"),
    "warn": ("amber", "M0-4v4.6M0 3.6v.4"),
    "fail": ("orange", "M-3.4-3.4l6.8 6.8M3.4-3.4l-6.8 6.8"),
    "error": ("purple", "M0-4v4.6M0 3.6v.4"),
    "info": ("grey", "M0-.4v4M0-3.6v.4"),
    "skipped": ("grey", "M-3.6 0h7.2"),
}


def checks_figure(rows: Sequence[CheckMark], title: str = "Checks") -> str:
    """Every check with its status, and the statistic (dot) against its threshold (bar) on a scale of its own."""
    if not rows:
        return ""
    top = 8.0
    body = [rect(0, top + _ROW * i, WIDTH, _ROW, "band") for i in range(0, len(rows), 2)]
    for i, row in enumerate(rows):
        body += _check_row(row, top + _ROW * (i + 0.5))
    told = "; ".join(f"{r.name}: {r.status}" for r in rows)
    return svg.document(WIDTH, top + _ROW * len(rows) + 6, title, body, told)


def _check_row(row: CheckMark, y: float) -> list[str]:
    colour, mark = _STATUS.get(row.status, _STATUS["info"])
    out = [
        circle(18, y, 9, colour),
        f'<path class="on line" d="{mark}" transform="translate(18 {num(y)})" stroke-width="1.9" '
        'stroke-linecap="round" stroke-linejoin="round"/>',
        label(36, y + 4.5, row.name, "", 200),
        label(244, y + 4.5, row.status, "s", 60, SMALL),
        label(WIDTH - 8, y + 4.5, row.text, "s e n", 200, SMALL),
    ]
    if row.statistic is not None and row.threshold:
        out += _gauge(abs(row.statistic), abs(row.threshold), 312, 470, y, colour)
    return out


def _gauge(statistic: float, threshold: float, left: float, right: float, y: float, colour: str) -> list[str]:
    most = max(statistic, threshold * 1.6) or 1.0
    scale = _Scale(0.0, most * 1.05, left, right)
    return [
        line(left, y, right, y, "axis"),
        path(f"M{num(scale(threshold))} {num(y - 7)}v14", "zero line", 2),
        circle(scale(statistic), y, 4.5, colour),
    ]
