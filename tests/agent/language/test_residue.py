"""No word that changes what is asked is passed over, and none that changes nothing is refused."""

from __future__ import annotations

import pytest

from causalcopilot.agent.language.intent import parse_question
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import CcpError, UsageError

KNOWLEDGE = Knowledge(
    columns=(
        ColumnKnowledge("qsmk", "stopped smoking between the first visit and 1982"),
        ColumnKnowledge("wt82_71", "weight change from 1971 to 1982"),
        ColumnKnowledge("sex", "0 male, 1 female"),
    )
)


def _column(name: str, **changes: object) -> ColumnProfile:
    given = {"type": "continuous", "storage": "number", "minimum": 0, "maximum": 90, "mean": 20.0, **changes}
    return ColumnProfile(name, given.pop("type"), given.pop("storage"), 0, 90, **given)  # type: ignore[arg-type]


TABLE = Profile(
    "table.csv",
    "sha256:0",
    500,
    (
        _column("qsmk", type="binary", maximum=1, levels=(("0", 300), ("1", 200))),
        _column("wt82_71", unit="kg"),
        _column("sex", type="binary", maximum=1, levels=(("0", 250), ("1", 250))),
        _column("exercise"),
        _column("age"),
        _column("smokeintensity", unit="cigarettes per day"),
    ),
)


def read(text: str) -> Question:
    return parse_question(text, TABLE, KNOWLEDGE)


BASES = (
    "What is the effect of qsmk on wt82_71",
    "Does qsmk raise wt82_71",
    "What happens to wt82_71 if qsmk goes from 0 to 1",
    "How much of the effect of qsmk on wt82_71 goes through exercise",
    "For whom does qsmk raise wt82_71 most",
    "What drives wt82_71",
    "Is there a confounder of qsmk and wt82_71",
    "Does qsmk directly cause wt82_71",
    "Are qsmk and wt82_71 independent",
)
CHANGING = (
    "in Texas", "for heavy smokers", "in the young", "in young people", "at baseline", "in the long run",
    "after two years", "within 5 years", "10 years later", "over time", "per cigarette", "per year",
    "a year", "if everybody quit", "as a relative risk", "as an odds ratio", "as a hazard ratio",
    "on the log scale", "in standard deviations", "at the median", "twice", "without adjustment",
    "with no adjustment", "adjusting for nothing", "ignoring confounding", "among compliers",
    "by intention to treat", "per protocol", "lagged one year", "next year", "weekly",
    "in dollars per year", "at high ages", "for me", "for my patient", "for a typical person",
    "for most people", "and why", "with 99% confidence", "at the 1% level", "by more than 5 kg",
    "sometimes", "in the US population", "in winter", "at night", "during pregnancy", "assuming linearity",
    "in the top decile", "at the 90th percentile", "dropping outliers", "squared", "by half",
    "under monotonicity", "with interactions", "in another population", "at the mean", "tonight", "not",
    "always",
)  # fmt: skip


@pytest.mark.parametrize("words", CHANGING)
def test_words_that_change_the_question_are_never_passed_over(words: str) -> None:
    for base in BASES:
        plain = read(f"{base}?")
        try:
            found = read(f"{base} {words}?")
        except CcpError:
            continue
        held = (found.kind, found.treatment, found.outcome, found.negated, found.contrast, found.controls)
        same = (plain.kind, plain.treatment, plain.outcome, plain.negated, plain.contrast, plain.controls)
        assert found.kind == "unclear" or held != same or found.among, base


@pytest.mark.parametrize(
    "text",
    [
        "What is the effect of qsmk on wt82_71, on average?",
        "In this sample, what is the effect of qsmk on wt82_71?",
        "Does qsmk raise wt82_71 at all?",
        "Does qsmk really affect wt82_71 in general?",
        "Please estimate the average causal effect of qsmk on wt82_71",
        "What is the effect of quitting smoking (qsmk) on weight change (wt82_71)?",
        "Hello, I want to know whether qsmk affects wt82_71, thanks",
        "What is the total effect of qsmk on wt82_71?",
        "Is there a statistically significant effect of qsmk on wt82_71?",
        "What is the effect of smoke intensity on wt82_71?",
        "How big is the effect of qsmk on wt82_71 across all people?",
        "What is the impact of quitting smoking on weight?",
        "How does smokeintensity affect wt82_71?",
        "Does qsmk raise wt82_71 or not?",
        "Does qsmk raise wt82_71, yes or no?",
        "I think qsmk raises wt82_71. Is that right?",
    ],
)
def test_words_that_change_nothing_are_let_be(text: str) -> None:
    question = read(text)
    assert (question.kind, question.outcome) == ("effect", "wt82_71")


@pytest.mark.parametrize(
    "text",
    [
        "Can wt82_71 be raised by qsmk?",
        "Could wt82_71 be caused by qsmk?",
        "Will wt82_71 be increased by qsmk?",
        "Has wt82_71 been affected by qsmk?",
        "How is wt82_71 affected by qsmk?",
        "How much is wt82_71 affected by qsmk?",
        "By how much is wt82_71 raised by qsmk?",
        "Is wt82_71 affected by qsmk directly?",
        "Does wt82_71 result from qsmk?",
        "Is wt82_71 a result of qsmk?",
        "Is wt82_71 the consequence of qsmk?",
        "Is wt82_71 due to qsmk?",
        "For whom is wt82_71 raised by qsmk most?",
        "Is wt82_71 raised by qsmk through exercise?",
        "Is wt82_71 raised by qsmk more in women than in men?",
        "Does wt82_71 get raised by qsmk?",
    ],
)
def test_an_outcome_that_stands_first_is_never_the_cause(text: str) -> None:
    try:
        question = read(text)
    except CcpError:
        return
    assert question.kind == "unclear" or (question.treatment, question.outcome) == ("qsmk", "wt82_71")


@pytest.mark.parametrize(
    "text",
    [
        "Does smokeintensity raise wt82_71 by 2?",
        "Does smokeintensity raise wt82_71 by 2 kg?",
        "Does smokeintensity reduce wt82_71 by 20%?",
        "Does smokeintensity reduce wt82_71 from 8 to 6?",
        "Does raising smokeintensity by 2 lower wt82_71 by 1?",
    ],
)
def test_a_size_of_the_outcome_is_no_value_of_the_cause(text: str) -> None:
    with pytest.raises(UsageError, match="size of the outcome"):
        read(text)


@pytest.mark.parametrize("step", ["one more unit of", "an additional unit of"])
def test_one_more_unit_is_a_step_of_one(step: str) -> None:
    question = read(f"What is the effect of {step} smokeintensity on wt82_71?")
    assert (question.treatment, question.contrast) == ("smokeintensity", Contrast(20.0, 21.0))


def test_a_size_of_the_cause_still_is() -> None:
    question = read("Does raising smokeintensity by 2 lower wt82_71?")
    assert question.contrast == Contrast(20.0, 22.0)


@pytest.mark.parametrize(
    "text",
    [
        "How much of the effect of qsmk on wt82_71 does not go through exercise?",
        "Does qsmk affect wt82_71 not through exercise?",
        "What is the natural direct effect of qsmk on wt82_71 not through exercise?",
        "What is the effect of qsmk on wt82_71 directly?",
        "Does a low smokeintensity raise wt82_71?",
    ],
)
def test_the_other_part_of_an_effect_is_not_the_one(text: str) -> None:
    with pytest.raises(UsageError, match="not understood"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "What would the median of wt82_71 be if smokeintensity were 5?",
        "What would wt82_71 be after two years if smokeintensity were 5?",
        "What would wt82_71 be if half of the people had smokeintensity 5?",
        "draw the causal graph without age",
        "draw the causal graph with the PC algorithm",
        "what are the relationships between age, fortune and exercise?",
        "Does the graph fit the data since 2015?",
        "Do the mechanisms differ by exercise among women?",
        "Is my graph right about age and wealth?",
    ],
)
def test_models_and_graphs_pass_over_nothing_either(text: str) -> None:
    with pytest.raises(CcpError):
        read(text)


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("What is the effect of qsmk on wt82_71 using matching?", "matching"),
        ("How much does qsmk raise wt82_71 with ipw, controlling for age?", "ipw"),
        ("What is the effect of qsmk on wt82_71 by linear regression?", "regression"),
        ("What is the effect of qsmk on wt82_71?", "auto"),
    ],
)
def test_an_estimator_that_is_named_is_used(text: str, method: str) -> None:
    question = read(text)
    assert (question.kind, question.method) == ("effect", method)


def test_a_group_named_after_a_passive_is_kept() -> None:
    assert read("By how much is wt82_71 raised by qsmk in women?").among == ("sex", "1")


def test_check_asks_for_the_effect_and_not_for_association() -> None:
    assert read("Check the effect of qsmk on wt82_71").kind == "effect"
    assert read("Test whether qsmk affects wt82_71").kind == "effect"
    assert read("Check whether qsmk and wt82_71 are independent").kind == "independence"
