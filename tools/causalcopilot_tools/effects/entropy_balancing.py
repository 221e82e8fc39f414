"""Entropy balancing: weights as even as possible that give both arms the target's means of every control.

Hainmueller (2012) for the weights; Zhao & Percival (2017) for the influence function: the estimate is consistent
where either the outcome's mean or the log-odds of treatment are linear in the controls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain.question import Quantity
from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects.aipw import Effect, standard_error, swap
from causalcopilot_tools.effects.ipw import ROWS_PER_COLUMN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STEPS, TOLERANCE, ENOUGH = 100, 1e-8, 1e-4
"""Newton steps at most, the imbalance (in standard deviations) at which they end, and that with which they may stop."""


def entropy_balancing(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    X: NDArray[np.float64],
    quantity: Quantity,
    weights: NDArray[np.float64] | None = None,
) -> Effect:
    """Effect of arm 1 against arm 0; arguments as in ``ipw``.

    Raises:
        NotApplicable: few rows for the controls, or means that no weights of an arm can reach.
    """
    import numpy as np

    if min((T == 1).sum(), (T == 0).sum()) < ROWS_PER_COLUMN * (X.shape[1] + 1):
        raise NotApplicable(
            "too few rows in the smaller arm for its controls", "name fewer controls, or use aipw"
        )
    if quantity == "ATC":
        e = entropy_balancing(Y, swap(T), X, "ATT", weights)
        return Effect(-e.value, e.std_error, -e.influence)
    own = np.ones(len(Y)) if weights is None else weights / weights.mean()
    sd = X.std(axis=0)
    Z = (X[:, sd > 0] - X[:, sd > 0].mean(axis=0)) / sd[sd > 0]
    target = own * (np.ones(len(Y)) if quantity == "ATE" else (T == 1))
    aim = np.average(Z, axis=0, weights=target)
    one = _arm(Y, Z, own * (T == 1), aim, target)
    zero = _arm(Y, Z, own * (T == 0), aim, target)
    value, influence = one[0] - zero[0], one[1] - zero[1]
    return Effect(value, standard_error(influence), influence)


def _arm(
    Y: NDArray[np.float64],
    Z: NDArray[np.float64],
    base: NDArray[np.float64],
    aim: NDArray[np.float64],
    target: NDArray[np.float64],
) -> tuple[float, NDArray[np.float64]]:
    """Balanced mean of one arm (the rows where ``base`` is positive) and its influence values, (n,)."""
    import numpy as np

    rows, n = base > 0, len(Y)
    w = np.zeros(n)
    w[rows] = _balanced(Z[rows] - aim, base[rows])
    mean = float((w * Y).sum())
    A = np.column_stack([np.ones(int(rows.sum())), Z[rows] - aim])
    root = np.sqrt(w[rows])
    beta = np.linalg.lstsq(A * root[:, None], Y[rows] * root, rcond=1e-10)[0]
    line = beta[0] + (Z - aim) @ beta[1:]
    share = target / target.mean()
    return mean, n * w * (Y - line) + share * (line - beta[0])


def _balanced(C: NDArray[np.float64], base: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights (m,) adding to one, closest to ``base`` in entropy, under which every column of C has mean zero."""
    import numpy as np

    start = np.log(base / base.sum())
    b = np.zeros(C.shape[1])

    def dual(b: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = start + C @ b
        top = float(z.max())
        e = np.exp(z - top)
        return top + float(np.log(e.sum())), e / e.sum()

    value, w = dual(b)
    for _ in range(STEPS):
        gradient = w @ C
        if float(np.abs(gradient).max(initial=0.0)) < TOLERANCE:
            return w
        hessian = (C * w[:, None]).T @ C - np.outer(gradient, gradient)
        step, size = np.linalg.lstsq(hessian, gradient, rcond=1e-12)[0], 1.0
        new, w_new = dual(b - step)
        while new > value and size > 1e-6:
            size /= 2
            new, w_new = dual(b - size * step)
        b, value, w = b - size * step, new, w_new
    if float(np.abs(w @ C).max(initial=0.0)) < ENOUGH:
        return w
    raise NotApplicable("no weights of one arm reach the target's means of the controls", "use aipw")
