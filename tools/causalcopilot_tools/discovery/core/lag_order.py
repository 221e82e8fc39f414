"""How far back does a series remember?  Information criteria of vector autoregressions, and a check of what is left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalcopilot_tools.discovery.core import lagged
from causalcopilot_tools.discovery.core.moments import FloatArray, IntArray

SHARE = 0.25
"""Share of the rows that the coefficients of one equation may use up at the longest lag tried."""
MOST = 8
"""Longest lag tried."""
TESTED = 10
"""Lags of the residuals that are tested."""


@dataclass(frozen=True)
class LagOrder:
    """Orders of a vector autoregression.

    Attributes:
        aic, bic: order that minimises each criterion.
        tried: longest order tried.
        criteria: (order, AIC, BIC) for each order, per row.
    """

    aic: int
    bic: int
    tried: int
    criteria: tuple[tuple[int, float, float], ...]


def longest(rows: int, p: int) -> int:
    """The longest order worth trying for so many rows and variables: at least one, at most ``MOST``."""
    return max(1, min(MOST, int(SHARE * rows / p)))


def choose(x: FloatArray, units: IntArray, most: int) -> LagOrder:
    """AIC and BIC of vector autoregressions of order 1 to ``most`` on the same rows (Lütkepohl 2005, §4.3).

    Args:
        x: (n, p) on a regular grid, NaN where unknown.
        units: (n,) number of each row's unit.
        most: longest order.
    """
    p = x.shape[1]
    rows = []
    for order in range(1, most + 1):
        s = lagged.stack(x, units, order, most)
        m = len(s.z)
        design = np.column_stack([np.ones(m), s.past])
        e = s.present - design @ np.linalg.lstsq(design, s.present, rcond=None)[0]
        log_det = float(np.linalg.slogdet(e.T @ e / m)[1])
        k = order * p * p + p
        rows.append((order, log_det + 2 * k / m, log_det + np.log(m) * k / m))
    aic, bic = (min(rows, key=lambda r: r[i])[0] for i in (1, 2))
    return LagOrder(aic, bic, most, tuple(rows))


def left_over(e: FloatArray, runs: IntArray, used: int) -> FloatArray:
    """(p,) p-values of Ljung & Box (1978): is there autocorrelation left in each residual?

    Args:
        e: (m, p) residuals.
        runs: (m,) unbroken runs; products never cross them.
        used: lags of the model, taken off the degrees of freedom.
    """
    from scipy.special import chdtrc

    m = len(e)
    tested = min(TESTED + used, m // 4)
    c = e - e.mean(axis=0)
    power = np.maximum((c * c).sum(axis=0), np.finfo(float).tiny)
    total = np.zeros(e.shape[1])
    for lag in range(1, tested + 1):
        same = runs[lag:] == runs[:-lag]
        r = (c[lag:] * c[:-lag])[same].sum(axis=0) / power
        total += r**2 / (m - lag)
    return np.asarray(chdtrc(max(1, tested - used), m * (m + 2) * total))
