"""The unadjusted comparison: an association, unless the treatment was randomised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Difference:
    """Mean of arm 1 less mean of arm 0, with Welch's standard error and degrees of freedom."""

    value: float
    std_error: float
    degrees: float
    mean1: float
    mean0: float


def difference_in_means(Y: NDArray[np.float64], T: NDArray[np.float64]) -> Difference:
    """Welch (1947): unequal variances, fractional degrees of freedom.

    Args:
        Y: (n,) outcome.
        T: (n,) 1 treated, 0 control; other rows are left out.
    """
    a, b = Y[T == 1], Y[T == 0]
    va, vb = float(a.var(ddof=1)) / len(a), float(b.var(ddof=1)) / len(b)
    total = va + vb
    parts = va**2 / (len(a) - 1) + vb**2 / (len(b) - 1)
    degrees = total**2 / parts if parts > 0 else float(len(a) + len(b) - 2)
    mean1, mean0 = float(a.mean()), float(b.mean())
    return Difference(mean1 - mean0, total**0.5, degrees, mean1, mean0)
