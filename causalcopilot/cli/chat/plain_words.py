"""What people type that is no question of cause: a greeting, thanks, a goodbye, or a command in plain words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from causalcopilot.cli.chat.comparing import compare
from causalcopilot.cli.chat.terms import explain

if TYPE_CHECKING:
    from causalcopilot.cli.chat.talk import Talk

_SO = (
    r"(?:,? (?:you|so much|a lot|very much|for that|for now|all|there|then|again|ccp|that helps|that is"
    r" all))*"
)
_LEAVE = re.compile(
    r"(?:(?:ok(?:ay)?|thanks|thank you|and)[, ]+)?"
    rf"(?:quit|exit|bye(?:[- ]bye)?|goodbye|good night|leave|see you|:q|q){_SO}"
)
_HELP = re.compile(
    r"help(?: me)?|\?|(?:show |give )?(?:me )?(?:some |all )?examples?"
    r"|what (?:can|could|should|may|do) (?:i|you|one|we) (?:ask|do|say|type|know|answer)(?: (?:you|here"
    r"|for me|about))?"
    r"|how (?:does this|do you|do i|can i) (?:work|use (?:this|you)|start|begin)|what (?:are you|is this)"
    r"|who are you"
)
_KIND = re.compile(
    r"(?:(?:many |ok(?:ay)?,? |great,? |good,? )?(?:thanks|thank you|thx|cheers)|ok(?:ay)?|great|good|nice"
    r"|perfect"
    r"|cool|wow|got it|i see|understood|fine|alright|hello|hi|hey|good (?:morning|evening|afternoon)|well"
    r" done"
    rf"|very good|interesting){_SO}"
)

_ROWS = r"(?:rows|people|persons|patients|observations|records|cases|units|entries|samples|columns|variables)"
_TABLE = r"(?:the |this |my |all )*(?:data ?(?:set)?|table|file|columns|variables|rows)"
_PLEASE = r"(?:(?:can|could|would|will) you )?(?:please |now |just )?"
_MAKE = r"(?:write|make|create|save|export|give|generate|produce|print|show)(?: me| us| up)?"
_WORDS = (
    (
        rf"(?:how many|what number of) {_ROWS}"
        rf"(?: (?:are|is|do (?:i|we|you)|does (?:it|{_TABLE})) ?(?:there|in|have|hold|had)?"
        rf"(?: (?:in )?(?:{_TABLE}|it|here|total|all|there))*)?",
        "/data",
    ),
    (
        r"(?:what|which) (?:columns|variables|features)(?: (?:are there|are in|do (?:i|we|you) have)\b.*)?",
        "/data",
    ),
    (rf"{_PLEASE}(?:describe|show|summari[sz]e|list|print|look at|profile)(?: me)? {_TABLE}", "/data"),
    (rf"what(?: is|'s) in {_TABLE}", "/data"),
    (
        rf"{_PLEASE}{_MAKE} (?:the |a |an |your )?(?:full |html |final |written )?report"
        r"(?: (?:now|please|for me|for us))*(?: (?:of|on|about|for) (?:it|this|that|all this|the (?:last )?"
        r"(?:answer|result|analysis|question|run)))?(?: (?:now|please|for me|for us))*",
        "/report",
    ),
    (
        rf"(?:go|step) back(?: (?:one|a step|once))?|{_PLEASE}(?:forget|scratch|revert|cancel) (?:it|that"
        rf"|this|the last (?:one|question|answer|step|change))",
        "/undo",
    ),
    (
        rf"{_PLEASE}(?:undo (?:it|that|this)|take (?:it|that|this) back)|undo(?: the last (?:step|question"
        rf"|one))?",
        "/undo",
    ),
    (r"(?:what|which) (?:tools|methods)(?: (?:do you have|are there|can you use))?", "/tools"),
    (rf"{_PLEASE}(?:start|begin) (?:over|again|afresh|anew)", "/clear"),
)
_COMMANDS = tuple((re.compile(words), command) for words, command in _WORDS)
_HOLDS = re.compile(
    r"(?:what(?: is|'s|s| are)|show(?: me)?|give me|tell me|how (?:high|large) is) (?:the |an? )?"
    r"(?:plain |overall |raw )?(?:mean|average|distribution|summary|values|levels)(?: value)? (?:of|for)"
    r" (?:the )?(?P<column>.+?)"
)
_MEANS = re.compile(
    r"what (?:does|is|are) (?:the )?(?:column |variable )?(?P<column>.+?)(?: mean| stand for| measured in)?"
)


def reply(talk: Talk, line: str) -> bool:
    """Answer a courtesy; false where the line is none, or names a column of the table."""
    text = re.sub(r"\s+", " ", line.lower()).rstrip(" .!?") or line.strip()
    if text in (n.lower() for n in talk.case.profile.names):
        return False
    if _LEAVE.fullmatch(text):
        talk.leaving = True
    elif _HELP.fullmatch(text) and not (talk.said is not None and text.startswith("what should")):
        _examples(talk)
    elif _KIND.fullmatch(text):
        talk.screen.say(
            "Ask on in plain words; `examples` shows how, /report writes the report, Ctrl-D leaves."
        )
    elif command := _command(talk, text):
        talk.screen.say(f"read as: {command}")
        talk.take(command)
    else:
        return compare(talk, text) or explain(talk, line)
    return True


def _command(talk: Talk, text: str) -> str:
    """The command that some plain words mean, or nothing."""
    for pattern, command in _COMMANDS:
        if pattern.fullmatch(text):
            return command
    if m := _HOLDS.fullmatch(text) or _MEANS.fullmatch(text):
        exact = [n for n in talk.case.profile.names if n.lower() == m["column"].strip("`'\"")]
        return f"/data {exact[0]}" if len(exact) == 1 else ""
    return ""


def _examples(talk: Talk) -> None:
    """Every kind of question, in the table's own columns."""
    from causalcopilot.agent.expert.narrative.unclear import examples

    said = talk.said
    about = tuple(c for c in (said.question.treatment, said.question.outcome) if c) if said else ()
    listed = "\n".join(f"- {e}" for e in examples(talk.case.profile, talk.case.knowledge, about))
    talk.screen.result(
        f"Ask about this table in plain words, for example:\n\n{listed}\n\n/help lists the commands."
    )
