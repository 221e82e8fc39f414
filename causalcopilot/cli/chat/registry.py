"""The one list of slash commands: help, completion and the README's table are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from causalcopilot.cli.chat.talk import Talk

Completes = Literal["", "columns", "setting", "graphs", "runs", "commands", "models", "privacy", "formats"]
Act = Callable[["Talk", str], None]


@dataclass(frozen=True)
class Slash:
    """One slash command.

    Attributes:
        name: without the slash.
        hint: its argument, as help shows it.
        help: one line.
        completes: what its argument is completed with.
        act: what it does, given the talk and the rest of the line.
    """

    name: str
    hint: str
    help: str
    completes: Completes
    act: Act

    @property
    def usage(self) -> str:
        """How it is typed."""
        return f"/{self.name} {self.hint}".strip()


_REGISTRY: dict[str, Slash] = {}
ALIASES = {"exit": "quit", "q": "quit", "graphs": "graph list", "runs": "run", "?": "help"}
"""Other words for a command and its argument."""


def slash(name: str, hint: str, completes: Completes = "") -> Callable[[Act], Act]:
    """Register a function as ``/name``; its docstring is its help."""

    def register(act: Act) -> Act:
        assert name not in _REGISTRY, name
        told = (act.__doc__ or "").strip().rstrip(".")
        _REGISTRY[name] = Slash(
            name, hint, told if told[1:2] == " " else told[:1].lower() + told[1:], completes, act
        )
        return act

    return register


def commands() -> dict[str, Slash]:
    """All commands by name, in the order help shows them."""
    from causalcopilot.cli.chat import changing, looking, settings  # noqa: F401 - importing registers

    order = [n for n in ORDER if n in _REGISTRY]
    return {n: _REGISTRY[n] for n in (*order, *(n for n in _REGISTRY if n not in order))}


ORDER = (
    "help data graph edges do why tools run undo forbid require save load accept report model cost prompt privacy retry"
    " clear quit"
).split()


def find(word: str) -> tuple[Slash, str]:
    """The command that a word such as ``/graphs`` means, and the argument an alias brings.

    Raises:
        UsageError: there is no such command; the hint names the nearest.
    """
    from causalcopilot.errors import UsageError, nearest

    known = commands()
    name, _, more = ALIASES.get(word[1:].lower(), word[1:].lower()).partition(" ")
    if name in known:
        return known[name], more
    like = nearest(name, list(known), 1)
    raise UsageError(f"no command {word!r}", f"did you mean /{like[0]}?" if like else "see /help")


def docs() -> list[str]:
    """The rows of the README's table."""
    rows = [(c.usage.replace("|", "\\|"), c.help) for c in commands().values()]
    return [f"| `{usage}` | {told} |" for usage, told in rows]
