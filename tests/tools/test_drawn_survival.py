"""Times that are cut short in rows that stand for more than one or belong together: other routes and a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from causalcopilot_tools.effects import primary
from causalcopilot_tools.effects.sampling import clustered_error
from causalcopilot_tools.effects.survival import curve, pseudo_observations
from tests.tools.test_survival import COVERED, DRAWS, run, table, times

Array = NDArray[np.float64]
SAME_ALGEBRA = 1e-9
NUDGE, SLOPE = 1e-5, 1e-4
"""Share by which one row's weight is moved, and how far the slope so found lies from the true one: its curvature."""


@pytest.fixture(autouse=True)
def one_fold_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(primary, "MEDIAN_SEEDS", 1)


def weights(seed: int, n: int = 300) -> Array:
    return np.random.default_rng([seed, 9]).uniform(0.2, 3, n)


def area(time: Array, event: Array, horizon: float, w: Array) -> float:
    """Area under the weighted product-limit curve of statsmodels."""
    import statsmodels.api as sm

    s = sm.SurvfuncRight(time, event, freq_weights=w)
    inside = s.surv_times < horizon
    edges = np.concatenate([[0.0], s.surv_times[inside], [horizon]])
    return float(np.diff(edges) @ np.concatenate([[1.0], s.surv_prob[inside]]))


def test_the_weighted_curve_is_that_of_statsmodels() -> None:
    import statsmodels.api as sm

    (time, event), w = times(0), weights(0)
    at, survival, followed, count = curve(time, event, w)
    s = sm.SurvfuncRight(time, event, freq_weights=w)
    seen = s.n_events > 0
    assert at == pytest.approx(s.surv_times[seen])
    assert survival == pytest.approx(s.surv_prob[seen], abs=SAME_ALGEBRA)
    assert followed == pytest.approx(s.n_risk[seen])
    assert count == pytest.approx(s.n_events[seen])


def test_weighted_pseudo_observations_are_slopes_of_the_area_in_each_weight() -> None:
    (time, event), w = times(1), weights(1)
    made, whole = pseudo_observations(time, event, 4.0, w), area(time, event, 4.0, w)
    assert np.average(made, weights=w) == pytest.approx(whole, abs=SAME_ALGEBRA)
    for i in range(0, 300, 10):
        up = w.copy()
        up[i] += NUDGE * w[i]
        slope = (area(time, event, 4.0, up) - whole) / (NUDGE * w[i])
        assert made[i] == pytest.approx(whole + w.sum() * slope, abs=SLOPE)


def test_weights_that_are_counts_stand_for_repeated_rows() -> None:
    time, event = times(2)
    w = np.ceil(weights(2))
    rows = np.repeat(np.arange(300), w.astype(int))
    again = pseudo_observations(time[rows], event[rows], 3.0)
    assert pseudo_observations(time, event, 3.0, w)[rows] == pytest.approx(again, abs=SAME_ALGEBRA)


def test_events_that_end_the_weighted_curve_leave_it_at_nothing() -> None:
    """The last rows followed all see their event; sums of their weights differ by rounding only."""
    g = np.random.default_rng(3)
    time, w = np.round(g.exponential(2, 200), 1), g.uniform(0.1, 1, 200) / 7
    made = pseudo_observations(time, np.ones(200), 50.0, w)
    assert made == pytest.approx(np.minimum(time, 50.0), abs=1e-6)


def test_a_trial_drawn_with_unequal_chances_covers_the_truth_of_its_population() -> None:
    """Half of the people live longer by treatment only, and are drawn a third as often; means up to 3 are known."""
    hits = plain = 0
    means = np.array([[2.0, 1.0], [2.0, 4.0]])  # by arm and kind
    truth = float(np.diff((means * (1 - np.exp(-3 / means))).mean(axis=1))[0])
    for seed in range(DRAWS):
        g = np.random.default_rng([seed, 6])
        t = np.repeat([0, 1], 200)
        kind = (g.random(400) < 0.25).astype(int)  # half of the population, a quarter of those drawn
        w = np.where(kind == 1, 3.0, 1.0)
        came, lost = g.exponential(means[t, kind]), g.exponential(6 / (1 + t))
        time, event = np.minimum(came, lost), (came <= lost).astype(float)
        for counts in (w, np.ones(400)):
            value, variance = 0.0, 0.0
            for arm, sign in ((1, 1.0), (0, -1.0)):
                own = t == arm
                made = pseudo_observations(time[own], event[own], 3.0, counts[own])
                mean = float(np.average(made, weights=counts[own]))
                value += sign * mean
                variance += (
                    float((counts[own] ** 2 * (made - mean) ** 2).sum()) / float(counts[own].sum()) ** 2
                )
            inside = abs(value - truth) <= 1.96 * variance**0.5
            hits, plain = (hits + inside, plain) if counts is w else (hits, plain + inside)
    assert COVERED[0] <= hits / DRAWS <= COVERED[1]
    assert plain / DRAWS < 0.5


# --- the tools ------------------------------------------------------------------------------------------------


def test_a_time_with_weights_and_clusters_from_the_question_to_the_facts() -> None:
    frame = table(n=900)
    g = np.random.default_rng(1)
    frame["w"], frame["site"] = np.exp(0.6 * frame["x"]), g.integers(0, 60, 900)
    made = run(frame, event="died", horizon=3.0, weights="w", cluster="site")
    first = made.estimates[0]
    assert first.note.startswith("counted by site (60 clusters) and weighed by w and mean up to 3")
    assert {"cluster", "clusters", "weights", "horizon"} <= {f.key for f in made.facts}
    plain = run(frame.drop(columns=["w", "site"]), event="died", horizon=3.0).estimates[0]
    assert first.value != pytest.approx(plain.value, rel=0.02)
    equal = run(frame.assign(w=2.0).drop(columns="site"), event="died", horizon=3.0, weights="w").estimates[0]
    assert equal.value == pytest.approx(plain.value, rel=0.02)  # boosting bins weighted rows in another way


def test_a_site_that_is_one_row_many_times_over_counts_once() -> None:
    time, event = times(5)
    rows = np.tile(np.arange(300), 3)
    made = pseudo_observations(time[rows], event[rows], 3.0)
    once = pseudo_observations(time, event, 3.0)
    factor = (300 / 299) ** 0.5
    error = clustered_error(made - made.mean(), rows)
    assert error == pytest.approx(float(once.std()) / 300**0.5 * factor, rel=1e-6)
