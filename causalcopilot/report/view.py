"""What a report holds, before it has a format; Markdown and HTML render the same ``View``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from causalcopilot.domain.facts import Scalar
from causalcopilot.report.prose import Block

Tone = Literal["supported", "fragile", "refuted", "not_identified", "inconclusive", "none"]


@dataclass(frozen=True, slots=True)
class AnswerBox:
    """The answer at a glance.

    Attributes:
        tone: verdict value, ``none`` where the question has no verdict.
        verdict: the verdict in words.
        headline: the number or answer with its reference, empty where there is none.
        interval: the interval with its level.
        scope: quantity, population, contrast.
        why, next: reason of the verdict, what to do.
    """

    tone: Tone
    verdict: str
    headline: tuple[Block, ...]
    interval: tuple[Block, ...]
    scope: str
    why: str
    next: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: headings, rows of cells, which columns are numbers, which rows stand out.

    Attributes:
        caption: what it is and which call it comes from.
        heads: column headings.
        rows: cells as text.
        numeric: indices of the columns set right.
        names: indices of the columns that hold names from the data (set as code).
        strong, faint: indices of rows that stand out, or stand back.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    names: tuple[int, ...] = ()
    strong: tuple[int, ...] = ()
    faint: tuple[int, ...] = ()

    def compact(self) -> Grid:
        """The same table without the columns that say nothing in any row."""
        keep = [i for i in range(len(self.heads)) if i == 0 or any(r[i] not in ("", "–") for r in self.rows)]
        return replace(
            self,
            heads=tuple(self.heads[i] for i in keep),
            rows=tuple(tuple(r[i] for i in keep) for r in self.rows),
            numeric=tuple(n for n, i in enumerate(keep) if i in self.numeric),
            names=tuple(n for n, i in enumerate(keep) if i in self.names),
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing: file name without ending, title, SVG, one line below it."""

    name: str
    title: str
    svg: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report, in the order: prose, notes, figures, tables.

    Attributes:
        id: anchor.
        title: heading.
        prose: checked prose.
        notes: plain lines from results (findings, reasons), escaped by the renderer.
        figures, grids: drawings and tables.
        quiet: whether it may start folded in HTML.
    """

    id: str
    title: str
    prose: tuple[Block, ...] = ()
    notes: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    grids: tuple[Grid, ...] = ()
    quiet: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.prose or self.notes or self.figures or self.grids)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where one fact that is shown comes from.

    Attributes:
        id: ``t4.effect``; the anchor in HTML.
        tool, arguments: the call.
        label, value, unit: the fact in full.
        shown: how the report prints it.
    """

    id: str
    tool: str
    arguments: str
    label: str
    value: Scalar
    low: float | None
    high: float | None
    unit: str
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A report.

    Attributes:
        title: heading, from the question.
        question: the question in words.
        lead: one line below the title (data, rows, columns).
        answer: the answer box, ``None`` for an exploratory report.
        sections: the parts in order, none of them empty.
        evidence: every fact that is cited.
        meta: what differs between two equal runs (ids, times), as name and value.
    """

    title: str
    question: str
    lead: str
    answer: AnswerBox | None
    sections: tuple[Section, ...]
    evidence: tuple[Evidence, ...]
    meta: tuple[tuple[str, str], ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All drawings in order."""
        return tuple(f for s in self.sections for f in s.figures)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All checked prose in order."""
        head = (*self.answer.headline, *self.answer.interval) if self.answer else ()
        return (*head, *(b for s in self.sections for b in s.prose))
