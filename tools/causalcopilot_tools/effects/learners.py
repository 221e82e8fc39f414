"""Learners for nuisance functions, tuned for many quick fits on one thread.

Each learner is fitted on some rows and predicts all rows, for a short path of penalties at once; which
penalty to keep is decided on the out-of-fold predictions, so no fit needs an inner cross-validation.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from causalcopilot_tools.effects.boosting import boosted_mean, boosted_probability

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Learner = Literal["lasso", "lasso2", "gam", "boosting"]
STACK: tuple[Learner, ...] = ("lasso", "lasso2", "gam", "boosting")
QUADRATIC_LIMIT = 30
"""Squares and products enter only up to this many covariates."""
L1_PATH = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.0003)
"""Lasso penalties as shares of the smallest penalty that empties the model."""
L2_PATH = (300.0, 30.0, 3.0, 0.5)
"""Ridge penalties of the logistic fits, on standardised features, in units of one row's log-likelihood."""
LARGE_FIT = 2e9
"""Rows times squared features beyond which a logistic fit keeps one middle penalty, for time."""
SPLINE_LIMIT = 60
"""Splines enter only up to this many covariates."""
SPLINE_KNOTS = 5
FEW_VALUES = 6
"""A covariate with fewer distinct values enters the spline basis as it is."""


@dataclass(frozen=True)
class Bases:
    """Feature matrices computed once from the covariates, never from treatment or outcome.

    Attributes:
        raw: (n, p) covariates, for trees.
        features: standardised features of each linear learner, each (n, k), Fortran order.
        boosting_rounds: trees of the boosted learner.
        weights: (n,) what each row counts in a fit, or ``None``.
        clusters: (n,) rows that share a fold, or ``None``.
    """

    raw: NDArray[np.float64]
    features: dict[str, NDArray[np.float64]]
    boosting_rounds: int = 70
    weights: NDArray[np.float64] | None = None
    clusters: NDArray[np.int64] | None = None

    def weights_of(self, rows: NDArray[np.int64]) -> NDArray[np.float64] | None:
        """Weights of some rows, or ``None`` for equal ones."""
        return None if self.weights is None else self.weights[rows]

    def usable(self, wanted: tuple[Learner, ...]) -> tuple[Learner, ...]:
        """The wanted learners that exist for these covariates."""
        return tuple(w for w in wanted if w in self.features or (w == "boosting" and self.raw.shape[1] > 0))


def make_bases(
    X: NDArray[np.float64],
    wanted: tuple[Learner, ...] = STACK,
    boosting_rounds: int = 70,
    weights: NDArray[np.float64] | None = None,
    clusters: NDArray[np.int64] | None = None,
) -> Bases:
    """Feature matrices of the wanted learners for (n, p) covariates; ``lasso2`` only when p <= 30."""
    features: dict[str, NDArray[np.float64]] = {}
    if "lasso" in wanted:
        features["lasso"] = _standard(X)
    if "lasso2" in wanted and 0 < X.shape[1] <= QUADRATIC_LIMIT:
        features["lasso2"] = _standard(_quadratic(X))
    if "gam" in wanted and 0 < X.shape[1] <= SPLINE_LIMIT:
        features["gam"] = _standard(_splines(X))
    return Bases(X, features, boosting_rounds, weights, clusters)


def _standard(F: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centre and scale; constant columns go."""
    import numpy as np

    if F.shape[1] == 0:
        return np.asfortranarray(F)
    sd = F.std(axis=0)
    keep = sd > 1e-10 * np.maximum(1.0, np.abs(F).max(axis=0))
    return np.asfortranarray((F[:, keep] - F[:, keep].mean(axis=0)) / sd[keep])


def _quadratic(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """The covariates, their squares (not of two-valued ones) and pairwise products."""
    import numpy as np

    Z = _standard(X)
    p = Z.shape[1]
    i, j = np.triu_indices(p)
    two_valued = np.array([len(np.unique(X[:, k][:2000])) <= 2 for k in range(p)], dtype=bool)
    pairs = ~((i == j) & two_valued[i])
    return np.hstack([Z, Z[:, i[pairs]] * Z[:, j[pairs]]])


def _splines(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cubic B-splines with quantile knots and linear tails for many-valued covariates."""
    import numpy as np
    from sklearn.preprocessing import SplineTransformer

    many = np.array([len(np.unique(X[:, k])) >= FEW_VALUES for k in range(X.shape[1])], dtype=bool)
    parts = [X[:, ~many]]
    for k in np.flatnonzero(many):
        knots = np.unique(np.quantile(X[:, k], np.linspace(0, 1, SPLINE_KNOTS)))
        if len(knots) < 3:
            parts.append(X[:, [k]])
            continue
        spline = SplineTransformer(degree=3, knots=knots[:, None], extrapolation="linear", include_bias=False)
        parts.append(np.hstack([X[:, [k]], spline.fit_transform(X[:, [k]])]))
    return np.hstack(parts)


def fit_mean(
    bases: Bases, learner: Learner, y: NDArray[np.float64], train: NDArray[np.int64], test: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Predict a mean for the test rows, (n_test, penalties), from the training rows."""
    if learner == "boosting":
        weights = bases.weights_of(train)
        made = boosted_mean(bases.raw[train], y[train], bases.raw[test], bases.boosting_rounds, weights)
        return made[:, None]
    return _lasso_path(bases.features[learner], y[train], train, test, bases.weights_of(train))


def fit_probability(
    bases: Bases, learner: Learner, d: NDArray[np.float64], train: NDArray[np.int64], test: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Predict P(d = 1) for the test rows, (n_test, penalties), from the training rows."""
    import numpy as np

    if np.ptp(d[train]) == 0:
        return np.full((len(test), 1), d[train][0])
    if learner == "boosting":
        weights = bases.weights_of(train)
        made = boosted_probability(
            bases.raw[train], d[train], bases.raw[test], bases.boosting_rounds, weights
        )
        return made[:, None]
    return _logistic_path(bases.features[learner], d[train], train, test, bases.weights_of(train))


def _lasso_path(
    F: NDArray[np.float64],
    y: NDArray[np.float64],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    import numpy as np
    from sklearn.linear_model import enet_path

    A = np.asfortranarray(F[train])
    w = np.ones(len(y)) if weights is None else weights / weights.mean()
    centre = A.mean(axis=0) if weights is None else (A * w[:, None]).mean(axis=0)
    mean = float((w * y).mean())
    A -= centre
    r = y - mean
    if weights is not None:
        root = np.sqrt(w)
        A, r = np.asfortranarray(A * root[:, None]), r * root
    Xy = A.T @ r
    top = float(np.abs(Xy).max(initial=0.0)) / len(y)
    if top <= 1e-12 * (1.0 + abs(mean)):
        return np.full((len(test), len(L1_PATH)), mean)
    with warnings.catch_warnings():
        # The smallest penalties need not converge fully: they compete out of fold like any other fit.
        warnings.simplefilter("ignore")
        _, coefs, _ = enet_path(
            A,
            r,
            l1_ratio=1.0,
            alphas=top * np.array(L1_PATH),
            precompute=A.T @ A,
            Xy=Xy,
            tol=1e-3,
            max_iter=200,
            check_input=False,
        )
    out: NDArray[np.float64] = mean + (F[test] - centre) @ coefs
    return out


def _logistic_path(
    F: NDArray[np.float64],
    d: NDArray[np.float64],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Ridge-penalised logistic regression by Newton steps, warm-started along the penalties."""
    import numpy as np

    F_train, F_test = F[train], F[test]
    if F.shape[1] > len(train):
        # A ridge solution lies in the span of the rows: rotate to at most as many features as rows.
        _, _, Vt = np.linalg.svd(F_train, full_matrices=False)
        F_train, F_test = F_train @ Vt.T, F_test @ Vt.T
    A = np.column_stack([np.ones(len(train)), F_train])
    B = np.column_stack([np.ones(len(test)), F_test])
    beta = np.zeros(A.shape[1])
    share = float(np.average(d, weights=weights))
    beta[0] = np.log(share / (1 - share))
    path = L2_PATH if A.shape[0] * A.shape[1] ** 2 <= LARGE_FIT else L2_PATH[1:2]
    out = np.empty((len(test), len(path)))
    for k, penalty in enumerate(path):
        beta = newton_logistic(A, d, penalty, beta, weights=weights)
        out[:, k] = sigmoid(B @ beta)
    return out


def newton_logistic(
    A: NDArray[np.float64],
    d: NDArray[np.float64],
    penalty: float,
    start: NDArray[np.float64],
    steps: int = 12,
    tol: float = 1e-5,
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Coefficients of a ridge-penalised logistic regression; the first column of ``A`` is not penalised.

    Newton steps are halved until the penalised deviance falls, so separable data end at the penalty's
    finite optimum instead of diverging.
    """
    import numpy as np

    ridge = np.full(A.shape[1], penalty)
    ridge[0] = 1e-8
    w = np.ones(len(d)) if weights is None else weights / weights.mean()

    def loss(b: NDArray[np.float64]) -> float:
        eta = A @ b
        return float((w * np.logaddexp(0.0, eta)).sum() - (w * d) @ eta + 0.5 * (ridge * b * b).sum())

    beta, now = start.copy(), loss(start)
    for _ in range(steps):
        p = sigmoid(A @ beta)
        gradient = A.T @ (w * (p - d)) + ridge * beta
        weight = np.maximum(w * p * (1 - p), 1e-9)
        hessian = A.T @ (A * weight[:, None])
        hessian[np.diag_indices_from(hessian)] += ridge
        step = np.linalg.solve(hessian, gradient)
        size, new = 1.0, loss(beta - step)
        while new > now and size > 1e-3:
            size /= 2
            new = loss(beta - size * step)
        if new > now:
            break
        beta, gain, now = beta - size * step, now - new, new
        if gain < tol * (1.0 + abs(now)):
            break
    return beta


def sigmoid(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logistic function, safe for large arguments."""
    import numpy as np

    out: NDArray[np.float64] = 0.5 * (1.0 + np.tanh(0.5 * z))
    return out
