"""Orientation rules R1 to R4 and R8 to R10 of Zhang (2008) on a matrix of marks.

Like ``causalcopilot.graph.orient`` for graphs that are known; here rule 4 asks the data's separating sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from causalcopilot_tools.discovery.found import ARROW, CIRCLE, NONE, TAIL

Marks = NDArray[np.int8]
"""``marks[i, j]`` is the mark at ``j`` of the edge i - j; 0 where there is no edge."""
Separators = Mapping[tuple[int, int], tuple[int, ...]]


def close(m: Marks, separators: Separators) -> None:
    """Apply the rules until nothing changes; only circles change."""
    while _sweep(m, separators):
        pass


def _sweep(m: Marks, separators: Separators) -> bool:
    changed = False
    for a, b in np.argwhere(m == CIRCLE).tolist():
        if m[a, b] != CIRCLE:
            continue
        # the circle is at b, on the edge a - b
        if _arrowhead(m, a, b):
            m[a, b] = ARROW
        elif _away(m, b, a) or _tail(m, b, a):
            m[a, b], m[b, a] = TAIL, ARROW
        elif not _discriminate(m, separators, b, a):
            continue
        changed = True
    return changed


def _arrowhead(m: Marks, a: int, c: int) -> bool:
    """R2 and R3: ``a *-o c`` becomes ``a *-> c``."""
    via = (m[a] == ARROW) & (m[:, c] == ARROW) & ((m[:, a] == TAIL) | (m[c] == TAIL))
    if via.any():
        return True
    tips = np.flatnonzero((m[:, c] == ARROW) & (m[:, a] == CIRCLE))
    return any(m[x, y] == NONE for x, y in combinations(tips, 2))


def _away(m: Marks, b: int, c: int) -> bool:
    """R1: ``a *-> b o-* c`` with a, c not adjacent becomes ``b --> c``."""
    into = (m[:, b] == ARROW) & (m[:, c] == NONE)
    into[c] = False
    return bool(into.any())


def _tail(m: Marks, a: int, c: int) -> bool:
    """R8, R9 and R10: ``a o-> c`` becomes ``a --> c``."""
    if m[a, c] != ARROW:
        return False
    causes = (m[:, c] == ARROW) & (m[c] == TAIL)
    if (causes & (m[a] == ARROW) & (m[:, a] == TAIL)).any():
        return True
    if any(b != c and m[b, c] == NONE for b in first_steps(m, a, c)):
        return True
    starts = {int(b): first_steps(m, a, int(b)) for b in np.flatnonzero(causes) if b != a}
    return any(
        x != y and m[x, y] == NONE and c not in (x, y)
        for b, d in combinations(starts, 2)
        for x in starts[b]
        for y in starts[d]
    )


def first_steps(m: Marks, start: int, goal: int) -> list[int]:
    """Second nodes of uncovered possibly directed paths from ``start`` to ``goal``."""
    return [v for v in map(int, np.flatnonzero(_onward(m, start))) if _leads(m, start, v, goal)]


def _onward(m: Marks, v: int) -> NDArray[np.bool_]:
    """Nodes ``w`` with an edge v - w that may point from v to w (no arrowhead at v, no tail at w)."""
    out: NDArray[np.bool_] = (m[v] != NONE) & (m[:, v] != ARROW) & (m[v] != TAIL)
    return out


def _leads(m: Marks, start: int, first: int, goal: int) -> bool:
    queue = [(start, first)]
    seen = set(queue)
    for before, v in queue:
        if v == goal:
            return True
        for w in map(int, np.flatnonzero(_onward(m, v))):
            if w != before and m[before, w] == NONE and (v, w) not in seen:
                seen.add((v, w))
                queue.append((v, w))
    return False


def _discriminate(m: Marks, separators: Separators, b: int, c: int) -> bool:
    """R4: where a path discriminates ``b`` before ``c`` (``b o-* c``), its separator decides the marks."""
    parents = (m[:, c] == ARROW) & (m[c] == TAIL)
    for a in map(int, np.flatnonzero(parents & (m[b] == ARROW))):
        end = _far_end(m, parents, a, b, c)
        if end < 0:
            continue
        separator = separators.get((min(end, c), max(end, c)))
        if separator is None:
            continue
        if b in separator:
            m[c, b], m[b, c] = TAIL, ARROW
        elif m[a, b] == TAIL:
            continue  # knowledge or an earlier rule says otherwise
        else:
            m[a, b] = m[c, b] = m[b, c] = ARROW
        return True
    return False


def _far_end(m: Marks, parents: NDArray[np.bool_], a: int, b: int, c: int) -> int:
    """First node apart from ``c`` on a path of colliders (parents of ``c``) that ends ``a, b, c``; or -1."""
    queue, seen = [a], {a, b, c}
    for v in queue:
        for w in map(int, np.flatnonzero(m[:, v] == ARROW)):
            if w in seen:
                continue
            if m[w, c] == NONE:
                return w
            if parents[w] and m[v, w] == ARROW:
                seen.add(w)
                queue.append(w)
    return -1
