"""Which label of which column do these words mean: "women" where the meaning says "0 male, 1 female"?"""

from __future__ import annotations

import re

from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import Profile

_SAME = (
    frozenset(("women", "woman", "female", "females", "girl", "girls")),
    frozenset(("men", "man", "male", "males", "boy", "boys")),
    frozenset(("white", "whites")),
    frozenset(("black", "blacks")),
    frozenset(("married", "wed")),
)


_PEOPLE = re.compile(
    r"\s+(?:men|women|people|persons?|patients|workers|participants|customers|units|rows|ones|cases)$"
)
"""Who a group word is said of: "black men" are the rows where ``black`` holds."""


def level_named(words: str, profile: Profile, knowledge: Knowledge) -> tuple[str, str] | None:
    """Column and label that a word for a group means, or ``None`` where none or several fit.

    A column of noughts and ones gives its own name to the group of its ones.
    """
    text = words.strip().lower()
    return _level(text, profile, knowledge) or (
        _level(_PEOPLE.sub("", text), profile, knowledge) if _PEOPLE.search(text) else None
    )


def _level(words: str, profile: Profile, knowledge: Knowledge) -> tuple[str, str] | None:
    wanted = _alike(words)
    found = []
    for column in profile.columns:
        for label, _ in column.levels:
            if label.lower() in wanted and not re.fullmatch(r"[\d.,]+", label):
                found.append((column.name, label))
        if column.name.lower() in wanted and (column.type, column.minimum, column.maximum) == (
            "binary",
            0,
            1,
        ):
            found.append((column.name, "1"))
        known = knowledge.column(column.name)
        for code, meaning in _coded(known.meaning if known else column.meaning):
            if meaning.lower() in wanted:
                found.append((column.name, code))
    return found[0] if len(set(found)) == 1 else None


def _alike(words: str) -> frozenset[str]:
    text = words.strip().lower()
    return next((group for group in _SAME if text in group), frozenset((text, text.rstrip("s"))))


def _coded(meaning: str) -> list[tuple[str, str]]:
    """Codes and what they stand for: ``0 male, 1 female`` or ``1 = yes, 0 = no``."""
    pattern = r"(?<![\w.])(\d+)\s*(?:=|:|is|means)?\s+([A-Za-z][\w' -]*?)(?=\s*(?:,|;|$|\.|\)))"
    return [(m[1], m[2].strip()) for m in re.finditer(pattern, meaning)]
