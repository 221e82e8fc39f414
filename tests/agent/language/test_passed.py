"""People frame their questions: what hardly changes one is passed over and told, what may change it is refused."""

from __future__ import annotations

import pytest

from causalcopilot.agent.language.intent import parse_question
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.errors import UsageError

NAMES = ("treat", "re78", "age", "educ", "smoking", "lung_cancer", "bmi", "blood_pressure")
PROFILE = Profile(
    "table.csv",
    "sha256:0",
    100,
    tuple(ColumnProfile(n, "continuous", "number", 0, 50, mean=20.0) for n in NAMES),
)
KNOWLEDGE = Knowledge(
    columns=(
        ColumnKnowledge("treat", "assigned to the training program"),
        ColumnKnowledge("re78", "real earnings in 1978"),
    )
)


@pytest.mark.parametrize(
    ("text", "kind", "a", "b", "passed"),
    [
        ("Based on the data, what is the estimated effect of treat on re78?", "effect", "treat", "re78", ()),
        ("Consider the dataset. What is the causal effect of treat on re78?", "effect", "treat", "re78", ()),
        ("Can we conclude that treat increased re78?", "effect", "treat", "re78", ()),
        ("Analyze the effect of treat on re78", "effect", "treat", "re78", ()),
        ("I'd like to estimate the causal effect of treat on re78.", "effect", "treat", "re78", ()),
        ("What effect does receiving treat have on re78?", "effect", "treat", "re78", ()),
        ("To what degree does smoking contribute to lung cancer?", "effect", "smoking", "lung_cancer", ()),
        ("Does habitual smoking lead to lung_cancer?", "effect", "smoking", "lung_cancer", ("habitual",)),
        ("Curiously, does bmi raise blood_pressure?", "effect", "bmi", "blood_pressure", ("Curiously",)),
        ("Is there an unobserved confounder of bmi and re78?", "confounder", "bmi", "re78", ("an unobserved",)),
        (
            "Is there a statistically significant relationship between bmi and blood_pressure?",
            "independence",
            "bmi",
            "blood_pressure",
            (),
        ),
        (
            "Using this dataset, estimate the effect of treat on re78 while adjusting for age and educ.",
            "effect",
            "treat",
            "re78",
            (),
        ),
    ],
)  # fmt: skip
def test_a_frame_changes_nothing_and_an_odd_word_is_told(
    text: str, kind: str, a: str, b: str, passed: tuple[str, ...]
) -> None:
    question = parse_question(text, PROFILE, KNOWLEDGE)
    assert (question.kind, question.treatment, question.outcome) == (kind, a, b)
    assert question.passed == passed
    assert question.controls == (("age", "educ") if "adjusting" in text else None)


@pytest.mark.parametrize(
    "text",
    [
        "In Texas, does treat raise re78?",
        "What is the effect of treat on re78 in Texas?",
        "What is the effect of treat on re78 tonight?",
        "Does treat of Texans raise re78?",
        "At high latitudes, does bmi raise blood_pressure?",
        "Does treat raise the log of re78?",
        "What are the relationships between age, fortune and bmi?",
    ],
)
def test_what_may_limit_or_turn_the_question_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_question(text, PROFILE, KNOWLEDGE)
