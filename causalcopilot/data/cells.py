"""Text cells to numbers, booleans and dates, decided over all rows of one column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from causalcopilot.data.engine import first_row, literal
from causalcopilot.data.findings import Findings

if TYPE_CHECKING:
    import duckdb

Storage = Literal["number", "text", "boolean", "date"]
Style = Literal["point", "comma", "thousands"]

NUMERIC_SHARE = 0.95  # of the cells must be numbers for the others to be odd
FEW_NUMBERS = 20  # a text column with so few different numbers holds levels, not measurements
EXACT = 2**53  # whole numbers beyond this are not exact as floating point
_SPACE = " \t\r\n\u00a0\u2007\u202f"
_COMMA = r"^[+-]?(\d+|\d{1,3}(\.\d{3})+)?(,\d+)?([eE][+-]?\d+)?$"
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$"
_ISO_DATE = r"^\d{4}-\d{1,2}-\d{1,2}([ T].*)?$"
_DAYS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%Y-%m", "%d %b %Y", "%b %d, %Y")
_CLOCKS = ("", " %H:%M", " %H:%M:%S")


@dataclass(frozen=True, slots=True)
class Plan:
    """How one raw column becomes a clean one.

    Attributes:
        expression: SQL over the raw relation.
        storage: what comes out.
        changed: whether the expression does anything.
    """

    expression: str
    storage: Storage
    changed: bool


@dataclass(frozen=True, slots=True)
class TextColumn:
    """One text column of relation ``raw`` that is not plain numbers throughout.

    Attributes:
        con: connection that has ``raw``.
        column: quoted name in ``raw``; ``kind`` its SQL type; ``name`` the clean name.
        tokens: cells that mean missing.
        decimal: ``.`` or ``,`` when the user says so.
        keep: leave text as text, whatever it looks like.
    """

    con: duckdb.DuckDBPyConnection
    column: str
    kind: str
    name: str
    tokens: tuple[str, ...]
    decimal: str | None
    keep: bool

    @property
    def trimmed(self) -> str:
        """The cell without surrounding white space."""
        text = self.column if self.kind == "VARCHAR" else f"CAST({self.column} AS VARCHAR)"
        return f"trim({text}, {literal(_SPACE)})"

    @property
    def cell(self) -> str:
        """The trimmed cell, missing where it is empty or a null token."""
        missing = ", ".join(literal(t) for t in dict.fromkeys(("", *self.tokens)))
        return f"CASE WHEN {self.trimmed} NOT IN ({missing}) THEN {self.trimmed} END"

    def plan(self, found: Findings) -> Plan:
        """The plan; what was seen on the way is added to ``found``."""
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE cells AS SELECT {self.cell} AS x FROM raw")
        self._count_tokens(found)
        (total,) = self._ask("count(x)")
        if not total:
            return Plan("CAST(NULL AS DOUBLE)", "number", True)
        if not self.keep:
            for attempt in (self._number, self._boolean, self._date):
                if plan := attempt(total, found):
                    return plan
        same = f"SELECT bool_and({self.cell} IS NOT DISTINCT FROM {self.column}) FROM raw"
        (clean,) = first_row(self.con, same) if self.kind == "VARCHAR" else (False,)
        return Plan(self.column if clean else self.cell, "text", not clean)

    def _ask(self, aggregates: str) -> tuple[int, ...]:
        return first_row(self.con, f"SELECT {aggregates} FROM cells")

    def _count_tokens(self, found: Findings) -> None:
        rows = self.con.execute(
            f"SELECT {self.trimmed} AS t, count(*) FROM raw WHERE {self.column} IS NOT NULL "
            f"AND {self.cell} IS NULL AND t <> '' GROUP BY t ORDER BY t"
        ).fetchall()
        for token, count in rows:
            found.tokens[token] = found.tokens.get(token, 0) + count
        if rows:
            found.token_columns.append(self.name)

    def _number(self, total: int, found: Findings) -> Plan | None:
        style, count = self._best_style(total)
        if count < NUMERIC_SHARE * total:
            return None
        value = styled(style, "x")
        distinct, infinite, wide = self._ask(
            f"count(DISTINCT {value}), count(*) FILTER (NOT isfinite({value})), "
            f"count(*) FILTER (isfinite({value}) AND abs({value}) > {EXACT})"
        )
        if count < total:
            if distinct <= FEW_NUMBERS:
                return None
            (row,) = self._ask(f"min(rowid) FILTER (x IS NOT NULL AND {value} IS NULL)")
            found.odd.append((self.name, total - count, row + 1))
        if infinite:
            found.infinite.append(self.name)
        if style != "point":
            (found.comma if style == "comma" else found.thousands).append(self.name)
        return Plan(self._number_expression(style, total, bool(infinite), bool(wide)), "number", True)

    def _best_style(self, total: int) -> tuple[Style, int]:
        styles: tuple[Style, ...] = ("point", "comma", "thousands")
        if self.decimal:
            styles = ("comma",) if self.decimal == "," else ("point", "thousands")
        best, count = styles[0], 0
        for style in styles:
            (fits,) = self._ask(f"count({styled(style, 'x')})")
            if fits > count:
                best, count = style, fits
            if count == total:
                break
        return best, count

    def _number_expression(self, style: Style, total: int, infinite: bool, wide: bool) -> str:
        if wide:
            (exact,) = self._ask(r"count(TRY_CAST(x AS BIGINT)) FILTER (regexp_matches(x, '^[+-]?\d+$'))")
            if exact == total:
                return f"CAST({self.cell} AS BIGINT)"
        inner = styled(style, "x")
        (whole,) = self._ask(f"bool_and({whole_number(inner)}) FILTER (isfinite({inner}))")
        value = styled(style, f"({self.cell})")
        clean = f"CASE WHEN isfinite({value}) THEN {value} END" if infinite else value
        return f"CAST({clean} AS BIGINT)" if whole else clean

    def _boolean(self, total: int, found: Findings) -> Plan | None:
        (fits,) = self._ask("count(*) FILTER (lower(x) IN ('true', 'false'))")
        return Plan(f"lower({self.cell}) = 'true'", "boolean", True) if fits == total else None

    def _date(self, total: int, found: Findings) -> Plan | None:
        if self._ask(f"count({dated('', 'x')})") == (total,):
            return self._date_plan("")
        forms = [d + c for d in _DAYS for c in _CLOCKS]
        fitting = [f for f in forms if self._ask(f"count({dated(f, 'x')})") == (total,)]
        if not fitting:
            return None
        doubt = "; day and month could be the other way round" if len(fitting) > 1 else ""
        found.dates.append((self.name, fitting[0] + doubt))
        return self._date_plan(fitting[0])

    def _date_plan(self, form: str) -> Plan:
        value = dated(form, "x")
        (clock,) = self._ask(f"bool_or({value} <> date_trunc('day', {value}))")
        clean = dated(form, f"({self.cell})")
        return Plan(clean if clock else f"CAST({clean} AS DATE)", "date", True)


def whole_number(value: str) -> str:
    """SQL: whether a finite number is whole and exact as an integer."""
    return f"{value} = trunc({value}) AND abs({value}) <= {EXACT}"


def styled(style: Style, x: str) -> str:
    """SQL: cell ``x`` as a number written in ``style``, else NULL."""
    if style == "comma":
        plain = f"replace(replace({x}, '.', ''), ',', '.')"
        return f"CASE WHEN regexp_matches({x}, {literal(_COMMA)}) THEN TRY_CAST({plain} AS DOUBLE) END"
    if style == "thousands":
        plain = f"TRY_CAST(replace({x}, ',', '') AS DOUBLE)"
        return (
            f"CASE WHEN regexp_matches({x}, {literal(_THOUSANDS)}) OR NOT contains({x}, ',') THEN {plain} END"
        )
    return f"CASE WHEN NOT contains({x}, '_') THEN TRY_CAST({x} AS DOUBLE) END"


def dated(form: str, x: str) -> str:
    """SQL: cell ``x`` as a timestamp in ``form``, or ISO 8601 where ``form`` is empty, else NULL."""
    if form:
        return f"try_strptime({x}, {literal(form)})"
    return f"CASE WHEN regexp_matches({x}, {literal(_ISO_DATE)}) THEN TRY_CAST({x} AS TIMESTAMP) END"
