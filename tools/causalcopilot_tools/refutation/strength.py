"""How strong a hidden common cause must be: closed forms.

Cinelli and Hazlett (2020, JRSS-B 82:39-67) for robustness values and bounds from observed covariates;
VanderWeele and Ding (2017, Ann Intern Med 167:268-274) for E-values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


def robustness(f: float) -> float:
    """The equal strength (partial R² with treatment and with outcome) whose bias factor is ``f``.

    Solves ``r² / (1 - r) = f²``.  With ``f = |t| / sqrt(dof)`` it is the robustness value of a regression
    coefficient; with the bias factor of a benchmark it puts that benchmark on the same scale.
    """
    square = f * f
    return 0.5 * (math.sqrt(square * square + 4.0 * square) - square)


def bias_factor(with_treatment: float, with_outcome: float) -> float:
    """Bias of a hidden cause with these two partial R², in units of ``sd(Y | T, X) / sd(T | X)``."""
    if with_treatment >= 1.0:
        return math.inf
    return math.sqrt(with_outcome * with_treatment / (1.0 - with_treatment))


def robustness_value(t: float, dof: float, critical: float = 0.0) -> float:
    """Robustness value of a regression coefficient.

    Args:
        t: its t statistic.
        dof: residual degrees of freedom.
        critical: critical t value at ``dof - 1``; 0 asks for the point, 1.96 or so for the interval's nearer end.
    """
    f = abs(t) / math.sqrt(dof)
    limit = critical / math.sqrt(dof - 1.0) if critical else 0.0
    if f <= limit:
        return 0.0
    if limit and f > 1.0 / limit:  # the extreme case: the outcome is explained completely
        return (f * f - limit * limit) / (1.0 + f * f)
    return robustness(f - limit)


@dataclass(frozen=True)
class Benchmark:
    """A hidden cause as strong as one measured control.

    Attributes:
        name: the control's column.
        treatment, outcome: partial R² of the control itself, with the treatment given the other controls and
            with the outcome given treatment and the other controls.
        factor: bias factor of a hidden cause that is as strong, given everything measured.
        strength: that factor as an equal strength, comparable with the robustness value.
    """

    name: str
    treatment: float
    outcome: float
    factor: float
    strength: float


def benchmark(name: str, treatment: float, outcome: float) -> Benchmark:
    """Bound the bias of a hidden cause exactly as strong as a control with these partial R² (k = 1).

    The hidden cause is taken to be independent of the measured ones, so its partial R² given them is larger
    than the control's own (Cinelli and Hazlett 2020, section 4.4).
    """
    r_t, r_y = min(max(treatment, 0.0), 1.0 - 1e-9), min(max(outcome, 0.0), 1.0 - 1e-9)
    hidden_t = min(r_t / (1.0 - r_t), 1.0 - 1e-9)
    collider = min(r_t * r_t / (1.0 - r_t) ** 2, 1.0 - 1e-9)
    grown = ((1.0 + math.sqrt(collider)) / math.sqrt(1.0 - collider)) ** 2
    hidden_y = min(grown * r_y / (1.0 - r_y), 1.0)
    factor = bias_factor(hidden_t, hidden_y)
    return Benchmark(name, r_t, r_y, factor, robustness(factor))


def e_value(ratio: float) -> float:
    """E-value of a risk ratio: the ratio a hidden cause needs with treatment and with outcome.

    Args:
        ratio: risk ratio, above or below one.
    """
    if ratio <= 0.0:
        return math.inf
    up = max(ratio, 1.0 / ratio)
    return up + math.sqrt(up * (up - 1.0))


def e_value_limit(low: float, high: float) -> float:
    """E-value of the interval's end nearer to one; 1 where the interval holds one."""
    if low <= 1.0 <= high:
        return 1.0
    return e_value(low if low > 1.0 else high)


def ratio_of_difference(difference: float, spread: float) -> float:
    """Approximate risk ratio of a mean difference: ``exp(0.91 d)`` (Chinn 2000; VanderWeele and Ding 2017)."""
    return math.exp(0.91 * difference / spread)


def ratio_of_shares(base: float, points: float) -> float:
    """Risk ratio of a change by ``points`` percentage points from a base share (0 to 1)."""
    floor = 1e-6
    return max(base + points / 100.0, floor) / max(base, floor)
