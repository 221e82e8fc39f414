"""How strongly one column moves another: standardised linear effects given controls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.float64]]

LEVEL = 1.959963984540054
"""Normal quantile of a 95 % interval."""
FEWEST_SPARE_ROWS = 10
"""Rows beyond the number of coefficients below which no strength is given."""


@dataclass(frozen=True, slots=True)
class Strength:
    """A standardised linear effect.

    Attributes:
        value: standard deviations of the outcome per standard deviation of the cause, 0 or more.
        signed: the same with its sign; ``None`` for a cause of several columns (levels of a nominal one).
        low, high: 95 % interval of ``signed``, from heteroscedasticity-consistent errors (HC1).
        n: rows used.
    """

    value: float
    signed: float | None
    low: float | None
    high: float | None
    n: int


def strength(y: Array, cause: Array, controls: Array) -> Strength | None:
    """The linear effect of a cause on an outcome given controls, in standard deviations.

    A cause of several columns counts by the standard deviation of its fitted part, which for one column is
    the same as the absolute standardised coefficient.

    Args:
        y: (n,) outcome.
        cause: (n, k) columns of the cause.
        controls: (n, p) columns held fixed.

    Returns:
        ``None`` where the outcome or the cause does not vary, the controls determine the cause, or rows are
        too few.
    """
    import numpy as np

    n, k = cause.shape
    sd_y = float(y.std())
    if n < k + controls.shape[1] + 1 + FEWEST_SPARE_ROWS or not sd_y > 0 or not (cause.std(axis=0) > 0).all():
        return None
    ones = np.ones((n, 1))
    rest = np.hstack([ones, _scaled(controls)])
    residual = cause - rest @ np.linalg.lstsq(rest, cause, rcond=None)[0]
    if not (residual.std(axis=0) > 1e-7 * cause.std(axis=0)).all() or np.linalg.matrix_rank(residual) < k:
        return None
    beta = np.linalg.lstsq(residual, y, rcond=None)[0]
    value = float((cause @ beta).std()) / sd_y
    if k > 1:
        return Strength(value, None, None, None, n)
    x, sd_x = residual[:, 0], float(cause[:, 0].std())
    left = y - rest @ np.linalg.lstsq(rest, y, rcond=None)[0] - x * beta[0]
    spare = n - controls.shape[1] - 2
    error = float(np.sqrt((x**2 * left**2).sum() * n / spare) / (x**2).sum())
    signed, half = float(beta[0]) * sd_x / sd_y, LEVEL * error * sd_x / sd_y
    return Strength(value, signed, signed - half, signed + half, n)


def _scaled(columns: Array) -> Array:
    """Columns with mean zero and unit spread, so that units do not spoil the least squares."""
    import numpy as np

    spread = columns.std(axis=0)
    return np.asarray((columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0))
