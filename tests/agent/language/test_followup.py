"""Short sentences after an answer: each becomes a full question, a question about the answer, or an error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from causalcopilot.agent.language.estimators import OFFERED, method_named
from causalcopilot.agent.language.followup import follow
from causalcopilot.agent.language.levels import level_named
from causalcopilot.agent.language.said import Followup, Said
from causalcopilot.domain.identification import Controls, Identification
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge, QuestionDefaults
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import ColumnNotFound, UsageError


def numeric(name: str, mean: float) -> ColumnProfile:
    return ColumnProfile(name, "continuous", "number", 0, 90, mean=mean)


def labelled(name: str, *labels: str) -> ColumnProfile:
    kind: Any = "binary" if len(labels) == 2 else "nominal"
    return ColumnProfile(name, kind, "text", 0, len(labels), levels=tuple((n, 50) for n in labels))


PROFILE = Profile(
    "shop",
    "sha256:0",
    100,
    (
        numeric("price", 10.0),
        numeric("sales", 200.0),
        numeric("age", 44.0),
        numeric("Ad Spend", 3.0),
        labelled("sex", "0", "1"),
        labelled("region", "north", "south", "west"),
        numeric("income", 30.0),
    ),
)
KNOWLEDGE = Knowledge(
    (ColumnKnowledge("sex", "0 male, 1 female"), ColumnKnowledge("income", "yearly income"))
)
EFFECT = Question(
    "effect", text="does price cut sales?", treatment="price", outcome="sales", closed=True, expects=-1
)
FOUND = Identification(
    "identified",
    "Conditional Exogeneity",
    "ATE",
    "all",
    ("price",),
    ("sales",),
    "continuous",
    Contrast(9, 11),
    Controls(("region",), ("income",)),
)
AFTER_EFFECT = Said(EFFECT, PROFILE, KNOWLEDGE, FOUND)
TEST = Question("independence", treatment="income", outcome="sales", given=("region",), closed=True)
AFTER_TEST = Said(TEST, PROFILE, KNOWLEDGE)


def read(sentence: str, said: Said = AFTER_EFFECT) -> Followup:
    found = follow(sentence, said)
    assert found is not None, sentence
    return found


HELD = (
    "and given age?", "And given age", "given age?", "now controlling for age", "and adjusting for age?",
    "what about holding age fixed?", "with age held fixed", "and if we control for age?", "same, but given age",
    "can you also adjust for age?", "ok, and conditional on age?", "keeping age constant",
)  # fmt: skip


@pytest.mark.parametrize("sentence", HELD)
def test_one_more_column_held_fixed(sentence: str) -> None:
    assert read(sentence).question.controls == ("region", "income", "age")
    assert read(sentence, AFTER_TEST).question.given == ("region", "age")
    assert read(sentence).question.text == sentence


def test_several_columns_and_names_with_spaces() -> None:
    assert read("and given age and ad spend?").question.controls == ("region", "income", "age", "Ad Spend")
    assert read("and given age, sex and Ad Spend?", AFTER_TEST).question.given == (
        "region",
        "age",
        "sex",
        "Ad Spend",
    )


def test_what_is_held_already_changes_nothing_but_is_said() -> None:
    found = read("and given region?")
    assert replace(found.question, text=EFFECT.text) == EFFECT
    assert "held fixed already" in found.read_as


@pytest.mark.parametrize(
    "sentence",
    [
        "now without region", "without region?", "and without region", "drop region", "leave out region",
        "excluding region, please", "what about without region?", "not adjusting for region", "now ignoring region",
        "don't control for region",
    ],
)  # fmt: skip
def test_one_column_less(sentence: str) -> None:
    assert read(sentence).question.controls == ("income",)
    assert read(sentence, AFTER_TEST).question.given == ()


def test_a_graph_loses_a_column() -> None:
    drawn = Said(Question("graph"), PROFILE, KNOWLEDGE, nodes=("age", "sales", "price"))
    assert read("now without price", drawn).question.columns == ("age", "sales")


@pytest.mark.parametrize(
    ("sentence", "column", "value", "start"),
    [
        ("what if price were 5?", "price", 5, 9),
        ("What if price was 5", "price", 5, 9),
        ("and if price were set to 5?", "price", 5, 9),
        ("what if we set price to 5?", "price", 5, 9),
        ("what would happen if price were 5.5?", "price", 5.5, 9),
        ("suppose price is 5", "price", 5, 9),
        ("set price to 5", "price", 5, 9),
        ("price = 5", "price", 5, 9),
        ("what if price=5?", "price", 5, 9),
        ("what if age were 50?", "age", 50, 44),
        ("what if ad spend went to 4 euros?", "Ad Spend", 4, 3),
        ("what if sex were 1?", "sex", 1, 0),
        ("and if region was south", "region", "south", "north"),
    ],
)
def test_what_if(sentence: str, column: str, value: Any, start: Any) -> None:
    question = read(sentence).question
    assert (question.kind, question.treatment, question.outcome) == ("effect", column, "sales")
    assert question.contrast == Contrast(start, value)
    assert not question.closed


@pytest.mark.parametrize(
    ("sentence", "error", "said"),
    [
        ("what if sales were 5?", UsageError, "is the outcome"),
        ("what if region were east?", UsageError, "has no value 'east'"),
        ("what if price were cheap?", UsageError, "is a number"),
        ("what if weather were 5?", ColumnNotFound, "no column matches 'weather'"),
        ("and given weather?", ColumnNotFound, "no column matches 'weather'"),
        ("and given sales?", UsageError, "cannot be held fixed"),
        ("now without age", UsageError, "'age' was not in use"),
        ("what about age?", UsageError, "could be a cause, an outcome or held fixed"),
        ("and age?", UsageError, "could be a cause, an outcome or held fixed"),
    ],
)
def test_what_cannot_be_is_an_error_and_no_guess(sentence: str, error: type[UsageError], said: str) -> None:
    with pytest.raises(error, match=said):
        follow(sentence, AFTER_EFFECT)


@pytest.mark.parametrize(
    "sentence",
    ["and for women?", "for women only", "women?", "what about women?", "among females", "and in women?"],
)
def test_a_group_by_the_meaning_of_a_column(sentence: str) -> None:
    found = read(sentence)
    assert found.question.modifiers == ("sex",)
    assert "sex = 1" in found.read_as


def test_groups_by_label_and_by_column() -> None:
    assert read("and in the north?").question.modifiers == ("region",)
    assert read("by region").question.modifiers == ("region",)
    assert level_named("the moon", PROFILE, KNOWLEDGE) is None
    assert level_named("men", PROFILE, KNOWLEDGE) == ("sex", "0")


@pytest.mark.parametrize(
    ("sentence", "expects"),
    [
        ("does it also affect income?", 0),
        ("and does that change income too?", 0),
        ("would it raise income?", 1),
        ("does this really lower income as well?", -1),
    ],
)
def test_it_stands_for_the_cause(sentence: str, expects: int) -> None:
    question = read(sentence).question
    assert (question.treatment, question.outcome, question.closed) == ("price", "income", True)
    assert question.expects == expects


def test_a_what_if_needs_no_question_before_it_where_the_outcome_is_known() -> None:
    known = replace(KNOWLEDGE, question=QuestionDefaults(outcome="sales"))
    question = read("what if price were 5?", Said(Question(), PROFILE, known)).question
    assert (question.treatment, question.outcome, question.contrast) == ("price", "sales", Contrast(10, 5))
    drawn = Said(Question("graph"), PROFILE, known)
    assert read("what if price were 5?", drawn).question.outcome == "sales"
    assert follow("what if price were 5?", Said(Question(), PROFILE, KNOWLEDGE)) is None
    for sentence in ("and given age?", "without region", "why?", "women?", "what about age?"):
        assert follow(sentence, Said(Question(), PROFILE, known)) is None


def test_other_ends_of_the_question() -> None:
    assert read("and on income?").question.outcome == "income"
    assert read("what about the effect on income instead?").question.outcome == "income"
    assert read("and of age?").question.treatment == "age"
    assert read("from 8 to 12 instead").question.contrast == Contrast(8, 12)
    turned = read("and the other way round?").question
    assert (turned.treatment, turned.outcome, turned.expects) == ("sales", "price", 0)
    assert read("vice versa").question.treatment == "sales"


ABOUT = {
    "why": (
        "why?", "Why is that?", "how come?", "but why", "explain", "explain that please", "how do you know?",
        "what makes you say so?", "based on what?", "where does that come from?", "what is your evidence?",
        "why do you say that?", "how did you get it?", "justify that", "what's the reason?",
    ),
    "controls": (
        "what did you adjust for?", "What did you control for", "which controls did you use?", "which controls?",
        "what was held fixed?", "what are the controls?", "adjusted for what?", "which variables did you condition on?",
        "what have you adjusted for?", "what was it adjusted for?", "did you adjust for anything?", "list the controls",
    ),
    "confidence": (
        "how sure are you?", "how certain is that?", "are you sure?", "how confident are you about that?",
        "can I trust that?", "can we rely on it?", "what is the uncertainty?", "what's the confidence interval?",
        "how reliable is this?", "is that certain?", "how much can I trust it?", "and the interval?",
    ),
    "robust": (
        "is it robust?", "how robust is that?", "does it hold up?", "would it survive?", "what could break it?",
        "is the result stable?", "which checks did you run?", "what about unmeasured confounders?",
        "is that sensitive to hidden bias?", "did it pass the checks?", "refute it", "sensitivity analysis",
    ),
    "insist": (
        "no, it raises sales", "you are wrong", "you're wrong!", "I don't believe that", "that can't be right",
        "but I know that price raises sales", "just say yes", "everyone knows it has no effect",
        "I'm sure it does not matter", "it is obvious that it helps", "admit that it is no effect",
        "that is nonsense", "my boss says it works", "but it doesn't",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("aspect", "sentence"), [(a, s) for a, rows in ABOUT.items() for s in rows])
def test_questions_about_the_answer(aspect: str, sentence: str) -> None:
    found = read(sentence)
    assert found.question.aspect == aspect
    assert replace(found.question, text=EFFECT.text, aspect="") == EFFECT


@pytest.mark.parametrize(
    "sentence",
    [
        "show the graph", "Show me the graph.", "draw the graph", "which graph did you use?", "can I see the graph?",
        "what does the graph look like?", "the graph, please", "draw it",
    ],
)  # fmt: skip
def test_showing_the_graph(sentence: str) -> None:
    assert read(sentence).graph


@pytest.mark.parametrize(
    "sentence",
    [
        "does age cause sales?", "what is the effect of age on sales?", "Are age and sex independent given income?",
        "draw the causal graph of age, sex and sales", "what drives sales?", "why did sales drop?", "hello",
        "is age a confounder of price and sales?", "how much does age increase sales?", "sing me a song",
        "what should I adjust for to get the effect of age on sales?",
        "what happens to sales when age goes from 40 to 50?", "what if it rained?",
    ],
)  # fmt: skip
def test_a_full_question_is_no_follow_up(sentence: str) -> None:
    assert follow(sentence, AFTER_EFFECT) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "use income as the instrument",
        "now try income as an instrument instead",
        "with income as an instrumental variable?",
        "could you use Income as its instrument?",
        "is income a good instrument for that?",
        "would income be a valid instrument?",
        "can income serve as an instrument here?",
        "instrument it with income",
        "the instrument is income",
    ],
)
def test_an_instrument_turns_the_last_effect_into_another_design(sentence: str) -> None:
    found = follow(sentence, AFTER_EFFECT)
    assert found is not None
    asked = found.question
    assert (asked.instrument, asked.treatment, asked.outcome) == ("income", "price", "sales")
    assert "income as the instrument" in found.read_as


def test_cause_and_outcome_are_no_instruments() -> None:
    with pytest.raises(UsageError, match="no instrument"):
        follow("use price as the instrument", AFTER_EFFECT)
    with pytest.raises(ColumnNotFound, match="weather"):
        follow("use the weather as the instrument", AFTER_EFFECT)


@pytest.mark.parametrize(
    "sentence",
    [
        "what if everybody had 5 units of income?",
        "suppose they all had 5 income",
        "imagine people got 5 of income",
    ],
)
def test_a_value_that_everybody_had(sentence: str) -> None:
    found = follow(sentence, AFTER_EFFECT)
    assert found is not None
    assert found.question.treatment == "income"
    assert found.question.contrast is not None
    assert found.question.contrast.treated == 5


@pytest.mark.parametrize(("words", "level"), [("member", "1"), ("members", "1"), ("member customers", "1")])
def test_a_column_of_noughts_and_ones_names_its_ones(words: str, level: str) -> None:
    member = ColumnProfile("member", "binary", "number", 0, 2, minimum=0, maximum=1)
    coded = ColumnProfile("grade", "binary", "number", 0, 2, minimum=1, maximum=2)
    profile = replace(PROFILE, columns=(*PROFILE.columns, member, coded))
    assert level_named(words, profile, KNOWLEDGE) == ("member", level)
    assert level_named("grade", profile, KNOWLEDGE) is None


def test_what_would_change_your_mind_asks_how_robust_it_is() -> None:
    found = follow("what would change your mind?", AFTER_EFFECT)
    assert found is not None
    assert found.question.aspect == "robust"


def test_an_instrument_leaves_an_estimator_by_adjustment_and_a_group_behind() -> None:
    """What was chosen for a comparison of rows that are alike does not go with an instrument."""
    chosen = replace(
        EFFECT, method="matching", design="adjustment", quantity="ATT", modifiers=("sex",), among=("sex", "1")
    )
    found = follow("use income as the instrument", replace(AFTER_EFFECT, question=chosen))
    assert found is not None
    asked = found.question
    assert (asked.instrument, asked.method, asked.design, asked.quantity) == ("income", "auto", "auto", None)
    assert (asked.modifiers, asked.among) == ((), ())


def test_the_estimators_on_offer_are_all_understood() -> None:
    offered = [words.removeprefix("use ") for words in OFFERED.split(", ")]
    assert "double machine learning" in offered
    assert all(method_named(words) for words in offered)
