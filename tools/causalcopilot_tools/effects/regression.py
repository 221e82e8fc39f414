"""Linear regression adjustment with HC2 standard errors.

``ols`` holds the effect constant; ``interacted`` lets it vary with the covariates (Lin 2013).  HC2:
MacKinnon & White (1985); the reference implementation is statsmodels' ``cov_type="HC2"``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.question import Quantity
from causalcopilot.errors import NotApplicable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIN_DEGREES = 10
"""Residual degrees of freedom below which a robust standard error says nothing."""


@dataclass(frozen=True)
class Coefficient:
    """One regression coefficient.

    Attributes:
        value, std_error: in units of Y (per unit of T when continuous).
        degrees: residual degrees of freedom.
    """

    value: float
    std_error: float
    degrees: int


def ols(Y: NDArray[np.float64], T: NDArray[np.float64], X: NDArray[np.float64], arms: bool) -> Coefficient:
    """Coefficient of the treatment in a regression on treatment and covariates.

    Args:
        Y: (n,) outcome.
        T: (n,) treatment; with ``arms``, 1 treated, 0 control, -1 another arm (which gets its own intercept).
        X: (n, p) covariates, p may be 0.
        arms: whether T is a code of arms rather than a number.

    Raises:
        NotApplicable: too few rows for the columns, or a treatment the covariates determine.
    """
    import numpy as np

    lead = _arms(T) if arms else T[:, None]
    return hc2(np.column_stack([lead, np.ones(len(Y)), _centred(X)]), Y)


def interacted(
    Y: NDArray[np.float64], T: NDArray[np.float64], X: NDArray[np.float64], quantity: Quantity
) -> Coefficient:
    """Coefficient of arm 1 against arm 0, every covariate interacted with the arm.

    Covariates are centred at the mean of the rows the quantity speaks of, which makes the coefficient that
    quantity's effect.  Arguments and errors as in ``ols`` with arms.
    """
    import numpy as np

    target = {"ATE": T == T, "ATT": T == 1, "ATC": T == 0}[quantity]
    Z = _centred(X, target)
    lead = _arms(T)
    # A column that does not vary within an arm cannot have an effect of its own there: no interaction.
    everywhere = _varies_in(Z, [T == 1, T == 0, *([T < 0] if lead.shape[1] > 1 else [])])
    products = [lead[:, [j]] * Z[:, everywhere] for j in range(lead.shape[1])]
    return hc2(np.column_stack([lead, np.ones(len(Y)), Z, *products]), Y)


def hc2(D: NDArray[np.float64], Y: NDArray[np.float64]) -> Coefficient:
    """Least squares of Y on D, (n, k); the first column's coefficient with its HC2 standard error."""
    import numpy as np

    scale = np.sqrt((D * D).mean(axis=0))
    D = D[:, scale > 0] / scale[scale > 0]
    U, s, Vt = np.linalg.svd(D, full_matrices=False)
    keep = s > s[0] * 1e-10
    rank = int(keep.sum())
    degrees = len(Y) - rank
    if degrees < MIN_DEGREES:
        raise NotApplicable(
            f"{len(Y)} rows are too few for a regression with {rank} columns",
            "name fewer controls, or use aipw",
        )
    if (Vt[~keep, 0] ** 2).sum() > 1e-8:
        raise NotApplicable(
            "the controls determine the treatment completely", "leave out copies of the treatment"
        )
    U, s, Vt = U[:, keep], s[keep], Vt[keep]
    projected = U.T @ Y
    residual = Y - U @ projected
    slack = np.maximum(1.0 - (U * U).sum(axis=1), 1e-8)
    direction = Vt[:, 0] / s
    score = (U @ direction) * residual / np.sqrt(slack)
    value, error = float(direction @ projected), float(np.sqrt((score**2).sum()))
    return Coefficient(value / float(scale[0]), error / float(scale[0]), degrees)


def _arms(T: NDArray[np.float64]) -> NDArray[np.float64]:
    """Indicator of arm 1 first, then of any other arm."""
    import numpy as np

    columns = [T == 1] + ([T < 0] if (T < 0).any() else [])
    return np.column_stack(columns).astype(np.float64)


def _varies_in(Z: NDArray[np.float64], groups: list[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    import numpy as np

    if Z.shape[1] == 0:
        return np.zeros(0, dtype=bool)
    return np.asarray(np.all([np.ptp(Z[g], axis=0) > 0 for g in groups], axis=0))


def _centred(X: NDArray[np.float64], rows: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """Covariates less their mean over ``rows``, scaled, for numerical safety only."""
    import numpy as np

    if X.shape[1] == 0:
        return X
    sd = X.std(axis=0)
    centre = X.mean(axis=0) if rows is None else X[rows].mean(axis=0)
    out: NDArray[np.float64] = (X - centre) / np.where(sd > 0, sd, 1.0)
    return out
