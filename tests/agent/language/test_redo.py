"""The last effect done another way, told for other rows, or asked about in short: at least eight wordings of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causalcopilot.agent.language.estimators import METHODS, method_named
from causalcopilot.agent.language.followup import asks_about, follow
from causalcopilot.agent.language.said import Said
from causalcopilot.domain.question import Question
from causalcopilot.errors import CcpError, UsageError
from tests.agent.language.test_followup import (
    AFTER_EFFECT,
    AFTER_TEST,
    EFFECT,
    KNOWLEDGE,
    PROFILE,
    labelled,
    numeric,
    read,
)

TABLE = replace(
    PROFILE,
    columns=(
        *PROFILE.columns,
        labelled("Is Member", "No", "Yes"),
        labelled("smoker", "0", "1"),
        numeric("Profit (EUR)", 3.0),
    ),
)
SAID = replace(AFTER_EFFECT, profile=TABLE)
DRIVERS = Said(Question("drivers", outcome="sales"), TABLE, KNOWLEDGE)
OF_NORTH = replace(
    SAID, question=replace(EFFECT, kind="subgroups", modifiers=("region",), among=("region", "north"))
)


@pytest.mark.parametrize(
    ("sentence", "method"),
    [
        ("use matching instead", "matching"), ("try matching", "matching"), ("and with IPW?", "ipw"),
        ("re-run it with TMLE", "tmle"), ("estimate it by regression", "regression"), ("now by OLS", "regression"),
        ("what does entropy balancing say?", "entropy_balancing"),
        ("can you do it with propensity score matching?", "matching"),
        ("switch to double machine learning please", "linear_dml"),
        ("what about a causal forest?", "causal_forest_dml"),
        ("use the doubly robust estimator", "aipw"), ("same with inverse probability weighting", "ipw"),
        ("matching instead", "matching"), ("using the x-learner", "x_learner"),
    ],
)  # fmt: skip
def test_another_estimator(sentence: str, method: str) -> None:
    assert read(sentence, SAID).question == replace(EFFECT, method=method, text=sentence)
    assert method in read(sentence, SAID).read_as
    assert "for all rows" in read(sentence, OF_NORTH).read_as
    assert read(sentence, OF_NORTH).question.among == ()


def test_every_estimator_answers_to_its_own_name() -> None:
    assert [method_named(name) for name, _ in METHODS] == [name for name, _ in METHODS]


@pytest.mark.parametrize(
    "sentence",
    [
        "use a lasso", "try random forests", "use a bayesian model", "run a t-test", "with xgboost",
        "use the magic estimator",
        "try difference-in-differences", "use 2sls", "switch to synthetic control", "use logistic regression",
    ],
)  # fmt: skip
def test_an_estimator_that_is_not_offered_is_an_error_with_those_that_are(sentence: str) -> None:
    with pytest.raises(UsageError) as e:
        follow(sentence, SAID)
    assert "use matching" in e.value.hint or "ask the whole question" in e.value.hint


@pytest.mark.parametrize(
    ("sentence", "quantity"),
    [
        ("give me the ATT", "ATT"), ("and the ATT?", "ATT"), ("now the ATC", "ATC"),
        ("show me the effect on the treated", "ATT"),
        ("what is the effect on the untreated?", "ATC"), ("I want the ATT please", "ATT"),
        ("compute the ATE", "ATE"),
        ("ATT instead", "ATT"), ("switch to the ATT", "ATT"), ("average treatment effect on the treated", "ATT"),
    ],
)  # fmt: skip
def test_another_average(sentence: str, quantity: str) -> None:
    assert read(sentence, SAID).question == replace(EFFECT, quantity=quantity, text=sentence)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sentence", "among"),
    [
        ("same but for region north", ("region", "north")),
        ("only the north", ("region", "north")),
        ("in the west only", ("region", "west")),
        ("where region is south", ("region", "south")),
        ("what about the south?", ("region", "south")),
        ("for members only", ("Is Member", "Yes")),
        ("for non-members", ("Is Member", "No")),
        ("just the smokers", ("smoker", "1")),
        ("restrict it to women", ("sex", "1")),
        ("limit to customers in the north", ("region", "north")),
        ("exclude members", ("Is Member", "No")),
        ("leave out the smokers", ("smoker", "0")),
        ("without the women", ("sex", "0")),
        ("drop the non-members", ("Is Member", "Yes")),
        ("look only at men", ("sex", "0")),
    ],
)
def test_a_group_is_asked_for_as_a_group(sentence: str, among: tuple[str, str]) -> None:
    found = read(sentence, SAID)
    assert (found.question.kind, found.question.among) == ("subgroups", among)
    assert found.question.modifiers == among[:1]
    assert f"{among[0]} = {among[1]}" in found.read_as


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("now without sex", ("income", "smoker")),
        ("drop smoker", ("income", "sex")),
        ("without sex and smoker", ("income",)),
        ("leave out sex, smoker", ("income",)),
    ],
)
def test_a_yes_or_no_column_that_is_held_by_name_is_let_go_and_no_group(
    sentence: str, kept: tuple[str, ...]
) -> None:
    held = replace(EFFECT, controls=("income", "sex", "smoker"))
    found = read(sentence, replace(SAID, question=held))
    assert found.question == replace(held, controls=kept, text=sentence)
    grouped = replace(held, kind="subgroups", modifiers=("region",), among=("region", "north"))
    found = read(sentence, replace(SAID, question=grouped))
    assert (found.question.controls, found.question.among) == (kept, ("region", "north"))
    assert read("without the smokers", replace(SAID, question=held)).question.among == ("smoker", "0")


@pytest.mark.parametrize(
    "sentence",
    [
        "excluding the south", "drop region west", "without the north", "leave out the south", "drop the outliers",
        "remove rows with missing values", "without the whales", "rerun it without outliers",
        "exclude the top 5 percent",
    ],
)  # fmt: skip
def test_rows_that_cannot_be_chosen_are_an_error_that_says_what_to_do(sentence: str) -> None:
    with pytest.raises(CcpError) as e:
        follow(sentence, SAID)
    assert "open a table" in e.value.hint


def test_no_group_is_formed_by_the_cause_itself() -> None:
    of_members = replace(SAID, question=replace(EFFECT, treatment="Is Member"))
    for sentence in ("members only", "exclude members"):
        with pytest.raises(UsageError, match="what the question is about"):
            follow(sentence, of_members)


def test_a_value_after_a_group_is_for_all_rows_and_says_so() -> None:
    found = read("what if price were 5?", OF_NORTH)
    assert (found.question.kind, found.question.among, found.question.modifiers) == ("effect", (), ())
    assert "for all rows" in found.read_as


@pytest.mark.parametrize(
    "sentence",
    [
        "for whom is it strongest?", "who benefits most?", "where does it work best?", "does it work for everyone?",
        "is it the same for everybody?", "for whom does it work?", "which groups respond most?",
        "any subgroup differences?",
        "is there heterogeneity?", "in which people is the effect largest?",
    ],
)  # fmt: skip
def test_for_whom(sentence: str) -> None:
    q = read(sentence, SAID).question
    assert (q.kind, q.treatment, q.outcome, q.modifiers, q.among) == ("subgroups", "price", "sales", (), ())
    with pytest.raises(UsageError, match="does not go"):
        follow(sentence, DRIVERS)


@pytest.mark.parametrize(
    "sentence",
    [
        "does it depend on region?", "does that differ by region?", "is it different across regions?",
        "split it by region",
        "break it down by region", "is it stronger in the north?", "per region",
        "is it the same in the north and the south?",
        "how does it vary with region?", "for each region",
    ],
)  # fmt: skip
def test_by_a_column(sentence: str) -> None:
    assert (read(sentence, SAID).question.kind, read(sentence, SAID).question.modifiers) == (
        "subgroups",
        ("region",),
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "and what does it do to profit?", "what does that do to profit", "how does it affect profit?",
        "what would it do to the profit?",
        "and its effect on profit?", "use profit as the outcome", "change the outcome to profit",
        "how much does it change profit?",
        "what is its impact on profit?",
    ],
)  # fmt: skip
def test_it_is_the_cause_and_another_outcome(sentence: str) -> None:
    q = read(sentence, SAID).question
    assert (q.treatment, q.outcome) == ("price", "Profit (EUR)")


@pytest.mark.parametrize(
    "sentence",
    [
        "which of the two matters more?", "which matters more, price or age?", "which one matters most?",
        "which factor matters most",
        "which of them has the strongest effect?", "does price matter more than age?",
        "which is more important, age or price?",
        "which of these counts more?",
    ],
)  # fmt: skip
def test_which_matters_more(sentence: str) -> None:
    assert replace(read(sentence, SAID).question, text="") == Question("drivers", outcome="sales")


@pytest.mark.parametrize(
    "sentence",
    [
        "say that again", "repeat that", "again", "once more", "what was the answer?", "what is the effect?",
        "tell me the result again",
        "how large is the effect again?", "what did you find?",
    ],
)  # fmt: skip
def test_once_more(sentence: str) -> None:
    assert read(sentence, SAID).question == replace(EFFECT, text=sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "without controls", "no controls", "what happens without the controls?", "with no adjustment",
        "drop all controls",
        "unadjusted?", "the raw difference", "show me the naive estimate", "ignore the covariates",
    ],
)  # fmt: skip
def test_nothing_held_fixed(sentence: str) -> None:
    assert read(sentence, SAID).question == replace(EFFECT, controls=(), text=sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "would it generalise?", "does it hold in other countries?", "is it externally valid?",
        "log the outcome", "use logs",
        "in standard deviations", "standardise it", "give me the code", "write a paragraph for the paper",
        "cite the sources",
    ],
)  # fmt: skip
def test_what_a_table_or_a_chat_cannot_give(sentence: str) -> None:
    with pytest.raises(UsageError) as e:
        follow(sentence, SAID)
    assert e.value.hint


ASKED = {
    "size": (
        "is that a lot?", "is it much?", "how big is that?", "is this clinically relevant?",
        "in percent please", "is it worth it?",
        "so should we spend more?", "is that a big effect?", "who cares?", "is this number large or small?",
    ),
    "significance": (
        "is that statistically significant?", "what is the p-value?", "p value?", "is this real or just noise?",
        "could it be chance?",
        "is the result significant", "does the interval include zero?",
        "is it significantly different from zero?", "can you rule out chance?",
    ),
    "next": (
        "what should I do next?", "what next?", "now what?", "what would you recommend?", "any suggestions?",
        "how can I improve this?",
        "what should we do?", "what are the next steps?", "what would help?",
    ),
    "design": (
        "was it randomised?", "is it randomized?", "is this from an experiment?",
        "was the treatment randomly assigned?",
        "is that observational?", "how was the treatment assigned?", "was it a randomised trial?",
        "was this an rct?",
    ),
    "rows": (
        "how many rows were used?", "what is the sample size?", "how many people did you use?",
        "is the sample big enough?",
        "did you drop any rows?", "on how many rows?", "what's the n?", "were any rows dropped?",
    ),
    "others": (
        "try another estimator", "what do other methods say?", "show me the other estimates",
        "use a different method",
        "do other estimators agree?", "which method did you use?", "does it depend on the method?",
        "try other models",
    ),
    "short": (
        "summarise this in one sentence", "in short?", "tl;dr", "the bottom line?", "sum it up", "yes or no?",
        "what is the gist?",
        "give me the short version",
    ),
    "why": (
        "how did you get that number", "how was it calculated?", "prove it", "explain it to me like I'm five",
        "why is it fragile?",
        "is it causal or just correlation?", "why so low?", "how did you arrive at this estimate?",
    ),
    "confidence": (
        "can I trust this for my boss", "can I show this to my boss?", "can we rely on that number?",
        "is it good enough to publish?",
        "should I act on this?", "can I use that in a report?", "how sure are you?",
        "is this safe to use for a decision?",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("aspect", "sentence"), [(a, s) for a, listed in ASKED.items() for s in listed])
def test_short_questions_about_an_effect(aspect: str, sentence: str) -> None:
    assert asks_about(sentence) == aspect
    assert read(sentence, SAID).question == replace(EFFECT, aspect=aspect, text=sentence)  # type: ignore[arg-type]


@pytest.mark.parametrize("aspect", ["size", "next", "design", "rows"])
def test_what_only_an_effect_has_is_never_answered_by_another_answer_told_again(aspect: str) -> None:
    for sentence in ASKED[aspect]:
        with pytest.raises(UsageError, match="does not go with the last question"):
            follow(sentence, DRIVERS)
        with pytest.raises(UsageError, match="does not go with the last question"):
            follow(sentence, AFTER_TEST)


@pytest.mark.parametrize(
    "sentence",
    [
        "is it significant in the north?", "should we raise age?", "how sure are you about age?",
        "is that a lot for women?",
        "is that large for members?",
    ],
)  # fmt: skip
def test_a_question_about_something_else_is_not_taken_for_one_about_the_answer(sentence: str) -> None:
    try:
        found = follow(sentence, SAID)
    except CcpError:
        return
    assert found is None or not found.question.aspect


@pytest.mark.parametrize(
    "sentence",
    [
        "plot it", "show me a chart", "export to excel", "send this to my boss", "show the raw data",
        "translate to German",
        "use a 99% confidence interval", "what is the number needed to treat?", "forecast next year",
        "save this as a pdf",
    ],
)  # fmt: skip
def test_what_nothing_here_does_is_said_with_what_to_do_instead(sentence: str) -> None:
    with pytest.raises(UsageError) as e:
        follow(sentence, SAID)
    assert e.value.hint
    assert not e.value.message.startswith("no column")


def test_a_column_of_that_name_comes_before_what_cannot_be_done() -> None:
    odd = replace(
        SAID,
        profile=replace(TABLE, columns=(*TABLE.columns, numeric("outliers", 1.0))),
        question=replace(EFFECT, controls=("region", "outliers")),
    )
    assert read("drop the outliers", odd).question.controls == ("region",)
