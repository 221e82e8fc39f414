"""A number's effect is told as a straight line; does the step that was asked about lie on it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.refutation.material import Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def straight_line(m: Material) -> tuple[Check, ...]:
    """Let the line bend: how far does the effect of the compared step move, in half widths of the interval?

    It fails only where the bend is clear of chance and carries the step out of the stated interval.
    """
    low, high = m.primary.low, m.primary.high
    if low is None or high is None or high <= low:
        return (_said("skipped", None, "there is no interval"),)
    p = m.prepared
    ends = float(str(p.contrast.control)), float(str(p.contrast.treated))
    gap, t = bend(p.X, p.T, p.Y, *ends)
    return (judged("straight_line", t, abs(gap) / ((high - low) / 2), gap, p.treatment),)


def judged(name: str, t: float, moved: float, gap: float, treatment: str) -> Check:
    """The check from what a curve does.

    Args:
        name: of the check.
        t: of the bend.
        moved: how far the effect of the step goes, in half widths of its interval.
        gap: the same in the outcome's unit.
        treatment: its column.
    """
    status: CheckStatus = "pass"
    if abs(t) > thresholds.BEND_T:
        status = "fail" if moved > thresholds.BEND_FAIL else "warn"
    bends = "bends" if status != "pass" else "does not bend clearly"
    told = f"the outcome {bends} in {treatment} (t = {t:.1f}); a curve moves this step's effect by {gap:.3g}"
    return Check(name, "diagnostic", status, moved, thresholds.BEND_FAIL, True, told)


def _said(status: CheckStatus, moved: float | None, detail: str) -> Check:
    return Check("straight_line", "diagnostic", status, moved, thresholds.BEND_FAIL, True, detail)


def bend(
    X: NDArray[np.float64], T: NDArray[np.float64], Y: NDArray[np.float64], start: float, end: float
) -> tuple[float, float]:
    """What a squared term adds to the effect of the step, and its robust (HC0) t statistic.

    Args:
        X: (n, p) controls; their squares enter too, so that they do not pass for a bend.
        T, Y: (n,) treatment and outcome.
        start, end: treatment values compared.
    """
    import numpy as np

    centre, spread = float(T.mean()), float(T.std()) or 1.0
    t, a, b = (T - centre) / spread, (start - centre) / spread, (end - centre) / spread
    scaled = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1.0)
    straight = np.column_stack([np.ones(len(Y)), t, scaled, scaled**2])
    Z = np.column_stack([straight, t**2])
    inverse = np.linalg.pinv(Z.T @ Z)
    beta = inverse @ (Z.T @ Y)
    residual = Y - Z @ beta
    spread_of_bend = float(np.sqrt(((Z @ inverse[:, -1]) ** 2 * residual**2).sum()))
    line = float(np.linalg.lstsq(straight, Y, rcond=None)[0][1])
    gap = float(beta[1] * (b - a) + beta[-1] * (b * b - a * a) - line * (b - a))
    return gap, float(beta[-1]) / spread_of_bend if spread_of_bend > 0 else 0.0
