"""How people ask a structural model: what if a column were set, why one row is odd, why a mean has changed.

The row (``in row 17``, ``for id = A12``) and the setting (``if price were 5``) are taken out of the sentence first;
what is left says which column is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from causalcopilot.agent.language.acts import IF as _IF
from causalcopilot.agent.language.acts import Act, act_of, act_on_all
from causalcopilot.agent.language.acts import compiled as _p
from causalcopilot.agent.language.columns import Vocabulary, clean_phrase
from causalcopilot.agent.language.contrasts import expected_way, read_value
from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import ColumnNotFound, UsageError

_Y = r"(?:the\s+)?(?:(?:mean|average|expected|distribution|value|level)\s+(?:value\s+)?(?:of\s+)?(?:the\s+)?)?(?P<y>[^,;?!]+?)"
_WOULD = r"(?:would|will|should|could|might)"
WHAT_IF = _p(
    rf"^what\s+{_WOULD}\s+{_Y}\s+(?:have\s+been|be|become|look\s+like|average)(?:\s+like)?(?:\s+on\s+average)?\s*,?\s+(?P<set>{_IF}\s+.+)$",
    rf"^(?P<set>(?:if|had|suppos\w+|assuming|with|under|when)\s+.+?)\s*,\s*(?:then\s+)?what\s+{_WOULD}\s+{_Y}\s+(?:have\s+been|be|become|average)(?:\s+on\s+average)?$",
    rf"^had\s+(?P<x0>.+?)\s+(?P<set>been\s+.+?)\s*,\s*what\s+{_WOULD}\s+{_Y}\s+(?:have\s+been|be)$",
    rf"^what\s+if\s+(?P<set>.+?)\s*[,:;]\s*(?:then\s+)?(?:what\s+(?:about|of|would|is)\s+|how\s+about\s+)?{_Y}(?:\s+be|\s+have\s+been|\s+then)?$",
    rf"^what\s+(?:is|would\s+be)\s+(?:the\s+)?(?:mean|average|expected\s+value|expectation|distribution)\s+of\s+(?P<y>[^,;?!]+?)\s+(?P<set>(?:{_IF}\s+.+|do\s*\(.+\)))$",
    r"^e\s*[\[(]\s*(?P<y>[^|]+?)\s*\|\s*(?P<set>do\s*\(.+?\))\s*[\])]$",
    rf"^(?:predict|simulate|compute|estimate|give|tell\s+me|show|what\s+is)\s+(?:me\s+)?{_Y}\s+(?P<set>(?:under|if|for|with|given|at)\s+(?:an?\s+)?(?:intervention\s+)?do\s*\(.+\))$",
    rf"^(?:predict|simulate)\s+{_Y}\s+(?P<set>(?:if|had|under|when|with)\s+.+)$",
    rf"^how\s+(?:high|low|large|big|much)\s+{_WOULD}\s+{_Y}\s+(?:have\s+been|be)\s+(?P<set>{_IF}\s+.+)$",
    rf"^what\s+(?:value|level|mean|average)\s+of\s+(?P<y>[^,;?!]+?)\s+{_WOULD}\s+(?:we|i|you|one)\s+(?:see|get|have|expect|find|have\s+seen)\s+(?P<set>{_IF}\s+.+)$",
)
HAPPENS = re.compile(
    rf"^(?:what\s+{_WOULD}\s+happen\s+to|(?P<now>what\s+happens\s+to)|how\s+{_WOULD})\s+{_Y}(?:\s+(?:change|differ|be|respond|react))?\s*,?\s+(?P<set>{_IF}\s+.+)$",
    re.I,
)
"""What happens where a cause is set to one value: the level that follows, as there is nothing to compare with."""
_ROW = r"(?:row|line|record|observation|case|entry)\s*(?:number|no\.?|nr\.?|#)?\s*(?P<row>\d+)"
ROWS = _p(
    rf"\s*,?\s*\b(?:for|in|of|at|on)\s+(?:the\s+)?{_ROW}\b(?:\s+of\s+the\s+(?:table|data))?",
    rf"\b{_ROW}(?:'s|’s)\s+",
    r"\s*,?\s*\b(?:for|in|of|at|on|where|with)\s+(?:the\s+(?:row|one)\s+(?:with|where)\s+)?(?P<column>[^\s,;?!=]+(?:\s[^\s,;?!=]+){0,2}?)\s*(?:=|:)\s*(?P<value>[`'\"“‘][^`'\"”’]+[`'\"”’]|[^\s,;?!]+)",
    r"\s*,?\s*\b(?:for|in|of|at|on)\s+(?:the\s+(?:row|one)\s+)?(?:where|whose|with|that\s+has)\s+(?P<column>[^\s,;?!=]+(?:\s[^\s,;?!=]+){0,2}?)\s*(?:=|:|\bis\b|\s)\s*(?P<value>[`'\"“‘][^`'\"”’]+[`'\"”’]|[^\s,;?!]+)",
)
_SO = r"(?:so|that|this|unusually|very|extremely|too|abnormally|exceptionally|such)"
_ODD = r"(?P<odd>high|low|large|small|big|little|extreme|odd|strange|unusual|far\s+off|different|anomalous|long|short|bad|good)"
_EVENT = r"(?:anomal(?:y|ies|ous)|outlier|spike|peak|dip|drop|jump|surge|extreme|deviation|odd\s+value|unusual\s+value|value)"
ANOMALY = _p(
    rf"^why\s+(?:is|was|were|are|did)\s+(?P<y>.+?)\s+(?:{_SO}\s+)?{_ODD}$",
    r"^why\s+(?:is|was|were|are)\s+(?P<y>.+?)\s+(?:an?\s+)?(?:anomal\w+|outlier)$",
    r"^why\s+(?:did|does|has)\s+(?P<y>.+?)\s+(?P<odd>spiked?|jump(?:ed)?|surged?|peak(?:ed)?|drop(?:ped)?|f[ae]ll(?:en)?|dip(?:ped)?|crash(?:ed)?|deviate[ds]?)(?:\s+so\s+\w+)?$",
    rf"^(?:what|which\s+\w+)\s+(?:caused|causes|explains?|explained|drove|drives|made|is\s+behind|was\s+behind|is\s+responsible\s+for|led\s+to|is\s+to\s+blame\s+for)\s+(?:the\s+|this\s+|that\s+)?(?:{_SO}\s+)?(?:{_ODD}\s+)?(?:(?P<event>{_EVENT})\s+(?:of|in|for)\s+)?(?:the\s+)?(?P<y>.+?)(?:\s+to\s+be)?(?:\s+{_SO})?(?:\s+(?P<odd2>high|low|large|small|extreme|odd|unusual))?(?:\s+(?:anomaly|outlier|spike|value|peak|dip))?$",
    rf"^(?:what\s+(?:is|was|are|were)\s+)?(?:the\s+)?(?:root\s+)?causes?\s+(?:of|for|behind)\s+(?:the\s+|this\s+)?(?:{_ODD}\s+)?(?:(?P<event>{_EVENT})\s+(?:of|in|for)\s+)?(?:the\s+)?(?P<y>.+?)(?:\s+(?:anomaly|outlier|spike|value))?$",
    rf"^(?:explain|attribute|diagnose|decompose)\s+(?:the\s+)?(?:{_ODD}\s+)?(?:(?P<event>{_EVENT})\s+(?:of|in|for)\s+)?(?:the\s+)?(?P<y>.+?)(?:\s+(?:anomaly|outlier|spike|value))?$",
)
_A = r"(?P<a>[`'\"“‘][^`'\"”’]+[`'\"”’]|[^,;?!]+?)"
_B = r"(?P<b>[`'\"“‘][^`'\"”’]+[`'\"”’]|[^,;?!]+?)"
_SPAN = rf"(?:between\s+(?P<kind>.+?\s+)??{_A}\s+(?:and|vs\.?|versus)\s+{_B}|from\s+(?P<kind2>.+?\s+)??{_A.replace('<a>', '<a2>')}\s+to\s+{_B.replace('<b>', '<b2>')})(?:\s+(?:in|of|by)\s+(?:the\s+)?(?:column\s+)?(?P<column>[^,;?!]+?))?"
_MOVED = r"(?:chang\w*|drop\w*|f[ae]ll\w*|r[io]se\w*|increas\w*|decreas\w*|declin\w*|gr[eo]w\w*|differ\w*|shift\w*|jump\w*|go(?:es)?\s+(?:up|down)|went\s+(?:up|down)|mov\w*|shr[aiu]nk|improv\w*|worsen\w*|surg\w*)"
_CHANGE = r"(?:change|drop|fall|rise|increase|decrease|decline|growth|difference|shift|jump|gap|move)"
CHANGE = _p(
    rf"^why\s+(?:did|does|do|has|have|is|was)\s+(?:the\s+)?(?:mean\s+of\s+|average\s+(?:of\s+)?)?(?P<y>.+?)\s+{_MOVED}(?:\s+so\s+much)?\s+{_SPAN}$",
    rf"^why\s+(?:is|was|are|were)\s+(?:the\s+)?(?:mean\s+of\s+|average\s+(?:of\s+)?)?(?P<y>.+?)\s+(?:so\s+much\s+)?(?:different|differs?)\s+{_SPAN}$",
    rf"^(?:what|which\s+\w+)\s+(?:caused|causes|explains?|explained|drove|drives|is\s+behind|was\s+behind|led\s+to|accounts\s+for|(?:is|are)\s+responsible\s+for)\s+(?:the\s+)?{_CHANGE}\s+(?:of|in)\s+(?:the\s+)?(?:mean\s+of\s+)?(?P<y>.+?)\s+{_SPAN}$",
    rf"^(?:what|which\s+(?:\w+\s+)?(?:mechanisms?|columns?|variables?|causes?))\s+(?:made|makes)\s+(?P<y>.+?)\s+{_MOVED}\s+{_SPAN}$",
    rf"^(?:attribute|explain|decompose|break\s+down)\s+(?:the\s+)?{_CHANGE}\s+(?:of|in)\s+(?:the\s+)?(?:mean\s+of\s+)?(?P<y>.+?)\s+{_SPAN}$",
    rf"^(?:root\s+)?causes\s+of\s+(?:the\s+)?{_CHANGE}\s+(?:of|in)\s+(?P<y>.+?)\s+{_SPAN}$",
    r"^why\s+(?:is|was|are|were)\s+(?:the\s+)?(?:mean\s+of\s+|average\s+(?:of\s+)?)?(?P<y>.+?)\s+(?:so\s+much\s+)?(?:higher|lower|larger|smaller|more|less|greater|bigger)\s+(?:(?:in|for|at|on|with|among)\s+)?(?P<kind>.+?\s+)??(?P<b>[^,;?!]+?)\s+than\s+(?:in|for|at|on|with|among)?\s*(?P<kind2>.+?\s+)??(?P<a>[^,;?!]+?)$",
)
ARROWS = _p(
    r"^how\s+strong\s+(?:is|are)\s+(?:the\s+|each\s+)?(?:arrows?|direct\s+causes?|direct\s+effects?|edges?|links?|parents?)\s+(?:in)?to\s+(?P<y>.+?)$",
    r"^how\s+strong\s+(?:is|are)\s+(?:the\s+|each\s+)?(?:direct\s+causes?|parents?|direct\s+drivers?)\s+of\s+(?P<y>.+?)$",
    r"^(?:what\s+(?:is|are)\s+)?(?:the\s+)?(?:arrow\s+strengths?|strengths?\s+of\s+(?:the\s+|each\s+)?(?:arrows?|edges?|links?|direct\s+causes?|parents?))\s+(?:in)?(?:to|of|for)\s+(?P<y>.+?)$",
    r"^(?:which|what)\s+(?:is\s+the\s+)?(?:strongest\s+)?(?:direct\s+cause|parent|arrow|direct\s+driver)\s+(?:of|into)\s+(?P<y>.+?)\s+(?:is\s+)?(?:the\s+)?(?:strongest|matters\s+most)$",
    r"^(?:which|what)\s+(?:is|are)\s+the\s+strongest\s+(?:direct\s+causes?|parents?|arrows?|direct\s+drivers?)\s+(?:of|into)\s+(?P<y>.+?)$",
    r"^rank\s+(?:the\s+)?(?:direct\s+causes?|parents?|arrows?)\s+(?:of|into)\s+(?P<y>.+?)(?:\s+by\s+strength)?$",
)
_FROM_TO = re.compile(r"\bfrom\s+\S+(?:\s+\S+)?\s+to\s+\S|\b(?:instead\s+of|rather\s+than)\b", re.I)


@dataclass(frozen=True)
class _Row:
    """The row that a sentence names, and the sentence without it."""

    sentence: str
    row: Scalar = None
    column: str | None = None


def suppose(sentence: str, words: Vocabulary, profile: Profile) -> Question | None:
    """The question to a structural model that a sentence asks, or ``None`` where it asks another kind.

    Raises:
        ColumnNotFound: words fit no column, or several.
        UsageError: a setting in percent, or groups that fit no column or several.
    """
    bare = sentence.strip().rstrip("?.! ").strip()
    found = _row(bare, words, profile)
    if found.row is not None:
        return _about_row(found, words, profile)
    return (
        _supposed(bare, words, profile)
        or _happens(bare, words, profile)
        or _change(bare, words, profile)
        or _arrows(bare, words)
    )


def _row(sentence: str, words: Vocabulary, profile: Profile) -> _Row:
    for name in profile.identifiers:  # "for Order ID 17"
        spelled = r"[\s_\-]*".join(map(re.escape, re.split(r"[\s_\-]+", name)))
        own = rf"\s*,?\s*\b(?:for|in|of|at|on)\s+(?:the\s+)?{spelled}\s*[:=]?\s*[`'\"]?(?P<value>\d[\w-]*)[`'\"]?\s*,?(?=\s|$)"
        if m := re.search(own, sentence, re.I):
            left = f"{sentence[: m.start()]} {sentence[m.end() :]}".strip(" ,")
            return _Row(re.sub(r"\s+", " ", left), read_value(m["value"]), name)
    for pattern in ROWS:
        for m in pattern.finditer(sentence):
            parts = m.groupdict()
            left = (
                sentence[: m.start()] + (" " if parts.get("row") and m.start() else "") + sentence[m.end() :]
            ).strip(" ,")
            left = re.sub(r"\s+", " ", left)
            if parts.get("row"):
                return _Row(left, int(parts["row"]))
            if not _supposes(sentence[: m.start("column")], sentence[m.start() :]):
                try:
                    column = words.one(parts["column"])
                except ColumnNotFound:
                    continue
                return _Row(left, read_value(parts["value"]), column)
    return _Row(sentence)


def _supposes(before: str, clause: str) -> bool:
    """Whether ``x = 5`` is what is supposed, and not what names the row."""
    return bool(re.match(r"\s*,?\s*(?:with|at)\b", clause, re.I)) or bool(
        re.search(r"\bif\s*$", before, re.I)
    )


def _about_row(found: _Row, words: Vocabulary, profile: Profile) -> Question | None:
    supposed = _supposed(found.sentence, words, profile)
    if supposed is not None:
        return replace(supposed, kind="counterfactual", row=found.row, row_column=found.column)
    for pattern in ANOMALY:
        if m := pattern.match(found.sentence):
            parts = m.groupdict()
            odd = str(parts.get("odd") or parts.get("odd2") or parts.get("event") or "").lower()
            y = words.one(parts["y"])
            return Question("anomaly", outcome=y, expects=_side(odd), row=found.row, row_column=found.column)
    return None


def _side(odd: str) -> Literal[-1, 0, 1]:
    if re.match(r"high|large|big|long|spike|jump|surge|peak", odd):
        return 1
    return -1 if re.match(r"low|small|little|short|drop|f[ae]ll|dip|crash", odd) else 0


def _supposed(sentence: str, words: Vocabulary, profile: Profile) -> Question | None:
    for asked, clause in _suppositions(sentence):
        made = act_on_all(clause, words, profile) or act_of(clause, words)
        if made is not None:
            return supposition(made, _outcome(asked, words, made.column))
    return None


def supposition(act: Act, outcome: str) -> Question:
    """The question what an outcome would be after something is done to a cause."""
    contrast = None if act.value is None else Contrast(None, act.value)
    return Question(
        "what_if",
        treatment=act.column,
        outcome=outcome,
        contrast=contrast,
        shift=act.shift,
        factor=act.factor,
    )


def _happens(sentence: str, words: Vocabulary, profile: Profile) -> Question | None:
    """The level that follows where a cause is set or multiplied; by how much it changes is an effect."""
    m = None if _FROM_TO.search(sentence) else HAPPENS.match(sentence)
    made = (act_on_all(m["set"], words, profile) or act_of(m["set"], words)) if m else None
    if m is None or made is None or made.shift is not None or made.by or isinstance(made.value, str):
        return None
    if m["now"] and made.factor is None:
        return None  # "what happens to B if A is 5" compares with what is now
    return supposition(made, _outcome(m["y"], words, made.column))


def _suppositions(sentence: str) -> Iterator[tuple[str, str]]:
    """Readings of a what-if sentence: the words for the outcome and the clause that sets a cause."""
    if _FROM_TO.search(sentence):
        return
    for pattern in WHAT_IF:
        if m := pattern.match(sentence):
            inverted = m.groupdict().get("x0")  # "had price been 5"
            yield m["y"], f"{inverted} had {m['set']}" if inverted else m["set"]


def _outcome(asked: str, words: Vocabulary, cause: str) -> str:
    y = words.one(asked)
    if y == cause:
        raise UsageError(f"{y!r} cannot be both what is set and what responds", "name two different columns")
    return y


def _arrows(sentence: str, words: Vocabulary) -> Question | None:
    for pattern in ARROWS:
        if m := pattern.match(sentence):
            return Question("arrows", outcome=words.one(m["y"]))
    return None


def _change(sentence: str, words: Vocabulary, profile: Profile) -> Question | None:
    for pattern in CHANGE:
        if not (m := pattern.match(sentence)):
            continue
        parts = m.groupdict()
        a, b = parts.get("a") or parts.get("a2"), parts.get("b") or parts.get("b2")
        if not a or not b:
            continue
        y = words.one(parts["y"])
        said = parts.get("column") or parts.get("kind") or parts.get("kind2")
        column, first, second = _groups(a, b, said, y, words, profile)
        contrast = Contrast(first, second)
        return Question(
            "change",
            outcome=y,
            given=(column,),
            contrast=contrast,
            expects=expected_way(_without(sentence, y)),
        )
    return None


def _without(sentence: str, name: str) -> str:
    """The sentence without a column's name, which may hold a word for a direction."""
    return re.sub(re.escape(name), " ", sentence, flags=re.I)


def _groups(
    a: str, b: str, said: str | None, outcome: str, words: Vocabulary, profile: Profile
) -> tuple[str, Scalar, Scalar]:
    """The column that tells two groups apart, and their values in it.

    Raises:
        UsageError: no column holds both, or several do.
    """
    if said is None:
        head, _, rest = a.strip().partition(" ")  # "region north and south", "period 1 and period 2"
        if rest and words.find(head):
            said, a = head, rest
    named = words.one(said) if said else None
    if named and b.lower().startswith(f"{clean_phrase(str(said)).lower()} "):
        b = b[len(clean_phrase(str(said))) + 1 :]
    first, second = read_value(clean_phrase(a)), read_value(clean_phrase(b))
    if named is not None:
        return named, first, second
    fitting = [
        c.name for c in profile.columns if c.name != outcome and _holds(profile, c.name, first, second)
    ]
    if len(fitting) == 1:
        return fitting[0], first, second
    if fitting:
        raise UsageError(
            f"{first} and {second} could be values of {' or '.join(map(repr, fitting[:4]))}",
            f"name the column: between {fitting[0]} {first} and {second}",
        )
    raise UsageError(
        f"no column is known to hold both {first} and {second}",
        f"name the column: between COLUMN {first} and {second}",
    )


def _holds(profile: Profile, name: str, first: Scalar, second: Scalar) -> bool:
    column = profile.column(name)
    if column.storage == "date":
        since, until = str(column.minimum or ""), str(column.maximum or "9")
        return all(
            re.match(r"^\d{4}(?:-\d\d){0,2}$", str(v)) and since[: len(str(v))] <= str(v) <= until
            for v in (first, second)
        )
    labels = {label.lower() for label, _ in column.levels}
    if labels:
        return {str(first).lower(), str(second).lower()} <= labels
    timely = re.search(r"year|month|quarter|week|period|wave|time|date|day|phase", name, re.I)
    low, high = column.minimum, column.maximum
    numbers = (
        all(isinstance(v, int) for v in (first, second))
        and isinstance(low, int | float)
        and isinstance(high, int | float)
    )
    return bool(timely) and numbers and all(low <= v <= high for v in (first, second))  # type: ignore[operator]
