"""The protocol's rules for the table itself, for tests of columns, and for graphs: learned, read and surveyed."""

from __future__ import annotations

from causalcopilot.agent.expert import arguments
from causalcopilot.agent.expert.rule import Rule
from causalcopilot.agent.expert.situation import (
    STRUCTURE,
    given_graph,
    graph_in_force,
    has_authority,
    is_effect,
    over_time,
    searchable,
)
from causalcopilot.agent.pins import independence_pins
from causalcopilot.domain.question import ABOUT_EFFECTS, MODELLED

GRAPH_RULES: tuple[Rule, ...] = (
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
        arguments.changes,
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
        arguments.discover_series,
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
                (is_effect(s) and not has_authority(s) and searchable(s))
                or s.question.kind in ("graph", "explore")
                or (
                    s.question.kind in (*STRUCTURE, *MODELLED, "drivers", "falsify")
                    and graph_in_force(s) is None
                )
            )
        ),
        arguments.discover,
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
)
"""In the order in which they are asked."""
