"""Quantiles for intervals and the p values that go with them, without importing scipy.stats."""

from __future__ import annotations

from statistics import NormalDist


def normal_quantile(level: float) -> float:
    """Half-width of a two-sided normal interval in standard errors (1.96 at .95)."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def t_quantile(level: float, degrees: float) -> float:
    """Half-width of a two-sided t interval with (possibly fractional) degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + level / 2))


def two_sided_p(statistic: float, degrees: float | None = None) -> float:
    """Two-sided p value of a value over its error: below ``1 - level`` just where the interval is clear of zero.

    Args:
        statistic: value over standard error.
        degrees: degrees of freedom of the t distribution; ``None`` for the normal.
    """
    from scipy.special import ndtr, stdtr

    return 2.0 * float(ndtr(-abs(statistic)) if degrees is None else stdtr(degrees, -abs(statistic)))
