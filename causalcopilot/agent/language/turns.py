"""Turns of phrase that ask what a plainer sentence asks: "what does A do to B" as "what is the effect of A on B".

A row rewrites the words around the columns and leaves the rest of the sentence (what is held fixed, which group) as it
stands; what a row does not name stays in the sentence, so that nothing is lost.
"""

from __future__ import annotations

import re

from causalcopilot.agent.language.phrases import AUX, CAUSES
from causalcopilot.agent.language.units import UNITS

_A = r"(?P<a>[^,;?]+?)"
_B = r"(?P<b>[^,;?]+?)"
_C = r"(?P<c>[^,;?]+?)"
_DO = r"(?:does|do|did|will|would|can|could|has|have)"
_IS = r"(?:is|are|was|were)"
_ANY = r"(?:an?\s+|any\s+|some\s+|the\s+|much\s+(?:of\s+an?\s+)?)?(?:(?:big|real|large|major|key|important|significant|noticeable|measurable|causal)\s+)*"
_DUE = r"(?:(?:that\s+(?:is|was)\s+)?(?:caused|produced|generated|created|brought\s+about|made|explained|driven)\s+by|due\s+to|because\s+of|owing\s+to|thanks\s+to|as\s+a\s+(?:result|consequence)\s+of|attributable\s+to|resulting\s+from|coming\s+from)"
_MOVE = r"(?:difference|change|increase|rise|gain|drop|fall|decrease|reduction|decline|shift|jump|uplift|lift|improvement|boost|loss|extra)"
_MOVED = r"(?:chang|increas|decreas|ris|rose|fall|fell|drop|grow|grew|go(?:es)?\s+(?:up|down)|went\s+(?:up|down)|declin|improv|worsen|shift|mov)\w*"
_BRING = r"(?:bring(?:ing)?|brought|cause[ds]?|generate[ds]?|produce[ds]?|create[ds]?|yield(?:ed|s)?|deliver(?:ed|s)?|g[ai]ve[ns]?|add(?:ed|s)?|get|got|win|won|earn(?:ed|s)?|attract(?:ed|s)?|lead\s+to|led\s+to|result(?:ed)?\s+in|drive|drove|cost|save[ds]?)(?:\s+(?:in|us|me|about))*"
_MORE = r"(?:more|extra|additional|further|higher|greater|larger)"
_FEWER = r"(?:fewer|less|lower|smaller)"
_ASKS = rf"(?:{AUX}|was|were|what|which|who|whom|how|why|when|where|if|for|in|among|given|should|may|might|show|give|list|is)\b"
_EFFECT = r"(?:effects?|impacts?|influences?|bearing)"
_THE_EFFECT = rf"(?:is|was)\s+(?:the\s+)?(?:(?:causal|average|total|overall|treatment)\s+)*{_EFFECT}\s+of\s+{_A}\s+(?:up)?on\s+{_B}"
_STOP = r"(?=\s*[?.!]*$|\s*,?\s+(?:given|when|after|controlling|adjusting|holding)\s)"
_LEAD = r"(?:what\s+is\s+|estimate\s+)?(?:the\s+)?"
_N = r"(?P<{}>-?\d[\d.]*)(?:\s*" + UNITS + r")?"
_MUCH = r"(?:an?\s+)?(?:higher|lower|more|less|fewer|larger|smaller|greater|high|low)"
_VERSUS = r"(?:vs\.?|versus|compared\s+(?:to|with)|rather\s+than|instead\s+of|against|over)"
_JUDGED = r"(?:harmful|dangerous|bad|good|beneficial|detrimental|damaging|helpful|healthy|unhealthy|useful|hazardous|risky)"
_WORKS = r"(?:effective|successful|helpful|useful|good|efficient|able|of\s+(?:any\s+)?(?:use|help))"
_FOLK = r"(?:the\s+)?(?:people|persons|patients|customers|clients|users|students|pupils|kids|children|workers|employees|women|men|them|us|me|you|families|households|farmers|shops|firms|companies|schools)"
_VALUED = r"(?:improv(?:e|es|ed|ing)|worsen(?:s|ed|ing)?|help(?:s|ed|ing)?|hurt(?:s|ing)?|harm(?:s|ed|ing)?|damag(?:e|es|ed|ing)|disrupt(?:s|ed|ing)?|benefit(?:s|ed|ing)?)"
_UNTURNED = (
    r"(?!.*\b(?:not|never|or|more|less|equally|differently|same|directly|immediately|through|via|only)\b)"
)
_HIDDEN = r"(?:(?:strong|powerful|unmeasured|hidden|unobserved|omitted|unknown|missing|unseen|residual)\s+)*(?:confounders?|confounding|common\s+cause|third\s+variable|variable|factor|cause)"
_UNDO = r"(?:explain(?:\s+away)?|overturn|nullify|cancel(?:\s+out)?|wipe\s+out|remove|kill|undo|erase|eliminate|account\s+for|change|bring\s+to\s+(?:zero|nothing))"
_TIE = r"(?:link|association|relation(?:ship)?|correlation|connection)"
_UPWARD = r"(?:increas|rais|boost|promot|improv|help|grow|enhanc|stimulat)\w*"
_DOWNWARD = (
    r"(?:decreas|reduc|lower|cut|shrink|worsen|hurt|harm|suppress|prevent|inhibit|hinder|diminish|depress)\w*"
)
_ROWS: tuple[tuple[str, str], ...] = (
    # a verb that values an outcome: whether more of it is good is nobody's to say here, so the effect itself is asked for
    (rf"^(?P<do>{_DO})\s+{_A}\s+help(?:s|ed)?\s+(?:{_FOLK}\s+)?(?:to\s+)?(?:get|have|achieve|reach|earn|make)?\s*(?:better|more|higher|greater)\s+", r"how does \g<a> affect "),
    (rf"^(?P<do>{_DO})\s+{_A}\s+(?:lead|result)s?\s+(?:to|in)\s+(?:better|worse|nicer)\s+", r"how does \g<a> affect "),
    (rf"^(?P<do>{_DO})\s+{_A}\s+help(?:s|ed)?\s+(?:to\s+|with\s+|in\s+)?(?={CAUSES}\s)", r"\g<do> \g<a> "),
    (rf"^{_UNTURNED}(?:{_DO}|{_IS})\s+{_A}\s+(?:really\s+|actually\s+|significantly\s+)?{_VALUED}\s+(?!(?:to|in|with|when|if|by|from|after|once|as|because|due|under|for|on|thanks)\b)", r"how does \g<a> affect "),
    (rf"^(?:would|will|could|does|do|did)\s+(?!(?:the\s+)?(?:\w+\s+)?effects?\b){_B}\s+(?:improve|worsen)s?\s+(?:with|under|thanks\s+to)\s+", r"how much would \g<b> change when changing "),
    (rf"^(?:would|will|could|does|do|did)\s+(?!(?:the\s+)?(?:\w+\s+)?effects?\b){_B}\s+(?:improve|worsen|get\s+better|get\s+worse)s?\s+(?=(?:if|when|as|after|once)\s)", r"how would \g<b> change "),
    # an effect asked for by other words
    (rf"^in\s+(?:what|which)\s+(?:way|direction|sense|manner|respect|fashion)s?\s+(?={_DO}\s)", "how "),
    (rf"^to\s+(?:what|which)\s+(?:degree|extent)\s+(?={_DO}\s)", "how much "),
    (rf"^(?:by\s+)?how\s+(?:much|strongly|far)\s+(?!(?:{_DO}|{_IS}|more|less|of)\b){_A}\s+(?={CAUSES}\s+(?!{_DUE}))", r"how much does \g<a> "),
    (rf"^(?:what\s+{_IS}\s+)?(?:the\s+)?(?:expected\s+|average\s+|likely\s+)?{_MOVE}\s+in\s+{_B}\s+(?=(?:if|when|as|after|once)\s)", r"how does \g<b> change "),
    (r"^(?:impact|effect)\s+analysis\s*[:,]?\s+(?:of\s+)?(?=\S+(?:\s+\S+){0,4}?\s+on\s)", "effect of "),
    (rf"^(?!{_ASKS}){_A}\s+(?:has|have|had)\s+no\s+(?=(?:\w+\s+)?{_EFFECT}\s+(?:up)?on\s)", r"does \g<a> have no "),
    (rf"^{_IS}\s+{_A}\s+(?:the|an?)\s+(?:root|real|true|actual|possible|likely|potential)\s+(?:cause|driver|reason)s?\s+(?:of|for|behind)\s+", r"does \g<a> affect "),
    (rf"^(?P<do>{_DO})\s+{_A}\s+make\s+{_B}\s+(?:go\s+up|rise|increase|higher|larger|grow|climb)(?=\s*(?:[,?.!]|$))", r"\g<do> \g<a> raise \g<b>"),
    (rf"^(?P<do>{_DO})\s+{_A}\s+make\s+{_B}\s+(?:go\s+down|fall|decrease|lower|smaller|drop|decline|shrink)(?=\s*(?:[,?.!]|$))", r"\g<do> \g<a> lower \g<b>"),
    (rf"^what\s+{_DO}\s+{_A}\s+do\s+(?:to|for)\s+", r"what is the effect of \g<a> on "),
    (rf"^(?:what|how\s+(?:much|big|large|great)(?:\s+(?:of\s+)?an?)?)\s+difference\s+{_DO}\s+(?!it\b){_A}\s+make\s+(?:to|in|for|on|with)\s+", r"what is the effect of \g<a> on "),
    (rf"^(?:what|how\s+(?:big|large|great|important)\s+an?)\s+(?:role|part)\s+{_DO}\s+{_A}\s+play\s+in\s+(?:(?:determining|shaping|driving|causing|explaining|setting)\s+)?", r"what is the effect of \g<a> on "),
    (rf"^what\s+{_MOVE}\s+(?:in|of)\s+{_B}\s+{_DO}\s+{_A}\s+{_BRING}(?=\s*(?:[,;?.!]|$|(?:when|given|after|for|among|in)\s))", r"what is the effect of \g<a> on \g<b>"),
    (rf"^(?:what\s+{_IS}\s+)?(?:the\s+)?(?:size\s+of\s+the\s+)?(?:average\s+|total\s+|net\s+)?{_MOVE}\s+in\s+{_B}\s+(?:{_DUE}|from)\s+(?!(?:\S+\s+){{1,3}}to\s)", r"what is the effect on \g<b> of "),
    (rf"^(?:by\s+)?how\s+much\s+(?:{_DO}\s+)?{_B}\s+(?:(?:has|have|had|was|were|is|are)\s+)?{_MOVED}\s+{_DUE}\s+", r"what is the effect on \g<b> of "),
    (rf"^(?:by\s+)?how\s+much\s+(?:higher|lower|larger|smaller|greater|better|worse|more|less)\s+(?:{_IS}|{_DO})\s+{_B}\s+{_DUE}\s+", r"what is the effect on \g<b> of "),
    (rf"^how\s+(?:much|many)\s+{_B}\s+(?:{_IS}|has\s+been|have\s+been)\s+(?:lost|gained|saved|added|won)\s+{_DUE}\s+", r"what is the effect on \g<b> of "),
    (rf"^how\s+(?:many|much)\s+(?:{_MORE}\s+|{_FEWER}\s+)?(?:{UNITS}\s+of\s+(?:the\s+)?)?{_B}\s+{_DO}\s+{_A}\s+{_BRING}(?=\s*(?:[,;?.!]|$|(?:when|given|after|for|among|in)\s))", r"how much does \g<a> change \g<b>"),
    (rf"^(?:by\s+)?how\s+(?:many|much)(?:\s+(?!percent|per\s)\w+)?\s+{_DO}\s+{_A}\s+add\s+to\s+", r"how much does \g<a> change "),
    (rf"^how\s+(?:effective|good|successful|helpful|useful|efficient|powerful)\s+{_IS}\s+{_A}\s+(?:at|in|for)\s+(?={CAUSES}\s)", r"how much does \g<a> "),
    (rf"^how\s+(?:well|badly|effectively)\s+{_DO}\s+{_A}\s+(?:work\s+(?:for|in|at)\s+)?(?={CAUSES}\s)", r"how much does \g<a> "),
    (r"^how\s+(?:do|does|did|would|will|could)\s+(?P<b>[^,;?]+?)\s+(?:respond|react)\s+to\s+", r"what is the effect on \g<b> of "),
    (rf"^{_IS}\s+{_A}\s+(?:\w+ly\s+)?{_JUDGED}(?:\s+or\s+{_JUDGED})?\s+(?:for|to)\s+", r"what is the effect of \g<a> on "),
    (rf"^(?P<is>{_IS})\s+{_A}\s+(?:\w+ly\s+)?{_WORKS}\s+(?:at|in|for|to)\s+(?={CAUSES}\s)", r"does \g<a> "),
    (rf"^(?P<do>{_DO})\s+{_A}\s+(?:really\s+|actually\s+)?(?:work|help|serve|manage|tend|seem|appear|suffice)\s+(?:to|in|at|for|by)\s+(?={CAUSES}\s)", r"\g<do> \g<a> "),
    (rf"^(?P<do>{_DO})\s+{_A}\s+{_UPWARD}\s+or\s+(?:\w+\s+)?{_DOWNWARD}\s+(?!it\b)", r"how does \g<a> affect "),
    (rf"^(?P<do>{_DO})\s+{_A}\s+{_DOWNWARD}\s+or\s+(?:\w+\s+)?{_UPWARD}\s+(?!it\b)", r"how does \g<a> affect "),
    (rf"^(?P<do>{_DO})\s+{_A}\s+make\s+{_ANY}difference\s+(?:to|in|for|on|with)\s+", r"\g<do> \g<a> affect "),
    (rf"^(?P<do>{_DO})\s+{_A}\s+(?:play|have)\s+{_ANY}(?:role|part|hand|bearing|influence)\s+(?:in|on)\s+(?:(?:determining|shaping|driving|causing|explaining)\s+)?", r"\g<do> \g<a> affect "),
    (rf"^(?:would|will|could)\s+{_B}\s+(?:be|have\s+been)\s+(?:higher|larger|greater)\s+without\s+(?:the\s+|our\s+)?(?P<a>[^,;?]+?)\s*(?=[,;?.!]|$|given\s)", r"does removing \g<a> raise \g<b>"),
    (rf"^(?:would|will|could)\s+{_B}\s+(?:be|have\s+been)\s+(?:lower|smaller)\s+without\s+(?:the\s+|our\s+)?(?P<a>[^,;?]+?)\s*(?=[,;?.!]|$|given\s)", r"does removing \g<a> lower \g<b>"),
    (rf"^(?P<do>{_DO})\s+{_B}\s+{_MOVED}\s+{_DUE}\s+", r"is \g<b> affected by "),
    (rf"^{_IS}\s+{_A}\s+(?:to\s+blame|responsible|accountable|at\s+fault|the\s+culprit)\s+for\s+", r"does \g<a> affect "),
    (rf"^(?P<do>{_DO})\s+{_A}\s+{_BRING}\s+{_MORE}\s+", r"\g<do> \g<a> increase "),
    (rf"^(?P<do>{_DO})\s+{_A}\s+{_BRING}\s+{_FEWER}\s+", r"\g<do> \g<a> decrease "),
    (rf"^{_IS}\s+{_A}\s+an?\s+(?:\w+\s+)?risk\s+factors?\s+(?:for|of)\s+(?:(?:high|higher|increased|elevated|raised)\s+)?", r"does \g<a> increase "),
    (rf"^{_IS}\s+(?:the|this|that)\s+(?:\w+\s+)?{_TIE}\s+(?:between|of)\s+{_A}\s+(?:and|with)\s+{_B}\s+(?:really\s+|actually\s+|truly\s+)?(?:causal|causation|a\s+causal\s+(?:one|effect))(?:\s*,?\s+or\s+(?:(?:is\s+it|just|only|merely|simply|an?|mere|pure)\s+)*(?:correlations?(?:al)?|associations?|coincidence|spurious|confounded|confounding|causal))?(?=\s*[?.!]*$)", r"is there an effect of \g<a> on \g<b>"),
    (rf"^(?P<do>{_DO})\s+{_A}\s+protect(?:s|ed)?\s+(?:{_FOLK}\s+)?(?:against|from)\s+(?:(?:high|elevated)\s+)?", r"\g<do> \g<a> reduce "),
    (rf"^what\s+would\s+{_B}\s+be\s+(?:at|with|for|under)\s+(?:an?\s+|the\s+)?{_A}\s+(?:of|=|at)\s+(?=[€$£]?-?\d)", r"what would \g<b> be if \g<a> were "),
    # the part of an effect that goes through a column
    (rf"^(?P<do>{_DO})\s+{_A}\s+(?:act|work|operate)s?\s+(?:through|via)\s+{_C}\s+(?:up)?on\s+{_B}(?=\s*[?.!]*$)", r"\g<do> \g<a> affect \g<b> through \g<c>"),
    (rf"^(?P<do>{_DO})\s+{_A}\s+(?P<v>{CAUSES})\s+{_B}\s+by\s+(?:first\s+)?(?:increas|rais|lower|reduc|decreas|chang|boost|driv|alter|shift|improv|affect|influenc)\w*\s+(?=[^\s\d])", r"\g<do> \g<a> \g<v> \g<b> through "),
    # how much of a hidden cause it would take, which the answer about the effect tells
    (rf"^how\s+(?:strong|large|big|strongly|much)\s+(?:must|would|should|does|do|could|need|has|have)\s+(?:(?:an?|the|any|some)\s+)?{_HIDDEN}\s+(?:(?:have|need|be|to|had|confound)\s+)*(?:so\s+as\s+|in\s+order\s+)?(?:to\s+)?{_UNDO}\s+(?:the\s+)?(?:\w+\s+)?{_EFFECT}\s+of\s+", "what is the effect of "),
    (rf"^(?:can|could|would|might|may|does|do)\s+(?:an?|some|any)\s+(?=\w+\s){_HIDDEN}\s+{_UNDO}\s+(?:the\s+)?(?:\w+\s+)?{_EFFECT}\s+of\s+", "what is the effect of "),
    (rf"^how\s+(?:robust|sensitive|stable|fragile)\s+(?:is|are)\s+(?:the\s+)?(?:\w+\s+)?{_EFFECT}\s+of\s+(?P<rest>.+?)(?:\s+to\s+(?:(?:an?\s+)?{_HIDDEN}|omitted\s+variables?(?:\s+bias)?))?(?=\s*[?.!]*$)", r"what is the effect of \g<rest>"),
    # a column that may stand behind two others
    (rf"^(?:can|could|does|do|might|may|would)\s+{_C}\s+(?:fully\s+|partly\s+|really\s+)?explain\s+(?:away\s+)?(?:the|this|that)\s+(?:\w+\s+)?{_TIE}\s+(?:between|of)\s+", r"is \g<c> a confounder of "),
    # the sign of an effect
    (rf"^{_THE_EFFECT}\s+(?:positive\s+or\s+negative|negative\s+or\s+positive|good\s+or\s+bad){_STOP}", r"how does \g<a> affect \g<b>"),
    (rf"^{_THE_EFFECT}\s+(?:different\s+from\s+(?:zero|0)|not\s+(?:zero|0)|non-?zero|(?:statistically\s+)?significant|real){_STOP}", r"is there an effect of \g<a> on \g<b>"),
    (rf"^{_THE_EFFECT}\s+(?:zero|0|null|nil|nothing){_STOP}", r"is there no effect of \g<a> on \g<b>"),
    (rf"^{_THE_EFFECT}\s+(?:negative|below\s+(?:zero|0)|less\s+than\s+(?:zero|0)){_STOP}", r"does \g<a> lower \g<b>"),
    (rf"^{_THE_EFFECT}\s+(?:positive|above\s+(?:zero|0)|more\s+than\s+(?:zero|0)|greater\s+than\s+(?:zero|0)){_STOP}", r"does \g<a> raise \g<b>"),
    # whose effect is larger, and the effect by group
    (rf"^(?!.*\bthan\b)(?:does|do|did|has|have)\s+{_A}\s+(?:have\s+|has\s+)?an?\s+(?P<size>larger|bigger|stronger|greater|smaller|weaker)\s+{_EFFECT}\s+(?:up)?on\s+{_B}\s+(?=(?:for|in|among|with)\s)", r"is the effect of \g<a> on \g<b> \g<size> "),
    (rf"^how\s+(?:much\s+|strongly\s+)?(?:does|do|did)\s+{_A}\s+{CAUSES}\s+{_B}\s+(?=(?:by|across|per|in\s+each|for\s+each|within\s+each)\s+(?!how\b)[^\d\s])", r"what is the effect of \g<a> on \g<b> "),
    # the sign of an association, which its number tells
    (rf"^{_IS}\s+there\s+(?:an?\s+|any\s+)?(?:\w+\s+)?(?:negative|positive|inverse)\s+{_TIE}\s+between\s+", "what is the correlation between "),
    (rf"^{_IS}\s+{_A}\s+(?:negatively|positively|inversely)\s+(?:related|correlated|associated|linked)\s+(?:to|with)\s+", r"how strongly is \g<a> related to "),
    (rf"^{_IS}\s+{_MUCH}\s+{_A}\s+(?:related|correlated|associated|linked)\s+(?:to|with)\s+{_MUCH}\s+", r"how strongly is \g<a> related to "),
    # two values of a number compared
    (rf"^(?P<h>{_LEAD}{_EFFECT}\s+of\s+){_A}\s+(?:of\s+|=\s*)?{_N.format('n')}\s+{_VERSUS}\s+(?:of\s+)?{_N.format('m')}\s+(?=(?:up)?on\s)", r"\g<h>\g<a> from \g<m> to \g<n> "),
    (rf"^(?P<h>{_LEAD}{_EFFECT}\s+of\s+){_N.format('n')}\s+{_VERSUS}\s+{_N.format('m')}\s+(?:of\s+)?(?P<a>[^,;?\d]+?)\s+(?=(?:up)?on\s)", r"\g<h>\g<a> from \g<m> to \g<n> "),
    # why a cause works: through what
    (rf"^(?:why|how\s+come)\s+(?:{_DO}\s+)?(?!{_IS}\s){_A}\s+(?={CAUSES}\s+(?!(?:between|from|in|so|when|since|after|over|to|by|for|on|at|if|than|more|less|much|as|with|row)\b)\S)", r"through what does \g<a> "),
    # what to hold fixed
    (rf"^(?:what|which)\s+(?:covariates?|controls?|control\s+variables?|variables?|columns?)\s+(?:should|must|do|does|ought|need|to|have)\s+(?:(?:i|we|you|one|be|to|need)\s+)*(?:includ|us|add|choos|select|tak)\w*\s+(?:in|for|when|to)\s+(?:[^?]*?\s)?(?={_EFFECT}\s+of\s)", "what should i adjust for to find the "),
    # causes of a column
    (r"^(?:(?:what|which)\s+(?:are|is)\s+|list\s+|find\s+|identify\s+|name\s+|show\s+(?:me\s+)?)?(?:all\s+)?(?:the\s+)?(?:(?:main|key|major|important|most\s+important|biggest|possible|likely|causal|top|primary|real|underlying)\s+)*(?:(?:risk|causal|driving|influencing|contributing)\s+factors?|reasons?)\s+(?:for|of|behind|in|influencing|affecting|driving)\s+(?:(?:high|low|poor|good|bad|elevated|increased|reduced)\s+)?", "what are the causes of "),
    (rf"^(?:what|which\s+(?:factors?|variables?|columns?|things?))\s+(?:has|have|had)\s+(?:the\s+|an?\s+)?(?:(?:big|large|strong|great)(?:gest|est|st)?|most|(?:very\s+)?(?:important|major))?\s*{_EFFECT}\s+(?:up)?on\s+", "what causes "),
    (rf"^what\s+makes\s+{_FOLK}\s+(?!{CAUSES})", "what causes "),
    (rf"^why\s+(?:do|did|does|would)\s+(?:some\s+|so\s+many\s+|our\s+|my\s+)?{_FOLK}\s+(?!(?:have|get|earn|not)\b|{CAUSES})(?=\S+\s*[?.!]*$)", "what causes "),
    (r"^(?:how|what)\s+(?:can|could|should|do|might|must|would)\s+(?:i|we|you|one|they|people)\s+(?:(?:do|change)\s+)?(?:(?:in\s+order\s+)?to\s+)?(?:best\s+)?(?:increase|raise|boost|improve|grow|lift|reduce|lower|decrease|cut|prevent|bring\s+down|get\s+(?:more|higher|better|less|fewer|lower))\s+(?:the\s+|our\s+|my\s+)?(?!it\b|this\b|that\b|them\b)(?=[^,?]+?[?.!]*$)", "what causes "),
    (r"^(?:what|who|which\s+\w+)\s+(?:is|are|was|were)\s+(?:mainly\s+|most\s+)?(?:responsible|to\s+blame|accountable)\s+for\s+(?:(?:high|low|poor|bad)\s+)?(?!.*\b(?:row|between)\b)", "what causes "),
    (r"^(?:what|which\s+(?:factors?|variables?|columns?|things?)|what\s+(?:factors?|variables?|things?))\s+(?:lead|contribute)s?\s+to\s+(?:(?:high|higher|low|lower|poor|bad|better|more|less)\s+)(?!.*\b(?:row|between)\b)", "what causes "),
    (r"^(?:what|which\s+(?:variables?|columns?|factors?)|what\s+(?:variables?|factors?))\s+confounds?\s+(?:the\s+(?:effect|relation\w*|link|association)\s+(?:of|between)\s+)?", "what are the confounders of "),
    (r"^(?!.*(?:\d|=|\bbetween\b))(?:what|which\s+(?:factors?|variables?|columns?|things?))\s+(?:could|might|may|can)\s+(?:be\s+(?:causing|driving|behind|affecting|influencing|responsible\s+for)|cause|drive|affect|influence|explain)\s+(?:(?:high|low|poor|bad)\s+)?", "what causes "),
    (r"^(?:rank|order|sort|list)\s+(?:the\s+|all\s+)*(?=(?:causes|drivers|determinants)\s)", "what are the "),
    (r"^(?:do\s+an?\s+|run\s+an?\s+)?root[\s-]cause\s+analysis\s+(?:of|for|on)\s+(?:the\s+)?(?:(?:high|low|poor|bad)\s+)?", "what are the causes of "),
    (rf"^(?!.*(?:\d|=|\bbetween\b))(?:what|which\s+(?:factors?|variables?|columns?|things?))\s+(?:is|are)\s+(?:mainly\s+|really\s+|mostly\s+)?(?:causing|driving|behind|affecting|influencing|determining|raising|lowering)\s+(?:the\s+|our\s+|my\s+)?(?:(?:high|low|poor|bad)\s+)?(?!{_MOVE}\s+(?:in|of)\b)", "what causes "),
    (r"^(?:what|which\s+(?:factors?|variables?|columns?|things?))\s+(?:controls?|limits?|regulates?|governs?)\s+(?!(?:did|do|does|should|shall|were|was|are|is|to|can|could|must|would|for|both|the\s+other)\b)", "what causes "),
)  # fmt: skip
_FRAME = re.compile(
    r"^(?:(?:please\s+)?(?:estimate|calculate|compute|quantify|measure|find\s+out|work\s+out|determine|tell\s+me|show\s+me|tell)\s+)"
    r"(?=(?:by\s+)?(?:how|what|which|whether)\s)",
    re.I,
)
"""An order before a question of its own."""
_TURNS = tuple((re.compile(row, re.I), plain) for row, plain in _ROWS)


def plainly(sentence: str) -> str:
    """The sentence with a turn of phrase in the words that patterns know."""
    sentence = _FRAME.sub("", sentence)
    for pattern, plain in _TURNS:
        if match := pattern.match(sentence):
            return match.expand(plain) + sentence[match.end() :]
    return sentence
