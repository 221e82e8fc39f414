"""Has a series a constant mean?  Unit root and stationarity tests, and the written rule of what to do about it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from causalcopilot_tools.discovery.core.moments import FloatArray

Treatment = Literal["none", "detrend", "difference"]

ADF_LEVEL = 0.05
"""Level of the augmented Dickey-Fuller test."""
KPSS_LEVEL_CRITICAL, KPSS_TREND_CRITICAL = 0.739, 0.216
"""1 % critical values of KPSS about a level and about a trend (Kwiatkowski et al. 1992, table 1)."""
OVER_DIFFERENCED = -0.15
"""Lag-1 autocorrelation of the differences below which differencing would overshoot: a random walk gives 0, a
stationary series with weak memory -0.5."""
ROWS_PER_WAVE = 30
"""Detrending takes out waves longer than twice so many steps."""
MIN_LENGTH = 30
"""Shorter series are not tested: neither test says anything then."""


@dataclass(frozen=True)
class Stationarity:
    """What the tests say of one series.

    Attributes:
        adf_p: p-value of the augmented Dickey-Fuller test with a trend (null: unit root).
        kpss_level, kpss_trend: KPSS statistics (null: stationary about a level, about a trend).
        turn: lag-1 autocorrelation of the differences.
    """

    adf_p: float
    kpss_level: float
    kpss_trend: float
    turn: float

    @property
    def unit_root(self) -> bool:
        """Whether a unit root is not rejected, and differencing would not overshoot."""
        return self.adf_p >= ADF_LEVEL and self.turn > OVER_DIFFERENCED

    @property
    def drifts(self) -> bool:
        """Whether the mean moves: KPSS rejects, or the unit root is not rejected."""
        moves = self.kpss_level > KPSS_LEVEL_CRITICAL or self.kpss_trend > KPSS_TREND_CRITICAL
        return moves or self.adf_p >= ADF_LEVEL


def examine(x: FloatArray) -> Stationarity:
    """ADF (lags by AIC) and KPSS (lags 12 (n/100)^(1/4)) of one complete series that varies (statsmodels).

    Args:
        x: (n,), n at least ``MIN_LENGTH``.
    """
    from statsmodels.tsa.stattools import adfuller, kpss

    lags = int(12 * (len(x) / 100) ** 0.25)
    x = (x - x.mean()) / x.std()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # p-values outside KPSS's table; we use statistics
        adf_p = float(adfuller(x, regression="ct", autolag="AIC")[1])
        level, trend = (float(kpss(x, how, nlags=min(lags, len(x) - 2))[0]) for how in ("c", "ct"))
    d = np.diff(x) - np.diff(x).mean()
    power = float(d @ d)
    return Stationarity(adf_p, level, trend, float(d[1:] @ d[:-1]) / power if power > 0 else 0.0)


def decide(examined: Sequence[Stationarity]) -> tuple[Treatment, ...]:
    """The rule: what to do with each variable of one system.

    Links pass a drift on, so variables whose mean moves are treated alike: differenced where unit roots are at
    least as frequent among them as other drifts, else detrended.  In a detrended system the stationary ones are
    detrended too (that costs next to nothing); in a differenced one they stay as they are.
    """
    roots = sum(e.unit_root for e in examined)
    drifts = sum(e.drifts and not e.unit_root for e in examined)
    return tuple(_way(e, roots, drifts) for e in examined)


def _way(e: Stationarity, roots: int, drifts: int) -> Treatment:
    if not roots and not drifts:
        return "none"
    if roots >= drifts:
        return "difference" if e.drifts else "none"
    return "detrend"


def apply(x: FloatArray, treatment: Treatment) -> FloatArray:
    """One series after its treatment, of the same length (the first difference is NaN).

    Args:
        x: (n,) on a regular grid, NaN where unknown.
        treatment: as decided.
    """
    if treatment == "difference":
        return np.asarray(np.diff(x, prepend=np.nan))
    return x - slow_part(x) if treatment == "detrend" else x


def slow_part(x: FloatArray) -> FloatArray:
    """A line plus the slowest cosines, fitted by least squares (low-frequency basis of Müller & Watson 2008)."""
    n = len(x)
    known = ~np.isnan(x)
    t = (np.arange(n) + 0.5) / n
    waves = min(n // ROWS_PER_WAVE, max(0, int(known.sum()) // ROWS_PER_WAVE))
    basis = np.column_stack([np.ones(n), t - 0.5, *(np.cos(np.pi * k * t) for k in range(1, waves + 1))])
    fit = np.linalg.lstsq(basis[known], x[known], rcond=None)[0]
    return np.asarray(basis @ fit)
