"""A toolbox without tools: two made-up functions, enough to drive the loop."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from causalcopilot.errors import nearest
from causalcopilot.toolkit.result import Result
from tests.agent.played import Played

COLUMNS = ("age", "smokes", "weight")
SPECS: list[dict[str, Any]] = [
    {
        "type": "function",
        "function": {
            "name": "discover",
            "description": "Learn a graph.",
            "parameters": {
                "type": "object",
                "properties": {
                    "method": {"type": "string", "enum": ["pc", "ges"]},
                    "alpha": {"type": "number"},
                },
                "required": [],
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "estimate",
            "description": "Estimate an effect.",
            "parameters": {
                "type": "object",
                "properties": {
                    "treatment": {"type": "string", "enum": list(COLUMNS)},
                    "outcome": {"type": "string", "enum": list(COLUMNS)},
                },
                "required": ["treatment", "outcome"],
            },
        },
    },
]


@dataclass
class FakeToolbox:
    """Checks by schema and returns a fixed fact; ``act`` replaces what running does."""

    ran: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    act: Callable[[str, str, Mapping[str, Any]], Any] | None = None
    offered: list[dict[str, Any]] = field(default_factory=lambda: SPECS)

    def specs(self) -> list[dict[str, Any]]:
        return self.offered

    def check(self, name: str, args: Mapping[str, Any]) -> str | None:
        schema = next(s["function"]["parameters"] for s in self.offered if s["function"]["name"] == name)
        for key, value in args.items():
            if key not in schema["properties"]:
                like = nearest(key, list(schema["properties"]))
                return f"{name} has no argument {key!r}; nearest: {', '.join(like) or 'none'}"
            allowed = schema["properties"][key].get("enum")
            if allowed and value not in allowed:
                return f"{key}: {value!r} is not one of {', '.join(allowed)}"
        missing = [k for k in schema["required"] if k not in args]
        return f"{name} needs {', '.join(missing)}" if missing else None

    def run(self, call_id: str, name: str, args: Mapping[str, Any]) -> Any:
        self.ran.append((call_id, name, dict(args)))
        if self.act:
            return self.act(call_id, name, args)
        facts = {"effect": {"value": 1.25, "label": "effect"}} if name == "estimate" else {"edges": 3}
        content = json.dumps({"call": call_id, "tool": name, "ok": True, "facts": facts})
        return SimpleNamespace(
            ok=True, result=Result(f"{name} done"), error=None, seconds=0.0, content=content, graphs=()
        )


@pytest.fixture
def toolbox() -> FakeToolbox:
    return FakeToolbox()


@pytest.fixture(params=[True, False], ids=["streamed", "whole"])
def play(request: pytest.FixtureRequest, toolbox: Any) -> Callable[..., Played]:
    """Play a script, once streamed and once not."""

    def start(script: Any, **options: Any) -> Played:
        settings = {"stream": request.param, **options.pop("settings", {})}
        return Played(script, toolbox, settings=settings, **options)

    return start
