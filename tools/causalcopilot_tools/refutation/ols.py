"""One least-squares fit from which all leave-one-out quantities follow without refitting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SQUARES_ROWS = 20
"""Rows per column from which the squares of the controls enter too."""


@dataclass(frozen=True)
class Line:
    """Outcome on treatment and controls.

    Attributes:
        value, std_error, dof: coefficient of the treatment (HC0 is not used: these are the classical figures
            that the closed forms of sensitivity analysis refer to).
        spread_y: sd of the outcome's residual given treatment and controls.
        spread_t: sd of the treatment's residual given the controls.
        names: table columns of the controls, in order of first appearance.
        treatment, outcome: partial R² of each of them (all its terms together).
        without: treatment coefficient when that column is left out.
        explained_t: R² of the treatment on the controls.
    """

    value: float
    std_error: float
    dof: int
    spread_y: float
    spread_t: float
    names: tuple[str, ...]
    treatment: tuple[float, ...]
    outcome: tuple[float, ...]
    without: tuple[float, ...]
    explained_t: float


def fit_line(
    X: NDArray[np.float64], T: NDArray[np.float64], Y: NDArray[np.float64], sources: tuple[str, ...]
) -> Line:
    """Fit once by the inverse cross-product; groups of columns are removed by block elimination.

    Args:
        X: (n, p) encoded controls.
        T, Y: (n,) treatment and outcome.
        sources: p table columns that the columns of X come from.
    """
    import numpy as np

    n = len(Y)
    X, sources = _with_squares(X, sources)
    Z = np.column_stack([np.ones(n), T, _scaled(X)])
    b, inverse, rss, rank = _solve(Z, Y)
    W = np.delete(Z, 1, axis=1)
    b_t, inverse_t, rss_t, _ = _solve(W, T)
    dof = max(n - rank, 1)
    total_t = float(((T - T.mean()) ** 2).sum())
    names = tuple(dict.fromkeys(sources))
    where = [np.array([i for i, s in enumerate(sources) if s == name]) for name in names]
    return Line(
        float(b[1]),
        float(np.sqrt(max(rss / dof * inverse[1, 1], 0.0))),
        dof,
        float(np.sqrt(rss / dof)),
        float(np.sqrt(rss_t / max(n - rank + 1, 1))),
        names,
        tuple(_partial_r2(b_t, inverse_t, rss_t, w + 1) for w in where),
        tuple(_partial_r2(b, inverse, rss, w + 2) for w in where),
        tuple(_without(b, inverse, w + 2) for w in where),
        1.0 - rss_t / total_t if total_t > 0 else 0.0,
    )


def slope(X: NDArray[np.float64], T: NDArray[np.float64], Y: NDArray[np.float64]) -> float:
    """Treatment coefficient of the plain linear regression."""
    import numpy as np

    return float(_solve(np.column_stack([np.ones(len(Y)), T, _scaled(X)]), Y)[0][1])


def _with_squares(
    X: NDArray[np.float64], sources: tuple[str, ...]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Add squares of many-valued columns where rows allow: a control's strength need not be linear."""
    import numpy as np

    n, p = X.shape
    many = [i for i in range(p) if len(np.unique(X[:, i])) > 2]
    if not many or n < SQUARES_ROWS * (p + len(many)):
        return X, sources
    return np.column_stack([X, _scaled(X[:, many]) ** 2]), sources + tuple(sources[i] for i in many)


def _scaled(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centred, unit-variance columns: the same fit, and well conditioned."""
    spread = X.std(axis=0)
    spread[spread == 0] = 1.0
    out: NDArray[np.float64] = (X - X.mean(axis=0)) / spread
    return out


def _solve(
    Z: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float, int]:
    """Coefficients, inverse cross-product, residual sum of squares and rank (pseudo-inverse where singular)."""
    import numpy as np

    gram = Z.T @ Z
    inverse: NDArray[np.float64] = np.asarray(np.linalg.pinv(gram, rcond=1e-12, hermitian=True), dtype=float)
    b = inverse @ (Z.T @ y)
    residual = y - Z @ b
    rank = int(np.linalg.matrix_rank(gram, tol=1e-12 * float(gram.max()), hermitian=True))
    return b, inverse, float(residual @ residual), rank


def _partial_r2(
    b: NDArray[np.float64], inverse: NDArray[np.float64], rss: float, group: NDArray[np.int64]
) -> float:
    """Share of what the other columns leave that this group explains."""
    import numpy as np

    block = inverse[np.ix_(group, group)]
    gain = float(b[group] @ np.linalg.pinv(block, hermitian=True) @ b[group])
    return gain / (gain + rss) if gain + rss > 0 else 0.0


def _without(b: NDArray[np.float64], inverse: NDArray[np.float64], group: NDArray[np.int64]) -> float:
    """Coefficient 1 after leaving a group out."""
    import numpy as np

    block = inverse[np.ix_(group, group)]
    return float(b[1] - inverse[1, group] @ np.linalg.pinv(block, hermitian=True) @ b[group])
