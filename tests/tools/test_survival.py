"""Times that are cut short: the curve and its mean by other routes, a known truth, and what a reader is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge, QuestionDefaults
from causalcopilot.domain.question import Question
from causalcopilot.domain.told import told
from causalcopilot.errors import DataError, NotApplicable, UsageError
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult
from causalcopilot_tools.effects import primary
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.effects.survival import code_event, curve, horizon_of, pseudo_observations
from tests.tools.framed import case

Array = NDArray[np.float64]
SAME_ALGEBRA = 1e-10
JACKKNIFE = 0.05
"""A pseudo-observation by the infinitesimal jackknife differs from leaving the row out by terms of order 1/n."""
DRAWS, COVERED = 400, (0.925, 0.98)
"""Simulated trials, and where the coverage of 95 % intervals may lie with so many (two standard errors)."""


@pytest.fixture(autouse=True)
def one_fold_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(primary, "MEDIAN_SEEDS", 1)


def times(seed: int, n: int = 300) -> tuple[Array, Array]:
    """Times of exponential spread, some cut short, rounded so that they tie."""
    g = np.random.default_rng(seed)
    came, lost = g.exponential(2, n), g.exponential(3, n)
    time: Array = np.round(np.minimum(came, lost), 1).astype(np.float64)
    return time, (came <= lost).astype(np.float64)


def area(time: Array, event: Array, horizon: float) -> float:
    """Area under the product-limit curve of statsmodels."""
    import statsmodels.api as sm

    s = sm.SurvfuncRight(time, event)
    inside = s.surv_times < horizon
    edges = np.concatenate([[0.0], s.surv_times[inside], [horizon]])
    return float(np.diff(edges) @ np.concatenate([[1.0], s.surv_prob[inside]]))


def test_the_curve_is_that_of_statsmodels() -> None:
    import statsmodels.api as sm

    time, event = times(0)
    at, survival, followed, _ = curve(time, event)
    s = sm.SurvfuncRight(time, event)
    seen = s.n_events > 0
    assert at == pytest.approx(s.surv_times[seen])
    assert survival == pytest.approx(s.surv_prob[seen], abs=SAME_ALGEBRA)
    assert followed == pytest.approx(s.n_risk[seen])


def test_pseudo_observations_average_to_the_area_and_are_the_jackknife() -> None:
    time, event = times(1)
    made = pseudo_observations(time, event, 4.0)
    whole, n = area(time, event, 4.0), len(time)
    assert made.mean() == pytest.approx(whole, abs=SAME_ALGEBRA)
    rows = range(0, n, 10)
    without = np.array([area(np.delete(time, i), np.delete(event, i), 4.0) for i in rows])
    assert made[::10] == pytest.approx(n * whole - (n - 1) * without, abs=JACKKNIFE)


def test_with_every_event_seen_they_are_the_times_themselves() -> None:
    time, _ = times(2)
    made = pseudo_observations(time, np.ones(len(time)), 3.0)
    assert made == pytest.approx(np.minimum(time, 3.0), abs=SAME_ALGEBRA)


def test_their_spread_is_greenwoods() -> None:
    """Variance of the area: the sum over events of (area left)² d / (Y (Y - d))."""
    time, event = times(3, 1000)
    at, survival, followed, count = curve(time, event)
    inside = at < 4.0
    at, survival, followed, count = (v[inside] for v in (at, survival, followed, count))
    left = np.cumsum((survival * np.diff(np.append(at, 4.0)))[::-1])[::-1]
    greenwood = float((left**2 * count / (followed * (followed - count))).sum())
    made = pseudo_observations(time, event, 4.0)
    assert made.var() / len(made) == pytest.approx(greenwood, rel=0.01)


def test_the_horizon_leaves_a_tenth_of_each_arm() -> None:
    time = np.concatenate([np.arange(1.0, 201), np.arange(1.0, 101) / 2])
    arms = np.repeat([1.0, 0.0], [200, 100])
    horizon = horizon_of(time, arms)
    assert horizon == 45.5
    assert [int((time[arms == a] >= horizon).sum()) for a in (0, 1)] == [10, 155]


def test_a_trial_whose_arms_are_followed_differently_covers_the_truth() -> None:
    """Exponential times of mean 2 and 3, the treated cut short twice as often; means up to 3 are known."""
    hits, plain = 0, 0
    truth = 3 * (1 - np.exp(-1.0)) - 2 * (1 - np.exp(-1.5))
    for seed in range(DRAWS):
        g = np.random.default_rng([seed, 5])
        t = np.repeat([1.0, 0.0], 150)
        came, lost = g.exponential(2 + t), g.exponential(6 / (1 + t))
        time, event = np.minimum(came, lost), (came <= lost).astype(float)
        v = [pseudo_observations(time[t == a], event[t == a], 3.0) for a in (1, 0)]
        w = [np.minimum(time[t == a], 3.0) for a in (1, 0)]
        for values, kind in ((v, 0), (w, 1)):
            error = np.sqrt(sum(x.var(ddof=1) / len(x) for x in values))
            inside = abs(values[0].mean() - values[1].mean() - truth) <= 1.96 * error
            hits += int(inside and kind == 0)
            plain += int(inside and kind == 1)
    assert COVERED[0] <= hits / DRAWS <= COVERED[1]
    assert plain / DRAWS < 0.5


def table(seed: int = 0, n: int = 800, effect: float = 0.5) -> pd.DataFrame:
    g = np.random.default_rng(seed)
    x = g.normal(size=n)
    t = (g.random(n) < 1 / (1 + np.exp(-0.8 * x))).astype(int)
    came, lost = g.exponential(np.exp(1 + effect * t - 0.4 * x)), g.exponential(8 / (1 + t))
    return pd.DataFrame({"t": t, "x": x, "days": np.minimum(came, lost), "died": (came <= lost).astype(int)})


def run(frame: pd.DataFrame, knowledge: Knowledge | None = None, **question: Any) -> EstimateResult:
    asked = Question("effect", treatment="t", outcome="days", controls=("x",), **question)
    context = case(frame, told(knowledge or Knowledge(), asked), asked)
    found = identify(context, treatment="t", outcome="days")
    assert isinstance(found, IdentifyResult)
    made = estimate(context, identification=found)
    assert isinstance(made, EstimateResult)
    return made


def test_a_confounded_time_with_its_event_from_the_question_to_the_facts() -> None:
    g = np.random.default_rng(9)
    many, x = g.exponential(size=400_000), g.normal(size=400_000)
    truth = float(
        np.mean(np.minimum(many * np.exp(1.5 - 0.4 * x), 3) - np.minimum(many * np.exp(1 - 0.4 * x), 3))
    )
    made = run(table(n=1200), event="died", horizon=3.0)
    first = made.estimates[0]
    assert first.low is not None
    assert first.high is not None
    assert first.low < truth < first.high
    assert made.fact("horizon").value == 3.0
    assert "mean up to 3 (restricted mean survival time)" in first.note
    assert made.fact("ratio.name").value == "ratio of restricted means"
    assert any("cut short in" in f for f in made.findings)
    assert made.identification is not None
    assert "independent_censoring" in {a.name for a in made.identification.assumptions}
    assert "died" not in made.identification.controls.used


def test_a_role_in_the_knowledge_names_the_event_of_its_own_outcome_only() -> None:
    known = Knowledge(columns=(ColumnKnowledge("died", role="event"),), origin="file")
    assert run(table(), known).fact("horizon").value
    other = Knowledge(columns=known.columns, question=QuestionDefaults(outcome="x"), origin="file")
    assert "horizon" not in {f.key for f in run(table(), other).facts}


def test_a_time_with_an_event_beside_it_that_nobody_named_is_warned_of() -> None:
    said = " ".join(run(table()).findings)
    assert "Name it (--event died)" in said
    for names in ({"died": "group"}, {"days": "score"}):
        frame = table().rename(columns=names)
        asked = Question("effect", treatment="t", outcome=names.get("days", "days"), controls=("x",))
        context = case(frame, None, asked)
        found = identify(context, treatment="t", outcome=asked.outcome or "")
        made = estimate(context, identification=found)
        assert not any("--event" in f for f in made.findings)


def test_events_that_were_all_seen_leave_the_time_as_it_is() -> None:
    frame = table().assign(died=1)
    made = run(frame, event="died")
    assert "horizon" not in {f.key for f in made.facts}
    assert made.estimates[0].value == pytest.approx(run(frame.drop(columns="died")).estimates[0].value)


@pytest.mark.parametrize(
    ("frame", "question", "error", "says"),
    [
        (table(), {"event": "x"}, NotApplicable, "cannot say whether"),
        (table(), {"event": "died", "horizon": 1e4}, NotApplicable, "few rows are followed"),
        (table().assign(days=lambda d: d["days"] - 5), {"event": "died"}, DataError, "negative times"),
        (table(), {"horizon": 3.0}, UsageError, "goes with --event"),
        (
            table(n=60).assign(died=lambda d: (d.index < 12).astype(int)),
            {"event": "died"},
            DataError,
            "events",
        ),
        (
            table().assign(z=lambda d: d["t"] + d["x"]),
            {"event": "died", "instrument": "z"},
            NotApplicable,
            "IV|Instr",
        ),
    ],
)
def test_what_cannot_be_is_one_error(
    frame: pd.DataFrame, question: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        run(frame, **question)


@pytest.mark.parametrize(
    ("name", "cut", "seen"),
    [
        ("status", "living", "deceased"),
        ("status", "Alive", "Dead"),
        ("alive", "censored", "event"),
        ("status", "0:LIVING", "1:DECEASED"),
        ("status", "lost to follow-up", "event"),
        ("died", False, True),
        ("died", 1, 2),
        ("event", "no", "yes"),
    ],
)
def test_the_words_of_labels_say_which_is_the_event(name: str, cut: object, seen: object) -> None:
    """Sorted last is not seen last: "living" comes after "deceased"."""
    values, event = code_event(pd.Series([cut, seen, cut, None, seen], name=name, dtype=object))
    assert values[[0, 1, 2, 4]].tolist() == [0, 1, 0, 1]
    assert np.isnan(values[3])
    assert event == ("1" if seen is True else str(seen))


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("alive", 0, 1),
        ("censored", 0, 1),
        ("survived", False, True),
        ("alive", "no", "yes"),
        ("status", "A", "B"),
        ("status", "alive", "lost"),
    ],
)
def test_a_column_that_may_code_the_event_the_other_way_round_is_refused(
    name: str, one: object, other: object
) -> None:
    with pytest.raises(NotApplicable, match="seen"):
        code_event(pd.Series([one, other] * 3, name=name))


def test_levels_of_the_knowledge_go_before_words() -> None:
    assert code_event(pd.Series(["B", "A"], name="status"), ("B", "A"))[0].tolist() == [0, 1]
    assert code_event(pd.Series([1, 0], name="alive"), ("1", "0"))[0].tolist() == [0, 1]


def test_a_reader_is_told_which_value_counts_and_to_turn_a_censoring_column_round() -> None:
    made = run(table(), event="died", horizon=3.0)
    assert any("died is 1 where the event was seen" in w for w in made.findings)
    turned = table().assign(censored=lambda d: 1 - d["died"]).drop(columns="died")
    assert any("from censored and name that (--event)" in w for w in run(turned).findings)


def test_a_horizon_before_the_start_is_no_matter_of_few_rows() -> None:
    with pytest.raises(NotApplicable, match="not after time 0"):
        run(table(), event="died", horizon=-1.0)
