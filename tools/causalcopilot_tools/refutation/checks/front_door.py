"""Checks of a front-door effect: can rows with these mediators have had either treatment, and do lines agree?"""

from __future__ import annotations

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus, Estimate
from causalcopilot_tools.effects.nuisance import cross_fit_shares
from causalcopilot_tools.effects.refit import Prepared, bases_of
from causalcopilot_tools.refutation.material import Material

MOVED = 3.0
"""F statistic per mediator below which the treatment hardly moves the mediators."""


def front_door(m: Material) -> tuple[Check, ...]:
    """Overlap of the treatment given the mediators, whether the treatment moves them, and agreement with lines."""
    p = m.prepared
    kept = () if m.continuous else (_overlap(p, m.context.seed),)
    return (*kept, _moved(p), _agreement(m))


def _overlap(p: Prepared, seed: int) -> Check:
    import numpy as np

    share = cross_fit_shares(bases_of(p), p.T, seed)
    outside = float(np.mean((share < thresholds.OUTSIDE) | (share > 1 - thresholds.OUTSIDE)))
    status: CheckStatus = "pass"
    if outside > thresholds.OUTSIDE_WARN:
        status = "fail" if outside > thresholds.OUTSIDE_FAIL else "warn"
    told = f"{outside:.1%} of the rows have mediators that hardly occur under the other treatment"
    return Check("mediator_overlap", "diagnostic", status, outside, thresholds.OUTSIDE_FAIL, True, told)


def _moved(p: Prepared) -> Check:
    """F test of the treatment's slope in all mediators at once; without it there is no way to go through."""
    import numpy as np

    W = np.column_stack([np.ones(p.n), p.X])
    full = p.T - W @ np.linalg.lstsq(W, p.T, rcond=None)[0]
    bare = p.T - p.T.mean()
    k = p.X.shape[1]
    rest = float(full @ full) / max(p.n - k - 1, 1)
    f = (float(bare @ bare) - float(full @ full)) / k / rest if rest > 0 else float("inf")
    status: CheckStatus = "pass" if f > MOVED else "warn"
    told = f"treatment and mediators are related with F = {f:.3g}"
    return Check("mediators_moved", "diagnostic", status, f, MOVED, True, told)


def _agreement(m: Material) -> Check:
    rival = next(
        (e for e in m.result.estimates if e.method == "front_door_lines" and e is not m.primary), None
    )
    if rival is None:
        return Check(
            "front_door_agreement", "agreement", "skipped", None, None, True, "there is no second estimate"
        )
    inside = _inside(rival, m.primary)
    told = "the product of slopes lies " + ("within the interval" if inside else "outside the interval")
    return Check(
        "front_door_agreement", "agreement", "pass" if inside else "warn", rival.value, None, True, told
    )


def _inside(e: Estimate, primary: Estimate) -> bool:
    if e.value is None or primary.low is None or primary.high is None:
        return False
    return primary.low <= e.value <= primary.high
