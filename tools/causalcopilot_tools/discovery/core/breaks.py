"""Did the mean of a series change on the way?  The largest F statistic over all possible times of one break."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalcopilot_tools.discovery.core.moments import FloatArray

LAGS = 2
"""Own lags held constant while the level may shift."""
TRIM = 0.15
"""Share of the series at each end in which no break is looked for."""
MIN_LENGTH = 40
"""Shorter series are not tested."""


@dataclass(frozen=True)
class Break:
    """The likeliest break of one series.

    Attributes:
        statistic: largest F.
        p_value: of the sup-F test (Andrews 1993).
        at: first row of the new level.
    """

    statistic: float
    p_value: float
    at: int


def find(x: FloatArray) -> Break:
    """Test one complete series for one shift of its level, given its own lags.

    Args:
        x: (n,), n at least ``MIN_LENGTH``.
    """
    n = len(x) - LAGS
    y = x[LAGS:]
    base = np.column_stack([np.ones(n), *(x[LAGS - k : -k] for k in range(1, LAGS + 1))])
    q, _ = np.linalg.qr(base)
    e = y - q @ (q.T @ y)
    first, last = int(TRIM * n), int((1 - TRIM) * n)
    # of the step that begins at each time: its part outside the base, and how the residuals lean on it
    heads = np.vstack([np.zeros(q.shape[1]), np.cumsum(q, axis=0)])[first:last]
    tails = q.sum(axis=0) - heads
    size = (n - np.arange(first, last)) - (tails**2).sum(axis=1)
    lean = e.sum() - np.concatenate([[0.0], np.cumsum(e)])[first:last]
    gain = lean**2 / np.maximum(size, 1e-12)
    k = int(gain.argmax())
    left = float(e @ e) - float(gain[k])
    f = float(gain[k]) / (left / (n - q.shape[1] - 1)) if left > 0 else np.inf
    return Break(f, tail(f), LAGS + first + k)


def tail(f: float) -> float:
    """P-value of the largest of F statistics with one degree of freedom (DeLong 1981; Estrella 2003, eq. 5)."""
    if f <= 1.5:  # the expansion holds in the tail only
        return 1.0
    if not np.isfinite(f):
        return 0.0
    width = 2 * np.log((1 - TRIM) / TRIM)
    return float(min(1.0, np.sqrt(f / (2 * np.pi)) * np.exp(-f / 2) * ((1 - 1 / f) * width + 2 / f)))
