"""What the plain text of a narrative may not say: numerals, number words, strong words, markup.

``claims`` replaces every reference and every name by mask characters and hands the masked text here.  The
rules are a white list of characters (so that no numeral of any script, no look-alike letter, no HTML and no
hidden character can pass) and black lists of English words (``words``).  Words are also looked for with
hyphens, quotes and emphasis taken out, because ``tw-o`` and ``tw**o**`` read as a number too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from causalcopilot.report.words import LICENSED_WORDS, NUMBER_WORDS, STRONG_WORDS, UNITS

FACT_MASK = "\x01"
TEXT_FACT_MASK = "\x02"
NAME_MASK = "\x03"
_MASKS = FACT_MASK + TEXT_FACT_MASK + NAME_MASK
_PUNCTUATION = " \n.,;:!?'\"()-–—/…’‘“”*"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing a narrative may not hold: where it stands (character offsets), what it is, why not."""

    start: int
    end: int
    text: str
    problem: str

    def __str__(self) -> str:
        return f"at {self.start}: {self.text!r}: {self.problem}"


NUMBER = "a number word; numbers are written as references to facts"
STRONG = (
    "says what only a fact may say; refer to the fact that holds it (verdict, direction, status, answer …)"
)
LICENSED = "needs a reference to the fact that says so in the same sentence"
NEGATED = "a negation beside a reference turns what the fact says round"


_ROMAN = re.compile(r"\b(?=[IVXLCDM]{2,}\b)M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\b")
_ROMAN_WORDS = {"IV", "CI", "CD", "DC", "MI", "DI", "CV", "MD", "DM", "CC", "MC", "LI", "MIX", "DIV", "CIV"}
_SPELLED = re.compile(r"\b[a-z](?:[\s.\-'’/]+[a-z]\b){2,}")
_ABBREVIATIONS = re.compile(r"\b(?:e\.g\.|i\.e\.)(?=[\s,]|$)")

_FACT = f"[{FACT_MASK}{TEXT_FACT_MASK}]"
_CONTRACTED = "(?:do|does|did|is|are|was|were|has|have|had|ca|could|would|should|wo)nt"
_NEGATION = rf"\b(?:not|no|never|hardly|neither|nor|cannot|{_CONTRACTED})\b"
_NEGATED_BEFORE = re.compile(
    rf"{_NEGATION}(?: [\w{NAME_MASK}]+){{0,4}} \(?{TEXT_FACT_MASK}|{_NEGATION}(?: \w+)? \(?{FACT_MASK}"
)
_NEGATED_AFTER = re.compile(
    rf"{_FACT} (?:(?:is|was|are|were|does|do|did|looks|seems) )?"
    rf"(?:not|false|wrong|untrue|incorrect|never|{_CONTRACTED})\b"
)
_ALTERED = re.compile(
    r"\b(?:minus|negative|plus|times|almost|nearly|barely|divided by|more than|less than|fewer than|at least"
    rf"|at most|up to|opposite of|contrary of|inverse of)\s+{_FACT}|(?<=\S)\s+[-–—]\s*[{FACT_MASK}]"
)
_QUESTION = re.compile(
    r"[\s*\-]*(?:is|are|do|does|did|can|could|has|have|what|which|who|for whom|how)\b[^.;:!?\n]*\?"
)
_UNIT_AFTER = re.compile(rf"{FACT_MASK}\s+{UNITS.pattern}")


def plain_faults(masked: str) -> list[Fault]:
    """Every fault of the text outside references and names, in order of position."""
    faults = [*_character_faults(masked), *_layout_faults(masked)]
    folded = _fold(masked)
    faults += _roman_faults(masked)
    asked = _questions(folded)
    for view, at in _views(folded):
        faults += _word_faults(masked, view, at, asked)
    faults += _sentence_faults(masked, folded, asked)
    unique = {(f.start, f.end, f.problem): f for f in faults}
    return sorted(unique.values(), key=lambda f: (f.start, f.end))


def _fault(masked: str, start: int, end: int, problem: str) -> Fault:
    text = re.sub(f"[{FACT_MASK}{TEXT_FACT_MASK}]+", "{…}", masked[start:end])
    return Fault(start, end, re.sub(f"{NAME_MASK}+", "`…`", text), problem)


def _base(c: str) -> str:
    """The ASCII letter under an accented letter; the character itself otherwise."""
    if c.isascii():
        return c
    parts = unicodedata.normalize("NFKD", c)
    if parts[0].isascii() and parts[0].isalpha() and all(unicodedata.combining(p) for p in parts[1:]):
        return parts[0]
    return c


def _fold(masked: str) -> str:
    return "".join(_base(c) for c in masked).lower()


def _character_faults(masked: str) -> Iterator[Fault]:
    for i, c in enumerate(masked):
        if c in _MASKS or c in _PUNCTUATION or (_base(c).isascii() and _base(c).isalpha()):
            continue
        yield _fault(masked, i, i + 1, _character_problem(c))


def _character_problem(c: str) -> str:
    wide = unicodedata.normalize("NFKC", c)
    if c.isnumeric() or any(w.isnumeric() for w in wide):
        return "a numeral; numbers are written as references to facts"
    if c in "{}":
        return "a stray brace; a reference is {call.key}"
    if c == "`":
        return "a stray back-tick; a name stands between two of them"
    if c in "<>&":
        return "HTML and comparison signs are not allowed"
    if c.isalpha():
        return "plain text is English; other words stand as names in back-ticks"
    name = unicodedata.name(c, f"U+{ord(c):04X}").lower()
    return f"the character {name} is not allowed in plain text"


_LAYOUT = (
    (re.compile(r"[.,;:!?…](?![\s.,;:!?…)\"'’”*]|$)"), "punctuation is followed by a space"),
    (re.compile(r"\.{4,}|\s[.,;:!?…]"), "punctuation stands after a word"),
    (re.compile(r"(?<=[^\W\d_])\(|\)(?=[^\W\d_])"), "a bracket stands apart from the next word"),
    (
        re.compile(r"\*{3,}|(?<!\*)(?<!^)(?<!\n)\*(?!\*)|(?<![^\n])\*(?![\s*])"),
        "only **bold** and lists are allowed",
    ),
)


def _layout_faults(masked: str) -> Iterator[Fault]:
    blank = _ABBREVIATIONS.sub(lambda m: "x" * len(m[0]), masked)
    for pattern, problem in _LAYOUT:
        for m in pattern.finditer(blank):
            yield _fault(masked, m.start(), m.end(), problem)
    at = 0
    for block in re.split(r"(\n)", masked):
        if block.count("**") % 2:
            yield _fault(masked, at, at + len(block), "unbalanced ** in this line")
        at += len(block)


def _roman_faults(masked: str) -> Iterator[Fault]:
    for m in _ROMAN.finditer("".join(_base(c) for c in masked)):
        if m[0] and m[0] not in _ROMAN_WORDS:
            yield _fault(masked, m.start(), m.end(), NUMBER)


def _views(folded: str) -> Iterator[tuple[str, list[int]]]:
    """The text with joiners as spaces, and without them; each with the offset of every character."""
    spaced = re.sub(r"[*\-–—/'\"‘’“”\n]", " ", folded)
    at = [i for i, c in enumerate(spaced) if not (c == " " and i and spaced[i - 1] == " ")]
    yield "".join(spaced[i] for i in at), at
    at = [i for i, c in enumerate(folded) if c not in "*-–—/'\"‘’“”"]
    yield "".join(" " if folded[i] == "\n" else folded[i] for i in at), at


def _word_faults(masked: str, view: str, at: list[int], asked: list[tuple[int, int]]) -> Iterator[Fault]:
    for pattern, problem in (
        (NUMBER_WORDS, NUMBER),
        (STRONG_WORDS, STRONG),
        (_NEGATED_BEFORE, NEGATED),
        (_NEGATED_AFTER, NEGATED),
        (_UNIT_AFTER, "the unit comes from the fact: write {call.key.with_unit}"),
    ):
        for m in pattern.finditer(view):
            start, end = at[m.start()], at[m.end() - 1] + 1
            if pattern is not STRONG_WORDS or not _inside(start, end, asked):
                yield _fault(masked, start, end, problem)


def _inside(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(a <= start and end <= b for a, b in spans)


def _questions(folded: str) -> list[tuple[int, int]]:
    """Sentences that ask: they state nothing, so they may hold the words of a claim."""
    return [(start, end) for start, end in _sentences(folded) if _QUESTION.fullmatch(folded[start:end])]


def _sentences(folded: str) -> list[tuple[int, int]]:
    ends = [m.end() for m in re.finditer(r"[.!?](?=\s|\*|$)|\n", folded)] + [len(folded)]
    return list(pairwise([0, *ends]))


def _sentence_faults(masked: str, folded: str, asked: list[tuple[int, int]]) -> Iterator[Fault]:
    for m in _SPELLED.finditer(_ABBREVIATIONS.sub(lambda a: " " * len(a[0]), folded)):
        yield _fault(masked, m.start(), m.end(), "letters that spell a word are not allowed")
    for m in _ALTERED.finditer(folded):
        yield _fault(masked, m.start(), m.end(), "changes the value of the reference that follows")
    for start, end in _sentences(folded):
        if (start, end) in asked or re.search(_FACT, folded[start:end]):
            continue
        for m in LICENSED_WORDS.finditer(folded, start, end):
            yield _fault(masked, m.start(), m.end(), LICENSED)
