"""How numbers are shown: one rule for headline and prose, and no end of an interval that turns into zero."""

from __future__ import annotations

import pytest

from causalcopilot.cli.text import headline
from causalcopilot.domain.facts import Fact, span_format


@pytest.mark.parametrize(
    ("low", "high", "spec"),
    [
        (2.48, 4.40, ",.2f"),
        (256.0, 2987.0, ",.0f"),
        (-0.00292, 0.764, ",.3f"),  # two digits would read "0.00 to 0.76" beside "none detected"
        (0.0, 0.764, ",.2f"),
        (0.0278, 0.0392, ",.4f"),
        (1.0, 1.0, ",.3g"),
        (-1e-12, 1.0, ",.6f"),
    ],
)
def test_two_digits_of_the_error_and_no_false_zero(low: float, high: float, spec: str) -> None:
    assert span_format(low, high) == spec


def test_headline_and_prose_show_the_same_digits() -> None:
    low, value, high = -0.00292, 0.474, 0.764
    fact = Fact("effect", value, format=span_format(low, high), low=low, high=high)
    shown = headline(
        {"answer": "uncertain", "value": value, "low": low, "high": high, "verdict": "inconclusive"}
    )
    assert shown == "uncertain · 0.474 (−0.003 to 0.764) · verdict: inconclusive"
    assert fact.text() in shown
