"""Compiled orientation: what ``orient.least_contradicted`` and ``orient.class_of`` do, for many columns.

Same answers, same order of sums.  The NumPy forms serve small graphs, where loading compiled code would cost more
than the whole search.
"""

from __future__ import annotations

import numpy as np

from causalcopilot_tools.compiled import compiled, inner
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, IntArray


@compiled
def unshielded(skeleton: BoolArray) -> IntArray:
    """Triples (a, middle, c) with a < c, both next to the middle and not to one another; shape (t, 3)."""
    p = len(skeleton)
    near, start = _neighbours(skeleton)
    count = 0
    for fill in range(2):
        if fill:
            out = np.empty((count, 3), np.int64)
        count = 0
        for m in range(p):
            for i in range(start[m], start[m + 1]):
                for j in range(i + 1, start[m + 1]):
                    if not skeleton[near[i], near[j]]:
                        if fill:
                            out[count, 0], out[count, 1], out[count, 2] = near[i], m, near[j]
                        count += 1
    return out


@inner
def _neighbours(skeleton: BoolArray) -> tuple[IntArray, IntArray]:
    """Neighbours of all nodes, one after the other, and where each node's begin."""
    p = len(skeleton)
    start = np.zeros(p + 1, np.int64)
    for i in range(p):
        n = 0
        for j in range(p):
            if skeleton[i, j]:
                n += 1
        start[i + 1] = start[i] + n
    near = np.empty(start[p], np.int64)
    for i in range(p):
        k = start[i]
        for j in range(p):
            if skeleton[i, j]:
                near[k] = j
                k += 1
    return near, start


@compiled
def least_contradicted(
    skeleton: BoolArray, triples: IntArray, evidence: FloatArray, fixed: BoolArray
) -> BoolArray:
    """A DAG on the skeleton that keeps ``fixed`` and contradicts as little evidence as it can.

    Args:
        skeleton: (p, p).
        triples: (t, 3) unshielded triples (a, middle, c).
        evidence: (t,) above zero for a collider.
        fixed: (p, p) acyclic arrows that must stay.
    """
    p = len(skeleton)
    near, start = _neighbours(skeleton)
    left = np.ones(p, np.bool_)
    dag = np.zeros((p, p), np.bool_)
    as_middle, as_end = np.empty(p), np.empty(p)
    for _ in range(p):
        as_middle[:] = 0.0
        as_end[:] = 0.0
        for t in range(len(triples)):
            a, m, c = triples[t, 0], triples[t, 1], triples[t, 2]
            e = evidence[t]
            if e < 0 and left[a] and left[c]:
                as_middle[m] -= e
            if e > 0 and left[m]:
                as_end[a] += e
                as_end[c] += e
        best, lowest = -1, np.inf
        for x in range(p):
            if not left[x]:
                continue
            cost = as_middle[x] + as_end[x]
            if cost < lowest:
                free = True
                for i in range(start[x], start[x + 1]):
                    if left[near[i]] and fixed[x, near[i]]:
                        free = False
                if free:
                    best, lowest = x, cost
        for i in range(start[best], start[best + 1]):
            if left[near[i]]:
                dag[near[i], best] = True
        left[best] = False
    return dag


@compiled
def class_of(dag: BoolArray, fixed: BoolArray) -> BoolArray:
    """Arrows shared by all DAGs with the skeleton and colliders of ``dag`` and the ``fixed`` arrows."""
    skeleton = dag | dag.T
    arrows = fixed & skeleton
    triples = unshielded(skeleton)
    for t in range(len(triples)):
        a, m, c = triples[t, 0], triples[t, 1], triples[t, 2]
        if dag[a, m] and dag[c, m]:
            arrows[a, m] = True
            arrows[c, m] = True
    _meek(skeleton, arrows)
    return arrows


@inner
def _meek(s: BoolArray, d: BoolArray) -> None:
    """Closure under the four rules of Meek (1995), in place."""
    near, start = _neighbours(s)
    p = len(s)
    new = True
    while new:
        new = False
        for i in range(p):
            for e in range(start[i], start[i + 1]):
                j = near[e]
                if not d[i, j] and not d[j, i] and _implied(s, d, near, start, i, j):
                    d[i, j] = True
                    new = True


@inner
def _implied(s: BoolArray, d: BoolArray, near: IntArray, start: IntArray, i: int, j: int) -> bool:
    """Whether i - j must be i --> j."""
    for a in range(start[i], start[i + 1]):
        k = near[a]
        if k == j:
            continue
        if d[k, i]:
            if not s[k, j]:
                return True
            continue
        if d[i, k]:
            if d[k, j]:
                return True
            continue
        for b in range(start[i], start[i + 1]):
            v = near[b]
            if v in (j, k):
                continue
            # two causes of j, apart, both undirected at i
            if d[k, j] and d[v, j] and not d[i, v] and not d[v, i] and not s[k, v]:
                return True
            # i - k --> v --> j with k and j apart
            if not s[k, j] and d[k, v] and d[v, j]:
                return True
    return False
