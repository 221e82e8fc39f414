"""The section that shows a design at work: the tables it stored, and what can be drawn of them."""

from __future__ import annotations

from itertools import pairwise

from causalcopilot.domain.facts import Scalar, display
from causalcopilot.report.course_figure import Course, Point, course_figure
from causalcopilot.report.findings import Found
from causalcopilot.report.view import Figure, Grid, Section
from causalcopilot.toolkit.result import EstimateResult, Table

SHOWN = (
    "event_study",
    "synthetic",
    "donors",
    "placebos",
    "two_way_parts",
    "discontinuity",
    "instrument",
    "mediation",
    "joint",
    "joint_interactions",
)
"""Tables of an estimate that belong to its design, in the order of the report."""
MOST_ROWS = 40


def section(found: Found[EstimateResult]) -> Section:
    """Figures and tables of the design; empty for adjustment."""
    tables = {t.name: t for t in found.result.tables}
    figures = tuple(f for name in SHOWN if name in tables for f in _figure(tables[name]))
    grids = tuple(_grid(tables[name], found.call.id) for name in SHOWN if name in tables)
    return Section("design", "The design at work", figures=figures, grids=grids)


def _grid(t: Table, call: str) -> Grid:
    rows = tuple(tuple(_cell(v) for v in row) for row in t.rows[:MOST_ROWS])
    more = f"; the first {MOST_ROWS} of {len(t.rows)}" if len(t.rows) > MOST_ROWS else ""
    numeric = tuple(
        i for i in range(len(t.columns)) if t.rows and all(_is_number(r[i]) or r[i] is None for r in t.rows)
    )
    return Grid(f"{t.title}{more} (call {call})", t.columns, rows, numeric=numeric)


def _cell(value: Scalar) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return display(value, ",d") if abs(value) >= 10000 else str(value)
    if isinstance(value, float):
        return display(value, ",.0f" if abs(value) >= 1000 else ".3g")
    return str(value)


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Scalar) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _figure(t: Table) -> tuple[Figure, ...]:
    makers = {"event_study": _events, "synthetic": _synthetic, "discontinuity": _discontinuity}
    if t.name not in makers:
        return ()
    drawn, caption = makers[t.name](t)
    return (Figure(t.name, t.title, drawn, caption),) if drawn else ()


def _events(t: Table) -> tuple[str, str]:
    points = []
    for at, value, low, high in t.rows:
        x, y = _number(at), _number(value)
        if x is not None and y is not None:
            points.append(Point(x, y, _number(low), _number(high)))
    before = Course("before adoption", tuple(p for p in points if p.x < 0), "grey", joined=False)
    after = Course("from adoption on", tuple(p for p in points if p.x >= 0), joined=False)
    drawn = course_figure((before, after), t.title, t.columns[0], "effect", -0.5, zero=True)
    return drawn, "Grey: changes before adoption, which should lie about zero. Blue: effects."


def _synthetic(t: Table) -> tuple[str, str]:
    names = [str(r[0]) for r in t.rows]
    treated = tuple(Point(i, v) for i, r in enumerate(t.rows) if (v := _number(r[1])) is not None)
    made = tuple(Point(i, v) for i, r in enumerate(t.rows) if (v := _number(r[2])) is not None)
    start = next((i for i, r in enumerate(t.rows) if r[5] is True), None)
    drawn = course_figure(
        (Course("treated unit", treated), Course("synthetic control", made, "orange", dashed=True)),
        t.title,
        "period",
        "outcome",
        None if start is None else start - 0.5,
        names=names,
    )
    return drawn, "Upright line: the treatment begins. Before it the two should run together."


def _discontinuity(t: Table) -> tuple[str, str]:
    cutoff, points = None, []
    ends = sorted({v for r in t.rows for v in (_number(r[0]), _number(r[1])) if v is not None})
    shares = [(_number(r[0]), _number(r[4]), _number(r[3]), _number(r[1])) for r in t.rows]
    jump = 0.0
    for (_, one, _, edge), (_, two, _, _) in pairwise(shares):
        if one is not None and two is not None and abs(two - one) > jump:
            jump, cutoff = abs(two - one), edge
    for low, _, mean, high in shares:
        if low is not None and mean is not None and high is not None:
            points.append(Point((low + high) / 2, mean))
    if not ends:
        return "", ""
    drawn = course_figure(
        (Course("mean of the rows in a bin", tuple(points), joined=False),),
        t.title,
        t.columns[0].removesuffix(" from"),
        t.columns[3],
        cutoff,
    )
    return drawn, "Upright line: the cutoff. Each dot is the mean outcome of the rows in one step."
