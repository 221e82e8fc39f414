"""How people follow up on an answer: one way of saying it a row; a row fits the whole sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_IT = r"(?:it|that|this|they|the (?:answer|result|effect|estimate|number|verdict|finding|conclusion))"
_SURE = (
    r"(?:sure|certain|confident|reliable|trustworthy|precise|accurate|uncertain|credible|believable|exact"
    r"|convinced|trusted)"
)
_GRAPH = r"(?:causal |learned |same )?(?:graph|dag|diagram|picture)"
_ADJUST = (
    r"(?:adjust(?:ed|ing)?|control(?:led|ling)?|condition(?:ed|ing)?|account(?:ed|ing)?|hold|held|keep|kept"
    r"|compared|correct(?:ed)?)"
)
_CONTROLS = r"(?:controls|covariates|adjustment set|control variables|confounders)"
_AGAINST = r"(?: (?:to|against)\b.*)?"
_FIRM = r"(?:robust|stable|solid|sensitive|fragile)"
_UNTRUE = r"(?:wrong|false|nonsense|impossible|not true|ridiculous)"
_CLAIM = (
    r"(?:(?:increas|decreas|rais|reduc|lower|caus|improv|harm)\w*|no effect|(?:does|did|is|has)(?: not|n't)"
    r"|wrong|mistaken|true|false|obvious\w*|impossible)"
)

_ASPECTS: Mapping[str, Sequence[str]] = {
    "graph": (
        rf"(?:show|draw|print|plot|see|display)(?: me| us)?(?: the| that| this| your)? {_GRAPH}(?: again| please)?",
        rf"(?:which|what) {_GRAPH}(?: (?:did|do|was|is|were|are)\b.*)?",
        rf"(?:can|may|could) (?:i|we|you) (?:see|show|have|draw|get)(?: me| us)?(?: the| that| your)? {_GRAPH}",
        rf"(?:what|how) (?:does|would) (?:the|that|your) {_GRAPH} look(?: like)?",
        rf"(?:the|that) {_GRAPH}",
        r"draw (?:it|that|this)",
    ),
    "controls": (
        rf"(?:what|which)(?: \w+)* (?:did|do|have|had) you {_ADJUST}(?: (?:for|on|fixed|constant|with))*",
        rf"(?:what|which)(?: \w+)* (?:was|were|is|are|got|been)(?: it)? {_ADJUST}(?: (?:for|on|fixed|constant))*",
        rf"(?:what|which) (?:{_CONTROLS})(?:,? (?:did|were|was|are|is|have|do)\b.*)?",
        rf"(?:what|which) (?:are|were) (?:the|your) {_CONTROLS}",
        rf"(?:list|show|name|give)(?: me| us)? (?:the|your) {_CONTROLS}",
        rf"{_ADJUST} (?:for|on) what",
        rf"(?:did|have|do) you {_ADJUST} (?:for|on) (?:anything|something|what)",
        r"what (?:is|was) held (?:fixed|constant)",
    ),
    "robust": (
        rf"(?:is|was|are) {_IT} (?:really |very |at all )?{_FIRM}{_AGAINST}",
        rf"how {_FIRM} (?:is|are|was) {_IT}{_AGAINST}",
        rf"(?:does|do|would|will|did|can) {_IT} (?:hold|hold up|hold water|survive|stand|stand up){_AGAINST}",
        rf"what (?:could|would|might|can|will) (?:break|overturn|refute|change|kill|explain away|invalidate)"
        rf" (?:{_IT}|your mind)",
        r"(?:what|which|how many) (?:checks|tests|refutations|robustness checks)"
        r"(?: (?:did|were|was|have|has|failed|passed)\b.*)?",
        rf"did {_IT} (?:pass|fail)(?: .*)?",
        r"(?:what about|could|can|might|is there)\b.*\b(?:hidden|unmeasured|unobserved|omitted)\b.*",
        r"(?:any |the |and the )?(?:refutations?|robustness checks?|sensitivity(?: analysis)?|robustness)",
        rf"(?:try to |please )?(?:refute|break|challenge|stress[- ]test) {_IT}",
        r"how (?:much|strong) (?:hidden |unmeasured )?confounding\b.*",
    ),
    "confidence": (
        rf"(?:how|so how) {_SURE} (?:are you|is {_IT}|can (?:we|i|you) be|should i be)(?: (?:of|about|in) {_IT})?",
        rf"(?:are you|is {_IT}) (?:really |very |quite |absolutely )?{_SURE}(?: (?:of|about|in) {_IT})?",
        rf"(?:can|should|could|may) (?:i|we|you) (?:really )?(?:trust|believe|rely on|depend on) (?:{_IT}|you)",
        rf"how (?:much )?(?:can|should|do|far can) (?:i|we) (?:trust|believe|rely on) (?:{_IT}|you)",
        r"(?:what(?: is|'s|s) )?(?:the |your )?(?:confidence|uncertainty|standard error|margin of error|error bars?)",
        r"(?:what(?: is|'s|s) )?(?:the )?(?:confidence |uncertainty |credible )?(?:interval|verdict)",
        r"with (?:what|which|how much) (?:confidence|certainty|precision)",
        r"(?:really|seriously|for sure)",
    ),
    "why": (
        r"(?:why|how come|how so|why (?:so|not|though)|what for)",
        rf"explain(?: {_IT}| yourself| why| more| further| please)?",
        rf"(?:please )?(?:justify|motivate|defend) (?:{_IT}|yourself)",
        rf"how (?:do|can|could) you (?:know|tell|say)(?: {_IT})?",
        rf"what makes you (?:say|think|believe|conclude)(?: so| {_IT})?",
        r"(?:based )?on what(?: basis| grounds| evidence)?",
        rf"where (?:does|did|do) {_IT} come from",
        rf"what(?: is|'s|s) (?:the|your) (?:reason|reasoning|evidence|basis|argument)(?: (?:for|behind) {_IT})?",
        rf"why (?:is|was|are) {_IT}(?: so| the case| true)?",
        rf"why (?:do|did|would|should) (?:you|i|we) (?:say|think|conclude|believe)(?: so| {_IT})?",
        rf"how did you (?:get|find|arrive at|work out|compute|estimate|come to)(?: to)? {_IT}",
        r"says who|what does (?:it|that) rest on",
        rf"(?:what|which)(?: things)? (?:did|do|have|does) (?:you|{_IT}|we) (?:have to )?assumed?",
        r"(?:what|which)(?: (?:are|were))? (?:the|your|its) assumptions?(?: (?:here|behind|of|for|did|do|are)\b.*)?",
        r"(?:what|which) assumptions?(?: (?:did|do|does|are|were|is|have)\b.*)?",
        r"(?:under|on|with) (?:what|which) assumptions?",
    ),
    "insist": (
        rf"(?:no|nope|but|surely|come on|nonsense|wrong|well|actually)\b[,.!]? .*\b{_CLAIM}\b.*",
        r"(?:no|but)?[,.]? ?you(?:'re| are| must be) (?:wrong|mistaken|lying|confused).*",
        rf"(?:that|this|it)(?:'s| is) (?:just |simply |clearly )?{_UNTRUE}.*",
        r"(?:that|this|it) (?:can't|cannot|can not|must not) be\b.*",
        r"(?:but )?i (?:don't|do not|cannot|can't|won't) (?:believe|accept|agree|buy)\b.*",
        r"(?:but )?i (?:disagree|insist)\b.*",
        r"(?:but )?(?:i am|i'm) (?:sure|certain|convinced|positive)\b.*",
        r"(?:but )?i know (?:that|for)\b.*",
        r"(?:just |please |now |then )*(?:say|admit|agree|confirm|write|tell me)\b.*"
        r"\b(?:yes|no|it|that|i am|i'm|proven)\b.*",
        r"(?:but )?(?:everyone|everybody) (?:knows|agrees|says)\b.*",
        r"(?:but )?(?:it(?:'s| is)) (?:obvious|clear|well known|common knowledge)\b.*",
        r"(?:but )?(?:my|the|all) (?:boss|doctors?|theory|professor|experts?|literature|science)\b.*"
        r"\b(?:says?|knows?|proves?|wants?|thinks?)\b.*",
        r"(?:isn't|is not) (?:it|that) (?:obvious|clear)\b.*",
    ),
}
"""Questions about the answer itself; the first that fits counts."""

ASPECTS: tuple[tuple[str, tuple[re.Pattern[str], ...]], ...] = tuple(
    (aspect, tuple(re.compile(rf"(?:and |now |then |but )?{row}", re.I) for row in rows))
    for aspect, rows in _ASPECTS.items()
)

_LEAD = (
    r"(?:(?:and|now|but|then|also|or|the same|same|again|try(?: it)?|do it|once more|what about(?: it)?"
    r"|how about(?: it)?|what is it|is it the same|let's)[,:]? )*"
)
_HOLD = (
    r"(?:also )?(?:given|conditional(?:ly)? on|condition(?:ed|ing)? on|controlling(?: also)? for|control(?:led)? for"
    r"|adjust(?:ed|ing)?(?: also)? for|holding|hold|keeping|keep|after accounting for|accounting for|with)"
)
_DROP = (
    r"(?:without|excluding|leaving out|leave out|drop|dropping|removing|remove|minus|except|ignoring|ignore"
    r"|(?:not|don't|do not) (?:adjust|control|condition)\w* (?:for|on))"
)
_SUPPOSE = r"(?:what if|what happens if|what would happen if|what would happen with|suppose|imagine|assume|say|if|when)"
_MOVE = (
    r"(?:(?:we|i|you|they|someone|everyone) (?:had )?(?:set|fix|put|make|change|move|raise|lower|bring)s? )?"
)
_TO = (
    r"(?: (?:were|was|is|are|be|equals?|becomes?|became|went|goes|had been|would be|rose|fell|rises|falls"
    r"|set|changed|raised|lowered|fixed|at|to|equal))+"
)
_ACTS = r"(?:affect|influence|change|cause|matter for|act on|drive|raise|increase|boost|lower|decrease|reduce|cut)"
_VALUE = r"(?P<value>[-−+]?\d[\d.,]*|[`'\"][^`'\"]+[`'\"]|\w+)(?: (?!instead)[a-z€$£%]{1,12})?"

_ALL = r"(?:everyone|everybody|all(?: of (?:them|us))?|each|people|they|we|he|she)"
_HAD = r"(?: all)? (?:had(?: had)?|have|has|got|get|gets|took|take|takes|received|were given|was given|were at|was at)"
_GOOD = r"(?:(?:good|valid|strong|suitable|usable|credible|proper|weak|bad) )*"

_CHANGES = (
    (
        "instrument",
        rf"{_LEAD}(?:(?:can|could|may|should) (?:you|we|i) )?(?:use|take|try|with|using) (?:the )?(?P<column>.+?) as"
        r" (?:the |an? |its |our )?instrument(?:al variable)?",
    ),
    (
        "instrument",
        rf"{_LEAD}(?:is|was|would|could|can|might) (?:the )?(?P<column>.+?) (?:(?:be|serve as|work as|act as) )?"
        r"(?:an? |the )?"
        rf"{_GOOD}instrument(?:al variable)?(?: (?:for|of|here)(?: .*)?)?",
    ),
    (
        "instrument",
        rf"{_LEAD}(?:instrument(?:ed|ing)?(?: it)?(?: with| by|:| =)|(?:the )?instrument is) (?:the )?(?P<column>.+?)",
    ),
    (
        "what_if",
        rf"{_LEAD}{_SUPPOSE} {_ALL}{_HAD} (?P<value>[-−+]?\d[\d.,]*)(?: (?!of\b)[\w€$£%]{{1,12}}(?= of\b))?(?: of)?"
        r" (?P<column>.+?)",
    ),
    ("what_if", rf"{_LEAD}{_SUPPOSE} {_MOVE}(?:the )?(?P<column>.+?){_TO} {_VALUE}"),
    ("what_if", rf"{_LEAD}(?:(?:what if|suppose|at|with|set|do|for|if) )*(?P<column>[^=]+?)\s*=\s*{_VALUE}"),
    ("what_if", rf"{_LEAD}(?:set|fix|put) (?:the )?(?P<column>.+?) (?:to|at) {_VALUE}"),
    ("from_to", rf"{_LEAD}(?:if it (?:goes|went) )?from (?P<low>\S+) to (?P<high>\S+)"),
    ("turned", rf"{_LEAD}(?:the )?(?:other way (?:a)?round|other direction|reversed?|vice versa|backwards)"),
    ("without", rf"{_LEAD}{_DROP} (?:the )?(?P<columns>.+)"),
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
        rf"{_LEAD}(?:(?:for|among|amongst|in|within|only|just) )+(?:the )?(?P<group>[\w' -]+?)(?: only| alone)?",
    ),
    ("group", rf"{_LEAD}(?P<group>[\w'-]+)(?: only| alone)?"),
    (
        "by",
        rf"{_LEAD}(?:split |broken down |does it (?:differ|vary) )?(?:by|across) (?:the )?(?P<columns>.+)",
    ),
    ("outcome", rf"{_LEAD}(?:the )?(?:effect )?(?:on|upon) (?P<column>.+?)"),
    ("treatment", rf"{_LEAD}(?:the )?(?:effect )?of (?P<column>.+?)"),
    (
        "also",
        rf"{_LEAD}(?:does|do|did|will|would|can|could) (?:it|that|this) (?:also |really |still )*(?P<verb>{_ACTS})"
        r" (?:the )?(?P<column>.+?)(?:,? too|,? as well)?",
    ),
    ("treatment", rf"{_LEAD}does (?P<column>.+?)(?:,? too|,? as well|,? also)"),
    ("outcome", rf"{_LEAD}for (?:the )?(?P<column>.+?)"),
    ("either", r"(?:and|what about|how about|or)(?: the)? (?P<column>.+?)(?: too)?"),
)
CHANGES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(f"{row}(?: instead)?", re.I)) for name, row in _CHANGES
)
"""Sentences that change one thing of the last question; the first that fits counts."""
