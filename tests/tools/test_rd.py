"""Regression discontinuity: published answers, coverage, which side is treated, and checks that can fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from causalcopilot.errors import DataError, NotApplicable, UsageError
from causalcopilot.toolkit.result import EstimateResult, RefuteResult
from causalcopilot_tools.effects.designs import rd
from causalcopilot_tools.effects.designs.discontinuity import find_switch
from causalcopilot_tools.effects.intervals import t_quantile, two_sided_p
from tests.tools import designing
from tests.tools.designing import interval

LMB_LAGGED, LMB_SAME = 21.28, 47.71
"""Points of liberal voting score by which a close Democratic win moves the next and the same term's score
(Cunningham 2021, after Lee, Moretti and Butler 2004: 21.2 and 47.6)."""
WIDEST = 12.0
"""Points, a quarter to a half of the jumps: a wider interval would hold anything."""
JUMP = 0.5
COVERED = 0.85
"""Least coverage of a 95 % interval in REPEATS draws: .93 (300 draws of the same design with 1000 rows, which is
what the published interval reaches) less three simulation errors."""
REPEATS = 80
SAME = 1e-9
"""The design turned around must give the same number."""


def curve(x: NDArray[np.float64]) -> NDArray[np.float64]:
    out: NDArray[np.float64] = 0.4 + 0.8 * x - 0.9 * x**2 + 0.6 * x**3
    return out


def sharp(seed: int, n: int = 800, jump: float = JUMP) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = 2 * rng.beta(2, 3, n) - 1
    t = (x >= 0).astype(int)
    return pd.DataFrame(
        {"y": curve(x) + jump * t + 0.3 * rng.normal(size=n), "t": t, "x": x, "w": x + rng.normal(size=n)}
    )


def fuzzy(seed: int, n: int = 1500) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x, u = 2 * rng.beta(2, 3, n) - 1, rng.normal(size=n)
    t = (u + 2.0 * (x >= 0) - 1.0 > 0.5 * rng.normal(size=n)).astype(int)
    return pd.DataFrame({"y": curve(x) + JUMP * t + 0.3 * u + 0.3 * rng.normal(size=n), "t": t, "x": x})


def steps(frame: pd.DataFrame, **more: Any) -> tuple[EstimateResult, RefuteResult]:
    return designing.steps(frame, **{"running": "x", "cutoff": 0.0, **more})


def statuses(tried: RefuteResult) -> dict[str, str]:
    return {c.name: c.status for c in tried.checks}


@pytest.mark.parametrize(
    ("running", "published"), [("lagdemvoteshare", LMB_LAGGED), ("demvoteshare", LMB_SAME)]
)
def test_close_elections_give_the_published_jumps(running: str, published: float) -> None:
    causaldata = pytest.importorskip("causaldata")
    d = causaldata.close_elections_lmb.load_pandas().data.dropna(subset=["score", running])
    found = rd.fit(d.score.to_numpy(), d[running].to_numpy() - 0.5)
    assert found.low < published < found.high
    assert found.high - found.low < WIDEST


def test_a_sharp_interval_covers() -> None:
    hits = 0
    for seed in range(REPEATS):
        d = sharp(seed, 800)
        f = rd.fit(d.y.to_numpy(), d.x.to_numpy())
        hits += f.low <= JUMP <= f.high
    assert hits / REPEATS >= COVERED


def test_a_fuzzy_interval_covers() -> None:
    hits, repeats = 0, REPEATS // 2
    for seed in range(repeats):
        d = fuzzy(seed, 600)
        f = rd.fit(d.y.to_numpy(), d.x.to_numpy(), d.t.to_numpy(float))
        hits += f.low <= JUMP <= f.high
    assert hits / repeats >= COVERED


def test_the_reported_number_is_the_conventional_one_with_the_robust_interval() -> None:
    d = sharp(9)
    f = rd.fit(d.y.to_numpy(), d.x.to_numpy())
    assert 0.5 * (f.low + f.high) == pytest.approx(f.corrected, abs=SAME)
    assert f.value != f.corrected
    assert f.std_error > f.conventional_error


# --- the tools ------------------------------------------------------------------------------------------------


def test_a_clean_design_is_supported_at_the_cutoff() -> None:
    made, tried = steps(sharp(1), controls=("w",))
    low, high = interval(made)
    assert low < JUMP < high
    first = made.estimates[0]
    assert (first.method, first.quantity) == ("rd_robust", "LATE")
    assert "x at 0" in first.population
    assert made.fact("treated_side").value == "above"
    assert made.fact("fuzzy").value == "no"
    assert first.n_used == made.fact("n_used").value
    assert tried.verdict is not None
    assert tried.verdict.value == "supported"
    seen = statuses(tried)
    assert {seen[c] for c in ("density", "covariate_continuity", "bandwidth", "donut")} <= {"pass", "warn"}
    assert seen["overlap"] == "skipped"
    assert made.identification is not None
    assert made.identification.strategy == "Regression Discontinuity"
    assert made.identification.controls.used == ()


def test_the_treated_side_may_be_below_and_units_at_the_cutoff_follow_the_rule() -> None:
    d = sharp(2)
    above, _ = steps(d)
    below, _ = steps(d.assign(x=-d.x))
    assert below.fact("treated_side").value == "below"
    assert below.fact("fuzzy").value == "no"
    assert below.estimates[0].value == pytest.approx(above.estimates[0].value, abs=SAME)
    assert interval(below) == pytest.approx(interval(above), abs=SAME)


@pytest.mark.parametrize("tied", [0.0, 1.0])
def test_units_at_the_cutoff_are_read_from_the_rows(tied: float) -> None:
    r = np.array([-2.0, -1.0, 0.0, 0.0, 1.0, 2.0])
    switch = find_switch(np.array([0.0, 0.0, tied, tied, 1.0, 1.0]), r, 0.0)
    assert switch.sharp
    assert switch.tied_above == bool(tied)


def test_a_fuzzy_design_speaks_of_compliers() -> None:
    made, tried = steps(fuzzy(3))
    low, high = interval(made)
    assert low < JUMP < high
    assert "compliers" in made.estimates[0].population
    assert made.fact("fuzzy").value == "yes"
    assert statuses(tried)["weak_instrument"] == "pass"
    assert made.identification is not None
    assert "exclusion" in {a.name for a in made.identification.assumptions}


def test_sorting_at_the_cutoff_is_found() -> None:
    d = sharp(4, 3000)
    rng = np.random.default_rng(4)
    moved = (d.x < 0) & (d.x > -0.12) & (rng.random(3000) < 0.7)
    d.loc[moved, "x"] *= -1
    d.loc[moved, "t"] = 1
    _, tried = steps(d)
    assert statuses(tried)["density"] == "fail"
    assert tried.verdict is not None
    assert tried.verdict.value == "fragile"
    assert tried.fact("reason").value == "cutoff_manipulated"


def test_a_covariate_that_jumps_is_found() -> None:
    d = sharp(5, 1500)
    d["w"] = d.w + 3.0 * d.t
    _, tried = steps(d, controls=("w",))
    assert statuses(tried)["covariate_continuity"] == "fail"
    assert tried.verdict is not None
    assert tried.verdict.value == "fragile"


def test_a_jump_elsewhere_is_found() -> None:
    d = sharp(6, 2000)
    middle = float(np.median(d.x[d.x < 0]))
    d["y"] = d.y + 1.5 * (d.x > middle)
    _, tried = steps(d)
    assert statuses(tried)["placebo_cutoff"] == "fail"


def test_what_is_no_discontinuity_is_refused() -> None:
    d = sharp(7)
    with pytest.raises(DataError, match="no rows lie"):
        steps(d, cutoff=5.0)
    with pytest.raises(DataError, match="hardly changes"):
        steps(d.assign(t=np.arange(len(d)) % 2))
    with pytest.raises(DataError, match="different values"):
        steps(d.assign(x=np.where(d.x >= 0, 1.0, -1.0)))
    with pytest.raises(UsageError, match="needs --running and --cutoff"):
        steps(d, cutoff=None)
    with pytest.raises(UsageError, match="cannot be the running variable"):
        steps(d, running="y")
    with pytest.raises(NotApplicable, match="not a number"):
        steps(d.assign(x=[f"v{i}" for i in range(len(d))]))


def test_the_frame_is_left_alone() -> None:
    d = sharp(8)
    d.loc[:4, "x"] = np.nan
    before = d.copy()
    made, _ = steps(d, controls=("w",))
    pd.testing.assert_frame_equal(d, before)
    assert made.fact("rows_dropped").value == 5


def test_few_rows_near_the_cutoff_widen_the_interval() -> None:
    frame = sharp(3, 400)
    small = rd.fit(frame["y"].to_numpy(), frame["x"].to_numpy())
    many = sharp(3, 6000)
    large = rd.fit(many["y"].to_numpy(), many["x"].to_numpy())
    assert small.degrees < 60 < 200 < large.degrees
    half = (small.high - small.low) / 2
    assert half > 1.99 * small.std_error


def test_the_interval_has_the_degrees_of_freedom_of_the_rows_that_carry_it() -> None:
    """Satterthwaite's for a weighted sum of squares, three quarters of it where neighbours give the variance."""
    frame = sharp(3, 300)
    x = frame.x.to_numpy()
    found = rd.fit(frame.y.to_numpy(), x)
    carried = rd._sums(x, found.bandwidth, found.pilot).curve ** 2
    worth = carried.sum() ** 2 / (carried**2).sum()
    assert found.degrees == pytest.approx(0.75 * worth, rel=SAME)
    assert worth < found.rows
    half = t_quantile(0.95, found.degrees) * found.std_error
    assert (found.low, found.high) == pytest.approx(
        (found.corrected - half, found.corrected + half), rel=SAME
    )
    assert found.p_value == pytest.approx(
        two_sided_p(found.corrected / found.std_error, found.degrees), rel=SAME
    )


def test_covariates_sharpen_and_do_not_move_the_jump() -> None:
    rng = np.random.default_rng(4)
    frame = sharp(4, 1500)
    w = rng.normal(size=(1500, 2))
    y = frame["y"].to_numpy() + w @ np.array([0.4, 0.1])
    x = frame["x"].to_numpy()
    bare, held = rd.fit(y, x), rd.fit(y, x, covariates=w)
    assert held.std_error < 0.8 * bare.std_error
    assert held.low < JUMP < held.high


def test_rows_that_belong_together_are_counted_by_cluster() -> None:
    hits, wide, plain = 0, 0.0, 0.0
    for seed in range(REPEATS):
        rng = np.random.default_rng(seed)
        group = np.repeat(np.arange(120), 10)
        x = np.clip(np.repeat(2 * rng.beta(2, 3, 120) - 1, 10) + 0.01 * rng.normal(size=1200), -1, 1)
        y = (
            curve(x)
            + JUMP * (x >= 0)
            + np.repeat(0.3 * rng.normal(size=120), 10)
            + 0.1 * rng.normal(size=1200)
        )
        counted = rd.fit(y, x, clusters=group)
        hits += int(counted.low <= JUMP <= counted.high)
        wide += counted.high - counted.low
        if seed < 10:
            plain += (lambda one: one.high - one.low)(rd.fit(y, x))
    assert hits / REPEATS >= COVERED
    assert wide / REPEATS > 1.5 * plain / 10


RDROBUST = (0.054391477513344, 0.0384377272251783, 0.1843776127, 0.3254286375)
"""rdrobust 2.1: conventional and bias-corrected estimate, bandwidths of both; its robust error is .047821."""
SAME_BANDWIDTH = 1e-5
"""Relative: two searches for one optimum stop at slightly different points."""


def test_the_jump_and_its_bandwidths_are_those_of_rdrobust_and_the_error_is_not_smaller() -> None:
    g = np.random.default_rng([0, 41])
    x = 2 * g.beta(2, 4, 1000) - 1
    below = 0.48 + 1.27 * x + 7.18 * x**2 + 20.21 * x**3 + 21.54 * x**4 + 7.33 * x**5
    above = 0.52 + 0.84 * x - 3.0 * x**2 + 7.99 * x**3 - 9.01 * x**4 + 3.56 * x**5
    made = rd.fit(np.where(x < 0, below, above) + 0.1295 * g.normal(size=1000), x)
    found = (made.value, made.corrected, made.bandwidth, made.pilot)
    assert found == pytest.approx(RDROBUST, rel=SAME_BANDWIDTH)
    assert 0.047821 <= made.std_error <= 1.05 * 0.047821
