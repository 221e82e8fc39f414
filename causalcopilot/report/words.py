"""The words that the plain text of a narrative may not hold, as patterns of English words and phrases."""

from __future__ import annotations

import re


def _pattern(words: str) -> re.Pattern[str]:
    """Whole words or phrases, written with ``;`` or a new line between them."""
    items = [w.strip() for line in words.splitlines() for w in line.split(";")]
    return re.compile(r"\b(?:" + "|".join(w for w in items if w) + r")\b")


_STEM = "(?:two|three|four|five|six|seven|eight|nine)"
_TENS = "(?:twen|thir|for|four|fif|six|seven|eigh|nine)t(?:y|ies|ieth|ieths)"
NUMBER_WORDS = _pattern(rf"""
    (?<!\bno )ones?(?! (?:\w+ to )?another\b); zero\w*; noughts?; naught; nil; null\w*; unity
    {_STEM}\w*; \w*(?:two|three|four|five|seven); \w*{_TENS}; tens?; ten(?:th|ths|fold)
    eleven\w*; twel(?:ve|ves|fth|fths); \w+teen(?:s|th|ths)?
    seconds?; secondly; thirds?; thirdly; fifths?; quarters?; quartered; half\w*; halv\w+
    \w*hundred\w*; \w*thousand\w*; \w*[bmtrdn]illi(?:on|ard)\w*; lakhs?; crores?; myriads?; googol\w*
    bn; mn; mio; mln; twice; thrice; doubl\w+; tripl\w+; trebl\w+; quadrupl\w+; quintupl\w+
    dozen\w*; couple; trio; umpteen; percent\w*; per ?(?:cent|mille)\w*; pct; basis points?
    (?!(?:mani|un|blind|scaf|bill|pin)fold)\w+folds?
""")
"""Words that say a number."""

_SIZE = (
    "(?:large|small|strong|weak|big|huge|tiny|negligible|substantial|considerable|meaningful|clear|real|genuine"
    "|positive|negative|adverse|sizeable|sizable|modest|moderate|minimal|definite|notable|important|absent"
    "|present)"
)
_EFFECT = "(?:effects?|impacts?|influences?)"
_IS = "(?:is|are|was|were)"
STRONG_WORDS = _pattern(rf"""
    \w*support\w*; \w*fragil\w*; \w*refut\w*; \w*significan\w*; robust(?!ness values?\b)\w*
    \w*identif(?:ied|ies|y|iable|iability|ying); prov(?:e|es|ed|en|ing|able|ably); proofs?; disprov\w+
        unproven
    (?<!\bcommon )causes?; caus(?:ed|ing|ation|ally|ative); \w*affect(?:s|ed|ing)?; impact(?:s|ed|ing)
    influenc(?:es|ed|ing); leads? to; led to; leading to; results? in; resulted in; due to; because of
        owing to
    thanks to; drives; drove; driven; contribut\w+; responsible; attributable; trigger\w*; induc(?:es|ed|ing)
    produces; \w*effective\w*; efficac\w+; \w*beneficial; benefits; harm(?:s|ed|ful|ing|less)?; helps
        helped; hurts?
    \w*increas\w*; \w*decreas\w*; rais(?:e|es|ed|ing); lower(?:s|ed|ing)?; higher
        reduc(?:e|es|ed|ing|tion|tions)
    boost\w*; diminish\w*; lessen\w*; improv\w+; worsen\w*; prevent\w*; protect(?:s|ed|ive)
        grow(?:s|n|th|ing)?
    grew; shrink\w*; shrank; rises?; rose; risen; rising; falls?; fell; fallen; falling; drops?; gains; gained
    loses; lost; climb\w*; declin\w+; confirm\w*; demonstrat\w+; establish\w*; \w*validat(?:e|es|ed|ing)
    corroborat\w+; verif\w+; \w*conclusive\w*; concludes?; \w*doubt\w*; \w*certain\w*; guarante\w+
    definit(?:e|ely|ive|ively); undeniabl\w+; \w*question(?:able|ably); \w*reliabl\w*; \w*trustworth\w+
    \w*credibl\w*; convinc\w+; compelling; \w*detect\w*; withst\w+; surviv\w+
    (?:no|any|strong|clear|weak|good|little|ample|much) (?:\w+ )?evidence; evidence (?:that|for|of|against)
    (?:no|without|lack of) (?:\w+ ){{0,3}}?{_EFFECT}
        (?:has|have|had|having|exerts?) (?:\w+ ){{0,4}}?{_EFFECT}
    there (?:{_IS}|exists?) (?:\w+ ){{0,4}}?(?:{_EFFECT}|relationships?|links?|associations?)
    there (?:{_IS}|exists?) (?:\w+ ){{0,4}}?(?:confound\w+|colliders?|mediators?)
    {_SIZE} (?:(?:causal|average|total|direct) )*{_EFFECT}
    {_EFFECT} (?:\S+ ){{0,4}}?(?:{_IS}|looks?|seems?|appears?) (?:\w+ ){{0,2}}?{_SIZE}
    (?!(?:stronger|other|rather|later|earlier|longer) )\w+er than; (?:more|less|fewer) (?:\w+ ){{0,3}}?than
""")
"""Words that state a verdict, a direction, a cause or certainty: facts hold these."""

LICENSED_WORDS = _pattern(r"""
    pass; passes; passed; fail; fails; failed; (?:in)?dependent(?:ly)?; \w*correlat(?:ed|es?); \w*associated
    associates; unrelated; reject(?:s|ed|ing)?; \w*valid; agrees?; disagrees?; \w*balanced
""")
"""Words that state an outcome: allowed where the same sentence refers to a fact."""

UNITS = _pattern(r"""
    kg; kilos?; kilograms?; grams?; lbs?; pounds?; dollars?; euros?; usd; eur; gbp; yen; cents?; pp
        points?; years?
    months?; weeks?; days?; hours?; minutes?; cm; mm; km; miles?; met(?:er|re)s?; feet; inch(?:es)?; degrees?
    celsius; lit(?:er|re)s?; ml; mmol; mmhg; sds?; standard deviations?; times; fold; k; m; x; e
""")
"""Units, which a fact prints itself."""
