"""Cards of the methods that a tool chooses among, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from causalcopilot.cli.text.layout import wrap

if TYPE_CHECKING:
    from causalcopilot.toolkit.tool import Card, Tool


def owner_of(method: str, tools: Iterable[Tool]) -> Tool | None:
    """The tool that has this method."""
    return next((t for t in tools if method in t.methods()), None)


def method_lines(tools: Iterable[Tool]) -> Iterator[str]:
    """One line of method names for each tool that chooses among several."""
    for tool in tools:
        names = tool.methods()
        if names:
            yield ""
            yield wrap(f"methods of {tool.name}: {', '.join(names)}", "", "  ")
            yield wrap("ccp tools show NAME tells what a tool or a method assumes", "", "  ")


def methods_text(tool: Tool) -> Iterator[str]:
    """The cards of all methods of a tool."""
    cards = tool.methods()
    if cards:
        yield ""
        yield "Methods:"
    for name, card in cards.items():
        yield f"  {name}"
        yield from _lines(card, "    ")


def method_text(name: str, tool: Tool) -> str:
    """The card of one method."""
    lines = _lines(tool.methods()[name], "")
    return "\n".join([f"{name} (method of {tool.name})", *lines, f"Use it: --method {name}"])


def _lines(card: Card, indent: str) -> Iterator[str]:
    for title, text in (
        ("Assumes", "; ".join(card.assumes)),
        ("Data", card.data),
        ("Cost", card.cost),
        ("Source", card.source),
    ):
        if text:
            yield wrap(f"{title}: {text}", indent, indent + "  ")
