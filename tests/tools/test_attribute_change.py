"""Which mechanism moved a mean, where it is known which one did."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.facts import Scalar
from causalcopilot.errors import NotApplicable
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.result import Result
from causalcopilot_tools.explain.attribute_change import attribute_change
from tests.tools.framed import case
from tests.tools.structural_world import GRAPH, LIFT, TO_Y, noise, shares, told, within, world

SHARE = 0.2  # four standard errors of a difference of means of noise one between two halves of 2000 rows


def changed(
    frame: pd.DataFrame, first: Scalar = 2023, second: Scalar = 2024, column: str = "period"
) -> Result:
    return attribute_change(case(frame), outcome="y", graph=GRAPH, column=column, first=first, second=second)


def test_the_mechanism_that_changed_gets_the_difference() -> None:
    found = changed(world(LIFT))
    parts = shares(found, "share")
    assert next(iter(parts)) == "m"
    half = len(noise()["c"]) // 2
    for name, share in parts.items():
        e = noise()[name]
        moved = TO_Y[name] * (e[half:].mean() - e[:half].mean()) + (LIFT if name == "m" else 0.0)
        assert share == pytest.approx(moved, abs=SHARE), name
    assert within(found, "rank.1.share", LIFT)
    assert sum(parts.values()) == pytest.approx(told(found, "difference"), abs=1e-6)
    assert told(found, "left") == pytest.approx(0.0, abs=1e-6)


def test_the_other_way_round_every_share_turns() -> None:
    there, back = changed(world(LIFT)), changed(world(LIFT), 2024, 2023)
    assert told(back, "difference") == pytest.approx(-told(there, "difference"))
    assert back.fact("rank.1").value == "m"
    assert told(back, "rank.1.share") < 0


def test_a_cause_that_tells_the_groups_apart_shows_in_what_it_changes() -> None:
    frame = world().assign(arm=(np.arange(2000) % 2))
    frame["y"] = frame["y"] + 2.0 * frame["arm"]
    graph = StoredGraph("g@1", from_dagitty("dag { c -> {t y}  t -> m -> y  arm -> y }"))
    found = attribute_change(case(frame), outcome="y", graph=graph, column="arm", first=0, second=1)
    assert found.fact("rank.1").value == "y"
    assert found.fact("rank.1.share").value == pytest.approx(2.0, abs=SHARE)
    assert any("arrows were taken out" in f for f in found.findings)


def test_periods_of_a_date_column() -> None:
    frame = world(LIFT)
    frame["day"] = pd.date_range("2023-01-01", periods=2000, freq="9h")
    found = changed(frame, 2023, 2024, "day")
    assert found.fact("rank.1").value == "m"
    assert found.fact("n.first").value == int((frame["day"].dt.year == 2023).sum())


@pytest.mark.parametrize(
    ("column", "first", "second", "words"),
    [
        ("period", 2023, 2030, "no complete row has period = 2030"),
        ("period", 2023, 2023, "same rows"),
        ("who", "A0001", "A0002", "who = A0001 has only 1 complete rows"),
        ("y", 1, 2, "outcome itself"),
    ],
)
def test_groups_that_are_none_are_refused(column: str, first: Scalar, second: Scalar, words: str) -> None:
    with pytest.raises(NotApplicable, match=words):
        changed(world(LIFT), first, second, column)
