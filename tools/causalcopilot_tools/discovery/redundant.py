"""Columns that only repeat what others say: copies, exact combinations, and pairs never seen together.

A search on them returns nonsense without a word (every edge kept, or the complete graph), so they are taken
out first.  Of several columns that determine one another the treatment and the outcome stay; of the rest the
one with the largest spread goes, since a total varies more than its parts.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from causalcopilot_tools.discovery.inputs import Prepared


def redundant(data: Prepared, protected: set[str | None]) -> dict[int, str]:
    """Places of the redundant variables with the reason for each."""
    from causalcopilot_tools.discovery.inputs import MIN_SHARED

    out = _never_together(data, protected, MIN_SHARED)
    left = [i for i in range(len(data.names)) if i not in out]
    # protected columns first: what comes later is measured against them
    left.sort(key=lambda i: data.names[i] not in protected)
    r = _correlations(data.matrix)
    for place, twin in _copies(data, left, r):
        out[place] = f"repeats {data.names[twin]}"
    left = [i for i in left if i not in out]
    complete = ~np.isnan(data.matrix).any(axis=1)
    if complete.sum() > 2 * data.matrix.shape[1] + 2:  # else every column is a combination of the others
        for place, others in _combinations(data, left, _correlations(data.matrix[complete]), protected):
            out[place] = "is determined by " + ", ".join(data.names[i] for i in others)
    return out


def _never_together(data: Prepared, protected: set[str | None], least: int) -> dict[int, str]:
    known = ~np.isnan(data.matrix[:, [int(b[0]) for b in data.blocks]])
    if known.all():
        return {}
    shared = known.astype(np.float64).T @ known
    least = min(least, data.rows // 2)
    out: dict[int, str] = {}
    for i, j in np.argwhere(np.triu(shared < least)):
        if i in out or j in out:
            continue
        a, b = (int(i), int(j)) if known[:, i].sum() < known[:, j].sum() else (int(j), int(i))
        if data.names[a] in protected and data.names[b] not in protected:
            a, b = b, a
        with_whom = "" if a == b else f" together with {data.names[b]}"
        out[a] = f"is known{with_whom} in only {int(shared[i, j])} rows"
    return out


def _correlations(x: NDArray[np.float64]) -> NDArray[np.float64]:
    from causalcopilot_tools.discovery.core.moments import pairwise

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an all-missing column was named before
        z = (x - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0)
    return pairwise(z, ~np.isnan(x))


def _copies(data: Prepared, left: list[int], r: NDArray[np.float64]) -> list[tuple[int, int]]:
    """(copy, original) of single columns that correlate perfectly, and of categories with the same split."""
    from causalcopilot_tools.discovery.inputs import DUPLICATE

    out: list[tuple[int, int]] = []
    gone: set[int] = set()
    for n, i in enumerate(left):
        for j in left[:n]:
            a, b = data.blocks[i], data.blocks[j]
            if j in gone or len(a) != len(b):
                continue
            best = np.abs(r[np.ix_(a, b)]).max(axis=1)
            if (1 - best < DUPLICATE).all():
                out.append((i, j))
                gone.add(i)
                break
    return out


def _combinations(
    data: Prepared, left: list[int], r: NDArray[np.float64], protected: set[str | None]
) -> list[tuple[int, tuple[int, ...]]]:
    """(variable, others that determine it), found by adding variables until one brings nothing new."""
    from causalcopilot_tools.discovery.inputs import DETERMINED

    kept: list[int] = []
    out: list[tuple[int, tuple[int, ...]]] = []
    spread = {i: float(np.nanstd(data.matrix[:, data.blocks[i]])) for i in left}
    for i in left:
        columns = np.concatenate([data.blocks[k] for k in kept]) if kept else np.empty(0, np.int64)
        rest, weights = _residual(r, data.blocks[i], columns)
        if rest > DETERMINED:
            kept.append(i)
            continue
        used = [k for k in kept if np.abs(weights[np.isin(columns, data.blocks[k])]).max() > 1e-4]
        group = [i, *used]
        free = [k for k in group if data.names[k] not in protected and len(data.blocks[k]) == 1] or [i]
        # compared with a margin, so that rounding cannot choose between columns of one spread
        top = max(spread[k] for k in free)
        drop = next(k for k in free if spread[k] >= top * (1 - 1e-9))
        if len(data.blocks[i]) > 1:
            drop = i
        out.append((drop, tuple(k for k in group if k != drop)))
        kept = [*(k for k in kept if k != drop), *([i] if drop != i else [])]
    return out


def _residual(
    r: NDArray[np.float64], block: NDArray[np.int64], given: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64]]:
    """Least share of variance a block keeps given others, and the largest weight on each of these."""
    if not len(given):
        return 1.0, np.empty(0)
    weights = np.linalg.solve(r[np.ix_(given, given)], r[np.ix_(given, block)])
    left = r[np.ix_(block, block)] - r[np.ix_(block, given)] @ weights
    return float(np.linalg.eigvalsh(left)[0]), np.abs(weights).max(axis=1)
