"""Python tables (DataFrame, Excel sheet, Stata file) as plain arrays that DuckDB can scan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.profile import Notice
from causalcopilot.errors import DataError

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pandas as pd

    Array = np.ndarray[Any, Any]


def load_arrays(con: duckdb.DuckDBPyConnection, arrays: Sequence[Array]) -> None:
    """Make the temporary table ``raw`` with columns ``c0``, ``c1`` … of equal length."""
    con.execute("SET pandas_analyze_sample = 0")  # object columns are text, whatever the first rows hold
    con.register("arrays", {f"c{i}": _scannable(a) for i, a in enumerate(arrays)})
    con.execute("CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM arrays")
    con.unregister("arrays")


def _scannable(array: Array) -> Array:
    """Contiguous, in native byte order and no wider than 64 bits, as the engine's scan needs it."""
    import numpy as np

    if array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8):
        array = array.astype(np.float64)
    return np.ascontiguousarray(array, array.dtype.newbyteorder("="))


def frame_arrays(frame: pd.DataFrame) -> tuple[tuple[str, ...], list[Array], tuple[Notice, ...]]:
    """Names and columns of a DataFrame; the frame itself is only read.

    A named index or an index of several levels is data that would be lost: it is told, not guessed at.
    """
    names = tuple(_frame_name(c) for c in frame.columns)
    arrays = [_series(frame.iloc[:, i]) for i in range(frame.shape[1])]
    notices: tuple[Notice, ...] = ()
    if frame.index.nlevels > 1 or frame.index.name is not None:
        text = "the index of the DataFrame is not part of the table (reset_index() makes it a column)"
        notices = (Notice("index", text, (), "read"),)
    return names, arrays, notices


def _frame_name(name: object) -> str:
    return "_".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else str(name)


def _series(column: pd.Series) -> Array:
    import numpy as np
    import pandas as pd

    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return _series(pd.Series(column.astype(kind.categories.dtype)))
    if isinstance(kind, pd.PeriodDtype):
        return _series(column.dt.to_timestamp())
    if isinstance(kind, pd.DatetimeTZDtype):
        return np.asarray(column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(), "datetime64[us]")
    if pd.api.types.is_datetime64_dtype(kind):
        return np.asarray(column.to_numpy(), "datetime64[us]")
    if pd.api.types.is_timedelta64_dtype(kind):
        return np.asarray(column.dt.total_seconds().to_numpy(), float)
    if pd.api.types.is_bool_dtype(kind) and not column.isna().any():
        return np.asarray(column.to_numpy(), bool)
    if pd.api.types.is_complex_dtype(kind):
        return text_array(column.tolist())
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind):
        return _numbers(column)
    return value_array(column.astype(object).where(column.notna(), None).tolist())


def _numbers(column: pd.Series) -> Array:
    import numpy as np

    if column.isna().any():
        single = str(column.dtype).lower() == "float32"
        return np.asarray(column.to_numpy(np.float32 if single else float, na_value=np.nan))
    return np.asarray(column.to_numpy())


def value_array(values: list[Any]) -> Array:
    """A list of Python values (``None`` where missing) as one array of one kind."""
    import datetime
    from numbers import Real

    import numpy as np

    present = [v for v in values if v is not None]
    if present and all(isinstance(v, bool | np.bool_) for v in present):
        return text_array(values)
    if present and all(isinstance(v, Real) and not isinstance(v, bool) for v in present):
        if len(present) == len(values) and all(isinstance(v, int) and abs(v) < 2**63 for v in present):
            return np.asarray(values, np.int64)
        return np.asarray([np.nan if v is None else float(v) for v in values])
    if present and all(isinstance(v, datetime.date) for v in present):
        return np.asarray([_moment(v) for v in values], "datetime64[us]")
    return text_array(values)


def _moment(value: Any) -> Any:
    import datetime

    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.astimezone(datetime.UTC).replace(tzinfo=None)
    return value


def text_array(values: list[Any]) -> Array:
    """Values as text objects, ``None`` where missing."""
    import numpy as np

    out = np.empty(len(values), object)
    out[:] = [_cell_text(v) for v in values]
    return out


def _cell_text(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and value != value):
        return None
    text = value if isinstance(value, str) else str(value)
    return text.encode("utf-8", errors="replace").decode("utf-8")  # half characters cannot be stored


def excel_arrays(path: Path) -> tuple[tuple[str, ...], list[Array], tuple[Notice, ...]]:
    """Names and columns of the first sheet that holds anything.

    Raises:
        DataError: no workbook, or no table in it.
    """
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as e:  # openpyxl raises many kinds for damaged files
        raise DataError(f"{path.name} is no Excel workbook", "save it as .xlsx or .csv") from e
    sheets = [s for s in book.worksheets if s.max_row]
    for sheet in sheets:
        rows = [list(r) for r in sheet.iter_rows(values_only=True)]
        rows = [r for r in rows if any(v is not None for v in r)]
        if rows:
            names, arrays = _grid(rows)
            text = f"read sheet {sheet.title!r} of {len(sheets)}"
            book.close()
            return names, arrays, (Notice("sheet", text, (), "read"),) if len(sheets) > 1 else ()
    raise DataError(f"{path.name} is empty", "give a sheet with a header line and at least one row")


def _grid(rows: list[list[Any]]) -> tuple[tuple[str, ...], list[Array]]:
    width = max(len(r) for r in rows)
    while width and all(len(r) < width or r[width - 1] is None for r in rows):
        width -= 1
    filled = [(r + [None] * width)[:width] for r in rows]
    names = tuple("" if v is None else str(v) for v in filled[0])
    return names, [value_array([r[j] for r in filled[1:]]) for j in range(width)]
