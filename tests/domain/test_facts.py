"""How numbers are shown: one rule for headline and prose, and no end of an interval that turns into zero."""

from __future__ import annotations

import pytest

from causalcopilot.cli.text.ask import headline
from causalcopilot.domain.facts import Fact, display, display_level, plain, span_format
from causalcopilot.report.claims import render, text_of


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("from -1.06e+03 to 1.48e+03", "from -1,060 to 1,480"),
        ("1.45e+03 (327 to 2.57e+03)", "1,450 (327 to 2,570)"),
        ("F = 1.2e-03", "F = 0.0012"),
        ("p 3e-40", "p 3e-40"),
        ("column x1e+03 of v2.5e+10b", "column x1e+03 of v2.5e+10b"),
        ("no numbers", "no numbers"),
    ],
)
def test_numbers_are_written_out(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_number_shows_no_exponent_where_it_can_be_read_without() -> None:
    assert display(1453.2, ",.3g") == "1,450"
    assert display(-2571.0, ".2g") == "−2,600"
    assert display(1e-9, ".3g") == "1e-09"
    assert display(2.0176e29, ",.0f") == "2.018e+29"
    assert display(-9.1e300, ",.0f") == "−9.1e+300"
    assert display(1.25e14, ",.0f") == "125,000,000,000,000"


def test_a_truth_value_of_a_column_is_shown_as_it_stands_there() -> None:
    assert (display(True), display_level(True), display_level(False)) == ("yes", "True", "False")
    facts = {"t1": {"contrast.control": Fact("contrast.control", False), "fuzzy": Fact("fuzzy", False)}}
    assert text_of(render("From {t1.contrast.control}: {t1.fuzzy}.", facts)) == "From False: no."
