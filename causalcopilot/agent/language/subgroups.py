"""Questions about groups: by which columns an effect may differ, which single group is meant, who should be treated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from causalcopilot.agent.language.bounds import bounded
from causalcopilot.agent.language.columns import Vocabulary, clean_phrase, stems
from causalcopilot.agent.language.levels import level_named
from causalcopilot.agent.language.phrases import GIVEN
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import ColumnNotFound, UsageError

_PEOPLE = (
    r"(?:(?:the|all|only|just)\s+)*"
    r"(?:(?:people|persons|patients|rows|units|those|customers|users|individuals|cases|subjects)\s+)?"
)
_IS = r"(?:\s+(?:is|are|was|were|equals?|equal\s+to|of)\s+|\s*={1,2}\s*)"
_VALUE = r"(?P<v>[`'\"][^`'\"]+[`'\"]|[\w.+-]+)"
_END = r"\s*\)?\s*(?P<end>[?.!]*)$"
_THEN = rf"(?:{_END}|(?P<then>\s*,?\s+(?:when\s+|after\s+)?{GIVEN}\s.+)$)"
_GROUP = r"(?:among|amongst|for|in|within)"
_CLAUSE = rf"[,;(]?\s*\b(?:{_GROUP}\s+{_PEOPLE})?(?:where|when|whose|with|if|given)\s+(?P<c>[^,?]+?)"
WHERE = (
    re.compile(rf"{_CLAUSE}{_IS}{_VALUE}{_END}", re.I),
    re.compile(rf"[,;(]?\s*\b{_GROUP}\s+{_PEOPLE}(?P<c>[^,?]+?)\s*={{1,2}}\s*{_VALUE}{_END}", re.I),
)
_STARTS = re.compile(
    r"[,;(]?\s*\b(?:among|amongst|for|in|within|where|when|whose|with|if|given|who\s+are|aged)\s+", re.I
)
_ENDS = re.compile(rf"\s*,?\s+(?:when\s+|after\s+)?{GIVEN}\s.+$|\s*\)?\s*[?.!]*$", re.I)
_NAME = r"(?P<g>(?:(?!\b(?:among|amongst|for|in|within|on|of)\b)[^,?])+?)"
AMONG = re.compile(
    rf"(?<!\bthan)[,;(]?\s*(?<!\bthan )\b{_GROUP}\s+{_PEOPLE}(?:who\s+are\s+)?{_NAME}(?:\s+only|\s+alone)?{_THEN}",
    re.I,
)
LEADING = re.compile(
    rf"^(?:(?:only|just)\s+)?{_GROUP}\s+{_PEOPLE}(?P<g>[^,?]+?)(?:\s+only)?\s*,\s+(?P<rest>.+)$", re.I
)
_COMPARES = re.compile(
    r"\b(?:larger|stronger|bigger|greater|smaller|weaker|higher|lower|more|less|different|differently|same|equal(?:ly)?"
    r"|differ|vary|change)\s*$",
    re.I,
)
EFFECT_KINDS = ("effect", "subgroups")


@dataclass(frozen=True)
class Grouped:
    """A sentence without the clause that names one group, and that group: a column and its value."""

    sentence: str
    among: tuple[str, ...] = ()

    def upon(self, question: Question) -> Question:
        """The question limited to the group, where it asks for an effect."""
        if not self.among or question.kind not in EFFECT_KINDS:
            return question
        others = tuple(m for m in question.modifiers if m != self.among[0])
        return replace(question, kind="subgroups", modifiers=(self.among[0], *others), among=self.among)


def split(sentence: str, words: Vocabulary, profile: Profile, knowledge: Knowledge) -> Grouped:
    """Take out a clause that names one group of rows; only clauses that name a level of a column, or bounds, count.

    Raises:
        UsageError: two groups at once, or bounds between which no row lies.
    """
    if m := LEADING.match(sentence):
        _refuse_two(m["g"], words, profile, knowledge)
        if found := _level(m["g"], profile, knowledge) or bounded(m["g"], words, profile, knowledge):
            return Grouped(m["rest"], found)
    for pattern in WHERE:
        if (m := pattern.search(sentence)) and (found := _equal(m["c"], m["v"], words, profile, knowledge)):
            return Grouped(sentence[: m.start()] + m["end"], found)
    for m in AMONG.finditer(sentence):
        if _COMPARES.search(sentence[: m.start()]):
            continue  # "is the effect larger in rural areas?" is about all rows
        if found := _level(m["g"], profile, knowledge):
            return Grouped(sentence[: m.start()] + (m["then"] or m["end"]), found)
    return _bounded(sentence, words, profile, knowledge) or Grouped(sentence)


def _bounded(sentence: str, words: Vocabulary, profile: Profile, knowledge: Knowledge) -> Grouped | None:
    """The sentence without a clause that limits rows by a number: "for people over 50", "where income is below 30"."""
    for m in _STARTS.finditer(sentence):
        if _COMPARES.search(sentence[: m.start()]):
            continue
        end = next(e for e in _ENDS.finditer(sentence, m.end()))
        clause = sentence[m.end() : end.start()]
        said = f"aged {clause}" if m[0].split()[-1].lower() == "aged" else clause
        _refuse_two(clause, words, profile, knowledge)
        if found := bounded(said, words, profile, knowledge):
            return Grouped(sentence[: m.start()] + sentence[end.start() :], found)
    return None


def _refuse_two(clause: str, words: Vocabulary, profile: Profile, knowledge: Knowledge) -> None:
    """Refuse two conditions joined by "and": a group is the rows of one of them."""
    parts = re.split(r"\s+and\s+(?:who\s+are\s+|whose\s+|where\s+)?", clause)
    if len(parts) != 2:
        return
    made = [bounded(p, words, profile, knowledge) or _condition(p, words, profile, knowledge) for p in parts]
    found = [x or _level(p, profile, knowledge) for x, p in zip(made, parts, strict=True)]
    if any(made) and all(found):
        raise UsageError(
            f"{clause!r} is two conditions, and a group is made by one",
            f"ask for one: where {parts[0]}; for rows that meet both, open a table that holds them only",
        )


_IS_VALUE = re.compile(rf"(?P<c>.+?){_IS}{_VALUE}", re.I)


def _condition(words_of: str, words: Vocabulary, profile: Profile, knowledge: Knowledge) -> tuple[str, ...]:
    m = _IS_VALUE.fullmatch(words_of.strip())
    return _equal(m["c"], m["v"], words, profile, knowledge) if m else ()


def _level(words: str, profile: Profile, knowledge: Knowledge) -> tuple[str, ...]:
    """A column and a label or bound that words mean; a two-valued column's own name means its larger value."""
    bare = clean_phrase(words)
    for said in dict.fromkeys((bare, *_without_noun(bare, profile))):
        if found := level_named(said, profile, knowledge):
            return found
    for column in profile.columns:
        if column.type == "binary" and column.name.lower() in (bare.lower(), bare.lower().rstrip("s")):
            labels = sorted(label for label, _ in column.levels)
            if labels in (["0", "1"], ["False", "True"], ["false", "true"]):
                return (column.name, labels[1])
    return ()


_SORTS = re.compile(
    r"\s+(?:people|persons?|patients?|customers?|users?|individuals?|cases?|subjects?|clients?|households?|famil(?:y|ies)"
    r"|areas?|places?|rows?|units?|ones?|groups?|members?|workers?|students?|participants?|respondents?)$",
    re.I,
)


def _without_noun(words: str, profile: Profile) -> Iterator[str]:
    """A label without the noun after it: "rural areas", "urban regions" where ``Region`` is the column."""
    if (m := _SORTS.search(words)) and m.start():
        yield words[: m.start()]
    label, _, noun = words.rpartition(" ")
    if label and any(stems(noun) & stems(c.name) for c in profile.columns):
        yield label


def _equal(
    column: str, value: str, words: Vocabulary, profile: Profile, knowledge: Knowledge
) -> tuple[str, ...]:
    try:
        name = words.one(column)
    except ColumnNotFound:
        return ()
    asked = value.strip("`'\"")
    labels = {label.lower(): label for label, _ in profile.column(name).levels}
    if asked.lower() in labels:
        return (name, labels[asked.lower()])
    meant = level_named(asked, profile, knowledge)
    return meant if meant and meant[0] == name else ()


def read(
    slots: Mapping[str, str],
    sentence: str,
    closed: bool,
    words: Vocabulary,
    profile: Profile,
    knowledge: Knowledge,
) -> Question | None:
    """The question of a row of kind ``subgroups``; ``None`` where its words after "by" name nothing.

    Raises:
        ColumnNotFound: the treatment or the outcome fits no column.
    """
    named = slots.get("by", "")
    modifiers = columns_of(named, words, profile, knowledge) if named else ()
    if named and not modifiers:
        return None
    a = words.one(slots["a"])
    b = words.one(slots["b"]) if "b" in slots else None
    if a == b:
        return None
    kept = tuple(m for m in modifiers if m not in (a, b))
    if named and not kept:
        return None
    question = Question("subgroups", treatment=a, outcome=b, modifiers=kept, goal=goal_of(sentence))
    return (
        _closed(question, named, sentence, words, profile, knowledge)
        if closed or _THERE.match(sentence)
        else question
    )


_THERE = re.compile(r"^(?:is|are|was|were)\s+there\b", re.I)
_SIZED = re.compile(
    r"\b(?:larger|stronger|bigger|greater|higher|more|smaller|weaker|lower|less)\s+(?:strongly\s+|pronounced\s+)?"
    r"(?:for|in|among|amongst|with|on)\s+[^?.!]+",
    re.I,
)
_SAME = re.compile(r"\b(?:same|equal|equally|constant|homogeneous)\b|\bjust\s+as\s+much\b", re.I)
_MORE = re.compile(r"\b(?:more|larger|stronger|bigger|greater|higher)\b(?!\s+(?:than\s+)?zero)", re.I)
_LESS = re.compile(r"\b(?:less|smaller|weaker|lower|fewer)\b", re.I)


def _closed(
    question: Question, named: str, sentence: str, words: Vocabulary, profile: Profile, knowledge: Knowledge
) -> Question:
    """A question that wants yes or no: whether the effect is the same, or larger in one group than in another."""
    question = replace(question, closed=True, negated=bool(_SAME.search(sentence)))
    first = re.split(r"\s+than\s+", named, maxsplit=1)
    group = _level(first[0], profile, knowledge) or bounded(first[0], words, profile, knowledge)
    if named and not group and (m := _SIZED.search(sentence)):
        raise UsageError(
            f"which rows {m[0]!r} means was not understood",
            "name them by a value or a bound: larger where COLUMN is above NUMBER? or ask: does it differ by COLUMN?",
        )
    if not group or (len(first) == 1 and re.search(r",|\band\b|\bor\b", named)):
        return question
    word = "less" if _LESS.search(sentence) else "more" if _MORE.search(sentence) else ""
    return replace(question, among=(*group, word)) if word else question


def columns_of(phrase: str, words: Vocabulary, profile: Profile, knowledge: Knowledge) -> tuple[str, ...]:
    """Columns that a list names, by their names or by their levels ("men and women"); empty where a part names none."""
    out: list[str] = []
    for part in re.split(
        r"\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|versus|vs\.?|than(?:\s+(?:for|in|among))?)\s+|\s*&\s*", phrase
    ):
        bare = clean_phrase(
            re.sub(
                r"^(?:different|each|every|levels?\s+of|values?\s+of|groups?\s+of)\s+",
                "",
                part.strip(),
                flags=re.I,
            )
        )
        if not bare:
            continue
        level = _level(bare, profile, knowledge) or bounded(bare, words, profile, knowledge)
        try:
            out.append(level[0] if level else words.one(bare))
        except ColumnNotFound:
            return ()
    return tuple(dict.fromkeys(out))


_LOWER = re.compile(
    r"\bto\s+(?:\w+ly\s+)?(?:reduce|lower|cut|decrease|minimi[sz]e|prevent|avoid|shrink|lessen|limit|bring\s+down)\b",
    re.I,
)
_RAISE = re.compile(
    r"\bto\s+(?:\w+ly\s+)?(?:raise|increase|boost|improve|maximi[sz]e|grow|lift|promote|bring\s+up)\b", re.I
)


def goal_of(sentence: str) -> Literal["", "raise", "lower"]:
    """``raise`` or ``lower`` where the sentence says which outcome is wanted, else empty."""
    return "lower" if _LOWER.search(sentence) else "raise" if _RAISE.search(sentence) else ""
