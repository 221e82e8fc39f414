"""The protocol's rules for what a structural model answers: what if, one row, a change, the strength of arrows."""

from __future__ import annotations

from causalcopilot.agent.expert import arguments
from causalcopilot.agent.expert.rule import Rule
from causalcopilot.agent.expert.situation import graph_in_force, modelled

MODEL_RULES: tuple[Rule, ...] = (
    Rule(
        "suppose_for_all",
        "intervene",
        lambda s: modelled(s, "what_if"),
        arguments.supposed,
        "Answer what an outcome would be if a cause were set from a structural model, in a graph without open edges.",
        "A level under an intervention needs every mechanism between; a class of graphs does not say which they are.",
        "Pearl 2009, chapter 3",
    ),
    Rule(
        "suppose_for_one_row",
        "counterfactual",
        lambda s: modelled(s, "counterfactual"),
        arguments.supposed,
        "Answer what one named row would have been by reading its noise back from it; here on this machine only.",
        "Only a model whose noise can be read back knows a single row; its answer is a value of that row.",
        "Pearl 2009, section 7.1",
    ),
    Rule(
        "explain_one_row",
        "anomaly",
        lambda s: modelled(s, "anomaly"),
        lambda s: {"outcome": s.question.outcome, "graph": graph_in_force(s), **arguments.row(s)},
        "Explain why one named row is odd by whose own noise moved it, not by whose value is odd; here on this machine "
        "only.",
        "A column that passes on what its causes did is no root cause.",
        "Budhathoki et al. 2022",
    ),
    Rule(
        "explain_a_change",
        "attribute_change",
        lambda s: modelled(s, "change"),
        arguments.compared,
        "Explain why a mean differs between two named groups or periods by the mechanisms that changed.",
        "A mean moves with its causes; only what changed in a mechanism is a reason.",
        "Budhathoki et al. 2021",
    ),
    Rule(
        "weigh_arrows",
        "arrow_strength",
        lambda s: modelled(s, "arrows"),
        lambda s: {"outcome": s.question.outcome, "graph": graph_in_force(s)},
        "Tell how strong direct causes are by the scatter each brings along its own arrow.",
        "A total effect mixes the arrow with the ways round it.",
        "Janzing et al. 2013",
    ),
)
"""In the order in which they are asked."""
