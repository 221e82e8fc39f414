"""Effects of a numeric treatment by group, and groups cut at a number: known slopes, honest errors, refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.heterogeneity import Heterogeneity
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import HeterogeneityResult, IdentifyResult
from causalcopilot_tools.effects import primary
from causalcopilot_tools.effects.cate import groups, line, projection
from causalcopilot_tools.effects.cate.scores import Scores, average
from causalcopilot_tools.effects.heterogeneity import heterogeneity
from causalcopilot_tools.effects.learners import make_bases
from causalcopilot_tools.effects.nuisance import LineNuisances, cross_fit_line
from causalcopilot_tools.effects.refit import Prepared
from tests.tools.estimating import SIGMAS, Opener, effect, open_in

DRAWS = 300
COVERED = 0.91
"""Of 300 joint 95 % tables at least this share holds every truth; a right one fails it once in 700."""
REJECTED = (0.02, 0.09)
"""A 5 % test rejects 15 of 300 draws; outside 2 % to 9 % it would by chance in less than one run of 500."""
ROUNDING = 1e-9
"""Sums of a few hundred products of numbers of order one."""


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opener:
    monkeypatch.setattr(primary, "MEDIAN_SEEDS", 1)
    return open_in(tmp_path)


def world(n: int = 900, slope: float = 1.0, seed: int = 0) -> pd.DataFrame:
    """A unit of t adds 1 + slope in group 1 and 1 in group 0; a and b confound."""
    g = np.random.default_rng(seed)
    x = g.normal(size=(n, 2))
    member = g.integers(0, 2, n)
    t = 10 + 0.7 * x[:, 0] + 0.4 * x[:, 1] + g.normal(size=n)
    y = (1 + slope * member) * t + x.sum(axis=1) + 3 * member + g.normal(size=n)
    return pd.DataFrame({"t": t, "y": y, "a": x[:, 0], "b": x[:, 1], "member": member})


def look(context: Context, modifiers: tuple[str, ...], found: Identification | None = None) -> Heterogeneity:
    asked = found or effect(
        controls=("a", "b", "member"), treatment_type="continuous", contrast=Contrast(10, 12)
    )
    made = heterogeneity(
        context, identification=IdentifyResult("", identification=asked), modifiers=modifiers
    )
    assert isinstance(made, HeterogeneityResult)
    assert made.heterogeneity is not None
    return made.heterogeneity


def near(value: float | None, error: float | None, truth: float) -> bool:
    assert value is not None
    assert error is not None
    return abs(value - truth) < SIGMAS * error


def test_each_group_is_told_its_own_slope_for_the_step(opened: Opener) -> None:
    made = look(opened(world()), ("member",))
    assert made.found == "detected"
    by = {s.level: s for s in made.groups}
    assert near(by["0"].value, by["0"].std_error, 2.0)
    assert near(by["1"].value, by["1"].std_error, 4.0)
    assert near(made.slopes[0].value, made.slopes[0].std_error, 2.0)
    assert near(made.average.value, made.average.std_error, 3.0)
    assert made.average.n_treated is None
    assert made.policy is None
    assert made.ranking is None
    assert made.tests[0].p_adjusted < 1e-6


def test_one_slope_for_all_is_not_called_different(opened: Opener) -> None:
    made = look(opened(world(slope=0.0, seed=3)), ("member",))
    assert made.found == "none_detected"
    assert made.negligible is True


def test_without_names_the_controls_are_tested_and_nothing_is_chosen(opened: Opener) -> None:
    made = look(opened(world()), ())
    assert made.found == "detected"
    assert min(made.slopes, key=lambda s: s.p_value).modifier.startswith("member")
    assert (made.split, made.ranking, made.groups) == (None, None, ())


def test_small_groups_and_groups_where_nothing_varies_are_not_told(opened: Opener) -> None:
    frame = world()
    frame["place"] = np.where(frame.index < 30, "islet", np.where(frame.index < 120, "still", "mainland"))
    frame.loc[frame.place == "still", "t"] = 10.0
    controls = effect(
        controls=("a", "b", "member", "place"), treatment_type="continuous", contrast=Contrast(10, 12)
    )
    made = look(opened(frame), ("place",), controls)
    by = {s.level: s for s in made.groups}
    assert "only 30 rows (at least 40 are needed)" in by["islet"].suppressed
    assert by["still"].suppressed == "t hardly varies here once the controls are held"
    assert by["mainland"].value is not None


def test_a_treatment_of_several_levels_is_refused(opened: Opener) -> None:
    asked = effect(controls=("a",), treatment_type="categorical")
    with pytest.raises(NotApplicable, match="t has several levels"):
        look(opened(world()), ("member",), asked)


def prepared(g: np.random.Generator, n: int, slope: float) -> tuple[Prepared, np.ndarray]:
    X = np.column_stack([g.normal(size=n), g.integers(0, 2, n)])
    T = 0.8 * X[:, 0] + g.normal(size=n) * (1 + 0.5 * X[:, 1])
    Y = (0.5 + slope * X[:, 1]) * T + X[:, 0] + X[:, 1] + g.normal(size=n) * (1 + 0.4 * np.abs(T))
    made = Prepared(
        "t", "y", "continuous", Contrast(0, 1), "ATE", "all rows", False,
        X, ("x", "g"), ("x", "g"), T, Y, 1.0, "", False, n, 0,
    )  # fmt: skip
    return made, X[:, 1] == 1


def learned(p: Prepared, seed: int) -> Scores:
    """Scores from cross-fitted means, by penalised lines alone so that hundreds of draws are cheap."""
    fit = cross_fit_line(make_bases(p.X, ("lasso",)), p.Y, p.T, seed, k=2, learners=("lasso",))["stack"]
    return line.straight(p, fit)


def test_joint_intervals_and_the_test_hold_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """300 draws with learned means: joint coverage of both groups' slopes, and the level of the test that they differ.

    Errors grow with the treatment, so rows far out weigh most: over 1,000 draws 93.9 % of tables held, 6.6 % rejected.
    """
    monkeypatch.setattr(groups, "DRAWS", 2000)
    g = np.random.default_rng(21)
    held, rejected = [], []
    for i in range(DRAWS):
        slope = 0.0 if i % 2 else 0.6
        p, one = prepared(g, 400, slope)
        scores = learned(p, i)
        made = groups.effects(scores, [one, ~one], 0.95, 0)
        truth = np.array([0.5 + slope, 0.5])
        held.append((np.abs(made.values - truth) <= made.critical * made.errors).all())
        fitted = projection.project(scores, p.X[:, 1:])
        off = fitted.coefficients[1:] - slope
        rejected.append(projection.wald(off, fitted.covariance[1:, 1:], fitted.degrees)[1] < 0.05)
    assert np.mean(held) >= COVERED
    assert REJECTED[0] <= np.mean(rejected) <= REJECTED[1]


def test_a_groups_slope_is_least_squares_of_residual_on_residual() -> None:
    import statsmodels.api as sm

    g = np.random.default_rng(5)
    p, one = prepared(g, 300, 0.4)
    p = replace(p, step=3.0)
    scores = line.straight(p, LineNuisances(p.X[:, 0], 0.5 * p.X[:, 0]))
    r, v = p.Y - p.X[:, 0], p.T - 0.5 * p.X[:, 0]
    alone = sm.OLS(r[one], v[one]).fit(cov_type="HC1")
    made = average(scores, one)
    assert made.value == pytest.approx(3 * alone.params[0], rel=ROUNDING)
    assert made.std_error == pytest.approx(3 * alone.bse[0], rel=ROUNDING)
    crossed = sm.OLS(r, np.column_stack([v, v * one])).fit(cov_type="HC3")
    fitted = projection.project(scores, one[:, None].astype(float))
    assert fitted.coefficients[1] == pytest.approx(3 * crossed.params[1], rel=ROUNDING)
    assert fitted.covariance[1, 1] ** 0.5 == pytest.approx(3 * crossed.bse[1], rel=ROUNDING)


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("above 50", ["up to 50", "above 50"]),
        ("up to 50", ["up to 50", "above 50"]),
        ("below 50", ["below 50", "from 50"]),
        ("from 50", ["below 50", "from 50"]),
        ("from 30 to 50", ["below 30", "from 30 to 50", "above 50"]),
    ],
)
def test_a_number_is_cut_where_the_question_says(where: str, names: list[str]) -> None:
    values = pd.Series([20, 30, 40, 50, 60, 70] * 3)
    parts = groups.cut(values, False, where)
    assert [name for name, _ in parts] == names
    assert sum(int(m.sum()) for _, m in parts) == len(values)
    inside = dict(parts)[where]
    kept = set(values[inside])
    assert kept == {
        "above 50": {60, 70}, "up to 50": {20, 30, 40, 50}, "below 50": {20, 30, 40}, "from 50": {50, 60, 70},
        "from 30 to 50": {30, 40, 50},
    }[where]  # fmt: skip


def test_a_group_cut_at_a_number_is_told(opened: Opener) -> None:
    frame = world()
    context = opened(frame)
    asked = Question("subgroups", treatment="t", outcome="y", modifiers=("a",), among=("a", "above 0.5"))
    made = look(replace(context, question=asked), ("a",))
    assert made.among is not None
    assert made.among.n == int((frame.a > 0.5).sum())
    assert [s.level for s in made.groups] == ["up to 0.5", "above 0.5"]
    assert near(made.among.value, made.among.std_error, 2 * (1 + frame.member[frame.a > 0.5].mean()))
