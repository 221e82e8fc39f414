"""Clusters and weights in panels with unit effects: against a regression on dummies, and through the tools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from causalcopilot.domain.question import Question
from causalcopilot.domain.told import told
from causalcopilot.errors import DataError
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult
from causalcopilot_tools.effects.designs import panel
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.effects.threads import one_thread
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case

Array = NDArray[np.float64]
SAME_ALGEBRA = 1e-7
"""Relative: two routes to one closed form, one of which sweeps unit and period means out until 1e-10 is left."""
STATES, FIRMS, PERIODS = 30, 4, 5


def table(seed: int = 1) -> pd.DataFrame:
    """Firms of states that share shocks; effects go with the weight, every tenth row is missing."""
    g = np.random.default_rng(seed)
    state = np.repeat(np.arange(STATES), FIRMS)
    n = len(state)
    w = g.uniform(0.3, 3, n)
    x = g.normal(size=(n, PERIODS))
    t = g.normal(size=(STATES, PERIODS))[state] + 0.5 * x + g.normal(size=(n, PERIODS))
    shock = g.normal(size=(STATES, PERIODS))[state]
    y = w[:, None] * t + x + shock + g.normal(size=(n, 1)) + g.normal(size=(n, PERIODS))
    firm, year = np.meshgrid(np.arange(n), np.arange(PERIODS), indexing="ij")
    frame = pd.DataFrame(
        {"firm": firm.ravel(), "year": year.ravel(), "t": t.ravel(), "x": x.ravel(), "y": y.ravel()}
    )
    frame["w"], frame["state"] = w[frame["firm"]], [f"s{s}" for s in state[frame["firm"]]]
    return frame[g.random(len(frame)) > 0.1].reset_index(drop=True)


def long(frame: pd.DataFrame, clusters: bool, weights: bool) -> panel.Long:
    code = pd.factorize(frame["state"])[0].astype(np.int64)
    return panel.Long(
        frame["y"].to_numpy(),
        frame["t"].to_numpy(),
        frame[["x"]].to_numpy(),
        frame["firm"].to_numpy(),
        frame["year"].to_numpy(),
        code if clusters else None,
        frame["w"].to_numpy() if weights else None,
    )


def by_dummies(frame: pd.DataFrame, columns: list[str], clusters: bool, weights: bool) -> tuple[Any, float]:
    """statsmodels' weighted regression on unit and period dummies, and the factor G / (G - 1) that it leaves out."""
    import statsmodels.api as sm

    dummies = pd.get_dummies(frame[["firm", "year"]].astype(str), drop_first=True).to_numpy(float)
    groups = pd.factorize(frame["state" if clusters else "firm"])[0]
    fit = sm.WLS(
        frame["y"].to_numpy(),
        np.column_stack([frame[columns].to_numpy(), np.ones(len(frame)), dummies]),
        weights=frame["w"].to_numpy() if weights else 1.0,
    ).fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False})
    G = groups.max() + 1
    return fit, (G / (G - 1)) ** 0.5


@pytest.mark.parametrize(
    ("clusters", "weights"), [(False, False), (True, False), (False, True), (True, True)]
)
def test_slopes_are_those_of_a_regression_on_dummies(clusters: bool, weights: bool) -> None:
    frame = table()
    made = panel.fixed_effects(long(frame, clusters, weights))
    fit, factor = by_dummies(frame, ["t", "x"], clusters, weights)
    assert float(made.values[0]) == pytest.approx(fit.params[0], rel=SAME_ALGEBRA)
    assert made.error() == pytest.approx(fit.bse[0] * factor, rel=SAME_ALGEBRA)


def test_the_next_period_is_tested_with_the_same_clusters_and_weights() -> None:
    frame = table().sort_values(["firm", "year"])
    after = frame[["firm", "year", "t"]].assign(year=lambda d: d["year"] - 1).rename(columns={"t": "next"})
    seen = frame.merge(after, on=["firm", "year"])
    made = panel.with_shifted(long(frame, True, True), 1)
    assert made is not None
    fit, factor = by_dummies(seen, ["t", "next", "x"], True, True)
    assert made.values[1] == pytest.approx(fit.params[1], rel=SAME_ALGEBRA)
    assert made.error(1) == pytest.approx(fit.bse[1] * factor, rel=SAME_ALGEBRA)


def test_changes_are_weighed_and_counted_by_cluster() -> None:
    import statsmodels.api as sm

    frame = table().sort_values(["firm", "year"]).reset_index(drop=True)
    made = panel.first_differences(long(frame, True, True))
    change = frame.groupby("firm")[["y", "t", "x"]].diff()
    next_to = frame.groupby("firm")["year"].diff() == 1
    d, own = change[next_to], frame[next_to]
    columns = np.column_stack([d["t"], d["x"], pd.get_dummies(own["year"]).to_numpy(float)])
    fit = sm.WLS(d["y"], columns, weights=own["w"]).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(own["state"])[0], "use_correction": False}
    )
    assert made.values[0] == pytest.approx(fit.params.iloc[0], rel=SAME_ALGEBRA)
    assert made.error() == pytest.approx(fit.bse.iloc[0] * (STATES / (STATES - 1)) ** 0.5, rel=SAME_ALGEBRA)


def test_equal_weights_change_nothing_that_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "PASSES", 1)
    frame = table()[lambda d: d["firm"] < 60]
    with one_thread():
        plain, equal, weighed = (
            float(panel.learned(long(f, True, w), 3).values[0])
            for f, w in ((frame, False), (frame.assign(w=2.0), True), (frame, True))
        )
    assert equal == pytest.approx(plain, rel=1e-3)  # boosting sums its rows in another order
    assert weighed != pytest.approx(plain, rel=0.05)


# --- the tools ------------------------------------------------------------------------------------------------


def run(frame: pd.DataFrame, **question: Any) -> tuple[EstimateResult, RefuteResult]:
    asked = Question("effect", treatment="t", outcome="y", unit="firm", time="year", **question)
    context = case(frame, told(case(frame).knowledge, asked), asked)
    found = identify(context, treatment="t", outcome="y")
    assert isinstance(found, IdentifyResult)
    made = estimate(context, identification=found)
    assert isinstance(made, EstimateResult)
    tried = refute(context, estimate=made)
    assert isinstance(tried, RefuteResult)
    return made, tried


def test_a_coarser_cluster_and_weights_from_the_table_to_the_checks() -> None:
    frame = table()
    made, tried = run(frame, cluster="state", weights="w")
    first = made.estimates[0]
    reference = panel.fixed_effects(
        panel.Long(
            frame["y"].to_numpy(),
            frame["t"].to_numpy(),
            np.empty((len(frame), 0)),
            frame["firm"].to_numpy(),
            frame["year"].to_numpy(),
            pd.factorize(frame["state"])[0].astype(np.int64),
            frame["w"].to_numpy(),
        )
    )
    step = float(first.value or 0.0) / float(reference.values[0])
    assert first.method == "fixed_effects"
    assert first.std_error == pytest.approx(abs(step) * reference.error(), rel=SAME_ALGEBRA)
    assert first.note.startswith("counted by state (30 clusters) and weighed by w")
    assert {"cluster", "clusters", "weights"} <= {f.key for f in made.facts}
    assert any("contribute is summed" in f for f in made.findings)
    checks = {c.name: c for c in tried.checks}
    assert checks["few_units"].statistic == 30
    assert "30 values of state" in checks["few_units"].detail
    assert checks["few_clusters"].status == "pass"
    plain, _ = run(frame.drop(columns=["state", "w"]))
    assert plain.estimates[0].value != pytest.approx(first.value, rel=0.05)


def test_few_states_lower_the_verdict_although_firms_are_many() -> None:
    frame = table().assign(state=lambda d: "s" + (d["firm"] % 10).astype(str))
    made, tried = run(frame, cluster="state")
    assert {c.name: c.status for c in tried.checks}["few_units"] == "fail"
    assert tried.verdict is not None
    assert tried.verdict.value != "supported"
    assert any("10 values of state that hold a changing unit" in f for f in made.findings)


def test_a_firm_that_moves_between_states_is_one_error() -> None:
    frame = table().assign(state=lambda d: "s" + (d.index % 9).astype(str))
    with pytest.raises(DataError, match="several values of state"):
        run(frame, cluster="state")


def test_the_unit_as_cluster_is_what_is_counted_by_anyway() -> None:
    frame = table()
    assert run(frame, cluster="firm")[0].estimates[0].low == run(frame)[0].estimates[0].low
