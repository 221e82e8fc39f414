"""The answer to a question about several columns that are set together."""

from __future__ import annotations

from causalcopilot.agent.expert.narrative.effect import (
    basis,
    interval,
    learned_beside,
    reasons,
    refutation,
    sampled,
)
from causalcopilot.agent.expert.narrative.falsify import fit
from causalcopilot.agent.expert.narrative.words import called, column, failure, paragraphs
from causalcopilot.agent.expert.state import Done, State


def joint(state: State) -> str:
    """What they do together, what each adds, whether they interact, and what it rests on; or the refusal."""
    found, e = state.last("identify"), state.last("estimate")
    if found is None:
        return failure(state)
    if found.value("status") == "not_identified":
        return paragraphs(refused_together(state, found), _ranged(state), learned_beside(state))
    if e is None:
        return failure(state)
    against = state.last("falsify")
    held = (
        ""
        if against is None
        else f"The graph {against.ref('graph')} was held against the data. {fit(against)}"
    )
    return paragraphs(
        _headline(state, e), _parts(e), _interaction(e), reasons(state), basis(found), _route(e), held, _beside(e),
        refutation(state), learned_beside(state),
    )  # fmt: skip


def named(state: State) -> str:
    """The columns that are set, in words."""
    q = state.question
    *first, last = (column(n) for n in (q.treatment, *q.together))
    return f"{', '.join(first)} and {last}"


def _headline(state: State, e: Done) -> str:
    tried = state.last("refute")
    verdict = f" Verdict: **{tried.ref('verdict')}**." if tried else " Nothing was tried against it."
    counted = (
        f" What is counted of {column(state.question.outcome)} is the value {e.ref('event')}."
        if e.value("event")
        else ""
    )
    return (
        f"Setting {named(state)} together, from {e.ref('contrast.control')} to {e.ref('contrast.treated')}, changes"
        f" {column(state.question.outcome)} by **{e.ref('effect.with_unit')}** ({interval(e)}); direction: {e.ref('direction')}."
        f"{counted} It is the {e.ref('quantity')} for {e.ref('population')}, from {e.ref('n_used')} rows{sampled(e)}.{verdict}"
    )


def _parts(e: Done) -> str:
    """What each of them adds while the others are held by intervention."""
    told = [
        f"{called(e, k)} from {e.ref(f'{k}.control')} to {e.ref(f'{k}.treated')}: {e.ref(f'{k}.effect')} ({e.ref(f'{k}.effect.interval')})"
        for k in e.numbered("part")
    ]
    text = f"Each alone, the others set to where they start: {'; '.join(told)}."
    if e.value("extra") is not None:
        return (
            text
            + f" Setting them at once adds {e.ref('extra')} ({e.ref('extra.interval')}) to the sum of these."
        )
    return (
        text
        + " The answer is their sum: it assumes straight lines, and that none of them changes what the others do."
    )


def _interaction(e: Done) -> str:
    """Whether the effect of one differs by another, where that was tested."""
    pairs = e.numbered("interaction")
    if not pairs:
        return ""
    if e.value("interacting") != "yes":
        return f"Whether they interact was tested, and no interaction was found (p value {e.ref('interaction.p_value')})."
    told = [
        f"the effect of {called(e, f'{k}.first')} differs by {called(e, f'{k}.second')}: once {called(e, f'{k}.second')} has been"
        f" moved it is {e.ref(f'{k}.more')} larger ({e.ref(f'{k}.more.interval')}; a negative number means smaller)"
        for k in pairs
    ]
    text = f"They interact (p value {e.ref('interaction.p_value')}): {'; '.join(told)}."
    if e.value("extra") is not None:
        return text + " The answer allows for this."
    wide = next((k for k in e.numbered("estimate") if e.value(f"{k}.method") == "joint_wide"), "")
    return text + (
        f" A regression that lets them interact says {e.ref(wide)} ({e.ref(f'{wide}.interval')})."
        if wide
        else ""
    )


def _route(e: Done) -> str:
    if e.value("route") != "equations":
        return ""
    return (
        "No columns can be held for all of them at once, so every equation of the graph between them and the outcome was fitted"
        " and the ways that are left after cutting their own were added up; each of these equations must be linear and free of"
        " hidden causes."
    )


def _beside(e: Done) -> str:
    same = [k for k in e.numbered("estimate")[1:] if e.value(f"{k}.quantity") == e.value("quantity")]
    listed = ", ".join(f"{e.ref(f'{k}.method')} {e.ref(k)}" for k in same)
    text = f"Adjusted for nothing it would be {e.ref('unadjusted')}; that is an association, not an effect."
    return text + (f" Other estimates of the same quantity: {listed}." if listed else "")


def refused_together(state: State, i: Done) -> str:
    """Why it is not told, and what would help."""
    text = (
        f"I cannot tell what setting {named(state)} together does to {column(state.question.outcome)}: verdict"
        f" **{i.ref('verdict')}**, so no estimate is given."
    )
    if i.value("blocking_path"):
        text += f" This path stays open, or unsettled, whatever is held: {i.ref('blocking_path')}."
    if helps := i.numbered("would_help"):
        text += " What would help: " + "; ".join(i.ref(k) for k in helps) + "."
    return text


def _ranged(state: State) -> str:
    """What they may do as long as the open edges of the graph are not settled, and what each may add."""
    r = state.last("effect_range")
    if r is None:
        return ""
    edges = ", ".join(r.ref(k) for k in r.numbered("range.open"))
    parts = [
        f"{called(r, k)} from {r.ref(f'{k}.control')} to {r.ref(f'{k}.treated')} adds between {r.ref(f'{k}.low')} and {r.ref(f'{k}.high')}"
        for k in r.numbered("range.part")
    ]
    text = (
        f"Over the graphs that {r.ref('graph')} stands for, together they change it by something between"
        f" {r.ref('range.low.with_unit')} and {r.ref('range.high.with_unit')}, sampling error included"
        + (f", depending on {edges}." if edges else ".")
    )
    text += f" By estimate, {'; '.join(parts)}." if parts else ""
    if r.value("range.unknown"):
        text += " For some of these graphs nothing identifies it; the range leaves them out."
    return text + " This is a range of what may be: settle an edge to narrow it."
