"""What can speak against a synthetic control: a poor fit before, placebos, an earlier date, one donor."""

from __future__ import annotations

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.effects.designs import sc
from causalcopilot_tools.effects.designs.synthetic import Arrays, arrays, rank_of, with_donor_left_out
from causalcopilot_tools.refutation.material import Material

HELD_OUT = 3
"""The placebo date comes earlier by this share of the periods before the treatment: one third."""


def synthetic(m: Material) -> tuple[Check, ...]:
    """Every check of a synthetic control, from one reading of the rows."""
    a = arrays(m.context, m.identification)
    main, tried = sc.synthetic(a.panel), sc.placebos(a.panel)
    return (
        _fit_before(a.panel, main),
        _placebo_units(m, main, tried),
        _placebo_time(a.panel),
        _one_donor(a, m, main),
        _other_weights(a, m),
    )


def _fit_before(s: sc.Single, main: sc.Fitted) -> Check:
    """The gap before the treatment against how far units lie apart then."""
    import numpy as np

    apart = float(np.sqrt(np.vstack([s.treated, s.donors])[:, : s.start].var(axis=0, ddof=1).mean()))
    share = main.before / apart if apart > 0 else float("inf")
    status: CheckStatus = "pass"
    if share > thresholds.FIT_WARN:
        status = "fail" if share > thresholds.FIT_FAIL else "warn"
    detail = f"before the treatment the synthetic unit misses by {main.before:.3g}, {share:.0%} of the units' spread"
    return Check("fit_before", "diagnostic", status, share, thresholds.FIT_FAIL, True, detail)


def _placebo_units(m: Material, main: sc.Fitted, tried: tuple[sc.Fitted, ...]) -> Check:
    """In space: how many donors would show as large a gap.  A precise zero has nothing to be ranked."""
    name, p_value = "placebo_units", rank_of(main, tried)
    rank = round(p_value * (len(tried) + 1))
    detail = f"by gap after over gap before, the treated unit ranks {rank} of {len(tried) + 1}"
    low, high = m.primary.low, m.primary.high
    if low is not None and high is not None and low <= 0.0 <= high:
        return Check(name, "falsification", "info", p_value, thresholds.RANK_FAIL, True, detail, p_value)
    status: CheckStatus = "pass"
    if p_value > thresholds.DESIGN_LEVEL:
        status = "fail" if p_value > thresholds.RANK_FAIL else "warn"
    if 1 / (len(tried) + 1) > thresholds.RANK_FAIL:
        detail += "; with so few donors no rank can be small"
    return Check(name, "falsification", status, p_value, thresholds.RANK_FAIL, True, detail, p_value)


def _placebo_time(s: sc.Single) -> Check:
    """In time: the treatment dated earlier, seen against the same in every donor."""
    name, start = "placebo_time", s.start - max(s.start // HELD_OUT, 1)
    if start < sc.MIN_BEFORE:
        return Check(name, "falsification", "skipped", None, None, True, "there are too few earlier periods")
    before = s.dated(start)
    found, others = sc.synthetic(before), sc.placebos(before)
    p_value = sc.rank_p(abs(found.effect), [abs(o.effect) for o in others])
    detail = f"dated {s.start - start} periods earlier, the treatment seems to change the outcome by {found.effect:.3g}"
    if 1 / (len(others) + 1) > thresholds.DESIGN_LEVEL:
        why = f"{detail}; with {len(others)} donors no rank can be small enough to tell"
        return Check(name, "falsification", "skipped", p_value, thresholds.DESIGN_LEVEL, True, why, p_value)
    status: CheckStatus = "fail" if p_value <= thresholds.DESIGN_LEVEL else "pass"
    return Check(name, "falsification", status, p_value, thresholds.DESIGN_LEVEL, True, detail, p_value)


def _one_donor(a: Arrays, m: Material, main: sc.Fitted) -> Check:
    """Without each donor that carries weight: the effect must stay inside the interval."""
    name, found = "one_donor", with_donor_left_out(a.panel, main)
    low, high = m.primary.low, m.primary.high
    assert low is not None
    assert high is not None
    ends = min(found.values()), max(found.values())
    far = max(found, key=lambda j: abs(found[j] - main.effect))
    moved = abs(found[far] - main.effect) / ((high - low) / 2) if high > low else 0.0
    status: CheckStatus = "pass" if low <= ends[0] and ends[1] <= high else "fail"
    if status == "pass" and (low > 0 or high < 0) and ends[0] <= 0 <= ends[1]:
        status = "fail"
    detail = (
        f"without one donor at a time the effect runs from {ends[0]:.3g} to {ends[1]:.3g}; "
        f"{a.donors[far]} matters most"
    )
    return Check(name, "stability", status, moved, 1.0, True, detail)


def _other_weights(a: Arrays, m: Material) -> Check:
    """Synthetic difference-in-differences must lie inside the interval."""
    name, value = "other_weights", sc.synthetic_did(a.panel).effect
    low, high = m.primary.low, m.primary.high
    agrees = low is not None and high is not None and low <= value <= high
    detail = f"synthetic difference-in-differences says {value:.3g}"
    return Check(name, "agreement", "pass" if agrees else "fail", value, None, True, detail)
