"""``ccp refute``: try again to break the estimate of an earlier run."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("refute")(refute)


def refute(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="a run id, any unique prefix, or last")],
    fail_on: Annotated[
        str | None, typer.Option("--fail-on", metavar="LIST", help="exit 5 if the verdict is one of these")
    ] = None,
) -> int:
    """Try again to break an earlier estimate.

    Repeats the effect of that run on the same data as a new run.

    Give another --seed to see how much the answer hangs on chance.
    """
    from causalcopilot.agent.plan import Plan
    from causalcopilot.cli import again, runs
    from causalcopilot.cli.reports import finish_estimate
    from causalcopilot.errors import UsageError
    from causalcopilot.memory.memory import Memory

    record = Memory(context.obj.settings().memory_path()).run(run)
    if record.question.kind not in ("effect", "joint", "subgroups"):
        raise UsageError(
            f"run {record.id} asked for no effect ({record.question.kind})",
            "refute a run of estimate or analyze",
        )
    given = again.given_of(record, fail_on=fail_on)
    plan = Plan("refute", parent=record.id)
    return runs.run(context.obj, given, record.question, plan, again.same_data(record, finish_estimate))
