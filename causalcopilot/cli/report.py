"""``ccp report``: write or check the report of a run."""

from __future__ import annotations

from typing import Annotated

import typer

from causalcopilot.cli import options as o
from causalcopilot.cli.state import Globals


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)


def report(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="a run id, any unique prefix, or last")] = "last",
    formats: o.Formats = "md,html,json",
    output: o.Out = None,
    check: Annotated[bool, typer.Option("--check", help="render again from the memory and compare")] = False,
    export: Annotated[
        bool, typer.Option("--export", help="print the effect as one JSON document for other programs")
    ] = False,
) -> int:
    """Write or check the report of a run."""
    from causalcopilot.agent.published import folder_of, graphs_of, publish
    from causalcopilot.cli.output import View
    from causalcopilot.cli.reports import report_formats
    from causalcopilot.errors import CcpError
    from causalcopilot.memory.memory import Memory
    from causalcopilot.report.write import check_report

    options: Globals = context.obj
    memory = Memory(options.settings().memory_path())
    record = memory.run(run)
    if export:
        from causalcopilot.report.export import export_document

        View(options).document(export_document(record))
        return 0
    folder = output or folder_of(record, memory)
    view = View(options)
    if check and not folder.is_dir():
        raise CcpError(
            f"there is no report of run {record.id} in {folder}",
            f"write it with: ccp report {record.id}; or name its folder with -o",
        )
    if check:
        faults = check_report(record, graphs_of(record, memory), folder)
        if faults:
            raise CcpError(
                f"the report in {folder} does not follow from run {record.id}: {faults[0]}",
                f"write it again with: ccp report {record.id}",
            )
        view.told(
            f"{folder}: every figure follows from run {record.id}", meta={"run": record.id}, check="passed"
        )
        return 0
    paths = publish(record, memory, folder, report_formats(formats))
    names = {k: p.name for k, p in paths.by_format.items()}
    meta = {"run": record.id, "folder": str(folder)}
    view.told("\n".join(str(p) for p in paths.all), meta=meta, report=names)
    return 0
