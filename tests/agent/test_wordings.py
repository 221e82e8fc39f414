"""Each kind of question in eight wordings, over columns whose names have spaces, capital letters and signs."""

from __future__ import annotations

import pytest

from causalcopilot.agent.intent import parse_question
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.errors import CcpError

NAMES = ("Unit Price", "Units Sold", "Ad Spend", "Region", "Temp_C", "age")
PROFILE = Profile(
    "shop.csv",
    "sha256:0",
    300,
    tuple(ColumnProfile(n, "continuous", "number", 0, 90, mean=20.0) for n in NAMES),
)
A, B, C = "Unit Price", "Units Sold", "Ad Spend"

WORDINGS: dict[str, tuple[str, ...]] = {
    "effect": (
        f"What is the effect of {A} on {B}?",
        "does unit price affect units sold?",
        "Is units sold affected by unit price?",
        f"How much does `{A}` change `{B}`, controlling for {C}?",
        f"What happens to {B} if {A} goes from 3 EUR to 5 EUR?",
        f"impact of {A} on {B}",
        f"Does raising {A} by 2 lower {B}?",
        f"Doesn't {A} reduce {B}?",
    ),
    "independence": (
        f"Are {A} and {B} independent?",
        f"is {A} independent of {B} given {C}?",
        f"Are {A} and {B} uncorrelated?",
        f"Is {A} related to {B}?",
        f"does {A} depend on {B}?",
        f"Test whether {A} and {B} are independent given {C}",
        f"Are {A} and {B} dependent, controlling for {C}?",
        f"independence of {A} and {B} conditional on {C}",
    ),
    "direct_cause": (
        f"Does {A} directly cause {B}?",
        f"Is {A} a direct cause of {B}?",
        f"is there a direct edge from {A} to {B}?",
        f"Does {A} directly affect {B}?",
        f"does {A} influence {B} directly?",
        f"Does {A} have a direct effect on {B}?",
        f"Has {A} a direct causal effect on {B}?",
        f"Is {A} a direct driver of {B}?",
    ),
    "confounder": (
        f"Is there a confounder between {A} and {B}?",
        f"Is there a common cause of {A} and {B}?",
        f"Are {A} and {B} confounded?",
        f"Is {C} a confounder of {A} and {B}?",
        f"What causes both {A} and {B}?",
        f"which variables confound... is there confounding between {A} and {B}?",
        f"Are there any confounders of {A} and {B}?",
        f"Is the effect confounded for {A} and {B}?",
    ),
    "collider": (
        f"Is there a collider between {A} and {B}?",
        f"is there a common effect of {A} and {B}?",
        f"Is {C} a collider of {A} and {B}?",
        f"Is {C} a common effect of {A} and {B}?",
        f"Is there a common consequence of {A} and {B}?",
        f"Are there colliders of {A} and {B}?",
        f"is anything caused by both {A} and {B}?",
        f"What is influenced by both {A} and {B}?",
    ),
    "mediator": (
        f"Is there a mediator between {A} and {B}?",
        f"Which variables mediate the effect of {A} on {B}?",
        f"Does {C} mediate the effect of {A} on {B}?",
        f"is {C} a mediator of {A} and {B}?",
        f"What are the mediators of {A} and {B}?",
        f"what mediates the relationship between {A} and {B}?",
        f"Through what does {A} affect {B}?",
        f"is {C} a mediator for the effect of {A} on {B}?",
    ),
    "adjustment": (
        f"What should I adjust for to find the effect of {A} on {B}?",
        f"which variables must be controlled for when estimating the effect of {A} on {B}?",
        f"What do I need to condition on for the effect of {A} on {B}?",
        f"adjustment set for the effect of {A} on {B}",
        f"What is the adjustment set of {A} and {B}?",
        f"Give me adjustment sets for {A} and {B}",
        f"Which columns should be adjusted for in the effect of {A} on {B}?",
        f"what must I control for to get the impact of {A} on {B}?",
    ),
    "drivers": (
        f"What drives {B}?",
        f"what are the causes of {B}?",
        f"Which variables affect {B} most?",
        f"What causes {B}?",
        f"What are the main drivers of {B}?",
        f"what influences {B}?",
        f"Which columns cause {B}?",
        f"root causes of {B}",
    ),
    "graph": (
        "draw the causal graph",
        "Learn the graph",
        "What is the causal graph?",
        f"learn the causal graph of {A}, {B} and {C}",
        "show me the causal structure",
        "discover the graph",
        "Find the causal graph of all columns",
        "What does the DAG look like?",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(k, t) for k, texts in WORDINGS.items() for t in texts])
def test_every_kind_in_eight_wordings(kind: str, text: str) -> None:
    q = parse_question(text, PROFILE, Knowledge())
    assert q.kind == kind
    if kind == "drivers":
        assert q.outcome == B
    elif kind != "graph":
        assert {q.treatment, q.outcome} == {A, B}


def test_there_are_eight_of_each() -> None:
    assert {len(texts) for texts in WORDINGS.values()} == {8}


@pytest.mark.parametrize("text", ["Does Ad Spend affect unit?", "effect of unit on age"])
def test_a_column_that_is_not_sure_is_an_error_with_candidates(text: str) -> None:
    with pytest.raises(CcpError) as caught:
        parse_question(text, PROFILE, Knowledge())
    assert caught.value.exit_code == 2
    assert "Unit" in f"{caught.value.message} {caught.value.hint}"
