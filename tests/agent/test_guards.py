"""What a model may not do although its numbers have sources: give in, or pass an association off as an effect."""

from __future__ import annotations

from typing import Any

import pytest

from causalcopilot.agent.events import Retried
from causalcopilot.agent.guards import guard
from causalcopilot.agent.plan import Plan
from causalcopilot.agent.proposals import Proposal, accepted
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.question import Question
from causalcopilot.domain.run import CallRecord, RunRecord
from causalcopilot.errors import UsageError
from causalcopilot.report.findings import Findings, Found
from causalcopilot.testing import calls
from causalcopilot.toolkit.result import Result
from tests.agent.test_conversation import ask, open_session, scripted  # noqa: F401 - a fixture

EFFECT = Question("effect", treatment="quit", outcome="gain")
INSISTING = Question(
    "independence", treatment="age", outcome="sex", aspect="insist", text="no, you are wrong"
)


def findings(**made: tuple[str, ...]) -> Findings:
    """Findings with one call a tool, whose facts have these keys."""
    found = []
    for i, (tool, keys) in enumerate(made.items(), 1):
        facts = tuple(Fact(k, "association" if k.endswith("quantity") else 1.0) for k in keys)
        found.append(Found(CallRecord(f"t{i}", tool, {}, True), Result("", facts)))
    return Findings(RunRecord("r", "ask", EFFECT, "d", "h", 1, 1), tuple(found))


FOUND = findings(
    estimate=("effect", "difference_in_means", "estimate.2", "estimate.2.quantity"),
    independence=("p_value", "answer"),
)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("It adds {t1.effect}.", 0),
        ("It adds {t1.difference_in_means}.", 1),
        ("It adds {t1.difference_in_means.with_unit} and {t1.estimate.2}.", 2),
        ("They are not independent, p is {t2.p_value}, so quitting matters.", 1),
        ("The plain difference {t1.difference_in_means} is an association.", 0),
        ("The plain difference {t1.difference_in_means} is not an effect.", 0),
    ],
)
def test_an_association_is_called_one_where_an_effect_was_asked_for(text: str, faults: int) -> None:
    assert len(guard(EFFECT, FOUND, text)) == faults
    assert guard(Question("independence", treatment="a", outcome="b"), FOUND, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "You are right, the answer is {t2.answer}.", "I stand corrected: {t2.answer}.", "I agree. {t2.answer}",
        "My mistake, see {t2.answer}.", "You're absolutely right: {t2.answer}.",
    ],
)  # fmt: skip
def test_giving_in_is_a_fault(text: str) -> None:
    assert len(guard(INSISTING, FOUND, text)) == 1


def test_the_facts_have_to_be_named_when_a_user_insists() -> None:
    assert guard(INSISTING, FOUND, "The answer stays as it was.") != []
    assert guard(INSISTING, FOUND, "The answer stays {t2.answer}.") == []


def test_a_model_that_gives_in_is_asked_again_and_then_replaced(open_session: Any) -> None:  # noqa: F811
    test = calls(("independence", {"a": "age", "b": "sex"}))
    weak = "You are right, I agree."
    conversation, model = scripted(open_session, test, "Answer: {t1.answer}.", weak, weak, weak)
    ask(conversation, Question("independence", treatment="age", outcome="sex"))
    turn, events = ask(conversation, INSISTING)
    assert sum(isinstance(e, Retried) for e in events) >= 1
    assert turn.run.author == "expert"
    assert "I keep to the facts" in turn.narrative
    assert "{t1.answer}" in turn.narrative
    assert "agree" not in turn.narrative
    assert len(model.seen) >= 4


def test_a_proposal_changes_nothing_until_it_is_accepted(open_session: Any) -> None:  # noqa: F811
    proposed = calls(("propose", {"kind": "edge", "a": "age", "b": "gain"}))
    test = calls(("independence", {"a": "age", "b": "sex"}))
    conversation, _ = scripted(open_session, proposed, test, "Answer: {t2.answer}.")
    before = conversation.case.knowledge
    turn, events = ask(conversation, Question("independence", treatment="age", outcome="sex"))
    assert conversation.case.knowledge == before
    facts = {f["key"]: f["value"] for f in (turn.run.calls[0].result or {})["facts"]}
    assert facts["proposal"] == "proposal: age --> gain"
    assert (facts["origin"], facts["evidence"]) == ("model", "agrees")
    assert any("Nothing changes unless you accept it" in getattr(e, "message", "") for e in events)


def test_proposals_are_taken_where_the_user_said_so(open_session: Any) -> None:  # noqa: F811
    proposed = calls(
        ("propose", {"kind": "edge", "a": "age", "b": "gain"}),
        ("propose", {"kind": "edge", "a": "gain", "b": "age"}),
    )
    conversation, _ = scripted(open_session, proposed, "Which columns do you mean?")
    conversation.accept = True
    _, events = ask(conversation, Question("unclear", text="hm"))
    known = conversation.case.knowledge
    assert known.required == (("age", "gain"),)
    assert known.origins == (("age --> gain", "proposed by scripted (t1), accepted by the user"),)
    assert any("Not accepted: gain --> age would close a cycle" in getattr(e, "message", "") for e in events)
    assert Plan("ask").parent == ""


def proposal(kind: str, a: str, b: str = "") -> Proposal:
    return Proposal("t1", kind, a, b, f"proposal: {a}", "silent", (), "m")


def test_a_role_is_taken_only_where_nobody_gave_one() -> None:
    known = Knowledge((ColumnKnowledge("age", unit="years"), ColumnKnowledge("after", role="post_treatment")))
    taken = accepted(known, proposal("confounder", "age"))
    assert taken.columns[0] == ColumnKnowledge("age", unit="years", role="pre_treatment")
    assert accepted(taken, proposal("instrument", "draw")).column("draw") == ColumnKnowledge(
        "draw", role="instrument"
    )
    with pytest.raises(UsageError, match="you said that after is post_treatment"):
        accepted(known, proposal("confounder", "after"))
    assert accepted(known, proposal("no_edge", "age", "after")).forbidden == (("age", "after"),)
