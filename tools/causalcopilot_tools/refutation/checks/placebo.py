"""A shuffled treatment cannot have an effect; does the same procedure find one?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.effects.refit import Prepared, fit_effect
from causalcopilot_tools.refutation.material import Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REFITS = 20
ROWS = 1000
"""Refits use at most this many rows, so that their cost does not grow with the table."""


def placebo_treatment(m: Material) -> tuple[Check, ...]:
    """Refit with permuted treatments; zero must lie within the band that the refits span."""
    import numpy as np

    rng = np.random.default_rng([m.context.seed, 20])
    small = m.prepared.take(_sample(m.prepared, rng))
    values = []
    for k in range(REFITS):
        if m.late:
            return (_skipped(f"the time was up after {k} of {REFITS} refits"),)
        values.append(fit_effect(replace(small, T=rng.permutation(small.T)), k).value)
    half = thresholds.PLACEBO_LEVEL / 2
    low, high = np.quantile(values, [half, 1 - half])
    inside = low <= 0.0 <= high
    detail = (
        f"{REFITS} refits with shuffled treatment on {small.n} rows spread from {low:.3g} to {high:.3g}"
        f"{'' if inside else ', which leaves out zero'}"
    )
    status: CheckStatus = "pass" if inside else "fail"
    mean = float(np.mean(values))
    return (Check("placebo_treatment", "falsification", status, mean, 0.0, True, detail),)


def _skipped(why: str) -> Check:
    return Check("placebo_treatment", "falsification", "skipped", None, 0.0, True, why)


def _sample(p: Prepared, rng: np.random.Generator) -> NDArray[np.int64]:
    """At most ``ROWS`` rows, the arms as even as they can be."""
    import numpy as np

    if p.n <= ROWS:
        return np.arange(p.n)
    if p.kind == "continuous":
        return np.sort(rng.choice(p.n, ROWS, replace=False))
    one, rest = np.flatnonzero(p.T == 1), np.flatnonzero(p.T == 0)
    treated = min(len(one), max(ROWS // 2, ROWS - len(rest)))
    control = min(len(rest), ROWS - treated)
    picked = (rng.choice(one, treated, replace=False), rng.choice(rest, control, replace=False))
    return np.sort(np.concatenate(picked))
