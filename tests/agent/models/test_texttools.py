"""Models without tool calling: Thought / Action text both ways, and the switch to it."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage

from causalcopilot.agent.events import Noted
from causalcopilot.agent.loop import run
from causalcopilot.agent.models import wire
from causalcopilot.agent.models.factory import make_model
from causalcopilot.agent.models.settings import ModelSettings
from causalcopilot.agent.models.texttools import SWITCHED, as_text, read
from causalcopilot.errors import ModelError
from causalcopilot.testing import Fault, Loopback, calls

ARGS = {"treatment": "smokes", "outcome": "weight"}
GIVEN = json.dumps(ARGS)


@pytest.mark.parametrize(
    "text",
    [
        f"Thought: go\nAction: estimate\nAction Input: {GIVEN}",
        f"Thought: go\n**Action**: `estimate`\n**Action Input**: ```json\n{GIVEN}\n```\nObservation: 9\nThought: x",
        f"Thought: go\nAction: estimate\nAction Input:\n```\n{GIVEN}\n```",
        f"Thought: go\n### Action: estimate()\n\nAction Input: {GIVEN} and then I wait",
        f"Thought: go\naction: estimate\naction_input: {GIVEN}\n\nObservation: made up",
        f"Thought: go\nAction: estimate\nAction Input: {GIVEN}\nThought: x\nAction: discover\nAction Input: {{}}",
    ],
)
def test_the_first_action_is_the_call_however_it_is_dressed(text: str) -> None:
    answer = read(AIMessage(text))
    assert [(c["name"], c["args"]) for c in answer.tool_calls] == [("estimate", ARGS)]
    assert answer.text == "Thought: go"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Thought: done\nFinal Answer: It is {t1.effect}.", "It is {t1.effect}."),
        ("**Final Answer:** It is so.", "It is so."),
        ("It is so.", "It is so."),
        ("It is so.\nObservation: made up", "It is so."),
        (
            "Final Answer: I used this:\nAction: estimate\nAction Input: {}",
            "I used this:\nAction: estimate\nAction Input: {}",
        ),
        ("Take action: none is needed.", "Take action: none is needed."),
    ],
)
def test_the_answer_is_what_follows_final_answer(text: str, said: str) -> None:
    answer = read(AIMessage(text))
    assert answer.tool_calls == []
    assert answer.text == said


@pytest.mark.parametrize("broken", ['{"treatment": "smo', "{x", "{'a': 1}", '{"a": 1, "a": 2}', "smokes"])
def test_broken_arguments_are_kept_as_they_were_written(broken: str) -> None:
    answer = read(AIMessage(f"Action: estimate\nAction Input: {broken}"))
    assert answer.tool_calls == []
    assert answer.invalid_tool_calls[0]["args"] == broken


def test_the_history_goes_out_as_text() -> None:
    called = AIMessage(
        "Thought: go", tool_calls=[{"name": "estimate", "args": ARGS, "id": "t1", "type": "tool_call"}]
    )
    broken = AIMessage(
        "", tool_calls=[{"name": "estimate", "args": {wire.MALFORMED: "{x"}, "id": "t2", "type": "tool_call"}]
    )
    spec = {
        "function": {
            "name": "estimate",
            "description": "D.",
            "parameters": {"properties": {"a": {}}, "required": ["a"]},
        }
    }
    out = as_text(
        [
            SystemMessage("rules"),
            HumanMessage("q"),
            called,
            ToolMessage("{}", tool_call_id="t1"),
            HumanMessage("more"),
            broken,
        ],
        [spec],
    )
    assert [m.type for m in out] == ["system", "human", "ai", "human", "ai"]
    assert out[0].text.startswith("rules\n\n")
    assert '- estimate: D. Required: a. Arguments: {"a": {}}' in out[0].text
    assert out[2].text == f"Thought: go\nAction: estimate\nAction Input: {GIVEN}"
    assert out[3].text == "Observation: {}\nmore"
    assert out[4].text == "Action: estimate\nAction Input: {x"


def converse(toolbox: Any, script: Any, *, no_tools: bool = True, **settings: Any) -> Any:
    messages: list[Any] = [HumanMessage("go")]
    ids = (f"t{i}" for i in itertools.count(1))
    with Loopback(script, no_tools=no_tools) as server:
        model = make_model(ModelSettings("m", server.url, **settings))
        events = list(run(model, messages, toolbox, next_call=lambda: next(ids)))
    return messages, events, server


SCRIPT = [
    f"Thought: go\nAction: estimate\nAction Input: {GIVEN}",
    "Action: estimate\nAction Input: {x",
    "Final Answer: fine",
]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("mode", ["auto", "text"])
def test_a_server_without_tools_is_driven_by_text(toolbox: Any, mode: str, stream: bool) -> None:
    messages, events, server = converse(toolbox, SCRIPT, tool_mode=mode, stream=stream)
    assert messages[-1].text == "fine"
    assert [m.tool_call_id for m in messages if isinstance(m, ToolMessage)] == ["t00000001", "t00000002"]
    assert [r[1:] for r in toolbox.ran] == [("estimate", ARGS)]
    assert "not one complete JSON object" in messages[4].text
    assert [e for e in events if isinstance(e, Noted)] == (
        [Noted("model", SWITCHED)] if mode == "auto" else []
    )
    assert ["tools" in r for r in server.requests] == ([True] if mode == "auto" else []) + [False] * 3
    assert server.requests[-1]["stop"] == ["\nObservation:"]
    assert server.requests[-1]["messages"][-1]["content"].startswith("Observation: {")


def test_auto_stays_native_where_tools_work(toolbox: Any) -> None:
    messages, events, server = converse(toolbox, [calls(("estimate", ARGS)), "fine"], no_tools=False)
    assert messages[-1].text == "fine"
    assert all("tools" in r for r in server.requests)
    assert not [e for e in events if isinstance(e, Noted)]


def test_auto_does_not_switch_on_other_faults(toolbox: Any) -> None:
    with pytest.raises(ModelError, match="bad temperature"):
        converse(toolbox, [Fault(400, "bad temperature"), "fine"], no_tools=False)


def test_streamed_fragments_pass_the_wrapper_untouched(toolbox: Any) -> None:
    messages, _, _ = converse(
        toolbox, [calls(("discover", '{"method": "pc", "alpha": 0.01')), "fine"], no_tools=False
    )
    assert toolbox.ran == []
    assert "not one complete JSON object" in messages[2].text


def test_without_tools_bound_it_is_the_model_itself() -> None:
    with Loopback(["hello"]) as server:
        chunks = list(make_model(ModelSettings("m", server.url)).stream("hi"))
    assert all(isinstance(c, AIMessageChunk) for c in chunks)
    assert "".join(c.text for c in chunks) == "hello"
