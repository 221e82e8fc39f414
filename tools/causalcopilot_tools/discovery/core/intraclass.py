"""How alike rows of one group are: the intraclass correlation of a one-way layout (Shrout & Fleiss 1979, ICC(1))."""

from __future__ import annotations

import numpy as np

from causalcopilot_tools.discovery.core.moments import FloatArray, IntArray


def intraclass(x: FloatArray, groups: IntArray) -> tuple[float, float]:
    """Correlation of two rows of one group, and the p-value of the F-test that there is none.

    Groups of different sizes are allowed.  Zero and one where there are fewer than two groups, no group has two
    rows, or the column does not vary.

    Args:
        x: (n,) numbers, NaN where missing.
        groups: (n,) group numbers, below zero for rows of none.
    """
    from scipy.special import fdtrc

    known = np.isfinite(x) & (groups >= 0)
    x, at = x[known], np.unique(groups[known], return_inverse=True)[1]
    sizes = np.bincount(at)
    n, k = len(x), len(sizes)
    if k < 2 or n <= k or np.ptp(x) == 0:
        return 0.0, 1.0
    x = x - x.mean()
    means = np.bincount(at, x) / sizes
    between = float(sizes @ means**2) / (k - 1)
    within = float(((x - means[at]) ** 2).sum()) / (n - k)
    size = (n - float((sizes.astype(float) ** 2).sum()) / n) / (k - 1)
    correlation = (between - within) / (between + (size - 1) * within)
    return correlation, float(fdtrc(k - 1, n - k, between / within)) if within else 0.0
