"""From raw cells to clean columns: numbers, booleans, dates and text, each decided over all rows.

Rules.  Text columns are treated alike wherever they come from (CSV, Excel, JSON, Parquet, DataFrame), so that
the same table is the same data set in every format:

1. Cells are trimmed; null tokens (``NA``, ``.``, ``?`` …) and empty cells are missing.
2. All remaining cells are numbers: a number column.  Numbers may carry a decimal comma (``1.234,5``) or
   thousands separators (``1,234.5``); the style that reads most cells wins.  Where both do, ``1,234`` is a
   decimal in a file separated by semicolons and a thousand elsewhere.  A percent or currency sign that every
   cell has beside its number is taken away and told.
3. At least 95 % are numbers, with more than 20 different ones: still a number column; the odd cells become
   missing and their count and first row are told.  Otherwise the column stays text.
4. All are ``true``/``false``: boolean.  All are dates or times in one format: date.  Else text.
5. Infinite and NaN cells are missing; whole-numbered columns are stored as integers.

Types that are no table cells (lists, structures, bytes) become text; decimals and wide integers become
numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

from causalcopilot.data.cells import EXACT, Plan, TextColumn, computable, whole_number
from causalcopilot.data.engine import first_row, identifier
from causalcopilot.data.findings import Findings

if TYPE_CHECKING:
    import duckdb

_BATCH = 64  # columns per aggregate query
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_REALS = ("DOUBLE", "FLOAT", "DECIMAL", "UBIGINT", "HUGEINT", "UHUGEINT", "BIGNUM")
_TEXTS = ("VARCHAR", "JSON", "UUID", "ENUM")
_NESTED = ("STRUCT", "MAP", "UNION", "BLOB", "BIT", "VARIANT")

Column = tuple[str, str]
"""Name and SQL type of a column of relation ``raw``."""


def plan_columns(
    con: duckdb.DuckDBPyConnection,
    raw: Sequence[Column],
    names: Sequence[str],
    *,
    tokens: Sequence[str],
    decimal: str | None = None,
    as_text: frozenset[str] = frozenset(),
    thousands_first: bool = True,
) -> tuple[list[Plan], Findings]:
    """A plan for each column of relation ``raw``, and what was seen; ``names`` are the clean names.

    ``thousands_first`` reads ``1,234`` as a thousand where a column could be either.
    Columns in ``as_text`` stay text whatever they hold (identifiers with leading zeros, say).
    """
    found = Findings()
    quick = decimal != "," and not any(_is_number(t) for t in tokens)
    plans: list[Plan] = []
    for start in range(0, len(raw), _BATCH):
        part = list(zip(raw, names, strict=True))[start : start + _BATCH]
        checks = _check(con, [column for column, _ in part])
        for (column, name), check in zip(part, checks, strict=True):
            if not column[1].startswith(_TEXTS):
                plans.append(_typed(column, name, check, found))
            elif quick and _plain_numbers(check) and name not in as_text:
                value = f"CAST({identifier(column[0])} AS DOUBLE)"
                plans.append(Plan(f"CAST({value} AS BIGINT)" if check[-1] else value, "number", True))
            else:
                cells = TextColumn(
                    con=con,
                    column=identifier(column[0]),
                    kind=column[1],
                    name=name,
                    tokens=tuple(tokens),
                    decimal=decimal,
                    keep=name in as_text,
                    thousands_first=thousands_first,
                )
                plans.append(cells.plan(found))
    return plans, found


def _is_number(token: str) -> bool:
    """Whether a null token such as ``-9`` would pass for a number (``nan`` is looked at cell by cell anyway)."""
    try:
        return isfinite(float(token))
    except ValueError:
        return False


def _plain_numbers(check: tuple[int, ...]) -> bool:
    cells, numbers, odd, _ = check
    return cells > 0 and cells == numbers and not odd


def _check(con: duckdb.DuckDBPyConnection, part: Sequence[Column]) -> list[tuple[int, ...]]:
    """Four aggregates per column, for a batch of columns in one query."""
    row = first_row(con, "SELECT " + ", ".join(_aggregates(c) for c in part) + " FROM raw")
    return [row[4 * k : 4 * k + 4] for k in range(len(part))]


def _aggregates(column: Column) -> str:
    name, kind = identifier(column[0]), column[1]
    if kind.startswith(_TEXTS):
        text = f"CAST({name} AS VARCHAR)"
        v = f"TRY_CAST({text} AS DOUBLE)"
        odd = f"contains({text}, '_') OR NOT isfinite({v}) OR abs({v}) > {EXACT}"
        return f"count({name}), count({v}), count(*) FILTER ({odd}), bool_and({whole_number(v)})"
    if kind.startswith(_REALS):
        v = _real(name, kind)
        whole = f"bool_and({whole_number(v)}) FILTER ({computable(v)})"
        large = f"NOT isnan({v}) AND NOT ({computable(v)})"
        return f"count({v}), count(*) FILTER (isnan({v})), count(*) FILTER ({large}), {whole}"
    return "0, 0, 0, 0"


def _real(column: str, kind: str) -> str:
    """A floating-point value; single precision goes through its shortest decimal, as a CSV would."""
    if kind == "DOUBLE":
        return column
    return f"CAST(CAST({column} AS VARCHAR) AS DOUBLE)" if kind == "FLOAT" else f"CAST({column} AS DOUBLE)"


def _typed(column: Column, name: str, check: tuple[int, ...], found: Findings) -> Plan:
    quoted, kind = identifier(column[0]), column[1]
    if kind.startswith(_REALS):
        return _typed_real(quoted, kind, name, check, found)
    if kind in _INTEGERS:
        return Plan(quoted, "number", False)
    if kind == "BOOLEAN":
        return Plan(quoted, "boolean", False)
    if kind in ("DATE", "TIMESTAMP"):
        return Plan(quoted, "date", False)
    if kind.startswith("TIMESTAMP"):
        return Plan(f"CAST({quoted} AS TIMESTAMP)", "date", True)
    if "NULL" in kind:
        return Plan("CAST(NULL AS DOUBLE)", "number", True)
    if kind.startswith(_NESTED) or kind.endswith("]"):
        found.nested.append(name)
    return Plan(f"CAST({quoted} AS VARCHAR)", "text", True)


def _typed_real(quoted: str, kind: str, name: str, check: tuple[int, ...], found: Findings) -> Plan:
    _, nan, infinite, whole = check
    if infinite:
        found.infinite.append(name)
    value = _real(quoted, kind)
    clean = f"CASE WHEN {computable(value)} THEN {value} END" if nan or infinite else value
    if whole:
        return Plan(f"CAST({clean} AS BIGINT)", "number", True)
    return Plan(clean, "number", clean != quoted)
