"""Reading a delimited text file into DuckDB, every cell as text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from causalcopilot.data.engine import first_row, glob_safe, literal, one_line
from causalcopilot.data.names import counted
from causalcopilot.data.text_file import NAMES, Layout, layout, normalised, to_utf8, without_header
from causalcopilot.domain.profile import Notice
from causalcopilot.errors import DataError
from causalcopilot.interrupts import interruptible

if TYPE_CHECKING:
    import duckdb

MAX_LINE = 1 << 26  # bytes of one record


def load_delimited(
    con: duckdb.DuckDBPyConnection, path: Path, scratch: Path, *, encoding: str | None, delimiter: str | None
) -> tuple[Layout, tuple[Notice, ...]]:
    """Make the temporary table ``raw`` with text columns ``c0``, ``c1`` … and return the layout.

    Short records are filled with missing cells; records with too many cells are left out; both are told.

    Raises:
        DataError: no table can be made of the file.
    """
    text, told = to_utf8(path, scratch, encoding)
    found = layout(text, delimiter)
    notices = [*told, *_layout_notices(found)]
    try:
        _read(con, _rows_of(text, found, scratch), found)
    except DataError:
        rows = _rows_of(normalised(text, scratch), found, scratch)
        try:
            _read(con, rows, found)
        except DataError:
            notices += _read_ragged(con, rows, found)
    return found, tuple(notices)


def _rows_of(text: Path, found: Layout, scratch: Path) -> tuple[Path, int]:
    """A file and the lines to skip; more than one is cut off here, as the engine counts lines in its own way."""
    return (text, found.skip) if found.skip <= 1 else (without_header(text, scratch, found.skip), 0)


def _layout_notices(found: Layout) -> list[Notice]:
    out = []
    if found.delimiter != ",":
        name = NAMES.get(found.delimiter, repr(found.delimiter))
        out.append(Notice("delimiter", f"cells are separated by {name}", (), "read"))
    if not found.named:
        out.append(
            Notice("no_header", "the first row holds numbers, so columns are called column_1 …", (), "read")
        )
    return out


def _read(
    con: duckdb.DuckDBPyConnection, rows: tuple[Path, int], found: Layout, extra: Sequence[str] = ()
) -> None:
    import duckdb

    path, skip = rows
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(found.header)))
    options = [
        "auto_detect = false",
        "header = false",
        f"columns = {{{columns}}}",
        f"skip = {skip}",
        f"delim = {literal(found.delimiter)}",
        f"quote = {literal(found.quote)}",
        f"escape = {literal(found.escape if found.quote else '')}",
        "nullstr = ''",
        f"max_line_size = {MAX_LINE}",
        f"buffer_size = {2 * MAX_LINE}",
    ]
    source = f"read_csv({literal(glob_safe(str(path)))}, {', '.join([*options, *extra])})"
    try:
        with interruptible():
            con.execute(f"CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM {source}")
    except duckdb.Error as e:
        raise DataError(
            f"{path.name} cannot be read as a table: {one_line(e)}", "check delimiter and quotes"
        ) from e


def _read_ragged(con: duckdb.DuckDBPyConnection, rows: tuple[Path, int], found: Layout) -> list[Notice]:
    """Read what fits: once to count records that are too short, once to fill them."""
    lenient = ("parallel = false", "ignore_errors = true", "store_rejects = true")
    _read(con, rows, found, lenient)
    bad = "SELECT count(DISTINCT line) FROM reject_errors"
    (short,) = first_row(con, f"{bad} WHERE error_type = 'MISSING COLUMNS'")
    con.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")
    _read(con, rows, found, ("null_padding = true", *lenient))
    (dropped,) = first_row(con, bad)
    (kept,) = first_row(con, "SELECT count(*) FROM raw")
    if dropped > kept:
        raise DataError(
            f"{dropped:,} of {dropped + kept:,} rows do not fit the header",
            "check the delimiter and that the first line holds the column names",
        )
    out = []
    if short:
        text = f"{counted(short, 'row')} with too few cells, filled with missing values"
        out.append(Notice("short_rows", text, (), "read"))
    if dropped:
        text = f"{counted(dropped, 'row')} left out: more cells than the header, or broken quotes"
        out.append(Notice("dropped_rows", text, (), "read"))
    return out
