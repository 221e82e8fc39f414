"""A table the tools can read."""

from __future__ import annotations

from dataclasses import dataclass

from causalcopilot.domain.knowledge import ColumnType


@dataclass(frozen=True, slots=True)
class DataRef:
    """Where the (already read and normalised) table lies; all a worker needs.

    Attributes:
        path: a Parquet file: the snapshot in the run's scratch folder, or the user's own file.
        name: how the user calls it.
        hash: content hash over values and column names in order, ``sha256:…``.
        rows: number of rows.
        columns: name and type of each column in order.
    """

    path: str
    name: str
    hash: str
    rows: int
    columns: tuple[tuple[str, ColumnType], ...]


@dataclass(frozen=True)
class Dataset:
    """A typed, read-only table in the user's units."""

    ref: DataRef
