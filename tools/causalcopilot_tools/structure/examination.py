"""A graph held against the data: every independence it implies and every edge it draws, tested one by one.

Independences are corrected for their number by Benjamini and Hochberg (1995).  One counts as contradicted when its
corrected p-value is below the level and the association found is not negligible: with many rows any graph of
a real system is contradicted somewhere by a hair.

The relabeling baseline (Eulig, Mastakouri, Blöbaum, Hardt & Janzing 2023): the same graph with its names shuffled makes
as many claims about the wrong columns.  The share of shuffles that contradict the data as little as the graph
itself says how much its agreement with the data means.  All counts of the baseline, the graph's own too, come from the
linear test, uncorrected.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from causalcopilot.graph.graph import Graph
from causalcopilot.graph.implications import Claim, dependences, independences

if TYPE_CHECKING:
    from causalcopilot_tools.discovery.prepared import Prepared
    from causalcopilot_tools.structure.independence_rule import Tried

ROWS = 2_000
"""Rows tested; more are drawn from at random.  A partial correlation of 0.1 is then all but certain to be seen."""
TESTS = 100
"""Most independences, and most edges, that are tested; small conditioning sets come first."""
SECONDS = 20.0
"""Time after which no further test is begun; generous, so that answers do not depend on the machine."""
NEGLIGIBLE = 0.05
"""A partial correlation (or its like) below this contradicts nothing, however small its p-value."""
RELABELINGS = 200
"""Shuffles of the names; all of them where there are fewer."""
LEVEL = 0.05
"""Level of a single test of the baseline."""


@dataclass(frozen=True)
class Tested:
    """One claim with its test.

    Attributes:
        claim: what the graph says.
        found: the test.
        adjusted: p-value corrected for the number of claims; of an edge, the plain one.
    """

    claim: Claim
    found: Tried
    adjusted: float

    def contradicts(self, alpha: float) -> bool:
        """Whether the data contradict the claim: a dependence where none may be."""
        return self.adjusted < alpha and self.found.strength >= NEGLIGIBLE


@dataclass(frozen=True)
class Examination:
    """What the data say about a graph.

    Attributes:
        alpha: level of the corrected tests.
        implied: independences the graph implies among measured columns.
        independent: those that were tested, most contradicted first.
        edges: edges that were tested, least dependent first.
        untested: claims left out for want of time or number, or because nothing was left to test.
        share: share of relabelings that contradict the data as little as the graph, or ``None``.
        relabelings: how many were tried.
        violations: the graph's own count in that comparison.
        usual: mean count of the relabelings.
        rows: rows used.
    """

    alpha: float
    implied: int
    independent: tuple[Tested, ...]
    edges: tuple[Tested, ...]
    untested: int
    share: float | None
    relabelings: int
    violations: int
    usual: float
    rows: int

    @cached_property
    def contradicted(self) -> tuple[Tested, ...]:
        """Independences that the data contradict."""
        return tuple(t for t in self.independent if t.contradicts(self.alpha))

    @cached_property
    def needless(self) -> tuple[Tested, ...]:
        """Edges whose ends the data show to be independent, with rows enough to have seen a moderate association."""
        return tuple(t for t in self.edges if t.found.answer == "yes")

    @property
    def answer(self) -> str:
        """Does the graph fit?  ``no`` where something is contradicted; ``uncertain`` where nothing could be, or
        where at least half of the shuffled graphs fit as well; else ``yes``."""
        if self.contradicted:
            return "no"
        told = any(t.found.answer == "yes" for t in self.independent)
        return "yes" if told and (self.share is None or self.share < 0.5) else "uncertain"


def examine(data: Prepared, graph: Graph, seed: int, alpha: float = LEVEL) -> Examination:
    """Test what a graph claims about the columns of ``data``.

    Args:
        data: encoded columns; nodes that are not among them count as latent.
        graph: DAG, CPDAG, PAG or ADMG.
        seed: draws rows, features and relabelings.
        alpha: level after correction.

    Raises:
        KnowledgeError: the graph is not of its declared kind, or is lagged.
    """
    data = drawn(data, seed)
    ends = time.monotonic() + SECONDS
    implied, joined = independences(graph, data.names), dependences(graph, data.names)
    first = list(_tried(implied[:TESTS], data, seed, ends))
    corrected = benjamini_hochberg([t.p_value for _, t in first])
    independent = [Tested(c, t, p) for (c, t), p in zip(first, corrected, strict=True)]
    edges = [Tested(c, t, t.p_value) for c, t in _tried(joined[:TESTS], data, seed, ends)]
    share, count, own, usual = baseline([c for c, _ in first], data, seed)
    return Examination(
        alpha,
        len(implied),
        tuple(sorted(independent, key=lambda t: (t.adjusted, -t.found.strength))),
        tuple(sorted(edges, key=lambda t: -t.found.p_value)),
        len(implied) - len(first) + len(joined) - len(edges),
        share,
        count,
        own,
        usual,
        data.rows,
    )


def drawn(data: Prepared, seed: int) -> Prepared:
    """At most ``ROWS`` rows, drawn at random."""
    import numpy as np

    if data.rows <= ROWS:
        return data
    return data.resample(np.sort(np.random.default_rng(seed).choice(data.rows, ROWS, replace=False)))


def _tried(claims: Sequence[Claim], data: Prepared, seed: int, ends: float) -> Iterator[tuple[Claim, Tried]]:
    from causalcopilot_tools.structure.independence_rule import tried

    at = {n: i for i, n in enumerate(data.names)}
    for claim in claims:
        if time.monotonic() > ends:
            return
        found = tried(data.keep([at[n] for n in (claim.a, claim.b, *claim.given)]), seed)
        if found is not None:
            yield claim, found


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Corrected p-values in the order given (Benjamini & Hochberg 1995)."""
    order = sorted(range(len(p)), key=p.__getitem__)
    out, least = [1.0] * len(p), 1.0
    for rank in range(len(order), 0, -1):
        i = order[rank - 1]
        least = min(least, p[i] * len(p) / rank)
        out[i] = least
    return out


def baseline(claims: Sequence[Claim], data: Prepared, seed: int) -> tuple[float | None, int, int, float]:
    """Share of relabelings with no more violations than the graph, their number, its own violations, their mean."""
    import numpy as np

    from causalcopilot_tools.discovery.core.citest import GaussianTest

    if not claims:
        return None, 0, 0, 0.0
    test = GaussianTest(data.moments())
    names = sorted({n for c in claims for n in (c.a, c.b, *c.given)} | set(data.names))
    at = {n: i for i, n in enumerate(data.names)}
    places = [(at[c.a], at[c.b], np.array([at[g] for g in c.given], dtype=np.int64)) for c in claims]
    known: dict[tuple[frozenset[int], frozenset[int]], bool] = {}

    def violated(a: int, b: int, given: Sequence[int]) -> bool:
        key = frozenset((a, b)), frozenset(given)
        if key not in known:
            sets = np.array([sorted(given)], dtype=np.int64).reshape(1, len(given))
            known[key] = bool(test.p_values(min(a, b), max(a, b), sets)[0] < LEVEL)
        return known[key]

    def count(order: Sequence[int]) -> int:
        return sum(violated(order[a], order[b], [order[g] for g in s]) for a, b, s in places)

    own = count(range(len(names)))
    others = [count(order) for order in _relabelings(len(names), seed)]
    if not others:
        return None, 0, own, 0.0
    return sum(v <= own for v in others) / len(others), len(others), own, sum(others) / len(others)


def _relabelings(size: int, seed: int) -> Iterator[Sequence[int]]:
    """Every order but the given one where there are few, else random ones."""
    from itertools import islice, permutations
    from math import factorial

    import numpy as np

    if size <= 8 and factorial(size) <= RELABELINGS + 1:
        yield from islice(permutations(range(size)), 1, None)
        return
    rng = np.random.default_rng([seed, 7])
    for _ in range(RELABELINGS):
        yield [int(i) for i in rng.permutation(size)]
