"""The loop between lines: what a person types becomes a command or a question, and nothing ends it by accident."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.cli.chat.plain_words import reply
from causalcopilot.cli.chat.registry import find
from causalcopilot.cli.terminal import deaf, unechoed
from causalcopilot.domain.question import Question
from causalcopilot.errors import CcpError, Interrupted, UsageError
from causalcopilot.interrupts import answered, pressed

if TYPE_CHECKING:
    from causalcopilot.agent.case import Case
    from causalcopilot.agent.language.said import Followup, Said
    from causalcopilot.agent.plan import Plan
    from causalcopilot.agent.proposals import Proposal
    from causalcopilot.agent.session import Session
    from causalcopilot.agent.turn import Turn
    from causalcopilot.cli.chat.asking import Waiting
    from causalcopilot.cli.chat.screen import Screen
    from causalcopilot.cli.runs import Given
    from causalcopilot.cli.state import Globals
    from causalcopilot.domain.run import RunRecord

TWICE = 2.0
"""Seconds within which a second Ctrl-C means leaving."""
STOPPED = "stopped; what was finished is kept, and /undo takes it back"


@dataclass(frozen=True)
class Step:
    """Something ``/undo`` takes back: what it was, and how."""

    said: str
    back: Callable[[], str]


class Talk:
    """One chat: the conversation, what may be taken back, and the screen."""

    def __init__(
        self,
        options: Globals,
        given: Given,
        session: Session,
        case: Case,
        screen: Screen,
        *,
        accept: bool = False,
    ) -> None:
        from causalcopilot.agent.conversation import Conversation

        self.options, self.given, self.session, self.screen = options, given, session, screen
        self.conversation = Conversation(session, case)
        self.conversation.accept = accept
        self.open: list[Proposal] = []
        self.steps: list[Step] = []
        self.waiting: Waiting | None = None
        self.leaving = False
        self._stopped = 0.0

    @property
    def case(self) -> Case:
        """The table with the knowledge and the graph in force."""
        return self.conversation.case

    def greet(self) -> None:
        """The first line."""
        p = self.case.profile
        self.screen.say(
            f"{p.name}: {p.rows:,} rows, {len(p.columns)} columns. Ask in plain words; /help lists commands,"
            " Ctrl-D leaves."
        )

    def go_on(self, turns: Sequence[RunRecord]) -> None:
        """Take up a stored chat, with what was changed after its last turn.

        Raises:
            DataError: the table has changed since.
        """
        from causalcopilot.agent.chain import left
        from causalcopilot.errors import DataError

        newest = turns[-1]
        if self.case.profile.hash != newest.hash:
            raise DataError(f"{newest.dataset} has changed since run {newest.id}", "start a new chat on it")
        self.conversation.go_on(turns)
        knowledge, graph = left(newest, self.session.memory.messages(newest.id))
        stored = self.session.memory.graph(graph, undone=True) if _name(graph) else self.case.graph
        self.conversation.case = replace(self.case, knowledge=knowledge, graph=stored)
        count = len(turns)
        self.screen.say(
            f"going on after {count} turn{'s' * (count != 1)} of the chat; last: {_asked(newest)}"
        )

    def run(self) -> int:
        """Read and answer until the person leaves."""
        from causalcopilot.cli.chat.editor import editor

        read = editor(self)
        try:
            self._lines(read)
            deaf()
        except (
            KeyboardInterrupt
        ):  # the second one, wherever it fell: while the first was told, or between two lines
            deaf()
        self.farewell()
        return 0

    def _lines(self, read: Callable[[], str | None]) -> None:
        while not self.leaving:
            try:
                line = read()
            except KeyboardInterrupt:
                self._ctrl_c()
                continue
            if line is None:
                break
            if line.strip():
                self.take(line.strip())

    def take(self, line: str) -> None:
        """Carry out one line; what goes wrong is told and ends nothing."""
        try:
            if line.startswith("/"):
                word, _, rest = line.partition(" ")
                command, more = find(word)
                command.act(self, f"{more} {rest}".strip())
            elif not reply(self, line):
                self.answer(line)
        except (Interrupted, KeyboardInterrupt):  # in a step, or while an event of it is shown
            self._ctrl_c(STOPPED)
        except CcpError as error:
            self.screen.error(error)
        except Exception as error:  # a defect must not end a talk: it is told, and -v shows where
            if pressed():  # no defect: a Ctrl-C that a library turned into an error of its own
                self._ctrl_c(STOPPED)
            else:
                self.screen.defect(error, self.options.verbose)

    def answer(self, line: str) -> None:
        """Answer a question in plain words, from what was computed before where that suffices."""
        from causalcopilot.agent.case import complete
        from causalcopilot.agent.language.columns import Unsure
        from causalcopilot.cli.chat.asking import ask_back

        line, self.waiting = (self.waiting and self.waiting.settled(line)) or line, None
        try:
            question = self.read(line)
        except Unsure as unsure:
            self.waiting = ask_back(self.screen, line, unsure)
            if self.waiting is None:
                raise
            return
        if question is not None:
            self._offered(question)
            self.ask(complete(question, self.case))

    def read(self, line: str) -> Question | None:
        """The question of a line, as a follow-up or on its own; ``None`` where a graph was asked for and shown."""
        from causalcopilot.agent.language.followup import follow
        from causalcopilot.agent.language.intent import parse_question
        from causalcopilot.agent.language.said import Said
        from causalcopilot.domain.question import ABOUT_WHOLE

        profile, knowledge = self.case.profile, self.case.knowledge
        said = self.said or Said(Question(), profile, knowledge)
        found = self._followed(line, said)
        asked = None if found else parse_question(line, profile, knowledge)
        if asked is not None and asked.kind == "unclear" and said.question.kind not in ABOUT_WHOLE:
            effect = self._last_effect()  # after an aside, the words may go with the effect before it
            found = follow(line, effect) if effect else None
        if found is not None and found.graph and self.show_graph():
            return None
        if found is not None and found.read_as:
            self.screen.say(f"read as: {found.read_as}")
        return found.question if found else asked

    def _followed(self, line: str, said: Said) -> Followup | None:
        """The follow-up that a line is to the last question, or, where it does not go with that, to the last effect."""
        from causalcopilot.agent.language.followup import follow
        from causalcopilot.agent.language.said import DoesNotGo

        try:
            return follow(line, said)
        except DoesNotGo:
            effect = self._last_effect()
            if effect is None:
                raise
            return follow(line, effect)

    def _last_effect(self) -> Said | None:
        """What a follow-up to the last effect builds on, where something else was asked since."""
        from causalcopilot.agent.language.said import Said
        from causalcopilot.domain.question import ABOUT_WHOLE
        from causalcopilot.report.findings import read_run

        turn = self.conversation.turn
        while turn is not None and (turn.run.question.kind not in ABOUT_WHOLE or turn.run.status == "failed"):
            turn = self._before(turn)
        if turn is None:
            return None
        found = read_run(turn.run).identification
        return Said(turn.run.question, self.case.profile, self.case.knowledge, found)

    def _offered(self, question: Question) -> None:
        """Refuse what no tool here answers, before the answer to something else is taken for it."""
        known = {p.name for tool in self.session.registry for p in tool.parameters}
        if question.modifiers and "modifiers" not in known:
            raise UsageError(
                f"effects by {', '.join(question.modifiers)} are not offered here; all answers are over all rows",
                "for one group, open a table that holds its rows only",
            )

    @property
    def said(self) -> Said | None:
        """What a follow-up builds on: the last question that was understood, and how it was answered."""
        from causalcopilot.agent.language.said import Said
        from causalcopilot.report.findings import read_run
        from causalcopilot.toolkit.result import DiscoverResult

        asked = [q for q in self.conversation.questions if q.kind not in ("unclear", "explore")]
        turn = self.conversation.turn
        while turn is not None and (
            turn.run.status == "failed" or turn.run.question.kind in ("unclear", "explore")
        ):
            if (
                len(asked) > 1 and asked[-1] == turn.run.question
            ):  # refused: what it asked for is not built upon
                asked.pop()
            turn = self._before(turn)
        if not asked:
            return None
        if turn is None or turn.run.question != asked[-1]:
            return Said(asked[-1], self.case.profile, self.case.knowledge)
        findings = read_run(turn.run)
        learned = findings.last(DiscoverResult)
        nodes = learned.result.graphs[0].graph.observed if learned and learned.result.graphs else ()
        return Said(asked[-1], self.case.profile, self.case.knowledge, findings.identification, tuple(nodes))

    def _before(self, turn: Turn) -> Turn | None:
        """The turn before a turn, where it is stored."""
        from causalcopilot.agent.turn import stored_turn

        return stored_turn(self.session.memory.run(turn.run.parent)) if turn.run.parent else None

    @property
    def answered(self) -> Turn | None:
        """The last turn that answered something: a question nobody understood has no reasons and no report."""
        turn = self.conversation.turn
        while turn is not None and turn.run.question.kind == "unclear" and turn.run.author == "expert":
            turn = self._before(turn)
        return turn

    def plan(self, *, fresh: bool = False) -> Plan:
        """What every turn of this chat wants beyond its question."""
        from causalcopilot.agent.plan import Plan

        graph = self.case.graph.id if self.case.graph else ""
        settings = {**self.given.settings(), "graph": graph}
        return Plan("chat", parent=self.conversation.run_id, settings=settings, fresh=fresh)

    def ask(self, question: Question, *, fresh: bool = False) -> None:
        """One turn, shown as it happens."""
        from causalcopilot.cli import runs

        before = len(self.conversation.questions)
        self.screen.begin(self.conversation, quiet=question.kind == "unclear")
        try:
            with unechoed():
                turn = runs.drive(self.conversation, question, self.plan(fresh=fresh), self.screen)
        finally:
            if len(self.conversation.questions) > before:
                self.steps.append(Step("the last question", self._undo_turn))
        if turn.error is not None:
            raise turn.error
        self.show(turn)

    def show(self, turn: Turn) -> None:
        """The answer of a turn."""
        from causalcopilot.agent.proposals import read_proposals
        from causalcopilot.cli import reports
        from causalcopilot.cli.text.ask import ask_text

        self.screen.answer(ask_text(reports.ask(turn)), turn)
        if self.conversation.accept:
            return
        for made in read_proposals(turn.run.calls, turn.run.model):
            self.open.append(made)
            self.screen.result(f"[{len(self.open)}] {made.told}; /accept {len(self.open)} takes it")

    def show_graph(self) -> bool:
        """Show the graph of this chat, if there is one and it was learned under the knowledge in force."""
        from causalcopilot.cli.chat.graphs import lines, of_this_chat

        stored = of_this_chat(self)
        if stored is None or (self.case.graph is None and self.conversation.outdated):
            return False
        self.screen.result("\n".join(lines(stored)))
        return True

    def change(self, said: str, **fields: object) -> None:
        """Change knowledge or graph for the questions to come; ``/undo`` puts back what was."""
        before = self.case
        self.conversation.case = replace(before, **fields)  # type: ignore[arg-type]
        self.conversation.note()

        def back() -> str:
            self.conversation.case = before
            self.conversation.note()
            return said

        self.steps.append(Step(said, back))

    def column(self, words: str) -> str:
        """The column that some words mean; ``ColumnNotFound`` with the nearest names."""
        from causalcopilot.agent.language.columns import Vocabulary

        return Vocabulary.of(self.case.profile.names, self.case.knowledge).one(words.strip().strip("`'\""))

    def require(self, pair: tuple[str, str], said: str) -> None:
        """Add a required edge; ``UsageError`` where it goes against what is known."""
        from causalcopilot.agent.edges import check_required

        known = self.case.knowledge
        check_required(known, pair)
        self.change(said, knowledge=replace(known, required=(*known.required, pair)))

    def set_seed(self, text: str) -> None:
        """Another seed for the turns to come."""
        if not text.isdigit():
            raise UsageError(f"{text!r} is no seed", "a seed is a whole number")
        self.session.settings = replace(self.session.settings, seed=int(text))

    def clear(self) -> None:
        """A fresh conversation about the same table."""
        from causalcopilot.agent.conversation import Conversation

        accept = self.conversation.accept
        self.conversation = Conversation(self.session, self.case)
        self.conversation.accept = accept
        self.steps.clear()
        self.open.clear()

    def undo(self) -> str:
        """Take back the last step; what it was, in words.

        Raises:
            UsageError: nothing is left to take back.
        """
        if self.steps:
            return self.steps.pop().back()
        if self.conversation.questions:
            return self._undo_turn()
        raise UsageError("nothing to take back", "ask a question first")

    def _undo_turn(self) -> str:
        question, graphs = self.conversation.undo()
        saved = f", with {', '.join(graphs)}" if graphs else ""
        return f"the question {question.text or question.kind!r}{saved}"

    def _ctrl_c(self, said: str = "Ctrl-C again, or Ctrl-D, leaves") -> None:
        answered()
        now = time.monotonic()
        if now - self._stopped < TWICE:
            self.leaving = True
        else:
            self.screen.say(said)
        self._stopped = now

    def farewell(self) -> None:
        """How to come back."""
        if self.conversation.run_id and not self.options.quiet:
            print(f"  go on with: ccp chat --resume {self.conversation.run_id}", file=sys.stderr)


def _name(graph: str) -> bool:
    """Whether a stored setting names a remembered graph rather than a file or a text."""
    return "@" in graph and "{" not in graph


def _asked(run: RunRecord) -> str:
    return run.question.text or run.question.kind
