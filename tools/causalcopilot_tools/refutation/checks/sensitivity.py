"""How strong must a hidden common cause be, and is any measured control that strong?"""

from __future__ import annotations

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus, Sensitivity
from causalcopilot_tools.refutation.material import Material
from causalcopilot_tools.refutation.strength import (
    Benchmark,
    benchmark,
    e_value,
    e_value_limit,
    ratio_of_difference,
    ratio_of_shares,
    robustness,
)

IMPOSSIBLE = 0.999
"""A benchmark's strength above which its bound is unbounded (its partial R² with the treatment is a half or more)."""


def benchmarks(m: Material) -> tuple[Benchmark, ...]:
    """Every control as a benchmark, strongest first."""
    line = m.line
    made = [benchmark(*one) for one in zip(line.names, line.treatment, line.outcome, strict=True)]
    return tuple(sorted(made, key=lambda b: -b.factor))


def measure(m: Material) -> Sensitivity:
    """Robustness values, E-values and the strongest benchmark of the primary estimate.

    The robustness value is the closed form of Cinelli and Hazlett with the reported estimate in place of the
    regression coefficient, and the reported interval's nearer end in place of coefficient minus critical
    value times standard error; for a linear model the two are the same.
    """
    value, low, high = _interval(m)
    known = benchmarks(m)
    top = known[0] if known else None
    scale = m.line.spread_t / m.line.spread_y if m.line.spread_y > 0 else 0.0
    nearer = 0.0 if low <= 0.0 <= high else min(abs(low), abs(high))
    ratio, ratio_low, ratio_high = _ratios(m, value, low, high)
    return Sensitivity(
        robustness(abs(value) * scale),
        robustness(nearer * scale),
        e_value(ratio),
        e_value_limit(ratio_low, ratio_high),
        top.name if top else None,
        top.treatment if top else None,
        top.outcome if top else None,
    )


def sensitivity(m: Material) -> tuple[Check, ...]:
    """Would a hidden cause as strong as the strongest control overturn the answer?

    An interval clear of zero is overturned when a cause of that strength, with a margin for the benchmark's
    own sampling error, moves its nearer end to zero (unless the point itself withstands one of twice the
    strength); an interval that holds zero, when such a cause could hide an effect beyond the margin that
    makes a zero precise.
    """
    _value, low, high = _interval(m)
    known = benchmarks(m)
    if not known:
        why = "there is no measured control to compare a hidden cause with"
        return (Check("sensitivity", "sensitivity", "info", None, None, True, why),)
    top, figures = known[0], measure(m)
    if low <= 0.0 <= high:
        return (_of_a_zero(m, top, low, high),)
    point, nearer = figures.robustness_value or 0.0, figures.robustness_value_alpha or 0.0
    needed = thresholds.BENCHMARK_MARGIN * top.strength
    detail = (
        f"the answer stands against hidden causes up to a strength of {point:.1%} (interval {nearer:.1%}); "
        f"one like {top.name} has {top.strength:.1%}, and the interval must stand against "
        f"{thresholds.BENCHMARK_MARGIN:g} times that ({needed:.1%}), as {top.name}'s own strength is only estimated"
    )
    status: CheckStatus = (
        "pass" if nearer >= needed or point >= thresholds.POINT_MULTIPLE * top.strength else "fail"
    )
    if status == "pass" and _chance(m, top):
        status = "info"
        detail += (
            f"; {top.name}, the strongest, is tied to treatment and outcome no more than chance ties it, "
            "so nothing measured tells how strong a hidden cause may be"
        )
    return (Check("sensitivity", "sensitivity", status, nearer, needed, True, detail),)


def _chance(m: Material, top: Benchmark) -> bool:
    """Whether a control without any tie to treatment or outcome would look like this one: passing says nothing."""
    return min(top.treatment, top.outcome) < thresholds.BENCHMARK_CHANCE / m.line.dof


def _of_a_zero(m: Material, top: Benchmark, low: float, high: float) -> Check:
    scale = m.line.spread_y / m.line.spread_t if m.line.spread_t > 0 else 0.0
    hidden = (max(abs(low), abs(high)) + top.factor * scale) / m.narrow
    margin = thresholds.NULL_MARGIN
    size = f"{hidden:.2f} standard deviations of the outcome"
    detail = f"a hidden cause like {top.name} could hide an effect of up to {size}"
    if top.strength > IMPOSSIBLE:  # the bound has no end: such a cause would determine the treatment
        detail = f"a hidden cause like {top.name} could hide an effect of any size"
    status: CheckStatus = "pass" if hidden <= margin else "fail"
    return Check("sensitivity", "sensitivity", status, hidden, margin, True, detail)


def _interval(m: Material) -> tuple[float, float, float]:
    e = m.primary
    if e.value is None or e.low is None or e.high is None:
        raise ValueError("the estimate has no interval, so there is nothing to measure strength against")
    return e.value, e.low, e.high


def _ratios(m: Material, *differences: float) -> tuple[float, ...]:
    """Differences as risk ratios: exact for shares, approximate for other outcomes."""
    if not m.prepared.binary_outcome:
        return tuple(ratio_of_difference(d, m.spread) for d in differences)
    base = _base_share(m)
    return tuple(ratio_of_shares(base, d) for d in differences)


def _base_share(m: Material) -> float:
    """Adjusted share with the event under the control value, in the population of the estimate."""
    p = m.prepared
    if m.continuous:
        return float(p.Y.mean()) / 100.0
    rows = {"ATE": p.T == p.T, "ATT": p.T == 1, "ATC": p.T == 0}[p.quantity]
    return float(m.arms.mean0[rows].mean()) / 100.0
