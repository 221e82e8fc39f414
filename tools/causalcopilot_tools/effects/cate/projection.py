"""The best linear projection of the effect on modifiers, with a joint test that it does not vary.

Semenova & Chernozhukov (2021): least squares of doubly robust scores on the modifiers, read with robust errors.
HC3 (MacKinnon & White 1985) for independent rows; sums within clusters otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot_tools.effects.cate.scores import Scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVERAGE = 0.95
"""A row's leverage counts at most this much in its HC3 residual: one row alone must not make the test."""


@dataclass(frozen=True)
class Projection:
    """A line of the effect in the modifiers.

    Attributes:
        coefficients: (1 + k,) the constant, then a slope for each modifier, in units of the outcome a unit of it.
        covariance: (1 + k, 1 + k) robust.
        degrees: degrees of freedom of its t and F statistics.
    """

    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    degrees: float


def project(scores: Scores, V: NDArray[np.float64]) -> Projection:
    """Least squares of the scores on a constant and the modifiers.

    Args:
        scores: of n rows.
        V: (n, k) modifiers; columns are centred inside, so the constant is the effect at their means.
    """
    import numpy as np

    mean = np.average(V, axis=0, weights=scores.mass)
    sd = V.std(axis=0)
    sd = np.where(sd > 0, sd, 1.0)
    B = np.column_stack([np.ones(len(V)), (V - mean) / sd])
    A = np.linalg.pinv((B * scores.mass[:, None]).T @ B)
    beta = A @ (B.T @ scores.gain)
    u = scores.gain - scores.mass * (B @ beta)
    n, k = B.shape
    if scores.clusters is None:
        leverage = np.minimum(scores.mass * np.einsum("ij,jk,ik->i", B, A, B), LEVERAGE)
        S = B * (u / (1 - leverage))[:, None]
        degrees, factor = float(n - k), 1.0
    else:
        _, code = np.unique(scores.clusters, return_inverse=True)
        S = np.zeros((int(code.max()) + 1, k))
        np.add.at(S, code, B * u[:, None])
        groups = len(S)
        degrees, factor = float(groups - 1), groups / (groups - 1) * (n - 1) / (n - k)
    back = np.append(1.0, 1.0 / sd)
    covariance = factor * A @ (S.T @ S) @ A
    return Projection(beta * back, covariance * np.outer(back, back), degrees)


def wald(values: NDArray[np.float64], covariance: NDArray[np.float64], degrees: float) -> tuple[float, float]:
    """F statistic and p value of "all (q,) values are zero"; the rank of the covariance counts as q.

    With clusters the number of groups limits what can be told: the p value is one where q exceeds ``degrees``.
    """
    import numpy as np
    from scipy.special import fdtrc

    scale = np.sqrt(np.clip(np.diag(covariance), 1e-300, None))
    z, R = values / scale, covariance / np.outer(scale, scale)
    rank = int(np.linalg.matrix_rank(R, tol=1e-8))
    if not rank or rank >= degrees:
        return 0.0, 1.0
    statistic = float(z @ np.linalg.pinv(R, rcond=1e-8, hermitian=True) @ z) / rank
    return statistic, float(fdtrc(rank, degrees, statistic))
