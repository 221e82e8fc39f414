"""Tests on rows from several domains: whether a column's mechanism changes, and independence within domains.

A mechanism is the regression of a column on others. It changes when intercept or slopes differ between domains
(Chow 1960, as a likelihood ratio with Bartlett's correction) or when the spread of the residuals does (Brown &
Forsythe 1974, which needs no Gaussian noise). Within domains, partial correlations are tested for a common value
(Fisher's Z, weighted) and for one of any sign per domain (their squares added up).
"""

from __future__ import annotations

import numpy as np

from causalcopilot_tools.discovery.core.citest import GaussianTest
from causalcopilot_tools.discovery.core.moments import FloatArray, IntArray, moments


class DomainTest:
    """The conditional independence tests of CD-NOD in linear form (a ``citest.Test``).

    Args:
        matrix: (n, q) without missing cells.
        blocks: matrix columns of each variable.
        domain: the variable whose single matrix column numbers the domains 0, 1, …
    """

    def __init__(self, matrix: FloatArray, blocks: tuple[IntArray, ...], domain: int) -> None:
        self.variables = len(blocks)
        self._x = matrix - matrix.mean(axis=0)
        self._x /= np.maximum(self._x.std(axis=0), 1e-12)
        self._blocks = blocks
        self._domain = domain
        self._codes = np.unique(matrix[:, blocks[domain][0]], return_inverse=True)[1].ravel()
        groups = [self._x[self._codes == d] for d in range(int(self._codes.max()) + 1)]
        self._rows = np.array([len(g) for g in groups])
        self._products = [(g - g.mean(axis=0)).T @ (g - g.mean(axis=0)) for g in groups]
        self._pooled = self._x.T @ self._x
        self._gauss = GaussianTest(moments(matrix, blocks))
        self._known: dict[tuple[int, int, tuple[int, ...]], float] = {}

    def p_values(self, x: int, y: int, sets: IntArray) -> FloatArray:
        """p-value for each conditioning set, shape (m,)."""
        if self._domain not in (x, y) and self._domain not in sets:
            return self._gauss.p_values(x, y, sets)
        return np.array([self._one(x, y, tuple(sorted(map(int, s)))) for s in sets])

    def _one(self, x: int, y: int, given: tuple[int, ...]) -> float:
        key = (min(x, y), max(x, y), given)
        if key not in self._known:
            if self._domain in (x, y):
                self._known[key] = self.change(y if x == self._domain else x, given)
            elif self._domain in given:
                self._known[key] = self.within(x, y, tuple(g for g in given if g != self._domain))
            else:
                self._known[key] = float(self._gauss.p_values(x, y, np.array([given], np.int64))[0])
        return self._known[key]

    def change(self, y: int, given: tuple[int, ...]) -> float:
        """p-value of the same mechanism of ``y`` given ``given`` in all domains (two tests, Bonferroni)."""
        a, z = self._blocks[y], self._columns(given)
        p = self._mean_change(a, z)
        if len(a) > 1 or len(np.unique(self._x[:, a[0]])) <= 2:
            return p  # the spread of a category follows from its mean
        return min(1.0, 2 * min(p, self._spread_change(int(a[0]), z)))

    def parts(self, y: int, given: tuple[int, ...]) -> tuple[float, float | None]:
        """p-values of the same intercept and slopes, and of the same spread (``None`` for a category)."""
        a, z = self._blocks[y], self._columns(given)
        category = len(a) > 1 or len(np.unique(self._x[:, a[0]])) <= 2
        return self._mean_change(a, z), None if category else self._spread_change(int(a[0]), z)

    def within(self, x: int, y: int, given: tuple[int, ...]) -> float:
        """p-value of ``x`` independent of ``y`` given ``given`` inside every domain."""
        from scipy.special import chdtrc, ndtr

        a, b, z = self._blocks[x], self._blocks[y], self._columns(given)
        if len(a) > 1 or len(b) > 1:
            return self._within_blocks(a, b, z)
        scores, weights = [], []
        for rows, s in zip(self._rows, self._products, strict=True):
            rest, rank = _residual(s, np.concatenate([a, b]), z)
            free = float(rows - rank - 3)
            spread = rest[0, 0] * rest[1, 1]
            if free > 0 and spread > 1e-12 * s[a[0], a[0]] * s[b[0], b[0]]:
                scores.append(np.arctanh(np.clip(rest[0, 1] / np.sqrt(spread), -1 + 1e-15, 1 - 1e-15)))
                weights.append(free)
        if not scores:
            return 1.0
        t, w = np.array(scores), np.array(weights)
        common = 2 * float(ndtr(-abs(float((w * t).sum())) / np.sqrt(w.sum())))
        return min(1.0, 2 * min(common, float(chdtrc(len(t), float((w * t**2).sum())))))

    def _columns(self, given: tuple[int, ...]) -> IntArray:
        return np.concatenate([self._blocks[g] for g in given]) if given else np.empty(0, np.int64)

    def _mean_change(self, a: IntArray, z: IntArray) -> float:
        from scipy.special import chdtrc

        one, rank = _residual(self._pooled, a, z)
        each = [_residual(s, a, z) for s in self._products]
        several = sum((r for r, _ in each), np.zeros_like(one))
        used = sum(k + 1 for _, k in each)
        more = used - rank - 1
        free = float(self._rows.sum() - used)
        kept = np.diag(several) > 1e-10 * np.diag(one)
        if more <= 0 or free <= len(a) or not kept.any():
            return 1.0
        take = np.ix_(kept, kept)
        k = int(kept.sum())
        ratio = np.linalg.slogdet(one[take])[1] - np.linalg.slogdet(several[take])[1]
        return float(chdtrc(k * more, max((free - (k - more + 1) / 2) * ratio, 0.0)))

    def _spread_change(self, a: int, z: IntArray) -> float:
        from scipy.special import fdtrc

        spread = np.empty(len(self._x))
        for d, s in enumerate(self._products):
            rows = self._codes == d
            e = self._x[rows, a]
            if len(z):
                e = e - self._x[np.ix_(rows, z)] @ (_inverse(s, z)[0] @ s[z, a])
            spread[rows] = np.abs(e - np.median(e))
        n, groups = len(spread), len(self._rows)
        means = np.bincount(self._codes, spread) / self._rows
        between = float((self._rows * (means - spread.mean()) ** 2).sum()) / (groups - 1)
        inside = float(((spread - means[self._codes]) ** 2).sum()) / (n - groups)
        return float(fdtrc(groups - 1, n - groups, between / inside)) if inside > 0 else 1.0

    def _within_blocks(self, a: IntArray, b: IntArray, z: IntArray) -> float:
        """Likelihood ratios of the domains added up; columns that do not vary in a domain say nothing there."""
        from scipy.special import chdtrc

        statistic, df = 0.0, 0
        for rows, s in zip(self._rows, self._products, strict=True):
            rest, rank = _residual(s, np.concatenate([a, b]), z)
            varies = np.diag(rest) > 1e-8 * max(float(rows), 1.0)
            i, j = np.flatnonzero(varies[: len(a)]), len(a) + np.flatnonzero(varies[len(a) :])
            scale = float(rows - 1 - rank) - (len(i) + len(j) + 1) / 2
            if not len(i) or not len(j) or scale <= 0:
                continue
            both = np.concatenate([i, j])
            logs = [np.linalg.slogdet(rest[np.ix_(k, k)])[1] for k in (i, j, both)]
            if np.isfinite(logs).all():
                statistic += max(scale * (logs[0] + logs[1] - logs[2]), 0.0)
                df += len(i) * len(j)
        return float(chdtrc(df, statistic)) if df else 1.0


def _inverse(s: FloatArray, z: IntArray) -> tuple[FloatArray, int]:
    """Pseudo-inverse of the products of ``z``, and their rank."""
    values, vectors = np.linalg.eigh(s[np.ix_(z, z)])
    kept = values > 1e-9 * max(float(values[-1]), 1e-300)
    return (vectors[:, kept] / values[kept]) @ vectors[:, kept].T, int(kept.sum())


def _residual(s: FloatArray, a: IntArray, z: IntArray) -> tuple[FloatArray, int]:
    """Products of the columns ``a`` with what ``z`` explains taken out, and the rank of ``z``."""
    if not len(z):
        return s[np.ix_(a, a)], 0
    inverse, rank = _inverse(s, z)
    return s[np.ix_(a, a)] - s[np.ix_(a, z)] @ inverse @ s[np.ix_(z, a)], rank
