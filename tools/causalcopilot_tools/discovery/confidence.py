"""How often resamples of the rows agree with each edge; nothing is ever removed for being uncertain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.graph.graph import Graph, Mark
from causalcopilot_tools.discovery.found import MARKS, Found, Settings, from_arrows
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.order import canonical
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from causalcopilot_tools.discovery.core.boss import BossResult
    from causalcopilot_tools.discovery.core.moments import Moments
    from causalcopilot_tools.discovery.core.pc import Limits, PcResult

Search = Callable[[Prepared, Constraints, Settings], Found]
MomentSearch = Callable[["Moments", "Limits", Settings, int], "PcResult | BossResult"]
"""A search that needs moments only, told how many such searches there will be."""

STARTS = 2
"""Random starts of a score search within a resample."""


@dataclass(frozen=True)
class Frequencies:
    """Shares of resamples.

    Attributes:
        done: resamples that could be searched.
        marks: (4, p, p); ``marks[k, i, j]`` is the share with mark ``k`` at ``j`` of the edge i - j.
    """

    done: int
    marks: NDArray[np.float64]

    @property
    def adjacent(self) -> NDArray[np.float64]:
        """(p, p) share of resamples in which two variables are adjacent."""
        out: NDArray[np.float64] = self.marks[1:].sum(axis=0)
        return out


def bootstrap(
    search: Search,
    data: Prepared,
    limits: Constraints,
    settings: Settings,
    resamples: int,
    on_moments: MomentSearch | None = None,
) -> Frequencies:
    """Search seeded row resamples and count every end mark (Friedman, Goldszmidt & Wyner 1999).

    Args:
        search: any search.
        data: columns.
        limits: knowledge.
        settings: of the search; score searches begin from at most ``STARTS`` orders.
        resamples: how many.
        on_moments: the same search on moments; complete tables are resampled without copying a row then.
    """
    import numpy as np

    p = len(data.names)
    settings = replace(settings, starts=min(settings.starts, STARTS))
    if on_moments is not None and not data.missing:
        return _on_moments(on_moments, data, limits, settings, resamples)
    if data.missing:
        data = replace(data, start=data.moments().correlation)  # the resamples' searches begin near their end
    counts = np.zeros((4, p, p))
    done = 0
    for rng in (np.random.default_rng(s) for s in np.random.SeedSequence(settings.seed).spawn(resamples)):
        drawn = _draw(data, rng)
        if drawn is None:
            continue
        marks = search(drawn, limits, settings).marks
        for k in range(4):
            counts[k] += marks == k
        done += 1
    return Frequencies(done, counts / max(done, 1))


def _on_moments(
    search: MomentSearch, data: Prepared, limits: Constraints, settings: Settings, resamples: int
) -> Frequencies:
    import numpy as np

    from causalcopilot_tools.discovery.core.resample import resampled

    order = canonical(data)
    here = data.keep([int(i) for i in order])
    bounds, p = limits.limits(here.names), len(order)
    counts = np.zeros((4, p, p))
    done = 0
    for m in resampled(here.matrix, here.blocks, settings.seed, resamples):
        result = search(m, bounds, settings, resamples)
        marks = from_arrows(result.adjacent, result.arrows)
        for k in range(4):
            counts[k] += marks == k
        done += 1
    shares = np.zeros_like(counts)
    shares[np.ix_(np.arange(4), order, order)] = counts / max(done, 1)
    return Frequencies(done, shares)


def _draw(data: Prepared, rng: np.random.Generator) -> Prepared | None:
    """Rows with replacement, such that no column is constant; ``None`` where that does not happen."""
    import numpy as np

    from causalcopilot_tools.discovery.core.resample import DRAWS

    for _ in range(DRAWS):
        drawn = data.resample(rng.integers(0, data.rows, data.rows))
        if (np.nanmax(drawn.matrix, axis=0) > np.nanmin(drawn.matrix, axis=0)).all():
            return drawn
    return None


def with_confidence(graph: Graph, names: tuple[str, ...], shares: Frequencies) -> Graph:
    """The graph with the share of resamples at each adjacency and each end mark."""
    place = {n: i for i, n in enumerate(names)}
    code: dict[Mark, int] = {mark: k for k, mark in MARKS.items()}
    edges = []
    for e in graph.edges:
        i, j = place[e.source], place[e.target]
        edges.append(
            replace(
                e,
                confidence=float(shares.adjacent[i, j]),
                source_confidence=float(shares.marks[code[e.source_mark], j, i]),
                target_confidence=float(shares.marks[code[e.target_mark], i, j]),
            )
        )
    return replace(graph, edges=tuple(edges))
