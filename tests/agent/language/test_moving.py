"""After an answer a cause is moved from where it is: multiplied or added to, in every row or in the one in question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causalcopilot.agent.language.followup import follow
from causalcopilot.agent.language.said import Said
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import UsageError
from tests.agent.language.test_followup import AFTER_EFFECT, EFFECT, KNOWLEDGE, PROFILE, read

OF_ROW = Said(
    Question("counterfactual", treatment="price", outcome="sales", contrast=Contrast(None, 5), row=12),
    PROFILE,
    KNOWLEDGE,
)


@pytest.mark.parametrize(
    ("sentence", "column", "factor"),
    [
        ("what if we doubled price?", "price", 2.0), ("what if price were doubled?", "price", 2.0),
        ("and if income doubled?", "income", 2.0), ("double income", "income", 2.0),
        ("what if income were 10% higher?", "income", 1.1),
        ("what if price were 10 percent lower?", "price", 0.9), ("what if price were halved?", "price", 0.5),
        ("and halving ad spend?", "Ad Spend", 0.5), ("suppose price were twice as high", "price", 2.0),
        ("what if it were doubled?", "price", 2.0), ("and doubled?", "price", 2.0), ("and half as much?", "price", 0.5),
        ("what if price tripled?", "price", 3.0), ("what if we raised income by 20 %?", "income", 1.2),
        ("and 10% more?", "price", 1.1),
    ],
)  # fmt: skip
def test_a_cause_is_multiplied(sentence: str, column: str, factor: float) -> None:
    found = read(sentence)
    q = found.question
    assert (q.kind, q.treatment, q.outcome) == ("what_if", column, "sales")
    assert q.factor == pytest.approx(factor)
    assert (q.shift, q.contrast) == (None, None)
    assert f"{column} × {factor:g} in every row" in found.read_as


@pytest.mark.parametrize(
    ("sentence", "column", "shift"),
    [
        ("what if price were two units more?", "price", 2.0), ("what if price were 3 lower?", "price", -3.0),
        ("what if price rose by 5?", "price", 5.0), ("suppose age were ten years higher", "age", 10.0),
        ("what if age were a year higher?", "age", 1.0), ("and if income fell by 4?", "income", -4.0),
        ("what if it were five euros lower?", "price", -5.0), ("and 5 more?", "price", 5.0), ("and two less?",
        "price", -2.0),
    ],
)  # fmt: skip
def test_a_cause_is_added_to(sentence: str, column: str, shift: float) -> None:
    q = read(sentence).question
    assert (q.kind, q.treatment, q.outcome, q.shift) == ("what_if", column, "sales", shift)


def test_it_is_the_last_cause_where_it_is_set() -> None:
    q = read("what if it were 5?").question
    assert (q.kind, q.treatment, q.contrast) == ("effect", "price", Contrast(9, 5))


def test_one_row_stays_one_row() -> None:
    found = read("what if price were doubled?", OF_ROW)
    assert (found.question.kind, found.question.row, found.question.factor) == ("counterfactual", 12, 2.0)
    assert "in row 12" in found.read_as


@pytest.mark.parametrize(
    "sentence", ["what if price increased?", "what if we raised price?", "what if income were lower?"]
)
def test_a_move_without_an_amount_is_asked_for_one(sentence: str) -> None:
    with pytest.raises(UsageError, match="by how much") as e:
        follow(sentence, AFTER_EFFECT)
    assert "were doubled" in e.value.hint


def test_what_is_no_amount_is_not_multiplied() -> None:
    with pytest.raises(UsageError, match="no amount"):
        follow("what if sex were doubled?", AFTER_EFFECT)
    with pytest.raises(UsageError, match="is the outcome"):
        follow("what if sales were doubled?", AFTER_EFFECT)
    of_sex = replace(AFTER_EFFECT, question=replace(EFFECT, treatment="sex"))
    with pytest.raises(UsageError, match="sex is no amount"):
        follow("and doubled?", of_sex)
