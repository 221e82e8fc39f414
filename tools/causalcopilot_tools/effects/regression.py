"""Linear regression adjustment with HC2 standard errors; CR2 where rows come in clusters.

``ols`` holds the effect constant; ``interacted`` lets it vary with the covariates (Lin 2013).  HC2:
MacKinnon & White (1985); the reference implementation is statsmodels' ``cov_type="HC2"``.  CR2: Bell & McCaffrey
(2002), which is HC2 where every cluster holds one row.  Sampling weights: weighted least squares, same errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.question import Quantity
from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects.sampling import PLAIN, Sampling

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
        degrees: residual degrees of freedom; clusters less one where rows are counted by cluster.
    """

    value: float
    std_error: float
    degrees: float


def ols(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    X: NDArray[np.float64],
    arms: bool,
    sampling: Sampling = PLAIN,
) -> Coefficient:
    """Coefficient of the treatment in a regression on treatment and covariates.

    Args:
        Y: (n,) outcome.
        T: (n,) treatment; with ``arms``, 1 treated, 0 control, -1 another arm (which gets its own intercept).
        X: (n, p) covariates, p may be 0.
        arms: whether T is a code of arms rather than a number.
        sampling: clusters and weights of the rows.

    Raises:
        NotApplicable: too few rows for the columns, or a treatment the covariates determine.
    """
    import numpy as np

    lead = _arms(T) if arms else T[:, None]
    return robust(np.column_stack([lead, np.ones(len(Y)), _centred(X)]), Y, sampling)


def interacted(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    X: NDArray[np.float64],
    quantity: Quantity,
    sampling: Sampling = PLAIN,
) -> Coefficient:
    """Coefficient of arm 1 against arm 0, every covariate interacted with the arm.

    Covariates are centred at the mean of the rows the quantity speaks of, which makes the coefficient that
    quantity's effect.  Arguments and errors as in ``ols`` with arms.
    """
    import numpy as np

    target = {"ATE": T == T, "ATT": T == 1, "ATC": T == 0}[quantity]
    Z = _centred(X, target, sampling.weights)
    lead = _arms(T)
    # A column that does not vary within an arm cannot have an effect of its own there: no interaction.
    everywhere = _varies_in(Z, [T == 1, T == 0, *([T < 0] if lead.shape[1] > 1 else [])])
    products = [lead[:, [j]] * Z[:, everywhere] for j in range(lead.shape[1])]
    return robust(np.column_stack([lead, np.ones(len(Y)), Z, *products]), Y, sampling)


def robust(D: NDArray[np.float64], Y: NDArray[np.float64], sampling: Sampling) -> Coefficient:
    """(Weighted) least squares of Y on D, (n, k); the first column's coefficient with its HC2 or CR2 error."""
    import numpy as np

    if sampling.weights is not None:
        root = np.sqrt(sampling.weights)
        D, Y = D * root[:, None], Y * root
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
    direction = Vt[:, 0] / s
    if sampling.clusters is None:
        slack = np.maximum(1.0 - (U * U).sum(axis=1), 1e-8)
        score = (U @ direction) * residual / np.sqrt(slack)
    else:
        score = _cluster_scores(U, direction, residual, sampling.clusters)
    value, error = float(direction @ projected), float(np.sqrt((score**2).sum()))
    free = float(degrees) if sampling.degrees is None else sampling.degrees
    return Coefficient(value / float(scale[0]), error / float(scale[0]), free)


def _cluster_scores(
    U: NDArray[np.float64],
    direction: NDArray[np.float64],
    residual: NDArray[np.float64],
    clusters: NDArray[np.int64],
) -> NDArray[np.float64]:
    """(G,) score of each cluster with residuals adjusted by (I - H_g)^(-1/2), through H_g's few eigenvectors."""
    import numpy as np

    order = np.argsort(clusters, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(clusters[order]) != 0])
    out = []
    for rows in np.split(order, starts[1:]):
        left, size, _ = np.linalg.svd(U[rows], full_matrices=False)
        slack = 1.0 - size**2
        # A direction that the cluster alone determines has no residual left: it contributes nothing.
        factor = np.where(slack > 1e-8, 1.0 / np.sqrt(np.maximum(slack, 1e-8)), 0.0) - 1.0
        r = residual[rows] + left @ (factor * (left.T @ residual[rows]))
        out.append(float((U[rows] @ direction) @ r))
    return np.array(out)


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


def _centred(
    X: NDArray[np.float64],
    rows: NDArray[np.bool_] | None = None,
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Covariates less their (weighted) mean over ``rows``, scaled, for numerical safety only."""
    import numpy as np

    if X.shape[1] == 0:
        return X
    sd = X.std(axis=0)
    every = slice(None) if rows is None else rows
    centre = np.average(X[every], axis=0, weights=None if weights is None else weights[every])
    out: NDArray[np.float64] = (X - centre) / np.where(sd > 0, sd, 1.0)
    return out
