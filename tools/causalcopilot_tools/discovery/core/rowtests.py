"""Conditional independence tests that need the rows: tables, kernels, and Fisher's Z with test-wise deletion.

All take the complete rows of the columns they test (test-wise deletion) and remember their answers, which hang on
the variables' numbers only: a search in canonical order gives the same answer however the table is arranged.
References: causal-learn's ``chisq``, ``gsq``, ``mv_fisherz``, ``kci``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

import numpy as np

from causalcopilot_tools.discovery.core.moments import FloatArray, IntArray

ROWS_PER_FREE = 5.0
"""Rows a table must have per degree of freedom; with fewer the test says nothing and separates nobody."""
RCOT_ROWS = 2000
KCI_ROWS = 500
"""Rows the kernel tests work on, drawn at random from more: KCI takes 0.1 s for one test of 500 rows."""


class RowTest(ABC):
    """What the tests of this file share (a ``citest.Test``).

    Args:
        matrix: (n, q), NaN where missing.
        blocks: matrix columns of each variable.
        seed: of draws and random features.
        rows: most rows used, ``None`` for all.

    Attributes:
        variables: number of variables.
        untested: tests for which there were too few rows.
    """

    def __init__(
        self, matrix: FloatArray, blocks: tuple[IntArray, ...], seed: int = 0, rows: int | None = None
    ) -> None:
        if rows is not None and len(matrix) > rows:
            matrix = matrix[np.sort(np.random.default_rng(seed).choice(len(matrix), rows, replace=False))]
        self.variables = len(blocks)
        self.untested = 0
        self._x = matrix
        self._blocks = blocks
        self._seed = seed
        self._holes = bool(np.isnan(matrix).any())
        self._known: dict[tuple[int, int, tuple[int, ...]], float] = {}

    def p_values(self, x: int, y: int, sets: IntArray) -> FloatArray:
        """p-value for each conditioning set, shape (m,)."""
        return np.array([self._one(min(x, y), max(x, y), tuple(sorted(map(int, s)))) for s in sets])

    def _one(self, x: int, y: int, given: tuple[int, ...]) -> float:
        key = (x, y, given)
        if key not in self._known:
            self._known[key] = self._test(x, y, given)
        return self._known[key]

    @abstractmethod
    def _test(self, x: int, y: int, given: tuple[int, ...]) -> float:
        """p-value of one test."""

    def _parts(self, x: int, y: int, given: tuple[int, ...]) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Blocks of ``x``, ``y`` and ``given`` on their complete rows."""
        of = [self._blocks[v] for v in (x, y, *given)]
        part = self._x[:, np.concatenate(of)]
        if self._holes:
            part = part[~np.isnan(part).any(axis=1)]
        a, b = len(of[0]), len(of[1])
        return part[:, :a], part[:, a : a + b], part[:, a + b :]


class MissingFisherZ(RowTest):
    """Fisher's Z on the rows complete in the tested columns (test-wise deletion); numbers only."""

    def _test(self, x: int, y: int, given: tuple[int, ...]) -> float:
        from scipy.special import ndtr

        a, b, z = self._parts(x, y, given)
        free = len(a) - z.shape[1] - 3
        both = np.column_stack([a, b])
        both = both - both.mean(axis=0) if len(both) else both
        if free <= 0 or not both.any(axis=0).all():
            self.untested += 1
            return 0.0
        if z.shape[1]:
            z = z - z.mean(axis=0)
            both = both - z @ np.linalg.lstsq(z, both, rcond=None)[0]
        r = both[:, 0] @ both[:, 1] / max(float(np.sqrt((both**2).sum(axis=0).prod())), 1e-300)
        return float(2 * ndtr(-np.sqrt(free) * abs(np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15)))))


class Tables(RowTest):
    """Pearson's chi-square or G² within strata; degrees of freedom are those of the levels that occur.

    Args:
        codes: (n, p) level numbers 0, 1, …, below zero where missing.
        kind: which statistic.
        enough: rows a test must have per degree of freedom.
    """

    def __init__(
        self, codes: IntArray, kind: Literal["g_square", "chi_square"], enough: float = ROWS_PER_FREE
    ) -> None:
        x = np.where(codes < 0, np.nan, codes.astype(np.float64))
        super().__init__(x, tuple(np.array([j]) for j in range(codes.shape[1])))
        self._kind = kind
        self._enough = enough

    def _test(self, x: int, y: int, given: tuple[int, ...]) -> float:
        from causalcopilot_tools.discovery.core.contingency import asymptotic

        a, b, z = self._parts(x, y, given)
        strata = np.zeros(len(a), np.int64)
        for column in z.T.astype(np.int64):
            strata = np.unique(strata * (column.max(initial=0) + 1) + column, return_inverse=True)[1].ravel()
        t = asymptotic(a[:, 0].astype(np.int64), b[:, 0].astype(np.int64), strata, self._kind)
        if t.rows < self._enough * t.df or not t.df:
            self.untested += 1
            return 0.0
        return t.p_value


class Rcot(RowTest):
    """Random Fourier features (``kernels.rcot``)."""

    def _test(self, x: int, y: int, given: tuple[int, ...]) -> float:
        from causalcopilot_tools.discovery.core.kernels import rcot

        a, b, z = self._parts(x, y, given)
        return rcot(a, b, z, np.random.default_rng([self._seed, x, y, *given]))[1]


class Kci(RowTest):
    """The kernel conditional independence test of Zhang et al. 2011, as causal-learn computes it."""

    def _test(self, x: int, y: int, given: tuple[int, ...]) -> float:
        return self.measured(x, y, given)[1]

    def measured(self, x: int, y: int, given: tuple[int, ...]) -> tuple[float, float]:
        """Statistic and p-value."""
        from causalcopilot_tools.discovery.quiet import quiet

        with quiet():
            from causallearn.utils.KCI.KCI import KCI_CInd, KCI_UInd

            a, b, z = self._parts(x, y, given)
            p, statistic = KCI_CInd().compute_pvalue(a, b, z) if given else KCI_UInd().compute_pvalue(a, b)
            return float(statistic), float(p)
