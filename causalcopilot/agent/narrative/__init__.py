"""The expert's prose: sentences with references, one module per kind of answer.

No sentence holds a numeral or a word that claims more than a fact: numbers, directions and verdicts are
references, and the report prints them from the stored results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from causalcopilot.agent.narrative.direction import direction
from causalcopilot.agent.narrative.domains import domains
from causalcopilot.agent.narrative.drivers import drivers
from causalcopilot.agent.narrative.effect import effect
from causalcopilot.agent.narrative.falsify import falsified
from causalcopilot.agent.narrative.graph import graph
from causalcopilot.agent.narrative.independence import independence
from causalcopilot.agent.narrative.mediation import mediation
from causalcopilot.agent.narrative.modelled import anomaly, arrows, change, counterfactual, what_if
from causalcopilot.agent.narrative.structure import structure
from causalcopilot.agent.narrative.unclear import EXAMPLES, unclear
from causalcopilot.agent.narrative.words import paragraphs
from causalcopilot.agent.protocol import STRUCTURE
from causalcopilot.agent.state import State

__all__ = ["ANSWERS", "EXAMPLES", "STORED", "body", "write"]

STORED = "From stored results; nothing had to be computed again."

ANSWERS: Mapping[str, Callable[[State], str]] = {
    "effect": effect,
    "subgroups": effect,
    "mediation": mediation,
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


def write(state: State) -> str:
    """The narrative for a finished (or stuck) conversation turn."""
    from causalcopilot.agent import aspects
    from causalcopilot.agent.recall import from_stored

    known = STORED if from_stored(state) else ""
    about = aspects.write(state) if state.question.aspect else ""
    return paragraphs(known, about or body(state))


def body(state: State) -> str:
    """The answer to the question itself, without a word on where it came from."""
    return ANSWERS.get(state.question.kind, unclear)(state)
