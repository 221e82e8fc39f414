"""The answer says why its verdict holds something back: the sentence of each rule that applied, and what to do."""

from __future__ import annotations

from causalcopilot.agent.expert.narrative.effect import effect
from causalcopilot.agent.expert.state import Done, State
from causalcopilot.domain.question import Question

ASKED = Question("effect", "t", "y")
FOUND = Done("t1", "identify", {}, True, {"status": "assumed", "strategy": "RCT", "basis": "design"})
MADE = Done("t2", "estimate", {}, True, {"effect": {"value": 1.0, "low": 0.5, "high": 1.5}})


def told(*reasons: str) -> str:
    facts: dict[str, object] = {f"why.{i}": words for i, words in enumerate(reasons, 1)}
    if reasons:
        facts["next"] = "Do it."
    tried = Done("t3", "refute", {}, True, {"verdict": "fragile", **facts})
    state = State(None, ASKED, (FOUND, MADE, tried))  # type: ignore[arg-type]
    return effect(state)


def test_every_reason_stands_right_after_the_number() -> None:
    parts = told("One.", "Two.").split("\n\n")
    assert parts[1] == "Reasons for this verdict: {t3.why.1} {t3.why.2} What to do: {t3.next}"
    assert told("One.").split("\n\n")[1].startswith("Reason for this verdict: {t3.why.1}")
    assert "for this verdict" not in told()
