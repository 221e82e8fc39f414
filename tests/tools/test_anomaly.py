"""Root causes of one odd row, where it is known whose noise made it odd."""

from __future__ import annotations

import pandas as pd
import pytest

from causalcopilot.errors import NotApplicable
from causalcopilot_tools.explain.anomaly import anomaly
from tests.tools.framed import case
from tests.tools.structural_world import GRAPH, JUMP, ODD, TO_Y, noise, shares, told, within, world

SHARE = (
    0.5  # four standard errors of a slope (0.04 with the jump of 8 it multiplies), plus those of the means
)


def test_the_share_belongs_to_where_the_deviation_came_in() -> None:
    found = anomaly(case(world()), outcome="y", graph=GRAPH, row=ODD + 1)
    parts = shares(found, "share")
    assert next(iter(parts)) == "t"  # m and y are as far out, and only hand it on
    for name, share in parts.items():
        truth = TO_Y[name] * (noise()[name][ODD] - noise()[name].mean())
        assert share == pytest.approx(truth, abs=SHARE), name
    assert within(found, "rank.1.share", 0.8 * JUMP)
    assert sum(parts.values()) == pytest.approx(told(found, "deviation"), abs=1e-6)
    assert found.fact("rank.1.sure").value == "yes"
    assert found.fact("rank.1.oddness").value == 0.0
    assert (found.fact("side").value, found.fact("unusual").value) == ("high", "yes")


def test_a_row_that_is_nothing_unusual_is_said_to_be_so() -> None:
    frame = world()
    usual = int((frame["y"] - frame["y"].mean()).abs().argmin())
    found = anomaly(case(frame), outcome="y", graph=GRAPH, row=usual + 1)
    assert found.fact("unusual").value == "no"
    assert any("not unusual" in f for f in found.findings)


def test_the_frame_stays_and_the_same_seed_gives_the_same_answer() -> None:
    frame = world()
    before = frame.copy()
    one, two = (anomaly(case(frame, seed=4), outcome="y", graph=GRAPH, row=9) for _ in range(2))
    pd.testing.assert_frame_equal(frame, before)
    assert one == two


def test_what_has_no_deviation_or_no_cause_is_refused() -> None:
    frame = world().assign(won=lambda f: (f["t"] > 0).astype(int))
    with pytest.raises(NotApplicable, match="c has no cause"):
        anomaly(case(frame), outcome="c", graph=GRAPH, row=1)
    assert anomaly.private
