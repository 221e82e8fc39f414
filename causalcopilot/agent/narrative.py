"""The expert's prose: sentences with references, one function per kind of answer.

No sentence holds a numeral or a word that claims more than a fact: numbers, directions and verdicts are
references, and the report prints them from the stored results.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from causalcopilot.agent.pins import learned_with
from causalcopilot.agent.protocol import STRUCTURE
from causalcopilot.agent.state import Done, State
from causalcopilot.domain.visible import clean
from causalcopilot.report.claims import looks_like_a_number

STORED = "From stored results; nothing had to be computed again."

EXAMPLES = (
    "What is the effect of A on B?",
    "What happens to B when A goes from one value to another?",
    "Are A and B independent given C?",
    "Does A directly cause B?",
    "Is there a confounder, a collider or a mediator of A and B?",
    "How much of the effect of A on B goes through C?",
    "Draw the causal graph of A, B and C.",
    "What drives B?",
    "Which way does it go between A and B?",
    "Does this graph fit the data?",
    "Which mechanisms change between the values of C?",
)


def write(state: State) -> str:
    """The narrative for a finished (or stuck) conversation turn."""
    from causalcopilot.agent import aspects
    from causalcopilot.agent.recall import from_stored

    known = STORED if from_stored(state) else ""
    body = aspects.write(state) if state.question.aspect else ""
    return _paragraphs(known, body or _body(state))


def _body(state: State) -> str:
    kind = state.question.kind
    if kind == "mediation":
        return _mediation(state)
    if kind == "effect":
        return _effect(state)
    if kind == "independence":
        return _independence(state)
    if kind == "direction":
        return _direction(state)
    if kind == "domains":
        return _changed(state)
    if kind == "falsify":
        return _falsified(state)
    if kind in STRUCTURE:
        return _structure(state)
    if kind == "drivers":
        return _drivers(state)
    if kind in ("graph", "explore"):
        return _graph(state)
    return _unclear(state)


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(p for p in parts if p)


def _name(name: str | None) -> str:
    shown = clean(name) if name else ""
    if looks_like_a_number(shown):
        return f"column `{shown}`"
    return f"`{shown}`" if shown else "the column"


def _called(done: Done, key: str) -> str:
    """A reference to a fact that holds a column's name."""
    name = str(done.value(key))
    short = any(c.isdigit() for c in name) and not re.search(r"[^\W\d_]{2}", name)
    return f"column {done.ref(key)}" if short or looks_like_a_number(name) else done.ref(key)


def _count(done: Done, key: str, noun: str) -> str:
    """A reference to a count and its noun, in the singular for one."""
    return f"{done.ref(key)} {noun}" + ("" if done.value(key) == 1 else "s")


def _failure(state: State) -> str:
    failed = [d for d in state.done if not d.ok]
    if not failed:
        return "I cannot tell: no step of the analysis gave a result."
    tools = ", ".join(dict.fromkeys(f"`{d.tool}`" for d in failed))
    return f"I cannot tell, because {tools} did not give a result; the run record holds the reason."


def _effect(state: State) -> str:
    found = state.last("identify")
    if found is None:
        return _failure(state)
    if found.value("status") == "not_identified":
        return _paragraphs(_refusal(state, found), _ranged(state), _learned(state))
    estimate = state.last("estimate")
    if estimate is None:
        return _failure(state)
    return _paragraphs(
        _headline(state, estimate),
        _basis(found),
        _held(state),
        _ranged(state),
        _beside(estimate),
        _refutation(state),
        _learned(state),
    )


def _mediation(state: State) -> str:
    """The part of an effect that goes through a column, beside the rest and the whole."""
    found, e, q = state.last("identify"), state.last("estimate"), state.question
    if found is None or (e is None and found.value("status") != "not_identified"):
        return _failure(state)
    through = _name(q.mediator)
    if e is None or found.value("status") == "not_identified":
        text = f"I cannot tell how much of the effect of {_name(q.treatment)} on {_name(q.outcome)} goes through {through}: verdict **{found.ref('verdict')}**, so no part of it is given."
        if found.value("blocking_path"):
            text += f" This path stays open whatever is held: {found.ref('blocking_path')}."
        if helps := found.numbered("would_help"):
            text += " What would help: " + "; ".join(found.ref(k) for k in helps) + "."
        return text
    tried = state.last("refute")
    verdict = f" Verdict: **{tried.ref('verdict')}**." if tried else " Nothing was tried against it."
    head = (
        f"The part of the effect of {_name(q.treatment)} on {_name(q.outcome)} that goes through {through} is "
        f"**{e.ref('effect.with_unit')}** ({_interval(e)}); direction: {e.ref('direction')}. The direct part is "
        f"{e.ref('direct')} ({e.ref('direct.interval')}), and the whole effect {e.ref('total')} ({e.ref('total.interval')}), "
        f"going from {e.ref('contrast.control')} to {e.ref('contrast.treated')}, from {e.ref('n_used')} rows.{verdict}"
    )
    if e.value("share") is not None:
        head += f" As a share of the whole, that is {e.ref('share')} ({e.ref('share.interval')})."
    else:
        head += " No share of the whole is told: the whole may be nothing, or its parts point to different sides."
    warn = (
        f"A split rests on assumptions of its own: {through} and {_name(q.outcome)} have neither a hidden common cause"
        f" nor a common cause that {_name(q.treatment)} itself moves. Drawing {_name(q.treatment)} by lot would not grant this."
    )
    return _paragraphs(head, warn, _basis(found), _refutation(state))


def _headline(state: State, e: Done) -> str:
    q, refuted = state.question, state.last("refute")
    verdict = f" Verdict: **{refuted.ref('verdict')}**." if refuted else " Nothing was tried against it."
    counted = (
        f"What is counted of {_name(q.outcome)} is the value {e.ref('event')}. " if e.value("event") else ""
    )
    return (
        f"The estimated effect of {_name(q.treatment)} on {_name(q.outcome)}, going from "
        f"{e.ref('contrast.control')} to {e.ref('contrast.treated')}, is **{e.ref('effect.with_unit')}** "
        f"({_interval(e)}); direction: {e.ref('direction')}. "
        f"{counted}It is the {e.ref('quantity')} for {e.ref('population')}, from {e.ref('n_used')} rows"
        f"{_sampled(e)}.{verdict}{_ratio(e)}"
    )


def _sampled(e: Done) -> str:
    """How rows belong together and what they stand for."""
    said = ""
    if e.value("cluster"):
        said += f", which belong together by {_called(e, 'cluster')} ({_count(e, 'clusters', 'cluster')})"
    return said + (f", weighed by {_called(e, 'weights')}" if e.value("weights") else "")


def _ratio(e: Done) -> str:
    """The effect as a ratio, where the outcome is a share, a count or a skewed amount."""
    if e.value("ratio") is None:
        return ""
    return f" As a {e.ref('ratio.name')} it is {e.ref('ratio')} (interval {e.ref('ratio.interval')})."


def _interval(e: Done) -> str:
    """The interval of the effect, or a word that there is none: a weak instrument may set no bounds."""
    raw = e.facts.get("effect")
    ends = (raw.get("low"), raw.get("high")) if isinstance(raw, Mapping) else (None, None)
    return "no interval: the data set no bounds" if None in ends else f"interval {e.ref('effect.interval')}"


def _ranged(state: State) -> str:
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


def _basis(i: Done) -> str:
    controls = i.numbered("control")
    held = (
        f"{_count(i, 'controls', 'control')}: " + ", ".join(_called(i, k) for k in controls[:12])
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
        rests = f"a design that the table shows and nobody named ({i.ref('design_seen')})"
    text = f"Status of the identification: {i.ref('status')}, by {i.ref('strategy')}; it rests on {rests}. The comparison uses {held}{more}."
    if "excluded" in i.facts and i.value("excluded"):
        are = "is left out, with its" if i.value("excluded") == 1 else "are left out, each with its"
        text += f" {_count(i, 'excluded', 'column')} {are} reason in the report."
    if doubted := i.numbered("doubted"):
        named = "; ".join(f"{_called(i, k)}: {i.ref(f'{k}.reason')}" for k in doubted)
        text += f" The learned graph speaks against some of them: {named}."
    if forced := i.numbered("forced"):
        named = ", ".join(_called(i, k) for k in forced)
        text += f" Against advice, because it was asked for, this is held: {named}; it would bias the answer, and the report says why."
    if i.value("status") == "assumed" and i.value("blocking_path"):
        text += (
            f" What is known speaks against it: the path {i.ref('blocking_path')} stays open, and was assumed"
            " away by request. Read the number as a what-if."
        )
    elif i.value("status") == "assumed" and not forced:
        text += (
            " It holds only under the assumption that every control was measured before the treatment and that"
            " no unmeasured variable acts on both columns; the data cannot test this."
        )
    return text


def _held(state: State) -> str:
    """What the data say of the graph that a person gave."""
    d = state.last("falsify")
    return "" if d is None else f"The graph {d.ref('graph')} was held against the data. {_fit(d)}"


def _beside(e: Done) -> str:
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
    if thin := _thin(e):
        parts.append(thin)
    return " ".join(parts)


def _thin(e: Done) -> str:
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


def _refutation(state: State) -> str:
    r = state.last("refute")
    if r is None:
        return ""
    text = (
        f"Of {r.ref('checks')} checks listed, {r.ref('passed')} passed, {r.ref('warned')} warned and"
        f" {r.ref('failed')} failed; the others cannot fail, do not apply here or gave no answer, and are not counted."
    )
    troubled = [k for k in r.numbered("check") if r.value(f"{k}.status") in ("fail", "warn", "error")]
    if troubled:
        text += " Look at: " + ", ".join(f"{r.ref(k)} ({r.ref(f'{k}.status')})" for k in troubled) + "."
    if r.value("robustness_value") is not None:
        text += f" An unmeasured confounder would bring the estimate to nothing if it explained {r.ref('robustness_value')} of what is left of both treatment and outcome"
        if r.value("benchmark"):
            text += f"; the strongest measured control, {_called(r, 'benchmark')}, reaches {r.ref('benchmark.strength')}"
        text += "."
    if r.value("e_value") is not None:
        text += f" The E-value is {r.ref('e_value')}."
    return text


def _refusal(state: State, i: Done) -> str:
    q = state.question
    text = f"I cannot tell the effect of {_name(q.treatment)} on {_name(q.outcome)}: verdict **{i.ref('verdict')}**, so no estimate is given."
    if i.value("blocking_path"):
        text += f" This path stays open whatever is adjusted for: {i.ref('blocking_path')}."
    helps = i.numbered("would_help")
    if helps:
        text += " What would help: " + "; ".join(i.ref(k) for k in helps) + "."
    return text


def _learned(state: State) -> str:
    found = state.last("discover")
    if found is None or state.question.kind != "effect":
        return ""
    text = f"Beside this, a graph was learned from the data ({learned_with(found)}, {_count(found, 'edges', 'edge')}) and saved as {found.ref('graph')}."
    own = state.last("structure")
    if own is not None:
        names = own.numbered("name")
        if own.value("answer") == "yes":
            text += (
                " Its own adjustment set is " + (", ".join(_called(own, k) for k in names) or "empty") + "."
            )
        else:
            text += (
                f" Read on its own, that graph answers {own.ref('answer')} to whether adjustment is possible."
            )
        text += " It is evidence beside the declared knowledge and changes nothing in the estimate."
    return text


def _independence(state: State) -> str:
    d = state.last("independence")
    if d is None:
        return _failure(state)
    q = state.question
    given = f" given {', '.join(_name(c) for c in q.given)}" if q.given else ""
    tests = d.value("tests")
    corrected = (
        f" after correction for {d.ref('tests')} tests" if isinstance(tests, int) and tests > 1 else ""
    )
    return (
        f"Are {_name(q.treatment)} and {_name(q.outcome)} independent{given}? Answer: **{d.ref('answer')}** "
        f"({d.ref('test')}, statistic {d.ref('statistic')}, p-value {d.ref('p_value')}{corrected}, {d.ref('n')} rows, level {d.ref('alpha')}). "
        "A test of independence speaks of association; it says nothing about which way an influence runs."
    )


def _direction(state: State) -> str:
    d = state.last("direction")
    if d is None:
        return _failure(state)
    q = state.question
    text = (
        f"Which way does it go between {_name(q.treatment)} and {_name(q.outcome)}? Answer from the shape of"
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
        f"The graph {drawn.ref('graph')}, which was given, is asked for an arrow from {_name(q.treatment)} to"
        f" {_name(q.outcome)} and answers {drawn.ref('answer')}; the answer above does not use it."
        if drawn
        else ""
    )
    return _paragraphs(
        text,
        given,
        f"Assumed: {assumed}. The data cannot test the first of these: a hidden common cause can"
        " look like a direction.",
    )


def _changed(state: State) -> str:
    d = state.last("changes")
    if d is None:
        return _failure(state)
    title = {
        "changed": "Columns with a mechanism that differs:",
        "open": "Left open:",
        "same": "Alike in all domains, as far as the tests go:",
    }
    parts = []
    for key, words in title.items():
        lines = [
            f"- {_called(d, k)}: corrected p-value {d.ref(f'{k}.p_value')}, given {d.ref(f'{k}.causes')}"
            + (f"; what differs: {d.ref(f'{k}.how')}." if key == "changed" else ".")
            for k in d.numbered(key)[:20]
        ]
        parts += [words, "\n".join(lines)] if lines else []
    return _paragraphs(
        f"Which mechanisms change with {d.ref('domain')}? Of {_count(d, 'tested', 'column')} on {d.ref('n')} rows and"
        f" {d.ref('domains')} domains: {d.ref('changed')} yes, {d.ref('open')} open, {d.ref('same')} no.",
        *parts,
        "A mechanism is how a column depends on its parents in the graph"
        + (f" {d.ref('graph')}" if d.value("graph") else "")
        + ", in straight lines. The answer rests on that graph and on there being no hidden common causes.",
    )


def _falsified(state: State) -> str:
    d = state.last("falsify")
    if d is None:
        return _failure(state)
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
    return _paragraphs(
        f"Does the graph {d.ref('graph')} fit the data? Answer: **{d.ref('answer')}**. {_fit(d)}",
        listed,
        "\n".join(lines),
        needless,
        "\n".join(idle),
        "Every other graph that implies the same independences fits as well; the direction of most edges is"
        " not tested this way.",
        learned,
    )


def _fit(d: Done) -> str:
    """How many of the claims of a graph the data contradict, beside graphs with shuffled names."""
    text = (
        f"Of {_count(d, 'implied', 'implied independence')}, {d.ref('tested')} were tested on {d.ref('n')} rows"
        f" and {d.ref('contradicted')} contradicted at level {d.ref('alpha')} after correction."
    )
    if d.value("share") is not None:
        text += (
            f" Of {d.ref('relabelings')} graphs with shuffled names, {d.ref('share')} fit as well"
            f" ({d.ref('violations')} violations here against {d.ref('usual')} on average there, by the linear test)."
        )
    return text


_ASKS = {
    "direct_cause": "Is {a} a direct cause of {b}?",
    "confounder": "Do {a} and {b} have a common cause?",
    "collider": "Do {a} and {b} have a common effect?",
    "mediator": "Does something lie between {a} and {b}?",
    "adjustment": "Can the effect of {a} on {b} be found by adjustment?",
}


def _structure(state: State) -> str:
    d = state.last("structure")
    if d is None:
        return _failure(state)
    q = state.question
    asks = _ASKS[q.kind].format(a=_name(q.treatment), b=_name(q.outcome))
    text = f"{asks} Answer from the graph {d.ref('graph')}: **{d.ref('answer')}**."
    for asked in q.columns[:1]:
        text += f" {_candidate(asked, d)}"
    names = d.numbered("name")
    if names:
        text += " Columns: " + ", ".join(_called(d, k) for k in names) + "."
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
        return f"{_name(name)} is such a column."
    if name in (d.value(k) for k in d.numbered("possible")):
        return f"Whether {_name(name)} is such a column, the graph leaves open."
    return f"{_name(name)} is no such column in this graph."


def _drivers(state: State) -> str:
    d = state.last("drivers")
    if d is None:
        return _failure(state)
    ranks = d.numbered("rank")
    if not ranks:
        return f"In the graph {d.ref('graph')} no column is an ancestor of {_name(state.question.outcome)}, so I name no driver."
    lines = [f"- {_called(d, k)}: {d.ref(f'{k}.strength')} ({d.ref(f'{k}.path')})" for k in ranks[:10]]
    return _paragraphs(
        f"Candidate drivers of {_name(state.question.outcome)} in the graph {d.ref('graph')}, strongest first:",
        "\n".join(lines),
        "The ranking rests on the graph; columns that follow the outcome are left out by construction.",
        f"The graph was learned with {learned_with(learned)}." if (learned := state.last("discover")) else "",
    )


def _graph(state: State) -> str:
    d = state.last("discover_series") or state.last("discover")
    if d is None:
        return _failure(state)
    first = (
        f"The graph {d.ref('graph')} was learned with {learned_with(d)}: {_count(d, 'nodes', 'column')}, {_count(d, 'edges', 'edge')}, "
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
    return _paragraphs(first, _over_time(d), "\n".join(lines), told)


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
        listed = "; ".join(f"{_called(d, k)}: {d.ref(f'{k}.how')}" for k in changed[:12])
        text += f" Before the search these columns were changed, and the graph speaks of them as changed: {listed}."
    if fragile := d.numbered("fragile"):
        text += (
            f" Standing of the graph: **{d.ref('standing')}**; " + "; ".join(d.ref(k) for k in fragile) + "."
        )
    return text


def _examples(state: State) -> list[str]:
    """Questions one can ask, in the table's own columns: those with a role first, none that only names a row."""
    brief = state.brief
    roles = [*brief.knowledge.with_role("treatment"), *brief.knowledge.with_role("outcome")]
    idle = {*brief.profile.identifiers, *brief.profile.constants}
    listed = [*state.question.columns, *roles, *brief.controls, *(c for c in brief.columns if c not in idle)]
    names = [_name(c) for c in dict.fromkeys(listed) if c in brief.columns]
    if len(names) < 3:
        return list(EXAMPLES)
    a, b, c = names[:3]
    return [re.sub(r"\b[ABC]\b", lambda m: {"A": a, "B": b, "C": c}[m[0]], e) for e in EXAMPLES]


def _unclear(state: State) -> str:
    known = ", ".join(_name(c) for c in state.brief.columns[:8])
    asked = "\n".join(f"- {e}" for e in _examples(state))
    return _paragraphs(
        "I did not understand the question.",
        "I can answer questions like these:",
        asked,
        f"Columns: {known}.",
    )
