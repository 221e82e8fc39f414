"""Instrumental variables: published answers, exact algebra, coverage whatever the strength, and the verdict."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.question import Question
from causalcopilot.errors import DataError, NotApplicable, UsageError
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult
from causalcopilot_tools.effects.designs import iv
from causalcopilot_tools.effects.designs.instrument import Arrays, arrays
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.checks.instrument import _balance
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case

PUBLISHED = (0.124, 0.050, 15.77)
"""Return to schooling, its standard error and the first-stage F in Cunningham (2021), close_college, five controls."""
POINT = 0.0005
"""The book prints three decimals."""
ROBUST = 0.06
"""Share by which a robust standard error or F may differ from the book's classical one."""
EXACT = 1e-9
"""Floating-point noise of two routes to one number."""
COVERED = (0.93, 0.98)
"""Where the coverage of a 95 % interval may lie with DRAWS draws (three simulation errors to either side)."""
DRAWS = 2000
SAME_GMM = 1e-6
"""Relative: a searched and a solved minimum of one objective."""


def draw(
    rng: np.random.Generator, n: int, strength: float, k: int = 1, effect: float = 1.0, direct: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Outcome, treatment and instruments with a strong hidden cause and unequal noise."""
    Z, u = rng.normal(size=(n, k)), rng.normal(size=n)
    T = strength * Z.sum(axis=1) + u + 0.5 * rng.normal(size=n)
    Y = effect * T + u + direct * Z[:, 0] + rng.normal(size=n) * (1 + 0.5 * abs(Z[:, 0]))
    return Y, T, Z


def part(Y: NDArray[np.float64], T: NDArray[np.float64], Z: NDArray[np.float64]) -> iv.Partialled:
    return iv.partial_out(Y, T, Z, np.empty((len(Y), 0)))


def college() -> pd.DataFrame:
    causaldata = pytest.importorskip("causaldata")
    frame: pd.DataFrame = causaldata.close_college.load_pandas().data.dropna()
    return frame


def test_the_return_to_schooling_is_the_published_one() -> None:
    d = college()
    X = d[["exper", "black", "south", "married", "smsa"]].to_numpy(float)
    p = iv.partial_out(d.lwage.to_numpy(), d.educ.to_numpy(float), d[["nearc4"]].to_numpy(float), X)
    c = iv.two_stage(p)
    assert c.value == pytest.approx(PUBLISHED[0], abs=POINT)
    assert c.std_error == pytest.approx(PUBLISHED[1], rel=ROBUST)
    assert iv.effective_f(p) == pytest.approx(PUBLISHED[2], rel=ROBUST)


def test_two_stages_equal_statsmodels() -> None:
    from statsmodels.sandbox.regression.gmm import IV2SLS

    rng = np.random.default_rng(1)
    Y, T, Z = draw(rng, 400, 0.4, k=3)
    X = rng.normal(size=(400, 2))
    mine = iv.two_stage(iv.partial_out(Y, T, Z, X))
    one = np.ones((400, 1))
    theirs = IV2SLS(Y, np.hstack([one, T[:, None], X]), np.hstack([one, Z, X])).fit().params[1]
    assert mine.value == pytest.approx(theirs, abs=EXACT)


def test_with_one_instrument_the_effective_f_is_the_robust_f() -> None:
    import statsmodels.api as sm

    Y, T, Z = draw(np.random.default_rng(2), 300, 0.3)
    robust = sm.OLS(T, sm.add_constant(Z)).fit(cov_type="HC1").tvalues[1] ** 2
    assert iv.effective_f(part(Y, T, Z)) == pytest.approx(robust, rel=EXACT)


def test_the_set_holds_exactly_what_the_test_does_not_reject() -> None:
    import statsmodels.api as sm

    Y, T, Z = draw(np.random.default_rng(3), 300, 0.3)
    region = iv.anderson_rubin(part(Y, T, Z), 0.95)
    for b in np.linspace(region.pieces[0][0] - 0.5, region.pieces[-1][1] + 0.5, 41):
        fit = sm.OLS(Y - b * T, sm.add_constant(Z)).fit(cov_type="HC1", use_t=True)
        assert region.holds(float(b)) == (fit.pvalues[1] >= 0.05)


def test_the_searched_set_equals_the_solved_one() -> None:
    rng = np.random.default_rng(4)
    shapes = set()
    for strength in (0.05, 0.1, 0.3, 0.6):
        p = part(*draw(rng, 200, strength))
        solved = iv.anderson_rubin(p, 0.95)
        from scipy.special import fdtri

        searched = iv._searched(p, float(fdtri(1, p.spare(1), 0.95)))
        shapes.add(solved.shape)
        assert searched.shape == solved.shape
        ends = zip(np.ravel(solved.pieces), np.ravel(searched.pieces), strict=True)
        assert all(a == b or a == pytest.approx(b, rel=1e-6) for a, b in ends)
    assert shapes == {"bounded", "unbounded"}


@pytest.mark.parametrize("strength", [0.1, 0.5])
def test_the_set_covers_the_truth_whatever_the_strength(strength: float) -> None:
    """At 0.1 the first-stage F is about 3 and most sets are unbounded; at 0.5 about 60."""
    rng, hits, strengths = np.random.default_rng(5), 0, []
    for _ in range(DRAWS):
        p = part(*draw(rng, 300, strength))
        hits += iv.anderson_rubin(p, 0.95).holds(1.0)
        strengths.append(iv.effective_f(p))
    assert (np.mean(strengths) < 5) == (strength == 0.1)
    assert COVERED[0] <= hits / DRAWS <= COVERED[1]


def test_a_strong_instrument_covers_by_two_stages() -> None:
    rng, hits = np.random.default_rng(6), 0
    for _ in range(DRAWS):
        c = iv.two_stage(part(*draw(rng, 300, 0.6)))
        hits += abs(c.value - 1.0) <= 1.96 * c.std_error
    assert COVERED[0] <= hits / DRAWS <= COVERED[1]


@pytest.mark.parametrize("k", [2, 4])
def test_over_identification_is_the_least_of_the_two_step_objective(k: int) -> None:
    """Hansen (1982), searched instead of solved, in the own units of the instruments; the effect takes one degree."""
    from scipy.optimize import minimize_scalar
    from scipy.stats import chi2

    Y, T, Z = draw(np.random.default_rng(12), 300, 0.4, k=k)
    y, t, z = Y - Y.mean(), T - T.mean(), Z - Z.mean(axis=0)
    fitted = z @ np.linalg.lstsq(z, t, rcond=None)[0]
    moments = z * (y - (fitted @ y) / (fitted @ t) * t)[:, None]
    weight = np.linalg.inv(moments.T @ moments)

    def objective(effect: float) -> float:
        g = z.T @ (y - effect * t)
        return float(g @ weight @ g)

    least = float(minimize_scalar(objective, bracket=(0.0, 2.0), options={"xtol": 1e-12}).fun)
    ours = iv.overidentification(part(Y, T, Z))
    assert ours is not None
    assert ours.degrees == k - 1
    assert (ours.statistic, ours.p_value) == pytest.approx((least, chi2.sf(least, k - 1)), rel=SAME_GMM)


def test_over_identification_rejects_a_direct_path_and_holds_its_size() -> None:
    rng = np.random.default_rng(7)
    fair = [iv.overidentification(part(*draw(rng, 400, 0.3, k=3))) for _ in range(400)]
    foul = [iv.overidentification(part(*draw(rng, 400, 0.3, k=3, direct=0.5))) for _ in range(100)]
    assert np.mean([j.p_value < 0.05 for j in fair if j]) <= 0.09
    assert np.mean([j.p_value < 0.05 for j in foul if j]) >= 0.8


# --- the tools ------------------------------------------------------------------------------------------------


def steps(frame: pd.DataFrame, instrument: str, **more: Any) -> tuple[EstimateResult, RefuteResult]:
    question = Question("effect", treatment="t", outcome="y", instrument=instrument, **more)
    context = case(frame, None, question)
    found = identify(context, treatment="t", outcome="y")
    assert isinstance(found, IdentifyResult)
    made = estimate(context, identification=found)
    tried = refute(context, estimate=made)
    assert isinstance(made, EstimateResult)
    assert isinstance(tried, RefuteResult)
    return made, tried


def table(strength: float, seed: int = 8, n: int = 600, k: int = 1) -> pd.DataFrame:
    Y, T, Z = draw(np.random.default_rng(seed), n, strength, k)
    return pd.DataFrame({"y": Y, "t": T, **{f"z{i}": Z[:, i] for i in range(k)}})


def statuses(tried: RefuteResult) -> dict[str, str]:
    return {c.name: c.status for c in tried.checks}


def test_a_strong_instrument_is_supported_and_speaks_of_compliers() -> None:
    made, tried = steps(table(0.8), "z0")
    first = made.estimates[0]
    assert first.method == "two_stage_least_squares"
    assert first.quantity == "LATE"
    assert "compliers" in first.population
    assert first.low is not None
    assert first.high is not None
    assert first.low < 1.0 < first.high
    assert made.identification is not None
    assert made.identification.strategy == "Instrumental Variable"
    assert {a.name for a in made.identification.assumptions} >= {"relevance", "exclusion", "monotonicity"}
    assert tried.verdict is not None
    assert tried.verdict.value == "supported"
    assert statuses(tried)["sensitivity"] == "skipped"


def test_a_weak_instrument_answers_with_the_set_and_is_not_supported() -> None:
    verdicts = set()
    for seed in range(12):
        made, tried = steps(table(0.09, seed, 400), "z0")
        strength = made.fact("first_stage.f").value
        assert isinstance(strength, float)
        if strength >= 10:
            continue
        assert made.estimates[0].method == "anderson_rubin"
        assert tried.verdict is not None
        verdicts.add(tried.verdict.value)
        if made.fact("anderson_rubin.shape").value == "unbounded":
            assert tried.verdict.value == "inconclusive"
            assert made.estimates[0].low is None
    assert verdicts
    assert "supported" not in verdicts


def test_several_instruments_that_disagree_are_told() -> None:
    Y, T, Z = draw(np.random.default_rng(9), 800, 0.4, k=2, direct=0.6)
    made, tried = steps(pd.DataFrame({"y": Y, "t": T, "a": Z[:, 0], "b": Z[:, 1]}), "a,b")
    assert made.fact("instruments").value == 2
    assert statuses(tried)["overidentification"] == "fail"
    assert tried.verdict is not None
    assert tried.verdict.value != "supported"


def test_a_text_instrument_and_a_two_valued_treatment() -> None:
    rng = np.random.default_rng(10)
    z, u = rng.choice(["near", "far"], 2000), rng.normal(size=2000)
    t = (0.9 * (z == "near") + u + rng.normal(size=2000) > 0.4).astype(int)
    frame = pd.DataFrame({"y": 2.0 * t + u + rng.normal(size=2000), "t": t, "z": z})
    made, _ = steps(frame, "z")
    first = made.estimates[0]
    assert first.low is not None
    assert first.high is not None
    assert first.low < 2.0 < first.high
    raw = next(e for e in made.estimates if e.method == "difference_in_means")
    assert raw.quantity == "association"
    assert raw.value is not None
    assert raw.value > 2.5


def test_the_frame_is_left_alone_and_missing_instruments_drop_rows() -> None:
    frame = table(0.8)
    frame.loc[:9, "z0"] = math.nan
    before = frame.copy()
    made, _ = steps(frame, "z0")
    pd.testing.assert_frame_equal(frame, before)
    assert made.fact("rows_dropped").value == 10
    assert made.fact("n_used").value == len(frame) - 10


def test_what_cannot_be_an_instrument_is_refused() -> None:
    frame = table(0.8).assign(one=1.0)
    with pytest.raises(UsageError, match="cannot be the instrument"):
        steps(frame, "t")
    with pytest.raises(DataError, match="never varies"):
        steps(frame, "one")
    with pytest.raises(UsageError, match="does not use"):
        steps(frame, "z0", design="rct")
    question = Question("effect", treatment="t", outcome="y", instrument="z0")
    context = case(frame, None, question)
    with pytest.raises(NotApplicable, match="method of adjustment"):
        estimate(context, identification=identify(context, treatment="t", outcome="y"), method="aipw")


def test_an_instrument_that_goes_with_a_control_is_told_and_not_counted() -> None:
    rng = np.random.default_rng(31)
    w, u = rng.normal(size=800), rng.normal(size=800)
    z = 0.6 * w + rng.normal(size=800)
    t = 0.8 * z + u
    frame = pd.DataFrame({"z": z, "w": w, "t": t, "y": t + w + u})
    context = case(
        frame, None, Question("effect", treatment="t", outcome="y", instrument="z", controls=("w",))
    )
    found = identify(context, treatment="t", outcome="y")
    assert isinstance(found, IdentifyResult)
    made = estimate(context, identification=found)
    assert isinstance(made, EstimateResult)
    tried = refute(context, estimate=made)
    assert isinstance(tried, RefuteResult)
    told = next(c for c in tried.checks if c.name == "instrument_balance")
    assert (told.status, told.can_lower_verdict) == ("info", False)
    assert told.statistic == pytest.approx(np.corrcoef(z, w)[0, 1], abs=EXACT)
    assert "not drawn by lot" in told.detail


LOTTERIES, LOT_LEVEL, LOT_SLACK = 100, 0.05, 0.066
"""Instruments drawn by lot, level of the test, and three simulation errors of it."""


def drawn_by_lot(seed: int, sites: bool) -> Arrays:
    """A lot beside a control of twelve levels; with ``sites``, one lot and one level for each of thirty sites."""
    rng, n = np.random.default_rng(seed), 300
    site = rng.integers(0, 30, n)
    level = (rng.permutation(30) % 12)[site] if sites else rng.integers(0, 12, n)
    z = rng.normal(size=30)[site] if sites else rng.normal(size=n)
    t, y = z + rng.normal(size=n), rng.normal(size=n)
    frame = pd.DataFrame({"z": z, "t": t, "y": y, "w": level.astype(str), "site": site})
    known = Knowledge((ColumnKnowledge("site", role="cluster"),), origin="file") if sites else None
    context = case(
        frame, known, Question("effect", treatment="t", outcome="y", instrument="z", controls=("w",))
    )
    found = identify(context, treatment="t", outcome="y")
    assert isinstance(found, IdentifyResult)
    assert found.identification is not None
    return arrays(context, found.identification)


@pytest.mark.parametrize("sites", [False, True])
def test_an_instrument_drawn_by_lot_is_seldom_said_not_to_be(sites: bool) -> None:
    """Each level of a control is a try of its own, and a site's rows share one draw."""
    told = [_balance(drawn_by_lot(seed, sites)).p_value for seed in range(LOTTERIES)]
    assert np.mean([p is not None and p < LOT_LEVEL for p in told]) < LOT_LEVEL + LOT_SLACK


@pytest.mark.parametrize("copied", [lambda t: t, lambda t: 1 - t, lambda t: t.map({0: "no", 1: "yes"})])
def test_an_instrument_that_is_the_treatment_is_refused(copied: Any) -> None:
    """It would tell the plain difference, hidden causes and all, as a supported effect."""
    rng = np.random.default_rng(4)
    u = rng.normal(size=400)
    t = pd.Series((u + rng.normal(size=400) > 0).astype(int))
    frame = pd.DataFrame({"t": t, "y": 3 * u + rng.normal(size=400), "z": copied(t)})
    asked = Question("effect", treatment="t", outcome="y", instrument="z")
    context = case(frame, question=asked)
    found = identify(context, treatment="t", outcome="y")
    assert isinstance(found, IdentifyResult)
    with pytest.raises(DataError, match="itself in every row"):
        estimate(context, identification=found)


def test_a_treatment_of_few_ordered_numbers_is_a_number_to_an_instrument() -> None:
    rng = np.random.default_rng(3)
    near, u = rng.integers(0, 2, 900), rng.normal(size=900)
    school = np.clip(np.round(12 + 2 * near + u), 9, 16).astype(int)
    frame = pd.DataFrame({"t": school, "near": near, "y": 0.1 * school - u + rng.normal(size=900)})
    context = case(
        frame, None, Question("effect", treatment="t", outcome="y", instrument="near"), {"t": "ordinal"}
    )
    found = identify(context, treatment="t", outcome="y")
    assert isinstance(found, IdentifyResult)
    assert found.identification is not None
    assert found.identification.treatment_type == "continuous"
    assert found.identification.contrast.treated == found.identification.contrast.control + 1  # type: ignore[operator]
