"""Asking back: a question whose words could be several columns waits for the one that is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causalcopilot.agent.language.columns import Unsure
    from causalcopilot.cli.chat.screen import Screen

_YES = re.compile(r"(?:yes|y|yep|yeah|sure|right|correct|that one|ok(?:ay)?)[.!]*", re.I)


@dataclass(frozen=True)
class Waiting:
    """A question that waits for a column.

    Attributes:
        line: the question as it was typed.
        phrase: its words that could be several columns, or are hardly one.
        candidates: the columns they could be.
    """

    line: str
    phrase: str
    candidates: tuple[str, ...]

    def settled(self, line: str) -> str | None:
        """The question with the column that ``line`` names, by its name, its number or a yes; ``None`` where none."""
        said = line.strip().strip("`'\"").rstrip(".!?").strip("`'\"")
        named = [c for c in self.candidates if c.lower() == said.lower()]
        if not named and said.isdigit() and 1 <= int(said) <= len(self.candidates):
            named = [self.candidates[int(said) - 1]]
        if not named and len(self.candidates) == 1 and _YES.fullmatch(said):
            named = list(self.candidates)
        if len(named) != 1 or self.phrase not in self.line:
            return None
        return self.line.replace(self.phrase, f"`{named[0]}`", 1)


def ask_back(screen: Screen, line: str, unsure: Unsure) -> Waiting | None:
    """Ask which column is meant; what waits for the answer, or ``None`` where the words are not as they were typed."""
    if unsure.phrase not in line:
        return None
    screen.say(f"{unsure.message}. {_which(unsure.candidates)}")
    return Waiting(line, unsure.phrase, unsure.candidates)


def _which(candidates: Sequence[str]) -> str:
    if len(candidates) == 1:
        return f"Do you mean {candidates[0]!r}? (yes, or ask again)"
    listed = ", ".join(f"{i} {c!r}" for i, c in enumerate(candidates, 1))
    return f"Which one: {listed}? (its number or name)"
