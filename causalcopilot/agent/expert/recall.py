"""Answers from stored results: what an earlier turn has computed is not computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from causalcopilot.agent.expert.protocol import next_calls
from causalcopilot.agent.expert.rule import Call
from causalcopilot.agent.expert.state import Done, State


def recall(state: State) -> tuple[State, list[Call]]:
    """The state with every call that an earlier turn has answered in just this form, and the calls left to make.

    A result counts where tool and arguments are the same and the knowledge has not changed since; a plan that
    wants everything ``fresh`` recalls nothing.  An ``unclear`` question looks at the table again: its answer names the
    columns and cites no result.
    """
    while calls := next_calls(state):
        found = [d for c in calls if (d := _stored(state, *c)) is not None]
        if state.brief.fresh or state.question.kind == "unclear" or len(found) < len(calls):
            return state, calls
        ids = state.recalled | {d.call for d in found}
        state = replace(state, done=(*state.done, *found), recalled=ids)
    return state, []


def _stored(state: State, tool: str, args: Mapping[str, Any]) -> Done | None:
    return next((d for d in reversed(state.before) if d.ok and (d.tool, d.args) == (tool, args)), None)


def from_stored(state: State) -> bool:
    """Whether the answer rests on earlier turns alone; looking at the table again does not count."""
    made = {d.call for d in state.done if d.ok and d.tool != "profile"}
    return bool(made) and made <= state.recalled
