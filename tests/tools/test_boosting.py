"""Boosted trees against scikit-learn's histogram boosting on the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from causalcopilot_tools.effects import boosting
from causalcopilot_tools.effects.boosting import bin_edges, boosted_mean, boosted_probability

ROUNDING = 1e-12
"""The same sums in the same order: only the last bits of an exponential may differ."""


def drawn(seed: int, n: int, p: int, kind: str) -> Any:
    g = np.random.default_rng(seed)
    X = g.normal(size=(n, p))
    if kind == "coarse":
        X = np.round(2 * X)
    elif kind == "mixed":
        X[:, ::2] = g.integers(0, 2, size=X[:, ::2].shape)
        X[:, -1] = 3.0
    y = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2 % p] + g.normal(size=n)
    d = (g.random(n) < 1 / (1 + np.exp(-X[:, 0] - y / 2))).astype(float)
    cut = int(0.8 * n)
    return X[:cut], y[:cut], d[:cut], X[cut:]


def reference(X: Any, y: Any, test: Any, rounds: int, probability: bool, w: Any = None) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    given: dict[str, Any] = {
        "max_iter": rounds, "learning_rate": 0.1, "max_depth": 3, "early_stopping": False, "random_state": 0,
    }  # fmt: skip
    if probability:
        model = HistGradientBoostingClassifier(min_samples_leaf=20, **given)
        return model.fit(X, y, sample_weight=w).predict_proba(test)[:, 1]
    return (
        HistGradientBoostingRegressor(min_samples_leaf=10, **given).fit(X, y, sample_weight=w).predict(test)
    )


@pytest.mark.parametrize("kind", ["fine", "coarse", "mixed"])
@pytest.mark.parametrize(("n", "p"), [(40, 2), (300, 4), (800, 10), (700, 60), (4000, 5)])
def test_predictions_are_those_of_the_reference(n: int, p: int, kind: str) -> None:
    X, y, d, test = drawn(n + p, n, p, kind)
    assert boosted_mean(X, y, test, 70) == pytest.approx(reference(X, y, test, 70, False), abs=ROUNDING)
    shares = boosted_probability(X, d, test, 70)
    assert shares == pytest.approx(reference(X, d, test, 70, True), abs=ROUNDING)


@pytest.mark.parametrize("n", [255, 256, 510, 765, 1000, 2000])
def test_bins_are_those_of_the_reference(n: int) -> None:
    from sklearn.ensemble._hist_gradient_boosting.binning import _find_binning_thresholds

    g = np.random.default_rng(n)
    for values in (g.normal(size=n), np.round(g.normal(size=n), 2), g.integers(0, 3, n).astype(float)):
        assert np.array_equal(bin_edges(values), _find_binning_thresholds(values, 255))


def test_an_arm_too_small_to_split_is_predicted_by_its_mean() -> None:
    X, y, _, test = drawn(1, 20, 2, "fine")
    assert boosted_mean(X[:15], y[:15], test, 70) == pytest.approx(np.full(len(test), y[:15].mean()))


@pytest.mark.parametrize("kind", ["fine", "mixed"])
@pytest.mark.parametrize(("n", "p"), [(200, 4), (500, 3)])
def test_weighted_predictions_are_those_of_the_reference(n: int, p: int, kind: str) -> None:
    from sklearn.ensemble._hist_gradient_boosting.binning import _find_binning_thresholds

    X, y, d, test = drawn(n + p, n, p, kind)
    w = np.random.default_rng(n).uniform(0.2, 3, len(y))
    for column in X.T:
        assert np.array_equal(bin_edges(column, w), _find_binning_thresholds(column, 255, w))
    assert boosted_mean(X, y, test, 70, w) == pytest.approx(reference(X, y, test, 70, False, w), abs=ROUNDING)
    shares = boosted_probability(X, d, test, 70, w)
    assert shares == pytest.approx(reference(X, d, test, 70, True, w), abs=ROUNDING)


def test_weights_and_gaps_are_left_to_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights of one change nothing, and a missing value is a value of its own, as the library has it."""
    X, y, _, test = drawn(3, 300, 4, "fine")
    plain = boosted_mean(X, y, test, 20)
    monkeypatch.setattr(boosting, "_boosted", None)
    assert boosted_mean(X, y, test, 20, np.ones(len(y))) == pytest.approx(plain, abs=1e-6)
    X[5, 0] = np.nan
    assert np.isfinite(boosted_mean(X, y, test, 20)).all()
