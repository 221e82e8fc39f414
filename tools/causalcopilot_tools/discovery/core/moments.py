"""First and second moments of a table, also of one with holes: all that the linear searches need.

A variable is a block of matrix columns: one column for a number, ``levels - 1`` indicator columns for a
category (the degenerate Gaussian view of Andrews, Ramsey & Cooper 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

EM_TOLERANCE = 1e-4
"""Largest change of a correlation at which expectation-maximisation stops."""
EM_ITERATIONS = 200
EM_WORK = 1e8
"""Patterns of missing cells times columns cubed above which pairwise correlations are used instead (about
0.2 s per iteration)."""
EM_RIDGE = 1e-6
"""Added to each variance at each iteration, so that columns that determine one another leave it solvable."""


@dataclass(frozen=True)
class Moments:
    """Correlations of ``q`` matrix columns that belong to ``p`` variables.

    Attributes:
        correlation: (q, q), positive definite.
        blocks: matrix columns of each variable.
        pairs: (p, p) rows in which both variables are known.
        rows: rows a score may count on: the mean of ``pairs`` off its diagonal.
        how: ``complete``, ``em`` or ``pairwise`` (missing cells too varied for expectation-maximisation).
    """

    correlation: FloatArray
    blocks: tuple[IntArray, ...]
    pairs: FloatArray
    rows: float
    how: Literal["complete", "em", "pairwise"] = "complete"

    @property
    def scalar(self) -> bool:
        """Whether every variable is a single matrix column."""
        return all(len(b) == 1 for b in self.blocks)

    @property
    def notes(self) -> tuple[str, ...]:
        """How missing cells were dealt with, in one sentence, where there are any."""
        if self.how == "em":
            return ("correlations come from expectation-maximisation over the missing cells",)
        if self.how == "pairwise":
            return ("cells are missing in too many patterns: correlations come from pairs of columns",)
        return ()


def moments(x: FloatArray, blocks: tuple[IntArray, ...], start: FloatArray | None = None) -> Moments:
    """Correlations of ``x`` (n rows, q columns; NaN where missing), by EM where cells are missing.

    Args:
        x: the matrix.
        blocks: columns of each variable; a block's cells are missing together.
        start: correlations to begin the EM from (for resamples).
    """
    known = ~np.isnan(x)
    if known.all():
        n = float(len(x))
        p = len(blocks)
        return Moments(_correlation(x), blocks, np.full((p, p), n), n)
    seen = known[:, [int(b[0]) for b in blocks]].astype(np.float64)
    pairs = seen.T @ seen
    off = ~np.eye(len(blocks), dtype=bool)
    rows = float(pairs[off].mean()) if off.any() else float(pairs.mean())
    z = (x - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0)
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    if len(patterns) * x.shape[1] ** 3 > EM_WORK:
        return Moments(nearest_correlation(pairwise(z, known)), blocks, pairs, rows, "pairwise")
    first = nearest_correlation(pairwise(z, known)) if start is None else start
    return Moments(_em(z, patterns, which.ravel(), first), blocks, pairs, rows, "em")


def _correlation(x: FloatArray) -> FloatArray:
    """Correlations of a complete matrix; two passes, so large means cost no digits."""
    z = x - x.mean(axis=0)
    z /= np.sqrt((z * z).mean(axis=0))
    r: FloatArray = z.T @ z / len(z)
    np.fill_diagonal(r, 1.0)
    return r


def pairwise(z: FloatArray, known: BoolArray) -> FloatArray:
    """Correlation of each pair on the rows where both are known; zero where fewer than three are."""
    k = known.astype(np.float64)
    v = np.where(known, z, 0.0)
    n = np.maximum(k.T @ k, 1.0)
    mean = v.T @ k / n
    cov = v.T @ v / n - mean * mean.T
    var = np.maximum((v * v).T @ k / n - mean**2, 1e-12)
    r = np.where(k.T @ k >= 3, cov / np.sqrt(var * var.T), 0.0)
    np.fill_diagonal(r, 1.0)
    return np.clip((r + r.T) / 2, -1.0, 1.0)


def nearest_correlation(r: FloatArray, floor: float = 1e-6) -> FloatArray:
    """A positive definite correlation matrix near ``r``: eigenvalues lifted to ``floor``, unit diagonal."""
    values, vectors = np.linalg.eigh(r)
    if values[0] >= floor:
        return r
    c = (vectors * np.maximum(values, floor)) @ vectors.T
    d = np.sqrt(np.diag(c))
    out: FloatArray = c / np.outer(d, d)
    np.fill_diagonal(out, 1.0)
    return out


def _em(z: FloatArray, patterns: BoolArray, which: IntArray, start: FloatArray) -> FloatArray:
    """Gaussian maximum likelihood under missingness at random (Little & Rubin, ch. 11).

    Works from the sums of each pattern, so one iteration costs the same whatever the number of rows.
    """
    n, q = z.shape
    sums = [_pattern_sums(z[which == g], patterns[g]) for g in range(len(patterns))]
    mean, cov = np.zeros(q), start.copy()
    last = start
    for _ in range(EM_ITERATIONS):
        first, second = np.zeros(q), np.zeros((q, q))
        for o, count, s1, s2 in sums:
            f, s = _expected(mean, cov, o, count, s1, s2)
            first += f
            second += s
        mean = first / n
        cov = second / n - np.outer(mean, mean)
        cov[np.diag_indices(q)] += EM_RIDGE
        d = np.sqrt(np.diag(cov))
        r = cov / np.outer(d, d)
        if np.abs(r - last).max() < EM_TOLERANCE:
            break
        last = r
    np.fill_diagonal(r, 1.0)
    return nearest_correlation((r + r.T) / 2)


def _pattern_sums(z: FloatArray, known: BoolArray) -> tuple[IntArray, int, FloatArray, FloatArray]:
    o = np.flatnonzero(known)
    v = z[:, o]
    return o, len(z), v.sum(axis=0), v.T @ v


def _expected(
    mean: FloatArray, cov: FloatArray, o: IntArray, count: int, s1: FloatArray, s2: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Expected sums of all columns and of their products over the rows of one pattern."""
    q = len(mean)
    m = np.setdiff1d(np.arange(q), o)
    if not len(o):
        return count * mean, count * (cov + np.outer(mean, mean))
    b = np.linalg.solve(cov[np.ix_(o, o)], cov[np.ix_(o, m)])
    a = np.zeros((q, len(o)))
    a[o, np.arange(len(o))] = 1.0
    a[m] = b.T
    c = mean - a @ mean[o]
    first = a @ s1 + count * c
    cross = np.outer(a @ s1, c)
    second = a @ s2 @ a.T + cross + cross.T + count * np.outer(c, c)
    second[np.ix_(m, m)] += count * (cov[np.ix_(m, m)] - cov[np.ix_(m, o)] @ b)
    return first, second
