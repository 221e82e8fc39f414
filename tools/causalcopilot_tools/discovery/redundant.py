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

from causalcopilot_tools.discovery.core.moments import nearest_correlation, pairwise

if TYPE_CHECKING:
    from causalcopilot_tools.discovery.prepared import Prepared

Group = tuple[int, tuple[int, ...]]
MIN_SHARED = 20
"""Two columns known together in fewer rows cannot enter one model."""
DUPLICATE = 1e-6
"""Columns whose correlation differs from one by less say the same."""
DETERMINED = 1e-8
"""Share of variance left by the others below which a column counts as an exact combination."""
GROUP = 4
"""Largest number of columns that are tried as the parts of another where few rows are complete."""
NEARLY = 0.02
"""Share of variance left, by pairwise correlations, below which an exact combination is worth proving."""
VISIBLE = 1e-4
"""Weight (of standardised columns) above which a column is named as part of a combination."""


def redundant(data: Prepared, protected: set[str | None]) -> dict[int, str]:
    """Places of the redundant variables with the reason for each."""
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
        groups = _combinations(data, left, _correlations(data.matrix[complete]), protected)
    else:
        groups = _small_combinations(data, left, nearest_correlation(r), protected)
    for place, others in groups:
        out[place] = "is determined by " + ", ".join(data.names[i] for i in others)
    return out


def _never_together(data: Prepared, protected: set[str | None], least: int) -> dict[int, str]:
    known = ~np.isnan(data.matrix[:, [int(b[0]) for b in data.blocks]])
    if known.all():
        return {}
    shared = known.astype(np.float64).T @ known
    least = min(least, data.rows // 2)
    own = np.diag(shared)
    out = {int(i): f"is known in only {int(own[i])} rows" for i in np.flatnonzero(own < least)}
    for i, j in np.argwhere(np.triu(shared < least, 1)):
        if i in out or j in out:
            continue
        a, b = (int(i), int(j)) if known[:, i].sum() < known[:, j].sum() else (int(j), int(i))
        if data.names[a] in protected and data.names[b] not in protected:
            a, b = b, a
        out[a] = f"is known together with {data.names[b]} in only {int(shared[i, j])} rows"
    return out


def _correlations(x: NDArray[np.float64]) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an all-missing column was named before
        z = (x - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0)
    return pairwise(z, ~np.isnan(x))


def _copies(data: Prepared, left: list[int], r: NDArray[np.float64]) -> list[tuple[int, int]]:
    """(copy, original) of single columns that correlate perfectly, and of categories with the same split."""
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
) -> list[Group]:
    """(variable, others that determine it), found by adding variables until one brings nothing new."""
    kept: list[int] = []
    out: list[Group] = []
    for i in left:
        columns = np.concatenate([data.blocks[k] for k in kept]) if kept else np.empty(0, np.int64)
        rest, weights = _residual(r, data.blocks[i], columns)
        if rest > DETERMINED:
            kept.append(i)
            continue
        used = [k for k in kept if np.abs(weights[np.isin(columns, data.blocks[k])]).max() > VISIBLE]
        drop = _widest(data, [i, *used], protected)
        out.append((drop, tuple(k for k in (i, *used) if k != drop)))
        kept = [*(k for k in kept if k != drop), *([i] if drop != i else [])]
    return out


def _small_combinations(
    data: Prepared, left: list[int], r: NDArray[np.float64], protected: set[str | None]
) -> list[Group]:
    """The same where few rows are complete: small groups, proposed by correlations, proved on their rows."""
    single = [i for i in left if len(data.blocks[i]) == 1]
    out: list[Group] = []
    gone: set[int] = set()
    for i in single:
        others = _proposed(data, i, [k for k in single if k not in gone and k != i], r)
        if i in gone or not others or not _proved(data, i, others):
            continue
        drop = _widest(data, [i, *others], protected)
        gone.add(drop)
        out.append((drop, tuple(k for k in (i, *others) if k != drop)))
    return out


def _proposed(data: Prepared, i: int, pool: list[int], r: NDArray[np.float64]) -> list[int]:
    """Up to ``GROUP`` variables that together leave least of ``i``, picked one after another."""
    y = int(data.blocks[i][0])
    chosen: list[int] = []
    while pool and len(chosen) < GROUP:
        given = np.array([int(data.blocks[k][0]) for k in chosen], dtype=np.int64)
        rests = [_residual(r, np.array([y]), np.append(given, int(data.blocks[k][0])))[0] for k in pool]
        best = int(np.argmin(rests))
        chosen.append(pool.pop(best))
        if rests[best] < NEARLY:
            return chosen
    return []


def _proved(data: Prepared, i: int, others: list[int]) -> bool:
    """Whether ``i`` is an exact combination of the others on the rows where all are known."""
    x = data.matrix[:, [int(data.blocks[k][0]) for k in (i, *others)]]
    x = x[~np.isnan(x).any(axis=1)]
    if len(x) < max(MIN_SHARED, 3 * len(others)):
        return False
    x = x - x.mean(axis=0)
    fit = x[:, 1:] @ np.linalg.lstsq(x[:, 1:], x[:, 0], rcond=None)[0]
    return bool(((x[:, 0] - fit) ** 2).sum() <= DETERMINED * (x[:, 0] ** 2).sum())


def _widest(data: Prepared, group: list[int], protected: set[str | None]) -> int:
    """The member with the largest spread that may go; the first one, where it is a category or spreads tie."""
    free = [k for k in group if data.names[k] not in protected and len(data.blocks[k]) == 1]
    if len(data.blocks[group[0]]) > 1 or not free:
        return group[0]
    spread = {k: float(np.nanstd(data.matrix[:, data.blocks[k]])) for k in free}
    # compared with a margin, so that rounding cannot choose between columns of one spread
    return next(k for k in free if spread[k] >= max(spread.values()) * (1 - 1e-9))


def _residual(
    r: NDArray[np.float64], block: NDArray[np.int64], given: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64]]:
    """Least share of variance a block keeps given others, and the largest weight on each of these."""
    if not len(given):
        return 1.0, np.empty(0)
    weights = np.linalg.solve(r[np.ix_(given, given)], r[np.ix_(given, block)])
    left = r[np.ix_(block, block)] - r[np.ix_(block, given)] @ weights
    return float(np.linalg.eigvalsh(left)[0]), np.abs(weights).max(axis=1)
