"""Orienting a skeleton so that the result is always a valid class of acyclic graphs.

``arrows[i, j]`` means i --> j.  A skeleton is a symmetric boolean matrix; an edge without an arrow is
undirected.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from causalcopilot_tools.discovery.core.moments import BoolArray

Evidence = Mapping[tuple[int, int, int], float]
"""Per unshielded triple (a, middle, c) with a < c: above zero for a collider at ``middle``, below against."""


def is_acyclic(arrows: BoolArray) -> bool:
    """Whether the arrows form no directed cycle."""
    left = np.arange(len(arrows))
    while len(left):
        sources = ~arrows[np.ix_(left, left)].any(axis=0)
        if not sources.any():
            return False
        left = left[~sources]
    return True


def unshielded(skeleton: BoolArray) -> list[tuple[int, int, int]]:
    """All triples a - m - c with a < c and a, c not adjacent, in a fixed order."""
    out = []
    for m in range(len(skeleton)):
        near = np.flatnonzero(skeleton[m])
        out += [(int(a), m, int(c)) for i, a in enumerate(near) for c in near[i + 1 :] if not skeleton[a, c]]
    return out


def least_contradicted(skeleton: BoolArray, evidence: Evidence, fixed: BoolArray) -> BoolArray:
    """A DAG on the skeleton that keeps every ``fixed`` arrow and contradicts as little evidence as it can.

    Sinks are taken off one by one (after Dor & Tarsi 1992).  Where a DAG without any contradiction exists,
    one is found, because turning all edges of a free sink towards it can break nothing; where none exists,
    the sink that breaks the least evidence goes first, so the outcome is acyclic for every input.

    Args:
        skeleton: (p, p) adjacencies.
        evidence: for or against a collider at each unshielded triple.
        fixed: arrows that must stay; acyclic, within the skeleton.
    """
    p = len(skeleton)
    near = [set(map(int, np.flatnonzero(row))) for row in skeleton]
    as_middle: list[list[tuple[int, int, float]]] = [[] for _ in range(p)]
    as_end: list[list[tuple[int, float]]] = [[] for _ in range(p)]
    for (a, m, c), e in evidence.items():
        as_middle[m].append((a, c, e))
        as_end[a].append((m, e))
        as_end[c].append((m, e))
    dag = np.zeros_like(skeleton)
    left = set(range(p))
    while left:
        best, lowest = -1, np.inf
        for x in sorted(left):
            here = near[x] & left
            if any(fixed[x, y] for y in here):
                continue
            cost = sum(-e for a, c, e in as_middle[x] if e < 0 and a in here and c in here)
            cost += sum(e for m, e in as_end[x] if e > 0 and m in here)
            if cost < lowest:
                best, lowest = x, cost
        for y in near[best] & left:
            dag[y, best] = True
        left.remove(best)
    return dag


def class_of(dag: BoolArray, fixed: BoolArray | None = None) -> BoolArray:
    """Arrows shared by all DAGs with the skeleton and colliders of ``dag`` (and the ``fixed`` arrows).

    Without ``fixed`` these are the arrows of the CPDAG; with it, of the maximally oriented graph of
    Meek (1995).
    """
    skeleton = dag | dag.T
    arrows = np.zeros_like(dag) if fixed is None else fixed & skeleton
    for a, m, c in unshielded(skeleton):
        if dag[a, m] and dag[c, m]:
            arrows[a, m] = arrows[c, m] = True
    return meek(skeleton, arrows)


def meek(skeleton: BoolArray, arrows: BoolArray) -> BoolArray:
    """Closure under the four rules of Meek (1995)."""
    d = arrows.copy()
    while True:
        new = False
        for i, j in np.argwhere(skeleton & ~d & ~d.T):
            if not d[i, j] and not d[j, i] and _implied(skeleton, d, int(i), int(j)):
                d[i, j] = new = True
        if not new:
            return d


def _implied(s: BoolArray, d: BoolArray, i: int, j: int) -> bool:
    """Whether i - j must be i --> j."""
    away = d[:, i] & ~s[:, j]
    away[j] = False
    if away.any() or (d[i] & d[:, j]).any():
        return True
    free = s[i] & ~d[i] & ~d[:, i]
    k = np.flatnonzero(free & d[:, j])
    if len(k) > 1 and (~s[np.ix_(k, k)] & ~np.eye(len(k), dtype=bool)).any():
        return True
    # rule 4: i - k --> l --> j with k, j apart and l next to i (i - l not directed into i)
    apart = np.flatnonzero(free & ~s[:, j])
    return any(k != j and (d[k] & d[:, j] & s[i]).any() for k in apart)


def find_cycle(arrows: BoolArray) -> list[int]:
    """Nodes of one directed cycle in order, or an empty list."""
    left = np.arange(len(arrows))
    while len(left):
        inner = arrows[np.ix_(left, left)]
        keep = inner.any(axis=0) & inner.any(axis=1)
        if keep.all():
            break
        left = left[keep]
    if not len(left):
        return []
    path = [int(left[0])]
    while True:
        before = next(int(v) for v in left if arrows[v, path[-1]])
        if before in path:
            return path[path.index(before) :][::-1]
        path.append(before)
