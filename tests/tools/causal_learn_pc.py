"""PC as causal-learn runs it, to the last mark of its matrix: for checking against the reference only.

Every separating set of a level counts (their union decides the colliders), colliders are set in the order of the
columns, and a conflict is settled by what came first.  Its answers depend on the order of the columns and may
hold directed cycles; ``compiled_pc`` is what users get.  Reference: causal-learn 0.1.4, ``pc`` with its defaults
(stable, ``uc_rule=0``, ``uc_priority=2``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causalcopilot_tools.compiled import compiled, inner
from causalcopilot_tools.discovery.core import compiled_skeleton as kernel
from causalcopilot_tools.discovery.core.compiled_pc import critical
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, IntArray

Int8Array = NDArray[np.int8]

TAIL, ARROW = -1, 1


def endpoints(r: FloatArray, rows: int, alpha: float = 0.05) -> Int8Array:
    """causal-learn's endpoint matrix: entry (i, j) is the mark at i of the edge i - j, -1 tail, 1 arrow.

    Args:
        r: (p, p) correlations, as ``numpy.corrcoef`` makes them.
        rows: number of rows.
        alpha: level of Fisher's Z.
    """
    p, depth = len(r), 0
    r = np.ascontiguousarray(r)
    adjacent, usable = ~np.eye(p, dtype=bool), np.ones((p, p), bool)
    union = np.zeros((p, p, p), bool)
    while adjacent.sum(1).max(initial=0) > depth and rows - depth - 3 > 0:
        squared, best = np.full((p, p), np.inf), np.empty((p, p, depth), np.int64)
        bound = critical(alpha, rows, depth)
        if depth:
            kernel.level(r, adjacent, usable, depth, bound, squared, best, union)
        else:
            kernel.marginal(r, adjacent, squared)
        adjacent &= np.minimum(squared, squared.T) > bound
        depth += 1
    return orient(adjacent, union)


@compiled
def orient(skeleton: BoolArray, union: BoolArray) -> Int8Array:
    """Colliders, then rules to a fixed point, in causal-learn's order."""
    p = len(skeleton)
    g = np.zeros((p, p), np.int8)
    reach = np.zeros((p, p), np.bool_)  # reach[j, i]: i is an ancestor of j, or j itself
    for i in range(p):
        reach[i, i] = True
        for j in range(p):
            if skeleton[i, j]:
                g[i, j] = TAIL
    _colliders(g, skeleton, union, reach)
    near, start, tails, heads = _edge_order(g)
    moved = True
    while moved:
        moved = _chains(g, skeleton, reach, near, start, tails, heads, False)
        moved = _chains(g, skeleton, reach, near, start, tails, heads, True) or moved
        moved = _kite(g, skeleton, reach, near, start, tails, heads) or moved
    return g


@inner
def _colliders(g: Int8Array, s: BoolArray, union: BoolArray, reach: BoolArray) -> None:
    p = len(s)
    for y in range(p):
        for x in range(p):
            if not s[x, y]:
                continue
            for z in range(x + 1, p):
                if not s[y, z] or s[x, z] or union[x, z, y] or union[z, x, y]:
                    continue
                if not _points(g, y, x) and not _points(g, y, z):
                    _point(g, reach, x, y)
                    _point(g, reach, z, y)


@inner
def _points(g: Int8Array, i: int, j: int) -> bool:
    """Whether i --> j."""
    return bool(g[i, j] == TAIL and g[j, i] == ARROW)


@inner
def _loose(g: Int8Array, i: int, j: int) -> bool:
    """Whether i --- j."""
    return bool(g[i, j] == TAIL and g[j, i] == TAIL)


@inner
def _point(g: Int8Array, reach: BoolArray, x: int, y: int) -> None:
    """Make it x --> y; where it was y --> x, paths are found anew."""
    if g[x, y] != 0 and g[x, y] + g[y, x] == 0:
        g[x, y] = g[y, x] = 0
        _reach_anew(g, reach)
    _set(g, reach, x, y)


@inner
def _set(g: Int8Array, reach: BoolArray, x: int, y: int) -> None:
    g[x, y], g[y, x] = TAIL, ARROW
    _reach_add(reach, x, y)


@inner
def _reach_add(reach: BoolArray, i: int, j: int) -> None:
    reach[j, i] = True
    for k in range(len(reach)):
        if reach[i, k]:
            reach[j, k] = True
        if reach[k, j]:
            reach[k, i] = True


@inner
def _reach_anew(g: Int8Array, reach: BoolArray) -> None:
    p = len(g)
    reach[:] = False
    for i in range(p):
        reach[i, i] = True
    for i in range(p - 1, -1, -1):
        for j in range(p - 1, i, -1):
            if _points(g, i, j):
                _reach_add(reach, i, j)
            elif _points(g, j, i):
                _reach_add(reach, j, i)


@inner
def _edge_order(g: Int8Array) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Edges in the order in which causal-learn lists them, and each node's neighbours in that order."""
    p = len(g)
    count = 0
    for i in range(p):
        for j in range(p):
            if g[i, j] != 0:
                count += 1
    tails, heads = np.empty(count, np.int64), np.empty(count, np.int64)
    k = 0
    for mark in (TAIL, ARROW):
        for v in range(p):
            for u in range(p):
                if g[v, u] == mark:
                    tails[k], heads[k] = u, v
                    k += 1
    start = np.zeros(p + 1, np.int64)
    for e in range(count):
        start[tails[e] + 1] += 1
    for i in range(p):
        start[i + 1] += start[i]
    place, near = start[:-1].copy(), np.empty(count, np.int64)
    for e in range(count):
        near[place[tails[e]]] = heads[e]
        place[tails[e]] += 1
    return near, start, tails, heads


@inner
def _chains(
    g: Int8Array,
    s: BoolArray,
    reach: BoolArray,
    near: IntArray,
    start: IntArray,
    tails: IntArray,
    heads: IntArray,
    closed: bool,
) -> bool:
    """i --> j --- k with i, k apart becomes j --> k; where ``closed``, i --> j --> k with i --- k becomes i --> k."""
    moved = False
    for e in range(len(tails)):
        i, j = tails[e], heads[e]
        for t in range(start[j], start[j + 1]):
            k = near[t]
            if k == i or s[i, k] != closed or not _points(g, i, j) or (closed and not _points(g, j, k)):
                continue
            cause = i if closed else j
            if _loose(g, cause, k) and not reach[cause, k]:
                _set(g, reach, cause, k)
                moved = True
    return moved


@inner
def _kite(
    g: Int8Array,
    s: BoolArray,
    reach: BoolArray,
    near: IntArray,
    start: IntArray,
    tails: IntArray,
    heads: IntArray,
) -> bool:
    """i --- j --> l and i --- k --> l with j, k apart and i --- l becomes i --> l."""
    moved = False
    for e in range(len(tails)):
        i, j = tails[e], heads[e]
        if not _loose(g, i, j):
            continue
        for t in range(start[j], start[j + 1]):
            top = near[t]
            if top == i or not s[i, top] or not _points(g, j, top) or not _loose(g, i, top):
                continue
            for k in range(j + 1, len(s)):
                if not s[i, k] or not s[k, top] or s[j, k] or reach[i, top]:
                    continue
                if _loose(g, i, k) and _points(g, k, top) and _loose(g, i, top):
                    _set(g, reach, i, top)
                    moved = True
    return moved
