"""Overlap: whether each row could have been in the other arm.

Thresholds: share outside .05 to .95 (warn above 5 %), effective sample size (Kish) of the weighted arm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.question import Quantity
from causalcopilot_tools.effects.aipw import balancing_weights, clip_bound
from causalcopilot_tools.effects.nuisance import ArmNuisances

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

INSIDE = 0.05
MAX_OUTSIDE = 0.05
MIN_ESS_SHARE = 0.20
HOPELESS = 0.99
"""With this share of the target outside, there is nothing to compare."""
BINS = 20
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


@dataclass(frozen=True)
class Overlap:
    """How well the arms overlap where the quantity needs it.

    Attributes:
        outside: share of the target rows whose probability of an arm they must be compared with is below .05:
            all rows for ATE (probability outside .05 to .95), treated rows for ATT, control rows for ATC.
        ess_treated, ess_control: effective sample sizes under the quantity's weights.
        ess_share: the smaller of them, each against the smaller of its arm and the target.
        clipped: share of rows whose probability was clipped.
        quantiles: (level, treated, control) quantiles of the propensity.
        supported: at most 5 % outside and at least 20 % effective sample size.
    """

    outside: float
    ess_treated: float
    ess_control: float
    ess_share: float
    clipped: float
    quantiles: tuple[tuple[float, float, float], ...]
    supported: bool


def assess(
    T: NDArray[np.float64], fit: ArmNuisances, quantity: Quantity, randomised: bool = False
) -> Overlap:
    """Overlap of arm 1 (T = 1) and arm 0 (T = 0) for a quantity, from out-of-fold probabilities.

    Where chance drew the arms, a small arm is small for everybody: the limit is then half its share of the
    rows, if that is below .05.
    """
    import numpy as np

    limit1, limit0 = (min(INSIDE, float((T == arm).mean()) / 2) if randomised else INSIDE for arm in (1, 0))
    need1, need0 = fit.share1 < limit1, fit.share0 < limit0
    target = {"ATE": T == T, "ATT": T == 1, "ATC": T == 0}[quantity]
    short = {"ATE": need1 | need0, "ATT": need0, "ATC": need1}[quantity]
    outside = float(short[target].mean())
    w = balancing_weights(T, fit, quantity)
    size = int(np.count_nonzero(target))
    rows = {arm: int(np.count_nonzero(arm == T)) for arm in (0, 1)}
    ess = {arm: effective_size(w[arm == T]) for arm in (0, 1)}
    share = min(ess[arm] / min(rows[arm], size) for arm in (0, 1))
    clipped = float((np.minimum(fit.share1, fit.share0) < clip_bound(len(T))).mean())
    e = propensity(fit)
    quantiles = tuple(
        (q, float(np.quantile(e[T == 1], q)), float(np.quantile(e[T == 0], q))) for q in QUANTILES
    )
    good = outside <= MAX_OUTSIDE and share >= MIN_ESS_SHARE
    return Overlap(outside, ess[1], ess[0], float(share), clipped, quantiles, bool(good))


def effective_size(weights: NDArray[np.float64]) -> float:
    """Kish's effective sample size."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def propensity(fit: ArmNuisances) -> NDArray[np.float64]:
    """P(arm 1 | X, arm 0 or 1), (n,): the propensity score when there are two arms."""
    import numpy as np

    out: NDArray[np.float64] = fit.share1 / np.maximum(fit.share1 + fit.share0, 1e-12)
    return out


def histogram(
    T: NDArray[np.float64], fit: ArmNuisances, bins: int = BINS
) -> tuple[tuple[float, float, int, int], ...]:
    """Rows of each arm by propensity: (low, high, treated, control) for equal bins of 0 to 1."""
    import numpy as np

    e, edges = np.clip(propensity(fit), 0, 1), np.linspace(0, 1, bins + 1)
    treated, control = (np.histogram(e[arm == T], edges)[0] for arm in (1, 0))
    return tuple(
        (float(edges[i]), float(edges[i + 1]), int(treated[i]), int(control[i])) for i in range(bins)
    )
