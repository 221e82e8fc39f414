"""Gradient-boosted trees of depth three, predicted for other rows: scikit-learn's histogram boosting, compiled.

The nuisances of one estimate are a hundred fits of a few hundred rows, where most of scikit-learn's time is spent
between its kernels.  Here all rounds are one compiled call, with the same bins, splits and leaves (Ke et al. 2017;
reference: ``sklearn.ensemble.HistGradientBoostingRegressor`` and ``...Classifier``), so predictions agree to the last
bits.  Weighted rows, missing values and very long tables go to scikit-learn itself, weighted rows with their values
cut into its bins beforehand: it looks for one weighted quantile at a time, which took four fifths of such a fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BINS = 255
RATE = 0.1
MEAN_ROWS, SHARE_ROWS = 10, 20
"""Rows that a leaf needs, for a mean and for a probability."""
LONGEST = 200_000
"""Rows beyond which scikit-learn bins a sample of them."""


def boosted_mean(
    X: NDArray[np.float64],
    y: NDArray[np.float64],
    test: NDArray[np.float64],
    rounds: int,
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Predict the mean of y for the test rows.

    Args:
        X: (n, p) covariates; may hold NaN.
        y: (n,) target.
        test: (m, p) rows to predict.
        rounds: trees.
        weights: (n,) what each row counts, or ``None``.

    Returns:
        (m,) predictions, in the unit of y.
    """
    import numpy as np

    if _plain(X, test, weights):
        return _boosted(X, y, test, rounds, MEAN_ROWS, False, float(np.mean(y)))
    from sklearn.ensemble import HistGradientBoostingRegressor

    X, test = _in_bins(X, test, weights)
    model = HistGradientBoostingRegressor(
        max_iter=rounds,
        learning_rate=RATE,
        max_depth=3,
        min_samples_leaf=MEAN_ROWS,
        early_stopping=False,
        random_state=0,
    )
    out: NDArray[np.float64] = model.fit(X, y, sample_weight=weights).predict(test)
    return out


def boosted_probability(
    X: NDArray[np.float64],
    d: NDArray[np.float64],
    test: NDArray[np.float64],
    rounds: int,
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Predict P(d = 1) for the test rows, (m,); arguments as in ``boosted_mean``, ``d`` 0 or 1 with both present."""
    import numpy as np

    if _plain(X, test, weights):
        share = float(np.mean(d))
        score = _boosted(X, d, test, rounds, SHARE_ROWS, True, float(np.log(share / (1 - share))))
        return np.asarray(1 / (1 + np.exp(-score)))
    from sklearn.ensemble import HistGradientBoostingClassifier

    X, test = _in_bins(X, test, weights)
    model = HistGradientBoostingClassifier(
        max_iter=rounds,
        learning_rate=RATE,
        max_depth=3,
        min_samples_leaf=SHARE_ROWS,
        early_stopping=False,
        random_state=0,
    )
    out: NDArray[np.float64] = model.fit(X, d, sample_weight=weights).predict_proba(test)[:, 1]
    return out


def _plain(X: NDArray[np.float64], test: NDArray[np.float64], weights: NDArray[np.float64] | None) -> bool:
    """Whether the compiled fit covers this case."""
    return weights is None and _binned(X, test)


def _binned(X: NDArray[np.float64], test: NDArray[np.float64]) -> bool:
    """Whether the bins can be found here: no value is missing, and no sample is taken."""
    import numpy as np

    return 0 < len(X) <= LONGEST and bool(np.isfinite(X).all() and np.isfinite(test).all())


def _in_bins(
    X: NDArray[np.float64], test: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both tables with the number of each value's bin in its place, for weighted rows; trees see no more of a value."""
    import numpy as np

    if weights is None or not _binned(X, test):
        return X, test
    edges = [bin_edges(column, weights) for column in X.T]
    first, second = (
        np.column_stack([np.searchsorted(e, c) for e, c in zip(edges, rows.T, strict=True)]).astype(float)
        for rows in (X, test)
    )
    return first, second


def _boosted(
    X: NDArray[np.float64],
    y: NDArray[np.float64],
    test: NDArray[np.float64],
    rounds: int,
    least_rows: int,
    logistic: bool,
    start: float,
) -> NDArray[np.float64]:
    import numpy as np

    from causalcopilot_tools.effects.compiled_boosting import boost

    codes = np.empty(X.shape, np.uint8)
    edges = [bin_edges(column) for column in X.T]
    table = np.full((X.shape[1], max((len(e) for e in edges), default=0) + 1), np.inf)
    for f, e in enumerate(edges):
        table[f, : len(e)] = e
        codes[:, f] = np.searchsorted(e, X[:, f], side="left")
    bins = np.array([len(e) + 1 for e in edges], dtype=np.int64)
    rows = np.ascontiguousarray(test)
    return boost(codes, bins, table, y, rounds, RATE, least_rows, logistic, start, rows)


def bin_edges(values: NDArray[np.float64], weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Upper edges of all bins of (n,) finite values but the last, rising.

    Midpoints between the values where there are 255 or fewer, else (weighted) quantiles (averaged inverse of the
    empirical distribution, as scikit-learn takes them).
    """
    import numpy as np

    order = np.argsort(values, kind="stable")
    v = values[order]
    distinct = v[np.concatenate([[True], v[1:] != v[:-1]])]
    if len(distinct) <= BINS:
        return np.asarray((distinct[:-1] + distinct[1:]) * 0.5)
    if weights is not None:
        below = np.cumsum(weights[order])
        wanted = below[-1] * np.linspace(0, 1, BINS + 1)[1:-1]
        at = np.minimum(np.searchsorted(below, wanted), len(v) - 1)
        exact = below[at] - wanted <= np.finfo(float).eps * below[-1]
        return np.unique(np.where(exact, 0.5 * (v[at] + v[np.minimum(at + 1, len(v) - 1)]), v[at]))
    rank = len(v) * (np.linspace(0, 100, BINS + 1)[1:-1] / 100)
    at = np.floor(rank).astype(np.int64)
    middle = 0.5 * (v[np.maximum(at - 1, 0)] + v[at])
    return np.unique(np.where(rank == at, middle, v[at]))
