"""What can speak against difference-in-differences: earlier trends, a placebo date, few units, the other comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.effects.designs import conditional, did
from causalcopilot_tools.effects.designs.adoption import Arrays, arrays, degrees
from causalcopilot_tools.effects.designs.crossed import is_crossed
from causalcopilot_tools.effects.intervals import t_quantile, two_sided_p
from causalcopilot_tools.refutation.checks.crossed import crossed
from causalcopilot_tools.refutation.material import Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEADS = 5
"""Periods before adoption whose trends are tested together; more would need more units than most panels have."""
SHIFT = 2
"""Periods by which the placebo date comes earlier, where the panel allows."""


def adoption(m: Material) -> tuple[Check, ...]:
    """Every check of a difference-in-differences design, from one reading of the rows."""
    if is_crossed(m.identification):
        return crossed(m)
    a = arrays(m.context, m.identification)
    return (_units(a), _earlier_trends(a), _placebo_date(a), _other_comparison(a, m), _breakdown(a, m))


def _units(a: Arrays) -> Check:
    panel = a.panel
    adopters, never = panel.counts
    fewest = min(adopters, never if a.comparison == "never" else adopters)
    status: CheckStatus = "pass" if fewest >= thresholds.MIN_UNITS else "fail"
    detail = f"{panel.treated} units adopt, {panel.units - panel.treated} never do"
    if panel.clusters is not None:
        detail += f"; they belong to {adopters} and {never} values of {a.prepared.sampling.cluster}"
    return Check("few_units", "data", status, float(fewest), float(thresholds.MIN_UNITS), True, detail)


def _breakdown(a: Arrays, m: Material) -> Check:
    """How far from parallel the trends may be; a number to be read, which cannot fail."""
    name, level = "trend_breakdown", m.primary.level
    events = did.by_event(a.panel, a.comparison)
    found = did.breakdown(events, LEADS, t_quantile(level, degrees(a.panel)))
    if found is None:
        return Check(name, "sensitivity", "info", None, None, False, "no earlier change to compare with")
    if found == 0.0:
        why = "the interval of the average effect holds zero already with parallel trends"
        return Check(name, "sensitivity", "info", found, None, False, why)
    detail = (
        f"the average effect keeps its sign while trends part by up to {found:.2f} times the largest earlier change, "
        "every period anew"
    )
    return Check(name, "sensitivity", "info", found, None, False, detail)


def _trends_given(a: Arrays, X: NDArray[np.float64]) -> Check:
    """Earlier changes given the covariates, Bonferroni."""
    name = "earlier_trends"
    events = conditional.doubly_robust(a.panel, X, a.comparison).events
    tried = [
        two_sided_p(value / error, degrees(a.panel))
        for e, (value, error) in events.items()
        if -LEADS <= e < 0
    ]
    if not tried:
        why = "no two periods before adoption can be compared, so parallel trends stay untested"
        return Check(name, "falsification", "skipped", None, None, True, why)
    p_value = min(1.0, min(tried) * len(tried))
    status: CheckStatus = "fail" if p_value < thresholds.DESIGN_LEVEL else "pass"
    detail = f"{len(tried)} changes before adoption given the covariates, the largest counted"
    return Check(name, "falsification", status, p_value, thresholds.DESIGN_LEVEL, True, detail, p_value)


def _earlier_trends(a: Arrays) -> Check:
    if a.X is not None:
        return _trends_given(a, a.X)
    events = did.by_event(a.panel, a.comparison)
    leads = [v for e, v in events.items() if -LEADS <= e < 0]
    joint = did.jointly_zero(leads, degrees(a.panel) + 1)
    name = "earlier_trends"
    if joint is None:
        why = "no two periods before adoption can be compared, so parallel trends stay untested"
        return Check(name, "falsification", "skipped", None, None, True, why)
    status: CheckStatus = "fail" if joint.p_value < thresholds.DESIGN_LEVEL else "pass"
    detail = f"joint test of {joint.tested} changes before adoption (F = {joint.statistic:.2f})"
    return Check(
        name, "falsification", status, joint.p_value, thresholds.DESIGN_LEVEL, True, detail, joint.p_value
    )


def _placebo_date(a: Arrays) -> Check:
    """Adoption dated earlier, on the periods before adoption alone."""
    name = "placebo_date"
    if a.X is not None:
        why = "with covariates, the changes before adoption are tested one by one"
        return Check(name, "falsification", "skipped", None, None, True, why)
    for shift in range(SHIFT, 0, -1):
        before = did.earlier(a.panel, shift)
        if any(c.event >= 0 for c in did.cells(before, a.comparison)):
            found = did.overall(before, a.comparison)
            break
    else:
        return Check(name, "falsification", "skipped", None, None, True, "there are too few earlier periods")
    if found.std_error <= 0:
        return Check(name, "falsification", "skipped", None, None, True, "the earlier periods do not vary")
    p_value = two_sided_p(found.value / found.std_error, degrees(before))
    status: CheckStatus = "pass"
    if p_value < thresholds.NEGATIVE_CONTROL_WARN:
        status = "fail" if p_value < thresholds.NEGATIVE_CONTROL_FAIL else "warn"
    detail = f"adoption dated {shift} periods earlier seems to change the outcome by {found.value:.3g}"
    return Check(
        name, "falsification", status, p_value, thresholds.NEGATIVE_CONTROL_FAIL, True, detail, p_value
    )


def _other_comparison(a: Arrays, m: Material) -> Check:
    """Never-treated against not-yet-treated units as comparison."""
    name, low, high = "other_comparison", m.primary.low, m.primary.high
    if a.comparison != "never" or len(a.panel.groups) < 2:
        why = "there is one comparison group only"
        return Check(name, "agreement", "skipped", None, None, True, why)
    value = did.overall(a.panel, "not_yet").value
    agrees = low is not None and high is not None and low <= value <= high
    detail = f"compared with units that have not adopted yet, the effect is {value:.3g}"
    return Check(name, "agreement", "pass" if agrees else "fail", value, None, True, detail)
