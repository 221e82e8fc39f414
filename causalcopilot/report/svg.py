"""What every figure is made of: escaped text, measured text, one style sheet, one document frame.

Figures are self-contained SVG: no scripts, no fonts to load, no links.  Colours are Okabe and Ito's (2008), which
people with any colour vision can tell apart; every meaning a colour has is also carried by shape, place or words.
"""

from __future__ import annotations

from collections.abc import Iterable

from causalcopilot.report.escape import clean, html_text

WIDTH = 700
FONT = 13.0
SMALL = 11.5
_NARROW = set("iljtfrI.,;:!|'`()[]{}/\\ -")
_WIDE = set("mwMWQOGDHNUKRCAVXYB@%&")

STYLE = """
.ccp text{font-family:system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:13px;fill:#1f2933}
.ccp .s{font-size:11.5px;fill:#55616b}
.ccp .b{font-weight:600}
.ccp .e{text-anchor:end}
.ccp .m{text-anchor:middle}
.ccp .n{font-variant-numeric:tabular-nums}
.ccp .grid{stroke:#e3e8ec;stroke-width:1}
.ccp .axis{stroke:#8a96a0;stroke-width:1}
.ccp .zero{stroke:#3b4650;stroke-width:1.2}
.ccp .dash{stroke-dasharray:4 3}
.ccp .band{fill:#f3f6f8}
.ccp .blue{fill:#0072b2;stroke:#0072b2}
.ccp .orange{fill:#d55e00;stroke:#d55e00}
.ccp .green{fill:#00805c;stroke:#00805c}
.ccp .amber{fill:#c98a00;stroke:#c98a00}
.ccp .grey{fill:#7b8791;stroke:#7b8791}
.ccp .purple{fill:#a8518a;stroke:#a8518a}
.ccp .hollow{fill:#fff}
.ccp .line{fill:none}
.ccp .soft{fill-opacity:.55;stroke:none}
.ccp .on{fill:#fff;stroke:#fff}
.ccp .node{fill:#f6f7f8;stroke:#7b8791;stroke-width:1.2}
.ccp .treatment{fill:#e1eef8;stroke:#0072b2;stroke-width:1.6}
.ccp .outcome{fill:#fdeadd;stroke:#d55e00;stroke-width:1.6}
.ccp .latent{fill:none;stroke:#55616b;stroke-dasharray:5 3}
.ccp .edge{fill:none;stroke:#4a5660;stroke-width:1.5;stroke-linecap:round}
.ccp .head{fill:#4a5660;stroke:none}
.ccp .ring{fill:#fff;stroke:#4a5660;stroke-width:1.5}
.ccp .path .edge{stroke:#d55e00;stroke-width:2.4}
.ccp .path .head{fill:#d55e00}
.ccp .path .ring{stroke:#d55e00}
@media (prefers-color-scheme:dark){
.ccp text{fill:#e4e8eb}
.ccp .s{fill:#a5b0b9}
.ccp .grid{stroke:#323b43}
.ccp .axis{stroke:#76828c}
.ccp .zero{stroke:#c3ccd3}
.ccp .band{fill:#1f262c}
.ccp .blue{fill:#56b4e9;stroke:#56b4e9}
.ccp .orange{fill:#f08a3c;stroke:#f08a3c}
.ccp .green{fill:#2fc09a;stroke:#2fc09a}
.ccp .amber{fill:#e6b422;stroke:#e6b422}
.ccp .grey{fill:#8d99a3;stroke:#8d99a3}
.ccp .purple{fill:#d694bf;stroke:#d694bf}
.ccp .hollow,.ccp .ring{fill:#14191d}
.ccp .line{fill:none}
.ccp .on{fill:#14191d;stroke:#14191d}
.ccp .node{fill:#222a30;stroke:#8d99a3}
.ccp .treatment{fill:#12344b;stroke:#56b4e9}
.ccp .outcome{fill:#482a14;stroke:#f08a3c}
.ccp .latent{fill:none;stroke:#a5b0b9}
.ccp .edge{stroke:#b3bdc5}
.ccp .head{fill:#b3bdc5}
.ccp .ring{stroke:#b3bdc5}
.ccp .path .edge{stroke:#f08a3c}
.ccp .path .head{fill:#f08a3c}
.ccp .path .ring{stroke:#f08a3c}
}
""".replace("\n", "")


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
        f"<style>{STYLE}</style>{''.join(body)}</svg>"
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
