"""The expert's answers to questions about an answer: why, adjusted for what, how sure, how robust, and "no, you are
wrong".  Every one names the answer and its verdict, so that none can be told without the other."""

from __future__ import annotations

from causalcopilot.agent.expert.narrative import asides
from causalcopilot.agent.expert.narrative.effect import (
    basis,
    beside,
    interval,
    learned_beside,
    refusal,
    refutation,
)
from causalcopilot.agent.expert.narrative.independence import independence
from causalcopilot.agent.expert.narrative.joint import named, refused_together
from causalcopilot.agent.expert.narrative.kinds import body
from causalcopilot.agent.expert.narrative.words import called, column, count, failure, paragraphs
from causalcopilot.agent.expert.state import Done, State
from causalcopilot.domain.question import ABOUT_WHOLE

_HOW = {
    "RCT": "by comparing the arms of a draw",
    "Conditional Exogeneity": "by comparing rows that are alike in what is held fixed",
    "Instrumental Variable": "from the part of the treatment that moves with the instrument",
    "Regression Discontinuity": "by comparing rows just below and just above the cutoff",
    "Difference-in-Differences": "by comparing changes over time between units that adopt and units that do not yet",
    "Synthetic Control": "by comparing the treated with a weighting of untreated units that ran alike before",
    "Panel Fixed Effects": "by comparing each unit with itself at other times",
    "Mediation": "by splitting the effect at the mediator",
    "Joint Intervention": "by moving all of them in a regression, or equation by equation, with what is held",
    "Front-Door": "from the way through the column between cause and outcome",
}
"""Where the number of each strategy comes from."""
SHOWN = 12
"""Controls that the sentence on the identification lists by name."""


def write(state: State) -> str:
    """The answer to a question about the last answer."""
    kind = state.question.kind
    if kind in (*ABOUT_WHOLE, "joint"):
        return _effect(state)
    if kind == "independence":
        return _test(state)
    if kind == "graph" and (d := state.last("discover")) is not None:
        return _search(state, d)
    kept = _KEPT if state.question.aspect == "insist" and any(d.ok for d in state.done) else ""
    return paragraphs(kept, body(state))


def _effect(state: State) -> str:
    i, e = state.last("identify"), state.last("estimate")
    if i is None:
        return failure(state)
    if i.value("status") == "not_identified":
        stays = _KEPT if state.question.aspect == "insist" else ""
        refused = refused_together if state.question.kind == "joint" else refusal
        return paragraphs(stays, refused(state, i), learned_beside(state))
    if e is None:
        return failure(state)
    return paragraphs(asides.group(state), _answer(state, e), *_parts(state, i, e))


def _parts(state: State, i: Done, e: Done) -> tuple[str, ...]:
    match state.question.aspect:
        case "why":
            return _reasons(i, e), basis(i), refutation(state), learned_beside(state)
        case "controls":
            return (_controls(i), basis(i)) if len(i.numbered("control")) > SHOWN else (basis(i),)
        case "confidence":
            return _sure(e), refutation(state)
        case "robust":
            return refutation(state), _checks(state), beside(e)
        case "significance" | "size" | "next" | "design" | "rows" | "others" | "short":
            return asides.told(state, i, e)
        case _:
            return _KEPT, basis(i), refutation(state), _OTHERWISE


def _answer(state: State, e: Done) -> str:
    q, r = state.question, state.last("refute")
    verdict = f"; verdict: **{r.ref('verdict')}**" if r else "; nothing was tried against it"
    cause = named(state) if q.kind == "joint" else column(q.treatment)
    return (
        f"The answer is {e.ref('effect.with_unit')} ({interval(e)}) for {cause} on"
        f" {column(q.outcome)}, from {e.ref('contrast.control')} to {e.ref('contrast.treated')}; direction:"
        f" {e.ref('direction')}{verdict}."
    )


def _reasons(i: Done, e: Done) -> str:
    method = "method" if "method" in e.facts else "estimate.1.method"
    how = _HOW.get(str(i.value("strategy")), "as the identification says")
    text = f"It was found {how}, with {e.ref(method)} on {e.ref('n_used')} rows."
    if assumed := i.numbered("assumption"):
        text += " It assumes: " + "; ".join(i.ref(k) for k in assumed) + "."
    return text


def _controls(i: Done) -> str:
    names = i.numbered("control")
    if not names:
        return "Nothing was adjusted for."
    held = ", ".join(called(i, k) for k in names)
    left = f" {count(i, 'excluded', 'column')} stayed out." if i.value("excluded") else ""
    return f"Adjusted for {count(i, 'controls', 'column')}: {held}.{left}"


def _sure(e: Done) -> str:
    text = (
        f"The interval {e.ref('effect.interval')} holds what chance alone can do with {e.ref('n_used')} rows."
        if "no interval" not in interval(e)
        else "The data set no bounds on the answer."
    )
    if e.value("agreement.low") is not None and e.value("agreement.high") is not None:
        text += (
            f" Other estimators put it between {e.ref('agreement.low')} and {e.ref('agreement.high')}, which"
            " shows how much hangs on the model."
        )
    return text + " What the interval cannot hold is what nobody measured; the verdict weighs that."


def _checks(state: State) -> str:
    r = state.last("refute")
    if r is None:
        return ""
    lines = [f"- {r.ref(k)}: {r.ref(f'{k}.status')}" for k in r.numbered("check")]
    return "\n".join(lines)


_KEPT = "I keep to the facts: a different answer needs different data or knowledge, and saying it again is neither."
_OTHERWISE = (
    "If you know something that the table does not hold, tell me and I compute again: hold a further column"
    " fixed, leave a column out, forbid or require an edge, or give a graph."
)


def _test(state: State) -> str:
    kept = _KEPT if state.question.aspect == "insist" else ""
    return paragraphs(kept, independence(state))


def _search(state: State, d: Done) -> str:
    """What can be said for a learned graph: the method, who agrees, and how often each edge came back."""
    kept = _KEPT if state.question.aspect == "insist" else ""
    text = f"The graph {d.ref('graph')} was learned with {d.ref('method')}."
    if d.value("agreement") is not None:
        text += f" Another method, {d.ref('runner_up')}, shares {d.ref('agreement')} of the adjacencies."
    sure = [k for k in d.numbered("edge") if d.value(f"{k}.confidence") is not None]
    lines = "\n".join(f"- {d.ref(k)}: {d.ref(f'{k}.confidence')}" for k in sure[:40])
    told = "How often each edge came back when rows were drawn anew:" if sure else ""
    after = "A learned graph rests on the assumptions of the search; only what you know can add to it."
    return paragraphs(kept, text, told, lines, after)
