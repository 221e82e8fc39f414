"""The verdict rules: each decides where it should, and together they are total, monotone and documented."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causalcopilot.domain.estimate import Check, CheckStatus, Estimate, Sensitivity
from causalcopilot.domain.identification import Assumption, Identification
from causalcopilot.domain.question import Contrast
from causalcopilot.domain.thresholds import MIN_ROWS
from causalcopilot.domain.verdict import RULES, UNTOLD, decide, direction

IDENTIFIED = Identification(
    "identified",
    "Conditional Exogeneity",
    "ATE",
    "all units",
    ("dose {mg}",),
    ("pain",),
    "binary",
    Contrast(0, 1),
    basis="roles",
)
ESTIMATE = Estimate("aipw", "ATE", "all units", 3.4, 0.5, 2.5, 4.4, 0.95, 1566, "kg")
SEVERITY = ("not_identified", "refuted", "inconclusive", "fragile", "supported")
"""Verdicts from worst to best."""
STATUSES: tuple[CheckStatus, ...] = ("pass", "warn", "fail", "info", "skipped", "error")
NAMES = (
    "overlap",
    "balance",
    "placebo_treatment",
    "agreement",
    "sensitivity",
    "negative_control_outcome:re75",
    "precision",
    "sample_size",
    "random_draw",
    "known_instrument",
    "missing_by_arm",
    "duplicates",
    "dropped_rows",
    "filled_controls",
    "repeated_units",
    "straight_line",
    "extrapolation",
    "forced_bad_controls",
    "anything_from_a_plugin",
)


def check(name: str, status: CheckStatus = "pass", counts: bool = True) -> Check:
    return Check(name, "diagnostic", status, None, None, counts)


def passing() -> list[Check]:
    return [check(n) for n in NAMES] + [check("random_common_cause", "info", counts=False)]


def turned(name: str, status: CheckStatus) -> list[Check]:
    return [replace(c, status=status) if c.name == name else c for c in passing()]


def rank(value: str) -> int:
    return SEVERITY.index(value)


@pytest.mark.parametrize(
    ("code", "value", "checks"),
    [
        ("placebo_failed", "refuted", turned("placebo_treatment", "fail")),
        ("negative_control_failed", "refuted", turned("negative_control_outcome:re75", "fail")),
        ("negative_control_doubtful", "fragile", turned("negative_control_outcome:re75", "warn")),
        ("too_few_rows", "inconclusive", turned("sample_size", "fail")),
        ("not_tried", "inconclusive", [check("data_subset", "pass", counts=False)]),
        ("wide_interval", "inconclusive", turned("precision", "fail")),
        ("overlap_failed", "fragile", turned("overlap", "fail")),
        ("forced_bad_control", "fragile", turned("forced_bad_controls", "fail")),
        ("benchmark_overturns", "fragile", turned("sensitivity", "fail")),
        ("estimators_disagree", "fragile", turned("agreement", "fail")),
        ("balance_failed", "fragile", turned("balance", "fail")),
        ("balance_failed", "fragile", turned("balance", "warn")),
        ("extrapolates", "fragile", turned("extrapolation", "fail")),
        ("draw_contradicted", "fragile", turned("random_draw", "fail")),
        ("instrument_contradicts", "fragile", turned("known_instrument", "fail")),
        ("attrition_differs", "fragile", turned("missing_by_arm", "fail")),
        ("repeated_rows", "fragile", turned("duplicates", "fail")),
        ("rows_lost", "fragile", turned("dropped_rows", "fail")),
        ("units_repeat", "fragile", turned("repeated_units", "fail")),
        ("controls_filled", "fragile", turned("filled_controls", "fail")),
        ("line_bends", "fragile", turned("straight_line", "fail")),
        ("check_failed", "fragile", turned("anything_from_a_plugin", "fail")),
        ("check_error", "fragile", turned("anything_from_a_plugin", "error")),
        ("core_check_missing", "fragile", turned("overlap", "skipped")),
        ("all_passed", "supported", passing()),
        ("all_passed", "supported", turned("duplicates", "warn")),
        ("all_passed", "supported", turned("overlap", "warn")),
    ],
)
def test_each_rule_decides(code: str, value: str, checks: list[Check]) -> None:
    decision = decide(IDENTIFIED, ESTIMATE, checks, None)
    assert (decision.code, decision.verdict.value) == (code, value)


def test_refusal_comes_before_everything() -> None:
    refused = replace(IDENTIFIED, status="not_identified", strategy=None, would_help=("measure u",))
    decision = decide(refused, ESTIMATE, passing(), None)
    assert decision.code == decision.verdict.value == "not_identified"
    assert decision.verdict.next == "Measure u."
    assert decision.verdict.direction == "unclear"
    assert decide(None, None, (), None).code == "not_identified"


def test_assumed_is_never_supported() -> None:
    assumed = replace(IDENTIFIED, status="assumed", basis="none")
    assert decide(assumed, ESTIMATE, passing(), None).code == "assumed"


def test_estimate_without_interval_or_rows() -> None:
    assert decide(IDENTIFIED, None, passing(), None).code == "no_interval"
    assert decide(IDENTIFIED, replace(ESTIMATE, low=None), passing(), None).code == "no_interval"
    assert decide(IDENTIFIED, replace(ESTIMATE, n_used=12), passing(), None).code == "too_few_rows"
    assert decide(IDENTIFIED, replace(ESTIMATE, supported=False), passing(), None).code == "overlap_weak"


@pytest.mark.parametrize(
    ("moved", "code", "value"),
    [
        (1.5, "left_out_matters", "fragile"),
        (-2.0, "left_out_matters", "fragile"),
        (-4.0, "left_out_turns", "inconclusive"),
    ],
)
def test_columns_that_nobody_left_out_by_word_decide_where_they_turn_the_sign(
    moved: float, code: str, value: str
) -> None:
    """The interval is 2.5 to 4.4 around 3.4: four half-widths down lies below nought, two do not."""
    warned = Check("left_out_columns", "sensitivity", "warn", moved, 1.0, True)
    decision = decide(
        replace(IDENTIFIED, status="assumed", basis="none"), ESTIMATE, [*passing(), warned], None
    )
    assert (decision.code, decision.verdict.value) == (code, value)
    held = [*passing(), replace(warned, status="pass", statistic=0.1)]
    assert decide(replace(IDENTIFIED, status="assumed", basis="none"), ESTIMATE, held, None).code == "assumed"


def test_randomisation_needs_no_sensitivity_and_continuous_needs_support() -> None:
    without = [c for c in passing() if c.name != "sensitivity"]
    assert decide(IDENTIFIED, ESTIMATE, without, None).code == "core_check_missing"
    assert decide(replace(IDENTIFIED, strategy="RCT"), ESTIMATE, without, None).code == "all_passed"
    continuous = replace(IDENTIFIED, treatment_type="continuous")
    assert decide(continuous, ESTIMATE, passing(), None).code == "core_check_missing"
    assert decide(continuous, ESTIMATE, [*passing(), check("support")], None).code == "all_passed"


def test_a_precise_zero_can_be_supported() -> None:
    zero = replace(ESTIMATE, value=0.01, low=-0.05, high=0.07)
    verdict = decide(IDENTIFIED, zero, passing(), None).verdict
    assert (verdict.value, verdict.direction) == ("supported", "none_detected")


def test_refuted_has_no_direction_and_names_survive_braces() -> None:
    verdict = decide(IDENTIFIED, ESTIMATE, turned("negative_control_outcome:re75", "fail"), None).verdict
    assert verdict.direction == "unclear"
    assert "dose {mg}" in verdict.reason
    named = decide(IDENTIFIED, ESTIMATE, turned("sensitivity", "fail"), Sensitivity(benchmark="age"))
    assert "age" in named.verdict.reason


def test_an_empty_set_of_effects_is_not_called_too_little() -> None:
    for pieces, code in ((0.0, "no_effect_fits"), (2.0, "instrument_uninformative")):
        found = replace(check("anderson_rubin", "fail"), statistic=pieces)
        assert decide(IDENTIFIED, ESTIMATE, [*passing(), found], None).code == code


def test_a_design_that_nobody_named_is_fragile() -> None:
    unnamed = Assumption("design_named", False, "nobody said so")
    found = replace(IDENTIFIED, status="assumed", strategy="RCT", assumptions=(unnamed,))
    decided = decide(found, ESTIMATE, passing(), None)
    assert (decided.code, decided.also) == (
        "design_unnamed",
        (),
    )  # nothing rests on measured common causes here


def test_later_rules_are_listed() -> None:
    checks = [replace(c, status="fail") if c.name in ("overlap", "balance") else c for c in passing()]
    decision = decide(IDENTIFIED, ESTIMATE, checks, None)
    assert decision.code == "overlap_failed"
    assert "balance_failed" in decision.also
    assert "all_passed" not in decision.also


def test_direction() -> None:
    assert direction(ESTIMATE) == "increases"
    assert direction(replace(ESTIMATE, low=-4.0, high=-1.0)) == "decreases"
    assert direction(replace(ESTIMATE, low=-4.0, high=0.0)) == "none_detected"
    assert direction(None) == direction(replace(ESTIMATE, high=None)) == "unclear"


def test_every_rule_is_documented_in_order_of_severity() -> None:
    codes = [r.code for r in RULES]
    assert len(set(codes)) == len(codes)
    assert all(r.reason.endswith(".") and r.next and r.source for r in RULES)
    ranks = [rank(r.lowers_to) for r in RULES]
    assert ranks == sorted(ranks)
    assert RULES[-1].code == "all_passed"
    assert {r.lowers_to for r in RULES} == set(SEVERITY)


def test_exhaustive_over_every_pair_of_statuses() -> None:
    """Every status of every two checks, under every identification, gets exactly one verdict."""
    for status, (a, b) in product(("identified", "assumed", "not_identified"), product(STATUSES, STATUSES)):
        found = replace(IDENTIFIED, status=status)  # type: ignore[arg-type]
        for first, second in product(NAMES, NAMES):
            decision = decide(found, ESTIMATE, [check(first, a), check(second, b)], None)
            assert decision.verdict.value in SEVERITY
            assert decision.verdict.reason
            assert decision.verdict.next


some_checks = st.lists(
    st.builds(check, st.sampled_from(NAMES), st.sampled_from(STATUSES), st.booleans()),
    min_size=1,
    max_size=14,
)


@settings(max_examples=300, deadline=None)
@given(checks=some_checks, which=st.integers(0, 13), status=st.sampled_from(("identified", "assumed")))
def test_monotone(checks: list[Check], which: int, status: str) -> None:
    """A check that fails instead of passing never raises the verdict."""
    found = replace(IDENTIFIED, status=status)  # type: ignore[arg-type]
    i = which % len(checks)
    passed = [*checks[:i], replace(checks[i], status="pass"), *checks[i + 1 :]]
    failed = [*checks[:i], replace(checks[i], status="fail"), *checks[i + 1 :]]
    before = decide(found, ESTIMATE, passed, None).verdict.value
    after = decide(found, ESTIMATE, failed, None).verdict.value
    assert rank(after) <= rank(before)


@settings(max_examples=200, deadline=None)
@given(
    checks=st.lists(
        st.builds(check, st.sampled_from(NAMES), st.sampled_from(STATUSES)), min_size=1, max_size=14
    ),
    name=st.sampled_from((*NAMES, "random_common_cause")),
    extra=st.sampled_from(STATUSES),
)
def test_checks_that_cannot_fail_change_nothing(checks: list[Check], name: str, extra: CheckStatus) -> None:
    """Under whatever name they stand: neither a plugin's aside lowers a verdict, nor does it fill a gap in the core."""
    idle = check(name, extra, counts=False)
    before, after = (decide(IDENTIFIED, ESTIMATE, c, None) for c in (checks, [*checks, idle]))
    assert (before.code, before.verdict) == (after.code, after.verdict)


@pytest.mark.parametrize(
    ("low", "high", "way"),
    [
        (0.1, 2.0, "increases"),
        (0.0, 2.0, "none_detected"),
        (-2.0, 0.0, "none_detected"),
        (-2.0, -0.1, "decreases"),
        (-1.0, 1.0, "none_detected"),
        (None, 1.0, "unclear"),
    ],
)
def test_an_interval_that_touches_zero_tells_no_direction(low: float | None, high: float, way: str) -> None:
    assert direction(replace(ESTIMATE, low=low, high=high)) == way


@pytest.mark.parametrize(("rows", "value"), [(MIN_ROWS - 1, "inconclusive"), (MIN_ROWS, "supported")])
def test_forty_rows_are_enough_for_a_verdict_and_one_fewer_is_not(rows: int, value: str) -> None:
    assert decide(IDENTIFIED, replace(ESTIMATE, n_used=rows), passing(), None).verdict.value == value


def test_an_assumption_against_the_graph_is_named_as_one() -> None:
    taken = replace(IDENTIFIED, status="assumed", design=(("assumed_against_graph", "t <-- u --> y"),))
    decision = decide(taken, ESTIMATE, passing(), None)
    assert (decision.code, decision.verdict.value) == ("assumed_against_graph", "fragile")
    assert "Give a graph" not in decision.verdict.next


def test_supported_does_not_claim_that_warnings_passed() -> None:
    reason = decide(IDENTIFIED, ESTIMATE, turned("agreement", "warn"), None).verdict.reason
    assert "passed" not in reason
    assert "warnings" in reason


@pytest.mark.parametrize("name", ["overlap", "placebo_treatment", "precision", "sensitivity"])
def test_a_core_check_that_cannot_lower_the_verdict_fills_no_gap(name: str) -> None:
    without = [c for c in passing() if c.name != name]
    for checks in (without, [*without, check(name, "pass", counts=False)]):
        assert decide(IDENTIFIED, ESTIMATE, checks, None).code == "core_check_missing"


def test_a_word_alone_is_told_as_a_word_alone() -> None:
    """``supported`` says so where no check could have shown a hidden cause, and only there."""
    silent = [check(n) for n in ("overlap", "placebo_treatment", "precision")]
    falsified = Check("negative_control_outcome:re75", "falsification", "pass", None, None, True)
    benchmark = Check("sensitivity", "sensitivity", "pass", None, None, True)
    nothing = replace(benchmark, status="info")
    decided = [
        decide(IDENTIFIED, ESTIMATE, [*silent, *more], None).verdict
        for more in ((nothing,), (benchmark,), (nothing, falsified))
    ]
    assert [v.value for v in decided] == ["supported"] * 3
    assert [UNTOLD in v.reason for v in decided] == [True, False, False]
    idle = replace(falsified, can_lower_verdict=False)
    assert UNTOLD in decide(IDENTIFIED, ESTIMATE, [*silent, nothing, idle], None).verdict.reason
    lot = replace(IDENTIFIED, strategy="RCT")
    assert UNTOLD not in decide(lot, ESTIMATE, [*silent, nothing], None).verdict.reason
