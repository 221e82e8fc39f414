"""One reader per kind of source; each leaves relation ``raw`` in the database and returns the raw names."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.data import engine
from causalcopilot.data.arrays import excel_arrays, frame_arrays, load_arrays
from causalcopilot.data.delimited import load_delimited
from causalcopilot.data.options import ReadOptions
from causalcopilot.domain.profile import Notice
from causalcopilot.errors import DataError, UsageError, nearest
from causalcopilot.interrupts import interruptible

if TYPE_CHECKING:
    import duckdb

MAX_OBJECT = 1 << 26  # bytes of one JSON line
FORMATS = "give CSV, TSV, Parquet, JSON lines, Excel (.xlsx), Stata (.dta) or file.duckdb::table"
_KINDS = {
    ".csv": "text",
    ".tsv": "text",
    ".tab": "text",
    ".txt": "text",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".dta": "stata",
    ".duckdb": "database",
    ".ddb": "database",
    ".xls": "unknown",
    ".rds": "unknown",
    ".rdata": "unknown",
    ".sav": "unknown",
    ".sas7bdat": "unknown",
    ".pkl": "unknown",
    ".zip": "unknown",
}


@dataclass(frozen=True, slots=True)
class Raw:
    """A source loaded as relation ``raw``.

    Attributes:
        label: how the user calls it.
        names: column names as they stand in the source.
        notices: what the reader had to decide.
        parquet: the user's own Parquet file, if that is what ``raw`` views.
        semicolons: cells were separated by semicolons, as where the comma marks decimals.
    """

    label: str
    names: tuple[str, ...]
    notices: tuple[Notice, ...] = ()
    parquet: Path | None = None
    semicolons: bool = False


def load_file(con: duckdb.DuckDBPyConnection, path: Path, scratch: Path, options: ReadOptions) -> Raw:
    """A file, by its first bytes and its suffix.

    Raises:
        DataError: missing, empty, a folder, unreadable or of no known kind.
    """
    _require(path)
    if path.suffix.lower() == ".gz":
        path = _unzipped(path, scratch)
    kind = _kind(path)
    if kind == "parquet":
        return _load_parquet(con, path)
    if kind == "json":
        return _load_json(con, path)
    if kind == "database":
        return load_database(con, path, "", scratch)
    if kind in ("excel", "stata"):
        return _load_arrays(con, path, kind)
    delimiter = options.delimiter
    found, notices = load_delimited(con, path, scratch, encoding=options.encoding, delimiter=delimiter)
    return Raw(path.name, found.header, notices, semicolons=found.delimiter == ";")


def _require(path: Path) -> None:
    try:
        missing = not path.exists()
    except (OSError, ValueError):  # a name too long or with a NUL is no file either
        missing = True
    if missing:
        near = nearest(path.name, [p.name for p in path.parent.iterdir()]) if path.parent.is_dir() else []
        hint = (
            f"did you mean {path.parent / near[0]}?"
            if near
            else "check the path; ccp datasets list shows bundled tables"
        )
        raise DataError(f"no file {str(path)!r}", hint)
    if path.is_dir():
        raise DataError(f"{path} is a folder", "give one file")
    try:
        with path.open("rb") as f:
            empty = not f.read(1)
    except OSError as e:
        raise DataError(f"{path} cannot be opened: {e.strerror or e}", "check its permissions") from e
    if empty:
        raise DataError(f"{path.name} is empty", "give a table with a header line and at least one row")


def _unzipped(path: Path, scratch: Path) -> Path:
    target = scratch / path.stem
    try:
        with gzip.open(path) as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy)
    except (OSError, EOFError) as e:
        raise DataError(f"{path.name} is no gzip file", FORMATS) from e
    return target


def _kind(path: Path) -> str:
    """The format: contents where they are unmistakable, else the suffix, else delimited text."""
    with path.open("rb") as f:
        head = f.read(64)
    suffix = _KINDS.get(path.suffix.lower(), "")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head[8:12] == b"DUCK":
        return "database"
    if head.startswith(b"PK\x03\x04") and suffix in ("excel", "text", ""):
        return "excel"
    if head.startswith(b"<stata_dta>"):
        return "stata"
    if suffix == "unknown":
        raise DataError(f"{path.name}: files of kind {path.suffix} are not read", FORMATS)
    if not suffix and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[{")):
        return "json"
    return suffix or "text"


def _load_parquet(con: duckdb.DuckDBPyConnection, path: Path) -> Raw:
    source = engine.parquet(str(path))
    _view(con, path, source, "Parquet file")
    columns = engine.stored_columns(con, source)
    names = tuple(name for name, _ in columns)
    rows = con.execute(
        f"SELECT name FROM parquet_schema({engine.literal(engine.glob_safe(str(path)))}) WHERE num_children IS NULL"
    ).fetchall()
    original = tuple(str(r[0]) for r in rows)
    # The engine renames repeated names on its own; the file's schema has what the user wrote.
    same = len(original) == len(names) and not any(
        "STRUCT" in t or "[" in t or "MAP" in t for _, t in columns
    )
    return Raw(path.name, original if same else names, (), path)


def _load_json(con: duckdb.DuckDBPyConnection, path: Path) -> Raw:
    file = engine.literal(engine.glob_safe(str(path)))
    source = f"read_json({file}, sample_size = -1, maximum_object_size = {MAX_OBJECT})"
    _view(con, path, source, "JSON lines file")
    columns = engine.stored_columns(con, source)
    names = tuple(name for name, _ in columns)
    con.execute(f"CREATE OR REPLACE TEMP TABLE held AS SELECT * FROM {source}")
    alias = ", ".join(f"c{i}" for i in range(len(names)))
    con.execute(f"CREATE OR REPLACE TEMP VIEW raw({alias}) AS SELECT * FROM held")
    return Raw(path.name, names)


def _view(con: duckdb.DuckDBPyConnection, path: Path, source: str, kind: str) -> None:
    import duckdb

    try:
        with interruptible():
            width = len(engine.stored_columns(con, source))
            alias = ", ".join(f"c{i}" for i in range(width))
            con.execute(f"CREATE OR REPLACE TEMP VIEW raw({alias}) AS SELECT * FROM {source}")
            con.execute("SELECT count(*) FROM raw").fetchall()
    except duckdb.Error as e:
        detail = engine.one_line(e).replace(str(path), path.name) if kind.startswith("JSON") else ""
        raise DataError(f"{path.name} is no {kind}{detail and ': ' + detail}", FORMATS) from e


def load_database(con: duckdb.DuckDBPyConnection, path: Path, table: str, scratch: Path) -> Raw:
    """A table or view of a DuckDB file, opened read-only; with an empty name, its only table.

    Who wrote the file wrote its views: from here on the engine reaches the file and ``scratch``, and nothing else of
    this machine.

    Raises:
        DataError: no such file or table, or a view that cannot be read by itself.
    """
    import duckdb

    _require(path)
    try:
        with interruptible():
            con.execute(f"ATTACH {engine.literal(str(path))} AS source (READ_ONLY)")
            con.execute(f"SET allowed_directories = [{engine.literal(str(scratch))}]")
            con.execute("SET enable_external_access = false")
    except duckdb.Error as e:
        raise DataError(f"{path.name} is no DuckDB file, or another program holds it", FORMATS) from e
    rows = con.execute(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = 'source'"
    ).fetchall()
    known = {name if schema == "main" else f"{schema}.{name}": (schema, name) for schema, name in rows}
    if not table and len(known) == 1:
        table = next(iter(known))
    if table not in known:
        raise _no_table(path, table, sorted(known))
    schema, name = (engine.identifier(part) for part in known[table])
    try:
        columns = engine.stored_columns(con, f"source.{schema}.{name}")
        alias = ", ".join(f"c{i}" for i in range(len(columns)))
        con.execute(f"CREATE OR REPLACE TEMP VIEW raw({alias}) AS SELECT * FROM source.{schema}.{name}")
    except duckdb.PermissionException as e:
        raise DataError(
            f"{path.name}::{table} is a view that reads other files, which is not done",
            "store its rows as a table",
        ) from e
    except duckdb.Error as e:
        raise DataError(f"{path.name}::{table} cannot be read: {engine.one_line(e)}", FORMATS) from e
    return Raw(f"{path.name}::{table}", tuple(n for n, _ in columns))


def _no_table(path: Path, table: str, known: list[str]) -> DataError:
    if not known:
        return DataError(f"{path.name} holds no tables", FORMATS)
    near = nearest(table, known) or known[:5]
    what = f"{path.name} has no table {table!r}" if table else f"{path.name} holds {len(known)} tables"
    return DataError(what, "try " + " or ".join(f"{path}::{name}" for name in near))


def _load_arrays(con: duckdb.DuckDBPyConnection, path: Path, kind: str) -> Raw:
    if kind == "excel":
        names, arrays, notices = excel_arrays(path)
    else:
        from causalcopilot.data.stata import read_stata

        (names, arrays), notices = read_stata(path), ()
    _require_rows(path.name, arrays)
    load_arrays(con, arrays)
    return Raw(path.name, names, notices)


def _require_rows(label: str, arrays: list[Any]) -> None:
    if not arrays:
        raise DataError(f"{label} has no columns", "give a table with a header line and at least one row")
    if not len(arrays[0]):
        raise DataError(f"{label} has a header but no rows", "give a table with at least one row")


def load_frame(con: duckdb.DuckDBPyConnection, frame: Any) -> Raw:
    """A DataFrame, which is only read.

    Raises:
        UsageError: the object is no DataFrame.
    """
    if not (hasattr(frame, "columns") and hasattr(frame, "iloc")):
        kind = type(frame).__name__
        raise UsageError(
            f"cannot read a table from an object of type {kind}", "give a path or a pandas DataFrame"
        )
    names, arrays, notices = frame_arrays(frame)
    _require_rows("the DataFrame", arrays)
    load_arrays(con, arrays)
    return Raw("DataFrame", names, notices)


def load_bundled(con: duckdb.DuckDBPyConnection, name: str) -> Raw:
    """A table that ships with ccp or with the ``causaldata`` package."""
    from causalcopilot.data.catalogue import bundled

    found = bundled(name)
    names, arrays = found.load()
    load_arrays(con, arrays)
    return Raw(f"dataset:{name}", names)
