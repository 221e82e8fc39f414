"""The whole curve beside one contrast: every level of a treatment, or bins along a number."""

from __future__ import annotations

from causalcopilot.domain.facts import Scalar, display
from causalcopilot.report.findings import Found
from causalcopilot.report.view import Grid, Section
from causalcopilot.toolkit.result import EstimateResult, Table

CURVES = ("levels", "dose_response")
NOTES = {
    "levels": "Each level is compared with the one the question compares with; quick learners, intervals of one "
    "comparison each, not of all together.",
    "dose_response": "Bins hold equally many rows; quick learners, intervals of one comparison each, not of all "
    "together. The estimate above is the straight line through this.",
}


def section(found: Found[EstimateResult]) -> Section:
    """The curve of the treatment, empty where the estimate made none."""
    table = next((t for t in found.result.tables if t.name in CURVES), None)
    if table is None:
        return Section("curve", "The whole curve")
    heads = (table.columns[0], "rows", "adjusted mean", "interval", "difference", "its interval")
    grid = Grid(f"{table.title} (call {found.call.id})", heads, _rows(table), numeric=(1, 2, 3, 4, 5))
    return Section("curve", "The whole curve", notes=(NOTES[table.name],), grids=(grid,))


def _rows(table: Table) -> tuple[tuple[str, ...], ...]:
    out = []
    for name, rows, mean, low, high, gap, gap_low, gap_high in table.rows:
        cells = (display(name), display(rows, ",d"), _one(mean), _ends(low, high))
        out.append((*cells, _one(gap), _ends(gap_low, gap_high)))
    return tuple(out)


def _one(value: Scalar) -> str:
    return "–" if value is None else display(value, ",.3g")


def _ends(low: Scalar, high: Scalar) -> str:
    return "–" if low is None or high is None else f"{_one(low)} to {_one(high)}"
