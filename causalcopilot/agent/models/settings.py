"""How to reach an online model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ToolMode = Literal["auto", "native", "text"]


@dataclass(frozen=True)
class ModelSettings:
    """How to reach an online model.

    Attributes:
        name: ``openai:NAME``, ``ollama:NAME``, ``provider:NAME``, or a bare name with a base URL.
        base_url: address of an OpenAI-compatible server, usually ending in ``/v1``.
        api_key: its key; empty takes ``OPENAI_API_KEY`` for ``openai:`` and none for another address.
        tool_mode: ``native`` tool calls, ``text`` (Thought / Action), or ``auto``: native until the server
            says that it has none, which is remembered for this address and model.
        stream: ask for streamed answers.
        timeout: seconds to wait for the next bytes of an answer.
        retries: times the client itself tries again on 429, 5xx and timeouts.
        temperature: zero for the most repeatable answers; ``None`` leaves it to the server.
        price_in, price_out: money per million tokens, where the user wants costs shown.
    """

    name: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    tool_mode: ToolMode = "auto"
    stream: bool = True
    timeout: float = 120.0
    retries: int = 2
    temperature: float | None = 0.0
    price_in: float | None = None
    price_out: float | None = None

    @property
    def compatible(self) -> bool:
        """Whether it is reached by Chat Completions, as ``openai:``, ``ollama:`` and every base URL are."""
        return bool(self.base_url) or self.name.partition(":")[0] in ("openai", "ollama")

    def cost(self, tokens_in: int, tokens_out: int) -> float | None:
        """Money spent, or ``None`` where no price is configured."""
        if self.price_in is None or self.price_out is None:
            return None
        return (tokens_in * self.price_in + tokens_out * self.price_out) / 1e6
