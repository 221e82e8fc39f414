"""Panels with unit effects on arrays: within and first-difference slopes, and the same with learned controls.

The within estimator with period effects, standard errors clustered by unit (Arellano 1987) or by groups that hold whole
units, and weighted least squares where rows stand for more than one; the test of strict exogeneity by the next period's
treatment (Wooldridge 2010, §10.7); Mundlak's (1978) comparison of unit means; and a partially linear model on
within-transformed outcome and treatment, cross-fitted in folds of whole units (after Clarke and Polselli 2025).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SWEEPS, SETTLED = 1000, 1e-10
"""Sweeps of the alternating projections that remove unit and period means, and when they have settled."""
PASSES = 2
"""Fits of the learned controls, each after the last one's unit means were added back."""
NOTHING = 1e-10
"""Share of a column's variance below which nothing of it is left within units."""


@dataclass(frozen=True)
class Long:
    """A panel, one row a unit and period.

    Attributes:
        Y, T: (n,) outcome and treatment.
        X: (n, p) controls that vary.
        unit, period: (n,) indices, from zero without gaps in ``unit``.
        clusters: (n,) groups of whole units, indices from zero without gaps; ``None`` where units stand for themselves.
        weights: (n,) what each row counts, positive, or ``None``.
    """

    Y: NDArray[np.float64]
    T: NDArray[np.float64]
    X: NDArray[np.float64]
    unit: NDArray[np.int64]
    period: NDArray[np.int64]
    clusters: NDArray[np.int64] | None = None
    weights: NDArray[np.float64] | None = None

    @property
    def units(self) -> int:
        """Number of units."""
        return int(self.unit.max()) + 1

    @property
    def groups(self) -> NDArray[np.int64]:
        """(n,) what standard errors are counted by."""
        return self.unit if self.clusters is None else self.clusters

    @property
    def counts(self) -> NDArray[np.float64]:
        """(n,) what each row counts; ones where rows are equal."""
        import numpy as np

        return np.ones(len(self.Y)) if self.weights is None else self.weights

    def take(self, rows: NDArray[np.bool_]) -> Long:
        """Some rows; units and groups are numbered anew, periods keep their numbers."""
        import numpy as np

        unit = np.unique(self.unit[rows], return_inverse=True)[1]
        own = None if self.clusters is None else np.unique(self.clusters[rows], return_inverse=True)[1]
        w = None if self.weights is None else self.weights[rows]
        return Long(self.Y[rows], self.T[rows], self.X[rows], unit, self.period[rows], own, w)


@dataclass(frozen=True)
class Slopes:
    """Coefficients with their influence by unit, or by group of units.

    Attributes:
        values: (k,) coefficients of the columns asked for.
        influence: (G, k) contribution of each; its cross-product is the clustered covariance.
    """

    values: NDArray[np.float64]
    influence: NDArray[np.float64]

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Clustered, with the factor G / (G - 1)."""
        G = len(self.influence)
        made: NDArray[np.float64] = self.influence.T @ self.influence * (G / (G - 1))
        return made

    def error(self, k: int = 0) -> float:
        """Standard error of one coefficient."""
        return math.sqrt(float(self.covariance[k, k]))


def within(p: Long, columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns (n, k) less (weighted) unit and period means, by alternating projections."""
    import numpy as np

    out: NDArray[np.float64] = columns - np.average(columns, axis=0, weights=p.weights)
    scale = np.maximum(np.abs(columns).max(axis=0), 1e-300)
    for _ in range(SWEEPS):
        moved = 0.0
        for index in (p.unit, p.period):
            means = _means(out, index, p.weights)
            out -= means[index]
            moved = max(moved, float((np.abs(means).max(axis=0) / scale).max(initial=0.0)))
        if moved < SETTLED:
            break
    return out


def _means(
    columns: NDArray[np.float64], index: NDArray[np.int64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    import numpy as np

    w = np.ones(len(index)) if weights is None else weights
    total = np.bincount(index, weights=w)
    total[total == 0] = 1.0  # an index without rows
    made: NDArray[np.float64] = np.column_stack(
        [np.bincount(index, weights=c * w) / total for c in columns.T] or [np.empty((len(total), 0))]
    )
    return made


def slopes(Y: NDArray[np.float64], D: NDArray[np.float64], X: NDArray[np.float64], p: Long) -> Slopes:
    """(Weighted) least squares of Y (n,) on D (n, k) and X (n, p), all free of their means; clustered as ``p`` is.

    Raises:
        DataError: nothing of a column of D is left over by the others.
    """
    import numpy as np

    if p.weights is not None:
        root = np.sqrt(p.weights)
        Y, D, X = Y * root, D * root[:, None], X * root[:, None]
    basis, sizes, _ = np.linalg.svd(X, full_matrices=False) if X.shape[1] else (X, np.empty(0), X)
    basis = basis[:, sizes > 1e-9 * sizes.max(initial=0.0)] if len(sizes) else X[:, :0]
    d, y = D - basis @ (basis.T @ D), Y - basis @ (basis.T @ Y)
    square = d.T @ d
    if (np.diag(square) <= NOTHING * np.maximum((D**2).sum(axis=0), 1e-300)).any():
        raise DataError(
            "nothing of the treatment is left within units and periods",
            "it must change over time within units, and not be determined by the controls",
        )
    inverse = np.linalg.inv(square)
    values = inverse @ (d.T @ y)
    rest = y - d @ values
    scores = np.column_stack([np.bincount(p.groups, weights=c) for c in (d * rest[:, None]).T])
    return Slopes(values, scores @ inverse)


def fixed_effects(p: Long) -> Slopes:
    """The within slope of Y on T given X, with unit and period effects."""
    import numpy as np

    made = within(p, np.column_stack([p.Y, p.T, p.X]))
    if float((made[:, 1] ** 2).sum()) <= NOTHING * float(((p.T - p.T.mean()) ** 2).sum()):
        raise DataError(
            "the treatment does not change within units beyond what every unit shares",
            "unit effects need a treatment that changes over time, at different times in different units",
        )
    return slopes(made[:, 0], made[:, 1:2], made[:, 2:], p)


def differenced(p: Long) -> Long:
    """Changes between neighbouring periods of one unit, less each period's mean change; units keep their numbers.

    A change counts what its two rows count on average.
    """
    import numpy as np

    order = np.lexsort((p.period, p.unit))
    u, t = p.unit[order], p.period[order]
    counts = None if p.weights is None else p.weights[order]
    groups = None if p.clusters is None else p.clusters[order]
    next_to = (u[1:] == u[:-1]) & (t[1:] == t[:-1] + 1)
    columns = np.column_stack([p.Y, p.T, p.X])[order]
    change = (columns[1:] - columns[:-1])[next_to]
    if len(change) < 2:
        raise DataError(
            "no unit is seen in two neighbouring periods", "add rows, or use fewer, longer periods"
        )
    period = t[1:][next_to]
    w = None if counts is None else (0.5 * (counts[1:] + counts[:-1]))[next_to]
    change = change - _means(change, period, w)[period]
    own = None if groups is None else groups[1:][next_to]
    return Long(change[:, 0], change[:, 1], change[:, 2:], u[1:][next_to], period, own, w)


def first_differences(p: Long) -> Slopes:
    """The slope of changes on changes, with period effects."""
    import numpy as np

    d = differenced(p)
    made = slopes(d.Y, d.T[:, None], d.X, d)
    missing = int(p.groups.max()) + 1 - len(made.influence)
    return Slopes(made.values, np.vstack([made.influence, np.zeros((missing, 1))])) if missing else made


def shifted(p: Long, by: int) -> NDArray[np.float64]:
    """(n,) the treatment of the same unit ``by`` periods later (earlier if negative); NaN where unseen."""
    import numpy as np

    width = int(p.period.max()) + 1 + 2 * abs(by)
    key = p.unit * width + p.period
    order = np.argsort(key)
    wanted = key + by
    place = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    found = key[order][place] == wanted
    made: NDArray[np.float64] = np.where(found, p.T[order][place], np.nan)
    return made


def with_shifted(p: Long, by: int) -> Slopes | None:
    """Within slopes of the treatment and of the same ``by`` periods away; ``None`` where it cannot be told."""
    import numpy as np

    other = shifted(p, by)
    seen = np.isfinite(other)
    if seen.sum() < 3 * p.units // 2 or seen.sum() < 10:
        return None
    q = p.take(seen)
    made = within(q, np.column_stack([q.Y, q.T, other[seen], q.X]))
    try:
        return slopes(made[:, 0], made[:, 1:3], made[:, 3:], q)
    except (DataError, np.linalg.LinAlgError):
        return None


def bent(p: Long) -> tuple[Slopes, float, float] | None:
    """Within slopes of the treatment, in standard deviations about its mean, and of its square; with that mean and that
    deviation.  ``None`` where the two cannot be told apart."""
    import numpy as np

    mean, spread = float(p.T.mean()), float(p.T.std())
    if not spread > 0 or len(np.unique(p.T)) < 3:
        return None
    t = (p.T - mean) / spread
    made = within(p, np.column_stack([p.Y, t, t**2, p.X]))
    try:
        return slopes(made[:, 0], made[:, 1:3], made[:, 3:], p), mean, spread
    except (DataError, np.linalg.LinAlgError):
        return None


def between(p: Long) -> Slopes | None:
    """Mundlak's test: the slope of the units' mean treatment beside the treatment itself, period effects kept."""
    import numpy as np

    means = _means(np.column_stack([p.T, p.X]), p.unit, p.weights)[p.unit]
    columns = np.column_stack([p.Y, means[:, 0], p.T, p.X, means[:, 1:]])
    columns = columns - _means(columns, p.period, p.weights)[p.period]
    try:
        return slopes(columns[:, 0], columns[:, 1:3], columns[:, 3:], p)
    except (DataError, np.linalg.LinAlgError):
        return None


def learned(p: Long, seed: int) -> Slopes:
    """Partially linear slope: within outcome and treatment, each less the within part of what stacked learners make
    of the controls, fitted on other units (or other groups of them).

    What is learned is a curve f(x) beside unit effects, and within outcomes hold f(x) less its mean over the unit,
    which is no function of the row's controls.  So the unit's mean of the last prediction is added back before the
    next fit (backfitting; with unit means of the controls as features, Mundlak 1978), and the prediction's own unit
    means are taken out in the end.  Each pass leaves about one part in the number of periods of the last error.
    """
    import numpy as np

    from causalcopilot_tools.effects.learners import STACK, make_bases
    from causalcopilot_tools.effects.nuisance import cross_fit_line

    made = within(p, np.column_stack([p.Y, p.T]))
    features = np.column_stack([p.X, _means(p.X, p.unit, p.weights)[p.unit]])
    bases = make_bases(features, STACK, 70, p.weights, p.groups)
    told = np.zeros_like(made)
    for k in range(PASSES):
        target = made + _means(told, p.unit, p.weights)[p.unit]
        fit = cross_fit_line(bases, target[:, 0], target[:, 1], seed + k)["stack"]
        told = np.column_stack([fit.mean_y, fit.mean_t])
    y, t = (made - within(p, told)).T
    return slopes(y, t[:, None], np.empty((len(y), 0)), p)
