"""What a command wants beyond the question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from causalcopilot.agent.pins import Pins


@dataclass(frozen=True)
class Plan:
    """What a command wants of the expert beyond the question.

    Attributes:
        command: the command, for the record.
        thorough: learn a graph beside declared controls and compare.
        bootstrap: resamples for edge confidences.
        graph_name: name for a learned graph, or empty.
        parent: run this one goes back to.
        settings: what else a replay needs.
        pins: how the graph behind the answer is to be learned.
        fresh: compute anew what an earlier turn of the conversation has computed already.
    """

    command: str
    thorough: bool = False
    bootstrap: int = 0
    graph_name: str = ""
    parent: str = ""
    settings: Mapping[str, Any] | None = None
    fresh: bool = False
    pins: Pins = field(default_factory=Pins)
