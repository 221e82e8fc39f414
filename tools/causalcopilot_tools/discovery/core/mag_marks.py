"""From the best ancestral graph to the marks of its class, and which of its causes and hidden causes are sure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

import numpy as np

from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.pags import mag_of, member_of
from causalcopilot_tools.discovery.core.fci import FciResult, orient
from causalcopilot_tools.discovery.core.mag_search import (
    BACKWARD,
    BOTH,
    CLEAR,
    FORWARD,
    IMPROVEMENT,
    SURE,
    MagSearch,
    State,
    bits,
    matrices,
    reached,
)
from causalcopilot_tools.discovery.core.moments import BoolArray, Moments
from causalcopilot_tools.discovery.core.orient import unshielded
from causalcopilot_tools.discovery.core.pag_rules import Marks
from causalcopilot_tools.discovery.core.pc import Limits, Skeleton
from causalcopilot_tools.discovery.found import ARROW, CIRCLE, NONE, TAIL, Found, to_graph

Pair = tuple[int, int]


class BestMag:
    """The best graph that the search finds from another search's class and from a graph without hidden causes.

    Args:
        m: moments of numbers.
        first: a valid class to begin at.
        dag: (p, p) a graph of BOSS to begin at too.
        limits: what the graph must respect.
        penalty: of an edge, in units of log(rows).
    """

    def __init__(self, m: Moments, first: FciResult, dag: BoolArray, limits: Limits, penalty: float) -> None:
        near = np.triu(dag | dag.T | first.skeleton.adjacent | limits.required | limits.required.T)
        pairs = [(int(a), int(b)) for a, b in np.argwhere(near)]
        self._unit = penalty * float(np.log(m.rows))
        self._search = MagSearch(m.correlation, m.rows, self._unit, pairs, limits)
        self._limits = limits
        self._first = first
        starts = [s for s in (_member(first.marks), _state(dag)) if s is not None and self._allowed(s)]
        if not starts:
            raise ValueError("no graph to begin at respects the limits")
        self.score, self.state = self._search.climb(starts[0])
        for start in starts[1:]:
            self._take(*self._search.climb(start))
        self._pairs = frozenset(pairs)
        self._rivals: dict[Pair, tuple[float, State]] = {}
        while self._beaten():
            pass

    def _allowed(self, state: State) -> bool:
        arrows = matrices(state)[0]
        return bool(not (arrows & self._limits.forbidden).any() and arrows[self._limits.required].all())

    def result(self) -> FciResult:
        """Marks of its class, with what they rest on and where a rival contradicts them."""
        found = self._class(self.state)
        return replace(found, unsure=self._unsure_tails(found.marks), contested=self._contested(found.marks))

    def _class(self, state: State) -> FciResult:
        """Marks of the class of a graph, with what they rest on."""
        arrows, arcs = _maximal(state)
        into = arrows | arcs
        old = self._first.skeleton
        found = Skeleton(arrows | arrows.T | arcs, old.p_value, {}, old.depth, old.tests, old.cut)
        causes = state[0]
        for a, b in combinations(range(len(arrows)), 2):
            if not found.adjacent[a, b]:
                both = (reached(causes, a) | reached(causes, b)) & ~(1 << a | 1 << b)
                found.separators[a, b] = tuple(bits(both))
        evidence = {}
        for a, v, b in unshielded(found.adjacent):
            size = abs(self._first.evidence.get((a, v, b), 0.0)) or 1.0
            evidence[a, v, b] = size if into[a, v] and into[b, v] else -size
        return FciResult(orient(found, evidence, self._limits), found, evidence)

    def _unsure_tails(self, marks: Marks) -> tuple[Pair, ...]:
        """Claimed causes (cause, effect) without which a graph scores nearly as well."""
        claimed = (marks == ARROW) & (marks.T == TAIL) & ~self._limits.required
        arrows = matrices(self.state)[0]
        enough = self.score - SURE * self._unit
        out = []
        for a, b in np.argwhere(claimed).tolist():
            rival = self._rival(a, b, (FORWARD,), enough) if arrows[a, b] else (self.score, self.state)
            if rival is not None and rival[0] > enough:
                out.append((a, b))
        return tuple(out)

    def _contested(self, marks: Marks) -> tuple[tuple[Pair, ...], ...]:
        """Arrowheads (from, at) that each graph which scores nearly as well does not share, nearest graph first."""
        out = []
        for (a, b), (score, state) in sorted(self._rivals.items(), key=lambda rival: -rival[1][0]):
            if score > self.score - CLEAR * self._unit:
                other = self._class(state).marks
                apart = (marks == ARROW) & (other != ARROW) & (other != NONE)
                apart[a, b] = True
                out.append(tuple((i, j) for i, j in np.argwhere(apart).tolist()))
        return tuple(out)

    def _rival(
        self, a: int, b: int, barred: tuple[int, ...], enough: float = np.inf
    ) -> tuple[float, State] | None:
        """The best graph found whose edge, read from ``a`` to ``b``, is none of the ``barred`` kinds."""
        if a > b:
            a, b, barred = b, a, tuple(BACKWARD if kind == FORWARD else kind for kind in barred)
        return self._search.rival(self.state, a, b, barred, enough) if (a, b) in self._pairs else None

    def _take(self, score: float, state: State) -> bool:
        """Whether this graph is better, and so the best from now on."""
        better = score > self.score + IMPROVEMENT
        if better:
            self.score, self.state = score, state
        return better

    def _beaten(self) -> bool:
        """Look for the best graph without each arrowhead of ``<->``; whether one is better than the best so far."""
        marks = self._class(self.state).marks
        self._rivals = {}
        best = self.score, self.state
        open_to_doubt = (marks == ARROW) & (marks.T == ARROW) & ~self._limits.forbidden.T
        for a, b in np.argwhere(open_to_doubt).tolist():
            found = self._rival(a, b, (FORWARD, BOTH))
            if found is not None:
                self._rivals[a, b] = found
                best = max(best, found, key=lambda one: one[0])
        return best[0] > self.score + IMPROVEMENT and self._take(*self._search.climb(best[1]))


def open_tails(marks: Marks, unsure: list[Pair]) -> Marks:
    """``o->`` in place of ``-->`` for these pairs: every graph that fitted the marks before still fits them."""
    out = marks.copy()
    for cause, effect in unsure:
        out[effect, cause] = CIRCLE
    return out


def open_heads(marks: Marks, contested: Iterable[Pair]) -> Marks:
    """Circles in place of these arrowheads (from, at) that are there, and of a tail opposite one."""
    out = marks.copy()
    for a, b in contested:
        if out[a, b] == ARROW:
            out[a, b] = CIRCLE
            out[b, a] = CIRCLE if out[b, a] == TAIL else out[b, a]
    return out


def _member(marks: Marks) -> State | None:
    from causalcopilot.errors import KnowledgeError

    try:
        mag = member_of(to_graph(Found("fci", "pag", marks), tuple(map(str, range(len(marks))))))
    except KnowledgeError:
        return None
    return [sum(1 << c for c in row) for row in mag.parents], [
        sum(1 << c for c in row) for row in mag.siblings
    ]


def _state(dag: BoolArray) -> State:
    p = len(dag)
    return [sum(1 << int(c) for c in np.flatnonzero(dag[:, v])) for v in range(p)], [0] * p


def _maximal(state: State) -> tuple[BoolArray, BoolArray]:
    """Arrows and arcs, with those that no set separates joined too."""
    arrows, arcs = matrices(state)
    p = len(arrows)
    names = tuple(map(str, range(p)))
    edges = [Edge(names[a], names[b]) for a, b in np.argwhere(arrows)]
    edges += [Edge(names[a], names[b], "arrow", "arrow") for a, b in np.argwhere(np.triu(arcs))]
    arrows, arcs = np.zeros((p, p), bool), np.zeros((p, p), bool)
    for e in mag_of(Graph("admg", names, tuple(edges))).edges:
        a, b = int(e.source), int(e.target)
        if e.source_mark == e.target_mark:
            arcs[a, b] = arcs[b, a] = True
        else:
            arrows[(a, b) if e.target_mark == "arrow" else (b, a)] = True
    return arrows, arcs
