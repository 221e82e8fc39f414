"""The rules that turn a MAG into the PAG of its class.

Zhang (2008); without selection bias R5 to R7 never apply.
"""

from __future__ import annotations

from itertools import combinations

from causalcopilot.graph.ends import Ends, first_steps


def orient(mag: Ends) -> Ends:
    """Marks that all MAGs of the class share; the others become circles."""
    ends: Ends = [dict.fromkeys(row, "circle") for row in mag]
    for b, row in enumerate(mag):
        for a, c in combinations(sorted(a for a in row if row[a] == "arrow"), 2):
            if c not in mag[a]:
                ends[b][a] = ends[b][c] = "arrow"
    while _sweep(ends, mag):
        pass
    return ends


def _sweep(ends: Ends, mag: Ends) -> bool:
    """Apply every rule once at every circle; whether anything changed."""
    changed = False
    for a, row in enumerate(ends):
        for b in sorted(row):
            if ends[b][a] == "circle" and (_r2(ends, a, b) or _r3(ends, a, b)):
                ends[b][a] = "arrow"
                changed = True
            if ends[a][b] == "circle" and (_r1(ends, a, b) or _tail(ends, a, b)):
                ends[a][b], ends[b][a] = "tail", "arrow"
                changed = True
            if ends[a][b] == "circle" and _r4(ends, mag, a, b):
                changed = True
    return changed


def _directed(ends: Ends, a: int, b: int) -> bool:
    return b in ends[a] and ends[a][b] == "tail" and ends[b][a] == "arrow"


def _r1(ends: Ends, b: int, c: int) -> bool:
    """``a *-> b o-* c`` with a, c not adjacent: ``b --> c``."""
    return any(mark == "arrow" and c not in ends[a] for a, mark in ends[b].items() if a != c)


def _r2(ends: Ends, a: int, c: int) -> bool:
    """``a --> b *-> c`` or ``a *-> b --> c``, and ``a *-o c``: ``a *-> c``."""
    return any(
        ends[b][a] == "arrow" and ends[c][b] == "arrow" and "tail" in (ends[a][b], ends[b][c])
        for b in ends[a].keys() & ends[c].keys()
    )


def _r3(ends: Ends, d: int, b: int) -> bool:
    """``a *-> b <-* c``, ``a *-o d o-* c``, a, c not adjacent, ``d *-o b``: ``d *-> b``."""
    tips = [a for a in ends[d].keys() & ends[b].keys() if ends[b][a] == "arrow" and ends[d][a] == "circle"]
    return any(c not in ends[a] for a, c in combinations(tips, 2))


def _r4(ends: Ends, mag: Ends, b: int, c: int) -> bool:
    """A discriminating path for ``b`` before ``c``: the MAG tells whether ``b`` is a collider on it."""
    for a in sorted(ends[b].keys() & ends[c].keys()):
        if ends[a][b] == "arrow" and _directed(ends, a, c) and _discriminated(ends, a, b, c):
            if mag[b][c] == "tail":
                ends[b][c], ends[c][b] = "tail", "arrow"
            else:
                ends[b][a] = ends[b][c] = ends[c][b] = "arrow"
            return True
    return False


def _discriminated(ends: Ends, a: int, b: int, c: int) -> bool:
    """Whether colliders that are parents of ``c`` lead from ``a`` back to a node not adjacent to ``c``."""
    seen, stack = {a, b, c}, [a]
    while stack:
        v = stack.pop()
        for w, mark in ends[v].items():
            if mark != "arrow" or w in seen:
                continue
            if w not in ends[c]:
                return True
            if ends[w][v] == "arrow" and _directed(ends, w, c):
                seen.add(w)
                stack.append(w)
    return False


def _tail(ends: Ends, a: int, c: int) -> bool:
    """R8, R9 and R10: ``a o-> c`` becomes ``a --> c``."""
    if ends[c][a] != "arrow":
        return False
    if any(_directed(ends, a, b) and _directed(ends, b, c) for b in ends[a]):
        return True
    if any(b != c and b not in ends[c] for b in first_steps(ends, a, c)):
        return True
    causes = [b for b in sorted(ends[c]) if b != a and _directed(ends, b, c)]
    starts = {b: first_steps(ends, a, b) for b in causes}
    return any(
        m != w and w not in ends[m] and c not in (m, w)
        for b, d in combinations(causes, 2)
        for m in starts[b]
        for w in starts[d]
    )
