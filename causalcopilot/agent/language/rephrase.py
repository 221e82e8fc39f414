"""A sentence in plainer words before it is read: politeness and tags gone, what is held fixed at the end, "not" marked.

"Controlling for age, does quitting not raise weight?" is read as "does quitting raise weight given age", turned round.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.agent.language.phrases import AUX, CAUSES, GIVEN
from causalcopilot.agent.language.rivals import refuse
from causalcopilot.agent.language.spelling import typed
from causalcopilot.agent.language.steps import as_verbs
from causalcopilot.agent.language.turns import plainly
from causalcopilot.errors import ColumnNotFound, UsageError


@dataclass(frozen=True)
class Plain:
    """A sentence in plainer words.

    Attributes:
        sentence: the words.
        negated: they asked for the opposite ("does A not affect B?").
        closed: they claimed something, so that yes or no is wanted ("A raises B, right?").
    """

    sentence: str
    negated: bool = False
    closed: bool = False


def rephrase(text: str, words: Vocabulary) -> Plain:
    """The same question in plainer words.

    Raises:
        UsageError: a column is to be left out of what is held fixed, which only an answer before it could tell; or two
            causes are held against each other.
    """
    _left_out(text, words)
    sentence = _fixed_last(typed(_courteous(text), words), words)
    refuse(sentence, words)
    sentence, untrue = _claim(sentence)
    sentence, closed = _tag(sentence)
    sentence = plainly(as_verbs(sentence, words))
    sentence, negated = _positive(_plain_passive(sentence))
    if negated:
        sentence = plainly(sentence)
    if re.match(r"(?:how|what|which|who)\b", sentence, re.I):
        return Plain(
            sentence
        )  # what is asked openly has no opposite: "A improves B, right?" asks how A affects B
    return Plain(sentence, negated != untrue, closed)


def as_question(statement: str) -> str:
    """A statement with its verb in front: "A lowers B" as "does A lowers B"."""
    bare = statement.rstrip("?.! ")
    if m := re.match(r"^(?P<s>.+?)\s+(?P<v>is|are|was|were)\s+(?P<r>.+)$", bare, re.I):
        return f"{m['v']} {m['s']} {m['r']}?"
    return f"does {bare}?"


def _courteous(text: str) -> str:
    text = re.sub(r"\s+", " ", text.strip()).replace("’", "'")
    text = re.sub(
        r"^(?:please|can you|could you|i want to know|i would like to know|i'd like to know|tell me|i wonder|hi|hello"
        r"|do you (?:know|think)|we (?:want|need) to know|let me know)[,:]?\s+(?:if\s+|whether\s+|that\s+)?",
        "",
        text,
        flags=re.I,
    )
    if not re.search(r"\b(?:in)?dependen|\brelated|correlat|\bassociat", text, re.I):
        text = re.sub(
            rf"^(?:test|check|determine|find out|see)\s+(?:if|whether)\s+(?=.*\b(?:effect|{CAUSES})\b)",
            "",
            text,
            flags=re.I,
        )
    text = re.sub(
        r",?\s+(?:all else(?: being)? (?:equal|constant)|other things(?: being)? equal|ceteris paribus|please)"
        r"(?=\s*[?.!]*$)",
        "",
        text,
        flags=re.I,
    )
    text = re.sub(
        r"(?:[.?!]\s+(?:is\s+that\s+(?:right|true|so|correct)|(?:please\s+)?(?:be\s+brief|explain)|thanks?|thank\s+you)"
        r"|,?\s+(?:or\s+not|yes\s+or\s+no))\s*[?.!]*$",
        "?",
        text,
        flags=re.I,
    )
    text = re.sub(r"^(?:so|and|now|then|ok|okay|but)[,:]?\s+", "", text, flags=re.I)
    return re.sub(rf"^({AUX}|was|were|should)n't\b", r"\1", text, flags=re.I)


_TRUE = re.compile(
    r"^(?:is\s+it\s+(?:(?:really|actually)\s+)?(?:true|correct|right|the\s+case|so|(?P<no>false|untrue|wrong|not\s+the\s+case))"
    r"|is\s+there\s+(?:any\s+)?(?:evidence|proof|reason\s+to\s+(?:think|believe))|do\s+the\s+(?:data|rows)\s+(?:show|say|suggest)"
    r"|would\s+you\s+say)\s+that\s+(?P<s>.+)$",
    re.I,
)


def _claim(sentence: str) -> tuple[str, bool]:
    """The claim inside "is it true that …" as a question, and whether it was called untrue."""
    m = _TRUE.match(sentence)
    return (as_question(m["s"]), bool(m["no"])) if m else (sentence, False)


_DONE_BY = (
    r"(?P<v>(?:caus|affect|influenc|impact|chang|driv|determin|rais|lower|increas|decreas|reduc|improv|worsen|boost|alter"
    r"|shift|prevent|cut)\w*)\s+by"
)
_OPEN = r"(?:(?:by\s+)?how\s+(?:much|strongly|far|greatly|badly)|to\s+(?:what|which)\s+(?:extent|degree))"
_REST = (
    r"(?P<rest>(?:\s*,?\s+(?:in|for|among|amongst|within|when|where|if|given|after|controlling|adjust\w+|holding|using|with)\s"
    r"[^?]+?)?)\s*[?.!]*"
)
_PASSIVES = (
    (
        re.compile(
            rf"^(?:can|could|may|might|will|would|has|have|had|should)\s+(?P<b>.+?)\s+(?:be|been|get)\s+{_DONE_BY}\s+(?P<a>.+)$",
            re.I,
        ),
        r"is \g<b> \g<v> by \g<a>",
    ),
    (
        re.compile(
            rf"^(?:is|are|was|were)\s+(?P<b>.+?)\s+{_DONE_BY}\s+(?P<a>.+?)\s+directly\s*[?.!]*$", re.I
        ),
        r"is \g<b> directly \g<v> by \g<a>?",
    ),
    (
        re.compile(rf"^{_OPEN}\s+(?:is|are|was|were)\s+(?P<b>.+?)\s+{_DONE_BY}\s+(?P<a>.+?){_REST}$", re.I),
        r"how much does \g<a> affect \g<b>\g<rest>?",
    ),
    (
        re.compile(rf"^how\s+(?:is|are|was|were)\s+(?P<b>.+?)\s+{_DONE_BY}\s+(?P<a>.+?){_REST}$", re.I),
        r"how does \g<a> affect \g<b>\g<rest>?",
    ),
    (
        re.compile(
            r"^(?:is|are|was|were)\s+(?P<b>.+?)\s+(?:an?\s+|the\s+)?(?:(?:causal\s+)?(?:result|consequence)s?\s+of|due\s+to)"
            r"\s+(?P<a>.+)$",
            re.I,
        ),
        r"is \g<b> caused by \g<a>",
    ),
    (
        re.compile(r"^(?:does|do|did)\s+(?P<b>.+?)\s+result\s+from\s+(?P<a>.+)$", re.I),
        r"is \g<b> caused by \g<a>",
    ),
)
"""Ways of naming the outcome first, and how a pattern reads them."""


def _plain_passive(sentence: str) -> str:
    """The sentence in a passive that patterns know, so that nothing takes the outcome for the cause."""
    if re.search(r"\b(?:cause\s+or|or\s+(?:is|are|does|the\s+other))\b|\bcommon\b|\bboth\b", sentence, re.I):
        return sentence
    for pattern, plain in _PASSIVES:
        if pattern.match(sentence):
            return pattern.sub(plain, sentence)
    return sentence


_TAGS = re.compile(
    r"\s*,\s*(?:right|correct|true|yes|no|or\s+not|is\s+that\s+(?:so|right|true)|"
    rf"(?:{AUX}|was|were)n't\s+(?:it|they|he|she)|(?:{AUX}|was|were)\s+(?:it|they))\s*[?.!]*$",
    re.I,
)


def _tag(sentence: str) -> tuple[str, bool]:
    """The sentence without ", right?", as a question where it was a statement; and whether it had such a tag."""
    m = _TAGS.search(sentence)
    if m is None:
        return sentence, False
    bare = sentence[: m.start()]
    asks = re.match(rf"^(?:{AUX}|was|were|what|which|who|whom|how|why|when|if|for)\b", bare, re.I)
    return (f"{bare}?" if asks else as_question(bare)), True


_NOT = re.compile(
    rf"^(?P<head>{AUX}|was|were)\s+(?P<s>.+?)\s+(?:(?:does|do|did|is|are|was|were)\s+)?(?:not|never|n't)\s+"
    rf"(?=(?:really\s+|actually\s+|directly\s+|at\s+all\s+)?(?:{CAUSES}\b|depend|have\b|be\b|independent|correlated|associated"
    r"|related|an?\s+(?:direct\s+)?(?:cause|confounder|collider|mediator)))",
    re.I,
)
_NONE = re.compile(
    r"\bno\s+(?=(?:\w+\s+){0,2}?(?:effects?|impact|influence|confound\w*|common\s+\w+|collider\w*|mediator\w*|direct\s+\w+"
    r"|associations?|correlations?|relation\w*|links?|dependence)\b)",
    re.I,
)


def _positive(sentence: str) -> tuple[str, bool]:
    """The sentence without "not" or "no", and whether it had one."""
    sentence = re.sub(
        r"^(does\s+.+?\s+)(?:does|do|did)(?:n't|\s+not)\s+", r"\1not ", sentence, flags=re.I
    )  # a statement with "does" in front of it
    if m := _NOT.match(sentence):
        return f"{m['head']} {m['s']} {sentence[m.end() :]}", True
    if re.match(rf"^(?:{AUX}|was|were)\b", sentence, re.I) and (m := _NONE.search(sentence)):
        return f"{sentence[: m.start()]}any {sentence[m.end() :]}", True
    return sentence, False


_LIST = r"(?P<list>[^,?]+?(?:,\s*[^,?]+?)*?)"
_HELD = r"(?:\s+(?:held\s+)?(?:fixed|constant|equal))?"
_FRONT = re.compile(
    rf"^(?:(?:when|after|if|by|while)\s+)?(?:we\s+)?{GIVEN}\s+{_LIST}{_HELD}\s*,\s+(?P<rest>[^,]+)$", re.I
)
_KNOWN = (
    r"(?:(?:is|are|being)\s+)?(?:(?:held\s+|kept\s+)?(?:fixed|constant|equal)|held|known|accounted\s+for"
    r"|controlled(?:\s+for)?|adjusted\s+for|taken\s+into\s+account|conditioned\s+on)"
)
_ALIKE = (
    r"(?:net\s+of|knowing|at\s+(?:the\s+same(?!\s+time\b)|equal|fixed|a\s+fixed|a\s+given)|for\s+(?:the\s+same|fixed|equal|a\s+fixed|a\s+given|given)"
    r"|correcting\s+for|allowing\s+for|independently\s+of|with\s+(?:controls|adjustment|adjustments)\s+for)"
)
_FRONT_ALIKE = re.compile(rf"^{_ALIKE}\s+{_LIST},\s+(?P<rest>[^,]+)$", re.I)
_WE_KNOW = r"(?:we|you|i|one)\s+(?:already\s+)?(?:know|learn|see|fix|hold)s?"
_BACK = tuple(
    re.compile(rf"\s*,?\s+{words}\s*(?P<end>[?.!]*)$", re.I)
    for words in (
        rf"(?:once|if|when|after)\s+{_WE_KNOW}\s+{_LIST}{_HELD}",
        rf"(?:once|if|when|with|while)\s+{_LIST}\s+{_KNOWN}",
        rf"(?:with|including|using)\s+{_LIST}\s+as\s+(?:an?\s+|the\s+)?(?:controls?|covariates?|control\s+variables?|confounders?)",
        rf"(?:taking|when\s+taking|(?:once|when|if|after)\s+(?:we|you|i|one)\s+(?:take|have\s+taken))\s+{_LIST}\s+into\s+account",
        rf"{_ALIKE}\s+{_LIST}",
    )
)


def _fixed_last(sentence: str, words: Vocabulary) -> str:
    """What is held fixed, said first or in other words, as "given …" at the end; only lists of columns are moved."""
    if (m := _FRONT.match(sentence)) and (held := _columns(m["list"], words)):
        return f"{m['rest'].rstrip('?.! ')} given {held}?"
    if (m := _FRONT_ALIKE.match(sentence)) and (held := _columns(m["list"], words)):
        return f"{m['rest'].rstrip('?.! ')} given {held}?"
    for pattern in _BACK:
        if (m := pattern.search(sentence)) and (held := _columns(m["list"], words)):
            return f"{sentence[: m.start()]} given {held}{m['end']}"
    return sentence


_LEAVING = re.compile(
    r"\b(?:(?:without|not|never|instead\s+of)\s+(?:adjust\w*|control\w*|account\w*|condition\w*|correct\w*|holding|keeping"
    r"|counting|considering)(?:\s+(?:for|on))?|ignor(?:e|ing)|disregarding|leaving\s+out|excluding|omitting|regardless\s+of)\s+"
    r"(?P<list>[^?]+?)\s*(?:(?:when|if|while|for)\s[^?]*)?[?.!]*$",
    re.I,
)


def _left_out(text: str, words: Vocabulary) -> None:
    if (m := _LEAVING.search(text)) and (held := _columns(m["list"], words)):
        raise UsageError(
            f"{held} cannot be left out of what is held fixed before that is known",
            "name what is held fixed instead: controlling for A and B",
        )


def _columns(listed: str, words: Vocabulary) -> str:
    """A list of columns in their own names, or nothing where a part names none."""
    try:
        return ", ".join(f"`{name}`" for name in words.several(listed))
    except ColumnNotFound:
        return ""
