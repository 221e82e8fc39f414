"""Outcomes missing more often in one arm: where the lowest treated rows drop out, a trial shows an effect of none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.question import Question
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.checks.attrition import _chance, missing_by_arm
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case
from tests.tools.refuting import built, draw, only

VILLAGE_DRAWS, VILLAGE_LEVEL, VILLAGE_SLACK = 300, 0.05, 0.038
"""Draws of a trial by village, the level looked at, and three simulation errors of it."""
Array = NDArray[np.float64]
Curve = Callable[[Array], NDArray[np.floating[Any]]]


def dropping(treated: float, control: float, seed: int = 1) -> pd.DataFrame:
    """The lowest outcomes drop out, at these shares of each arm."""
    data = draw(seed, rows=1000, effect=0.0)
    rank = data.groupby("t")["y"].rank(pct=True)
    lost = rank < np.where(data["t"] == 1, treated, control)
    return data.assign(y=data["y"].mask(lost))


@pytest.mark.parametrize(
    ("treated", "control", "status"),
    [(0.17, 0.0, "fail"), (0.04, 0.0, "warn"), (0.10, 0.10, "pass"), (0.0, 0.0, "pass")],
)
def test_shares_of_both_arms_are_compared(treated: float, control: float, status: str) -> None:
    check = only(missing_by_arm(built(dropping(treated, control))))
    assert check.status == status
    assert check.statistic == pytest.approx(abs(treated - control), abs=0.005)  # ranks are of whole rows
    if status != "pass":
        assert "of the rows with t = 1 and in 0.0% of those with 0" in check.detail


def by_village(treated: float, seed: int, villages: int = 40, size: int = 20) -> pd.DataFrame:
    """A trial by village in which whole villages do not answer, this share more of the treated ones."""
    g = np.random.default_rng(seed)
    village = np.repeat(np.arange(villages), size)
    t = g.permutation(villages) < villages // 2
    silent = g.random(villages) < 0.2 + treated * t
    y = np.where(silent[village], np.nan, g.normal(size=len(village)))
    return pd.DataFrame({"village": village, "t": t[village].astype(int), "y": y})


def test_villages_that_do_not_answer_are_counted_by_village() -> None:
    """By rows, twenty silent neighbours are twenty pieces of evidence: the level is lost tenfold."""
    frames = [by_village(0.0, seed) for seed in range(VILLAGE_DRAWS)]
    lost = [(f, f["t"].to_numpy(dtype=float), f["y"].isna().to_numpy()) for f in frames]
    by_rows = np.mean([_chance(t, m, None) < VILLAGE_LEVEL for _, t, m in lost])
    counted = np.mean([_chance(t, m, f["village"]) < VILLAGE_LEVEL for f, t, m in lost])
    assert by_rows > 5 * VILLAGE_LEVEL
    assert counted < VILLAGE_LEVEL + VILLAGE_SLACK
    assert _chance(*_arrays(by_village(0.6, 1))) < thresholds.ARM_LOSS_LEVEL


def _arrays(frame: pd.DataFrame) -> tuple[Array, NDArray[np.bool_], pd.Series]:
    return frame["t"].to_numpy(dtype=float), frame["y"].isna().to_numpy(), frame["village"]


def test_the_check_reads_the_cluster_from_the_knowledge() -> None:
    frame = by_village(0.0, 3).assign(x=0.0)
    frame["x"] = np.random.default_rng(0).normal(size=len(frame))
    found = [asked(frame.drop(columns="village")), asked(frame, known(village="cluster"))]
    assert found[0].statistic == found[1].statistic
    assert found[0].p_value is not None
    assert found[1].p_value is not None
    assert found[0].p_value < found[1].p_value


def instrumented(loss: float, continuous: bool) -> pd.DataFrame:
    """The outcome of those with a high instrument drops out at this share."""
    g = np.random.default_rng(3)
    z = g.normal(size=1500) if continuous else (g.random(1500) < 0.5).astype(float)
    u = g.normal(size=1500)
    t = z + u + g.normal(size=1500)
    high = z > np.median(z) if continuous else z == 1
    y = np.where(high & (g.random(1500) < loss), np.nan, t + u)
    return pd.DataFrame({"z": z, "t": t, "y": y})


def known(**roles: Any) -> Knowledge:
    return Knowledge(columns=tuple(ColumnKnowledge(n, role=r) for n, r in roles.items()), origin="file")


def asked(frame: pd.DataFrame, knowledge: Knowledge | None = None, **question: Any) -> Check:
    context = case(frame, knowledge, Question("effect", treatment="t", outcome="y", **question))
    found = identify(context, treatment="t", outcome="y")
    assert isinstance(found, IdentifyResult)
    made = estimate(context, identification=found)
    assert isinstance(made, EstimateResult)
    tried = refute(context, estimate=made)
    assert isinstance(tried, RefuteResult)
    return only(tuple(c for c in tried.checks if c.name == "missing_by_arm"))


@pytest.mark.parametrize("continuous", [False, True])
@pytest.mark.parametrize(("loss", "status"), [(0.15, "fail"), (0.0, "pass")])
def test_an_instrument_that_drives_outcomes_out_is_told(continuous: bool, loss: float, status: str) -> None:
    check = asked(instrumented(loss, continuous), instrument="z")
    assert check.status == status
    assert check.statistic == pytest.approx(loss, abs=0.03)


def at_a_cutoff(lost: Curve, seed: int = 5, rows: int = 2000) -> pd.DataFrame:
    """A jump of 0.5 at zero; the outcome drops out with chances that follow the running variable."""
    g = np.random.default_rng(seed)
    x = 2 * g.beta(2, 3, rows) - 1
    y = 0.4 + 0.8 * x + 0.5 * (x >= 0) + 0.3 * g.normal(size=rows)
    return pd.DataFrame(
        {"x": x, "t": (x >= 0).astype(int), "y": np.where(g.random(rows) < lost(x), np.nan, y)}
    )


@pytest.mark.parametrize(
    ("lost", "status"),
    [
        (lambda x: 0.4 * (x >= 0), "fail"),
        (lambda x: 0.3 * (x < 0), "fail"),
        (lambda x: 0.3 - 0.3 * x, "pass"),  # twice as many far below as far above, and alike at the cutoff
        (lambda x: 0.5 * (x < -0.6), "pass"),  # none near enough to be compared
        (lambda x: 0.0 * x, "pass"),
    ],
)
def test_outcomes_that_drop_out_on_one_side_of_a_cutoff_are_told(lost: Curve, status: str) -> None:
    check = asked(at_a_cutoff(lost), running="x", cutoff=0.0)
    assert (check.status, check.can_lower_verdict) == (status, True)
    assert check.threshold == thresholds.ARM_LOSS_FAIL
    if status == "fail":
        assert check.statistic == pytest.approx(float(np.ptp(lost(np.array([-1e-9, 1e-9])))), abs=0.1)
        assert check.p_value is not None
        assert check.p_value < thresholds.ARM_LOSS_LEVEL
        assert "on the treated side of the cutoff" in check.detail


def test_a_cutoff_that_turns_around_has_its_treated_side_below() -> None:
    frame = at_a_cutoff(lambda x: 0.4 * (x >= 0)).assign(t=lambda d: 1 - d["t"])
    check = asked(frame, running="x", cutoff=0.0)
    assert check.status == "fail"
    assert "in 0.0% of the rows within the bandwidth on the treated side" in check.detail


def test_a_jump_in_missing_outcomes_is_counted_by_cluster_and_weighed() -> None:
    """Whole sites do not answer, more of them above: by rows that is far beyond chance, by sites it is not."""
    frame = at_a_cutoff(lambda x: 0.0 * x)
    g = np.random.default_rng(8)
    frame["site"] = g.integers(0, 30, len(frame)) + 30 * frame["t"]
    silent = np.r_[g.permutation(30)[:2], 30 + g.permutation(30)[:8]]
    frame["y"] = frame["y"].mask(frame["site"].isin(silent))
    by_row = asked(frame.drop(columns="site"), running="x", cutoff=0.0)
    by_site = asked(frame, known(site="cluster"), running="x", cutoff=0.0)
    assert by_row.p_value is not None
    assert by_site.p_value is not None
    assert by_row.p_value < thresholds.ARM_LOSS_LEVEL < by_site.p_value
    weighed = asked(
        frame.assign(w=np.where(frame["site"].isin(silent), 0.2, 1.0)),
        known(w="weight"),
        running="x",
        cutoff=0.0,
    )
    assert weighed.statistic is not None
    assert by_row.statistic is not None
    assert weighed.statistic < 0.5 * by_row.statistic


def test_a_jump_in_missing_outcomes_lowers_the_verdict_and_says_what_to_do() -> None:
    frame = at_a_cutoff(lambda x: 0.4 * (x >= 0))
    context = case(frame, None, Question("effect", treatment="t", outcome="y", running="x", cutoff=0.0))
    made = estimate(context, identification=identify(context, treatment="t", outcome="y"))
    tried = refute(context, estimate=made)
    assert isinstance(tried, RefuteResult)
    assert tried.verdict is not None
    assert tried.verdict.value == "fragile"
    codes = [tried.fact("reason").value, *(f.value for f in tried.facts if f.key.startswith("also."))]
    assert "attrition_differs" in codes
    assert only(tuple(c for c in tried.checks if c.name == "density")).status == "pass"  # nobody chose a side


@pytest.mark.parametrize(
    ("lost", "status"),
    [
        (lambda t, level: 0.3 * (t > level), "fail"),
        (lambda t, level: 0.4 * (level > 0), "pass"),  # some units answer less, whatever their treatment is
        (lambda t, level: 0.0 * t, "pass"),
    ],
)
def test_units_that_do_not_answer_while_treated_are_told(lost: Any, status: str) -> None:
    g = np.random.default_rng(6)
    unit, time = (a.ravel() for a in np.meshgrid(range(80), range(6), indexing="ij"))
    level = g.normal(size=80)[unit]
    t = level + g.normal(size=480)
    y = np.where(g.random(480) < lost(t, level), np.nan, t + 2 * level + g.normal(size=480))
    frame = pd.DataFrame({"unit": unit, "time": time, "t": t, "y": y, "area": unit // 2})
    for knowledge in (None, known(area="cluster")):
        check = asked(frame, knowledge, unit="unit", time="time", design="panel")
        assert check.status == status
    if status == "fail":
        assert "within unit" in check.detail


def test_a_split_at_a_mediator_compares_the_arms() -> None:
    data = dropping(0.2, 0.0)
    data["m"] = data["t"] + np.random.default_rng(7).normal(size=len(data))
    assert asked(data, mediator="m", controls=()).status == "fail"


@pytest.mark.parametrize(("loss", "status"), [(0.3, "fail"), (0.0, "pass")])
def test_adopters_that_leave_the_panel_are_told(loss: float, status: str) -> None:
    """Half of the 60 units adopt in the fourth of six periods, and then leave at this chance: half their periods."""
    g = np.random.default_rng(4)
    unit, time = (a.ravel() for a in np.meshgrid(range(60), range(6), indexing="ij"))
    on = (unit < 30) & (time >= 3)
    y = on + g.normal(size=360) + g.normal(size=60)[unit]
    frame = pd.DataFrame({"unit": unit, "time": time, "t": on.astype(int), "y": y})
    frame["y"] = frame["y"].mask(on & (g.random(360) < loss))
    check = asked(frame, unit="unit", time="time", design="did")
    assert check.status == status
    assert check.statistic == pytest.approx(loss / 2, abs=0.05)
