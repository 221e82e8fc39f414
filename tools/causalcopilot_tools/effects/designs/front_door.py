"""The front door on arrays: an effect through measured mediators, although treatment and outcome are confounded.

The one-step estimator of Fulcher, Shpitser, Marealle & Tchetgen Tchetgen (2020) for two treatment values, with the
ratio of mediator densities turned into a ratio of treatment probabilities by Bayes' rule; the product of slopes for
a treatment that is a number (Pearl 1995).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot_tools.effects.aipw import CLIP, Effect, clipped
from causalcopilot_tools.effects.nuisance import ArmNuisances

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def front_door(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    fit: ArmNuisances,
    weights: NDArray[np.float64] | None = None,
) -> Effect:
    """Average effect of T = 1 against T = 0 through the mediators.

    Args:
        Y: (n,) outcome.
        T: (n,) 1 treated, 0 control.
        fit: out-of-fold nuisances with the mediators as covariates: outcome means given the mediators and each
            treatment value, and the probability of treatment given the mediators.
        weights: (n,) what each row counts, or ``None``.
    """
    import numpy as np

    w = np.ones(len(Y)) if weights is None else weights / weights.mean()
    first, second = _mean(Y, T, fit, 1, w), _mean(Y, T, fit, 0, w)
    value = first[0] - second[0]
    influence = first[1] - second[1]
    n = len(Y)
    return Effect(value, float(np.sqrt((influence**2).sum() / (n - 1) / n)), influence)


def _mean(
    Y: NDArray[np.float64], T: NDArray[np.float64], fit: ArmNuisances, level: int, w: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Mean outcome with everybody's treatment set to ``level``, and its influence values (n,)."""
    import numpy as np

    p1 = float(np.average(T == 1, weights=w))
    share = {1: p1, 0: 1.0 - p1}
    e1 = clipped(fit.share1, CLIP)
    given = {1: e1, 0: 1.0 - e1}
    own, own_share = np.where(T == 1, given[1], given[0]), np.where(T == 1, share[1], share[0])
    ratio = (given[level] / share[level]) / (own / own_share)  # P(M | level) / P(M | T)
    fitted = np.where(T == 1, fit.mean1, fit.mean0)
    at_level = T == level
    averaged = share[1] * fit.mean1 + share[0] * fit.mean0  # over treatments, mediators as they are
    there = w * at_level
    through = float(np.average(averaged, weights=there))
    set_to = {t: float(np.average(m, weights=there)) for t, m in ((1, fit.mean1), (0, fit.mean0))}
    score = (
        ratio * (Y - fitted)
        + at_level / share[level] * (averaged - through)
        + np.where(T == 1, set_to[1], set_to[0])
    )
    value = float((w * score).mean())
    return value, w * (score - value)


def product_of_slopes(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    M: NDArray[np.float64],
    step: float = 1.0,
    weights: NDArray[np.float64] | None = None,
) -> Effect:
    """Σ (slope of each mediator in T) × (slope of Y in it, T held), times ``step``; sandwich errors by the delta rule.

    Args:
        Y, T: (n,) outcome and treatment.
        M: (n, k) mediators.
        step: what the contrast is worth on T's scale.
        weights: (n,) what each row counts, or ``None``.
    """
    import numpy as np

    n = len(Y)
    w = np.ones((n, 1)) if weights is None else weights[:, None]
    one = np.column_stack([np.ones(n), T])
    two = np.column_stack([np.ones(n), T, M])
    first, *_ = np.linalg.lstsq(one * w**0.5, M * w**0.5, rcond=None)
    second, *_ = np.linalg.lstsq(two * w**0.5, Y * w[:, 0] ** 0.5, rcond=None)
    a, b = first[1], second[2:]
    left = (w * one @ np.linalg.pinv((w * one).T @ one / n))[:, 1]
    moved = left[:, None] * (M - one @ first)
    right = w * two @ np.linalg.pinv((w * two).T @ two / n)
    answered = right[:, 2:] * (Y - two @ second)[:, None]
    influence = (moved @ b + answered @ a) * step
    return Effect(float(a @ b) * step, float(np.sqrt((influence**2).sum() / (n - 1) / n)), influence)
