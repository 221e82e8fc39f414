"""``ccp config``: settings and where each comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from causalcopilot.cli.state import Globals

app = typer.Typer(help="Show and change settings.", rich_markup_mode=None, no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="config")


@app.command("set")
def set_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="SETTING", help="name of a setting, see: ccp config show")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="its value; empty text takes it away")],
) -> int:
    """Set a value in your own configuration file, readable by you only."""
    from causalcopilot.agent.models.privacy import redact
    from causalcopilot.cli.output import View
    from causalcopilot.user_settings import set_user_setting

    path = set_user_setting(name, value)
    shown = "set" if name == "api_key" and value else redact(value) or "taken away"
    View(context.obj).told(f"{name}: {shown} ({path})", meta={"file": str(path)}, setting=name, value=shown)
    return 0


@app.command("show")
def show(context: typer.Context) -> int:
    """Every setting with its value and its source; a key is never printed, nor a password in an address."""
    from dataclasses import fields

    from causalcopilot.agent.models.privacy import redact
    from causalcopilot.cli.output import View
    from causalcopilot.cli.text.layout import table

    options: Globals = context.obj
    sourced = options.settings()
    values = {f.name: getattr(sourced.settings, f.name) for f in fields(sourced.settings)}
    values["api_key"] = "set" if values["api_key"] else "not set"
    values["memory"] = str(sourced.memory_path())
    values["base_url"] = redact(values["base_url"] or "") or values["base_url"]
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
