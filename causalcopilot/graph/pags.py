"""Ancestral graphs: the MAG of a graph with latents, its PAG, and a MAG of a PAG.  No selection bias
throughout.

Richardson & Spirtes (2002) for MAGs, Zhang (2008) for visible edges and for a MAG of a PAG.  The rules that
orient a PAG are in ``orient.py``.
"""

from __future__ import annotations

from itertools import combinations

from causalcopilot.errors import KnowledgeError
from causalcopilot.graph.connect import connected
from causalcopilot.graph.ends import ends_of
from causalcopilot.graph.graph import Edge, Graph, Mark
from causalcopilot.graph.mixed import Mixed, closure, cycle, mixed, mixed_of
from causalcopilot.graph.orient import orient
from causalcopilot.graph.pattern import Pattern, extend


def mag_of(graph: Graph) -> Graph:
    """The maximal ancestral graph over the measured nodes of a DAG or ADMG, as a ``pag`` without circles.

    Two nodes are adjacent when no measured set separates them; an end is a tail where its node is an ancestor
    of the other.
    """
    full = mixed_of(graph)
    at = {n: i for i, n in enumerate(graph.nodes)}
    seen = {at[n] for n in graph.observed}
    edges = []
    for a, b in combinations(graph.observed, 2):
        i, j = at[a], at[b]
        if connected(full, i, j, (closure(full.parents, (i, j)) & seen) - {i, j}):
            first: Mark = "tail" if i in closure(full.parents, (j,)) else "arrow"
            second: Mark = "tail" if j in closure(full.parents, (i,)) else "arrow"
            edges.append(Edge(a, b, first, second))
    return Graph("pag", graph.observed, tuple(edges))


def pag_of(graph: Graph) -> Graph:
    """The PAG of the class of a DAG or ADMG with latents, or of a MAG (a ``pag`` without circles)."""
    mag = graph if graph.kind == "pag" else mag_of(graph)
    ends = orient(ends_of(mag))
    at = {n: i for i, n in enumerate(mag.nodes)}
    edges = (
        Edge(e.source, e.target, ends[at[e.source]][at[e.target]], ends[at[e.target]][at[e.source]])
        for e in mag.edges
    )
    return Graph("pag", mag.nodes, tuple(e.flipped() if e.symbol in ("<--", "<-o") else e for e in edges))


def member_of(graph: Graph) -> Mixed:
    """One MAG of the class of a PAG (Zhang 2008, theorem 2): ``o->`` becomes ``-->``, the rest an oriented
    forest.

    Raises:
        KnowledgeError: the marks fit no maximal ancestral graph.
    """
    ends = ends_of(graph)
    circles = Pattern(len(ends))
    arrows, arcs = [], []
    for a, row in enumerate(ends):
        for b, here in row.items():
            there = ends[b][a]
            if there == "arrow" and here != "arrow":
                arrows.append((a, b))
            elif a < b and here == there == "arrow":
                arcs.append((a, b))
            elif a < b and here == there:
                circles.add(a, b, directed=False)
    extra = extend(circles)
    if extra is None:
        raise KnowledgeError("its o-o edges fit no graph without new colliders", "search again")
    result = mixed(len(ends), arrows + extra, arcs)
    _check_ancestral(result, graph.nodes)
    _check_maximal(result, graph.nodes)
    return result


def is_mag(mag: Mixed, names: tuple[str, ...]) -> bool:
    """Whether a directed mixed graph is ancestral and maximal."""
    try:
        _check_ancestral(mag, names)
        _check_maximal(mag, names)
    except KnowledgeError:
        return False
    return True


def _check_ancestral(mag: Mixed, names: tuple[str, ...]) -> None:
    loop = cycle(mag.children)
    if loop:
        raise KnowledgeError(
            f"the graph has a directed cycle: {' --> '.join(names[i] for i in loop)}", "drop or turn an edge"
        )
    for a, row in enumerate(mag.siblings):
        causes = closure(mag.parents, (a,))
        for b in row:
            if b in causes:
                raise KnowledgeError(
                    f"{names[b]} <-> {names[a]} says neither causes the other, but {names[b]} is an ancestor",
                    "drop or turn an edge",
                )


def _check_maximal(mag: Mixed, names: tuple[str, ...]) -> None:
    """Only nodes with an arrow into the same district can be joined by an inducing path."""
    done: set[int] = set()
    for v in range(mag.size):
        if v in done or not mag.siblings[v]:
            continue
        district = closure(mag.siblings, (v,))
        done |= district
        touching = sorted(district | {p for d in district for p in mag.parents[d]})
        for a, b in combinations(touching, 2):
            others = closure(mag.parents, (a, b)) - {a, b}
            if not mag.adjacent(a, b) and connected(mag, a, b, others):
                raise KnowledgeError(
                    f"nothing separates {names[a]} and {names[b]}, though no edge joins them",
                    "a pag is maximal: add the edge, or search again",
                )
