"""The short answer to a question."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What ``ask`` prints first.

    Attributes:
        answer: ``yes``, ``no``, ``uncertain``, a number, a graph name, or ``None`` when there is none.
        value, low, high: the effect, where one was estimated; the correlation where it was asked how two go together.
        unit: its unit.
        ranking: names, best first, where the question asks for one.
        graph: graph the answer was read from.
        verdict: verdict of the rules, or empty where none applies.
        evidence: calls it rests on.
    """

    answer: str | float | None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    ranking: tuple[str, ...] = ()
    graph: str | None = None
    verdict: str = ""
    evidence: tuple[str, ...] = ()
