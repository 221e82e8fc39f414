"""Two causes held against each other: "is income caused by education or by age?", "which matters more for sales?".

One effect is told at a time, and a ranking tells all causes; which of two is meant by "more" no answer here says.
"""

from __future__ import annotations

import re

from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.agent.language.phrases import AUX, CAUSES
from causalcopilot.errors import UsageError

_X, _Y, _B = r"(?P<x>[^,;?]+?)", r"(?P<y>[^,;?]+?)", r"(?P<b>[^,;?]+?)"
_END = r"\s*[?.!]*$"
_DONE = (
    r"(?:caused|driven|affected|influenced|determined|explained|raised|lowered|increased|reduced|due|down)"
)
_BY = r"(?:by|to|because\s+of)"
_THING = (
    r"(?:(?:\s+(?:one|factor|column|variable|cause|driver|thing)s?)?(?:\s+of\s+(?:these|the\s+two|them))?)"
)
_SIZE = r"(?:more|most|larger|largest|bigger|biggest|stronger|strongest|greater|greatest|better|best)"
_NOUN = r"(?:effect|impact|influence|driver|cause|factor|predictor|determinant)"
_ROWS = (
    rf"^(?:is|are|was|were)\s+{_B}\s+(?:more\s+|mainly\s+|mostly\s+|rather\s+)?{_DONE}\s+{_BY}\s+{_X}\s*,?\s+or\s+(?:rather\s+|more\s+)?(?:{_BY}\s+)?{_Y}{_END}",
    rf"^(?:what|which){_THING}\s+(?:is\s+)?(?:{CAUSES}|matters?|counts?|important)\s+(?:{_SIZE}\s+)?(?:for\s+|to\s+|in\s+)?{_B}(?:\s+(?:the\s+)?{_SIZE})?\s*[,:]\s*{_X}\s+or\s+{_Y}{_END}",
    rf"^(?:what|which){_THING}\s+(?:is|matters|counts)\s+{_SIZE}(?:\s+important)?\s+(?:for|to|in)\s+{_B}\s*[,:]\s*{_X}\s+or\s+{_Y}{_END}",
    rf"^(?:what|which){_THING}\s+(?:has|have|had|is)\s+(?:an?\s+|the\s+)?{_SIZE}(?:\s+important)?\s+{_NOUN}\s+(?:on|of|for)\s+{_B}\s*[,:]\s*{_X}\s+or\s+{_Y}{_END}",
    rf"^{AUX}\s+{_X}\s+or\s+{_Y}\s+{CAUSES}\s+(?:{_SIZE}\s+)?(?:for\s+|to\s+|in\s+)?{_B}(?:\s+(?:the\s+)?{_SIZE})?{_END}",
    rf"^{AUX}\s+{_X}\s+{CAUSES}\s+(?:{_SIZE}\s+)?(?:for\s+|to\s+|in\s+)?{_B}\s+(?:{_SIZE}\s+)?(?:strongly\s+)?than\s+(?!\d){_Y}{_END}",
    rf"^is\s+{_X}\s+(?:an?\s+)?(?:{_SIZE})(?:\s+important)?(?:\s+{_NOUN})?\s+than\s+{_Y}\s+(?:for|of|in|on)\s+{_B}{_END}",
    rf"^is\s+{_X}\s+(?:an?\s+)?(?:{_SIZE})(?:\s+important)?(?:\s+{_NOUN})?\s+(?:for|of|in|on)\s+{_B}\s+than\s+{_Y}{_END}",
)  # fmt: skip
_RIVALS = tuple(re.compile(row, re.I) for row in _ROWS)


def refuse(sentence: str, words: Vocabulary) -> None:
    """Refuse a sentence that holds two causes of one outcome against each other, and say what to ask.

    Raises:
        UsageError: it does, and names three different columns.
    """
    for pattern in _RIVALS:
        m = pattern.match(sentence)
        found = [words.find(m[k]) for k in ("x", "y", "b")] if m else []
        if not found or any(len(f) != 1 for f in found):
            continue
        x, y, b = (f[0] for f in found)
        if len({x, y, b}) == 3:
            raise UsageError(
                f"the columns {x} and {y} are held against each other as causes of {b}; one effect is told at a time",
                f"ask: what drives {b}? (ranks its causes); or of each by itself: what is the effect of {x} on {b}?",
            )
