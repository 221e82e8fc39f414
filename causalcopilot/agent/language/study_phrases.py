"""How people tell of a study beside their question: chance, cutoffs, what moves a treatment, who adopted it when."""

from __future__ import annotations

import re

from causalcopilot.agent.language.phrases import AUX, CAUSES, GIVEN

ENDS = re.compile(
    r"(?<=[?!])\s+(?=\S)|(?<=\.)(?<!\b[A-Z]\.)(?<!\bvs\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bapprox\.)\s+(?=[A-Z`'\"(]|[a-z]+_)"
)
LEAD = re.compile(
    rf"^(?P<lead>[^:?]{{3,}}):\s+(?=(?:{AUX}|was|were|what|how|by\s+how|estimate)\b)(?P<asks>.+)$",
    re.I | re.S,
)
ASKS = re.compile(
    rf"^(?:{AUX}|was|were|what|which|who|whom|how|by\s+how|why|should|estimate|tell|give|compute|quantify|i\s+want|we\s+want"
    r"|find|test|please|is|are)\b",
    re.I,
)
AS_CONTROL = re.compile(
    rf"(?P<held>\b{GIVEN}\s+[^,?;]+?)\s+as\s+(?:an?\s+|the\s+)?(?:baselines?|covariates?|controls?|pre-?(?:period|test))\b",
    re.I,
)
"""What is held is called a baseline: it is held all the same."""
TAIL = re.compile(
    r"^(?P<asks>.+?)\s*[,;(]\s*(?:(?:which|that|who|it|and)\s+(?:was|were)\s+|as\s+)?(?P<told>(?:block\s+|cluster\s+)?"
    r"(?:randomi[sz]ed|randomly\s+(?:assigned|allocated)|assigned\s+(?:at\s+random|randomly))\s+(?:by|within|inside|at|separately)\s"
    r"[^?()]+)\)?\s*[?.]*$",
    re.I,
)
"""A question that says at its end within what, or by whom, the lot was drawn."""
TAG = re.compile(
    r"^(?:(?:and|but|so)\s+)?(?:(?:is|isn't)\s+(?:that|this|it)\s+(?:right|true|so|correct|the\s+case|wrong)|right|correct|true"
    r"|why|how\s+sure\b.*|do\s+you\s+agree)\s*\?*$",
    re.I,
)
"""A question about the claim before it."""
ORDERS = re.compile(
    r"^(?:please\s+)?(?:use\b|using\b|adjust\w*|control\w*\s+for|account\w*\s+for|condition\w*\s+on|holding|hold\b|instrument\w*|cluster\w*"
    r"|weight\w*\s+by|restrict\w*|only\s+(?:use|consider|look|include|take|count)\b|consider\s+only|ignore|exclude|drop\b|leave\b|assume\b|limit\b|look\s+only|keep\b|treat\s|compare\b"
    r"|thanks?|thank\s+you|be\s+brief|explain|and\b|but\b|or\b|i\s+mean)",
    re.I,
)
"""Sentences that tell what to do and not what was done: they stay part of the question."""
NO = re.compile(
    r"\b(?:not|never|no|non|nobody|without|hardly)\b[\s-]*(?:\w+\s+){0,2}$|n't\s+(?:\w+\s+){0,2}$", re.I
)
LOT = re.compile(
    r"\b(?:randomi[sz]ed|randomi[sz]ation|randomly|(?:at|by)\s+random|by\s+(?:an?\s+|the\s+)?(?:lottery|lots?|coin\s*\w*|chance)"
    r"|(?:was|were|is|are)\s+(?:\w+ly\s+)?random(?!\s+\w+\s+sample)|rct|a/b[-\s]test\w*|lottery"
    r"|random\s+(?:half|third|quarter|tenth|part|share|subset|group|set)(?=\s+of))\b",
    re.I,
)
LOTTERY = re.compile(r"\blotter\w+", re.I)
SAMPLED = re.compile(r"\brandom\s+(?:sub)?sample|\brandomly\s+(?:sampled|surveyed|interviewed)\b", re.I)
"""Rows drawn by lot are a survey, and say nothing of who was treated."""
PICKED = re.compile(r"\brandomly\s+(?:picked|selected|chosen|drawn)\b(?!\s+(?:to|for|into)\b)", re.I)
"""Rows picked by lot may be a survey too, unless it is said what they were picked for."""
DONE = re.compile(r"\b(?:was|were|is|are|been|being|got)\b", re.I)
TO = re.compile(
    r"\b(?:to\s+(?:(?:receive|get|be\s+\w+ed)\s+)?|(?:into|receive|offered|given|sent|shown|handed|treated\s+with)\s+)",
    re.I,
)
WITHIN = re.compile(
    r"\b(?:(?:within|inside|separately\s+(?:by|in))\s+(?:each\s+|every\s+|the\s+)?|(?:in|at)\s+(?:each|every)\s+)(?P<s>[^,.;]+)",
    re.I,
)
LEVEL = re.compile(
    r"\b(?:at\s+(?:the\s+)?(?P<l>[\w\s]+?)[\s-]level\b|at\s+the\s+level\s+of\s+(?:the\s+)?(?P<o>[\w\s]+)"
    r"|by\s+(?!an?\s|the\s|lot|coin|chance|random|computer|hand)(?P<b>\w+))",
    re.I,
)
ANYONE = re.compile(
    r"^(?:[\d,.]+\s+|all\s+|the\s+|our\s+|these\s+|eligible\s+|adult\s+|half\s+(?:of\s+)?(?:the\s+)?|some\s+)*(?:patients?|users?"
    r"|customers?|people|persons?|men|women|children|kids|pupils?|students?|households?|famil\w+|participants?|subjects?|respondents?"
    r"|visitors?|clients?|firms?|compan\w+|stores?|shops?|schools?|villages?|class(?:es|rooms?)|clinics?|hospitals?|workers?|employees"
    r"|individuals?|mothers|babies|infants|voters?|applicants?|farmers?|trials?|stud(?:y|ies)|experiments?|teachers?|animals|mice|rats|plots?|treatments?|assignments?"
    r"|allocation|group|groups|arms?|conditions?|units|it|they|everyone|everybody|this|who|which)?\s*$",
    re.I,
)
ANY_ARM = re.compile(
    r"^(?:an?\s+|the\s+|one\s+of\s+|two\s+|three\s+|either\s+|treatments?|controls?|or\s+|and\s+|arms?|groups?|conditions?|it|"
    r"intervention|different|\s|[,.;])*$",
    re.I,
)
OBSERVED = re.compile(r"\bchose\b|self[-\s]select|observational|non-?randomi|quasi", re.I)
NUMBER = r"[€$£]?(?P<{0}>[-−]?\d+(?:[.,]\d+)*)\s?%?"
BOUND = re.compile(
    r"(?:\b(?:at\s+least|at\s+or\s+above|above|over|below|under|more\s+than|less\s+than|greater\s+than|fewer\s+than|exceed\w*"
    r"|reach\w*|cross\w*|pass\w*|from\s+(?:the\s+)?age(?:\s+of)?|from|turn\w*|cut-?off(?:\s+(?:of|at|is))?|threshold(?:\s+(?:of|at|is))?"
    r"|jumps?\s+at)\s+(?:the\s+|a\s+)?(?:(?:cut-?off|threshold|age)\s+)?(?:of\s+)?(?:[\w.]+\s*=\s*)?|[<>]=?\s*)"
    + NUMBER.format("n")
    + r"|"
    + NUMBER.format("m")
    + r"\s+(?:\w+\s+)?(?:or|and)\s+(?:more|above|over|higher|older|up|below|less|lower|younger|fewer)\b",
    re.I,
)
DECIDES = re.compile(
    r"\b(?:receiv|got\b|get\b|eligib|award|entitl|qualif|admit|assign|treat|won\b|win\b|cut-?off|threshold|jump|cross|decid|offer"
    r"|became|legal|determin|given\b|must\b|require|allow|elected|discontinu)",
    re.I,
)
DEPENDS = re.compile(
    r"\b(?:depend(?:s|ed|ing)?\s+on|based\s+on|on\s+the\s+basis\s+of|according\s+to)\s+(?:the\s+|their\s+|his\s+|her\s+)?(?P<x>[^.;]+)$",
    re.I,
)
"""What decided who was treated, without a bound."""
MOVES = re.compile(
    r"^(?P<z>.+?)\s+(?:shift|affect|move|influence|change|predict|drive|raise|encourage|induce)[sd]?\s+(?P<t>.+?)[\s,]+(?:but|and)"
    r"\s+(?:\w+\s+)?(?:not\b|has\s+no|had\s+no|have\s+no|does\s+not|doesn't|do\s+not|only\b|nothing|otherwise)",
    re.I,
)
ADOPTS = re.compile(
    r"\b(?:adopt|introduc|implement|roll\w*\s+out|pass|start|began|enact|chang|launch)\w*\b.*(?:\bdifferent\s+(?:years?|times?|dates?"
    r"|months?)|\bat\s+different\b|\bstagger|\b(?:in|since|after|from)\s+(?:\w+\s+)?\d{4}\b)|\bdifferences?[-\s]in[-\s]differences?",
    re.I,
)
TIME = re.compile(
    r"(?:^|_)(?:year|yr|quarter|qtr|month|week|day|date|time|period|wave|round)s?(?:$|_|\d)", re.I
)
NAMELESS = re.compile(
    r"^(?P<head>(?:(?:what|how\s+large|how\s+big)\s+(?:is|was)|estimate|tell\s+me|compute)?\s*(?:the\s+)?(?:average\s+|causal\s+"
    r"|treatment\s+)*(?:effect|impact|influence))\s+(?=(?:on|upon)\s)",
    re.I,
)
ITS = re.compile(
    r"\b(?:its|their)\s+(?P<n>(?:average\s+|causal\s+)*(?:effect|impact|influence))\s+(?=(?:on|upon)\s)", re.I
)
BORN = re.compile(
    r"(?:age|sex|gender|female|male|race|ethnicity)(?:[\W_]?group)?|(?:prior|baseline|previous|initial|pre)[\W_].+",
    re.I,
)
"""Names of what no lot and no cutoff gives to anyone."""
IT = re.compile(
    rf"^(?P<head>(?:(?:by\s+)?how\s+(?:much\s+|strongly\s+)?)?{AUX})\s+(?:it|this|that)\s+(?=(?:\w+ly\s+)?{CAUSES}\b)",
    re.I,
)
