"""What every command that is a run has in common: open the case, drive the conversation, end with the right code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.cli.output import View, clean
from causalcopilot.cli.questions import types_of
from causalcopilot.cli.repeat import TYPED, spoken
from causalcopilot.cli.state import Globals
from causalcopilot.domain.comma_list import split_list
from causalcopilot.domain.designs import instruments_of
from causalcopilot.domain.question import Question
from causalcopilot.errors import DataError, GateFailed, UsageError, nearest
from causalcopilot.interrupts import deafen, pressed

if TYPE_CHECKING:
    from causalcopilot.agent.case import Case
    from causalcopilot.agent.conversation import Conversation
    from causalcopilot.agent.plan import Plan
    from causalcopilot.agent.session import Session
    from causalcopilot.agent.turn import Turn

Finish = Callable[["Session", "Case", "Turn", View], int]
GATES = ("refuted", "fragile", "inconclusive", "not_identified")


@dataclass(frozen=True)
class Given:
    """What a command was told about the data.

    Attributes:
        source: DATA.
        knowledge: ``--knowledge``.
        use_knowledge: false for ``--no-knowledge``.
        types: ``--type COL=TYPE`` pairs.
        graph: ``--graph``.
        model: ``-m``.
        fail_on: ``--fail-on``.
        accept: ``--accept-proposals``.
        path: where the source was found by an earlier run, where that is known.
    """

    source: str
    knowledge: Path | None = None
    use_knowledge: bool = True
    types: Sequence[str] | None = None
    graph: str | None = None
    model: str | None = None
    fail_on: str | None = None
    accept: bool = False
    path: str = ""

    def settings(self) -> Mapping[str, Any]:
        """What a later run needs to open the same case."""
        return {
            "knowledge": str(self.knowledge.resolve()) if self.knowledge else "",
            "use_knowledge": self.use_knowledge,
            "types": list(self.types or ()),
            "graph": self.graph or "",
            "path": path_of(self.path or self.source),
        }


def path_of(source: str) -> str:
    """The absolute path of a table in a file; empty for standard input and bundled data sets."""
    file, mark, table = source.partition("::")
    if source == "-" or source.startswith("dataset:") or not os.path.exists(file):
        return ""
    return os.path.abspath(file) + mark + table


def gates(listed: str | None) -> tuple[str, ...]:
    """The ``--fail-on`` list, checked before anything runs."""
    wanted = split_list(listed or "")
    for gate in wanted:
        if gate not in GATES:
            like = nearest(gate, GATES, 1)
            raise UsageError(
                f"--fail-on has no condition {gate!r}",
                f"did you mean {like[0]!r}?" if like else f"conditions: {', '.join(GATES)}",
            )
    return wanted


def check_source(source: str) -> None:
    """Refuse a missing file before anything heavy is loaded."""
    path = source.split("::", 1)[0]
    if source == "-" or source.startswith("dataset:") or os.path.exists(path):
        return
    folder = Path(path).parent
    names = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    like = [str(folder / n) for n in nearest(Path(path).name, names, 1)] or _bundled(path)
    raise DataError(
        f"no file {source!r}",
        f"did you mean {like[0]!r}?" if like else "give a file, - for standard input, or dataset:NAME",
    )


def _bundled(name: str) -> list[str]:
    """The bundled data set that was meant by a bare name, if any."""
    from causalcopilot.data.catalogue import bundled_names

    return [f"dataset:{n}" for n in nearest(name, bundled_names(), 1)]


def open_session(options: Globals, given: Given, question: Question) -> tuple[Session, Case, Question]:
    """The engine with the table open and the question complete; the caller closes the session."""
    from causalcopilot.agent.case import complete
    from causalcopilot.agent.session import Session

    source = given.path if given.path and path_of(given.path) else given.source
    check_source(source)
    types = types_of(given.types)
    session = Session(options.settings(model=given.model))
    try:
        wanted = columns_named(question) if question.controls is not None else None
        case = session.open(
            source,
            knowledge_file=given.knowledge,
            use_knowledge=given.use_knowledge,
            columns=wanted,
            types=types,
            graph=given.graph,
        )
        if source != given.source:  # what is told and stored stays as it was first written
            profile = replace(case.profile, name=given.source)
            case = replace(case, source=given.source, profile=profile)
        return session, case, complete(question, case)
    except BaseException:
        session.close()
        raise


def columns_named(question: Question) -> list[str] | None:
    """The only columns a wide table needs to be read for, when the question names them all."""
    if not (question.treatment and question.outcome and question.controls is not None):
        return None
    q = question
    design = (
        *instruments_of(q),
        q.running,
        q.mediator,
        q.time,
        q.unit,
        q.cluster,
        q.weights,
        q.event,
        *q.negative_controls,
        *q.modifiers,
        *q.together,
    )
    return list(dict.fromkeys(n for n in (q.treatment, q.outcome, *question.controls, *design) if n))


def drive(conversation: Conversation, question: Question, plan: Plan, view: View) -> Turn:
    """Run one question through the view; returns how it ended.  A Ctrl-C while an event is shown ends the run."""
    with closing(conversation.ask(question, plan)) as events:
        for event in events:
            view.show(event)
    turn = conversation.turn
    assert turn is not None  # ask() sets it before it returns
    return turn


@contextmanager
def named(conversation: Conversation) -> Iterator[None]:
    """Around a run and what is shown of it: a Ctrl-C names the run, and once all is shown none is taken any more."""
    try:
        yield
        deafen()
    except KeyboardInterrupt:  # while an event or the result is shown, or the report is written
        raise conversation.interrupted() from None
    except Exception:
        if pressed():  # a Ctrl-C that a library turned into an error of its own
            raise conversation.interrupted() from None
        raise


def run(
    options: Globals,
    given: Given,
    question: Question | Callable[[Case], Question],
    plan: Plan,
    finish: Callable[[Session, Case, Turn, View], int],
) -> int:
    """One command that is one run; returns the exit code."""
    wanted = gates(given.fail_on)
    first = question if isinstance(question, Question) else Question("unclear")
    session, case, asked = open_session(options, given, first)
    with session, View(options, session.settings.color) as view:
        session.worker.notice = view.waiting
        if not isinstance(question, Question):
            from causalcopilot.agent.case import complete

            asked = complete(question(case), case)
        session.check_method(asked)
        view.data_line(case)
        from causalcopilot.agent.conversation import Conversation  # after the data line: it loads langchain
        from causalcopilot.agent.session import spoken_hint

        conversation = Conversation(session, case)
        conversation.accept = given.accept
        if options.show_prompt:
            return show_prompt(conversation, asked, plan, view)
        typed = {"argv": spoken(options.words)} if plan.command in TYPED else {}
        plan = replace(plan, settings={**given.settings(), **typed, **dict(plan.settings or {})})
        with named(conversation):
            turn = drive(conversation, asked, plan, view)
            code = finish(session, case, turn, view)
        if hint := spoken_hint(os.environ, session.settings.model):
            view.say(f"note: {hint}")
        return gate(turn, wanted, code)


def show_prompt(conversation: Conversation, question: Question, plan: Plan, view: View) -> int:
    """Print the next request as it would be sent, and send nothing."""
    view.document(conversation.request(question, plan))
    return 0


def gate(turn: Turn, wanted: Sequence[str], code: int) -> int:
    """Exit 5 where a ``--fail-on`` condition holds, else the code so far."""
    if turn.verdict is not None and turn.verdict.value in wanted:
        print(f"error: the verdict is {turn.verdict.value} (--fail-on)", file=sys.stderr)
        return GateFailed.exit_code
    return code


def exit_of(turn: Turn) -> int:
    """The exit code of a run that ended: 0, 2 not understood, 4 not identified, 7 limit, or that of the failure."""
    if turn.error is not None:
        return turn.error.exit_code
    if turn.verdict is not None and turn.verdict.value == "not_identified":
        return 4
    if turn.reason != "answer":
        return 7
    return 2 if turn.run.question.kind == "unclear" and turn.run.author == "expert" else 0


def show_failure(turn: Turn) -> None:
    """The failure of a run as an error line."""
    if turn.error is not None:
        print(f"error: {clean(turn.error.message)}", file=sys.stderr)
        if turn.error.hint:
            print(f"hint:  {clean(turn.error.hint)}", file=sys.stderr)
