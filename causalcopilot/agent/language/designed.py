"""How people name a design: ``using nearc4 as an instrument``, ``at the cutoff of 0 in margin``, ``in a trial``.

The clause is taken out of the sentence, so that the rest can be read as a plain question about an effect.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.domain.question import Design, Question
from causalcopilot.errors import ColumnNotFound

_WORDS = r"[^,;?!()]+?"
_END = r"(?=\s*(?:[,;?!.)]|$|\b(?:for|adjust\w*|controlling|given|holding|when|if|from|on|weight\w*|cluster\w*)\b))"
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
    rf"{_OPEN}(?:using|use|with|taking|treating|where|and|if|when)\s+(?P<z>{_WORDS})\s+(?:as|is|being|serves\s+as|serving\s+as)\s+{_A}(?:instruments?|instrumental\s+variables?)(?:\s+for\s+\w+(?=\s*(?:[,;?!.)]|$)))?{_SHUT}",
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
    rf"{_OPEN}(?:in|using|with|over|from)\s+(?:an?\s+|the\s+|this\s+)?panel\s+(?:data\s+)?of\s+(?P<u>{_WORDS})\s+(?:over|by|across|and)\s+(?P<t>{_WORDS}){_END}{_SHUT}",
    rf"{_OPEN}(?:with|using|and)\s+(?P<u>{_WORDS})\s+and\s+(?P<t>{_WORDS})\s+fixed\s+effects{_SHUT}",
    rf"{_OPEN}(?:comparing|tracking|following)\s+(?P<u>{_WORDS})\s+(?:over|across|before\s+and\s+after\s+in)\s+(?P<t>{_WORDS}){_END}{_SHUT}",
)
NAMED_DID = _p(
    rf"{_OPEN}(?:(?:by|using|use|with|in|via|from|apply|applying|run|running)\s+){_A}(?!did\b){_DID}(?:\s+to(?=\s+(?:estimate|find|tell|get)))?{_SHUT}"
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
        for match in pattern.finditer(sentence):
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
    return _by_word(sentence)


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
    try:
        return words.several(phrase)
    except ColumnNotFound:
        return ()


def _number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))
