"""Clusters and weights: against brute force and statsmodels, on known truths, and in what a reader is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.question import Question
from causalcopilot.domain.told import told
from causalcopilot.errors import DataError, NotApplicable, UsageError
from causalcopilot_tools.effects import primary
from causalcopilot_tools.effects.cate.halves import Halves
from causalcopilot_tools.effects.cate.projection import project
from causalcopilot_tools.effects.cate.scores import Scores
from causalcopilot_tools.effects.folds import stratified_folds
from causalcopilot_tools.effects.nuisance import LineNuisances
from causalcopilot_tools.effects.plr import plr_slope
from causalcopilot_tools.effects.regression import ols, robust
from causalcopilot_tools.effects.sampling import PLAIN, Sampling, clustered_error
from tests.tools.estimating import Opener, close, effect, open_in, run, world

Array = NDArray[np.float64]
SAME_ALGEBRA = 1e-8
"""Relative: two routes to one least-squares solution differ by rounding only."""
HALF_STEP = 0.5
"""Of the bias that ignoring the weights leaves (about 1.2): a weighted fit must be rid of more than that."""


@pytest.fixture(autouse=True)
def one_fold_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(primary, "MEDIAN_SEEDS", 1)


@pytest.fixture
def opened(tmp_path: Path) -> Opener:
    return open_in(tmp_path)


def lines(n: int = 120, clusters: int = 15, seed: int = 0) -> tuple[Array, Array, NDArray[np.int64]]:
    g = np.random.default_rng(seed)
    code = g.integers(0, clusters, n)
    D = np.column_stack([g.normal(size=n) + 0.5 * code, np.ones(n), g.normal(size=(n, 2))])
    return D, D @ [1.0, 0.2, 0.5, -0.5] + g.normal(size=clusters)[code] + g.normal(size=n), code


def brute_cr2(D: Array, Y: Array, code: NDArray[np.int64]) -> float:
    """Bell and McCaffrey with every matrix written out."""
    inverse = np.linalg.inv(D.T @ D)
    r = Y - D @ (inverse @ (D.T @ Y))
    meat = np.zeros((D.shape[1], D.shape[1]))
    for c in np.unique(code):
        rows = code == c
        values, vectors = np.linalg.eigh(np.eye(int(rows.sum())) - D[rows] @ inverse @ D[rows].T)
        score = D[rows].T @ (vectors @ np.diag(values**-0.5) @ vectors.T) @ r[rows]
        meat += np.outer(score, score)
    return float(np.sqrt((inverse @ meat @ inverse)[0, 0]))


def test_cr2_is_the_written_out_formula_and_hc2_for_single_rows() -> None:
    D, Y, code = lines()
    made = robust(D, Y, Sampling("g", "", code))
    assert made.std_error == pytest.approx(brute_cr2(D, Y, code), rel=SAME_ALGEBRA)
    assert made.degrees == len(np.unique(code)) - 1
    alone = robust(D, Y, Sampling("g", "", np.arange(len(Y))))
    assert alone.std_error == pytest.approx(robust(D, Y, PLAIN).std_error, rel=SAME_ALGEBRA)


def test_weighted_regression_is_statsmodels_wls() -> None:
    import statsmodels.api as sm

    D, Y, _ = lines()
    w = np.random.default_rng(1).uniform(0.2, 3, len(Y))
    made = robust(D, Y, Sampling("", "w", None, w / w.mean()))
    ref = sm.WLS(Y, D, weights=w).fit(cov_type="HC2")
    assert made.value == pytest.approx(ref.params[0], rel=SAME_ALGEBRA)
    assert made.std_error == pytest.approx(ref.bse[0], rel=SAME_ALGEBRA)


def test_slopes_and_projections_are_clustered_as_statsmodels_does() -> None:
    """A straight line in a number, and the line of the effect in its modifiers: both summed within clusters."""
    import statsmodels.api as sm

    D, Y, code = lines()
    n, G = len(Y), len(np.unique(code))
    T, V = D[:, 0] - D[:, 0].mean(), D[:, 2:]
    fit = LineNuisances(np.zeros(n), np.zeros(n))
    slope = plr_slope(Y, T, fit, Sampling("g", clusters=code))
    plain = {"groups": code, "use_correction": False}
    theirs = sm.OLS(Y, T).fit(cov_type="cluster", cov_kwds=plain)
    assert slope.std_error == pytest.approx(float(theirs.bse[0]) * (G / (G - 1)) ** 0.5, rel=SAME_ALGEBRA)
    assert slope.std_error > 1.2 * plr_slope(Y, T, fit).std_error
    line = project(Scores(Y, np.ones(n), code), V)
    whole = sm.OLS(Y, sm.add_constant(V - V.mean(axis=0))).fit(cov_type="cluster", cov_kwds={"groups": code})
    assert line.coefficients == pytest.approx(whole.params, rel=SAME_ALGEBRA)
    assert np.sqrt(np.diag(line.covariance)) == pytest.approx(whole.bse, rel=SAME_ALGEBRA)
    assert line.degrees == G - 1


def test_clustered_error_of_a_mean_is_that_of_cluster_sums() -> None:
    g = np.random.default_rng(2)
    code = np.repeat(np.arange(30), 4)
    v = g.normal(size=30)[code] + 0.2 * g.normal(size=120)
    sums = v.reshape(30, 4).sum(axis=1)
    by_hand = float(np.sqrt((sums**2).sum() * 30 / 29)) / 120
    assert clustered_error(v, code) == pytest.approx(by_hand)
    assert clustered_error(v, np.arange(120)) == pytest.approx(float(np.sqrt((v**2).sum() / 119 / 120)))


def test_folds_keep_clusters_together_and_arms_apart() -> None:
    code = np.repeat(np.arange(12), 10)
    T = (code % 2).astype(float)
    fold = stratified_folds(T, 5, 0, clusters=code)
    assert all(len(np.unique(fold[code == c])) == 1 for c in range(12))
    for f in np.unique(fold):
        assert {0.0, 1.0} <= set(T[fold != f])


def villages(seed: int, clusters: int = 40, size: int = 20) -> pd.DataFrame:
    """Treatment by village, with a village part in the outcome; effect 1."""
    g = np.random.default_rng(seed)
    v = np.repeat(np.arange(clusters), size)
    t = g.permutation(np.arange(clusters) % 2)[v]
    x = g.normal(size=len(v))
    y = t + x + g.normal(size=clusters)[v] + g.normal(size=len(v))
    return pd.DataFrame({"t": t, "y": y, "x": x, "village": [f"v{i}" for i in v]})


CLUSTER = Knowledge(columns=(ColumnKnowledge("village", role="cluster"),), origin="file")


def test_a_trial_by_village_is_counted_by_village(opened: Opener) -> None:
    frame = villages(3)
    asked = effect(controls=("x",), strategy="RCT")
    plain, counted = run(opened(frame), asked), run(opened(frame, CLUSTER), asked)
    one, two = plain.estimates[0], counted.estimates[0]
    assert two.value == pytest.approx(one.value)
    assert (two.std_error or 0) > 2 * (one.std_error or 9)
    assert close(counted, 1.0)
    facts = {f.key: f.value for f in counted.facts}
    assert (facts["cluster"], facts["clusters"]) == ("village", 40)
    assert any("counted by village (40 clusters)" in f for f in counted.findings)
    assert two.note.startswith("counted by village (40 clusters)")
    assert any("name the column as the cluster (--cluster village)" in f for f in plain.findings)
    assert "matching" not in {e.method for e in counted.estimates}
    with pytest.raises(NotApplicable, match="cannot count rows by village"):
        run(opened(frame, CLUSTER), asked, method="matching")


def test_adjustment_counts_by_cluster_and_warns_of_few(opened: Opener) -> None:
    frame = world(400, 5).assign(village=[f"v{i}" for i in np.arange(400) // 20])
    frame["y"] += np.repeat(np.random.default_rng(6).normal(size=20), 20)
    r = run(opened(frame, CLUSTER), effect())
    assert close(r, 2.0)
    assert any("Only 20 clusters" in f for f in r.findings)
    frame["village"] = np.where(np.arange(400) < 3, "a", "b")
    frame["t"] = (frame.village == "a").astype(float)
    with pytest.raises(DataError, match=r"nothing to count by|usable rows"):
        run(opened(frame, CLUSTER), effect())


@pytest.mark.parametrize("statistic", [1.5, 1.97, 2.2, 2.37, 2.6])
@pytest.mark.parametrize("clusters", [None, 8])
def test_a_difference_is_significant_just_where_its_interval_is_clear_of_zero(
    statistic: float, clusters: int | None
) -> None:
    drawn = PLAIN if clusters is None else Sampling("g", clusters=np.repeat(np.arange(clusters), 5))
    halves: Any = object.__new__(Halves)
    halves.m, halves.q = SimpleNamespace(prepared=SimpleNamespace(sampling=drawn)), drawn.quantile(0.95)
    for value in (statistic, -statistic):
        d = halves.difference(value, 1.0)
        assert (d.p_value < 0.05) == (d.low > 0 or d.high < 0)


def test_one_row_a_cluster_changes_nothing(opened: Opener) -> None:
    frame = world(300, 7).assign(village=[f"v{i}" for i in range(300)])
    with_names, without = run(opened(frame, CLUSTER), effect()), run(opened(frame), effect())
    assert with_names.estimates[0] == without.estimates[0]


def test_weights_give_the_effect_of_the_weighted_population(opened: Opener) -> None:
    """Effect 1 + a, rows with large a drawn too often: equal weights overstate the population's effect of 1."""
    g = np.random.default_rng(8)
    a = g.normal(size=6000)
    drawn = g.random(6000) < 1 / (1 + np.exp(-1.5 * a))
    a = a[drawn]
    t = (g.random(len(a)) < 1 / (1 + np.exp(-0.5 * a))).astype(float)
    y = (1 + a) * t + a + g.normal(size=len(a))
    frame = pd.DataFrame({"t": t, "y": y, "a": a, "w": 1 + np.exp(-1.5 * a)})
    known = Knowledge(columns=(ColumnKnowledge("w", role="weight"),), origin="file")
    weighed = run(opened(frame, known), effect(controls=("a",)))
    assert close(weighed, 1.0)
    flat = run(opened(frame), effect(controls=("a",))).estimates[0].value or 0
    assert flat > 1 + HALF_STEP / 2
    for method in ("regression_interacted", "ipw", "tmle"):
        value = next(e.value for e in weighed.estimates if e.method == method)
        assert value == pytest.approx(1.0, abs=HALF_STEP / 2)
    assert any("weighed by w" in f for f in weighed.findings)
    with pytest.raises(DataError, match="not positive"):
        run(opened(frame.assign(w=-1.0), known), effect(controls=("a",)))


def test_regression_needs_no_sampling() -> None:
    D, Y, _ = lines()
    assert ols(Y, D[:, 0], D[:, 2:], False) == ols(Y, D[:, 0], D[:, 2:], False, Sampling())


def test_flags_become_roles_and_contradictions_are_named() -> None:
    known = Knowledge(
        columns=(ColumnKnowledge("g", role="pre_treatment"), ColumnKnowledge("h", role="cluster"))
    )
    asked = Question("effect", treatment="t", outcome="y", cluster="g", weights="w", negative_controls=("n",))
    spoken = told(known, asked)
    assert spoken.with_role("cluster") == ("g",)
    assert spoken.with_role("weight", "negative_control_outcome") == ("w", "n")
    assert told(known, replace(asked, cluster=None, unit="g")).with_role("cluster") == ("g",)
    assert told(known, Question(time="d", unit="g")) == known
    for wrong in (replace(asked, cluster="t"), replace(asked, weights="g")):
        with pytest.raises(UsageError, match="cannot be"):
            told(known, wrong)
