"""A series as a table: columns at t, t-1 … t-L side by side, so that searches of tables can learn links over time.

Stacked columns come in blocks: the present of all variables first, then one block for each lag.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, IntArray, Moments
from causalcopilot_tools.discovery.core.pc import Limits

RIDGE = 1e-6
"""Added to the variances where columns determine one another: a link then fits to one part in a million."""


@dataclass(frozen=True)
class Stacked:
    """A series with its past.

    Attributes:
        z: (m, p (L + 1)) complete rows.
        p: variables.
        lags: L.
        runs: (m,) number of the unbroken run of time steps each row belongs to; blocks are drawn within runs.
    """

    z: FloatArray
    p: int
    lags: int
    runs: IntArray

    @property
    def present(self) -> FloatArray:
        """(m, p)."""
        return self.z[:, : self.p]

    @property
    def past(self) -> FloatArray:
        """(m, p L)."""
        return self.z[:, self.p :]


def stack(x: FloatArray, units: IntArray, lags: int, start: int | None = None) -> Stacked:
    """Put a series beside its own past; rows that reach into a gap or another unit are left out.

    Args:
        x: (n, p) on a regular grid, NaN where unknown; units one after the other.
        units: (n,) number of the unit of each row.
        lags: longest lag.
        start: lag from which rows are used (at least ``lags``), to compare lags on the same rows.
    """
    first = max(lags, start or 0)
    n = len(x)
    rows = np.arange(first, n)
    z = np.hstack([x[rows - lag] for lag in range(lags + 1)])
    keep = (units[rows] == units[rows - first]) & ~np.isnan(z).any(axis=1)
    rows = rows[keep]
    new_run = (
        np.r_[True, (np.diff(rows) > 1) | (np.diff(units[rows]) != 0)] if len(rows) else np.empty(0, bool)
    )
    return Stacked(z[keep], x.shape[1], lags, np.cumsum(new_run))


def moments(s: Stacked, weights: FloatArray | None = None) -> Moments:
    """Correlations of the stacked columns, each a variable of its own.

    Args:
        s: the stacked series.
        weights: (m,) how often each row counts; once when not given.
    """
    w = np.ones(len(s.z)) if weights is None else weights
    total = float(w.sum())
    mean = w @ s.z / total
    centred = s.z - mean
    cov = centred.T @ (w[:, None] * centred) / total
    scale = np.sqrt(np.diag(cov))
    r = cov / np.outer(scale, scale)
    r = (r + r.T) / 2
    np.fill_diagonal(r, 1.0)
    q = len(r)
    if exact(r):
        r = (1 - RIDGE) * r + RIDGE * np.eye(q)
    return Moments(r, tuple(np.array([i]) for i in range(q)), np.full((q, q), total), total)


def exact(r: FloatArray) -> bool:
    """Whether some columns determine another, so that a regression on all of them has no answer."""
    return bool(np.linalg.eigvalsh(r)[0] < RIDGE)


def limits(p: int, lags: int, forbidden: BoolArray | None = None, ordered: BoolArray | None = None) -> Limits:
    """Time order as limits of a search: the past causes the present, and how the past hangs together is not asked.

    The present's parents score the same whatever joins the past, so no edge is searched there.

    Args:
        p: variables.
        lags: longest lag.
        forbidden: (p, p) pairs that cannot be direct cause and effect at any lag.
        ordered: (p, p) pairs that are not even indirect cause and effect; among ``forbidden``.
    """
    q = p * (lags + 1)
    out = np.zeros((q, q), bool)
    out[:, p:] = True
    np.fill_diagonal(out, False)
    if forbidden is not None:
        no = forbidden & ~np.eye(p, dtype=bool)
        for lag in range(lags + 1):
            out[lag * p : (lag + 1) * p, :p] |= no
    before = np.zeros((q, q), bool)
    if ordered is not None:
        before[:p, :p] = ordered
    return Limits(out, np.zeros((q, q), bool), before if before.any() else None)


def unstack(links: BoolArray, p: int) -> BoolArray:
    """(L + 1, p, p) from a (p (L + 1), p (L + 1)) matrix: entry [l, i, j] belongs to i at t - l and j at t."""
    lags = len(links) // p - 1
    return np.stack([links[lag * p : (lag + 1) * p, :p] for lag in range(lags + 1)])


def block_length(rows: int) -> int:
    """Steps of a bootstrap block, n^(1/3) times 1.75 (the rate of Künsch 1989)."""
    return max(2, math.ceil(1.75 * math.cbrt(rows)))


def block_weights(runs: IntArray, length: int, seed: int, resamples: int) -> Iterator[FloatArray]:
    """Moving-block bootstrap: how often each stacked row counts in each seeded resample (Künsch 1989).

    Rows carry their own past, so lags are preserved; blocks never leave an unbroken run.

    Args:
        runs: (m,) number of each row's run.
        length: rows of a block; runs shorter than this make shorter blocks.
        seed: of all draws.
        resamples: how many.
    """
    m = len(runs)
    ends = np.searchsorted(runs, runs, side="right")
    full = np.flatnonzero(ends - np.arange(m) >= length)
    starts = full if len(full) * 2 >= m else np.arange(m)
    for child in np.random.SeedSequence(seed).spawn(resamples):
        rng = np.random.default_rng(child)
        chosen: list[IntArray] = []
        count = 0
        while count < m:
            a = int(rng.choice(starts))
            block = np.arange(a, min(a + length, int(ends[a]), a + m - count))
            chosen.append(block)
            count += len(block)
        yield np.bincount(np.concatenate(chosen), minlength=m).astype(np.float64)
