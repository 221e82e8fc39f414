"""``refute``: closed forms against published values, every check on data where it must speak, and the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain import thresholds
from causalcopilot.domain.core_checks import CORE
from causalcopilot.domain.estimate import Check, Estimate
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge, QuestionDefaults
from causalcopilot.domain.verdict import decide
from causalcopilot.errors import NotIdentified
from causalcopilot.toolkit.result import EstimateResult
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.effects.refit import Prepared, Refit, fit_effect
from causalcopilot_tools.refutation.checks import (
    agreement,
    balance,
    line,
    negative_control,
    overlap,
    placebo,
    rows,
)
from causalcopilot_tools.refutation.checks import sensitivity as sens
from causalcopilot_tools.refutation.material import Material, material, trimmed
from causalcopilot_tools.refutation.refute import PLAN, Planned, attempt, refute
from tests.tools.framed import case
from tests.tools.refuting import (
    CONTROLS,
    EMPTY,
    NEGATIVE,
    built,
    draw,
    estimated,
    only,
    refuted,
    roles,
    sigmoid,
    spread_of,
)

PRINTED = 0.0005
"""Published figures are printed to three or four digits."""
EXACT = 1e-8
"""Two algebraically equal formulas, up to rounding."""

QUARTILE_NOISE = 0.06
"""Quartile range of 4000 normal draws over its expectation: three standard errors."""


@pytest.fixture(autouse=True)
def few_refits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most tests are not about the placebo: six refits do, and the seeds are fixed."""
    if "end_to_end" not in request.node.name:
        monkeypatch.setattr(placebo, "REFITS", 6)


# --- each check where it must speak ---------------------------------------------------------------------------


def test_overlap() -> None:
    assert only(overlap.overlap(built(draw(4)))).status == "pass"
    broken = draw(4).assign(x0=lambda f: f.x0 + 4.0 * f.t)
    assert only(overlap.overlap(built(broken))).status == "fail"


def test_overlap_reads_what_the_estimate_said() -> None:
    context, result = estimated(draw(4, rows=400))
    full = estimate(context, identification=identify(context, treatment="t", outcome="y"))
    assert isinstance(full, EstimateResult)
    check = only(overlap.overlap(material(context, full)))
    assert check.statistic == full.fact("overlap.outside").value
    table = next(t for t in full.tables if t.name == "balance")
    worst = max(abs(float(str(row[2]))) for row in table.rows)
    assert only(balance.balance(material(context, full))).statistic == pytest.approx(worst, abs=EXACT)
    assert result.estimates


def test_balance_fails_where_weights_cannot_help() -> None:
    assert only(balance.balance(built(draw(5)))).status == "pass"
    broken = draw(5).assign(x0=lambda f: f.x0 + 4.0 * f.t)
    assert only(balance.balance(built(broken))).status == "fail"


def test_placebo_passes_and_catches_a_broken_procedure(monkeypatch: pytest.MonkeyPatch) -> None:
    m = built(draw(6, rows=200))
    assert only(placebo.placebo_treatment(m)).status == "pass"
    fit = fit_effect

    def biased(p: Prepared, seed: int, fast: bool = True) -> Refit:
        out = fit(p, seed, fast)
        return replace(out, value=out.value + 5.0)

    monkeypatch.setattr(placebo, "fit_effect", biased)
    check = only(placebo.placebo_treatment(m))
    assert check.status == "fail"
    assert decide(m.identification, m.primary, [check], None).code == "placebo_failed"


def test_placebo_keeps_small_arms_whole() -> None:
    frame = draw(7, rows=3000, steep=0.1)
    frame["t"] = (np.arange(3000) % 100 == 0).astype(int)
    p = built(frame).prepared
    picked = placebo._sample(p, np.random.default_rng(0))
    assert len(picked) == placebo.ROWS
    assert p.T[picked].sum() == 30


def test_negative_control_outcome() -> None:
    clean = only(negative_control.negative_control_outcome(built(draw(8), roles(NEGATIVE))))
    assert (clean.name, clean.status) == ("negative_control_outcome:before", "pass")
    m = built(draw(8, hidden=1.5), roles(NEGATIVE))
    found = only(negative_control.negative_control_outcome(m))
    assert found.status == "fail"
    assert found.p_value is not None
    assert found.p_value < thresholds.NEGATIVE_CONTROL_FAIL
    assert "before" not in m.identification.controls.used
    assert only(negative_control.negative_control_outcome(built(draw(8)))).status == "skipped"


def test_agreement() -> None:
    context, result = estimated(draw(9, rows=200))
    main = result.estimates[0]

    def status(*rivals: Estimate) -> str:
        return only(agreement.agreement(material(context, replace(result, estimates=(main, *rivals))))).status

    assert status(replace(main, method="aipw_stack")) == "pass"
    assert status() == "skipped"
    thin = replace(main, method="aipw_stack", supported=False)
    told = only(agreement.agreement(material(context, replace(result, estimates=(main, thin)))))
    assert told.detail == "no other estimate is supported by overlap"
    outside = spread_of((main.high or 0) + 0.1, 0.5)
    assert status(replace(outside, method="regression")) == "warn"
    assert status(replace(outside, method="aipw_boosting")) == "fail"
    assert status(replace(spread_of(-9.0, 0.5), method="regression")) == "fail"
    assert (
        status(replace(spread_of(-9.0, 0.5), method="difference_in_means", quantity="association"))
        == "skipped"
    )
    main = spread_of(0.5, 0.4)
    clear, unclear = spread_of(0.5, 0.1), spread_of(0.5, 0.4)
    assert status(replace(clear, method="aipw_stack"), replace(unclear, method="aipw_boosting")) == "fail"


def shares(count: int, **how: float) -> float:
    """Share of draws in which the sensitivity check passes."""
    status = [only(sens.sensitivity(built(draw(100 + s, **how)))).status for s in range(count)]  # type: ignore[arg-type]
    return status.count("pass") / count


def test_sensitivity_tells_a_real_effect_from_a_hidden_cause_as_strong_as_the_strongest_control() -> None:
    """Issue acceptance in small: at least 70 % and at most 10 % (30 draws: two standard errors are 17 and 11 %)."""
    assert shares(30, effect=1.5) >= 0.7
    assert shares(30, effect=0.0, hidden=0.6) <= 0.1


def test_a_benchmark_that_cannot_fail_is_not_passed() -> None:
    """A hidden cause and a control that is noise: the effect found is wrong, and noise cannot tell."""
    rng = np.random.default_rng(32)
    u, noise = rng.normal(size=1500), pd.DataFrame(rng.normal(size=(1500, 4)), columns=list(CONTROLS))
    frame = noise.assign(t=(rng.random(1500) < sigmoid(u)).astype(int), y=1.5 * u + rng.normal(size=1500))
    found = only(sens.sensitivity(built(frame)))
    assert found.status == "info"
    assert "chance" in found.detail


def test_heavy_tails_do_not_make_a_zero_precise() -> None:
    rng = np.random.default_rng(33)
    frame = draw(33, effect=0.0)
    wild = frame.assign(y=frame.y + rng.standard_t(1.2, size=len(frame)))
    m = built(wild)
    assert m.narrow < m.spread / 2
    assert only(rows.precision(m)).status == "fail"
    normal = built(draw(33, rows=4000, effect=0.0))
    assert normal.narrow == pytest.approx(normal.spread, rel=QUARTILE_NOISE)


def test_sensitivity_of_a_zero() -> None:
    wide = draw(10, rows=600, effect=0.0)
    assert only(sens.sensitivity(built(wide))).status == "fail"
    rng = np.random.default_rng(11)
    rows_ = 4000
    flat = pd.DataFrame(rng.normal(size=(rows_, 4)), columns=list(CONTROLS))
    flat = flat.assign(t=(rng.random(rows_) < 0.5).astype(int), y=rng.normal(size=rows_))
    assert only(sens.sensitivity(built(flat))).status == "pass"


def test_precision() -> None:
    context, result = estimated(draw(12, rows=200))
    m = material(context, result)
    sd = m.spread
    for value, error, status in (
        (0.0, 0.05, "pass"),
        (0.0, 0.2, "fail"),
        (0.12, 0.08, "fail"),
        (2.0, 0.5, "pass"),
    ):
        changed = replace(m, primary=spread_of(value * sd, error * sd))
        assert only(rows.precision(changed)).status == status


@pytest.mark.parametrize(
    ("times", "status"), [(0.9, "fail"), (1.1, "fail"), (1.2, "fail"), (1.3, "pass"), (1.9, "pass")]
)
def test_the_nearer_end_must_withstand_a_quarter_more_than_the_strongest_control(
    times: float, status: str
) -> None:
    """The strength of a control is itself estimated: an interval that withstands just that much may not."""
    m = built(draw(9))
    strength = times * sens.benchmarks(m)[0].strength
    end = (
        strength / (1 - strength) ** 0.5 * m.line.spread_y / m.line.spread_t
    )  # solves robustness(end * scale)
    near = replace(m.primary, value=1.01 * end, low=end, high=1.02 * end)
    check = only(sens.sensitivity(replace(m, primary=near)))
    assert check.statistic == pytest.approx(strength)
    assert check.status == status


def test_a_zero_is_not_made_precise_by_outliers() -> None:
    """A few huge outcomes make the standard deviation large, and every interval small beside it."""
    frame = draw(12, rows=400)
    frame.loc[:7, "y"] += 200.0
    m = built(frame)
    assert m.spread > 10 * m.narrow
    wide = spread_of(0.0, 0.5 * m.narrow)
    assert wide.high is not None
    assert wide.high < thresholds.NULL_MARGIN * m.spread
    assert only(rows.precision(replace(m, primary=wide))).status == "fail"


@pytest.mark.parametrize(
    ("outside", "worth", "status"),
    [
        (0.05, 0.20, "pass"),
        (0.06, 0.50, "warn"),
        (0.30, 0.50, "warn"),
        (0.31, 0.50, "fail"),
        (0.00, 0.19, "warn"),
        (0.00, 0.09, "fail"),
    ],
)
def test_overlap_is_judged_by_the_worse_of_its_two_figures(outside: float, worth: float, status: str) -> None:
    context, result = estimated(draw(4))
    told = (Fact("overlap.outside", outside), Fact("overlap.ess_share", worth))
    assert only(overlap.overlap(material(context, replace(result, facts=told)))).status == status


def test_duplicates_are_told_and_count_only_where_nearly_all_rows_repeat() -> None:
    base = draw(13, rows=200)
    assert only(rows.duplicates(built(base))).status == "pass"
    few = pd.concat([base, base.head(10)], ignore_index=True)
    assert only(rows.duplicates(built(few))).status == "warn"
    twice = pd.concat([base, base], ignore_index=True)
    assert only(rows.duplicates(built(twice))).status == "fail"
    coarse = base.drop(columns="before").round(0).clip(-1, 1)
    assert case(coarse).profile.duplicate_rows > 50
    assert only(rows.duplicates(built(coarse))).status == "warn"


def test_copies_are_found_behind_a_row_number() -> None:
    base = draw(13, rows=200)
    twice = pd.concat([base, base], ignore_index=True)
    numbered = twice.assign(row=np.arange(len(twice)))
    assert not case(numbered).profile.duplicate_rows
    assert only(rows.duplicates(built(numbered))).status == "fail"
    assert only(rows.duplicates(built(base.assign(row=np.arange(len(base)))))).status == "pass"


def test_filled_controls() -> None:
    frame = draw(14, rows=200)
    for share, status in ((0.0, "pass"), (0.1, "warn"), (0.4, "fail")):
        gaps = frame.assign(x0=frame.x0.where(np.arange(200) >= share * 200))
        assert only(rows.filled_controls(built(gaps))).status == status


def test_straight_line_fails_where_the_step_is_off_the_line() -> None:
    frame, known = continuous(draw(25, rows=600))
    assert only(line.straight_line(built(frame, known))).status == "pass"
    bent = frame.assign(y=frame.y + 2 * (frame.t - frame.t.mean()) ** 2)
    high = {"control_value": frame.t.mean() + 1, "treated_value": frame.t.mean() + 2}
    assert only(line.straight_line(built(bent, known, **high))).status == "fail"
    gap, t = line.bend(np.empty((600, 0)), frame.t.to_numpy(float), bent.y.to_numpy(), 1.0, 1.0)
    assert gap == pytest.approx(0.0, abs=EXACT)
    assert t > thresholds.BEND_T


def test_dropped_rows_and_small_groups() -> None:
    frame = draw(14, rows=200)
    for share, status in ((0.0, "pass"), (0.1, "warn"), (0.4, "fail")):
        gaps = frame.assign(y=frame.y.where(np.arange(200) >= share * 200))
        assert only(rows.dropped_rows(built(gaps))).status == status
    rare = frame.assign(y=(np.arange(200) % 40 == 0).astype(int))
    assert only(rows.sample_size(built(rare))).status == "fail"


def test_forced_control_extrapolation_and_convergence() -> None:
    late = roles(ColumnKnowledge("before", role="post_treatment"))
    context, result = estimated(draw(15, rows=200), late, controls=(*CONTROLS, "before"))
    out = refuted(context, result)
    assert out.verdict is not None
    assert out.verdict.value == "fragile"
    assert out.fact("reason").value == "forced_bad_control"
    trouble = replace(result, findings=("Logistic regression did not converge.",))
    status = {c.name: c.status for c in refuted(context, trouble).checks}
    assert status["convergence"] == "warn"


# --- the whole -----------------------------------------------------------------------------------------------


def test_supported_end_to_end_with_every_fact_once() -> None:
    context = case(draw(16, rows=500, effect=1.5), roles(NEGATIVE), seed=3)
    full = estimate(context, identification=identify(context, treatment="t", outcome="y"))
    assert isinstance(full, EstimateResult)
    out = refuted(context, full)
    assert out.verdict is not None
    assert (out.verdict.value, out.verdict.direction) == ("supported", "increases")
    assert out.fact("reason").value == "all_passed"
    keys = [f.key for f in out.facts]
    assert len(keys) == len(set(keys))
    wanted = "robustness_value robustness_value_alpha benchmark benchmark.strength e_value e_value_limit"
    for key in (*wanted.split(), "overlap.outside", "balance.worst", "placebo.value", "passed", "failed"):
        assert out.fact(key).value is not None
    assert out.facts == refuted(context, full).facts


def test_listed_checks_that_cannot_fail_never_count() -> None:
    context, result = estimated(draw(17, rows=200))
    out = refuted(context, result)
    idle = {c.name: c for c in out.checks if not c.can_lower_verdict}
    assert set(idle) == {"specification", "random_common_cause", "data_subset", "simpson_reversal"}
    assert idle["random_common_cause"].status == idle["data_subset"].status == "info"
    counted = [c for c in out.checks if c.can_lower_verdict and c.status == "pass"]
    assert out.fact("passed").value == len(counted)


def test_overlap_broken_is_not_supported() -> None:
    broken = draw(18, rows=400, steep=8.0)
    context, result = estimated(broken)
    out = refuted(context, result)
    assert out.verdict is not None
    assert out.verdict.value == "fragile"
    assert out.fact("reason").value == "overlap_failed"


def test_negative_control_refutes() -> None:
    context, result = estimated(draw(19, rows=400, hidden=1.5), roles(NEGATIVE))
    out = refuted(context, result)
    assert out.verdict is not None
    assert (out.verdict.value, out.verdict.direction) == ("refuted", "unclear")
    assert out.fact("negative_control.1").value == "before"


def test_a_check_that_breaks_is_an_error_and_not_a_pass() -> None:
    m = built(draw(20, rows=200))

    def breaks(_: Material) -> tuple[Check, ...]:
        raise ZeroDivisionError("of its own")

    check = only(attempt(Planned("anything", "diagnostic", breaks), m))
    assert check.status == "error"
    assert "of its own" in check.detail
    others = [replace(check, name=n, status="pass") for n in ("overlap", "sensitivity", *CORE)]
    assert decide(m.identification, m.primary, [*others, check], None).code == "check_error"


def test_time_that_runs_out_skips_and_never_supports() -> None:
    m = replace(built(draw(21, rows=200, effect=2.0)), ends=0.0)
    checks = [c for planned in PLAN for c in attempt(planned, m)]
    assert {c.status for c in checks} == {"skipped"}
    assert decide(m.identification, m.primary, checks, None).verdict.value == "inconclusive"
    late = only(placebo.placebo_treatment(m))
    assert late.status == "skipped"


def randomised(frame: pd.DataFrame) -> tuple[pd.DataFrame, Knowledge]:
    rng = np.random.default_rng(22)
    t = (rng.random(len(frame)) < 0.5).astype(int)
    y = frame.y - frame.t + 1.5 * t
    design = QuestionDefaults(treatment="t", outcome="y", design="rct")
    return frame.assign(t=t, y=y), roles(question=design)


def continuous(frame: pd.DataFrame) -> tuple[pd.DataFrame, Knowledge]:
    rng = np.random.default_rng(23)
    t = frame.x0 * 0.5 + rng.normal(size=len(frame))
    return frame.assign(t=t, y=frame.y - frame.t + t), roles()


def many_levels(frame: pd.DataFrame) -> tuple[pd.DataFrame, Knowledge]:
    third = np.arange(len(frame)) % 3 == 0
    return frame.assign(t=np.where(third, "other", np.where(frame.t == 1, "drug", "none"))), roles()


def two_outcomes(frame: pd.DataFrame) -> tuple[pd.DataFrame, Knowledge]:
    return frame.assign(y=(frame.y > frame.y.median()).astype(int)), roles()


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        (randomised, {}),
        (continuous, {}),
        (many_levels, {}),
        (two_outcomes, {}),
        (two_outcomes, {"quantity": "ATT"}),
    ],
)
def test_every_kind_of_effect_is_tried(
    change: Callable[[pd.DataFrame], tuple[pd.DataFrame, Knowledge]],
    asked: dict[str, object],
) -> None:
    frame, known = change(draw(24, rows=300, effect=1.5))
    context, result = estimated(frame, known, **asked)
    out = refuted(context, result)
    assert not [c for c in out.checks if c.status == "error"]
    skipped = {c.name: c.detail for c in out.checks if c.status == "skipped"}
    assert all(skipped.values())
    assert ("overlap" in skipped) == (change is continuous)
    assert ("support" in skipped) == (change is not continuous)
    assert ("sensitivity" in skipped) == (change is randomised)
    if change is randomised:
        assert out.verdict is not None
        assert out.verdict.value == "supported"


def test_a_verdict_that_holds_back_tells_every_reason_and_what_to_do() -> None:
    known = Knowledge(columns=(), origin="file")
    data = draw(24, rows=300, effect=1.5)
    out = refuted(*estimated(pd.concat([data, data]), known))
    assert out.verdict is not None
    told = [str(f.value) for f in out.facts if f.key.startswith("why.")]
    assert told[0] == out.verdict.reason
    assert any("Nobody vouches" in words for words in told)
    assert any("more than once" in words for words in told)
    assert out.fact("next").value == out.verdict.next


def test_continuous_support_and_range() -> None:
    frame, known = continuous(draw(25, rows=300))
    status = {c.name: c.status for c in refuted(*estimated(frame, known)).checks}
    assert status["support"] == "pass"
    far = built(frame, known, control_value=0, treated_value=50)
    assert next(c for p in PLAN if p.name == "extrapolation" for c in p.run(far)).status == "fail"
    tied = frame.assign(t=frame.x0 + 0.05 * frame.t)
    assert only(overlap.support(built(tied, known))).status == "fail"


def test_trimming_follows_the_declared_rule() -> None:
    frame = draw(26, rows=400, steep=3.0)
    m = built(frame, quantity="ATT")
    assert m.prepared.n <= 400
    assert (m.prepared.T == 1).sum() == frame.t.sum()
    assert trimmed(replace(m.prepared, quantity="ATE"), 0) is not None


def test_an_estimate_without_identification_is_refused() -> None:
    with pytest.raises(NotIdentified):
        refute(case(draw(27, rows=60)), estimate=EstimateResult("", estimates=(EMPTY,)))
