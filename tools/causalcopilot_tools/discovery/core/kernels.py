"""Independence beyond straight lines: random Fourier features (RCoT) and boosted residuals (GCM).

RCoT: Strobl, Zhang & Visweswaran 2019, the cheap form of the kernel conditional independence test, here on
residuals; its null distribution by three matched cumulants (Buckley & Eagleson 1988).  Reference:
causal-learn's ``RCIT``.
GCM, the generalised covariance measure: Shah & Peters 2020.
"""

from __future__ import annotations

import numpy as np

from causalcopilot_tools.discovery.core.moments import FloatArray

FEATURES = 8
"""Random features of each tested column."""
GIVEN_FEATURES = 100
"""Random features of the conditioning columns, at most one per ``ROWS_PER_FEATURE`` rows."""
OWN_FEATURES = 14
"""Of these, splines of each conditioning column by itself, while they make at most three quarters."""
SPLINE_DEGREE = 3
ROWS_PER_FEATURE = 8
WIDTH_ROWS = 500
"""Rows from which the median distance (the kernel's width) is taken."""
RIDGE = 1e-6
FOLDS = 5


def rcot(a: FloatArray, b: FloatArray, given: FloatArray, rng: np.random.Generator) -> tuple[float, float]:
    """Statistic and p-value of ``a`` independent of ``b`` given ``given``.

    Args:
        a, b: (n, k) blocks; a single number column, or indicator columns.
        given: (n, g), g may be 0.
        rng: draws the features.
    """
    if given.shape[1]:
        z = basis(given, rng)
        # means first: features of a - E[a | given] depend on the given columns far more simply than features of
        # a itself, so that what the basis cannot follow does not look like dependence
        a, b = (v if _indicator(v) else v - _ridge(z, v) for v in (a, b))
        x, y = _features(a, FEATURES, rng), _features(b, FEATURES, rng)
        x, y = x - _ridge(z, x), y - _ridge(z, y)
    else:
        x, y = _features(a, FEATURES, rng), _features(b, FEATURES, rng)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    n = len(x)
    statistic = n * float(((x.T @ y / n) ** 2).sum())
    products = (x[:, :, None] * y[:, None, :]).reshape(n, -1)
    products -= products.mean(axis=0)
    return statistic, _tail(statistic, products.T @ products / n)


def _tail(statistic: float, covariance: FloatArray) -> float:
    """P(sum of eigenvalue-weighted chi-squares > statistic), by mean, variance and skewness."""
    from scipy.special import gammaincc

    c2 = covariance @ covariance
    first, second, third = np.trace(covariance), 2 * np.trace(c2), 8 * np.trace(c2 @ covariance)
    if second <= 0:
        return 1.0
    k = 8 * second**3 / third**2
    return float(gammaincc(k / 2, max(k + np.sqrt(2 * k) * (statistic - first) / np.sqrt(second), 0.0) / 2))


def _features(x: FloatArray, count: int, rng: np.random.Generator) -> FloatArray:
    """Indicators as they are; numbers, by rank, as random cosines at the median width."""
    if _indicator(x):
        centred: FloatArray = x - x.mean(axis=0)
        return centred
    return _cosines(_ranked(x), count, rng)


def basis(given: FloatArray, rng: np.random.Generator) -> FloatArray:
    """A flexible basis of the conditioning columns: themselves, splines of each, and cosines of all together.

    Cosines of all columns together alone leave curved effects of single columns in the residuals once there are
    three or more columns, and the test then rejects what is true.
    """
    z = (given - given.mean(axis=0)) / np.maximum(given.std(axis=0), 1e-12)
    count = min(GIVEN_FEATURES, len(z) // ROWS_PER_FEATURE)
    numbers = [j for j in range(z.shape[1]) if len(np.unique(given[:, j])) > 2]
    parts = [np.ones((len(z), 1)), z]
    if numbers and count:
        scores = _ranked(given)
        each = min(OWN_FEATURES, 3 * count // (4 * len(numbers)))
        own = [_splines(scores[:, j], each) for j in numbers if each > SPLINE_DEGREE]
        joint = max(count - sum(o.shape[1] for o in own), 0)
        parts += own
        if len(numbers) > 1 or not own:
            parts.append(_cosines(scores, joint, rng))
    return np.column_stack(parts)


def _splines(x: FloatArray, count: int) -> FloatArray:
    """Cubic B-splines with knots at equal steps between the 1 % and 99 % quantiles."""
    from scipy.interpolate import BSpline

    low, high = np.quantile(x, (0.01, 0.99))
    inner = np.linspace(low, high, max(count - SPLINE_DEGREE, 0) + 2)[1:-1]
    ends = np.repeat([x.min() - 1e-9, x.max() + 1e-9], SPLINE_DEGREE + 1)
    knots = np.concatenate([ends[: SPLINE_DEGREE + 1], inner, ends[SPLINE_DEGREE + 1 :]])
    out: FloatArray = BSpline.design_matrix(x, knots, SPLINE_DEGREE).toarray()
    return out[:, 1:]  # with the constant column, one of them says nothing


def _cosines(x: FloatArray, count: int, rng: np.random.Generator) -> FloatArray:
    """Random cosines of ``x`` whose kernel is the median distance wide."""
    head = x[:: max(1, len(x) // WIDTH_ROWS)][:WIDTH_ROWS]
    squares = ((head[:, None, :] - head[None, :, :]) ** 2).sum(axis=2)
    width = float(np.sqrt(np.median(squares[squares > 0]))) if (squares > 0).any() else 1.0
    w = rng.standard_normal((x.shape[1], count)) / width
    shift = rng.uniform(0, 2 * np.pi, count)
    out: FloatArray = np.sqrt(2.0) * np.cos(x @ w + shift)
    return out


def _ranked(x: FloatArray) -> FloatArray:
    """Columns as normal scores of their ranks (ties share one), so that outliers and units do not matter."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    r = np.apply_along_axis(rankdata, 0, x)
    out: FloatArray = ndtri((r - 0.5) / len(x))
    out /= np.maximum(out.std(axis=0), 1e-12)
    return out


def _indicator(x: FloatArray) -> bool:
    return bool(np.isin(x, (0.0, 1.0)).all())


def _ridge(z: FloatArray, target: FloatArray) -> FloatArray:
    """Fitted values of ``target`` on ``z``, slightly shrunk."""
    gram = z.T @ z
    gram[np.diag_indices_from(gram)] += RIDGE * len(z)
    out: FloatArray = z @ np.linalg.solve(gram, z.T @ target)
    return out


def curvature(target: FloatArray, given: FloatArray, rng: np.random.Generator) -> float:
    """Share of variance that a flexible fit predicts out of sample beyond a straight one, 0 where none.

    Args:
        target: (n, k).
        given: (n, g).
        rng: draws features and folds.
    """
    z = basis(given, rng)
    straight = z[:, : given.shape[1] + 1]
    fold = rng.permutation(len(z)) % FOLDS
    loss = np.zeros(2)
    for f in range(FOLDS):
        test, train = fold == f, fold != f
        for k, design in enumerate((straight, z)):
            gram = design[train].T @ design[train]
            # the ridge of a flexible fit is of the size of its noise: enough not to lose to a straight one
            gram[np.diag_indices_from(gram)] += 1e-8 * len(z) if k == 0 else 1e-3 * len(z)
            beta = np.linalg.solve(gram, design[train].T @ target[train])
            loss[k] += float(((target[test] - design[test] @ beta) ** 2).sum())
    total = float(((target - target.mean(axis=0)) ** 2).sum())
    return max((loss[0] - loss[1]) / total, 0.0) if total > 0 else 0.0


def gcm(a: FloatArray, b: FloatArray, given: FloatArray, seed: int) -> tuple[float, int, float]:
    """Statistic, degrees of freedom and p-value of the generalised covariance measure.

    Residuals come from gradient boosting, each row predicted by trees that did not see it; the products
    of residuals are tested for mean zero (a Wald test over all pairs of columns).
    """
    from scipy.special import chdtrc

    x, y = (_boosted_residuals(v, given, seed) for v in (a, b))
    products = (x[:, :, None] * y[:, None, :]).reshape(len(x), -1)
    mean = products.mean(axis=0)
    cov = np.cov(products.T).reshape(len(mean), len(mean))
    statistic = float(len(x) * mean @ np.linalg.pinv(cov) @ mean)
    df = int(np.linalg.matrix_rank(cov))
    return statistic, df, float(chdtrc(max(df, 1), statistic))


def _boosted_residuals(target: FloatArray, given: FloatArray, seed: int) -> FloatArray:
    out: FloatArray = target - target.mean(axis=0)
    if not given.shape[1]:
        return out
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.model_selection import KFold, cross_val_predict
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    model = HistGradientBoostingRegressor(max_iter=80, learning_rate=0.1, max_leaf_nodes=8, random_state=seed)
    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    with threadpool_limits(1):  # threads that wait for each other cost more than they bring on small tables
        for j, column in enumerate(target.T):
            out[:, j] = column - cross_val_predict(model, given, column, cv=folds)
    return out
