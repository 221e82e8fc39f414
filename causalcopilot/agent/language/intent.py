"""Plain language to a ``Question``, without a model.

The patterns are in ``phrases.py``; a slot's words are looked up in the table's columns by ``Vocabulary``.
What no pattern understands becomes a question of kind ``unclear``, which the expert answers with what it can
be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from causalcopilot.agent.language import (
    averages,
    bracketed,
    codebook,
    designed,
    estimators,
    labelled,
    residue,
    sampled,
    study,
    subgroups,
    together,
    unread,
)
from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.agent.language.contrasts import read_contrast
from causalcopilot.agent.language.directions import direction, taken_away
from causalcopilot.agent.language.phrases import (
    AUX,
    PART,
    PATTERNS,
    Pattern,
)
from causalcopilot.agent.language.rephrase import as_question, rephrase
from causalcopilot.agent.language.supposing import suppose
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question, QuestionKind
from causalcopilot.errors import ColumnNotFound, UsageError

_EVERYTHING = re.compile(
    r"^(?:all|every|the|this|these|whole|entire|my|our|data|dataset|data set|table|file|variables?|columns?|it|csv"
    r"|\s)+$",
    re.I,
)


def parse_question(text: str, profile: Profile, knowledge: Knowledge) -> Question:
    """The question a sentence asks of this table; kind ``unclear`` when none is understood.

    Where the words as they stand are not understood, columns are put in the place of their descriptions in a codebook.

    Raises:
        ColumnNotFound: a slot's words fit no column, or several.
    """
    try:
        question = _parsed(text, profile, knowledge)
    except UsageError:
        described = _by_codebook(text, profile, knowledge)
        if described is None:
            raise
        return described
    if question.kind != "unclear":
        return question
    return _by_codebook(text, profile, knowledge) or question


def _by_codebook(text: str, profile: Profile, knowledge: Knowledge) -> Question | None:
    """The question with columns in the place of descriptions; ``None`` where that is not understood either."""
    sentence = codebook.named(text, profile.names, knowledge)
    if sentence == text:
        return None
    try:
        question = _parsed(sentence, profile, knowledge)
    except UsageError:
        return None
    return None if question.kind == "unclear" else replace(question, text=text)


def _parsed(text: str, profile: Profile, knowledge: Knowledge) -> Question:
    words = Vocabulary.of(profile.names, knowledge)
    told = study.split(text, words, profile)
    return _described(text, told, words, profile, knowledge) or _parse(text, told, words, profile, knowledge)


def _described(
    text: str, told: study.Study, words: Vocabulary, profile: Profile, knowledge: Knowledge
) -> Question | None:
    """The question of a sentence that describes columns and names them in brackets; ``None`` for any other."""
    for sentence in bracketed.shorter(told.sentence, words):
        try:
            question = _parse(text, replace(told, sentence=sentence), words, profile, knowledge)
        except (ColumnNotFound, UsageError):
            continue
        if question.kind != "unclear":
            return question
    return None


def _parse(
    text: str, told: study.Study, words: Vocabulary, profile: Profile, knowledge: Knowledge
) -> Question:
    plain = rephrase(told.sentence, words)
    several = together.moves_several(plain.sentence, words)
    supposed = None if several else suppose(plain.sentence, words, profile)
    if supposed is not None:
        unread.check(supposed, plain.sentence, "", words, profile)
        passed = residue.passed(supposed, plain.sentence, words, profile, knowledge)
        return replace(supposed, text=text, passed=passed)
    drawn = sampled.split(plain.sentence, words)
    average = averages.split(drawn.sentence, words)
    design = designed.split(average.sentence, words)
    sentence, method = estimators.split(design.sentence)
    arms = labelled.split(sentence, words, profile, told.arms)
    whole = subgroups.Grouped(arms.sentence)
    group = whole if several else subgroups.split(arms.sentence, words, profile, knowledge)
    _refuse_supposed(group, words, profile)
    question = _read(group.sentence, plain.negated, words, profile, knowledge)
    if question is None:
        spoken = words.spoken(text)
        return Question("unclear", text=text, columns=tuple(spoken))
    compared = question.kind == "domains" and group.among[:1] == question.given
    if group.among and question.kind not in subgroups.EFFECT_KINDS and not compared:
        raise _of_all_rows(group)
    question = average.upon(arms.upon(question), words)
    question = replace(group.upon(design.upon(question)), cluster=drawn.cluster, weights=drawn.weights)
    if method != "auto":
        if question.kind != "effect":
            raise UsageError(
                f"{method} estimates an effect of all rows", "ask: what is the effect of A on B using it?"
            )
        question = replace(question, method=method)
    unread.check(question, plain.sentence, group.sentence, words, profile)
    passed = residue.passed(question, group.sentence, words, profile, knowledge)
    question = told.upon(question, profile)
    closed = question.closed or (plain.closed and question.kind == "effect")
    return replace(question, text=text, closed=closed, passed=passed)


def _refuse_supposed(group: subgroups.Grouped, words: Vocabulary, profile: Profile) -> None:
    """Refuse what would be in one group if a cause were set: the structural model is of all rows."""
    if group.among and suppose(group.sentence, words, profile) is not None:
        raise _of_all_rows(group)


def _of_all_rows(group: subgroups.Grouped) -> UsageError:
    return UsageError(
        f"a group of rows ({' '.join(group.among)}) is taken for an effect only, and this asks for something else",
        "ask it of all rows, or open a table that holds those rows only",
    )


def _read(
    sentence: str, negated: bool, words: Vocabulary, profile: Profile, knowledge: Knowledge
) -> Question | None:
    """The question of a sentence, or of the same sentence as a statement; ``None`` where neither is understood."""
    found = together.read(sentence, words, profile) or _by_pattern(sentence, words, profile, knowledge)
    if found is None and not _ASKS.match(sentence) and not _INSIDE.search(sentence):
        plain = rephrase(as_question(sentence), words)
        try:
            found = _by_pattern(plain.sentence, words, profile, knowledge)
        except ColumnNotFound:
            return None  # it need not be a statement at all
        negated = negated != plain.negated
        found = found if found is not None and (found.closed or found.kind == "effect") else None
    if found is None or not negated:
        return found
    return replace(found, negated=not found.negated) if found.closed and found.kind in NEGATABLE else None


NEGATABLE: tuple[QuestionKind, ...] = (
    "effect", "joint", "independence", "direct_cause", "confounder", "collider", "mediator"
)  # fmt: skip
"""Kinds whose yes and no change places where a question says "not"."""
_ASKS = re.compile(
    rf"^(?:{AUX}|was|were|what|which|who|whom|how|why|when|where|if|for|should|may|might|show|give|list|compare|find)\b",
    re.I,
)


_INSIDE = re.compile(r"\b(?:how\s+(?:much|many|strongly)|what|which|why)\b", re.I)
"""Words of an open question within a sentence: it is no statement that a verb in front would make one for yes or no."""


def _by_pattern(sentence: str, words: Vocabulary, profile: Profile, knowledge: Knowledge) -> Question | None:
    """The question of the first pattern that fits and whose slots are columns.

    Raises:
        ColumnNotFound: a slot's words fit no column, or several.
    """
    unknown: ColumnNotFound | None = None
    kind = ""
    for pattern, match in _matches(sentence):
        if unknown and pattern.kind != kind:
            continue
        kind = pattern.kind
        if _INVERTED.match(match.groupdict().get("b") or ""):
            continue  # "is B lowered by A": what stands before the verb is no cause
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
            return question
    if unknown:
        raise unread.explained(unknown, sentence, profile)
    return None


_INVERTED = re.compile(
    r"(?:been\s+|being\s+)?(?:\w+ed\s+)?(?:by|from|because|due\s+to|when|if|as|after|once|whenever|per|with)\s",
    re.I,
)
"""Words before a column that is the cause and not the outcome."""


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
    contrast, slots = read_contrast(sentence, slots, words, profile) if kind == "effect" else (None, slots)
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
        contrast = contrast or taken_away(match["a"], a, words, profile)
        expects = direction(match, contrast, a, b, words) if pattern.closed else 0
        return replace(question, contrast=contrast, controls=given or None, expects=expects)
    return replace(question, columns=(words.one(slots["candidate"]),) if "candidate" in slots else ())


def _slots(match: re.Match[str]) -> dict[str, str]:
    return {k: v for k, v in match.groupdict().items() if v}


def _mediation(pattern: Pattern, slots: Mapping[str, str], words: Vocabulary) -> Question | None:
    """The part of an effect that goes through a column: three different columns."""
    a, b, m = words.one(slots["a"]), words.one(slots["b"]), words.one(slots["candidate"])
    if len({a, b, m}) < 3:
        return None
    return Question("mediation", treatment=a, outcome=b, mediator=m, closed=pattern.closed)


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
