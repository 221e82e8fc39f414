"""Moving-block resamples of a series: how often each end mark comes back, and the graph that most of them vote for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.graph.graph import Graph, Mark
from causalcopilot_tools.discovery.found import ARROW, CIRCLE, MARKS, NONE, TAIL, Settings
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.series.found import LaggedFound, Material, from_links

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STARTS = 2
"""Random starts of a score search within a resample."""
KINDS = tuple((a, b) for a in (TAIL, ARROW, CIRCLE) for b in (TAIL, ARROW, CIRCLE))
HEAD_START = 1 / 3
"""Share of the votes that the answer of the graph learned on the whole series starts with."""
BAGGED = ("lagged_boss", "var")
"""Methods whose resamples can be searched: they need rows with their past, not the series itself."""


@dataclass(frozen=True)
class Votes:
    """Counts over resamples.

    Attributes:
        done: resamples searched.
        block: rows of a block.
        kinds: (9, L + 1, p, p) share of resamples in which the edge from ``i`` at t - l to ``j`` at t has the marks
            ``KINDS[k]``.
    """

    done: int
    block: int
    kinds: NDArray[np.float64]

    @property
    def adjacent(self) -> NDArray[np.float64]:
        """(L + 1, p, p) share with an edge."""
        out: NDArray[np.float64] = self.kinds.sum(axis=0)
        return out

    def end(self, side: int, mark: int) -> NDArray[np.float64]:
        """(L + 1, p, p) share with this mark at ``i`` (side 0) or ``j`` (side 1)."""
        out: NDArray[np.float64] = self.kinds[[k for k, pair in enumerate(KINDS) if pair[side] == mark]].sum(
            axis=0
        )
        return out


def bootstrap(method: str, data: Material, limits: Constraints, settings: Settings, resamples: int) -> Votes:
    """Search seeded moving-block resamples and count the marks (Künsch 1989; Debeire, Gerhardus, Runge & Eyring 2024).

    Args:
        method: one of ``BAGGED``.
        data: the series with its past; every row keeps its own.
        limits: knowledge.
        settings: of the search.
        resamples: how many.
    """
    import numpy as np

    from causalcopilot_tools.discovery.core.lagged import block_length

    s = data.stacked
    block = block_length(len(s.z))
    counts = np.zeros((len(KINDS), s.lags + 1, s.p, s.p))
    done = 0
    for ends in _searched(method, data, limits, settings, block, resamples):
        for k, (a, b) in enumerate(KINDS):
            counts[k] += (ends[0] == a) & (ends[1] == b)
        done += 1
    return Votes(done, block, counts / max(done, 1))


def _searched(
    method: str, data: Material, limits: Constraints, settings: Settings, block: int, resamples: int
) -> Iterator[NDArray[np.int8]]:
    """Marks of each resample's graph; a resample in which a column is constant is left out."""
    import numpy as np

    from causalcopilot_tools.discovery.core import lagged, lagged_boss
    from causalcopilot_tools.discovery.series import var
    from causalcopilot_tools.discovery.series.order import canonical, reordered

    order = canonical(data)
    here = reordered(data, order)
    s = here.stacked
    known = limits.limits(here.names) if limits else None
    settings = replace(settings, starts=min(settings.starts, STARTS))
    for w in lagged.block_weights(s.runs, block, settings.seed, resamples):
        if (np.ptp(s.z[w > 0], axis=0) == 0).any():
            continue
        if method == "lagged_boss":
            r = lagged_boss.search(
                lagged.moments(s, w), s.p, settings.seed, settings.starts, settings.penalty, known
            )
            ends = from_links(r.adjacent, r.arrows)
        else:
            rows = np.repeat(np.arange(len(w)), w.astype(np.int64))
            drawn = replace(s, z=s.z[rows], runs=s.runs[rows])
            ends = var.search(replace(here, stacked=drawn), limits, settings).ends
        out = np.zeros_like(ends)
        out[np.ix_(np.arange(2), np.arange(s.lags + 1), order, order)] = ends
        yield out


def majority(votes: Votes, learned: NDArray[np.int8] | None = None) -> LaggedFound:
    """The graph of Bagged-PCMCI+: for each pair and lag the most frequent answer, no edge included.

    A resample holds fewer different rows than the series, so that weak links miss half of the votes by chance.  Where
    the learned graph is given, its answer therefore has ``HEAD_START``: two thirds must vote otherwise to overturn it.

    Of answers as frequent the more careful one counts: no edge, then an edge without direction.  Directions that
    would close a cycle within a step are taken back where they had the fewest votes.
    """
    import numpy as np

    from causalcopilot_tools.discovery.core.orient import find_cycle

    careful = sorted(range(len(KINDS)), key=lambda k: (KINDS[k] != (TAIL, TAIL), KINDS[k]))
    ranked = np.concatenate([1 - votes.adjacent[None], votes.kinds[careful]])
    if learned is not None:
        answers = [(NONE, NONE), *(KINDS[k] for k in careful)]
        ranked += HEAD_START * np.array([(learned[0] == a) & (learned[1] == b) for a, b in answers])
    best = (ranked + 1e-12).round(9).argmax(axis=0)
    ends = np.zeros((2, *best.shape), np.int8)
    for place, k in enumerate(careful, 1):
        for side in (0, 1):
            ends[side][best == place] = KINDS[k][side]
    _mirror(ends)
    while True:
        arrows = (ends[1, 0] == ARROW) & (ends[0, 0] == TAIL)
        cycle = find_cycle(arrows)
        if not cycle:
            return LaggedFound("majority", ends)
        steps = [(a, b) for a, b in zip(cycle, [*cycle[1:], cycle[0]], strict=True) if arrows[a, b]]
        directed = votes.kinds[KINDS.index((TAIL, ARROW)), 0]
        i, j = min(steps, key=lambda e: float(directed[e]))
        ends[:, 0, i, j] = ends[:, 0, j, i] = TAIL


def _mirror(ends: NDArray[np.int8]) -> None:
    """Ties may be settled differently at the two readings of a link within a step; then it has no direction."""
    import numpy as np

    a, b = ends[0, 0], ends[1, 0]
    odd = (a != b.T) & ((a != NONE) | (b.T != NONE))
    odd |= odd.T
    present = (a != NONE) & (a.T != NONE)
    a[odd] = np.where(present, TAIL, NONE)[odd]
    b[odd] = np.where(present, TAIL, NONE)[odd]


def with_confidence(graph: Graph, names: tuple[str, ...], votes: Votes) -> Graph:
    """The graph with the share of resamples at each edge and each end mark."""
    place = {n: i for i, n in enumerate(names)}
    code: dict[Mark, int] = {mark: k for k, mark in MARKS.items()}
    edges = []
    for e in graph.edges:
        at = e.lag, place[e.source], place[e.target]
        edges.append(
            replace(
                e,
                confidence=float(votes.adjacent[at]),
                source_confidence=float(votes.end(0, code[e.source_mark])[at]),
                target_confidence=float(votes.end(1, code[e.target_mark])[at]),
            )
        )
    return replace(graph, edges=tuple(edges))
