"""Cross-fitted nuisance functions: outcome means, treatment probabilities, treatment means.

Short-stacking (Ahrens, Hansen, Schaffer & Wiemann 2024): every learner predicts each row from folds that
do not hold it, and one non-negative least-squares weighting per nuisance combines those predictions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from causalcopilot_tools.effects.arm_means import fit_arm_means
from causalcopilot_tools.effects.folds import stratified_folds
from causalcopilot_tools.effects.learners import STACK, Bases, Learner, fit_mean, fit_probability

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDS = 5


@dataclass(frozen=True)
class ArmNuisances:
    """Out-of-fold predictions for two arms; every array is (n,).

    Attributes:
        mean0, mean1: E[Y | X, arm], in the unit of Y.
        share0, share1: P(arm | X), not clipped; they add to one when there are two arms only.
        weights: weight of each learner in each nuisance (empty for a single learner).
    """

    mean0: NDArray[np.float64]
    mean1: NDArray[np.float64]
    share0: NDArray[np.float64]
    share1: NDArray[np.float64]
    weights: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class LineNuisances:
    """Out-of-fold predictions for a partially linear model; arrays are (n,).

    Attributes:
        mean_y: E[Y | X].
        mean_t: E[T | X].
        weights: weight of each learner in each nuisance.
    """

    mean_y: NDArray[np.float64]
    mean_t: NDArray[np.float64]
    weights: dict[str, dict[str, float]] = field(default_factory=dict)


Oof = dict[str, "NDArray[np.float64]"]
Loss = Callable[["NDArray[np.float64]"], "NDArray[np.float64]"]


def cross_fit_arms(
    bases: Bases,
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    seed: int,
    *,
    repeat: int = 0,
    k: int = FOLDS,
    learners: tuple[Learner, ...] = STACK,
    bounds: tuple[float, float] | None = None,
) -> dict[str, ArmNuisances]:
    """Fit the nuisances of both arms on common folds.

    Args:
        bases: covariates.
        Y: (n,) outcome.
        T: (n,) 1 treated, 0 control, -1 another arm.
        seed, repeat: folds derive from both.
        k: folds.
        learners: learners of the stack.
        bounds: outcome means are clipped to these (a share cannot leave 0 to 1).

    Returns:
        ``{"stack": ..., "boosting": ...}``, the second only when boosting is among the learners.
    """
    fold = stratified_folds(T, k, seed, repeat, bases.clusters)
    usable = bases.usable(learners) or ("lasso",)
    mean0, mean1 = (_clipped(oof, bounds) for oof in oof_arm_means(bases, Y, T, fold, usable))
    share1 = oof_probability(bases, (T == 1).astype(float), fold, usable)
    share0 = (
        oof_probability(bases, (T == 0).astype(float), fold, usable)
        if (T < 0).any()
        else {name: 1.0 - p for name, p in share1.items()}
    )
    two_arms = not (T < 0).any()
    out = {"stack": _stacked_arms(mean0, mean1, share0, share1, Y, T, two_arms, bases.weights)}
    if "boosting" in usable:
        m0, m1, e0, e1 = (d["boosting"] for d in (mean0, mean1, share0, share1))
        out["boosting"] = ArmNuisances(m0, m1, e0, e1)
    return out


def _stacked_arms(
    mean0: Oof,
    mean1: Oof,
    share0: Oof,
    share1: Oof,
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    two_arms: bool,
    weights: NDArray[np.float64] | None,
) -> ArmNuisances:
    m0, w_m0 = short_stack(mean0, Y, T == 0, weights)
    m1, w_m1 = short_stack(mean1, Y, T == 1, weights)
    every = T == T
    e1, w_e1 = short_stack(share1, (T == 1).astype(float), every, weights)
    e0 = 1.0 - e1 if two_arms else short_stack(share0, (T == 0).astype(float), every, weights)[0]
    return ArmNuisances(m0, m1, e0, e1, {"mean0": w_m0, "mean1": w_m1, "share1": w_e1})


def cross_fit_shares(
    bases: Bases,
    T: NDArray[np.float64],
    seed: int,
    *,
    k: int = FOLDS,
    learners: tuple[Learner, ...] = STACK,
) -> NDArray[np.float64]:
    """Stacked out-of-fold P(T = 1 | X) alone, (n,); what the trimming rule looks at."""
    fold = stratified_folds(T, k, seed, clusters=bases.clusters)
    d = (T == 1).astype(float)
    made = oof_probability(bases, d, fold, bases.usable(learners) or ("lasso",))
    return short_stack(made, d, T == T, bases.weights)[0]


def cross_fit_line(
    bases: Bases,
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    seed: int,
    *,
    repeat: int = 0,
    k: int = FOLDS,
    learners: tuple[Learner, ...] = STACK,
) -> dict[str, LineNuisances]:
    """Fit E[Y | X] and E[T | X] on common folds; ``{"stack": ..., "boosting": ...}``."""
    import numpy as np

    fold = stratified_folds(np.zeros(len(Y)), k, seed, repeat, bases.clusters)
    usable = bases.usable(learners) or ("lasso",)
    every = np.ones(len(Y), dtype=bool)
    y, t = (oof_mean(bases, v, every, fold, usable) for v in (Y, T))
    (my, w_y), (mt, w_t) = (short_stack(oof, v, every, bases.weights) for oof, v in ((y, Y), (t, T)))
    out = {"stack": LineNuisances(my, mt, {"mean_y": w_y, "mean_t": w_t})}
    if "boosting" in usable:
        out["boosting"] = LineNuisances(y["boosting"], t["boosting"])
    return out


def oof_arm_means(
    bases: Bases,
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    fold: NDArray[np.int64],
    learners: tuple[Learner, ...],
) -> tuple[Oof, Oof]:
    """Predict the means of arm 0 and arm 1 for all rows, learning from both arms' rows of the other folds.

    Each arm keeps the penalty that predicts its own rows best.
    """
    import numpy as np

    out: tuple[Oof, Oof] = {}, {}
    for name in learners:
        held = [_where(fold == f) for f in np.unique(fold)]
        made = [
            fit_arm_means(bases, name, Y, T, _where((fold != f) & (T >= 0)), rows)
            for f, rows in zip(np.unique(fold), held, strict=True)
        ]
        for a in (0, 1):
            loss = _squares(Y, np.flatnonzero(a == T), bases)
            out[a][name] = _best([(rows, m[a]) for rows, m in zip(held, made, strict=True)], loss)
    return out


def oof_mean(
    bases: Bases,
    Y: NDArray[np.float64],
    rows: NDArray[np.bool_],
    fold: NDArray[np.int64],
    learners: tuple[Learner, ...],
) -> Oof:
    """Predict the mean of Y for all rows, learning only from ``rows`` of the other folds."""
    import numpy as np

    return {
        name: _best(
            [
                (
                    np.flatnonzero(fold == f),
                    fit_mean(bases, name, Y, _where(rows & (fold != f)), _where(fold == f)),
                )
                for f in np.unique(fold)
            ],
            _squares(Y, _where(rows), bases),
        )
        for name in learners
    }


def oof_probability(
    bases: Bases, d: NDArray[np.float64], fold: NDArray[np.int64], learners: tuple[Learner, ...]
) -> Oof:
    """Predict P(d = 1) for all rows from the other folds."""
    import numpy as np

    def deviance(P: NDArray[np.float64]) -> NDArray[np.float64]:
        Q = np.clip(P, 1e-6, 1 - 1e-6)
        out: NDArray[np.float64] = -np.average(
            np.where(d[:, None] == 1, np.log(Q), np.log1p(-Q)), axis=0, weights=bases.weights
        )
        return out

    return {
        name: _best(
            [
                (_where(fold == f), fit_probability(bases, name, d, _where(fold != f), _where(fold == f)))
                for f in np.unique(fold)
            ],
            deviance,
        )
        for name in learners
    }


def short_stack(
    oof: Oof,
    y: NDArray[np.float64],
    rows: NDArray[np.bool_],
    weights: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """Combine learners with non-negative weights that add to one.

    Args:
        oof: (n,) predictions of each learner.
        y: (n,) target.
        rows: rows on which the weights are chosen.
        weights: (n,) what each row counts in that choice.

    Returns:
        (n,) combined prediction, and the weights by learner.
    """
    import numpy as np
    from scipy.optimize import nnls

    P = np.column_stack(list(oof.values()))
    if P.shape[1] == 1:
        return P[:, 0], {next(iter(oof)): 1.0}
    # Least squares through the cross-products: same minimiser, and the size no longer depends on n.
    own = None if weights is None else weights[rows]
    centre = float(np.average(y[rows], weights=own))
    A, b = P[rows] - centre, y[rows] - centre
    if own is not None:
        A, b = A * np.sqrt(own)[:, None], b * np.sqrt(own)
    # The weights add to one, so a heavily weighted extra row keeps the constant of the fit.
    scale = 1e3 * np.sqrt((A * A).sum() + 1e-12)
    w, _ = nnls(np.vstack([A, np.full((1, A.shape[1]), scale)]), np.append(b, scale))
    w = w / w.sum() if w.sum() > 0 else np.full(len(w), 1 / len(w))
    return P @ w, {k: float(v) for k, v in zip(oof, w, strict=True)}


def _best(parts: list[tuple[NDArray[np.int64], NDArray[np.float64]]], loss: Loss) -> NDArray[np.float64]:
    """Put folds together and keep the penalty with the least out-of-fold loss."""
    import numpy as np

    n, columns = sum(len(i) for i, _ in parts), min(p.shape[1] for _, p in parts)
    P = np.empty((n, columns))
    for i, p in parts:
        P[i] = p[:, :columns]
    out: NDArray[np.float64] = P[:, int(np.argmin(loss(P)))]
    return out


def _squares(Y: NDArray[np.float64], rows: NDArray[np.int64], bases: Bases) -> Loss:
    """Mean squared error of (n, penalties) predictions on some rows."""
    import numpy as np

    def loss(P: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.average((Y[rows, None] - P[rows]) ** 2, axis=0, weights=bases.weights_of(rows)))

    return loss


def _where(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    import numpy as np

    return np.flatnonzero(mask)


def _clipped(oof: Oof, bounds: tuple[float, float] | None) -> Oof:
    import numpy as np

    return oof if bounds is None else {k: np.clip(v, *bounds) for k, v in oof.items()}
