"""The next request, byte for byte as a server would get it, without sending it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from causalcopilot.agent.models.settings import ModelSettings
    from causalcopilot.agent.models.shown import Shown

NOT_SENT = 418
"""Status of the made-up refusal that ends the request; a client does not try again on it."""


def expert_request(messages: Sequence[BaseMessage], specs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the expert reads, in the shape of a Chat Completions request."""
    from langchain_core.messages import convert_to_openai_messages

    return {"model": "expert", "messages": convert_to_openai_messages(messages), "tools": list(specs)}


def online_request(
    settings: ModelSettings,
    shown: Shown,
    messages: Sequence[BaseMessage],
    specs: Sequence[dict[str, Any]],
    private: frozenset[str],
) -> dict[str, Any]:
    """The body an online model would receive: the real client writes it, to a transport that leads nowhere.

    Providers with a client of their own are shown in the shape of Chat Completions.

    Args:
        settings: how the model is reached.
        shown: what it may see.
        messages: the conversation.
        specs: the tools it is offered.
        private: names of tools whose calls and answers are withheld.

    Raises:
        ConfigError: the model cannot be used.
    """
    import httpx2

    from causalcopilot.agent.models import wire
    from causalcopilot.agent.models.factory import make_model
    from causalcopilot.agent.models.failures import is_ours
    from causalcopilot.agent.models.guarded import Guarded, outgoing

    bodies: list[dict[str, Any]] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        bodies.append(json.loads(request.content))
        return httpx2.Response(NOT_SENT, json={"error": {"message": "not sent"}})

    settings = replace(settings, api_key=settings.api_key or "none", retries=0)
    if not settings.compatible:
        sent = outgoing(messages, shown, private)
        return {**expert_request(sent, [shown.out_spec(s) for s in specs]), "model": settings.name}
    model = make_model(settings, transport=httpx2.MockTransport(refuse))
    if shown.changes or private:
        model = Guarded(inner=model, shown=shown, private=private)
    with wire.untraced():
        try:
            list(model.bind_tools(list(specs)).stream(list(messages)))
        except Exception as error:  # the client's word for "not sent"; anything of ours is a bug
            if not bodies or is_ours(error):
                raise
    return bodies[0]
