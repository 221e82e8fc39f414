"""Is the outcome missing more often in one arm than in the other?  Then those who answer no longer compare."""

from __future__ import annotations

from causalcopilot.domain import verdict as rules
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.effects.coding import code_treatment

from ..material import Material

NAME = "missing_by_arm"


def missing_by_arm(m: Material) -> tuple[Check, ...]:
    """Difference between the arms in the share of rows without an outcome, and whether chance could make it.

    A draw by lot grants that the arms compare, not that those who stay do (Lee 2009).
    """
    import numpy as np
    from scipy.special import ndtr

    found, y = m.identification, m.prepared.outcome
    frame = m.context.dataset.frame([m.treatment, y])
    T = code_treatment(frame[m.treatment], found.treatment_type, found.contrast)[0]
    lost = frame[y].isna().to_numpy()
    one, zero = lost[T == 1], lost[T == 0]
    share, gap = float(lost.mean()), float(one.mean() - zero.mean())
    if not share:
        return (_said("pass", 0.0, None, f"no row lacks {y}"),)
    pooled = float(np.concatenate([one, zero]).mean())
    error = (pooled * (1 - pooled) * (1 / len(one) + 1 / len(zero))) ** 0.5
    chance = float(2 * ndtr(-abs(gap) / error)) if error > 0 else 1.0
    status: CheckStatus = "pass"
    if chance < rules.ARM_LOSS_LEVEL:
        status = "fail" if abs(gap) > rules.ARM_LOSS_FAIL else "warn"
    told = f"{y} is missing in {one.mean():.1%} of the rows with {m.treatment} = {found.contrast.treated}"
    told += f" and in {zero.mean():.1%} of those with {found.contrast.control}"
    return (_said(status, abs(gap), chance, told),)


def _said(status: CheckStatus, gap: float, chance: float | None, detail: str) -> Check:
    return Check(NAME, "data", status, gap, rules.ARM_LOSS_FAIL, True, detail, chance)
