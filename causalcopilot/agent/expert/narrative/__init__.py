"""The expert's prose: sentences with references, one module per kind of answer.

No sentence holds a numeral or a word that claims more than a fact: numbers, directions and verdicts are
references, and the report prints them from the stored results.
"""

from __future__ import annotations

from causalcopilot.agent.expert.narrative import aspects
from causalcopilot.agent.expert.narrative.kinds import ANSWERS, body
from causalcopilot.agent.expert.narrative.unclear import EXAMPLES
from causalcopilot.agent.expert.narrative.words import paragraphs
from causalcopilot.agent.expert.recall import from_stored
from causalcopilot.agent.expert.state import State

__all__ = ["ANSWERS", "EXAMPLES", "STORED", "body", "write"]

STORED = "From stored results; nothing had to be computed again."


def write(state: State) -> str:
    """The narrative for a finished (or stuck) conversation turn."""
    known = STORED if from_stored(state) else ""
    about = aspects.write(state) if state.question.aspect else ""
    return paragraphs(known, about or body(state))
