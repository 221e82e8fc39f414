"""The effect on the scale its outcome suggests, beside the difference: ratios for shares, counts and amounts.

Adjusted means of both arms by AIPW give the ratio; its interval is the delta method on the logarithm.  A skewed
amount also gets the difference with its extreme values pulled in, which tells whether few rows make the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Fact
from causalcopilot.domain.knowledge import ColumnType
from causalcopilot_tools.effects.aipw import Effect, aipw, arm_means, standard_error
from causalcopilot_tools.effects.nuisance import ArmNuisances
from causalcopilot_tools.effects.refit import Prepared
from causalcopilot_tools.effects.sampling import clustered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SKEWED = 2.0
"""Skewness beyond which a mean rests on few rows: that of an exponential distribution."""
TAIL = 0.01
"""Share at either end that is pulled in to the quantile there."""
FEW_VALUES = 3
"""Whole numbers with fewer values than this are levels, not counts."""


@dataclass(frozen=True)
class Scaled:
    """Facts and sentences on further scales."""

    facts: tuple[Fact, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ratio:
    """Mean of arm 1 over mean of arm 0, with its interval."""

    value: float
    low: float
    high: float


def ratio(p: Prepared, fit: ArmNuisances, level: float) -> Ratio | None:
    """Ratio of the adjusted means in the population of the quantity; ``None`` where a mean is not positive."""
    import numpy as np

    one, zero = arm_means(p.Y, p.T, fit, p.quantity, weights=p.sampling.weights)
    if one.value <= 0 or zero.value <= 0:
        return None
    influence = one.influence / one.value - zero.influence / zero.value
    log = float(np.log(one.value / zero.value))
    error = clustered(Effect(log, standard_error(influence), influence), p.sampling).std_error
    half = p.sampling.quantile(level) * error
    return Ratio(float(np.exp(log)), float(np.exp(log - half)), float(np.exp(log + half)))


def beside(p: Prepared, fit: ArmNuisances, kind: ColumnType | None, level: float) -> Scaled:
    """What the outcome's kind suggests beside the difference of means; the difference stays the answer."""
    name = ratio_name(p, kind)
    out = Scaled()
    if name:
        made = ratio(p, fit, level)
        if made is not None:
            label = f"{name} of {p.outcome}, {p.contrast.treated} against {p.contrast.control}"
            out = Scaled((Fact("ratio", made.value, label, "", p.outcome, ".2f", made.low, made.high),))
            out = replace(out, facts=(*out.facts, Fact("ratio.name", name, "what the ratio compares")))
            said = f"As a {name}: {made.value:.2f} ({made.low:.2f} to {made.high:.2f})."
            out = replace(out, findings=(said,))
    skew = 0.0 if p.binary_outcome or p.horizon is not None else skewness(p.Y)
    return out if abs(skew) <= SKEWED else _with_winsorised(out, p, fit, level, skew)


def ratio_name(p: Prepared, kind: ColumnType | None) -> str:
    """Which ratio fits the outcome; empty where none does."""
    import numpy as np

    if p.binary_outcome:
        return "risk ratio"
    if p.horizon is not None:
        return "ratio of restricted means"
    if float(p.Y.min()) < 0 or kind == "ordinal":
        return ""
    whole = bool(np.all(p.Y == np.round(p.Y)))
    if whole and (kind == "count" or len(np.unique(p.Y)) >= FEW_VALUES) and float(p.Y.min()) <= 1:
        return "rate ratio"
    return "ratio of means" if skewness(p.Y) > SKEWED else ""


def skewness(Y: NDArray[np.float64]) -> float:
    """Third standardised moment."""
    z = Y - Y.mean()
    spread = float((z**2).mean()) ** 0.5
    return float((z**3).mean()) / spread**3 if spread > 0 else 0.0


def _with_winsorised(out: Scaled, p: Prepared, fit: ArmNuisances, level: float, skew: float) -> Scaled:
    """Add the difference with the extreme values of the outcome pulled in."""
    import numpy as np

    low, high = (float(q) for q in np.quantile(p.Y, [TAIL, 1 - TAIL]))
    if low == high:
        return out
    near = replace(fit, mean0=np.clip(fit.mean0, low, high), mean1=np.clip(fit.mean1, low, high))
    e = clustered(
        aipw(np.clip(p.Y, low, high), p.T, near, p.quantity, weights=p.sampling.weights), p.sampling
    )
    half = p.sampling.quantile(level) * e.std_error
    ends = (e.value - half, e.value + half)
    label = f"effect with the outermost {TAIL:.0%} of {p.outcome} at either end pulled in"
    fact = Fact("winsorised", e.value, label, p.unit, p.outcome, ",.3g", *ends)
    said = (
        f"{p.outcome} is skewed (skewness {skew:.1f}), so that few rows carry much of its mean; with the outermost "
        f"{TAIL:.0%} at either end pulled in, the effect is {e.value:,.3g} ({ends[0]:,.3g} to {ends[1]:,.3g})."
    )
    return Scaled((*out.facts, fact), (*out.findings, said))
