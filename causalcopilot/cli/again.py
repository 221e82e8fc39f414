"""Coming back to a stored run: refute it, resume it, replay it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from causalcopilot.cli.output import View
from causalcopilot.cli.runs import Finish, Given, named, open_session
from causalcopilot.cli.state import Globals
from causalcopilot.errors import DataError, UsageError

if TYPE_CHECKING:
    from causalcopilot.agent.case import Case
    from causalcopilot.agent.session import Session
    from causalcopilot.agent.turn import Turn
    from causalcopilot.domain.run import RunRecord


def same_data(record: RunRecord, finish: Finish) -> Finish:
    """``finish``, after saying so where the data are no longer those of the earlier run."""

    def checked(session: Session, case: Case, turn: Turn, view: View) -> int:
        if case.profile.hash != record.hash:
            view.say(
                f"note: {record.dataset} has changed since run {record.id}; this is the effect in the new data"
            )
        return finish(session, case, turn, view)

    return checked


def given_of(record: RunRecord, model: str | None = None, fail_on: str | None = None) -> Given:
    """What an earlier run was told about its data."""
    kept = record.settings
    return Given(
        record.dataset,
        Path(kept["knowledge"]) if kept.get("knowledge") else None,
        bool(kept.get("use_knowledge", True)),
        kept.get("types") or None,
        kept.get("graph") or None,
        model,
        fail_on,
        path=str(kept.get("path") or ""),
    )


def seeded(options: Globals, seed: int) -> Globals:
    """The options with the seed of an earlier run, unless another was asked for."""
    return (
        options
        if options.flags.get("seed") is not None
        else replace(options, flags={**options.flags, "seed": seed})
    )


def resume(options: Globals, record: RunRecord, model: str | None, finish: Finish) -> int:
    """Go on with a stored run; returns the exit code."""
    from causalcopilot.agent.plan import Plan

    if record.command == "chat":
        raise UsageError(
            f"run {record.id} is a turn of a chat", f"go on with the chat: ccp chat --resume {record.id}"
        )
    if record.status == "done":
        raise UsageError(
            f"run {record.id} is done", f"see: ccp run show {record.id}, or ccp report {record.id}"
        )
    given = given_of(record, model or (None if record.model == "expert" else record.model))
    session, case, _ = open_session(seeded(options, record.seed), given, record.question)
    with session, View(options, session.settings.color) as view:
        session.worker.notice = view.waiting
        if case.profile.hash != record.hash:
            raise DataError(
                f"{record.dataset} has changed since run {record.id}", "run the command again on the new data"
            )
        view.data_line(case)
        from causalcopilot.agent.conversation import Conversation
        from causalcopilot.agent.pins import pins_of

        conversation = Conversation(session, case)
        plan = Plan(record.command, thorough=record.command == "analyze", bootstrap=30)
        plan = replace(plan, pins=pins_of(record.settings.get("pins")))
        with named(conversation), closing(conversation.resume(record, plan)) as events:
            for event in events:
                view.show(event)
            assert conversation.turn is not None  # resume() sets it before it returns
            return finish(session, case, conversation.turn, view)


def replay(options: Globals, record: RunRecord, data: str | None, view: View) -> int:
    """Run the calls of a stored run again without a model and compare every fact; 0 where all are the same."""
    from causalcopilot.agent.replay import replay as replayed
    from causalcopilot.cli.text.run import replay_text
    from causalcopilot.toolkit.context import Context
    from causalcopilot.toolkit.hooks import ScratchHooks
    from causalcopilot.toolkit.toolbox import Toolbox

    given = given_of(record)
    opened = replace(given, source=data, path="") if data else given
    session, case, _ = open_session(seeded(options, record.seed), opened, record.question)
    with session:
        context = Context(
            case.dataset,
            case.profile,
            record.question,
            case.knowledge,
            tuple(session.memory.graphs()),
            session.settings.seed,
        )
        hooks = ScratchHooks()
        for head in session.memory.graphs():
            hooks.stored.setdefault(head.id, session.memory.graph(head.id))
        toolbox = Toolbox(session.registry, context, session.worker, hooks, timeout=session.settings.timeout)
        done = list(replayed(record.calls, toolbox))
    same = case.profile.hash == record.hash
    if options.json:
        from causalcopilot.domain.serial import to_json

        view.document(
            {"v": 1, "meta": {"run": record.id}, "same_data": same, "calls": [to_json(d) for d in done]}
        )
    else:
        view.result(replay_text(record, done, same))
    return 0 if all(d.same for d in done) or not same else 1
