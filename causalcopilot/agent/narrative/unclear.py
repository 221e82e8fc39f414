"""The answer to what nobody understood: examples in the table's own columns."""

from __future__ import annotations

import re

from causalcopilot.agent.narrative.words import column, paragraphs
from causalcopilot.agent.state import State

EXAMPLES = (
    "What is the effect of A on B?",
    "What happens to B when A goes from one value to another?",
    "Are A and B independent given C?",
    "Does A directly cause B?",
    "Is there a confounder, a collider or a mediator of A and B?",
    "How much of the effect of A on B goes through C?",
    "Draw the causal graph of A, B and C.",
    "What drives B?",
    "How strong are the arrows into B?",
    "Which way does it go between A and B?",
    "Does this graph fit the data?",
    "Which mechanisms change between the values of C?",
    "For whom does A change B most?",
    "Does the effect of A on B differ by C?",
)


def _examples(state: State) -> list[str]:
    """Questions one can ask, in the table's own columns: those with a role first, none that only names a row."""
    brief = state.brief
    roles = [*brief.knowledge.with_role("treatment"), *brief.knowledge.with_role("outcome")]
    idle = {*brief.profile.identifiers, *brief.profile.constants}
    rest = [c for c in brief.columns if c not in idle]
    told = {c.name: c.type for c in brief.profile.columns}
    causes, outcomes = ([c for c in rest if told.get(c) == kind] for kind in ("binary", "continuous"))
    plain = [*causes[:1], *outcomes[:1], *(c for c in rest if told.get(c) != "date"), *rest]
    listed = [*state.question.columns, *roles, *brief.controls, *plain]
    names = [column(c) for c in dict.fromkeys(listed) if c in brief.columns]
    if len(names) < 3:
        return list(EXAMPLES)
    a, b, c = names[:3]
    return [re.sub(r"\b[ABC]\b", lambda m: {"A": a, "B": b, "C": c}[m[0]], e) for e in EXAMPLES]


def unclear(state: State) -> str:
    """That the question was not understood, with questions that would be."""
    known = ", ".join(column(c) for c in state.brief.columns[:8])
    asked = "\n".join(f"- {e}" for e in _examples(state))
    return paragraphs(
        "I did not understand the question.",
        "I can answer questions like these:",
        asked,
        f"Columns: {known}.",
    )
