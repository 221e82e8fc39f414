"""The protocol's rules for effects: identified, estimated, tried, and looked into by group."""

from __future__ import annotations

from causalcopilot.agent.expert import arguments
from causalcopilot.agent.expert.rule import Rule
from causalcopilot.agent.expert.situation import (
    asks_for_groups,
    given_graph,
    graph_in_force,
    has_authority,
    identified,
    is_effect,
    open_class,
    searchable,
)

EFFECT_RULES: tuple[Rule, ...] = (
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
        arguments.identify,
        "Identify before estimating; if the effect is not identified, stop and say why.",
        "A number without an identification argument is an association.",
        "Pearl 2009; Hernán & Robins 2020",
    ),
    Rule(
        "estimate_what_is_identified",
        "estimate",
        lambda s: is_effect(s) and identified(s) is not None,
        arguments.estimate,
        "Estimate only what was identified, for the contrast asked, in the user's units.",
        "Two doubly robust fits with different learners show how much the answer hangs on the model.",
        "Chernozhukov et al. 2018; Robins, Rotnitzky & Zhao 1994",
    ),
    Rule(
        "refute_every_estimate",
        "refute",
        lambda s: is_effect(s) and s.last("estimate") is not None,
        arguments.refute,
        "Try to break every estimate before reporting it.",
        "Only a check that can fail says anything; the verdict follows from declared rules.",
        "Cinelli & Hazlett 2020; VanderWeele & Ding 2017",
    ),
    Rule(
        "range_where_edges_are_open",
        "effect_range",
        lambda s: is_effect(s) and bool(open_class(s)),
        arguments.effect_range,
        "Where only open edges keep an effect from being identified, give the range that they allow.",
        "Every graph of the class fits the rows equally well; the range says what settling an edge would be worth.",
        "Maathuis, Kalisch & Bühlmann 2009; Malinsky & Spirtes 2017",
    ),
    Rule(
        "look_into_differences",
        "heterogeneity",
        lambda s: asks_for_groups(s) and s.last("estimate") is not None,
        arguments.heterogeneity,
        "Where it is asked for whom an effect is larger, or who should be treated, test first that it differs at all, "
        "and read groups only where they were named beforehand or were chosen on other rows.",
        "Groups that are looked for until one stands out always stand out.",
        "Semenova & Chernozhukov 2021; Athey & Imbens 2016",
    ),
    Rule(
        "learn_as_evidence",
        "discover",
        lambda s: is_effect(s) and s.brief.thorough and has_authority(s) and searchable(s),
        arguments.discover,
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
"""In the order in which they are asked."""
