"""Columns called by the words that their names abbreviate: "systolic blood pressure at week 12" for ``sbp_week12``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_SMALL = frozenset("a an the of at in on for and to by".split())
SHORTEST = 3
"""Letters that stand for as many words: with fewer, almost any words would do."""
LONGEST = 8
"""Most words that a column is written out in."""


def by_initials(phrase: str, names: Iterable[str]) -> list[str]:
    """Columns whose name is the phrase, word by word, with some words told by their first letters only.

    Every word of the phrase and every part of the name must be used, in order, and some part must be initials.
    """
    said = [w for w in re.findall(r"[^\W_]+", phrase.lower()) if w not in _SMALL]
    return [n for n in names if len(said) >= SHORTEST and _spells(_parts(n), said, False)]


def spelled_out(words: Sequence[str], names: Iterable[str]) -> Iterator[int]:
    """Which of a sentence's words spell one of these names out, each run of them in full."""
    for name in names:
        for size in range(min(LONGEST, len(words)), SHORTEST - 1, -1):
            for i in range(len(words) - size + 1):
                if by_initials(" ".join(words[i : i + size]), [name]):
                    yield from range(i, i + size)


def _parts(name: str) -> list[str]:
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return [p for p in re.split(r"[\W_]+", spaced.lower()) if p]


def _spells(parts: Sequence[str], said: Sequence[str], short: bool) -> bool:
    if not parts or not said:
        return short and not parts and not said
    part = parts[0]
    for count in range(1, len(said) + 1):
        words = said[:count]
        whole = "".join(words) == part
        first = count >= SHORTEST and "".join(w[0] for w in words) == part
        if (whole or first) and _spells(parts[1:], said[count:], short or (first and not whole)):
            return True
    return False
