"""Augmented inverse-probability weighting: the efficient influence function of ATE, ATT and ATC.

Robins, Rotnitzky & Zhao (1994); cross-fitting as in Chernozhukov et al. (2018).  With more than two arms the
same formulas hold with the generalised propensity score of each arm (Imbens 2000).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.question import Quantity
from causalcopilot_tools.effects.nuisance import ArmNuisances

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CLIP = 0.01
"""Probabilities are kept within this and one minus this."""


@dataclass(frozen=True)
class Effect:
    """One effect in the unit of the outcome.

    Attributes:
        value, std_error: point and its standard error.
        influence: (n,) influence values, mean zero; ``std_error`` is their sd over √n.
    """

    value: float
    std_error: float
    influence: NDArray[np.float64]


def aipw(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    fit: ArmNuisances,
    quantity: Quantity,
    clip: float = CLIP,
    weights: NDArray[np.float64] | None = None,
) -> Effect:
    """The effect of arm 1 against arm 0.

    Args:
        Y: (n,) outcome.
        T: (n,) 1 treated, 0 control, -1 another arm.
        fit: out-of-fold nuisances.
        quantity: ATE averages over all rows, ATT over rows of arm 1, ATC over rows of arm 0.
        clip: bound on the probabilities.
        weights: (n,) sampling weights; ``None`` counts rows equally.
    """
    import numpy as np

    if quantity == "ATC":
        mirror = ArmNuisances(fit.mean1, fit.mean0, fit.share1, fit.share0)
        e = aipw(Y, swap(T), mirror, "ATT", clip, weights)
        return Effect(-e.value, e.std_error, -e.influence)
    w = np.ones(len(Y)) if weights is None else weights / weights.mean()
    e1, e0 = clipped(fit.share1, clip), clipped(fit.share0, clip)
    d1, d0 = (T == 1).astype(float), (T == 0).astype(float)
    if quantity == "ATE":
        score = fit.mean1 - fit.mean0 + d1 * (Y - fit.mean1) / e1 - d0 * (Y - fit.mean0) / e0
        value = float((w * score).mean())
        return _effect(value, w * (score - value))
    target = float((w * d1).mean())
    score = (d1 - d0 * e1 / e0) * (Y - fit.mean0) / target
    value = float((w * score).mean())
    return _effect(value, w * (score - d1 / target * value))


def arm_means(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    fit: ArmNuisances,
    quantity: Quantity,
    clip: float = CLIP,
    weights: NDArray[np.float64] | None = None,
) -> tuple[Effect, Effect]:
    """Adjusted means of arm 1 and arm 0 in the population of the quantity; arguments as in ``aipw``.

    Their difference is the ``aipw`` effect.
    """
    import numpy as np

    if quantity == "ATC":
        mirror = ArmNuisances(fit.mean1, fit.mean0, fit.share1, fit.share0)
        zero, one = arm_means(Y, swap(T), mirror, "ATT", clip, weights)
        return one, zero
    w = np.ones(len(Y)) if weights is None else weights / weights.mean()
    e1, e0 = clipped(fit.share1, clip), clipped(fit.share0, clip)
    d1, d0 = (T == 1).astype(float), (T == 0).astype(float)
    target = np.ones(len(Y)) if quantity == "ATE" else d1
    if quantity == "ATE":
        scores = (fit.mean1 + d1 * (Y - fit.mean1) / e1, fit.mean0 + d0 * (Y - fit.mean0) / e0)
    else:
        scores = (d1 * Y, d1 * fit.mean0 + d0 * e1 / e0 * (Y - fit.mean0))
    size = float((w * target).mean())
    out = []
    for score in scores:
        value = float((w * score).mean()) / size
        out.append(_effect(value, w * (score - target * value) / size))
    return out[0], out[1]


def _effect(value: float, influence: NDArray[np.float64]) -> Effect:
    return Effect(value, standard_error(influence), influence)


def standard_error(influence: NDArray[np.float64]) -> float:
    """Standard error of a mean of (n,) independent influence values."""
    import numpy as np

    n = len(influence)
    return float(np.sqrt((influence**2).sum() / (n - 1) / n))


def swap(T: NDArray[np.float64]) -> NDArray[np.float64]:
    """Exchange the two arms; other arms stay."""
    import numpy as np

    return np.where(T < 0, T, 1.0 - T)


def clipped(p: NDArray[np.float64], clip: float = CLIP) -> NDArray[np.float64]:
    """Probabilities kept within ``clip`` and ``1 - clip``."""
    import numpy as np

    return np.clip(p, clip, 1 - clip)


def balancing_weights(
    T: NDArray[np.float64], fit: ArmNuisances, quantity: Quantity, clip: float = CLIP
) -> NDArray[np.float64]:
    """Inverse-probability weights of the quantity, (n,), adding to one within each arm; 0 elsewhere."""
    import numpy as np

    e1, e0 = clipped(fit.share1, clip), clipped(fit.share0, clip)
    target = {"ATE": np.ones(len(T)), "ATT": e1, "ATC": e0}[quantity]
    w = np.where(T == 1, target / e1, np.where(T == 0, target / e0, 0.0))
    for arm in (0.0, 1.0):
        w[arm == T] /= w[arm == T].sum()
    return w
