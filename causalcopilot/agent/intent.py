"""Plain language to a ``Question``, without a model.

The patterns are in ``phrases.py``; a slot's words are looked up in the table's columns by ``Vocabulary``.
What no pattern understands becomes a question of kind ``unclear``, which the expert answers with what it can
be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

from causalcopilot.agent import designed, sampled, subgroups
from causalcopilot.agent.columns import Vocabulary
from causalcopilot.agent.phrases import (
    AWAY,
    CAUSES,
    DELTA,
    DOWN,
    FROM_TO,
    PART,
    PATTERNS,
    PERCENT,
    QUOTED,
    UP,
    Pattern,
)
from causalcopilot.agent.supposing import suppose
from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import ColumnNotFound

_EVERYTHING = re.compile(
    r"^(?:all|every|the|this|these|whole|entire|my|our|data|dataset|data set|table|file|variables?|columns?|it|csv"
    r"|\s)+$",
    re.I,
)


def parse_question(text: str, profile: Profile, knowledge: Knowledge) -> Question:
    """The question a sentence asks of this table; kind ``unclear`` when none is understood.

    Raises:
        ColumnNotFound: a slot's words fit no column, or several.
    """
    words = Vocabulary.of(profile.names, knowledge)
    supposed = suppose(_normalise(text), words, profile)
    if supposed is not None:
        return replace(supposed, text=text)
    drawn = sampled.split(_normalise(text), words)
    design = designed.split(drawn.sentence, words)
    group = subgroups.split(design.sentence, words, profile, knowledge)
    sentence = group.sentence
    unknown: ColumnNotFound | None = None
    kind = ""
    for pattern, match in _matches(sentence):
        if unknown and pattern.kind != kind:
            continue
        kind = pattern.kind
        try:
            question = (
                subgroups.read(_slots(match), sentence, pattern.closed, words, profile, knowledge)
                if kind == "subgroups"
                else _fill(pattern, match, sentence, words, profile)
            )
        except ColumnNotFound as e:
            unknown = unknown or e
            continue
        if question is not None and kind == "effect" and PART.search(sentence):
            break
        if question is not None:
            question = group.upon(design.upon(question))
            return replace(question, text=text, cluster=drawn.cluster, weights=drawn.weights)
    if unknown:
        raise unknown
    spoken = words.spoken(sentence)
    if len(spoken) == 2 and re.search(CAUSES, sentence, re.I):
        return Question("effect", text=text, treatment=spoken[0], outcome=spoken[1])
    return Question("unclear", text=text, columns=tuple(spoken))


def _normalise(text: str) -> str:
    text = re.sub(r"\s+", " ", text.strip())
    text = re.sub(
        r"^(?:please|can you|could you|i want to know|tell me|i wonder|hi|hello)[,:]?\s+"
        r"(?:if\s+|whether\s+)?",
        "",
        text,
        flags=re.I,
    )
    return re.sub(r"^(?:so|and|now|then|ok|okay)[,:]?\s+", "", text, flags=re.I)


def _matches(sentence: str) -> Iterator[tuple[Pattern, re.Match[str]]]:
    """Every pattern that fits, in order; effects also without the clause that gives the values."""
    short = _without_values(sentence)
    for pattern in PATTERNS:
        if match := pattern.regex.search(sentence):
            yield pattern, match
        if pattern.kind == "effect" and short != sentence and (match := pattern.regex.search(short)):
            yield pattern, match


def _without_values(sentence: str) -> str:
    """The sentence without a trailing clause that only gives the values compared."""
    clause = (
        r"\s*,?\s+(?:when|if|as|where)\s+\S+(?:\s+\S+){0,4}?\s+from\s+\S+(?:\s+\S+)?\s+to\s+[^?]+?(?=\s*\?|$)"
    )
    return re.sub(clause, "", sentence, flags=re.I)


def _fill(
    pattern: Pattern, match: re.Match[str], sentence: str, words: Vocabulary, profile: Profile
) -> Question | None:
    slots = _slots(match)
    kind = pattern.kind
    if kind == "graph":
        return _graph(slots, words)
    if kind == "domains":
        return _domains(slots, pattern, words)
    if kind == "falsify":
        return Question("falsify", graph=slots.get("graph"), closed=pattern.closed, negated=pattern.negated)
    if kind == "drivers":
        return Question("drivers", outcome=words.one(slots["b"]))
    if kind == "mediation":
        return _mediation(pattern, slots, words)
    contrast, slots = _contrast(sentence, slots, words, profile) if kind == "effect" else (None, slots)
    a, b = words.one(slots["a"]), words.one(slots["b"])
    if a == b:
        return None
    given = words.several(slots["given"]) if slots.get("given") else ()
    question = Question(
        kind, treatment=a, outcome=b, contrast=contrast, negated=pattern.negated, closed=pattern.closed
    )
    if kind == "independence":
        return replace(question, given=given)
    if kind == "effect":
        expects = _expected(match, contrast, a) if pattern.closed else 0
        return replace(question, controls=given or None, expects=expects)
    return replace(question, columns=(words.one(slots["candidate"]),) if "candidate" in slots else ())


def _slots(match: re.Match[str]) -> dict[str, str]:
    return {k: v for k, v in match.groupdict().items() if v}


def _mediation(pattern: Pattern, slots: Mapping[str, str], words: Vocabulary) -> Question | None:
    """The part of an effect that goes through a column: three different columns."""
    a, b, m = words.one(slots["a"]), words.one(slots["b"]), words.one(slots["candidate"])
    if len({a, b, m}) < 3:
        return None
    return Question("mediation", treatment=a, outcome=b, mediator=m, closed=pattern.closed)


def _expected(match: re.Match[str], contrast: Contrast | None, treatment: str) -> Literal[-1, 0, 1]:
    """The direction a closed question names: by its verb, or by what it says of the outcome."""
    a, b = match["a"], match["b"]
    between = match.string[match.end("a") : match.start("b")] if match.end("a") <= match.start("b") else ""
    sign = expected_way(between) or expected_way(b)
    taken = AWAY.search(a)
    away = taken is not None and taken[0].lower() not in treatment.lower()
    turned = contrast is None and (away or DOWN.search(a) is not None)
    return (-sign if turned else sign) if sign else 0


def expected_way(words: str) -> Literal[-1, 0, 1]:
    """The direction that some words name: up, down, or neither."""
    up, down = UP.search(words), DOWN.search(words)
    return 1 if up and not down else -1 if down and not up else 0


_SOME_DOMAIN = re.compile(
    r"^(?:domains?|environments?|sites?|groups?|periods?|regimes?|batches|datasets?|time|rows?|row order|parts?)$",
    re.I,
)
"""Words for domains that need not be a column's name: the knowledge, or the order of rows, then says which."""


def _domains(slots: Mapping[str, str], pattern: Pattern, words: Vocabulary) -> Question:
    """What differs between the values of a column, or of the one whose role says that it tells the domain."""
    columns = (words.one(slots["candidate"]),) if "candidate" in slots else ()
    named = slots.get("domain", "")
    given: tuple[str, ...] = ()
    try:
        given = (words.one(named),) if named else ()
    except ColumnNotFound:
        if not _SOME_DOMAIN.match(named):
            raise
    return Question("domains", given=given, columns=columns, closed=pattern.closed)


def _graph(slots: Mapping[str, str], words: Vocabulary) -> Question:
    listed = slots.get("columns", "")
    if not listed or _EVERYTHING.match(listed):
        return Question("graph")
    spoken = words.spoken(listed)
    return Question("graph", columns=tuple(spoken) if spoken else words.several(listed))


def _contrast(
    sentence: str, slots: Mapping[str, str], words: Vocabulary, profile: Profile
) -> tuple[Contrast | None, dict[str, str]]:
    """The values compared, and the slots without the words that gave them."""
    bare = {k: _strip_values(v) for k, v in slots.items()}
    if labels := _labels(sentence, profile):
        return labels, bare
    if m := re.search(FROM_TO, sentence, re.I):
        low, high = m["from"] or m["from2"], m["to"] or m["to2"]
        return Contrast(read_value(low), read_value(high)), bare
    if (m := re.search(PERCENT, sentence, re.I)) or (m := re.search(DELTA, sentence, re.I)):
        column = profile.column(words.one(bare["a"]))
        if column.mean is not None and column.type in ("continuous", "count"):
            start = float(f"{column.mean:.3g}")
            size = m.groupdict()
            step = (
                abs(start) * float(m["percent"]) / 100 if "percent" in size else float(m["by"] or m["lead"])
            )
            down = re.search(r"\b(?:cut|drop|fall|decreas|reduc|lower)\w*", slots["a"], re.I)
            return Contrast(start, start - step if down else start + step), bare
    return None, bare


def _labels(sentence: str, profile: Profile) -> Contrast | None:
    """The two labels compared, where they are quoted or are labels of a column: they may be several words."""
    if m := re.search(QUOTED, sentence):
        return Contrast(read_value(m["from"].strip()), read_value(m["to"].strip()))
    for column in profile.columns:
        if column.storage != "text" or not column.levels:
            continue
        known = {label.lower(): label for label, _ in column.levels}
        one = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
        mark = "[`'\"“”‘’]?"
        either = rf"{mark}({one}){mark}"
        if m := re.search(rf"\bfrom\s+{either}\s+to\s+{either}(?!\w)", sentence, re.I):
            return Contrast(read_value(known[m[1].lower()]), read_value(known[m[2].lower()]))
    return None


def _strip_values(phrase: str) -> str:
    text = re.sub(r"\s*\bfrom\s+\S+(?:\s+\S+)?\s+to\s+\S+.*$", "", phrase, flags=re.I)
    text = re.sub(
        r"\s+(?:is|was|were|goes?|went|moves?|changes?|rises?|increases?|decreases?|falls?|drops?)\b.*$",
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
