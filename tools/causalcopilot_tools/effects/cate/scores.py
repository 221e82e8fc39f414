"""Doubly robust scores of single rows: what every question about differing effects is answered from.

A score is the row's contribution to the augmented inverse-probability-weighted mean (Robins, Rotnitzky & Zhao 1994);
its mean among rows with the same covariates is their effect (Kennedy 2023).  Effects on the treated or on the
controls have the same form with a mass that is zero for rows the quantity does not speak of, so that an average
over any group of rows is always the sum of its gains over the sum of its masses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.question import Quantity
from causalcopilot_tools.effects.aipw import Effect, clipped, normalised, standard_error
from causalcopilot_tools.effects.nuisance import ArmNuisances
from causalcopilot_tools.effects.sampling import clustered_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Scores:
    """Scores of n rows.

    Attributes:
        gain: (n,) score of each row, times its weight, in the unit of the outcome.
        mass: (n,) what each row counts in the population of the quantity.
        clusters: (n,) rows that belong together, or ``None``.
    """

    gain: NDArray[np.float64]
    mass: NDArray[np.float64]
    clusters: NDArray[np.int64] | None = None

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Scores:
        """The same for some rows."""
        own = None if self.clusters is None else self.clusters[rows]
        return Scores(self.gain[rows], self.mass[rows], own)


def doubly_robust(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    fit: ArmNuisances,
    quantity: Quantity,
    weights: NDArray[np.float64] | None = None,
    clusters: NDArray[np.int64] | None = None,
    clip: float | None = None,
) -> Scores:
    """Scores of arm 1 against arm 0.

    Args:
        Y: (n,) outcome.
        T: (n,) 1 treated, 0 control.
        fit: out-of-fold nuisances.
        quantity: ATE speaks of all rows, ATT of rows of arm 1, ATC of rows of arm 0.
        weights: (n,) sampling weights, or ``None``.
        clusters: (n,) rows that belong together, or ``None``.
        clip: bound on the probabilities; ``clip_bound`` of the rows by default.
    """
    import numpy as np

    w = np.ones(len(Y)) if weights is None else weights / weights.mean()
    e1, e0 = clipped(fit.share1, clip), clipped(fit.share0, clip)
    d1, d0 = (T == 1).astype(float), (T == 0).astype(float)
    if quantity == "ATE":
        w1, w0 = normalised(d1 / e1, w), normalised(d0 / e0, w)
        gain = fit.mean1 - fit.mean0 + w1 * (Y - fit.mean1) - w0 * (Y - fit.mean0)
        mass = np.ones(len(Y))
    elif quantity == "ATT":
        size = float((w * d1).mean())
        gain, mass = (d1 - size * normalised(d0 * e1 / e0, w)) * (Y - fit.mean0), d1
    else:
        size = float((w * d0).mean())
        gain, mass = (size * normalised(d1 * e0 / e1, w) - d0) * (Y - fit.mean1), d0
    return Scores(w * gain, w * mass, clusters)


def average(scores: Scores, rows: NDArray[np.bool_] | None = None) -> Effect:
    """The effect in a group of rows, its influence values over all n rows; NaN where the group has no mass."""
    import numpy as np

    inside = np.ones(len(scores.gain)) if rows is None else rows.astype(float)
    mass = float((inside * scores.mass).mean())
    if mass <= 0:
        return Effect(float("nan"), float("nan"), np.full(len(inside), np.nan))
    value = float((inside * scores.gain).mean()) / mass
    influence = inside * (scores.gain - scores.mass * value) / mass
    return Effect(value, error(influence, scores, inside), influence)


def error(influence: NDArray[np.float64], scores: Scores, inside: NDArray[np.float64] | None = None) -> float:
    """Standard error of the mean of influence values, by cluster where there are any.

    ``inside`` counts the rows of a small group, whose own number makes the small-sample factor.
    """
    import numpy as np

    if scores.clusters is not None:
        return clustered_error(influence, scores.clusters)
    own = len(influence) if inside is None else int(np.count_nonzero(inside))
    n = len(influence)
    return standard_error(influence) * float(np.sqrt(own / max(own - 1, 1) * (n - 1) / n))
