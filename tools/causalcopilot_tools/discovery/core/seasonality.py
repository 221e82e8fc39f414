"""Does a series repeat with the calendar?  A test of seasonal means, and their removal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from causalcopilot_tools.discovery.core.moments import FloatArray, IntArray

Season = Literal["means", "difference"]

LEVEL = 0.001
"""Level of the F test, before division by the numbers of variables and of periods tried."""
SHARE = 0.02
"""Share of the innovation variance that seasonal means must explain: less cannot disturb a search."""
CYCLES = 4
"""Whole periods a series must hold."""
LASTING = 0.6
"""Autocorrelation at the period, after the means are gone, from which the pattern itself wanders."""


@dataclass(frozen=True)
class Seasonality:
    """A seasonal pattern.

    Attributes:
        period: steps.
        p_value: of the F test.
        how: subtract the means of the seasons, or take differences over a period where the pattern wanders.
    """

    period: int
    p_value: float
    how: Season


def find(x: FloatArray, phase: IntArray, periods: Sequence[int], level: float = LEVEL) -> Seasonality | None:
    """The clearest of the given periods, ``None`` where none is clear.

    F test of the seasons' indicators in a regression with a trend and the series' own lags 1 to 3, the period
    and the one after it.

    Args:
        x: (n,) on a regular grid, NaN where unknown.
        phase: (n,) position in time, whole numbers.
        periods: lengths to try, in steps.
        level: of the test, before division by the number of periods.
    """
    found: list[tuple[float, int]] = []
    for period in periods:
        p_value, share = _test(x, phase, period)
        if p_value < level / len(periods) and share > SHARE:
            found.append((p_value, period))
    if not found:
        return None
    p_value, period = min(found, key=lambda f: (f[0], f[1]))
    left = np.diff(x - means(x, phase, period))
    lasting = _autocorrelation(left, period)
    return Seasonality(period, p_value, "difference" if lasting > LASTING else "means")


def means(x: FloatArray, phase: IntArray, period: int) -> FloatArray:
    """(n,) mean of each row's season about the overall mean, from the series without its moving average."""
    season = phase % period
    level = _moving_average(x, period)
    ratio = x - level
    each = np.array([np.nanmean(ratio[season == s]) if (season == s).any() else 0.0 for s in range(period)])
    each = np.nan_to_num(each - np.nanmean(each))
    return np.asarray(each[season])


def remove(x: FloatArray, phase: IntArray, found: Seasonality) -> FloatArray:
    """The series without its seasonal pattern; the first period is NaN after differences."""
    if found.how == "means":
        return x - means(x, phase, found.period)
    out = np.full(len(x), np.nan)
    out[found.period :] = x[found.period :] - x[: -found.period]
    return out


def _test(x: FloatArray, phase: IntArray, period: int) -> tuple[float, float]:
    """P-value of the F test, and the share of residual variance that the seasons explain."""
    from scipy.special import fdtrc

    n = len(x)
    if n < CYCLES * period + 10:
        return 1.0, 0.0
    lags = sorted({1, 2, 3, period, period + 1})
    start = max(lags)
    own = np.column_stack([x[start - lag : n - lag] for lag in lags])
    base = np.column_stack([np.ones(n - start), np.linspace(-1, 1, n - start), own])
    season = phase[start:] % period
    full = np.column_stack([base, season[:, None] == np.arange(1, period)])
    keep = ~(np.isnan(full).any(axis=1) | np.isnan(x[start:]))
    free = int(keep.sum()) - full.shape[1]
    if free < period:
        return 1.0, 0.0
    y = x[start:][keep]
    rss = [
        float(((y - m @ np.linalg.lstsq(m, y, rcond=None)[0]) ** 2).sum()) for m in (base[keep], full[keep])
    ]
    if rss[0] <= 0 or rss[1] <= 1e-12 * rss[0]:
        return 0.0, 1.0
    f = (rss[0] - rss[1]) / (period - 1) / (rss[1] / free)
    return float(fdtrc(period - 1, free, max(f, 0.0))), 1 - rss[1] / rss[0]


def _moving_average(x: FloatArray, period: int) -> FloatArray:
    """Centred average over one period (half weights at its ends for an even one); edges take the nearest."""
    weight = np.ones(period) if period % 2 else np.r_[0.5, np.ones(period - 1), 0.5]
    known = ~np.isnan(x)
    total = np.convolve(np.where(known, x, 0.0), weight, "same")
    count = np.convolve(known.astype(float), weight, "same")
    with np.errstate(invalid="ignore", divide="ignore"):
        out = total / count
    half = len(weight) // 2
    out[:half], out[-half:] = out[half], out[-half - 1]
    return np.asarray(out)


def _autocorrelation(x: FloatArray, lag: int) -> float:
    a, b = x[lag:], x[:-lag]
    both = ~(np.isnan(a) | np.isnan(b))
    if both.sum() < 3:
        return 0.0
    a, b = a[both] - a[both].mean(), b[both] - b[both].mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0
