"""Panels with unit effects: exact algebra against dummies, coverage with known truth, and what lowers the verdict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from causalcopilot.domain.question import Question
from causalcopilot.errors import DataError
from causalcopilot.toolkit.result import EstimateResult, RefuteResult
from causalcopilot_tools.effects.designs import panel
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.effects.intervals import t_quantile
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case

EXACT = 1e-7
"""Alternating projections against least squares on dummies."""
COVERED = (0.92, 0.98)
"""Coverage of a 95 % interval with DRAWS draws: three simulation errors to either side."""
DRAWS = 500
TRUTH = 1.5


def draw(
    rng: np.random.Generator, units: int = 60, periods: int = 6, curve: bool = False, feedback: float = 0.0
) -> pd.DataFrame:
    """Units with levels that drive treatment and outcome, a control that changes, errors that last within units."""
    level = rng.normal(size=(units, 1))
    x = rng.normal(size=(units, periods)) + level
    part = np.sin(2 * x) if curve else 0.7 * x
    noise = rng.normal(size=(units, periods))
    for p in range(1, periods):
        noise[:, p] += 0.5 * noise[:, p - 1]
    T = level + part + rng.normal(size=(units, periods))
    for p in range(1, periods):
        T[:, p] += feedback * noise[:, p - 1]
    Y = 2 * level + TRUTH * T + part + 0.3 * np.arange(periods) + noise
    unit, period = np.meshgrid(np.arange(units), np.arange(periods), indexing="ij")
    made = {"firm": unit, "year": period, "ads": T, "size": x, "sales": Y}
    return pd.DataFrame({k: v.ravel() for k, v in made.items()})


def long(f: pd.DataFrame, controls: bool = True) -> panel.Long:
    X: NDArray[np.float64] = f[["size"]].to_numpy() if controls else np.empty((len(f), 0))
    return panel.Long(
        f["sales"].to_numpy(), f["ads"].to_numpy(), X, f["firm"].to_numpy(), f["year"].to_numpy()
    )


def steps(frame: pd.DataFrame, controls: tuple[str, ...] | None = ("size",), **more: Any) -> Any:
    asked = {"unit": "firm", "time": "year", **more}
    question = Question("effect", treatment="ads", outcome="sales", controls=controls, **asked)
    context = case(frame, question=question)
    made = estimate(context, identification=identify(context, treatment="ads", outcome="sales"))
    assert isinstance(made, EstimateResult)
    tested = refute(context, estimate=made)
    assert isinstance(tested, RefuteResult)
    return made, tested


def test_the_within_slope_is_that_of_dummies_with_gaps() -> None:
    import statsmodels.api as sm

    f = draw(np.random.default_rng(1)).sample(frac=0.8, random_state=0).reset_index(drop=True)
    dummies = pd.get_dummies(f[["firm", "year"]].astype(str), drop_first=True, dtype=float)
    theirs = sm.OLS(f["sales"], sm.add_constant(pd.concat([f[["ads", "size"]], dummies], axis=1))).fit()
    mine = panel.fixed_effects(long(f))
    assert float(mine.values[0]) == pytest.approx(theirs.params["ads"], abs=EXACT)
    robust = theirs.get_robustcov_results("cluster", groups=f["firm"], use_correction=False).bse[1]
    G = f["firm"].nunique()
    assert mine.error() == pytest.approx(robust * (G / (G - 1)) ** 0.5, rel=1e-5)


def test_intervals_of_every_estimator_cover() -> None:
    inside = {"within": 0, "difference": 0}
    half = t_quantile(0.95, 59)
    for seed in range(DRAWS):
        p = long(draw(np.random.default_rng(seed)))
        for name, made in (("within", panel.fixed_effects(p)), ("difference", panel.first_differences(p))):
            inside[name] += int(abs(float(made.values[0]) - TRUTH) <= half * made.error())
    for covered in inside.values():
        assert COVERED[0] <= covered / DRAWS <= COVERED[1]


def test_learned_controls_find_the_curve_that_a_line_misses() -> None:
    f = draw(np.random.default_rng(2), units=150, periods=8, curve=True)
    learned, line = panel.learned(long(f), 0), panel.fixed_effects(long(f))
    assert abs(float(learned.values[0]) - TRUTH) < 2.5 * learned.error()
    assert abs(float(line.values[0]) - TRUTH) > 2.5 * line.error()


def test_a_treatment_that_comes_and_goes_gets_unit_effects_unasked() -> None:
    made, tested = steps(draw(np.random.default_rng(3)))
    assert made.identification.strategy == "Panel Fixed Effects"
    assert made.identification.controls.minimal == ("size",)
    assert [e.method for e in made.estimates[:3]] == ["panel_dml", "fixed_effects", "first_differences"]
    assert made.estimates[0].low < TRUTH < made.estimates[0].high
    assert tested.verdict.value == "supported"
    f = draw(np.random.default_rng(4))
    switch, unheld = steps(f.assign(ads=(f["ads"] > 0).astype(int)), controls=None)
    assert unheld.verdict.value == "fragile"
    assert switch.identification.strategy == "Panel Fixed Effects"
    assert switch.estimates[0].method == "fixed_effects"


def test_outcomes_that_move_the_treatment_are_seen() -> None:
    tested = steps(draw(np.random.default_rng(5), units=150, feedback=0.8))[1]
    assert {c.name: c.status for c in tested.checks}["next_period"] == "fail"
    assert tested.verdict.value == "fragile"


def test_an_outcome_that_bends_in_the_treatment_is_told_of_no_straight_line() -> None:
    f = draw(np.random.default_rng(8), units=120)
    assert {c.name: c.status for c in steps(f)[1].checks}["line_within_units"] == "pass"
    bent = f.assign(sales=f["sales"] + 0.8 * (f["ads"] - 2) ** 2)
    tested = steps(bent)[1]
    assert {c.name: c.status for c in tested.checks}["line_within_units"] == "fail"
    assert tested.verdict.value == "fragile"
    switch = steps(f.assign(ads=(f["ads"] > 0).astype(int)))[1]
    assert "line_within_units" not in {c.name for c in switch.checks}


def test_the_bend_within_units_is_that_of_dummies() -> None:
    f = draw(np.random.default_rng(9))
    p = long(f)
    found = panel.bent(p)
    assert found is not None
    t = (p.T - p.T.mean()) / p.T.std()
    dummies = pd.get_dummies(f[["firm", "year"]].astype(str), drop_first=True).to_numpy(float)
    Z = np.column_stack([t, t**2, p.X, np.ones(len(t)), dummies])
    reference = np.linalg.lstsq(Z, p.Y, rcond=None)[0]
    np.testing.assert_allclose(found[0].values, reference[:2], atol=EXACT)


def test_what_cannot_be_told_is_refused_in_a_line() -> None:
    f = draw(np.random.default_rng(6))
    with pytest.raises(DataError, match="more than one row"):
        steps(pd.concat([f, f]))
    with pytest.raises(DataError, match="does not change within units"):
        steps(f.assign(ads=f["firm"] * 0.37), controls=())
    with pytest.raises(DataError, match="two periods"):
        steps(f[f["year"] == 0])


BIAS = 0.03
"""Mean error of twelve draws, whose standard error is .012.  Learning the within outcome without adding unit means
back, and without taking those of the prediction out, leaves .07."""


def test_a_learned_curve_is_taken_out_within_units_too() -> None:
    """The unit's mean of a wave is no function of the row's control; left in, it confounds."""
    errors = []
    for seed in range(12):
        g = np.random.default_rng([seed, 41])
        level = g.normal(size=(100, 1))
        x = g.normal(size=(100, 8)) + level
        T = level + np.sin(2 * x) + g.normal(size=(100, 8))
        Y = 2 * level + 1.5 * T + np.sin(2 * x) + g.normal(size=(100, 8))
        unit, period = np.meshgrid(np.arange(100), np.arange(8), indexing="ij")
        p = panel.Long(Y.ravel(), T.ravel(), x.reshape(-1, 1), unit.ravel(), period.ravel())
        errors.append(float(panel.learned(p, seed).values[0]) - 1.5)
    assert abs(float(np.mean(errors))) < BIAS
