"""``ccp run``: what was run before."""

from __future__ import annotations

from typing import Annotated

import typer

from causalcopilot.cli import options as o
from causalcopilot.cli.state import Globals

Run = Annotated[str, typer.Argument(metavar="RUN", help="a run id, any unique prefix, or last")]
app = typer.Typer(
    help="List, show, resume, replay, undo and restore runs.", rich_markup_mode=None, no_args_is_help=True
)


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="run")


@app.command("list")
def list_(
    context: typer.Context,
    limit: Annotated[int, typer.Option("-n", "--limit", help="how many, newest first")] = 20,
) -> int:
    """Runs, newest first."""
    from causalcopilot.agent.leftovers import mark_interrupted
    from causalcopilot.cli.output import View
    from causalcopilot.cli.text.layout import table
    from causalcopilot.memory.memory import Memory

    options: Globals = context.obj
    memory = Memory(options.settings().memory_path())
    mark_interrupted(memory)
    runs = memory.runs(limit)
    view = View(options)
    if options.json:
        keys = ("id", "command", "dataset", "model", "status", "verdict", "started", "ended")
        view.document({"v": 1, "meta": {}, "runs": [{k: getattr(r, k) for k in keys} for r in runs]})
    elif not runs:
        view.result("no runs yet")
    else:
        heads: tuple[str, ...] = ("run", "started", "command", "status", "verdict", "data")
        rows: list[tuple[str, ...]] = [
            (r.id, r.started[:16].replace("T", " "), r.command, r.status, r.verdict, r.dataset[-24:])
            for r in runs
        ]
        if any(r.model != "expert" for r in runs):
            heads = (*heads[:3], "model", *heads[3:])
            rows = [(*row[:3], r.model[:12], *row[3:]) for row, r in zip(rows, runs, strict=True)]
        view.result(table(heads, rows))
    return 0


@app.command("show")
def show(
    context: typer.Context,
    run: Run,
    facts: Annotated[bool, typer.Option("--facts", help="also what each call told the model")] = False,
) -> int:
    """One run: the question, every call, what came back, and the verdict."""
    from dataclasses import replace

    from causalcopilot.agent.leftovers import mark_interrupted
    from causalcopilot.cli.output import View
    from causalcopilot.cli.text.run import run_text
    from causalcopilot.domain.serial import to_json
    from causalcopilot.memory.memory import Memory

    options: Globals = context.obj
    memory = Memory(options.settings().memory_path())
    mark_interrupted(memory)
    record = memory.run(run)
    view = View(options)
    if options.json:
        here = {k: v for k, v in record.settings.items() if k in ("path", "process")}
        kept = {k: v for k, v in record.settings.items() if k not in here}
        view.document({"v": 1, "meta": here, "run": to_json(replace(record, settings=kept))})
    else:
        view.result(run_text(record, full=facts))
    return 0


@app.command("resume")
def resume(context: typer.Context, run: Run, model: o.Model = None, output: o.Out = None) -> int:
    """Go on with a run that was interrupted, failed or ran into a limit.

    No finished call is repeated; the data must be the same.
    """
    from causalcopilot.cli import again, reports, runs
    from causalcopilot.memory.memory import Memory

    options: Globals = context.obj
    record = Memory(options.settings().memory_path()).run(run)
    finishes: dict[str, runs.Finish] = {
        "ask": reports.finish_ask,
        "discover": reports.finish_discover,
        "analyze": lambda s, c, t, v: reports.finish_analysis(s, c, t, v, output, reports.FORMATS),
    }
    return again.resume(options, record, model, finishes.get(record.command, reports.finish_estimate))


@app.command("undo")
def undo(context: typer.Context, run: Run) -> int:
    """Take back a run with the graph versions it saved; restore brings both back."""
    from causalcopilot.cli.output import View
    from causalcopilot.memory.memory import Memory

    options: Globals = context.obj
    taken, graphs = Memory(options.settings().memory_path()).undo_run(run)
    text = f"run {taken} taken back" + (f", with {', '.join(graphs)}" if graphs else "")
    View(options).told(text, meta={"run": taken}, graphs=list(graphs))
    return 0


@app.command("restore")
def restore(context: typer.Context, run: Run) -> int:
    """Bring back a run that was taken back, with its graphs."""
    from causalcopilot.cli.output import View
    from causalcopilot.memory.memory import Memory

    options: Globals = context.obj
    back, graphs = Memory(options.settings().memory_path()).restore_run(run)
    text = f"run {back} is back" + (f", with {', '.join(graphs)}" if graphs else "")
    View(options).told(text, meta={"run": back}, graphs=list(graphs))
    return 0


@app.command("replay")
def replay(
    context: typer.Context,
    run: Run,
    data: Annotated[
        str | None, typer.Option("--data", metavar="DATA", help="replay on this table instead")
    ] = None,
) -> int:
    """Run the calls of a run again, without a model, and compare every fact.

    On the same data any difference is exit 1; with --data the differences are the answer.
    """
    from causalcopilot.cli import again
    from causalcopilot.cli.output import View
    from causalcopilot.memory.memory import Memory

    options: Globals = context.obj
    record = Memory(options.settings().memory_path()).run(run)
    return again.replay(options, record, data, View(options))
