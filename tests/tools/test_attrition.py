"""Outcomes missing more often in one arm: where the lowest treated rows drop out, a trial shows an effect of none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot_tools.refutation.checks.attrition import missing_by_arm
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
