"""A step of the cause said as a noun: "a 5 EUR rise in price", "one more year of education", "the drop in price".

It is read as what is done to the column: "raising price by 5", "raising education by 1", "lowering price".
"""

from __future__ import annotations

import re

from causalcopilot.agent.language.columns import Vocabulary, spelled
from causalcopilot.agent.language.phrases import AUX
from causalcopilot.agent.language.units import UNITS

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
    r"(?:\b(?P<per>with|for|per|by)\s+(?:(?:an?|each|every|one|1)\s+)?|\b(?:an?|each|every|one|1)\s+)(?:single\s+)?"
    r"(?:extra|additional|further|more|added)\s+",
    re.I,
)
_WORDS = {w: i for i, w in enumerate("two three four five six seven eight nine ten".split(), 2)}
_COUNT = rf"(?:\d+(?:\.\d+)?|{'|'.join(_WORDS)})"
_SEVERAL = re.compile(
    rf"(?P<head>\bof\s+|^{AUX}\s+|^(?:for|with)\s+|\b(?:per|when|if)\s+)(?:an?\s+|each\s+|every\s+)?"
    rf"(?:(?:extra|additional|further)\s+(?P<n>{_COUNT})|(?P<m>{_COUNT})\s+(?:more|extra|additional|further))\s+",
    re.I,
)
"""Several more of a column where the cause stands: "effect of 10 more visits", "each extra 5 euros of discount"."""
_OF_SIZE = re.compile(rf"\s+of\s+[€$£]?(?P<n>\d+(?:\.\d+)?)(?:\s*{UNITS})?(?![\w%])", re.I)
_PER = re.compile(
    r"(?:ris\w*|r[oi]se\w*|go(?:es)?\s+up|went\s+up|increas\w*|chang\w*|fall\w*|fell|drop\w*|decreas\w*|declin\w*|go(?:es)?\s+down|mov\w*|gain\w*|gr[eo]w\w*)\s+(?P<per>(?:per|for\s+(?:each|every)|with\s+(?:each|every)|by\s+each)\s+)",
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
        if end := _column_at(sentence, noun.end(), words):
            size = _OF_SIZE.match(sentence, end)
            by, rest = (f" by {size['n']}", sentence[size.end() :]) if size else ("", sentence[end:])
            sentence = f"{sentence[: m.end()]}{verb} {sentence[noun.end() : end]}{by}{rest}"
    sentence = _one_more(_several_more(sentence, words), words)
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


def _several_more(sentence: str, words: Vocabulary) -> str:
    """ "10 more site visits" as "raising site_visits by 10", where a cause may stand."""
    m = _SEVERAL.search(sentence)
    found = _named_at(sentence, m.end(), words) if m else None
    if m is None or found is None:
        return sentence
    name, end = found
    count = (m["n"] or m["m"]).lower()
    return f"{sentence[: m.end('head')]}raising `{name}` by {_WORDS.get(count, count)}{sentence[end:]}"


def _one_more(sentence: str, words: Vocabulary) -> str:
    """ "one more year of education" as "raising education by 1"; "changes per unit of price" likewise."""
    m = _MORE.search(sentence) or _PER.search(sentence)
    if m is None:
        return sentence
    found = _named_at(sentence, m.end(), words)
    if found is None:
        return sentence
    name, end = found
    start = m.start("per") if m["per"] else m.start()
    when = "when " if m["per"] and start else "for " if m["per"] else ""
    return f"{sentence[:start]}{when}raising `{name}` by 1{sentence[end:]}"


def _fronted(sentence: str) -> str:
    """ "for raising A by 1, how does B change" as "how does B change when raising A by 1"."""
    m = _FOR.match(sentence)
    if m is None:
        return sentence
    return f"{m['rest'].rstrip('?.! ')} when {m['step']}?"


def _column_at(sentence: str, start: int, words: Vocabulary) -> int:
    """Where the column's name ends that begins there; 0 where none does."""
    found = _named_at(sentence, start, words, units=False)
    return found[1] if found else 0


def _named_at(sentence: str, start: int, words: Vocabulary, *, units: bool = True) -> tuple[str, int] | None:
    """The column that a name there means, and where it ends: "prenatal visit", "week of gestation"."""
    unit = rf"(?:{UNITS}\s+of\s+(?:the\s+)?)?" if units else ""
    for name in sorted(words.names, key=len, reverse=True):
        parts = [re.escape(w) for w in re.split(r"[\s_\-]+", name) if w]
        singular = [p[:-1] + "s?" if p.lower().endswith("s") and len(p) > 3 else p for p in parts]
        turned = rf"|{singular[1]}\s+of\s+{singular[0]}" if len(parts) == 2 else ""
        body = "|".join((spelled(name), r"[\s_-]*".join(singular))) + turned
        if m := re.compile(rf"{unit}[`'\"]?(?:{body})[`'\"]?(?!\w)", re.I).match(sentence, start):
            return name, m.end()
    return None
