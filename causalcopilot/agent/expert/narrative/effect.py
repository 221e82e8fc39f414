"""The answer to a question about an effect: the number, what it rests on, and what was tried against it."""

from __future__ import annotations

from collections.abc import Mapping

from causalcopilot.agent.expert.narrative.falsify import fit
from causalcopilot.agent.expert.narrative.subgroups import differences
from causalcopilot.agent.expert.narrative.words import called, column, count, failure, paragraphs
from causalcopilot.agent.expert.state import Done, State
from causalcopilot.agent.pins import learned_with


def effect(state: State) -> str:
    """The whole answer: number, basis, checks, and what was learned beside it; or the refusal."""
    found = state.last("identify")
    if found is None:
        return failure(state)
    if found.value("status") == "not_identified":
        return paragraphs(refusal(state, found), ranged(state), learned_beside(state))
    estimate = state.last("estimate")
    if estimate is None:
        return failure(state)
    groups = differences(state)
    first = state.question.kind == "subgroups"
    return paragraphs(
        *(groups if first else ()),
        _headline(state, estimate),
        *(() if first else groups),
        reasons(state),
        basis(found),
        _against_data(state),
        ranged(state),
        beside(estimate),
        refutation(state),
        learned_beside(state),
    )


def _headline(state: State, e: Done) -> str:
    q, refuted = state.question, state.last("refute")
    verdict = f" Verdict: **{refuted.ref('verdict')}**." if refuted else " Nothing was tried against it."
    counted = (
        f"What is counted of {column(q.outcome)} is the value {e.ref('event')}. " if e.value("event") else ""
    )
    return (
        f"The estimated effect of {column(q.treatment)} on {column(q.outcome)}, going from "
        f"{e.ref('contrast.control')} to {e.ref('contrast.treated')}, is **{e.ref('effect.with_unit')}** "
        f"({interval(e)}); direction: {e.ref('direction')}. "
        f"{counted}It is the {e.ref('quantity')} for {e.ref('population')}, from {e.ref('n_used')} rows"
        f"{sampled(e)}.{_other_quantity(state, e)}{verdict}{_ratio(e)}"
    )


def _other_quantity(state: State, e: Done) -> str:
    """That the design tells another quantity than was asked for, where it does."""
    asked = state.question.quantity
    if asked is None or e.value("quantity") in (None, asked):
        return ""
    return f" The {asked} was asked for; this design does not tell it."


def sampled(e: Done) -> str:
    """How rows belong together and what they stand for."""
    said = ""
    if e.value("cluster"):
        said += f", which belong together by {called(e, 'cluster')} ({count(e, 'clusters', 'cluster')})"
    if e.value("weights"):
        said += f", weighed by {called(e, 'weights')}"
    if e.value("horizon") is not None:
        said += f"; some times were cut short, and their mean is taken with the horizon {e.ref('horizon')}"
    return said


def _ratio(e: Done) -> str:
    """The effect as a ratio, where the outcome is a share, a count or a skewed amount."""
    if e.value("ratio") is None:
        return ""
    return f" As a {e.ref('ratio.name')} it is {e.ref('ratio')} (interval {e.ref('ratio.interval')})."


def interval(e: Done) -> str:
    """The interval of the effect, or a word that there is none: a weak instrument may set no bounds."""
    raw = e.facts.get("effect")
    ends = (raw.get("low"), raw.get("high")) if isinstance(raw, Mapping) else (None, None)
    return "no interval: the data set no bounds" if None in ends else f"interval {e.ref('effect.interval')}"


def ranged(state: State) -> str:
    """What the effect may be as long as the open edges of a graph are not settled."""
    r = state.last("effect_range")
    if r is None:
        return ""
    edges = ", ".join(r.ref(k) for k in r.numbered("range.open"))
    text = (
        f"Over the graphs that {r.ref('graph')} stands for, the effect lies between {r.ref('range.low.with_unit')}"
        f" and {r.ref('range.high.with_unit')}, sampling error included"
        + (f", depending on {edges}." if edges else ".")
    )
    if r.value("range.unknown"):
        text += " For some of these graphs no set of controls is enough; the range leaves them out."
    return text + " This is a range of what may be: settle an edge to narrow it."


def basis(i: Done) -> str:
    """What the identification rests on, what is held, and what speaks against it."""
    controls = i.numbered("control")
    held = (
        f"{count(i, 'controls', 'control')}: " + ", ".join(called(i, k) for k in controls[:12])
        if controls
        else "no controls"
    )
    more = ", and the rest listed in the report" if len(controls) > 12 else ""
    words = {
        "graph": "a graph that was given",
        "roles": "the declared roles of the columns",
        "controls": "controls that were named by hand",
        "discovered": "a learned graph",
        "design": "the declared design",
        "none": "nobody's word: no graph, roles or controls were given",
    }
    rests = words.get(str(i.value("basis")), "the declared knowledge")
    if i.value("design_seen"):
        by_name = str(i.value("status")) == "identified"
        rests = (
            "the declared design, whose columns the table shows"
            if by_name
            else "a design that the table shows and nobody named"
        )
        rests += f" ({i.ref('design_seen')})"
    text = f"Status of the identification: {i.ref('status')}, by {i.ref('strategy')}; it rests on {rests}. The comparison uses {held}{more}."
    if "excluded" in i.facts and i.value("excluded"):
        are = "is left out, with its" if i.value("excluded") == 1 else "are left out, each with its"
        text += f" {count(i, 'excluded', 'column')} {are} reason in the report."
    if doubted := i.numbered("doubted"):
        named = "; ".join(f"{called(i, k)}: {i.ref(f'{k}.reason')}" for k in doubted)
        text += f" The learned graph speaks against some of them: {named}."
    if forced := i.numbered("forced"):
        named = ", ".join(called(i, k) for k in forced)
        text += f" Against advice, because it was asked for, this is held: {named}; it would bias the answer, and the report says why."
    if i.value("status") == "assumed" and i.value("blocking_path"):
        text += (
            f" What is known speaks against it: the path {i.ref('blocking_path')} stays open, and was assumed"
            " away by request. Read the number as a what-if."
        )
    elif i.value("design_seen") and i.value("status") == "assumed":
        text += f" That a table looks like a design does not say that the treatment was given out so: {i.ref('would_help.1')}."
    elif i.value("status") == "assumed" and not forced:
        text += (
            " It holds only under the assumption that every control was measured before the treatment and that"
            " no unmeasured variable acts on both columns; the data cannot test this."
        )
    return text + _rests_on(i)


def _rests_on(i: Done) -> str:
    """The assumptions of the design itself, in words: a reader must hear of them beside the number."""
    named = i.numbered("rests_on")
    return " It is right only if " + "; and if ".join(i.ref(k) for k in named) + "." if named else ""


def _against_data(state: State) -> str:
    """What the data say of the graph that a person gave."""
    d = state.last("falsify")
    return "" if d is None else f"The graph {d.ref('graph')} was held against the data. {fit(d)}"


def beside(e: Done) -> str:
    """The plain difference and the other estimates, for comparison."""
    parts = []
    if "difference_in_means" in e.facts:
        drawn = any(
            e.value(f"{k}.method") == "difference_in_means" and e.value(f"{k}.quantity") != "association"
            for k in e.numbered("estimate")
        )
        said = (
            "the random draw lets it be read as an effect"
            if drawn
            else "that is an association, not an effect"
        )
        parts.append(
            f"The plain difference, adjusted for nothing, is {e.ref('difference_in_means.with_unit')}; {said}."
        )
    same = [
        k
        for k in e.numbered("estimate")[1:]
        if e.value(f"{k}.quantity") == e.value("quantity") and e.value(f"{k}.method") != "difference_in_means"
    ]
    if same:
        listed = ", ".join(f"{e.ref(f'{k}.method')} {e.ref(k)}" for k in same[:6])
        parts.append(f"Other estimators of the same quantity, for comparison: {listed}.")
    if donors := e.numbered("donor"):
        listed = ", ".join(f"unit {e.ref(k)} ({e.ref(f'{k}.weight')})" for k in donors)
        parts.append(
            f"The synthetic unit is made mostly of {listed}. Before the treatment it misses by {e.ref('fit_before')};"
            f" ranked among placebo donors, the p value is {e.ref('rank_p_value')}."
        )
    if thin := _thinly(e):
        parts.append(thin)
    return " ".join(parts)


def _thinly(e: Done) -> str:
    """What to say of estimates that the table hardly supports: the stated one itself, or one beside it."""
    for k in e.numbered("estimate"):
        if e.value(f"{k}.supported") is False:
            if k == "estimate.1":
                return (
                    "The stated number rests in part on a model, not on rows: the table holds few rows, or"
                    " none, that could show the comparison."
                )
            return (
                f"The {e.ref(f'{k}.quantity')} would need rows the table hardly holds; it is shown in the"
                " report and carries no verdict."
            )
    return ""


def reasons(state: State) -> str:
    """What the verdict rests on where it holds something back, and what to do about it."""
    r = state.last("refute")
    why = [] if r is None else r.numbered("why")
    if r is None or not why:
        return ""
    told = " ".join(r.ref(k) for k in why)
    return f"{'Reason' if len(why) == 1 else 'Reasons'} for this verdict: {told} What to do: {r.ref('next')}"


def refutation(state: State) -> str:
    """How the checks went, which of them to look at, and how strong a hidden cause would have to be."""
    r = state.last("refute")
    if r is None:
        return ""
    text = (
        f"Of {r.ref('checks')} checks listed, {r.ref('passed')} passed, {r.ref('warned')} warned and"
        f" {r.ref('failed')} failed; the others cannot fail, do not apply here or gave no answer, and are not counted."
    )
    if r.value("word"):
        text += f" {r.ref('word')}"
    troubled = [k for k in r.numbered("check") if r.value(f"{k}.status") in ("fail", "warn", "error")]
    if troubled:
        text += " Look at " + "; ".join(_found(r, k) for k in troubled) + "."
    if r.value("robustness_value") is not None:
        text += f" An unmeasured confounder would bring the estimate to nothing if it explained {r.ref('robustness_value')} of what is left of both treatment and outcome"
        if r.value("benchmark"):
            text += f"; the strongest measured control, {called(r, 'benchmark')}, reaches {r.ref('benchmark.strength')}"
        text += "."
    if r.value("e_value") is not None:
        text += f" The E-value is {r.ref('e_value')}."
    return text


def _found(r: Done, key: str) -> str:
    """A check by name, how it went, and what it found where that was kept."""
    said = f": {r.ref(f'{key}.detail')}" if r.value(f"{key}.detail") else ""
    return f"{r.ref(key)} ({r.ref(f'{key}.status')}{said})"


def refusal(state: State, i: Done) -> str:
    """Why no estimate is given, and what would help."""
    q = state.question
    text = f"I cannot tell the effect of {column(q.treatment)} on {column(q.outcome)}: verdict **{i.ref('verdict')}**, so no estimate is given."
    if i.value("blocking_path"):
        text += f" This path stays open whatever is adjusted for: {i.ref('blocking_path')}."
    helps = i.numbered("would_help")
    if helps:
        text += " What would help: " + "; ".join(i.ref(k) for k in helps) + "."
    return text


def learned_beside(state: State) -> str:
    """The graph that was learned beside the declared knowledge, and its own adjustment set."""
    found = state.last("discover")
    if found is None or state.question.kind != "effect":
        return ""
    text = f"Beside this, a graph was learned from the data ({learned_with(found)}, {count(found, 'edges', 'edge')}) and saved as {found.ref('graph')}."
    own = state.last("structure")
    if own is not None:
        names = own.numbered("name")
        if own.value("answer") == "yes":
            text += (
                " Its own adjustment set is " + (", ".join(called(own, k) for k in names) or "empty") + "."
            )
        else:
            text += (
                f" Read on its own, that graph answers {own.ref('answer')} to whether adjustment is possible."
            )
        text += " It is evidence beside the declared knowledge and changes nothing in the estimate."
    return text
