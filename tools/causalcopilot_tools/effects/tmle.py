"""Targeted maximum likelihood: the outcome means are tilted until the efficient score is solved.

van der Laan & Rubin (2006); bounded continuous outcomes as in Gruber & van der Laan (2010).  The nuisances are
the cross-fitted ones of ``aipw``, so the two differ only in the last step; TMLE cannot leave the outcome's range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain.question import Quantity
from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects.aipw import Effect, clipped, standard_error, swap
from causalcopilot_tools.effects.learners import sigmoid
from causalcopilot_tools.effects.nuisance import ArmNuisances

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EDGE = 5e-3
"""Scaled means are kept this far from 0 and 1, where the logistic tilt has no room."""
STEPS, TOLERANCE = 50, 1e-9


def tmle(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    fit: ArmNuisances,
    quantity: Quantity,
    clip: float | None = None,
    weights: NDArray[np.float64] | None = None,
) -> Effect:
    """The effect of arm 1 against arm 0 by targeted maximum likelihood.

    Args:
        Y: (n,) outcome.
        T: (n,) 1 treated, 0 control, -1 another arm.
        fit: out-of-fold nuisances.
        quantity: ATE averages over all rows, ATT over rows of arm 1, ATC over rows of arm 0.
        clip: bound on the probabilities; ``clip_bound`` of the rows by default.
        weights: (n,) sampling weights; ``None`` counts rows equally.

    Raises:
        NotApplicable: an outcome with a single value.
    """
    import numpy as np

    if quantity == "ATC":
        mirror = ArmNuisances(fit.mean1, fit.mean0, fit.share1, fit.share0)
        e = tmle(Y, swap(T), mirror, "ATT", clip, weights)
        return Effect(-e.value, e.std_error, -e.influence)
    low, span = float(Y.min()), float(np.ptp(Y))
    if span == 0:
        raise NotApplicable("the outcome has a single value", "choose an outcome that varies")
    w = np.ones(len(Y)) if weights is None else weights / weights.mean()
    e1, e0 = clipped(fit.share1, clip), clipped(fit.share0, clip)
    d1, d0 = (T == 1).astype(float), (T == 0).astype(float)
    everyone = quantity == "ATE"
    # The tilt of each arm goes along its clever covariate: the weight by which that arm stands for the target.
    clever1 = 1.0 / e1 if everyone else np.ones(len(Y))
    clever0 = 1.0 / e0 if everyone else e1 / e0
    y = (Y - low) / span
    m1 = low + span * _tilted(y, (fit.mean1 - low) / span, clever1, w * d1)
    m0 = low + span * _tilted(y, (fit.mean0 - low) / span, clever0, w * d0)
    target = np.ones(len(Y)) if everyone else d1
    size = float((w * target).mean())
    value = float((w * target * (m1 - m0)).mean()) / size
    score = target * (m1 - m0 - value) + d1 * clever1 * (Y - m1) - d0 * clever0 * (Y - m0)
    influence = w * score / size
    return Effect(value, standard_error(influence), influence)


def _tilted(
    y: NDArray[np.float64],
    mean: NDArray[np.float64],
    clever: NDArray[np.float64],
    rows: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Means (n,) on the unit scale after one logistic step along ``clever``, fitted on the weighted ``rows``."""
    import numpy as np

    start = np.clip(mean, EDGE, 1 - EDGE)
    offset = np.log(start / (1 - start))
    size = float(np.sqrt((rows * clever**2).sum() / max(rows.sum(), 1e-12))) or 1.0
    h, step = clever / size, 0.0
    for _ in range(STEPS):
        now = sigmoid(offset + step * h)
        slope = float((rows * h * h * now * (1 - now)).sum())
        if slope <= 1e-12:
            break
        move = float(np.clip((rows * h * (y - now)).sum() / slope, -1.0, 1.0))
        step += move
        if abs(move) < TOLERANCE:
            break
    return sigmoid(offset + step * h)
