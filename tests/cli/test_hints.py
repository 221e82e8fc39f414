"""What a message tells people to type exists: every option and every command that a text of ours names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from typer.main import get_command

from causalcopilot.cli.app import app

ROOT = Path(__file__).parents[2]
SOURCES = [*ROOT.glob("causalcopilot/**/*.py"), *ROOT.glob("tools/**/*.py")]
TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("prompts/*.md")]
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
COMMAND = re.compile(r"(?<![\w`])ccp ((?:[a-z]+ ?){1,2})(?=[A-Z{\[<-]|$|[:,;\)])")
ELSEWHERE = {"--help", "--tone", "--first", "--runs"}
"""Everybody's own, a colour in a style sheet, and the options of a benchmark."""
SAID = {"version"}
"""Words that follow ``ccp`` and are no command: a heading."""


def commands(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """Every command with its options."""
    yield path, {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(below, (*path, name))


KNOWN = dict(commands(get_command(app)))
OPTIONS = set().union(*KNOWN.values())


def strings(file: Path) -> list[str]:
    """The text of a page, or the strings of a source file but for its documentation."""
    text = file.read_text("utf-8")
    if file.suffix != ".py":
        return [text]
    tree = ast.parse(text)
    documented = {
        id(n.body[0].value)
        for n in ast.walk(tree)
        if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)
        and n.body
        and isinstance(n.body[0], ast.Expr)
    }
    found = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return [str(n.value) for n in found if id(n) not in documented]


def test_the_command_line_was_read() -> None:
    assert {"--graph", "--json", "--fail-on"} <= OPTIONS
    assert {("estimate",), ("graph", "export")} <= set(KNOWN)


@pytest.mark.parametrize("room", sorted({f.relative_to(ROOT).parts[0] for f in (*SOURCES, *TEXTS)}))
def test_every_option_that_is_named_exists(room: str) -> None:
    named = {
        (str(f.relative_to(ROOT)), option)
        for f in (*SOURCES, *TEXTS)
        if f.relative_to(ROOT).parts[0] == room
        for text in strings(f)
        for option in OPTION.findall(text)
    }
    assert {(f, o) for f, o in named if o not in OPTIONS | ELSEWHERE} == set()


def test_every_command_that_is_named_exists() -> None:
    groups = {path[0] for path in KNOWN if len(path) == 2}
    named = {
        (str(f.relative_to(ROOT)), tuple(words.split()))
        for f in SOURCES
        for text in strings(f)
        for words in COMMAND.findall(text)
    }
    assert len({words for _, words in named}) > 15
    for file, words in named:
        assert words[:1] in KNOWN or words[0] in SAID, (file, words)
        assert len(words) < 2 or words[0] not in groups or words in KNOWN, (file, words)
