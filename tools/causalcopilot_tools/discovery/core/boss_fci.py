"""FCI begun at BOSS: a score search proposes adjacencies and colliders, tests correct them for hidden causes.

In the manner of GFCI (Ogarrio, Spirtes & Ramsey 2016) with BOSS (Andrews et al. 2023) as the first search.  A
graph without hidden causes that fits data with them has too many edges rather than too few, and the surplus
closes triangles: only those edges are tested, given sets of neighbours and then of possible-D-SEP.

Tests also remove true edges, whose paths nearly cancel given one set or another.  So each removed edge is put back
where the likelihood of a whole ancestral graph (``ricf``), less the penalty of one more edge, rises by it.  On a
population's own correlations no edge that was rightly removed returns: one member of the true class fits already.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from causalcopilot_tools.discovery.core.boss import IMPROVEMENT
from causalcopilot_tools.discovery.core.citest import GaussianTest
from causalcopilot_tools.discovery.core.fci import DSEP_SIZE, FciResult, colliders, orient, possible_dsep
from causalcopilot_tools.discovery.core.mag_marks import BestMag
from causalcopilot_tools.discovery.core.moments import BoolArray, Moments
from causalcopilot_tools.discovery.core.orient import Evidence, unshielded
from causalcopilot_tools.discovery.core.pag_rules import Marks
from causalcopilot_tools.discovery.core.pc import (
    MAX_TESTS,
    Limits,
    Skeleton,
    collider_evidence,
    planned,
    try_pair,
)
from causalcopilot_tools.discovery.core.ricf import log_determinant

TIE = 1e-9
"""Weight of a collider of BOSS on which the tests say nothing."""


def boss_fci(
    m: Moments,
    dag: BoolArray,
    alpha: float,
    limits: Limits | None = None,
    max_depth: int | None = None,
    penalty: float = 1.0,
) -> FciResult:
    """Learn a PAG.

    Args:
        m: moments of numbers (each variable one column).
        dag: (p, p) a best graph of BOSS on them, row causes column.
        alpha: level of the tests.
        limits: ``forbidden`` here means not an ancestor (an arrowhead at the cause's end).
        max_depth: largest conditioning set, ``None`` for no limit.
        penalty: of an edge, in units of log(rows).
    """
    if not m.scalar:
        raise ValueError("boss_fci scores graphs of numbers only")
    search = _Search(m, dag, limits or Limits.none(len(dag)), penalty)
    found = search.begin()
    search.thin(found, alpha, max_depth)
    evidence = search.evidence(found)
    if max_depth is None or max_depth > 1:
        first = colliders(found.adjacent, evidence, search.limits)
        possible_dsep(search.test, alpha, found, first, search.limits, max_depth or DSEP_SIZE)
        evidence = search.evidence(found)
    start = FciResult(orient(found, evidence, search.limits), found, evidence)
    try:
        return BestMag(m, start, dag, search.limits, penalty).result()
    except ValueError:  # knowledge that leaves neither graph as a place to begin at
        return search.improved(start)


class _Search:
    """What all steps share."""

    def __init__(self, m: Moments, dag: BoolArray, limits: Limits, penalty: float) -> None:
        self.test = GaussianTest(m)
        self.limits = limits
        # a pair that may not cause one another can still share a hidden cause: it stays in the search
        self._open = Limits(np.zeros_like(limits.forbidden), limits.required)
        self._m, self._dag, self._near = m, dag, dag | dag.T
        self._pen = penalty * float(np.log(m.rows))

    def begin(self) -> Skeleton:
        """The adjacencies of BOSS; the later of two others is separated from the earlier by its causes."""
        p = len(self._dag)
        required = self.limits.required
        found = Skeleton(self._near | required | required.T, np.zeros((p, p)))
        place = _places(self._dag)
        for a, b in combinations(range(p), 2):
            if not found.adjacent[a, b]:
                causes = np.flatnonzero(self._dag[:, a if place[a] > place[b] else b])
                found.separators[a, b] = tuple(map(int, causes))
                value = float(self.test.p_values(a, b, causes[None, :])[0])
                found.p_value[a, b] = found.p_value[b, a] = value
        return found

    def thin(self, found: Skeleton, alpha: float, max_depth: int | None) -> None:
        """Remove edges of triangles whose ends some set of neighbours separates; changes ``found``."""
        sure = self.limits.required | self.limits.required.T
        depth = 0
        while (max_depth is None or depth <= max_depth) and found.adjacent.sum(1).max(initial=0) > depth:
            if depth > 1 and found.tests + planned(found.adjacent, depth) > MAX_TESTS:
                found.cut = True
                break
            before = found.adjacent.copy()
            for x, y in combinations(range(len(before)), 2):
                if before[x, y] and (before[x] & before[y]).any():
                    try_pair(self.test, alpha, self._open, before, found, x, y, depth, bool(sure[x, y]))
            found.depth = depth
            depth += 1

    def evidence(self, found: Skeleton, known: Evidence | None = None) -> dict[tuple[int, int, int], float]:
        """How strongly from the tests; which way from BOSS, where its graph has the triple unshielded too."""
        out = {}
        for t in unshielded(found.adjacent):
            if known is not None and t in known:
                out[t] = known[t]
                continue
            a, m, c = t
            value = collider_evidence(self.test, found, self._open, t)
            if not self._near[a, c]:
                value = max(abs(value), TIE) * (1 if self._dag[a, m] and self._dag[c, m] else -1)
            out[t] = value
        return out

    def score(self, marks: Marks) -> float:
        """Penalised likelihood of one member of the class; minus infinity where there is none."""
        from causalcopilot.errors import KnowledgeError
        from causalcopilot.graph.pags import member_of
        from causalcopilot_tools.discovery.found import Found, to_graph

        p = len(marks)
        try:
            mag = member_of(to_graph(Found("fci", "pag", marks), tuple(map(str, range(p)))))
        except KnowledgeError:
            return -np.inf
        arrows, arcs = np.zeros((p, p), bool), np.zeros((p, p), bool)
        for v in range(p):
            arrows[list(mag.parents[v]), v] = True
            arcs[list(mag.siblings[v]), v] = True
        edges = np.count_nonzero(marks) / 2
        return -0.5 * self._m.rows * log_determinant(self._m.correlation, arrows, arcs) - self._pen * edges

    def improved(self, first: FciResult) -> FciResult:
        """Edges put back, and colliders taken back or made, as long as the score rises."""
        best, top = first, self.score(first.marks)
        while True:
            start = top
            for plan, step in ((self._removed, self._restored), (self._shielded, self._turned)):
                for place in plan(best):
                    trial = step(best, place)
                    value = self.score(trial.marks)
                    if value > top + IMPROVEMENT:
                        best, top = trial, value
            if top == start:
                return best

    def _removed(self, now: FciResult) -> list[tuple[int, ...]]:
        """Edges of BOSS that the tests removed, those with the smallest p-value first."""
        gone = map(tuple, np.argwhere(np.triu(self._near & ~now.skeleton.adjacent)).tolist())
        return sorted(gone, key=lambda edge: now.skeleton.p_value[edge])

    def _shielded(self, now: FciResult) -> list[tuple[int, ...]]:
        """Triples on which BOSS has no say, those the tests are least sure of first."""
        open_to_doubt = {t: abs(e) for t, e in now.evidence.items() if self._near[t[0], t[2]]}
        return [t for t, _ in sorted(open_to_doubt.items(), key=lambda pair: pair[1])]

    def _restored(self, now: FciResult, edge: tuple[int, ...]) -> FciResult:
        x, y = edge[0], edge[1]
        adjacent = now.skeleton.adjacent.copy()
        adjacent[x, y] = adjacent[y, x] = True
        kept = {pair: s for pair, s in now.skeleton.separators.items() if pair != edge}
        found = replace(now.skeleton, adjacent=adjacent, separators=kept)
        evidence = self.evidence(found, now.evidence)
        return FciResult(orient(found, evidence, self.limits), found, evidence)

    def _turned(self, now: FciResult, triple: tuple[int, ...]) -> FciResult:
        a, m, c = triple[0], triple[1], triple[2]
        if (a, m, c) not in now.evidence:
            return now
        evidence = {**now.evidence, (a, m, c): -now.evidence[a, m, c] or TIE}
        return FciResult(orient(now.skeleton, evidence, self.limits), now.skeleton, evidence)


def _places(dag: BoolArray) -> dict[int, int]:
    """A causal order: place of each variable."""
    left = list(range(len(dag)))
    place: dict[int, int] = {}
    while left:
        v = next(v for v in left if not dag[left, v].any())
        place[v] = len(place)
        left.remove(v)
    return place
