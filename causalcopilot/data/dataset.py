"""A table the tools can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.knowledge import ColumnType

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Array = np.ndarray[Any, Any]

_ARRAYS: dict[tuple[str, str], dict[int, Any]] = {}  # one table per process: (hash, path) to its columns


@dataclass(frozen=True, slots=True)
class DataRef:
    """Where the (already read and normalised) table lies; all a worker needs.

    Attributes:
        path: a Parquet file: the snapshot in the run's scratch folder, or the user's own file.  Its columns
            stand in the order of ``columns``; names are those of ``columns``.
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
    """A typed, read-only table in the user's units; picklable, and readable in any process."""

    ref: DataRef

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in table order."""
        return tuple(name for name, _ in self.ref.columns)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.ref.rows

    def type_of(self, name: str) -> ColumnType:
        """The type of one column; raises ``ColumnNotFound``."""
        return dict(self.ref.columns)[self.resolve(name)]

    def resolve(self, name: str) -> str:
        """The column meant by ``name``: exact, else the only one that differs in case; else ``ColumnNotFound``."""
        from causalcopilot.data.names import resolve

        return resolve(name, self.columns)

    def frame(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The named columns (all by default) as a new DataFrame; changing it changes nothing else.

        Numbers are float64 with NaN, or int64 where whole and complete; booleans are 0 and 1; text is ``str``
        with NaN; dates are datetime64.

        Raises:
            ColumnNotFound: a name is not in the table.
        """
        import pandas as pd

        names = self.columns if columns is None else tuple(self.resolve(c) for c in columns)
        arrays = self._arrays([self.columns.index(n) for n in names])
        frame = pd.DataFrame({i: pd.Series(_plain(a)) for i, a in enumerate(arrays)}, index=range(self.rows))
        frame.columns = pd.Index(list(names), dtype=object)
        return frame

    def _arrays(self, positions: Sequence[int]) -> list[Array]:
        """Columns by position, read at most once per process."""
        from causalcopilot.data import engine

        key = (self.ref.hash, self.ref.path)
        if key not in _ARRAYS:
            _ARRAYS.clear()
            _ARRAYS[key] = {}
        held = _ARRAYS[key]
        absent = [p for p in dict.fromkeys(positions) if p not in held]
        if absent:
            with engine.connect() as con:
                relation = engine.parquet(self.ref.path)
                stored = [name for name, _ in engine.stored_columns(con, relation)]
                fetched = engine.fetch(con, relation, [stored[p] for p in absent])
                held.update((p, array) for p, (_, array) in zip(absent, fetched, strict=True))
        return [held[p] for p in positions]


def _plain(array: Array) -> Array:
    """A fetched array as the frame holds it; always a copy."""
    import numpy as np

    from causalcopilot.data.describe import split

    values, missing = split(array)
    gaps = bool(missing.any())
    if values.dtype.kind == "O":
        out = values.astype(object)
        out[missing] = np.nan
        return out
    if values.dtype.kind == "M":
        out = values.astype("datetime64[us]")
        out[missing] = np.datetime64("NaT")
        return out
    if values.dtype.kind == "f" or gaps:
        out = values.astype(np.float64)
        out[missing] = np.nan
        return out
    return values.astype(np.int64)
