"""Which numbers of a chat answer no result holds.

A chat answer streams before it can be checked, and a model may write numerals.  This looks at the finished
text and names every number, in digits or in words, that no fact of the conversation and no word of the user
holds at the number's own precision.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from causalcopilot.domain.facts import Fact

_DIGITS = re.compile(
    r"(?<![\w.])(?P<sign>[-+−])?"
    r"(?P<body>\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?P<power>e[-+−]?\d+)?(?P<scale>\s?(?:k|m|bn|thousand|million|billion)\b)?"
    r"(?P<percent>\s?(?:%|percent\b|per cent\b))?",
    re.I,
)
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES = {w: float(i) for i, w in enumerate(_UNITS)} | {w: 20.0 + 10 * i for i, w in enumerate(_TENS)}
_MULTIPLIERS = {"hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_WORD = "|".join([*_VALUES, *_MULTIPLIERS])
_WORDS = re.compile(rf"\b(?:{_WORD})(?:(?:[\s-]|\s+and\s+)(?:{_WORD}))*\b", re.I)
_SMALL = 3.0
"""Spelled numbers below three are words of ordinary English and are not looked at."""


@dataclass(frozen=True, slots=True)
class _Number:
    text: str
    value: float
    half: float
    signed: bool
    percent: bool


def unsourced(text: str, facts: Mapping[str, Mapping[str, Fact]], given: str = "") -> list[str]:
    """The numbers of ``text`` that neither ``facts`` nor ``given`` hold at their own precision, in order.

    Args:
        text: a chat answer; back-ticked names that are not bare numbers are skipped.
        facts: facts by call id and key.
        given: what the user wrote (question, knowledge), whose numbers may be repeated.
    """
    known = [*_fact_numbers(facts), *(n.value for n in _numbers(_plain(given)))]
    return [n.text for n in _numbers(_plain(text)) if not any(_same(n, v) for v in known)]


def _plain(text: str) -> str:
    """Names taken out, numerals of any script as ASCII digits, vulgar fractions as decimals."""
    text = re.sub(r"`([^`\n]*[^\W\d_][^`\n]*)`", " ", text)
    out = []
    for c in text:
        value = unicodedata.numeric(c, None)
        if value is None or c.isdecimal():
            out.append(str(unicodedata.decimal(c)) if c.isdecimal() else c)
        else:
            out.append(f" {value:g} ")
    return unicodedata.normalize("NFKC", "".join(out))


def _numbers(text: str) -> Iterator[_Number]:
    found = [(m.start(), _from_digits(m)) for m in _DIGITS.finditer(text)]
    words = _DIGITS.sub(lambda m: " " * len(m[0]), text)
    found += [(m.start(), n) for m in _WORDS.finditer(words) if (n := _from_words(m[0])).value >= _SMALL]
    for _, number in sorted(found, key=lambda f: f[0]):
        yield number


def _from_digits(m: re.Match[str]) -> _Number:
    body = re.sub(r"[,\s]", "", m["body"])
    decimals = len(body.partition(".")[2])
    power = int(m["power"][1:].replace("−", "-")) if m["power"] else 0
    scale = 10.0**power * _SCALES.get((m["scale"] or "").strip().lower(), 1.0)
    negative = m["sign"] in ("-", "−")
    value = float(body) * scale * (-1 if negative else 1)
    return _Number(m[0].strip(), value, 0.5 * 10.0**-decimals * scale, negative, bool(m["percent"]))


def _from_words(text: str) -> _Number:
    total = part = 0.0
    for word in re.findall(r"[a-z]+", text.lower()):
        if word in _VALUES:
            part += _VALUES[word]
        elif word == "hundred":
            part = (part or 1.0) * 100
        elif word in _MULTIPLIERS:
            total, part = total + (part or 1.0) * _MULTIPLIERS[word], 0.0
    return _Number(text, total + part, 0.5, False, False)


def _fact_numbers(facts: Mapping[str, Mapping[str, Fact]]) -> Iterator[float]:
    for fact in (f for call in facts.values() for f in call.values()):
        for value in (fact.value, fact.low, fact.high):
            if isinstance(value, str):
                yield from (n.value for n in _numbers(_plain(value)))
            elif isinstance(value, int | float) and not isinstance(value, bool) and value == value:
                yield float(value)


def _same(number: _Number, known: float) -> bool:
    """Equal at the text's precision; an unsigned number may stand for a negative one (``falls by 1.8``)."""
    for scaled in (known, known * 100) if number.percent else (known,):
        value = scaled if number.signed else abs(scaled)
        shown_as_nothing = number.value == 0 and value != 0
        if not shown_as_nothing and abs(value - number.value) <= number.half * (1 + 1e-9) + 1e-12:
            return True
    return False
