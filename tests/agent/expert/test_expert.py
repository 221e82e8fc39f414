"""The expert: each rule on a hand-made history, streamed and not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage

from causalcopilot.agent import loop
from causalcopilot.agent.expert.brief import QUESTION
from causalcopilot.agent.expert.expert import Expert
from causalcopilot.agent.expert.protocol import RULES, next_calls, protocol_text
from causalcopilot.agent.expert.situation import STRUCTURE, WIDE
from causalcopilot.agent.expert.state import read_state
from tests.agent.conftest import FakeToolbox
from tests.agent.histories import (
    COLUMNS,
    EFFECT,
    HELD,
    IDENTIFIED,
    LEARNED,
    PAIR,
    PROFILE,
    REFUSED,
    ROLES,
    TOOLS,
    Step,
    chosen,
    history,
)


def test_a_question_of_effect_with_roles_goes_step_by_step() -> None:
    assert chosen(EFFECT, knowledge=ROLES) == [("profile", {})]
    assert chosen(EFFECT, PROFILE, knowledge=ROLES) == [("identify", PAIR)]
    assert chosen(EFFECT, PROFILE, IDENTIFIED, knowledge=ROLES) == [("estimate", {"identification": "t2"})]
    estimated = (PROFILE, IDENTIFIED, ("estimate", {"identification": "t2"}, {"effect": 1.5}))
    assert chosen(EFFECT, *estimated, knowledge=ROLES) == [("refute", {"estimate": "t3"})]
    refuted = (*estimated, ("refute", {"estimate": "t3"}, {"verdict": "supported"}))
    assert chosen(EFFECT, *refuted, knowledge=ROLES) == []


def test_what_is_not_identified_is_not_estimated() -> None:
    assert chosen(EFFECT, PROFILE, REFUSED, knowledge=ROLES) == []


def test_a_step_that_failed_is_not_tried_again() -> None:
    assert chosen(EFFECT, PROFILE, ("identify", PAIR, None), knowledge=ROLES) == []
    failed = (PROFILE, IDENTIFIED, ("estimate", {"identification": "t2"}, None))
    assert chosen(EFFECT, *failed, knowledge=ROLES) == []


def test_a_graph_is_learned_only_where_nobody_spoke() -> None:
    assert chosen(EFFECT, PROFILE) == [("discover", {"method": "auto"})]
    assert chosen(EFFECT, PROFILE, LEARNED) == [("identify", {**PAIR, "graph": "table@1"})]
    for spoken in (
        {"knowledge": ROLES},
        {"given_graph": "mine@1"},
        {"randomised": True},
    ):
        assert chosen(EFFECT, PROFILE, HELD, **spoken)[0][0] == "identify"
    by_hand = {**EFFECT, "controls": ["age"]}
    assert (
        chosen(by_hand, PROFILE)[0][0] == "discover"
    )  # a choice is not knowledge: let a graph speak against it
    assert chosen(by_hand, PROFILE, LEARNED)[0][1] == {**PAIR, "graph": "table@1", "controls": ["age"]}
    assert chosen(by_hand, PROFILE, knowledge=ROLES) == [("identify", {**PAIR, "controls": ["age"]})]
    assert chosen({**EFFECT, "graph": "mine@2"}, PROFILE, HELD) == [("identify", {**PAIR, "graph": "mine@2"})]
    assert chosen(EFFECT, PROFILE, HELD, given_graph="mine@1")[0][1]["graph"] == "mine@1"


def test_a_given_graph_is_held_against_the_data_first_and_named_to_the_refutation() -> None:
    assert chosen(EFFECT, PROFILE, given_graph="mine@1") == [("falsify", {"graph": "mine@1"})]
    assert chosen({"kind": "falsify", "graph": "mine@2"}) == [("falsify", {"graph": "mine@2"})]
    assert chosen({"kind": "falsify"}) == [("discover", {"method": "auto"})]
    made: Step = ("estimate", {}, {"effect": {"value": 1.0}})
    known: Step = ("identify", {}, {"status": "identified"})
    last = chosen(EFFECT, PROFILE, HELD, known, made, given_graph="mine@1")
    assert last[0][0] == "refute"
    assert last[0][1]["graph"] == "mine@1"


def test_no_graph_is_learned_over_a_very_wide_table() -> None:
    wide = [*COLUMNS, *(f"c{i}" for i in range(WIDE))]
    assert chosen(EFFECT, PROFILE, columns=wide)[0][0] == "identify"


def test_unmeasured_variables_call_for_a_search_that_allows_them() -> None:
    knowledge = {"columns": [{"name": "u", "role": "latent"}]}
    state = read_state(history({"kind": "graph"}, PROFILE, knowledge=knowledge))
    assert state.brief.latents == ("u",)
    assert next_calls(state)[0][1]["method"] == "fci"


def test_a_hidden_common_cause_is_not_looked_for_by_a_search_that_assumes_none() -> None:
    for text, method in (
        ("Is there a hidden common cause of a and b?", "fci"),
        ("Is there an unmeasured confounder of a and b?", "fci"),
        ("Is there a common cause of a and b?", "auto"),
    ):
        asked = {"kind": "confounder", "treatment": "a", "outcome": "b", "text": text}
        assert next_calls(read_state(history(asked, PROFILE)))[0][1].get("method", "auto") == method


def test_the_contrast_and_the_quantity_are_handed_on() -> None:
    asked = {
        **EFFECT,
        "contrast": {"control": 1, "treated": 3},
        "quantity": "ATT",
        "assume": True,
        "method": "ipw",
    }
    given = chosen(asked, PROFILE, knowledge=ROLES)[0][1]
    assert given == {**PAIR, "control_value": 1, "treated_value": 3, "quantity": "ATT", "assume": True}
    assert chosen(asked, PROFILE, IDENTIFIED, knowledge=ROLES)[0][1]["method"] == "ipw"


def test_a_thorough_analysis_learns_a_graph_beside_the_roles() -> None:
    done = (
        PROFILE,
        IDENTIFIED,
        ("estimate", {"identification": "t2"}, {"effect": 1.5}),
        ("refute", {"estimate": "t3"}, {"verdict": "supported"}),
    )
    asked = chosen(EFFECT, *done, knowledge=ROLES, thorough=True)
    assert asked == [("discover", {"method": "auto", "columns": ["quit", "gain", "age"]})]
    then = chosen(EFFECT, *done, LEARNED, knowledge=ROLES, thorough=True)
    assert then == [("structure", {"question": "adjustment", "a": "quit", "b": "gain", "graph": "table@1"})]


def test_independence_is_tested_on_the_data() -> None:
    asked = {"kind": "independence", "treatment": "quit", "outcome": "gain", "given": ["age"]}
    assert chosen(asked) == [("independence", {"a": "quit", "b": "gain", "given": ["age"]})]
    assert chosen(asked, ("independence", {}, {"answer": "no"})) == []


@pytest.mark.parametrize("kind", STRUCTURE)
def test_structure_is_read_from_the_graph_in_force(kind: str) -> None:
    asked = {"kind": kind, "treatment": "quit", "outcome": "gain"}
    assert chosen(asked)[0][0] == "discover"
    call = ("structure", {"question": kind, "a": "quit", "b": "gain", "graph": "table@1"})
    assert chosen(asked, LEARNED) == [call]
    assert chosen(asked, given_graph="mine@1")[0][1]["graph"] == "mine@1"


def test_a_later_question_reads_the_graph_learned_before() -> None:
    messages = history({"kind": "graph"}, PROFILE, LEARNED)
    asked = {"kind": "confounder", "treatment": "quit", "outcome": "gain"}
    messages += [AIMessage("done"), HumanMessage(json.dumps({"type": QUESTION, "v": 1, "question": asked}))]
    tool, args = next_calls(read_state(messages))[0]
    assert (tool, args["graph"]) == ("structure", "table@1")


def test_drivers_and_exploration() -> None:
    drivers = {"kind": "drivers", "outcome": "gain"}
    assert chosen(drivers, LEARNED) == [("drivers", {"outcome": "gain", "graph": "table@1"})]
    assert chosen({"kind": "explore"}, PROFILE, bootstrap=30)[0] == (
        "discover", {"method": "auto", "bootstrap": 30},
    )  # fmt: skip
    assert chosen({"kind": "explore"}, PROFILE, LEARNED) == [("survey", {"graph": "table@1"})]


def test_a_tool_that_is_not_there_is_not_called() -> None:
    assert chosen(EFFECT, knowledge=ROLES, tools=["identify"])[0][0] == "identify"


def test_every_rule_is_told_to_models() -> None:
    text = protocol_text()
    assert text.count("\n") == len(RULES) - 1
    assert all(r.says in text and r.reason in text for r in RULES)


# --- in a loop


def dialogue(streamed: bool) -> list[BaseMessage]:
    """The expert in the loop, over tools that are made up."""
    facts = {
        "identify": {"status": "identified"},
        "estimate": {"effect": 1.5},
        "refute": {"verdict": "supported"},
    }

    def act(call: str, name: str, args: Mapping[str, Any]) -> Any:
        from types import SimpleNamespace

        from causalcopilot.toolkit.result import Result

        content = json.dumps({"call": call, "tool": name, "ok": True, "facts": facts.get(name, {})})
        return SimpleNamespace(
            ok=True, result=Result("done"), error=None, seconds=0.0, content=content, graphs=()
        )

    offered = [
        {"type": "function", "function": {"name": n, "description": "", "parameters": {
            "type": "object", "required": [],
            "properties": {k: {} for k in ("treatment", "outcome", "identification", "estimate")}}}}
        for n in TOOLS
    ]  # fmt: skip
    messages = history(EFFECT, knowledge=ROLES)
    numbers = iter(range(1, 100))
    expert = Expert(disable_streaming=not streamed)
    list(
        loop.run(
            expert, messages, FakeToolbox(act=act, offered=offered), next_call=lambda: f"t{next(numbers)}"
        )
    )
    return messages


def test_the_loop_is_the_same_streamed_and_not() -> None:
    streamed, whole = dialogue(True), dialogue(False)
    assert [m.model_dump() for m in streamed] == [m.model_dump() for m in whole]
    called = [c["name"] for m in whole if isinstance(m, AIMessage) for c in m.tool_calls]
    assert called == ["profile", "identify", "estimate", "refute"]
    assert whole[-1].text.startswith("The estimated effect of `quit` on `gain`")


def test_an_answer_is_a_function_of_the_history_alone() -> None:
    messages = history(EFFECT, PROFILE, knowledge=ROLES)
    once, again = Expert().invoke(messages), Expert().invoke(messages)
    assert (once.content, once.tool_calls) == (again.content, again.tool_calls)
    whole: Any = None
    for chunk in Expert().stream(messages):
        whole = chunk if whole is None else whole + chunk
    assert isinstance(whole, AIMessageChunk)
    assert [(c["name"], c["args"]) for c in whole.tool_calls] == [
        (c["name"], c["args"]) for c in once.tool_calls
    ]
    assert once.usage_metadata is not None
    assert once.usage_metadata["total_tokens"] == 0
