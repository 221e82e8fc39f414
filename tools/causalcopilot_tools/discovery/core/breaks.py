"""Did the law of a series change on the way?  CUSUM of the residuals of its own autoregression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalcopilot_tools.discovery.core.moments import FloatArray

LAGS = 2
"""Own lags in the autoregression whose residuals are summed."""
MIN_LENGTH = 40
"""Shorter series are not tested."""


@dataclass(frozen=True)
class Break:
    """The likeliest break of one series.

    Attributes:
        p_value: of the CUSUM test (Ploberger & Krämer 1992).
        at: row before which the law was another, by the largest sum.
    """

    p_value: float
    at: int


def find(x: FloatArray) -> Break:
    """Test one complete series for a break in its mean (statsmodels ``breaks_cusumolsresid``).

    Args:
        x: (n,), n at least ``MIN_LENGTH``.
    """
    from statsmodels.stats.diagnostic import breaks_cusumolsresid

    n = len(x)
    lagged = np.column_stack([np.ones(n - LAGS), *(x[LAGS - k : n - k] for k in range(1, LAGS + 1))])
    e = x[LAGS:] - lagged @ np.linalg.lstsq(lagged, x[LAGS:], rcond=None)[0]
    p_value = float(breaks_cusumolsresid(e, ddof=LAGS + 1)[1])
    return Break(p_value, LAGS + int(np.abs(np.cumsum(e)[:-1]).argmax()) + 1)
