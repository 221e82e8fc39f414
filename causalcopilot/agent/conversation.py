"""One conversation about one table: questions in, events out, everything stored as it happens."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ToolMessage,
    message_to_dict,
    messages_from_dict,
)

from causalcopilot.agent import chain, ending, loop, proposals
from causalcopilot.agent.answer import answer_of
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
from causalcopilot.agent.mending import wrong
from causalcopilot.agent.models import window, wire
from causalcopilot.agent.past import Past
from causalcopilot.agent.plan import Plan
from causalcopilot.agent.session import Session
from causalcopilot.agent.turn import (
    Before,
    Progress,
    Turn,
    left_open,
    plan_block,
    start_run,
    stored_turn,
    tool_message,
)
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.question import ABOUT_EFFECTS, ABOUT_ROWS, Question
from causalcopilot.domain.run import CallRecord, RunRecord, RunStatus
from causalcopilot.domain.told import told as with_roles
from causalcopilot.errors import CcpError, Interrupted, ModelError, UsageError
from causalcopilot.interrupts import pressed

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from causalcopilot.report.findings import Findings
    from causalcopilot.toolkit.context import Context
    from causalcopilot.toolkit.outcome import Outcome
    from causalcopilot.toolkit.registry import Registry
    from causalcopilot.toolkit.schema import Called
    from causalcopilot.toolkit.toolbox import Toolbox

REPAIRS = 2
"""How often a model is asked to finish or mend its answer, before the expert writes the narrative."""

ONLINE_RESULTS = 8
"""Newest tool results an online model sees in full; older ones shrink to a line, to keep requests short."""


class Conversation:
    """A list of messages about one case; each question is one stored run."""

    def __init__(self, session: Session, case: Case, model: BaseChatModel | None = None) -> None:
        self.session, self.case = session, case
        self._model = model
        self.messages: list[BaseMessage] = []
        self.results: dict[str, Called] = {}
        self.calls = 0
        self.turn: Turn | None = None
        self.run_id = ""
        self.chat = False
        self.accept = False
        self._past = Past()
        self._stored = 0
        self._told: Knowledge | None = None
        self._before: list[Before] = []

    @property
    def model(self) -> BaseChatModel:
        """The model that drives; ``ConfigError`` where the one that was chosen cannot be used."""
        if self._model is None:
            self._model = self.session.model(self.case)
        return self._model

    def ask(self, question: Question, plan: Plan) -> Generator[Event]:
        """Answer one question; afterwards ``turn`` holds how it ended.

        Raises:
            ConfigError: the model cannot be used; nothing was begun.
            Interrupted: Ctrl-C; the run is kept and named.
            ModelError: the model or the network failed; the run is kept.
            UsageError: an online model was asked about a single row; nothing was begun.
        """
        _ = self.model
        self._keep_rows(question)
        if self.run_id:
            self._past.keep(self.session.memory.run(self.run_id))
        self.chat = plan.command == "chat"
        run = start_run(self.session, self.case, question, plan)
        self._mark(run)
        self.run_id, now = run.id, Progress(run)
        first = not self.messages
        yield from self._guarded(now, self._turn(now, question, plan, first))

    def resume(self, run: RunRecord, plan: Plan) -> Generator[Event]:
        """Go on with a stored run from its last stored message; no finished call is repeated.

        Args:
            run: a run of this case that was interrupted, failed or ran into a limit.
            plan: as it was; used where the run was stopped before anything was said.
        """
        from causalcopilot.agent.leftovers import process
        from causalcopilot.toolkit.toolbox import earlier

        _ = self.model
        run = self.session.memory.resume_run(run.id, {"process": process()})
        self.run_id, now = run.id, Progress(run)
        self.messages = messages_from_dict(self.session.memory.messages(run.id))
        self.results.update(earlier(run.calls))
        self.calls = wire.last_call(self.messages, run.calls)
        self._stored = len(self.messages)
        now.kept.update(c.id for c in run.calls)
        yield from self._guarded(now, self._turn(now, run.question, plan, not self.messages, resumed=True))

    def _keep_rows(self, question: Question) -> None:
        """Refuse to have an online model answer a question about one row: it is shown no values of rows."""
        if question.kind in ABOUT_ROWS and self.session.settings.model != "expert":
            raise UsageError(
                "a question about a single row is answered on this machine only: an online model sees aggregates",
                "leave out -m: the built-in expert answers it",
            )

    @property
    def _tools(self) -> Registry:
        """The tools the model may be told of."""
        registry = self.session.registry
        return registry if self.session.settings.model == "expert" else registry.public()

    @property
    def questions(self) -> list[Question]:
        """What was asked, oldest first, without the turns that were taken back."""
        return [b.question for b in self._before]

    @property
    def outdated(self) -> bool:
        """Whether the knowledge has changed since the last turn: graphs learned before do not answer to it."""
        return self._told is not None and self._told != self.case.knowledge

    def use(self, model: str) -> None:
        """Let another model drive from the next turn on; where it cannot be used, the old one stays.

        Raises:
            ConfigError: the model cannot be used.
        """
        session, before = self.session, self.session.settings
        session.settings = replace(before, model=model)
        try:
            made = session.model(self.case)
        except BaseException:
            session.settings = before
            raise
        self._model = made

    def note(self) -> None:
        """Store knowledge and graph with the last turn, so that a chat goes on with them even after a kill."""
        if self.run_id:
            graph = self.case.graph.id if self.case.graph else ""
            told = chain.note(self.case.knowledge, graph)
            self.session.memory.add_message(self.run_id, None, chain.NOTE, told)

    def _mark(self, run: RunRecord) -> None:
        """Remember where the conversation stands, as a turn begins."""
        known = frozenset(self.results)
        self._before.append(
            Before(run.id, run.question, len(self.messages), known, self._told, self.run_id, self.turn)
        )

    def undo(self) -> tuple[Question, tuple[str, ...]]:
        """Take back the last turn and the graph versions it saved; the question it asked, and their ids.

        The memory is changed first and in one transaction, so that a kill leaves a turn whole or taken back.

        Raises:
            UsageError: there is no turn to take back.
        """
        if not self._before:
            raise UsageError("no turn to take back", "ask a question first")
        before = self._before[-1]
        _, graphs = self.session.memory.undo_run(before.run)
        self._before.pop()
        del self.messages[before.messages :]
        self._stored, self._told = len(self.messages), before.told
        self.results = {k: v for k, v in self.results.items() if k in before.results}
        self._past.limit(before.results)
        self.run_id, self.turn = before.run_id, before.turn
        return before.question, graphs

    def go_on(self, turns: Sequence[RunRecord]) -> None:
        """Take up a stored chat after its last turn, with its messages, calls and results.

        Args:
            turns: as ``chain`` gives them.
        """
        from causalcopilot.domain.serial import from_json
        from causalcopilot.toolkit.toolbox import earlier

        for run in turns:
            self._mark(run)
            bodies = [b for b in self.session.memory.messages(run.id) if b.get("type") != chain.NOTE]
            self.messages += messages_from_dict(bodies)
            self.results.update(earlier(run.calls))
            self._past.keep(run)
            self._told = from_json(Knowledge, dict(run.knowledge))
            self.run_id, self.turn = run.id, stored_turn(run)
            self.calls = max(self.calls, wire.last_call(self.messages, run.calls))
        self._stored = len(self.messages)

    def _turn(
        self, now: Progress, question: Question, plan: Plan, first: bool, *, resumed: bool = False
    ) -> Iterator[Event]:
        run = now.run
        yield RunStarted(
            run.id, run.command, run.dataset, run.hash, run.rows, run.columns, run.model, run.seed, resumed
        )
        if first:
            yield from (Noted(n.code, n.message) for n in self.case.notices)
            yield from (Noted("tools", p.told) for p in self.session.registry.problems)
        if over := [repr(words) for words in question.passed if words in question.text]:
            yield Noted("question", f"passed over in the question: {', '.join(over)}")
        if aside := [repr(said) for said in question.aside if said in question.text]:
            yield Noted("question", f"said of the study, and not used: {', '.join(aside)}")
        if first or not resumed:
            self.messages += self._opening(question, plan)
            self._told = self.case.knowledge
        self._store(now)
        yield from self._drive(now, question)
        text, author = yield from self._narrative(now, question)
        yield self._finish(now, question, text, author)

    def _guarded(self, now: Progress, events: Iterator[Event]) -> Iterator[Event]:
        """The events of a run; however it ends, the memory says so."""
        try:
            yield from events
        except KeyboardInterrupt:
            self._stopped(now, "interrupted")
            raise self.interrupted() from None
        except GeneratorExit:  # who asked has gone, as on a Ctrl-C while an event is shown
            self._stopped(now, "interrupted")
            raise
        except BaseException:
            if pressed():  # a Ctrl-C that a library turned into an error of its own
                self._stopped(now, "interrupted")
                raise self.interrupted() from None
            self._stopped(now, "failed")
            raise

    def interrupted(self) -> Interrupted:
        """The error of a Ctrl-C; it names the run where one had begun."""
        if not self.run_id:
            return Interrupted("interrupted", "no run had begun, so nothing is kept")
        if not self.chat and self.turn is not None and self.turn.run.status == "done":
            return Interrupted(f"interrupted; run {self.run_id} is done", f"see: ccp run show {self.run_id}")
        again = "chat --resume" if self.chat else "run resume"
        return Interrupted(
            f"interrupted; run {self.run_id} is kept", f"go on with: ccp {again} {self.run_id}"
        )

    def _stopped(self, now: Progress, status: RunStatus) -> None:
        """Store that a run came to no end of its own."""
        if not now.ended:
            self.session.memory.hurry()
            self.session.memory.finish_run(now.run.id, status)

    def _opening(self, question: Question, plan: Plan) -> list[BaseMessage]:
        """What is said to ask a question; calls an interrupted turn left open are closed first."""
        from causalcopilot.agent.briefing import brief, followup

        context, told = self._context(question), plan_block(self.case, plan)
        privacy = self.session.privacy
        if not self.messages:
            return brief(context, self._tools, privacy=privacy, plan=told)
        left = [left_open(call) for call in wire.pending(self.messages)]
        return [*left, followup(context, privacy=privacy, plan=told, knowledge=self.outdated)]

    def _context(self, question: Question) -> Context:
        from causalcopilot.toolkit.context import Context

        case, session = self.case, self.session
        heads = tuple(session.memory.graphs())
        known = with_roles(case.knowledge, question)
        return Context(case.dataset, case.profile, question, known, heads, session.settings.seed)

    def _drive(self, now: Progress, question: Question) -> Iterator[Event]:
        toolbox = self._toolbox(now, question)
        limits = self._limits(now)
        for event in loop.run(self.model, self.messages, toolbox, limits=limits, next_call=self._next_call):
            if isinstance(event, ToolFinished) and event.call not in now.kept and event.tool != window.RECALL:
                self._keep_refused(now, event)
            self._store(now)
            if isinstance(event, ToolFinished) and event.ok and event.tool == proposals.TOOL:
                yield event
                yield self._proposed(now, event.call, toolbox)
                continue
            if isinstance(event, Stopped):
                now.reason = event.reason
                now.steps, now.tokens = now.steps + event.steps, now.tokens + event.tokens
            yield event

    def _proposed(self, now: Progress, call: str, toolbox: Toolbox) -> Noted:
        """Tell of a proposal; where the user takes them all, it is in force from now on."""
        calls = [c for c in self.session.memory.run(now.run.id).calls if c.id == call]
        made = proposals.read_proposals(calls, now.run.model)[0]
        if not self.accept:
            return Noted("proposal", f"{made.told}. Nothing changes unless you accept it")
        try:
            knowledge = proposals.accepted(self.case.knowledge, made)
        except CcpError as error:
            return Noted("proposal", f"{made.told}. Not accepted: {error.message}")
        self.case = replace(self.case, knowledge=knowledge)
        toolbox.context = replace(toolbox.context, knowledge=knowledge)
        self.note()
        return Noted("proposal", f"{made.told}. Accepted, as you asked (--accept-proposals)")

    def _limits(self, now: Progress) -> Limits:
        """What is left of the run's limits; asking a model to mend its answer takes one more step at least."""
        s = self.session.settings
        seconds = s.max_seconds and max(1.0, s.max_seconds - (time.monotonic() - now.began))
        return Limits(
            s.max_steps and max(1, s.max_steps - now.steps),
            s.max_tokens and max(1, s.max_tokens - now.tokens),
            seconds,
            keep=0 if s.model == "expert" else ONLINE_RESULTS,
        )

    def _keep_refused(self, now: Progress, event: ToolFinished) -> None:
        """Store a call that was never run (unknown tool, broken arguments, declined) as a failed one."""
        message = self.messages[-1]
        if not isinstance(message, ToolMessage) or wire.call_name(message.tool_call_id) != event.call:
            return
        args = next(
            c["args"]
            for m in reversed(self.messages)
            if isinstance(m, AIMessage)
            for c in m.tool_calls
            if c["id"] == message.tool_call_id
        )
        error = {"kind": event.kind, "message": event.error, "hint": ""}
        record = CallRecord(event.call, event.tool, args, False, error=error, content=message.text)
        self.session.memory.save_call(now.run.id, None, record, message=message_to_dict(message))
        now.kept.add(event.call)

    def _toolbox(self, now: Progress, question: Question) -> Toolbox:
        from causalcopilot.toolkit.hooks import MemoryHooks
        from causalcopilot.toolkit.toolbox import Toolbox

        session = self.session

        def message(outcome: Outcome) -> Mapping[str, Any]:
            now.kept.add(outcome.call)
            return message_to_dict(tool_message(outcome))

        hooks = MemoryHooks(session.memory, now.run.id, session.settings.seed, message)
        return Toolbox(
            self._tools,
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
        """The final text and its author: the model's own if it checks, else the expert's.

        A model that stops before the question can be answered is asked to go on; what it writes is asked for
        again where it does not check.
        """
        model = self.session.settings.model
        for attempt in range(REPAIRS + 1):
            if now.reason != "answer":
                break
            text = self.messages[-1].text
            findings = self._findings(now, text)
            problem = wrong(question, findings, text, model=model, first=attempt == 0)
            if problem is None:
                return text, model
            if model == "expert" or attempt == REPAIRS:
                break
            yield Retried(problem[0], attempt + 1)
            complete = not ending.missing(question, findings)
            if not (yield from self._ask_again(now, question, problem[1], complete=complete)):
                break
        if now.reason in ending.STOPPED:
            yield Noted("stopped", ending.STOPPED[now.reason])
        elif model != "expert":
            yield Noted(
                "narrative", "the model's text did not check; the built-in expert wrote the narrative"
            )
        return self._expert_text(now), "expert"

    def _ask_again(
        self, now: Progress, question: Question, message: BaseMessage, *, complete: bool
    ) -> Generator[Event, None, bool]:
        """One more go, and whether it gave an answer; once the analysis is ``complete`` it cannot be spoilt."""
        self.messages.append(message)
        self._store(now)
        answered = False
        try:
            yield from self._drive(now, question)
            answered = now.reason == "answer"
        except ModelError as error:
            if not complete:
                raise
            yield Noted("model", error.message)
        if complete:
            now.reason = "answer"
        return answered

    def _findings(self, now: Progress, text: str) -> Findings:
        """What the run found, with the earlier calls that it and ``text`` stand on."""
        from causalcopilot.agent.citing import earlier_calls
        from causalcopilot.report.findings import read_run

        run = self.session.memory.run(now.run.id)
        past = self._past.citable(run.question)
        return read_run(replace(run, calls=(*earlier_calls(text, run.calls, past), *run.calls)))

    def _expert_text(self, now: Progress) -> str:
        """The expert's narrative for the conversation as it stands; always made of checked references."""
        from causalcopilot.agent.expert.narrative import write
        from causalcopilot.agent.expert.recall import recall
        from causalcopilot.agent.expert.state import read_state
        from causalcopilot.report.claims import find_faults

        text = write(recall(read_state(self.messages))[0].for_narrative())
        findings = self._findings(now, text)
        if faults := find_faults(text, findings.facts, findings.names):
            raise CcpError(
                "the narrative does not check: " + "; ".join(map(str, faults)), "report this as a bug"
            )
        return text

    def _finish(self, now: Progress, question: Question, text: str, author: str) -> RunFinished:
        memory, run_id = self.session.memory, now.run.id
        findings = self._findings(now, text)
        verdict = findings.verdict if question.kind in ABOUT_EFFECTS else None
        error = ending.failure(question, findings, now.reason)
        status: RunStatus = "failed" if error else "done" if now.reason == "answer" else "limit"
        named = verdict.value if verdict else ""
        memory.add_calls(run_id, [c for c in findings.run.calls if c.id in self._past.calls])
        memory.finish_run(run_id, status, named, text, author, now.tokens)
        now.ended = True
        graphs = {f.call.id: f.call.graphs for f in findings.found}
        answer = answer_of(question, ending.results_of(question, findings), graphs, verdict)
        self.turn = Turn(memory.run(run_id), answer, verdict, text, error, now.reason)
        return RunFinished(run_id, status, error.exit_code if error else 0, named, tokens=now.tokens)

    def request(self, question: Question, plan: Plan) -> dict[str, Any]:
        """The body of the next request, exactly as it would be sent; nothing is sent and nothing stored."""
        from causalcopilot.agent.models.preview import expert_request, online_request
        from causalcopilot.agent.session import model_settings
        from causalcopilot.toolkit.hooks import ScratchHooks
        from causalcopilot.toolkit.toolbox import Toolbox

        session, case = self.session, self.case
        context = self._context(question)
        messages = [*self.messages, *self._opening(question, plan)]
        specs = Toolbox(self._tools, context, session.worker, ScratchHooks(), self.results).specs()
        if session.settings.model == "expert":
            return expert_request(messages, specs)
        shown = session.privacy.shown(case.profile, case.knowledge)
        view = wire.shorten(messages, ONLINE_RESULTS)
        specs = window.offered(specs, messages, ONLINE_RESULTS)
        return online_request(model_settings(session.settings), shown, view, specs, session.registry.private)
