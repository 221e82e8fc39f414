"""Which words answer which kind of question."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from causalcopilot.agent.expert.narrative.direction import direction
from causalcopilot.agent.expert.narrative.domains import domains
from causalcopilot.agent.expert.narrative.drivers import drivers
from causalcopilot.agent.expert.narrative.effect import effect
from causalcopilot.agent.expert.narrative.falsify import falsified
from causalcopilot.agent.expert.narrative.graph import graph
from causalcopilot.agent.expert.narrative.independence import independence
from causalcopilot.agent.expert.narrative.joint import joint
from causalcopilot.agent.expert.narrative.mediation import mediation
from causalcopilot.agent.expert.narrative.modelled import anomaly, arrows, change, counterfactual, what_if
from causalcopilot.agent.expert.narrative.structure import structure
from causalcopilot.agent.expert.narrative.unclear import unclear
from causalcopilot.agent.expert.situation import STRUCTURE
from causalcopilot.agent.expert.state import State

ANSWERS: Mapping[str, Callable[[State], str]] = {
    "effect": effect,
    "subgroups": effect,
    "mediation": mediation,
    "joint": joint,
    "independence": independence,
    "direction": direction,
    "domains": domains,
    "falsify": falsified,
    "drivers": drivers,
    "what_if": what_if,
    "counterfactual": counterfactual,
    "anomaly": anomaly,
    "change": change,
    "arrows": arrows,
    "graph": graph,
    "explore": graph,
    **dict.fromkeys(STRUCTURE, structure),
}
"""Who answers which kind of question; every other kind was not understood."""


def body(state: State) -> str:
    """The answer to the question itself, without a word on where it came from."""
    return ANSWERS.get(state.question.kind, unclear)(state)
