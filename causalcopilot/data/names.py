"""Column names: unique, printable, and found again however the user spells them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from causalcopilot.domain.comma_list import quoted
from causalcopilot.domain.profile import Notice
from causalcopilot.errors import ColumnNotFound, nearest

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_ODD = set("\"'`{}[]\\<>")


def printable(name: str) -> str:
    """A name on one line: line breaks, escapes and other control characters become one space."""
    text = _ESCAPES.sub("", name)
    shown = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text)
    return " ".join(shown.split())


def clean_names(raw: Sequence[str]) -> tuple[tuple[str, ...], tuple[Notice, ...]]:
    """Unique printable names in order, and what had to be changed.

    Empty names become ``column_3`` (counting from 1), repeated ones ``income_2``; quotes and braces are kept.
    """
    names: list[str] = []
    empty, repeated, control = [], [], []
    taken = {printable(n) for n in raw}
    seen: set[str] = set()
    for position, original in enumerate(raw, start=1):
        base = printable(original)
        if not base:
            base = f"column_{position}"
            empty.append(base)
        name = _unused(base, seen, taken)
        if name != base:
            repeated.append(name)
        if base != original.strip() and original.strip():
            control.append(name)
        seen.add(name)
        names.append(name)
    return tuple(names), _notices(names, empty, repeated, control)


def _unused(base: str, seen: set[str], taken: set[str]) -> str:
    if base not in seen:
        return base
    k = 2
    while f"{base}_{k}" in seen or f"{base}_{k}" in taken:
        k += 1
    return f"{base}_{k}"


def _notices(
    names: list[str], empty: list[str], repeated: list[str], control: list[str]
) -> tuple[Notice, ...]:
    odd = [n for n in names if _ODD & set(n)]
    groups = (
        ("empty_names", "without a name, now called", empty),
        ("duplicate_names", "with a name used before, now called", repeated),
        ("control_names", "with line breaks or control characters in the name, now called", control),
        ("odd_names", "with quotes or brackets in the name, kept as they are:", odd),
    )
    return tuple(_notice(code, text, columns) for code, text, columns in groups if columns)


def _notice(code: str, text: str, columns: list[str]) -> Notice:
    message = f"{counted(len(columns), 'column')} {text} {listed(columns)}"
    return Notice(code, message, tuple(columns), "read")


def counted(count: int, noun: str) -> str:
    """``1 row``, ``2,000 rows``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(columns: Sequence[str], most: int = 5) -> str:
    """Names for a message, at most ``most`` of them."""
    head = ", ".join(columns[:most])
    return head if len(columns) <= most else f"{head} and {len(columns) - most:,} more"


def resolve(name: str, columns: Sequence[str]) -> str:
    """The column meant by ``name``: exact, else the only one that differs in case or line breaks.

    Raises:
        ColumnNotFound: no such column, or several; the hint names the nearest.
    """
    if name in columns:
        return name
    key = printable(name).casefold()
    hits = [c for c in columns if c.casefold() == key]
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise ColumnNotFound(f"column {name!r} is ambiguous", f"did you mean {_or(hits)}?")
    near = nearest(name, list(columns))
    hint = f"did you mean {_or(near)}?" if near else f"the table has {listed(list(columns), 8)}"
    raise ColumnNotFound(f"no column {name!r} in the table", hint)


def _or(names: Sequence[str]) -> str:
    return " or ".join(quoted(name) for name in names)
