"""What a clause does to a cause: sets it to a value, adds to it, or multiplies it ("doubled", "10 % higher")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.agent.language.contrasts import read_value
from causalcopilot.agent.language.units import UNITS
from causalcopilot.domain.facts import Scalar
from causalcopilot.errors import ColumnNotFound

if TYPE_CHECKING:
    from causalcopilot.domain.profile import Profile

_V = r"(?P<v>[`'\"“‘][^`'\"”’]+[`'\"”’]|[€$£]?[-−+]?\d[\d.,]*|[^\s,;?!]+)"
_IN = rf"(?:(?<=\d)\s*{UNITS}(?:\s+{UNITS})?)?"
_D = (
    r"(?P<d>[€$£]?[-−+]?\d[\d.,]*)\s*(?P<percent>%|percent\b)?(?:\s*(?!(?:if|for|in|of|what)\b)[A-Za-z€$£]+)?"
)
_WE = r"(?:(?:we|i|you|they|one|somebody|someone)\s+(?:had\s+|would\s+|were\s+to\s+|could\s+|was\s+to\s+)?)"
_SET = r"(?:set(?:ting)?|fix(?:ed|ing)?|h[eo]ld(?:ing)?|put(?:ting)?|force[ds]?|forcing|clamp(?:ed|ing)?|keep(?:ing)?|kept|made|make|making)"
_BE = r"(?:had\s+(?:always\s+)?been|would\s+be|would\s+have\s+been|were\s+to\s+be|were|was|is|are|be|became|been|equals?|equalled)"
_UPWARD = r"(?:r[oi]se[sn]?|rises|increase[sd]?|grew|grows?|go(?:es)?\s+up|went\s+up|gone\s+up|climb(?:s|ed)?|gain(?:s|ed)?)"
_DOWNWARD = r"(?:f[ae]ll(?:s|en)?|drop(?:s|ped)?|decrease[sd]?|declined?|shr[aiu]nk|go(?:es)?\s+down|went\s+down|gone\s+down|sank)"
_LIFT = r"(?:rais(?:e|ed|ing)|increas(?:e|ed|ing)|lift(?:ed|ing)?|add(?:ed|ing)?)"
_CUT = r"(?:lower(?:ed|ing)?|cut(?:ting)?|reduc(?:e|ed|ing)|decreas(?:e|ed|ing)|drop(?:ped|ping)?)"
_X = r"(?:everyone'?s\s+|everybody'?s\s+|all\s+|its\s+|their\s+|the\s+)?(?P<x>[^,;?!=]+?)"
IF = r"(?:if|when|had|were|given|under|with|at|after|by|where|suppos(?:e|ing)(?:\s+that)?|assuming(?:\s+that)?|once)"


def compiled(*texts: str) -> tuple[re.Pattern[str], ...]:
    """Patterns that do not mind capitals."""
    return tuple(re.compile(t, re.I) for t in texts)


_DO = r"do\s*\(\s*(?P<x>[^()=:]+?)\s*(?::?=)\s*(?P<v>[^()]+?)\s*\)"
SETTINGS = compiled(
    rf"^(?:{IF}\s+)?(?:an?\s+)?(?:intervention\s+)?{_DO}$",
    rf"^(?:{IF}\s+)?{_WE}?{_SET}\s+{_X}\s+(?:to|at|=|equal\s+to|fixed\s+at)\s+{_V}{_IN}$",
    rf"^(?:{IF}\s+)?{_X}\s+(?:{_BE}\s+|would\s+have\s+)?(?:been\s+)?{_SET}\s+(?:to|at)\s+{_V}{_IN}$",
    rf"^(?:{IF}\s+)?{_X}\s*:?=\s*{_V}{_IN}$",
    rf"^(?:{IF}\s+)?{_X}\s+{_BE}\s+(?:always\s+|equal\s+to\s+|exactly\s+)?{_V}{_IN}$",
)
SHIFTS = compiled(
    rf"^(?:{IF}\s+)?{_X}\s+(?:had\s+|would\s+|were\s+to\s+|has\s+)?(?P<up>{_UPWARD})\s+by\s+{_D}$",
    rf"^(?:{IF}\s+)?{_X}\s+(?:had\s+|would\s+|were\s+to\s+|has\s+)?(?P<down>{_DOWNWARD})\s+by\s+{_D}$",
    rf"^(?:{IF}\s+)?{_WE}?(?P<up>{_LIFT})\s+{_X}\s+by\s+{_D}$",
    rf"^(?:{IF}\s+)?{_WE}?(?P<down>{_CUT})\s+{_X}\s+by\s+{_D}$",
    rf"^(?:{IF}\s+)?{_X}\s+{_BE}\s+(?:everywhere\s+)?{_D}\s+(?P<up>higher|more|larger|greater|longer|older)(?:\s+everywhere)?$",
    rf"^(?:{IF}\s+)?{_X}\s+{_BE}\s+(?:everywhere\s+)?{_D}\s+(?P<down>lower|less|fewer|smaller|shorter|younger)(?:\s+everywhere)?$",
    rf"^(?:{IF}\s+)?{_X}\s+{_BE}\s+(?:raised|increased|shifted|lifted)(?P<up>\s+up)?\s+by\s+{_D}$",
    rf"^(?:{IF}\s+)?{_X}\s+{_BE}\s+(?P<down>lowered|reduced|cut|decreased)\s+by\s+{_D}$",
)


@dataclass(frozen=True)
class Act:
    """What is done to a column: one of ``value``, ``shift`` and ``factor`` is given.

    Attributes:
        column: the column.
        value: what it is set to.
        shift: what is added to it.
        factor: what it is multiplied by.
        by: the change was given as "by so much", which an effect between two values says as well.
    """

    column: str
    value: Scalar = None
    shift: float | None = None
    factor: float | None = None
    by: bool = False


_ONES = "one two three four five six seven eight nine ten eleven twelve".split()
_WORDS = {
    **{w: str(i) for i, w in enumerate(_ONES, 1)},
    "fifteen": "15", "twenty": "20", "thirty": "30", "fifty": "50", "hundred": "100",
}  # fmt: skip
_NUMERAL = re.compile(
    rf"\b(?P<w>{'|'.join(_WORDS)})(?=[\s-]+(?:\w+\s+){{0,3}}?(?:more|less|fewer|higher|lower|larger|smaller|greater|longer"
    r"|shorter|older|younger|times|percent|heavier|lighter|taller)\b)|(?<=\bby\s)(?P<by>"
    + "|".join(_WORDS)
    + r")\b"
    r"|\b(?P<a>an?)(?=\s+(?:unit|point|year|month|week|day|hour|kilo|kg|euro|dollar|cigarette)s?\s+"
    r"(?:more|less|higher|lower|longer|shorter|older|younger|larger|smaller))",
    re.I,
)


def _numerals(text: str) -> str:
    """A clause with small numbers in words as digits: "two units more" as "2 units more"."""
    return _NUMERAL.sub(lambda m: "1" if m["a"] else _WORDS[(m["w"] or m["by"]).lower()], text)


_MANY = r"(?:(?P<n>\d+(?:\.\d+)?)\s*(?:times|x|-fold)|(?P<twice>twice)|(?P<half>half)|(?P<thrice>thrice))"
_AS = r"(?:\s*(?:(?:as|so)\s+(?:much|many|high|large|big|long|old|great|strong|heavy)|(?:its|their|the|what\s+(?:it|they)\s+(?:is|are|was|were))(?:\s+(?:present|current|own|old|usual|observed)?\s*(?:values?|levels?|amounts?|size)?)?|higher|more|larger))?(?:\s+as\s+(?:now|it\s+is|they\s+are|before|today|observed))?"
_NAMED = (
    (2.0, r"doubl(?:e[sd]?|ing)"), (0.5, r"halv(?:e[sd]?|ing)|half"), (3.0, r"tripl(?:e[sd]?|ing)|trebl(?:e[sd]?|ing)"),
    (4.0, r"quadrupl(?:e[sd]?|ing)"),
)  # fmt: skip
_HAD = r"(?:\s+(?:had|has|have|would|were|was|is|are|be|been|to\s+be|get|got|becomes?|became))*"
FACTORS = tuple(
    (factor, re.compile(text, re.I))
    for factor, name in _NAMED
    for text in (rf"^(?:{IF}\s+)?{_WE}?(?:{name})\s+{_X}$", rf"^(?:{IF}\s+)?{_X}{_HAD}\s+(?:{name})$")
)
HALVED = compiled(
    rf"^(?:{IF}\s+)?{_WE}?(?:cut|cutting|split|reduced?)\s+{_X}\s+(?:in|by)\s+half$",
    rf"^(?:{IF}\s+)?{_X}{_HAD}\s+(?:cut|reduced|dropped|fell|falls|drops)\s+(?:in|by)\s+half$",
)
TIMES = compiled(
    rf"^(?:{IF}\s+)?{_X}\s+{_BE}\s+(?:everywhere\s+)?{_MANY}{_AS}$",
    rf"^(?:{IF}\s+)?{_WE}?(?:multipl(?:y|ied|ying))\s+{_X}\s+by\s+(?P<n>\d+(?:\.\d+)?)$",
    rf"^(?:{IF}\s+)?{_WE}?(?:had|have|used?|gave|give|got)\s+{_MANY}\s+(?:as\s+(?:much|many)|the)\s+{_X}$",
)


_ALL = re.compile(
    rf"^(?:{IF}\s+)?(?:(?P<all>everyone|everybody|all(?:\s+of\s+(?:them|us))?|they\s+all|we\s+all|all\s+(?:people|rows|patients))"
    r"|nobody|no\s+one|no-one|none(?:\s+of\s+(?:them|us))?)\s+"
    r"(?:(?:had|has|have|would|were\s+to|was|were|did|got|is|are|been|be|to|gets?|have)\s+)*(?P<x>.+)$",
    re.I,
)


def act_on_all(clause: str, words: Vocabulary, profile: Profile) -> Act | None:
    """ "Everyone quit" and "nobody had quit" as 1 and 0 of the column of noughts and ones that says who did."""
    m = _ALL.match(clause.strip(" ,"))
    found = words.find(m["x"]) if m else []
    if m is None or len(found) != 1:
        return None
    column = profile.column(found[0])
    coded = {label for label, _ in column.levels} <= {"0", "1"} and (column.minimum, column.maximum) == (0, 1)
    return Act(column.name, value=1 if m["all"] else 0) if column.type == "binary" and coded else None


def act_of(clause: str, words: Vocabulary, it: str = "") -> Act | None:
    """What a clause does to a column, or ``None`` where it does nothing of the kind.

    Args:
        clause: "if price were doubled", "we set price to 5", "price = 5".
        words: the table's columns.
        it: the column that "it" stands for, if any.

    Raises:
        ColumnNotFound: the column's words fit none, or several.
    """
    text = _numerals(clause.strip(" ,"))
    return _multiplied(text, words, it) or _shifted(text, words, it) or _fixed(text, words, it)


def _column(phrase: str, words: Vocabulary, it: str) -> str:
    return (
        it if it and phrase.strip().lower() in ("it", "that", "this", "they", "them") else words.one(phrase)
    )


def _multiplied(text: str, words: Vocabulary, it: str) -> Act | None:
    for factor, pattern in FACTORS:
        if m := pattern.match(text):
            return Act(_column(m["x"], words, it), factor=factor)
    for pattern in HALVED:
        if m := pattern.match(text):
            return Act(_column(m["x"], words, it), factor=0.5)
    for pattern in TIMES:
        if m := pattern.match(text):
            named = {"twice": 2.0, "half": 0.5, "thrice": 3.0}
            word = next((v for k, v in named.items() if m.groupdict().get(k)), 0.0)
            return Act(_column(m["x"], words, it), factor=word or float(m["n"]))
    return None


def _shifted(text: str, words: Vocabulary, it: str) -> Act | None:
    for pattern in SHIFTS:
        m = pattern.match(text)
        size = read_value(m["d"].lstrip("€$£")) if m else None
        if m is None or not isinstance(size, int | float):
            continue
        x, by = _column(m["x"], words, it), bool(re.search(r"\bby\s+\S+(?:\s*\S+)?$", text, re.I))
        signed = float(-size if m.groupdict().get("down") else size)
        return Act(x, factor=1 + signed / 100, by=by) if m["percent"] else Act(x, shift=signed, by=by)
    return None


def _fixed(text: str, words: Vocabulary, it: str) -> Act | None:
    for pattern in SETTINGS:
        if m := pattern.match(text):
            value = read_value(m["v"].strip("`'\"“”‘’").lstrip("€$£"))
            try:
                return Act(_column(m["x"], words, it), value=value)
            except ColumnNotFound:
                if isinstance(value, str):
                    continue
                raise
    return None
