"""Columns under the abbreviated names of codebooks; what is not covered stays as it was said."""

from __future__ import annotations

import pytest

from causalcopilot.agent.language.codebook import named
from causalcopilot.agent.language.intent import parse_question
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.errors import UsageError

MEANINGS = {
    "nearplant": "=1 if dist <= 15840",
    "dist": "dist. from house to plant, ft.",
    "price": "selling price",
    "lrent": "log(rent)",
    "rent": "average rent",
    "lwage": "log(wage)",
    "educ": "years of schooling, 1976",
    "papa": "father's years of schooling",
    "mama": "mother's years of schooling",
    "npvis": "total number of prenatal visits",
    "bwght": "birth weight, ounces",
    "PC": "=1 of pers computer at sch",
    "cathhs": "=1 if attended Catholic HS",
    "hsgrad": "=1 if graduated from high school by 1994",
    "lnch": "perc of studs in sch lnch prog",
    "earn78": "real earns., 1978, $1000s",
    "earn75": "real earns., 1975, $1000s",
    "unem78": "=1 if unem. all of 1978",
    "missed": "number of classes missed",
    "sibling2": "=1 if 2nd child is a twin",
}
KNOWN = Knowledge(columns=tuple(ColumnKnowledge(n, meaning=m) for n, m in MEANINGS.items()))
COLUMNS = tuple(ColumnProfile(n, "continuous", "number", 0, 90, mean=1.0, std=1.0) for n in MEANINGS)
TABLE = Profile("table", "sha256:0", 500, COLUMNS)

DESCRIBED = (
    ("Did being near the plant lower the selling price?", "nearplant", "price"),
    ("Do more prenatal visits increase birth weight?", "npvis", "bwght"),
    ("Does owning a personal computer raise earnings in 1978?", "PC", "earn78"),
    ("Does attending a Catholic high school lower unemployment in 1978?", "cathhs", "unem78"),
    ("What is the effect of the school lunch program on 1978 earnings?", "lnch", "earn78"),
    ("What is the effect of a twin as second child on birth weight?", "sibling2", "bwght"),
    ("Does schooling raise log wages?", "educ", "lwage"),
)


@pytest.mark.parametrize(("text", "treatment", "outcome"), DESCRIBED)
def test_descriptions_are_their_columns(text: str, treatment: str, outcome: str) -> None:
    q = parse_question(text, TABLE, KNOWN)
    assert (q.kind, q.treatment, q.outcome) == ("effect", treatment, outcome)
    assert q.text == text


def test_instruments_are_described_too() -> None:
    q = parse_question(
        "What is the effect of schooling on lwage, using father's and mother's schooling as instruments?",
        TABLE,
        KNOWN,
    )
    assert (q.treatment, q.outcome, q.instrument) == ("educ", "lwage", "papa,mama")


UNCOVERED = (
    "Does a flying saucer lower the selling price?",
    "Does the moon landing raise birth weight?",
    "Does an airport nearby lower the selling price?",
)


@pytest.mark.parametrize("text", UNCOVERED)
def test_what_no_column_covers_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_question(text, TABLE, KNOWN)


def test_two_columns_that_fit_as_well_are_not_chosen_between() -> None:
    assert named("Do earnings raise the price?", tuple(MEANINGS), KNOWN) == "Do earnings raise the price?"


def test_a_column_said_by_its_own_name_is_left_alone() -> None:
    text = "Does educ raise lwage, controlling for dist?"
    assert named(text, tuple(MEANINGS), KNOWN) == text
