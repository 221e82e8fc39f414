"""The turns of a chat in the memory: each is a run whose parent is the turn before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.run import RunRecord
from causalcopilot.errors import RunNotFound, UsageError

if TYPE_CHECKING:
    from causalcopilot.memory.memory import Memory

NOTE = "ccp.session"
"""Type of a stored message that nobody is sent: what a person changed between two turns."""
LOOKED_AT = 500
"""Newest runs among which the last chat is looked for."""


def last_chat(memory: Memory) -> str:
    """The newest turn of the newest chat; ``RunNotFound`` where there is none."""
    for run in memory.runs(LOOKED_AT):
        if run.command == "chat" and run.status != "undone":
            return run.id
    raise RunNotFound("no chat is remembered yet", "start one with: ccp chat DATA")


def chain(memory: Memory, run: str) -> list[RunRecord]:
    """The turns that led to a run, oldest first, the run itself last.

    Raises:
        RunNotFound: unknown or ambiguous.
        UsageError: not a turn of a chat, or one that was taken back.
    """
    newest = memory.run(run)
    if newest.command != "chat":
        raise UsageError(
            f"run {newest.id} is no turn of a chat", f"go on with it: ccp run resume {newest.id}"
        )
    if newest.status == "undone":
        raise UsageError(
            f"run {newest.id} was taken back", f"bring it back first: ccp run restore {newest.id}"
        )
    turns = [newest]
    while turns[-1].parent:
        turns.append(memory.run(turns[-1].parent))
    return turns[::-1]


def note(knowledge: Knowledge, graph: str) -> dict[str, Any]:
    """What a person changed, as a stored message."""
    from causalcopilot.domain.serial import to_json

    return {"type": NOTE, "knowledge": to_json(knowledge), "graph": graph}


def left(record: RunRecord, bodies: list[dict[str, Any]]) -> tuple[Knowledge, str]:
    """Knowledge and graph in force when the last turn of a chat was left, with what was changed after it."""
    from causalcopilot.domain.serial import from_json

    told: Mapping[str, Any] = next((b for b in reversed(bodies) if b.get("type") == NOTE), {})
    knowledge = told.get("knowledge", record.knowledge)
    graph = told.get("graph", record.settings.get("graph", ""))
    return from_json(Knowledge, dict(knowledge)), str(graph)
