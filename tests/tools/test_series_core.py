"""The numbers behind searches over time, against statsmodels and simulated truth."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray

from causalcopilot.data.simulate import simulate
from causalcopilot.data.simulate_settings import Settings
from causalcopilot_tools.discovery.core import breaks, granger, lag_order, lagged, lagged_boss, seasonality
from causalcopilot_tools.discovery.core import stationarity as st
from causalcopilot_tools.discovery.core.pc import Limits

Floats = NDArray[np.float64]

ALGEBRA = 1e-8
"""Two ways to the same least squares differ by rounding only."""
SHAPE = 0.15
"""Share of a seasonal swing by which twelve means over twenty noisy years may miss it (three standard errors)."""


def autoregression(n: int, rng: np.random.Generator, root: float = 0.5) -> Floats:
    x = np.zeros(n + 50)
    for t in range(1, n + 50):
        x[t] = root * x[t - 1] + rng.standard_normal()
    return x[50:]


def drawn(seed: int, drift: bool = False, rows: int = 500) -> tuple[Floats, Floats]:
    s = simulate(Settings(nodes=8, rows=rows, lags=2, degree=2.0, seed=seed, drift=drift))
    assert s.weights is not None
    return np.column_stack([s.data[v] for v in s.variables]), s.weights


def one_unit(x: Floats) -> NDArray[np.int64]:
    return np.zeros(len(x), np.int64)


# --- stationarity ---------------------------------------------------------------------------------------------------


def test_the_tests_are_those_of_statsmodels() -> None:
    from statsmodels.tsa.stattools import adfuller, kpss

    x = autoregression(200, np.random.default_rng(1), 0.8)
    found = st.examine(x)
    warnings.simplefilter("ignore")  # of p-values outside a table, and of names to come
    assert found.adf_p == pytest.approx(adfuller(x, regression="ct", autolag="AIC")[1], rel=1e-6)
    assert found.kpss_level == pytest.approx(kpss(x, "c", nlags=14)[0], rel=1e-6)
    assert found.kpss_trend == pytest.approx(kpss(x, "ct", nlags=14)[0], rel=1e-6)


def kinds(make: object, count: int = 20) -> list[st.Stationarity]:
    return [st.examine(make(np.random.default_rng(k))) for k in range(count)]  # type: ignore[operator]


def test_a_random_walk_has_a_unit_root_and_a_stationary_series_has_none() -> None:
    walks = kinds(lambda r: np.cumsum(r.standard_normal(300)))
    still = kinds(lambda r: autoregression(300, r))
    assert sum(w.unit_root for w in walks) >= 17  # level 5 % against it, 20 draws
    assert sum(w.unit_root or w.drifts for w in still) <= 2


def test_a_trend_with_weak_memory_is_no_unit_root() -> None:
    found = kinds(lambda r: autoregression(300, r) + np.linspace(0, 8, 300))
    assert sum(f.drifts for f in found) >= 18
    assert sum(f.unit_root for f in found) <= 2


def made(root: bool, moves: bool) -> st.Stationarity:
    return st.Stationarity(
        0.5 if root else 0.001, 2.0 if moves else 0.1, 0.5 if moves else 0.05, 0.0 if root else -0.3
    )


def test_the_rule_treats_moving_means_alike() -> None:
    still, root, drift = made(False, False), made(True, True), made(False, True)
    assert st.decide([still, still]) == ("none", "none")
    assert st.decide([root, root, drift, still]) == ("difference", "difference", "difference", "none")
    assert st.decide([root, drift, drift, still]) == ("detrend",) * 4


def test_detrending_takes_a_slow_wave_out_and_leaves_fast_movement() -> None:
    n = 600
    t = np.arange(n)
    slow, fast = 5 * np.sin(2 * np.pi * t / 300) + 0.01 * t, np.random.default_rng(0).standard_normal(n)
    left = st.apply(slow + fast, "detrend")
    assert abs(np.corrcoef(left, slow)[0, 1]) < 0.05
    assert np.corrcoef(left, fast)[0, 1] > 0.95


def test_a_gap_stays_a_gap_through_every_treatment() -> None:
    x = np.arange(60.0)
    x[30] = np.nan
    assert np.isnan(st.apply(x, "detrend")[30])
    assert np.isnan(st.apply(x, "difference")[[0, 30, 31]]).all()


# --- seasons and breaks ---------------------------------------------------------------------------------------------


def monthly(rng: np.random.Generator, size: float) -> tuple[Floats, Floats]:
    pattern = size * np.cos(2 * np.pi * np.arange(240) / 12)
    return autoregression(240, rng) + pattern, pattern


def test_a_season_is_found_and_its_means_removed() -> None:
    x, pattern = monthly(np.random.default_rng(3), 3.0)
    found = seasonality.find(x, np.arange(240), (7, 12))
    assert found is not None
    assert (found.period, found.how) == (12, "means")
    left = seasonality.remove(x, np.arange(240), found) - (x - pattern)
    assert np.abs(left - left.mean()).max() < SHAPE * 6


def test_a_wandering_season_is_differenced() -> None:
    rng = np.random.default_rng(4)
    x = np.zeros(300)
    for t in range(12, 300):
        x[t] = x[t - 12] + rng.standard_normal()
    found = seasonality.find(x + np.tile(rng.normal(0, 5, 12), 25), np.arange(300), (12,))
    assert found is not None
    assert found.how == "difference"
    assert np.isnan(seasonality.remove(x, np.arange(300), found)[:12]).all()


def test_no_season_where_there_is_none() -> None:
    clear = [
        seasonality.find(autoregression(240, np.random.default_rng(k)), np.arange(240), (4, 12))
        for k in range(30)
    ]
    assert sum(c is not None for c in clear) <= 1


def test_a_shift_of_the_mean_is_a_break_at_its_time() -> None:
    rng = np.random.default_rng(5)
    x = rng.standard_normal(200) + np.where(np.arange(200) < 120, 0.0, 2.0)
    found = breaks.find(x)
    assert found.p_value < 0.001
    assert found.statistic == pytest.approx(f_of_a_step(x, found.at), rel=1e-8)
    assert found.statistic >= f_of_a_step(x, 90)
    assert abs(found.at - 120) <= 10
    calm = [breaks.find(autoregression(200, np.random.default_rng(k))).p_value for k in range(40)]
    assert sum(p < 0.05 for p in calm) <= 6  # level 5 %, 40 draws


def f_of_a_step(x: Floats, at: int) -> float:
    """The F statistic of a step at a given time, by statsmodels."""
    from statsmodels.api import OLS

    n = len(x)
    base = np.column_stack([np.ones(n - 2), x[1:-1], x[:-2]])
    step = (np.arange(2, n) >= at).astype(float)
    return float(OLS(x[2:], np.column_stack([base, step])).fit().tvalues[-1] ** 2)


@pytest.mark.parametrize(("critical", "level"), [(7.12, 0.10), (8.68, 0.05), (12.16, 0.01)])
def test_the_tail_of_the_largest_f_is_the_published_one(critical: float, level: float) -> None:
    assert breaks.tail(critical) == pytest.approx(level, rel=0.08)  # Andrews 2003, table I, 15 % trimming


# --- stacking and lags ----------------------------------------------------------------------------------------------


def test_rows_carry_their_own_past_and_never_another_units() -> None:
    x = np.column_stack([np.arange(12.0), 100 + np.arange(12.0)])
    x[3] = np.nan
    units = np.repeat([0, 1], 6)
    s = lagged.stack(x, units, 2)
    assert s.z[:, 0].tolist() == [2, 8, 9, 10, 11]
    assert (s.z[:, 0] - s.z[:, 2] == 1).all()
    assert (s.z[:, 0] - s.z[:, 4] == 2).all()
    assert s.runs.tolist() == [1, 2, 2, 2, 2]


def test_time_order_leaves_only_edges_into_the_present() -> None:
    limits = lagged.limits(2, 1)
    allowed = {(int(i), int(j)) for i, j in np.argwhere(~limits.forbidden) if i != j}
    assert allowed == {(0, 1), (1, 0), (2, 0), (2, 1), (3, 0), (3, 1)}


def test_orders_and_criteria_are_those_of_statsmodels() -> None:
    from statsmodels.tsa.api import VAR

    x, _ = drawn(11)
    found = lag_order.choose(x, one_unit(x), 5)
    theirs = VAR(x).select_order(5)
    assert (found.aic, found.bic) == (theirs.aic, theirs.bic)
    assert [c[1] for c in found.criteria] == pytest.approx(list(theirs.ics["aic"])[1:], abs=ALGEBRA)


def test_the_autoregression_is_that_of_statsmodels() -> None:
    from statsmodels.tsa.api import VAR

    x, _ = drawn(12)
    fit = granger.fit(lagged.stack(x, one_unit(x), 2))
    theirs = VAR(x).fit(2)
    assert np.abs(fit.coefficients - theirs.coefs.transpose(0, 2, 1)).max() < ALGEBRA
    p_values = np.asarray(theirs.pvalues)[1:].reshape(2, x.shape[1], x.shape[1])
    assert np.abs(fit.p_values - p_values).max() < 0.01  # theirs are normal, ours Student's t


def test_false_discoveries_are_those_of_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(0).beta(0.3, 1, (3, 4, 4))
    theirs = multipletests(p.ravel(), 0.05, "fdr_bh")[0].reshape(p.shape)
    assert (granger.discoveries(p, 0.05) == theirs).all()


def test_left_over_autocorrelation_is_that_of_statsmodels() -> None:
    from statsmodels.stats.diagnostic import acorr_ljungbox

    e = np.random.default_rng(1).standard_normal((300, 2))
    ours = lag_order.left_over(e, np.ones(300, np.int64), 2)
    theirs = [float(acorr_ljungbox(c, lags=[12], model_df=2)["lb_pvalue"].iloc[0]) for c in e.T]
    assert ours == pytest.approx(theirs, abs=ALGEBRA)


# --- search and resamples -------------------------------------------------------------------------------------------


def truths(seed: int, known: Limits | None = None) -> tuple[lagged_boss.LaggedResult, Floats]:
    x, w = drawn(seed)
    s = lagged.stack(x, one_unit(x), 2)
    return lagged_boss.search(lagged.moments(s), x.shape[1], 0, known=known), w


def test_lagged_boss_finds_the_links_of_simulated_systems() -> None:
    right = wrong = there = 0
    for seed in range(31, 36):
        found, w = truths(seed)
        links = found.adjacent.copy()
        links[0] = found.arrows
        right += int((links & (w != 0)).sum())
        wrong += int((links & (w == 0)).sum())
        there += int((w != 0).sum())
    assert right / there > 0.95
    assert wrong / there < 0.05


def test_a_required_pair_gets_its_best_lag_and_a_forbidden_one_none() -> None:
    found, w = truths(31)
    i, j = next((int(a), int(b)) for a, b in np.argwhere(w[1]) if a != b)
    none = np.zeros(w.shape[1:], bool)
    forbidden = none.copy()
    forbidden[i, j] = True
    assert found.adjacent[1, i, j]
    assert not truths(31, Limits(forbidden, none))[0].dag[:, i, j].any()
    a, b = next(
        (int(a), int(b))
        for a, b in np.argwhere(~found.dag.any(axis=0))
        if a != b and not found.dag[:, b, a].any()
    )
    required = none.copy()
    required[a, b] = True
    assert truths(31, Limits(none, required))[0].dag[:, a, b].sum() == 1


def test_blocks_stay_inside_their_runs_and_fill_the_sample() -> None:
    runs = np.repeat([1, 2], [70, 30])
    weights = list(lagged.block_weights(runs, 7, 0, 20))
    assert all(w.sum() == 100 for w in weights)
    again = list(lagged.block_weights(runs, 7, 0, 5))
    assert all((a == b).all() for a, b in zip(again, weights, strict=False))
    drawn_rows = np.sum(weights, axis=0) / 20
    assert abs(drawn_rows[10:60].mean() - 1) < 0.25


def test_moments_of_weights_are_those_of_repeated_rows() -> None:
    x, _ = drawn(13, rows=120)
    s = lagged.stack(x, one_unit(x), 1)
    w = next(lagged.block_weights(s.runs, 6, 3, 1))
    repeated = np.corrcoef(np.repeat(s.z, w.astype(int), axis=0).T)
    assert np.abs(lagged.moments(s, w).correlation - repeated).max() < ALGEBRA


def test_parents_chosen_backwards_score_as_the_bic_and_never_below_the_truth() -> None:
    from causalcopilot_tools.discovery.core.boss import bic

    made = simulate(
        Settings(nodes=5, rows=500, lags=2, degree=1.5, seed=13)
    )  # where growing parents stops short
    assert made.weights is not None
    x = np.column_stack([made.data[v] for v in made.variables])
    m = lagged.moments(lagged.stack(x, one_unit(x), 2))
    found = lagged_boss.search(m, 5, 0)

    def score(links: NDArray[np.bool_]) -> float:
        dag = np.zeros((15, 15), bool)
        dag[:, :5] = links.reshape(15, 5)
        return bic(m, dag) - bic(m, np.zeros_like(dag))

    assert found.score == pytest.approx(score(found.dag), abs=1e-6)
    assert score(found.dag) >= score(made.weights != 0)
    assert (found.dag == (made.weights != 0)).mean() > 0.97
