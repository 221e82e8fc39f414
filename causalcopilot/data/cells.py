"""Text cells to numbers, booleans and dates, decided over all rows of one column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from causalcopilot.data.engine import first_row, literal
from causalcopilot.data.findings import Findings

if TYPE_CHECKING:
    import duckdb

Storage = Literal["number", "text", "boolean", "date"]
Style = Literal["point", "comma", "thousands"]

NUMERIC_SHARE = 0.95  # of the cells must be numbers for the others to be odd
FEW_NUMBERS = 20  # a text column with so few different numbers holds levels, not measurements
EXACT = 2**53  # whole numbers beyond this are not exact as floating point
LARGEST = "1e30"
"""Beyond this a number is no quantity of anything, and sums of its powers leave floating point."""
_SPACE = " \t\r\n\u00a0\u2007\u202f"
_COMMA = r"^[+-]?(\d+|\d{1,3}(\.\d{3})+)?(,\d+)?([eE][+-]?\d+)?$"
_THOUSANDS = r"^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$"
_SIGN = "[%$€£¥]"
_SIGNED = r"^[+-]?\s*(?:[$€£¥]\s*[+-]?[\d.,]*\d|[\d.,]*\d\s*[%$€£¥])$"
_ISO_DATE = r"^\d{4}-\d{1,2}-\d{1,2}([ T].*)?$"
_DAYS = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%Y-%m", "%d %b %Y", "%b %d, %Y", "%d-%b-%Y", "%b %Y",
    "%B %Y", "%d %B %Y", "%B %d, %Y",
)  # fmt: skip
_HEAD = 1_000  # cells a date format must fit before all are tried
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
        thousands_first: where both fit, ``1,234`` is a thousand rather than a decimal comma.
        sign: a percent or currency sign that every cell carries beside its number, taken away.
    """

    con: duckdb.DuckDBPyConnection
    column: str
    kind: str
    name: str
    tokens: tuple[str, ...]
    decimal: str | None
    keep: bool
    thousands_first: bool
    sign: str = ""

    @property
    def trimmed(self) -> str:
        """The cell without surrounding white space."""
        text = self.column if self.kind == "VARCHAR" else f"CAST({self.column} AS VARCHAR)"
        return f"trim({text}, {literal(_SPACE)})"

    @property
    def cell(self) -> str:
        """The trimmed cell, missing where it is empty or a null token."""
        missing = ", ".join(literal(t) for t in dict.fromkeys(("", *self.tokens)))
        bare = f"trim(replace({self.trimmed}, {literal(self.sign)}, ''))" if self.sign else self.trimmed
        return f"CASE WHEN {self.trimmed} NOT IN ({missing}) THEN {bare} END"

    def plan(self, found: Findings) -> Plan:
        """The plan; what was seen on the way is added to ``found``."""
        self._group()
        if not self.keep and not self.sign and (sign := self._shared_sign()):
            found.signs.append((self.name, sign))
            return replace(self, sign=sign).plan(found)
        self._count_tokens(found)
        total = self._count("x IS NOT NULL")
        if not total:
            return Plan("CAST(NULL AS DOUBLE)", "number", True)
        if not self.keep:
            for attempt in (self._number, self._boolean, self._date):
                if plan := attempt(total, found):
                    return plan
        clean = self.kind == "VARCHAR" and not self._count("r IS DISTINCT FROM x")
        return Plan(self.column if clean else self.cell, "text", not clean)

    def _group(self) -> None:
        """Table ``cells``: each different raw cell ``r``, trimmed ``t``, without null tokens ``x``, ``n`` times."""
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE cells AS SELECT {self.column} AS r, {self.trimmed} AS t, "
            f"{self.cell} AS x, count(*) AS n FROM raw GROUP BY r"
        )

    def _shared_sign(self) -> str:
        """The percent or currency sign that every cell has beside its number, or nothing."""
        mark = f"regexp_extract(x, {literal(_SIGN)})"
        every, first, last = self._ask(
            f"bool_and(regexp_matches(x, {literal(_SIGNED)})) FILTER (x IS NOT NULL), min({mark}), max({mark})"
        )
        return str(first) if every and first == last else ""

    def _ask(self, aggregates: str) -> tuple[Any, ...]:
        return first_row(self.con, f"SELECT {aggregates} FROM cells")

    def _count(self, condition: str) -> int:
        """Rows of the table whose cell meets a condition."""
        (count,) = self._ask(f"coalesce(sum(n) FILTER ({condition}), 0)")
        return int(count)

    def _count_tokens(self, found: Findings) -> None:
        rows = self.con.execute(
            "SELECT t, sum(n) FROM cells WHERE x IS NULL AND t <> '' GROUP BY t ORDER BY t"
        ).fetchall()
        for token, count in rows:
            found.tokens[token] = found.tokens.get(token, 0) + int(count)
        if rows:
            found.token_columns.append(self.name)

    def _number(self, total: int, found: Findings) -> Plan | None:
        style, count = self._best_style(total)
        value = styled(style, "x")
        if count < total:
            (distinct,) = self._ask(f"count(DISTINCT {value})")
            if 2 * count >= total and (count < NUMERIC_SHARE * total or distinct <= FEW_NUMBERS):
                found.mixed.append(self.name)
            if count < NUMERIC_SHARE * total or distinct <= FEW_NUMBERS:
                return None
            found.odd.append((self.name, total - count, self._first_odd(style)))
        infinite = self._count(f"NOT ({computable(value)})")
        if infinite:
            found.infinite.append(self.name)
        if style != "point":
            (found.comma if style == "comma" else found.thousands).append(self.name)
        return Plan(self._number_expression(style, total, infinite > 0), "number", True)

    def _best_style(self, total: int) -> tuple[Style, int]:
        styles: tuple[Style, ...] = ("point", "comma", "thousands")
        if self.decimal:
            styles = ("comma",) if self.decimal == "," else ("point", "thousands")
        elif self.thousands_first:
            styles = ("point", "thousands", "comma")
        best, count = styles[0], 0
        for style in styles:
            fits = self._count(f"{styled(style, 'x')} IS NOT NULL")
            if fits > count:
                best, count = style, fits
            if count == total:
                break
        return best, count

    def _first_odd(self, style: Style) -> int:
        """Row, counted from 1, of the first cell that is neither missing nor a number."""
        rows = f"SELECT row_number() OVER () AS i, {self.cell} AS x FROM raw"
        odd = f"x IS NOT NULL AND {styled(style, 'x')} IS NULL"
        (row,) = first_row(self.con, f"SELECT min(i) FROM ({rows}) WHERE {odd}")
        return int(row)

    def _number_expression(self, style: Style, total: int, infinite: bool) -> str:
        inner = styled(style, "x")
        if self._count(f"{computable(inner)} AND abs({inner}) > {EXACT}"):
            exact = r"regexp_matches(x, '^[+-]?\d+$') AND TRY_CAST(x AS BIGINT) IS NOT NULL"
            if self._count(exact) == total:
                return f"CAST({self.cell} AS BIGINT)"
        (whole,) = self._ask(f"bool_and({whole_number(inner)}) FILTER ({computable(inner)})")
        value = styled(style, f"({self.cell})")
        clean = f"CASE WHEN {computable(value)} THEN {value} END" if infinite else value
        return f"CAST({clean} AS BIGINT)" if whole else clean

    def _boolean(self, total: int, found: Findings) -> Plan | None:
        if self._count("lower(x) IN ('true', 'false')") < total:
            return None
        return Plan(f"lower({self.cell}) = 'true'", "boolean", True)

    def _date(self, total: int, found: Findings) -> Plan | None:
        fitting = [
            form for form in ("", *(d + c for d in _DAYS for c in _CLOCKS)) if self._dates_fit(form, total)
        ]
        if not fitting:
            return None
        if fitting[0]:
            doubt = "; day and month could be the other way round" if len(fitting) > 1 else ""
            found.dates.append((self.name, spelled(fitting[0]) + doubt))
        value = dated(fitting[0], "x")
        (clock,) = self._ask(f"bool_or({value} <> date_trunc('day', {value}))")
        clean = dated(fitting[0], f"({self.cell})")
        return Plan(clean if clock else f"CAST({clean} AS DATE)", "date", True)

    def _dates_fit(self, form: str, total: int) -> bool:
        """Whether every cell is a date in this format; a few cells rule most formats out."""
        fits = f"{dated(form, 'x')} IS NOT NULL"
        head = f"(SELECT x FROM cells WHERE x IS NOT NULL LIMIT {_HEAD})"
        (likely,) = first_row(self.con, f"SELECT bool_and({fits}) FROM {head}")
        return bool(likely) and self._count(fits) == total


def spelled(form: str) -> str:
    """A date format as people write it: ``DD.MM.YYYY``."""
    letters = {
        "%d": "DD",
        "%m": "MM",
        "%Y": "YYYY",
        "%b": "Mon",
        "%B": "Month",
        "%H": "hh",
        "%M": "mm",
        "%S": "ss",
    }
    for code, text in letters.items():
        form = form.replace(code, text)
    return form


def computable(value: str) -> str:
    """SQL: whether a number can be computed with: neither infinite nor ``nan``, nor beyond ``LARGEST``."""
    return f"isfinite({value}) AND abs({value}) <= {LARGEST}"


def whole_number(value: str) -> str:
    """SQL: whether a finite number is whole and exact as an integer."""
    return f"{value} = trunc({value}) AND abs({value}) <= {EXACT}"


def styled(style: Style, x: str) -> str:
    """SQL: cell ``x`` as a number written in ``style``, else NULL."""
    if style == "comma":
        plain = f"replace(replace({x}, '.', ''), ',', '.')"
        return f"CASE WHEN regexp_matches({x}, {literal(_COMMA)}) THEN TRY_CAST({plain} AS DOUBLE) END"
    no_underscore = f"NOT contains({x}, '_')"
    if style == "thousands":
        fits = f"regexp_matches({x}, {literal(_THOUSANDS)}) OR NOT contains({x}, ',') AND {no_underscore}"
        return f"CASE WHEN {fits} THEN TRY_CAST(replace({x}, ',', '') AS DOUBLE) END"
    return f"CASE WHEN {no_underscore} THEN TRY_CAST({x} AS DOUBLE) END"


def dated(form: str, x: str) -> str:
    """SQL: cell ``x`` as a timestamp in ``form``, or ISO 8601 where ``form`` is empty, else NULL."""
    if form:
        return f"try_strptime({x}, {literal(form)})"
    return f"CASE WHEN regexp_matches({x}, {literal(_ISO_DATE)}) THEN TRY_CAST({x} AS TIMESTAMP) END"
