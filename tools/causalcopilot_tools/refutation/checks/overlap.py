"""Could each row have been in the other arm?  For a number: does the treatment move once the controls are held?"""

from __future__ import annotations

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.effects.overlap import assess
from causalcopilot_tools.refutation.material import Material


def overlap(m: Material) -> tuple[Check, ...]:
    """Share of target rows outside the region of overlap, and effective sample size of the worse arm."""
    outside, worth = _reported(m) or _fitted(m)
    status: CheckStatus = "pass"
    if outside > thresholds.OUTSIDE_WARN or worth < thresholds.ESS_WARN:
        status = "warn"
    if outside > thresholds.OUTSIDE_FAIL or worth < thresholds.ESS_FAIL:
        status = "fail"
    detail = (
        f"{outside:.1%} of the rows have hardly a counterpart in the other arm; "
        f"after weighting, the worse arm is worth {worth:.0%} of its rows"
    )
    return (Check("overlap", "diagnostic", status, outside, thresholds.OUTSIDE_FAIL, True, detail),)


def _reported(m: Material) -> tuple[float, float] | None:
    """What the estimate said of its own propensities, so that a report shows one number and not two."""
    said = {f.key: f.value for f in m.result.facts if f.key in ("overlap.outside", "overlap.ess_share")}
    outside, worth = said.get("overlap.outside"), said.get("overlap.ess_share")
    if isinstance(outside, (int, float)) and isinstance(worth, (int, float)):
        return float(outside), float(worth)
    return None


def _fitted(m: Material) -> tuple[float, float]:
    seen = assess(m.prepared.T, m.arms, m.prepared.quantity, m.prepared.randomised)
    return seen.outside, seen.ess_share


def support(m: Material) -> tuple[Check, ...]:
    """Share of the treatment's variance that the controls leave."""
    left = 1.0 - m.line.explained_t
    status: CheckStatus = (
        "fail" if left < thresholds.RESIDUAL_FAIL else "warn" if left < thresholds.RESIDUAL_WARN else "pass"
    )
    detail = f"the controls leave {left:.1%} of the variance of {m.treatment}"
    return (Check("support", "diagnostic", status, left, thresholds.RESIDUAL_FAIL, True, detail),)
