"""The section about the table: its size, its columns, and everything odd about it."""

from __future__ import annotations

from causalcopilot.domain.facts import display
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.report.findings import Findings
from causalcopilot.report.view import Grid, Section

_MANY_COLUMNS = 150


def section(findings: Findings) -> Section:
    """Profile and notices."""
    found = findings.profile
    if found is None or found.result.profile is None:
        return Section("data", "The data")
    p = found.result.profile
    size = (
        ("rows", f"{p.rows:,d}"),
        ("columns", f"{len(p.columns):,d}"),
        ("complete rows", f"{p.complete_rows:,d}"),
        ("rows that repeat another", f"{p.duplicate_rows:,d}"),
        ("constant columns", ", ".join(p.constants)),
        ("identifier columns", ", ".join(p.identifiers)),
        ("columns that determine one another", "; ".join(", ".join(g) for g in p.collinear)),
    )
    grids = [Grid(f"Size (call {found.call.id})", ("what", "value"), tuple(r for r in size if r[1]))]
    grids.append(_columns(p, findings))
    notes = (*(n.message for n in p.notices), *found.result.findings)
    return Section("data", "The data", notes=tuple(dict.fromkeys(notes)), grids=tuple(grids), quiet=True)


def _columns(p: Profile, findings: Findings) -> Grid:
    first = [c for c in (findings.run.question.treatment, findings.run.question.outcome) if c]
    ordered = sorted(p.columns, key=lambda c: first.index(c.name) if c.name in first else len(first))
    rows = [_column(c) for c in ordered[:_MANY_COLUMNS]]
    heads = (
        "column",
        "type",
        "unit",
        "missing",
        "distinct",
        "mean",
        "deviation",
        "middle of the values",
        "meaning",
    )
    more = f", the first {_MANY_COLUMNS} of {len(p.columns)}" if len(p.columns) > _MANY_COLUMNS else ""
    caption = f"Columns{more}; the middle of the values leaves out the outer hundredth at each end"
    return Grid(caption, heads, tuple(rows), numeric=(3, 4, 5, 6, 7), names=(0,)).compact()


def _column(c: ColumnProfile) -> tuple[str, ...]:
    spread = (
        f"{display(c.low, '.4g')} to {display(c.high, '.4g')}"
        if c.low is not None and c.high is not None
        else ""
    )
    return (
        c.name,
        c.type,
        c.unit,
        f"{c.missing:,d}" if c.missing else "",
        f"{c.distinct:,d}",
        display(c.mean, ".4g") if c.mean is not None else "",
        display(c.std, ".4g") if c.std is not None else "",
        spread,
        c.meaning,
    )
