"""The answer to a question that is read off a graph."""

from __future__ import annotations

from causalcopilot.agent.expert.narrative.words import called, column, failure
from causalcopilot.agent.expert.state import Done, State
from causalcopilot.agent.pins import learned_with

_ASKS = {
    "direct_cause": "Is {a} a direct cause of {b}?",
    "confounder": "Do {a} and {b} have a common cause?",
    "collider": "Do {a} and {b} have a common effect?",
    "mediator": "Does something lie between {a} and {b}?",
    "adjustment": "Can the effect of {a} on {b} be found by adjustment?",
}


def structure(state: State) -> str:
    """The answer a graph gives, with its evidence and what it rests on."""
    d = state.last("structure")
    if d is None:
        return failure(state)
    q = state.question
    asks = _ASKS[q.kind].format(a=column(q.treatment), b=column(q.outcome))
    text = f"{asks} Answer from the graph {d.ref('graph')}: **{d.ref('answer')}**."
    for asked in q.columns[:1]:
        text += f" {_candidate(asked, d)}"
    names = d.numbered("name")
    if names:
        text += " Columns: " + ", ".join(called(d, k) for k in names) + "."
    if d.value("path"):
        text += f" Evidence: {d.ref('path')}."
    if d.value("rests_on"):
        text += f" What this rests on: {d.ref('rests_on')}."
    learned = state.last("discover_series") or state.last("discover")
    if learned is not None:
        text += (
            f" The graph was learned from the data with {learned_with(learned)}, so the answer holds under the"
            " assumptions of the search."
        )
        if learned.value("fragile") == "yes":
            why = "; ".join(learned.ref(k) for k in learned.numbered("fragile"))
            text += f" Standing of the graph: **{learned.ref('standing')}**; {why}."
    return text


def _candidate(name: str, d: Done) -> str:
    """What the graph says of the one column that was asked about."""
    if name in (d.value(k) for k in d.numbered("name")):
        return f"{column(name)} is such a column."
    if name in (d.value(k) for k in d.numbered("possible")):
        return f"Whether {column(name)} is such a column, the graph leaves open."
    return f"{column(name)} is no such column in this graph."
