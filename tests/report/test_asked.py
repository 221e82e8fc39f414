"""A chat's question as one sentence: reading it again gives the same question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causalcopilot.agent.language.intent import parse_question
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.domain.run import RunRecord
from causalcopilot.report.again import command_line
from causalcopilot.report.asked import whole
from tests.agent.language.test_bounds import TABLE
from tests.agent.language.test_followup import KNOWLEDGE

PAIR = Question(treatment="price", outcome="sales")
GROUP = replace(PAIR, kind="subgroups", modifiers=("sex",), among=("sex", "1"))


@pytest.mark.parametrize(
    "question",
    [
        replace(PAIR, kind="what_if", contrast=Contrast(None, 5)),
        replace(PAIR, kind="what_if", contrast=Contrast(None, 5.25)),
        replace(PAIR, kind="what_if", treatment="region", contrast=Contrast(None, "north")),
        replace(PAIR, kind="what_if", shift=2.0),
        replace(PAIR, kind="what_if", shift=-2.5),
        replace(PAIR, kind="what_if", factor=2.0),
        replace(PAIR, kind="what_if", treatment="Ad Spend", factor=1.1),
        replace(PAIR, kind="counterfactual", contrast=Contrast(None, 5), row=12),
        replace(PAIR, kind="counterfactual", factor=0.5, row=3),
        replace(PAIR, kind="independence", given=("age", "Ad Spend"), closed=True),
        replace(PAIR, kind="independence", negated=True, closed=True),
        replace(PAIR, kind="independence", negated=True, given=("age",)),
        replace(PAIR, kind="confounder", columns=("age",), closed=True),
        replace(PAIR, kind="direct_cause", closed=True),
        Question("drivers", outcome="sales"),
        Question("graph", columns=("age", "price", "Ad Spend")),
        GROUP,
        replace(
            GROUP,
            modifiers=("age",),
            among=("age", "above 50"),
            contrast=Contrast(5, 8),
            controls=("region",),
        ),
        replace(GROUP, quantity="ATT"),
        replace(PAIR, kind="subgroups"),
    ],
)
def test_a_question_is_read_again_as_it_was(question: Question) -> None:
    text = whole(question)
    assert replace(parse_question(text, TABLE, KNOWLEDGE), text="") == question, text


def turn(question: Question) -> RunRecord:
    return RunRecord("r1", "chat", question, "shop.csv", "h", 1, 1)


def test_a_turn_that_leans_on_others_is_asked_for_in_full() -> None:
    doubled = replace(PAIR, kind="what_if", factor=2.0, text="and doubled?")
    assert command_line(turn(doubled)) == (
        "ccp ask shop.csv 'What would sales be if price were 2 times as high?' --seed 0"
    )
    women = replace(GROUP, text="and for women?")
    assert command_line(turn(women)) == (
        "ccp ask shop.csv 'What is the effect of price on sales where sex is 1?' --by sex --seed 0"
    )
    by = replace(GROUP, among=(), text="by sex")
    assert command_line(turn(by)) == "ccp estimate shop.csv -t price -y sales --by sex --seed 0"
    related = replace(PAIR, kind="independence", negated=True, text="how are they related?")
    assert "'How are price and sales related?'" in command_line(turn(related))
