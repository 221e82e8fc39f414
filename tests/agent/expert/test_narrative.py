"""What the expert writes: every kind of answer against the claim check, and single sentences."""

from __future__ import annotations

import json

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from causalcopilot.agent.expert import narrative
from causalcopilot.agent.expert.brief import QUESTION
from causalcopilot.agent.expert.state import State, read_state
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.question import Question
from causalcopilot.report.claims import find_faults, render, text_of
from tests.agent.histories import EFFECT, PAIR, history
from tests.agent.states import FACTS, NAMES, STATES, VALUES, made, stood


@pytest.mark.parametrize("state", STATES.values(), ids=STATES.keys())
def test_prose_holds_no_claim_without_a_source(state: State) -> None:
    text = narrative.write(state)
    assert find_faults(text, FACTS, NAMES) == ()
    assert text_of(render(text, FACTS, NAMES)).strip()


def test_an_estimate_is_never_told_where_the_effect_is_not_identified() -> None:
    text = narrative.write(stood("effect", made("t1", status="not_identified"), made("t2"), made("t3")))
    assert "{t2." not in text
    assert "{t1.verdict}" in text


def test_a_quantity_that_the_design_does_not_tell_is_said_to_be_another() -> None:
    done = (made("t1"), made("t2", quantity="LATE"), made("t3"))
    text = narrative.write(stood("effect", *done, quantity="ATT"))
    assert "The ATT was asked for; this design does not tell it." in text
    assert find_faults(text, FACTS, NAMES) == ()
    assert "asked for" not in narrative.write(stood("effect", *done))
    assert "asked for" not in narrative.write(stood("effect", made("t1"), made("t2"), quantity="ATE"))


def test_a_verdict_that_rests_on_a_word_alone_says_so_in_prose() -> None:
    alone = narrative.write(stood("effect", made("t1"), made("t2"), made("t3", word="None of them could.")))
    assert "are not counted. {t3.word}" in alone
    assert "{t3.word}" not in narrative.write(stood("effect", made("t1"), made("t2"), made("t3")))


def test_one_of_a_thing_is_told_in_the_singular() -> None:
    text = narrative.write(
        stood("effect", made("t1", controls=1, excluded=1), made("t2"), made("t3"), made("t4", edges=1))
    )
    assert "{t1.controls} control:" in text
    assert "{t1.excluded} column is left out, with its reason" in text
    assert "{t4.edges} edge)" in text


def test_a_stated_number_that_is_not_supported_is_not_said_to_carry_no_verdict() -> None:
    beside = narrative.write(stood("effect", made("t1"), made("t2"), made("t3")))
    assert "{t2.estimate.3.quantity} would need rows" in beside
    stated = narrative.write(
        stood("effect", made("t1"), made("t2", "estimate", **{"estimate.1.supported": False}), made("t3"))
    )
    assert "carries no verdict" not in stated
    assert "rests in part on a model" in stated


def test_a_corrected_p_value_says_so() -> None:
    several = stood("independence", made("t5", "independence", tests=2))
    assert "{t5.p_value} after correction for {t5.tests} tests" in narrative.write(several)
    assert "correction" not in narrative.write(stood("independence", made("t5", "independence", tests=1)))


@pytest.mark.parametrize(
    ("name", "told"),
    [("age", "`age` is such"), ("c", "Whether `c` is such"), ("d", "`d` is no such column in this graph")],
)
def test_a_candidate_is_spoken_of(name: str, told: str) -> None:
    read = made("t5", "structure", **{"possible.1": "c"})
    assert told in narrative.write(stood("mediator", read, columns=(name,)))


def test_prose_tells_which_level_is_counted() -> None:
    assert "is the value {t2.event}." in narrative.write(STATES["two levels"])
    assert "t2.event" not in narrative.write(STATES["effect"])


def test_prose_tells_what_was_assumed_away_and_what_was_forced() -> None:
    against, forced = (narrative.write(STATES[name]) for name in ("assumed against the graph", "forced"))
    assert "{t1.blocking_path}" in against
    assert "by request" in against
    assert "{t1.forced.1}" in forced
    assert "measured before the treatment" not in against + forced


def test_prose_is_only_about_the_question() -> None:
    """What a model looked at beside the question, and earlier turns that this one repeats, stay out."""
    aside = ("identify", {"treatment": "age", "outcome": "gain"}, VALUES["t1"])
    own = ("identify", PAIR, VALUES["t1"])
    state = read_state(history(EFFECT, own, ("estimate", {"identification": "t1"}, VALUES["t2"]), aside,
                               ("estimate", {"identification": "t3"}, VALUES["t2"])))  # fmt: skip
    text = narrative.write(state.for_narrative())
    assert "{t2.effect.with_unit}" in text
    assert "{t3." not in text
    assert "{t4." not in text


def test_an_earlier_turn_speaks_where_this_one_has_nothing() -> None:
    messages = history(
        EFFECT, ("identify", PAIR, VALUES["t1"]), ("estimate", {"identification": "t1"}, VALUES["t2"])
    )
    again = HumanMessage(json.dumps({"type": QUESTION, "v": 1, "question": EFFECT}))
    state = read_state([*messages, AIMessage("done"), again])
    assert state.done == ()
    assert "{t2.effect.with_unit}" in narrative.write(state.for_narrative())


def test_names_that_prose_cannot_hold_are_written_as_models_are_shown_them() -> None:
    asked = Question("effect", treatment="do`se {x}", outcome="b\u200b <i>")
    text = narrative.write(State(STATES["effect"].brief, asked, (made("t1"), made("t2"))))
    assert find_faults(text, FACTS, {"dose x", "b i"}) == ()


def test_a_split_with_uneven_weights_says_that_its_interval_is_too_narrow() -> None:
    beside = {"weights_leave": 0.7, "weights_coverage": 0.9, "indirect_by_regression": 0.6}
    uneven = narrative.write(
        stood("mediation", made("t1"), made("t2", "estimate", **beside), made("t3"), mediator="m")
    )
    assert "likely a little too narrow" in uneven
    told = uneven[uneven.index("The interval is likely") :].split("\n\n")[0]
    facts = {"t2": {k: Fact(k, v, k, low=0.1, high=1.0) for k, v in beside.items()}}
    assert find_faults(told, facts, NAMES) == ()
    assert "{t2.weights_leave}" in told
    assert "Regression gives {t2.indirect_by_regression} ({t2.indirect_by_regression.interval})" in uneven
    even = narrative.write(stood("mediation", made("t1"), made("t2"), made("t3"), mediator="m"))
    assert "too narrow" not in even
