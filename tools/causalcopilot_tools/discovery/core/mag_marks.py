"""From the best ancestral graph to the marks of its class, and which of its causes are sure."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.pags import mag_of, member_of
from causalcopilot_tools.discovery.core.fci import FciResult, orient
from causalcopilot_tools.discovery.core.mag_search import (
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
from causalcopilot_tools.discovery.found import ARROW, CIRCLE, TAIL, Found, to_graph


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
            score, state = self._search.climb(start)
            if score > self.score + IMPROVEMENT:
                self.score, self.state = score, state

    def _allowed(self, state: State) -> bool:
        arrows = matrices(state)[0]
        return bool(not (arrows & self._limits.forbidden).any() and arrows[self._limits.required].all())

    def result(self) -> FciResult:
        """Marks of its class, with what they rest on."""
        arrows, arcs = _maximal(self.state)
        into = arrows | arcs
        old = self._first.skeleton
        found = Skeleton(arrows | arrows.T | arcs, old.p_value, {}, old.depth, old.tests, old.cut)
        causes = self.state[0]
        for a, b in combinations(range(len(arrows)), 2):
            if not found.adjacent[a, b]:
                both = (reached(causes, a) | reached(causes, b)) & ~(1 << a | 1 << b)
                found.separators[a, b] = tuple(bits(both))
        evidence = {}
        for a, v, b in unshielded(found.adjacent):
            size = abs(self._first.evidence.get((a, v, b), 0.0)) or 1.0
            evidence[a, v, b] = size if into[a, v] and into[b, v] else -size
        return FciResult(orient(found, evidence, self._limits), found, evidence)

    def unsure(self, marks: Marks) -> list[tuple[int, int]]:
        """Claimed causes (cause, effect) without which a graph scores nearly as well."""
        claimed = (marks == ARROW) & (marks.T == TAIL) & ~self._limits.required
        arrows = matrices(self.state)[0]
        return [
            (a, b)
            for a, b in np.argwhere(claimed).tolist()
            if not arrows[a, b] or self._search.lead(self.score, self.state, a, b) < SURE * self._unit
        ]


def open_tails(marks: Marks, unsure: list[tuple[int, int]]) -> Marks:
    """``o->`` in place of ``-->`` for these pairs: every graph that fitted the marks before still fits them."""
    out = marks.copy()
    for cause, effect in unsure:
        out[effect, cause] = CIRCLE
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
