"""How people ask for the last effect done another way or told for other rows: one way of saying it a row."""

from __future__ import annotations

import re

from causalcopilot.agent.language.averages import AVERAGES
from causalcopilot.agent.language.estimators import DESIGNS, FOREIGN, NAMED

_LEAD = (
    r"(?:(?:and|now|but|then|also|or|so|the same|same|again|try(?: it)?|do it|once more|what about(?: it)?"
    r"|redo it|repeat it|instead"
    r"|how about(?: it)?|let's|let us|(?:can|could|would|should) (?:you|we|i)|please|i want(?: to)?|i'd"
    r" like(?: to)?)[,:]? )*"
)
_ONCE = r"(?: (?:instead|again|too|as well|then|now|please|for me|this time|here))*"
_ERRORS = (
    r"(?: with (?:the )?(?:robust|hc\d|white|heteroske?cedasticity[- ](?:robust|consistent)"
    r"|huber[- ]white) (?:standard )?errors)?"
)
_WAY = rf"(?: (?:estimat(?:or|e|ion)|method|approach|model|version|weights|analysis|result))?{_ERRORS}{_ONCE}"
_THIS = r"(?:it|that|this|them|the (?:effect|estimate|answer|analysis|same)|everything|the whole thing)"
_USE = (
    rf"(?:(?:use|using|try|apply|switch to|change to|go for|prefer|do|run|re-?run|redo|re-?do|repeat"
    rf"|re-?estimate|estimate|compute|calculate|get|check|show"
    rf"|with|by|via|through|on)(?: me)?(?: {_THIS})?(?: (?:again|once more))?(?: (?:with|by|using|via"
    rf"|through|on))?)"
)
_SAY = r"(?:say|give|find|show|get|yield|tell|look like|come to)(?: us| me| you)?"
_EACH = r"(?:(?:the|every|each|all(?: the)?|different|both) )*"
_ROWS = (
    r"(?:limit(?:ed)?|restrict(?:ed)?|narrow(?:ed)?|reduced?|confined?|cut)(?: (?:it|this|that|the"
    r" \w+))?(?: down)? to"
)
_MOST = (
    r"(?:most|best|least|worst|strongest(?:ly)?|largest|biggest|greatest|highest|weakest|smallest|lowest"
    r"|stronger|larger|bigger|smaller|weaker"
    r"|more strongly|better|well|positive|negative)"
)
_WORK = (
    r"(?:work|help|matter|act|hold|apply|pay off|benefit|gain|profit|respond|react|change|differ|lose"
    r"|suffer|has? (?:the|an?))\w*"
)

_ROWS_OF = (
    (
        "bare",
        r"(?:(?:and|now|but|what about|what if (?:you|we) (?:use|have)|what happens|the same|same|show it"
        r"|do it|try(?: it)?|use|with) )*"
        r"(?:without|with no|no|drop|remove|leave out|ignore|not using|zero) (?:any |all(?: of)? |the "
        r"|your )*"
        r"(?:controls?|covariates?|control variables|confounders|adjust(?:ment|ments|ing)|adjusting for"
        r" anything)",
    ),
    (
        "bare",
        r"(?:(?:and|now|but|what about|show me|give me|the|just) )*(?:unadjusted|un-adjusted|not"
        r" adjusted|raw|naive|crude)(?: (?:effect|one|estimate|number|difference|comparison|version))?",
    ),
    (
        "again",
        r"(?:(?:and|please|now|can you|could you|so) )*(?:(?:say|tell|show|give|repeat|print|run|do"
        r"|read)(?: me)? (?:it|that|this|the (?:answer|result|number"
        r"|effect|estimate|last answer|last one))(?: to me)?(?: again| once more)"
        r"|repeat(?: (?:it|that|this|yourself|the (?:answer|result|last answer)))?|once more|one more time"
        r"|again|come again|pardon"
        r"|(?:what|how (?:big|large|much|strong)) (?:is|was|were) (?:the|your) (?:overall |total |main "
        r"|last )?(?:result|answer|effect|estimate|number|finding"
        r"|outcome)s?(?: again)?|what did you (?:say|find|get)(?: again)?|what was (?:it|that)(?: again)?)",
    ),
    ("method", rf"{_LEAD}{_USE} (?:the |a |an |some )?(?P<method>{NAMED}|{FOREIGN}|{DESIGNS}){_WAY}"),
    ("method", rf"{_LEAD}what (?:does|do|would|did) (?:the |a |an )?(?P<method>{NAMED}){_WAY} {_SAY}"),
    (
        "method",
        rf"(?:(?:and|what about|how about|or) )+(?:with |by )?(?:the |a |an )?(?P<method>{NAMED}){_WAY}",
    ),
    ("method", rf"(?P<method>{NAMED}) (?:instead|please|now|then|too|as well|this time)"),
    (
        "method",
        rf"{_LEAD}(?:use|try|apply|switch to|run|re-?run(?: it| that)?(?: with| using)?) (?:the |a |an"
        rf" )?(?P<method>[\w -]+?"
        r" (?:estimators?|methods?|regressions?|models?|approach|algorithm|learner|tests?|weighting))",
    ),
    (
        "quantity",
        rf"{_LEAD}(?:(?:give|show|tell|get|compute|calculate|estimate|report|see|have|use|make it|need"
        rf"|want|i need|switch to|as|only|just|instead|what is it"
        rf"|with|do|me|us|for) )*(?:the |an |a )?(?P<quantity>{AVERAGES}){_ONCE}",
    ),
    (
        "quantity",
        rf"(?:what(?: is|'s|s| was| would be)|how (?:large|big|strong|high) (?:is|was)) (?:the"
        rf" )?(?P<quantity>{AVERAGES}){_ONCE}",
    ),
    (
        "cluster",
        rf"{_LEAD}(?:with |use |using |and )*(?:cluster(?:ed|ing|s)?(?: (?:it|the (?:standard )?errors"
        rf"|standard errors|errors|se|ses|rows))?"
        r"|(?:clustered|robust) (?:standard )?errors)(?: (?:by|on|at|for|over))(?: the)?"
        r" (?P<column>.+?)(?: level)?",
    ),
    (
        "group",
        rf"{_LEAD}(?:(?:only|just|{_ROWS}|among|amongst|where|focus(?:ing)? on|keep(?:ing)? only"
        rf"|look(?:ing)? (?:only )?at|consider(?: only)?|take only"
        r"|for only|use only|on) )+(?:(?:for|in|on|with|at) )*(?:the )?(?P<group>.+?)(?: only| alone)?",
    ),
    (
        "bare_group",
        r"(?:(?:and|but|or|what about|how about|then|now) )*(?:the )?(?P<group>[\w'-]+(?: [\w'-]+)?)(?:"
        r" only| alone)?",
    ),
    (
        "uninstrumented",
        rf"{_LEAD}(?:without|drop(?:ping)?|remov(?:e|ing)|leav(?:e|ing) out|ignor(?:e|ing)|forget|not using|don't use"
        r"|do not use|no|not) (?:using )?(?:the |an? |any |that )*(?:instruments?(?:al variables?)?|iv)"
        rf"{_ONCE}(?: at all)?|{_LEAD}(?:use |by |with |just |only |do )*(?:plain |simple |ordinary )?adjustment(?: (?:only"
        r"|alone|instead|for controls))+(?: of the (?:instrument|iv))?",
    ),
    (
        "works",
        r"(?:(?:so|and|ok|then|but|well),? )*(?:does|did|do|will|would) (?:it|that|this|the (?:treatment|drug|programme?"
        r"|intervention|policy|training)) (?:really |actually |even |then )*(?:work|help|do (?:anything|something)|make (?:a"
        r"|any) difference|have (?:an?|any) (?:effect|impact|influence))(?: at all| then| or not)?",
    ),
    (
        "works",
        r"(?:(?:so|and|ok|then|but|well),? )*(?:is|was) there (?:really |actually |even )*(?:an?|any) (?:real |causal )?"
        r"(?:effect|impact|influence)(?: at all| then| or not| here)?|(?:(?:so|then|ok),? )?(?:it|that|this) (?:really |actually )*"
        r"(?:works?|worked|helps?|helped|has an effect|makes a difference)(?: then)?",
    ),
    (
        "signed",
        r"(?:(?:so|and|ok|then|but|well),? )*(?:is|was) (?:it|that|this|(?:the|your|that) (?:effect|sign|number|result|estimate))"
        r" (?:really |actually |even |clearly )*(?P<sign>negative|positive|below zero|above zero)"
        r"(?: or (?P<other>positive|negative))?(?: then| at all)?",
    ),
    (
        "related",
        rf"{_LEAD}how (?:strongly |closely |much )?are (?:they|the two|these(?: two)?|both)(?: columns| variables)? (?:related|correlated"
        r"|associated|linked|connected)(?: to each other| with each other)?",
    ),
    (
        "related",
        rf"{_LEAD}(?:are (?:they|the two|these(?: two)?|both)|is it) (?:at all |even |still |just |only )*(?:related|correlated|associated"
        r"|linked|dependent)(?: at all| with each other)?",
    ),
    (
        "related",
        rf"{_LEAD}(?:(?:what(?: is|'s|s| was| about)|how (?:large|big|strong|high) (?:is|was)|is there|give me|show(?: me)?|tell me)"
        r" )?(?:the |an? |any |their |its )?(?:raw |simple |plain |mere |unadjusted |pearson )?(?:correlation(?: coefficient)?"
        r"|association)(?: between (?:them|the two|both))?(?: then| here)?",
    ),
    (
        "group",
        rf"{_LEAD}(?:what (?:is|was|are|would be)|what's|how (?:large|big|strong|much) (?:is|was)|tell me|show(?: me)?|give me|estimate"
        r"|is there|get)? ?(?:the |an? |its |that |your )*(?:effects?|answer|result|impact|estimate|number|difference|it)(?: then)?"
        r" (?:(?P<on>on|of)|for|in|among|amongst|with|within) (?:the )?(?P<group>.+?)(?: only| alone)?",
    ),
    (
        "group",
        rf"{_LEAD}(?:does|do|did|will|would|is) (?:it|that|this|the effect) (?:also |still |even )*(?:hold|work|apply|help|exist|remain|true|there"
        r"|the case)(?: up)?(?: (?:for|in|among|with))? (?:the )?(?P<group>.+?)(?: too| as well| only)?",
    ),
    (
        "all_rows",
        rf"{_LEAD}(?:(?:back to|go back to|return to|for|in|among|over|use|with|on|across|just) )*(?:all(?: (?:of )?(?:(?:the )?(?:rows|people|patients"
        r"|data|cases|units|groups|customers)|them))?|everyone|everybody|the (?:whole|full|entire) (?:sample|table|data(?:set)?|population|group)|overall"
        rf"|in general|the (?:total|overall|average) effect)(?: (?:again|together|instead))*",
    ),
    (
        "between",
        rf"{_LEAD}(?:compare|contrast|(?:is|are) there (?:a |any )?differences? between|(?:what(?: is|'s)|show(?: me)?) the difference"
        r" between|is it different for|how do) (?:the )?(?P<a>.+?) (?:and|with|to|versus|vs\.?|from|than) (?:the )?(?P<b>.+?)"
        r"(?: differ| compare)?",
    ),
    ("between", rf"{_LEAD}(?P<a>[\w' -]+?) (?:versus|vs\.?|compared (?:to|with)) (?:the )?(?P<b>[\w' -]+?)"),
    (
        "by",
        rf"{_LEAD}(?:(?:run|do|estimate|show|give|compute|repeat|fit|redo|analy[sz]e)(?: (?:it|that|this|me|the (?:analysis|effect"
        rf"|model|same|rows|sample)|everything))*(?: again)? )?(?:separately|once each|one by one) (?:for|by|in|per|among) {_EACH}"
        r"(?P<columns>.+)",
    ),
    (
        "by",
        rf"{_LEAD}(?:split|stratify|divide|break up|cut) (?:the )?(?:sample|data|rows|table|analysis|people|patients|results?|population)"
        rf" (?:by|into|on|along|across|between) {_EACH}(?P<columns>.+)",
    ),
    (
        "by",
        rf"{_LEAD}(?:(?:is|are) there |test (?:for )?|check (?:for )?|look for |add |include |what about )?(?:an? |any |the )?"
        rf"interactions?(?: effects?| terms?)? (?:with|by|between it and|of it with|on|for) {_EACH}(?P<columns>.+)",
    ),
    (
        "held",
        rf"{_LEAD}(?:add(?:ing)?|includ(?:e|ing)|put(?:ting)?(?: in)?|bring(?:ing)? in|use|using|take|taking|have|treat) (?:in )?(?:the )?"
        r"(?P<columns>(?!\d).+?) (?:as (?:an? |another |extra |additional |one of the |further )*(?:controls?|covariates?|confounders?"
        r"|control variables?)|to the (?:list of )?(?:controls?|model|regression|adjustment(?: set)?|covariates)"
        r"|in(?:to)? the (?:model|regression|controls|adjustment(?: set)?))",
    ),
    (
        "held",
        rf"{_LEAD}(?:add|include|what if (?:we|you|i) (?:add|include)(?:ed|d)?) (?:the )?(?P<columns>(?!\d)(?!interactions?\b).+?)(?: too| as well)?",
    ),
    (
        "without",
        rf"{_LEAD}(?:take|taking|leave|leaving|keep|keeping) (?:the )?(?P<columns>.+?) out(?: of (?:it|the \w+(?: set)?))?",
    ),
    (
        "without",
        rf"{_LEAD}(?:(?:and |what )?if (?:we|you|i) |stop |why not )?(?:(?:did|do|had|have|would) not|didn't|don't|hadn't|haven't"
        r"|wouldn't|never|no longer|not) ?(?:adjust|control|condition|account|correct)\w* (?:for|on) (?:the )?(?P<columns>.+)",
    ),
    (
        "without",
        rf"{_LEAD}(?:stop (?:adjusting|controlling|conditioning) (?:for|on)|(?:un|de)-?adjust for) (?:the )?(?P<columns>.+)",
    ),
    (
        "treatment",
        rf"{_LEAD}(?:what(?: is|'s| was| about)|how (?:large|big|strong) (?:is|was)|is there|estimate|show(?: me)?|give me|and|get)? ?(?:an?y? |the )*"
        r"(?:causal |total )?(?:effect|impact|influence) of (?P<column>(?:(?! (?:on|upon|among|for|in|where|given) ).)+?)",
    ),
    (
        "treatment",
        rf"{_LEAD}(?:does|do|did|has|have) (?P<column>(?!it\b|that\b|this\b|they\b).+?) (?:also |even )?(?:have|has|had) (?:an?|any)"
        r" (?:effect|impact|influence)(?: too| as well| here| at all)?",
    ),
    (
        "meant",
        rf"{_LEAD}(?:does|do|did|is|would) (?P<column>(?!it\b|that\b|this\b|they\b|anyone\b|i\b|we\b).+?) (?:really |also |even )*(?:matter|play"
        r" (?:a|any) role|count|important|relevant|involved|make (?:a|any) difference)(?: here| too| at all| as well| in this)?",
    ),
    (
        "matters",
        r"(?:and |so |but )?(?:what|which)(?: other (?:columns?|variables?|factors?|things?|causes?|ones?)| else)(?: (?:(?:also|still|might|could"
        r"|does|do|can|would|is|are) )*(?:matters?|affects?|drives?|influences?|causes?|changes?|plays? a role|acts? on|explains?|moves?"
        r"|important|relevant|behind)(?: (?:for )?(?:it|that|this|the outcome))?)?",
    ),
    (
        "whom",
        rf"{_LEAD}(?:for|in|among|on|with) (?:whom|who|which (?:sub)?(?:groups?|people|patients|customers"
        rf"|rows|units|of them)|what (?:kinds? of )?(?:people"
        rf"|groups?|patients|customers)) (?:is|was|are|does|do|did|would|will) (?:it|that|this|they|the"
        rf" (?:effect|difference|impact|gain|benefit))"
        rf"(?: the| much| any)? ?(?:{_WORK} ?)?{_MOST}?(?: .{{0,20}})?",
    ),
    (
        "whom",
        rf"{_LEAD}(?:where|when) (?:is|does|do|was|did|will) (?:it|that|this|the effect) (?:the"
        rf" )?(?:{_WORK} )?(?:the )?{_MOST}",
    ),
    (
        "whom",
        rf"{_LEAD}(?:who|which (?:people|patients|customers|groups?|ones|subgroups?|of them)|what (?:kind"
        rf" of )?(?:people|patients|customers))"
        rf"(?: (?:is|are|will|would|does|do))? (?:{_WORK}|affected|helped|hurt)(?: (?:the|from it|to it|by"
        rf" it))*(?: {_MOST})?(?: from (?:it|this|that))?",
    ),
    (
        "whom",
        rf"{_LEAD}(?:is|does|do|did|was|would|will) (?:it|that|this|the effect) (?:really |also )?(?:the"
        rf" same|work|hold|equal(?:ly)?|alike|apply|uniform|constant"
        r"|help|similar|different|vary|varies|differ)(?: (?:equally|the same|equally well))?(?: (?:for|in"
        r"|among|between|across|with|on|from))?"
        r" (?:everyone|everybody|all|all of them|(?:all )?(?:the )?(?:groups|people|patients|customers"
        r"|rows|units|subgroups|individuals|person to person)"
        r"|each (?:one|person|group|patient|customer))",
    ),
    (
        "whom",
        rf"{_LEAD}(?:are there |is there |any |show |what about |do you see |look for |check for |test for"
        rf" )*(?:any |the )?(?:subgroups?|sub-?group (?:effects|differences"
        r"|analysis)|heterogene(?:ity|ous effects)|effect modif\w+|group differences|differences between"
        r" (?:groups|people))",
    ),
    (
        "by",
        rf"{_LEAD}(?:does|do|did|would|will|how (?:does|do|did)) (?:it|that|this|the effect) (?:strongly "
        rf"|really |much )?"
        rf"(?:depend|differ|vary|change|interact)(?: much)? (?:on|by|with|across|between|among|over|from"
        rf"|in) {_EACH}(?P<columns>.+)",
    ),
    (
        "by",
        rf"{_LEAD}(?:is|was|are) (?:it|that|this|the effect) (?:any |much )?(?:different|the same|larger"
        rf"|stronger|bigger|smaller|weaker|alike|similar|equal|higher|lower"
        rf"|greater) (?:for|in|among|between|across|with|by|on|at) {_EACH}(?P<columns>.+)",
    ),
    (
        "by",
        rf"{_LEAD}(?:split|break(?: (?:it|that|this))? down|broken down|slice|stratif(?:y|ied)|show|give"
        rf"|separate(?:ly)?|disaggregate|compare)(?: (?:it|that|this|me"
        rf"|the effect|the answer|results?))?(?: (?:down|up|separately|out))? (?:by|for each|per|across"
        rf"|for every) {_EACH}(?P<columns>.+)",
    ),
    (
        "by",
        rf"{_LEAD}(?:separately )?(?:per|for each|for every|in each|in every|across) {_EACH}(?P<columns>.+)",
    ),
    (
        "role",
        rf"{_LEAD}(?:is|was|could|might|may|isn't) (?P<column>.+?) (?:be )?(?:an? |the |really"
        rf" )*(?P<role>confounder|common cause|mediator|collider)(?: here)?",
    ),
    (
        "matters",
        r"(?:and )?which (?:one )?(?:of (?:the|these|those|them|both)(?: (?:two|three|both|ones|columns"
        r"|factors|variables|causes))? |one |column |factor |variable |cause )?"
        r"(?:matters|counts|weighs|is|acts|has|drives it|contributes)(?: the)?(?: (?:more|most|stronger"
        r"|strongest|bigger|larger|greater|biggest|largest|important|effect"
        r"|impact|influential|it))+(?: (?:for|on) (?:it|that|this|the outcome))?(?:[,:]? (?P<a>.+?) or"
        r" (?P<b>.+))?",
    ),
    (
        "matters",
        r"(?:does|do|is) (?P<a>.+?) (?:matter|count|weigh|have|more important)s?(?: a)?(?: (?:more"
        r"|stronger|bigger|larger|effect|influence))* than (?P<b>.+?)"
        r"(?: (?:does|do|is))?",
    ),
    (
        "outcome",
        rf"{_LEAD}(?:what|how much) (?:does|do|did|will|would|could|can) (?:it|that|this|they) (?:do|mean"
        rf"|bring|change) (?:to|for|about|with|in) (?:the |my |our )?(?P<column>.+?)",
    ),
    (
        "outcome",
        rf"{_LEAD}(?:how|how much|what way) (?:does|do|did|will|would) (?:it|that|this|they) (?:also"
        rf" )?(?:affect|influence|change|impact|act on|move|shift|relate to|bear on)"
        r" (?:the |my |our )?(?P<column>.+?)",
    ),
    (
        "outcome",
        rf"{_LEAD}(?:what(?: is|'s|s|about)?|how (?:large|big|strong) is|and)? ?(?:its|the|that|the same)"
        rf" (?:effect|impact|influence) (?:on|upon|for) (?:the |my |our )?(?P<column>.+?)",
    ),
    (
        "outcome",
        rf"{_LEAD}(?:use|take|try|with|look at|switch to|what about|how about|make) (?P<column>.+?) as"
        rf" (?:the |an |our )?(?:outcome"
        rf"|effect|result|response|target)",
    ),
    (
        "outcome",
        rf"{_LEAD}(?:swap|replace|change|switch|set) the (?:outcome|target|response) (?:to|for|with|by|=)"
        rf" (?P<column>.+?)",
    ),
    (
        "treatment",
        rf"{_LEAD}(?:use|take|try|with|look at|switch to|what about|how about|make) (?P<column>.+?) as"
        rf" (?:the |an? |our"
        rf" )?(?:treatment|cause|exposure|intervention|driver)",
    ),
    (
        "treatment",
        rf"{_LEAD}(?:swap|replace|change|switch|set) the (?:treatment|cause|exposure|intervention) (?:to"
        rf"|for|with|by|=) (?P<column>.+?)",
    ),
)
REDO: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(f"{row}(?: instead)?", re.I)) for name, row in _ROWS_OF
)
"""Sentences that ask for the last effect another way; the first that fits counts."""
