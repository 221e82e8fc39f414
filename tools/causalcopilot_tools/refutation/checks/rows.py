"""The rows themselves: repeated, dropped, too few, too imprecise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot.domain.profile import ColumnProfile
from causalcopilot_tools.refutation.material import Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LOOK = 0.3
"""Share of repeated rows from which the table is looked through: below, not nearly all rows can have a twin."""


def duplicates(m: Material) -> tuple[Check, ...]:
    """Exact twins.  Few are told; nearly all rows in equal numbers of copies mean standard errors that are too small.

    A table of few small categories repeats rows by nature, in all sorts of numbers; copies come in multiples.
    """
    profile = m.context.profile
    share = profile.duplicate_rows / max(profile.rows, 1)
    if not profile.duplicate_rows and _numbered(m):
        counts = _multiplicities(m)
        twins = float(counts[counts > 1].sum() / counts.sum())
        if twins >= thresholds.REPEATED_FAIL and _common_multiple(counts):
            told = "but for what names the row, nearly every row stands in equal copies"
            return (Check("duplicates", "data", "fail", twins, thresholds.REPEATED_FAIL, True, told),)
    if not profile.duplicate_rows:
        return (
            Check(
                "duplicates", "data", "pass", 0.0, thresholds.REPEATED_FAIL, True, "no row repeats another"
            ),
        )
    detail, status = f"{profile.duplicate_rows} rows repeat an earlier row", "warn"
    if share >= LOOK:
        counts = _multiplicities(m)
        twins = float(counts[counts > 1].sum() / counts.sum())
        copied = twins >= thresholds.REPEATED_FAIL and _common_multiple(counts)
        share, status = twins, "fail" if copied else "warn"
        detail += (
            "; nearly every row stands in equal copies"
            if copied
            else "; expected where columns hold few values"
        )
    found: CheckStatus = "fail" if status == "fail" else "warn"
    return (Check("duplicates", "data", found, share, thresholds.REPEATED_FAIL, True, detail),)


def _numbered(m: Material) -> list[str]:
    """Columns that name or number the rows: copies of a row differ in them."""
    p = m.context.profile
    return [
        c.name
        for c in p.columns
        if c.name not in (m.treatment, m.prepared.outcome, *m.identification.controls.used)
        and (c.type == "identifier" or _counts_rows(c, p.rows))
    ]


def _counts_rows(column: ColumnProfile, rows: int) -> bool:
    """Whole numbers without gaps, each once."""
    low, high = column.minimum, column.maximum
    whole = isinstance(low, (int, float)) and isinstance(high, (int, float)) and high - low == rows - 1
    return whole and column.distinct == rows


def _multiplicities(m: Material) -> NDArray[np.int64]:
    """How often each distinct row of the whole table occurs, columns that name the row left aside."""
    import numpy as np
    import pandas as pd

    frame = m.context.dataset.frame().drop(columns=_numbered(m))
    keys = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return np.unique(keys, return_counts=True)[1]


def _common_multiple(counts: NDArray[np.int64]) -> bool:
    """Whether nearly all rows occur a multiple of the same number of times."""
    if len(counts) < 10:
        return False
    return any(float((counts % k == 0).mean()) >= thresholds.REPEATED_FAIL for k in (2, 3, 5, 7))


def dropped_rows(m: Material) -> tuple[Check, ...]:
    """Share of the table's rows without treatment or outcome."""
    p = m.prepared
    share = p.dropped / max(p.rows, 1)
    status: CheckStatus = (
        "fail" if share > thresholds.LOST_FAIL else "warn" if share > thresholds.LOST_WARN else "pass"
    )
    detail = f"{p.dropped} of {p.rows} rows lack {p.treatment} or {p.outcome} and are left out"
    return (Check("dropped_rows", "data", status, share, thresholds.LOST_FAIL, True, detail),)


def filled_controls(m: Material) -> tuple[Check, ...]:
    """Share of the rows in which a control was missing and filled in."""
    p = m.prepared
    kept = max(p.rows - p.dropped, 1)
    share = p.imputed / kept
    status: CheckStatus = (
        "fail" if share > thresholds.FILLED_FAIL else "warn" if share > thresholds.FILLED_WARN else "pass"
    )
    detail = f"{p.imputed} of {kept} rows lack a control, which was filled in"
    return (Check("filled_controls", "data", status, share, thresholds.FILLED_FAIL, True, detail),)


def sample_size(m: Material) -> tuple[Check, ...]:
    """Rows in the smallest group that the interval rests on."""
    import numpy as np

    p = m.prepared
    smallest = p.n
    if not m.continuous:
        smallest = min(int(np.count_nonzero(arm == p.T)) for arm in (0, 1))
    if p.binary_outcome:
        events = int(np.count_nonzero(p.Y[m.rows] > 0))
        smallest = min(smallest, events, int(np.count_nonzero(m.rows)) - events)
    status: CheckStatus = "pass" if smallest >= thresholds.MIN_ARM and p.n >= thresholds.MIN_ROWS else "fail"
    detail = f"{p.n} rows, {smallest} in the smallest group"
    return (Check("sample_size", "data", status, float(smallest), float(thresholds.MIN_ARM), True, detail),)


def precision(m: Material) -> tuple[Check, ...]:
    """An interval that holds zero must stay within the margin that makes a zero precise."""
    low, high = m.primary.low, m.primary.high
    if low is None or high is None:
        return (Check("precision", "diagnostic", "skipped", None, None, True, "there is no interval"),)
    far = max(abs(low), abs(high)) / m.narrow
    clear = not low <= 0.0 <= high
    by = " (as its quartiles tell them)" if m.narrow < m.spread else ""
    status: CheckStatus = "pass" if clear or far <= thresholds.NULL_MARGIN else "fail"
    detail = (
        "the interval does not hold zero"
        if clear
        else f"the interval holds zero and reaches {far:.2f} standard deviations of the outcome{by}"
    )
    return (
        Check(
            "precision", "diagnostic", status, far, None if clear else thresholds.NULL_MARGIN, True, detail
        ),
    )
