"""Compiled adjacency search of PC on a correlation matrix, and the evidence for colliders.

The same tests as ``pc.skeleton`` and ``pc.collider_evidence`` make with Fisher's Z.  Conditioning sets are walked
depth first; going one deeper is a rank-one update of the covariances of all neighbours at once (a Schur
complement), and one leaf tests a node against every neighbour.  ``citest.GaussianTest`` stays for blocks and for
missing cells, where every test has its own number of rows.
"""

from __future__ import annotations

import numpy as np

from causalcopilot_tools.compiled import ZERO, compiled, inner
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, IntArray

SINGULAR = 1e-12
"""A pivot below this adds nothing to a conditioning set: its variable is determined by the set."""


@compiled
def marginal(r: FloatArray, adjacent: BoolArray, squared: FloatArray) -> int:
    """Level zero: squared correlations of adjacent pairs into ``squared``; returns the number of tests."""
    p, tests = len(r), 0
    for x in range(p):
        for y in range(p):
            if adjacent[x, y]:
                squared[x, y] = r[x, y] * r[x, y]
                tests += 1
    return tests // 2


@compiled
def level(
    r: FloatArray,
    adjacent: BoolArray,
    usable: BoolArray,
    depth: int,
    critical: float,
    squared: FloatArray,
    best: IntArray,
    union: BoolArray,
) -> int:
    """Smallest squared partial correlation of each adjacent pair over sets of one size from its first node.

    Args:
        r: (p, p) correlations.
        adjacent: (p, p) adjacencies at the start of the level.
        usable: (p, p); ``usable[x, v]``: v may be in a set taken from the neighbours of x.
        depth: size of the sets, at least one.
        critical: squared partial correlation up to which a set separates.
        squared: (p, p) out; row x holds the minimum over sets from the neighbours of x.
        best: (p, p, depth) out; the set of that minimum.
        union: (p, p, p) out, or empty; union of all sets from the neighbours of x that separate x, y.

    Returns:
        Number of tests.
    """
    p, tests = len(r), 0
    collect = union.shape[0] == p
    near = np.empty(p, np.int64)
    may = np.empty(p, np.bool_)
    chosen = np.empty(depth, np.int64)
    for x in range(p):
        m = ZERO
        for y in range(p):
            if adjacent[x, y]:
                near[m] = y
                may[m] = usable[x, y]
                m += 1
        if m <= depth:
            continue
        c = np.empty((depth, m + 1, m + 1))  # covariances given the first members; index m is x itself
        _gather(r, near, m, x, c[0])
        inside = np.zeros(m + 1, np.bool_)
        at, v = ZERO, ZERO
        while True:
            if v > m - (depth - at):
                if at == 0:
                    break
                at -= 1
                inside[chosen[at]] = False
                v = chosen[at] + 1
                continue
            pivot = c[at, v, v]
            if not may[v] or pivot <= SINGULAR:
                v += 1
                continue
            chosen[at] = v
            if at == depth - 1:
                tests += _leaf(
                    c[at], m, v, inside, near, x, chosen, depth, critical, squared, best, union, collect
                )
                v += 1
                continue
            _condition(c[at], c[at + 1], m + 1, v, inside)
            inside[v] = True
            at += 1
            v += 1
    return tests


@inner
def _gather(r: FloatArray, near: IntArray, m: int, x: int, out: FloatArray) -> None:
    for a in range(m):
        for b in range(m):
            out[a, b] = r[near[a], near[b]]
        out[a, m] = r[near[a], x]
        out[m, a] = out[a, m]
    out[m, m] = 1.0


@inner
def _condition(c: FloatArray, out: FloatArray, size: int, v: int, inside: BoolArray) -> None:
    """Covariances ``c`` given also ``v``, of all but the members."""
    for a in range(size):
        if inside[a] or a == v:
            continue
        f = c[a, v] / c[v, v]
        for b in range(a, size):
            t = c[a, b] - f * c[b, v]
            out[a, b] = t
            out[b, a] = t


@inner
def _leaf(
    c: FloatArray,
    m: int,
    v: int,
    inside: BoolArray,
    near: IntArray,
    x: int,
    chosen: IntArray,
    depth: int,
    critical: float,
    squared: FloatArray,
    best: IntArray,
    union: BoolArray,
    collect: bool,
) -> int:
    tests = 0
    pivot = c[v, v]
    f = c[m, v] / pivot
    own = c[m, m] - f * c[m, v]
    for a in range(m):
        if a == v or inside[a]:
            continue
        tests += 1
        other = c[a, a] - c[a, v] * c[a, v] / pivot
        cross = c[m, a] - f * c[a, v]
        top, scale = cross * cross, abs(own * other)
        y = near[a]
        if top < squared[x, y] * scale:
            squared[x, y] = top / scale
            for s in range(depth):
                best[x, y, s] = near[chosen[s]]
        if collect and top <= critical * scale:
            union[x, y, y] = True  # a mark that some set separates; y itself is never in one
            for s in range(depth):
                union[x, y, near[chosen[s]]] = True
    return tests


@compiled
def evidence(
    r: FloatArray,
    adjacent: BoolArray,
    usable: BoolArray,
    triples: IntArray,
    depth: int,
    most: int,
    rows: float,
    out: FloatArray,
) -> None:
    """Smallest Fisher's Z of the outer pair of each triple over sets without and with its middle.

    Args:
        r: (p, p) correlations.
        adjacent: (p, p) the learned adjacencies.
        usable: as in ``level``.
        triples: (t, 3) rows (a, c, middle), sorted so that equal outer pairs stand together.
        depth: largest sets.
        most: sizes with more sets than this (and all above) are left out.
        rows: number of rows of the data.
        out: (t, 2) in and out; Z without (0) and with (1) the middle.
    """
    first = 0
    while first < len(triples):
        last = first
        a, c = triples[first, 0], triples[first, 1]
        while last < len(triples) and triples[last, 0] == a and triples[last, 1] == c:
            last += 1
        widest = max(_count(adjacent, usable, a), _count(adjacent, usable, c))
        deepest = min(depth, widest)
        for size in range(deepest + 1):
            if _choose(widest, size) > most:
                deepest = size - 1
                break
        middles = triples[first:last, 2]
        _sets_of(r, adjacent, usable, a, a, c, middles, deepest, rows, out[first:last])
        _sets_of(r, adjacent, usable, c, a, c, middles, deepest, rows, out[first:last])
        first = last


@inner
def _count(adjacent: BoolArray, usable: BoolArray, x: int) -> int:
    n = 0
    for v in range(len(adjacent)):
        if adjacent[x, v] and usable[x, v]:
            n += 1
    return n


@inner
def _choose(n: int, k: int) -> float:
    out = 1.0
    for i in range(k):
        out = out * (n - i) / (i + 1)
    return out


@inner
def _sets_of(
    r: FloatArray,
    adjacent: BoolArray,
    usable: BoolArray,
    source: int,
    a: int,
    c: int,
    middles: IntArray,
    deepest: int,
    rows: float,
    out: FloatArray,
) -> None:
    """All sets from the neighbours of ``source`` up to ``deepest`` members."""
    p = len(r)
    near = np.empty(p, np.int64)
    m = ZERO
    for v in range(p):
        if adjacent[source, v] and usable[source, v]:
            near[m] = v
            m += 1
    deepest = min(deepest, m)
    q = m + 2
    k = np.empty((deepest + 1, q, q))
    _gather(r, near, m, a, k[0])
    for i in range(m):
        k[0, i, m + 1] = k[0, m + 1, i] = r[near[i], c]
    k[0, m, m + 1] = k[0, m + 1, m] = r[a, c]
    k[0, m + 1, m + 1] = 1.0
    inside = np.zeros(q, np.bool_)
    chosen = np.empty(deepest + 1, np.int64)
    at, v = ZERO, ZERO
    _count_set(k[0], m, middles, near, inside, at, rows, out)
    while True:
        if v >= m or at == deepest:
            if at == 0:
                break
            at -= 1
            inside[chosen[at]] = False
            v = chosen[at] + 1
            continue
        if k[at, v, v] > SINGULAR:
            _condition(k[at], k[at + 1], q, v, inside)
            inside[v] = True
            chosen[at] = v
            at += 1
            _count_set(k[at], m, middles, near, inside, at, rows, out)
        v += 1


@inner
def _count_set(
    k: FloatArray,
    m: int,
    middles: IntArray,
    near: IntArray,
    inside: BoolArray,
    size: int,
    rows: float,
    out: FloatArray,
) -> None:
    """Note one conditioning set for every middle."""
    free = rows - size - 3
    if free <= 0:
        return
    correlation = abs(k[m, m + 1]) / np.sqrt(abs(k[m, m] * k[m + 1, m + 1]))
    z = np.sqrt(free) * np.arctanh(min(correlation, 1 - 1e-15))
    for t in range(len(middles)):
        side = 0
        for i in range(m):
            if near[i] == middles[t] and inside[i]:
                side = 1
        out[t, side] = min(out[t, side], z)
