"""The expert's words about its own answers: every one checks, names the verdict, and gives in to nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from causalcopilot.agent.expert import narrative
from causalcopilot.agent.expert.state import State
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.question import Aspect
from causalcopilot.report.claims import find_faults, render, text_of
from tests.agent.states import FACTS, NAMES, STATES

ASPECTS = tuple(a for a in get_args(Aspect) if a)


def about(state: State, aspect: str) -> State:
    return replace(state, question=replace(state.question, aspect=aspect))  # type: ignore[arg-type]


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("name", STATES)
def test_no_answer_about_an_answer_claims_without_a_source(name: str, aspect: str) -> None:
    text = narrative.write(about(STATES[name], aspect))
    assert find_faults(text, FACTS, NAMES) == ()
    assert text_of(render(text, FACTS, NAMES)).strip()


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("name", STATES)
def test_an_effect_is_never_told_without_its_verdict(name: str, aspect: str) -> None:
    state = STATES[name]
    if state.question.kind == "effect" and state.last("refute") and state.last("estimate"):
        text = narrative.write(about(state, aspect))
        assert "{t3.verdict}" in text or "{t1.verdict}" in text


@pytest.mark.parametrize("aspect", ASPECTS)
def test_a_search_that_nothing_was_held_against_names_no_other(aspect: str) -> None:
    found = {**FACTS["t4"], "runner_up": Fact("runner_up", "none")}
    del found["agreement"]
    state = next(s for s in STATES.values() if s.question.kind == "graph" and s.last("discover"))
    alone = tuple(
        replace(d, facts={k: f.value for k, f in found.items()}) if d.tool == "discover" else d
        for d in state.done
    )
    text = narrative.write(about(replace(state, done=alone), aspect))
    assert find_faults(text, {**FACTS, "t4": found}, NAMES) == ()
    assert "Another method" not in text


def test_whoever_insists_hears_the_facts_again() -> None:
    said = 0
    for state in STATES.values():
        if state.question.kind in ("effect", "independence", "graph", "drivers") and any(
            d.ok for d in state.done
        ):
            text = narrative.write(about(state, "insist"))
            said += "keep to the facts" in text
    assert said > 5


def test_what_was_computed_before_is_said_to_be() -> None:
    state = next(s for s in STATES.values() if s.question.kind == "independence")
    known = replace(state, recalled=frozenset(d.call for d in state.done))
    assert narrative.write(known).startswith(narrative.STORED)
    assert not narrative.write(state).startswith(narrative.STORED)
    assert find_faults(narrative.write(known), FACTS, NAMES) == ()
