"""The command itself: open a table or go on with a stored chat, then talk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from causalcopilot.cli import options as o
from causalcopilot.cli.state import Globals

if TYPE_CHECKING:
    from causalcopilot.cli.runs import Given
    from causalcopilot.domain.run import RunRecord


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("chat")(chat)


def chat(
    context: typer.Context,
    data: Annotated[str | None, typer.Argument(metavar="[DATA]", help="the table to talk about")] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="RUN", help="go on with a chat after this turn")
    ] = None,
    last: Annotated[bool, typer.Option("-c", "--continue", help="go on with the last chat")] = False,
    knowledge: o.KnowledgeFile = None,
    no_knowledge: o.NoKnowledge = False,
    graph: o.Graph = None,
    types: o.Types = None,
    model: o.Model = None,
    accept: o.Accept = False,
) -> int:
    """Talk about a table; /help lists what can be typed."""
    from causalcopilot.cli import again, runs
    from causalcopilot.errors import UsageError

    options: Globals = context.obj
    if not (resume or last):
        if data is None:
            raise UsageError("chat needs a table to talk about", "for example: ccp chat dataset:nhefs")
        return _talk(options, runs.Given(data, knowledge, not no_knowledge, types, graph, model), (), accept)
    turns = _stored(options, resume)
    if data not in (None, turns[-1].dataset):
        raise UsageError(
            f"that chat is about {turns[-1].dataset}, not {data}", "leave the table out, or start a new chat"
        )
    given = again.given_of(turns[-1], model or turns[-1].model)
    return _talk(again.seeded(options, turns[-1].seed), given, turns, accept)


def _stored(options: Globals, resume: str | None) -> list[RunRecord]:
    from causalcopilot.agent.chain import chain, last_chat
    from causalcopilot.memory.memory import Memory

    memory = Memory(options.settings().memory_path())
    return chain(memory, resume or last_chat(memory))


def _talk(options: Globals, given: Given, turns: list[RunRecord] | tuple[()], accept: bool) -> int:
    from causalcopilot.cli import runs
    from causalcopilot.cli.chat.screen import Screen
    from causalcopilot.cli.chat.talk import Talk
    from causalcopilot.cli.terminal import hearing
    from causalcopilot.domain.question import Question

    session, case, _ = runs.open_session(options, given, Question())
    with hearing(), session, Screen(options, session.settings.color) as screen:
        session.worker.notice = screen.waiting
        talk = Talk(options, given, session, case, screen, accept=accept)
        if turns:
            talk.go_on(turns)
        talk.greet()
        if options.show_prompt:
            return runs.show_prompt(talk.conversation, Question("unclear"), talk.plan(), screen)
        return talk.run()
