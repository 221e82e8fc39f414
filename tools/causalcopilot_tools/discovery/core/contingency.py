"""Independence of categories within strata: G² and Pearson's chi-square with the degrees of freedom the data have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from causalcopilot_tools.discovery.core.moments import FloatArray, IntArray

SMALL = 5.0
"""Expected count below which a cell is small (Cochran 1954)."""
SMALL_SHARE = 0.2
"""Share of small cells above which the chi-square approximation is not used."""
PERMUTATIONS = 999


@dataclass(frozen=True)
class TableTest:
    """A test of independence within strata.

    Attributes:
        statistic: G² or chi-square, summed over strata.
        df: degrees of freedom of the rows and columns that occur in each stratum.
        p_value: from the chi-square distribution, or by permutation within strata.
        rows: rows in strata where both categories vary; the others say nothing.
        exact: whether permutations were used.
    """

    statistic: float
    df: int
    p_value: float
    rows: int
    exact: bool


def table_test(
    a: IntArray, b: IntArray, strata: IntArray, kind: Literal["g_square", "chi_square"], seed: int
) -> TableTest:
    """Test codes ``a`` and ``b`` (0, 1, …) for independence within each stratum (0, 1, …).

    Permutations within strata replace the chi-square distribution where cells are small (Agresti 2013, §3.5).
    """
    shape = _shape(a, b, strata)
    counts = _counts(a, b, strata, shape)
    free = _free(counts)
    informative = free > 0
    df, rows = int(free[informative].sum()), int(counts[informative].sum())
    if df == 0:
        return TableTest(0.0, 0, 1.0, 0, False)
    expected = _expected(counts)
    statistic = _statistic(counts, expected, kind)
    cells = expected[expected > 0]
    if (cells < SMALL).mean() <= SMALL_SHARE:
        from scipy.special import chdtrc

        return TableTest(statistic, df, float(chdtrc(df, statistic)), rows, False)
    p = _permuted(a, b, strata, shape, expected, statistic, kind, seed)
    return TableTest(statistic, df, p, rows, True)


def asymptotic(
    a: IntArray, b: IntArray, strata: IntArray, kind: Literal["g_square", "chi_square"]
) -> TableTest:
    """The same test by the chi-square distribution alone, however small the cells, for searches that make thousands."""
    from scipy.special import chdtrc

    counts = _counts(a, b, strata, _shape(a, b, strata))
    free = _free(counts)
    df = int(free.sum())
    if df == 0:
        return TableTest(0.0, 0, 1.0, 0, False)
    statistic = _statistic(counts, _expected(counts), kind)
    return TableTest(statistic, df, float(chdtrc(df, statistic)), int(counts[free > 0].sum()), False)


def _shape(a: IntArray, b: IntArray, strata: IntArray) -> tuple[int, int, int]:
    return int(strata.max(initial=0)) + 1, int(a.max(initial=0)) + 1, int(b.max(initial=0)) + 1


def _free(counts: FloatArray) -> IntArray:
    """Degrees of freedom of each stratum: of the rows and columns that occur in it."""
    out: IntArray = ((counts.sum(2) > 0).sum(1) - 1).clip(0) * ((counts.sum(1) > 0).sum(1) - 1).clip(0)
    return out


def _counts(a: IntArray, b: IntArray, s: IntArray, shape: tuple[int, int, int]) -> FloatArray:
    flat = np.bincount((s * shape[1] + a) * shape[2] + b, minlength=int(np.prod(shape)))
    return flat.reshape(shape).astype(np.float64)


def _expected(counts: FloatArray) -> FloatArray:
    total = np.maximum(counts.sum((1, 2), keepdims=True), 1.0)
    out: FloatArray = counts.sum(2, keepdims=True) * counts.sum(1, keepdims=True) / total
    return out


def _statistic(counts: FloatArray, expected: FloatArray, kind: str) -> float:
    if kind == "g_square":
        seen = counts > 0
        return float(2 * (counts[seen] * np.log(counts[seen] / expected[seen])).sum())
    seen = expected > 0
    return float(((counts[seen] - expected[seen]) ** 2 / expected[seen]).sum())


def _permuted(
    a: IntArray,
    b: IntArray,
    s: IntArray,
    shape: tuple[int, int, int],
    expected: FloatArray,
    statistic: float,
    kind: str,
    seed: int,
) -> float:
    """Share of shuffles of ``b`` within strata that reach the statistic, itself counted."""
    rng = np.random.default_rng(seed)
    order = np.argsort(s, kind="stable")
    a, b, s = a[order], b[order], s[order]
    reached = 1
    for _ in range(PERMUTATIONS):
        shuffled = b[np.lexsort((rng.random(len(b)), s))]
        reached += _statistic(_counts(a, shuffled, s, shape), expected, kind) >= statistic - 1e-9
    return reached / (PERMUTATIONS + 1)
