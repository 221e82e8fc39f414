"""What stands between a variable and its column: selection, measurement error, missing cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

SLOPE = 1.5
"""Log odds of a missing cell, or of being selected, per standard deviation of what drives it."""
COMPLETE = 0.2
"""Share of columns that stay complete under MAR: they drive the gaps of the others."""


def intercept(drive: Values, share: float) -> float:
    """Constant with which ``P = expit(constant + drive)`` has mean ``share``, by bisection."""
    low, high = -50.0, 50.0
    for _ in range(80):
        middle = (low + high) / 2
        if expit(middle + drive).mean() < share:
            low = middle
        else:
            high = middle
    return middle


def expit(x: Values) -> Values:
    """Logistic function."""
    import numpy as np

    return np.asarray(1 / (1 + np.exp(-np.clip(x, -500, 500))))


def with_error(
    table: Values, columns: Sequence[int], share: float, spread: Values, streams: Sequence[int]
) -> Values:
    """Gaussian error added to some columns, such that ``share`` of the variance of each is error.

    Args:
        table: (n, p) true values.
        columns: those measured with error.
        share: 0 to below 1; one minus the reliability.
        spread: (p,) standard deviations of the true values.
        streams: seed.
    """
    import numpy as np

    out = table.copy()
    for j in columns:
        size = spread[j] * np.sqrt(share / (1 - share))
        out[:, j] += size * np.random.default_rng([*streams, j]).standard_normal(len(table))
    return out


def standardised(column: Values, centre: float, spread: float) -> Values:
    """A column in its own scale; a constant one is zero."""
    return (column - centre) / spread if spread > 0 else column * 0


def mcar(rows: int, columns: int, share: float, streams: Sequence[int]) -> NDArray[np.bool_]:
    """(n, p) cells missing completely at random."""
    import numpy as np

    drawn = [np.random.default_rng([*streams, j]).random(rows) < share for j in range(columns)]
    return np.column_stack(drawn)


def mar_drivers(columns: int, streams: Sequence[int]) -> dict[int, int]:
    """For each column that has gaps, the complete column that drives them."""
    import numpy as np

    rng = np.random.default_rng(list(streams))
    order = [int(j) for j in rng.permutation(columns)]
    complete = max(1, round(COMPLETE * columns))
    return {j: order[int(rng.integers(complete))] for j in sorted(order[complete:])}


def mar(
    table: Values, pilot: Values, drivers: Mapping[int, int], share: float, streams: Sequence[int]
) -> NDArray[np.bool_]:
    """(n, p) cells missing at random: the odds depend on a column that is always seen, and on nothing else.

    Args:
        table: (n, p) recorded values.
        pilot: (m, p) other rows of the same table, on which rates are set.
        drivers: column with gaps to the column that drives them.
        share: of all cells of the table.
        streams: seed.
    """
    import numpy as np

    out = np.zeros(table.shape, bool)
    rate = share * table.shape[1] / len(drivers)
    for j, driver in drivers.items():
        centre, spread = float(pilot[:, driver].mean()), float(pilot[:, driver].std())
        constant = intercept(SLOPE * standardised(pilot[:, driver], centre, spread), rate)
        odds = constant + SLOPE * standardised(table[:, driver], centre, spread)
        out[:, j] = np.random.default_rng([*streams, j]).random(len(table)) < expit(odds)
    return out
