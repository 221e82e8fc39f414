"""The built-in expert: a chat model whose answer is a pure function of the message history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable

from causalcopilot.agent.expert.narrative import write
from causalcopilot.agent.expert.recall import recall
from causalcopilot.agent.expert.state import read_state


class Expert(BaseChatModel):
    """Drives the loop by the protocol; needs neither key nor network."""

    @property
    def _llm_type(self) -> str:
        return "ccp-expert"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        """The protocol knows its tools; binding changes nothing."""
        return self

    def _answer(self, messages: Sequence[BaseMessage]) -> AIMessage:
        state, calls = recall(read_state(messages))
        use = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
        if not calls:
            return AIMessage(
                write(state),
                response_metadata={"finish_reason": "stop", "model_name": "expert"},
                usage_metadata=use,
            )
        asked = sum(isinstance(m, AIMessage) for m in messages)
        return AIMessage(
            "",
            tool_calls=[
                {"name": tool, "args": dict(args), "id": f"e{asked}.{i}", "type": "tool_call"}
                for i, (tool, args) in enumerate(calls)
            ],
            response_metadata={"finish_reason": "tool_calls", "model_name": "expert"},
            usage_metadata=use,
        )

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._answer(messages))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        answer = self._answer(messages)
        for line in str(answer.content).splitlines(keepends=True):
            yield ChatGenerationChunk(message=AIMessageChunk(content=line))
        chunks = [
            tool_call_chunk(name=c["name"], args=json.dumps(c["args"]), id=c["id"], index=i)
            for i, c in enumerate(answer.tool_calls)
        ]
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                tool_call_chunks=chunks,
                response_metadata=answer.response_metadata,
                usage_metadata=answer.usage_metadata,
            )
        )
