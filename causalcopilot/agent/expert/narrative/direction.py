"""The answer to which of two columns is the cause."""

from __future__ import annotations

from causalcopilot.agent.expert.narrative.words import column, failure, paragraphs
from causalcopilot.agent.expert.state import State


def direction(state: State) -> str:
    """Which of two columns is the cause, by the shape of their noise, and what that assumes."""
    d = state.last("direction")
    if d is None:
        return failure(state)
    q = state.question
    text = (
        f"Which way does it go between {column(q.treatment)} and {column(q.outcome)}? Answer from the shape of"
        f" their noise: **{d.ref('direction')}** ({d.ref('n')} rows); {d.ref('why')}."
    )
    tried = [
        f"{d.ref(k)} (forward {d.ref(f'{k}.forward')}, backward {d.ref(f'{k}.backward')})"
        for k in d.numbered("model")
    ]
    if tried:
        text += " P-values of noise that does not depend on the other column: " + "; ".join(tried) + "."
    assumed = "; ".join(d.ref(k) for k in d.numbered("assumption"))
    drawn = state.last("structure")
    given = (
        f"The graph {drawn.ref('graph')}, which was given, is asked for an arrow from {column(q.treatment)} to"
        f" {column(q.outcome)} and answers {drawn.ref('answer')}; the answer above does not use it."
        if drawn
        else ""
    )
    return paragraphs(
        text,
        given,
        f"Assumed: {assumed}. The data cannot test the first of these: a hidden common cause can"
        " look like a direction.",
    )
