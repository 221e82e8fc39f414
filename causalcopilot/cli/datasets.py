"""``ccp datasets``: the tables that come with ccp."""

from __future__ import annotations

from typing import Annotated

import typer

from causalcopilot.cli.state import Globals

app = typer.Typer(help="List and show the bundled data sets.", rich_markup_mode=None, no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="datasets")


@app.command("list")
def list_(context: typer.Context) -> int:
    """Names and titles; use one as DATA with dataset:NAME."""
    from causalcopilot.cli.output import View
    from causalcopilot.cli.text import table
    from causalcopilot.data import bundled, bundled_names

    options: Globals = context.obj
    cards = [(name, bundled(name).card) for name in bundled_names()]
    view = View(options)
    if options.json:
        listed = [{"name": n, "title": c.title, "source": c.source, "licence": c.licence} for n, c in cards]
        view.document({"v": 1, "meta": {}, "datasets": listed})
    else:
        view.result(table(("name", "title"), [(f"dataset:{n}", c.title) for n, c in cards]))
    return 0


@app.command("show")
def show(
    context: typer.Context, name: Annotated[str, typer.Argument(help="NAME, with or without dataset:")]
) -> int:
    """One card: the question, the columns with their roles, source, licence and accepted answer."""
    from causalcopilot.cli.output import View
    from causalcopilot.cli.text import card_text
    from causalcopilot.data import bundled
    from causalcopilot.domain.serial import to_json

    options: Globals = context.obj
    found = bundled(name.removeprefix("dataset:"))
    view = View(options)
    if options.json:
        view.document({"v": 1, "meta": {}, "name": found.name, "card": to_json(found.card)})
    else:
        view.result(card_text(found.name, found.card))
    return 0
