"""The expert's protocol: one rule per decision, each with its reason and its source.

The expert asks the rules in order; the first whose condition holds and whose tool has not been tried for this
question says what to call next.  When none holds the expert writes its narrative.  An online model gets the same
rules as text (``protocol_text``), so the two cannot drift apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from causalcopilot.agent.expert.state import Done, State
from causalcopilot.agent.pins import independence_pins
from causalcopilot.domain.designs import asks_for_design
from causalcopilot.domain.question import ABOUT_EFFECTS, MODELLED, Question

Call = tuple[str, Mapping[str, Any]]

STRUCTURE = ("direct_cause", "confounder", "collider", "mediator", "adjustment")
HIDDEN = re.compile(r"\b(?:hidden|latent|un(?:measured|observed|recorded|seen)|omitted)\b", re.IGNORECASE)
SEARCHES = ("discover", "discover_series")
WIDE = 40
"""Most columns a graph is learned over unasked: search time grows fast, and so do false edges."""


@dataclass(frozen=True)
class Rule:
    """One decision.

    Attributes:
        name: stable name.
        tool: tool it calls.
        when: condition on the state.
        arguments: what to pass.
        says: the decision in words, for people and models.
        reason: why.
        source: where the reason comes from.
    """

    name: str
    tool: str
    when: Callable[[State], bool]
    arguments: Callable[[State], Mapping[str, Any]]
    says: str
    reason: str
    source: str = ""


def next_calls(state: State) -> list[Call]:
    """The next calls by the first rule that holds, or none when it is time to write."""
    for rule in RULES:
        if not _tried(state, rule) and rule.tool in state.brief.tools and rule.when(state):
            return [(rule.tool, {k: v for k, v in rule.arguments(state).items() if v is not None})]
    return []


def _tried(state: State, rule: Rule) -> bool:
    if rule.name == "adjustment_in_learned_graph":
        return any(d.tool == rule.tool for d in state.done)
    return state.tried(rule.tool)


def is_effect(state: State) -> bool:
    """The question asks for an effect and names both columns."""
    q = state.question
    return q.kind in ABOUT_EFFECTS and bool(q.treatment and q.outcome)


def has_authority(state: State) -> bool:
    """Somebody said what identifies the effect: a graph, roles, or a design.

    Controls named by hand are a choice and not knowledge: a graph is learned beside them, to speak against them.
    """
    q, b = state.question, state.brief
    if asks_for_design(q) and q.kind != "joint":  # to set several columns together is no argument for reading it so
        return True
    return bool(q.graph or b.has_roles or b.given_graph or b.randomised)


def _search_columns(state: State) -> list[str] | None:
    q, b = state.question, state.brief
    if q.columns and q.kind == "graph":
        return list(q.columns)
    if q.kind == "effect" and b.has_roles:
        kept = [c for c in (q.treatment, q.outcome, *b.controls) if c]
        return list(dict.fromkeys(kept))
    return None


def _searchable(state: State) -> bool:
    columns = _search_columns(state)
    return (len(columns) if columns else len(state.brief.columns)) <= WIDE


def given_graph(state: State) -> str | None:
    """The graph that a person gave or named, if any."""
    return state.question.graph or state.brief.given_graph or None


def graph_in_force(state: State) -> str | None:
    """The graph a question is read from: the one asked for, the one given, else the one learned."""
    q = state.question
    if q.graph or state.brief.given_graph:
        return q.graph or state.brief.given_graph
    learned = next((d for d in reversed(state.done) if d.tool in SEARCHES and d.ok), None) or next(
        (d for d in reversed(state.before) if d.tool in SEARCHES and d.ok and not d.args.get("columns")),
        None,
    )
    return str(learned.value("graph")) if learned else None


def over_time(state: State) -> bool:
    """The rows are steps in time, and no effect by a design is asked for."""
    return bool(state.question.time) and state.question.kind != "effect"


def _discover_series(state: State) -> Mapping[str, Any]:
    q = state.question
    shown = q.kind in ("graph", "explore")
    return {
        "time": q.time,
        "unit": q.unit,
        "method": q.method if shown else None,
        "columns": list(q.columns) if q.columns and q.kind == "graph" else None,
        "bootstrap": state.brief.bootstrap if shown and state.brief.bootstrap else None,
        "name": state.brief.graph_name or None,
        **{k: state.brief.pins.get(k) for k in ("lags", "treat")},
    }


def asks_for_hidden(question: Question) -> bool:
    """Whether it is asked for a hidden common cause: a search that assumes there is none cannot answer."""
    return question.kind == "confounder" and HIDDEN.search(question.text) is not None


def _discover(state: State) -> Mapping[str, Any]:
    q = state.question
    pins = state.brief.pins
    method = pins.get("method") or (q.method if q.kind in ("graph", "explore") else "auto")
    if (state.brief.latents or asks_for_hidden(q)) and method == "auto":
        method = "fci"
    resamples = state.brief.bootstrap
    return {
        "method": method,
        "columns": _search_columns(state),
        "bootstrap": resamples if q.kind in ("graph", "explore") and resamples else None,
        "name": state.brief.graph_name or None,
        **{k: pins.get(k) for k in ("test", "alpha", "domain")},
    }


def _changes(state: State) -> Mapping[str, Any]:
    q = state.question
    drift = not q.given and bool(re.search(r"\bdrift|\brows?\b", q.text, re.I))
    return {"domain": q.given[0] if q.given else None, "graph": given_graph(state), "drift": drift or None}


def _identify(state: State) -> Mapping[str, Any]:
    q = state.question
    contrast = q.contrast
    return {
        "treatment": q.treatment,
        "outcome": q.outcome,
        "graph": q.graph
        or state.brief.given_graph
        or (None if has_authority(state) else graph_in_force(state)),
        "control_value": contrast.control if contrast else None,
        "treated_value": contrast.treated if contrast else None,
        "quantity": q.quantity,
        "controls": list(q.controls) if q.controls is not None else None,
        "assume": q.assume or None,
    }


def _identified(state: State) -> Done | None:
    found = state.last("identify")
    return found if found and found.value("status") in ("identified", "assumed") else None


def _open_class(state: State) -> str:
    """The graph whose open edges alone leave the effect unidentified, or empty."""
    found = state.last("identify")
    return str(found.value("range.graph") or "") if found else ""


def _effect_range(state: State) -> Mapping[str, Any]:
    found = state.last("identify")
    return {
        "treatment": state.question.treatment,
        "outcome": state.question.outcome,
        "graph": _open_class(state),
        "control_value": found.value("contrast.control") if found else None,
        "treated_value": found.value("contrast.treated") if found else None,
    }


def _estimate(state: State) -> Mapping[str, Any]:
    found = _identified(state)
    method = state.question.method
    return {"identification": found.call if found else "", "method": None if method == "auto" else method}


def _refute(state: State) -> Mapping[str, Any]:
    found = state.last("estimate")
    return {"estimate": found.call if found else "", "graph": given_graph(state)}


def asks_for_groups(state: State) -> bool:
    """Whether it is asked for whom an effect differs, or columns are named that it may differ by."""
    return is_effect(state) and (state.question.kind == "subgroups" or bool(state.question.modifiers))


def _heterogeneity(state: State) -> Mapping[str, Any]:
    found, q = _identified(state), state.question
    return {
        "identification": found.call if found else "",
        "modifiers": list(q.modifiers) or None,
        "goal": q.goal or None,
    }


def _supposed(state: State) -> Mapping[str, Any]:
    q = state.question
    return {
        "cause": q.treatment,
        "outcome": q.outcome,
        "graph": graph_in_force(state),
        "value": q.contrast.treated if q.contrast else None,
        "shift": q.shift,
        "factor": q.factor,
        **_row(state),
    }


def _row(state: State) -> Mapping[str, Any]:
    return {"row": state.question.row, "row_column": state.question.row_column}


def _compared(state: State) -> Mapping[str, Any]:
    q = state.question
    return {
        "outcome": q.outcome,
        "graph": graph_in_force(state),
        "column": q.given[0] if q.given else None,
        "first": q.contrast.control if q.contrast else None,
        "second": q.contrast.treated if q.contrast else None,
    }


def _modelled(state: State, kind: str) -> bool:
    return state.question.kind == kind and graph_in_force(state) is not None


RULES: tuple[Rule, ...] = (
    Rule(
        "look_first",
        "profile",
        lambda s: s.question.kind in ("explore", *ABOUT_EFFECTS, "graph", "unclear"),
        lambda s: {},
        "Profile the table before anything else.",
        "Duplicates, missing values and identifier columns change what every later number means.",
    ),
    Rule(
        "test_independence",
        "independence",
        lambda s: s.question.kind == "independence",
        lambda s: {
            "a": s.question.treatment,
            "b": s.question.outcome,
            "given": list(s.question.given) or None,
            **independence_pins(s.brief.pins),
        },
        "Answer a question about independence with a test, not with a graph.",
        "A test uses the data directly; a learned graph adds assumptions the question does not need.",
    ),
    Rule(
        "tell_direction",
        "direction",
        lambda s: s.question.kind == "direction",
        lambda s: {"a": s.question.treatment, "b": s.question.outcome},
        "Answer which of two columns is the cause from the asymmetry of their noise, and leave it undecided "
        "where both directions fit or neither does.",
        "A graph search often cannot orient a single edge; curved relations and uneven noise can.",
        "Hoyer et al. 2009; Immer et al. 2023",
    ),
    Rule(
        "compare_domains",
        "changes",
        lambda s: s.question.kind == "domains",
        _changes,
        "Where it is asked what differs between domains, test every column's mechanism given its causes.",
        "A column differs between domains when its causes do; only what is left given them is a changed mechanism.",
        "Huang et al. 2020; Chow 1960",
    ),
    Rule(
        "learn_over_time",
        "discover_series",
        lambda s: (
            over_time(s)
            and (
                s.question.kind in ("graph", "explore")
                or (s.question.kind in (*STRUCTURE, *MODELLED, "drivers") and graph_in_force(s) is None)
            )
        ),
        _discover_series,
        "Where the rows are steps in time, learn a graph with lags, from series whose means were made constant.",
        "Rows that follow one another are not independent; a search that takes them as such finds false links.",
        "Runge 2020; Granger & Newbold 1974 on spurious regressions",
    ),
    Rule(
        "learn_when_nobody_said",
        "discover",
        lambda s: (
            not over_time(s)
            and (
                (is_effect(s) and not has_authority(s) and _searchable(s))
                or s.question.kind in ("graph", "explore")
                or (
                    s.question.kind in (*STRUCTURE, *MODELLED, "drivers", "falsify")
                    and graph_in_force(s) is None
                )
            )
        ),
        _discover,
        "Learn a graph when the question needs one and nobody gave one.",
        "A given graph outranks roles, roles outrank a learned graph; a learned graph is the last resort.",
        "Perkovic et al. 2018 for what a learned class of graphs can identify",
    ),
    Rule(
        "survey_effects",
        "survey",
        lambda s: s.question.kind == "explore" and s.last("discover") is not None,
        lambda s: {"graph": graph_in_force(s)},
        "Without a question, list which effects the learned graph identifies, and claim none.",
        "An exploratory run has no estimand; the graph's class says which could be asked next.",
        "Maathuis et al. 2009; Perkovic et al. 2018",
    ),
    Rule(
        "read_structure",
        "structure",
        lambda s: (
            (s.question.kind in STRUCTURE and graph_in_force(s) is not None)
            or (s.question.kind == "direction" and given_graph(s) is not None)
        ),
        lambda s: {
            "question": "direct_cause" if s.question.kind == "direction" else s.question.kind,
            "a": s.question.treatment,
            "b": s.question.outcome,
            "graph": graph_in_force(s),
        },
        "Answer questions about causes, confounders, colliders and mediators from the graph, with the path.",
        "Yes, no and uncertain follow from the marks of the graph; a circle is never read as an arrow.",
    ),
    Rule(
        "rank_drivers",
        "drivers",
        lambda s: s.question.kind == "drivers" and graph_in_force(s) is not None,
        lambda s: {"outcome": s.question.outcome, "graph": graph_in_force(s)},
        "Rank the causes of an outcome among its ancestors in the graph.",
        "A column that predicts an outcome may be its effect; only ancestors can drive it.",
    ),
    Rule(
        "suppose_for_all",
        "intervene",
        lambda s: _modelled(s, "what_if"),
        _supposed,
        "Answer what an outcome would be if a cause were set from a structural model, in a graph without open edges.",
        "A level under an intervention needs every mechanism between; a class of graphs does not say which they are.",
        "Pearl 2009, chapter 3",
    ),
    Rule(
        "suppose_for_one_row",
        "counterfactual",
        lambda s: _modelled(s, "counterfactual"),
        _supposed,
        "Answer what one named row would have been by reading its noise back from it; here on this machine only.",
        "Only a model whose noise can be read back knows a single row; its answer is a value of that row.",
        "Pearl 2009, section 7.1",
    ),
    Rule(
        "explain_one_row",
        "anomaly",
        lambda s: _modelled(s, "anomaly"),
        lambda s: {"outcome": s.question.outcome, "graph": graph_in_force(s), **_row(s)},
        "Explain why one named row is odd by whose own noise moved it, not by whose value is odd; here on this machine "
        "only.",
        "A column that passes on what its causes did is no root cause.",
        "Budhathoki et al. 2022",
    ),
    Rule(
        "explain_a_change",
        "attribute_change",
        lambda s: _modelled(s, "change"),
        _compared,
        "Explain why a mean differs between two named groups or periods by the mechanisms that changed.",
        "A mean moves with its causes; only what changed in a mechanism is a reason.",
        "Budhathoki et al. 2021",
    ),
    Rule(
        "weigh_arrows",
        "arrow_strength",
        lambda s: _modelled(s, "arrows"),
        lambda s: {"outcome": s.question.outcome, "graph": graph_in_force(s)},
        "Tell how strong direct causes are by the scatter each brings along its own arrow.",
        "A total effect mixes the arrow with the ways round it.",
        "Janzing et al. 2013",
    ),
    Rule(
        "hold_graph_against_data",
        "falsify",
        lambda s: (
            (s.question.kind == "falsify" and graph_in_force(s) is not None)
            or (is_effect(s) and given_graph(s) is not None)
        ),
        lambda s: {"graph": graph_in_force(s)},
        "Hold a graph that a person gave against the data before anything rests on it.",
        "A graph implies independences that data can contradict; one that is contradicted identifies nothing safely.",
        "Pearl 2009; Eulig et al. 2023",
    ),
    Rule(
        "identify_before_estimating",
        "identify",
        is_effect,
        _identify,
        "Identify before estimating; if the effect is not identified, stop and say why.",
        "A number without an identification argument is an association.",
        "Pearl 2009; Hernán & Robins 2020",
    ),
    Rule(
        "estimate_what_is_identified",
        "estimate",
        lambda s: is_effect(s) and _identified(s) is not None,
        _estimate,
        "Estimate only what was identified, for the contrast asked, in the user's units.",
        "Two doubly robust fits with different learners show how much the answer hangs on the model.",
        "Chernozhukov et al. 2018; Robins, Rotnitzky & Zhao 1994",
    ),
    Rule(
        "refute_every_estimate",
        "refute",
        lambda s: is_effect(s) and s.last("estimate") is not None,
        _refute,
        "Try to break every estimate before reporting it.",
        "Only a check that can fail says anything; the verdict follows from declared rules.",
        "Cinelli & Hazlett 2020; VanderWeele & Ding 2017",
    ),
    Rule(
        "range_where_edges_are_open",
        "effect_range",
        lambda s: is_effect(s) and bool(_open_class(s)),
        _effect_range,
        "Where only open edges keep an effect from being identified, give the range that they allow.",
        "Every graph of the class fits the rows equally well; the range says what settling an edge would be worth.",
        "Maathuis, Kalisch & Bühlmann 2009; Malinsky & Spirtes 2017",
    ),
    Rule(
        "look_into_differences",
        "heterogeneity",
        lambda s: asks_for_groups(s) and s.last("estimate") is not None,
        _heterogeneity,
        "Where it is asked for whom an effect is larger, or who should be treated, test first that it differs at all, "
        "and read groups only where they were named beforehand or were chosen on other rows.",
        "Groups that are looked for until one stands out always stand out.",
        "Semenova & Chernozhukov 2021; Athey & Imbens 2016",
    ),
    Rule(
        "learn_as_evidence",
        "discover",
        lambda s: is_effect(s) and s.brief.thorough and has_authority(s) and _searchable(s),
        _discover,
        "Where a person said who to adjust for, learn a graph beside it and show every difference.",
        "Discovery is evidence beside the roles, never a silent replacement of them.",
    ),
    Rule(
        "adjustment_in_learned_graph",
        "structure",
        lambda s: is_effect(s) and s.brief.thorough and has_authority(s) and s.last("discover") is not None,
        lambda s: {
            "question": "adjustment",
            "a": s.question.treatment,
            "b": s.question.outcome,
            "graph": str(s.last("discover").value("graph")),  # type: ignore[union-attr]
        },
        "Ask the learned graph for its own adjustment set and print where it differs.",
        "Agreement is reassuring, disagreement is a finding; neither changes the declared controls.",
    ),
)


def protocol_text() -> str:
    """The rules as a numbered list for a model's instructions."""
    return "\n".join(f"{i}. {r.says} ({r.reason})" for i, r in enumerate(RULES, 1))
