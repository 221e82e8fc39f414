"""Groups that a number makes, however the bound is said, in a question and after an answer; two at once are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causalcopilot.agent.language.bounds import bounded, is_bound, other_side
from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.agent.language.followup import follow
from causalcopilot.agent.language.intent import parse_question
from causalcopilot.agent.language.said import Said
from causalcopilot.domain.question import Question
from causalcopilot.errors import CcpError, UsageError
from tests.agent.language.test_followup import EFFECT, FOUND, KNOWLEDGE, PROFILE, labelled, numeric

AGED = replace(numeric("age", 44.0), minimum=18, maximum=90)
TABLE = replace(
    PROFILE,
    columns=(*(AGED if c.name == "age" else c for c in PROFILE.columns), labelled("Is Member", "No", "Yes")),
)
WORDS = Vocabulary.of(TABLE.names, KNOWLEDGE)
SAID = Said(EFFECT, TABLE, KNOWLEDGE, FOUND)


@pytest.mark.parametrize(
    ("words", "column", "bound"),
    [
        ("older than 50", "age", "above 50"), ("people over 50", "age", "above 50"), ("the over 50s", "age",
        "above 50"),
        ("those over the age of 50", "age", "above 50"), ("age > 50", "age", "above 50"), ("age is above 50",
        "age", "above 50"),
        ("people aged over 50", "age", "above 50"), ("people younger than 30", "age", "below 30"),
        ("under-30s", "age", "below 30"), ("age below 30", "age", "below 30"), ("aged 50 and over", "age", "from 50"),
        ("age of at least 50", "age", "from 50"), ("50 and older", "age", "from 50"), ("age >= 50", "age", "from 50"),
        ("age of at most 40", "age", "up to 40"), ("aged 40 or younger", "age", "up to 40"),
        ("people aged 30 to 50", "age", "from 30 to 50"), ("30 to 50 year olds", "age", "from 30 to 50"),
        ("age between 30 and 50", "age", "from 30 to 50"), ("customers with income over 30", "income", "above 30"),
        ("income of more than 30 euros", "income", "above 30"), ("ad spend under 2.5", "Ad Spend", "below 2.5"),
        ("income over 1,200,000", "income", "above 1200000"),
    ],
)  # fmt: skip
def test_a_bound_is_heard_however_it_is_said(words: str, column: str, bound: str) -> None:
    assert bounded(words, WORDS, TABLE, KNOWLEDGE) == (column, bound)
    assert is_bound(bound)


@pytest.mark.parametrize(
    "words",
    [
        "people",
        "age",
        "the north",
        "whales over 50",
        "sex above 0",
        "region over 3",
        "who buy more than 20 things",
        "50",
    ],
)
def test_other_words_are_no_bound(words: str) -> None:
    assert bounded(words, WORDS, TABLE, KNOWLEDGE) is None


@pytest.mark.parametrize("words", ["women over 50", "the north under 30", "women aged 30 to 50"])
def test_a_label_beside_a_bound_is_two_conditions(words: str) -> None:
    with pytest.raises(UsageError, match="two conditions") as e:
        bounded(words, WORDS, TABLE, KNOWLEDGE)
    assert "ask for one" in e.value.hint


def test_a_bound_that_no_row_meets_names_the_range() -> None:
    with pytest.raises(UsageError, match="no row has age above 500") as e:
        bounded("over 500", WORDS, TABLE, KNOWLEDGE)
    assert "from 18 to 90" in e.value.hint


def test_the_other_side_of_a_bound() -> None:
    assert other_side("above 50") == "up to 50"
    assert other_side("below 30") == "from 30"
    assert other_side("from 30 to 50") == ""


@pytest.mark.parametrize(
    "clause",
    [
        "for people over 50", "among those older than 50", "where age is above 50", "with age > 50", "for the over 50s",
        "in people aged over 50", "if age is over 50", "among customers who are older than 50",
    ],
)  # fmt: skip
def test_a_question_is_limited_by_a_bound(clause: str) -> None:
    for asked in (f"what is the effect of price on sales {clause}?", f"does price cut sales {clause}?"):
        q = parse_question(asked, TABLE, KNOWLEDGE)
        assert (q.kind, q.treatment, q.outcome) == ("subgroups", "price", "sales")
        assert q.among == ("age", "above 50")
    led = parse_question("for people over 50, does price cut sales?", TABLE, KNOWLEDGE)
    assert (led.among, led.expects) == (("age", "above 50"), -1)


def test_a_bound_stands_beside_controls_and_values() -> None:
    q = parse_question(
        "effect of price on sales from 5 to 8 for people under 40 given region", TABLE, KNOWLEDGE
    )
    assert (q.among, q.controls) == (("age", "below 40"), ("region",))
    assert q.contrast is not None
    assert (q.contrast.control, q.contrast.treated) == (5, 8)
    more = parse_question("does price cut sales more for people over 50?", TABLE, KNOWLEDGE)
    assert more.among == ("age", "above 50", "more")


@pytest.mark.parametrize(
    "asked",
    [
        "what is the effect of price on sales where sex is women and age is above 50?",
        "effect of price on sales where age is above 50 and region is north",
        "what is the effect of price on sales for women over 50?",
        "does price cut sales among people over 50 and with income under 20?",
    ],
)
def test_two_conditions_are_refused_and_one_is_offered(asked: str) -> None:
    with pytest.raises(UsageError, match="two conditions") as e:
        parse_question(asked, TABLE, KNOWLEDGE)
    assert "ask for one" in e.value.hint
    assert "open a table" in e.value.hint


@pytest.mark.parametrize(
    "asked",
    [
        "are price and sales independent among women?", "are price and sales independent for people over 50?",
        "what drives sales for women?", "is age a confounder of price and sales among women?",
    ],
)  # fmt: skip
def test_what_has_no_groups_is_not_answered_for_all_rows(asked: str) -> None:
    with pytest.raises(CcpError):
        parse_question(asked, TABLE, KNOWLEDGE)


def test_a_value_may_be_said_by_its_meaning() -> None:
    q = parse_question("what is the effect of price on sales where sex is women?", TABLE, KNOWLEDGE)
    assert q.among == ("sex", "1")


@pytest.mark.parametrize(
    ("sentence", "bound"),
    [
        ("only for the over 50s", "above 50"), ("what about people over 50?", "above 50"),
        ("and for the over 50s?", "above 50"),
        ("only age > 50", "above 50"), ("restrict to patients under 30", "below 30"),
        ("only customers older than 40", "above 40"),
        ("focus on those aged 30 to 50", "from 30 to 50"), ("exclude people over 65", "up to 65"),
        ("without the over 50s", "up to 50"), ("and where age is at least 60?", "from 60"),
        ("in people under 40 only", "below 40"),
    ],
)  # fmt: skip
def test_after_an_effect_a_bound_makes_the_group(sentence: str, bound: str) -> None:
    found = follow(sentence, SAID)
    assert found is not None
    assert found.question.among == ("age", bound)
    assert (found.question.kind, found.question.modifiers) == ("subgroups", ("age",))
    assert f"where age is {bound}" in found.read_as


def test_a_number_without_a_column_names_what_to_say() -> None:
    bare = replace(TABLE, columns=tuple(c for c in TABLE.columns if c.name != "age"))
    with pytest.raises(UsageError) as e:
        follow("only for people over 50", replace(SAID, profile=bare))
    assert "only COLUMN above 50" in e.value.hint


def test_a_bound_after_another_kind_of_question_is_no_group() -> None:
    test = Said(Question("independence", treatment="income", outcome="sales"), TABLE, KNOWLEDGE)
    with pytest.raises(UsageError):
        follow("only for people over 50", test)
