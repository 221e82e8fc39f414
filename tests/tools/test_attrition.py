"""Outcomes missing more often in one arm: where the lowest treated rows drop out, a trial shows an effect of none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.estimate import Check
from causalcopilot.domain.question import Question
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.checks.attrition import missing_by_arm
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case
from tests.tools.refuting import built, draw, only


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


def instrumented(loss: float, continuous: bool) -> pd.DataFrame:
    """The outcome of those with a high instrument drops out at this share."""
    g = np.random.default_rng(3)
    z = g.normal(size=1500) if continuous else (g.random(1500) < 0.5).astype(float)
    u = g.normal(size=1500)
    t = z + u + g.normal(size=1500)
    high = z > np.median(z) if continuous else z == 1
    y = np.where(high & (g.random(1500) < loss), np.nan, t + u)
    return pd.DataFrame({"z": z, "t": t, "y": y})


def asked(frame: pd.DataFrame, **question: Any) -> Check:
    context = case(frame, None, Question("effect", treatment="t", outcome="y", **question))
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
