"""How a table is to be read, and what comes back from opening it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from causalcopilot.data.dataset import Dataset
from causalcopilot.domain.knowledge import ColumnType
from causalcopilot.domain.profile import Notice

NULL_TOKENS = (
    *("", "NA", "N/A", "n/a", "NaN", "nan", "NAN", "null", "NULL", "Null", "None", ".", "?"),
    *("#N/A", "#NA", "<NA>", "NaT", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"),
)
MAX_COLUMNS = 1_000
"""Widest table that is opened whole; wider ones need the columns of interest."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Overrides for what is otherwise detected.

    Attributes:
        encoding: Python codec name; ``None`` detects UTF-8, UTF-16, UTF-32 and Windows-1252.
        delimiter: one character; ``None`` detects ``,`` ``;`` tab and ``|``.
        decimal: ``.`` or ``,``; ``None`` detects it column by column.
        null_tokens: text cells that mean "missing", compared exactly after trimming; ``-9`` may be one.
        types: column types by name; knowledge types are overridden by these.
        max_columns: widest table opened without a choice of columns.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    null_tokens: tuple[str, ...] = NULL_TOKENS
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    max_columns: int = MAX_COLUMNS


@dataclass(frozen=True)
class Opened:
    """An opened table.

    Attributes:
        dataset: the table.
        notices: what the reader had to decide or repair.
        available: every column name of the source, also those that were not read.
    """

    dataset: Dataset
    notices: tuple[Notice, ...] = ()
    available: tuple[str, ...] = ()
