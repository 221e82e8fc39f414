"""Conditional independence tests on moments, many conditioning sets at once.

Fisher's Z for two numbers; for blocks (categories as indicators) the likelihood-ratio test of no partial
canonical correlation with Bartlett's correction (Mardia, Kent & Bibby 1979, §10.2.3).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from causalcopilot_tools.discovery.core.moments import FloatArray, IntArray, Moments


class Test(Protocol):
    """What a constraint-based search needs of a test."""

    variables: int

    def p_values(self, x: int, y: int, sets: IntArray) -> FloatArray:
        """p-value of x independent of y given each row of ``sets`` (m sets of d variables)."""
        ...


class GaussianTest:
    """Partial correlations of a ``Moments``; exact for Gaussian data, asymptotic for indicator blocks."""

    def __init__(self, m: Moments) -> None:
        self.variables = len(m.blocks)
        self._r = m.correlation
        self._blocks = m.blocks
        self._pairs = m.pairs
        self._full = bool((m.pairs == m.pairs.flat[0]).all())
        self._scalar = m.scalar
        self._column = np.array([b[0] for b in m.blocks], dtype=np.int64)

    def p_values(self, x: int, y: int, sets: IntArray) -> FloatArray:
        """p-value for each conditioning set, shape (m,); 1.0 where the rows cannot carry the test."""
        if self._scalar:
            return self._fisher_z(x, y, sets)
        return np.array([self._likelihood_ratio(x, y, s) for s in sets])

    def statistic(self, x: int, y: int, given: IntArray) -> tuple[str, float, int, float]:
        """Name of the test, its statistic, degrees of freedom, and p-value, for one conditioning set."""
        given = np.asarray(given, dtype=np.int64)
        if len(self._blocks[x]) == len(self._blocks[y]) == 1 and all(
            len(self._blocks[s]) == 1 for s in given
        ):
            r, n = self._partial(x, y, given[None, :])
            free = max(float(n[0]) - len(given) - 3, 0.0)
            z = float(np.sqrt(free) * np.arctanh(r[0]))
            return "fisher_z", z, 1, float(self._fisher_z(x, y, given[None, :])[0])
        stat, df = self._ratio(x, y, given)
        return "likelihood_ratio", stat, df, self._likelihood_ratio(x, y, given)

    def _rows(self, x: int, y: int, sets: IntArray) -> FloatArray:
        """Rows a test may count on: the least shared by any two of its variables."""
        if self._full:
            return np.full(len(sets), self._pairs.flat[0])
        idx = np.column_stack([np.full(len(sets), x), np.full(len(sets), y), sets])
        rows: FloatArray = self._pairs[idx[:, :, None], idx[:, None, :]].min(axis=(1, 2))
        return rows

    def _partial(self, x: int, y: int, sets: IntArray) -> tuple[FloatArray, FloatArray]:
        c, d = self._column, sets.shape[1]
        if d == 0:
            r = np.full(len(sets), self._r[c[x], c[y]])
        else:
            idx = np.column_stack([np.full(len(sets), c[x]), np.full(len(sets), c[y]), c[sets]])
            inverse = np.linalg.inv(self._r[idx[:, :, None], idx[:, None, :]])
            r = -inverse[:, 0, 1] / np.sqrt(inverse[:, 0, 0] * inverse[:, 1, 1])
        return np.clip(r, -1 + 1e-15, 1 - 1e-15), self._rows(x, y, sets)

    def _fisher_z(self, x: int, y: int, sets: IntArray) -> FloatArray:
        from scipy.special import ndtr

        r, n = self._partial(x, y, sets)
        free = n - sets.shape[1] - 3
        z = np.sqrt(np.maximum(free, 0.0)) * np.abs(np.arctanh(r))
        return np.where(free > 0, 2 * ndtr(-z), 1.0)

    def _ratio(self, x: int, y: int, given: IntArray) -> tuple[float, int]:
        a, b = self._blocks[x], self._blocks[y]
        s = np.concatenate([self._blocks[g] for g in given]) if len(given) else np.empty(0, np.int64)
        k = conditional(self._r, np.concatenate([a, b]), s)
        da, db = len(a), len(b)
        logs = [np.linalg.slogdet(m)[1] for m in (k, k[:da, :da], k[da:, da:])]
        n = float(self._rows(x, y, np.asarray(given, dtype=np.int64)[None, :])[0])
        scale = n - 1 - len(s) - (da + db + 1) / 2
        return float(max(-scale * (logs[0] - logs[1] - logs[2]), 0.0)) if scale > 0 else 0.0, da * db

    def _likelihood_ratio(self, x: int, y: int, given: IntArray) -> float:
        from scipy.special import chdtrc

        stat, df = self._ratio(x, y, given)
        return float(chdtrc(df, stat)) if stat > 0 else 1.0


def conditional(r: FloatArray, rows: IntArray, given: IntArray) -> FloatArray:
    """Covariance of the columns ``rows`` given the columns ``given``."""
    k: FloatArray = r[np.ix_(rows, rows)]
    if len(given):
        k = k - r[np.ix_(rows, given)] @ np.linalg.solve(r[np.ix_(given, given)], r[np.ix_(given, rows)])
    return k
