"""Checked prose as blocks: paragraphs and list items of plain text, names and facts, some of it bold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from causalcopilot.report.claims import Part, render
from causalcopilot.report.findings import Findings


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a line."""

    part: Part
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a list item."""

    kind: Literal["paragraph", "item"]
    runs: tuple[Run, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Its parts without their weight."""
        return tuple(r.part for r in self.runs)


def say(text: str, findings: Findings) -> tuple[Block, ...]:
    """A narrative with references as blocks; raises ``Untraceable`` where it does not check."""
    return blocks(render(text, findings.facts, findings.names))


def blocks(parts: Sequence[Part]) -> tuple[Block, ...]:
    """Paragraphs (a blank line between them), list items (``-`` or ``*`` at the start of a line), ``**bold**``."""
    out: list[Block] = []
    kind: Literal["paragraph", "item"] = "paragraph"
    runs: list[Run] = []
    bold = False
    for what, part in _tokens(parts):
        if what == "bold":
            bold = not bold
        elif what == "part":
            runs.append(Run(part, bold))
        else:
            out += _closed(kind, runs)
            runs, bold = [], False
            kind = "item" if what == "item" else "paragraph"
    return (*out, *_closed(kind, runs))


_BREAK = re.compile(r"(\n\s*\n\s*[-*] (?!\*)|\n\s*[-*] (?!\*)|\n\s*\n\s*|\*\*)")


def _tokens(parts: Sequence[Part]) -> Iterator[tuple[Literal["bold", "part", "item", "paragraph"], Part]]:
    first = True
    for p in parts:
        if p.kind != "text":
            first = False
            yield "part", p
            continue
        text = "\n" + p.text if first and re.match(r"\s*[-*] (?!\*)", p.text) else p.text
        first = False
        for piece in _BREAK.split(text):
            if piece == "**":
                yield "bold", p
            elif _BREAK.fullmatch(piece):
                yield ("item" if piece.rstrip(" ").endswith(("-", "*")) else "paragraph"), p
            elif piece:
                yield "part", replace(p, text=re.sub(r"\s*\n\s*", " ", piece))


def _closed(kind: Literal["paragraph", "item"], runs: list[Run]) -> list[Block]:
    if not "".join(r.part.text for r in runs).strip():
        return []
    first, last = runs[0], runs[-1]
    if first.part.kind == "text":
        runs[0] = replace(first, part=replace(first.part, text=first.part.text.lstrip()))
    if last.part.kind == "text":
        end = runs[-1].part
        runs[-1] = replace(last, part=replace(end, text=end.text.rstrip()))
    return [Block(kind, tuple(r for r in runs if r.part.text))]
