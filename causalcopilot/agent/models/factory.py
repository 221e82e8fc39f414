"""Online models: one factory, with the settings that keep a compatible server from surprising anyone.

``openai:NAME``, ``ollama:NAME`` and any name with a base URL go through ``ChatOpenAI``; other prefixes
(``anthropic:NAME`` …) go through LangChain's ``init_chat_model`` and need that provider's package.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from causalcopilot.agent.models import tool_modes
from causalcopilot.agent.models.settings import ModelSettings
from causalcopilot.errors import ConfigError

if TYPE_CHECKING:
    from httpx2 import BaseTransport
    from langchain_core.language_models import BaseChatModel

OLLAMA = "http://127.0.0.1:11434/v1"
CONNECT_SECONDS = 10.0


def make_model(settings: ModelSettings, *, transport: BaseTransport | None = None) -> BaseChatModel:
    """The chat model of these settings; ``expert`` is not online and not made here.

    Args:
        settings: how to reach it.
        transport: what carries requests instead of the network (a preview, a test), where it is compatible.

    Raises:
        ConfigError: no key, no address, or a provider whose package is not installed.
    """
    from causalcopilot.agent.models.texttools import TextTools

    name = settings.name
    provider, _, rest = name.partition(":")
    if settings.compatible:
        own = rest if provider in ("openai", "ollama") and rest else name
        inner = _compatible(provider, own, settings, transport)
    elif rest:
        inner = _other(name, settings)
    else:
        raise ConfigError(
            f"no address for the model {name!r}",
            f"write openai:{name} or ollama:{name}, or give --base-url; expert needs neither",
        )
    if settings.tool_mode == "native":
        return inner
    text = settings.tool_mode == "text" or tool_modes.speaks_text(settings)
    return TextTools(
        inner=inner,
        mode="text" if text else "auto",
        switched=lambda: tool_modes.remember(settings, text=True),
    )


def _compatible(
    provider: str, name: str, settings: ModelSettings, transport: BaseTransport | None = None
) -> BaseChatModel:
    """``ChatOpenAI`` for OpenAI itself or a server that speaks its Chat Completions.

    Set against defaults that hurt: 600 s timeout; the Responses API chosen by model name, which compatible
    servers do not know; token usage missing from streams; HTTP_PROXY applied to 127.0.0.1, or to nothing at
    all because of socket options.  Redirects are not followed: prompts go to the address that was named.
    """
    import httpx2
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    base_url = settings.base_url or (OLLAMA if provider == "ollama" else "")
    if not base_url and provider == "openai":
        base_url = os.environ.get("OPENAI_BASE_URL", "")
    timeout = httpx2.Timeout(settings.timeout, connect=min(CONNECT_SECONDS, settings.timeout))
    options: dict[str, Any] = {}
    if settings.temperature is not None and not _reasons(name):
        options["temperature"] = settings.temperature
    return ChatOpenAI(
        model=name,
        base_url=base_url or None,
        api_key=SecretStr(_key(provider, base_url, settings)),
        timeout=timeout,
        max_retries=settings.retries,
        stream_usage=True,
        use_responses_api=False,
        disable_streaming=not settings.stream,
        http_client=httpx2.Client(trust_env=not _is_loopback(base_url), timeout=timeout, transport=transport),
        http_socket_options=(),
        **options,
    )


def _key(provider: str, base_url: str, settings: ModelSettings) -> str:
    """The key to use.  A key for OpenAI is never sent to an address that was not named for it."""
    if settings.api_key:
        return settings.api_key
    environment = os.environ.get("OPENAI_API_KEY", "")
    if provider == "openai" and not settings.base_url and environment:
        return environment
    if base_url:
        return "none"
    raise ConfigError(
        f"no API key for {settings.name}",
        "set OPENAI_API_KEY or CCP_API_KEY, or use -m expert, which needs none",
    )


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _reasons(name: str) -> bool:
    """OpenAI's reasoning models take no temperature."""
    short = name.rpartition("/")[2].lower()
    return short[:2] in ("o1", "o3", "o4") or (short.startswith("gpt-5") and "chat" not in short)


def _other(name: str, settings: ModelSettings) -> BaseChatModel:
    """A provider with a LangChain package of its own."""
    from langchain.chat_models import init_chat_model

    options: dict[str, Any] = {"timeout": settings.timeout, "max_retries": settings.retries}
    if settings.temperature is not None:
        options["temperature"] = settings.temperature
    if settings.api_key:
        options["api_key"] = settings.api_key
    provider = name.partition(":")[0]
    try:
        model: BaseChatModel = init_chat_model(name, disable_streaming=not settings.stream, **options)
    except ImportError as error:
        package = f"langchain-{provider.replace('_', '-')}"
        raise ConfigError(
            f"the package for {provider} models is missing", f"pip install {package}"
        ) from error
    except ValueError as error:
        reason = " ".join(str(error).split("\n")[0].split())[:200]
        raise ConfigError(
            f"cannot use the model {name}: {reason}",
            "write openai:NAME, ollama:NAME, or a provider's name: NAME",
        ) from error
    return model


@dataclass(frozen=True)
class Probe:
    """What a server can do.

    Attributes:
        answers: it answers a plain question.
        tools: it takes and makes native tool calls.
        streams: it streams and says why it finished.
        usage: it counts tokens while streaming.
        problem: what it said when it did not answer, or did not take tools.
    """

    answers: bool
    tools: bool = False
    streams: bool = False
    usage: bool = False
    problem: str = ""

    def __str__(self) -> str:
        rows = (
            ("answers", self.answers),
            ("native tool calls", self.tools),
            ("streaming", self.streams),
            ("token counts", self.usage),
        )
        lines = [f"{name:<18} {'yes' if works else 'no'}" for name, works in rows]
        if self.answers and not self.tools:
            lines.append("without native tool calls ccp goes on with Thought / Action text")
        return "\n".join([*lines, *([self.problem] if self.problem else [])])


_PING = {
    "type": "function",
    "function": {
        "name": "ping",
        "description": "Check the connection.",
        "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
    },
}


def probe(model: BaseChatModel) -> Probe:
    """Try a model with two short requests (no data): a streamed answer, and a tool call."""
    from langchain_core.messages import HumanMessage

    from causalcopilot.agent.models import wire
    from causalcopilot.agent.models.failures import is_ours, model_error
    from causalcopilot.agent.models.texttools import TextTools

    native = model.inner if isinstance(model, TextTools) else model
    whole: Any = None
    try:
        with wire.untraced():
            for chunk in native.stream([HumanMessage("Answer with the single word: ready")]):
                whole = chunk if whole is None else whole + chunk
    except Exception as error:
        if is_ours(error):
            raise
        return Probe(False, problem=model_error(error).message)
    streams = wire.fault(whole, streamed=True) is None
    usage = bool(whole.usage_metadata)
    try:
        with wire.untraced():
            called = native.bind_tools([_PING]).invoke(
                [HumanMessage("Call the tool ping with the word ready.")]
            )
    except Exception as error:
        if is_ours(error):
            raise
        return Probe(True, False, streams, usage, model_error(error).message)
    tools = bool(called.tool_calls)
    return Probe(True, tools, streams, usage, "" if tools else "it took the tool but did not call it")
