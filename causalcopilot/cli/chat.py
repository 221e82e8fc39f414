"""``ccp chat``: a conversation about one table."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from causalcopilot.cli import options as o
from causalcopilot.cli.state import Globals

if TYPE_CHECKING:
    from causalcopilot.agent.case import Case
    from causalcopilot.agent.conversation import Conversation
    from causalcopilot.agent.session import Session
    from causalcopilot.cli.output import View

GREETING = (
    "Ask about effects, independence, causes, confounders or graphs. /help lists commands, Ctrl-D leaves."
)
COMMANDS = {
    "/help": "this list",
    "/data": "the table and its columns",
    "/graph [NAME]": "a remembered graph, the newest if no name is given",
    "/graphs": "all remembered graphs",
    "/report": "write the report of the last answer",
    "/quit": "leave",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("chat")(chat)


def chat(
    context: typer.Context,
    data: Annotated[str | None, typer.Argument(metavar="[DATA]", help="the table to talk about")] = None,
    knowledge: o.KnowledgeFile = None,
    no_knowledge: o.NoKnowledge = False,
    graph: o.Graph = None,
    types: o.Types = None,
    model: o.Model = None,
) -> int:
    """Talk about a table."""
    from causalcopilot.agent.conversation import Conversation
    from causalcopilot.cli import runs
    from causalcopilot.cli.output import View
    from causalcopilot.domain.question import Question
    from causalcopilot.errors import UsageError

    if data is None:
        raise UsageError("chat needs a table to talk about", "for example: ccp chat dataset:nhefs")
    options: Globals = context.obj
    given = runs.Given(data, knowledge, not no_knowledge, types, graph, model)
    session, case, _ = runs.open_session(options, given, Question())
    with session, View(options, session.settings.color) as view:
        view.say(
            f"{case.profile.name}: {case.profile.rows:,} rows, {len(case.profile.columns)} columns. {GREETING}"
        )
        _talk(session, case, Conversation(session, case), view)
    return 0


def _talk(session: Session, case: Case, conversation: Conversation, view: View) -> None:
    from causalcopilot.errors import CcpError

    while True:
        line = _line()
        if line is None or line in ("/quit", "/exit"):
            return
        if not line:
            continue
        try:
            if line.startswith("/"):
                _command(line, session, case, conversation, view)
            else:
                _answer(line, session, case, conversation, view)
        except CcpError as error:
            print(f"error: {error.message}", file=sys.stderr)
            if error.hint:
                print(f"hint:  {error.hint}", file=sys.stderr)


def _line() -> str | None:
    """The next line a person typed; ``None`` at the end of input."""
    try:
        if sys.stdin.isatty():
            import readline  # noqa: F401 - line editing and history for input()

            return input("ccp> ").strip()
        text = sys.stdin.readline()
        return text.strip() if text else None
    except (EOFError, KeyboardInterrupt):
        return None


def _answer(line: str, session: Session, case: Case, conversation: Conversation, view: View) -> None:
    from causalcopilot.agent.case import complete
    from causalcopilot.agent.plan import Plan
    from causalcopilot.cli import questions, reports, runs
    from causalcopilot.cli.text import ask_text
    from causalcopilot.domain.question import Question

    question = complete(questions.with_text(Question(text=line))(case), case)
    parent = conversation.turn.run.id if conversation.turn else ""
    turn = runs.drive(conversation, question, Plan("chat", parent=parent), view)
    if turn.error is not None:
        raise turn.error
    view.result(ask_text(reports.ask(turn)))


def _command(line: str, session: Session, case: Case, conversation: Conversation, view: View) -> None:
    from causalcopilot.cli.text import profile_text, table
    from causalcopilot.errors import UsageError, nearest
    from causalcopilot.graph.layout import text_lines

    word, _, rest = line.partition(" ")
    if word == "/help":
        view.result(table(("command", "what it does"), list(COMMANDS.items())))
    elif word == "/data":
        view.result(profile_text(case.profile))
    elif word == "/graphs":
        heads = session.memory.graphs()
        view.result("\n".join(f"{h.id}  {h.kind}  {h.edges} edges" for h in heads) or "no graphs yet")
    elif word == "/graph":
        heads = session.memory.graphs()
        if not rest and not heads:
            raise UsageError("no graphs yet", "ask: draw the causal graph")
        stored = session.memory.graph(rest.strip() or heads[0].id)
        view.result("\n".join([stored.id, *text_lines(stored.graph)]))
    elif word == "/report":
        _report(session, conversation, view)
    else:
        names = [c.split()[0] for c in COMMANDS]
        like = nearest(word, names, 1)
        raise UsageError(f"no command {word!r}", f"did you mean {like[0]}?" if like else "see /help")


def _report(session: Session, conversation: Conversation, view: View) -> None:
    from causalcopilot.agent.published import folder_of, publish
    from causalcopilot.cli.reports import FORMATS
    from causalcopilot.errors import UsageError

    if conversation.turn is None:
        raise UsageError("nothing to report yet", "ask a question first")
    run = conversation.turn.run
    paths = publish(run, session.memory, folder_of(run, session.memory), FORMATS)
    view.result("\n".join(str(p) for p in paths.all))
