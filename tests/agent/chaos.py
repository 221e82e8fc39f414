"""One conversation with a random model, and everything that has to hold after it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from langchain_core.messages import BaseMessage
from langchain_core.messages.utils import convert_to_messages

from causalcopilot.agent.case import Case, complete
from causalcopilot.agent.conversation import REPAIRS, Conversation
from causalcopilot.agent.events import Event, RunFinished, Stopped
from causalcopilot.agent.models.factory import make_model
from causalcopilot.agent.models.settings import ModelSettings
from causalcopilot.agent.plan import Plan
from causalcopilot.agent.session import Session
from causalcopilot.agent.turn import Turn
from causalcopilot.cli.runs import exit_of
from causalcopilot.domain.question import ABOUT_EFFECTS, Aspect, Question
from causalcopilot.errors import CcpError
from causalcopilot.memory.database import CONFIG, Database
from causalcopilot.memory.migrations import migrate
from causalcopilot.report.claims import render, text_of, unsourced
from causalcopilot.report.findings import read_run
from causalcopilot.report.write import render_files
from causalcopilot.settings import load_settings
from causalcopilot.testing import Fault, Loopback, Reply, ScriptedModel
from tests.agent.chaos_model import ARGUED, BOAST, INVENTED, ChaosModel
from tests.agent.oracle import spoken

ROWS = 60
COLUMNS = ("age", "sex", "quit", "gain", "after")
EXITS = frozenset((0, 1, 2, 3, 4, 6, 7))
"""Codes a run that came to its end may have; each has its sentence in the documentation."""
RAISED = frozenset((6, 130))
"""Codes a run may be broken off with: the model failed, or Ctrl-C."""
TRIES = 3
"""Requests for one answer (``Limits.tries``)."""
CANNOT_END = 500
"""Answers a script holds: more than any run may ask for."""
_NUMERAL = re.compile(r"\d")

QUESTIONS: tuple[Question, ...] = (
    Question("effect", treatment="quit", outcome="gain", controls=("age", "sex"), closed=True),
    Question("effect", treatment="quit", outcome="gain", closed=True),
    Question("effect", treatment="after", outcome="gain"),
    Question("independence", treatment="age", outcome="sex", closed=True),
    Question("independence", treatment="quit", outcome="gain", given=("age",), closed=True),
    Question("explore"),
    Question("graph"),
    Question("confounder", treatment="quit", outcome="gain", closed=True),
    Question("direct_cause", treatment="quit", outcome="gain", closed=True),
    Question("adjustment", treatment="quit", outcome="gain"),
    Question("drivers", outcome="gain"),
    Question("direction", treatment="age", outcome="gain"),
    Question("falsify", closed=True),
    Question("unclear", text="hm?"),
)


ASPECTS: tuple[Aspect, ...] = ("insist", "why", "robust", "confidence", "controls")


def small_table(folder: Path, seed: int = 3) -> Path:
    """Sixty rows in which ``quit`` adds two kilograms to ``gain``."""
    dice = np.random.default_rng(seed)
    age = dice.normal(45, 12, ROWS).round(1)
    sex = dice.integers(0, 2, ROWS)
    quit_ = (dice.random(ROWS) < 1 / (1 + np.exp(-0.05 * (age - 45)))).astype(int)
    gain = (2 * quit_ + 0.1 * age - sex + dice.normal(0, 1, ROWS)).round(3)
    after = (0.5 * gain + dice.normal(0, 1, ROWS)).round(3)
    rows = [",".join(map(str, r)) for r in zip(age, sex, quit_, gain, after, strict=True)]
    path = folder / "small.csv"
    path.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")
    return path


@dataclass
class Told:
    """What is left of one random conversation.

    Attributes:
        seed: what it was drawn from.
        character: of the model.
        way: how the model was reached.
        exits: exit code of every turn.
        faults: what should hold and does not.
        steps: what the model did.
        authors: who wrote the answers.
    """

    seed: int
    character: str = ""
    way: str = ""
    exits: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)


class Held(Database):
    """The file kept open, with the same transactions: opening it a hundred times a run is tested elsewhere."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, 10.0)
        self.connection = duckdb.connect(str(path), config=CONFIG)
        migrate(self.connection, path)

    @contextmanager
    def write(self, wait: Any = None, prepare: Any = None) -> Iterator[duckdb.DuckDBPyConnection]:
        self.connection.execute("begin")
        try:
            if prepare:
                prepare(self.connection)
            yield self.connection
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    @contextmanager
    def read(self, wait: Any = None) -> Iterator[duckdb.DuckDBPyConnection]:
        yield self.connection


class Chaos:
    """Draws and plays conversations over one session's worker and table.

    Args:
        folder: where table and memory lie.
        heavy: models may call every tool freely, not only the cheap ones.
        http: share of the models that sit behind a server.
    """

    def __init__(self, folder: Path, *, heavy: bool = False, http: float = 0.25) -> None:
        self.folder, self.heavy, self.http = folder, heavy, http
        self.table = small_table(folder)
        self.held = Held(folder / "m.duckdb")

    def close(self) -> None:
        """Let go of the memory."""
        self.held.connection.close()

    def play(self, seed: int) -> Told:
        """One conversation of one to three turns; every rule that is broken is in ``faults``."""
        dice = random.Random(seed)
        told = Told(seed)
        flags = {
            "model": "scripted",
            "memory": self.held.path,
            "max_steps": dice.randint(2, 9),
            "max_tokens": dice.choice((0, 0, 0, 600)),
            "privacy": dice.choice(("names", "names", "aliases")),
            "timeout": 20.0,
        }
        told.way = dice.choice(("native", "native", "text")) if dice.random() < self.http else "process"
        with ExitStack() as stack:
            session = stack.enter_context(Session(load_settings(flags, start=self.folder)))
            session.memory._database = self.held
            case = session.open(str(self.table))
            conversation = self._conversation(session, case, dice, told, stack)
            conversation.accept = dice.random() < 0.3
            known = case.knowledge
            for n in range(dice.randint(1, 3)):
                self._turn(conversation, dice, told, first=n == 0)
                if n and dice.random() < 0.2 and conversation.questions:
                    conversation.undo()
            if not conversation.accept and conversation.case.knowledge != known:
                told.faults.append("knowledge has changed without consent")
            told.faults += session.memory.inconsistencies()
        return told

    def _conversation(
        self, session: Session, case: Case, dice: random.Random, told: Told, stack: ExitStack
    ) -> Conversation:
        shown = session.privacy.shown(case.profile, case.knowledge)
        columns = [shown.columns[c] for c in COLUMNS]
        mind = ChaosModel(dice, columns, http=told.way != "process", heavy=self.heavy)
        told.character, told.steps = mind.character, mind.steps
        if told.way == "process":
            script: list[Any] = []
            model = ScriptedModel(script=script)

            def speak(messages: list[BaseMessage]) -> Any:
                said = mind.step(messages, model.specs)
                if isinstance(said, KeyboardInterrupt):
                    raise said
                return said

            model.script = [speak] * CANNOT_END
            guarded = session.privacy.guard(model, case.profile, case.knowledge)
        else:

            def answer(request: dict[str, Any]) -> Any:
                native = bool(request.get("tools"))
                given = request["messages"]
                messages = convert_to_messages(given) if native else spoken(given)
                said = mind.step(messages, request.get("tools") or [])
                return said if native or isinstance(said, Fault) else _written(said)

            server = stack.enter_context(Loopback([answer] * CANNOT_END, no_tools=told.way == "text"))
            online = make_model(ModelSettings("scripted", server.url, stream=dice.random() < 0.7, retries=1))
            guarded = session.privacy.guard(online, case.profile, case.knowledge)
        return Conversation(session, case, guarded)

    def _turn(self, conversation: Conversation, dice: random.Random, told: Told, *, first: bool) -> None:
        question = dice.choice(QUESTIONS)
        if not first and dice.random() < 0.5:
            aspect: Aspect = dice.choice(ASPECTS)
            question = replace(conversation.questions[-1], aspect=aspect, text="no, you are wrong")
        plan = Plan("chat", thorough=dice.random() < 0.2, parent=conversation.run_id)
        asked = complete(question, conversation.case)
        before = len(told.steps)
        events: list[Event] = []
        try:
            events.extend(conversation.ask(asked, plan))
        except CcpError as error:
            told.exits.append(error.exit_code)
            if error.exit_code not in RAISED or not error.hint:
                told.faults.append(f"exit {error.exit_code}: {error.message}")
        else:
            assert conversation.turn is not None
            told.exits.append(exit_of(conversation.turn))
            told.authors.append(conversation.turn.run.author)
            told.faults += list(self._unsound(conversation, conversation.turn, events))
        limit = conversation.session.settings.max_steps + REPAIRS
        if (made := len(told.steps) - before) > limit * TRIES * 2:
            told.faults.append(f"{made} requests where {limit} steps are allowed")

    def _unsound(self, conversation: Conversation, turn: Turn, events: list[Event]) -> Iterator[str]:
        """What is wrong with a turn that ended by itself."""
        settings = conversation.session.settings
        steps = sum(e.steps for e in events if isinstance(e, Stopped))
        if steps > settings.max_steps + REPAIRS:
            yield f"{steps} steps where {settings.max_steps} are allowed"
        ended = events[-1] if events else None
        code = exit_of(turn)
        if not isinstance(ended, RunFinished) or code not in EXITS:
            yield f"ended with {ended}, exit {code}"
        stored = conversation.session.memory.run(turn.run.id)
        if turn.run != stored:
            yield "the turn is not what the memory holds"
        yield from _bad_text(turn)
        yield from _bad_verdict(turn)
        yield from self._bad_report(conversation, turn)

    def _bad_report(self, conversation: Conversation, turn: Turn) -> Iterator[str]:
        memory = conversation.session.memory
        made = [memory.graph(g, undone=True) for c in turn.run.calls for g in c.graphs]
        files = render_files(turn.run, made, ("md", "html", "json"))
        for name, text in files.items():
            for poison in (INVENTED, BOAST):
                if poison in text:
                    yield f"{name} says {poison}"
        record = json.loads(files["report.json"])
        record.pop("calls")
        if ARGUED in json.dumps({**record, "graphs": []}):
            yield f"report.json says {ARGUED} outside its list of calls"


def _written(said: Any) -> Any:
    """An answer in Thought / Action text; only its first call can be written."""
    if isinstance(said, KeyboardInterrupt) or not said.calls:
        return said if isinstance(said, Fault) else replace(said, text=f"Final Answer: {said.text}")
    name, args = said.calls[0]
    given = args if isinstance(args, str) else json.dumps(args)
    return Reply(f"Thought: one step more.\nAction: {name}\nAction Input: {given}", finish=said.finish)


def _bad_text(turn: Turn) -> Iterator[str]:
    """Numbers of the answer that no fact holds, looked for apart from how it was written."""
    findings = read_run(turn.run)
    parts = render(turn.narrative, findings.facts, findings.names)
    plain = "".join(p.text for p in parts if p.kind == "text")
    if _NUMERAL.search(plain):
        yield f"a numeral between the references: {plain[:80]!r}"
    text = text_of(parts)
    for poison in (INVENTED, ARGUED, BOAST):
        if poison in text:
            yield f"the answer says {poison!r}"
    named = {p.text for p in parts if p.kind == "name" and _NUMERAL.search(p.text)}
    bare = "".join(" " if p.kind == "name" else p.text for p in parts)
    if found := unsourced(bare, findings.facts):
        yield f"numbers without a source: {found}"
    if wrong := {n for n in named if ARGUED in n or INVENTED in n}:
        yield f"a number as a name: {wrong}"


def _bad_verdict(turn: Turn) -> Iterator[str]:
    """A verdict that the stored results do not hold."""
    if turn.run.question.kind not in ABOUT_EFFECTS:
        if turn.verdict is not None:
            yield f"a verdict {turn.verdict.value} where no effect was asked for"
        return
    named = turn.verdict.value if turn.verdict else ""
    if named != turn.run.verdict:
        yield f"verdict {named!r} told, {turn.run.verdict!r} stored"
    given = {
        str((c.result or {}).get("verdict", {}).get("value"))
        for c in turn.run.calls
        if c.ok and (c.result or {}).get("verdict")
    }
    tools = {c.tool for c in turn.run.calls if c.ok}
    if named in ("supported", "refuted") and (named not in given or "refute" not in tools):
        yield f"verdict {named} that no refutation gave ({given})"
    if named and not tools & {"identify", "estimate", "refute"}:
        yield f"verdict {named} without an analysis"
