"""How far a run may go: steps, tokens, seconds, and how much of a long history an online model sees."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

StopReason = Literal["step_limit", "token_limit", "time_limit"]


@dataclass(frozen=True)
class Limits:
    """Limits of one run; zero means no limit.

    Attributes:
        max_steps: answers of the model.
        max_tokens: tokens in and out, summed over all requests (each sends the history again).
        seconds: wall time; looked at between calls, so one call may run past it by its own deadline.
        tries: requests for one answer, when a stream is cut or an answer is empty.
        keep: newest tool results an online model sees in full; older ones shrink to one line.
            The expert reads every result, so it runs with zero.
    """

    max_steps: int = 40
    max_tokens: int = 0
    seconds: float = 0.0
    tries: int = 3
    keep: int = 0


@dataclass
class Meter:
    """What a run has used so far."""

    limits: Limits
    steps: int = 0
    tokens: int = 0
    started: float = field(default_factory=time.monotonic)
    keep: int = field(init=False)
    """Newest results sent in full from now on; fewer once a request was too long."""

    def __post_init__(self) -> None:
        self.keep = self.limits.keep

    def reached(self) -> StopReason | None:
        """The limit that is used up, or ``None``."""
        if self.late:
            return "time_limit"
        if self.limits.max_tokens and self.tokens >= self.limits.max_tokens:
            return "token_limit"
        if self.limits.max_steps and self.steps >= self.limits.max_steps:
            return "step_limit"
        return None

    @property
    def late(self) -> bool:
        """Whether the time is over."""
        return bool(self.limits.seconds) and time.monotonic() - self.started >= self.limits.seconds
