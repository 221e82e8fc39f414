"""Which columns does a stretch of running text mention: by name, by a label, or by their words?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from causalcopilot.agent.language.columns import Vocabulary, stems
from causalcopilot.domain.profile import ColumnProfile, Profile

_WORD = re.compile(r"[^\W_][\w'’-]*")
LONGEST = 4
"""Most words that a column is called by in running text."""
MOST_ARMS = 12
"""Most different values of a column that a person would call the arms of a study."""


@dataclass(frozen=True)
class Mention:
    """A column mentioned in a text.

    Attributes:
        column: its name.
        start, end: where it stands.
        label: the label it was mentioned by, or empty.
    """

    column: str
    start: int
    end: int
    label: str = ""


def mentions(text: str, words: Vocabulary, profile: Profile) -> list[Mention]:
    """Columns in order of appearance, each once: by their name, else by a label of one column, else by their words."""
    found = [*_by_name(text, words), *_by_label(text, profile)]
    found += [m for m in _by_words(text, words) if not any(_overlap(m, f) for f in found)]
    first: dict[str, Mention] = {}
    for m in sorted(found, key=lambda m: (m.start, -m.end)):
        first.setdefault(m.column, m)
    return list(first.values())


def plain(text: str) -> str:
    """A label as people write it in a sentence: no case, apostrophes or joining marks."""
    return re.sub(r"[\s_\-/]+", " ", re.sub(r"['’]", "", text)).strip().lower()


def labels(profile: Profile) -> Iterator[tuple[str, str]]:
    """Each label that one text column alone has, with that column; plain yes and no are nobody's."""
    seen: dict[str, list[tuple[str, str]]] = {}
    for column in profile.columns:
        if column.storage != "text":
            continue
        for label, _ in column.levels:
            word = plain(label)
            if len(word) > 1 and word not in ("yes", "no", "true", "false", "other", "none", "na"):
                seen.setdefault(word, []).append((label, column.name))
    yield from (owners[0] for owners in seen.values() if len(owners) == 1)


def labels_said(text: str, profile: Profile) -> tuple[str, ...]:
    """The labels that stand in a text."""
    return tuple(
        label
        for label, _ in labels(profile)
        if re.search(rf"(?<![\w-]){spelled_out(label)}(?![\w-])", text, re.I)
    )


def arms(column: ColumnProfile) -> bool:
    """Whether a column could hold the arms of a study: few different values, and no name for each row."""
    return 2 <= column.distinct <= MOST_ARMS and column.type not in ("identifier", "date", "constant")


def _overlap(a: Mention, b: Mention) -> bool:
    return a.start < b.end and b.start < a.end


def _by_name(text: str, words: Vocabulary) -> Iterator[Mention]:
    for name in words.spoken(text):
        parts = r"[\s_\-]*".join(re.escape(w) for w in re.split(r"[\s_\-]+", name) if w)
        if m := re.search(rf"(?<!\w){parts}(?!\w)", text, re.I):
            yield Mention(name, m.start(), m.end())


def _by_label(text: str, profile: Profile) -> Iterator[Mention]:
    for label, column in labels(profile):
        if m := re.search(rf"(?<![\w-]){spelled_out(label)}(?![\w-])", text, re.I):
            yield Mention(column, m.start(), m.end(), label)


def spelled_out(label: str) -> str:
    """A pattern for a label as people write it in a sentence."""
    return r"[\s_\-/]*".join(map(_spelled, plain(label).split()))


def _spelled(word: str) -> str:
    """A word of a label with or without a plural and an apostrophe: "men's", "drugs"."""
    return rf"{re.escape(word[:-1])}['’]?s['’]?" if word.endswith("s") else rf"{re.escape(word)}['’]?s?"


def _by_words(text: str, words: Vocabulary) -> Iterator[Mention]:
    """Columns half of whose words stand together: "letters" for ``letter_sent``; the longest stretch first."""
    tokens = list(_WORD.finditer(text))
    taken: list[tuple[int, int]] = []
    for size in range(LONGEST, 0, -1):
        for i in range(len(tokens) - size + 1):
            start, end = tokens[i].start(), tokens[i + size - 1].end()
            if any(start < e and s < end for s, e in taken):
                continue
            if name := _owner(text[start:end], size, words):
                taken.append((start, end))
                yield Mention(name, start, end)


def _owner(phrase: str, size: int, words: Vocabulary) -> str:
    """The one column of whose own words a phrase is at least half, with no word of its own."""
    wanted = stems(phrase)
    ends = phrase.split()
    if not wanted or not stems(ends[0]) or not stems(ends[-1]):
        return ""
    own = {n: words.words[n][0] for n in words.names}
    found = [n for n, parts in own.items() if wanted <= parts and 2 * len(wanted) >= len(parts)]
    if not found and size > 1:
        flat = {n: re.sub(r"[\W_]+", "", n.lower()) for n in words.names}
        found = [n for n, text in flat.items() if all(len(w) > 2 and w in text for w in wanted)]
    whole = [n for n in found if own[n] == wanted]
    found = whole or found
    return found[0] if len(found) == 1 else ""
