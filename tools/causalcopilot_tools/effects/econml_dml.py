"""Double machine learning from EconML, on request: LinearDML and CausalForestDML with our nuisances.

The average effect's own inference is reported, never the mean of per-row intervals: the delta method over
the linear final stage plus the sampling variance of the per-row effects for LinearDML, and the doubly
robust ``ate_`` and ``att_`` for the forest.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from causalcopilot.errors import DataError
from causalcopilot_tools.effects.aipw import swap
from causalcopilot_tools.effects.envelope import Point
from causalcopilot_tools.effects.folds import stratified_folds
from causalcopilot_tools.effects.refit import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDS = 5
MODIFIER_LIMIT = 30
"""Up to this many encoded controls LinearDML lets the effect vary with them; beyond, it is one number."""
TREES = 400


def linear_dml(p: Prepared, seed: int) -> Point:
    """LinearDML (Chernozhukov et al. 2018; Semenova & Chernozhukov 2021): average effect of the contrast."""
    import numpy as np
    from econml.dml import LinearDML

    p.sampling.refuse("linear_dml")
    Y, T, X = arrays(p)
    modifiers = X if 0 < X.shape[1] <= MODIFIER_LIMIT else None
    model = LinearDML(**common(p, T, seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        model.fit(Y, T, X=modifiers, W=None if modifiers is not None else X, inference="statsmodels")
    if modifiers is None:
        one = model.effect_inference(T0=0, T1=1)
        return scaled(p, float(np.ravel(one.point_estimate)[0]), float(np.ravel(one.stderr)[0]))
    target = target_rows(p, T)
    average = model.ate_inference(X=modifiers[target], T0=0, T1=1)
    effects = np.ravel(model.effect(modifiers[target], T0=0, T1=1))
    variance = float(np.ravel(average.stderr_mean)[0]) ** 2 + effects.var(ddof=1) / len(effects)
    return scaled(p, float(np.ravel(average.mean_point)[0]), variance**0.5)


def causal_forest_dml(p: Prepared, seed: int) -> Point:
    """CausalForestDML (Athey, Tibshirani & Wager 2019): its doubly robust average effect of the contrast."""
    import numpy as np
    from econml.dml import CausalForestDML

    p.sampling.refuse("causal_forest_dml")
    Y, T, X = arrays(p)
    if not X.shape[1]:
        raise DataError("a causal forest needs at least one control", "use regression")
    sign = 1.0
    if p.quantity == "ATC" and p.kind != "continuous":
        T, sign = swap(T), -1.0
    model = CausalForestDML(**common(p, T, seed), n_estimators=TREES, min_samples_leaf=5, n_jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        model.fit(Y, T, X=X)
    if p.kind == "continuous":
        # EconML has no doubly robust average for a number; averaging per-row intervals is conservative.
        average = model.ate_inference(X=X, T0=0, T1=1)
        value, error = average.mean_point, average.stderr_mean
    elif p.quantity == "ATE":
        value, error = model.ate_, model.ate_stderr_
    else:
        value, error = model.att_(T=1), model.att_stderr_(T=1)
    return scaled(p, sign * float(np.ravel(value)[0]), float(np.ravel(error)[0]))


def arrays(p: Prepared) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Own copies of outcome, treatment and standardised controls, of the rows in the contrast."""
    import numpy as np

    rows = p.in_contrast
    X = p.X[rows].copy()
    sd = X.std(axis=0) if X.shape[1] else np.ones(0)
    return p.Y[rows].copy(), p.T[rows].copy(), (X - X.mean(axis=0)) / np.where(sd > 0, sd, 1.0)


def common(p: Prepared, T: NDArray[np.float64], seed: int) -> dict[str, Any]:
    """Our nuisances and folds, as EconML's double machine learning takes them."""
    import numpy as np

    from causalcopilot_tools.effects.stack_model import StackClassifier, StackRegressor

    discrete = p.kind != "continuous"
    fold = stratified_folds(T if discrete else np.zeros(len(T)), FOLDS, seed)
    splits = [(np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in range(FOLDS)]
    return {
        "model_y": StackRegressor(seed),
        "model_t": StackClassifier(seed) if discrete else StackRegressor(seed),
        "discrete_treatment": discrete,
        "cv": splits,
        "random_state": seed % (2**31),
    }


def target_rows(p: Prepared, T: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) rows whom the quantity speaks of."""
    import numpy as np

    if p.quantity == "ATE" or p.kind == "continuous":
        return np.ones(len(T), dtype=bool)
    return np.asarray((1.0 if p.quantity == "ATT" else 0.0) == T)


def scaled(p: Prepared, value: float, error: float) -> Point:
    """A slope as the effect of the contrast's step."""
    return Point(value * p.step, error * abs(p.step))
