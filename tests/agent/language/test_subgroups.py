"""Questions about groups: understood as people write them, answered from facts, told without a claim of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causalcopilot.agent.expert import narrative
from causalcopilot.agent.expert.state import Done
from causalcopilot.agent.language.intent import parse_question
from causalcopilot.agent.subgroups_answer import answer
from causalcopilot.domain.answer import Answer
from causalcopilot.domain.estimate import Verdict
from causalcopilot.domain.heterogeneity import Heterogeneity
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.report.claims import find_faults, render, text_of
from causalcopilot.toolkit.result import HeterogeneityResult
from causalcopilot_tools.effects import heterogeneity_report
from tests.agent.groups import ALIKE, AMONG, EXPLORED, NAMED, SMALL
from tests.agent.histories import EFFECT, IDENTIFIED, ROLES, TOOLS, chosen
from tests.agent.histories import PROFILE as PLAIN
from tests.agent.states import FACTS, NAMES, made, stood

_TEXT = {"sex": ("female", "male"), "region": ("north", "south", "east")}
PROFILE = Profile(
    "table.csv",
    "sha256:0",
    100,
    (
        *(ColumnProfile(n, "continuous", "number", 0, 50, mean=20.0) for n in ("t", "y", "age", "income")),
        *(
            ColumnProfile(n, "binary", "number", 0, 2, levels=(("0", 60), ("1", 40)))
            for n in ("training", "smoker")
        ),
        *(
            ColumnProfile(n, "nominal", "text", 0, len(v), levels=tuple((x, 20) for x in v))
            for n, v in _TEXT.items()
        ),
    ),
)


def ask(text: str) -> Question:
    return parse_question(text, PROFILE, Knowledge())


@pytest.mark.parametrize(
    "text",
    [
        "for whom does training raise income?",
        "For whom does training raise income the most?",
        "For which people is the effect of training on income largest?",
        "who benefits most from training in terms of income?",
        "which groups gain the most from training in terms of income?",
        "is there heterogeneity in the effect of training on income?",
        "are there heterogeneous effects of training on income?",
        "what moderates the effect of training on income?",
        "where is the effect of training on income strongest?",
        "does the effect of training on income differ at all?",
        "is the effect of training on income the same for everyone?",
    ],
)
def test_for_whom_names_no_column(text: str) -> None:
    q = ask(text)
    assert (q.kind, q.treatment, q.outcome, q.modifiers) == ("subgroups", "training", "income", ())


@pytest.mark.parametrize(
    ("text", "by", "closed", "negated"),
    [
        ("does the effect of t on y differ by sex?", ("sex",), True, False),
        ("does the effect of t on y differ between men and women?", ("sex",), True, False),
        ("is the effect of t on y the same for men and women?", ("sex",), True, True),
        ("does the effect of t on y vary with age?", ("age",), True, False),
        ("does the effect of t on y depend on age and region?", ("age", "region"), True, False),
        ("does sex moderate the effect of t on y?", ("sex",), True, False),
        ("is age an effect modifier of t on y?", ("age",), True, False),
        ("is there heterogeneity in the effect of t on y by age?", ("age",), True, False),
        ("how does the effect of t on y vary across regions?", ("region",), False, False),
        ("what is the effect of t on y by sex?", ("sex",), False, False),
        ("effect of t on y by sex and region", ("sex", "region"), False, False),
        ("compare the effect of t on y between men and women", ("sex",), False, False),
        ("effect of t on y for each region", ("region",), False, False),
    ],
)
def test_by_what_it_may_differ(text: str, by: tuple[str, ...], closed: bool, negated: bool) -> None:
    q = ask(text)
    assert (q.kind, q.treatment, q.outcome) == ("subgroups", "t", "y")
    assert (q.modifiers, q.closed, q.negated) == (by, closed, negated)


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("who should get training to raise income?", "raise"),
        ("who should receive training to increase income?", "raise"),
        ("which people should be offered training to boost income?", "raise"),
        ("whom should we treat with training to reduce income?", "lower"),
        ("which patients should receive training to lower income?", "lower"),
        ("whom should we give training to to maximize income?", "raise"),
        ("what is the best treatment rule for training on income?", ""),
        ("the optimal targeting policy of training on income", ""),
        ("who should get training?", ""),
    ],
)
def test_who_should_be_treated(text: str, goal: str) -> None:
    q = ask(text)
    assert (q.kind, q.treatment, q.goal) == ("subgroups", "training", goal)


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("effect of t on y among women", ("sex", "female")),
        ("What is the effect of t on y for men?", ("sex", "male")),
        ("what is the effect of t on y in the north?", ("region", "north")),
        ("among women, does t affect y?", ("sex", "female")),
        ("does t raise y among smokers?", ("smoker", "1")),
        ("effect of t on y where region is south", ("region", "south")),
        ("effect of t on y when sex = female", ("sex", "female")),
        ("how much does t raise y for women?", ("sex", "female")),
        ("does t raise y more for women than men?", ("sex", "female", "more")),
    ],
)
def test_one_group(text: str, among: tuple[str, ...]) -> None:
    q = ask(text)
    assert (q.kind, q.treatment, q.outcome, q.modifiers, q.among) == ("subgroups", "t", "y", among[:1], among)


@pytest.mark.parametrize(
    "text",
    [
        "what is the effect of t on y?",
        "does t cause y?",
        "how does y change when t goes from 0 to 1?",
        "what is the effect of training on income from 0 to 1?",
    ],
)
def test_a_plain_effect_stays_one(text: str) -> None:
    q = ask(text)
    assert (q.kind, q.modifiers, q.among) == ("effect", (), ())


ESTIMATED = (PLAIN, IDENTIFIED, ("estimate", {"identification": "t2"}, {"effect": 1.5}))
REFUTED = (*ESTIMATED, ("refute", {"estimate": "t3"}, {"verdict": "supported"}))


def test_differences_are_looked_into_only_where_asked() -> None:
    asked = {**EFFECT, "kind": "subgroups", "modifiers": ["age"], "goal": "lower"}
    call = ("heterogeneity", {"identification": "t2", "modifiers": ["age"], "goal": "lower"})
    tools = (*TOOLS, "heterogeneity")
    assert chosen(asked, *ESTIMATED, knowledge=ROLES, tools=tools)[0][0] == "refute"
    assert chosen(asked, *REFUTED, knowledge=ROLES, tools=tools) == [call]
    assert chosen({**asked, "kind": "effect"}, *REFUTED, knowledge=ROLES, tools=tools) == [call]
    assert chosen(EFFECT, *REFUTED, knowledge=ROLES, tools=tools) == []


KNOWN = Identification(
    "identified", "Conditional Exogeneity", "ATE", "all rows", ("a",), ("b",), "binary", Contrast(0, 1)
)


@pytest.mark.parametrize("text", ["does it differ?", "who should get a?"])
@pytest.mark.parametrize("look", [NAMED, ALIKE, SMALL, AMONG, EXPLORED], ids=lambda h: h.found)
def test_prose_about_groups_holds_no_claim_without_a_source(look: Heterogeneity, text: str) -> None:
    told = {f.key: f for f in heterogeneity_report.facts(look, KNOWN)}
    facts = {**FACTS, "t11": told}
    values = {k: {"value": f.value, "low": f.low, "high": f.high} for k, f in told.items()}
    done = (made("t1"), made("t2"), made("t3"), Done("t11", "heterogeneity", {}, True, values))
    state = stood("subgroups", *done)
    state = replace(state, question=replace(state.question, text=text))
    written = narrative.write(state)
    assert find_faults(written, facts, {*NAMES, "heterogeneity"}) == ()
    shown = text_of(render(written, facts, {*NAMES, "heterogeneity"}))
    assert look.found.replace("_", " ") in shown
    assert ("Who should be treated" in shown) == (text.startswith("who") and look.policy is not None)


READ = Verdict("supported", "", "", "increases")
AVERAGE = Answer(2.0, 2.0, 1.0, 3.0, "kg", verdict="supported", evidence=("t2",))


def said(look: Heterogeneity, verdict: Verdict = READ, **fields: object) -> Answer:
    question = replace(Question("subgroups", treatment="a", outcome="b", closed=True), **fields)  # type: ignore[arg-type]
    return answer(question, {"t9": HeterogeneityResult("", heterogeneity=look)}, verdict, AVERAGE)


def test_no_is_said_only_where_differences_are_shown_to_be_small() -> None:
    assert said(NAMED).answer == "yes"
    assert said(ALIKE).answer == "uncertain"
    assert said(SMALL).answer == "no"
    assert said(NAMED, negated=True).answer == "no"
    assert said(NAMED, Verdict("refuted", "", "", "unclear")).answer == "uncertain"
    assert said(NAMED).ranking == ("sex",)
    assert said(ALIKE).ranking == ()


def test_a_group_answers_with_its_own_effect() -> None:
    one = said(AMONG, closed=False, among=("sex", "f"))
    assert (one.answer, one.low, one.high) == (1.2, 0.19999999999999996, 2.2)
    assert said(AMONG, among=("sex", "f"), expects=-1).answer == "no"
    assert said(NAMED, among=("sex", "x")).answer == "uncertain"


def test_more_in_one_group_than_in_another() -> None:
    two = replace(NAMED, groups=NAMED.groups[:2])
    assert said(two, among=("sex", "m", "more")).answer == "yes"
    assert said(two, among=("sex", "f", "more")).answer == "no"
    assert said(two, among=("sex", "f", "less")).answer == "yes"
    assert said(replace(ALIKE, groups=two.groups), among=("sex", "m", "more")).answer == "uncertain"
