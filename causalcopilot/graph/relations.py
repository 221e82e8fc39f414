"""What a graph says of two columns: direct cause, mediators, confounders, colliders; yes, no or uncertain.

In a CPDAG or PAG an answer is ``yes`` or ``no`` only if it holds in every graph of the class; what holds in
some, or may for all the marks tell, is ``uncertain``.  The bounds used are sound in every class.
"""

from __future__ import annotations

from collections.abc import Iterable

from causalcopilot.graph.causes import sides
from causalcopilot.graph.commons import colliders, confounders
from causalcopilot.graph.evidence import Answer, Relation, listed, named, possible_steps, surely_direct, two
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.mixed import Adjacency, shortest
from causalcopilot.graph.separation import spelled

__all__ = ["Answer", "Relation", "colliders", "confounders", "direct_cause", "mediators"]


def direct_cause(graph: Graph, a: str, b: str) -> Relation:
    """Whether ``a`` causes ``b`` by a way that avoids the graph's other nodes; any lag counts.

    In a PAG ``a --> b`` says that ``a`` causes ``b``; the way may still lead through another column where a
    latent hides behind it (an inducing path), and then the answer is ``uncertain``.  A ``no`` shows the
    indirect way, if any.

    Raises:
        UsageError: an unknown node, or the same one twice.
        KnowledgeError: the graph is not of its declared kind.
    """
    i, j = two(graph, a, b)
    if graph.kind == "lagged":
        return _lagged(graph, a, b)
    facing = sides(graph)
    if j in facing.children[i]:
        sure = facing.graph.kind != "pag" or surely_direct(facing, i, j)
        return Relation("yes" if sure else "uncertain", path=(a, "-->", b))
    ends = facing.ends
    if ends is not None and j in ends[i] and ends[i][j] != "arrow":
        return Relation("uncertain", path=spelled(graph, [(i, ""), (j, "")]))
    way = shortest(facing.children, i, j)
    if way:
        return Relation("no", path=spelled(graph, [(v, "-->") for v in way]))
    edge = graph.between(a, b)
    return Relation("no", path=(a, edge[0].symbol, b) if edge else ())


def _lagged(graph: Graph, a: str, b: str) -> Relation:
    found = [e for e in graph.between(a, b) if e.source == a]
    for answer, symbols in (("yes", {"-->"}), ("uncertain", {"---", "o->", "o-o"})):
        for e in found:
            if e.symbol in symbols:
                start = f"{a}[t-{e.lag}]" if e.lag else a
                return Relation("yes" if answer == "yes" else "uncertain", path=(start, e.symbol, b))
    return Relation("no")


def mediators(graph: Graph, a: str, b: str) -> Relation:
    """Columns by which ``a`` causes ``b``; the path shows one.

    Raises:
        UsageError, KnowledgeError: as ``direct_cause``.
    """
    i, j = two(graph, a, b)
    exact = listed(graph, a, b, mediators)
    if exact:
        return exact
    facing = sides(graph)
    may = facing.possible_effects(i, avoid={j}) & facing.possible_causes(j, avoid={i}) - {i, j}
    sure = {m for m in may if facing.certain_cause(i, m) and facing.certain_cause(m, j)}
    apart = not graph.between(a, b)
    yes = bool(sure) or (bool(may) and apart and facing.certain_cause(i, j))
    steps = facing.children if yes and shortest(facing.children, i, j) else possible_steps(facing)
    ways = (_through(steps, i, m, j) for m in sorted(sure or may))
    path = next((p for p in ways if p), []) or (shortest(steps, i, j) if may else [])
    return _relation(graph, yes, sure, may, path)


def _through(steps: Adjacency, a: int, m: int, b: int) -> list[int]:
    first, second = shortest(steps, a, m, {b}), shortest(steps, m, b, {a})
    path = first + second[1:] if first and second else []
    return path if len(set(path)) == len(path) else []


def _relation(graph: Graph, yes: bool, sure: Iterable[int], may: Iterable[int], path: list[int]) -> Relation:
    names, possible = sorted(set(sure)), sorted(set(may) - set(sure))
    answer: Answer = "yes" if yes else "uncertain" if possible or path else "no"
    shown = spelled(graph, [(v, "-->") for v in path]) if path else ()
    return Relation(answer, named(graph, names), named(graph, possible), shown)
