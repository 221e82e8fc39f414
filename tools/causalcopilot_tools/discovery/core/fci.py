"""FCI on a conditional independence test: the marks all graphs with hidden common causes share.

Skeleton and possible-D-SEP phase: Spirtes, Glymour & Scheines 2000; orientation rules: Zhang 2008 (no
selection bias, so R5 to R7 never apply).  Colliders come from the same max-p evidence as in ``pc``; two
arrowheads that meet on one edge make ``<->`` there, so nothing depends on an order.  causal-learn's ``fci`` is
the reference in the tests; it was not wrapped because it draws knowledge about order as direct causes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from causalcopilot_tools.discovery.core.citest import Test
from causalcopilot_tools.discovery.core.moments import BoolArray, IntArray
from causalcopilot_tools.discovery.core.orient import Evidence, unshielded
from causalcopilot_tools.discovery.core.pag_rules import Marks, close
from causalcopilot_tools.discovery.core.pc import (
    Limits,
    Skeleton,
    collider_evidence,
    skeleton,
)
from causalcopilot_tools.discovery.found import ARROW, CIRCLE, NONE, TAIL

DSEP_SIZE = 4
"""Largest conditioning set taken from possible-D-SEP."""
DSEP_SETS = 2000
"""Sets of one size tried per pair in that phase."""


@dataclass(frozen=True)
class FciResult:
    """Marks and what they rest on.

    Attributes:
        marks: (p, p); ``marks[i, j]`` is the mark at ``j``.
        skeleton: the adjacency search, both phases.
        evidence: for or against a collider at each unshielded triple.
        unsure: causes and effects among ``marks`` that a graph without them explains nearly as well.
        contested: arrowheads (from, at) that some graph which explains nearly as much does not share, per graph.
    """

    marks: Marks
    skeleton: Skeleton
    evidence: Evidence
    unsure: tuple[tuple[int, int], ...] = ()
    contested: tuple[tuple[tuple[int, int], ...], ...] = ()


def fci(test: Test, alpha: float, limits: Limits | None = None, max_depth: int | None = None) -> FciResult:
    """Learn a PAG.

    Args:
        test: conditional independence test.
        alpha: level.
        limits: ``forbidden`` here means not an ancestor (an arrowhead at the cause's end).
        max_depth: largest conditioning set, ``None`` for no limit.
    """
    limits = limits or Limits.none(test.variables)
    # a pair that may not cause one another can still share a hidden cause: it stays in the search
    open_limits = Limits(np.zeros_like(limits.forbidden), limits.required)
    found = skeleton(test, alpha, open_limits, max_depth)
    evidence = _evidence(test, found, open_limits)
    first = colliders(found.adjacent, evidence, limits)
    if max_depth is None or max_depth > 1:
        possible_dsep(test, alpha, found, first, limits, max_depth or DSEP_SIZE)
        evidence = _evidence(test, found, open_limits)
    return FciResult(orient(found, evidence, limits), found, evidence)


def orient(found: Skeleton, evidence: Evidence, limits: Limits) -> Marks:
    """Knowledge, then colliders, then the closure under the rules."""
    marks = colliders(found.adjacent, evidence, limits)
    close(marks, found.separators)
    return marks


def known_marks(adjacent: BoolArray, limits: Limits) -> Marks:
    """Circles everywhere but where the limits decide."""
    marks = np.where(adjacent, CIRCLE, NONE).astype(np.int8)
    marks[(adjacent & limits.forbidden).T] = ARROW
    marks[adjacent & limits.required] = ARROW
    marks[(adjacent & limits.required).T] = TAIL
    return marks


def _evidence(test: Test, found: Skeleton, limits: Limits) -> Evidence:
    return {t: collider_evidence(test, found, limits, t) for t in unshielded(found.adjacent)}


def colliders(adjacent: BoolArray, evidence: Evidence, limits: Limits) -> Marks:
    """Knowledge, then the colliders there is evidence for."""
    marks = known_marks(adjacent, limits)
    for (a, m, c), e in evidence.items():
        if e > 0 and TAIL not in (marks[a, m], marks[c, m]):
            marks[a, m] = marks[c, m] = ARROW
    return marks


def possible_dsep(
    test: Test, alpha: float, found: Skeleton, marks: Marks, limits: Limits, max_size: int
) -> None:
    """Second adjacency phase: sets reached over colliders and triangles; changes ``found``."""
    reach = [_reachable(marks, x) for x in range(test.variables)]
    for x, y in combinations(range(test.variables), 2):
        if not found.adjacent[x, y] or limits.required[x, y] or limits.required[y, x]:
            continue
        for a, b in ((x, y), (y, x)):
            pool = [
                v
                for v in sorted(reach[a] - {a, b})
                if not (limits.forbidden[v, a] and limits.forbidden[v, b])
            ]
            near = set(np.flatnonzero(marks[a]).tolist())
            if set(pool) <= near:
                continue  # all of these were tried in the first phase
            if _separated(test, alpha, found, x, y, pool, near, max_size):
                break


def _separated(
    test: Test, alpha: float, found: Skeleton, x: int, y: int, pool: list[int], near: set[int], max_size: int
) -> bool:
    for size in range(1, min(len(pool), max_size) + 1):
        fresh = (s for s in combinations(pool, size) if not near.issuperset(s))
        sets: IntArray = np.array(list(islice(fresh, DSEP_SETS)), dtype=np.int64).reshape(-1, size)
        if not len(sets):
            continue
        p = test.p_values(x, y, sets)
        found.tests += len(sets)
        best = int(p.argmax())
        if p[best] > alpha:
            found.adjacent[x, y] = found.adjacent[y, x] = False
            found.separators[x, y] = tuple(int(v) for v in sets[best])
            found.p_value[x, y] = found.p_value[y, x] = p[best]
            return True
    return False


def _reachable(marks: Marks, start: int) -> set[int]:
    """Nodes on paths from ``start`` whose every inner node is a collider or in a triangle."""
    adjacent: NDArray[np.bool_] = marks != NONE
    queue = [(start, int(v)) for v in np.flatnonzero(adjacent[start])]
    seen = set(queue)
    for a, b in queue:
        for c in map(int, np.flatnonzero(adjacent[b])):
            collider = marks[a, b] == ARROW and marks[c, b] == ARROW
            if c not in (a, start) and (collider or adjacent[a, c]) and (b, c) not in seen:
                seen.add((b, c))
                queue.append((b, c))
    return {v for _, v in queue}
