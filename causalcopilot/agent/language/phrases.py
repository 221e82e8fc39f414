"""How people ask: one pattern a row, most specific first.

Slots: ``a`` and ``b`` are the two columns, ``given`` a list of columns, ``candidate`` a column proposed for a role,
``columns`` a list a graph is limited to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from causalcopilot.domain.question import QuestionKind

GIVEN = (
    r"(?:given|conditional(?:ly)? on|condition(?:ed|ing) on|controlling for|control for|adjust(?:ing|ed)? for"
    r"|holding|after accounting for|accounting for|keeping)"
)
_TAIL = rf"(?:\s*,?\s*(?:and\s+)?(?:when|after|while)?\s*{GIVEN}\s+(?P<given>.+?)(?:\s+(?:fixed|constant|equal))?)?\s*[?.!]*$"
_PAIR = r"(?P<a>.+?)\s+(?:and|&|or|on|to|with|versus|vs\.?)\s+(?P<b>.+?)"
_EITHER = r"(?P<a>.+?)\s+(?:and|&|or|versus|vs\.?)\s+(?P<b>.+?)"
CAUSES = (
    r"(?:caus|affect|influenc|impact|increas|decreas|reduc|lower|rais|chang|improv|worsen|lead|result|driv|boost"
    r"|cut|help|hurt|prevent|promot|shift|alter|matter|determin|mak|produc|trigger|contribut|grow|shrink)\w*"
)
_UPWARD = "enhanc|stimulat|elevat|accelerat|encourag|strengthen|spur|foster|facilitat"
_DOWNWARD = (
    "suppress|inhibit|hinder|diminish|depress|curb|discourag|weaken|erod|undermin|impair|dampen|slash|lessen"
)
_HURTING = "harm|damag|disrupt|benefit"
_ENDINGS = r"(?:e|es|ed|ing|s|red|ring|bed|bing)?\b"
CAUSES = rf"(?:{CAUSES}|(?:{_UPWARD}|{_DOWNWARD}|{_HURTING}){_ENDINGS})"
VERBS = re.compile(rf"(?:{_UPWARD}|{_DOWNWARD}|{_HURTING}){_ENDINGS}", re.I)
"""Verbs of change beside those of every day."""
AUX = r"(?:does|do|did|will|would|can|could|has|have|is|are)"
_NO_VERB = r"(?!(?:raise|increase|reduce|lower|cut|decrease|affect|boost|cause|lead|improve|worsen|influence|impact)s?\s+\S)"
_ACTS = (
    rf"(?:(?:does|do|did|will|would|can|could|has|have)|(?:is|are|was|were)(?=\s[^?]*\b{CAUSES}(?<=ing)\s))"
)
"""A verb in front: with a form of "be" only before a verb in -ing, as "are sales lower …" names no cause."""
_NOUN_OF = r"(?!(?:impact|influence|effect|cause|result|change|increase|decrease|cut|boost|shift)s?\s+of\b)"
_MECHANISM = r"(?:causal\s+)?(?:mechanisms?|relations?|relationships?|links?|dependenc\w+|laws?|equations?)"
_DIFFER = r"(?:chang|differ|var|shift|drift|diverg)\w*"
_ACROSS = r"(?:between|across|among|over|by|with|from\s+one|within|along)(?:\s+the)?"
_GRAPH = (
    r"(?:(?:the|this|that|my|our|a)\s+)?(?:(?:given|causal|learned|assumed|supplied|discovered|named)\s+)*"
    r"(?:(?:graph|dag|diagram|network|cpdag|pag|admg)\b(?:\s+[`'\"]?(?P<graph>(?!(?:fit|match|agree|hold|explain|describe"
    r"|contradict|survive|consistent|compatible|in|at|plausible|right|correct|true|valid|supported|wrong|false|falsified"
    r"|contradicted|refuted|rejected|mistaken|against|with|on|to|does|do|are|is|by|that|disagree|conflict)\w*\b)[\w.@-]+)[`'\"]?)?)"
)
_DATA = r"(?:\s+(?:against|with|on|by|to|in)\s+(?:the|my|our|this|these)\s+(?:data\w*|table|rows|evidence))?"
_TURNED = (
    rf"(?:(?:{AUX}\s+)?(?:it\s+)?(?:just\s+)?(?:the\s+)?(?:other\s+way(?:\s+(?:a)?round)?|reversed?|opposite|vice\s+versa|its\s+(?:effect|consequence))"
    rf"|(?:{AUX}\s+)?(?P=b)\b.+?(?P=a))\s*[?.!]*$"
)
FROM_TO = (
    r"\bfrom\s+[€$£]?(?P<from>[-−+]?\d[\d.,]*|[^\W\d]\w*)(?:\s*[a-z€$£%]+)?\s+to\s+[€$£]?(?P<to>[-−+]?[\w.]+)|"
    r"\b(?:is|was|were|be|to)\s+(?P<to2>[-−+]?\d[\d.]*)\s+(?:instead of|rather than|vs\.?|versus)\s+(?P<from2>[-−+]?\d[\d.]*)"
)
QUOTED = r"\bfrom\s+([`'\"“‘])(?P<from>[^`'\"“”‘’]+)[`'\"”’]\s+to\s+[`'\"“‘](?P<to>[^`'\"“”‘’]+)[`'\"”’]"
PERCENT = r"\b(?:by|an?|one)\s+(?P<percent>\d+(?:\.\d+)?)(?:\s*%|[\s-]*percent\b)"
DELTA = r"(?:\bby\s+(?P<by>\d+(?:\.\d+)?)\b(?!\s*%))|(?:\b(?:a|an|one)\s+(?P<lead>\d+(?:\.\d+)?)[\s-])"


@dataclass(frozen=True)
class Pattern:
    """One way of asking: the kind it stands for and the regular expression with its slots."""

    kind: QuestionKind
    regex: re.Pattern[str]
    closed: bool = False
    negated: bool = False


def _p(kind: QuestionKind, regex: str, *, closed: bool = False, negated: bool = False) -> Pattern:
    return Pattern(kind, re.compile(regex, re.I), closed, negated)


_TWO = r"(?P<a>[^,?]+?)\s+(?:and|&|with|to)\s+(?P<b>[^,?]+?)"
_WHAT_IS = r"(?:and\s+)?(?:(?:what(?:'s|\s+is|\s+are|\s+was|s)|describe|show(?:\s+me)?|give\s+me|tell\s+me(?:\s+about)?|compute|explain|how\s+(?:strong|large|big|close|high)\s+is)\s+)?(?:the\s+|an?\s+)?"
_ON = r"(?P<a>.+?)\s+(?:on|upon)\s+(?P<b>.+?)"
_THROUGH = r"(?:(?:goes?|going|runs?|running|works?|operates?|acts?|passes|passing|comes?|travels?|transmitted|mediated|explained|carried|flows?)\s+)?(?:through|via|by\s+way\s+of|by|over)"
_MEDIATOR = r"(?P<candidate>(?!what\b|which\b|anything\b|how\b).+?)"
_AMOUNT = r"(?:how\s+much|(?:what|which|how\s+large\s+a)\s+(?:share|part|portion|proportion|fraction|percentage|percent|amount|bit))"

_EFFECT_OF = (
    rf"(?:(?:the\s+)?(?:average\s+|causal\s+|treatment\s+)*(?:effects?|impact|influence)\s+of\s+{_ON})"
)
_VARY = r"(?:differ|vary|varies|vari|depend|chang|heterogen|diverg)\w*"
_BY = r"(?:by|across|with|within|between|among|amongst|on|for|in|over|per|from)(?:\s+(?:the|each|every|different))?\s+(?P<by>.+?)"
_WHOM = r"(?!in\s+(?:what|which)\s+(?:way|direction|sense|manner|respect|fashion)s?\b)(?:for|on|in|among|with)\s+(?:whom?|which\s+(?:of\s+)?(?:the\s+)?\w+|what\s+(?:kinds?\s+of\s+|sorts?\s+of\s+)?\w+)"
_SORT = r"(?:(?:sub)?groups?|people|rows|units|patients|customers|users|individuals|persons|ones|clients|students|pupils|kids|children|workers|employees|women|men|families|households|schools|shops|stores|firms|companies|farms|farmers|regions|places|countries|plants|machines|participants|respondents|members|voters)"
_WHO = rf"(?:who|which\s+{_SORT}|what\s+(?:kinds?\s+of\s+|sorts?\s+of\s+)?{_SORT})"
_SIZE = r"(?:largest|larger|strongest|stronger|biggest|bigger|greatest|greater|smallest|smaller|weakest|weaker|highest|higher|lowest|lower|most|least|concentrated|different|positive|negative)"
_TO_Y = r"(?:\s*,?\s+(?:in\s+terms\s+of|with\s+respect\s+to|with\s+regard\s+to|regarding|on|in|for|to\s+(?:\w+ly\s+)?(?:reduce|lower|cut|decrease|minimi[sz]e|prevent|avoid|raise|increase|boost|improve|maximi[sz]e|grow|lift|help))\s+(?:their\s+|the\s+)?(?P<b>.+?))?"
_GIVE = r"(?:get|receive|be\s+given|be\s+offered|be\s+treated\s+with|have|take|be\s+assigned(?:\s+to)?|be\s+targeted\s+(?:with|by|for)|be\s+sent)"

PATTERNS: tuple[Pattern, ...] = (
    # subgroups: for whom an effect is larger or smaller, and who should be treated
    _p("subgroups", rf"^(?:does|do|did|will|would)\s+{_EFFECT_OF}\s+{_VARY}\s+{_BY}\s*[?.!]*$", closed=True),
    _p("subgroups", rf"^(?:does|do|did)\s+{_EFFECT_OF}\s+{_VARY}(?:\s+(?:at\s+all|between\s+(?:people|rows|groups|units|subgroups)|across\s+(?:people|rows|groups|units|subgroups)))?\s*[?.!]*$", closed=True),
    _p("subgroups", rf"^(?:is|are|was)\s+{_EFFECT_OF}\s+(?:the\s+same|equal|different|constant|homogeneous|heterogeneous|{_SIZE})\s+{_BY}\s*[?.!]*$", closed=True),
    _p("subgroups", rf"^(?:is|are|was)\s+{_EFFECT_OF}\s+(?:the\s+same\s+for\s+(?:all|everyone|everybody|every\s+\w+)|constant|homogeneous|heterogeneous)\s*[?.!]*$", closed=True),
    _p("subgroups", rf"^how\s+(?:much\s+|strongly\s+)?(?:does|do|did)\s+{_EFFECT_OF}\s+{_VARY}\s+{_BY}\s*[?.!]*$"),
    _p("subgroups", rf"^how\s+(?:much\s+)?(?:does|do)\s+{_EFFECT_OF}\s+{_VARY}\s*[?.!]*$"),
    _p("subgroups", rf"^(?:does|do|is|are)\s+(?P<by>.+?)\s+(?:moderate|modify|alter|change|interact\s+with|shape)s?\s+{_EFFECT_OF}\s*[?.!]*$", closed=True),
    _p("subgroups", rf"^(?:is|are)\s+(?P<by>.+?)\s+(?:an?\s+)?(?:effect\s+)?(?:moderators?|modifiers?)\s+of\s+(?:(?:the\s+)?(?:effects?|impact|influence)\s+of\s+)?{_ON}\s*[?.!]*$", closed=True),
    _p("subgroups", rf"^(?:what|which\s+\w+)\s+(?:moderate|modif|chang|shap)\w*\s+{_EFFECT_OF}\s*[?.!]*$"),
    _p("subgroups", rf"^{_WHOM}\s+{AUX}\s+(?P<a>.+?)\s+(?:most\s+|more\s+|best\s+|really\s+)?{CAUSES}\s+(?:to\s+|in\s+)?(?P<b>.+?)(?:\s+(?:the\s+)?(?:most|more|best|least))?\s*[?.!]*$"),
    _p("subgroups", rf"^{_WHOM}\s+(?:is|are)\s+{_EFFECT_OF}\s+(?:the\s+)?{_SIZE}\s*[?.!]*$"),
    _p("subgroups", rf"^where\s+(?:is|are)\s+{_EFFECT_OF}\s+(?:the\s+)?{_SIZE}\s*[?.!]*$"),
    _p("subgroups", rf"^{_WHO}\s+(?:benefit|profit|gain|respond|suffer|lose|react)s?\s+(?:the\s+)?(?:most\s+|more\s+|best\s+|least\s+)?(?:from|to|by|with|under)\s+(?P<a>.+?){_TO_Y}\s*[?.!]*$"),
    _p("subgroups", rf"^(?:to\s+)?whom\s+should\s+(?:we|i|they|one)\s+(?:treat\s+with|give|offer|target\s+with|assign|send)\s+(?P<a>.+?)(?:\s+to)?{_TO_Y}\s*[?.!]*$"),
    _p("subgroups", rf"^{_WHO}\s+(?:should|ought\s+to|must)\s+(?:we\s+)?{_GIVE}\s+(?P<a>.+?){_TO_Y}\s*[?.!]*$"),
    _p("subgroups", rf"^(?:what\s+is\s+|find\s+|learn\s+|give\s+)?(?:the\s+|a\s+)?(?:best|optimal)?\s*(?:treatment|targeting|assignment)\s+(?:rule|policy|tree)\s+(?:for|of)\s+{_ON}\s*[?.!]*$"),
    _p("subgroups", rf"\b(?:heterogene\w+|effect\s+modification|moderation|varying\s+effects?|differential\s+effects?)\s+(?:in|of)\s+(?:the\s+)?(?:(?:treatment\s+|causal\s+)*(?:effects?|impact)\s+of\s+)?(?P<a>.+?)\s+(?:on|upon)\s+(?P<b>.+?)\s+{_BY}\s*[?.!]*$"),
    _p("subgroups", r"\b(?:heterogene\w+|effect\s+modification|moderation|varying|differential)\s+(?:(?:in|of)\s+)?(?:the\s+)?(?:(?:treatment\s+|causal\s+)*(?:effects?|impact)\s+)?(?:of\s+)?(?P<a>.+?)\s+(?:on|upon)\s+(?P<b>.+?)\s*[?.!]*$"),
    _p("subgroups", rf"^(?:(?:what|which)\s+(?:is|are)\s+|show\s+(?:me\s+)?|give\s+(?:me\s+)?|compare\s+|estimate\s+|tell\s+me\s+)?{_EFFECT_OF}\s+(?:(?:separately|broken\s+down|split|stratified)\s+)?(?:by|per|for\s+each|in\s+each|within\s+each|across|between)\s+(?P<by>.+?)\s*[?.!]*$"),
    _p("subgroups", rf"^{AUX}\s+(?P<a>.+?)\s+{CAUSES}\s+(?P<b>.+?)\s+(?:more|less|differently|equally|the\s+same\s+way|just\s+as\s+much)\s+(?:strongly\s+)?(?:for|among|in|across|between|by)\s+(?P<by>.+?)\s*[?.!]*$", closed=True),
    _p("subgroups", rf"^{AUX}\s+(?P<a>.+?)\s+{CAUSES}\s+(?P<b>.+?)\s+(?:more|less)\s+(?:strongly\s+)?(?P<by>\S.*?\s+than\s+.+?)\s*[?.!]*$", closed=True),
    # mediation: how much of an effect goes through a named column
    _p("mediation", rf"{_AMOUNT}\s+of\s+(?:the\s+)?(?:(?:total|whole|causal|overall)\s+)*(?:effect|impact|influence)\s+of\s+{_ON}\s+(?:is\s+|does\s+)?(?:really\s+)?{_THROUGH}\s+{_MEDIATOR}\s*[?.!]*$"),
    _p("mediation", rf"{_AMOUNT}\s+of\s+(?P<a>.+?)(?:'s|’s|s')\s+(?:total\s+)?(?:effect|impact|influence)\s+(?:on|upon)\s+(?P<b>.+?)\s+(?:is\s+)?(?:due\s+to|{_THROUGH})\s+{_MEDIATOR}\s*[?.!]*$"),
    _p("mediation", rf"(?:natural\s+)?indirect\s+(?:causal\s+)?(?:effect|impact|influence)\s+of\s+{_ON}\s+(?:that\s+)?{_THROUGH}\s+{_MEDIATOR}\s*[?.!]*$"),
    _p("mediation", rf"(?:natural\s+)?direct\s+(?:causal\s+)?(?:effect|impact|influence)\s+of\s+{_ON}\s+(?:that\s+does\s+not\s+go\s+|not\s+|other\s+than\s+|besides\s+|beside\s+|around\s+|past\s+|apart\s+from\s+the\s+part\s+)(?:{_THROUGH}\s+)?{_MEDIATOR}\s*[?.!]*$"),
    _p("mediation", rf"how\s+(?:much|strongly|far)\s+does\s+{_MEDIATOR}\s+mediate\s+(?:the\s+)?(?:effect|impact|influence|relation\w*)\s+(?:of|between)\s+(?P<a>.+?)\s+(?:on|upon|and)\s+(?P<b>.+?)\s*[?.!]*$"),
    _p("mediation", rf"(?:split|decompose|divide|break(?:\s+up|\s+down)?|separate)\s+(?:up\s+)?(?:the\s+)?(?:total\s+)?(?:effect|impact|influence)\s+of\s+{_ON}\s+(?:at|by|along|into\s+.+?\s+(?:through|via)|with)\s+{_MEDIATOR}\s*[?.!]*$"),
    _p("mediation", rf"how\s+much\s+{AUX}\s+(?P<a>.+?)\s+{CAUSES}\s+(?:the\s+)?(?P<b>.+?)\s+(?:only\s+)?(?:through|via|by\s+way\s+of)\s+{_MEDIATOR}\s*[?.!]*$"),
    _p("mediation", rf"mediation\s+(?:analysis\s+)?of\s+(?:the\s+)?(?:effect\s+of\s+)?{_ON}\s+(?:{_THROUGH}|with(?:\s+the)?\s+mediator)\s+{_MEDIATOR}\s*[?.!]*$"),
    _p("mediation", rf"^(?:does|do|did)\s+(?:the\s+)?(?:effect|impact|influence)\s+of\s+{_ON}\s+{_THROUGH}\s+{_MEDIATOR}\s*[?.!]*$", closed=True),
    _p("mediation", rf"(?:part|share|portion)\s+of\s+(?:the\s+)?effect\s+of\s+{_ON}\s+(?:that\s+)?{_THROUGH}\s+{_MEDIATOR}\s*[?.!]*$"),
    _p("mediation", rf"^how\s+(?:much\s+|strongly\s+)?(?:does|do|did)\s+{_MEDIATOR}\s+mediate\s+(?P<a>.+?)(?:'s|s')\s+(?:effect|impact|influence)\s+(?:up)?on\s+(?P<b>.+?)\s*[?.!]*$"),
    _p("mediation", rf"^{AUX}\s+(?P<a>.+?)\s+{CAUSES}\s+(?:to\s+|in\s+)?(?P<b>.+?)\s+(?:only\s+|partly\s+|mainly\s+)?(?:through|via|by\s+way\s+of)\s+{_MEDIATOR}\s*[?.!]*$", closed=True),
    # domains
    _p("domains", rf"^{AUX}\s+(?:the\s+)?{_MECHANISM}\s+(?:of|for|behind)\s+(?P<candidate>.+?)\s+{_DIFFER}\s+{_ACROSS}\s+(?P<domain>.+?)\s*[?.!]*$", closed=True),
    _p("domains", rf"^(?:which|what)\s+(?:\w+\s+)?{_MECHANISM}\s+(?:\w+ly\s+)?{_DIFFER}\s+{_ACROSS}\s+(?P<domain>.+?)\s*[?.!]*$"),
    _p("domains", rf"^{AUX}\s+(?:the\s+|any\s+)?{_MECHANISM}\s+{_DIFFER}\s+{_ACROSS}\s+(?P<domain>.+?)\s*[?.!]*$", closed=True),
    _p("domains", rf"^(?:which|what)\s+(?:variables?|columns?|things?)?\s*(?:(?:behaves?|works?)\s+differently|{_DIFFER})\s+{_ACROSS}\s+(?:different\s+)?(?P<domain>(?:(?!\b(?:if|when|as|after)\b).)+?)\s*[?.!]*$"),
    _p("domains", r"^(?:do|does|are)\s+(?:the\s+)?(?P<domain>domains?|environments?|sites?|regions?|groups?|periods?|regimes?|batches|countries|datasets?)\s+(?:differ|different|alike|the\s+same|behave\s+differently|work\s+differently|vary|comparable)\w*\s*[?.!]*$", closed=True),
    _p("domains", rf"^(?:is|are)\s+there\s+(?:any\s+|an?\s+)?(?:(?:concept|mechanism|distribution)\s+)?(?:drifts?|shifts?)(?:\s+{_ACROSS}\s+(?P<domain>.+?))?\s*[?.!]*$", closed=True),
    _p("domains", rf"^(?:which|what)\s+(?:{_MECHANISM}|variables?|columns?)?\s*drift\w*(?:\s+{_ACROSS}\s+(?P<domain>.+?))?\s*[?.!]*$"),
    _p("domains", rf"^{AUX}\s+(?:the\s+)?(?:{_MECHANISM}|data|variables?|columns?)\s+drift\w*(?:\s+{_ACROSS}\s+(?P<domain>.+?))?\s*[?.!]*$", closed=True),
    _p("domains", rf"^(?:compare|test)\s+(?:the\s+)?{_MECHANISM}\s+{_ACROSS}\s+(?P<domain>.+?)\s*[?.!]*$"),
    # a graph against the data
    _p("falsify", rf"^{AUX}\s+(?:the\s+data|my\s+data|this\s+(?:data|table))\s+(?:\w+ly\s+)?(?:contradict|falsify|refute|reject|disagree\s+with|speak\s+against)\s+{_GRAPH}{_DATA}\s*[?.!]*$", closed=True, negated=True),
    _p("falsify", rf"^(?:does|do|did|would|will|can)\s+{_GRAPH}\s+(?:\w+ly\s+)?(?:fit|match|agree|hold|explain|describe|survive)\w*\b.*$", closed=True),
    _p("falsify", rf"^(?:does|do|did)\s+{_GRAPH}\s+(?:\w+ly\s+)?(?:contradict|disagree)\w*\b.*$", closed=True, negated=True),
    _p("falsify", rf"^{AUX}\s+(?:the\s+data|my\s+data|this\s+(?:data|table))\s+(?:\w+ly\s+)?(?:support|fit|agree\s+with|back)\s+{_GRAPH}\s*[?.!]*$", closed=True),
    _p("falsify", rf"^(?:is|are)\s+{_GRAPH}\s+(?:consistent|compatible|in line|in agreement|plausible|right|correct|true|valid|supported)\b.*$", closed=True),
    _p("falsify", rf"^(?:is|are)\s+{_GRAPH}\s+(?:at\s+odds|in\s+conflict|wrong|false|falsified|contradicted|refuted|rejected|mistaken)\b.*$", closed=True, negated=True),
    _p("falsify", rf"^how\s+(?:well|badly|closely)\s+(?:does|do)\s+{_GRAPH}\s+(?:fit|match|agree|describe|explain)\b.*$", closed=True),
    _p("falsify", rf"^(?:what|which)\b.*?\b(?:contradict\w*|speaks?\s+against|(?:is|are)\s+(?:wrong|false|missing|contradicted|doubtful))\b.*?\b(?:in|of|from|with|by)?\s*{_GRAPH}{_DATA}\s*[?.!]*$"),
    _p("falsify", rf"^(?:which|what)\s+(?:edges?|arrows?|links?|independenc\w+|parts?|claims?)\s+(?:of|in)\s+{_GRAPH}\s+.*?\b(?:contradict|wrong|false|doubtful|missing|disagree|fail|reject)\w*\b.*$"),
    _p("falsify", rf"^(?:falsify|refute|test|check|validate|verify|criticise|criticize)\s+{_GRAPH}{_DATA}\s*[?.!]*$", closed=True),
    # direction
    _p("direction", rf"^{AUX}\s+(?P<a>.+?)\s+{CAUSES}(?:\s+(?:to|in))?\s+(?P<b>.+?)\s*,?\s+or\s+{_TURNED}"),
    _p("direction", rf"^(?:is|are)\s+(?P<a>.+?)\s+(?:an?\s+|the\s+)?(?:cause|driver)s?\s+of\s+(?P<b>.+?)\s*,?\s+or\s+{_TURNED}"),
    _p("direction", r"^(?:is|are)\s+(?P<a>.+?)\s+(?:an?\s+|the\s+)?(?:cause\s+or\s+(?:an?\s+|the\s+|its\s+)?(?:effect|consequence|result)|(?:effect|consequence|result)\s+or\s+(?:an?\s+|the\s+)?cause)\s+of\s+(?P<b>.+?)\s*[?.!]*$"),
    _p("direction", r"^(?P<a>.+?)\s*(?:-+>|→)\s*(?P<b>.+?)\s*,?\s+or\s+(?P=b)\s*(?:-+>|→)\s*(?P=a)\s*[?.!]*$"),
    _p("direction", rf"(?:which|what)\s+(?:way|direction)\b.*?\b(?:between|of|for|with)\s+(?:the\s+\w+\s+(?:between|of)\s+)?{_EITHER}\s*[?.!]*$"),
    _p("direction", rf"\bdirection\b.*?\b(?:between|of)\s+{_EITHER}\s*[?.!]*$"),
    _p("direction", rf"^(?:which|who|what)\b.*?\b(?:the\s+cause|causes?\s+the\s+other|(?:causes?|drives?|affects?|influences?)\s+(?:which|whom|what)|(?:comes?|came)\s+first|drives?\s+the\s+other|affects?\s+the\s+other)\b\s*[,:]?\s*(?:(?:of|between|among|is\s+it)\s+)?{_EITHER}\s*[?.!]*$"),
    _p("direction", rf"^which\s+(?:one\s+)?of\s+{_EITHER}\s+(?:is\s+the\s+(?:cause|driver)|causes?\s+the\s+other|drives?\s+the\s+other|comes?\s+first)\s*[?.!]*$"),
    _p("direction", r"^(?:does|do|is)\s+(?:it|the\s+(?:effect|influence|arrow|link|relation\w*)|caus\w+|influence)\s+(?:go|run|point|flow|work)\w*\s+(?:from\s+)?(?P<a>.+?)\s+to\s+(?P<b>.+?)\s*,?\s+or\s+(?:from\s+)?(?:(?P=b)\b.*|the\s+other\s+way.*|the\s+reverse|vice\s+versa|back)\s*[?.!]*$"),
    _p("direction", r"^(?:does|do|is)\s+(?:the\s+)?(?:arrow|causality|causation|causal\s+(?:direction|influence|arrow)|direction)\s+(?:(?:go|run|point|flow)\w*\s+)?(?:from\s+)?(?P<a>.+?)\s+to\s+(?P<b>.+?)\s*[?.!]*$", closed=True),
    _p("direction", rf"^{AUX}\s+(?P<a>.+?)\s+{CAUSES}(?:\s+(?:to|in))?\s+(?P<b>.+?)\s*,?\s+(?:rather than|and not|not|instead of)\s+{_TURNED}", closed=True),
    # independence
    _p("independence", rf"^(?:are|is|were)\s+{_PAIR}\s+(?:both\s+)?(?:statistically\s+|conditionally\s+|marginally\s+)*(?:independent|unrelated|uncorrelated)(?:\s+of each other)?{_TAIL}", closed=True),
    _p("independence", rf"^(?:are|is|were)\s+(?P<a>.+?)\s+(?:statistically\s+|conditionally\s+|marginally\s+)*(?:independent|unrelated|uncorrelated)\s+(?:of|from|with|to)\s+(?P<b>.+?){_TAIL}", closed=True),
    _p("independence", rf"^(?:are|is|were)\s+{_PAIR}\s+(?:statistically\s+|conditionally\s+|still\s+)*(?:dependent|correlated|associated|related|linked|connected)(?:\s+with each other)?{_TAIL}", closed=True, negated=True),
    _p("independence", rf"^(?:is|are)\s+(?P<a>.+?)\s+(?:statistically\s+|conditionally\s+)*(?:dependent on|correlated with|associated with|related to|linked to)\s+(?P<b>.+?){_TAIL}", closed=True, negated=True),
    _p("independence", rf"^(?:test|check|whether|tell me whether)\s+(?!.*\b(?:effects?|impact|influenc\w+|affect\w*|caus\w+)\b)(?:if\s+|whether\s+|the\s+)?(?:(?:conditional\s+)?independence (?:of|between)\s+)?{_PAIR}(?:\s+(?:are|is)\s+(?:conditionally\s+)?independent)?{_TAIL}", closed=True),
    _p("independence", rf"(?:conditional\s+)?independence\s+(?:of|between)\s+{_PAIR}{_TAIL}", closed=True),
    _p("independence", rf"^(?:does|do)\s+(?P<a>.+?)\s+depend(?:s)?\s+(?:statistically\s+)?on\s+(?P<b>.+?){_TAIL}", closed=True, negated=True),
    _p("independence", rf"^(?:is|are|was)\s+there\s+(?:an?\s+|any\s+)?(?:(?!causal|direct)\w+\s+){{0,2}}(?:associations?|correlations?|dependenc[ey]|links?|relation(?:ship)?s?)\s+(?:of|between)\s+{_PAIR}{_TAIL}", closed=True, negated=True),
    # how two columns go together: association, never an effect
    _p("independence", rf"^(?:and\s+)?how\s+(?:strongly\s+|closely\s+|much\s+|well\s+)?(?:is|are|were)\s+{_TWO}\s+(?:both\s+)?(?:related|correlated|associated|linked|connected|dependent)(?:\s+(?:to|with)\s+each\s+other)?{_TAIL}", negated=True),
    _p("independence", rf"^how\s+(?:strongly\s+|closely\s+|much\s+)?(?:is|are|were)\s+(?P<a>[^,?]+?)\s+(?:related|correlated|associated|linked|connected)\s+(?:to|with)\s+(?P<b>[^,?]+?){_TAIL}", negated=True),
    _p("independence", rf"^how\s+(?:strongly\s+|closely\s+|much\s+)?(?:does|do|did)\s+(?P<a>[^,?]+?)\s+(?:relate|correlate|go\s+(?:together|along)|vary|move|co-?vary|compare|associate)\s+(?:to|with|together\s+with)\s+(?P<b>[^,?]+?){_TAIL}", negated=True),
    _p("independence", rf"^how\s+(?:strongly\s+|closely\s+|much\s+)?(?:does|do|did)\s+{_TWO}\s+(?:relate|correlate|go\s+together|vary\s+together|move\s+together|co-?vary)(?:\s+(?:to|with)\s+each\s+other)?{_TAIL}", negated=True),
    _p("independence", rf"^how\s+(?:strongly\s+|closely\s+|much\s+)?(?:does|do|did)\s+(?P<b>[^,?]+?)\s+depend\s+(?:up)?on\s+(?P<a>[^,?]+?){_TAIL}", negated=True),
    _p("independence", rf"^{_WHAT_IS}(?:raw\s+|simple\s+|plain\s+|partial\s+|statistical\s+|unadjusted\s+|pearson\s+)*(?:correlations?(?:\s+coefficient)?|associations?|relations?|relationships?|links?|connections?|dependence)\s+(?:between|of)\s+{_TWO}{_TAIL}", negated=True),
    _p("independence", rf"^how\s+(?:well|strongly|much)\s+(?:does|do|did|can)\s+(?P<a>[^,?]+?)\s+predict\s+(?P<b>[^,?]+?){_TAIL}", negated=True),
    _p("independence", rf"^(?:does|do|did|can|could)\s+(?P<a>[^,?]+?)\s+(?:predict|correlate\s+with|go\s+(?:(?:together|along|hand\s+in\s+hand)\s+)?with|relate\s+to|co-?vary\s+with|vary\s+with|move\s+with)\s+(?P<b>[^,?]+?){_TAIL}", closed=True, negated=True),
    _p("independence", rf"^(?:does|do|did)\s+{_TWO}\s+(?:correlate|go\s+together|move\s+together|vary\s+together|co-?vary)(?:\s+with\s+each\s+other)?{_TAIL}", closed=True, negated=True),
    # adjustment
    _p("adjustment", rf"(?:what|which|who).*?\b(?:(?:adjust|control|condition|account)\w*\s+(?:for|on)|(?:hold|keep|held|kept|fix)\w*\s+(?:fixed|constant)|tak\w*\s+into\s+account)\b.*?(?:effect|impact|influence)\s+of\s+{_PAIR}\s*[?.!]*$"),
    _p("adjustment", rf"(?:what|which).*?(?:need|must|should|have to)\w*\s.*?(?:adjust|control|condition).*?\b(?:of|between|for)\s+{_PAIR}\s*[?.!]*$"),
    _p("adjustment", rf"adjustment\s+sets?\b.*?(?:of|for|between|from)\s+(?:the\s+)?(?:(?:causal\s+)?(?:effect|impact)\s+of\s+)?{_PAIR}\s*[?.!]*$"),
    # named candidate for a role
    _p("mediator", rf"^(?:does|do|did|could|can|might|would)\s+(?P<candidate>.+?)\s+mediate\s+(?:the\s+)?(?:effect|impact|influence|relation\w*)\s+(?:of|between)\s+{_PAIR}\s*[?.!]*$", closed=True),
    _p("confounder", rf"^(?:was|were|{AUX})\s+(?!there\b)(?P<candidate>.+?)\s+(?:an?\s+|the\s+)?(?:confounders?|common causes?|confounding\s+\w+|confound)\s+(?:of|for|between|the\s+(?:effect|relation\w*)\s+(?:of|between))\s+{_PAIR}\s*[?.!]*$", closed=True),
    _p("collider", rf"^(?:is|are)\s+(?!there\b)(?P<candidate>.+?)\s+(?:an?\s+|the\s+)?(?:colliders?|common (?:effects?|consequences?))\s+(?:of|for|between)\s+{_PAIR}\s*[?.!]*$", closed=True),
    _p("mediator", rf"^(?:is|are)\s+(?!there\b)(?P<candidate>.+?)\s+(?:an?\s+|the\s+)?mediators?\s+(?:of|for|between)\s+(?:the\s+effect\s+of\s+)?{_PAIR}\s*[?.!]*$", closed=True),
    # roles
    _p("confounder", rf"(?:confounders?|confounding(?:\s+\w+)?|common\s+causes?|third\s+variable|confounded)\b.*?(?:of|between|for|both)\s+(?:the\s+(?:effect|relation\w*)\s+(?:of|between)\s+)?{_PAIR}\s*[?.!]*$", closed=True),
    _p("confounder", rf"^(?:are|is)\s+{_PAIR}\s+confounded\b.*$", closed=True),
    _p("confounder", rf"(?:what|who|which|anything|something|any\s+\w+)\s+(?:that\s+)?(?:caus|affect|influenc)\w*\s+both\s+{_PAIR}\s*[?.!]*$", closed=True),
    _p("collider", rf"(?:colliders?|common\s+(?:effects?|consequences?|outcomes?))\b.*?(?:of|between|for|by)\s+{_PAIR}\s*[?.!]*$", closed=True),
    _p("collider", rf"(?:caused|affected|influenced)\s+by\s+both\s+{_PAIR}\s*[?.!]*$", closed=True),
    _p("mediator", rf"\bmediat\w*\b.*?(?:of|between|for|from)\s+(?:the\s+)?(?:(?:causal\s+)?(?:effect|impact|influence|relation\w*)\s+(?:of|between)\s+)?{_PAIR}\s*[?.!]*$", closed=True),
    _p("mediator", rf"(?:through|via)\s+(?:what|which)\b.*?\b{AUX}\s+(?P<a>.+?)\s+{CAUSES}\s+(?P<b>.+?)\s*[?.!]*$"),
    # direct cause
    _p("direct_cause", r"^(?:is|are|was|were)\s+(?P<b>.+?)\s+(?:directly|immediately)\s+(?:caused|affected|influenced|driven|determined|raised|lowered|changed|increased|reduced|decreased)\s+by\s+(?P<a>.+?)\s*[?.!]*$", closed=True),
    _p("direct_cause", rf"^{AUX}\s+(?P<a>.+?)\s+(?:act|work|operate)s?\s+directly\s+(?:up)?on\s+(?P<b>.+?)\s*[?.!]*$", closed=True),
    _p("direct_cause", rf"^{AUX}\s+(?P<a>.+?)\s+(?:directly|immediately)\s+(?:\w+\s+)?{CAUSES}\s+(?:to\s+|in\s+)?(?P<b>.+?)\s*[?.!]*$", closed=True),
    _p("direct_cause", rf"^{AUX}\s+(?P<a>.+?)\s+{CAUSES}\s+(?P<b>.+?)\s+directly\s*[?.!]*$", closed=True),
    _p("direct_cause", r"^(?:is|are)\s+(?P<a>.+?)\s+an?\s+direct\s+(?:cause|driver|parent)s?\s+of\s+(?P<b>.+?)\s*[?.!]*$", closed=True),
    _p("direct_cause", r"^(?:does|do|has|have)\s+(?P<a>.+?)\s+(?:ha(?:ve|s)\s+)?an?\s+direct\s+(?:causal\s+)?(?:effect|influence|impact)\s+on\s+(?P<b>.+?)\s*[?.!]*$", closed=True),
    _p("direct_cause", rf"\bdirect\s+(?:causal\s+)?(?:edge|arrow|link|relation\w*|path|connection|effect|influence|cause)\s+(?:from|of|between)\s+{_PAIR}\s*[?.!]*$", closed=True),
    # drivers
    _p("drivers", rf"^(?:who|what(?:\s+(?:factors?|variables?|columns?|things?))?|which(?:\s+\w+){{1,3}}?)\s+(?:else\s+)?(?:most\s+|mainly\s+|really\s+|actually\s+|strongly\s+)*(?:{CAUSES}|explains?)\s+(?:changes?\s+in\s+|to\s+|in\s+)?(?P<b>(?!by\b).+?)(?:\s+(?:the\s+)?most)?\s*[?.!]*$"),
    _p("drivers", r"(?:drivers?|(?:root\s+|main\s+|possible\s+|key\s+)*causes|determinants|root\s+cause|influences)\s+(?:of|for|behind|on)\s+(?P<b>.+?)\s*[?.!]*$"),
    _p("drivers", r"^why\s+(?:did|does|do|is|are|has|have)\s+(?P<b>.+?)(?:\s+(?:so|that|very|too|this))?(?:\s+(?:go(?:es)?|chang|drop|fall|fell|rise|rose|increas|decreas|vary|differ|var|high|low|up|down)\w*)+\s*[?.!]*$"),
    # effects
    _p("effect", rf"^(?:is|are|was|were)\s+(?P<b>.+?)\s+(?:raised|lowered|increased|reduced|decreased|changed|improved|worsened|boosted|cut|altered|shifted)\s+by\s+(?P<a>(?!\d).+?){_TAIL}", closed=True),
    _p("effect", rf"^(?:is|are|was|were)\s+(?P<b>.+?)\s+(?:higher|lower|larger|smaller|greater|better|worse|different)\s+(?:because\s+of|due\s+to|owing\s+to|thanks\s+to|as\s+a\s+(?:result|consequence)\s+of)\s+(?P<a>.+?){_TAIL}", closed=True),
    _p("effect", rf"^(?:does|do|did|will|would|can|could)\s+(?P<b>.+?)\s+(?:go(?:es)?\s+(?:up|down)|rise|fall|drop|grow|shrink|increase|decrease|decline|change|respond|react|improve|worsen|differ)\w*\s+(?:if|when|as|after|once)\s+(?:we\s+|i\s+|you\s+|they\s+|one\s+)?(?P<a>.+?){_TAIL}", closed=True),
    _p("effect", rf"^(?:does|do|did|will|would)\s+(?P<b>.+?)\s+(?:respond|react)\s+to\s+(?P<a>.+?){_TAIL}", closed=True),
    _p("effect", rf"^(?:what|which|how\s+(?:large|big|strong)\s+an?)\s+(?:\w+\s+)?(?:effects?|impacts?|influences?|consequences?)\s+(?:does|do|did|will|would)\s+(?P<a>.+?)\s+have\s+(?:up)?on\s+(?P<b>.+?){_TAIL}"),
    _p("effect", rf"\b(?:ate|att|atc|average\s+(?:treatment\s+)?effect\s+on\s+the\s+(?:un|non-?)?treated)\s+of\s+(?P<a>.+?)\s+(?:up)?on\s+(?P<b>.+?){_TAIL}"),
    _p("effect", rf"^(?:what\s+(?:is|was)\s+|estimate\s+|give\s+(?:me\s+)?)?(?P<a>.+?)(?:'s|s')\s+(?:\w+\s+)?(?:effect|impact|influence)\s+(?:up)?on\s+(?P<b>.+?){_TAIL}"),
    _p("effect", rf"^(?:is|are|was|were)\s+(?P<b>.+?)\s+(?:caused|affected|influenced|driven|determined)\s+by\s+(?P<a>.+?){_TAIL}", closed=True),
    _p("effect", rf"^(?:is\s+there|was\s+there)\s+(?:an?|any)\s+(?:\w+\s+)?(?:effect|impact|influence)\s+of\s+(?P<a>.+?)\s+(?:on|upon|in)\s+(?P<b>.+?){_TAIL}", closed=True),
    _p("effect", rf"^(?:does|do|did|has|have)\s+(?P<a>.+?)\s+ha(?:ve|s|d)\s+(?:an?|any)\s+(?:\w+\s+)?(?:effect|impact|influence)\s+(?:on|upon)\s+(?P<b>.+?){_TAIL}", closed=True),
    _p("effect", rf"(?:effect|impact|influence|consequences?)\s+(?:of|from)\s+(?P<a>.+?)\s+(?:on|upon|for|in)\s+(?P<b>.+?){_TAIL}"),
    _p("effect", rf"\b(?:returns?|pay-?off)\s+(?:to|of|from)\s+(?P<a>.+?)\s+(?:on|upon|for|in|in\s+terms\s+of)\s+(?P<b>.+?){_TAIL}"),
    _p("effect", rf"\b(?:lift|uplift)\s+in\s+(?P<b>.+?)\s+(?:from|of|by|due\s+to)\s+(?P<a>.+?){_TAIL}"),
    _p("effect", rf"(?:effect|impact|influence)\s+(?:on|upon)\s+(?P<b>.+?)\s+(?:of|from|by|when|if)\s+(?P<a>.+?){_TAIL}"),
    _p("effect", rf"(?:how|what)\b.*?\b(?P<b>(?!much|many|will|would|does|happens)\S.*?)\s+(?:change|respond|react|differ|be|move|increase|decrease|fall|rise|drop|grow|go\s+up|go\s+down|improve|vary)\w*\s+(?:by\s+)?(?:if|when|as|after|once)\s+(?:we\s+|i\s+)?(?:set|change|raise|lower|increase|reduce|cut|move)?\s*(?P<a>.+?){_TAIL}"),
    _p("effect", rf"what\s+(?:happens|would happen|will happen)\s+to\s+(?P<b>.+?)\s+(?:if|when|as|after|once)\s+(?:we\s+|i\s+|you\s+)?(?:set\s+|change\s+|raise\s+|lower\s+|increase\s+|reduce\s+|cut\s+|move\s+)?(?P<a>.+?){_TAIL}"),
    _p("effect", r"^(?:and\s+)?(?:if|when)\s+(?:we\s+|i\s+)?(?:set\s+|change\s+|raise\s+|lower\s+|increase\s+|reduce\s+|cut\s+)?(?P<a>.+?),\s*(?:then\s+)?(?:what|how)\b.*?(?:to|does|do|did|would|will|is|about)\s+(?P<b>.+?)(?:\s+(?:be|change|respond|become|look)\w*)?\s*[?.!]*$"),
    _p("effect", rf"^(?:by\s+)?how\s+(?:much\s+|strongly\s+|many\s+\S+\s+)?{AUX}\s+(?P<a>.+?)\s+{CAUSES}\s+(?:the\s+|to\s+|in\s+)?(?P<b>.+?){_TAIL}"),
    _p("effect", rf"^{_ACTS}\s+(?P<a>.+?)\s+(?:ultimately\s+|really\s+|actually\s+|causally\s+|significantly\s+)?{_NOUN_OF}{CAUSES}(?:\s+(?:to|in|of|an?\s+(?:increase|decrease|change|rise|drop)\s+in|more|less|higher|lower))*\s+(?P<b>{_NO_VERB}.+?){_TAIL}", closed=True),
    _p("effect", rf"^(?:is|are|was|were)\s+(?P<a>.+?)\s+an?\s+(?:cause|driver|reason|determinant)s?\s+(?:of|for)\s+(?P<b>.+?){_TAIL}", closed=True),
    _p("effect", rf"causal\s+(?:effect|relationship|link|relation)\s+(?:between|from)\s+{_PAIR}{_TAIL}"),
    # graph
    _p("graph", r"(?:graph|dag|diagram|network|structure|relationships?|map|model)\b.*?\b(?:of|for|among|amongst|between|over|on|with|using|from)\s+(?:the\s+)?(?:(?:variables|columns|nodes|features)\s+)?(?P<columns>.+?)\s*[?.!]*$"),
    _p("graph", r"\b(?:causal\s+)?(?:graph|dag|diagram|network|structure)\b|\bcausal\s+(?:relationships|relations|discovery|map)\b|\bdiscover\b"),
)  # fmt: skip

UP = re.compile(
    rf"\b(?:increas|rais|rise|boost|grow|promot|gain|more|higher|greater)\w*\b|\b(?:{_UPWARD}){_ENDINGS}",
    re.I,
)
DOWN = re.compile(
    r"\b(?:decreas|reduc|lower|cut|prevent|shrink|drop|fall|declin|loss|lose|losing|less|fewer|smaller)\w*\b"
    rf"|\b(?:{_DOWNWARD}){_ENDINGS}",
    re.I,
)
AWAY = re.compile(
    r"\b(?:remov\w*|withdr[ae]w\w*|without|not\s+(?:having|getting|giving|using)|skip(?:s|ped|ping)?|eliminat\w*|abolish\w*|lack\w*"
    r"|absence|no\s+longer|quit(?:s|ting)?|stop(?:s|ped|ping)?|ceas(?:e|es|ed|ing)|avoid(?:s|ed|ing|ance)?|abstain\w*"
    r"|giv(?:e|es|ing)\s+up|abandon(?:s|ed|ing)?|discontinu(?:e|es|ed|ing|ation)|scrap(?:s|ped|ping)?|cancel\w*)\b",
    re.I,
)
"""The treatment is taken away, so the direction asked for is the other one."""
PART = re.compile(
    r"\b(?:go(?:es)?|runs?|works?|operates?|is\s+transmitted|is\s+mediated|passes)\s+(?:through|via|by|over)\b"
    r"|\bindirect\s+effect|\b(?:share|part|portion)\s+of\s+the\s+effect",
    re.I,
)
"""Only a part of an effect is asked for; the whole effect would be another question's answer."""
