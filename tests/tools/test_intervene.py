"""What an outcome would be if a cause were set, on a linear world with known truth."""

from __future__ import annotations

import numpy as np
import pytest

from causalcopilot.errors import NotApplicable
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.stored import StoredGraph
from causalcopilot_tools.explain.intervene import intervene
from tests.tools.framed import case
from tests.tools.structural_world import GRAPH, told, within, world

MEANS = 0.2  # four standard errors of the mean of y: sd 2.1 on 2000 rows
SLOPES = 0.12  # four standard errors of the product of two slopes of noise one on 2000 rows


def test_a_cause_set_to_a_value_moves_what_it_causes_and_nothing_else() -> None:
    found = intervene(case(world()), cause="t", outcome="y", graph=GRAPH, value=1.0)
    assert told(found, "mean") == pytest.approx(0.8, abs=MEANS)  # E[y | do(t = 1)], all else centred at zero
    assert within(found, "mean", 0.8)
    gap = told(found, "mean") - told(found, "observed")
    assert told(found, "difference") == pytest.approx(gap, abs=1e-9)
    assert found.fact("extrapolated").value == "no"
    assert found.fact("graph.origin").value == "given"


def test_a_shift_adds_the_total_effect_times_its_size() -> None:
    found = intervene(case(world()), cause="t", outcome="y", graph=GRAPH, shift=-0.5)
    assert told(found, "difference") == pytest.approx(-0.4, abs=SLOPES)
    assert within(found, "difference", -0.4)
    confounder = intervene(case(world()), cause="c", outcome="y", graph=GRAPH, shift=1.0)
    assert confounder.fact("difference").value == pytest.approx(0.5 + 0.7 * 0.8, abs=SLOPES)


def test_a_setting_that_no_row_has_is_told_as_an_extrapolation() -> None:
    found = intervene(case(world()), cause="t", outcome="y", graph=GRAPH, value=40)
    assert found.fact("extrapolated").value == "yes"
    assert any("extrapolation" in f for f in found.findings)


def test_a_share_of_rows_and_a_label() -> None:
    rng = np.random.default_rng(0)
    frame = world().assign(arm=rng.choice(["a", "b", "c"], 2000))
    frame["won"] = np.where(rng.uniform(size=2000) < np.where(frame["arm"] == "b", 0.7, 0.2), "yes", "no")
    graph = StoredGraph("g@1", from_dagitty("dag { arm -> won }"), op="discovered")
    found = intervene(case(frame), cause="arm", outcome="won", graph=graph, value="b")
    assert found.fact("event").value == "yes"
    assert found.fact("graph.origin").value == "learned"
    assert found.fact("mean").value == pytest.approx(
        0.7, abs=0.08
    )  # four standard errors on 660 rows, 2000 draws
    with pytest.raises(NotApplicable, match="arm has no value 'd'"):
        intervene(case(frame), cause="arm", outcome="won", graph=graph, value="d")
    with pytest.raises(NotApplicable, match="cannot be shifted"):
        intervene(case(frame), cause="arm", outcome="won", graph=graph, shift=1.0)


def test_a_multiple_moves_every_row_by_its_own_amount() -> None:
    """Where t lies around 5, twice of it adds 5 on average, and with it 0.8 times as much to y."""
    frame = world()
    frame["t"] += 5 - frame["t"].min() + 1
    found = intervene(case(frame), cause="t", outcome="y", graph=GRAPH, factor=1.1)
    assert found.fact("setting").value == "t × 1.1"
    added = 0.1 * float(frame["t"].mean())
    assert told(found, "difference") == pytest.approx(0.8 * added, abs=SLOPES * added)
    same = intervene(case(frame), cause="t", outcome="y", graph=GRAPH, factor=1.0)
    assert told(same, "difference") == pytest.approx(0.0, abs=1e-9)


def test_what_cannot_be_supposed_is_said() -> None:
    with pytest.raises(NotApplicable, match="values below zero"):
        intervene(case(world()), cause="t", outcome="y", graph=GRAPH, factor=2.0)

    with pytest.raises(NotApplicable, match="d is no cause of y"):
        intervene(case(world()), cause="d", outcome="y", graph=GRAPH, value=1.0)
    with pytest.raises(NotApplicable, match="one of the value to set"):
        intervene(case(world()), cause="t", outcome="y", graph=GRAPH)
    with pytest.raises(NotApplicable, match="t is a number"):
        intervene(case(world()), cause="t", outcome="y", graph=GRAPH, value="high")
