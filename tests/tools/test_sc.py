"""Synthetic control: weights against a general solver, a panel like Proposition 99, placebos, verdicts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.question import Question
from causalcopilot.errors import DataError, NotApplicable
from causalcopilot.toolkit.result import EstimateResult, RefuteResult
from causalcopilot_tools.effects.designs import sc
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case

SOLVED = 1e-5
"""Two quadratic solvers on one convex problem, in weights."""
THEIRS = 0.02
"""Share by which our exact weights may move SDiD from diff-diff's, which drops small weights and solves again."""
COVERED = (0.90, 0.985)
"""Coverage with DRAWS draws: three simulation errors around .95."""
DRAWS = 300


def draw(
    rng: np.random.Generator, donors: int = 25, periods: int = 24, start: int = 16, effect: float = 0.0
) -> sc.Single:
    """Units with two common courses, levels of their own, and noise that lasts."""
    course = np.cumsum(rng.normal(size=(2, periods)), axis=1)
    noise = rng.normal(size=(donors + 1, periods))
    for p in range(1, periods):
        noise[:, p] += 0.5 * noise[:, p - 1]
    load = rng.uniform(0, 1, (donors + 1, 2))
    Y = rng.uniform(-3, 3, donors + 1)[:, None] + load @ course + 0.7 * noise
    Y[0, start:] += effect
    return sc.Single(Y[0], Y[1:], start)


def cigarettes(effect: float = -15.0, seed: int = 0, kink: float = 0.0) -> pd.DataFrame:
    """A panel of the shape of Proposition 99: 39 states, 31 years, one treated from 1989 on."""
    rng = np.random.default_rng(seed)
    course = np.cumsum(rng.normal(0, 2, (2, 31)), axis=1)
    load, level = rng.uniform(0, 1, (39, 2)), 120 + rng.normal(0, 15, 39)
    load[0], level[0] = load[1:6].mean(axis=0), level[1:6].mean()
    packs = level[:, None] - 1.2 * np.arange(31) + load @ course + rng.normal(0, 1.5, (39, 31))
    packs[0, 19:] += effect
    packs[0, 14:19] += kink
    state, year = np.meshgrid(np.arange(39), np.arange(31), indexing="ij")
    frame = pd.DataFrame({"state": state.ravel(), "year": 1970 + year.ravel(), "packs": packs.ravel()})
    frame["law"] = ((frame.state == 0) & (frame.year >= 1989)).astype(int)
    frame["state"] = frame.state.map(lambda s: f"S{s:02d}")
    return frame


def steps(frame: pd.DataFrame, **more: Any) -> tuple[EstimateResult, RefuteResult]:
    asked = {"unit": "state", "time": "year", **more}
    context = case(frame, question=Question("effect", treatment="law", outcome="packs", **asked))
    made = estimate(context, identification=identify(context, treatment="law", outcome="packs"))
    assert isinstance(made, EstimateResult)
    tested = refute(context, estimate=made)
    assert isinstance(tested, RefuteResult)
    return made, tested


def test_the_weights_are_those_of_a_general_solver() -> None:
    from scipy.optimize import minimize

    s = draw(np.random.default_rng(3), donors=8)
    A, b = s.donors[:, : s.start].T, s.treated[: s.start]
    theirs = minimize(
        lambda w: float(((A @ w - b) ** 2).sum()),
        np.full(8, 1 / 8),
        bounds=[(0, 1)] * 8,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    mine = sc.simplex_weights(A, b)
    assert mine.sum() == pytest.approx(1.0)
    assert float(((A @ mine - b) ** 2).sum()) <= theirs.fun * (1 + SOLVED)
    assert mine == pytest.approx(theirs.x, abs=100 * SOLVED)


def test_a_donor_that_is_the_treated_unit_gets_all_the_weight() -> None:
    s = draw(np.random.default_rng(5))
    copied = sc.Single(s.donors[4], s.donors, s.start)
    assert sc.synthetic(copied).weights[4] == pytest.approx(1.0, abs=1e-4)
    assert sc.synthetic(copied).effect == pytest.approx(0.0, abs=1e-3)


def test_sdid_agrees_with_the_reference_implementation() -> None:
    import diff_diff

    frame = cigarettes()
    theirs = diff_diff.SyntheticDiD(n_bootstrap=2, seed=0).fit(
        frame.assign(ever=(frame.state == "S00").astype(int)),
        outcome="packs",
        treatment="ever",
        unit="state",
        time="year",
        post_periods=list(range(1989, 2001)),
    )
    Y = frame.pivot(index="state", columns="year", values="packs").to_numpy()
    mine = sc.synthetic_did(sc.Single(Y[0], Y[1:], 19))
    assert mine.effect == pytest.approx(theirs.att, rel=THEIRS)


def test_placebo_intervals_cover_nothing_happening() -> None:
    from causalcopilot_tools.effects.designs.synthetic import half_width

    inside = [0, 0]
    for seed in range(DRAWS):
        s = draw(np.random.default_rng(seed), donors=20, periods=18, start=12)
        for k, (fit, did) in enumerate(((sc.synthetic, False), (sc.synthetic_did, True))):
            inside[k] += int(abs(fit(s).effect) <= half_width(sc.placebos(s, did), 0.95))
    for covered in inside:
        assert COVERED[0] <= covered / DRAWS <= COVERED[1]


def test_one_adopter_is_a_synthetic_control_without_being_asked() -> None:
    made, tested = steps(cigarettes())
    assert made.identification is not None
    assert made.identification.strategy == "Synthetic Control"
    first, second = made.estimates[0], made.estimates[1]
    assert first.low is not None
    assert first.high is not None
    assert first.low < -15 < first.high
    assert second.method == "synthetic_did"
    assert tested.verdict is not None
    assert tested.verdict.value == "supported"
    assert {"synthetic", "donors", "placebos"} <= {t.name for t in made.tables}
    weights = next(t for t in made.tables if t.name == "donors").rows
    assert sum(w for _, w in weights if isinstance(w, float)) == pytest.approx(1.0, abs=0.01)


def test_what_is_wrong_with_it_lowers_the_verdict() -> None:
    far = cigarettes()
    far.loc[far.state == "S00", "packs"] += 120
    status = {c.name: c.status for c in steps(far)[1].checks}
    assert status["fit_before"] == "fail"
    nothing = steps(cigarettes(effect=0.0))[1].verdict
    assert nothing is not None
    assert nothing.direction == "none_detected"
    status = {c.name: c.status for c in steps(cigarettes(kink=-14.0))[1].checks}
    assert status["placebo_time"] == "fail"
    few = cigarettes().query("state <= 'S07'")
    tested = steps(few)[1]
    assert tested.verdict is not None
    assert tested.verdict.value in ("fragile", "inconclusive")


def test_a_rank_counts_the_treated_unit_among_the_others_and_ties_against_it() -> None:
    assert sc.rank_p(3.0, [1.0, 2.0]) == pytest.approx(1 / 3)
    assert sc.rank_p(2.0, [1.0, 2.0, 3.0]) == pytest.approx(3 / 4)
    assert sc.rank_p(0.0, [1.0, 2.0]) == 1.0
    status = {c.name: c for c in steps(cigarettes())[1].checks}
    donors = cigarettes().state.nunique() - 1
    assert status["placebo_units"].p_value == pytest.approx(1 / (donors + 1))  # the largest gap of all


def test_what_it_cannot_do_is_refused() -> None:
    two = cigarettes()
    two.loc[(two.state == "S01") & (two.year >= 1990), "law"] = 1
    with pytest.raises(NotApplicable, match="2 units adopt"):
        steps(two, design="sc")
    with pytest.raises(DataError, match="never treated"):
        steps(cigarettes().query("state <= 'S03'"), design="sc")
    with pytest.raises(NotApplicable, match="without controls"):
        steps(cigarettes().assign(w=1.0), controls=("w",), design="sc")
