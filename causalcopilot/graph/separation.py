"""Which columns a graph says are independent, and which path keeps two of them connected."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from causalcopilot.errors import KnowledgeError, UsageError, nearest
from causalcopilot.graph.connect import Trail, open_trail, smallest_separator, trace
from causalcopilot.graph.equivalence import check_dag
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.mixed import Mixed, mixed, mixed_of
from causalcopilot.graph.pags import member_of
from causalcopilot.graph.pattern import close, extend, pattern_of

Names = str | Iterable[str]


@lru_cache(maxsize=128)
def reading(graph: Graph) -> Mixed:
    """The directed mixed graph in which separations of ``graph`` are read.

    DAGs and ADMGs are read as they are (a MAG is separated like an ADMG), a CPDAG or maximal PDAG through one
    DAG of
    its class, a PAG through one MAG of its class: all members of a class separate alike.

    Raises:
        KnowledgeError: the graph is not of its declared kind, or is lagged.
    """
    if graph.kind == "lagged":
        raise KnowledgeError(
            "separation is not read from a lagged graph",
            "ask of a graph without lags, or for direct causes only",
        )
    if graph.kind == "pag":
        return member_of(graph)
    if graph.kind == "cpdag":
        p = pattern_of(graph)
        close(p)
        arrows = extend(p)
        if arrows is None:
            raise KnowledgeError(
                "no DAG has the arrows and colliders of this cpdag", "search again, or edit it"
            )
        return mixed(p.size, arrows)
    if graph.kind == "dag":
        check_dag(graph)
    return mixed_of(graph)


def position(graph: Graph, name: str) -> int:
    """Where a node stands in ``graph.nodes``; ``UsageError`` with the nearest names if it is not there."""
    try:
        return graph.nodes.index(name)
    except ValueError:
        near = nearest(name, graph.nodes)
        hint = (
            f"did you mean {' or '.join(near)}?" if near else f"its nodes are {', '.join(graph.nodes[:12])}"
        )
        raise UsageError(f"the graph has no node {name!r}", hint) from None


def positions(graph: Graph, names: Names) -> set[int]:
    """Positions of one or several nodes."""
    return {position(graph, n) for n in ([names] if isinstance(names, str) else names)}


def d_separated(graph: Graph, a: Names, b: Names, given: Names = ()) -> bool:
    """Whether the graph implies that ``a`` and ``b`` are independent given ``given``.

    d-separation in DAGs, m-separation where there are ``<->`` edges (Richardson & Spirtes 2002); CPDAGs and
    PAGs through a member of their class.  Latents may be conditioned on: the caller knows what is measured.

    Raises:
        UsageError: an unknown node, or a node on two sides.
        KnowledgeError: the graph is not of its declared kind.
    """
    left, right, z = positions(graph, a), positions(graph, b), positions(graph, given)
    if left & right or left & z or right & z:
        raise UsageError("separation needs three disjoint sets", "drop the repeated column")
    m = reading(graph)
    return not any(v in right for s in left for v, _ in trace(m, s, z))


def open_path(graph: Graph, a: str, b: str, given: Names = ()) -> tuple[str, ...] | None:
    """A shortest open path, nodes and edge symbols alternating (``("t", "<--", "u", "-->", "y")``), or
    ``None``.

    Raises:
        UsageError: an unknown node.
        KnowledgeError: the graph is not of its declared kind.
    """
    i, j, z = position(graph, a), position(graph, b), positions(graph, given)
    if i == j or i in z or j in z:
        raise UsageError("separation needs three disjoint sets", "drop the repeated column")
    trail = open_trail(reading(graph), i, j, z)
    return spelled(graph, trail) if trail else None


def spelled(graph: Graph, trail: Trail) -> tuple[str, ...]:
    """A trail in the graph's own names and marks."""
    words = [graph.nodes[trail[0][0]]]
    for (v, _), (w, symbol) in pairwise(trail):
        a, b = graph.nodes[v], graph.nodes[w]
        own = symbol if graph.kind in ("dag", "admg") else graph.between(a, b)[0].symbol
        words += [own, b]
    return tuple(words)


def separator(graph: Graph, a: str, b: str, allowed: Names | None = None) -> tuple[str, ...] | None:
    """A smallest set of measured nodes that separates two nodes, or ``None``; nearest to ``b`` of several."""
    pool = graph.observed if allowed is None else allowed
    i, j = position(graph, a), position(graph, b)
    found = smallest_separator(reading(graph), i, j, positions(graph, pool) - {i, j})
    return None if found is None else tuple(graph.nodes[v] for v in sorted(found))
