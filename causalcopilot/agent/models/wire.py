"""Between a model's answer and the messages we keep: our call ids, strict JSON, and what may be wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    ToolMessage,
)

if TYPE_CHECKING:
    from causalcopilot.domain.run import CallRecord

MALFORMED = "malformed_json"
"""The only argument of a call whose JSON could not be read; it holds the text the model sent."""

Fault = Literal["cut", "empty", "refused", "length"]
_FINISH = ("finish_reason", "stop_reason", "stopReason", "done_reason")
_TOOL_BLOCKS = {
    "tool_use",
    "tool_call",
    "tool_call_chunk",
    "function_call",
    "input_json_delta",
    "invalid_tool_call",
}


def wire_id(call: str) -> str:
    """``t7`` as a provider sees it, ``t00000007``: some want nine characters or more."""
    return f"t{int(call[1:]):08d}"


def call_name(wire: str) -> str:
    """``t00000007`` as people and references write it: ``t7``."""
    return f"t{int(wire[1:])}"


def last_call(messages: Sequence[BaseMessage], calls: Iterable[CallRecord] = ()) -> int:
    """The highest call number given so far, also to a call that was never run or only showed a result again."""
    given = [str(c["id"]) for m in messages if isinstance(m, AIMessage) for c in m.tool_calls]
    return max((int(i[1:]) for i in (*given, *(c.id for c in calls))), default=0)


def strict_json(text: str) -> dict[str, Any] | None:
    """The object this text spells exactly, or ``None``: cut text, doubled keys and NaN are not repaired."""
    try:
        value = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    given = dict(pairs)
    if len(given) < len(pairs):
        raise ValueError("a key is given twice")
    return given


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def settle(answer: AIMessage, next_call: Callable[[], str]) -> AIMessage:
    """The answer as it is kept: plain, with our call ids and arguments that were parsed strictly.

    Servers repeat ids, leave them out or want a certain length.  Streamed arguments are parsed again
    because langchain-core completes cut-off JSON while it merges chunks: a tool would run with half of
    what was meant.  A call that cannot be read keeps its place, so that it can be answered.
    """
    calls = [
        {"name": _clean_tool(name), "args": _arguments(text), "id": wire_id(next_call()), "type": "tool_call"}
        for name, text in _raw_calls(answer)
    ]
    content = answer.content
    if isinstance(content, list):
        content = [b for b in content if isinstance(b, str) or b.get("type") not in _TOOL_BLOCKS]
    return AIMessage(
        content=content,
        tool_calls=calls,
        usage_metadata=answer.usage_metadata,
        response_metadata=answer.response_metadata,
    )


def _raw_calls(answer: AIMessage) -> list[tuple[str, str]]:
    if isinstance(answer, AIMessageChunk):
        return [(c["name"] or "", c["args"] or "") for c in answer.tool_call_chunks]
    good = [(c["name"], json.dumps(c["args"])) for c in answer.tool_calls]
    return good + [(c["name"] or "", c["args"] or "") for c in answer.invalid_tool_calls]


def _arguments(text: str) -> dict[str, Any]:
    given = strict_json(text) if text.strip() else {}
    return {MALFORMED: text} if given is None else given


def _clean_tool(name: str) -> str:
    """A tool name that every provider takes back in the history."""
    return re.sub(r"[^\w-]", "_", name, flags=re.ASCII)[:64] or "unnamed"


def fault(answer: AIMessage | None, streamed: bool) -> Fault | None:
    """What keeps this answer from being used: cut off, nothing said, refused, or cut at the length limit."""
    if answer is None:
        return "cut"
    finish = next((str(answer.response_metadata[k]) for k in _FINISH if answer.response_metadata.get(k)), "")
    if streamed and not finish:
        return "cut"
    if _raw_calls(answer):
        return None
    if answer.additional_kwargs.get("refusal") or finish == "content_filter":
        return "refused"
    if finish in ("length", "max_tokens"):
        return "length"
    return None if answer.text.strip() else "empty"


def tokens(answer: AIMessage | None, sent: Sequence[BaseMessage]) -> int:
    """Tokens of one request as the server counts them; about four characters each where it does not."""
    usage = answer.usage_metadata if answer is not None else None
    if usage is not None:
        return int(usage.get("total_tokens", 0))
    heard = len(answer.text) if answer is not None else 0
    return (sum(len(m.text) for m in sent) + heard) // 4


def pending(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """The calls at the end of the history that have no answer yet, in order."""
    done: set[str] = set()
    for m in reversed(messages):
        if isinstance(m, ToolMessage):
            done.add(m.tool_call_id)
        else:
            calls = m.tool_calls if isinstance(m, AIMessage) else []
            return [dict(c) for c in calls if c["id"] not in done]
    return []


def same_before(messages: Sequence[BaseMessage], call: dict[str, Any]) -> list[str]:
    """Ids of the earlier calls of this turn with the same name and arguments, oldest first."""
    found: list[str] = []
    for m in messages:
        if isinstance(m, HumanMessage):
            found = []
        for c in m.tool_calls if isinstance(m, AIMessage) else []:
            if c["id"] == call["id"]:
                return found
            if (c["name"], c["args"]) == (call["name"], call["args"]):
                found.append(str(c["id"]))
    return found


def shorten(messages: Sequence[BaseMessage], keep: int) -> list[BaseMessage]:
    """A view in which all but the newest ``keep`` tool results are one line each; zero keeps all."""
    if not keep:
        return list(messages)
    old = [i for i, m in enumerate(messages) if isinstance(m, ToolMessage)][:-keep]
    view = list(messages)
    for i in old:
        m = view[i]
        assert isinstance(m, ToolMessage)
        summary = m.additional_kwargs.get("summary") or "no result"
        line = json.dumps({"call": call_name(m.tool_call_id), "tool": m.name, "shortened": summary})
        if len(line) < len(m.text):
            view[i] = ToolMessage(line, tool_call_id=m.tool_call_id, name=m.name, status=m.status)
    return view


@contextmanager
def untraced() -> Iterator[None]:
    """No tracing of what is called inside, whatever ``LANGSMITH_*`` or ``LANGCHAIN_*`` variables say.

    ``CCP_TRACE=1`` alone lets them speak: then requests go where they point, and ``ccp doctor`` says so.
    """
    import os

    from langsmith.run_helpers import tracing_context

    for outdated in ("LANGCHAIN_TRACING", "LANGCHAIN_HANDLER"):
        os.environ.pop(outdated, None)  # langchain-core raises on these as soon as it is called
    if tracing():
        yield
        return
    with tracing_context(enabled=False):
        yield


def tracing() -> bool:
    """Whether tracing was asked for in our own words; what others set for their programs does not count."""
    import os

    return os.environ.get("CCP_TRACE", "") == "1"
