"""Outcome means learned from both arms, against scikit-learn's lasso on the doubled matrix and known surfaces."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import lasso_path

from causalcopilot_tools.effects.arm_means import DIFFERENCE_SCALE, fit_arm_means
from causalcopilot_tools.effects.folds import stratified_folds
from causalcopilot_tools.effects.learners import L1_PATH, Learner, fit_mean, make_bases
from causalcopilot_tools.effects.nuisance import oof_arm_means

Array = NDArray[np.float64]
COLUMNS = 8
SOLVER = 2e-2
"""Both solvers stop at a duality gap of a thousandth of |y|², in units of the outcome's sd of about two."""
SAME = 1e-9
"""The same numbers by the same solver, up to the order of sums."""
CLEARLY = 0.75
"""Mean squared error from both arms over that from the small arm's own rows; .4 to .6 in this world."""
LEARNED = {"lasso2": 0.05, "gam": 0.05, "boosting": 0.35}
"""Share of a surface's variance left unexplained; trees, which grow greedily, find a reversal between arms late."""


def table(n: int = 300, seed: int = 0, treated: float = 0.3) -> tuple[Array, Array, Array]:
    g = np.random.default_rng(seed)
    X = g.normal(size=(n, COLUMNS))
    T = (g.random(n) < treated).astype(float)
    Y = 10 + X[:, 0] + 0.5 * X[:, 1] - X[:, 2] + T * (3 + 0.5 * X[:, 0]) + g.normal(size=n)
    return X, T, Y


def test_linear_fit_is_a_lasso_on_common_and_different_features() -> None:
    X, T, Y = table()
    bases, rows = make_bases(X, ("lasso",)), np.arange(200)
    ahead = np.arange(200, 300)
    made = fit_arm_means(bases, "lasso", Y, T, rows, ahead)
    F, d = bases.features["lasso"], T[rows]
    centres = [F[rows][d == a].mean(axis=0) for a in (0, 1)]
    means = [Y[rows][d == a].mean() for a in (0, 1)]
    Z = F[rows] - np.where(d[:, None] == 1, centres[1], centres[0])
    sign = np.where(d[:, None] == 1, 1.0, -1.0)
    A = np.hstack([Z, DIFFERENCE_SCALE * sign * Z])
    r = Y[rows] - np.where(d == 1, means[1], means[0])
    top = np.abs(A.T @ r).max() / len(r)
    _, coefs, _ = lasso_path(A, r, alphas=top * np.array(L1_PATH), tol=1e-8)
    for a, s in ((0, -1.0), (1, 1.0)):
        slopes = coefs[:COLUMNS] + s * DIFFERENCE_SCALE * coefs[COLUMNS:]
        assert made[a] == pytest.approx(means[a] + (F[ahead] - centres[a]) @ slopes, abs=SOLVER)


@pytest.mark.parametrize("learner", ["lasso", "boosting"])
def test_a_weight_of_two_is_a_row_told_twice(learner: Learner) -> None:
    X, T, Y = table(120)
    twice = np.concatenate([np.arange(120), np.arange(40)])
    w = np.where(np.arange(120) < 40, 2.0, 1.0)
    weighted = make_bases(X, ("lasso",), weights=w)
    plain = make_bases(X, ("lasso",))
    new = np.arange(100, 120)
    a = fit_arm_means(weighted, learner, Y, T, np.arange(120), new)
    b = fit_arm_means(plain, learner, Y, T, twice, new)
    if learner == "lasso":
        assert np.concatenate(a) == pytest.approx(np.concatenate(b), rel=SAME)
    else:  # bins and the least rows of a leaf count rows, not weights
        assert np.corrcoef(np.concatenate(a)[:, 0], np.concatenate(b)[:, 0])[0, 1] > 0.99


@pytest.mark.parametrize("learner", ["lasso", "gam", "boosting"])
def test_a_small_arm_learns_from_the_other_what_they_share(learner: Learner) -> None:
    shared, alone = [], []
    for seed in range(8):
        X, T, Y = table(600, seed, 0.08)
        truth = 13 + 1.5 * X[:, 0] + 0.5 * X[:, 1] - X[:, 2]
        bases, rows, ahead = make_bases(X), np.arange(400), np.arange(400, 600)
        both = fit_arm_means(bases, learner, Y, T, rows, ahead)[1]
        own = fit_mean(bases, learner, Y, rows[T[rows] == 1], ahead)
        shared.append(((both - truth[ahead, None]) ** 2).mean(axis=0).min())
        alone.append(((own - truth[ahead, None]) ** 2).mean(axis=0).min())
    assert np.mean(shared) < CLEARLY * np.mean(alone)


@pytest.mark.parametrize("learner", ["lasso2", "gam", "boosting"])
def test_arms_with_nothing_in_common_are_both_learned(learner: Learner) -> None:
    g = np.random.default_rng(3)
    X = g.normal(size=(1000, 3))
    T = (np.arange(1000) % 2).astype(float)
    surfaces = X[:, 0] ** 2 - X[:, 1], 5 - X[:, 0] ** 2 + X[:, 2]
    Y = np.where(T == 1, surfaces[1], surfaces[0]) + 0.5 * g.normal(size=1000)
    made = fit_arm_means(make_bases(X), learner, Y, T, np.arange(800), np.arange(800, 1000))
    for arm, truth in zip(made, surfaces, strict=True):
        left = ((arm - truth[800:, None]) ** 2).mean(axis=0).min()
        assert left < LEARNED[learner] * truth.var()


def test_rows_of_another_arm_teach_nothing_and_an_outcome_that_never_varies_is_its_arm_mean() -> None:
    X, T, Y = table(200)
    T[:30] = -1.0
    bases = make_bases(X, ("lasso",))
    fold = stratified_folds(T, 4, 0)
    before = oof_arm_means(bases, Y, T, fold, ("lasso", "boosting"))
    changed = Y.copy()
    changed[:30] = 1e6
    after = oof_arm_means(bases, changed, T, fold, ("lasso", "boosting"))
    for a in (0, 1):
        for name, made in before[a].items():
            assert (made == after[a][name]).all()
    flat = np.where(T == 1, 7.0, 2.0)
    constant = oof_arm_means(bases, flat, T, fold, ("lasso",))
    assert (constant[0]["lasso"] == 2.0).all()
    assert (constant[1]["lasso"] == 7.0).all()
