"""The expert's protocol: one rule per decision, each with its reason and its source.

The expert asks the rules in order; the first whose condition holds and whose tool has not been tried for this
question says what to call next.  When none holds the expert writes its narrative.  An online model gets the same
rules as text (``protocol_text``), so the two cannot drift apart.

The rules stand in ``graph_rules``, ``model_rules`` and ``effect_rules``, their conditions in ``situation`` and what
they pass in ``arguments``.
"""

from __future__ import annotations

from causalcopilot.agent.expert.effect_rules import EFFECT_RULES
from causalcopilot.agent.expert.graph_rules import GRAPH_RULES
from causalcopilot.agent.expert.model_rules import MODEL_RULES
from causalcopilot.agent.expert.rule import Call, Rule
from causalcopilot.agent.expert.state import State

RULES: tuple[Rule, ...] = (*GRAPH_RULES, *MODEL_RULES, *EFFECT_RULES)
"""Every rule, in the order in which they are asked."""


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


def protocol_text() -> str:
    """The rules as a numbered list for a model's instructions."""
    return "\n".join(f"{i}. {r.says} ({r.reason})" for i, r in enumerate(RULES, 1))
