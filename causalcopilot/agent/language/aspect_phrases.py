"""How people ask about an answer they were given: one way of saying it a row; a row fits the whole sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_NOUN = (
    r"(?:answer|result|effect|estimate|number|verdict|finding|conclusion|figure|value|outcome|analysis"
    r"|claim)s?"
)
_IT = rf"(?:it|that|this|they|these|those|(?:the|that|this|these|those|your) {_NOUN})"
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

_SIGNIFICANT = (
    r"(?:significant(?:ly)?(?: different(?: from (?:zero|0|nothing|none))?)?|different from (?:zero|0"
    r"|nothing|none|null))"
)
_BIG = (
    r"(?:(?:clinically |practically |economically |commercially |medically )?(?:a lot|much|lots|big|large"
    r"|small|little|tiny|huge|high|low|strong|weak"
    r"|substantial|considerable|sizeable|sizable|meaningful|relevant|important|material|negligible|trivial"
    r"|modest|moderate|serious|good|bad"
    r"|impressive|normal|typical|realistic|plausible))"
)
_PRACTICE = (
    r"(?: (?:really|in (?:practice|reality|real life|kg|units|total|numbers|the end)|for (?:me|us|practice"
    r"|policy)|compared\b.*|by \w+ standards))?"
)
_RANDOM = (
    r"(?:randomi[sz]ed|random|at random|randomly \w+|(?:assigned|drawn|allocated|chosen|given) (?:at"
    r" random|randomly|by (?:lot|lottery|chance))"
    r"|(?:a |an )?(?:randomi[sz]ed |controlled )*(?:experiment|trial|rct|study)|randomi[sz]ation|(?:a"
    r" )?random (?:assignment|draw|sample))"
)

_ASPECTS: Mapping[str, Sequence[str]] = {
    "graph": (
        rf"(?:show|draw|print|plot|see|display)(?: me| us)?(?: the| that| this| your)? {_GRAPH}(?: again|"
        rf" please)?",
        rf"(?:which|what) {_GRAPH}(?: (?:did|do|was|is|were|are)\b.*)?",
        rf"(?:can|may|could) (?:i|we|you) (?:see|show|have|draw|get)(?: me| us)?(?: the| that| your)?"
        rf" {_GRAPH}",
        rf"(?:what|how) (?:does|would) (?:the|that|your) {_GRAPH} look(?: like)?",
        rf"(?:the|that) {_GRAPH}",
        r"draw (?:it|that|this)",
    ),
    "controls": (
        r"(?:did|have|do|are) you (?:already |also |even )?(?:consider(?:ed|ing)?|includ(?:e|ed|ing)"
        r"|tak(?:e|en|ing) into account|factor(?:ed)? in) .+",
        rf"(?:what|which)(?: \w+)* (?:did|do|have|had) you {_ADJUST}(?: (?:for|on|fixed|constant|with))*",
        rf"(?:what|which)(?: \w+)* (?:was|were|is|are|got|been)(?: it)? {_ADJUST}(?: (?:for|on|fixed"
        rf"|constant))*",
        rf"(?:what|which) (?:{_CONTROLS})(?:,? (?:did|were|was|are|is|have|do)\b.*)?",
        rf"(?:what|which) (?:are|were) (?:the|your) {_CONTROLS}",
        rf"(?:list|show|name|give)(?: me| us)? (?:the|your) {_CONTROLS}",
        rf"{_ADJUST} (?:for|on) what",
        rf"(?:did|have|do) you {_ADJUST} (?:for|on) (?:anything|something|what)",
        r"what (?:is|was) held (?:fixed|constant)",
        rf"(?:did|have|do|are) you (?:already |also )?{_ADJUST} (?:for|on) .+",
        rf"(?:is|was|were|are) .+ (?:{_ADJUST} for|held (?:fixed|constant)|controlled)",
    ),
    "significance": (
        rf"(?:is|was|are|were) (?:{_IT}|there) (?:(?:really|actually|even|also|still) )*(?:statistically "
        rf"|stat )?(?:non-?)?{_SIGNIFICANT}"
        r"(?: at (?:the |a )?[\d.]+ ?(?:%|percent)?(?: level)?)?",
        rf"how (?:statistically )?significant (?:is|was|are) {_IT}",
        r"(?:and )?(?:what(?: is|'s|s| are| was| about)|give me|show(?: me)?|tell me|report|print|do you"
        r" have|is there)"
        r" (?:the |your |its )?p[- ]?values?(?: (?:of|for|here|on)\b.*)?",
        r"(?:the )?p[- ]?values?|(?:statistical )?significance|statistically significant|significant",
        rf"(?:is|was|are) {_IT} (?:real|true|genuine)(?:,? or (?:is it |just |only |merely |by )*(?:noise"
        rf"|chance|luck|random\w*"
        r"|(?:a )?(?:coincidence|fluke)|an? (?:accident|artefact|artifact)))?",
        rf"(?:is|was|could|can|might|may) (?:{_IT}) (?:not )?(?:just |only |merely |simply |all |be |by "
        rf"|due to |down to |a |an "
        r"|pure )*(?:noise|chance|luck|random(?:ness| noise)?|coincidence|fluke|accident)",
        r"(?:does|do) (?:the |your )?(?:confidence )?interval (?:include|contain|hold|exclude|cross|cover)"
        r" (?:zero|0|null|one|1)",
        r"(?:can|could) (?:you|we|i) (?:reject|rule out) (?:the null(?: hypothesis)?|chance|no effect|zero)",
    ),
    "size": (
        r"what (?:is|was|are) (?:the )?(?:mean|average|baseline|level|outcome|rate|share)(?: outcome| value)? (?:in|of|for|among|without)"
        r" (?:the )?(?:controls?|control group|untreated|comparison group|treatment|those without it)(?: group| arm)?",
        r"(?:what(?: is|'s|s) (?:the|your) (?:baseline|reference|comparison|yardstick)|compared (?:to|with) what|relative to what)"
        r"(?: (?:level|group|mean|value|here))?",
        rf"(?:is|was|are) {_IT} (?:(?:really|actually|even|considered|such|quite|very|so|a|an|all that"
        rf"|any) )*{_BIG}"
        rf"(?: (?:effect|number|difference|amount|change|deal))?(?:,? or (?:(?:is it|just|only|a|rather)"
        rf" )*{_BIG})?"
        rf"{_PRACTICE}",
        rf"how (?:big|large|strong|much|important|relevant|meaningful|small|serious|substantial) (?:is|was"
        rf"|are) {_IT}"
        rf"{_PRACTICE}",
        rf"(?:and |now |can (?:you|i|we) (?:say|have|get|express|put|give|tell)(?: me)? {_IT} )?(?:in|as"
        rf"|expressed in|as an?) "
        r"(?:percent(?:age)?s?|%|per ?cent|percentage(?: points)?|relative terms|a percentage|shares?"
        r"|proportion)(?: terms)?",
        rf"(?:what(?: is|'s|s) (?:{_IT}|the change)|(?:give|tell|show)(?: me)?(?: {_IT})?|how (?:much"
        rf"|many) (?:is {_IT}|percent))"
        r" (?:(?:in|as) (?:a |an )?)?(?:percent(?:age)?|%|relative terms)?",
        rf"(?:is {_IT}|would {_IT} be|was {_IT}) (?:really |even )?worth (?:it|doing|the (?:money|effort"
        rf"|cost|trouble|risk|while))",
        r"(?:should|shall|must|ought) (?:we|i|they|one|you|people|patients|my \w+)(?: then| now)? (?:to"
        r" )?(?!act|ask\b|do\b|adjust|control|hold|trust"
        r"|believe|rely|type|say|use|leave|drop|include|exclude|keep|try|treat|give|target|offer"
        r"|condition)\w+(?: (?!for whom\b).*)?",
        rf"(?:does|do|would|should) (?:{_IT}|anyone|i|we) (?:really |even )?(?:matter|care)(?: (?:in"
        rf" practice|much|at all|to|for)\b.*)?",
        r"so what|who cares|what does (?:it|that|this) mean (?:in practice|for (?:me|us|the business|my"
        r" \w+|patients))",
    ),
    "next": (
        r"(?:so )?(?:and )?(?:what|which)(?:'s| is| are)? (?:(?:should|can|could|do|would|must|shall) (?:i"
        r"|we|you|one) (?:do|try|check|ask|look at"
        r"|recommend|suggest|advise)|next|to do|the next (?:step|steps|thing|question)|(?:a |the )?(?:good"
        r" |sensible )?next steps?)"
        r"(?: (?:next|now|then|about (?:it|that|this)|with (?:it|that|this)|after (?:this|that)|from here"
        r"|first|to (?:be (?:more )?sure|do))\b.*)*",
        r"(?:and )?(?:now what|what now|what next|what then|next(?: steps?)?|where (?:do|should) (?:i|we)"
        r" go (?:from here|next|now)"
        r"|how (?:do|should) (?:i|we) (?:go on|proceed|continue))",
        rf"how (?:can|could|do|would|should) (?:i|we|you|one) (?:improve|strengthen|firm up|confirm|verify"
        rf"|fix|better|validate|double[- ]check)"
        rf" {_IT}(?: .*)?",
        rf"what (?:would|could|will|might|can) (?:help|make {_IT} (?:stronger|better|more \w+)|improve"
        rf" {_IT}|strengthen {_IT})(?: .*)?",
        r"(?:any |what are your |do you have (?:any )?)?(?:recommendations?|suggestions?|advice)",
        r"what (?:other |more |further |additional )?(?:data|columns?|information|knowledge) (?:would|do"
        r"|could|should|is|are)\b.*",
    ),
    "design": (
        rf"(?:was|is|were|are) (?:{_IT}|there|the \w+|the data|people|patients|participants|they|who \w+"
        rf" \w+) (?:really |actually |properly )?"
        rf"(?:{_RANDOM})",
        rf"(?:is|was) {_IT} (?:from |based on |an? |the )*(?:experiment(?:al)?|rct|trial|observational"
        rf"|observational study"
        r"|(?:randomi[sz]ed )?(?:controlled )?(?:trial|study|experiment)|natural experiment"
        r"|quasi[- ]experiment\w*)"
        r"(?:,? or (?:an? |just |is it )*(?:experiment(?:al)?|rct|trial|observational(?: study| data)?"
        r"|\w+))?(?: data| study)?",
        r"(?:how|why|by whom) (?:was|were|is) (?:the )?(?:treatment|it|people|patients|they|arms?|groups?)"
        r" (?:assigned|allocated|chosen|given"
        r"|selected|drawn|decided)(?: .*)?",
        r"(?:what|which) (?:kind of |sort of |type of )?(?:study|design|experiment|trial)(?: (?:is|was|did"
        r"|do|are)\b.*)?",
        r"(?:randomi[sz]ed|random assignment|observational)|(?:was|is) (?:the )?(?:treatment|assignment)"
        r" random\w*",
    ),
    "rows": (
        rf"how many (?:rows|people|patients|persons|observations|records|cases|units|customers|participants) (?:is|are|was|were)"
        rf" (?:{_IT}|those|they|in (?:it|that|this(?: group)?|the group|there))",
        r"how many (?:(?:rows|people|patients|persons|observations|records|cases|units|customers|users|subjects|participants|of them"
        r"|were|are) )*(?:in (?:each|the|either) (?:arms?|groups?|treated|control|treatment)(?: (?:group|arm))?|(?:un)?treated|controls?"
        r"|got (?:it|the treatment)|had it)",
        r"how many (?:rows|people|patients|persons|observations|records|cases|units|entries|samples"
        r"|customers|users|subjects|participants"
        rf"|data points) (?:(?:were|was|are|did|have|went|is|does) )?(?:you |it |that |this |{_IT}"
        rf" )?(?:use[ds]?|went|go(?:ne)?|in(?:cluded)?|counted"
        r"|compared|analy[sz]ed|drop(?:ped)?|left out|excluded|missing|based on|rest on)\b.*",
        r"(?:what(?: is|'s|s| was)|how (?:large|big) (?:is|was)) (?:the |your )?(?:sample(?: size)?|n)(?:"
        r" (?:here|size|used|for|of|in)\b.*)?",
        r"(?:is|was) (?:the |your )?(?:sample(?: size)?|n|number of rows|data(?:set)?) (?:(?:really|big"
        r"|large|small|too|great) )*"
        r"(?:enough|large|big|small|sufficient|adequate)(?: enough)?(?: .*)?",
        r"(?:did|do|have) you (?:drop|lose|exclude|throw out|leave out|discard|omit) (?:any |some |many"
        r" )?(?:rows|people|patients|observations|data"
        r"|records|cases|anyone|anybody)(?: .*)?",
        r"(?:are|were) (?:any |some |many )?(?:rows|people|patients|observations|data|values) (?:dropped"
        r"|lost|excluded|left out|missing|imputed)(?: .*)?",
        r"(?:on|from|with|over) how many (?:rows|people|patients|observations|records|cases|units)",
    ),
    "others": (
        r"(?:try|use|show|test|check|give|compare|run|do|what about|how about)(?: me| it| with| them| us)*"
        r" (?:an?other|other|different|a different"
        r"|more|all(?: the)?|several|alternative|an alternative|some other|the other) (?:estimat(?:or|e"
        r"|ion)s?(?: methods?)?|methods?|models?"
        r"|algorithms?|approach(?:es)?|techniques?|ways?)(?: .*)?",
        r"(?:do|does|did|would|will) (?:the )?(?:other|different|all|alternative) (?:estimat(?:or|e)s"
        r"|methods|models|approaches)\b.*",
        r"(?:what|which) (?:do|did|would|other|others?|about)(?: the| other)* (?:other )?(?:estimat(?:or"
        r"|e)s|methods|models|approaches)\b.*",
        r"(?:what|which) (?:method|estimator|model|algorithm|technique|approach)(?: (?:did|do|was|is|were"
        r"|have|does)\b.*)?",
        rf"(?:is|does) {_IT} (?:depend on|sensitive to|the same (?:with|under|across|by)|change with|vary"
        rf" with) (?:the |an?other |other |different )*"
        r"(?:methods?|estimators?|models?|specifications?)",
    ),
    "short": (
        rf"(?:can you |could you |please )?(?:sum|wrap) (?:{_IT}|everything) up",
        r"yes or no|(?:so )?(?:is|was) (?:it|that|the answer) (?:a )?(?:yes|no)(?: or (?:a )?no)?",
        r"(?:just )?give me (?:a|the|one|your) (?:(?:single |plain |straight )?(?:number|answer))",
        rf"(?:can you |could you |please |now )*(?:summari[sz]e|recap|sum up|shorten|condense|wrap up)(?:"
        rf" {_IT}| everything| all)?"
        r"(?: (?:in|for|as|up|briefly|with)\b.*)?",
        r"(?:in (?:short|brief|a (?:nutshell|sentence|word|few words)|one (?:sentence|line|word))|tl;?dr"
        r"|short(?:er)?(?: version| answer)?|(?:the )?bottom line"
        r"|briefly|(?:a |the )?(?:short )?summary|(?:give|tell|show) me (?:the |a )?(?:short version|short"
        r" answer|gist|bottom line|summary|tl;?dr|headline))"
        r"(?: please)?",
        r"what(?: is|'s|s) (?:the |your )?(?:gist|bottom line|take[- ]?away|upshot|headline|short answer"
        r"|conclusion)(?: .*)?",
    ),
    "robust": (
        rf"(?:so )?what (?:could|might|can|may|would) (?:be |go |have gone |possibly be )*(?:wrong|off|misleading|biased)"
        rf"(?: (?:here|with|about|in) ?(?:{_IT})?)?",
        r"(?:what(?: are|'re| is|'s|s)|(?:are|is) there|list|tell me|show(?: me)?|name)? ?(?:the |any |your |its |some |main |biggest )*"
        r"(?:limitations?|caveats?|weakness(?:es)?|weak (?:points?|spots?)|threats?(?: to (?:validity|identification))?|catch|pitfalls?"
        r"|downsides?|problems?|risks?|shortcomings?)(?: (?:here|of|with|in|to)\b.*)?",
        r"how (?:strong|big|large|bad) (?:would|must|does|should|need|could) (?:an? |the |any )?(?:hidden |unmeasured |unobserved |omitted )?"
        r"(?:confound\w*|common cause|variable|bias|third variable)(?: (?:have|need))?(?: to)? ?(?:be)?\b.*",
        r"(?:what(?: is|'s|s| about)|give me|show(?: me)?|and|tell me)? ?(?:the |an? |your )?(?:e-?values?|robustness values?|rosenbaum bounds?"
        r"|oster(?:'s)? delta)(?: (?:here|of|for)\b.*)?",
        r"(?:is|was|are|could|can|might|may) (?:there|it|this|that) (?:be |also )?(?:any |some |a"
        r" )?(?:selection(?: bias| effects?)?|bias(?:ed)?"
        r"|confound(?:ing|ed)|reverse causa(?:lity|tion)|endogen(?:eity|ous)|self[- ]selection|residual"
        r" confounding|collider bias|spurious)(?: here)?",
        rf"(?:is|was|are) (?:{_IT}|the model) (?:really |internally |actually )?(?:valid|right|correct"
        rf"|misspecified|well specified|wrong or right)",
        r"(?:do |run )?(?:a )?(?:sanity check|stress test|sensitivity analysis|robustness check)s?",
        rf"(?:is|was|are) {_IT} (?:really |very |at all )?{_FIRM}{_AGAINST}",
        rf"how {_FIRM} (?:is|are|was) {_IT}{_AGAINST}",
        rf"(?:does|do|would|will|did|can) {_IT} (?:hold|hold up|hold water|survive|stand|stand up){_AGAINST}",
        rf"what (?:could|would|might|can|will) (?:break|overturn|refute|change|kill|explain away|invalidate)"
        rf" (?:{_IT}|your mind)",
        r"(?:what|which|how many) (?:checks|tests|refutations|robustness checks)"
        r"(?: (?:did|were|was|have|has|failed|passed)\b.*)?",
        rf"did {_IT} (?:pass|fail)(?: .*)?",
        rf"(?:could|can|might|may|must|is) (?:{_IT}|there) (?:be )?(?:due to |caused by |explained by "
        rf"|down to |because of )?(?:something|anything) else"
        r"(?: .*)?",
        r"(?:and )?what if (?:there (?:is|are|was|were)|you (?:missed|forgot|overlooked)|we (?:missed"
        r"|forgot|overlooked)|i (?:missed|forgot))\b.*",
        r"(?:is|was) (?:the )?(?:overlap|balance|extrapolation|confounding|bias|selection(?: bias)?"
        r"|reverse causality)"
        r" (?:a problem|an issue|a concern|ok(?:ay)?|fine|good|bad|there)(?: .*)?",
        r"(?:show|give|list|print)(?: me)? (?:the |all |your )?(?:checks|balance(?: table)?|overlap"
        r"|refutations|diagnostics|robustness checks)",
        r"(?:what about|could|can|might|is there)\b.*\b(?:hidden|unmeasured|unobserved|omitted)\b.*",
        r"(?:any |the |and the )?(?:refutations?|robustness checks?|sensitivity(?: analysis)?|robustness)",
        rf"(?:try to |please )?(?:refute|break|challenge|stress[- ]test) {_IT}",
        r"how (?:much|strong) (?:hidden |unmeasured )?confounding\b.*",
    ),
    "confidence": (
        rf"(?:how|so how) {_SURE} (?:are you|is {_IT}|can (?:we|i|you) be|should i be)(?: (?:of|about|in)"
        rf" {_IT})?",
        rf"(?:are you|is {_IT}) (?:really |very |quite |absolutely )?{_SURE}(?: (?:of|about|in) {_IT})?",
        rf"(?:can|should|could|may) (?:i|we|you) (?:really |safely |honestly )?(?:trust|believe|rely on"
        rf"|depend on"
        rf"|use|show|present|report|publish|tell|take|quote|cite|defend|act on|bring) (?:{_IT}|you)(?:"
        rf" (?:for|to|in|with|as|at|on|before|when|now)\b.*)?",
        rf"(?:is|are) {_IT} (?:good|safe|solid|reliable|trustworthy|firm|strong|enough|sound)(?: enough)?"
        rf" (?:for|to|enough)\b.*",
        rf"how (?:much )?(?:can|should|do|far can) (?:i|we) (?:trust|believe|rely on) (?:{_IT}|you)",
        r"(?:what(?: is|'s|s) )?(?:the |your )?(?:confidence|uncertainty|standard error|margin of error"
        r"|error bars?)",
        r"(?:what(?: is|'s|s) )?(?:the |your )?(?:confidence |uncertainty |credible )?(?:interval|verdict)",
        r"with (?:what|which|how much) (?:confidence|certainty|precision)",
        r"(?:really|seriously|for sure)",
    ),
    "why": (
        rf"what (?:are|were|do|did) (?:you|we) assum(?:e|ing)|how (?:do|should|can|would|must) (?:i|we|you"
        rf"|one) (?:interpret|read|understand) {_IT}",
        r"(?:why|how come|how so|why (?:so|not|though)|what for)",
        rf"why (?:is|was|are) {_IT} (?:so |only |such |that |not )*\w+|why (?:so|only|such|not) \w+",
        rf"(?:is|was) {_IT} (?:really |truly |actually |just |only |merely |an? |mere |simply"
        rf" )*(?:causal(?: effect)?|causation|correlation(?:al)?|association)"
        rf"(?:,? or (?:is it |just |only |merely |an? |mere )*(?:causal|causation|correlation(?:al)?"
        rf"|association))?",
        rf"explain(?: {_IT}| yourself| why| more| further| please)?",
        rf"(?:please )?(?:justify|motivate|defend) (?:{_IT}|yourself)",
        rf"how (?:do|can|could) you (?:know|tell|say)(?: {_IT})?",
        rf"what makes you (?:say|think|believe|conclude)(?: so| {_IT})?",
        r"(?:based )?on what(?: basis| grounds| evidence)?",
        rf"where (?:does|did|do) {_IT} come from",
        rf"what(?: is|'s|s) (?:the|your) (?:reason|reasoning|evidence|basis|argument)(?: (?:for|behind)"
        rf" {_IT})?",
        rf"why (?:is|was|are) {_IT}(?: so| the case| true)?",
        rf"why (?:do|did|would|should) (?:you|i|we) (?:say|think|conclude|believe)(?: so| {_IT})?",
        rf"how (?:did|do|have) (?:you|we) (?:get|got|find|found|arrived? at|work(?:ed)? out|comput\w+"
        rf"|estimat\w+|come|came|reach\w*|calculat\w+|obtain\w*"
        rf"|deriv\w+|measur\w+|do)(?: to| up with)? {_IT}",
        rf"how (?:was|is|were|are) {_IT} (?:calculated|computed|estimated|obtained|found|derived|measured"
        rf"|worked out|made|done)",
        rf"(?:can you |could you |please )*explain (?:{_IT} )?(?:(?:to me )?like (?:i'?m|i am|to) .*|in"
        rf" (?:plain|simple|other|easy) \w+|simply|again|more simply"
        r"|for (?:a |my )?\w+)",
        rf"prove {_IT}|(?:show|give) me (?:the |your |some )?(?:evidence|proof|reasoning|working|workings"
        rf"|reasons)",
        r"says who|what does (?:it|that) rest on",
        rf"(?:what|which)(?: things)? (?:did|do|have|does) (?:you|{_IT}|we) (?:have to )?assumed?",
        r"(?:what|which)(?: (?:are|were))? (?:the|your|its) assumptions?(?: (?:here|behind|of|for|did|do"
        r"|are)\b.*)?",
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
        r"(?!.* again$)(?:just |please |now |then )*(?:say|admit|agree|confirm|write|tell me)\b.*"
        r"\b(?:yes|no|it|that|i am|i'm|proven)\b.*",
        r"(?:but )?i (?:still )?(?:think|believe|suspect|guess|feel|bet|would say|'d say)\b.*",
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
