"""One conversation about one table: questions in, events out, everything stored as it happens."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage, message_to_dict

from causalcopilot.agent import loop, wire
from causalcopilot.agent.answer import Answer, answer_of
from causalcopilot.agent.case import Case
from causalcopilot.agent.events import (
    Event,
    Noted,
    Retried,
    RunFinished,
    RunStarted,
    Stopped,
    ToolFinished,
)
from causalcopilot.agent.limits import Limits
from causalcopilot.agent.plan import Plan
from causalcopilot.agent.session import Session
from causalcopilot.domain.estimate import Verdict
from causalcopilot.domain.question import Question
from causalcopilot.domain.run import RunRecord, RunStatus
from causalcopilot.errors import CcpError, Interrupted

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from causalcopilot.report.claims import Fault
    from causalcopilot.toolkit.context import Context
    from causalcopilot.toolkit.outcome import Outcome
    from causalcopilot.toolkit.result import Result
    from causalcopilot.toolkit.schema import Called
    from causalcopilot.toolkit.toolbox import Toolbox

REPAIRS = 2
"""How often a model may correct a narrative that does not check, before the expert writes it."""


@dataclass
class Progress:
    """What is known of a running request.

    Attributes:
        run: its record as started.
        reason: why the loop stopped, once it has.
        tokens: tokens used.
        failures: first failed call of each tool.
        kept: calls the memory holds with their message.
        ended: whether the memory holds how it ended.
    """

    run: RunRecord
    reason: str = ""
    tokens: int = 0
    failures: dict[str, ToolFinished] = field(default_factory=dict)
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


class Conversation:
    """A list of messages about one case; each question is one stored run."""

    def __init__(self, session: Session, case: Case, model: BaseChatModel | None = None) -> None:
        self.session, self.case = session, case
        self.model = model or session.model(case)
        self.messages: list[BaseMessage] = []
        self.results: dict[str, Called] = {}
        self.calls = 0
        self.turn: Turn | None = None
        self.run_id = ""
        self._stored = 0

    def ask(self, question: Question, plan: Plan) -> Iterator[Event]:
        """Answer one question; afterwards ``turn`` holds how it ended.

        Raises:
            Interrupted: Ctrl-C; the run is kept and named.
            ModelError: the model or the network failed; the run is kept.
        """
        run = start_run(self.session, self.case, question, plan)
        self.run_id, now = run.id, Progress(run)
        try:
            yield RunStarted(
                run.id, run.command, run.dataset, run.hash, run.rows, run.columns, run.model, run.seed
            )
            if not self.messages:
                yield from (Noted(n.code, n.message) for n in self.case.notices)
            self._brief(question, plan)
            self._store(now)
            yield from self._drive(now, question)
            text, author = yield from self._narrative(now, question)
            yield self._finish(now, question, text, author)
        except KeyboardInterrupt:
            self._stopped(now, "interrupted")
            raise self.interrupted() from None
        except GeneratorExit:  # who asked has gone, as on a Ctrl-C while an event is shown
            self._stopped(now, "interrupted")
            raise
        except BaseException:
            self._stopped(now, "failed")
            raise

    def interrupted(self) -> Interrupted:
        """The error of a Ctrl-C; it names the run where one had begun."""
        if not self.run_id:
            return Interrupted("interrupted", "no run had begun, so nothing is kept")
        return Interrupted(f"interrupted; run {self.run_id} is kept", f"see: ccp run show {self.run_id}")

    def _stopped(self, now: Progress, status: RunStatus) -> None:
        """Store that a run came to no end of its own."""
        if not now.ended:
            self.session.memory.hurry()
            self.session.memory.finish_run(now.run.id, status)

    def _brief(self, question: Question, plan: Plan) -> None:
        from causalcopilot.agent.briefing import brief, followup

        context, told = self._context(question), plan_block(self.case, plan)
        privacy = self.session.privacy
        if self.messages:
            self.messages.append(followup(context, privacy=privacy, plan=told))
        else:
            self.messages += brief(context, self.session.registry, privacy=privacy, plan=told)

    def _context(self, question: Question) -> Context:
        from causalcopilot.toolkit.context import Context

        case, session = self.case, self.session
        heads = tuple(session.memory.graphs())
        return Context(case.dataset, case.profile, question, case.knowledge, heads, session.settings.seed)

    def _drive(self, now: Progress, question: Question) -> Iterator[Event]:
        s = self.session.settings
        keep = 0 if s.model == "expert" else 8
        limits = Limits(s.max_steps, s.max_tokens, s.max_seconds, keep=keep)
        toolbox = self._toolbox(now, question)
        for event in loop.run(self.model, self.messages, toolbox, limits=limits, next_call=self._next_call):
            self._store(now)
            if isinstance(event, ToolFinished) and not event.ok:
                now.failures.setdefault(event.tool, event)
            if isinstance(event, Stopped):
                now.reason, now.tokens = event.reason, now.tokens + event.tokens
            yield event

    def _toolbox(self, now: Progress, question: Question) -> Toolbox:
        from causalcopilot.toolkit.hooks import MemoryHooks
        from causalcopilot.toolkit.toolbox import Toolbox

        session = self.session

        def message(outcome: Outcome) -> Mapping[str, Any]:
            now.kept.add(outcome.call)
            return message_to_dict(_tool_message(outcome))

        hooks = MemoryHooks(session.memory, now.run.id, session.settings.seed, message)
        return Toolbox(
            session.registry,
            self._context(question),
            session.worker,
            hooks,
            self.results,
            timeout=session.settings.timeout,
        )

    def _next_call(self) -> str:
        self.calls += 1
        return f"t{self.calls}"

    def _store(self, now: Progress) -> None:
        """Store the messages that came since the last time; tool messages the memory already has stay as they are."""
        for message in self.messages[self._stored :]:
            call = isinstance(message, ToolMessage) and wire.call_name(message.tool_call_id)
            if not call or call not in now.kept:
                self.session.memory.add_message(now.run.id, None, message.type, message_to_dict(message))
        self._stored = len(self.messages)

    def _narrative(self, now: Progress, question: Question) -> Generator[Event, None, tuple[str, str]]:
        """The final text and its author: the model's own if it checks, else the expert's."""
        from causalcopilot.agent.prompts import load_prompt

        model = self.session.settings.model
        for attempt in range(REPAIRS + 1):
            last = self.messages[-1]
            if now.reason != "answer" or not isinstance(last, AIMessage):
                break
            faults = self._faults(now, last.text)
            if not faults:
                return last.text, model
            if model == "expert" or attempt == REPAIRS:
                break
            listed = "\n".join(f"- {f}" for f in faults[:20])
            self.messages.append(HumanMessage(load_prompt("repair", faults=listed)))
            self._store(now)
            yield Retried("the answer holds claims without a source", attempt + 1)
            yield from self._drive(now, question)
        if model != "expert" and now.reason == "answer":
            yield Noted(
                "narrative", "the model's text did not check; the built-in expert wrote the narrative"
            )
        return self._expert_text(now), "expert"

    def _expert_text(self, now: Progress) -> str:
        """The expert's narrative for the conversation as it stands; always made of checked references."""
        from causalcopilot.agent.narrative import write
        from causalcopilot.agent.state import read_state

        text = write(read_state(self.messages))
        if faults := self._faults(now, text):
            raise CcpError(
                "the narrative does not check: " + "; ".join(map(str, faults)), "report this as a bug"
            )
        return text

    def _faults(self, now: Progress, text: str) -> tuple[Fault, ...]:
        """What the claim check finds, against the very facts the report will print from."""
        from causalcopilot.report.claims import find_faults
        from causalcopilot.report.findings import read_run

        findings = read_run(self.session.memory.run(now.run.id))
        return find_faults(text, findings.facts, findings.names)

    def _finish(self, now: Progress, question: Question, text: str, author: str) -> RunFinished:
        from causalcopilot.report.findings import read_run

        memory, run_id = self.session.memory, now.run.id
        findings = read_run(memory.run(run_id))
        verdict = findings.verdict if question.kind == "effect" else None
        status: RunStatus = "done" if now.reason == "answer" else "limit"
        named = verdict.value if verdict else ""
        memory.finish_run(run_id, status, named, text, author, now.tokens)
        now.ended = True
        results = {f.call.id: f.result for f in findings.found}
        graphs = {f.call.id: f.call.graphs for f in findings.found}
        answer = answer_of(question, results, graphs, verdict)
        error = _failure(question, results, now)
        self.turn = Turn(memory.run(run_id), answer, verdict, text, error, now.reason)
        return RunFinished(run_id, status, 0, named, tokens=now.tokens)

    def request(self, question: Question, plan: Plan) -> dict[str, Any]:
        """The next request as an online model would receive it; nothing is sent."""
        now = Progress(start_run(self.session, self.case, question, plan))
        self._brief(question, plan)
        body = {
            "model": self.session.settings.model,
            "messages": wire.as_chat(self.messages),
            "tools": self._toolbox(now, question).specs(),
        }
        self.session.memory.finish_run(now.run.id, "interrupted")
        return body


def start_run(session: Session, case: Case, question: Question, plan: Plan) -> RunRecord:
    """The record of a new run, stored."""
    from causalcopilot import __version__
    from causalcopilot.domain.serial import to_json
    from causalcopilot.memory.ids import new_run_id

    ref, settings = case.dataset.ref, session.settings
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
        settings=dict(plan.settings or {}),
        version=__version__,
    )
    session.memory.start_run(run)
    return run


def plan_block(case: Case, plan: Plan) -> dict[str, Any]:
    """The part of the briefing that says how far to go."""
    return {
        "command": plan.command,
        "thorough": plan.thorough,
        "bootstrap": plan.bootstrap,
        "graph_name": plan.graph_name or case.name,
        "given_graph": case.graph.id if case.graph else "",
    }


def _tool_message(outcome: Outcome) -> ToolMessage:
    return ToolMessage(
        outcome.content,
        tool_call_id=wire.wire_id(outcome.call),
        name=outcome.tool,
        status="success" if outcome.ok else "error",
    )


NEEDED: Mapping[str, tuple[str, ...]] = {
    "effect": ("identify", "estimate"),
    "independence": ("independence",),
    "graph": ("discover",),
    "explore": ("discover",),
    "drivers": ("discover", "drivers"),
}


def _failure(question: Question, results: Mapping[str, Result], now: Progress) -> CcpError | None:
    """The failure that kept the question from being answered, as an error with the right exit code."""
    for tool in NEEDED.get(question.kind, ("structure",)):
        event = now.failures.get(tool)
        if event is not None and not any(_made_by(r, tool) for r in results.values()):
            return failure_of(event)
    return None


def _made_by(result: Result, tool: str) -> bool:
    from causalcopilot.toolkit import result as r

    classes: dict[str, type[Result]] = {
        "identify": r.IdentifyResult,
        "estimate": r.EstimateResult,
        "discover": r.DiscoverResult,
        "drivers": r.RankingResult,
        "independence": r.StructureResult,
        "structure": r.StructureResult,
    }
    return isinstance(result, classes[tool])


def failure_of(event: ToolFinished) -> CcpError:
    """A failed call's event as the error it was."""
    kinds = {c.kind: c for c in _all_errors(CcpError)}
    return kinds.get(event.kind, CcpError)(event.error)


def _all_errors(base: type[CcpError]) -> list[type[CcpError]]:
    return [base, *(c for sub in base.__subclasses__() for c in _all_errors(sub))]
