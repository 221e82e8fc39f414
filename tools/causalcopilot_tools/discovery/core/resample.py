"""Moments of row resamples, without copying rows: a resample is a weight per row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from causalcopilot_tools.discovery.core.moments import FloatArray, IntArray, Moments

DRAWS = 20
"""Tries for a resample in which every column still varies."""
CONSTANT = 1e-13
"""Variance (of standardised columns) below which a resampled column counts as constant."""


def resampled(x: FloatArray, blocks: tuple[IntArray, ...], seed: int, resamples: int) -> Iterator[Moments]:
    """Moments of seeded row resamples of a complete matrix.

    The rows are those that ``rng.integers(0, n, n)`` draws, one generator per resample, so the k-th resample
    does not depend on how many there are.  A resample in which a column is constant is drawn again; after
    ``DRAWS`` tries it is left out.

    Args:
        x: (n, q), no column constant.
        blocks: columns of each variable.
        seed: of all draws.
        resamples: how many.
    """
    n, p = len(x), len(blocks)
    z = x - x.mean(axis=0)
    z /= np.sqrt((z * z).mean(axis=0))
    pairs = np.full((p, p), float(n))
    for child in np.random.SeedSequence(seed).spawn(resamples):
        correlation = _draw(z, np.random.default_rng(child))
        if correlation is not None:
            yield Moments(correlation, blocks, pairs, float(n))


def _draw(z: FloatArray, rng: np.random.Generator) -> FloatArray | None:
    n = len(z)
    for _ in range(DRAWS):
        weight = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        mean = weight @ z / n
        cov = z.T @ (weight[:, None] * z) / n - np.outer(mean, mean)
        variance = np.diag(cov)
        if variance.min() > CONSTANT:
            scale = np.sqrt(variance)
            r: FloatArray = cov / np.outer(scale, scale)
            r = (r + r.T) / 2
            np.fill_diagonal(r, 1.0)
            return r
    return None
