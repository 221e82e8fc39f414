"""PC-stable whose answer does not depend on column order and is always a valid class of DAGs.

Skeleton: Spirtes & Glymour 1991, in the order-independent form of Colombo & Maathuis 2014.  Colliders: for
each unshielded triple all separating candidates are tested, and the likelier explanation counts (the max-p
rule of Ramsey 2016).  Conflicting colliders are settled by ``orient.least_contradicted`` instead of by order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, islice
from math import comb

import numpy as np

from causalcopilot_tools.discovery.core.citest import Test
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, IntArray
from causalcopilot_tools.discovery.core.orient import (
    class_of,
    find_cycle,
    least_contradicted,
    unshielded,
)

CHUNK = 4096
"""Conditioning sets tested at once."""
MAX_TESTS = 2_000_000
"""Tests a search may plan; a level that would pass it is not entered, and the result says so."""
TRIPLE_TESTS = 4096
"""Conditioning sets of one size tested per triple."""
P_FLOOR = 1e-300


@dataclass(frozen=True)
class Limits:
    """What the answer must respect, as (p, p) boolean matrices over cause (row) and effect (column).

    Attributes:
        forbidden: pairs that cannot be direct cause and effect.
        required: pairs that are; acyclic and disjoint from ``forbidden``.
        ordered: pairs that are not even indirect cause and effect, where there are any; among ``forbidden``,
            and not at odds with a path of required ones.
    """

    forbidden: BoolArray
    required: BoolArray
    ordered: BoolArray | None = None

    @classmethod
    def none(cls, p: int) -> Limits:
        """No limits on ``p`` variables."""
        return cls(np.zeros((p, p), bool), np.zeros((p, p), bool))

    def permuted(self, order: IntArray) -> Limits:
        """The same limits with variables in another order."""
        take = np.ix_(order, order)
        ordered = None if self.ordered is None else self.ordered[take]
        return Limits(self.forbidden[take], self.required[take], ordered)

    def before(self) -> BoolArray:
        """(p, p) pairs of which the first stands before the second in every causal order."""
        return self.required if self.ordered is None else self.required | self.ordered.T

    def fixed(self, adjacent: BoolArray) -> BoolArray:
        """Arrows on these adjacencies that the limits alone decide."""
        out: BoolArray = adjacent & (self.required | (self.forbidden.T & ~self.forbidden))
        return out


@dataclass
class Skeleton:
    """Adjacencies with what was learned on the way.

    Attributes:
        adjacent: (p, p) symmetric.
        p_value: (p, p) the largest p-value met for each pair: small where the adjacency is sure.
        separators: for each separated pair (a < b) the set with the largest p-value.
        depth: size of the largest conditioning sets used.
        tests: number of tests.
        cut: whether a level was left out to stay within ``MAX_TESTS``.
    """

    adjacent: BoolArray
    p_value: FloatArray
    separators: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)
    depth: int = 0
    tests: int = 0
    cut: bool = False


@dataclass(frozen=True)
class PcResult:
    """``arrows`` within ``skeleton.adjacent``; an adjacency without an arrow is undirected.

    Attributes:
        arrows: (p, p) directed edges.
        skeleton: the adjacency search.
        dropped: adjacencies given up because the limits made a directed cycle of them.
    """

    arrows: BoolArray
    skeleton: Skeleton
    dropped: tuple[tuple[int, int], ...] = ()

    @property
    def adjacent(self) -> BoolArray:
        """(p, p) adjacencies."""
        return self.skeleton.adjacent


def pc(test: Test, alpha: float, limits: Limits | None = None, max_depth: int | None = None) -> PcResult:
    """Learn a CPDAG (with ``limits``: a maximally oriented graph).

    Args:
        test: conditional independence test.
        alpha: level; a pair is separated by a set with p-value above it.
        limits: forbidden and required edges.
        max_depth: largest conditioning set, ``None`` for no limit.
    """
    limits = limits or Limits.none(test.variables)
    found = skeleton(test, alpha, limits, max_depth)
    fixed, dropped = fixed_arrows(found, limits)
    evidence = {t: collider_evidence(test, found, limits, t) for t in unshielded(found.adjacent)}
    dag = least_contradicted(found.adjacent, evidence, fixed)
    return PcResult(class_of(dag, fixed), found, dropped)


def skeleton(test: Test, alpha: float, limits: Limits, max_depth: int | None = None) -> Skeleton:
    """The adjacency phase, stable: sets of one level come from the adjacencies at its start."""
    p = test.variables
    adjacent = ~np.eye(p, dtype=bool) & ~(limits.forbidden & limits.forbidden.T)
    out = Skeleton(adjacent, np.zeros((p, p)))
    sure = limits.required | limits.required.T
    depth = 0
    while (max_depth is None or depth <= max_depth) and adjacent.sum(1).max(initial=0) > depth:
        if depth > 1 and out.tests + planned(adjacent, depth) > MAX_TESTS:
            out.cut = True
            break
        before = adjacent.copy()
        for x, y in combinations(range(p), 2):
            if before[x, y]:
                try_pair(test, alpha, limits, before, out, x, y, depth, bool(sure[x, y]))
        out.depth = depth
        depth += 1
    return out


def planned(adjacent: BoolArray, depth: int) -> int:
    """Upper bound of the tests of one level."""
    degree = adjacent.sum(1)
    return int(sum(d * comb(int(d) - 1, depth) for d in degree if d > depth))


def try_pair(
    test: Test,
    alpha: float,
    limits: Limits,
    before: BoolArray,
    out: Skeleton,
    x: int,
    y: int,
    depth: int,
    sure: bool,
) -> None:
    """Test a pair given all sets of ``depth`` neighbours, and remove its edge where one separates it."""
    for sets in _sets(_near(before, limits, x, y), _near(before, limits, y, x), depth):
        p = test.p_values(x, y, sets)
        out.tests += len(sets)
        best = int(p.argmax())
        if p[best] > out.p_value[x, y]:
            out.p_value[x, y] = out.p_value[y, x] = p[best]
            if p[best] > alpha and not sure:
                out.separators[x, y] = tuple(int(v) for v in sets[best])
    if out.p_value[x, y] > alpha and not sure:
        out.adjacent[x, y] = out.adjacent[y, x] = False


def _near(adjacent: BoolArray, limits: Limits, x: int, y: int) -> IntArray:
    """Neighbours of ``x`` that may be its causes: among them is a set that separates, if any does."""
    near = adjacent[x] & ~limits.forbidden[:, x]
    near[y] = False
    return np.flatnonzero(near)


def _sets(a: IntArray, b: IntArray, size: int) -> Iterator[IntArray]:
    """All subsets of ``a`` and of ``b`` with ``size`` members, each once, in chunks of shape (m, size)."""
    if size == 0:
        yield np.empty((1, 0), np.int64)
        return
    inside = set(a.tolist())
    first = combinations(a.tolist(), size)
    second = (s for s in combinations(b.tolist(), size) if not inside.issuperset(s))
    for source in (first, second):
        while chunk := list(islice(source, CHUNK)):
            yield np.array(chunk, dtype=np.int64)


def fixed_arrows(found: Skeleton, limits: Limits) -> tuple[BoolArray, tuple[tuple[int, int], ...]]:
    """Arrows that the limits alone decide; adjacencies that would close a cycle of them are given up."""
    dropped: list[tuple[int, int]] = []
    while True:
        fixed = limits.fixed(found.adjacent)
        cycle = find_cycle(fixed)
        if not cycle:
            return fixed, tuple(dropped)
        arcs = [
            (a, b) for a, b in zip(cycle, [*cycle[1:], cycle[0]], strict=True) if not limits.required[a, b]
        ]
        a, b = max(arcs, key=lambda arc: found.p_value[arc])
        found.adjacent[a, b] = found.adjacent[b, a] = False
        dropped.append((a, b))


def collider_evidence(test: Test, found: Skeleton, limits: Limits, triple: tuple[int, int, int]) -> float:
    """Log ratio of the best p-value without the middle node to the best with it."""
    a, m, c = triple
    best = {False: P_FLOOR, True: P_FLOOR}
    separator = found.separators.get((a, c))
    if separator is not None:  # FCI may have found one outside the neighbourhoods
        best[m in separator] = float(found.p_value[a, c])
    near_a, near_c = _near(found.adjacent, limits, a, c), _near(found.adjacent, limits, c, a)
    for depth in range(min(found.depth, max(len(near_a), len(near_c))) + 1):
        if comb(max(len(near_a), len(near_c)), depth) > TRIPLE_TESTS:
            break
        for sets in _sets(near_a, near_c, depth):
            p = test.p_values(a, c, sets)
            found.tests += len(sets)
            inside = (sets == m).any(axis=1)
            for side in (False, True):
                if (inside == side).any():
                    best[side] = max(best[side], float(p[inside == side].max()))
    return float(np.log(best[False]) - np.log(best[True]))
