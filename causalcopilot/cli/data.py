"""``ccp data``: look at a table before asking it anything."""

from __future__ import annotations

from typing import Annotated

import typer

from causalcopilot.cli import options as o
from causalcopilot.cli.state import Globals

app = typer.Typer(
    help="Show a table, or draft its knowledge file.", rich_markup_mode=None, no_args_is_help=True
)


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="data")


@app.command("show")
def show(
    context: typer.Context,
    data: o.Data,
    knowledge: o.KnowledgeFile = None,
    no_knowledge: o.NoKnowledge = False,
    types: o.Types = None,
) -> int:
    """How the table was read, its columns, and exactly what a chosen model would be sent of it."""
    from causalcopilot.cli.output import View
    from causalcopilot.cli.runs import Given
    from causalcopilot.cli.tables import open_table
    from causalcopilot.cli.text.profile import profile_text

    options: Globals = context.obj
    view = View(options)
    with open_table(options, Given(data, knowledge, not no_knowledge, types)) as opened:
        sent = opened.sent()
        if options.json:
            from causalcopilot.domain.serial import to_json

            view.document({"v": 1, "meta": {}, "profile": to_json(opened.profile), "sent": sent})
        else:
            view.result(profile_text(opened.profile, sent))
    return 0


@app.command("card")
def card(
    context: typer.Context,
    data: o.Data,
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="file to write; standard output if absent")
    ] = None,
) -> int:
    """Draft a knowledge file (TOML) for a table: every column with its type, ready for roles and units."""
    from pathlib import Path

    from causalcopilot.cli.output import View, write_file
    from causalcopilot.cli.runs import Given
    from causalcopilot.cli.tables import open_table
    from causalcopilot.data import draft_card
    from causalcopilot.errors import UsageError

    with open_table(context.obj, Given(data)) as opened:
        text = draft_card(opened.profile)
    if output is None:
        View(context.obj).told(text, card=text)
        return 0
    path = Path(output)
    if path.exists():
        raise UsageError(
            f"{path} exists already", "choose another name; a knowledge file is never overwritten"
        )
    write_file(path, text)
    return 0
