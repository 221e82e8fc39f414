"""The command tree, the global options, and how every error ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import click
import typer
import typer.core
import typer.main

from causalcopilot.cli.state import Globals
from causalcopilot.errors import CcpError, Interrupted, UsageError, nearest
from causalcopilot.interrupts import deafen, pressed

HELP = """A causal analyst in the terminal.

Give it a table and, if you have one, a question. With no key and no network a built-in expert drives; with -m an
online model drives the same loop over the same tools. Global options may stand before or after the command."""

COMMANDS = (
    "analyze",
    "ask",
    "chat",
    "discover",
    "estimate",
    "refute",
    "report",
    "graph",
    "run",
    "data",
    "datasets",
    "tools",
    "models",
    "config",
    "doctor",
)

VALUED = frozenset(
    f"--{name}"
    for name in "events color memory seed timeout max-memory max-steps max-tokens privacy base-url tool-mode".split()
)
FLAGS = frozenset(
    "--json --quiet --yes --offline --share-levels --show-prompt --strict --no-stream --verbose -v".split()
)


class Explained(typer.core.TyperArgument):
    """An argument whose help is shown, once.

    From click 8.5 on, click's own help of an argument (empty) replaces that of typer 0.21, and where it is put back
    the argument is listed twice: by click and by typer.
    """

    def __init__(self, *, help: str | None = None, **given: Any) -> None:
        super().__init__(help=help, **given)
        self.told = help

    def get_help_record(self, ctx: click.Context) -> Any:
        """Its name and what it means."""
        self.help = self.told
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = None


typer.main.TyperArgument = Explained  # type: ignore[attr-defined]

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name in COMMANDS:
    import_module(f"causalcopilot.cli.{_name}").register(app)


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"ccp {version('causalcopilot')}")
        raise typer.Exit


@app.callback()
def _globals(
    context: typer.Context,
    json_: Annotated[bool, typer.Option("--json", help="one JSON document on standard output")] = False,
    events: Annotated[
        str | None, typer.Option("--events", metavar="FILE|-", help="NDJSON stream of events")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="the result only")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="answer yes to questions")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="show tracebacks and more detail")] = False,
    color: Annotated[str | None, typer.Option("--color", help="auto, always or never")] = None,
    memory: Annotated[Path | None, typer.Option("--memory", help="memory file to use")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="seed of all randomness (default 0)")] = None,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", help="seconds one tool, or the next words of a model, may take"),
    ] = None,
    max_memory: Annotated[int | None, typer.Option("--max-memory", help="megabytes a tool may take")] = None,
    max_steps: Annotated[int | None, typer.Option("--max-steps", help="turns of the loop")] = None,
    max_tokens: Annotated[int | None, typer.Option("--max-tokens", help="tokens of a run")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="refuse any online model")] = False,
    privacy: Annotated[str | None, typer.Option("--privacy", help="names or aliases")] = None,
    share_levels: Annotated[
        bool, typer.Option("--share-levels", help="let category labels go to a model")
    ] = False,
    show_prompt: Annotated[
        bool, typer.Option("--show-prompt", help="print the next request and stop")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="hold back answers that do not check")] = False,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="address of an OpenAI-compatible server")
    ] = None,
    tool_mode: Annotated[str | None, typer.Option("--tool-mode", help="auto, native or text")] = None,
    no_stream: Annotated[bool, typer.Option("--no-stream", help="do not stream a model's answers")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version and stop")
    ] = False,
) -> None:
    flags = {
        "color": color,
        "memory": memory,
        "seed": seed,
        "timeout": timeout,
        "max_memory": max_memory,
        "max_steps": max_steps,
        "max_tokens": max_tokens,
        "offline": offline or None,
        "privacy": privacy,
        "share_levels": share_levels or None,
        "strict": strict or None,
        "base_url": base_url,
        "tool_mode": tool_mode,
        "stream": False if no_stream else None,
    }
    words = context.obj if isinstance(context.obj, tuple) else ()
    context.obj = Globals(flags, json_, events, quiet, yes, verbose, show_prompt, words)


def hoist(arguments: Sequence[str]) -> list[str]:
    """Global options moved before the command, so that they may stand anywhere; what follows ``--`` stays."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest.append(word)
            rest.extend(words)
        elif word in FLAGS or (word.split("=", 1)[0] in VALUED and "=" in word):
            front.append(word)
        elif word in VALUED:
            value = next(words, None)
            if value is None or value in FLAGS or value in VALUED:
                raise UsageError(f"{word} needs a value", "see: ccp --help")
            front += [word, value]
        else:
            rest.append(word)
    return front + rest


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit code and has printed what there is to print."""
    try:
        return _run(arguments)
    except BrokenPipeError:
        return _closed_pipe()
    except SystemExit as e:  # typer's own end of a command whose reader has gone
        return _closed_pipe() if isinstance(e.__context__, BrokenPipeError) else _code(e.code)


def _code(said: Any) -> int:
    return said if isinstance(said, int) else 0 if said is None else 1


def _closed_pipe() -> int:
    """Whoever read our output has gone: say nothing, now or when the last buffers are emptied."""
    sys.stdout, sys.stderr = open(os.devnull, "w"), open(os.devnull, "w")  # noqa: SIM115
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    return 141


def _run(arguments: Sequence[str]) -> int:
    verbose, as_json = bool({"-v", "--verbose"} & set(arguments)), "--json" in arguments
    try:
        words = hoist(arguments)
        code = app(args=words, prog_name="ccp", standalone_mode=False, obj=tuple(arguments))
        sys.stdout.flush()
        if code == 130:  # a Ctrl-C that no run caught comes back as this number
            return fail(_interrupted(), verbose, as_json)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as e:
        return e.exit_code
    except click.ClickException as e:
        return fail(_usage(e), verbose, as_json)
    except CcpError as e:
        return fail(_interrupted() if pressed() and not isinstance(e, Interrupted) else e, verbose, as_json)
    except (click.Abort, KeyboardInterrupt):
        return fail(_interrupted(), verbose, as_json)
    except BrokenPipeError:
        raise
    except Exception as e:
        if pressed():  # a Ctrl-C that a library turned into an error of its own
            return fail(_interrupted(), verbose, as_json)
        bug = CcpError(
            f"internal error: {type(e).__name__}: {_one_line(str(e))}", "run again with -v and report it"
        )
        bug.__cause__ = e
        return fail(bug, verbose, as_json)


def fail(error: CcpError, verbose: bool, as_json: bool) -> int:
    """Print one error the way every error is printed: ``error:``, ``hint:``, and a traceback only with ``-v``."""
    deafen()
    from causalcopilot.cli.output import clean

    print(f"error: {clean(error.message)}", file=sys.stderr)
    if error.hint:
        print(f"hint:  {clean(error.hint)}", file=sys.stderr)
    if verbose:
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    if as_json:
        import json

        print(json.dumps({"v": 1, "meta": {}, "error": error.to_json()}), flush=True)
    return error.exit_code


def _interrupted() -> Interrupted:
    return Interrupted("interrupted", "no run had begun, so nothing is kept")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


def _usage(error: click.ClickException) -> UsageError:
    """A click error in our words, with the nearest command or option."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context else "ccp"
    hint = f"see: {path} --help"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):  # its message is the whole help
        return UsageError(f"{path} needs a command", f"one of: {', '.join(context.command.commands)}; {hint}")
    message = error.format_message().split(" (Did you mean")[0].split(". Did you mean")[0].rstrip(".")
    if isinstance(error, click.NoSuchOption) and error.possibilities:
        hint = f"did you mean {error.possibilities[0]!r}?"
    elif message.startswith("No such command"):
        word = message.split("'")[1] if "'" in message else ""
        known = (
            list(context.command.commands) if context and hasattr(context.command, "commands") else COMMANDS
        )
        message = f"no command {word!r}"
        like = nearest(word, list(known), 1)
        hint = f"did you mean {like[0]!r}?" if like else f"commands: {', '.join(known)}"
        if path == "ccp" and (word.startswith("dataset:") or os.path.isfile(word)):
            hint = f"say what to do with it, for example: ccp analyze {word}, or ccp chat {word}"
    return UsageError(message[:1].lower() + message[1:], hint)
