"""An online model behind the privacy dictionary: requests are translated on the way out, answers on the way in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

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
from pydantic import ConfigDict

from causalcopilot.agent.models.shown import Shown
from causalcopilot.agent.models.wire import call_name, strict_json
from causalcopilot.domain.question import ABOUT_ROWS


class Guarded(BaseChatModel):
    """``inner`` sees messages, tools and results under the names of ``shown``; the caller sees the real ones."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    inner: BaseChatModel
    shown: Any
    private: frozenset[str] = frozenset()

    @property
    def _llm_type(self) -> str:
        return "ccp-guarded"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        """Bind the tools; their columns are translated per request."""
        return self.bind(specs=[convert_to_openai_tool(t) for t in tools])

    def _bound(self, kwargs: dict[str, Any]) -> Any:
        specs = kwargs.pop("specs", [])
        return self.inner.bind_tools([self.shown.out_spec(s) for s in specs]) if specs else self.inner

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        llm = self._bound(kwargs)
        whole: Any = None
        held = ""
        for chunk in llm.stream(outgoing(messages, self.shown, self.private), stop=stop, **kwargs):
            notice = chunk.response_metadata.pop("ccp_notice", None)
            whole = chunk if whole is None else whole + chunk
            held += chunk.text
            done = len(held) - len(re.search(r"\w*\Z", held)[0])  # type: ignore[index]
            if done or notice:
                piece, held = held[:done], held[done:]
                told = {"ccp_notice": notice} if notice else {}
                text = self.shown.prose(piece)
                yield ChatGenerationChunk(message=AIMessageChunk(content=text, response_metadata=told))
        if whole is not None:
            yield ChatGenerationChunk(message=self._last(whole, self.shown.prose(held)))

    def _last(self, whole: AIMessage, text: str) -> AIMessageChunk:
        """All that is not text, when it is whole: a name may be cut in two by a stream."""
        chunks = getattr(whole, "tool_call_chunks", None)
        if chunks is None:
            chunks = [
                {"name": c["name"], "args": json.dumps(c["args"]), "id": c["id"]} for c in whole.tool_calls
            ]
            chunks += [
                {"name": c["name"], "args": c["args"], "id": c["id"]} for c in whole.invalid_tool_calls
            ]
        return AIMessageChunk(
            content=text,
            tool_call_chunks=[
                tool_call_chunk(name=c["name"], args=self._arguments(c["args"] or ""), id=c["id"], index=i)
                for i, c in enumerate(chunks)
            ],
            additional_kwargs=whole.additional_kwargs,
            response_metadata=whole.response_metadata,
            usage_metadata=whole.usage_metadata,
        )

    def _arguments(self, text: str) -> str:
        given = strict_json(text)
        return text if given is None else json.dumps(self.shown.home_data(given), ensure_ascii=False)

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        llm = self._bound(kwargs)
        answer: AIMessage = llm.invoke(outgoing(messages, self.shown, self.private), stop=stop, **kwargs)
        calls = [{**c, "args": self.shown.home_data(c["args"])} for c in answer.tool_calls]
        message = AIMessage(
            content=self.shown.prose(answer.text),
            tool_calls=calls,
            invalid_tool_calls=answer.invalid_tool_calls,
            additional_kwargs=answer.additional_kwargs,
            response_metadata=answer.response_metadata,
            usage_metadata=answer.usage_metadata,
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


def outgoing(
    messages: Sequence[BaseMessage], shown: Shown, private: frozenset[str] = frozenset()
) -> list[BaseMessage]:
    """The messages as they leave: system prompts hold nothing of the table and stay as they are.

    What was asked of single rows, and what ``private`` tools answered, does not leave.
    """
    return [_outgoing(withheld(m, private), shown) for m in messages]


def withheld(message: BaseMessage, private: frozenset[str]) -> BaseMessage:
    """A message without the values of single rows: questions, calls and results about them say only that they were."""
    if isinstance(message, ToolMessage) and message.name in private:
        told = {"call": call_name(message.tool_call_id), "tool": message.name, "withheld": "about one row"}
        return message.model_copy(update={"content": json.dumps(told)})
    if isinstance(message, AIMessage) and any(c["name"] in private for c in message.tool_calls):
        calls = [{**c, "args": {}} if c["name"] in private else c for c in message.tool_calls]
        return message.model_copy(update={"tool_calls": calls})
    if isinstance(message, HumanMessage) and message.text.startswith("{"):
        block = strict_json(message.text)
        asked = block.get("question") if block else None
        if block and isinstance(asked, dict) and asked.get("kind") in ABOUT_ROWS:
            rest = {**block, "question": {"kind": asked["kind"], "text": "about one row, withheld"}}
            return HumanMessage(json.dumps(rest, ensure_ascii=False, separators=(",", ":")))
    return message


def _outgoing(message: BaseMessage, shown: Shown) -> BaseMessage:
    if isinstance(message, SystemMessage):
        return message
    text = shown.out_content(message.text)
    if isinstance(message, AIMessage):
        calls = [{**c, "args": shown.out_data(c["args"])} for c in message.tool_calls]
        return AIMessage(content=text, tool_calls=calls)
    if isinstance(message, ToolMessage):
        return ToolMessage(text, tool_call_id=message.tool_call_id, name=message.name, status=message.status)
    return HumanMessage(text)
