"""Earlier answers of a chat side by side, as they were given: nothing is computed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causalcopilot.agent.turn import Turn
    from causalcopilot.cli.chat.talk import Talk

_PAST = r"(?:last|previous|prior|earlier|former|first|second|other|two|preceding|past|both)"
_ANSWERS = r"(?:answers?|results?|ones?|estimates?|numbers?|questions?|effects?|analys[ei]s|runs?)"
_WHICH = rf"(?:(?:the|that|those|these|your|my|all|of|two|{_PAST}) )*"
_COMPARE = re.compile(
    r"(?:and |now |please |(?:can|could) you )*(?:"
    rf"compare(?: (?:it|this|that|them|these|those|both))?(?: (?:with|to|and|against))?(?:"
    rf" {_WHICH}{_ANSWERS}| (?:the )?(?:one|two)(?: before)?| before| earlier)?"
    rf"|how (?:does|do) (?:it|this|that|they|these|{_WHICH}{_ANSWERS}) (?:compare|differ)(?: (?:to|with"
    rf"|from) (?:{_WHICH}{_ANSWERS}|before|each other))?"
    rf"|what (?:was|were|is|are) {_WHICH}{_PAST} {_ANSWERS}(?: again)?"
    rf"|(?:show|list|give|print|repeat|recall)(?: me)? {_WHICH}(?:all |{_PAST} ){_ANSWERS}(?: (?:so far"
    rf"|again|side by side))?"
    rf"|what (?:did you say|was it|did we (?:find|get|have)|did you find) (?:before|earlier|first"
    rf"|previously|at first|so far)"
    r"|(?:what|how (?:much )?)(?: has| have| did)? (?:it |that |this |the answer )?changed?(?: (?:since"
    r"|from|compared).*)?"
    r"|what(?: is|'s) the difference (?:to|from|with|between) (?:before|the (?:two|last|previous).*|them"
    r"|these|those)"
    r"|(?:is|was) (?:it|that|this) (?:different|the same|more|less|larger|smaller)(?: or \w+)? (?:from"
    r"|than|as|to) (?:before|the (?:last|previous|first) .*)"
    r")"
)
SHOWN = 6
"""Newest answers that are shown."""


def compare(talk: Talk, text: str) -> bool:
    """List the newest answers of this chat, oldest first; false where a line asks no such thing."""
    if _COMPARE.fullmatch(text) is None:
        return False
    turns = _answers(talk)
    if not turns:
        talk.screen.say("No answer yet to compare; ask a question first.")
        return True
    lines = [f"{i}. {_asked(t)}\n   {_headline(t)}" for i, t in enumerate(turns, 1)]
    more = "" if len(turns) > 1 else "\n\nThere is no earlier one to compare it with."
    talk.screen.result("Answers so far, as they were given:\n\n" + "\n".join(lines) + more)
    return True


def _answers(talk: Talk) -> list[Turn]:
    """Turns that answered a question of their own, the newest of each question, in order."""
    from causalcopilot.agent.turn import stored_turn

    found: list[Turn] = []
    turn = talk.conversation.turn
    while turn is not None and len(found) < SHOWN:
        q = turn.run.question
        if q.kind not in ("unclear", "explore") and not q.aspect and turn.error is None:
            found.append(turn)
        turn = stored_turn(talk.session.memory.run(turn.run.parent)) if turn.run.parent else None
    return found[::-1]


def _asked(turn: Turn) -> str:
    from causalcopilot.agent.language.redo import in_words
    from causalcopilot.domain.question import ABOUT_WHOLE

    q = turn.run.question
    return f"{q.text} ({in_words(q)})" if q.kind in ABOUT_WHOLE and q.treatment else q.text or q.kind


def _headline(turn: Turn) -> str:
    from causalcopilot.cli import reports
    from causalcopilot.cli.text.ask import ask_text

    return " ".join(ask_text(reports.ask(turn)).split("\n\n")[0].split())
