"""``ccp config``: settings and where each comes from."""

from __future__ import annotations

import typer

from causalcopilot.cli.state import Globals

app = typer.Typer(help="Show the settings in force.", rich_markup_mode=None, no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="config")


@app.command("show")
def show(context: typer.Context) -> int:
    """Every setting with its value and its source; a key is never printed."""
    from dataclasses import fields

    from causalcopilot.cli.output import View
    from causalcopilot.cli.text import table

    options: Globals = context.obj
    sourced = options.settings()
    values = {f.name: getattr(sourced.settings, f.name) for f in fields(sourced.settings)}
    values["api_key"] = "set" if values["api_key"] else "not set"
    values["memory"] = str(sourced.memory_path())
    view = View(options)
    if options.json:
        listed = {k: {"value": v, "source": sourced.sources[k]} for k, v in values.items()}
        view.document({"v": 1, "meta": {}, "settings": listed})
    else:
        view.result(
            table(
                ("setting", "value", "source"), [(k, str(v), sourced.sources[k]) for k, v in values.items()]
            )
        )
    return 0
