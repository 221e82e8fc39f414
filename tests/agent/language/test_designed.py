"""Designs in plain words: each in several wordings, and what is left must still be the question."""

from __future__ import annotations

import pytest

from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.agent.language.designed import split
from causalcopilot.agent.language.intent import parse_question
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Question

NAMES = ("educ", "lwage", "nearc4", "nearc2", "exper", "margin", "vote", "win", "state", "year", "law", "homicide",
         "treat", "re78", "age")  # fmt: skip


def asked(text: str) -> Question:
    columns = tuple(ColumnProfile(n, "continuous", "number", 0, 90, mean=1.0, std=1.0) for n in NAMES)
    return parse_question(text, Profile("table", "sha256:0", 500, columns), Knowledge())


IV = (
    "What is the effect of educ on lwage using nearc4 as an instrument?",
    "What is the effect of educ on lwage, with nearc4 as the instrument for educ?",
    "What is the effect of educ on lwage instrumented by nearc4?",
    "How much does educ raise lwage, instrumenting educ with nearc4?",
    "Using nearc4 as an instrument for educ, what is the effect of educ on lwage?",
    "What is the effect of educ, instrumented with nearc4, on lwage?",
    "Estimate the effect of educ on lwage by instrumental variables with nearc4.",
    "Does educ increase lwage if nearc4 is the instrument?",
    "Use nearc4 to instrument for educ: what is the effect of educ on lwage?",
    "What is the causal effect of educ on lwage via the instrument nearc4?",
    "effect of educ on lwage (instrument: nearc4)",
    "What is the effect of educ on lwage using 2SLS with nearc4?",
)
RD = (
    "What is the effect of win on vote at the cutoff of 0 in margin?",
    "What is the effect of win on vote around the threshold 0 of margin?",
    "What is the effect of win on vote, with margin as the running variable and a cutoff of 0?",
    "What is the effect of win on vote when margin crosses 0?",
    "What is the effect of win on vote (running variable margin, cutoff 0)?",
    "What is the effect of win on vote by regression discontinuity in margin at 0?",
    "Does win raise vote at the margin cutoff of 0?",
    "At the cutoff 0 in margin, what is the effect of win on vote?",
    "What is the effect of win on vote for rows just above and below 0 in margin?",
)
DID = (
    "What is the effect of law on homicide by difference-in-differences over state and year?",
    "What is the effect of law on homicide using diff-in-diff with unit state and time year?",
    "What is the effect of law on homicide, with unit state and time year?",
    "What is the effect of law on homicide in a panel of state by year?",
    "What is the effect of law on homicide with state and year fixed effects?",
    "Comparing state over year, what is the effect of law on homicide?",
    "What is the effect of law on homicide (unit: state, time: year)?",
    "How much does law raise homicide, by difference in differences across state and year?",
)
RCT = (
    "What is the effect of treat on re78 in this randomised experiment?",
    "What is the effect of treat on re78 in a randomized controlled trial?",
    "What is the effect of treat, which was randomly assigned, on re78?",
    "What is the effect of the randomly assigned treat on re78?",
    "Does treat raise re78, given that treat was randomised?",
    "What is the effect of treat on re78 (randomised)?",
    "In our RCT, what is the effect of treat on re78?",
    "What is the effect of treat on re78, since treat was assigned at random?",
    "What is the effect of treat on re78 from the experiment?",
)


@pytest.mark.parametrize("text", IV)
def test_instruments(text: str) -> None:
    q = asked(text)
    assert (q.kind, q.treatment, q.outcome) == ("effect", "educ", "lwage")
    assert (q.design, q.instrument) == ("iv", "nearc4")
    assert q.controls is None


@pytest.mark.parametrize("text", RD)
def test_cutoffs(text: str) -> None:
    q = asked(text)
    assert (q.kind, q.treatment, q.outcome) == ("effect", "win", "vote")
    assert (q.design, q.running, q.cutoff) == ("rd", "margin", 0.0)
    assert q.contrast is None


@pytest.mark.parametrize("text", DID)
def test_panels(text: str) -> None:
    q = asked(text)
    assert (q.kind, q.treatment, q.outcome) == ("effect", "law", "homicide")
    assert (q.unit, q.time) == ("state", "year")
    assert q.design in ("did", "auto")


@pytest.mark.parametrize("text", RCT)
def test_randomisation(text: str) -> None:
    q = asked(text)
    assert (q.kind, q.treatment, q.outcome) == ("effect", "treat", "re78")
    assert q.design == "rct"


def test_several_instruments_and_controls() -> None:
    q = asked(
        "What is the effect of educ on lwage using nearc4 and nearc2 as instruments, adjusting for exper?"
    )
    assert (q.instrument, q.controls) == ("nearc4,nearc2", ("exper",))


@pytest.mark.parametrize(
    "text",
    [
        "What is the effect of treat on re78?",
        "Does treat raise re78?",
        "What is the effect of treat on re78 when treat goes from 0 to 1?",
        "How did educ change lwage?",
        "What is the effect of educ on lwage controlling for exper?",
    ],
)
def test_no_design_is_heard_where_none_is_named(text: str) -> None:
    q = asked(text)
    assert (q.design, q.instrument, q.running, q.unit) == ("auto", None, None, None)


def test_what_was_not_randomised_is_no_experiment() -> None:
    words = Vocabulary.of(NAMES, Knowledge())
    assert split("effect of treat on re78, which was not randomised", words).design == "auto"
    assert split("effect of treat on re78 in a non-randomised study", words).design == "auto"


SEVERAL = (
    "What is the effect of educ on lwage with nearc4, nearc2 and exper as instruments?",
    "What is the effect of educ on lwage, holding age fixed, using nearc4, nearc2 and exper as instruments?",
)


@pytest.mark.parametrize("text", SEVERAL)
def test_several_instruments_with_commas(text: str) -> None:
    q = asked(text)
    assert (q.treatment, q.outcome, q.design) == ("educ", "lwage", "iv")
    assert q.instrument == "nearc4,nearc2,exper"


def test_controls_behind_the_instrument() -> None:
    q = asked(
        "What is the effect of educ on lwage, instrumenting with nearc4 and controlling for exper, age?"
    )
    assert (q.treatment, q.outcome, q.instrument, q.controls) == ("educ", "lwage", "nearc4", ("exper", "age"))


def test_one_noun_for_a_list_of_instruments() -> None:
    names = ("wage", "educ", "dad", "mum")
    known = Knowledge(
        columns=(
            ColumnKnowledge("dad", meaning="father's years of schooling"),
            ColumnKnowledge("mum", meaning="mother's years of schooling"),
        )
    )
    columns = tuple(ColumnProfile(n, "continuous", "number", 0, 90, mean=1.0, std=1.0) for n in names)
    text = "What is the effect of educ on wage, using father's and mother's schooling as instruments?"
    assert parse_question(text, Profile("t", "h", 500, columns), known).instrument == "dad,mum"


FOUR_MEANS = (
    "What is the difference-in-differences effect of win on vote, before and after law?",
    "What is the effect of win on vote after law, using difference in differences?",
    "What is the effect of win on vote with a difference in differences design, period law?",
    "What is the effect of win on vote, comparing before and after law?",
    "What is the effect of win on vote in a difference-in-differences with law as the period?",
    "What is the effect of win on vote, using diff-in-diff with law as the post-treatment indicator?",
    "What is the difference-in-differences estimate of the effect of win on vote, where law marks the period?",
)


@pytest.mark.parametrize("text", FOUR_MEANS)
def test_before_and_after_a_column(text: str) -> None:
    q = asked(text)
    assert (q.treatment, q.outcome, q.design, q.time, q.unit) == ("win", "vote", "did", "law", None)


FIXED = (
    ("What is the effect of law on homicide with state fixed effects?", "state"),
    ("What is the effect of law on homicide, with county fixed effects?", None),
    ("What is the effect of law on homicide, following the same state over time?", "state"),
)


@pytest.mark.parametrize(("text", "unit"), FIXED)
def test_fixed_effects_whose_time_the_table_must_show(text: str, unit: str | None) -> None:
    q = asked(text)
    assert (q.treatment, q.outcome, q.design, q.unit, q.time) == ("law", "homicide", "panel", unit, None)


def test_a_panel_behind_a_comma() -> None:
    q = asked("effect of law on homicide, panel of state over year")
    assert (q.treatment, q.outcome, q.unit, q.time) == ("law", "homicide", "state", "year")
