"""A server's model that makes the expert's choices: what it answers is a function of the request alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.messages.utils import convert_to_messages

from causalcopilot.agent.ending import REFUSED
from causalcopilot.agent.expert.expert import Expert
from causalcopilot.agent.models.texttools import read
from causalcopilot.testing.loopback import Reply, Step

Request = dict[str, Any]
LONG = 60
"""Answers an endless script holds; more than any run of these tests asks for."""


def choose(request: Request) -> Reply:
    """The expert's next step for a request, natively where it offers tools, else as text."""
    native = bool(request.get("tools"))
    messages = convert_to_messages(request["messages"]) if native else spoken(request["messages"])
    answer = Expert().invoke(forgiving(messages))
    calls = tuple((c["name"], c["args"]) for c in answer.tool_calls)
    if native:
        return Reply(answer.text, calls)
    if not calls:
        return Reply(f"Thought: I can answer now.\nFinal Answer: {answer.text}")
    name, args = calls[0]
    return Reply(f"Thought: one step more.\nAction: {name}\nAction Input: {json.dumps(args)}")


def forgiving(messages: list[BaseMessage]) -> list[BaseMessage]:
    """The conversation with refused calls under another name, so that the protocol takes the step again."""
    kinds = {m.tool_call_id: _kind(m) for m in messages if isinstance(m, ToolMessage)}
    return [
        m
        if not isinstance(m, AIMessage)
        else AIMessage(
            m.text,
            tool_calls=[
                {**c, "name": "refused"} if kinds.get(str(c["id"])) in REFUSED else c for c in m.tool_calls
            ],
        )
        for m in messages
    ]


def _kind(message: ToolMessage) -> str:
    return str(json.loads(message.text).get("kind", ""))


def spoken(chat: list[dict[str, Any]]) -> list[BaseMessage]:
    """A conversation in Thought / Action text, with its calls and results as messages again."""
    messages: list[BaseMessage] = []
    for i, m in enumerate(chat):
        text = m["content"]
        if m["role"] == "assistant":
            said = read(AIMessage(text))
            calls = [{**c, "id": f"call_{i}"} for c in said.tool_calls]
            messages.append(AIMessage(said.text, tool_calls=calls))
        elif text.startswith("Observation: "):
            messages.append(ToolMessage(text.removeprefix("Observation: "), tool_call_id=f"call_{i - 1}"))
        else:
            messages += convert_to_messages([m])
    return messages


def oracle() -> list[Callable[[Request], Reply]]:
    """A script that answers as the expert would, for as long as it is asked."""
    return [choose] * LONG


def then(*steps: Step) -> list[Step | Callable[[Request], Step]]:
    """A script of its own first, the expert's choices after it."""
    return [*steps, *oracle()]
