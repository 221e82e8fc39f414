"""A step of the cause said as a noun: "a 5 EUR rise in price", "one more year of education", "the drop in price".

It is read as what is done to the column: "raising price by 5", "raising education by 1", "lowering price".
"""

from __future__ import annotations

import re

from causalcopilot.agent.language.columns import Vocabulary, spelled
from causalcopilot.agent.language.phrases import AUX

_UP = r"(?:increase|rise|growth|gain|hike|jump|surge|expansion)"
_DOWN = r"(?:decrease|drop|fall|cut|reduction|decline|dip|lowering)"
_CHANGE = r"(?:change|shift|variation)"
_UNIT = r"(?:\s*-?\s*[a-z€$£°%]{1,10}(?:\s+point)?)?"
_SIZE = rf"(?P<n>[€$£]?\d+(?:[.,]\d+)?)(?P<percent>\s*-?\s*(?:%|percent\b|per\s+cent\b))?(?:{_UNIT})"
_SIZED = re.compile(
    rf"\b(?:an?|each|every|one|the|this)\s+{_SIZE}\s+(?:(?P<up>{_UP})|(?P<down>{_DOWN}))\s+(?:in|of)\s+(?:the\s+)?",
    re.I,
)
_PLAIN = re.compile(
    rf"(?:\b(?:an?|the|any|this|that|our|further|every|each|recent)\s+)(?:(?:further|recent|general|small|large|big)\s+)?"
    rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN})|(?P<change>{_CHANGE}))s?\s+(?:in|of)\s+(?:the\s+)?",
    re.I,
)
_SUBJECT = re.compile(
    rf"^(?:{AUX}|what\s+is\s+the\s+(?:\w+\s+)?effect\s+of|(?:\w+\s+)?effect\s+of)\s+(?={_PLAIN.pattern})",
    re.I,
)
"""Where such a noun is the cause: behind the verb in front, or behind "effect of"."""
_MORE = re.compile(
    r"\b(?:an?|each|every|one|1)\s+(?:single\s+)?(?:extra|additional|further|more|added)\s+(?P<unit>[a-z]+\s+of\s+)?(?:the\s+)?",
    re.I,
)
_FOR = re.compile(
    r"^(?:for|with|per|after|given)\s+(?P<step>(?:raising|lowering)\s+.+?\s+by\s+\S+)\s*,\s*(?P<rest>.+)$",
    re.I,
)


def as_verbs(sentence: str, words: Vocabulary) -> str:
    """The sentence with steps of a column said by verbs; only where a column stands behind the noun."""
    sentence = _sized(sentence, words)
    if (m := _SUBJECT.match(sentence)) and (noun := _PLAIN.match(sentence, m.end())):
        verb = "raising" if noun["up"] else "lowering" if noun["down"] else "changing"
        if _column_at(sentence, noun.end(), words):
            sentence = f"{sentence[: m.end()]}{verb} {sentence[noun.end() :]}"
    sentence = _one_more(sentence, words)
    return _fronted(sentence)


def _sized(sentence: str, words: Vocabulary) -> str:
    """ "a 5 EUR rise in price" as "raising price by 5"."""
    m = _SIZED.search(sentence)
    end = _column_at(sentence, m.end(), words) if m else 0
    if m is None or not end:
        return sentence
    by = m["n"].lstrip("€$£").replace(",", "") + ("%" if m["percent"] else "")
    verb = "raising" if m["up"] else "lowering"
    return f"{sentence[: m.start()]}{verb} {sentence[m.end() : end]} by {by}{sentence[end:]}"


def _one_more(sentence: str, words: Vocabulary) -> str:
    """ "one more year of education" as "raising education by 1"; a unit must be named or be the column's own word."""
    m = _MORE.search(sentence)
    if m is None:
        return sentence
    if end := _column_at(sentence, m.end(), words):
        return f"{sentence[: m.start()]}raising {sentence[m.end() : end]} by 1{sentence[end:]}"
    return sentence


def _fronted(sentence: str) -> str:
    """ "for raising A by 1, how does B change" as "how does B change when raising A by 1"."""
    m = _FOR.match(sentence)
    if m is None:
        return sentence
    return f"{m['rest'].rstrip('?.! ')} when {m['step']}?"


def _column_at(sentence: str, start: int, words: Vocabulary) -> int:
    """Where the column's name ends that begins there; 0 where none does."""
    for name in sorted(words.names, key=len, reverse=True):
        if m := re.compile(rf"[`'\"]?{spelled(name)}[`'\"]?", re.I).match(sentence, start):
            return m.end()
    return 0
