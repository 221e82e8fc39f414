"""Facts: the only values a narrative may show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import floor, log10

Scalar = float | int | str | bool | None

KEY = re.compile(r"^[a-z0-9_]+(\.[a-z0-9_]+)*$")


@dataclass(frozen=True, slots=True)
class Fact:
    """One value with what it takes to print it truthfully.

    Attributes:
        key: flat key of ``a-z 0-9 _ .``; addressed as ``t4.effect`` where ``t4`` is the call.
        value: the value itself, unrounded; ``None`` where a result does not exist.
        label: what the value is, in words (``effect of qsmk on wt82_71``).
        unit: unit of the value (``kg``, ``percentage points``), empty where it has none.
        subject: the column, graph or check the value speaks about.
        format: Python format specification for display (``.2f``, ``,d``, ``.0%``), empty for text.
        low: lower end of the interval, in the value's unit.
        high: upper end of the interval, in the value's unit.
    """

    key: str
    value: Scalar
    label: str = ""
    unit: str = ""
    subject: str = ""
    format: str = ""
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if not KEY.match(self.key):
            raise ValueError(f"fact key {self.key!r} may hold only a-z, 0-9, _ and .")

    def text(self, spec: str | None = None) -> str:
        """The value as a reader sees it, without its unit."""
        return display(self.value, self.format if spec is None else spec)


def span_format(low: float, high: float) -> str:
    """Digits for a number with a 95 % interval: two of its error, and no end that is not zero shows as zero."""
    error = abs(high - low) / 3.92
    if not 0.0 < error < float("inf"):
        return ",.3g"
    digits = max(0, 1 - floor(log10(error)))
    if digits > 6:
        return ".3g"
    while digits < 6 and any(v and round(v, digits) == 0 for v in (low, high)):
        digits += 1
    return f",.{digits}f"


_EXPONENT = re.compile(r"(?<![\w.])-?\d(?:\.\d+)?e[+-]\d{2}(?!\w)")
_READABLE = 12
"""Digits up to which a number is written out; beyond, its exponent is easier to read."""


UNREADABLE = 10.0**15
"""From here on a number has more digits than floating point holds: its exponent is shown."""


def plain(text: str) -> str:
    """A text with its numbers written out: ``-1.45e+03`` as ``-1,450``; very large and small ones stay."""

    def out(m: re.Match[str]) -> str:
        power = int(m[0].rpartition("e")[2])
        if not -5 <= power <= _READABLE:
            return m[0]
        digits = len(m[0].partition("e")[0].partition(".")[2])
        return f"{float(m[0]):,.{max(0, digits - power)}f}"

    return _EXPONENT.sub(out, text)


def display_level(value: Scalar) -> str:
    """One value of a column for a reader, as it stands in the table: a truth value is ``True`` or ``False``."""
    return str(value) if isinstance(value, bool) else display(value)


def display(value: Scalar, spec: str = "") -> str:
    """Format one value for a reader; ``None`` and text pass through, minus signs are typographic."""
    if value is None:
        return "not available"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if value != value or value in (float("inf"), float("-inf")):
        return "not finite"
    if spec.endswith("d"):
        value = round(value)
    elif abs(value) >= UNREADABLE:
        spec = ".4g"
    text = plain(format(value, spec) if spec else f"{value:.4g}")
    if re.fullmatch(r"-[0.,]*0%?", text):
        text = text[1:]
    return text.replace("-", "−") if text.startswith("-") else text
