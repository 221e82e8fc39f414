"""Partially linear regression: the slope of the outcome in a continuous treatment.

Robinson (1988), cross-fitted as in Chernozhukov et al. (2018): residuals on residuals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot_tools.effects.nuisance import LineNuisances
from causalcopilot_tools.effects.sampling import PLAIN, Sampling, clustered_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Slope:
    """A slope in units of Y per unit of T.

    Attributes:
        value, std_error: slope and its heteroskedasticity-robust standard error.
        unexplained: share of the treatment's variance that the covariates leave over.
    """

    value: float
    std_error: float
    unexplained: float


def plr_slope(
    Y: NDArray[np.float64], T: NDArray[np.float64], fit: LineNuisances, sampling: Sampling = PLAIN
) -> Slope:
    """Slope of Y on T, (n,) each, given out-of-fold means; weighted and clustered as ``sampling`` says."""
    import numpy as np

    r, v = Y - fit.mean_y, T - fit.mean_t
    w = np.ones(len(Y)) if sampling.weights is None else sampling.weights
    info = float((w * v * v).mean())
    spread = float(np.average((T - np.average(T, weights=w)) ** 2, weights=w))
    if info <= 1e-12 * max(spread, 1e-300):
        return Slope(float("nan"), float("nan"), 0.0)
    slope = float((w * v * r).mean()) / info
    influence = w * v * (r - slope * v)
    error = float(np.sqrt((influence**2).mean() / len(Y))) / info
    if sampling.clusters is not None:
        error = clustered_error(influence, sampling.clusters) / info
    return Slope(slope, error, info / spread)


def curvature(Y: NDArray[np.float64], T: NDArray[np.float64], fit: LineNuisances) -> float:
    """Robust t statistic of a squared residual-treatment term: large when the line is not straight."""
    import numpy as np

    r, v = Y - fit.mean_y, T - fit.mean_t
    q = v**2 - (v**2).mean()
    A = np.column_stack([np.ones_like(v), v, q])
    bread = np.linalg.pinv(A.T @ A)
    u = r - A @ (bread @ A.T @ r)
    cov = bread @ (A.T @ (A * (u**2)[:, None])) @ bread
    beta = bread @ A.T @ r
    return float(beta[2] / np.sqrt(cov[2, 2])) if cov[2, 2] > 0 else 0.0
