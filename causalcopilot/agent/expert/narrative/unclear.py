"""The answer to what nobody understood: examples in the table's own columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from causalcopilot.agent.expert.narrative.words import column, paragraphs
from causalcopilot.agent.expert.state import State
from causalcopilot.agent.language.columns import stems
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import Profile

EXAMPLES = (
    "What is the effect of A on B?",
    "What happens to B when A goes from one value to another?",
    "Are A and B independent given C?",
    "How are A and B related?",
    "Does A directly cause B?",
    "Is there a confounder, a collider or a mediator of A and B?",
    "How much of the effect of A on B goes through C?",
    "What is the effect of A and C together on B?",
    "Draw the causal graph of A, B and C.",
    "What drives B?",
    "How strong are the arrows into B?",
    "Which way does it go between A and B?",
    "Does this graph fit the data?",
    "Which mechanisms change between the values of C?",
    "For whom does A change B most?",
    "Does the effect of A on B differ by C?",
)
INSTRUMENT = "What is the effect of A on B with C as the instrument?"
NEAREST = 4
"""Examples in a later answer: those that share most words with what was asked."""

FOLLOWUPS = (
    "About the last answer you can say: why; how sure are you; is that a lot; is it chance; for whom is it strongest;"
    " use matching; give me the ATT; compare with the last answer; what does a word mean; what next."
)
"""What may be asked of an answer, for whoever was not understood after one."""


def examples(profile: Profile, knowledge: Knowledge, about: Sequence[str] = ()) -> list[str]:
    """Questions one can ask, in the table's own columns: those with a role first, none that only names a row.

    Args:
        profile, knowledge: the table.
        about: columns that come before all others.
    """
    roles = [*knowledge.with_role("treatment"), *knowledge.with_role("outcome")]
    idle = {*profile.identifiers, *profile.constants}
    rest = [c for c in profile.names if c not in idle]
    told = {c.name: c.type for c in profile.columns}
    causes, outcomes = ([c for c in rest if told.get(c) == kind] for kind in ("binary", "continuous"))
    plain = [*causes[:1], *outcomes[:1], *(c for c in rest if told.get(c) != "date"), *rest]
    listed = [*about, *roles, *knowledge.with_role("pre_treatment"), *plain]
    names = [column(c) for c in dict.fromkeys(listed) if c in profile.names]
    if len(names) < 3:
        return list(EXAMPLES)
    a, b, c = names[:3]
    made = [_filled(e, a, b, c) for e in EXAMPLES]
    moved = [column(c) for c in knowledge.with_role("instrument") if column(c) not in (a, b)]
    return [*made, *(_filled(INSTRUMENT, a, b, i) for i in moved[:1])]


def _filled(example: str, a: str, b: str, c: str) -> str:
    return re.sub(r"\b[ABC]\b", lambda m: {"A": a, "B": b, "C": c}[m[0]], example)


def unclear(state: State) -> str:
    """That the question was not understood, with questions that would be: all at first, later the nearest."""
    brief = state.brief
    known = ", ".join(column(c) for c in brief.columns[:8])
    if len(brief.columns) > 8:
        known += " and others"
    made = examples(brief.profile, brief.knowledge, state.question.columns)
    if not state.before:
        asked = "\n".join(f"- {e}" for e in made)
        return paragraphs(
            "I did not understand the question.",
            "I can answer questions like these:",
            asked,
            f"Columns: {known}.",
        )
    words = stems(state.question.text)
    near = sorted(made, key=lambda example: -len(words & stems(example)))
    nearest = "\n".join(f"- {example}" for example in near[:NEAREST])
    return paragraphs(
        "I did not understand the question. These are nearest:", nearest, f"Columns: {known}.", FOLLOWUPS
    )
