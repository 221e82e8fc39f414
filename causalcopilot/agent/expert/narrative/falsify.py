"""The answer to whether a graph fits the data."""

from __future__ import annotations

from causalcopilot.agent.expert.narrative.words import count, failure, paragraphs
from causalcopilot.agent.expert.state import Done, State


def falsified(state: State) -> str:
    """Whether a graph fits the data, and what in it they contradict."""
    d = state.last("falsify")
    if d is None:
        return failure(state)
    lines = [
        f"- {d.ref(k)}: association {d.ref(f'{k}.strength')}, corrected p-value {d.ref(f'{k}.p_value')}"
        for k in d.numbered("contradiction")
    ]
    idle = [f"- {d.ref(k)} (p-value {d.ref(f'{k}.p_value')})" for k in d.numbered("needless")]
    listed = "What the graph separates and the data do not:" if lines else ""
    needless = "Edges of the graph whose ends showed no dependence in the data:" if idle else ""
    learned = ""
    if state.last("discover") is not None:
        learned = (
            "The graph was learned from these very rows, so that it fits them says little; where it does not,"
            " the search could not honour every test."
        )
    return paragraphs(
        f"Does the graph {d.ref('graph')} fit the data? Answer: **{d.ref('answer')}**. {fit(d)}",
        listed,
        "\n".join(lines),
        needless,
        "\n".join(idle),
        "Every other graph that implies the same independences fits as well; the direction of most edges is"
        " not tested this way.",
        learned,
    )


def fit(d: Done) -> str:
    """How many of the claims of a graph the data contradict, beside graphs with shuffled names."""
    if not d.value("implied"):
        return "It implies no independence of measured columns, so there is nothing in it that the data could contradict."
    text = (
        f"Of {count(d, 'implied', 'implied independence')}, {d.ref('tested')} were tested on {d.ref('n')} rows"
        f" and {d.ref('contradicted')} contradicted at level {d.ref('alpha')} after correction."
    )
    if d.value("share") is not None:
        text += (
            f" Of {d.ref('relabelings')} graphs with shuffled names, {d.ref('share')} fit as well"
            f" ({d.ref('violations')} violations here against {d.ref('usual')} on average there, by the linear test)."
        )
    return text
