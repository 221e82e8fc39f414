"""Conversations of the loop with a scripted server, played to their end."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, ToolMessage

from causalcopilot.agent.events import Event, Stopped
from causalcopilot.agent.loop import run
from causalcopilot.agent.models.factory import make_model
from causalcopilot.agent.models.settings import ModelSettings
from causalcopilot.testing import Loopback


def numbers(start: int = 1) -> Callable[[], str]:
    count = itertools.count(start)
    return lambda: f"t{next(count)}"


def model_for(server: Loopback, **settings: Any) -> Any:
    return make_model(ModelSettings("scripted", server.url, **{"tool_mode": "native", **settings}))


class Played:
    """One conversation with a scripted server, and all that is left of it."""

    def __init__(
        self,
        script: Any,
        toolbox: Any,
        *,
        usage: Any = (100, 20),
        no_tools: bool = False,
        settings: Any = None,
        **options: Any,
    ) -> None:
        self.messages: list[BaseMessage] = [HumanMessage("go")]
        self.events: list[Event] = []
        self.toolbox = toolbox
        with Loopback(script, usage=usage, no_tools=no_tools) as self.server:
            model = model_for(self.server, **(settings or {}))
            for event in run(model, self.messages, toolbox, next_call=numbers(), **options):
                self.events.append(event)

    @property
    def answers(self) -> list[dict[str, Any]]:
        return [json.loads(str(m.content)) for m in self.messages if isinstance(m, ToolMessage)]

    @property
    def stopped(self) -> Stopped:
        assert isinstance(self.events[-1], Stopped)
        return self.events[-1]

    def of(self, kind: type[Event]) -> list[Any]:
        return [e for e in self.events if isinstance(e, kind)]
