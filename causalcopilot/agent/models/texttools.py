"""Tool calls for models that have none: the Thought / Action / Action Input convention around any chat model.

The loop does not notice: it binds tools and gets messages with tool calls, as ever.  Yao et al. 2023 (ReAct).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import PrivateAttr

from causalcopilot.agent.models.failures import overflowed
from causalcopilot.agent.models.wire import MALFORMED, strict_json
from causalcopilot.agent.prompts import load_prompt

SWITCHED = "this model has no tool calling; going on with Thought / Action text"
_MARK = r"[*_`#\s]*"
_ACTION = re.compile(
    rf"^{_MARK}Action{_MARK}:{_MARK}(?P<name>[\w.-]+)[^\n]*\n+{_MARK}Action[ _]?Input{_MARK}:"
    r"[*_\s]*(?:```\w*\s*)?(?P<args>.*)",
    re.S | re.M | re.I,
)
_OBSERVATION = re.compile(rf"^{_MARK}Observation{_MARK}:", re.M | re.I)
_ANSWER = re.compile(rf"^{_MARK}Final Answer{_MARK}:[*_\s]*", re.M | re.I)
_NO_TOOLS = re.compile(r"\btools?\b|tool[_ -]?(?:call|choice)|function[_ -]?call", re.I)
_REFUSING = (400, 404, 405, 422, 500, 501)


class TextTools(BaseChatModel):
    """Wraps ``inner``; ``mode`` is ``text``, or ``auto``: native calls until the server says it has none.

    ``switched`` is called once when that happens, for whoever wants to remember it.
    """

    inner: BaseChatModel
    mode: Literal["auto", "text"] = "auto"
    switched: Callable[[], None] | None = None
    _text: bool = PrivateAttr(default=False)

    @property
    def _llm_type(self) -> str:
        return "ccp-text-tools"

    @property
    def speaks_text(self) -> bool:
        """Whether tools go by text now."""
        return self._text or self.mode == "text"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        """Bind by description; how they reach the model is decided per request."""
        return self.bind(specs=[convert_to_openai_tool(t) for t in tools])

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        specs: list[dict[str, Any]] = kwargs.pop("specs", [])
        if self.speaks_text and specs:
            yield from self._stream_text(messages, specs, **kwargs)
            return
        llm: Any = self.inner.bind_tools(specs) if specs else self.inner
        try:
            for chunk in llm.stream(messages, stop=stop, **kwargs):
                yield ChatGenerationChunk(message=_as_chunk(chunk))
        except Exception as error:
            if not (specs and _has_no_tools(error)):
                raise
            yield self._switch()
            yield from self._stream_text(messages, specs, **kwargs)

    def _stream_text(
        self, messages: list[BaseMessage], specs: list[dict[str, Any]], **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        whole: Any = None
        for chunk in self.inner.stream(as_text(messages, specs), stop=["\nObservation:"], **kwargs):
            whole = chunk if whole is None else whole + chunk
        if whole is not None:
            yield ChatGenerationChunk(message=_as_chunk(read(whole)))

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        specs: list[dict[str, Any]] = kwargs.pop("specs", [])
        notice = {}
        if not self.speaks_text or not specs:
            llm: Any = self.inner.bind_tools(specs) if specs else self.inner
            try:
                return _result(llm.invoke(messages, stop=stop, **kwargs))
            except Exception as error:
                if not (specs and _has_no_tools(error)):
                    raise
                notice = dict(self._switch().message.response_metadata)
        answer = read(self.inner.invoke(as_text(messages, specs), stop=["\nObservation:"], **kwargs))
        answer.response_metadata = {**answer.response_metadata, **notice}
        return _result(answer)

    def _switch(self) -> ChatGenerationChunk:
        self._text = True
        if self.switched is not None:
            self.switched()
        return ChatGenerationChunk(
            message=AIMessageChunk(content="", response_metadata={"ccp_notice": SWITCHED})
        )


def _has_no_tools(error: Exception) -> bool:
    """Whether the server refused the request because of the tools in it."""
    refused = getattr(error, "status_code", None) in _REFUSING and bool(_NO_TOOLS.search(str(error)))
    return refused and not overflowed(error)


def _result(message: AIMessage) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=message)])


def _as_chunk(message: AIMessage) -> AIMessageChunk:
    """Whatever a model gave, as a chunk with raw text for arguments: nothing is repaired on the way."""
    if isinstance(message, AIMessageChunk):
        return message
    pairs = [(c["name"], json.dumps(c["args"]), c["id"]) for c in message.tool_calls]
    pairs += [(c["name"] or "", c["args"] or "", c["id"]) for c in message.invalid_tool_calls]
    return AIMessageChunk(
        content=message.content,
        tool_call_chunks=[
            tool_call_chunk(name=n, args=a, id=key, index=i) for i, (n, a, key) in enumerate(pairs)
        ],
        additional_kwargs=message.additional_kwargs,
        response_metadata=message.response_metadata,
        usage_metadata=message.usage_metadata,
    )


def as_text(messages: Sequence[BaseMessage], specs: Sequence[dict[str, Any]]) -> list[BaseMessage]:
    """The conversation without tool messages: calls as Action lines, results as Observation lines."""
    head = [m.text for m in messages if isinstance(m, SystemMessage)]
    rules = load_prompt("text_tools", tools="\n".join(_describe(s["function"]) for s in specs))
    out: list[BaseMessage] = [SystemMessage("\n\n".join([*head, rules]))]
    for m in messages:
        if isinstance(m, SystemMessage):
            continue
        if isinstance(m, AIMessage):
            turn: BaseMessage = AIMessage("\n".join([m.text, *(_action(c) for c in m.tool_calls)]).strip())
        elif isinstance(m, ToolMessage):
            turn = HumanMessage(f"Observation: {m.text}")
        else:
            turn = m
        if isinstance(turn, HumanMessage) and isinstance(out[-1], HumanMessage):
            out[-1] = HumanMessage(f"{out[-1].text}\n{turn.text}")  # some servers want turns to alternate
        else:
            out.append(turn)
    return out


def _describe(function: dict[str, Any]) -> str:
    parameters = function.get("parameters", {})
    schema = json.dumps(parameters.get("properties", {}), ensure_ascii=False)
    needed = ", ".join(parameters.get("required", [])) or "none"
    return f"- {function['name']}: {function.get('description', '')} Required: {needed}. Arguments: {schema}"


def _action(call: Any) -> str:
    args = call["args"]
    given = args[MALFORMED] if set(args) == {MALFORMED} else json.dumps(args, ensure_ascii=False)
    return f"Action: {call['name']}\nAction Input: {given}"


def read(answer: AIMessage) -> AIMessage:
    """The first Action of a text as a tool call, or the text after ``Final Answer:``.

    An observation the model made up, and all that follows it, is dropped.  Arguments are the JSON object that
    stands right after ``Action Input:``; text after it is ignored, a broken object stays as it was written.
    """
    text = _OBSERVATION.split(answer.text, maxsplit=1)[0]
    action = _ACTION.search(text)
    said = _ANSWER.search(text)
    good: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    if action and not (said and said.start() < action.start()):
        raw = _object(action["args"].strip())
        args = strict_json(raw)
        if args is None:
            bad.append(
                {"name": action["name"], "args": raw, "id": "a1", "error": None, "type": "invalid_tool_call"}
            )
        else:
            good.append({"name": action["name"], "args": args, "id": "a1", "type": "tool_call"})
        text = text[: action.start()]
    elif said:
        text = text[said.end() :]
    return AIMessage(
        text.strip(),
        tool_calls=good,
        invalid_tool_calls=bad,
        additional_kwargs=answer.additional_kwargs,
        response_metadata=answer.response_metadata,
        usage_metadata=answer.usage_metadata,
    )


def _object(text: str) -> str:
    """The JSON value at the start of a text, without what follows it; the whole text where there is none."""
    try:
        return text[: json.JSONDecoder().raw_decode(text)[1]]
    except ValueError:
        return text.removesuffix("```").strip()
