"""What can speak against unit effects: the next period's treatment, differences that disagree, few changing units."""

from __future__ import annotations

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot.errors import DataError
from causalcopilot_tools.effects.designs import panel
from causalcopilot_tools.effects.designs.unit_effects import Arrays, arrays
from causalcopilot_tools.effects.intervals import two_sided_p
from causalcopilot_tools.refutation.checks import line
from causalcopilot_tools.refutation.material import Material
from causalcopilot_tools.refutation.ols import fit_line
from causalcopilot_tools.refutation.strength import benchmark, robustness

WITHIN = "line_within_units"


def unit_effects(m: Material) -> tuple[Check, ...]:
    """Every check of a panel with unit effects, from one reading of the rows."""
    a = arrays(m.context, m.identification)
    return (
        _units(a),
        _next_period(a),
        _differences(a),
        _carry_over(a),
        _between(a),
        _sensitivity(a, m),
        *_line(a, m),
    )


def _units(a: Arrays) -> Check:
    status: CheckStatus = "pass" if a.counted >= thresholds.MIN_CHANGING else "fail"
    detail = f"{a.prepared.treatment} changes in {a.changing} of {a.long.units} units"
    if a.long.clusters is not None:
        detail += f"; they belong to {a.counted} {a.counted_by}"
    return Check("few_units", "data", status, float(a.counted), float(thresholds.MIN_CHANGING), True, detail)


def _p_value(s: panel.Slopes, k: int, degrees: int) -> float:
    error = s.error(k)
    return two_sided_p(float(s.values[k]) / error, max(degrees, 1)) if error > 0 else 1.0


def _next_period(a: Arrays) -> Check:
    """The treatment of the next period cannot change the outcome of this one."""
    name, found = "next_period", panel.with_shifted(a.long, 1)
    if found is None:
        why = "too few units are seen in enough periods to look at the next period's treatment"
        return Check(name, "falsification", "skipped", None, None, True, why)
    p_value = _p_value(found, 1, a.counted - 1)
    status: CheckStatus = "pass"
    if p_value < thresholds.NEGATIVE_CONTROL_WARN:
        status = "fail" if p_value < thresholds.NEGATIVE_CONTROL_FAIL else "warn"
    detail = f"the next period's treatment seems to change this period's outcome by {float(found.values[1]):.3g} a unit"
    return Check(
        name, "falsification", status, p_value, thresholds.NEGATIVE_CONTROL_FAIL, True, detail, p_value
    )


def _differences(a: Arrays) -> Check:
    """Within and first-difference slopes agree where the model holds; their difference has a clustered error."""
    name = "first_differences"
    one = panel.fixed_effects(a.long)
    try:
        other = panel.first_differences(a.long)
    except DataError as error:
        return Check(name, "agreement", "skipped", None, None, True, error.message)
    gap = panel.Slopes(one.values - other.values, one.influence - other.influence)
    if gap.error() <= 1e-9 * max(abs(float(one.values[0])), 1e-300):
        why = "with two periods both are the same number"
        return Check(name, "agreement", "info", None, None, True, why)
    p_value = _p_value(gap, 0, a.counted - 1)
    status: CheckStatus = "pass"
    if p_value < thresholds.NEGATIVE_CONTROL_WARN:
        status = "fail" if p_value < thresholds.NEGATIVE_CONTROL_FAIL else "warn"
    detail = f"changes from one period to the next say {float(other.values[0]) * a.prepared.step:.3g}"
    return Check(name, "agreement", status, p_value, thresholds.NEGATIVE_CONTROL_FAIL, True, detail, p_value)


def _carry_over(a: Arrays) -> Check:
    """The treatment of the period before: what it leaves behind is not in a number for one period."""
    name, found = "carry_over", panel.with_shifted(a.long, -1)
    if found is None:
        why = "too few periods to look at the period before"
        return Check(name, "diagnostic", "skipped", None, None, True, why)
    p_value = _p_value(found, 1, a.counted - 1)
    status: CheckStatus = "warn" if p_value < thresholds.DESIGN_LEVEL else "pass"
    detail = f"the treatment of the period before adds {float(found.values[1]):.3g} a unit"
    return Check(name, "diagnostic", status, p_value, thresholds.DESIGN_LEVEL, True, detail, p_value)


def _line(a: Arrays, m: Material) -> tuple[Check, ...]:
    """Let the line bend within units, as ``line.straight_line`` does between rows; a switch has no bend."""
    found, low, high = panel.bent(a.long), m.primary.low, m.primary.high
    if found is None or low is None or high is None or not high > low:
        return ()
    curve, mean, spread = found
    start, end = (
        (float(str(v)) - mean) / spread for v in (a.prepared.contrast.control, a.prepared.contrast.treated)
    )
    straight = float(panel.fixed_effects(a.long).values[0]) * spread * (end - start)
    gap = float(curve.values[0]) * (end - start) + float(curve.values[1]) * (end**2 - start**2) - straight
    t, moved = float(curve.values[1]) / curve.error(1), abs(gap) / ((high - low) / 2)
    return (line.judged(WITHIN, t, moved, gap, a.prepared.treatment),)


def _between(a: Arrays) -> Check:
    """Mundlak's test; it tells why unit effects are needed and cannot speak against them."""
    name, found = "unit_means", panel.between(a.long)
    if found is None:
        return Check(
            name, "diagnostic", "info", None, None, False, "unit means cannot be told from changes here"
        )
    p_value = _p_value(found, 0, len(set(a.long.groups.tolist())) - 1)
    needed = p_value < thresholds.DESIGN_LEVEL
    differ = "also differ otherwise" if needed else "do not differ otherwise"
    detail = f"units with more {a.prepared.treatment} {differ}"
    return Check(name, "diagnostic", "info", p_value, None, False, f"{detail} (Mundlak)", p_value)


def _sensitivity(a: Arrays, m: Material) -> Check:
    """Would a hidden cause that changes over time, as strong as the strongest control, reach the interval's end?"""
    import numpy as np

    name, p = "panel_sensitivity", a.prepared
    if not p.sources:
        why = "no measured control changes over time, so there is nothing to compare a hidden cause with"
        return Check(name, "sensitivity", "skipped", None, None, True, why)
    moved = panel.within(a.long, np.column_stack([p.Y, p.T, p.X]))
    fitted = fit_line(moved[:, 2:], moved[:, 1], moved[:, 0], p.sources)
    if not fitted.names or m.primary.low is None or m.primary.high is None:
        return Check(name, "sensitivity", "skipped", None, None, True, "no control changes within units")
    nearer = max(m.primary.low, -m.primary.high, 0.0) / abs(p.step)
    scale = fitted.spread_t / fitted.spread_y if fitted.spread_y > 0 else 0.0
    made = [benchmark(*one) for one in zip(fitted.names, fitted.treatment, fitted.outcome, strict=True)]
    top = max(made, key=lambda b: b.factor)
    withstood, needed = robustness(nearer * scale), thresholds.BENCHMARK_MARGIN * top.strength
    point = robustness(abs(fitted.value) * scale)
    enough = withstood >= needed or (nearer > 0 and point >= thresholds.POINT_MULTIPLE * top.strength)
    held = m.primary.low <= 0.0 <= m.primary.high
    detail = (
        f"the interval stands against hidden causes that change over time up to a strength of {withstood:.1%}; "
        f"one like {top.name} has {top.strength:.1%}"
    )
    status: CheckStatus = "info" if held else "pass" if enough else "fail"
    return Check(name, "sensitivity", status, withstood, needed, True, detail)
