"""Our short-stacked nuisances as scikit-learn models, for libraries that bring their own cross-fitting.

Imported only where scikit-learn is wanted anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from causalcopilot_tools.effects.folds import stratified_folds
from causalcopilot_tools.effects.learners import STACK, fit_mean, fit_probability, make_bases
from causalcopilot_tools.effects.nuisance import short_stack

if TYPE_CHECKING:
    from numpy.typing import NDArray

INNER_FOLDS = 3


class StackRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Short-stacked conditional mean: ``fit`` keeps the rows, ``predict`` averages the inner folds."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, X: Any, y: Any, sample_weight: None = None) -> StackRegressor:
        """Keep (n, p) covariates and (n,) target; weights are not supported."""
        self.X_, self.y_ = np.asarray(X, dtype=np.float64), np.ravel(np.asarray(y, dtype=np.float64))
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """(m,) predicted means of new rows."""
        return _predict(self.X_, self.y_, np.asarray(X, dtype=np.float64), self.seed, False)


class StackClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Short-stacked probability of a two-valued target."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, X: Any, y: Any, sample_weight: None = None) -> StackClassifier:
        """Keep (n, p) covariates and (n,) labels; weights are not supported."""
        self.classes_, code = np.unique(np.ravel(y), return_inverse=True)
        self.X_, self.y_ = np.asarray(X, dtype=np.float64), code.astype(np.float64)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """(m, 2) probabilities of the two labels in sort order."""
        p = np.clip(_predict(self.X_, self.y_, np.asarray(X, dtype=np.float64), self.seed, True), 0, 1)
        return np.column_stack([1 - p, p])

    def predict(self, X: Any) -> NDArray[Any]:
        """(m,) more probable label."""
        out: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return out


def _predict(
    X: NDArray[np.float64], y: NDArray[np.float64], new: NDArray[np.float64], seed: int, probability: bool
) -> NDArray[np.float64]:
    """Stack on inner folds of (X, y); new rows get the average of the inner folds' predictions.

    Features of old and new rows are computed together: only covariates enter them, so no target leaks.
    """
    n = len(y)
    bases = make_bases(np.vstack([X, new]))
    fold = stratified_folds(y if probability else np.zeros(n), INNER_FOLDS, seed)
    target, fresh = np.append(y, np.zeros(len(new))), np.arange(n, n + len(new))
    fit = fit_probability if probability else fit_mean
    known: dict[str, NDArray[np.float64]] = {}
    ahead: dict[str, NDArray[np.float64]] = {}
    for name in bases.usable(STACK) or ("lasso",):
        inner, outer = [], []
        for f in range(INNER_FOLDS):
            held = np.flatnonzero(fold == f)
            P = fit(bases, name, target, np.flatnonzero(fold != f), np.concatenate([held, fresh]))
            inner.append((held, P[: len(held)]))
            outer.append(P[len(held) :])
        columns = min(P.shape[1] for P in outer)
        oof = np.empty((n, columns))
        for held, P in inner:
            oof[held] = P[:, :columns]
        best = int(np.argmin(((y[:, None] - oof) ** 2).mean(axis=0)))
        known[name] = oof[:, best]
        ahead[name] = np.mean([P[:, best] for P in outer], axis=0)
    _, weights = short_stack(known, y, np.ones(n, dtype=bool))
    out: NDArray[np.float64] = np.sum([w * ahead[k] for k, w in weights.items()], axis=0)
    return out
