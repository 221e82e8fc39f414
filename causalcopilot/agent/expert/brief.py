"""The briefing read back: all the expert knows of a case before it calls a tool."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

BRIEF, QUESTION = "ccp.brief", "ccp.question"
"""Types of the JSON blocks: the first message of a conversation, and a further question in it."""
PLAN = ("command", "thorough", "bootstrap", "graph_name", "given_graph", "fresh", "pins")
"""What a command wants beyond the question."""


@dataclass(frozen=True)
class Brief:
    """What the messages say about the case; all the expert knows before it calls a tool.

    Attributes:
        question: the question in force (the last one asked).
        knowledge: what people know, without accepted answer and provenance.
        profile: the table at a glance, without extremes.
        tools: names of the tools there are.
        randomised: the data come from an experiment.
        command: the command that asked.
        thorough: learn a graph beside declared controls and compare.
        bootstrap: resamples for edge confidences.
        graph_name: name for a learned graph.
        given_graph: ``name@version`` of the graph a person gave, or empty.
        not_listed: columns of the table that ``profile`` leaves out.
        fresh: compute anew what an earlier turn has computed already.
        pins: how the graph behind the answer is to be learned: ``method``, ``test``, ``alpha``, ``domain``;
            ``lags`` and ``treat`` of a search over time.
    """

    question: Question
    knowledge: Knowledge
    profile: Profile
    tools: tuple[str, ...]
    randomised: bool = False
    command: str = ""
    thorough: bool = False
    bootstrap: int = 0
    graph_name: str = ""
    given_graph: str = ""
    not_listed: int = 0
    fresh: bool = False
    pins: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the listed columns, in table order."""
        return self.profile.names

    @property
    def controls(self) -> tuple[str, ...]:
        """Columns declared to come before the treatment."""
        known = set(self.columns)
        return tuple(c for c in self.knowledge.with_role("pre_treatment") if c in known)

    @property
    def latents(self) -> tuple[str, ...]:
        """Unmeasured variables somebody named."""
        return self.knowledge.latents

    @property
    def has_roles(self) -> bool:
        """Whether somebody said which columns come before the treatment."""
        return self.knowledge.has_roles


def read_brief(messages: Sequence[BaseMessage]) -> Brief:
    """The case as the messages tell it, with the last question; ``ValueError`` without a first message of ours."""
    blocks = [b for m in messages if m.type == "human" and (b := _parsed(m.text))]
    first = next((b for b in blocks if b["type"] == BRIEF), None)
    if first is None:
        raise ValueError("the conversation does not begin with a briefing")
    last = blocks[-1]
    told = {**first, "fresh": False, "pins": {}, **last}
    known: Mapping[str, Any] = next((b["knowledge"] for b in reversed(blocks) if "knowledge" in b), {})
    return Brief(
        _question(last["question"]),
        _knowledge(known),
        _profile(first["profile"]),
        tuple(first["tools"]),
        bool(first.get("randomised", False)) or last["question"].get("design") == "rct",
        not_listed=first["profile"].get("columns_not_listed", 0),
        **{k: told[k] for k in PLAN if k in told},
    )


def question_in(text: str) -> Question | None:
    """The question that a message asks, or ``None`` where it is no message of ours."""
    block = _parsed(text)
    return _question(block["question"]) if block else None


def changes_knowledge(text: str) -> bool:
    """Whether a message brings knowledge that differs from what was told before it."""
    block = _parsed(text)
    return block is not None and block["type"] == QUESTION and "knowledge" in block


def _parsed(text: str) -> dict[str, Any] | None:
    """A block of ours, or ``None``."""
    if not text.startswith("{"):
        return None
    try:
        block = json.loads(text)
    except ValueError:
        return None
    return block if isinstance(block, dict) and block.get("type") in (BRIEF, QUESTION) else None


def _question(data: Mapping[str, Any]) -> Question:
    from causalcopilot.domain.serial import from_json

    return from_json(Question, dict(data))


def _knowledge(data: Mapping[str, Any]) -> Knowledge:
    from causalcopilot.domain.serial import from_json

    return from_json(Knowledge, dict(data))


def _profile(data: Mapping[str, Any]) -> Profile:
    from causalcopilot.domain.serial import from_json

    known = {f.name for f in fields(Profile)}
    given = {k: v for k, v in data.items() if k in known}
    notices = [{"message": "", **n} for n in data.get("notices", [])]
    return from_json(Profile, {"name": "", "hash": "", **given, "notices": notices})
