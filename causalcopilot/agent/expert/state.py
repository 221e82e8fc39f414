"""The message history as the expert reads it: the question, what is known, and what was done so far."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from causalcopilot.agent.ending import needed
from causalcopilot.agent.expert.brief import Brief, changes_knowledge, question_in, read_brief
from causalcopilot.agent.topic import carries_over, on_topic
from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.question import Question

DATA_ALONE = ("profile", "independence")
"""Tools that read the table only: what they found stays true when the knowledge changes."""


@dataclass(frozen=True)
class Done:
    """One answered call, as far as the messages tell.

    Attributes:
        call, tool, args: what was called.
        ok: whether it returned a result.
        facts: fact key to its JSON form: a bare value, or an object with ``value``.
        kind, error: of a failed call.
    """

    call: str
    tool: str
    args: Mapping[str, Any]
    ok: bool
    facts: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    error: str = ""

    def value(self, key: str, default: Scalar = None) -> Scalar:
        """The value of one fact."""
        raw = self.facts.get(key, default)
        value: Scalar = raw.get("value") if isinstance(raw, Mapping) else raw
        return value

    def ref(self, key: str, form: str = "") -> str:
        """A reference to one fact, as narratives write it."""
        return "{" + f"{self.call}.{key}{form}" + "}"

    def numbered(self, stem: str) -> list[str]:
        """Keys ``stem.1``, ``stem.2`` … that exist, in order."""
        keys: list[str] = []
        while (key := f"{stem}.{len(keys) + 1}") in self.facts:
            keys.append(key)
        return keys


@dataclass(frozen=True)
class State:
    """Where a conversation stands.

    Attributes:
        brief: what the first message said.
        question: the question in force (the last one asked).
        done: calls answered since that question, in order.
        before: calls answered for earlier questions, under the knowledge in force and for the design in question.
        recalled: those of ``done`` that an earlier turn has answered (see ``agent.expert.recall``).
    """

    brief: Brief
    question: Question
    done: tuple[Done, ...] = ()
    before: tuple[Done, ...] = ()
    recalled: frozenset[str] = frozenset()

    def last(self, tool: str) -> Done | None:
        """The newest successful call of a tool for this question."""
        return next((d for d in reversed(self.done) if d.tool == tool and d.ok), None)

    def tried(self, tool: str) -> bool:
        """Whether a tool was called for this question, successfully or not."""
        return any(d.tool == tool for d in self.done)

    def for_narrative(self) -> State:
        """The state with only what is about the question; of an earlier turn where this one added nothing.

        The expert's own calls always are about it; an online model's need not be.
        """
        kept = self._about_it(self.done)
        wanted = needed(self.question)[-1:]
        if self.before and wanted and not any(d.ok and d.tool in wanted for d in kept):
            kept = self._about_it((*(d for d in self.before if d.ok), *self.done))
        return replace(self, done=kept)

    def _about_it(self, done: Sequence[Done]) -> tuple[Done, ...]:
        ids = on_topic(self.question, [(d.call, d.tool, d.args) for d in done])
        return tuple(d for d in done if d.call in ids)

    def failed(self, tool: str) -> Done | None:
        """The newest failed call of a tool that never succeeded for this question."""
        if self.last(tool):
            return None
        return next((d for d in reversed(self.done) if d.tool == tool), None)


def read_state(messages: Sequence[BaseMessage]) -> State:
    """Parse a history; raises ``ValueError`` where the first message is not a briefing."""
    brief = read_brief(messages)
    calls: dict[str, tuple[str, Mapping[str, Any]]] = {}
    turns: list[list[Done]] = [[]]
    asked: list[Question] = [brief.question]
    since = 0
    for message in messages:
        if isinstance(message, HumanMessage) and _asks(message):
            turns.append([])
            asked.append(question_in(str(message.content)) or asked[-1])
            since = len(turns) - 1 if changes_knowledge(str(message.content)) else since
        elif isinstance(message, AIMessage):
            calls.update({str(c["id"]): (c["name"], c["args"]) for c in message.tool_calls})
        elif isinstance(message, ToolMessage):
            tool, args = calls.get(message.tool_call_id, (message.name or "", {}))
            turns[-1].append(_done(str(message.content), tool, args))
    earlier = [
        d
        for i, turn in enumerate(turns[:-1])
        for d in turn
        if d.tool in DATA_ALONE or (i >= since and carries_over(d.tool, asked[i], brief.question))
    ]
    return State(brief, brief.question, tuple(turns[-1]), tuple(earlier))


def _asks(message: HumanMessage) -> bool:
    return bool(str(message.content).lstrip().startswith("{"))


def _done(content: str, tool: str, args: Mapping[str, Any]) -> Done:
    try:
        body = json.loads(content)
    except ValueError:
        return Done("", tool, args, False, error=content)
    if not isinstance(body, dict):
        return Done("", tool, args, False, error=content)
    ok = bool(body.get("ok"))
    facts = body.get("facts", {}) if ok else {}
    return Done(
        str(body.get("call", "")),
        tool,
        args,
        ok,
        facts,
        str(body.get("kind", "")),
        str(body.get("error", "")),
    )
