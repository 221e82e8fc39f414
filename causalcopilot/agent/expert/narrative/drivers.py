"""The answer to what drives a column."""

from __future__ import annotations

from causalcopilot.agent.expert.narrative.words import called, column, failure, paragraphs
from causalcopilot.agent.expert.state import State
from causalcopilot.agent.pins import learned_with


def drivers(state: State) -> str:
    """The causes of a column in a graph, strongest first."""
    d = state.last("drivers")
    if d is None:
        return failure(state)
    ranks = d.numbered("rank")
    if not ranks:
        return f"In the graph {d.ref('graph')} no column is an ancestor of {column(state.question.outcome)}, so I name no driver."
    lines = [f"- {called(d, k)}: {d.ref(f'{k}.strength')} ({d.ref(f'{k}.path')})" for k in ranks[:10]]
    return paragraphs(
        f"Candidate drivers of {column(state.question.outcome)} in the graph {d.ref('graph')}, strongest first:",
        "\n".join(lines),
        "The ranking rests on the graph; columns that follow the outcome are left out by construction.",
        f"The graph was learned with {learned_with(learned)}." if (learned := state.last("discover")) else "",
    )
