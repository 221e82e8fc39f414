"""Calls of earlier turns, each with the question it was made under: what a later answer may stand on."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from causalcopilot.agent.topic import carries_over
from causalcopilot.domain.question import Question
from causalcopilot.domain.run import CallRecord, RunRecord


@dataclass
class Past:
    """Successful calls by id."""

    calls: dict[str, CallRecord] = field(default_factory=dict)
    asked: dict[str, Question] = field(default_factory=dict)

    def keep(self, run: RunRecord) -> None:
        """Add the calls of a run; those it took over from an earlier one stay with the earlier question."""
        for call in run.calls:
            if call.ok:
                self.calls[call.id] = call
                self.asked.setdefault(call.id, run.question)

    def limit(self, ids: Container[str]) -> None:
        """Forget every other call."""
        self.calls = {k: v for k, v in self.calls.items() if k in ids}
        self.asked = {k: v for k, v in self.asked.items() if k in ids}

    def citable(self, question: Question) -> dict[str, CallRecord]:
        """The calls that an answer to ``question`` may stand on: an effect by another design is another effect."""
        return {k: c for k, c in self.calls.items() if carries_over(c.tool, self.asked[k], question)}
