"""The expert with a structural model: what it calls, what it writes, and what an online model never sees."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from causalcopilot.agent.answer import answer_of
from causalcopilot.agent.expert import narrative
from causalcopilot.agent.expert.brief import QUESTION
from causalcopilot.agent.expert.protocol import next_calls
from causalcopilot.agent.expert.state import Done, State, read_state
from causalcopilot.agent.models.guarded import withheld
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.report.claims import find_faults, render, text_of
from causalcopilot.toolkit.registry import Registry, load_tools
from causalcopilot.toolkit.result import Result
from causalcopilot_tools.explain.anomaly import anomaly
from causalcopilot_tools.explain.arrow_strength import arrow_strength
from causalcopilot_tools.explain.attribute_change import attribute_change
from causalcopilot_tools.explain.counterfactual import counterfactual
from causalcopilot_tools.explain.intervene import intervene
from tests.agent.histories import history
from tests.tools.framed import case
from tests.tools.structural_world import GRAPH, LIFT, world

TOOL = {t.name: t for t in (intervene, counterfactual, anomaly, attribute_change, arrow_strength)}
ASKED = {
    "what_if": Question("what_if", treatment="t", outcome="y", contrast=Contrast(None, 1.0)),
    "what_if, far": Question("what_if", treatment="t", outcome="y", shift=50.0),
    "counterfactual": Question(
        "counterfactual", treatment="t", outcome="y", contrast=Contrast(None, 0.0), row=17
    ),
    "anomaly": Question("anomaly", outcome="y", row=17, expects=-1),
    "change": Question("change", outcome="y", given=("period",), contrast=Contrast(2023, 2024), expects=-1),
    "arrows": Question("arrows", outcome="y"),
}


def called(question: Question) -> tuple[str, dict[str, Any]]:
    state = read_state(history({"kind": "unclear"}, columns=("t", "y")))
    ((tool, args),) = next_calls(replace(state, question=replace(question, graph="g@1")))
    return tool, dict(args)


def run(question: Question, graph: StoredGraph = GRAPH) -> tuple[Result, State]:
    tool, args = called(question)
    result = TOOL[tool](case(world(LIFT)), **{**args, "graph": graph})
    facts = {f.key: {"value": f.value, "low": f.low, "high": f.high} for f in result.facts}
    brief = read_state(history({"kind": "unclear"}, columns=("t", "y"))).brief
    return result, State(brief, question, (Done("t1", tool, args, True, facts),))


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("op", ["imported", "discovered"])
def test_prose_holds_no_claim_without_a_source(name: str, op: str) -> None:
    result, state = run(ASKED[name], replace(GRAPH, op=op))
    text = narrative.write(state)
    facts = {"t1": {f.key: f for f in result.facts}}
    names = {*world().columns, *TOOL}
    assert find_faults(text, facts, names) == ()
    said = text_of(render(text, facts, names))
    assert ("In the learned graph" in said) == (op == "discovered")
    assert ("nobody has vouched" in said) == (op == "discovered")
    assert "assumes that the graph is right" in said


def test_what_the_question_got_wrong_is_said() -> None:
    assert "the other side of the mean" in narrative.write(run(ASKED["anomaly"])[1])
    assert "the other way" in narrative.write(run(ASKED["change"])[1])
    assert "extrapolation" in narrative.write(run(ASKED["what_if, far"])[1])
    assert "extrapolation" not in narrative.write(run(ASKED["what_if"])[1])


def test_answers() -> None:
    for name, said in {"anomaly": "t", "change": "m", "arrows": "m"}.items():
        result, _ = run(ASKED[name])
        answer = answer_of(ASKED[name], {"t1": result}, {})
        assert (answer.answer, answer.ranking[0], answer.graph) == (said, said, "g@1")
    for name, key in {"what_if": "mean", "counterfactual": "counterfactual"}.items():
        result, _ = run(ASKED[name])
        answer = answer_of(ASKED[name], {"t1": result}, {})
        assert answer.value == answer.answer == result.fact(key).value
        assert answer.low is not None


def test_a_graph_is_learned_where_none_is_given() -> None:
    state = read_state(history({"kind": "arrows", "outcome": "gain"}))
    assert [tool for tool, _ in next_calls(state)] == ["discover"]


def test_rows_stay_on_this_machine() -> None:
    registry = load_tools()
    assert registry.private == {"counterfactual", "anomaly"}
    assert registry.private.isdisjoint(registry.public().names)
    assert len(registry.public()) == len(registry) - 2
    assert Registry.of(intervene).private == frozenset()


def test_what_the_expert_was_asked_of_a_row_is_withheld_from_a_model_that_goes_on() -> None:
    hidden = registry_private()
    block = {
        "type": QUESTION,
        "v": 1,
        "question": {"kind": "anomaly", "outcome": "y", "row": "ada", "text": "why is ada so high"},
    }
    call = {"name": "anomaly", "args": {"outcome": "y", "row": "ada"}, "id": "t00000001", "type": "tool_call"}
    told = json.dumps({"call": "t1", "ok": True, "facts": {"observed": 700.25, "row": "row 3 (who = ada)"}})
    messages = [
        HumanMessage(json.dumps(block)),
        AIMessage("", tool_calls=[call]),
        ToolMessage(told, tool_call_id="t00000001", name="anomaly"),
    ]
    sent = [withheld(m, hidden) for m in messages]
    shown = " ".join(str(m.content) + str(getattr(m, "tool_calls", "")) for m in sent)
    assert "ada" not in shown
    assert "700.25" not in shown
    assert json.loads(str(sent[2].content))["withheld"]
    assert "700.25" in str(messages[2].content)  # the stored message stays
    other = ToolMessage("{}", tool_call_id="t00000002", name="profile")
    assert withheld(other, hidden) is other


def registry_private() -> frozenset[str]:
    return load_tools().private
