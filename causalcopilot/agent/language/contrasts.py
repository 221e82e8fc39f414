"""The values a sentence compares, in the user's units, and the direction that its words name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.agent.language.phrases import AUX, DELTA, DOWN, FROM_TO, PERCENT, QUOTED, UP
from causalcopilot.agent.language.units import UNITS
from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Contrast
from causalcopilot.errors import UsageError


def expected_way(words: str) -> Literal[-1, 0, 1]:
    """The direction that some words name: up, down, or neither."""
    up, down = UP.search(words), DOWN.search(words)
    return 1 if up and not down else -1 if down and not up else 0


def read_contrast(
    sentence: str, slots: Mapping[str, str], words: Vocabulary, profile: Profile
) -> tuple[Contrast | None, dict[str, str]]:
    """The values compared, and the slots without the words that gave them.

    Raises:
        UsageError: a size is said of the outcome.
    """
    if re.match(rf"{AUX}\b", sentence, re.I):
        _refuse_of_outcome(slots.get("b", ""))
    bare = {k: _strip_values(v) for k, v in slots.items()}
    if found := _labels(sentence, profile):
        labels, column = found
        if column and _MOVING.fullmatch(bare["a"]):  # "going from rural to urban": the labels name the column
            bare["a"] = column
        return labels, bare
    if m := re.search(FROM_TO, sentence, re.I):
        low, high = m["from"] or m["from2"], m["to"] or m["to2"]
        if any(v[0].isalpha() and words.find(v) for v in (low, high)):
            return None, dict(slots)  # "a link from wage to jobs" goes from one column to another
        if _MOVING.fullmatch(bare["a"]) and (behind := _BEHIND.search(slots["a"])):
            bare["a"] = behind["column"]  # "going from 12 to 16 years of education"
        return Contrast(read_value(low), read_value(high)), bare
    moved = slots["a"]
    if (
        (m := re.search(PERCENT, moved, re.I))
        or (m := re.search(DELTA, moved, re.I))
        or (m := _ONE.search(moved))
    ):
        known = profile.column(words.one(bare["a"]))
        if known.mean is not None and known.type in ("continuous", "count"):
            start = float(f"{known.mean:.3g}")
            size = m.groupdict()
            step = abs(start) * float(m["percent"]) / 100 if "percent" in size else _step(size)
            down = re.search(r"\b(?:cut|drop|fall|decreas|reduc|lower)\w*", slots["a"], re.I)
            return Contrast(start, start - step if down else start + step), bare
    return None, bare


_ONE = re.compile(r"\b(?:one|an?|1)[\s-]+(?:(?:more|extra|additional|further|single)\s+)?unit\b", re.I)


def _step(size: Mapping[str, str | None]) -> float:
    """The step that a size names in the cause's unit; one where it is "one more unit"."""
    return float(size.get("by") or size.get("lead") or 1)


def _refuse_of_outcome(outcome: str) -> None:
    """Refuse a size that is said of the outcome: it is no value of the treatment.

    Raises:
        UsageError: "lower pain by 2", "reduce pain from 8 to 6".
    """
    said = re.search(rf"{PERCENT}|\bby\s+\d|(?<!,)\s+from\s+[-−]?\d\S*\s+to\s+[-−]?\d", outcome, re.I)
    if said and "when" not in outcome.lower():
        raise UsageError(
            f"{outcome!r} names a size of the outcome, and no yes or no is told about sizes",
            "ask how much A changes B; values of A are named like this: when A goes from 1 to 2",
        )


_MOVING = re.compile(
    r"(?:the\s+)?(?:go|mov|switch|chang|shift|pass|turn)\w*|being|living|(?:a\s+)?(?:move|switch|change|shift)",
    re.I,
)


_BEHIND = re.compile(
    rf"\bfrom\s+\S+(?:\s+{UNITS})?\s+to\s+[€$£]?[-−+]?\d[\d.,]*\s*(?:{UNITS}\s+)?(?:of\s+)?(?P<column>[^\d,]+)$",
    re.I,
)
"""The column behind the values it goes from and to."""


def _labels(sentence: str, profile: Profile) -> tuple[Contrast, str] | None:
    """The two labels compared, where they are quoted or are labels of a column, and that column."""
    if m := re.search(QUOTED, sentence):
        return Contrast(read_value(m["from"].strip()), read_value(m["to"].strip())), ""
    for column in profile.columns:
        if column.storage != "text" or not column.levels:
            continue
        known = {label.lower(): label for label, _ in column.levels}
        one = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
        mark = "[`'\"“”‘’]?"
        either = rf"{mark}({one}){mark}"
        if m := re.search(rf"\bfrom\s+{either}\s+to\s+{either}(?!\w)", sentence, re.I):
            return Contrast(read_value(known[m[1].lower()]), read_value(known[m[2].lower()])), column.name
    return None


def _strip_values(phrase: str) -> str:
    text = re.sub(r"\s*\bfrom\s+\S+(?:\s+\S+)?\s+to\s+\S+.*$", "", phrase, flags=re.I)
    text = re.sub(
        r"(?<!\bthe)(?<!\ban)(?<!\ba)(?<!\bany)\s+(?:is|was|were|goes?|went|moves?|changes?|rises?|increases?|decreases?|falls?|drops?)\b.*$",
        "",
        text,
        flags=re.I,
    )
    text = re.sub(
        r"^(?:a|an|one)\s+\d+(?:\.\d+)?(?:\s*%|[\s-]*percent\b)?[\s-]+(?:[A-Za-z€$£%]{1,5}\s+(?=\S))?",
        "",
        text,
    )
    text = re.sub(r"\s+by\s+\d.*$", "", text, flags=re.I)
    return (
        re.sub(r"\s+(?:rise|increase|cut|drop|change|decrease|reduction|hike)s?$", "", text, flags=re.I)
        or phrase
    )


def read_value(text: str) -> Scalar:
    """A value as typed: a number where it is one, else the text without quotes."""
    try:
        number = float(text.replace("−", "-").replace(",", "").rstrip("."))
    except ValueError:
        return text.strip("'\"`.,?")
    return int(number) if number.is_integer() else number
