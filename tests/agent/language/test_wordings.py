"""Each kind of question in eight wordings, over columns whose names have spaces, capital letters and signs."""

from __future__ import annotations

from typing import get_args

import pytest

from causalcopilot.agent.language.intent import parse_question
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import QuestionKind
from causalcopilot.errors import CcpError

NAMES = ("Unit Price", "Units Sold", "Ad Spend", "Region", "Temp_C", "age")
PROFILE = Profile(
    "shop.csv",
    "sha256:0",
    300,
    (
        *(ColumnProfile(n, "continuous", "number", 0, 90, mean=20.0) for n in NAMES),
        ColumnProfile("Shop Type", "nominal", "text", 0, 2, levels=(("online", 150), ("high street", 150))),
        ColumnProfile("Order No", "identifier", "number", 0, 300, minimum=1, maximum=300),
    ),
    identifiers=("Order No",),
)
A, B, C = "Unit Price", "Units Sold", "Ad Spend"

WORDINGS: dict[str, tuple[str, ...]] = {
    "joint": (
        f"What is the joint effect of {A} and {C} on {B}?",
        "effect of unit price and ad spend together on units sold",
        f"What would happen to {B} if {A} and {C} were both raised by one unit?",
        f"Combined impact of `{A}` and `{C}` on `{B}`, controlling for age",
        f"How much do {A} and {C} together change {B}?",
        f"Do {A} and {C} jointly lower {B}?",
        f"What happens to {B} if we raise both {A} and {C} by 2?",
        f"If {A} and {C} both went from 3 to 5, how much would {B} change?",
    ),
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
    "direction": (
        f"Which way does it go between {A} and {B}?",
        f"Does {A} cause {B}, or the other way around?",
        f"Is {A} the cause of {B} or is {B} the cause of {A}?",
        f"Which comes first, {A} or {B}?",
        f"What is the causal direction between {A} and {B}?",
        f"Does the arrow point from {A} to {B}?",
        "is unit price a cause or an effect of units sold?",
        f"Is {A} driving {B} or is it reversed?",
    ),
    "falsify": (
        "Does my graph fit the data?",
        "Is the graph shop@2 consistent with the data?",
        "Do the data contradict this graph?",
        "What do the data contradict in graph shop@2?",
        "Is my DAG wrong?",
        "Is graph shop@2 at odds with the table?",
        "Test the graph against the data",
        "How well does the diagram describe the data?",
    ),
    "domains": (
        "Which mechanisms differ between Shop Types?",
        f"Does the mechanism of {B} change across Shop Type?",
        "what changes between shop types?",
        "Is there a shift between Shop Type?",
        "Do the mechanisms drift over the rows?",
        "Which variables behave differently across Shop Type?",
        "Compare the mechanisms across Shop Type",
        "which mechanisms vary by shop type?",
    ),
    "mediation": (
        f"How much of the effect of {A} on {B} goes through {C}?",
        f"What share of {A}'s effect on {B} is due to {C}?",
        f"What is the indirect effect of {A} on {B} through {C}?",
        f"How much does {C} mediate the effect of {A} on {B}?",
        f"Does {A} lower {B} via {C}?",
        "split the effect of unit price on units sold at ad spend",
        f"Mediation analysis of {A} on {B} with mediator {C}",
        f"Which part of the effect of {A} on {B} is carried by {C}?",
    ),
    "subgroups": (
        f"For whom does {A} lower {B} most?",
        f"Does the effect of {A} on {B} differ by Shop Type?",
        f"What is the effect of {A} on {B} where Shop Type is online?",
        f"Is the effect of {A} on {B} larger for online shops?",
        f"What moderates the effect of {A} on {B}?",
        f"Does {A} lower {B} more online than in high street?",
        f"What is the effect of {A} on {B} among online customers?",
        f"Is the effect of {A} on {B} the same for everyone?",
    ),
    "what_if": (
        f"What would {B} be if {A} were 5?",
        f"If {A} were 5, what would {B} be?",
        f"what is the mean of {B} under do({A} = 5)?",
        f"Suppose {A} was 5 EUR lower, what would {B} be?",
        f"Had {A} been 5, what would {B} have been?",
        f"What would happen to {B} if we set {A} to 5?",
        "predict units sold if unit price = 5",
        f"How high would {B} be if {A} rose by 2?",
    ),
    "counterfactual": (
        f"What would {B} have been in row 12 if {A} had been 5?",
        f"In row 12, what would {B} be if {A} were 5?",
        f"If {A} had been 5, what would {B} have been for row 12?",
        f"For Order No 12, what would {B} have been if {A} had been 5?",
        "what would units sold have been for order no = 12 had unit price been 5?",
        f"How high would {B} have been in record 12 if {A} had been 2 lower?",
        f"Had {A} been 5, what would {B} have been in line 12?",
        f"What would {B} have been at Order No: 12 if we had set {A} to 5?",
    ),
    "anomaly": (
        f"Why is {B} so high in row 12?",
        f"Why was {B} so low for Order No 12?",
        f"What caused the spike of {B} in row 12?",
        f"Explain the low {B} of row 12",
        f"What is behind the outlier of {B} in record 12?",
        f"root causes of the drop in {B} in row 12",
        "why did units sold spike in row 12?",
        f"Which columns explain {B} in row 12?",
    ),
    "change": (
        f"Why did {B} drop between Shop Type online and high street?",
        f"Why is {B} higher in high street than in online?",
        f"What explains the difference in {B} between online and high street?",
        f"What caused the change in {B} from online to high street?",
        f"Decompose the change in {B} between online and high street",
        f"Why does {B} differ between online and high street?",
        f"Which mechanisms made {B} fall between online and high street?",
        "why are units sold lower online than in high street?",
    ),
    "arrows": (
        f"How strong are the arrows into {B}?",
        f"How strong are the direct causes of {B}?",
        f"What is the strength of the arrows to {B}?",
        f"Which direct cause of {B} is the strongest?",
        f"What are the strongest direct causes of {B}?",
        f"Rank the direct causes of {B} by strength",
        "arrow strengths for units sold",
        f"rank the parents of {B}",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(k, t) for k, texts in WORDINGS.items() for t in texts])
def test_every_kind_in_eight_wordings(kind: str, text: str) -> None:
    q = parse_question(text, PROFILE, Knowledge())
    assert q.kind == kind
    if kind in ("drivers", "arrows", "anomaly", "change"):
        assert q.outcome == B
    elif kind not in ("graph", "falsify", "domains"):
        assert {q.treatment, q.outcome} == {A, B}


def test_there_are_eight_of_each() -> None:
    assert {len(set(texts)) for texts in WORDINGS.values()} == {8}
    unspoken = {"explore", "unclear"}  # what is asked without words, and what no words asked
    assert set(WORDINGS) == set(get_args(QuestionKind)) - unspoken


@pytest.mark.parametrize("text", ["Does Ad Spend affect unit?", "effect of unit on age"])
def test_a_column_that_is_not_sure_is_an_error_with_candidates(text: str) -> None:
    with pytest.raises(CcpError) as caught:
        parse_question(text, PROFILE, Knowledge())
    assert caught.value.exit_code == 2
    assert "Unit" in f"{caught.value.message} {caught.value.hint}"
