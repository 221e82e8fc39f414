"""Everything that happens in a run, as frozen records; one stream feeds terminal, NDJSON, memory and tests.

An event is yielded after the state it tells of has changed, and (where it is stored) after it was stored.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    """Base of all events; ``type`` is the stable name in the NDJSON stream."""

    type: ClassVar[str] = "event"

    def to_json(self) -> dict[str, Any]:
        """The event as one line of the stream: ``v`` and ``type`` first."""
        return {"v": 1, "type": self.type, **asdict(self)}


@dataclass(frozen=True)
class RunStarted(Event):
    """A run begins (or goes on)."""

    type: ClassVar[str] = "run.started"
    run: str
    command: str
    dataset: str
    hash: str
    rows: int
    columns: int
    model: str
    seed: int
    resumed: bool = False


@dataclass(frozen=True)
class Noted(Event):
    """Something the user should know; ``code`` is stable."""

    type: ClassVar[str] = "notice"
    code: str
    message: str


@dataclass(frozen=True)
class Token(Event):
    """A piece of streamed answer text, not yet checked."""

    type: ClassVar[str] = "token"
    text: str


@dataclass(frozen=True)
class Asked(Event):
    """The model answered: its thought or text, and the calls it wants (name and arguments)."""

    type: ClassVar[str] = "message"
    text: str
    calls: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class ToolStarted(Event):
    """A call begins."""

    type: ClassVar[str] = "tool.started"
    call: str
    tool: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ToolFinished(Event):
    """A call ended and is stored: ``summary`` when ``ok``, else ``error`` and its ``kind``."""

    type: ClassVar[str] = "tool.finished"
    call: str
    tool: str
    ok: bool
    seconds: float
    summary: str = ""
    error: str = ""
    kind: str = ""
    graphs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Retried(Event):
    """The model is asked again."""

    type: ClassVar[str] = "retry"
    why: str
    attempt: int


@dataclass(frozen=True)
class Stopped(Event):
    """The loop ended: ``answer``, ``step_limit``, ``token_limit``, ``time_limit``, ``repeating`` or ``no_answer``."""

    type: ClassVar[str] = "stopped"
    reason: str
    steps: int
    tokens: int = 0


@dataclass(frozen=True)
class RunFinished(Event):
    """The run ended; the report (if any) is written."""

    type: ClassVar[str] = "run.finished"
    run: str
    status: str
    exit: int
    verdict: str = ""
    report: str = ""
    tokens: int = 0
