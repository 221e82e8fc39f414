"""Questions to a structural model, the way people ask them."""

from __future__ import annotations

import pytest

from causalcopilot.agent.language.followup import follow
from causalcopilot.agent.language.intent import parse_question
from causalcopilot.agent.language.said import Said
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import CcpError, ColumnNotFound, UsageError

NUMBERS = ("price", "units", "y", "x", "sales", "sales_drop", "age")
PROFILE = Profile(
    "table.csv",
    "sha256:0",
    100,
    (
        *(ColumnProfile(n, "continuous", "number", 0, 50, mean=20.0) for n in NUMBERS),
        ColumnProfile("year", "count", "number", 0, 5, mean=2022.0, minimum=2020, maximum=2024),
        ColumnProfile("region", "nominal", "text", 0, 3, levels=(("north", 40), ("south", 30), ("west", 30))),
        ColumnProfile("order_id", "identifier", "text", 0, 100),
        ColumnProfile("arm", "binary", "text", 0, 2, levels=(("yes", 50), ("no", 50))),
    ),
)


def read(text: str, profile: Profile = PROFILE) -> Question:
    return parse_question(text, profile, Knowledge())


@pytest.mark.parametrize(
    "text",
    [
        "What would units be if price were 5?",
        "what would the average of units be if we set price to 5?",
        "If price were 5, what would units be?",
        "what if price were 5: units?",
        "what if we set price to 5, what would units be?",
        "What is the mean of units under do(price = 5)?",
        "E[units | do(price=5)]",
        "what is units under do(price = 5)?",
        "predict units if price were set to 5",
        "How high would units be if price had been 5?",
        "What value of units would we see if price were fixed at 5?",
        "Had price been 5, what would units have been?",
    ],
)
def test_what_if(text: str) -> None:
    q = read(text)
    assert (q.kind, q.treatment, q.outcome, q.contrast) == ("what_if", "price", "units", Contrast(None, 5))
    assert q.row is None


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ("what would units be if price rose by 3?", 3.0),
        ("What would units be if price were 2 lower?", -2.0),
        ("What would units be if we raised price by 2.5?", 2.5),
        ("what would units be if price fell by 4?", -4.0),
        ("if we cut price by 2, what would units be?", -2.0),
    ],
)
def test_a_shift(text: str, shift: float) -> None:
    q = read(text)
    assert (q.kind, q.treatment, q.outcome, q.contrast, q.shift) == ("what_if", "price", "units", None, shift)


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("what would units be if price were doubled?", 2.0), ("what would units be if we doubled price?", 2.0),
        ("what would units be if price doubled?", 2.0), ("What would units be if price were twice as high?", 2.0),
        ("what would units be if price were twice what it is?", 2.0),
        ("what would units be if price were halved?", 0.5),
        ("what would units be if we cut price in half?", 0.5), ("what would units be if price were half as high?", 0.5),
        ("what would units be if price were three times as high?", 3.0),
        ("if price tripled, what would units be?", 3.0),
        ("what would units be if price were 10 % higher?", 1.1), ("what would units be if price were 10% lower?", 0.9),
        ("what would units be if we raised price by 10%?", 1.1),
        ("what would units be if price fell by 20 percent?", 0.8),
        ("what would happen to units if price were 10 percent higher?", 1.1),
        ("what would happen to units if price doubled?", 2.0),
    ],
)  # fmt: skip
def test_a_multiple(text: str, factor: float) -> None:
    q = read(text)
    assert (q.kind, q.treatment, q.outcome) == ("what_if", "price", "units")
    assert q.factor == pytest.approx(factor)
    assert (q.contrast, q.shift) == (None, None)


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ("what would units be if price were two units higher?", 2.0),
        ("what would units be if price were five euros lower?", -5.0),
        ("what would units be if price were a unit higher?", 1.0),
        ("what would units be if we raised price by two?", 2.0),
    ],
)  # fmt: skip
def test_amounts_in_words(text: str, shift: float) -> None:
    assert (read(text).kind, read(text).shift) == ("what_if", shift)


@pytest.mark.parametrize(
    "text",
    [
        "what would units have been in row 12 if price had been 5?",
        "What would units be if price were 5 for row 12?",
        "what if price were 5 for row 12, what would units be?",
        "For row 12, what would units be if price were 5?",
        "what would row 12's units be if price were 5?",
        "Had price been 5, what would units have been in row 12?",
        "If price had been 5, what would units have been in record 12?",
        "what would units of observation 12 have been if price had been set to 5?",
    ],
)
def test_one_row_otherwise(text: str) -> None:
    q = read(text)
    assert (q.kind, q.treatment, q.outcome) == ("counterfactual", "price", "units")
    assert (q.contrast, q.row, q.row_column) == (Contrast(None, 5), 12, None)


def test_a_row_named_by_a_value() -> None:
    q = read("what would units have been for order_id = A12 if arm had been yes?")
    assert (q.kind, q.row, q.row_column, q.contrast) == (
        "counterfactual", "A12", "order_id", Contrast(None, "yes"),
    )  # fmt: skip
    q = read("why was units so low for order_id = 'A-7'?")
    assert (q.kind, q.row, q.row_column) == ("anomaly", "A-7", "order_id")


@pytest.mark.parametrize(
    ("text", "expects"),
    [
        ("why was units so high in row 17?", 1),
        ("Why is units so low in row 17?", -1),
        ("In row 17, why is units so high?", 1),
        ("Why is row 17's units so high?", 1),
        ("what caused the spike of units in row 17?", 1),
        ("what explains the anomaly in units in row 17?", 0),
        ("root causes of the outlier of units in row 17", 0),
        ("why did units drop in row 17?", -1),
        ("explain units in row 17", 0),
        ("what made units so low in row 17?", -1),
        ("what is behind the high units in row 17?", 1),
    ],
)
def test_one_odd_row(text: str, expects: int) -> None:
    q = read(text)
    assert (q.kind, q.outcome, q.row, q.row_column) == ("anomaly", "units", 17, None)
    assert q.expects == expects


@pytest.mark.parametrize(
    ("text", "column", "first", "second", "expects"),
    [
        ("Why did sales drop between 2023 and 2024?", "year", 2023, 2024, -1),
        ("why did sales change from 2023 to 2024?", "year", 2023, 2024, 0),
        ("Why did sales fall between year 2023 and year 2024?", "year", 2023, 2024, -1),
        ("what explains the change in sales between 2022 and 2023?", "year", 2022, 2023, 0),
        ("why is sales higher in north than in south?", "region", "south", "north", 1),
        ("Why does sales differ between region north and south?", "region", "north", "south", 0),
        ("what caused the rise in sales from 2023 to 2024?", "year", 2023, 2024, 1),
        ("attribute the change in sales between north and south", "region", "north", "south", 0),
        ("what drove the difference in sales between north and south in region?", "region", "north", "south", 0),
        ("which mechanisms made sales fall between 2021 and 2022?", "year", 2021, 2022, -1),
        ("why was sales lower in 2024 than in 2023?", "year", 2023, 2024, -1),
        ("why did sales_drop change between 2023 and 2024?", "year", 2023, 2024, 0),
    ],
)  # fmt: skip
def test_a_change(text: str, column: str, first: object, second: object, expects: int) -> None:
    q = read(text)
    outcome = "sales_drop" if "sales_drop" in text else "sales"
    assert (q.kind, q.outcome, q.given) == ("change", outcome, (column,))
    assert q.contrast == Contrast(first, second)  # type: ignore[arg-type]
    assert q.expects == expects


@pytest.mark.parametrize(
    "text",
    [
        "how strong are the arrows into units?",
        "how strong are the direct causes of units?",
        "what are the strongest direct causes of units?",
        "arrow strengths of units",
        "which direct cause of units is strongest?",
        "Which parent of units matters most?",
        "What is the strength of the arrows into units?",
        "rank the direct causes of units by strength",
    ],
)
def test_arrows(text: str) -> None:
    q = read(text)
    assert (q.kind, q.outcome) == ("arrows", "units")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("What happens to units if price goes from 10 to 12.5?", "effect"),
        ("What happens to units if price goes up?", "effect"),
        ("If price were 5 instead of 3, what would happen to units?", "effect"),
        ("How would units change if price rose by 2?", "effect"),
        ("What would units be if price went from 3 to 5?", "effect"),
        ("why did sales drop?", "drivers"),
        ("What drives units?", "drivers"),
        ("What are the causes of units?", "drivers"),
        ("Which mechanisms change between regions?", "domains"),
        ("explain units", "unclear"),
    ],
)
def test_other_questions_stay_what_they_are(text: str, kind: str) -> None:
    assert read(text).kind == kind


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("what would units be if prcie were 5?", ColumnNotFound, "prcie"),
        ("why was salse so high in row 3?", ColumnNotFound, "salse"),
        ("what would units be if units were 5?", UsageError, "cannot be both"),
        ("why did sales drop between 1990 and 1991?", UsageError, "1990 and 1991"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_a_way_out(text: str, error: type[CcpError], words: str) -> None:
    with pytest.raises(error, match=words) as told:
        read(text)
    assert told.value.hint


def test_values_of_several_columns_are_asked_about() -> None:
    again = ColumnProfile("office", "nominal", "text", 0, 2, levels=(("north", 50), ("south", 50)))
    with pytest.raises(UsageError, match="'region' or 'office'") as told:
        read("why does sales differ between north and south?", Profile("t", "", 9, (*PROFILE.columns, again)))
    assert "name the column" in told.value.hint


def test_short_sentences_after_an_answer_from_a_model() -> None:
    supposed = Said(read("what would units be if price were 5?"), PROFILE)
    again = follow("and if price were 7?", supposed)
    assert again is not None
    assert (again.question.kind, again.question.contrast) == ("what_if", Contrast(None, 7))
    other = follow("what if age = 30?", supposed)
    assert other is not None
    assert (other.question.kind, other.question.treatment) == ("what_if", "age")
    one = follow("and for row 12?", supposed)
    assert one is not None
    assert (one.question.kind, one.question.row, one.question.contrast) == (
        "counterfactual", 12, Contrast(None, 5),
    )  # fmt: skip
    odd = follow("and in row 3?", Said(read("why was units so high in row 17?"), PROFILE))
    assert odd is not None
    assert (odd.question.kind, odd.question.row, odd.question.expects) == ("anomaly", 3, 0)
    with pytest.raises(UsageError, match="row 3"):
        follow("and in row 3?", Said(read("what drives units?"), PROFILE))
