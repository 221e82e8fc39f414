"""How people change one thing of the last question: one way of saying it a row; a row fits the whole sentence."""

from __future__ import annotations

import re

from causalcopilot.agent.language.redo_phrases import REDO

_LEAD = (
    r"(?:(?:and|now|but|then|also|or|the same|same|again|try(?: it)?|do it|once more|what about(?: it)?"
    r"|how about(?: it)?|what is it|is it the same|let's)[,:]? )*"
)
_HOLD = (
    r"(?:also )?(?:given|conditional(?:ly)? on|condition(?:ed|ing)? on|controlling(?: also)? for"
    r"|control(?:led)? for"
    r"|adjust(?:ed|ing)?(?: also)? for|holding|hold|keeping|keep|after accounting for|accounting for|with)"
)
_DROP = (
    r"(?:without|excluding|exclude|skip|omit|omitting|except for|leaving out|leave out|drop|dropping"
    r"|removing|remove|minus|except|ignoring|ignore"
    r"|(?:not|don't|do not) (?:adjust|control|condition)\w* (?:for|on))"
)
_SUPPOSE = (
    r"(?:what if|what happens if|what would happen if|what would happen with|suppose|imagine|assume|say|if"
    r"|when)"
)
_MOVE = (
    r"(?:(?:we|i|you|they|someone|everyone) (?:had )?(?:set|fix|put|make|change|move|raise|lower|bring)s? )?"
)
_TO = (
    r"(?: (?:were|was|is|are|be|equals?|becomes?|became|went|goes|had been|would be|rose|fell|rises|falls"
    r"|set|changed|raised|lowered|fixed|at|to|equal))+"
)
_ACTS = (
    r"(?:affect|influence|change|cause|matter for|act on|drive|raise|increase|boost|lower|decrease|reduce"
    r"|cut)"
)
_VALUE = r"(?P<value>[-−+]?\d[\d.,]*|[`'\"][^`'\"]+[`'\"]|\w+)(?: (?!instead)[a-z€$£%]{1,12})?"

_ALL = r"(?:everyone|everybody|all(?: of (?:them|us))?|each|people|they|we|he|she)"
_HAD = (
    r"(?: all)? (?:had(?: had)?|have|has|got|get|gets|took|take|takes|received|were given|was given|were"
    r" at|was at)"
)
_GOOD = r"(?:(?:good|valid|strong|suitable|usable|credible|proper|weak|bad) )*"

_CHANGES = (
    (
        "together",
        rf"{_LEAD}(?:(?:what )?(?:if|when|happens if|would happen if) )?(?:we |i )?(?:(?:also|both) )?"
        r"(?:(?:set|change|raise|move) )?(?:(?:it|that|this) )?(?:taken )?"
        r"(?:together|jointly|combined|along|at (?:the same time|once)|in combination) (?:with|as) (?P<columns>.+?)",
    ),
    (
        "instrument",
        rf"{_LEAD}(?:(?:can|could|may|should) (?:you|we|i) )?(?:(?:use|take|try|with|using) )?(?:the"
        rf" )?(?P<column>.+?) as"
        r" (?:the |an? |its |our )?instrument(?:al variable)?",
    ),
    (
        "instrument",
        rf"{_LEAD}(?:is|was|would|could|can|might) (?:the )?(?P<column>.+?) (?:(?:be|serve as|work as|act"
        rf" as) )?"
        r"(?:an? |the )?"
        rf"{_GOOD}instrument(?:al variable)?(?: (?:for|of|here)(?: .*)?)?",
    ),
    (
        "instrument",
        rf"{_LEAD}(?:instrument(?:ed|ing)?(?: it)?(?: with| by|:| =)|(?:the )?instrument is) (?:the"
        rf" )?(?P<column>.+?)",
    ),
    ("moved", rf"{_LEAD}{_SUPPOSE} (?P<clause>.+)"),
    (
        "bare_move",
        rf"{_LEAD}(?P<clause>doubled|halved|tripled|(?:twice|half|\w+ times) as (?:much|many|high|large|long)"
        r"|(?:by )?\w+(?: ?%| percent| [a-z]+)? (?:more|less|fewer|higher|lower|longer|shorter|older|younger))",
    ),
    ("moved", rf"{_LEAD}(?P<clause>(?:doubl|halv|tripl)\w+ .+|(?:rais|increas|lower|cut|reduc)\w* .+ by .+)"),
    (
        "what_if",
        rf"{_LEAD}{_SUPPOSE} {_ALL}{_HAD} (?P<value>[-−+]?\d[\d.,]*)(?: (?!of\b)[\w€$£%]{{1,12}}(?="
        rf" of\b))?(?: of)?"
        r" (?P<column>.+?)",
    ),
    ("what_if", rf"{_LEAD}{_SUPPOSE} {_MOVE}(?:the )?(?P<column>.+?){_TO} {_VALUE}"),
    ("what_if", rf"{_LEAD}(?:(?:what if|suppose|at|with|set|do|for|if) )*(?P<column>[^=]+?)\s*=\s*{_VALUE}"),
    ("what_if", rf"{_LEAD}(?:set|fix|put) (?:the )?(?P<column>.+?) (?:to|at) {_VALUE}"),
    ("from_to", rf"{_LEAD}(?:if it (?:goes|went) )?from (?P<low>\S+) to (?P<high>\S+)"),
    ("turned", rf"{_LEAD}(?:the )?(?:other way (?:a)?round|other direction|reversed?|vice versa|backwards)"),
    (
        "without",
        rf"{_LEAD}(?:(?:if|when|what if) (?:we|you|i) |(?:can|could) (?:you|we|i) )?{_DROP} (?:the"
        rf" )?(?P<columns>.+)",
    ),
    (
        "held",
        rf"{_LEAD}(?:(?:if|when|what if) (?:we|you|i) |(?:can|could) you )?{_HOLD} (?:the )?(?P<columns>.+)",
    ),
    (
        "row",
        rf"{_LEAD}(?:for|in|of|at) (?:row|record|line|observation|case) (?:number |no\.? ?|#)?(?P<row>\d+)",
    ),
    (
        "group",
        rf"{_LEAD}(?:(?:for|among|amongst|in|within|only|just) )+(?:the )?(?P<group>[\w' -]+?)(?: only|"
        rf" alone)?",
    ),
    ("bare_group", rf"{_LEAD}(?P<group>[\w'-]+)(?: only| alone)?"),
    (
        "by",
        rf"{_LEAD}(?:split |broken down |does it (?:differ|vary) )?(?:by|across) (?:the )?(?P<columns>.+)",
    ),
    ("outcome", rf"{_LEAD}(?:the )?(?:effect )?(?:on|upon) (?P<column>.+?)"),
    ("treatment", rf"{_LEAD}(?:the )?(?:effect )?of (?P<column>.+?)"),
    (
        "also",
        rf"{_LEAD}(?:does|do|did|will|would|can|could) (?:it|that|this) (?:also |really |still"
        rf" )*(?P<verb>{_ACTS})"
        r" (?:the )?(?P<column>.+?)(?:,? too|,? as well)?",
    ),
    ("treatment", rf"{_LEAD}does (?P<column>.+?)(?:,? too|,? as well|,? also)"),
    ("outcome", rf"{_LEAD}for (?:the )?(?P<column>.+?)"),
    ("either", r"(?:(?:and|now|then) )*(?:use|try|take|swap in|put in) (?:the )?(?P<column>.+?) instead"),
    ("either", r"(?:and|what about|how about|or)(?: the)? (?P<column>.+?)(?: too)?"),
)
CHANGES: tuple[tuple[str, re.Pattern[str]], ...] = (
    *REDO,
    *((name, re.compile(f"{row}(?: instead)?", re.I)) for name, row in _CHANGES),
)
"""Sentences that change one thing of the last question; the first that fits counts."""
