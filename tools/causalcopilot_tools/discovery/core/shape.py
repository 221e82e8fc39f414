"""Do the residuals look like those of a linear model with non-Gaussian noise?"""

from __future__ import annotations

import numpy as np

from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray

LEVEL = 1e-3
"""Level of each normality or linearity test, before division by the number of columns."""
SKEW = 0.3
EXCESS = 0.5
"""Skewness and excess kurtosis below which a departure from normality is too small to carry a direction."""
CURVE = 0.01
"""Share of residual variance that squares of the causes must explain before a relation counts as curved."""


def non_gaussian_share(residuals: FloatArray) -> float:
    """Share of columns that are clearly not Gaussian, in test and in size (Jarque & Bera 1987).

    Args:
        residuals: (n, p).
    """
    e = (residuals - residuals.mean(axis=0)) / residuals.std(axis=0)
    skew, excess = (e**3).mean(axis=0), (e**4).mean(axis=0) - 3
    statistic = len(e) / 6 * (skew**2 + excess**2 / 4)
    sure = statistic > -2 * np.log(LEVEL / e.shape[1])  # tail of a chi-square with 2 degrees of freedom
    large = (np.abs(skew) > SKEW) | (np.abs(excess) > EXCESS)
    return float((sure & large).mean())


def residuals_on_all(x: FloatArray) -> FloatArray:
    """Residual of each column given all others, up to scale.

    They mix the noises of a linear model: Gaussian when the noises are, and otherwise closer to Gaussian than
    the noises, so a share of non-Gaussian ones errs towards zero.
    """
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    out: FloatArray = z @ np.linalg.inv(z.T @ z / len(z))
    return out


def residuals_on_causes(x: FloatArray, arrows: BoolArray) -> FloatArray:
    """Residual of each column given its causes in a DAG (row causes column): the noise, if that is right."""
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    out: FloatArray = z.copy()
    for y in np.flatnonzero(arrows.any(axis=0)):
        causes = z[:, arrows[:, y]]
        out[:, y] -= causes @ np.linalg.lstsq(causes, z[:, y], rcond=None)[0]
    return out


def curved_share(x: FloatArray, arrows: BoolArray) -> float:
    """Share of effects whose residual still depends on its causes' squares, or spreads with them.

    With the right DAG and linear relations nothing is left; a curved relation, or a wrong direction between
    non-Gaussian columns, leaves something.

    Args:
        x: complete matrix, (n, p).
        arrows: DAG, row causes column.
    """
    effects = np.flatnonzero(arrows.any(axis=0))
    if not len(effects):
        return 0.0
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    e = residuals_on_causes(x, arrows)
    bad = [
        _explained(e[:, y], z[:, arrows[:, y]]) or _explained(e[:, y] ** 2, z[:, arrows[:, y]])
        for y in effects
    ]
    return sum(bad) / len(effects)


def _explained(target: FloatArray, causes: FloatArray) -> bool:
    """Whether squares of the causes explain the target beyond the causes, clearly and by a visible share."""
    from scipy.special import fdtrc

    n, k = causes.shape
    base = np.column_stack([np.ones(n), causes])
    full = np.column_stack([base, causes**2])
    rss = [float(((target - m @ np.linalg.lstsq(m, target, rcond=None)[0]) ** 2).sum()) for m in (base, full)]
    free = n - full.shape[1]
    f = (rss[0] - rss[1]) / k / (rss[1] / free)
    return bool(fdtrc(k, free, f) < LEVEL / k and 1 - rss[1] / rss[0] > CURVE)
