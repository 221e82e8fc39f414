"""Opening a table: one reader per kind of source, one cleaning, one Parquet snapshot."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.data import engine
from causalcopilot.data.cells import Plan
from causalcopilot.data.column_types import column_type
from causalcopilot.data.dataset import DataRef, Dataset
from causalcopilot.data.describe import ColumnStats, describe_table
from causalcopilot.data.names import clean_names, listed, resolve
from causalcopilot.data.options import Opened, ReadOptions
from causalcopilot.data.sources import Raw, load_bundled, load_database, load_file, load_frame
from causalcopilot.data.storage import plan_columns
from causalcopilot.domain.knowledge import ColumnType, Knowledge
from causalcopilot.domain.profile import Notice
from causalcopilot.errors import DataError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_AS_TEXT = ("nominal", "text", "identifier")


def open_data(
    source: str | pd.DataFrame,
    *,
    scratch: Path,
    knowledge: Knowledge | None = None,
    columns: Sequence[str] | None = None,
    options: ReadOptions | None = None,
) -> Opened:
    """Open a table, clean it, and leave one Parquet file behind.

    Args:
        source: path to CSV, TSV, Parquet, JSON lines, Excel or Stata; ``-`` for standard input;
            ``file.duckdb::table``; ``dataset:NAME``; or a DataFrame, which is only read.
        scratch: existing folder for the snapshot and for copies.
        knowledge: its column types override those read from the data.
        columns: read only these, in table order.
        options: overrides of what is detected.

    Raises:
        DataError: nothing usable can be read (missing, empty, one column, no values, too wide, binary).
        ColumnNotFound: a name in ``columns`` or ``options.types`` is not in the table.
    """
    options = options or ReadOptions()
    with engine.connect(scratch) as con:
        raw = _load(con, source, scratch, options)
        names, name_notices = clean_names(raw.names)
        types = {**_known_types(knowledge), **{resolve(n, names): t for n, t in options.types.items()}}
        chosen = _choose(names, columns, options, raw.label)
        stored = engine.stored_columns(con, "raw")
        kept = [stored[i] for i in chosen]
        kept_names = tuple(names[i] for i in chosen)
        (rows,) = engine.first_row(con, "SELECT count(*) FROM raw")
        if not rows:
            raise DataError(f"{raw.label} has a header but no rows", "give a table with at least one row")
        plans, found = plan_columns(
            con,
            kept,
            kept_names,
            tokens=options.null_tokens,
            decimal=options.decimal,
            thousands_first=not raw.semicolons,
            as_text=frozenset(n for n in kept_names if types.get(n) in _AS_TEXT),
        )
        direct = raw.parquet if raw.parquet and _untouched(plans, names, raw, columns) else None
        path = direct or _snapshot(con, kept_names, plans, scratch)
        digest, stats = _describe(con, path, kept_names, rows)
    if all(s.missing == s.rows for s in stats):
        raise DataError(
            f"{raw.label} holds no values: every cell is missing", "check the delimiter and null tokens"
        )
    typed = tuple((s.name, types.get(s.name) or column_type(s)) for s in stats)
    dataset = Dataset(DataRef(str(path), raw.label, digest, rows, typed))
    told = (n for n in name_notices if columns is None or set(n.columns) & set(kept_names))
    return Opened(dataset, (*raw.notices, *told, *found.notices(), *_empty_columns(stats)), names)


def _known_types(knowledge: Knowledge | None) -> Mapping[str, ColumnType]:
    return {c.name: c.type for c in knowledge.columns if c.type} if knowledge else {}


def _choose(
    names: Sequence[str], columns: Sequence[str] | None, options: ReadOptions, label: str
) -> list[int]:
    if len(names) < 2:
        raise DataError(f"{label} has one column", "a causal question needs at least two columns")
    named = names if columns is None else [resolve(c, names) for c in columns]
    wanted = sorted({names.index(n) for n in named})
    if len(wanted) > options.max_columns:
        raise DataError(
            f"{label} has {len(wanted):,} columns; at most {options.max_columns:,} are read at once",
            "name the ones that matter: -t TREATMENT -y OUTCOME --controls a,b,c",
        )
    return wanted


def _untouched(plans: Sequence[Plan], names: Sequence[str], raw: Raw, columns: Sequence[str] | None) -> bool:
    return columns is None and tuple(names) == raw.names and not any(p.changed for p in plans)


def _snapshot(
    con: duckdb.DuckDBPyConnection, names: Sequence[str], plans: Sequence[Plan], scratch: Path
) -> Path:
    path = scratch / "table.parquet"
    n = 1
    while path.exists():
        n += 1
        path = scratch / f"table-{n}.parquet"
    select = ", ".join(f"{p.expression} AS {engine.identifier(n)}" for p, n in zip(plans, names, strict=True))
    con.execute(f"COPY (SELECT {select} FROM raw) TO {engine.literal(str(path))} (FORMAT parquet)")
    return path


def _describe(
    con: duckdb.DuckDBPyConnection, path: Path, names: Sequence[str], rows: int
) -> tuple[str, tuple[ColumnStats, ...]]:
    relation = engine.parquet(str(path))
    stored = [n for n, _ in engine.stored_columns(con, relation)]
    return describe_table(engine.fetch(con, relation, stored), names, rows)


def _empty_columns(stats: Sequence[ColumnStats]) -> tuple[Notice, ...]:
    empty = tuple(s.name for s in stats if s.missing == s.rows)
    constant = tuple(s.name for s in stats if s.distinct == 1)
    out = []
    if empty:
        out.append(Notice("all_missing", f"no values at all in {listed(empty)}", empty))
    if constant:
        out.append(Notice("constant", f"the same value in every row of {listed(constant)}", constant))
    return tuple(out)


# --- sources ---------------------------------------------------------------------------------------------------


def _load(con: duckdb.DuckDBPyConnection, source: Any, scratch: Path, options: ReadOptions) -> Raw:
    if not isinstance(source, str):
        return load_frame(con, source)
    if source == "-":
        path = scratch / "stdin"
        with path.open("wb") as f:
            shutil.copyfileobj(sys.stdin.buffer, f)
        return replace(load_file(con, path, scratch, options), label="standard input")
    if source.startswith("dataset:"):
        return load_bundled(con, source.removeprefix("dataset:"))
    if "::" in source:
        file, _, table = source.rpartition("::")
        return load_database(con, Path(file), table, scratch)
    return load_file(con, Path(source), scratch, options)
