"""``ccp tools``: what the loop may call."""

from __future__ import annotations

from typing import Annotated

import typer

from causalcopilot.cli.state import Globals

app = typer.Typer(help="List, show and check the tools.", rich_markup_mode=None, no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="tools")


@app.command("list")
def list_(context: typer.Context) -> int:
    """Every tool with its group and one line, and the methods some of them choose among."""
    from causalcopilot.cli.cards import method_lines
    from causalcopilot.cli.output import View
    from causalcopilot.cli.text.layout import table
    from causalcopilot.toolkit.registry import load_tools

    options: Globals = context.obj
    found = load_tools()
    tools, view = list(found), View(options)
    for problem in found.problems:
        view.say(problem.told)
    if options.json:
        listed = [
            {"name": t.name, "group": t.group, "summary": t.summary, "methods": list(t.methods())}
            for t in tools
        ]
        view.document({"v": 1, "meta": {}, "tools": listed})
    else:
        rows = [(t.name, t.group, t.summary) for t in tools]
        view.result("\n".join([table(("tool", "group", "what it does"), rows), *method_lines(tools)]))
    return 0


@app.command("show")
def show(
    context: typer.Context, name: Annotated[str, typer.Argument(help="name of a tool, or of a method of one")]
) -> int:
    """One tool or method: arguments, assumptions, data, cost and source."""
    from causalcopilot.cli.cards import method_text, methods_text, owner_of
    from causalcopilot.cli.output import View
    from causalcopilot.cli.text.cards import tool_text
    from causalcopilot.toolkit.registry import load_tools

    registry = load_tools()
    owner = None if name in registry.names else owner_of(name, registry)
    if owner is not None:
        text = method_text(name, owner)
        View(context.obj).told(text, tool=owner.name, method=name, text=text)
        return 0
    tool = registry.get(name)
    text = "\n".join([tool_text(tool), *methods_text(tool)])
    View(context.obj).told(text, tool=tool.name, method=None, text=text)
    return 0


@app.command("check")
def check(context: typer.Context) -> int:
    """Check every installed tool and plugin against the contract."""
    from causalcopilot.cli.output import View
    from causalcopilot.toolkit.check import check_plugins

    problems = check_plugins()
    view = View(context.obj)
    view.told(
        "\n".join(f"{p.level}: {p.plugin}: {p.message}" for p in problems) or "all tools keep the contract",
        problems=[{"level": p.level, "plugin": p.plugin, "message": p.message} for p in problems],
    )
    return 1 if any(p.level == "error" for p in problems) else 0
