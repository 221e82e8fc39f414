"""Nearest-neighbour matching with replacement, bias-corrected.

Abadie & Imbens (2006) for the variance, (2011) for the regression correction of the matching discrepancy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain.question import Quantity
from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects.aipw import Effect, swap
from causalcopilot_tools.effects.folds import generator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VARIANCE_NEIGHBOURS = 3
MAX_ROWS = 20_000
MAX_COLUMNS = 60
"""Beyond these the search is slow, or the nearest neighbour is not near."""


def matching(
    Y: NDArray[np.float64], T: NDArray[np.float64], X: NDArray[np.float64], quantity: Quantity, seed: int = 0
) -> Effect:
    """Effect of arm 1 against arm 0 by one match per arm on standardised covariates.

    Args:
        Y: (n,) outcome.
        T: (n,) 1 treated, 0 control, -1 another arm.
        X: (n, p) covariates.
        quantity: ATE, ATT or ATC.
        seed: ties in distance are broken by a seeded permutation.

    Raises:
        NotApplicable: no covariates, too many of them for the smaller arm, or too many rows.
    """
    import numpy as np

    smaller = int(min((T == 1).sum(), (T == 0).sum()))
    if not 0 < X.shape[1] <= min(MAX_COLUMNS, smaller // 2) or len(Y) > MAX_ROWS:
        raise NotApplicable(
            f"it needs controls, few of them against the smaller arm, and at most {MAX_ROWS:,d} rows",
            "use aipw",
        )
    if quantity == "ATC":
        e = matching(Y, swap(T), X, "ATT", seed)
        return Effect(-e.value, e.std_error, -e.influence)
    order = generator(seed, 23).permutation(len(Y))
    Z = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1.0)
    Y, T, Z = Y[order], T[order], Z[order]
    target = np.flatnonzero(T == 1 if quantity == "ATT" else T == T)
    used = np.zeros(len(Y))
    y1, y0 = (_imputed(Y, T, Z, target, arm, used) for arm in (1, 0))
    d = y1 - y0
    value = float(d.mean())
    noise = ((used**2 - used) * _variance(Y, T, Z)).sum()
    variance = (((d - value) ** 2).sum() + noise) / len(target) ** 2
    return Effect(value, float(np.sqrt(variance)), d - value)


def _imputed(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    Z: NDArray[np.float64],
    target: NDArray[np.int64],
    arm: int,
    used: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Potential outcomes of the target rows in one arm; counts in ``used`` how often each row serves."""
    import numpy as np
    from scipy.spatial import cKDTree

    pool = np.flatnonzero(arm == T)
    own = T[target] == arm
    out = np.where(own, Y[target], 0.0)
    used[target[own]] += 1
    others = target[~own]
    if len(others):
        match = pool[cKDTree(Z[pool]).query(Z[others], k=1)[1]]
        A = np.column_stack([np.ones(len(pool)), Z[pool]])
        beta = np.linalg.lstsq(A, Y[pool], rcond=1e-10)[0][1:]
        out[~own] = Y[match] + (Z[others] - Z[match]) @ beta
        np.add.at(used, match, 1)
    return out


def _variance(Y: NDArray[np.float64], T: NDArray[np.float64], Z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Var(Y | X, arm) of each row from its nearest neighbours in the same arm."""
    import numpy as np
    from scipy.spatial import cKDTree

    J = VARIANCE_NEIGHBOURS
    out = np.zeros(len(Y))
    for arm in (0.0, 1.0):
        rows = np.flatnonzero(arm == T)
        near = cKDTree(Z[rows]).query(Z[rows], k=J + 1)[1]
        # The row itself is among its neighbours, but among exact ties not necessarily first.
        total = Y[rows][near].sum(axis=1)
        self_in = (near == np.arange(len(rows))[:, None]).any(axis=1)
        last = Y[rows][near[:, -1]]
        mean = np.where(self_in, total - Y[rows], total - last) / J
        out[rows] = J / (J + 1) * (Y[rows] - mean) ** 2
    return out
