"""Several columns set together: how it is asked, what is done to them, and what is refused with a way to ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causalcopilot.agent.language.followup import follow
from causalcopilot.agent.language.intent import parse_question
from causalcopilot.agent.language.said import Said
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import CcpError, UsageError
from causalcopilot.report.asked import whole

NUMBERS, SWITCHES = ("price", "ad spend", "sales", "age", "temp"), ("promo", "coupon")
LEVELS = (("0", 150), ("1", 150))
PROFILE = Profile(
    "s.csv",
    "sha256:0",
    300,
    (
        *(ColumnProfile(n, "continuous", "number", 0, 90, mean=20.0, median=20.0) for n in NUMBERS),
        *(
            ColumnProfile(n, "binary", "number", 0, 2, mean=0.5, minimum=0, maximum=1, levels=LEVELS)
            for n in SWITCHES
        ),
        *(
            ColumnProfile(n, "binary", "text", 0, 2, levels=(("no", 150), ("yes", 150)))
            for n in ("train", "pill")
        ),
        ColumnProfile("region", "nominal", "text", 0, 2, levels=(("north", 150), ("south", 150))),
    ),
)


def asked(text: str) -> Question:
    return parse_question(text, PROFILE, Knowledge())


@pytest.mark.parametrize(
    "text",
    [
        "What is the joint effect of price and ad spend on sales?",
        "what is the effect of price and ad spend together on sales?",
        "combined effect of price and ad spend on sales",
        "effect on sales of price and ad spend together",
        "how much do price and ad spend together change sales?",
        "What do price and ad spend jointly do to sales?",
        "what is the effect of changing both price and ad spend on sales?",
        "what is the effect of raising price and ad spend at the same time on sales?",
        "what is the effect of price combined with ad spend on sales?",
        "How large is the combined impact of price and ad spend on sales?",
        "what is the effect of price and ad spend, taken together, on sales?",
        "If we increase price and ad spend, how much does sales change?",
        "joint effect of price and ad spend on sales, clustered by region",
    ],
)
def test_it_is_asked_in_many_ways(text: str) -> None:
    q = asked(text)
    assert (q.kind, q.treatment, q.together, q.outcome) == ("joint", "price", ("ad spend",), "sales")
    assert (q.contrast, q.shift, q.closed) == (None, None, False)
    assert q.cluster == ("region" if "clustered" in text else None)


@pytest.mark.parametrize(
    ("text", "contrast", "shift"),
    [
        ("what would happen to sales if price and ad spend were both raised by one unit?", None, 1.0),
        ("what happens to sales if we raise both price and ad spend by 2?", None, 2.0),
        ("what happens to sales if price and ad spend are both lowered by 3?", None, -3.0),
        ("how would sales change if price and ad spend were each 2 units higher?", None, 2.0),
        ("how much would sales go up if we increased price and ad spend by 1 each?", None, 1.0),
        (
            "if price and ad spend both went from 10 to 12, what would happen to sales?",
            Contrast(10, 12),
            None,
        ),
        ("what would happen to sales if promo and coupon were both set to 1?", Contrast(None, 1), None),
        ("how much would sales change if promo and coupon were both switched on?", Contrast(0, 1), None),
        ("How does setting both promo and coupon to 1 affect sales?", Contrast(None, 1), None),
        ("what happens to sales if promo is 1 and coupon is 1?", Contrast(None, 1), None),
        ("what happens to sales if promo and coupon are both switched off?", Contrast(1, 0), None),
        ("what happens to sales if train and pill are both switched on?", None, None),
        ("what happens to sales if train and pill both go from yes to no?", Contrast("yes", "no"), None),
    ],
)
def test_what_is_done_to_all_of_them(text: str, contrast: Contrast | None, shift: float | None) -> None:
    q = asked(text)
    assert q.kind == "joint"
    assert len(q.together) == 1
    assert (q.contrast, q.shift) == (contrast, shift)


def test_three_columns_controls_and_a_direction_are_read() -> None:
    assert asked("what is the effect of price, ad spend and temp together on sales?").together == (
        "ad spend",
        "temp",
    )
    assert asked("joint effect of price and ad spend on sales controlling for age").controls == ("age",)
    closed = asked("Do price and ad spend together raise sales?")
    assert (closed.closed, closed.expects) == (True, 1)
    assert asked("do promo and coupon jointly reduce sales?").expects == -1


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("what is the effect of price and ad spend on sales?", "price and ad spend together on sales"),
        ("do price and ad spend both affect sales?", "one by one"),
        ("what would sales be if price and ad spend were both set to 5?", "both go from"),
        ("what happens to sales if price and ad spend were set to 5?", "both went from"),
        ("what happens to sales if price and ad spend were doubled?", "raised by 2"),
        ("what happens to sales if price is 5 and ad spend is 7?", "both went from"),
        ("what would happen to sales if we raised price and lowered ad spend?", "ask for each"),
        ("what happens to sales if price and ad spend are both lowered?", "lowered by 2"),
        ("what happens to sales if train and pill are both switched off?", "from yes to no"),
        ("what is the joint effect of price and sales on sales?", "another outcome"),
        ("what is the joint effect of price and ad spend on sales where region is north?", "all rows"),
    ],
)
def test_what_is_not_said_or_not_told_is_refused_with_a_way_to_ask(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        asked(text)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "what happens to sales if we raise price by 2 and ad spend by 3?",
        "what is the effect of price and ad spend jointly on sales from 10 to 12?",
        "what is the joint effect of price and banana on sales?",
        "what is the median joint effect of price and ad spend on sales?",
    ],
)
def test_no_word_is_passed_over(text: str) -> None:
    with pytest.raises(CcpError):
        asked(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("does the effect of price on sales depend on ad spend?", "subgroups"),
        ("are price and ad spend independent?", "independence"),
        ("what would sales be if price were 5?", "what_if"),
        ("effect of raising price by 2 on sales", "effect"),
        ("what happens to sales if price goes from 10 to 12?", "effect"),
    ],
)
def test_other_questions_stay_what_they_are(text: str, kind: str) -> None:
    assert asked(text).kind == kind


def test_the_suggested_questions_are_understood() -> None:
    assert asked("what is the effect of price and ad spend together on sales?").kind == "joint"
    assert asked("what happens to sales if price and ad spend both go from 0 to 1?").contrast == Contrast(
        0, 1
    )
    assert asked("what happens to sales if price and ad spend both went from 1 to 5?").contrast == Contrast(
        1, 5
    )
    assert asked("what is the effect of price on sales?").kind == "effect"


# --- after an answer ---------------------------------------------------------------------------------------------

EFFECT = Question("effect", treatment="price", outcome="sales", closed=True, expects=1)
JOINT = Question("joint", treatment="price", together=("ad spend",), outcome="sales")


def said(question: Question) -> Said:
    return Said(question, PROFILE)


@pytest.mark.parametrize(
    "text",
    ["and together with ad spend?", "together with ad spend", "what about together with ad spend?",
     "what if we set it together with ad spend?", "and jointly with ad spend?"],
)  # fmt: skip
def test_others_are_set_with_the_last_cause(text: str) -> None:
    found = follow(text, said(EFFECT))
    assert found is not None
    assert (found.question.kind, found.question.together) == ("joint", ("ad spend",))
    assert found.question.closed
    more = follow("and together with temp?", said(JOINT))
    assert more is not None
    assert more.question.together == ("ad spend", "temp")
    assert more.read_as == "effect of price, ad spend and temp together on sales"


def test_a_joint_question_is_changed_or_not() -> None:
    held = follow("given age", said(JOINT))
    assert held is not None
    assert (held.question.kind, held.question.controls) == ("joint", ("age",))
    other = follow("and on temp?", said(JOINT))
    assert other is not None
    assert (other.question.outcome, other.question.together) == ("temp", ("ad spend",))
    for text in ("the other way round", "and together with price?", "given ad spend", "and of temp?"):
        with pytest.raises(UsageError):
            follow(text, said(JOINT))


@pytest.mark.parametrize(
    "question",
    [
        JOINT,
        replace(JOINT, shift=2.0),
        replace(JOINT, shift=-2.0, controls=("age",)),
        replace(JOINT, contrast=Contrast(1, 3)),
        replace(JOINT, treatment="promo", together=("coupon",), contrast=Contrast(None, 1)),
        replace(JOINT, together=("ad spend", "temp")),
    ],
)
def test_a_turn_of_a_chat_is_asked_again_in_one_sentence(question: Question) -> None:
    again = asked(whole(question))
    assert replace(again, text="", passed=()) == question
