"""Whether the rows of a table look like steps of a series: each row is like the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from causalcopilot.data.names import counted, listed
from causalcopilot.domain.profile import Notice

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

ALIKE = 0.3
"""Autocorrelation beyond which a column counts as alike from row to row; at 0.3 in all columns, intervals are about a
third too narrow."""
SURE = 6.0
"""... which must also be so many standard errors (of independent rows) above zero."""
SHARE = 0.6
"""Share of the columns that must be so: in rows listed place by place, a few columns are alike too."""
MIN_ROWS, MIN_COLUMNS = 40, 2
CODE = "row_order"


def notice(matrix: Array, names: Sequence[str], times: Sequence[str]) -> list[Notice]:
    """What to tell of the order of rows, if anything.

    Args:
        matrix: (n, p) number columns in the order of the rows, NaN where missing.
        names: of the columns.
        times: columns that may hold the time.
    """
    kept = [i for i, n in enumerate(names) if n not in times]
    alike = [names[kept[k]] for k in along_rows(matrix[:, kept])] if kept and len(matrix) >= MIN_ROWS else []
    if len(alike) < max(MIN_COLUMNS, SHARE * len(kept)):
        return []
    text = (
        f"rows look like steps of a series: in {counted(len(alike), 'column')} ({listed(alike[:5])}"
        f"{' …' if len(alike) > 5 else ''}) each row is like the one before it, so that they count for fewer"
        " independent rows than there are; tests and intervals that take them for independent find too much"
    )
    return [Notice(CODE, text, tuple(alike))]


def along_rows(x: Array) -> list[int]:
    """Columns with clear autocorrelation from one row to the next, beyond what sorted columns bring about.

    A table sorted by a column is alike from row to row in all that depends on it; so monotone columns, and the row
    number, are taken out of the others by least squares first, and are not counted themselves.
    """
    import numpy as np

    n = len(x)
    known = np.isfinite(x)
    counts = known.sum(axis=0)
    means = np.where(known, x, 0.0).sum(axis=0) / np.maximum(counts, 1)
    filled = np.where(known, x, means)
    steps = np.diff(filled, axis=0)
    sorted_by = (steps >= 0).all(axis=0) | (steps <= 0).all(axis=0)
    base = np.column_stack([np.ones(n), np.linspace(-1, 1, n), filled[:, sorted_by]])
    scale = np.abs(base).max(axis=0)
    base = base / np.where(scale > 0, scale, 1.0)
    rest = filled - base @ np.linalg.lstsq(base, filled, rcond=None)[0]
    rest = np.where(known, rest, 0.0)
    size = (rest**2).sum(axis=0)
    together = (rest[1:] * rest[:-1]).sum(axis=0)
    varies = size > 1e-12 * n * np.maximum(filled.var(axis=0), 1e-300)
    r = np.divide(together, size, out=np.zeros(x.shape[1]), where=varies & (size > 0))
    bound = max(ALIKE, SURE / np.sqrt(n))
    return [int(i) for i in np.flatnonzero((r > bound) & ~sorted_by)]
