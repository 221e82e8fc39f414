"""The cards of datasets and of tools for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.cli.text.layout import table, wrap

if TYPE_CHECKING:
    from causalcopilot.domain.knowledge import Knowledge
    from causalcopilot.toolkit.tool import Tool


def card_text(name: str, card: Knowledge) -> str:
    """A card for people; the accepted answer is for people only."""
    q = card.question
    lines = [f"dataset:{name}", wrap(card.title), ""]
    if q.treatment:
        lines.append(f"Question: effect of {q.treatment} on {q.outcome}")
    lines += [wrap(f"Source: {card.source}", "", "  "), wrap(f"Licence: {card.licence}", "", "  "), ""]
    if card.columns:
        rows = [(c.name, c.role or "", c.type or "", c.unit, c.meaning) for c in card.columns]
        lines.append(table(("column", "role", "type", "unit", "meaning"), rows))
    if card.graph:
        lines += ["", "Graph:", wrap(card.graph, "  ")]
    if card.accepted.text:
        lines += ["", wrap(f"Accepted answer: {card.accepted.text} ({card.accepted.source})")]
    return "\n".join(lines)


def tool_text(tool: Tool) -> str:
    """A tool's card for people."""
    lines = [f"{tool.name} ({tool.group})", wrap(tool.description.replace("``", "")), "", "Arguments:"]
    lines += [wrap(f"{p.name}: {p.description}", "  ", "    ") for p in tool.parameters] or ["  none"]
    for title, text in (("Data", tool.card.data), ("Cost", tool.card.cost), ("Source", tool.card.source)):
        lines += [wrap(f"{title}: {text}", "", "  ")] if text else []
    lines += [wrap(f"Assumes: {a}", "", "  ") for a in tool.card.assumes]
    return "\n".join(lines)
