"""The range of effects over open edges, and doubts of a learned graph: when they are asked for, and how told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causalcopilot.agent.expert import narrative
from causalcopilot.agent.expert.state import Done
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.report.claims import find_faults
from tests.agent.histories import EFFECT, LEARNED, PAIR, PROFILE, TOOLS, chosen
from tests.agent.states import FACTS, NAMES, made, stood

OPEN = {"status": "not_identified", "range.graph": "mine@1", "contrast.control": 0, "contrast.treated": 1}
RANGED: dict[str, Scalar] = {
    "graph": "mine@1",
    "range.low": 0.1,
    "range.high": 0.9,
    "range.open.1": "a --- b",
    "range.unknown": 1,
}


def test_a_range_is_asked_for_where_only_open_edges_stand_in_the_way() -> None:
    tools = [t for t in TOOLS if t != "falsify"]
    calls = chosen(EFFECT, PROFILE, ("identify", PAIR, OPEN), given_graph="mine@1", tools=tools)
    asked = {**PAIR, "graph": "mine@1", "control_value": 0, "treated_value": 1}
    assert calls == [("effect_range", asked)]
    hidden = {k: v for k, v in OPEN.items() if k != "range.graph"}
    assert all(c[0] != "effect_range" for c in chosen(EFFECT, PROFILE, LEARNED, ("identify", PAIR, hidden)))


@pytest.mark.parametrize("status", ["not_identified", "assumed"])
def test_a_range_is_told_with_the_edges_that_decide(status: str) -> None:
    more = {k: Fact(k, v) for k, v in RANGED.items()}
    more |= {k: replace(more[k], format=".2f") for k in ("range.low", "range.high")}
    doubt = {"doubted.1": "age", "doubted.1.reason": "the learned graph says it is an effect of a"}
    facts = {**FACTS, "t1": FACTS["t1"] | {k: Fact(k, v) for k, v in doubt.items()}, "t9": more}
    done = (
        made("t1", status=status, **doubt),
        Done("t9", "effect_range", {}, True, RANGED),
        made("t2"),
        made("t3"),
    )
    text = narrative.write(stood("effect", *done))
    assert find_faults(text, facts, NAMES) == ()
    assert "{t9.range.low.with_unit}" in text
    assert "{t9.range.open.1}" in text
    assert ("{t1.doubted.1.reason}" in text) == (status == "assumed")
