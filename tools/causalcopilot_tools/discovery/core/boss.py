"""BOSS, best order score search (Andrews et al. 2023), on moments, from several seeded starts.

Score: Gaussian likelihood of each variable's block given its parents' blocks, minus ``penalty * log(rows)``
per coefficient; ``penalty=0.5`` is the textbook BIC, ``1.0`` the default found most accurate in our
measurements.  With indicator blocks this is the degenerate Gaussian score.  Reference: causal-learn's
``boss`` with ``lambda_value=1`` reaches the same scores.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, IntArray, Moments
from causalcopilot_tools.discovery.core.orient import class_of
from causalcopilot_tools.discovery.core.pc import Limits

IMPROVEMENT = 1e-6
"""A move counts when it raises the score by more than this (rounding must not make it run for ever)."""


@dataclass(frozen=True)
class BossResult:
    """The best start.

    Attributes:
        arrows: (p, p) directed edges of the CPDAG.
        dag: one member of the class.
        score: its score, higher is better.
        scores: score of each start.
    """

    arrows: BoolArray
    dag: BoolArray
    score: float
    scores: tuple[float, ...]

    @property
    def adjacent(self) -> BoolArray:
        """(p, p) adjacencies."""
        return np.asarray(self.dag | self.dag.T)


@dataclass(slots=True)
class _Node:
    """Parents grown so far; children are the variables that would still improve, best first."""

    parents: tuple[int, ...]
    score: float
    children: list[tuple[int, _Node]] | None = None
    shrunk: tuple[float, int] | None = None


@dataclass
class _Tree:
    """Grow-shrink tree of one variable, shared by all orders and starts."""

    root: _Node
    known: dict[int, tuple[float, int]] = field(default_factory=dict)


def boss(
    m: Moments, seed: int, starts: int = 5, penalty: float = 1.0, limits: Limits | None = None
) -> BossResult:
    """Search orders from ``starts`` random ones and keep the best score.

    Args:
        m: moments; complete and positive definite.
        seed: of the random orders.
        starts: how many.
        penalty: per coefficient, in units of log(rows).
        limits: edges the graph may not have or must have, and who may not cause whom even indirectly.
    """
    limits = limits or Limits.none(len(m.blocks))
    search = _Search(m, penalty, limits)
    before = limits.before()
    rng = np.random.default_rng(seed)
    best: tuple[float, list[int]] | None = None
    scores = []
    for _ in range(starts):
        order = first_order(rng.permutation(search.p), before).tolist()
        score = search.climb(order, rng)
        scores.append(score)
        if best is None or score > best[0] + IMPROVEMENT:
            best = (score, order)
    if best is None:
        raise ValueError("boss needs at least one start")
    dag = search.dag(best[1])
    fixed = limits.fixed(dag | dag.T) if limits.forbidden.any() or limits.required.any() else None
    return BossResult(class_of(dag, fixed), dag, best[0], tuple(scores))


def first_order(order: IntArray, before: BoolArray) -> IntArray:
    """``order`` with each variable pulled behind those that ``before`` (row, column) puts before it."""
    if not before.any():
        return np.ascontiguousarray(order)
    out: list[int] = []
    left = [int(v) for v in order]
    while left:
        v = next(v for v in left if not before[left, v].any())
        out.append(v)
        left.remove(v)
    return np.array(out, dtype=np.int64)


def bic(m: Moments, dag: BoolArray, penalty: float = 1.0) -> float:
    """Score of a DAG (row causes column), higher is better."""
    search = _Search(m, penalty, Limits.none(len(m.blocks)))
    return sum(search.local(y, tuple(map(int, np.flatnonzero(dag[:, y])))) for y in range(search.p))


class _Search:
    """The state shared by all starts: moments and grow-shrink trees."""

    def __init__(self, m: Moments, penalty: float, limits: Limits) -> None:
        self.p = len(m.blocks)
        self._before = limits.before()
        self._closed = [{y, *map(int, np.flatnonzero(limits.forbidden[:, y]))} for y in range(self.p)]
        self._required = [tuple(map(int, np.flatnonzero(limits.required[:, y]))) for y in range(self.p)]
        self._r = m.correlation
        self._n = m.rows
        self._pen = penalty * float(np.log(m.rows))
        self._blocks = m.blocks
        self._scalars = np.array([v for v in range(self.p) if len(m.blocks[v]) == 1], dtype=np.int64)
        self._wide = [v for v in range(self.p) if len(m.blocks[v]) > 1]
        self._local: dict[tuple[int, tuple[int, ...]], float] = {}
        self._trees = [_Tree(_Node(r, self.local(v, r))) for v, r in enumerate(self._required)]

    def climb(self, order: list[int], rng: np.random.Generator) -> float:
        """Move single variables to their best place until nothing improves; changes ``order``."""
        while True:
            moved = False
            for v in rng.permutation(self.p):
                moved |= self._best_place(int(v), order)
            if not moved:
                return self._total(order)

    def dag(self, order: list[int]) -> BoolArray:
        """The DAG an order stands for."""
        out = np.zeros((self.p, self.p), bool)
        before = 0
        for y in order:
            parents = self._trace(y, before)[1]
            out[[w for w in range(self.p) if parents >> w & 1], y] = True
            before |= 1 << y
        return out

    def _total(self, order: list[int]) -> float:
        total, before = 0.0, 0
        for y in order:
            total += self._trace(y, before)[0]
            before |= 1 << y
        return total

    def _best_place(self, v: int, order: list[int]) -> bool:
        """Put ``v`` where the order scores best; whether it moved."""
        rest = [w for w in order if w != v]
        bit, size = 1 << v, len(rest)
        scores = np.zeros(size + 1)
        before, ahead = 0, 0.0
        for i, w in enumerate(rest):
            scores[i] += ahead + self._trace(v, before)[0]
            ahead += self._trace(w, before)[0]
            before |= 1 << w
        scores[size] = ahead + self._trace(v, before)[0]
        behind = 0.0
        for i in range(size - 1, -1, -1):
            before &= ~(1 << rest[i])
            behind += self._trace(rest[i], before | bit)[0]
            scores[i] += behind
        early, late = np.flatnonzero(self._before[rest, v]), np.flatnonzero(self._before[v, rest])
        if len(early):
            scores[: early[-1] + 1] = -np.inf
        if len(late):
            scores[late[0] + 1 :] = -np.inf
        now, best = order.index(v), int(scores.argmax())
        if scores[best] <= scores[now] + IMPROVEMENT:
            return False
        order[:] = [*rest[:best], v, *rest[best:]]
        return True

    def _trace(self, y: int, before: int) -> tuple[float, int]:
        """Score and parents (as bits) of ``y`` when only the variables in ``before`` may be its parents."""
        tree = self._trees[y]
        hit = tree.known.get(before)
        if hit is not None:
            return hit
        node = tree.root
        while True:
            if node.children is None:
                node.children = self._grow(y, node)
            step = next((child for w, child in node.children if before >> w & 1), None)
            if step is None:
                break
            node = step
        if node.shrunk is None:
            node.shrunk = self._shrink(y, node)
        tree.known[before] = node.shrunk
        return node.shrunk

    def _grow(self, y: int, node: _Node) -> list[tuple[int, _Node]]:
        """All single additions that raise the score, best first."""
        taken = self._closed[y].union(node.parents)
        gains = self._additions(y, node.parents)
        order = sorted(
            (w for w in range(self.p) if w not in taken and gains[w] > node.score), key=lambda w: -gains[w]
        )
        return [(w, _Node((*node.parents, w), float(gains[w]))) for w in order]

    def _shrink(self, y: int, node: _Node) -> tuple[float, int]:
        """Remove parents one by one while that raises the score."""
        parents, score = list(node.parents), node.score
        loose = [w for w in parents if w not in self._required[y]]
        while loose:
            trials = [self.local(y, tuple(w for w in parents if w != out)) for out in loose]
            best = int(np.argmax(trials))
            if trials[best] <= score:
                break
            score = trials[best]
            parents.remove(loose.pop(best))
        return score, sum(1 << w for w in parents)

    def _columns(self, variables: tuple[int, ...]) -> IntArray:
        if not variables:
            return np.empty(0, np.int64)
        return np.concatenate([self._blocks[v] for v in variables])

    def local(self, y: int, parents: tuple[int, ...]) -> float:
        """Score of one variable given its parents."""
        key = (y, tuple(sorted(parents)))
        if key not in self._local:
            a, s = self._blocks[y], self._columns(key[1])
            k = self._given(s)[np.ix_(a, a)]
            self._local[key] = self._value(float(np.linalg.slogdet(k)[1]), len(a) * len(s))
        return self._local[key]

    def _value(self, logdet: float, coefficients: int) -> float:
        return -0.5 * self._n * logdet - self._pen * coefficients

    def _given(self, s: IntArray) -> FloatArray:
        """Covariance of all columns given the columns ``s``."""
        if not len(s):
            return self._r
        part = self._r[s]
        k: FloatArray = self._r - part.T @ np.linalg.solve(part[:, s], part)
        return k

    def _additions(self, y: int, parents: tuple[int, ...]) -> FloatArray:
        """Score of ``y`` with each further parent; meaningless at ``y`` and its parents."""
        s, a = self._columns(parents), self._blocks[y]
        k = self._given(s)
        own = k[np.ix_(a, a)]
        base = float(np.linalg.slogdet(own)[1])
        out = np.full(self.p, -np.inf)
        if len(self._scalars):
            c = np.array([self._blocks[v][0] for v in self._scalars])
            cross = k[np.ix_(a, c)]
            var = np.maximum(k[c, c], 1e-12)
            share = (cross * np.linalg.solve(own, cross)).sum(axis=0) / var
            logs = base + np.log(np.maximum(1.0 - share, 1e-12))
            out[self._scalars] = -0.5 * self._n * logs - self._pen * len(a) * (len(s) + 1)
        for v in self._wide:
            if v != y and v not in parents:
                b = self._blocks[v]
                both = np.concatenate([a, b])
                logdet = np.linalg.slogdet(k[np.ix_(both, both)])[1] - np.linalg.slogdet(k[np.ix_(b, b)])[1]
                out[v] = self._value(float(logdet), len(a) * (len(s) + len(b)))
        return out
