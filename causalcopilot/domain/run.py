"""The record of one request: what was asked, what was called, what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from causalcopilot.domain.question import Question

RunStatus = Literal["running", "done", "failed", "interrupted", "limit", "undone"]
REFUSED = frozenset({"repeated", "malformed", "unknown_tool", "invalid_call", "declined"})
"""Kinds of calls that were never run: a model's mistakes and a person's no, not failures of the analysis."""


@dataclass(frozen=True)
class CallRecord:
    """One tool call as stored.

    Attributes:
        id: ``t1``, ``t2`` …, running on through a conversation.
        tool, args: what was called; graph and call references as the caller wrote them.
        ok: whether it returned a result.
        result: the full result as JSON (``{"type": "EstimateResult", ...}``), or ``None``.
        error: ``{"kind", "message", "hint"}`` of a failed call, or ``None``.
        content: the text the model saw (its facts).
        seconds: wall time.
        seed: seed the tool received.
        graphs: ``name@version`` of the graphs it made.
    """

    id: str
    tool: str
    args: Mapping[str, Any]
    ok: bool
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    content: str = ""
    seconds: float = 0.0
    seed: int = 0
    graphs: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunRecord:
    """One run as stored.

    Attributes:
        id: sorts by time.
        command: ``analyze``, ``ask``, ``estimate`` …
        question: what was asked.
        dataset, hash, rows, columns: the table.
        model: model name, ``expert`` by default.
        seed: seed of the run.
        status: where it stands; ``undone`` where it was taken back.
        verdict: verdict value, or empty.
        narrative: the final text with its references, before rendering.
        author: who wrote the narrative (model name or ``expert``).
        parent: run it goes back to (``refute RUN``, chat turns), or empty.
        knowledge: the knowledge as JSON.
        settings: what else a replay needs.
        started, ended: ISO times.
        version: ccp version.
        tokens: tokens used.
        calls: the calls in order.
    """

    id: str
    command: str
    question: Question
    dataset: str
    hash: str
    rows: int
    columns: int
    model: str = "expert"
    seed: int = 0
    status: RunStatus = "running"
    verdict: str = ""
    narrative: str = ""
    author: str = ""
    parent: str = ""
    knowledge: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    started: str = ""
    ended: str = ""
    version: str = ""
    tokens: int = 0
    calls: tuple[CallRecord, ...] = ()
