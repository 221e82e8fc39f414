"""One in-memory DuckDB per opened table, and the few SQL spellings every reader shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.interrupts import interruptible

if TYPE_CHECKING:
    import duckdb
    import numpy as np

BATCH = 16  # columns fetched at once: bounds the memory of a pass over a long table


@contextmanager
def connect(scratch: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A private in-memory database that never fetches extensions and spills into ``scratch``."""
    import duckdb

    with interruptible(), duckdb.connect(config={"autoinstall_known_extensions": "false"}) as con:
        con.execute("SET enable_progress_bar = false")
        if scratch is not None:
            con.execute(f"SET temp_directory = {literal(str(scratch))}")
        yield con


def literal(text: str) -> str:
    """A text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def one_line(error: BaseException) -> str:
    """The first line of an engine's message, without its prefix."""
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else type(error).__name__
    return text.split("Error: ", 1)[-1].strip()


def first_row(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    """The only row of an aggregate query."""
    row = con.execute(sql).fetchone()
    assert row is not None
    return tuple(row)


def parquet(path: str) -> str:
    """The table function that reads one Parquet file, whatever its name holds."""
    return f"read_parquet({literal(glob_safe(path))})"


def glob_safe(path: str) -> str:
    """A path that the engine does not expand: glob characters stand in brackets."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


def stored_columns(con: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    """Name and SQL type of each column of a relation, in order."""
    rows = con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return [(str(r[0]), str(r[1])) for r in rows]


def fetch(
    con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]
) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Columns as (possibly masked) arrays of length ``rows``, in row order, a batch at a time.

    Two-valued columns arrive as booleans, dates as ``datetime64[us]``, text as objects.
    """
    for start in range(0, len(columns), BATCH):
        part = columns[start : start + BATCH]
        alias = [f"c{i}" for i in range(len(part))]
        select = ", ".join(f"{identifier(n)} AS {a}" for n, a in zip(part, alias, strict=True))
        arrays = con.execute(f"SELECT {select} FROM {relation}").fetchnumpy()
        for name, a in zip(part, alias, strict=True):
            yield name, arrays[a]
