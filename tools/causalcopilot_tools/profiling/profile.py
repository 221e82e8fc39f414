"""Say what the table looks like, before anything is estimated from it."""

from __future__ import annotations

from collections.abc import Iterator

from causalcopilot.data.names import counted
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Question
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import ProfileResult, Table
from causalcopilot.toolkit.tool import Card, tool

CARD = Card(
    assumes=(),
    data="any table",
    cost="none: the profile was taken when the table was read",
    source="",
)


@tool(group="profiling", where="parent", deadline=30.0, card=CARD)
def profile(context: Context) -> ProfileResult:
    """Describe the table: size, missing cells, duplicates, odd columns, treatment and outcome.

    Start here. The facts name what later steps must respect: constant and identifier columns, duplicate
    rows, and the types of treatment and outcome.
    """
    p = context.profile
    facts = (*_table_facts(p), *_question_facts(p, context.question))
    size = f"{counted(p.rows, 'row')}, {counted(len(p.columns), 'column')}"
    summary = f"{size}, {counted(p.complete_rows, 'row')} complete"
    return ProfileResult(
        summary, facts, tables=(_column_table(p),), findings=tuple(n.message for n in p.notices), profile=p
    )


def _table_facts(p: Profile) -> Iterator[Fact]:
    rows = max(p.rows, 1)
    missing = sum(c.missing for c in p.columns)
    yield Fact("rows", p.rows, "rows", format=",d")
    yield Fact("columns", len(p.columns), "columns", format=",d")
    yield Fact("duplicate_rows", p.duplicate_rows, "rows that repeat an earlier row", format=",d")
    yield Fact(
        "duplicate_share", p.duplicate_rows / rows, "share of rows that repeat an earlier row", format=".1%"
    )
    yield Fact("complete_rows", p.complete_rows, "rows without a missing value", format=",d")
    cells = rows * max(len(p.columns), 1)
    yield Fact("missing_share", missing / cells, "share of missing cells", format=".1%")
    yield Fact("constants", len(p.constants), "columns with a single value", format="d")
    yield from _numbered("constant", p.constants, "column with a single value")
    yield Fact("identifiers", len(p.identifiers), "identifier-like columns", format="d")
    yield from _numbered("identifier", p.identifiers, "identifier-like column")
    for i, notice in enumerate(p.notices, 1):
        yield Fact(f"notice.{i}", notice.code, notice.message, subject=", ".join(notice.columns))


def _numbered(key: str, names: tuple[str, ...], label: str) -> Iterator[Fact]:
    for i, name in enumerate(names, 1):
        yield Fact(f"{key}.{i}", name, label, subject=name)


def _question_facts(p: Profile, question: Question) -> Iterator[Fact]:
    t = _find(p, question.treatment)
    if t is not None:
        yield Fact("treatment.type", t.type, f"type of {t.name}", subject=t.name)
        yield Fact(
            "treatment.levels", t.distinct, f"distinct values of {t.name}", subject=t.name, format=",d"
        )
    y = _find(p, question.outcome)
    if y is not None:
        yield Fact("outcome.type", y.type, f"type of {y.name}", subject=y.name)
        if y.mean is not None:
            yield Fact("outcome.mean", y.mean, f"mean of {y.name}", y.unit, y.name, ".4g")
        yield Fact("outcome.unit", y.unit, f"unit of {y.name}", subject=y.name)


def _find(p: Profile, name: str | None) -> ColumnProfile | None:
    return next((c for c in p.columns if c.name == name), None)


def _column_table(p: Profile) -> Table:
    rows: tuple[tuple[Scalar, ...], ...] = tuple(
        (c.name, c.type, c.unit, c.missing, c.distinct, c.mean, c.std, c.low, c.high) for c in p.columns
    )
    heads = ("column", "type", "unit", "missing", "distinct", "mean", "standard deviation", "1 %", "99 %")
    return Table("columns", "Columns of the table", heads, rows)
