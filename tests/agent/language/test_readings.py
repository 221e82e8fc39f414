"""A sentence is read whole or not at all: negations, fronted conditions, groups in the middle, and more."""

from __future__ import annotations

from typing import Any

import pytest

from causalcopilot.agent.answer import answer_of
from causalcopilot.agent.language.intent import parse_question
from causalcopilot.domain.estimate import Estimate, Verdict
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import CcpError
from causalcopilot.toolkit.result import EstimateResult

PRICE, SOLD, INCOME, CARD, REGION = (
    "Unit Price", "Units Sold", "Household Income", "Loyalty Card", "Region",
)  # fmt: skip
PROFILE = Profile(
    "shop.csv",
    "sha256:0",
    500,
    (
        *(ColumnProfile(n, "continuous", "number", 0, 90, mean=20.0) for n in (PRICE, SOLD, INCOME, "score")),
        ColumnProfile(REGION, "nominal", "text", 0, 3, levels=(("urban", 200), ("rural", 200), ("suburban", 100))),
        ColumnProfile(CARD, "binary", "text", 0, 2, levels=(("yes", 250), ("no", 250))),
        ColumnProfile("Year", "count", "number", 0, 6, mean=2021.5, minimum=2019, maximum=2024),
        ColumnProfile("Order ID", "identifier", "number", 0, 500, minimum=0, maximum=499),
        ColumnProfile("smokeintensity", "count", "number", 0, 40, mean=20.0),
        ColumnProfile("qsmk", "binary", "number", 0, 2, levels=(("0", 300), ("1", 200))),
    ),
    identifiers=("Order ID",),
)  # fmt: skip
KNOWLEDGE = Knowledge(
    columns=(
        ColumnKnowledge("qsmk", "stopped smoking between the visits"),
        ColumnKnowledge("smokeintensity", "cigarettes smoked per day"),
    )
)


def ask(text: str) -> Question:
    return parse_question(text, PROFILE, KNOWLEDGE)


READ: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Controlling for Region and Household Income, does unit price affect units sold?", {"controls": (REGION, INCOME)}),
    ("Holding region fixed, what is the effect of Unit Price on Units Sold?", {"controls": (REGION,)}),
    ("After adjusting for income, does unit price still lower units sold?", {"controls": (INCOME,), "expects": -1}),
    ("Does Unit Price affect Units Sold when income is held constant?", {"controls": (INCOME,)}),
    ("Does unit price matter for units sold once region is known?", {"controls": (REGION,)}),
    ("does unit price change units sold, taking income into account?", {"controls": (INCOME,)}),
    ("Does unit price affect units sold, all else being equal?", {"controls": None}),
    ("Does Unit Price not affect Units Sold?", {"negated": True, "closed": True}),
    ("Does unit price never lower units sold?", {"negated": True, "expects": -1}),
    ("Is there no effect of Unit Price on Units Sold?", {"negated": True, "closed": True}),
    ("Does Unit Price have no effect on Units Sold?", {"negated": True, "closed": True}),
    ("Unit Price has no effect on Units Sold, right?", {"negated": True, "closed": True}),
    ("Is it false that unit price affects units sold?", {"negated": True, "closed": True}),
    ("Is it false that unit price does not affect units sold?", {"negated": False, "closed": True}),
    ("Isn't it true that unit price lowers units sold?", {"negated": False, "closed": True, "expects": -1}),
    ("Doesn't Unit Price lower Units Sold?", {"negated": False, "closed": True, "expects": -1}),
    ("Unit price lowers units sold, doesn't it?", {"closed": True, "expects": -1}),
    ("unit price raises units sold", {"closed": True, "expects": 1}),
    ("Is there evidence that unit price raises units sold?", {"closed": True, "expects": 1}),
    ("Will units sold go up if we cut the unit price?", {"closed": True, "expects": -1}),
    ("Do units sold fall when Unit Price rises by 2 EUR?", {"expects": -1, "contrast": Contrast(20.0, 22.0)}),
    ("Is Units Sold reduced by Unit Price?", {"closed": True, "expects": -1}),
    ("Is Units Sold lower because of Unit Price?", {"closed": True, "expects": -1}),
    ("What effect does Unit Price have on Units Sold?", {"closed": False}),
    ("Unit Price's effect on Units Sold", {"closed": False}),
    ("What is the ATT of unit price on units sold?", {"quantity": "ATT"}),
    ("Does Unit Price have a negative effect on Units Sold?", {"closed": True, "expects": -1}),
    ("Is there a positive effect of Unit Price on Units Sold?", {"closed": True, "expects": 1}),
    ("Were units sold affected by unit price?", {"closed": True}),
    ("If unit price increases by 10, how do units sold respond?", {"contrast": Contrast(20.0, 30.0)}),
)  # fmt: skip


@pytest.mark.parametrize(("text", "fields"), READ, ids=[t for t, _ in READ])
def test_nothing_of_a_question_about_an_effect_is_lost(text: str, fields: dict[str, Any]) -> None:
    q = ask(text)
    assert (q.kind, q.treatment, q.outcome) == ("effect", PRICE, SOLD)
    assert {k: getattr(q, k) for k in fields} == fields


OTHERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Given unit price, are region and units sold related?", {"kind": "independence", "given": (PRICE,)}),
    ("Is units sold independent of region once we know unit price?", {"kind": "independence", "given": (PRICE,)}),
    ("Is Units Sold not independent of Region?", {"kind": "independence", "negated": True}),
    ("Are Units Sold and Region not related?", {"kind": "independence", "negated": False}),
    ("Is there an association between Region and Units Sold?", {"kind": "independence", "negated": True}),
    ("is units sold directly affected by region?", {"kind": "direct_cause", "treatment": REGION, "outcome": SOLD}),
    ("Does Region act directly on Units Sold?", {"kind": "direct_cause", "treatment": REGION, "outcome": SOLD}),
    ("Could Region confound the effect of Unit Price on Units Sold?", {"kind": "confounder", "columns": (REGION,)}),
    ("Is Region not a confounder of Unit Price and Units Sold?", {"kind": "confounder", "negated": True}),
    ("Is graph shop@1 at odds with the table?", {"kind": "falsify", "graph": "shop@1", "negated": True}),
    ("Does unit price lower units sold or is it reversed?", {"kind": "direction", "treatment": PRICE}),
    ("Does Unit Price lower Units Sold via Household Income?", {"kind": "mediation", "mediator": INCOME}),
    ("Which columns should I hold fixed to get the effect of Unit Price on Units Sold?", {"kind": "adjustment"}),
    ("effect of going from rural to urban on income", {"treatment": REGION, "contrast": Contrast("rural", "urban")}),
    ("effect of Unit Price on Units Sold among rural customers", {"kind": "subgroups", "among": (REGION, "rural")}),
    (
        "effect of unit price on units sold in rural regions, controlling for income",
        {"kind": "subgroups", "among": (REGION, "rural"), "controls": (INCOME,)},
    ),
    (
        "Is the effect of unit price on units sold larger in rural areas?",
        {"kind": "subgroups", "among": (REGION, "rural", "more"), "closed": True},
    ),
    ("What would happen to units sold if we set unit price to 7?", {"kind": "what_if", "contrast": Contrast(None, 7)}),
    (
        "For Order ID 17, what would units sold have been if unit price had been 7?",
        {"kind": "counterfactual", "row": 17, "row_column": "Order ID"},
    ),
    ("Does smoking intensity affect Units Sold?", {"treatment": "smokeintensity"}),
    ("Does quitting affect Units Sold?", {"treatment": "qsmk"}),
)  # fmt: skip


@pytest.mark.parametrize(("text", "fields"), OTHERS, ids=[t for t, _ in OTHERS])
def test_nothing_of_another_question_is_lost(text: str, fields: dict[str, Any]) -> None:
    q = ask(text)
    assert {k: getattr(q, k) for k in fields} == fields


WRONG = (
    ("does urban cause income?", "value of 'Region'"),
    ("Does living in urban regions raise household income?", "urban"),
    ("Does price list affect units sold?", "list"),
    ("Does income elasticity matter for units sold?", "elasticity"),
    ("effect of unit price on units sold without adjusting for region", REGION),
    ("Can I ignore income when estimating the effect of unit price on units sold?", INCOME),
    ("Does Unit Price affect Units Sold in 2023?", "2023"),
    ("effect of unit price on units sold among customers older than 50", "older"),
    ("Does only unit price affect units sold?", "only"),
    ("Does unit price lower units sold for everyone?", "everyone"),
    ("Would units sold be different if unit price were 7?", "7"),
    ("Is unit price a more important driver of units sold than score?", "column"),
    ("Does unit price affect units sold and income?", "income"),
    ("Is Region a confounder or a mediator of Unit Price and Units Sold?", "one by one"),
)
"""Sentences whose plain reading would be the answer to another question, and a word of the error."""


@pytest.mark.parametrize(("text", "told"), WRONG, ids=[t for t, _ in WRONG])
def test_what_fits_no_slot_is_an_error_that_names_it(text: str, told: str) -> None:
    known = PROFILE if "price list" not in text else without(INCOME)
    with pytest.raises(CcpError) as caught:
        parse_question(text, known, KNOWLEDGE)
    assert caught.value.exit_code == 2
    assert told in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "Which variables are affected by unit price?",
        "What is caused by Region?",
        "what are the effects of income?",
    ],
)
def test_effects_of_a_column_are_not_its_causes(text: str) -> None:
    assert ask(text).kind == "unclear"


def test_a_column_about_the_opposite_is_not_meant() -> None:
    """Who asks about smoking does not ask about having stopped."""
    assert ask("Does smoking raise units sold?").treatment == "smokeintensity"


def without(name: str) -> Profile:
    from dataclasses import replace

    return replace(PROFILE, columns=tuple(c for c in PROFILE.columns if c.name != name))


@pytest.mark.parametrize(
    ("low", "high", "asked", "said"),
    [
        (1.0, 2.0, "Does Unit Price affect Units Sold?", "yes"),
        (1.0, 2.0, "Does Unit Price not affect Units Sold?", "no"),
        (1.0, 2.0, "Does Unit Price not lower Units Sold?", "yes"),
        (-2.0, -1.0, "Does Unit Price not lower Units Sold?", "no"),
        (-0.1, 0.1, "Is there no effect of Unit Price on Units Sold?", "yes"),
    ],
)
def test_a_denied_effect_gets_the_other_answer(low: float, high: float, asked: str, said: str) -> None:
    e = Estimate("plain", "ATE", "all rows", (low + high) / 2, 0.1, low, high, 0.95, 500, "")
    direction = "none_detected" if low < 0 < high else "increases" if low > 0 else "decreases"
    verdict = Verdict("supported", "it held", direction=direction)  # type: ignore[arg-type]
    result = EstimateResult("done", (), estimates=(e,), primary=0)
    assert answer_of(ask(asked), {"t3": result}, {}, verdict).answer == said


PEOPLE = Profile(
    "p.csv",
    "sha256:1",
    500,
    (
        *(ColumnProfile(n, "continuous", "number", 0, 90, mean=20.0) for n in ("dose", "pain")),
        ColumnProfile("sex", "binary", "text", 0, 2, levels=(("men", 250), ("women", 250))),
    ),
)


@pytest.mark.parametrize(
    "text",
    [
        "Does dose have a stronger effect on pain in women than in men?",
        "What is the effect of dose on pain in women compared with men?",
        "What is the effect of dose on the median of pain?",
        "What is the effect of dose on the variance of pain?",
        "What is the effect of dose on the logarithm of pain?",
        "Does dose affect pain in the first 100 rows?",
    ],
)
def test_the_mean_over_all_rows_is_no_answer_to_another_question(text: str) -> None:
    with pytest.raises(CcpError):
        parse_question(text, PEOPLE, Knowledge())


def test_a_group_of_people_is_still_heard() -> None:
    assert parse_question("What is the effect of dose on pain among women?", PEOPLE, Knowledge()).among == (
        "sex",
        "women",
    )
