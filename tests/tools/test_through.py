"""Effects through a front door or by a general expression: named, estimated, and true."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.estimate import Estimate
from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult
from causalcopilot_tools.effects.designs import through
from causalcopilot_tools.effects.designs.front_door import product_of_slopes
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case
from tests.tools.identifying import ask, found, known

DRAWS, COVERED = 40, 34
"""With a coverage of .95 in each draw, fewer than 34 of 40 happen three times in a thousand."""
BOOTSTRAPPED = 0.13
"""Relative: three simulation errors of a standard deviation over 300 draws."""
ERRORS = 4.0
"""Standard errors from the truth that one draw may lie."""
DOOR = "dag { u [latent] u -> t u -> y t -> m m -> y }"
NAPKIN = "dag { u [latent] v [latent] w -> r r -> t t -> y u -> w u -> t v -> w v -> y }"


def sigmoid(z: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-z)))


def through_door(seed: int, rows: int = 800) -> tuple[pd.DataFrame, float]:
    """A hidden cause of treatment and outcome; the whole effect runs through ``m``, and not along a line."""
    rng = np.random.default_rng(seed)
    u = rng.normal(size=rows)
    t = (rng.random(rows) < sigmoid(1.2 * u)).astype(int)
    m = 1.0 * t + rng.normal(size=rows)
    y = m + 0.5 * m**2 + 1.5 * u + rng.normal(size=rows)
    return pd.DataFrame({"t": t, "m": m, "y": y}), 1.0 + 0.5  # E[m + m²/2] moves by 1 + (1 + 1 - 1) / 2


def estimated(context: Context, graph: str) -> tuple[IdentifyResult, EstimateResult]:
    argued = identify(context, treatment="t", outcome="y")
    assert isinstance(argued, IdentifyResult)
    result = estimate(context, identification=argued)
    assert isinstance(result, EstimateResult)
    return argued, result


def main(result: EstimateResult) -> Estimate:
    return result.estimates[result.primary]


def test_the_front_door_is_used_where_no_controls_are_enough() -> None:
    argued = ask(known(DOOR))
    assert (found(argued).status, found(argued).strategy) == ("identified", "Front-Door")
    assert dict(found(argued).design)["mediators"] == "m"
    assert found(argued).controls.used == ()
    assert "m" not in {e.name for e in found(argued).controls.forbidden}
    assert any("t <-- u --> y" in a.why_not for a in found(argued).alternatives)
    assert {"full_mediation", "mediators_unconfounded"} <= {a.name for a in found(argued).assumptions}
    leak = ask(known("dag { u [latent] u -> t u -> y t -> m m -> y t -> y }"))
    assert found(leak).status == "not_identified"
    assert found(ask(known(DOOR), assume=True)).strategy == "Conditional Exogeneity"
    with pytest.raises(NotApplicable, match="ATE"):
        ask(known(DOOR), quantity="ATT")


def test_the_front_door_covers_the_truth() -> None:
    covered = 0
    for seed in range(DRAWS):
        frame, true = through_door(seed)
        e = main(estimated(case(frame, known(DOOR)), DOOR)[1])
        assert e.low is not None
        assert e.high is not None
        covered += e.low <= true <= e.high
    assert covered >= COVERED


def test_the_unadjusted_difference_is_far_off_and_the_checks_speak() -> None:
    frame, true = through_door(3, 3000)
    context = case(frame, known(DOOR))
    _, result = estimated(context, DOOR)
    raw = next(e for e in result.estimates if e.quantity == "association")
    assert raw.value is not None
    assert raw.value > true + 1
    tested = refute(context, estimate=result)
    assert isinstance(tested, RefuteResult)
    names = {c.name: c.status for c in tested.checks}
    assert names["mediators_moved"] == "pass"
    assert "mediator_overlap" in names
    assert tested.verdict is not None
    assert (tested.verdict.value, tested.fact("reason").value) == ("supported", "all_passed")
    assert "rests on someone's word" in str(tested.fact("word").value)  # such a graph implies nothing to test


def test_slopes_multiply_for_a_number() -> None:
    rng = np.random.default_rng(0)
    u, t = rng.normal(size=(2, 4000))
    t = t + u
    m = np.column_stack([0.5 * t, -1.0 * t]) + rng.normal(size=(4000, 2))
    y = 2.0 * m[:, 0] + 1.0 * m[:, 1] + 2 * u + rng.normal(size=4000)
    e = product_of_slopes(y, t, m, step=2.0)
    assert abs(e.value - 2 * (2.0 * 0.5 - 1.0)) < ERRORS * e.std_error
    assert e.std_error < 0.2


def napkin(seed: int, rows: int, values: int = 2) -> tuple[pd.DataFrame, float]:
    rng = np.random.default_rng(seed)
    u, v = rng.integers(0, 2, size=(2, rows))
    w = (rng.random(rows) < 0.2 + 0.3 * u + 0.3 * v).astype(int)
    r = (rng.random(rows) < 0.2 + 0.6 * w).astype(int)
    t = (rng.random(rows) < 0.15 + 0.4 * r + 0.3 * u).astype(int)
    y = (rng.random(rows) < 0.2 + 0.3 * t + 0.3 * v).astype(int)
    return pd.DataFrame({"w": w, "r": r, "t": t, "y": y}), 30.0


def test_the_napkin_is_estimated_from_shares() -> None:
    frame, true = napkin(0, 6000)
    argued, result = estimated(case(frame, known(NAPKIN)), NAPKIN)
    assert found(argued).strategy == "General Identification"
    assert "/" in dict(found(argued).design)["expression"]
    e = main(result)
    assert e.method == "plug_in"
    assert e.value is not None
    assert e.std_error is not None
    assert abs(e.value - true) < ERRORS * e.std_error
    assert e.std_error < 10
    assert e.unit == "percentage points"


def test_the_error_of_shares_is_that_of_the_jackknife() -> None:
    frame, _ = napkin(1, 6000)
    context = case(frame, known(NAPKIN))
    argued, result = estimated(context, NAPKIN)
    general, p, rows = through._general(context, found(argued))
    cells = through._cells(context, found(argued), p, rows)
    assert general.expression is not None
    held, without = [], []
    for place in np.argwhere(cells.counts > 0):
        fewer = cells.counts.copy()
        fewer[tuple(place)] -= 1
        held.append(cells.counts[tuple(place)])
        without.append(through._plug_in(general.expression, cells, fewer))
    n = float(sum(held))
    apart = (np.array(without) - np.average(without, weights=held)) ** 2
    error = float(np.sqrt((n - 1) / n * (np.array(held) * apart).sum()))
    assert main(result).std_error == pytest.approx(error, rel=BOOTSTRAPPED)


def test_an_expression_without_an_estimator_says_so() -> None:
    frame, _ = napkin(0, 500)
    frame["w"] = frame["w"] + np.random.default_rng(0).normal(size=500)
    context = case(frame, known(NAPKIN))
    argued = identify(context, treatment="t", outcome="y")
    assert isinstance(argued, IdentifyResult)
    assert found(argued).status == "identified"
    with pytest.raises(NotApplicable, match="identified by an expression, but w has 500 values"):
        estimate(context, identification=argued)
