"""Was the treatment handed out by group?  A column within whose values the treatment never varies says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain.profile import ColumnProfile
from causalcopilot.toolkit.context import Context

if TYPE_CHECKING:
    import pandas as pd

MIN_GROUPS = 6
"""Fewer groups without a change of treatment are no sign: any column of few values that causes it looks like that."""
MIN_SIZE = 2.0
"""Rows a group holds on average, at least."""
GROUPING = ("nominal", "ordinal", "count", "identifier", "text")


def grouping_columns(
    context: Context, treatment: str, outcome: str, controls: tuple[str, ...]
) -> tuple[str, ...]:
    """Columns that look as if the treatment had been assigned by them, in table order.

    Within each value the treatment is one, both treatments occur, and it is not a step along the column (that
    would be a cutoff).  Columns that are controls are left to the overlap, which they would break.
    """
    profile = context.profile
    names = [
        c.name
        for c in profile.columns
        if c.name not in (treatment, outcome, *controls) and _may_group(c, profile.rows)
    ]
    if not names:
        return ()
    frame = context.dataset.frame([treatment, *names])
    return tuple(n for n in names if assigned_by(frame[treatment], frame[n]))


def _may_group(column: ColumnProfile, rows: int) -> bool:
    return column.type in GROUPING and MIN_GROUPS <= column.distinct <= rows / MIN_SIZE


def assigned_by(treatment: pd.Series, group: pd.Series) -> bool:
    """Whether one treatment value holds within every group, for enough groups that hold several rows."""
    import pandas as pd

    known = treatment.notna() & group.notna()
    code = pd.Series(pd.factorize(treatment[known])[0])
    group = group[known].reset_index(drop=True)
    grouped = code.groupby(group.to_numpy())
    if int(grouped.nunique().max() or 0) != 1 or code.nunique() < 2:
        return False
    if int((grouped.size() > 1).sum()) < MIN_GROUPS or len(code) < MIN_SIZE * grouped.ngroups:
        return False
    if pd.api.types.is_numeric_dtype(group):
        ordered = grouped.first().sort_index()
        return int((ordered != ordered.shift()).sum()) > 2
    return True
