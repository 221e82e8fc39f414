"""The words that columns answer to: families of words, initials, and nothing that only looks like one."""

from __future__ import annotations

import pytest

from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.agent.language.intent import parse_question
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile

NAMES = ("vaccinated", "infected", "converted", "enrolled", "sbp_week12", "sbp_baseline", "bp", "lfp", "invest",
         "survived", "treat", "attended_program", "pay", "region")  # fmt: skip
WORDS = Vocabulary.of(NAMES, Knowledge())


@pytest.mark.parametrize(
    ("phrase", "column"),
    [
        ("vaccination", "vaccinated"),
        ("infection", "infected"),
        ("the conversion", "converted"),
        ("enrolment", "enrolled"),
        ("investment", "invest"),
        ("survival", "survived"),
        ("the treatment", "treat"),
        ("program attendance", "attended_program"),
        ("systolic blood pressure at week 12", "sbp_week12"),
        ("systolic blood pressure at baseline", "sbp_baseline"),
        ("labor force participation", "lfp"),
    ],
)
def test_words_of_one_family_and_initials_mean_a_column(phrase: str, column: str) -> None:
    assert WORDS.find(phrase) == [column]


@pytest.mark.parametrize("phrase", ["big parties", "long forgotten", "diastolic blood pressure", "regular"])
def test_words_that_only_share_letters_mean_none(phrase: str) -> None:
    assert WORDS.find(phrase) == []


def test_words_that_spell_a_column_out_are_no_residue() -> None:
    columns = tuple(ColumnProfile(n, "continuous", "number", 0, 90, mean=1.0) for n in NAMES)
    asked = "What is the effect of labor force participation on systolic blood pressure at week 12?"
    q = parse_question(asked, Profile("table", "sha256:0", 500, columns), Knowledge())
    assert (q.kind, q.treatment, q.outcome, q.passed) == ("effect", "lfp", "sbp_week12", ())


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("more classes", []),
        ("attending school", []),
        ("missed classes", ["absent"]),
        ("dropping out of school", ["left"]),
    ],
)
def test_what_is_taken_away_in_a_meaning_is_not_meant_by_the_rest_of_it(
    phrase: str, found: list[str]
) -> None:
    known = Knowledge(
        columns=(
            ColumnKnowledge("absent", meaning="number of classes missed"),
            ColumnKnowledge("left", meaning="dropped out of school"),
        )
    )
    assert Vocabulary.of(("absent", "left", "score"), known).find(phrase) == found
