"""What people type that is neither question nor command: a greeting, thanks, a call for help, a goodbye."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causalcopilot.cli.chat.talk import Talk

_SO = r"(?:,? (?:you|so much|a lot|very much|for that|for now|all|there|then|again|ccp|that helps|that is all))*"
_LEAVE = re.compile(
    r"(?:(?:ok(?:ay)?|thanks|thank you|and)[, ]+)?"
    rf"(?:quit|exit|bye(?:[- ]bye)?|goodbye|good night|leave|see you|:q|q){_SO}"
)
_HELP = re.compile(
    r"help(?: me)?|\?|(?:show |give )?(?:me )?(?:some |all )?examples?"
    r"|what (?:can|could|should|may|do) (?:i|you|one|we) (?:ask|do|say|type|know|answer)(?: (?:you|here|for me|about))?"
    r"|how (?:does this|do you|do i|can i) (?:work|use (?:this|you)|start|begin)|what (?:are you|is this)|who are you"
)
_KIND = re.compile(
    r"(?:(?:many |ok(?:ay)?,? |great,? |good,? )?(?:thanks|thank you|thx|cheers)|ok(?:ay)?|great|good|nice|perfect"
    r"|cool|wow|got it|i see|understood|fine|alright|hello|hi|hey|good (?:morning|evening|afternoon)|well done"
    rf"|very good|interesting){_SO}"
)


def reply(talk: Talk, line: str) -> bool:
    """Answer a courtesy; false where the line is none, or names a column of the table."""
    text = re.sub(r"\s+", " ", line.lower()).rstrip(" .!?") or line.strip()
    if text in (n.lower() for n in talk.case.profile.names):
        return False
    if _LEAVE.fullmatch(text):
        talk.leaving = True
    elif _HELP.fullmatch(text):
        _examples(talk)
    elif _KIND.fullmatch(text):
        talk.screen.say(
            "Ask on in plain words; `examples` shows how, /report writes the report, Ctrl-D leaves."
        )
    else:
        return False
    return True


def _examples(talk: Talk) -> None:
    """Every kind of question, in the table's own columns."""
    from causalcopilot.agent.narrative.unclear import examples

    said = talk.said
    about = tuple(c for c in (said.question.treatment, said.question.outcome) if c) if said else ()
    listed = "\n".join(f"- {e}" for e in examples(talk.case.profile, talk.case.knowledge, about))
    talk.screen.result(
        f"Ask about this table in plain words, for example:\n\n{listed}\n\n/help lists the commands."
    )
