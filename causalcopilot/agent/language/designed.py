"""How people name a design: ``using nearc4 as an instrument``, ``at the cutoff of 0 in margin``, ``in a trial``.

The clause is taken out of the sentence, so that the rest can be read as a plain question about an effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.domain.question import Design, Question
from causalcopilot.errors import ColumnNotFound

_WORDS = r"[^,;?!()]+?"
_LIST = r"[^;?!()]+?"
_END = r"(?=\s*(?:[,;?!.)]|$|\b(?:and\s+)?(?:for|adjust\w*|controlling|given|holding|when|if|from|on|weight\w*|cluster\w*)\b))"
_NUMBER = r"(?P<c>[-−+]?\d+(?:[.,]\d+)*)"
_A = r"(?:an?\s+|the\s+|our\s+|my\s+|its\s+)?"
_LIMIT = r"(?:cut-?\s?off|threshold)(?:\s+(?:point|value|score))?"
_AT = r"(?:\s*(?:of|at|is|=|:))?\s*"
_OPEN = r"[,;(]?\s*\b"
_SHUT = r"\s*[,)]?"
_IV = r"(?:instrumental[-\s]variables?|iv|2sls|two[-\s]stage\s+least\s+squares)"
_RD = r"(?:regression[-\s]discontinuity|rdd?)(?:\s+(?:design|analysis))?"
_RUNNING = r"(?:running|forcing|assignment|score)\s+variable"
_DID = r"(?:differences?[-\s]in[-\s]differences?|diff[-\s]in[-\s]diffs?|did)(?:\s+(?:design|analysis|approach|estimator))?"
_RANDOM = r"randomi[sz]ed|randomly\s+(?:assigned|allocated|drawn|given|chosen|selected)|(?:assigned|allocated|drawn|given|chosen|handed)(?:\s+out)?\s+(?:randomly|at\s+random|by\s+(?:lot|lottery|chance|coin))"


def _p(*texts: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(t, re.I) for t in texts)


INSTRUMENT = _p(
    rf"{_OPEN}(?:using|use|with|taking|treating|where|and|if|when)\s+(?P<z>{_LIST})\s+(?:as|is|are|being|serves\s+as|serving\s+as)\s+{_A}(?:instruments?|instrumental\s+variables?)(?:\s+for\s+\w+(?=\s*(?:[,;?!.)]|$)))?{_SHUT}",
    rf"{_OPEN}(?:using|use)\s+(?P<z>{_WORDS})\s+to\s+instrument(?:\s+for)?(?:\s+\w+)?{_SHUT}(?=\s|[?.!]|$)",
    rf"{_OPEN}instrument(?:ed|ing)(?:\s+(?:for\s+)?(?!by|with|using|through)\w+)?\s+(?:by|with|using|through)\s+(?P<z>{_WORDS}){_END}{_SHUT}",
    rf"{_OPEN}(?:using|with|via|by|through|from)\s+{_A}instruments?\s+(?P<z>{_WORDS}){_END}{_SHUT}",
    rf"{_OPEN}(?:(?:using|by|via|with|in)\s+)?{_A}{_IV}(?:\s+(?:regression|estimation|estimate|analysis))?\s+(?:with|using|through|by)\s+(?P<z>{_WORDS}){_END}{_SHUT}",
    rf"{_OPEN}(?:the\s+)?instruments?\s*(?:is|are|=|:)\s*(?P<z>{_WORDS}){_END}{_SHUT}",
)
CUTOFF = _p(
    rf"{_OPEN}(?:(?:at|around|near|using|with|by|from|across|and)\s+)?{_A}(?:{_LIMIT}|discontinuity|jump){_AT}{_NUMBER}\s+(?:in|of|on|for|along)\s+(?P<r>{_WORDS}){_END}{_SHUT}",
    rf"{_OPEN}(?:with|using|taking|where)\s+(?P<r>{_WORDS})\s+(?:as|is)\s+{_A}{_RUNNING}\s*(?:,|and|with|at)?\s*(?:and\s+|with\s+)?{_A}(?:{_LIMIT})?{_AT}{_NUMBER}{_SHUT}",
    rf"{_OPEN}(?:when|where|as|once|if)\s+(?P<r>{_WORDS})\s+(?:crosses|passes|reaches)\s+{_A}(?:{_LIMIT})?{_AT}{_NUMBER}{_SHUT}",
    rf"{_OPEN}(?:with\s+)?{_A}{_RUNNING}\s*(?:is|=|:)?\s*(?P<r>{_WORDS})\s*[,;]?\s*(?:and\s+|with\s+)?{_A}{_LIMIT}{_AT}{_NUMBER}{_SHUT}",
    rf"{_OPEN}(?:(?:by|using|with|in|via)\s+)?{_A}(?:sharp\s+|fuzzy\s+)?{_RD}\s+(?:in|on|of|with|using|along)\s+(?P<r>{_WORDS})\s+(?:at|around|with|and)\s+{_A}(?:{_LIMIT})?{_AT}{_NUMBER}{_SHUT}",
    rf"{_OPEN}(?:at|around|near|across)\s+(?:the\s+)?(?P<r>\w[\w ]*?)\s+{_LIMIT}{_AT}{_NUMBER}{_SHUT}",
    rf"{_OPEN}just\s+(?:above|below|over|under)(?:\s+(?:and|versus|vs\.?|or)\s+(?:just\s+)?(?:above|below|over|under))?\s+{_A}(?:{_LIMIT})?{_AT}{_NUMBER}\s+(?:in|of|on)\s+(?P<r>{_WORDS}){_END}{_SHUT}",
)
PANEL = _p(
    rf"{_OPEN}(?:(?:by|using|with|in|via|from)\s+)?{_A}{_DID}\s+(?:with|over|across|on|for|by|between|of|in|using)\s+(?:the\s+)?(?:units?\s*(?:is|=|:)?\s*)?(?P<u>{_WORDS})\s+(?:and|over|by|across|,)\s+(?:the\s+)?(?:(?:time|periods?)\s*(?:is|=|:)?\s*)?(?P<t>{_WORDS}){_END}{_SHUT}",
    rf"{_OPEN}(?:(?:with|where|and|over|across)\s+)?(?:the\s+)?(?:panel\s+)?units?\s*(?:is|are|=|:)?\s*(?P<u>{_WORDS})\s*(?:,|;|and)\s*(?:the\s+)?(?:time|periods?)\s*(?:is|are|=|:)?\s*(?P<t>{_WORDS}){_END}{_SHUT}",
    rf"(?:{_OPEN}(?:in|using|with|over|from|as)\s+|[,;(]\s*)(?:an?\s+|the\s+|this\s+)?panel\s+(?:data\s+)?of\s+(?P<u>{_WORDS})\s+(?:over|by|across|and)\s+(?P<t>{_WORDS}){_END}{_SHUT}",
    rf"{_OPEN}(?:with|using|and)\s+(?P<u>{_WORDS})\s+and\s+(?P<t>{_WORDS})\s+fixed\s+effects{_SHUT}",
    rf"{_OPEN}(?:comparing|tracking|following)\s+(?P<u>{_WORDS})\s+(?:over|across|before\s+and\s+after\s+in)\s+(?P<t>{_WORDS}){_END}{_SHUT}",
)
FIXED = _p(
    rf"{_OPEN}(?:with|using|and|including|controlling\s+for|holding)\s+(?P<u>{_WORDS})(?:\s+(?:and|,)\s+(?P<t>{_WORDS}))?\s+(?:fixed\s+effects|dummies|effects\s+fixed){_SHUT}",
    rf"{_OPEN}(?:following|tracking|observing|within)\s+the\s+same\s+(?P<u>\w+)(?:\s+(?:over|across)\s+(?:time|(?:the\s+)?(?P<t>\w+)))?{_SHUT}",
)
"""Units compared with themselves, where the table must show what is not named."""
_MARK = r"(?:(?:the\s+)?(?:post[-\s]?)?(?:period|time|treatment\s+date)\s*(?:column|variable|indicator|dummy|mark)?\s*(?:is|=|:)?\s*)?"
PERIOD = _p(
    rf"{_OPEN}(?:comparing\s+)?before\s+(?:and|versus|vs\.?|with)\s+after\s+{_MARK}(?P<p>\w+){_SHUT}",
    rf"{_OPEN}(?:(?:with|and|where|using)\s+)?(?:the\s+)?(?:post[-\s]?)?(?:treatment\s+)?(?:period|time)\s*(?:column|variable|indicator|dummy|mark)?\s*(?:is|=|:)?\s+(?P<p>\w+){_SHUT}",
    rf"{_OPEN}(?:(?:with|using|taking|where|and)\s+)?(?P<p>\w+)\s+(?:as|is|being|marks|marking)\s+{_A}(?:(?:post[-\s]?)?(?:treatment\s+)?(?:periods?|time|after|before\s+and\s+after)|post(?:[-\s]treatment)?(?=\s+(?:col|var|ind|dum|mark)))(?:\s+(?:column|variable|indicator|dummy|mark))?{_SHUT}",
    rf"{_OPEN}(?:after|since|from|once)\s+{_MARK}(?P<p>\w+)(?:\s+(?:on|onwards?))?{_SHUT}",
)
"""The column that is 1 from the start of a treatment on; only beside a design that was named, but for the first."""
GROUP = _p(
    rf"{_OPEN}(?:(?:with|and|where|using|for|in)\s+)?(?:the\s+)?(?:treated|treatment|exposed|affected)\s+(?:group|units?|rows|\w+)\s*(?:column|is|are|=|:)?\s+(?P<g>\w+){_SHUT}",
)
NAMED_DID = _p(
    rf"\b{_DID}\s+(?:(?:estimates?|estimator|coefficient|results?)\s+(?:of|for)\s+)?(?=(?:the\s+)?(?:\w+\s+)?(?:effects?|impacts?|influence)\b)",
    rf"{_OPEN}(?:(?:by|using|use|with|in|via|from|apply|applying|run|running)\s+){_A}(?!did\b){_DID}(?:\s+to(?=\s+(?:estimate|find|tell|get)))?{_SHUT}",
)
RANDOMISED = _p(
    rf"{_OPEN}(?:in|from|using|with|by|during|of|under)\s+(?:an?|the|this|our|that)\s+(?:randomi[sz]ed(?:\s+(?:controlled|control|clinical|field))?\s+(?:experiment|trial|study|evaluation)|rct|a/b[-\s]test|(?:(?!natural|quasi|non)[\w-]+\s+){{0,2}}?experiment)\b{_SHUT}",
    rf"{_OPEN}(?:where|which|that|who|since|as|because|given\s+that|and|when)\s+(?:\w+\s+){{0,3}}?(?:was|were|is|are|got|has\s+been|had\s+been)\s+(?:{_RANDOM})\b{_SHUT}",
    rf"[,;(]\s*(?:{_RANDOM}|randomi[sz]ed\s+\w+|rct|a\s+randomi[sz]ed\s+\w+(?:\s+\w+)?)\s*(?=[,;)?!.]|$)\)?",
    rf"\b(?:{_RANDOM})\s+(?=\w)",
)
_NOT = re.compile(r"\b(?:not|never|n't|non|without|no)\b[\s-]*(?:\w+\s+){0,2}$", re.I)


@dataclass(frozen=True)
class Designed:
    """A sentence without the clause that names a design, and what that clause says."""

    sentence: str
    design: Design = "auto"
    instrument: str | None = None
    running: str | None = None
    cutoff: float | None = None
    time: str | None = None
    unit: str | None = None

    def upon(self, question: Question) -> Question:
        """The question with the design, where it asks for an effect."""
        if question.kind not in ("effect", "explore", "subgroups"):
            return question
        return replace(
            question,
            design=self.design if question.design == "auto" else question.design,
            instrument=question.instrument or self.instrument,
            running=question.running or self.running,
            cutoff=question.cutoff if question.cutoff is not None else self.cutoff,
            time=question.time or self.time,
            unit=question.unit or self.unit,
        )


def split(sentence: str, words: Vocabulary) -> Designed:
    """Take out the clause that names a design; only clauses whose words are columns count."""
    for pattern in INSTRUMENT:
        for match in _everywhere(pattern, sentence):
            named = _several(match["z"], words)
            if named:
                return Designed(_without(sentence, match), "iv", instrument=",".join(named))
    for pattern in CUTOFF:
        for match in pattern.finditer(sentence):
            running = _one(match["r"], words)
            if running:
                return Designed(_without(sentence, match), "rd", running=running, cutoff=_number(match["c"]))
    for pattern in PANEL:
        for match in pattern.finditer(sentence):
            unit, time = _one(match["u"], words), _one(match["t"], words)
            if unit and time and unit != time:
                did = re.search(_DID, match[0], re.I) is not None
                return Designed(_without(sentence, match), "did" if did else "auto", time=time, unit=unit)
    return _periods(_by_word(sentence), words) or _fixed(sentence, words) or _by_word(sentence)


def _everywhere(pattern: re.Pattern[str], sentence: str) -> Iterator[re.Match[str]]:
    """Matches from every place, also inside another: "with x fixed, using z as the instrument"."""
    at = 0
    while (match := pattern.search(sentence, at)) is not None:
        yield match
        at = match.start() + 1


def _fixed(sentence: str, words: Vocabulary) -> Designed | None:
    """Unit effects whose unit, time or both the table must show; a pair of columns was read as a panel before."""
    for pattern in FIXED:
        for match in pattern.finditer(sentence):
            unit = _one(match["u"], words)
            time = _one(match["t"], words) if match["t"] else None
            if re.search(r"fixed|same", match[0], re.I) or unit:
                return Designed(_without(sentence, match), "panel", unit=unit, time=time if unit else None)
    return None


def _periods(found: Designed, words: Vocabulary) -> Designed | None:
    """Four means: the column of the time before and after, and that of the group; ``None`` where neither is named."""
    sentence, time, unit = found.sentence, None, None
    for at, pattern in enumerate(PERIOD):
        match = next((m for m in pattern.finditer(sentence) if m["p"] in words.names), None)
        if match is not None and (at == 0 or found.design == "did"):
            sentence, time = _without(sentence, match), match["p"]
            break
    for pattern in GROUP if time or found.design == "did" else ():
        match = next((m for m in pattern.finditer(sentence) if m["g"] in words.names), None)
        if match is not None:
            sentence, unit = _without(sentence, match), match["g"]
    if not time or found.design not in ("auto", "did"):
        return None
    return replace(found, sentence=sentence, design="did", time=time, unit=unit)


def _by_word(sentence: str) -> Designed:
    """A design named without columns: randomisation, or differences whose unit and time the table must show."""
    for pattern in RANDOMISED:
        match = pattern.search(sentence)
        if match and not _NOT.search(sentence[: match.start()]) and not re.search(r"\bnot\b", match[0], re.I):
            return Designed(_without(sentence, match), "rct")
    for pattern in NAMED_DID:
        if match := pattern.search(sentence):
            return Designed(_without(sentence, match), "did")
    return Designed(sentence)


def _without(sentence: str, match: re.Match[str]) -> str:
    left, right = sentence[: match.start()].rstrip(" ,;("), sentence[match.end() :].lstrip(" ,;)")
    joined = f"{left} {right}".strip()
    return re.sub(r"\s+([?.!])", r"\1", re.sub(r"^(?:and|,)\s+", "", joined))


def _one(phrase: str, words: Vocabulary) -> str | None:
    try:
        return words.one(phrase)
    except ColumnNotFound:
        return None


def _several(phrase: str, words: Vocabulary) -> tuple[str, ...]:
    """Columns of a list, whose last noun may stand for all: "father's and mother's schooling"."""
    pieces = [p for p in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*", phrase.strip()) if p]
    head = pieces[-1].split()[-1] if pieces else ""
    for told in (phrase, ", ".join((*(f"{p} {head}" for p in pieces[:-1]), pieces[-1]))):
        try:
            return words.several(told)
        except ColumnNotFound:
            continue
    return ()


def _number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))
