"""The answer to a question about independence."""

from __future__ import annotations

from causalcopilot.agent.narrative.words import column, failure
from causalcopilot.agent.state import State


def independence(state: State) -> str:
    """The answer of a test, and what a test does not say."""
    d = state.last("independence")
    if d is None:
        return failure(state)
    q = state.question
    given = f" given {', '.join(column(c) for c in q.given)}" if q.given else ""
    tests = d.value("tests")
    corrected = (
        f" after correction for {d.ref('tests')} tests" if isinstance(tests, int) and tests > 1 else ""
    )
    return (
        f"Are {column(q.treatment)} and {column(q.outcome)} independent{given}? Answer: **{d.ref('answer')}** "
        f"({d.ref('test')}, statistic {d.ref('statistic')}, p-value {d.ref('p_value')}{corrected}, {d.ref('n')} rows, level {d.ref('alpha')}). "
        "A test of independence speaks of association; it says nothing about which way an influence runs."
    )
