"""What an online model sees of a long conversation: the newest results in full, the older ones a line each.

An older result is not lost: ``recall`` shows it again under its own call, so its facts keep their addresses.  It is
offered only while something is shortened, reads nothing but the conversation, and is no step of the analysis.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage, ToolMessage

from causalcopilot.agent.models.wire import call_name, shorten

RECALL = "recall"
TIGHT = 1
"""Newest results that stay in full once a server said that a request was too long."""


def shortened(messages: Sequence[BaseMessage], keep: int) -> list[str]:
    """Calls whose results are shortened, oldest first."""
    view = shorten(messages, keep)
    return [
        call_name(m.tool_call_id)
        for m, seen in zip(messages, view, strict=True)
        if isinstance(m, ToolMessage) and m is not seen
    ]


def offered(specs: list[dict[str, Any]], messages: Sequence[BaseMessage], keep: int) -> list[dict[str, Any]]:
    """The tools to offer: those there are, and ``recall`` where there is something to recall."""
    calls = shortened(messages, keep)
    if not calls or RECALL in (s["function"]["name"] for s in specs):
        return specs
    return [*specs, _spec(calls)]


def _spec(calls: Sequence[str]) -> dict[str, Any]:
    call = {"description": "the call whose result is shown again.", "type": "string", "enum": list(calls)}
    return {
        "type": "function",
        "function": {
            "name": RECALL,
            "description": "Show an earlier result in full again; older results are shortened to one line.",
            "parameters": {
                "type": "object",
                "properties": {"call": call},
                "required": ["call"],
                "additionalProperties": False,
            },
        },
    }


def recalled(messages: Sequence[BaseMessage], args: Mapping[str, Any]) -> dict[str, Any] | str:
    """The earlier result as data, or what is wrong with the call."""
    known = {
        call_name(m.tool_call_id): m for m in messages if isinstance(m, ToolMessage) and m.name != RECALL
    }
    call = args.get("call")
    if set(args) != {"call"} or not isinstance(call, str) or call not in known:
        return f"recall takes call, one of {', '.join(known) or 'none yet'}, and nothing else"
    found = known[call]
    try:
        result: Any = json.loads(found.text)
    except ValueError:
        result = found.text
    return {"recalled": call, "tool": found.name, "result": result}
