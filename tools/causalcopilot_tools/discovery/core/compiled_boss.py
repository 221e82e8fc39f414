"""BOSS, compiled: several seeded starts that share their trees; takes knowledge.

The score and the moves of ``boss.boss``, which remains for tables too narrow to repay the loading of compiled
code.  Here a variable also moves between places that score alike, which makes a single start rarely end below the
best.
"""

from __future__ import annotations

import numpy as np

from causalcopilot_tools.discovery.core import compiled_orient as orient
from causalcopilot_tools.discovery.core import compiled_trees as kernel
from causalcopilot_tools.discovery.core.boss import BossResult, first_order
from causalcopilot_tools.discovery.core.compiled_state import Problem, Room, Trees
from causalcopilot_tools.discovery.core.moments import BoolArray, IntArray, Moments
from causalcopilot_tools.discovery.core.pc import Limits

CHILDREN_PER_VARIABLE = 512
"""Places of the first arrays; they double where a search needs more."""
PATIENCE = 5
"""Sweeps without a better score after which a climb ends."""


def boss(
    m: Moments, seed: int, starts: int = 5, penalty: float = 1.0, limits: Limits | None = None
) -> BossResult:
    """Search orders from ``starts`` random ones and keep the best score.

    Args:
        m: moments; positive definite, blocks in the order of the columns.
        seed: of the random orders.
        starts: how many, at least one.
        penalty: per coefficient, in units of log(rows).
        limits: edges the graph may not have or must have, and who may not cause whom even indirectly.
    """
    limits = limits or Limits.none(len(m.blocks))
    search = Search(m, penalty, limits)
    rng = np.random.default_rng(seed)
    before = limits.before()
    best: tuple[float, IntArray] | None = None
    scores = []
    for _ in range(starts):
        order = first_order(rng.permutation(search.p), before)
        score = search.climb(order, rng)
        scores.append(score)
        if best is None or score > best[0] + kernel.IMPROVEMENT:
            best = (score, order)
    if best is None:
        raise ValueError("boss needs at least one start")
    dag, score = search.dag(best[1])
    return BossResult(orient.class_of(dag, limits.fixed(dag | dag.T)), dag, score, tuple(scores))


class Search:
    """Arrays of the trees, kept over all starts, and larger where they must be."""

    def __init__(self, m: Moments, penalty: float, limits: Limits) -> None:
        self.p = len(m.blocks)
        q = len(m.correlation)
        at = np.concatenate([[0], np.cumsum([len(b) for b in m.blocks])]).astype(np.int64)
        if [int(c) for b in m.blocks for c in b] != list(range(q)):
            raise ValueError("blocks must follow the columns")
        self._problem = Problem(
            np.ascontiguousarray(m.correlation),
            at,
            np.ascontiguousarray(limits.forbidden),
            np.ascontiguousarray(limits.required),
            np.ascontiguousarray(limits.before()),
            float(m.rows),
            float(penalty * np.log(m.rows)),
        )
        self._room = Room(np.empty((q, q)), np.empty(self.p, np.int64), np.empty(q, np.int64))
        self._trees = _trees(2 * self.p + 64, CHILDREN_PER_VARIABLE * self.p)
        kernel.plant(self._problem, self._trees, self._room)

    def climb(self, order: IntArray, rng: np.random.Generator) -> float:
        """Move single variables to their best place until nothing improves; changes ``order``."""
        moved = np.zeros(1, np.bool_)
        idle = 0
        while idle < PATIENCE:
            moved[0] = False
            turns, picks, done = rng.permutation(self.p), rng.random(self.p), 0
            while done < self.p:
                done = kernel.sweep(self._problem, self._trees, self._room, order, turns, picks, done, moved)
                if done < self.p:
                    self._enlarge()
            idle = 0 if moved[0] else idle + 1
        return self.dag(order)[1]

    def dag(self, order: IntArray) -> tuple[BoolArray, float]:
        """The DAG that an order which ``climb`` has settled stands for, and its score."""
        out = np.zeros((self.p, self.p), np.bool_)
        place = np.empty(self.p, np.int64)
        place[order] = np.arange(self.p)
        total = 0.0
        for y in range(self.p):
            total += kernel.parents_of(
                self._problem, self._trees, self._room, y, place, int(place[y]), out[y]
            )
        return np.ascontiguousarray(out.T), total

    def _enlarge(self) -> None:
        """Twice the room for whichever pool is filling up."""
        t = self._trees
        nodes, children = len(t.first), len(t.child)
        larger = _trees(
            2 * nodes if t.used[0] > nodes // 2 else nodes,
            2 * children if t.used[1] > children // 2 else children + self.p,
        )
        for old, new in zip(t, larger, strict=True):
            new[: len(old)] = old
        self._trees = larger


def _trees(nodes: int, children: int) -> Trees:
    return Trees(
        np.empty(nodes, np.int64),
        np.empty(nodes, np.int64),
        np.empty(nodes),
        np.empty(nodes),
        np.empty(nodes, np.bool_),
        np.empty(children, np.int32),
        np.empty(children),
        np.empty(children, np.int32),
        np.zeros(2, np.int64),
    )
