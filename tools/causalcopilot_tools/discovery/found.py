"""What every search returns to ``discover``, whatever library or core did the work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Scalar
from causalcopilot.graph.graph import Edge, Graph, GraphKind, Mark

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NONE, TAIL, ARROW, CIRCLE = 0, 1, 2, 3
MARKS: dict[int, Mark] = {TAIL: "tail", ARROW: "arrow", CIRCLE: "circle"}


@dataclass(frozen=True)
class Settings:
    """What a search may be told.

    Attributes:
        alpha: level of independence tests.
        seed: of everything random.
        starts: random starts of a score search.
        penalty: of a score, per coefficient in units of log(rows).
        max_depth: largest conditioning set, ``None`` for no limit.
        error_share: share of each number's variance to be taken for measurement error (BOSS).
        domain: column that tells the domain of a row, for searches that need one.
        test: independence test, ``auto`` by column types.
    """

    alpha: float = 0.01
    seed: int = 0
    starts: int = 5
    penalty: float = 1.0
    max_depth: int | None = None
    error_share: float = 0.0
    domain: str = ""
    test: str = "auto"


@dataclass(frozen=True)
class Found:
    """A learned graph on arrays.

    Attributes:
        method: which search.
        kind: class of the graph.
        marks: (p, p) int8; ``marks[i, j]`` is the mark at ``j`` of the edge between ``i`` and ``j``
            (0 none, 1 tail, 2 arrow, 3 circle); symmetric in where it is zero.
        params: settings that matter, as name and value pairs.
        notes: what a reader must know about this search.
        without: columns that steered the search and are no node of its graph.
    """

    method: str
    kind: GraphKind
    marks: NDArray[np.int8]
    params: tuple[tuple[str, Scalar], ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)
    without: tuple[str, ...] = ()


def from_arrows(adjacent: NDArray[np.bool_], arrows: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Marks of a partially directed graph: arrows where directed, tails where not."""
    import numpy as np

    marks = np.where(adjacent, TAIL, NONE).astype(np.int8)
    marks[arrows] = ARROW
    return marks


def to_graph(found: Found, names: tuple[str, ...]) -> Graph:
    """The graph by column names; causes are written on the left where there is one."""
    edges = []
    nodes = tuple(n for n in names if n not in found.without)
    for i in range(len(names)):
        for j in range(i + 1, len(names)):
            if found.marks[i, j]:
                edges.append(_edge(found, names, i, j))
    return Graph(found.kind, nodes, tuple(edges))


def _edge(found: Found, names: tuple[str, ...], i: int, j: int) -> Edge:
    """The edge, read so that an arrowhead (else a circle) stands on the right."""
    at_i, at_j = int(found.marks[j, i]), int(found.marks[i, j])
    rank = {TAIL: 0, CIRCLE: 1, ARROW: 2}
    if rank[at_i] > rank[at_j]:
        i, j, at_i, at_j = j, i, at_j, at_i
    return Edge(names[i], names[j], MARKS[at_i], MARKS[at_j])
