"""A description before a column in brackets is that column, and is no part of the question."""

from __future__ import annotations

import pytest

from causalcopilot.agent.language.intent import parse_question
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import CcpError

NAMES = ("qsmk", "wt82_71", "gc", "choice", "tax", "qol_12m", "veteran", "age", "smokeyrs", "re78")


def asked(words: str) -> Question:
    columns = tuple(
        ColumnProfile(n, "binary", "number", 0, 2, mean=0.5, minimum=0, maximum=1)
        if n in ("qsmk", "tax", "veteran")
        else ColumnProfile(n, "continuous", "number", 0, 90, mean=5.0, minimum=0, maximum=90)
        for n in NAMES
    )
    return parse_question(words, Profile("table", "sha256:0", 500, columns), Knowledge())


@pytest.mark.parametrize(
    ("words", "treatment", "outcome"),
    [
        ("What is the effect of travel cost (gc) on choice?", "gc", "choice"),
        ("Does the tax improve quality of life (qol_12m)?", "tax", "qol_12m"),
        ("What is the effect of military service (veteran) on earnings in 1978 (re78)?", "veteran", "re78"),
        ("Does quitting smoking (qsmk) change weight from 1971 to 1982 (wt82_71)?", "qsmk", "wt82_71"),
        ("How much does quitting (qsmk) raise weight (wt82_71), controlling for age?", "qsmk", "wt82_71"),
    ],
)
def test_the_column_in_brackets_is_what_is_described(words: str, treatment: str, outcome: str) -> None:
    q = asked(words)
    assert (q.kind, q.treatment, q.outcome, q.contrast) == ("effect", treatment, outcome, None)
    assert q.controls == (("age",) if "controlling" in words else None)


def test_a_direction_before_the_description_stays() -> None:
    assert asked("Does lowering the travel cost (gc) raise choice?").expects == -1
    removed = asked("Does removing the tax (tax) raise choice?")
    assert (removed.expects, removed.contrast) != (1, None)  # it is not asked whether the tax raises it


@pytest.mark.parametrize(
    "words",
    [
        "What is the effect of age and travel cost (gc) without tax on choice?",
        "Does travel cost (not gc) raise choice?",
    ],
)
def test_what_stands_beside_a_description_is_never_dropped(words: str) -> None:
    with pytest.raises(CcpError):
        asked(words)
