"""Quantiles for intervals, without importing scipy.stats."""

from __future__ import annotations

from statistics import NormalDist


def normal_quantile(level: float) -> float:
    """Half-width of a two-sided normal interval in standard errors (1.96 at .95)."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def t_quantile(level: float, degrees: float) -> float:
    """Half-width of a two-sided t interval with (possibly fractional) degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + level / 2))
