"""Covariate balance: standardised mean differences before and after weighting (Austin 2009)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def standardised_differences(
    X: NDArray[np.float64], T: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """(p,) difference of (weighted) means of arm 1 and arm 0 over the unweighted pooled standard deviation.

    Args:
        X: (n, p) covariates.
        T: (n,) 1 treated, 0 control; other rows are left out.
        weights: (n,) non-negative; ``None`` weighs rows equally.
    """
    import numpy as np

    w = np.ones(len(T)) if weights is None else weights
    one, zero = T == 1, T == 0
    gap = np.average(X[one], axis=0, weights=w[one]) - np.average(X[zero], axis=0, weights=w[zero])
    sd = np.sqrt((X[one].var(axis=0, ddof=1) + X[zero].var(axis=0, ddof=1)) / 2)
    out: NDArray[np.float64] = gap / np.where(sd > 0, sd, 1.0)
    return out
