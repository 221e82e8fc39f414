"""What a table looks like before anyone asks it anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.knowledge import ColumnType

MadeHow = Literal["function", "product", "sum", "difference", "ratio"]
NoticeKind = Literal["read", "data", "knowledge"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing the user should know about how the table was read or what is odd in it."""

    code: str
    message: str
    columns: tuple[str, ...] = ()
    kind: NoticeKind = "data"


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column, in its own unit.

    Attributes:
        name, type, unit, meaning: as read, or as the knowledge says.
        storage: ``number``, ``text``, ``boolean``, ``date``.
        missing: rows without a value.
        distinct: distinct values.
        mean, std, skew: moments of a numeric column (its codes when binary), else ``None``.
        low, high: 1 % and 99 % quantiles of a numeric column, else ``None`` (never the extremes: privacy).
        minimum, maximum: extremes, for local use only; never sent to a model.
        levels: (label, count) of a binary, nominal or ordinal column, most frequent first, at most 20.
        median: of a numeric column, else ``None``.
    """

    name: str
    type: ColumnType
    storage: Literal["number", "text", "boolean", "date"]
    missing: int
    distinct: int
    unit: str = ""
    meaning: str = ""
    mean: float | None = None
    std: float | None = None
    skew: float | None = None
    low: float | None = None
    high: float | None = None
    minimum: Scalar = None
    maximum: Scalar = None
    levels: tuple[tuple[str, int], ...] = ()
    median: float | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """One column that follows exactly from others.

    Attributes:
        name: the column.
        parts: the one or two columns it was made from.
        how: ``function`` of one, or ``product``, ``sum``, ``difference`` or ``ratio`` of two.
    """

    name: str
    parts: tuple[str, ...]
    how: MadeHow


@dataclass(frozen=True, slots=True)
class Profile:
    """A table at a glance; everything a tool's ``applies`` may look at.

    Attributes:
        name: how the user calls the data (file name, ``dataset:nhefs``).
        hash: content hash, ``sha256:…``.
        rows: number of rows.
        columns: one profile per column, in table order.
        duplicate_rows: rows that repeat an earlier row exactly.
        complete_rows: rows without a missing value.
        constants: columns with a single value.
        identifiers: identifier-like columns.
        collinear: groups of numeric columns that (nearly) determine one another.
        made: columns that were computed from others, each with what it was made from.
        time_columns, unit_columns: candidates for the time and the unit of a panel.
        notices: everything worth saying.
    """

    name: str
    hash: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    duplicate_rows: int = 0
    complete_rows: int = 0
    constants: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    collinear: tuple[tuple[str, ...], ...] = ()
    made: tuple[Made, ...] = ()
    time_columns: tuple[str, ...] = ()
    unit_columns: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()

    def column(self, name: str) -> ColumnProfile:
        """The profile of one column; ``KeyError`` if the table has none of that name."""
        for c in self.columns:
            if c.name == name:
                return c
        raise KeyError(name)

    def made_from(self, name: str) -> frozenset[str]:
        """Columns computed from this one, or from what was computed from it."""
        found: set[str] = set()
        todo = [name]
        while todo:
            part = todo.pop()
            new = {m.name for m in self.made if part in m.parts} - found - {name}
            found |= new
            todo += new
        return frozenset(found)

    def of_time(self, name: str) -> bool:
        """Whether a column tells the time, or says the same as one that does (a trend, a year squared)."""
        times = set(self.time_columns)
        return name in times or any(
            m.how == "function"
            and {m.name, m.parts[0]} & times
            and name in (m.name, m.parts[0])
            and Made(m.parts[0], (m.name,), "function") in self.made
            for m in self.made
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in table order."""
        return tuple(c.name for c in self.columns)
