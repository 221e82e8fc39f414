"""TMLE, entropy balancing, ratios and EconML's further learners: known truths, and ties to other estimators."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from causalcopilot.domain.question import Quantity
from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects import econml_dml, primary
from causalcopilot_tools.effects.aipw import aipw, arm_means, swap
from causalcopilot_tools.effects.entropy_balancing import entropy_balancing
from causalcopilot_tools.effects.learners import sigmoid
from causalcopilot_tools.effects.nuisance import ArmNuisances
from causalcopilot_tools.effects.tmle import tmle
from tests.tools.estimating import Opener, close, effect, open_in, run, world

Array = NDArray[np.float64]
SAME_ALGEBRA = 1e-9
SIGMAS = 4.0
SMALL_GAP = 0.3
"""Of a standard error: TMLE and AIPW solve the same score and differ by a higher-order term only."""
QUANTITIES: tuple[Quantity, ...] = ("ATE", "ATT", "ATC")
TRUE_SHARE = 0.30
"""A risk ratio of .6 against .3 is 2; with 4000 rows its interval spans about .3 on either side."""


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opener:
    monkeypatch.setattr(primary, "MEDIAN_SEEDS", 1)
    return open_in(tmp_path)


def confounded(n: int, seed: int) -> tuple[Array, Array, Array, ArmNuisances, Array]:
    g = np.random.default_rng(seed)
    X = g.normal(size=(n, 2))
    e = sigmoid(0.8 * X[:, 0])
    T = (g.random(n) < e).astype(float)
    base, tau = X[:, 0] + X[:, 1], 1 + 0.5 * X[:, 0]
    return X, T, base + tau * T + g.normal(size=n), ArmNuisances(base, base + tau, 1 - e, e), tau


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_tmle_and_aipw_agree_and_find_the_truth(quantity: Quantity) -> None:
    _, T, Y, fit, tau = confounded(2000, 1)
    target = {"ATE": T == T, "ATT": T == 1, "ATC": T == 0}[quantity]
    a, t = aipw(Y, T, fit, quantity), tmle(Y, T, fit, quantity)
    assert abs(t.value - a.value) < SMALL_GAP * a.std_error
    assert t.std_error == pytest.approx(a.std_error, rel=0.05)
    assert abs(t.value - tau[target].mean()) < SIGMAS * t.std_error
    assert abs(t.influence.mean()) < 0.02 * t.std_error * len(Y) ** 0.5


def test_tmle_repairs_a_wrong_mean_and_stays_in_range() -> None:
    _, T, Y, fit, tau = confounded(3000, 2)
    flat = ArmNuisances(np.full(3000, Y.mean()), np.full(3000, Y.mean()), fit.share0, fit.share1)
    repaired = tmle(Y, T, flat, "ATE")
    assert abs(repaired.value - tau.mean()) < SIGMAS * repaired.std_error
    extreme = ArmNuisances(fit.mean0, fit.mean1, np.full(3000, 0.99), np.full(3000, 0.01))
    assert abs(tmle(Y, T, extreme, "ATE").value) < np.ptp(Y)
    with pytest.raises(NotApplicable):
        tmle(np.ones(3000), T, fit, "ATE")


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_entropy_weights_balance_and_the_error_is_honest(quantity: Quantity) -> None:
    hits, estimates, errors = 0, [], []
    for seed in range(40):
        X, T, Y, _, tau = confounded(400, 100 + seed)
        e = entropy_balancing(Y, T, X, quantity)
        truth = {"ATE": tau, "ATT": tau[T == 1], "ATC": tau[T == 0]}[quantity].mean()
        hits += abs(e.value - truth) < 1.96 * e.std_error
        estimates.append(e.value - truth)
        errors.append(e.std_error)
    assert hits >= 34  # .85: 40 repeats of .95 have a standard error of .034
    assert 0.7 < np.mean(errors) / np.std(estimates) < 1.5


def test_entropy_balancing_of_a_line_is_exact_and_refuses_what_it_cannot_reach() -> None:
    X, T, _, _, _ = confounded(300, 5)
    straight = entropy_balancing(3 * T + X @ [1.0, 2.0], T, X, "ATE")
    assert straight.value == pytest.approx(3.0, abs=1e-6)
    mirrored = entropy_balancing(3 * T + X @ [1.0, 2.0], swap(T), X, "ATC")
    assert mirrored.value == pytest.approx(-3.0, abs=1e-6)
    apart = np.column_stack([T * 2 + 0.1 * X[:, 0]])
    with pytest.raises(NotApplicable, match="no weights"):
        entropy_balancing(X[:, 0], T, apart, "ATE")


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_arm_means_differ_by_the_effect(quantity: Quantity) -> None:
    _, T, Y, fit, _ = confounded(500, 6)
    one, zero = arm_means(Y, T, fit, quantity)
    e = aipw(Y, T, fit, quantity)
    assert one.value - zero.value == pytest.approx(e.value, abs=SAME_ALGEBRA)
    assert one.influence - zero.influence == pytest.approx(e.influence, abs=1e-8)


def test_shares_counts_and_skewed_amounts_get_their_scale(opened: Opener) -> None:
    g = np.random.default_rng(7)
    frame = world(2500, 7)
    frame["y"] = (g.random(2500) < np.where(frame.t == 1, 2 * TRUE_SHARE, TRUE_SHARE)).astype(float)
    share = run(opened(frame), effect())
    assert share.fact("ratio.name").value == "risk ratio"
    assert (share.fact("ratio").low or 9) < 2 < (share.fact("ratio").high or 0)
    frame["y"] = g.poisson(np.where(frame.t == 1, 3.0, 2.0))
    count = run(opened(frame), effect())
    assert count.fact("ratio.name").value == "rate ratio"
    assert (count.fact("ratio").low or 9) < 1.5 < (count.fact("ratio").high or 0)
    frame["y"] = np.exp(1.2 * g.normal(size=2500) + 0.4 * frame.t)
    amount = run(opened(frame), effect())
    assert amount.fact("ratio.name").value == "ratio of means"
    assert (amount.fact("ratio").low or 9) < np.exp(0.4) < (amount.fact("ratio").high or 0)
    assert any("is skewed" in f for f in amount.findings)
    assert "ratio" not in {f.key for f in run(opened(world(300)), effect()).facts}


@pytest.mark.parametrize("method", ["tmle", "entropy_balancing"])
def test_closed_forms_can_be_asked_for(opened: Opener, method: str) -> None:
    r = run(opened(world()), effect(), method=method)
    assert r.estimates[0].method == method
    assert close(r, 2.0)
    assert sum(e.method == method for e in r.estimates) == 1


def test_econml_learners_on_request(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(econml_dml, "FOLDS", 2)
    context = opened(world(300, 1)[["t", "y", "a", "b", "c"]])
    for method in ("dr_learner", "sparse_linear_dml"):
        r = run(context, effect(), method=method)
        assert r.estimates[0].method == method
        assert close(r, 2.0)
    t = run(context, effect(), method="t_learner").estimates[0]
    assert t.value == pytest.approx(2.0, abs=0.5)
    assert (t.std_error, t.low, t.high) == (None, None, None)
    with pytest.raises(NotApplicable, match="ATT is asked"):
        run(context, effect(quantity="ATT"), method="dr_learner")


def test_a_frame_is_not_changed(opened: Opener) -> None:
    frame = world(200, 9)
    before = frame.copy(deep=True)
    run(opened(frame), effect(), method="tmle")
    pd.testing.assert_frame_equal(frame, before)
