"""The direction that a closed question names, and a cause that is taken away: "does quitting smoking raise weight?"."""

from __future__ import annotations

import re
from typing import Literal

from causalcopilot.agent.language.columns import Vocabulary, spelled, stems
from causalcopilot.agent.language.contrasts import expected_way, read_value
from causalcopilot.agent.language.phrases import AWAY, DOWN
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Contrast

_LABELS = (("0", "1"), ("no", "yes"), ("false", "true"))
"""Labels without and with the thing that a column is named for."""


def direction(
    match: re.Match[str], contrast: Contrast | None, treatment: str, outcome: str, words: Vocabulary
) -> Literal[-1, 0, 1]:
    """The direction a closed question names: by its verb, or by what it says of the outcome.

    Args:
        match: a pattern's fit, whose slots ``a`` and ``b`` hold the words for cause and outcome.
        contrast: the values compared, if any are; the direction is then of going from the first to the second.
        treatment: column that the cause was read as; its own name gives no direction.
        outcome: column that the outcome was read as; neither does its name.
        words: the table's columns.
    """
    a, b = _without(match["a"], treatment), _without(match["b"], outcome)
    spans = (match.end("a"), match.start("b")), (match.end("b"), match.start("a"))
    between = next((match.string[i:j] for i, j in spans if i <= j), "")
    between = re.sub(r"\bgo(?:es)?\s+up\b", "rise", between, flags=re.I)
    between = re.sub(r"\bgo(?:es)?\s+down\b", "fall", between, flags=re.I)
    sign = _called(match.string) or expected_way(between) or expected_way(b) or _high(b)
    turned = contrast is None and (away(match["a"], treatment, words) or DOWN.search(a) is not None)
    return (-sign if turned else sign) if sign else 0


def away(phrase: str, treatment: str, words: Vocabulary) -> bool:
    """Whether the cause is taken away by a word that is no part of its column: "quitting smoking" of ``smoking``."""
    taken = AWAY.search(_without(phrase, treatment))
    return taken is not None and not stems(taken[0]) <= frozenset().union(*words.words[treatment])


def taken_away(phrase: str, treatment: str, words: Vocabulary, profile: Profile) -> Contrast | None:
    """From having to not having, where a cause of noughts and ones is taken away; nothing for other columns."""
    column = profile.column(treatment)
    labels = tuple(sorted(label for label, _ in column.levels))
    if column.type != "binary" or tuple(x.lower() for x in labels) not in _LABELS:
        return None
    if not away(phrase, treatment, words):
        return None
    return Contrast(read_value(labels[1]), read_value(labels[0]))


def _without(phrase: str, name: str) -> str:
    """A phrase without the column's own name, which may hold a word for a direction: ``weight_gain``, ``fall_risk``."""
    return re.sub(spelled(name), " ", phrase, flags=re.I)


def _high(outcome: str) -> Literal[0, 1]:
    """1 where a high value of the outcome is named: "does bmi cause high blood pressure?"."""
    return 1 if re.match(r"\s*(?:an?\s+|the\s+)?(?:very\s+)?(?:high|elevated)\b", outcome, re.I) else 0


def _called(sentence: str) -> Literal[-1, 0, 1]:
    """The direction that an adjective gives an effect: "a negative effect"."""
    m = re.search(
        r"\b(?:(positive|beneficial)|negative|harmful|adverse)\s+(?:\w+\s+)?(?:effect|impact|influence)",
        sentence,
        re.I,
    )
    return 0 if m is None else 1 if m[1] else -1
