"""Numbers and their intervals for a reader."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from causalcopilot.domain.facts import display, span_format


def counted(count: int, noun: str) -> str:
    """``1 row``, ``2,000 rows``."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def number(value: Any, unit: str = "") -> str:
    """A number for a reader: three significant digits, thousands separated."""
    if value is None:
        return "none"
    size = abs(float(value))
    digits = 0 if size >= 100 else min(6, 2 - math.floor(math.log10(size))) if size > 0 else 0
    text = display(float(value), f",.{digits}f")
    return f"{text} {unit}" if unit else text


def ranged(value: Any, low: Any, high: Any, unit: str = "") -> tuple[str, str]:
    """A number and its interval with the digits that prose gives them; no interval, no second text."""
    if value is None or low is None or high is None:
        return number(value, unit), ""
    spec = span_format(float(low), float(high))
    told, ends = display(float(value), spec), [display(float(v), spec) for v in (low, high)]
    return f"{told} {unit}" if unit else told, f"{ends[0]} to {ends[1]}"


def interval(e: Mapping[str, Any]) -> str:
    """``2.5 to 4.4``, or nothing where there is no interval."""
    if e.get("low") is None or e.get("high") is None:
        return "no interval"
    return f"{e['level']:.0%} interval {ranged(e['value'], e['low'], e['high'])[1]}"


def ends(e: Mapping[str, Any]) -> str:
    """``2.5 to 4.4`` for a cell of a table; empty where there is no interval."""
    return "" if e["low"] is None else f"{number(e['low'])} to {number(e['high'])}"
