"""Estimators on arrays: against statsmodels, against closed forms, against simulated truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from causalcopilot.domain.question import Quantity
from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects import envelope, overlap
from causalcopilot_tools.effects.aipw import aipw, balancing_weights, clip_bound, clipped, swap
from causalcopilot_tools.effects.balance import standardised_differences
from causalcopilot_tools.effects.difference import difference_in_means
from causalcopilot_tools.effects.entropy_balancing import entropy_balancing
from causalcopilot_tools.effects.folds import stratified_folds
from causalcopilot_tools.effects.intervals import normal_quantile, t_quantile
from causalcopilot_tools.effects.ipw import ipw
from causalcopilot_tools.effects.learners import STACK, Learner, make_bases, newton_logistic, sigmoid
from causalcopilot_tools.effects.matching import matching
from causalcopilot_tools.effects.nuisance import ArmNuisances, LineNuisances, cross_fit_arms, short_stack
from causalcopilot_tools.effects.plr import plr_slope
from causalcopilot_tools.effects.regression import interacted, ols
from causalcopilot_tools.effects.threads import one_thread
from causalcopilot_tools.effects.trimming import keep_rows

Array = NDArray[np.float64]

SAME_ALGEBRA = 1e-8
"""Relative: two routes to one least-squares solution differ by rounding only."""
SAME_OPTIMUM = 1e-4
"""Our logistic fits carry a ridge of 1e-3, statsmodels none."""
LINE: tuple[Learner, ...] = ("lasso",)
COVERAGE_REPEATS = 60
COVERAGE_FLOOR = 0.85
"""Nominal .95 with 60 repeats has a standard error of .028; three and a half of them below is .85."""
SE_RATIO = (0.8, 1.25)
"""Mean standard error over the spread of 60 estimates, whose own relative error is 1/√120 = .09."""


def confounded(n: int, seed: int) -> tuple[Array, Array, Array, Array]:
    """X, T, Y and each row's effect (1 + X0): linear confounding by X0 and X1."""
    g = np.random.default_rng(seed)
    X = g.normal(size=(n, 3))
    T = (g.random(n) < sigmoid(0.8 * X[:, 0] + 0.5 * X[:, 1])).astype(float)
    tau = 1 + X[:, 0]
    return X, T, X[:, 0] + X[:, 1] + tau * T + g.normal(size=n), tau


def oracle(X: Array) -> ArmNuisances:
    e = sigmoid(0.8 * X[:, 0] + 0.5 * X[:, 1])
    base = X[:, 0] + X[:, 1]
    return ArmNuisances(base, base + 1 + X[:, 0], 1 - e, e)


# --- regression --------------------------------------------------------------------------------------


def test_ols_equals_statsmodels_hc2() -> None:
    import statsmodels.api as sm

    X, T, Y, _ = confounded(300, 1)
    ours = ols(Y, T, X, arms=True)
    theirs = sm.OLS(Y, sm.add_constant(np.column_stack([T, X]))).fit(cov_type="HC2", use_t=True)
    assert ours.value == pytest.approx(theirs.params[1], rel=SAME_ALGEBRA)
    assert ours.std_error == pytest.approx(theirs.bse[1], rel=SAME_ALGEBRA)
    assert ours.degrees == theirs.df_resid
    low, high = theirs.conf_int()[1]
    half = t_quantile(0.95, ours.degrees) * ours.std_error
    assert (ours.value - half, ours.value + half) == pytest.approx((low, high), rel=SAME_ALGEBRA)


@pytest.mark.parametrize("quantity", ["ATE", "ATT", "ATC"])
def test_interacted_regression_equals_statsmodels_centred_at_the_target(quantity: str) -> None:
    import statsmodels.api as sm

    X, T, Y, _ = confounded(300, 2)
    rows = {"ATE": T == T, "ATT": T == 1, "ATC": T == 0}[quantity]
    Z = X - X[rows].mean(axis=0)
    ours = interacted(Y, T, X, quantity)  # type: ignore[arg-type]
    theirs = sm.OLS(Y, sm.add_constant(np.column_stack([T, Z, T[:, None] * Z]))).fit(cov_type="HC2")
    assert ours.value == pytest.approx(theirs.params[1], rel=SAME_ALGEBRA)
    assert ours.std_error == pytest.approx(theirs.bse[1], rel=SAME_ALGEBRA)


def test_regression_survives_a_repeated_control_and_refuses_a_copy_of_the_treatment() -> None:
    X, T, Y, _ = confounded(200, 3)
    twice = ols(Y, T, np.column_stack([X, X[:, 0]]), arms=True)
    assert twice.value == pytest.approx(ols(Y, T, X, arms=True).value, rel=SAME_ALGEBRA)
    with pytest.raises(NotApplicable, match="determine"):
        ols(Y, T, np.column_stack([X, 2 * T]), arms=True)
    with pytest.raises(NotApplicable, match="too few"):
        ols(Y[:40], T[:40], np.random.default_rng(0).normal(size=(40, 60)), arms=True)


def test_difference_in_means_equals_scipy_welch() -> None:
    from scipy.stats import ttest_ind

    _, T, Y, _ = confounded(200, 4)
    ours = difference_in_means(Y, T)
    theirs = ttest_ind(Y[T == 1], Y[T == 0], equal_var=False)
    assert ours.degrees == pytest.approx(theirs.df, rel=SAME_ALGEBRA)
    assert ours.value / ours.std_error == pytest.approx(theirs.statistic, rel=SAME_ALGEBRA)


# --- weighting and matching --------------------------------------------------------------------------


def test_logistic_fit_equals_statsmodels_and_stays_finite_when_separable() -> None:
    import statsmodels.api as sm

    X, T, _, _ = confounded(400, 5)
    A = np.column_stack([np.ones(400), X])
    ours = newton_logistic(A, T, 1e-3, np.zeros(4), steps=50, tol=1e-12)
    assert ours == pytest.approx(sm.Logit(T, A).fit(disp=0).params, abs=SAME_OPTIMUM)
    apart = newton_logistic(A, (X[:, 0] > 0).astype(float), 1e-3, np.zeros(4), steps=100, tol=1e-12)
    assert np.isfinite(apart).all()


def test_ipw_equals_weights_from_statsmodels_and_its_error_the_bootstrap() -> None:
    import statsmodels.api as sm

    X, T, Y, _ = confounded(600, 6)
    p = sm.Logit(T, sm.add_constant(X)).fit(disp=0).predict()
    one, zero = T == 1, T == 0
    ate = np.average(Y[one], weights=1 / p[one]) - np.average(Y[zero], weights=1 / (1 - p[zero]))
    att = Y[one].mean() - np.average(Y[zero], weights=p[zero] / (1 - p[zero]))
    for quantity, truth in (("ATE", ate), ("ATT", att)):
        ours = ipw(Y, T, X, quantity)  # type: ignore[arg-type]
        assert ours.value == pytest.approx(truth, rel=SAME_OPTIMUM)
        g = np.random.default_rng(0)
        draws = [ipw(Y[i], T[i], X[i], quantity).value for i in g.integers(0, 600, (60, 600))]  # type: ignore[arg-type]
        assert SE_RATIO[0] < ours.std_error / np.std(draws) < SE_RATIO[1]


def test_matching_on_one_exact_pair_per_row_is_the_mean_of_pair_differences() -> None:
    g = np.random.default_rng(7)
    X = np.repeat(np.arange(30.0), 2)[:, None]
    T = np.tile([0.0, 1.0], 30)
    Y = X[:, 0] ** 2 + 2 * T + g.normal(size=60)
    pairs = Y[1::2] - Y[::2]
    for quantity in ("ATE", "ATT", "ATC"):
        assert matching(Y, T, X, quantity).value == pytest.approx(pairs.mean(), rel=SAME_ALGEBRA)


@pytest.mark.parametrize("quantity", ["ATE", "ATT"])
def test_matching_error_is_the_written_out_formula(quantity: Quantity) -> None:
    """Abadie and Imbens (2006), theorems 6 and 7, for one match: how often a row serves, times its own variance."""
    X, T, Y, _ = confounded(80, 8)
    x, n = X[:, 0] - X[:, 0].mean(), len(Y)
    slope = {a: float(np.polyfit(x[T == a], Y[T == a], 1)[0]) for a in (0, 1)}
    target = [i for i in range(n) if quantity == "ATE" or T[i] == 1]
    serves, gaps = np.zeros(n), []
    for i in target:
        arm = 1 - T[i]
        j = min((j for j in range(n) if T[j] == arm), key=lambda j: abs(x[j] - x[i]))
        serves[j] += 1
        gaps.append((1 if T[i] == 1 else -1) * (Y[i] - Y[j] - slope[int(arm)] * (x[i] - x[j])))
    spread = np.empty(n)
    for i in range(n):
        near = sorted((j for j in range(n) if T[j] == T[i] and j != i), key=lambda j: abs(x[j] - x[i]))[:3]
        spread[i] = 0.75 * (Y[i] - Y[near].mean()) ** 2
    extra = serves**2 + serves if quantity == "ATE" else serves**2 - serves
    value = float(np.mean(gaps))
    variance = (((np.array(gaps) - value) ** 2).sum() + (extra * spread).sum()) / len(target) ** 2
    e = matching(Y, T, X[:, :1], quantity)
    assert e.value == pytest.approx(value, rel=SAME_ALGEBRA)
    assert e.std_error == pytest.approx(variance**0.5, rel=SAME_ALGEBRA)


def test_matching_ties_depend_on_the_seed_only() -> None:
    X, T, Y, _ = confounded(200, 8)
    X = np.round(X)
    assert matching(Y, T, X, "ATE", 1).value == matching(Y, T, X, "ATE", 1).value
    spread = {matching(Y, T, X, "ATE", s).value for s in range(5)}
    assert len(spread) > 1


# --- doubly robust -----------------------------------------------------------------------------------


def test_aipw_is_its_formula_and_atc_mirrors_att() -> None:
    X, T, Y, _ = confounded(500, 9)
    fit = oracle(X)
    e = fit.share1
    w1, w0 = T / clipped(e), (1 - T) / clipped(1 - e)
    w1, w0 = w1 / w1.mean(), w0 / w0.mean()
    psi = fit.mean1 - fit.mean0 + w1 * (Y - fit.mean1) - w0 * (Y - fit.mean0)
    ours = aipw(Y, T, fit, "ATE")
    assert ours.value == pytest.approx(psi.mean(), rel=SAME_ALGEBRA)
    assert ours.std_error == pytest.approx(psi.std(ddof=1) / np.sqrt(500), rel=SAME_ALGEBRA)
    mirror = ArmNuisances(fit.mean1, fit.mean0, fit.share1, fit.share0)
    assert aipw(Y, T, fit, "ATC").value == pytest.approx(-aipw(Y, swap(T), mirror, "ATT").value)


def test_probabilities_are_held_back_further_the_fewer_the_rows() -> None:
    """The constants of the docstring, worked out by hand; below about 400 rows the bound is .05."""
    assert clip_bound(1000) == pytest.approx(6 / (31.6228 * 6.90776), rel=1e-5)
    assert clip_bound(20_000) < clip_bound(2000) < clip_bound(400) == clip_bound(50) == 0.05
    p = np.linspace(0, 1, 1000)
    assert clipped(p).min() == clip_bound(1000)
    assert clipped(p).max() == 1 - clip_bound(1000)
    assert clipped(p, 0.1).min() == 0.1


@pytest.mark.parametrize("quantity", ["ATE", "ATT", "ATC"])
def test_aipw_does_not_hang_on_the_level_of_the_weights_or_of_the_outcome(quantity: Quantity) -> None:
    """Weights are normalised: an arm whose means are all off by one constant changes nothing.

    A small arm drawn by lot, whose share lies below the bound, is the difference in means with its own error.
    """
    X, T, Y, _ = confounded(300, 9)
    fit = oracle(X)
    off = ArmNuisances(fit.mean0 + 7.0, fit.mean1 - 3.0, fit.share0, fit.share1)
    assert aipw(Y, T, off, quantity).value == pytest.approx(aipw(Y, T, fit, quantity).value, abs=SAME_ALGEBRA)
    T = np.zeros(300)
    T[:9] = 1.0
    flat = np.full(300, Y.mean())
    lot = aipw(Y, T, ArmNuisances(flat, flat, np.full(300, 0.97), np.full(300, 0.03)), quantity)
    plain = difference_in_means(Y, T)
    assert lot.value == pytest.approx(plain.value, abs=SAME_ALGEBRA)
    assert 0.7 < lot.std_error / plain.std_error < 1.5


@pytest.mark.parametrize("quantity", ["ATE", "ATT", "ATC"])
def test_an_effect_larger_for_all_alike_is_told_no_less_surely(quantity: Quantity) -> None:
    """Adding a constant to the treated arm adds it to the effect; the errors of every estimator stay as they were."""
    X, T, Y, _ = confounded(400, 6)
    fit, more = oracle(X), 40.0
    moved = ArmNuisances(fit.mean0, fit.mean1 + more, fit.share0, fit.share1)
    Z = Y + more * T
    pairs = {
        "aipw": (aipw(Y, T, fit, quantity), aipw(Z, T, moved, quantity)),
        "ipw": (ipw(Y, T, X, quantity), ipw(Z, T, X, quantity)),
        "matching": (matching(Y, T, X, quantity), matching(Z, T, X, quantity)),
        "entropy balancing": (entropy_balancing(Y, T, X, quantity), entropy_balancing(Z, T, X, quantity)),
    }
    for name, (before, after) in pairs.items():
        assert after.value == pytest.approx(before.value + more, rel=SAME_ALGEBRA), name
        assert after.std_error == pytest.approx(before.std_error, rel=SAME_ALGEBRA), name


def test_aipw_stays_right_when_either_nuisance_is_wrong() -> None:
    """Double robustness: bias shrinks to noise (four standard errors) with one side right, not with none."""
    X, T, Y, tau = confounded(20_000, 10)
    good = oracle(X)
    flat, half = np.zeros(len(Y)), np.full(len(Y), 0.5)
    wrong_mean = ArmNuisances(flat, flat, good.share0, good.share1)
    wrong_share = ArmNuisances(good.mean0, good.mean1, half, half)
    for quantity, truth in (("ATE", tau.mean()), ("ATT", tau[T == 1].mean()), ("ATC", tau[T == 0].mean())):
        for fit in (good, wrong_mean, wrong_share):
            e = aipw(Y, T, fit, quantity)  # type: ignore[arg-type]
            assert abs(e.value - truth) < 4 * e.std_error
    neither = aipw(Y, T, ArmNuisances(flat, flat, half, half), "ATE")
    assert abs(neither.value - tau.mean()) > 10 * neither.std_error


@pytest.mark.parametrize("quantity", ["ATE", "ATT"])
def test_intervals_cover_and_errors_match_the_spread(quantity: str) -> None:
    """Estimators that are right for this world cover their own quantity; the raw difference does not."""
    hits: dict[str, list[bool]] = {}
    values: dict[str, list[tuple[float, float]]] = {}
    for seed in range(COVERAGE_REPEATS):
        X, T, Y, tau = confounded(400, 100 + seed)
        truth = float(np.mean(1.0) if quantity == "ATE" else tau[T == 1].mean())
        fits = cross_fit_arms(make_bases(X, ("lasso",)), Y, T, seed, k=2, learners=("lasso",))
        made: dict[str, Any] = {
            "aipw": aipw(Y, T, fits["stack"], quantity),  # type: ignore[arg-type]
            "ipw": ipw(Y, T, X, quantity),  # type: ignore[arg-type]
            "matching": matching(Y, T, X, quantity, seed),  # type: ignore[arg-type]
            "interacted": interacted(Y, T, X, quantity),  # type: ignore[arg-type]
            "difference": difference_in_means(Y, T),
        }
        for name, e in made.items():
            hits.setdefault(name, []).append(abs(e.value - truth) < normal_quantile(0.95) * e.std_error)
            values.setdefault(name, []).append((e.value - truth, e.std_error))
    covered = {name: float(np.mean(h)) for name, h in hits.items()}
    assert min(covered[m] for m in ("aipw", "ipw", "matching")) >= COVERAGE_FLOOR, covered
    # HC2 takes the covariates as fixed (Lin 2013), so it may be short where the effect varies with them.
    assert covered["interacted"] >= COVERAGE_FLOOR - 0.1, covered
    assert covered["difference"] < 0.1
    errors = np.array(values["aipw"])
    assert SE_RATIO[0] < errors[:, 1].mean() / errors[:, 0].std() < SE_RATIO[1] + 0.2


def test_three_arms_use_the_generalised_propensity_of_each() -> None:
    g = np.random.default_rng(11)
    n = 6000
    X = g.normal(size=(n, 2))
    arm = np.array([g.choice(3, p=q) for q in _softmax(X)])
    Y = np.array([0.0, 1.0, 4.0])[arm] * (1 + 0.5 * X[:, 1]) + X[:, 0] + g.normal(size=n)
    T = np.where(arm == 2, 1.0, np.where(arm == 0, 0.0, -1.0))
    fit = cross_fit_arms(make_bases(X, ("lasso2",)), Y, T, 0, k=2, learners=("lasso2",))["stack"]
    assert (fit.share0 + fit.share1 < 1).all()
    e = aipw(Y, T, fit, "ATE")
    assert abs(e.value - 4.0) < 3 * e.std_error
    assert abs(difference_in_means(Y, T).value - 4.0) > 3 * e.std_error


def _softmax(X: Array) -> Array:
    z = np.exp(np.column_stack([np.zeros(len(X)), 0.5 * X[:, 0], 0.8 * X[:, 0] + 0.3 * X[:, 1]]))
    return np.asarray(z / z.sum(axis=1, keepdims=True))


def test_partially_linear_slope_with_linear_means_is_frisch_waugh_lovell() -> None:
    X, _, _, _ = confounded(300, 12)
    g = np.random.default_rng(0)
    T = X @ [1.0, 2.0, 0.0] + g.normal(size=300)
    Y = 3 * T + X[:, 0] + g.normal(size=300)
    A = np.column_stack([np.ones(300), X])
    H = A @ np.linalg.pinv(A)
    slope = plr_slope(Y, T, LineNuisances(H @ Y, H @ T))
    assert slope.value == pytest.approx(ols(Y, T, X, arms=False).value, rel=SAME_ALGEBRA)


# --- nuisances, folds, combination -------------------------------------------------------------------


def test_stack_weights_are_a_convex_combination_that_prefers_the_better_learner() -> None:
    g = np.random.default_rng(13)
    y = g.normal(size=500) + 50
    weights = short_stack({"good": y + 0.1 * g.normal(size=500), "bad": np.full(500, 50.0)}, y, y == y)[1]
    assert sum(weights.values()) == pytest.approx(1)
    assert min(weights.values()) >= 0
    assert weights["good"] > 0.9


def test_stack_learns_what_a_line_cannot() -> None:
    g = np.random.default_rng(14)
    X = g.normal(size=(800, 3))
    T = (g.random(800) < sigmoid(X[:, 0])).astype(float)
    signal = np.sin(2 * X[:, 0]) + X[:, 1] ** 2
    Y = signal + 0.3 * g.normal(size=800)
    with one_thread():
        fits = {learners: _mean0(X, T, Y, learners) for learners in (LINE, STACK)}
    line, stack = (float(((m - signal) ** 2).mean()) for m in fits.values())
    assert stack < 0.1 * line


def _mean0(X: Array, T: Array, Y: Array, learners: tuple[Learner, ...]) -> Array:
    return cross_fit_arms(make_bases(X, learners), Y, T, 0, learners=learners)["stack"].mean0


def test_one_thread_reaches_every_pool() -> None:
    from threadpoolctl import threadpool_info  # type: ignore[import-untyped]

    with one_thread():
        pools = threadpool_info()
    assert {pool["user_api"] for pool in pools} == {"blas", "openmp"}
    assert {pool["num_threads"] for pool in pools} == {1}


def test_folds_are_balanced_in_each_arm_and_follow_the_seed() -> None:
    T = np.repeat([0.0, 1.0], [83, 17])
    fold = stratified_folds(T, 5, 3)
    assert sorted(np.bincount(fold[T == 1])) == [3, 3, 3, 4, 4]
    assert set(np.bincount(fold)) == {20}
    assert (fold == stratified_folds(T, 5, 3)).all()
    assert (fold != stratified_folds(T, 5, 4)).any()
    assert (fold != stratified_folds(T, 5, 3, repeat=1)).any()


def test_envelope_holds_both_intervals_and_small_samples_widen_by_disagreement() -> None:
    stack, boosting = envelope.Point(3.0, 0.5), envelope.Point(2.0, 1.0)
    wide = envelope.envelope(stack, boosting, 1000, 0.95)
    z = normal_quantile(0.95)
    assert (wide.value, wide.low, wide.high) == pytest.approx((3.0, 2 - z, 3 + z / 2))
    assert wide.std_error == pytest.approx((1 + 1.5 * z) / 2 / z)
    small = envelope.envelope(stack, boosting, 499, 0.95)
    assert small.std_error == pytest.approx(1.1 * np.hypot(0.5, 1.0))
    assert (small.low + small.high) / 2 == pytest.approx(3.0)


def test_median_over_seeds_carries_their_disagreement() -> None:
    points = [envelope.Point(v, 0.1) for v in (1.0, 2.0, 4.0)]
    middle = envelope.median_over_seeds(points)
    assert middle.value == 2.0
    assert middle.std_error == pytest.approx(np.sqrt(0.01 + 1.0))


# --- support -----------------------------------------------------------------------------------------


def arms(e: Array) -> ArmNuisances:
    zero = np.zeros(len(e))
    return ArmNuisances(zero, zero, 1 - e, e)


def test_overlap_counts_only_rows_the_quantity_needs() -> None:
    T = np.repeat([0.0, 1.0], [90, 10])
    e = np.where(T == 1, 0.5, 0.02)
    e[:30] = 0.5
    fit = arms(e)
    assert overlap.assess(T, fit, "ATE").outside == pytest.approx(0.6)
    att = overlap.assess(T, fit, "ATT")
    assert att.outside == 0
    assert att.supported
    assert not overlap.assess(T, fit, "ATE").supported
    assert overlap.assess(T, fit, "ATC").outside == pytest.approx(60 / 90)


def test_effective_size_and_weights() -> None:
    assert overlap.effective_size(np.ones(40)) == pytest.approx(40)
    assert overlap.effective_size(np.array([1.0, 0.0, 0.0])) == pytest.approx(1)
    T = np.array([0.0, 0.0, 1.0, 1.0, -1.0])
    w = balancing_weights(T, arms(np.array([0.2, 0.5, 0.5, 0.8, 0.5])), "ATT")
    assert w == pytest.approx([0.2, 0.8, 0.5, 0.5, 0.0])


def test_histogram_counts_every_row_once() -> None:
    T = np.repeat([0.0, 1.0], 50)
    bins = overlap.histogram(T, arms(np.linspace(0, 1, 100)))
    assert len(bins) == 20
    assert (sum(b[2] for b in bins), sum(b[3] for b in bins)) == (50, 50)


def test_weights_from_the_true_propensity_balance_the_covariates() -> None:
    X, T, _, _ = confounded(20_000, 15)
    raw = standardised_differences(X, T)
    weighted = standardised_differences(X, T, balancing_weights(T, oracle(X), "ATE"))
    pooled = np.sqrt((X[T == 1].var(axis=0, ddof=1) + X[T == 0].var(axis=0, ddof=1)) / 2)
    assert raw == pytest.approx((X[T == 1].mean(axis=0) - X[T == 0].mean(axis=0)) / pooled)
    assert abs(raw[0]) > 0.5
    assert np.abs(weighted).max() < 0.05  # noise of a weighted mean of 20,000 rows, three times over


def test_trimming_follows_the_declared_rule() -> None:
    T = np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    share = np.array([0.05, 0.6, 0.04, 0.05, 0.6, 0.7])
    assert keep_rows(share, T, "ATT").tolist() == [True, True, False, True, True, False]
    assert keep_rows(share, T, "ATE").all()
    low = np.array([0.001, 0.6, 0.005, 0.02, 0.6, 0.7])
    assert keep_rows(low, T, "ATT").tolist() == [True, True, False, True, True, False]
    assert keep_rows(1 - share, 1 - T, "ATC").tolist() == [True, True, False, True, True, False]


def test_trimming_keeps_the_controls_of_a_rare_treatment() -> None:
    share = np.concatenate([np.full(5, 0.02), np.full(990, 0.004), np.full(5, 0.001)])
    T = np.concatenate([np.ones(5), np.zeros(995)])
    share[0] = 0.0005
    kept = keep_rows(share, T, "ATT")
    assert kept[:995].all()  # at a share of .005 the floor is .00125, not .01
    assert not kept[995:].any()
