"""Graphs changed by hand: edges written as text, added, removed and turned round."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from causalcopilot.errors import UsageError, nearest
from causalcopilot.graph.graph import Edge, Graph, GraphKind, Mark

ARROW = re.compile(r"\s*(<->|o->|<-o|o-o|-->|<--|---|->|<-|--)\s*")
"""Every way an edge may be written."""
_MARKS: dict[str, Mark] = {"<": "arrow", ">": "arrow", "o": "circle", "-": "tail"}
Resolve = Callable[[str], str]
"""From a name as typed to a node; raises where there is none."""


def read_edges(text: str, resolve: Resolve) -> list[Edge]:
    """Edges such as ``a -> b, b -> c <- d``, with origin ``user``.

    Raises:
        UsageError: a piece is no edge, or whatever ``resolve`` raises.
    """
    edges: list[Edge] = []
    for piece in filter(None, (p.strip() for p in re.split(r"[,;\n]", text))):
        parts = ARROW.split(piece)
        if len(parts) < 3 or not all(parts[::2]):
            raise UsageError(f"{piece!r} is no edge", "write for example: a -> b, b -> c")
        names = [resolve(p) for p in parts[::2]]
        edges += [_edge(a, mark, b) for a, mark, b in zip(names, parts[1::2], names[1:], strict=False)]
    return edges


def _edge(a: str, symbol: str, b: str) -> Edge:
    if a == b:
        raise UsageError(f"{a!r} cannot be joined to itself", "name two columns")
    left, right = _MARKS[symbol[0]], _MARKS[symbol[-1]]
    if (left, right) == ("arrow", "tail"):
        return Edge(b, a, origin="user")
    return Edge(a, b, left, right, origin="user")


def kind_of(edges: Sequence[Edge], before: GraphKind = "dag") -> GraphKind:
    """The class of graph that holds these edges, staying with ``before`` where that is possible.

    Raises:
        UsageError: circles and plain undirected edges cannot stand in one graph.
    """
    circles = any("circle" in (e.source_mark, e.target_mark) for e in edges)
    loose = any(e.source_mark == e.target_mark == "tail" for e in edges)
    both = any(e.source_mark == e.target_mark == "arrow" for e in edges)
    if circles and loose:
        raise UsageError("o- and -- cannot stand in one graph", "a PAG has circles, a CPDAG has --")
    if before in ("lagged", "pag") and not loose:
        return before
    if circles:
        return "pag"
    if loose and both:
        raise UsageError("-- and <-> cannot stand in one graph", "orient the undirected edges first")
    if loose:
        return "cpdag"
    if both or before == "admg":
        return "admg"
    return before


def drawn(edges: Sequence[Edge]) -> Graph:
    """A graph made of edges alone.

    Raises:
        UsageError: a cycle, or marks that cannot stand together.
    """
    nodes = tuple(dict.fromkeys(n for e in edges for n in (e.source, e.target)))
    return _checked(Graph(kind_of(edges), nodes, tuple(edges)))


def edited(
    graph: Graph,
    *,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    reverse: Iterable[str] = (),
    nodes: Iterable[str] = (),
) -> Graph:
    """A graph with edges removed, turned round and added, in that order; the graph given is not changed.

    What is added or turned has origin ``user``; other edges keep origin and confidence.

    Args:
        graph: the graph to start from.
        add: edges as text, such as ``a -> b``; one between two joined nodes replaces the edge that is there.
        remove, reverse: two nodes each, such as ``a b`` or ``a -> b``.
        nodes: new nodes without an edge.

    Raises:
        UsageError: an unknown node, no such edge, an edge without a direction to turn, or a cycle.
    """
    known = (*graph.nodes, *(n for n in nodes if n not in graph.nodes))
    edges = list(graph.edges)
    for text in remove:
        edges.remove(_found(edges, text, known))
    for text in reverse:
        edge = _found(edges, text, known)
        edges[edges.index(edge)] = _reversed(edge)
    for text in add:
        for edge in read_edges(text, lambda n: _node(n, known)):
            if any(_alike(e, edge) for e in edges):
                continue
            edges = [e for e in edges if {e.source, e.target} != {edge.source, edge.target} or e.lag]
            edges.append(edge)
    made = Graph(kind_of(edges, graph.kind), known, tuple(edges), graph.latents)
    return _checked(made)


def _alike(there: Edge, new: Edge) -> bool:
    """Whether an edge is there already, however it is written."""
    ends = {new.source: new.source_mark, new.target: new.target_mark}
    return {there.source: there.source_mark, there.target: there.target_mark} == ends and not there.lag


def _checked(graph: Graph) -> Graph:
    from causalcopilot.graph.equivalence import is_acyclic

    if graph.kind in ("dag", "admg") and not is_acyclic(graph):
        raise UsageError(
            "the edges form a cycle", "a cause cannot be its own effect; leave one out or turn one round"
        )
    return graph


def _node(name: str, known: Sequence[str]) -> str:
    bare = name.strip().strip("`'\"")
    if bare in known:
        return bare
    like = nearest(bare, list(known), 1)
    raise UsageError(
        f"the graph has no node {bare!r}",
        f"did you mean {like[0]!r}?" if like else f"its nodes: {', '.join(known[:12])}; --node adds one",
    )


def _found(edges: Sequence[Edge], text: str, known: Sequence[str]) -> Edge:
    """The edge between the two nodes that a text names."""
    parts = [p for p in ARROW.sub("\0", text.replace(",", "\0")).split("\0") if p.strip()]
    if len(parts) != 2:
        parts = text.split()
    if len(parts) != 2:
        raise UsageError(f"{text!r} does not name two nodes", "for example: --remove 'a -> b'")
    a, b = (_node(p, known) for p in parts)
    for edge in edges:
        if {edge.source, edge.target} == {a, b}:
            return edge
    raise UsageError(f"no edge joins {a!r} and {b!r}", "see the edges with: ccp graph show NAME")


def _reversed(edge: Edge) -> Edge:
    if edge.source_mark == edge.target_mark:
        raise UsageError(
            f"{edge} has no direction to turn", f"orient it: --add '{edge.source} -> {edge.target}'"
        )
    if edge.lag:
        raise UsageError(f"{edge} runs from the past and cannot be turned", "remove it instead")
    marks = {"source_mark": edge.target_mark, "target_mark": edge.source_mark}
    turned = replace(edge, **marks, source_confidence=None, target_confidence=None, origin="user")  # type: ignore[arg-type]
    return turned.flipped() if turned.source_mark == "arrow" and turned.target_mark == "tail" else turned
