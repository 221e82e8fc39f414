"""What every search over time returns, and the graph it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Scalar
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot_tools.discovery.found import ARROW, MARKS, TAIL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from causalcopilot_tools.discovery.core.lagged import Stacked


@dataclass(frozen=True)
class Material:
    """What a search over time runs on.

    Attributes:
        stacked: the treated series with its past.
        names: variables, in the order of the arrays.
        x: (n, p) treated series on its grid, NaN where unknown.
        units: (n,) number of each row's unit.
    """

    stacked: Stacked
    names: tuple[str, ...]
    x: NDArray[np.float64]
    units: NDArray[np.int64]


@dataclass(frozen=True)
class LaggedFound:
    """A learned lagged graph on arrays.

    Attributes:
        method: which search.
        ends: (2, L + 1, p, p) int8 mark codes (0 none, 1 tail, 2 arrow, 3 circle) of the edge from ``i`` at
            t - l to ``j`` at t: ``ends[0]`` at ``i``, ``ends[1]`` at ``j``.  At lag 0
            ``ends[0, 0, i, j] == ends[1, 0, j, i]``.
        params: settings that matter.
        notes: what a reader must know about this search.
    """

    method: str
    ends: NDArray[np.int8]
    params: tuple[tuple[str, Scalar], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def lags(self) -> int:
        """Longest lag searched."""
        return int(self.ends.shape[1]) - 1


def from_links(adjacent: NDArray[np.bool_], arrows: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Marks where time orients every lagged link.

    Args:
        adjacent: (L + 1, p, p), symmetric at lag 0.
        arrows: (p, p) directed edges within a step.
    """
    import numpy as np

    ends = np.zeros((2, *adjacent.shape), np.int8)
    ends[:, adjacent] = TAIL
    ends[1, 1:][adjacent[1:]] = ARROW
    ends[1, 0][arrows] = ARROW
    ends[0, 0][arrows.T] = ARROW
    return ends


def to_graph(found: LaggedFound, names: tuple[str, ...]) -> Graph:
    """The graph by column names: links within a step first, then by lag."""
    edges: list[Edge] = []
    p = len(names)
    for i in range(p):
        for j in range(i + 1, p):
            if found.ends[0, 0, i, j]:
                edges.append(_within(found, names, i, j))
    for lag in range(1, found.lags + 1):
        for i in range(p):
            for j in range(p):
                a, b = (int(found.ends[k, lag, i, j]) for k in (0, 1))
                if a:
                    edges.append(Edge(names[i], names[j], MARKS[a], MARKS[b], lag))
    return Graph("lagged", names, tuple(edges))


def _within(found: LaggedFound, names: tuple[str, ...], i: int, j: int) -> Edge:
    a, b = (int(found.ends[k, 0, i, j]) for k in (0, 1))
    rank = {TAIL: 0, 3: 1, ARROW: 2}
    if rank[a] > rank[b]:
        i, j, a, b = j, i, b, a
    return Edge(names[i], names[j], MARKS[a], MARKS[b])
