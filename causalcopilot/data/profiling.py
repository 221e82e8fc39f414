"""What a table looks like before anyone asks it anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from causalcopilot.data import engine, row_order
from causalcopilot.data.collinear import collinear_groups, correlations
from causalcopilot.data.column_types import id_name
from causalcopilot.data.dataset import Dataset
from causalcopilot.data.describe import MOST_LEVELS, ColumnStats, describe_column, split, stats_of, storage_of
from causalcopilot.data.made import made_columns
from causalcopilot.data.names import counted, listed
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import ColumnProfile, Notice, Profile

if TYPE_CHECKING:
    import duckdb
    import numpy as np

    Array = np.ndarray[Any, Any]

LEAK = 0.995  # |correlation| with the outcome beyond which a column is the outcome in disguise
MANY_MISSING = 0.3  # share of missing cells worth a notice
SAMPLE_ROWS = 100_000  # rows that correlations are taken from
MOST_CORRELATED = 400  # columns compared with one another
_TIME_NAME = ("year", "month", "quarter", "week", "day", "date", "time", "period", "wave", "season", "t")
_TIME_DISTINCT = 2


def profile_dataset(
    dataset: Dataset,
    notices: Sequence[Notice] = (),
    knowledge: Knowledge | None = None,
    *,
    outcome: str | None = None,
) -> Profile:
    """The profile of an opened table.

    Args:
        dataset: the table.
        notices: what opening it had to say; they come first.
        knowledge: units and meanings; its outcome is checked for columns that give it away.
        outcome: outcome column where the knowledge names none.

    Correlations of tables beyond 100,000 rows are taken from evenly spaced rows, and beyond 400 numeric
    columns no groups are looked for.
    """
    known = knowledge or Knowledge()
    with engine.connect() as con:
        relation = engine.parquet(dataset.ref.path)
        stored = [n for n, _ in engine.stored_columns(con, relation)]
        stats, matrix = _pass(con, relation, stored, dataset)
        duplicates = _duplicate_rows(con, relation, stored)
        complete = _complete_rows(con, relation, stored)
        columns = tuple(_column(s, dataset, known) for s in stats)
        times = tuple(s.name for s in stats if _may_be_time(s, dataset))
        units = _unit_columns(con, relation, dict(zip(dataset.columns, stored, strict=True)), stats, times)
    r = correlations(matrix)
    numeric = [s.name for s in stats if s.name in _compared(stats)]
    groups = tuple(tuple(numeric[i] for i in g) for g in collinear_groups(r))
    target = known.question.outcome or outcome
    own = (
        *_missing_notices(stats),
        *_duplicate_notices(duplicates, dataset.rows),
        *_group_notices(groups),
        *_identifier_notices(columns),
        *_leak_notices(r, numeric, target),
        *row_order.notice(matrix, numeric, times),
    )
    return Profile(
        name=dataset.ref.name,
        hash=dataset.ref.hash,
        rows=dataset.rows,
        columns=columns,
        duplicate_rows=duplicates,
        complete_rows=complete,
        constants=tuple(c.name for c in columns if c.distinct <= 1),
        identifiers=tuple(c.name for c in columns if c.type == "identifier"),
        collinear=groups,
        made=made_columns(matrix, numeric),
        time_columns=times,
        unit_columns=units,
        notices=(*notices, *own),
    )


def _pass(
    con: duckdb.DuckDBPyConnection, relation: str, stored: Sequence[str], dataset: Dataset
) -> tuple[list[ColumnStats], Array]:
    """Statistics of every column, and the numeric columns of the sampled rows with NaN where missing."""
    import numpy as np

    known = {s.name: s for s in stats_of(dataset.ref.hash)}
    step = -(-dataset.rows // SAMPLE_ROWS)
    stats: list[ColumnStats] = []
    kept: list[Array] = []
    for (_, array), name in zip(engine.fetch(con, relation, stored), dataset.columns, strict=True):
        values, missing = split(array)
        storage = storage_of(values)
        stats.append(known.get(name) or describe_column(name, values[~missing], storage, dataset.rows))
        if _correlated(stats[-1]) and len(kept) < MOST_CORRELATED:
            part = values[::step].astype(np.float64)
            part[missing[::step]] = np.nan
            kept.append(part)
    return stats, np.column_stack(kept) if kept else np.empty((0, 0))


def _correlated(stats: ColumnStats) -> bool:
    return stats.storage in ("number", "boolean") and stats.distinct > 1


def _compared(stats: Sequence[ColumnStats]) -> list[str]:
    return [s.name for s in stats if _correlated(s)][:MOST_CORRELATED]


def _column(stats: ColumnStats, dataset: Dataset, known: Knowledge) -> ColumnProfile:
    about = known.column(stats.name)
    kind = dataset.type_of(stats.name)
    levels = stats.levels if kind in ("binary", "nominal", "ordinal") else ()
    return ColumnProfile(
        name=stats.name,
        type=kind,
        storage=stats.storage,
        missing=stats.missing,
        distinct=stats.distinct,
        unit=about.unit if about else "",
        meaning=about.meaning if about else "",
        mean=stats.mean,
        std=stats.std,
        skew=stats.skew,
        median=stats.median,
        low=stats.low,
        high=stats.high,
        minimum=stats.minimum,
        maximum=stats.maximum,
        levels=levels[:MOST_LEVELS],
    )


# --- rows ------------------------------------------------------------------------------------------------------


def _duplicate_rows(con: duckdb.DuckDBPyConnection, relation: str, stored: Sequence[str]) -> int:
    """Rows that repeat an earlier one exactly.

    Row hashes settle it where all differ; only rows that share a hash are compared cell by cell.
    """
    cells = ", ".join(engine.identifier(n) for n in stored)
    con.execute(f"CREATE OR REPLACE TEMP TABLE hashes AS SELECT hash({cells}) AS h FROM {relation}")
    rows, distinct = engine.first_row(con, "SELECT count(*), count(DISTINCT h) FROM hashes")
    if rows == distinct:
        return 0
    repeated = "SELECT h FROM hashes GROUP BY h HAVING count(*) > 1"
    shared = f"SELECT {cells} FROM {relation} WHERE hash({cells}) IN ({repeated})"
    con.execute(f"CREATE OR REPLACE TEMP TABLE shared AS {shared}")
    (count,) = engine.first_row(
        con, "SELECT (SELECT count(*) FROM shared) - (SELECT count(*) FROM (SELECT DISTINCT * FROM shared))"
    )
    return int(count)


def _complete_rows(con: duckdb.DuckDBPyConnection, relation: str, stored: Sequence[str]) -> int:
    whole = " AND ".join(f"{engine.identifier(n)} IS NOT NULL" for n in stored)
    (count,) = engine.first_row(con, f"SELECT count(*) FROM {relation} WHERE {whole}")
    return int(count)


# --- time and units --------------------------------------------------------------------------------------------


def _may_be_time(stats: ColumnStats, dataset: Dataset) -> bool:
    """Dates, and whole numbers that are called like a time or look like years."""
    if stats.storage == "date":
        return stats.distinct > 1
    if stats.storage != "number" or not stats.whole or stats.distinct < _TIME_DISTINCT:
        return False
    words = stats.name.lower().replace("-", "_").replace(" ", "_").split("_")
    named = any(w in _TIME_NAME for w in words) and dataset.type_of(stats.name) != "binary"
    low, high = stats.minimum, stats.maximum
    years = isinstance(low, int) and isinstance(high, int) and low >= 1800 and high <= 2200
    return named or (years and stats.distinct <= 200)


def _unit_columns(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    stored: dict[str, str],
    stats: Sequence[ColumnStats],
    times: Sequence[str],
) -> tuple[str, ...]:
    """Columns that repeat and, with a time column, tell every row apart."""
    out = []
    for s in stats:
        repeated = 1 < s.distinct < s.rows and not s.missing and s.name not in times
        candidate = s.storage == "text" or (s.storage == "number" and s.whole and id_name(s.name))
        if not (repeated and candidate):
            continue
        for time in times[:5]:
            pair = f"{engine.identifier(stored[s.name])}, {engine.identifier(stored[time])}"
            (distinct,) = engine.first_row(
                con, f"SELECT count(*) FROM (SELECT DISTINCT {pair} FROM {relation})"
            )
            if distinct == s.rows:
                out.append(s.name)
                break
    return tuple(out)


# --- notices ---------------------------------------------------------------------------------------------------


def _missing_notices(stats: Sequence[ColumnStats]) -> list[Notice]:
    gaps = [s for s in stats if 0 < s.missing < s.rows]
    many = [s.name for s in gaps if s.missing > MANY_MISSING * s.rows]
    out = []
    if gaps:
        cells = sum(s.missing for s in gaps)
        text = f"{counted(cells, 'missing cell')} in {counted(len(gaps), 'column')}"
        out.append(Notice("missing", text, tuple(s.name for s in gaps)))
    if many:
        out.append(Notice("mostly_missing", f"more than 30 % missing in {listed(many)}", tuple(many)))
    return out


def _duplicate_notices(count: int, rows: int) -> list[Notice]:
    if not count:
        return []
    text = f"{count:,} of {rows:,} rows repeat an earlier row; intervals are too narrow if they are copies"
    return [Notice("duplicate_rows", text)]


def _group_notices(groups: Sequence[tuple[str, ...]]) -> list[Notice]:
    return [Notice("collinear", f"(nearly) determine one another: {listed(g)}", g) for g in groups]


def _identifier_notices(columns: Sequence[ColumnProfile]) -> list[Notice]:
    ids = tuple(c.name for c in columns if c.type == "identifier")
    return [Notice("identifier", f"looks like an identifier: {listed(ids)}", ids)] if ids else []


def _leak_notices(r: Array, numeric: Sequence[str], outcome: str | None) -> list[Notice]:
    if outcome not in numeric:
        return []
    row = r[numeric.index(outcome)]
    hits = tuple(n for n, c in zip(numeric, row, strict=True) if n != outcome and abs(c) > LEAK)
    if not hits:
        return []
    text = f"nearly the same as the outcome {outcome}: {listed(hits)}; may be the outcome in disguise"
    return [Notice("leakage", text, hits)]
