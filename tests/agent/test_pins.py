"""Pins: the expert hands them on as they stand, and says in the answer what they made of the graph."""

from __future__ import annotations

import pytest

from causalcopilot.agent.expert.state import Done
from causalcopilot.agent.pins import learned_with
from causalcopilot.agent.plan import Plan
from tests.agent.histories import EFFECT, PAIR, PROFILE, chosen

PINS = {"method": "pc", "test": "fisher_z", "alpha": 0.05}


@pytest.mark.parametrize("kind", ["direct_cause", "confounder", "drivers", "graph"])
def test_a_graph_is_learned_as_pinned(kind: str) -> None:
    done = [PROFILE] if kind == "graph" else []
    tool, given = chosen({"kind": kind, **PAIR}, *done, pins=PINS)[0]
    assert tool == "discover"
    assert {k: given[k] for k in PINS} == PINS


def test_so_is_the_graph_behind_an_effect() -> None:
    tool, given = chosen(EFFECT, PROFILE, pins={**PINS, "domain": "age"})[0]
    assert tool == "discover"
    assert {k: given[k] for k in (*PINS, "domain")} == {**PINS, "domain": "age"}


def test_without_pins_the_rule_table_chooses() -> None:
    _, given = chosen({"kind": "direct_cause", **PAIR})[0]
    assert given["method"] == "auto"
    assert not {"test", "alpha", "domain"} & set(given)


def test_a_test_of_independence_takes_its_test_and_level() -> None:
    tool, given = chosen({"kind": "independence", **PAIR}, pins={"test": "mv_fisher_z", "alpha": 0.1})[0]
    assert (tool, given["test"], given["alpha"]) == ("independence", "fisher_z", 0.1)


def test_a_plan_has_no_pins_unless_told() -> None:
    assert not Plan("ask").pins


def test_the_answer_names_what_the_search_worked_with() -> None:
    tested = Done("t1", "discover", {}, True, {"method": "pc", "test": "kci", "alpha": {"value": 0.01}})
    assert learned_with(tested) == "{t1.method} (test {t1.test}, level {t1.alpha})"
    scored = Done("t1", "discover", {}, True, {"method": "boss", "score": "bic"})
    assert learned_with(scored) == "{t1.method} (score {t1.score})"
    assert learned_with(Done("t1", "discover", {}, True, {"method": "x"})) == "{t1.method}"
