"""Conversations written by hand, as the expert reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from causalcopilot.agent.expert.brief import BRIEF
from causalcopilot.agent.expert.protocol import RULES, next_calls
from causalcopilot.agent.expert.state import read_state

TOOLS = tuple(dict.fromkeys(r.tool for r in RULES))
COLUMNS = ("age", "quit", "gain")
EFFECT = {"kind": "effect", "treatment": "quit", "outcome": "gain"}
PAIR = {"treatment": "quit", "outcome": "gain"}


def history(
    question: Mapping[str, Any],
    *done: tuple[str, Mapping[str, Any], Mapping[str, Any] | None],
    knowledge: Mapping[str, Any] | None = None,
    columns: Sequence[str] = COLUMNS,
    tools: Sequence[str] = TOOLS,
    **plan: Any,
) -> list[BaseMessage]:
    """A conversation that asked ``question`` and got these facts (``None``: the call failed), in order."""
    column = {"type": "continuous", "storage": "number", "missing": 0, "distinct": 50}
    block = {
        "type": BRIEF,
        "v": 1,
        "question": question,
        "knowledge": knowledge or {},
        "profile": {"rows": 100, "columns": [{"name": c, **column} for c in columns]},
        "tools": list(tools),
        **plan,
    }
    messages: list[BaseMessage] = [HumanMessage(json.dumps(block))]
    for i, (tool, args, facts) in enumerate(done, 1):
        messages += answered(i, tool, args, facts)
    return messages


def answered(
    number: int, tool: str, args: Mapping[str, Any], facts: Mapping[str, Any] | None
) -> list[BaseMessage]:
    told: dict[str, Any] = {"call": f"t{number}", "tool": tool, "ok": facts is not None}
    told |= {"facts": facts} if facts is not None else {"kind": "tool_failed", "error": "it broke"}
    call = {"name": tool, "args": dict(args), "id": f"t{number:08d}", "type": "tool_call"}
    return [AIMessage("", tool_calls=[call]), ToolMessage(json.dumps(told), tool_call_id=f"t{number:08d}")]


Step = tuple[str, dict[str, Any], dict[str, Any]]
"""A call that is done: tool, arguments, facts."""


def chosen(*args: Any, **kwargs: Any) -> list[tuple[str, dict[str, Any]]]:
    """What the rules call next after this history."""
    return [(tool, dict(given)) for tool, given in next_calls(read_state(history(*args, **kwargs)))]


ROLES = {"columns": [{"name": "age", "role": "pre_treatment"}]}
PROFILE: Step = ("profile", {}, {"rows": 100})
IDENTIFIED = ("identify", PAIR, {"status": "identified"})
REFUSED = ("identify", PAIR, {"status": "not_identified", "verdict": "not_identified"})
HELD: Step = ("falsify", {}, {"answer": "yes"})
LEARNED = ("discover", {"method": "auto"}, {"graph": "table@1"})
