"""What a rule of the expert's protocol is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from causalcopilot.agent.expert.state import State

Call = tuple[str, Mapping[str, Any]]
"""A tool and what it is called with."""


@dataclass(frozen=True)
class Rule:
    """One decision.

    Attributes:
        name: stable name.
        tool: tool it calls.
        when: condition on the state.
        arguments: what to pass.
        says: the decision in words, for people and models.
        reason: why.
        source: where the reason comes from.
    """

    name: str
    tool: str
    when: Callable[[State], bool]
    arguments: Callable[[State], Mapping[str, Any]]
    says: str
    reason: str
    source: str = ""
