"""Noise models of two columns, fitted in both directions, and how independent of the cause their noise is.

Three models:

- additive noise, ``y = f(x) + e`` (Hoyer et al. 2009);
- location-scale noise, ``y = f(x) + g(x) e`` (Strobl & Lasko 2023; Immer et al. 2023), which holds the first;
- post-nonlinear, ``h(y) = f(x) + e`` (Zhang & Hyvärinen 2009), in the practical form of ``h`` being the normal
  scores of ranks.

In the true direction the noise is independent of the cause; in the other one it generically is not.  Independence
is tested by HSIC with its gamma approximation (Gretton et al. 2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from causalcopilot_tools.discovery.core.moments import FloatArray

KNOTS = 20
DEGREE = 3
PENALTIES = 10.0 ** np.linspace(-8, 3, 23)
"""Smoothing penalties tried, by generalised cross-validation."""
SCALE_STEPS = 4
"""Rounds in which the noise level and the curve are fitted in turn."""
SHRINK = 1.4
"""Each degree of freedom counts this many times in cross-validation, against wiggly fits (Kim & Gu 2004)."""
DYNAMIC = 8.0
"""Largest log range of noise variances, on each side of their middle."""
WIDTHS = (0.95, 0.5)
"""Kernel widths on the scale of normal scores: their median distance, and half of it (see the benchmark)."""
LOG_CHI = 1.2703628454614782
"""Minus the mean of the logarithm of a chi-square with one degree of freedom."""


@dataclass(frozen=True)
class Smoother:
    """A penalised cubic spline in one column; fits many responses on the same rows.

    Attributes:
        basis: (n, k) B-splines.
        penalty: (k, k) of squared second differences.
    """

    basis: FloatArray
    penalty: FloatArray

    @classmethod
    def over(cls, x: FloatArray) -> Smoother:
        """Knots at quantiles of ``x`` (n,), so that every piece holds rows."""
        from scipy.interpolate import BSpline

        count = max(4, min(KNOTS, len(np.unique(x)) // 4))
        inner = np.unique(np.quantile(x, np.linspace(0, 1, count + 1)[1:-1]))
        span = float(np.ptp(x)) * 1e-9
        inner = inner[(inner > x.min() + span) & (inner < x.max() - span)]
        low, high = np.repeat(x.min() - span, DEGREE + 1), np.repeat(x.max() + span, DEGREE + 1)
        knots = np.concatenate([low, inner, high])
        basis = BSpline.design_matrix(x, knots, DEGREE).toarray()
        # second differences of the coefficients at their Greville points: zero for straight lines
        at = np.array([knots[i + 1 : i + DEGREE + 1].mean() for i in range(basis.shape[1])])
        return cls(basis, _bending(at))

    def fit(self, y: FloatArray, weights: FloatArray | None = None) -> tuple[FloatArray, float]:
        """Fitted values (n,) and the cross-validation score of the best penalty."""
        w = np.ones(len(y)) if weights is None else weights / weights.mean()
        b, n = self.basis, len(y)
        gram = (b * w[:, None]).T @ b / n
        gram[np.diag_indices_from(gram)] += 1e-10
        root = np.linalg.cholesky(gram)
        inner = np.linalg.solve(root, np.linalg.solve(root, self.penalty).T)
        values, vectors = np.linalg.eigh((inner + inner.T) / 2)
        turned = np.linalg.solve(root.T, vectors)
        coordinates = turned.T @ ((b * w[:, None]).T @ y / n)
        values = np.maximum(values, 0.0) / max(float(np.median(values)), 1e-300)
        kept = 1.0 / (1.0 + PENALTIES[:, None] * values[None, :])
        total = float((w * y**2).mean())
        rest = total - (2 * kept - kept**2) @ coordinates**2
        score = rest / np.maximum(1 - SHRINK * kept.sum(axis=1) / n, 0.05) ** 2
        best = int(np.argmin(score))
        fitted: FloatArray = b @ (turned @ (kept[best] * coordinates))
        return fitted, float(score[best])


def _bending(at: FloatArray) -> FloatArray:
    k = len(at)
    d = np.zeros((k - 2, k))
    for i in range(k - 2):
        h1, h2 = at[i + 1] - at[i], at[i + 2] - at[i + 1]
        width = np.sqrt((h1 + h2) / 2)
        d[i, i : i + 3] = np.array([1 / h1, -1 / h1 - 1 / h2, 1 / h2]) / width
    out: FloatArray = d.T @ d
    return out


@dataclass(frozen=True)
class Cause:
    """One column in the part of the cause: its smoothers and its kernel.

    Attributes:
        x: (n,) values.
    """

    x: FloatArray

    @cached_property
    def smoothers(self) -> tuple[Smoother, ...]:
        """Splines over the standardised column and over its normal scores: one of the two scales is smooth."""
        return Smoother.over(standardised(self.x)), Smoother.over(scores(self.x))

    @cached_property
    def kernels(self) -> tuple[FloatArray, ...]:
        """Centred kernels (n, n) of its normal scores, one for each width."""
        return tuple(centred_kernel(scores(self.x), w) for w in WIDTHS)

    def curve(self, y: FloatArray, weights: FloatArray | None = None) -> FloatArray:
        """Smooth values of ``y`` (n,) along the column."""
        fits = [s.fit(y, weights) for s in self.smoothers]
        return min(fits, key=lambda f: f[1])[0]

    def additive(self, y: FloatArray) -> FloatArray:
        """Noise (n,) of ``y = f(x) + e``."""
        noise: FloatArray = y - self.curve(y)
        return noise

    def location_scale(self, y: FloatArray) -> FloatArray:
        """Noise (n,) of ``y = f(x) + g(x) e``, with curve and log variance fitted in turn."""
        rest = self.additive(y)
        log_variance = np.zeros(len(y))
        for step in range(SCALE_STEPS):
            log_variance = self._log_variance(rest, log_variance if step else None)
            rest = y - self.curve(y, np.exp(-log_variance))
        noise: FloatArray = rest * np.exp(-0.5 * log_variance)
        return noise

    def _log_variance(self, rest: FloatArray, start: FloatArray | None) -> FloatArray:
        """Smooth log variance: by least squares on log squares first, then a step of the gamma likelihood."""
        squares = rest**2
        squares = np.maximum(squares, 1e-6 * np.median(squares) + 1e-300)
        if start is None:
            response = np.log(squares) + LOG_CHI
        else:
            response = start + np.minimum(squares * np.exp(-start) - 1.0, 4.0)
        fitted = self.curve(response)
        middle = float(np.median(fitted))
        return np.clip(fitted, middle - DYNAMIC, middle + DYNAMIC)

    def post_nonlinear(self, y: FloatArray) -> FloatArray:
        """Noise (n,) of ``h(y) = f(x) + e`` with ``h`` the normal scores of ranks."""
        return self.additive(scores(y))

    def p_value(self, noise: FloatArray) -> float:
        """Chance of a dependence this strong between the column and the noise (n,) if there were none.

        Corrected (Bonferroni) for the kernel widths: the wide one sees trends, the narrow one uneven noise.
        """
        other = scores(noise)
        found = (hsic(k, centred_kernel(other, w)) for k, w in zip(self.kernels, WIDTHS, strict=True))
        return min(1.0, len(WIDTHS) * min(found))


def standardised(x: FloatArray) -> FloatArray:
    """(n,) with mean zero and variance one."""
    out: FloatArray = (x - x.mean()) / max(float(x.std()), 1e-300)
    return out


def scores(x: FloatArray) -> FloatArray:
    """Normal scores of the ranks of ``x`` (n,): outliers and units do not matter; ties share one."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    return standardised(ndtri((rankdata(x) - 0.5) / len(x)))


def centred_kernel(x: FloatArray, width: float) -> FloatArray:
    """(n, n) Gaussian kernel of a column (n,), rows and columns centred."""
    k = np.exp(-((x[:, None] - x[None, :]) ** 2) / (2 * width**2))
    means = k.mean(axis=0)
    k -= means[:, None]
    k -= means[None, :]
    k += means.mean()
    out: FloatArray = k
    return out


def hsic(k: FloatArray, other: FloatArray) -> float:
    """p-value of independence from two centred kernels (Gretton et al. 2008, gamma approximation)."""
    from scipy.special import gammaincc

    n = len(k)
    product = k * other
    statistic = float(product.sum()) / n
    spread = float((product**2).sum() - (np.diagonal(product) ** 2).sum())
    variance = 2 * spread / n / (n - 1) * (n - 4) * (n - 5) / (n - 2) / (n - 3) * n / (n - 1)
    mean = float(np.trace(k)) / n * float(np.trace(other)) / n * n / (n - 1)
    return float(gammaincc(mean**2 / variance, statistic * mean / variance))
