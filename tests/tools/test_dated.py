"""When columns were recorded, by their names; and what follows for who is held."""

from __future__ import annotations

import pytest

from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.toolkit.result import IdentifyResult
from causalcopilot_tools.effects.dated import earlier_outcomes, given, too_late
from causalcopilot_tools.effects.identify import identify
from tests.tools.framed import case
from tests.tools.identifying import ask, found, frame, stored


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


def test_a_second_wave_of_several_columns() -> None:
    names = ("emp", "wage", "price", "emp2", "wage2", "price2", "state")
    assert earlier_outcomes(names, "emp2") == ("emp",)
    assert set(too_late(names, "state", "emp2")) == {"wage2", "price2"}
    assert earlier_outcomes(("emp", "emp2", "age"), "emp2") == ()


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


def test_a_plain_date_that_the_outcome_has_too_is_one_without_a_pair() -> None:
    names = ("arm", "sbp_baseline", "sbp_week12", "heart_rate_week12", "dose_week4", "unem78", "week")
    assert set(too_late(names, "arm", "sbp_week12")) == {"heart_rate_week12"}
    assert not too_late(("train", "unem78", "re78"), "train", "re78")  # a number alone may be anything


def test_a_name_may_say_what_it_comes_after() -> None:
    names = ("Exercise Program", "BMI after program", "hours after school", "Blood Pressure")
    assert set(too_late(names, "Exercise Program", "Blood Pressure")) == {"BMI after program"}


def test_what_nothing_that_is_done_to_a_person_changes() -> None:
    names = ("Age", "age_group", "is_female", "ageOfEntry", "sex", "race", "birth_year", "wage", "age_cl", "usage",
             "sex_ed_hours", "asthma")  # fmt: skip
    assert given(names) == ("Age", "age_group", "is_female", "ageOfEntry", "sex", "race", "birth_year")


@pytest.mark.parametrize("settled", [True, False])
def test_age_is_held_although_a_learned_graph_calls_it_an_effect(settled: bool) -> None:
    names = ("t", "y", "a", "age")
    edges = [Edge("t", "y"), Edge("a", "t", "tail", "arrow" if settled else "tail"), Edge("t", "age")]
    result = ask(data=frame(names), graph=stored(Graph("dag" if settled else "cpdag", names, tuple(edges))))
    assert "age" in found(result).controls.used
    assert any("age is held: by its name" in told for told in result.findings)
    assert "range.graph" not in {f.key for f in result.facts}
