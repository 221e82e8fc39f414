"""Paragraphs and tables, as wide as the terminal allows; 80 columns where there is none."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from causalcopilot.cli.terminal import width

NARROW = 14
"""Letters the last column of a table has at least, where one of its words is as long."""


def wrap(text: str, indent: str = "", hang: str | None = None) -> str:
    """A paragraph, as wide as the terminal."""
    return textwrap.fill(
        text,
        width(),
        initial_indent=indent,
        subsequent_indent=indent if hang is None else hang,
        break_long_words=False,
    )


def paragraph(text: str) -> str:
    """One paragraph of a narrative for a terminal: lists keep their lines, bold marks go."""
    plain = text.replace("**", "")
    if plain.startswith("- "):
        return "\n".join(wrap(line, "", "  ") for line in plain.split("\n"))
    return wrap(plain)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Left-aligned columns with two spaces between them; the last one wraps, into what is left of the line."""
    body = [tuple(map(str, r)) for r in rows]
    wide = [max(len(r[i]) for r in (tuple(head), *body)) for i in range(len(head))]
    left = sum(wide[:-1]) + 2 * (len(head) - 1)
    longest = max((len(w) for r in (tuple(head), *body) for w in r[-1].split()), default=0)
    room = max(min(NARROW, longest), width() - left)
    lines = []
    for row in (tuple(head), *body):
        start = "  ".join(cell.ljust(w) for cell, w in zip(row[:-1], wide[:-1], strict=True))
        tail = textwrap.wrap(row[-1], room) or [""]
        lines.append(f"{start}  {tail[0]}".rstrip() if len(row) > 1 else tail[0])
        lines += [" " * left + t for t in tail[1:]]
    return "\n".join(lines)
