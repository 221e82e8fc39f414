"""Difference-in-differences: a reference implementation, published answers, coverage, and checks that can fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit

from causalcopilot.domain.question import Question
from causalcopilot.errors import DataError, NotApplicable, UsageError
from causalcopilot.toolkit.result import EstimateResult, RefuteResult
from causalcopilot_tools.effects.designs import conditional, did
from causalcopilot_tools.effects.designs.adoption import degrees
from causalcopilot_tools.effects.identify import identify
from tests.tools import designing
from tests.tools.designing import interval
from tests.tools.framed import case

EXACT = 1e-9
"""Two routes to the same point estimate."""
SMALL_SAMPLE = 0.03
"""Share by which a standard error with the small-sample factor of each group may exceed the reference's."""
CASTLE_TWFE = 0.0694
"""Two-way fixed effects of castle-doctrine laws on log homicide, unweighted (Cunningham 2021, Bacon decomposition)."""
CASTLE_POINT = 0.0005
"""The book prints three to four decimals."""
CASTLE_PUBLISHED = 0.08
"""Cheng and Hoekstra (2013): about 8 log points more homicides."""
COVERED = (0.925, 0.98)
"""Coverage of a 95 % interval in REPEATS draws: two simulation errors to either side of 95 %."""
REPEATS = 300
START = 2003
WITHOUT_NOISE = 0.02
"""Share by which two computations of a bound agree where sampling error is next to nothing."""


def panel(
    rng: np.random.Generator, units: int = 120, periods: int = 6, staggered: bool = True, drift: float = 0.0
) -> tuple[did.Panel, float]:
    """Unit levels, a random walk each, effects that grow with time; and the true average over treated cells."""
    starts = [2, 3, 5] if staggered else [periods - 1]
    first = rng.choice([*starts, periods], units, p=[0.5 / len(starts)] * len(starts) + [0.5])
    when = np.arange(periods)[None, :]
    on = when >= first[:, None]
    effect = np.where(on, 0.5 + 0.2 * (when - first[:, None]), 0.0)
    Y = rng.normal(size=(units, 1)) + 0.3 * when + rng.normal(size=(units, periods)).cumsum(axis=1) * 0.5
    Y = Y + effect + drift * when * (first < periods)[:, None]
    return did.Panel(Y, first), float(effect[on].mean())


def long(p: did.Panel) -> pd.DataFrame:
    """The panel as a table: one row a unit and year."""
    i, t = np.meshgrid(np.arange(p.units), np.arange(p.periods), indexing="ij")
    on = (t >= p.first[:, None]).astype(int)
    table = {"id": i.ravel(), "year": START + t.ravel(), "t": on.ravel(), "y": p.Y.ravel()}
    return pd.DataFrame(table).sample(frac=1.0, random_state=0).reset_index(drop=True)


def steps(frame: pd.DataFrame, **more: Any) -> tuple[EstimateResult, RefuteResult]:
    return designing.steps(frame, **{"time": "year", "unit": "id", **more})


def castle() -> pd.DataFrame:
    causaldata = pytest.importorskip("causaldata")
    d = causaldata.castle.load_pandas().data
    return pd.DataFrame({"id": d.sid, "year": d.year, "t": d.post, "y": d.l_homicide})


@pytest.mark.parametrize(
    ("comparison", "theirs"), [("never", "never_treated"), ("not_yet", "not_yet_treated")]
)
def test_points_and_errors_equal_the_reference(comparison: did.Comparison, theirs: str) -> None:
    dd = pytest.importorskip("diff_diff")
    p, _ = panel(np.random.default_rng(0), 300)
    table = long(p)
    table["g"] = np.where(p.first[table.id] < p.periods, START + p.first[table.id], 0)
    reference = dd.CallawaySantAnna(control_group=theirs).fit(
        table, outcome="y", unit="id", time="year", first_treat="g"
    )
    mine = did.overall(p, comparison)
    assert mine.value == pytest.approx(reference.overall_att, abs=EXACT)
    assert mine.std_error == pytest.approx(reference.overall_se, rel=SMALL_SAMPLE)
    theirs_by_event = reference.aggregate("event_study")
    expected = dict(zip(theirs_by_event.event_time, theirs_by_event.att, strict=True))
    for e, found in did.by_event(p, comparison).items():
        assert found.value == pytest.approx(expected[e], abs=EXACT)


def test_two_groups_and_two_periods_are_the_difference_of_differences_with_welch_errors() -> None:
    p, _ = panel(np.random.default_rng(1), 80, 2, staggered=False)
    change, on = p.Y[:, 1] - p.Y[:, 0], p.first == 1
    found = did.overall(p, "never")
    assert found.value == pytest.approx(change[on].mean() - change[~on].mean(), abs=EXACT)
    welch = np.sqrt(change[on].var(ddof=1) / on.sum() + change[~on].var(ddof=1) / (~on).sum())
    assert found.std_error == pytest.approx(welch, rel=EXACT)
    assert did.two_way(p)[0] == pytest.approx(found.value, abs=EXACT)


@pytest.mark.parametrize(("periods", "staggered"), [(2, False), (6, True)])
def test_the_interval_covers(periods: int, staggered: bool) -> None:
    rng, hits = np.random.default_rng(2), 0
    for _ in range(REPEATS):
        p, truth = panel(rng, 60, periods, staggered)
        found = did.overall(p, "never")
        hits += abs(found.value - truth) <= stdtrit(degrees(p), 0.975) * found.std_error
    assert COVERED[0] <= hits / REPEATS <= COVERED[1]


def test_the_test_of_earlier_trends_holds_its_size_and_has_power() -> None:
    rng, size, power = np.random.default_rng(3), list[bool](), list[bool]()
    for _ in range(200):
        for drift, found in ((0.0, size), (0.4, power)):
            p, _ = panel(rng, 80, 6, drift=drift)
            leads = [v for e, v in did.by_event(p, "never").items() if e < 0]
            joint = did.jointly_zero(leads, degrees(p) + 1)
            assert joint is not None
            found.append(joint.p_value < 0.05)
    assert np.mean(size) <= 0.10
    assert np.mean(power) >= 0.8


def test_two_way_fixed_effects_equal_least_squares_with_dummies() -> None:
    import statsmodels.formula.api as smf

    p, _ = panel(np.random.default_rng(4), 40)
    p.Y[3, 2] = np.nan
    fit = smf.ols("y ~ t + C(id) + C(year)", long(p).dropna()).fit()
    assert did.two_way(p)[0] == pytest.approx(fit.params["t"], abs=1e-7)


def test_castle_doctrine() -> None:
    made, tried = steps(castle())
    two_way = next(e for e in made.estimates if e.method == "two_way_fixed_effects")
    assert two_way.value == pytest.approx(CASTLE_TWFE, abs=CASTLE_POINT)
    low, high = interval(made)
    assert low < CASTLE_PUBLISHED < high
    assert made.fact("treated_units").value == 21
    assert made.fact("cohorts").value == 5
    assert any("one unit adopts" in f for f in made.findings)
    assert tried.verdict is not None
    assert tried.verdict.value != "supported"


# --- the tools ------------------------------------------------------------------------------------------------


def test_a_clean_panel_is_supported() -> None:
    p, truth = panel(np.random.default_rng(6), 200)
    table = long(p)
    before = table.copy()
    made, tried = steps(table)
    pd.testing.assert_frame_equal(table, before)
    low, high = interval(made)
    assert low < truth < high
    first = made.estimates[0]
    assert (first.method, first.quantity) == ("group_time_att", "ATT")
    assert made.identification is not None
    assert made.identification.strategy == "Difference-in-Differences"
    assert dict(made.identification.design)["adoption"] == "2005, 2006, 2008"
    assert made.fact("comparison").value == "never"
    assert tried.verdict is not None
    assert tried.verdict.value == "supported"
    assert {c.name: c.status for c in tried.checks}["earlier_trends"] == "pass"


def test_trends_that_differ_are_found() -> None:
    p, _ = panel(np.random.default_rng(7), 200, drift=0.6)
    _, tried = steps(long(p))
    assert tried.verdict is not None
    assert tried.verdict.value == "fragile"
    assert tried.fact("reason").value == "trends_differ"


def test_two_periods_cannot_test_the_trends() -> None:
    p, truth = panel(np.random.default_rng(8), 300, 2, staggered=False)
    made, tried = steps(long(p))
    low, high = interval(made)
    assert low < truth < high
    assert tried.fact("reason").value == "trends_untested"


def test_the_joint_test_is_hotellings() -> None:
    """On means of independent rows it is the textbook test, with as few rows as a panel has adopters."""
    from statsmodels.stats.multivariate import test_mvmean as hotelling

    rows = np.random.default_rng(2).normal(0.3, 1.0, (14, 3))
    theirs = hotelling(rows, np.zeros(3))
    influence = (rows - rows.mean(axis=0)) * np.sqrt(14 / 13)
    means = [did.Average(float(m), i) for m, i in zip(rows.mean(axis=0), influence.T, strict=True)]
    ours = did.jointly_zero(means, smaller=14)
    assert ours is not None
    assert (ours.statistic, ours.p_value) == pytest.approx((theirs.statistic, theirs.pvalue), rel=EXACT)
    assert ours.tested == 3


def test_without_units_that_never_adopt_the_later_adopters_are_compared_with() -> None:
    p, _ = panel(np.random.default_rng(9), 200)
    table = long(p)
    table = table[(p.first < p.periods)[table.id]]
    made, _ = steps(table)
    assert made.fact("comparison").value == "not_yet"
    # The last adopters are compared with until they adopt; what all get later cannot be told.
    last = p.first[p.first < p.periods].max()
    since = np.arange(p.periods)[None, :] - p.first[p.first < p.periods][:, None]
    told = (since >= 0) & (np.arange(p.periods)[None, :] < last)
    truth = float((0.5 + 0.2 * since)[told].mean())
    e = made.estimates[0]
    assert e.value is not None
    assert e.std_error is not None
    assert abs(e.value - truth) < 2 * e.std_error
    assert e.std_error < 0.25 * truth


def test_units_treated_from_the_start_are_left_out() -> None:
    p, _ = panel(np.random.default_rng(10), 200)
    table = long(p)
    table.loc[table.id < 7, "t"] = 1
    found = identify(
        case(table, None, Question("effect", treatment="t", outcome="y", time="year", unit="id")),
        treatment="t",
        outcome="y",
    )
    assert any("7 units are treated from the first period" in f for f in found.findings)
    made, _ = steps(table)
    assert made.fact("units").value == 193


def test_what_is_no_panel_is_refused() -> None:
    p, _ = panel(np.random.default_rng(11), 60)
    table = long(p)
    with pytest.raises(DataError, match="more than one row"):
        steps(pd.concat([table, table]))
    off = table.copy()
    off.loc[(off.year == START + 5) & (off.id < 40), "t"] = 0
    with pytest.raises(NotApplicable, match="switches off"):
        steps(off, design="did")
    with pytest.raises(DataError, match="never changes within a unit"):
        steps(table.assign(t=(p.first < p.periods)[table.id].astype(int)))
    with pytest.raises(UsageError, match="needs --time and --unit"):
        steps(table, unit=None)
    with pytest.raises(UsageError, match="four columns"):
        steps(table, unit="y")


def test_trends_that_depend_on_a_covariate_need_it() -> None:
    rng = np.random.default_rng(21)
    p, truth = panel(rng, 400)
    w = rng.normal(size=400) + 1.2 * (p.first < p.periods)
    Y = p.Y + 0.5 * w[:, None] * np.arange(p.periods)[None, :]
    table = long(did.Panel(Y, p.first))
    table["w"] = w[table["id"]]
    bare, bare_tested = steps(table)
    made, tested = steps(table, controls=("w",))
    assert interval(bare)[0] > truth
    assert made.estimates[0].method == "group_time_att_given_covariates"
    assert interval(made)[0] < truth < interval(made)[1]
    assert {c.name: c.status for c in bare_tested.checks}["earlier_trends"] == "fail"
    assert {c.name: c.status for c in tested.checks}["earlier_trends"] == "pass"


def test_the_parts_of_two_way_effects_add_up() -> None:
    p, _ = panel(np.random.default_rng(22), 120)
    parts = conditional.decompose(p)
    assert parts is not None
    three = (parts.never, parts.later, parts.earlier)
    assert sum(w for w, _ in three) == pytest.approx(1.0)
    assert sum(w * (v or 0.0) for w, v in three) == pytest.approx(did.two_way(p)[0], rel=0.01)
    tables = {t.name for t in steps(long(p))[0].tables}
    assert {"event_study", "two_way_parts"} <= tables


def test_the_breakdown_of_trends_is_the_reference_one_without_noise() -> None:
    import diff_diff

    rng = np.random.default_rng(23)
    first = np.repeat([4, 8], 60)
    when = np.arange(8)
    bump = np.where(when == 2, 0.4, 0.0)[None, :] * (first < 8)[:, None]
    on = (when[None, :] >= first[:, None]) * 3.0
    p = did.Panel(rng.normal(size=(120, 1)) + on + bump + 1e-4 * rng.normal(size=(120, 8)), first)
    found = did.breakdown(did.by_event(p, "never"), 5, 1.96)
    theirs = diff_diff.CallawaySantAnna(base_period="universal").fit(
        conditional.long_frame(p), "y", "unit", "time", "first", aggregate="event_study"
    )
    reference = diff_diff.HonestDiD(method="relative_magnitude").breakdown_value(theirs, tol=0.001)
    assert reference is not None
    assert found == pytest.approx(reference, rel=WITHOUT_NOISE)
    shown = [c for c in steps(long(p))[1].checks if c.name == "trend_breakdown"]
    assert shown[0].status == "info"
    assert not shown[0].can_lower_verdict
