"""``ccp models``: which models can drive the loop, and does the chosen one."""

from __future__ import annotations

import typer

from causalcopilot.cli import options as o
from causalcopilot.cli.state import Globals

app = typer.Typer(help="List model choices, or test one.", rich_markup_mode=None, no_args_is_help=True)

CHOICES = (
    ("expert", "built in; needs neither key nor network; the default"),
    ("openai:NAME", "OpenAI; needs OPENAI_API_KEY or CCP_API_KEY"),
    ("NAME --base-url URL", "any server that speaks Chat Completions (vLLM, llama.cpp, LM Studio …)"),
    ("ollama:NAME", "a local Ollama, through its OpenAI-compatible address"),
    ("PROVIDER:NAME", "any LangChain provider whose package is installed (anthropic, mistralai …)"),
)


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="models")


@app.command("list")
def list_(context: typer.Context) -> int:
    """How to name a model, and which one is chosen now."""
    from causalcopilot.cli.output import View
    from causalcopilot.cli.text.layout import table

    options: Globals = context.obj
    sourced = options.settings()
    chosen = f"chosen now: {sourced.settings.model} (from {sourced.sources['model']})"
    View(options).told(
        table(("-m", "what it is"), CHOICES) + "\n\n" + chosen,
        models=[{"name": name, "text": text} for name, text in CHOICES],
        chosen={"model": sourced.settings.model, "source": sourced.sources["model"]},
    )
    return 0


@app.command("test")
def test(context: typer.Context, model: o.Model = None) -> int:
    """Ask the chosen model one trivial question: does it answer, stream, call tools and count tokens?

    A model that does not answer is exit 6.
    """
    from causalcopilot.agent.models import tool_modes
    from causalcopilot.agent.models.factory import make_model, probe
    from causalcopilot.agent.session import model_settings
    from causalcopilot.cli.output import View
    from causalcopilot.errors import ModelError, UsageError

    options: Globals = context.obj
    settings = options.settings(model=model).settings
    if settings.model == "expert":
        raise UsageError("the built-in expert needs no test", "name a model with -m")
    chosen = model_settings(settings)
    found = probe(make_model(chosen))
    if found.answers:
        tool_modes.remember(chosen, text=not found.tools)
    view = View(options)
    if options.json:
        from causalcopilot.domain.serial import to_json

        view.document({"v": 1, "meta": {}, "model": settings.model, "probe": to_json(found)})
    else:
        view.result(f"{settings.model}\n{found}")
    return 0 if found.answers else ModelError.exit_code
