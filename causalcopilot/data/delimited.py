"""Reading a delimited text file into DuckDB, every cell as text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from causalcopilot.data.engine import first_row, glob_safe, literal, one_line
from causalcopilot.data.text_file import NAMES, Layout, layout, to_utf8
from causalcopilot.domain.profile import Notice
from causalcopilot.errors import DataError

if TYPE_CHECKING:
    import duckdb

MAX_LINE = 1 << 26  # bytes of one record


def load_delimited(
    con: duckdb.DuckDBPyConnection, path: Path, scratch: Path, *, encoding: str | None, delimiter: str | None
) -> tuple[tuple[str, ...], tuple[Notice, ...]]:
    """Make the temporary table ``raw`` with text columns ``c0``, ``c1`` … and return the raw names.

    Short records are filled with missing cells; records with too many cells are left out; both are told.

    Raises:
        DataError: no table can be made of the file.
    """
    text, told = to_utf8(path, scratch, encoding)
    found = layout(text, delimiter)
    notices = [*told, *_layout_notices(found)]
    try:
        _read(con, text, found, strict=True)
    except DataError:
        _read(con, text, found, strict=False)
        notices += _ragged(con)
    return found.header, tuple(notices)


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


def _read(con: duckdb.DuckDBPyConnection, path: Path, found: Layout, *, strict: bool) -> None:
    import duckdb

    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(found.header)))
    options = [
        "auto_detect = false",
        "header = false",
        f"columns = {{{columns}}}",
        f"skip = {found.skip}",
        f"delim = {literal(found.delimiter)}",
        f"quote = {literal(found.quote)}",
        f"escape = {literal(found.escape if found.quote else '')}",
        "nullstr = ''",
        f"max_line_size = {MAX_LINE}",
        f"buffer_size = {2 * MAX_LINE}",
    ]
    if not strict:
        options += ["null_padding = true", "parallel = false", "ignore_errors = true", "store_rejects = true"]
    source = f"read_csv({literal(glob_safe(str(path)))}, {', '.join(options)})"
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM {source}")
    except duckdb.Error as e:
        raise DataError(
            f"{path.name} cannot be read as a table: {one_line(e)}", "check delimiter and quotes"
        ) from e


def _ragged(con: duckdb.DuckDBPyConnection) -> list[Notice]:
    (dropped,) = first_row(con, "SELECT count(DISTINCT line) FROM reject_errors")
    (kept,) = first_row(con, "SELECT count(*) FROM raw")
    if dropped > kept:
        raise DataError(
            f"{dropped:,} of {dropped + kept:,} rows do not fit the header",
            "check the delimiter and that the first line holds the column names",
        )
    out = [Notice("ragged_rows", "rows with too few cells were filled with missing values", (), "read")]
    if dropped:
        text = f"{dropped:,} rows that do not fit the header were left out"
        out.append(Notice("dropped_rows", text, (), "read"))
    return out
