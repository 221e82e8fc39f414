"""Numbers with intervals, and the checks that try to break them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

VerdictValue = Literal["supported", "fragile", "refuted", "not_identified", "inconclusive"]
Direction = Literal["increases", "decreases", "none_detected", "unclear"]
CheckKind = Literal["diagnostic", "falsification", "sensitivity", "agreement", "stability", "data"]
CheckStatus = Literal["pass", "warn", "fail", "info", "skipped", "error"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number for one quantity, in the unit of the outcome.

    Attributes:
        method: estimator (``aipw``, ``regression``, ``difference_in_means`` …).
        quantity: ATE, ATT …; ``association`` for a number that makes no causal claim.
        population: whom it speaks of.
        value, std_error, low, high: in ``unit``; ``None`` where the method gives none.
        level: coverage the interval aims at.
        n_used: rows that entered.
        unit: unit of the outcome (``percentage points`` for a binary outcome).
        supported: whether the data support this quantity (overlap); a number without support is shown as such.
        note: one line a reader must know.
    """

    method: str
    quantity: str
    population: str
    value: float | None
    std_error: float | None
    low: float | None
    high: float | None
    level: float
    n_used: int
    unit: str
    supported: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One attempt to break an estimate.

    Attributes:
        name: what was checked (``overlap``, ``balance``, ``placebo_treatment`` …).
        kind: family of the check.
        status: outcome; ``info`` for checks that cannot fail.
        statistic, threshold: the number compared and what it was compared with.
        can_lower_verdict: whether a failure counts; passing never raises a verdict.
        detail: one plain sentence.
        p_value: where the check is a test.
    """

    name: str
    kind: CheckKind
    status: CheckStatus
    statistic: float | None
    threshold: float | None
    can_lower_verdict: bool
    detail: str = ""
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How strong an unmeasured confounder must be to overturn the estimate.

    Attributes:
        robustness_value: partial R² with treatment and outcome that would bring the estimate to zero
            (Cinelli & Hazlett 2020); ``robustness_value_alpha`` the same for the interval's nearer end.
        e_value, e_value_limit: VanderWeele & Ding (2017), for the point and the nearer interval end.
        benchmark: the strongest measured control, with its partial R² with treatment and outcome.
    """

    robustness_value: float | None = None
    robustness_value_alpha: float | None = None
    e_value: float | None = None
    e_value_limit: float | None = None
    benchmark: str | None = None
    benchmark_treatment: float | None = None
    benchmark_outcome: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """May the stated interval be read as causal?  Computed by the rules that ``verdict`` tries, and by nothing else."""

    value: VerdictValue
    reason: str
    next: str = ""
    direction: Direction = "unclear"
