"""Orders of the present variables, scored with parents chosen backwards from everything that may cause them.

Growing parents one by one, as BOSS does, stops short where two lagged causes show only together, and series with memory
are full of such pairs.  Starting from all candidates and dropping the weakest does not; it needs many more rows than
candidates, which ``lag_choice`` sees to.
"""

from __future__ import annotations

import numpy as np

from causalcopilot_tools.compiled import NONE, compiled, inner
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, IntArray

IMPROVEMENT = 1e-6
"""A move counts when it raises the score by more than this."""
SWEEPS = 20
"""Sweeps at most; two or three are usual."""


@compiled
def parents(
    r: FloatArray, y: int, may: BoolArray, must: BoolArray, half: float, penalty: float, out: BoolArray
) -> float:
    """Backward elimination of the causes of one variable; fills ``out`` and returns the score.

    Args:
        r: (q, q) correlations, positive definite.
        y: the variable.
        may: (q,) candidates.
        must: (q, p) edges into the present that stay.
        half: half the number of rows.
        penalty: of one coefficient.
        out: (q,) the causes kept.
    """
    q = len(r)
    size = 1
    for c in range(q):
        if may[c]:
            size += 1
    index = np.empty(size, np.int64)
    index[0] = y
    k = 1
    for c in range(q):
        if may[c]:
            index[k] = c
            k += 1
    a = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            a[i, j] = r[index[i], index[j]]
    inverse = np.linalg.inv(a)
    for i in range(size):  # cell by cell: assigning whole arrays takes three seconds to compile
        for j in range(size):
            a[i, j] = inverse[i, j]
    alive = np.ones(size, np.bool_)
    left = size - 1
    while left > 0:
        weakest, least = -1, np.inf
        for i in range(1, size):
            if alive[i] and not must[index[i], y]:
                rho = a[0, i] * a[0, i] / (a[0, 0] * a[i, i])
                if rho < least:
                    weakest, least = i, rho
        if weakest < 0 or -half * np.log(max(1.0 - least, 1e-300)) >= penalty:
            break
        alive[weakest] = False
        left -= 1
        for i in range(size):
            if alive[i]:
                f = a[i, weakest] / a[weakest, weakest]
                for j in range(size):
                    if alive[j]:
                        a[i, j] -= f * a[weakest, j]
    out[:] = False
    for i in range(1, size):
        if alive[i]:
            out[index[i]] = True
    score: float = half * np.log(a[0, 0]) - penalty * left
    return score


@compiled
def sweep(
    r: FloatArray,
    free: BoolArray,
    must: BoolArray,
    half: float,
    penalty: float,
    order: IntArray,
    turns: IntArray,
) -> bool:
    """Move each present variable to its best place; changes ``order`` and says whether it did.

    Args:
        r: (q, q) correlations.
        free, must: (q, p) edges into the present that may be and that must be.
        half, penalty: of the score.
        order: (p,) present variables, causes first.
        turns: (p,) whose turn it is.
    """
    q, p = free.shape
    out = np.empty(q, np.bool_)
    may = np.empty(q, np.bool_)
    moved = False
    for v in turns:
        rest = np.empty(p - 1, np.int64)
        now, k = 0, 0
        for i in range(p):
            if order[i] == v:
                now = i
            else:
                rest[k] = order[i]
                k += 1
        without, with_ = np.empty(p), np.empty(p)
        own = np.full(p, -np.inf)
        for i in range(p):
            if i < p - 1:
                candidates(free, rest, i, NONE, rest[i], may)
                without[i] = _score(r, rest[i], may, must, half, penalty, out)
                candidates(free, rest, i, v, rest[i], may)
                with_[i] = _score(r, rest[i], may, must, half, penalty, out)
            candidates(free, rest, i, NONE, v, may)
            own[i] = _score(r, v, may, must, half, penalty, out)
        best, top, held = now, -np.inf, -np.inf
        for i in range(p):
            total = own[i]
            for k in range(p - 1):
                total += without[k] if k < i else with_[k]
            if total > top:
                best, top = i, total
            if i == now:
                held = total
        if top > held + IMPROVEMENT:
            for i in range(p):
                order[i] = v if i == best else rest[i if i < best else i - 1]
            moved = True
    return moved


@compiled
def candidates(free: BoolArray, rest: IntArray, upto: int, extra: int, y: int, may: BoolArray) -> None:
    """The past, the first ``upto`` of ``rest`` and ``extra``, as far as they may cause ``y``."""
    q, p = free.shape
    for c in range(q):
        may[c] = c >= p and free[c, y]
    for k in range(upto):
        may[rest[k]] = free[rest[k], y]
    if extra >= 0:
        may[extra] = free[extra, y]


@inner
def _score(
    r: FloatArray, y: int, may: BoolArray, must: BoolArray, half: float, penalty: float, out: BoolArray
) -> float:
    """Score of one variable, minus infinity where a cause that must be there stands behind it."""
    for c in range(len(may)):
        if must[c, y] and not may[c]:
            return -np.inf
    return parents(r, y, may, must, half, penalty, out)


def improve(
    r: FloatArray, free: BoolArray, must: BoolArray, rows: float, penalty: float, order: IntArray, seed: int
) -> tuple[BoolArray, float]:
    """Climb from an order; the DAG over the present, (q, p) cause and effect, and its score.

    Args:
        r: (q, q) correlations of the stacked columns, present first.
        free, must: (q, p) edges into the present that may be and that must be.
        rows: behind the correlations.
        penalty: per coefficient, in units of log(rows).
        order: (p,) present variables, causes first; changed.
        seed: of the turns.
    """
    p = free.shape[1]
    r, free, must = np.ascontiguousarray(r), np.ascontiguousarray(free), np.ascontiguousarray(must)
    half, price = rows / 2, penalty * float(np.log(rows))
    rng = np.random.default_rng(seed)
    for _ in range(SWEEPS):
        if not sweep(r, free, must, half, price, order, rng.permutation(p)):
            break
    return chosen(r, free, must, half, price, order)


def chosen(
    r: FloatArray, free: BoolArray, must: BoolArray, half: float, price: float, order: IntArray
) -> tuple[BoolArray, float]:
    """The DAG an order stands for, and its score."""
    q, p = free.shape
    dag, total = np.zeros((q, p), bool), 0.0
    may, out = np.empty(q, bool), np.empty(q, bool)
    for place, y in enumerate(order):
        candidates(free, order, place, -1, int(y), may)
        total += float(parents(r, int(y), may, must, half, price, out))
        dag[:, y] = out
    return dag, total
