"""Vector autoregression with a conditional Granger test of every lagged coefficient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalcopilot_tools.discovery.core.lagged import Stacked
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray


@dataclass(frozen=True)
class Granger:
    """A fitted autoregression.

    Attributes:
        coefficients: (L, p, p); ``[l - 1, i, j]`` is the effect of ``i`` on ``j`` after ``l`` steps, given all
            other lagged variables.
        p_values: of its t test.
        residuals: (m, p).
    """

    coefficients: FloatArray
    p_values: FloatArray
    residuals: FloatArray


def fit(s: Stacked, forbidden: BoolArray | None = None) -> Granger:
    """Least squares, equation by equation; the t tests are Granger's, given every other lag (1969; Geweke 1984).

    Args:
        s: the stacked series.
        forbidden: (p, p) pairs left out of the equations.
    """
    from scipy.special import stdtr

    m, p = len(s.z), s.p
    out = np.zeros((s.lags, p, p))
    p_values = np.ones((s.lags, p, p))
    residuals = np.empty((m, p))
    for j in range(p):
        kept = np.ones((s.lags, p), bool) if forbidden is None else np.tile(~forbidden[:, j], (s.lags, 1))
        design = np.column_stack([np.ones(m), s.past[:, kept.ravel()]])
        q, r = np.linalg.qr(design)
        b = np.linalg.solve(r, q.T @ s.present[:, j])
        e = s.present[:, j] - design @ b
        free = m - design.shape[1]
        inverse = np.linalg.inv(r)
        spread = np.sqrt((inverse**2).sum(axis=1) * float(e @ e) / free)
        out[kept, j] = b[1:]
        p_values[kept, j] = 2 * stdtr(free, -np.abs(b[1:] / spread[1:]))
        residuals[:, j] = e
    return Granger(out, p_values, residuals)


def discoveries(p_values: FloatArray, level: float) -> BoolArray:
    """Which tests stand when the expected share of false ones is held at ``level`` (Benjamini & Hochberg 1995)."""
    ordered = np.sort(p_values.ravel())
    below = np.flatnonzero(ordered <= level * np.arange(1, len(ordered) + 1) / len(ordered))
    return p_values <= ordered[below[-1]] if len(below) else np.zeros(p_values.shape, bool)
