"""Which numeric columns (nearly) determine one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

PAIR = 0.99  # |correlation| of two columns that are one in all but name
RESIDUAL = 1e-4  # share of variance left when a column is a sum of others
WEIGHT = 0.02  # standardised coefficient below which a column plays no part in the sum
MIN_ROWS = 10


def correlations(x: Array) -> Array:
    """Pairwise-complete Pearson correlations, ``(p, p)``, of ``x`` ``(n, p)`` with NaN where missing.

    Pairs with fewer than 10 common rows or no variation count as uncorrelated.
    """
    import numpy as np

    p = x.shape[1]
    if x.shape[0] < MIN_ROWS or p == 0:
        return np.eye(p)
    seen = ~np.isnan(x)
    m = seen.astype(float)
    scale = np.nanstd(x, axis=0)
    z = np.where(seen, (x - np.nanmean(x, axis=0)) / np.where(scale > 0, scale, 1), 0.0)
    n = m.T @ m
    with np.errstate(invalid="ignore", divide="ignore"):
        sx, sxx, sxy = z.T @ m, (z * z).T @ m, z.T @ z
        cov = sxy - sx * sx.T / n
        var = sxx - sx * sx / n
        r = cov / np.sqrt(var * var.T)
    r = np.where((n >= MIN_ROWS) & np.isfinite(r), r, 0.0)
    np.fill_diagonal(r, 1.0)
    return np.clip(r, -1, 1)


def collinear_groups(r: Array) -> list[tuple[int, ...]]:
    """Groups of positions, from correlations ``r`` ``(p, p)``.

    Two columns belong together when ``|r| > 0.99``; a column also belongs with those that it is a linear sum
    of (residual variance below 1e-4), found by sweeping the columns in table order.
    """
    groups = _pairs(r)
    first = {min(g) for g in groups}
    rest = [i for i in range(len(r)) if i in first or not any(i in g for g in groups)]
    groups += _sums(r, rest)
    return [tuple(sorted(g)) for g in sorted(groups, key=min)]


def _pairs(r: Array) -> list[set[int]]:
    import numpy as np

    groups: list[set[int]] = []
    for i, j in np.argwhere(np.triu(np.abs(r) > PAIR, 1)).tolist():
        touching = [g for g in groups if i in g or j in g]
        merged = {i, j}.union(*touching)
        groups = [g for g in groups if g not in touching] + [merged]
    return groups


def _sums(r: Array, columns: list[int]) -> list[set[int]]:
    import numpy as np

    free: list[int] = []
    groups = []
    for j in columns:
        if free:
            inner = r[np.ix_(free, free)] + 1e-10 * np.eye(len(free))
            weights = np.linalg.solve(inner, r[free, j])
            if 1 - float(weights @ r[free, j]) < RESIDUAL and _sound(weights):
                groups.append({j, *(f for f, w in zip(free, weights, strict=True) if abs(w) > WEIGHT)})
                continue
        free.append(j)
    return groups


def _sound(weights: Array) -> bool:
    """Pairwise-complete matrices may be inconsistent; absurd weights are no finding."""
    import numpy as np

    return bool(np.all(np.abs(weights) < 100))
