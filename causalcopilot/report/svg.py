"""What every figure is made of: escaped text, measured text, one style sheet, one document frame.

Figures are self-contained SVG: no scripts, no fonts to load, no links.  Colours are Okabe and Ito's (2008), which
people with any colour vision can tell apart; every meaning a colour has is also carried by shape, place or words.
"""

from __future__ import annotations

from collections.abc import Iterable

from causalcopilot.report.escape import clean, html_text
from causalcopilot.report.styles import stylesheet

WIDTH = 700
FONT = 13.0
SMALL = 11.5
_NARROW = set("iljtfrI.,;:!|'`()[]{}/\\ -")
_WIDE = set("mwMWQOGDHNUKRCAVXYB@%&")


def num(x: float) -> str:
    """A coordinate, short and the same on every machine."""
    text = f"{x:.1f}"
    return text[:-2] if text.endswith(".0") else ("0" if text == "-0.0" else text)


def width_of(text: str, size: float = FONT) -> float:
    """Estimated width in pixels, on the generous side (the reader's font is not known)."""
    units = 0.0
    for c in clean(text):
        if c in _NARROW:
            units += 0.36
        elif c in _WIDE:
            units += 0.78
        elif ord(c) > 0x2E7F:
            units += 1.05
        else:
            units += 0.6
    return units * size


def fit(text: str, width: float, size: float = FONT) -> str:
    """The text, cut with an ellipsis where it is wider than ``width``."""
    text = clean(text)
    if width_of(text, size) <= width:
        return text
    while text and width_of(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def label(
    x: float, y: float, text: str, cls: str = "", width: float | None = None, size: float = FONT
) -> str:
    """A line of text; when it has to be cut, the whole of it is its tooltip."""
    shown = text if width is None else fit(text, width, size)
    tip = f"<title>{html_text(text)}</title>" if shown != clean(text) else ""
    css = f' class="{cls}"' if cls else ""
    return f'<text{css} x="{num(x)}" y="{num(y)}">{tip}{html_text(shown)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, cls: str) -> str:
    """A straight line."""
    return f'<line class="{cls}" x1="{num(x1)}" y1="{num(y1)}" x2="{num(x2)}" y2="{num(y2)}"/>'


def rect(x: float, y: float, w: float, h: float, cls: str, radius: float = 0) -> str:
    """A rectangle."""
    round_ = f' rx="{num(radius)}"' if radius else ""
    return f'<rect class="{cls}" x="{num(x)}" y="{num(y)}" width="{num(w)}" height="{num(h)}"{round_}/>'


def circle(x: float, y: float, r: float, cls: str) -> str:
    """A circle."""
    return f'<circle class="{cls}" cx="{num(x)}" cy="{num(y)}" r="{num(r)}"/>'


def path(d: str, cls: str, width: float | None = None) -> str:
    """A path."""
    stroke = f' stroke-width="{num(width)}"' if width else ""
    return f'<path class="{cls}" d="{d}"{stroke}/>'


def document(width: float, height: float, title: str, body: Iterable[str], description: str = "") -> str:
    """A whole figure; ``title`` and ``description`` are what a screen reader says."""
    told = html_text(f"{title}. {description}" if description else title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ccp" viewBox="0 0 {num(width)} {num(height)}" '
        f'width="{num(width)}" height="{num(height)}" role="img" aria-label="{told}">'
        f"<style>{stylesheet('figure')}</style>{''.join(body)}</svg>"
    )


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers that span ``low`` to ``high``."""
    from math import ceil, floor, log10

    span = high - low
    if not span > 0:
        return [low]
    raw = span / count
    power = 10.0 ** floor(log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first = ceil(low / step - 1e-9)
    last = floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def tick_text(value: float) -> str:
    """A tick's number, with thousands grouped and a typographic minus."""
    text = f"{value:,.10g}" if abs(value) < 1e15 else f"{value:.3g}"
    return text.replace("-", "−")
