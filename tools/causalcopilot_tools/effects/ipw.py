"""Inverse-probability weighting with a logistic propensity and a sandwich standard error.

Weights are normalised within each arm (Hájek).  The standard error carries the estimation of the propensity
through the stacked estimating equations (Lunceford & Davidian 2004).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.question import Quantity
from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects.aipw import CLIP, Effect, swap
from causalcopilot_tools.effects.learners import newton_logistic, sigmoid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RIDGE = 1e-3
"""Keeps a separable propensity finite; far below what moves a regular one."""
ROWS_PER_COLUMN = 5
"""Rows of the smaller arm that each column of controls, and the constant, needs."""


@dataclass(frozen=True)
class _Share:
    """One arm's propensity.

    Attributes:
        p: (n,) probability of the arm.
        A: (n, k) design of the logistic regression: a constant, then the standardised controls.
        influence: (n, k) influence of each row on the k coefficients.
    """

    p: NDArray[np.float64]
    A: NDArray[np.float64]
    influence: NDArray[np.float64]


def ipw(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    X: NDArray[np.float64],
    quantity: Quantity,
    weights: NDArray[np.float64] | None = None,
) -> Effect:
    """Effect of arm 1 against arm 0.

    Args:
        Y: (n,) outcome.
        T: (n,) 1 treated, 0 control, -1 another arm.
        X: (n, p) covariates.
        quantity: ATE, ATT or ATC.
        weights: (n,) sampling weights; ``None`` counts rows equally.

    Raises:
        NotApplicable: fewer than five rows of the smaller arm for a column.
    """
    import numpy as np

    if min((T == 1).sum(), (T == 0).sum()) < ROWS_PER_COLUMN * (X.shape[1] + 1):
        raise NotApplicable(
            "too few rows in the smaller arm for a logistic propensity on all controls",
            "name fewer controls, or use aipw",
        )
    if quantity == "ATC":
        e = ipw(Y, swap(T), X, "ATT", weights)
        return Effect(-e.value, e.std_error, -e.influence)
    w = np.ones(len(Y)) if weights is None else weights / weights.mean()
    s1 = _share((T == 1).astype(float), X, w)
    s0 = _share((T == 0).astype(float), X, w)
    mean1, if1 = _arm_mean(Y, w * (T == 1), s1, s1, quantity)
    mean0, if0 = _arm_mean(Y, w * (T == 0), s0, s1, quantity)
    influence = if1 - if0
    n = len(Y)
    return Effect(mean1 - mean0, float(np.sqrt((influence**2).sum() / (n - 1) / n)), influence)


def _share(d: NDArray[np.float64], X: NDArray[np.float64], w: NDArray[np.float64]) -> _Share:
    import numpy as np

    sd = X.std(axis=0) if X.shape[1] else np.ones(0)
    A = np.column_stack([np.ones(len(d)), (X - X.mean(axis=0)) / np.where(sd > 0, sd, 1.0)])
    beta = newton_logistic(A, d, RIDGE, np.zeros(A.shape[1]), steps=50, tol=1e-12, weights=w)
    p = sigmoid(A @ beta)
    hessian = (A * (w * p * (1 - p))[:, None]).T @ A / len(d)
    hessian[np.diag_indices_from(hessian)] += RIDGE / len(d)
    return _Share(p, A, ((w * (d - p))[:, None] * A) @ np.linalg.pinv(hessian))


def _arm_mean(
    Y: NDArray[np.float64], d: NDArray[np.float64], own: _Share, target: _Share, quantity: Quantity
) -> tuple[float, NDArray[np.float64]]:
    """Weighted mean of one arm (``d``: (n,) its rows, with their sampling weights) and its influence, (n,)."""
    import numpy as np

    p = np.clip(own.p, CLIP, 1 - CLIP)
    g = np.ones(len(Y)) if quantity == "ATE" else np.clip(target.p, CLIP, 1 - CLIP)
    w = d * g / p
    mean = float((w * Y).sum() / w.sum())
    residual = w * (Y - mean)
    # d log w / d coefficients: -(1 - p) A for the arm's own share, +(1 - g) A for the target's.
    slope_own = -((residual * (1 - own.p))[:, None] * own.A).mean(axis=0)
    influence = residual + own.influence @ slope_own
    if quantity != "ATE":
        influence = influence + target.influence @ ((residual * (1 - target.p))[:, None] * target.A).mean(
            axis=0
        )
    return mean, influence / float(w.mean())
