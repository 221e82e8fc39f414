"""How far could a hidden cause move the doubly robust estimate?  Bounds that do not rest on a line.

Chernozhukov, Cinelli, Newey, Sharma & Syrgkanis (2022): the bias of omitting a cause is at most
``S · sqrt(r_y · r_t / (1 - r_t))``.  ``S²`` is the residual variance of the outcome times the mean square of the
estimate's weights (its Riesz representer); ``r_y`` and ``r_t`` are the shares of either that the cause would explain.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot.domain.question import Quantity
from causalcopilot_tools.effects.aipw import clipped, swap
from causalcopilot_tools.effects.nuisance import ArmNuisances
from causalcopilot_tools.refutation.checks import sensitivity
from causalcopilot_tools.refutation.material import Material
from causalcopilot_tools.refutation.strength import robustness

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "omitted_variable_bound"


def omitted_variable_bound(m: Material) -> tuple[Check, ...]:
    """Bounds of the effect under a hidden cause as strong as the strongest control, and what would cancel it.

    It warns where the bounds hold zero; the check ``sensitivity``, which also counts sampling error, decides.
    """
    known = sensitivity.benchmarks(m)
    value = m.primary.value
    if value is None or not known:
        why = "there is no measured control to compare a hidden cause with"
        return (Check(NAME, "sensitivity", "info", None, None, True, why),)
    p, top = m.prepared, known[0]
    scale = bias_scale(p.Y, p.T, m.arms, p.quantity)
    if top.strength > sensitivity.IMPOSSIBLE:
        why = f"a hidden cause like {top.name} would determine the treatment: it has no bound"
        return (Check(NAME, "sensitivity", "warn", None, 0.0, True, why),)
    bias = scale * top.factor
    low, high = value - bias, value + bias
    status: CheckStatus = "warn" if low <= 0.0 <= high else "pass"
    cancels = robustness(abs(value) / scale) if scale > 0 else 1.0
    detail = (
        f"a hidden cause like {top.name} leaves the effect between {low:,.3g} and {high:,.3g}, whatever its shape "
        f"(sampling error apart); one that explains {cancels:.1%} of both sides would cancel it"
    )
    nearer = math.copysign(min(abs(low), abs(high)), value) if status == "pass" else 0.0
    return (Check(NAME, "sensitivity", status, nearer, 0.0, True, detail),)


def bias_scale(
    Y: NDArray[np.float64], T: NDArray[np.float64], fit: ArmNuisances, quantity: Quantity
) -> float:
    """``S``: what a hidden cause that explains all of one side and half of the other would move, in units of Y.

    Args:
        Y: (n,) outcome.
        T: (n,) 1 treated, 0 control, -1 another arm.
        fit: out-of-fold nuisances.
        quantity: ATE, ATT or ATC.
    """
    import numpy as np

    if quantity == "ATC":
        mirror = ArmNuisances(fit.mean1, fit.mean0, fit.share1, fit.share0)
        return bias_scale(Y, swap(T), mirror, "ATT")
    e1, e0 = clipped(fit.share1), clipped(fit.share0)
    d1, d0 = (T == 1).astype(float), (T == 0).astype(float)
    rows = (d1 + d0) > 0
    residual = np.where(T == 1, Y - fit.mean1, Y - fit.mean0)[rows]
    if quantity == "ATE":
        weight, moment = d1 / e1 - d0 / e0, 1.0 / e1 + 1.0 / e0
    else:
        share = float(d1.mean())
        weight = (d1 - d0 * e1 / e0) / share
        moment = d1 * (1.0 + e1 / e0) / share**2
    # Twice the mean of the moment less the mean square is the debiased second moment of the representer.
    second = float(2 * moment.mean() - (weight**2).mean())
    second = second if second > 0 else float((weight**2).mean())
    return float(np.sqrt((residual**2).mean() * second))
