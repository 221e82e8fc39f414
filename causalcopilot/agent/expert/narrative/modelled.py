"""The answers from a structural model: what if, why this row, why this change, which arrow."""

from __future__ import annotations

from causalcopilot.agent.expert.narrative.words import called, column, count, failure, paragraphs
from causalcopilot.agent.expert.state import Done, State
from causalcopilot.agent.pins import learned_with

UNUSUAL_SIDE = {1: "high", -1: "low"}


def what_if(state: State) -> str:
    """The mean of an outcome once a cause is set, beside the mean as observed."""
    d = state.last("intervene")
    if d is None:
        return failure(state)
    counted = f" The mean is the share of rows with the value {d.ref('event')}." if d.value("event") else ""
    spread = ""
    if "quantile.10" in d.facts:
        spread = (
            f" Most rows would then lie between {d.ref('quantile.10')} and {d.ref('quantile.90')}, where they now lie"
            f" between {d.ref('quantile.10.observed')} and {d.ref('quantile.90.observed')}."
        )
    return paragraphs(
        f"{_in_graph(d)}, with {d.ref('setting')} the mean of {column(state.question.outcome)} would be"
        f" **{d.ref('mean.with_unit')}** ({_ends(d, 'mean')}), against {d.ref('observed')} as observed: a difference of"
        f" {d.ref('difference')} ({_ends(d, 'difference')}), from {d.ref('n_used')} rows.{counted}{spread}",
        _extrapolated(d),
        _assumed(state, d),
    )


def counterfactual(state: State) -> str:
    """What an outcome of one row would have been."""
    d = state.last("counterfactual")
    if d is None:
        return failure(state)
    return paragraphs(
        f"{_in_graph(d)}, {column(state.question.outcome)} of {d.ref('row')} would have been"
        f" **{d.ref('counterfactual.with_unit')}** ({_ends(d, 'counterfactual')}) with {d.ref('setting')}; it was"
        f" {d.ref('observed')}, with {column(state.question.treatment)} at {d.ref('cause.observed')}. The difference is"
        f" {d.ref('difference')} ({_ends(d, 'difference')}).",
        _extrapolated(d),
        "The row keeps its own noise, which is read back from it; this needs noise that adds to each mechanism. The"
        " interval tells how well the mechanisms are known, and nothing of whether they are of the right kind.",
        _assumed(state, d),
    )


def anomaly(state: State) -> str:
    """Where the deviation of one row came in."""
    d = state.last("anomaly")
    if d is None:
        return failure(state)
    outcome = column(state.question.outcome)
    text = (
        f"{outcome} of {d.ref('row')} is {d.ref('observed')}, on average it is {d.ref('mean')}: a deviation of"
        f" **{d.ref('deviation.with_unit')}**."
    )
    asked = UNUSUAL_SIDE.get(state.question.expects)
    if asked and asked != d.value("side"):
        text += f" So it lies on the other side of the mean than the question says: it is {d.ref('side')}."
    if d.value("unusual") == "no":
        text += f" That is nothing unusual: {d.ref('tail')} of the other rows lie as far out on that side."
    lines = [
        f"- {_own(d, k)}: {d.ref(f'{k}.share')} ({_ends(d, f'{k}.share')}); as unusual in {d.ref(f'{k}.oddness')} of"
        " the rows"
        for k in d.numbered("rank")[:10]
    ]
    return paragraphs(
        text,
        f"{_in_graph(d)}, the deviation came in at these columns; the shares add up to it:",
        "\n".join(lines),
        "A share belongs to what a column did by itself, not to what its parents in the graph made it do; a share on the other side"
        f" held the deviation back. The share of {outcome} is what none of its parents explains.",
        _assumed(state, d),
    )


def change(state: State) -> str:
    """Which mechanisms moved the mean between two groups."""
    d = state.last("attribute_change")
    if d is None:
        return failure(state)
    outcome = column(state.question.outcome)
    counted = f" The mean is the share of rows with the value {d.ref('event')}." if d.value("event") else ""
    lines = [
        f"- {_itself(d, k)}: {d.ref(f'{k}.share')} ({_ends(d, f'{k}.share')}), {d.ref(f'{k}.why')}"
        for k in d.numbered("rank")[:10]
    ]
    sure = [k for k in d.numbered("rank") if d.value(f"{k}.sure") == "yes"]
    unclear = "" if sure else "None of the shares can be told from nothing: their intervals hold zero."
    return paragraphs(
        f"The mean of {outcome} is {d.ref('first.mean')} with {d.ref('first')} ({d.ref('n.first')} rows) and"
        f" {d.ref('second.mean')} with {d.ref('second')} ({d.ref('n.second')} rows): a difference of"
        f" **{d.ref('difference.with_unit')}** ({_ends(d, 'difference')}).{counted}{_turned(state, d)}",
        f"{_in_graph(d)}, the difference is shared out among the mechanisms that changed; the shares add up to it:",
        "\n".join(lines),
        unclear,
        "A column that only hands on what changed in its parents gets no share of its own.",
        _assumed(state, d),
    )


def arrows(state: State) -> str:
    """The arrows into an outcome, strongest first."""
    d = state.last("arrow_strength")
    if d is None:
        return failure(state)
    lines = [
        f"- {called(d, k)}: {d.ref(f'{k}.strength.with_unit')} ({_ends(d, f'{k}.strength')}), {d.ref(f'{k}.share')} of"
        " the variance"
        for k in d.numbered("rank")[:20]
    ]
    return paragraphs(
        f"{_in_graph(d)}, {count(d, 'count', 'arrow')} into {column(state.question.outcome)}, strongest first. A strength"
        f" is the scatter that drawing the parent at random along this arrow alone would bring; in all,"
        f" {column(state.question.outcome)} scatters by {d.ref('spread')}.",
        "\n".join(lines),
        _assumed(state, d),
    )


def _turned(state: State, d: Done) -> str:
    """That the mean moved the other way than the question says."""
    moved = d.value("difference")
    if isinstance(moved, int | float) and moved * state.question.expects < 0:
        return " So it moved the other way than the question says."
    return ""


def _in_graph(d: Done) -> str:
    """The graph the answer holds in, and whose word it is."""
    return f"In the {d.ref('graph.origin')} graph {d.ref('graph')}"


def _own(d: Done, key: str) -> str:
    """The column at which a deviation came in; the outcome itself stands for what nothing explains."""
    name = called(d, key)
    return f"{name} (what no parent explains)" if d.value(key) == d.value("outcome") else name


def _itself(d: Done, key: str) -> str:
    """The column whose mechanism changed; that of the outcome is not the outcome."""
    name = called(d, key)
    return f"the mechanism of {name} itself" if d.value(key) == d.value("outcome") else name


def _ends(d: Done, key: str) -> str:
    raw = d.facts.get(key)
    known = isinstance(raw, dict) and None not in (raw.get("low"), raw.get("high"))
    return f"interval {d.ref(f'{key}.interval')}" if known else "no interval"


def _extrapolated(d: Done) -> str:
    if d.value("extrapolated") != "yes":
        return ""
    return f"Beware: {d.ref('setting')} lies where hardly any row is, so this is an extrapolation of the fitted model."


def _assumed(state: State, d: Done) -> str:
    """What the answer assumes of the graph, capped where the graph was learned."""
    text = (
        "The answer assumes that the graph is right, that nothing hidden acts on several of its columns at once, and that"
        " noise adds to each mechanism; the data cannot test all of this."
    )
    learned = state.last("discover") or state.last("discover_series")
    if d.value("graph.origin") != "learned":
        return text
    with_what = f" with {learned_with(learned)}" if learned is not None else ""
    return (
        f"{text} The graph was learned from the data{with_what}, and nobody has vouched for it: read this as what the"
        " learned graph says, not as what is known."
    )
