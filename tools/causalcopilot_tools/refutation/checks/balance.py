"""Do the arms look alike in every control once they are weighted?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.effects.aipw import balancing_weights
from causalcopilot_tools.effects.balance import standardised_differences
from causalcopilot_tools.effects.overlap import effective_size
from causalcopilot_tools.refutation.material import Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Weights = NDArray[np.float64]


def balance(m: Material) -> tuple[Check, ...]:
    """Largest weighted standardised mean difference over the encoded controls.

    Both thresholds are raised to what chance alone produces in so many rows and controls (a Bonferroni
    bound at 1 %), since a difference that small says nothing about the weights.
    """
    p = m.prepared
    if not p.X.shape[1]:
        return (
            Check(
                "balance", "diagnostic", "skipped", None, thresholds.SMD_WARN, True, "there are no controls"
            ),
        )
    weights = balancing_weights(p.T, m.arms, p.quantity)
    gaps = _reported(m) or dict(
        zip(p.names, standardised_differences(p.X, p.T, weights).tolist(), strict=True)
    )
    worst = max(gaps, key=lambda name: abs(gaps[name]))
    noise = _noise(weights[p.T == 1], weights[p.T == 0], len(gaps))
    statistic = abs(gaps[worst])
    warn, fail = max(thresholds.SMD_WARN, noise), max(thresholds.SMD_FAIL, noise)
    status: CheckStatus = "fail" if statistic > fail else "warn" if statistic > warn else "pass"
    limit = (
        f"so many rows, as weighted, differ by up to {noise:.2f} by chance alone, which is the limit here"
        if noise > thresholds.SMD_WARN
        else f"{thresholds.SMD_WARN:.2g} standard deviations is the usual limit"
    )
    detail = f"after weighting the arms differ most in {worst}; {limit}"
    return (Check("balance", "diagnostic", status, statistic, warn, True, detail),)


def _reported(m: Material) -> dict[str, float]:
    """The weighted differences of the estimate's own balance table, so that a report shows one set of numbers."""
    for table in m.result.tables:
        if table.name == "balance":
            return {str(row[0]): float(str(row[2])) for row in table.rows if row[2] is not None}
    return {}


def _noise(treated: Weights, control: Weights, count: int) -> float:
    """Difference that balanced arms of this effective size exceed in one case of a hundred, over all controls."""
    from scipy.special import ndtri

    sizes = effective_size(treated), effective_size(control)
    return float(-ndtri(0.005 / count) * (1.0 / sizes[0] + 1.0 / sizes[1]) ** 0.5)
