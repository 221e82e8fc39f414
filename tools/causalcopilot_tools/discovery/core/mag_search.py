"""Search over ancestral graphs by their score: better marks than any chain of tests gives, from a graph near by.

A tabu search that changes one pair at a time among nothing, ``-->``, ``<--`` and ``<->`` (in the manner of
Triantafillou & Tsamardinos 2016; Claassen & Bucur 2022 search the classes).  The score is the Gaussian likelihood less
a penalty per edge; it is a sum over districts, so that a change costs the fit of one or two of them.

A cause is claimed only where every graph without it is clearly worse, and an arrowhead only where the graphs that do
without a ``<->`` and score nearly as well have it too: among graphs with hidden causes, quite different ones often
score alike, and resamples of the rows do not show that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from causalcopilot_tools.discovery.core import compiled_district as kernel
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray
from causalcopilot_tools.discovery.core.pc import Limits

NOTHING, FORWARD, BACKWARD, BOTH = range(4)
PATIENCE = 15
"""Changes without a better score after which the search ends."""
SHORT_PATIENCE = 10
"""The same where the search looks for a rival of one edge."""
SURE = 1.5
"""Penalties by which the best graph must beat all without an edge for that edge to be claimed as a cause.  In the
smallest graph that shows a cause (two causes of it, no edge from them to its effect) the rival needs two edges more,
so with many rows the lead comes near two and no nearer."""
CLEAR = 0.75
"""Penalties by which the best graph must beat one without an arrowhead of a ``<->`` for their marks to stand against
that one's.  In the smallest graph that shows an arrowhead the rival needs one edge more, so the lead comes near one
and no nearer."""
TABU = 8
"""Changes for which a pair is left alone."""
FIT = 0.02
"""Change of the score at which a fit stops."""
IMPROVEMENT = 0.1
"""A score counts as better when it rises by more than this: fits stop a little early."""

State = tuple[list[int], list[int]]
"""Causes and siblings of each variable, as bits."""


class MagSearch:
    """Score, moves, and the best graph so far.

    Args:
        r: (p, p) correlations.
        rows: behind them.
        penalty: of an edge.
        pairs: the pairs that may be joined.
        limits: ``forbidden`` pairs are not drawn as causes; required ones stay.
    """

    def __init__(
        self, r: FloatArray, rows: float, penalty: float, pairs: list[tuple[int, int]], limits: Limits
    ) -> None:
        self._r = np.ascontiguousarray(r)
        self._rows, self._penalty = rows, penalty
        self._pairs = pairs
        self._forbidden = limits.forbidden
        self._barred: frozenset[tuple[int, int, int]] = frozenset()
        self._sure = limits.required | limits.required.T
        self._known: dict[tuple[tuple[int, int, int], ...], float] = {}

    def climb(self, state: State, patience: int = PATIENCE, enough: float = np.inf) -> tuple[float, State]:
        """The best graph met on the way from ``state``.

        The search is given up after ``patience`` changes in vain, and where a score is above ``enough``.
        """
        causes, siblings = list(state[0]), list(state[1])
        now = self.score((causes, siblings))
        best, top = (list(causes), list(siblings)), now
        until = dict.fromkeys(self._pairs, 0)
        turn = idle = 0
        while idle < patience and top <= enough:
            turn += 1
            step = self._best_move(causes, siblings, until, turn, top - now)
            if step is None:
                break
            gain, pair, kind = step
            put(causes, siblings, *pair, kind)
            until[pair] = turn + TABU
            now += gain
            idle += 1
            if now > top + IMPROVEMENT:
                best, top, idle = (list(causes), list(siblings)), now, 0
        return top, best

    def rival(
        self, state: State, x: int, y: int, barred: Iterable[int], enough: float = np.inf
    ) -> tuple[float, State] | None:
        """The best graph found from ``state`` on whose edge between ``x`` < ``y`` is none of the ``barred`` kinds."""
        self._barred = frozenset((x, y, kind) for kind in barred)
        causes, siblings = list(state[0]), list(state[1])
        now = kind_of(causes, siblings, x, y)
        begun: tuple[float, State] | None = None
        for kind in self._free(causes, siblings, x, y, now):
            other = list(causes), list(siblings)
            put(*other, x, y, kind)
            score = self.score(other)
            if begun is None or score > begun[0]:
                begun = score, other
        found = self.climb(begun[1], SHORT_PATIENCE, enough) if begun else None
        self._barred = frozenset()
        return found

    def _best_move(
        self,
        causes: list[int],
        siblings: list[int],
        until: dict[tuple[int, int], int],
        turn: int,
        wanted: float,
    ) -> tuple[float, tuple[int, int], int] | None:
        best: tuple[float, tuple[int, int], int] | None = None
        for x, y in self._pairs:
            kind = kind_of(causes, siblings, x, y)
            before = self._around(causes, siblings, x, y) - (self._penalty if kind else 0.0)
            free = self._free(causes, siblings, x, y, kind)
            for other in free:
                put(causes, siblings, x, y, other)
                gain = self._around(causes, siblings, x, y) - (self._penalty if other else 0.0) - before
                put(causes, siblings, x, y, kind)
                allowed = until[x, y] < turn or gain > wanted + IMPROVEMENT
                if allowed and (best is None or gain > best[0]):
                    best = (gain, (x, y), other)
        return best

    def _free(self, causes: list[int], siblings: list[int], x: int, y: int, kind: int) -> Iterator[int]:
        """Other kinds of edge that leave the graph ancestral."""
        if self._sure[x, y]:
            return
        put(causes, siblings, x, y, NOTHING)
        over_x, over_y = reached(causes, x), reached(causes, y)
        kinds = []
        if not over_x >> y & 1 and not over_y >> x & 1:
            kinds.append(BOTH)
        if not over_x >> y & 1 and not self._forbidden[x, y] and _ancestral(causes, siblings, over_x, y):
            kinds.append(FORWARD)
        if not over_y >> x & 1 and not self._forbidden[y, x] and _ancestral(causes, siblings, over_y, x):
            kinds.append(BACKWARD)
        put(causes, siblings, x, y, kind)
        yield from (k for k in [NOTHING, *kinds] if k != kind and (x, y, k) not in self._barred)

    def score(self, state: State) -> float:
        """Of a whole graph."""
        causes, siblings = state
        left, total = (1 << len(causes)) - 1, 0.0
        while left:
            v = (left & -left).bit_length() - 1
            members = reached(siblings, v)
            total += self._district(causes, siblings, members)
            left &= ~members
        edges = sum(c.bit_count() for c in causes) + sum(s.bit_count() for s in siblings) / 2
        return total - self._penalty * edges

    def _around(self, causes: list[int], siblings: list[int], x: int, y: int) -> float:
        """Likelihood of the districts of two variables."""
        first = reached(siblings, x)
        total = self._district(causes, siblings, first)
        if not first >> y & 1:
            total += self._district(causes, siblings, reached(siblings, y))
        return total

    def _district(self, causes: list[int], siblings: list[int], members: int) -> float:
        inside = bits(members)
        key = tuple((v, causes[v], siblings[v]) for v in inside)
        if key not in self._known:
            outside = 0
            for v in inside:
                outside |= causes[v]
            columns = inside + bits(outside & ~members)
            place = {c: i for i, c in enumerate(columns)}
            d = len(inside)
            near, joined = np.zeros((d, len(columns)), np.bool_), np.zeros((d, d), np.bool_)
            for i, v in enumerate(inside):
                for c in bits(causes[v]):
                    near[i, place[c]] = True
                for c in bits(siblings[v]):
                    joined[i, place[c]] = True
            value = kernel.log_determinant(
                self._r, np.array(columns, np.int64), near, joined, FIT / self._rows
            )
            self._known[key] = -0.5 * self._rows * value
        return self._known[key]


def bits(mask: int) -> list[int]:
    """Places of the bits that are set."""
    out = []
    while mask:
        low = mask & -mask
        out.append(low.bit_length() - 1)
        mask ^= low
    return out


def reached(over: list[int], v: int) -> int:
    """``v`` and all that steps ``over`` causes (its ancestors) or siblings (its district) lead to."""
    out = front = 1 << v
    while front:
        low = front & -front
        front ^= low
        fresh = over[low.bit_length() - 1] & ~out
        out |= fresh
        front |= fresh
    return out


def _ancestral(causes: list[int], siblings: list[int], over: int, y: int) -> bool:
    """Whether no sibling pair becomes ancestor and descendant when all of ``over`` cause ``y``."""
    joined = 0
    for a in bits(over):
        joined |= siblings[a]
    if not joined:
        return True
    # descendants of y among those siblings
    return all(not reached(causes, w) >> y & 1 for w in bits(joined))


def kind_of(causes: list[int], siblings: list[int], x: int, y: int) -> int:
    """The edge between two variables."""
    if causes[y] >> x & 1:
        return FORWARD
    if causes[x] >> y & 1:
        return BACKWARD
    return BOTH if siblings[x] >> y & 1 else NOTHING


def put(causes: list[int], siblings: list[int], x: int, y: int, kind: int) -> None:
    """Change the edge between two variables."""
    a, b = 1 << x, 1 << y
    causes[y] &= ~a
    causes[x] &= ~b
    siblings[x] &= ~b
    siblings[y] &= ~a
    if kind == FORWARD:
        causes[y] |= a
    elif kind == BACKWARD:
        causes[x] |= b
    elif kind == BOTH:
        siblings[x] |= b
        siblings[y] |= a


def matrices(state: State) -> tuple[BoolArray, BoolArray]:
    """Arrows and arcs."""
    p = len(state[0])
    arrows, arcs = np.zeros((p, p), bool), np.zeros((p, p), bool)
    for v in range(p):
        arrows[bits(state[0][v]), v] = True
        arcs[bits(state[1][v]), v] = True
    return arrows, arcs
