"""Edges a person adds to what is known, checked against the rest of it before anything is computed."""

from __future__ import annotations

from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.errors import UsageError


def check_required(knowledge: Knowledge, pair: tuple[str, str]) -> None:
    """Refuse an edge that the knowledge rules out.

    Raises:
        UsageError: it is required already, forbidden, against the tiers, or closes a cycle of required edges.
    """
    a, b = pair
    edge = f"{a} --> {b}"
    if pair in knowledge.required:
        raise UsageError(f"{edge} is required already", "see /data")
    if pair in knowledge.forbidden:
        raise UsageError(f"{edge} is forbidden", "take that back first with /undo")
    first, second = (knowledge.column(n) for n in pair)
    tiers = [c.tier if c else None for c in (first, second)]
    if tiers[0] is not None and tiers[1] is not None and tiers[0] > tiers[1]:
        raise UsageError(
            f"{edge} runs against the tiers: {a} comes after {b}",
            "a later column cannot cause an earlier one",
        )
    if _leads(knowledge.required, b, a):
        raise UsageError(f"{edge} would close a cycle of required edges", "take one of them back with /undo")


def _leads(pairs: tuple[tuple[str, str], ...], start: str, goal: str) -> bool:
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        if here == goal:
            return True
        further = {b for a, b in pairs if a == here} - seen
        seen |= further
        todo += further
    return False
