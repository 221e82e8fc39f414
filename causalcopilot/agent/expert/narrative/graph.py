"""The answer that is a graph, over columns or over time."""

from __future__ import annotations

from causalcopilot.agent.expert.narrative.words import called, count, failure, paragraphs
from causalcopilot.agent.expert.state import Done, State
from causalcopilot.agent.pins import learned_with


def graph(state: State) -> str:
    """A learned graph: how it was learned, its edges, and which effects could be asked next."""
    d = state.last("discover_series") or state.last("discover")
    if d is None:
        return failure(state)
    first = (
        f"The graph {d.ref('graph')} was learned with {learned_with(d)}: {count(d, 'nodes', 'column')}, {count(d, 'edges', 'edge')}, "
        f"{d.ref('directed')} with a direction and {d.ref('undirected')} without."
    )
    if d.value("agreement") is not None:
        first += f" Another method, {d.ref('runner_up')}, shares {d.ref('agreement')} of the adjacencies."
    lines = [f"- {d.ref(k)}" for k in d.numbered("edge")[:40]]
    effects = state.last("survey")
    told = ""
    if state.question.kind == "explore":
        told = "No treatment and outcome were named, so nothing here is stated as an effect. "
        if effects is not None and effects.numbered("effect"):
            listed = "; ".join(effects.ref(k) for k in effects.numbered("effect")[:8])
            told += f"If the graph is right, these effects could be asked for next: {listed}."
        elif d.tool == "discover":
            told += "From the graph as it stands, no pair of columns can be compared by adjustment."
    return paragraphs(first, _over_time(d), "\n".join(lines), told)


def _over_time(d: Done) -> str:
    """What a reader of a lagged graph must know: how far back it looks, what was changed, why it is fragile."""
    if d.tool != "discover_series":
        return ""
    text = (
        f"Rows are steps in time (each a {d.ref('step')}); the longest lag searched is {d.ref('lags')}"
        f" ({d.ref('lags.reason')})."
    )
    changed = d.numbered("changed")
    if changed:
        listed = "; ".join(f"{called(d, k)}: {d.ref(f'{k}.how')}" for k in changed[:12])
        text += f" Before the search these columns were changed, and the graph speaks of them as changed: {listed}."
    if fragile := d.numbered("fragile"):
        text += (
            f" Standing of the graph: **{d.ref('standing')}**; " + "; ".join(d.ref(k) for k in fragile) + "."
        )
    return text
