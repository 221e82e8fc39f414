"""Natural direct and indirect effects on arrays: multiply robust for two arms, by regression for any treatment.

Multiply robust: Tchetgen Tchetgen and Shpitser (2012), with the mediator's density replaced by treatment
probabilities given mediator and controls (Farbmacher et al. 2022).  By regression: VanderWeele (2015), outcome and
mediator linear, with an interaction of treatment and mediator.  Rows that belong together have their influences summed;
rows that stand for more than one count so much in every fit and mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot_tools.effects.sampling import PLAIN, Sampling, clustered_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CLIP = 0.01
"""Probabilities are kept this far from zero and one."""
OUTSIDE = 0.05


@dataclass(frozen=True)
class Effects:
    """The total effect in two parts; influences are (n,) and average to zero.

    Attributes:
        direct: natural direct effect, the mediator held where it is without treatment.
        indirect: natural indirect effect, the treatment held and the mediator moved.
        direct_influence, indirect_influence: influence functions.
        outside: share of rows whose treatment the mediator and the controls nearly tell; ``None`` by regression.
        clusters: (n,) rows that belong together, or ``None``.
    """

    direct: float
    indirect: float
    direct_influence: NDArray[np.float64]
    indirect_influence: NDArray[np.float64]
    outside: float | None = None
    clusters: NDArray[np.int64] | None = None

    @property
    def total(self) -> float:
        """Direct and indirect effect together."""
        return self.direct + self.indirect

    def errors(self) -> tuple[float, float, float]:
        """Standard errors of the indirect, the direct and the total effect."""
        both = self.direct_influence + self.indirect_influence
        return self._error(self.indirect_influence), self._error(self.direct_influence), self._error(both)

    def share(self) -> tuple[float, float]:
        """Indirect over total effect, and its standard error by the delta method."""
        ratio = self.indirect / self.total
        moved = (
            self.indirect_influence - ratio * (self.direct_influence + self.indirect_influence)
        ) / self.total
        return ratio, self._error(moved)

    def _error(self, influence: NDArray[np.float64]) -> float:
        if self.clusters is not None:
            return clustered_error(influence, self.clusters)
        return math.sqrt(float((influence**2).mean()) / len(influence))


def by_regression(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    M: NDArray[np.float64],
    X: NDArray[np.float64],
    low: float,
    high: float,
    sampling: Sampling = PLAIN,
) -> Effects:
    """Effects of moving T from ``low`` to ``high``; Y, T, M are (n,), X is (n, p), drawn as ``sampling`` says."""
    import numpy as np

    one = np.ones(len(Y))
    w = one if sampling.weights is None else sampling.weights
    Xc = X - np.average(X, axis=0, weights=w)
    A = np.column_stack([one, T, M, T * M, Xc])
    B = np.column_stack([one, T, Xc])
    theta, move = least_squares(A, Y, w), least_squares(B, M, w)
    (_, t1, t2, t3), (b0, b1) = theta[0][:4], move[0][:2]
    step = high - low
    at_low = b0 + b1 * low
    direct = (t1 + t3 * at_low) * step
    indirect = (t2 + t3 * high) * b1 * step
    ia, ib = theta[1], move[1]
    d = step * (ia[:, 1] + at_low * ia[:, 3] + t3 * (ib[:, 0] + low * ib[:, 1]))
    d += step * t3 * w * (Xc @ move[0][2:])
    i = step * (b1 * (ia[:, 2] + high * ia[:, 3]) + (t2 + t3 * high) * ib[:, 1])
    return Effects(float(direct), float(indirect), d, i, clusters=sampling.clusters)


def least_squares(
    A: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted coefficients and their (n, k) influence functions, HC3."""
    import numpy as np

    weighed = A * w[:, None]
    bread = np.linalg.pinv(weighed.T @ A)
    value = bread @ (weighed.T @ y)
    leverage = np.minimum((weighed @ bread * A).sum(axis=1), 0.9)
    rest = (y - A @ value) / (1.0 - leverage)
    return value, len(y) * (weighed * rest[:, None]) @ bread


def multiply_robust(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    M: NDArray[np.float64],
    X: NDArray[np.float64],
    seed: int,
    bounds: tuple[float, float] | None = None,
    sampling: Sampling = PLAIN,
) -> Effects:
    """Effects of T (0 or 1) with cross-fitted, stacked learners; arrays as in ``by_regression``."""
    import numpy as np

    from causalcopilot_tools.effects.learners import make_bases
    from causalcopilot_tools.effects.nuisance import cross_fit_arms

    s = sampling
    plain = make_bases(X, weights=s.weights, clusters=s.clusters)
    whole = make_bases(np.column_stack([X, M]), weights=s.weights, clusters=s.clusters)
    base = cross_fit_arms(plain, Y, T, seed, bounds=bounds)["stack"]
    full = cross_fit_arms(whole, Y, T, seed, bounds=bounds)["stack"]
    nested = cross_fit_arms(plain, full.mean1, T, seed, bounds=bounds)["stack"].mean0
    e = np.clip(base.share1, CLIP, 1 - CLIP)
    q = np.clip(full.share1, CLIP, 1 - CLIP)
    treated = base.mean1 + T / e * (Y - base.mean1)
    control = base.mean0 + (1 - T) / (1 - e) * (Y - base.mean0)
    crossed = (
        nested + (1 - T) / (1 - e) * (full.mean1 - nested) + T * (1 - q) / (q * (1 - e)) * (Y - full.mean1)
    )
    direct, indirect = crossed - control, treated - crossed
    outside = float(((full.share1 < OUTSIDE) | (full.share1 > 1 - OUTSIDE)).mean())
    w = np.ones(len(Y)) if s.weights is None else s.weights / s.weights.mean()
    past, through = float((w * direct).mean()), float((w * indirect).mean())
    return Effects(past, through, w * (direct - past), w * (indirect - through), outside, s.clusters)
