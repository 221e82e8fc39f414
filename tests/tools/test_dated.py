"""When columns were recorded, by their names; and what follows for who is held."""

from __future__ import annotations

from causalcopilot.graph.graph import Graph
from causalcopilot.toolkit.result import IdentifyResult
from causalcopilot_tools.effects.dated import earlier_outcomes, too_late
from causalcopilot_tools.effects.identify import identify
from tests.tools.identifying import case, frame, stored


def test_years_phases_and_waves() -> None:
    names = ("re74", "re75", "re78", "unem78", "unem74", "age")
    assert earlier_outcomes(names, "re78") == ("re74", "re75")
    assert set(too_late(names, "train", "re78")) == {"unem78"}
    assert earlier_outcomes(("score_pre", "score_post"), "score_post") == ("score_pre",)
    assert earlier_outcomes(("baseline_score", "score"), "score") == ("baseline_score",)
    assert earlier_outcomes(("pain_w1", "pain_w2", "pain_w3"), "pain_w2") == ("pain_w1",)
    assert set(too_late(("pain_w1", "pain_w2", "pain_w3"), "drug", "pain_w2")) == {"pain_w3"}


def test_two_thousands_come_after_the_nineties() -> None:
    assert earlier_outcomes(("pay98", "pay02"), "pay02") == ("pay98",)
    assert earlier_outcomes(("pay1998", "pay2002"), "pay2002") == ("pay1998",)


def test_a_number_behind_a_single_name_is_no_date() -> None:
    names = ("math10", "sci11", "sl55", "region12", "y")
    assert earlier_outcomes(names, "math10") == ()
    assert not too_late(names, "sl55", "math10")


def test_columns_of_the_treatments_own_time_may_be_held() -> None:
    names = ("open85", "open90", "speed85", "speed90", "death85", "death90")
    assert not too_late(names, "open90", "death90")
    assert set(too_late(names, "open85", "death90")) == {"open90", "speed90"}


def test_an_earlier_outcome_is_held_though_a_learned_graph_does_not_ask_for_it() -> None:
    data = frame().rename(columns={"a": "y96", "b": "m98", "c": "m96", "y": "y98"})
    learned = Graph.from_arrows("dag", ("t", "y98", "m98"), [("t", "y98"), ("m98", "t"), ("m98", "y98")])
    result = identify(case(data), treatment="t", outcome="y98", graph=stored(learned))
    assert isinstance(result, IdentifyResult)
    assert result.identification is not None
    held = result.identification.controls.used
    assert "y96" in held
    assert "m98" not in held
    assert any("y96 is held" in f for f in result.findings)
