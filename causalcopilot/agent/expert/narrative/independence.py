"""The answer to a question about independence."""

from __future__ import annotations

from causalcopilot.agent.expert.narrative.words import column, failure
from causalcopilot.agent.expert.state import Done, State


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
    a, b = column(q.treatment), column(q.outcome)
    return (
        f"Are {a} and {b} independent{given}? Answer: **{d.ref('answer')}** "
        f"({d.ref('test')}, statistic {d.ref('statistic')}, p-value {d.ref('p_value')}{corrected}, {d.ref('n')} rows, level {d.ref('alpha')})."
        f"{_strength(d)} A test of independence speaks of association; it says nothing about which way an influence runs,"
        f" nor what would happen if either were changed. For that ask: what is the effect of {a} on {b}?"
    )


def _strength(d: Done) -> str:
    """How closely two numbers go together along a straight line."""
    if d.value("partial_correlation") is None:
        return ""
    which = "partial correlation" if d.args.get("given") else "correlation"
    return f" Their {which} is {d.ref('partial_correlation')} (interval {d.ref('partial_correlation.interval')})."
