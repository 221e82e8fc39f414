"""Plain language is understood the way people write it, and what is not understood is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causalcopilot.agent.language.intent import parse_question
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Contrast
from causalcopilot.errors import ColumnNotFound

NAMES = (
    "qsmk", "wt82_71", "age", "sex", "smokeintensity", "price", "units", "region", "weekly_renewals",
    "A", "B", "a", "X1", "X2", "X3", "y", "without_price",
)  # fmt: skip
PROFILE = Profile(
    "table.csv",
    "sha256:0",
    100,
    tuple(ColumnProfile(n, "continuous", "number", 0, 50, mean=20.0) for n in NAMES),
)
KNOWLEDGE = Knowledge(
    columns=(
        ColumnKnowledge("qsmk", "quit smoking between 1971 and 1982"),
        ColumnKnowledge("wt82_71", "weight change from 1971 to 1982"),
    )
)


@pytest.mark.parametrize(
    ("text", "kind", "a", "b"),
    [
        ("Are age and sex independent?", "independence", "age", "sex"),
        ("is X1 independent of X2 given X3", "independence", "X1", "X2"),
        ("Is age correlated with price?", "independence", "age", "price"),
        ("Does price directly cause units?", "direct_cause", "price", "units"),
        ("Is X1 a direct cause of X2?", "direct_cause", "X1", "X2"),
        ("is there a direct edge from X1 to X2?", "direct_cause", "X1", "X2"),
        ("Is there a confounder between price and units?", "confounder", "price", "units"),
        ("Is there at least one common cause of price and units?", "confounder", "price", "units"),
        ("is there a common effect of X1 and X2?", "collider", "X1", "X2"),
        ("Is there a mediator of price and units?", "mediator", "price", "units"),
        ("Which variables mediate the effect of price on units?", "mediator", "price", "units"),
        ("which variables should I adjust for to find the effect of price on units?", "adjustment", "price", "units"),
        ("What is the effect of price on units?", "effect", "price", "units"),
        ("what's the impact of a on y?", "effect", "a", "y"),
        ("effect of A on B", "effect", "A", "B"),
        ("does quitting smoking cause weight gain?", "effect", "qsmk", "wt82_71"),
        ("is units caused by price?", "effect", "price", "units"),
        ("How much does price affect units?", "effect", "price", "units"),
        ("What happens to units if price goes up?", "effect", "price", "units"),
        ("Which way does it go between price and units?", "direction", "price", "units"),
        ("does price cause units or units cause price?", "direction", "price", "units"),
        ("Does price affect units or vice versa?", "direction", "price", "units"),
        ("Is price the cause of units or is units the cause of price?", "direction", "price", "units"),
        ("Is price a cause or an effect of units?", "direction", "price", "units"),
        ("price -> units or units -> price?", "direction", "price", "units"),
        ("What is the causal direction between price and units?", "direction", "price", "units"),
        ("which causes which, price or units?", "direction", "price", "units"),
        ("Which of price and units is the cause?", "direction", "price", "units"),
        ("Does the arrow point from price to units?", "direction", "price", "units"),
        ("what is the direction of the effect of price on units?", "effect", "price", "units"),
        ("does this graph fit the data?", "falsify", None, None),
        ("what do the data contradict in graph shop@2?", "falsify", None, None),
        ("do the data contradict my graph?", "falsify", None, None),
        ("Is the graph consistent with the data?", "falsify", None, None),
        ("which edges of the graph are contradicted by the data?", "falsify", None, None),
        ("test the graph against the data", "falsify", None, None),
        ("is my DAG wrong?", "falsify", None, None),
        ("does the graph hold up?", "falsify", None, None),
        ("Do the data support the graph?", "falsify", None, None),
        ("Do the domains differ?", "domains", None, None),
        ("do the mechanisms differ across sites?", "domains", None, None),
        ("is there drift over time?", "domains", None, None),
        ("Which mechanisms drift over the rows?", "domains", None, None),
        ("what drives units?", "drivers", None, "units"),
        ("What are the causes of units?", "drivers", None, "units"),
        ("draw the causal graph", "graph", None, None),
    ],
)  # fmt: skip
def test_kinds(text: str, kind: str, a: str | None, b: str | None) -> None:
    q = parse_question(text, PROFILE, KNOWLEDGE)
    assert (q.kind, q.treatment, q.outcome) == (kind, a, b)


@pytest.mark.parametrize(
    ("text", "control", "treated"),
    [
        ("What is the effect of price on units when price goes from 3 to 5?", 3, 5),
        ("What happens to units if price goes from 10 to 12.5?", 10, 12.5),
        ("If price were 5 instead of 3, what would happen to units?", 3, 5),
        ("Does a 5 EUR price rise cut weekly renewals?", 20.0, 25.0),
        ("How do units change when price increases by 2?", 20.0, 22.0),
        ("Does a 10% price increase reduce units?", 20.0, 22.0),
        ("How do units change when price increases by 5 percent?", 20.0, 21.0),
        ("What happens to units if price goes from 3 EUR to 5 EUR?", 3, 5),
    ],
)
def test_contrasts_are_in_the_users_units(text: str, control: float, treated: float) -> None:
    assert parse_question(text, PROFILE, KNOWLEDGE).contrast == Contrast(control, treated)


@pytest.mark.parametrize(
    ("text", "control", "treated"),
    [
        ("What is the effect of arm on units going from 'low dose' to 'high dose'?", "low dose", "high dose"),
        ("effect of arm on units when arm goes from Low Dose to placebo", "low dose", "placebo"),
        ("effect of arm on units from low dose to 'high dose'", "low dose", "high dose"),
        ("What would happen to units if arm went from placebo to control?", "placebo", "control"),
        ("Does age raise units, from False to True?", "False", "True"),
        ("does arm raise units, from placebo to low dose?", "placebo", "low dose"),
        ("effect of arm on units from 'placebo' to 'no such arm'", "placebo", "no such arm"),
        ("Does raising price from $20 to $25 cut units?", 20, 25),
    ],
)
def test_a_contrast_that_is_written_is_never_dropped(text: str, control: object, treated: object) -> None:
    levels = (("placebo", 40), ("low dose", 30), ("high dose", 30))
    arm = ColumnProfile("arm", "nominal", "text", 0, 3, levels=levels)
    table = Profile("table.csv", "sha256:0", 100, (*PROFILE.columns, arm))
    assert parse_question(text, table, KNOWLEDGE).contrast == Contrast(control, treated)  # type: ignore[arg-type]


def test_given_columns_condition_a_test_and_control_an_effect() -> None:
    tested = parse_question("Are age and sex independent given region and price?", PROFILE, KNOWLEDGE)
    assert tested.given == ("region", "price")
    held = parse_question(
        "How much does price affect units, controlling for age and region?", PROFILE, KNOWLEDGE
    )
    assert held.controls == ("age", "region")


def test_the_opposite_question_is_marked() -> None:
    assert parse_question("Are X1 and X2 dependent given X3?", PROFILE, KNOWLEDGE).negated
    assert not parse_question("Are X1 and X2 independent given X3?", PROFILE, KNOWLEDGE).negated


def test_a_graph_of_some_columns() -> None:
    q = parse_question("learn the causal graph of X1, X2 and X3", PROFILE, KNOWLEDGE)
    assert (q.kind, q.columns) == ("graph", ("X1", "X2", "X3"))
    assert parse_question("Draw the causal graph of all columns", PROFILE, KNOWLEDGE).columns == ()


def test_a_candidate_for_a_role() -> None:
    q = parse_question("Is region a confounder of price and units?", PROFILE, KNOWLEDGE)
    assert (q.kind, q.columns, q.treatment) == ("confounder", ("region",), "price")


def test_unknown_columns_are_named_with_the_nearest() -> None:
    with pytest.raises(ColumnNotFound, match="prcie") as e:
        parse_question("What is the effect of prcie on units?", PROFILE, KNOWLEDGE)
    assert "price" in e.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "tell me a joke",
        "",
        "no",
        "economic growth technology",
        "What share of the effect of price on units is there?",
        "what is the indirect effect of price on units?",
    ],
)
def test_what_is_not_understood_is_unclear(text: str) -> None:
    assert parse_question(text, PROFILE, KNOWLEDGE).kind == "unclear"


@pytest.mark.parametrize(
    "text",
    [
        "How much of the effect of price on units goes through age?",
        "What share of the effect of price on units is mediated by age?",
        "which fraction of the effect of price on units runs via age",
        "what is the indirect effect of price on units through age?",
        "How much does age mediate the effect of price on units?",
        "Split the effect of price on units at age.",
        "How much of price's effect on units is due to age?",
        "how much does price raise units through age?",
        "what part of the total effect of price on units is explained by age?",
        "Mediation analysis of price on units with mediator age",
    ],
)
def test_the_part_of_an_effect_that_goes_through_a_column(text: str) -> None:
    q = parse_question(text, PROFILE, KNOWLEDGE)
    assert (q.kind, q.treatment, q.outcome, q.mediator) == ("mediation", "price", "units", "age")


@pytest.mark.parametrize(
    ("text", "expects"),
    [
        ("Does price cause units?", 0),
        ("Does price raise units?", 1),
        ("Does price lower units?", -1),
        ("Does a 5 EUR price rise cut weekly renewals?", -1),
        ("Does a 5 EUR price cut raise weekly renewals?", 1),
        ("Does lowering price raise units?", -1),
        ("Does removing the price raise units?", -1),
        ("Does not having a price lower units?", 1),
        ("Does without_price raise units?", 1),
        ("does quitting smoking cause weight gain?", 1),
        ("does quitting smoking lead to weight loss?", -1),
        ("What is the effect of price on units?", 0),
    ],
)
def test_a_closed_question_may_name_a_direction(text: str, expects: int) -> None:
    assert parse_question(text, PROFILE, KNOWLEDGE).expects == expects


@pytest.mark.parametrize(
    ("text", "graph", "closed", "negated"),
    [
        ("what do the data contradict in graph shop@2?", "shop@2", False, False),
        ("Does graph shop fit the data?", "shop", True, False),
        ("Does the graph fit the data?", None, True, False),
        ("Do the data contradict the graph?", None, True, True),
    ],
)
def test_a_graph_is_named_and_the_answer_has_the_right_sense(
    text: str, graph: str | None, closed: bool, negated: bool
) -> None:
    q = parse_question(text, PROFILE, KNOWLEDGE)
    assert (q.kind, q.graph, q.closed, q.negated) == ("falsify", graph, closed, negated)


@pytest.mark.parametrize(
    ("text", "domain", "column"),
    [
        ("which mechanisms change between regions?", ("region",), ()),
        ("do the regions differ?", ("region",), ()),
        ("what differs between regions?", ("region",), ()),
        ("which variables behave differently across regions?", ("region",), ()),
        ("Does the mechanism of units change between regions?", ("region",), ("units",)),
        ("Is there a shift between regions?", ("region",), ()),
        ("do the mechanisms differ across sites?", (), ()),
    ],
)
def test_the_column_of_domains_is_found(text: str, domain: tuple[str, ...], column: tuple[str, ...]) -> None:
    columns = (*PROFILE.columns, ColumnProfile("region", "nominal", "text", 0, 3))
    q = parse_question(text, replace(PROFILE, columns=columns), KNOWLEDGE)
    assert (q.kind, q.given, q.columns) == ("domains", domain, column)
