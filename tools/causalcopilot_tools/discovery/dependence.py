"""Cautions where rows that a search takes for independent ones are steps of a series, or several of one unit."""

from __future__ import annotations

from dataclasses import dataclass

from causalcopilot.data.names import listed
from causalcopilot.data.row_order import CODE as ROW_ORDER
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.discovery.prepared import Prepared

ALIKE = 0.1
"""Correlation of two rows of one unit from which a column counts as alike within units; with ten rows a unit and two
such columns, a correlation's variance is a tenth above that of independent rows, and grows with the rows of a unit."""
LEVEL = 0.001
"""... where the F-test of no such correlation must reject too."""
MIN_COLUMNS = 2
"""Columns that must be alike: tests go wrong where both of their columns are."""
NAMED = 5


def cautions(context: Context, data: Prepared) -> list[str]:
    """What to tell, if anything.

    Args:
        context: the case.
        data: its columns, with all rows of the table.
    """
    found = alike(context, data)
    if found:
        said = f"{found.said}, so that they are not independent: edges may be too many"
        time = _time(context)
        return [f"{said}; search over time instead (--time {time} --unit {found.unit})" if time else said]
    steps = [c for n in context.profile.notices if n.code == ROW_ORDER for c in n.columns if c in data.names]
    if not steps:
        return []
    times = context.profile.time_columns
    cure = (
        f"search over time instead (--time {times[0]})" if times else "if they are, name their time (--time)"
    )
    return [f"the rows look like steps of a series, not like independent rows: edges may be too many; {cure}"]


@dataclass(frozen=True)
class Alike:
    """Rows that belong together and resemble each other.

    Attributes:
        unit: the column whose values say which rows belong together.
        said: how many there are, and in which columns their rows are alike.
    """

    unit: str
    said: str


def alike(context: Context, data: Prepared) -> Alike | None:
    """The unit whose rows resemble each other in two columns or more, by the knowledge or the looks of the table.

    Args:
        context: the case.
        data: its columns, with all rows of the table.
    """
    unit = _unit(context)
    columns = _alike(context, data, unit) if unit else []
    if not columns:
        return None
    shown = f"{listed(columns[:NAMED])}{' …' if len(columns) > NAMED else ''}"
    units = context.profile.column(unit).distinct
    return Alike(unit, f"the rows come from {units:,} values of {unit}, and rows of one are alike ({shown})")


def one_of_each(context: Context, data: Prepared, unit: str) -> Prepared:
    """One row of each unit, drawn at random: rows that are independent of one another where units are."""
    import numpy as np

    values = context.dataset.frame([unit])[unit]
    order = np.random.default_rng([context.seed, 29]).permutation(len(values))
    first = order[~values.iloc[order].duplicated().to_numpy() & values.iloc[order].notna().to_numpy()]
    return data.resample(np.sort(first))


def _unit(context: Context) -> str:
    """The column that says which rows belong together: by the knowledge, else by the looks of the table."""
    known = [c for role in ("unit", "cluster") for c in context.knowledge.with_role(role)]
    here = [c for c in (*known, *context.profile.unit_columns) if c in context.dataset.columns]
    return here[0] if here else ""


def _time(context: Context) -> str:
    known = [c for c in context.knowledge.with_role("time") if c in context.dataset.columns]
    return next(iter((*known, *context.profile.time_columns)), "")


def _alike(context: Context, data: Prepared, unit: str) -> list[str]:
    """Numbers and binary columns that rows of one unit have in common."""
    import numpy as np
    import pandas as pd

    from causalcopilot_tools.discovery.core.intraclass import intraclass

    groups = np.asarray(pd.factorize(context.dataset.frame([unit])[unit])[0], np.int64)
    out = []
    for name, block in zip(data.names, data.blocks, strict=True):
        if len(block) == 1 and name != unit:
            correlation, p = intraclass(data.matrix[:, block[0]], groups)
            if correlation >= ALIKE and p < LEVEL:
                out.append(name)
    return out if len(out) >= MIN_COLUMNS else []
