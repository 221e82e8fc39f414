"""What people ask of an answer that nothing here does: said plainly, each with what to do instead."""

from __future__ import annotations

import re

from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.errors import UsageError

_DO = (
    r"(?:(?:and|but|now|then|please|the same|same|again|so|only|just|do it|run it|rerun it|re-run it"
    r"|repeat it|can you|could you|can we|what about|what if (?:you|we|i)|if (?:you|we|i))[, ]+)*"
)
_CUT = (
    r"(?:without|drop(?:ping)?|remov(?:e|ing)|exclud(?:e|ing)|leav(?:e|ing) out|ignor(?:e|ing)"
    r"|trim(?:ming)?|delet(?:e|ing)|filter(?:ing)?(?: out)?|discard(?:ing)?|winsori[sz]e|cap|minus"
    r"|(?:re)?run (?:it|that|this) without|get rid of|throw(?:ing)? (?:out|away))"
)
_ANY = r"(?:(?:the|all|any|every|some|those|these|extreme|large|small|top|bottom|few) )*"
_PEOPLE = (
    r"(?:people|persons?|patients|customers|users|rows|units|cases|members|those|observations|records"
    r"|everyone|anyone|men|women|participants|ones|ages?|aged)"
)
_OVER = (
    r"(?:(?:are |is |aged? |with \w+ |whose \w+ (?:is|are) |who are |that are )*(?:over|under|above|below"
    r"|older than|younger than|more than|less than|at least|at most|fewer than|between"
    r"|from|up to|aged|[<>]=?|greater than|larger than|smaller than|higher than|lower than|beyond|past"
    r"|exceeding)) ?(?:the age of )?[-−]?\d[\d.,]*"
)
_FILE = r"(?:excel|csv|xlsx|pdf|word|powerpoint|slides?|latex|a? ?file|a? ?spreadsheet|google \w+|json)"

UNNAMED = "which column that number is of was not understood"
_ROWS = (
    (
        r"(?:would|does|will|do|can|could|is) (?:it|this|that|they|the (?:effect|result|answer)) (?:also"
        r" )?(?:generali[sz]e|externally valid|transport|carry over"
        r"|(?:hold|apply|work|be true|be the same) (?:elsewhere|outside|(?:in|for|to) (?:other|another|all"
        r"|different|the whole|my) (?!groups?|regions?|methods?)\w+))(?: .*)?(?P<key>)",
        "a table cannot tell of people or places that are not in it",
        "the answer names whom it is for; to see whether it differs within the table ask: for whom is it"
        " strongest?",
    ),
    (
        r"(?:(?:and|now|please|can you|could you|what if (?:you|we)|in|use|with|take|report) )*(?:it"
        r" )?(?:log(?:s|arithms?|ged)?|log[- ]transform(?:ed)?|standardi[sz]e[d]?|normali[sz]e[d]?|scale"
        r"|rescale"
        r"|square|z-?scores?|(?:units of )?(?:sds?|standard deviations?)|logs? of)(?: (?:of )?(?:it|the"
        r" \w+|scale|units|everything|both|terms))?(?P<key>)",
        "columns are taken as they are, in their own units",
        "write the changed column into the file and open that: ccp chat FILE",
    ),
    (
        r"(?:(?:can|could) you |please )*(?:give|show|write|print|send|draft|cite|list)(?: me| us)? (?:the"
        r" |a |an |your |some )*(?:python |r |stata )?(?:code|script|notebook|paragraph|abstract|text"
        r"|method(?:s)? section|citations?|references?|sources?|slides?|email|memo|paper|literature)(?:"
        r" .*)?(?P<key>)",
        "a chat writes no code and no papers",
        "/report writes the whole account with its methods and sources; /tools NAME tells of one method",
    ),
    (
        rf"{_DO}{_CUT} {_ANY}(?P<key>outliers?|extremes?|extreme (?:values|rows|cases)|(?:top|bottom"
        rf"|highest|lowest) \d.*|\d+ ?(?:%|percent).*)(?: .*)?",
        "no rows are left out in a chat, outliers among them",
        "ask: does it hold up? (the checks refit on parts of the rows); or open a table without them: ccp"
        " chat FILE",
    ),
    (
        rf"{_DO}{_CUT} {_ANY}(?:(?:rows|people|patients|records|observations|cases|columns|values)"
        rf" )?(?:(?:with|that have|having) )?{_ANY}"
        r"(?P<key>(?:missing|incomplete|na|nan|null|empty|blank|duplicate)\w*)(?: .*)?",
        "rows with gaps are not left out in a chat; those without cause or outcome never count, and filled"
        " controls are told",
        "ask: how many rows were used? Or open a table without them: ccp chat FILE",
    ),
    (
        rf"{_DO}(?:(?:only|just|for|among|in|limit(?:ed)?(?: it)? to|restrict(?:ed)?(?: it)? to|on|with"
        rf"|look at|consider|{_CUT}) )*{_ANY}(?:(?:older|younger) )?{_PEOPLE} (?P<key>{_OVER})"
        r"(?: .*)?|(?:(?:and|what about|for|only|just|among|in) )+(?:the )?(?P<key2>(?:over"
        r"|under)[- ]?\d+s?)",
        UNNAMED,
        "name it: only COLUMN above 50; or ask: by COLUMN (how the effect changes with it)",
    ),
    (
        r"(?:(?:and|now|can you|could you|please|give|show|use|make it|what(?: is|'s|s)|with|i want|report"
        r"|set|tell) )*(?:me )?(?:the |an? |your )?"
        r"(?P<key>(?:8|9)\d(?:\.\d+)? ?(?:%|percent))(?: (?:confidence|credible|uncertainty))?(?:"
        r" (?:interval|level|ci|limits?|bounds?|confidence))*(?: .*)?",
        "intervals are printed at the level the answer names, and no other is offered in a chat",
        "ask: how sure are you? The standard error is in the report: /report",
    ),
    (
        r"(?:(?:can|could) (?:you|i|we) |please |now )*(?:plot|chart|visuali[sz]e)(?: me)? (?:it|that|this"
        r"|them|the (?:effect|results?|data|answer|distributions?|estimates?)"
        r")(?: .*)?(?P<key>)|(?:(?:(?:can|could) (?:you|i|we) )?(?:draw|show|see|print|have|a |the |some "
        r"|any |make |give |me ) ?)*(?:plot|chart|histogram|figure|scatter ?plot|bar ?chart"
        r"|visuali[sz]ation)s?(?: .*)?",
        "a chat prints text only",
        "figures are in the report: /report; for the causal graph say: show the graph",
    ),
    (
        rf"(?:(?:can|could) (?:you|i|we) |please |now )*(?:export|save|download|write|copy|convert|put"
        rf"|email|mail|send|share|upload)(?: (?:it|this|that|them|everything|the \w+|me|all))*"
        rf"(?: (?:to|as|into|in|with|for|by) (?:an? |the |my )?(?:{_FILE}|boss|manager|team|colleagues?"
        rf"|email|slack|\w+))?(?P<key>)",
        "nothing is sent from here, and answers are exported in one form",
        "/report writes HTML, Markdown and JSON into a folder; the graph alone: /save NAME",
    ),
    (
        r"(?:(?:can|could) (?:you|i|we) |please |now )*(?:show|print|list|see|display|look at|open"
        r"|give)(?: me| us)? (?:the |some |all |a few |my |first |last |\d+ |few )*(?:raw )?"
        r"(?:(?:raw data|rows|records|cells|raw values|head)|(?:first|last|top) \d+ rows)(?: .*)?(?P<key>)",
        "rows are not printed in a chat",
        "/data shows the columns and what they hold",
    ),
    (
        r"(?:(?:can|could|would) you |please )*(?:(?:say|write|explain|translate|answer|tell|speak|repeat"
        r"|switch)(?: (?:it|that|this|me|everything))? )?(?:to|in|into) (?:german|french|spanish|chinese"
        r"|italian|portuguese|dutch|russian|japanese|korean|arabic|turkish|polish|deutsch|hindi)(?P<key>)",
        "the built-in expert writes English only",
        "for another language choose a model: ccp chat DATA -m PROVIDER:MODEL",
    ),
    (
        r"(?:what|how|when|how much|how many)(?: (?:will|is going to|would|does|do))+ .*\b(?:next (?:year"
        r"|month|week|quarter)|tomorrow|in the future|in 20\d\d|forecast\w*)\b.*(?P<key>)"
        r"|(?:predict|forecast)\b.*",
        "nothing here forecasts",
        "ask what would happen if a cause were set: what if COLUMN were VALUE?",
    ),
    (
        r"(?:what(?: is|'s|s| about)|give me|show(?: me)?|compute|calculate|and|tell me) (?:the"
        r" )?(?P<key>number needed to treat|nnt|hazard ratio|odds ratio|or|relative risk|risk ratio"
        r"|roi|return on investment|elasticity|r[- ]?squared|r2|aic|bic|power"
        r"|statistical power|cohen'?s d|effect size)(?: .*)?",
        "that number is not told of this answer where the answer does not print it",
        "ask: is that a lot? (what the effect is held against), or how sure are you? All numbers are in"
        " the report: /report",
    ),
)
_BEYOND = tuple((re.compile(row, re.I), said, instead) for row, said, instead in _ROWS)


def check_possible(text: str, words: Vocabulary, *, formed: bool = False) -> None:
    """Say that something cannot be done here, before a part of it is taken for something else.

    Args:
        text: a sentence after an answer, without its full stop.
        words: the table's columns; a sentence whose key word is one of them is none of these.
        formed: the group that its number makes was understood.

    Raises:
        UsageError: what cannot be done, and what to do instead.
    """
    for pattern, said, instead in _BEYOND:
        m = pattern.fullmatch(text)
        if m is None:
            continue
        key = next((v for k, v in m.groupdict().items() if k.startswith("key") and v), "")
        if (key and words.spoken(key)) or (formed and said == UNNAMED):
            continue
        raise UsageError(said, instead)
