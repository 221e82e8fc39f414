"""The records of a turn: how it begins, how far it is, how it ended."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_core.messages import ToolMessage

from causalcopilot.agent.case import Case
from causalcopilot.agent.models import wire
from causalcopilot.agent.plan import Plan
from causalcopilot.agent.session import Session
from causalcopilot.domain.answer import Answer
from causalcopilot.domain.estimate import Verdict
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.question import ABOUT_EFFECTS, Question
from causalcopilot.domain.run import RunRecord
from causalcopilot.errors import CcpError

if TYPE_CHECKING:
    from causalcopilot.toolkit.outcome import Outcome


@dataclass
class Progress:
    """What is known of a running request.

    Attributes:
        run: its record as started.
        reason: why the loop stopped, once it has.
        steps, tokens: used so far.
        began: when it began, on the monotonic clock.
        kept: calls the memory holds with their message.
        ended: whether the memory holds how it ended.
    """

    run: RunRecord
    reason: str = ""
    steps: int = 0
    tokens: int = 0
    began: float = field(default_factory=time.monotonic)
    kept: set[str] = field(default_factory=set)
    ended: bool = False


@dataclass(frozen=True)
class Turn:
    """How a request ended.

    Attributes:
        run: the stored run, with its calls.
        answer: the short answer.
        verdict: the verdict, where the question asks for an effect.
        narrative: the final text with references.
        error: the failure that kept the question from being answered, or ``None``.
        reason: why the loop stopped.
    """

    run: RunRecord
    answer: Answer
    verdict: Verdict | None
    narrative: str
    error: CcpError | None
    reason: str


@dataclass(frozen=True)
class Before:
    """Where a conversation stood before a turn, so that the turn can be taken back.

    Attributes:
        run: the turn's run.
        question: what the turn asked.
        messages: how many messages there were.
        results: ids of the calls that were known.
        told: the knowledge as the messages had told it, ``None`` before the first.
        run_id: run of the turn before, or empty.
        turn: that turn, where it came to an end.
    """

    run: str
    question: Question
    messages: int
    results: frozenset[str]
    told: Knowledge | None
    run_id: str
    turn: Turn | None


def stored_turn(run: RunRecord) -> Turn | None:
    """A turn read back from the memory; ``None`` where it came to no end."""
    from causalcopilot.agent import ending
    from causalcopilot.agent.answer import answer_of
    from causalcopilot.report.findings import read_run

    if run.status not in ("done", "limit", "failed") or not run.author:
        return None
    findings = read_run(run)
    verdict = findings.verdict if run.question.kind in ABOUT_EFFECTS else None
    reason = "step_limit" if run.status == "limit" else "answer"
    error = ending.failure(run.question, findings, reason)
    graphs = {f.call.id: f.call.graphs for f in findings.found}
    answer = answer_of(run.question, ending.results_of(run.question, findings), graphs, verdict)
    return Turn(run, answer, verdict, run.narrative, error, reason)


def start_run(session: Session, case: Case, question: Question, plan: Plan) -> RunRecord:
    """The record of a new run, stored."""
    from causalcopilot import __version__
    from causalcopilot.agent.leftovers import process
    from causalcopilot.domain.serial import to_json
    from causalcopilot.memory.ids import new_run_id

    ref, settings = case.dataset.ref, session.settings
    kept = {**dict(plan.settings or {}), "process": process()}
    if settings.model != "expert":  # which may name columns without ever looking at the table
        kept["columns"] = list(case.dataset.columns)
    run = RunRecord(
        new_run_id(),
        plan.command,
        question,
        case.source,
        ref.hash,
        ref.rows,
        len(ref.columns),
        model=settings.model,
        seed=settings.seed,
        parent=plan.parent,
        knowledge=to_json(case.knowledge),
        settings=kept,
        version=__version__,
    )
    session.memory.start_run(run)
    return run


def plan_block(case: Case, plan: Plan) -> dict[str, Any]:
    """The part of the briefing that says how far to go."""
    fresh = {"fresh": True} if plan.fresh else {}
    pins = {"pins": plan.pins.block()} if plan.pins else {}
    return {
        **fresh,
        **pins,
        "command": plan.command,
        "thorough": plan.thorough,
        "bootstrap": plan.bootstrap,
        "graph_name": plan.graph_name or case.name,
        "given_graph": case.graph.id if case.graph else "",
    }


def tool_message(outcome: Outcome) -> ToolMessage:
    """What the model is told of a call that ran."""
    summary = (
        outcome.result.summary if outcome.result else str(outcome.error.message if outcome.error else "")
    )
    return ToolMessage(
        outcome.content,
        tool_call_id=wire.wire_id(outcome.call),
        name=outcome.tool,
        status="success" if outcome.ok else "error",
        additional_kwargs={"summary": summary},
    )


def left_open(call: Mapping[str, Any]) -> ToolMessage:
    """The answer to a call that an interrupted turn never ran; providers want one for every call."""
    name = wire.call_name(call["id"])
    told = {"call": name, "ok": False, "kind": "interrupted", "error": "the user interrupted before this ran"}
    return ToolMessage(json.dumps(told), tool_call_id=call["id"], name=call["name"], status="error")
