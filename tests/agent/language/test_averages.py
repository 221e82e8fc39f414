"""Which average a sentence asks for: an arm that is named is never answered with everybody."""

from __future__ import annotations

import pytest

from causalcopilot.agent.language.intent import parse_question
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Quantity
from causalcopilot.errors import CcpError, UsageError

KNOWLEDGE = Knowledge(
    columns=(
        ColumnKnowledge("qsmk", "quit smoking, or got the training"),
        ColumnKnowledge("re78", "real earnings in 1978"),
        ColumnKnowledge("re75", "real earnings in 1975"),
    )
)


def profile(*names: str) -> Profile:
    return Profile(
        "table.csv",
        "sha256:0",
        100,
        tuple(ColumnProfile(n, "continuous", "number", 0, 50, mean=20.0) for n in names),
    )


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("What is the effect of qsmk on re78 for the treated?", "ATT"),
        ("What is the effect of quitting smoking on earnings in 1978 for the treated?", "ATT"),
        ("What is the effect of qsmk on re78 among the treated?", "ATT"),
        ("Among the treated, what is the effect of qsmk on re78?", "ATT"),
        ("For the treated only, how much does qsmk change re78?", "ATT"),
        ("Does qsmk increase re78 among those who were treated?", "ATT"),
        ("effect of qsmk on re78 in the treated group", "ATT"),
        ("effect of qsmk on re78 in the treatment group", "ATT"),
        ("What is the effect of qsmk on re78 for treated people, given age?", "ATT"),
        ("What is the effect for the treated of qsmk on re78?", "ATT"),
        ("How much does qsmk raise re78 among the exposed?", "ATT"),
        ("What is the ATT of qsmk on re78?", "ATT"),
        ("What is the average treatment effect on the treated of qsmk on re78?", "ATT"),
        ("What is the effect of qsmk on re78 for the untreated?", "ATC"),
        ("What is the effect of qsmk on re78 among the controls?", "ATC"),
        ("What would be the effect of qsmk on re78 in the control group?", "ATC"),
        ("Does qsmk change re78 among the non-treated?", "ATC"),
        ("What is the effect of qsmk on re78 for those who were not treated?", "ATC"),
        ("What is the ATC of qsmk on re78?", "ATC"),
        ("What is the ATE of qsmk on re78?", "ATE"),
        ("What is the effect of qsmk on re78?", None),
        ("What is the effect of qsmk on re78 controlling for age?", None),
    ],
)
def test_the_average_of_an_arm_is_read(text: str, quantity: Quantity | None) -> None:
    question = parse_question(text, profile("qsmk", "re78", "re75", "age"), KNOWLEDGE)
    assert (question.kind, question.treatment, question.outcome) == ("effect", "qsmk", "re78")
    assert question.quantity == quantity
    assert question.controls == (("age",) if "age?" in text else None)


@pytest.mark.parametrize(
    "text",
    [
        "Are qsmk and re78 independent among the treated?",
        "Is there a mediator of qsmk and re78 for the treated?",
        "What is the effect of qsmk on re78 among the treated older than 50?",
        "What is the effect of qsmk on re78 for the frobnicated?",
        "What is the effect of qsmk on re78 among the frobnicated?",
        "What is the effect of qsmk on re78 for the treated older than 50?",
        "What is the effect of qsmk on re78 for those who quit?",
    ],
)
def test_an_arm_that_fits_no_question_and_people_nobody_knows_are_refused(text: str) -> None:
    try:
        question = parse_question(text, profile("qsmk", "re78", "re75", "age"), KNOWLEDGE)
    except CcpError:
        return
    assert question.kind == "unclear" or question.among


def test_a_column_of_that_name_makes_the_clause_ambiguous() -> None:
    table = profile("qsmk", "re78", "treated", "age")
    with pytest.raises(UsageError, match="can mean"):
        parse_question("What is the effect of qsmk on re78 for the treated?", table, Knowledge())
    asked = parse_question("What is the effect of treated on re78 for the treated?", table, Knowledge())
    assert (asked.treatment, asked.quantity) == ("treated", "ATT")
