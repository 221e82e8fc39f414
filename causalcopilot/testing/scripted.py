"""A scripted chat model in process: what ``Loopback`` does over HTTP, without HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import PrivateAttr

from causalcopilot.agent.models.wire import strict_json
from causalcopilot.testing.loopback import Reply


class ScriptedModel(BaseChatModel):
    """Answers from a script, in order.

        model = ScriptedModel(script=[calls(("profile", {})), "All done."])

    Each entry is a text, a ``Reply`` (see ``calls``), an exception to raise, or a function of the messages
    that returns one of these.  ``seen`` keeps the messages of every request.
    """

    script: Sequence[Any]
    _at: int = PrivateAttr(default=0)
    _seen: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _specs: list[Any] = PrivateAttr(default_factory=list)

    @property
    def seen(self) -> list[list[BaseMessage]]:
        """Messages of every request so far."""
        return self._seen

    @property
    def specs(self) -> list[Any]:
        """Tools offered with the last ``bind_tools``."""
        return self._specs

    @property
    def _llm_type(self) -> str:
        return "ccp-scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        """Remember the tools; the script decides what is called."""
        self._specs = list(tools)
        return self

    def _next(self, messages: list[BaseMessage]) -> Reply:
        self._seen.append(list(messages))
        if self._at >= len(self.script):
            raise AssertionError("the script is used up")
        step = self.script[self._at]
        self._at += 1
        if callable(step):
            step = step(messages)
        if isinstance(step, Exception):
            raise step
        return Reply(step) if isinstance(step, str) else step

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        reply = self._next(messages)
        for line in reply.text.splitlines(keepends=True):
            yield ChatGenerationChunk(message=AIMessageChunk(content=line))
        pieces = [
            tool_call_chunk(
                name=name, args=a if isinstance(a, str) else json.dumps(a), id=f"call_{i}", index=i
            )
            for i, (name, a) in enumerate(reply.calls)
        ]
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                tool_call_chunks=pieces,
                additional_kwargs={"refusal": reply.refusal} if reply.refusal else {},
                response_metadata={"finish_reason": reply.finish_reason} if reply.finish_reason else {},
                usage_metadata={"input_tokens": 100, "output_tokens": 20, "total_tokens": 120},
            )
        )

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        reply = self._next(messages)
        good, bad = [], []
        for i, (name, a) in enumerate(reply.calls):
            text = a if isinstance(a, str) else json.dumps(a)
            args = strict_json(text)
            if args is None:
                bad.append(
                    {
                        "name": name,
                        "args": text,
                        "id": f"call_{i}",
                        "error": None,
                        "type": "invalid_tool_call",
                    }
                )
            else:
                good.append({"name": name, "args": args, "id": f"call_{i}", "type": "tool_call"})
        message = AIMessage(
            reply.text,
            tool_calls=good,
            invalid_tool_calls=bad,
            additional_kwargs={"refusal": reply.refusal} if reply.refusal else {},
            response_metadata={"finish_reason": reply.finish_reason} if reply.finish_reason else {},
            usage_metadata={"input_tokens": 100, "output_tokens": 20, "total_tokens": 120},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])
