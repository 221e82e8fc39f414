"""Markov equivalence classes of DAGs, and whether a graph is what its kind claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from causalcopilot.errors import CcpError, KnowledgeError, UsageError
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.mixed import Mixed, mixed, mixed_of, order
from causalcopilot.graph.pattern import Pattern, close, extend, pattern_of

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Validity:
    """Whether a graph belongs to its declared class; ``reason`` says why not."""

    valid: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.valid


def is_acyclic(graph: Graph) -> bool:
    """Whether the ``-->`` edges without a lag close no directed cycle."""
    at = {n: i for i, n in enumerate(graph.nodes)}
    arrows = []
    for e in graph.edges:
        if e.directed and not e.lag:
            a, b = (e.source, e.target) if e.target_mark == "arrow" else (e.target, e.source)
            arrows.append((at[a], at[b]))
    return order(mixed(len(graph.nodes), arrows).children) is not None


def is_valid(graph: Graph) -> Validity:
    """Whether the graph is a member of its declared class, with the reason where it is not.

    - dag, admg: allowed marks, no directed cycle.
    - cpdag: closed under Meek's rules, and some DAG has its skeleton, arrows and unshielded colliders.
      Arrows that background knowledge added are allowed (a maximal PDAG); ``is_cpdag`` is stricter.
    - pag: no tail opposite a tail or circle (no selection), and the marks fit a maximal ancestral graph.
    - lagged: no cycle within one time step.
    """
    try:
        if graph.kind in ("dag", "admg"):
            check_dag(graph)
            mixed_of(graph)
        elif graph.kind == "cpdag":
            _checked_pattern(graph)
        elif graph.kind == "pag":
            from causalcopilot.graph.pags import member_of

            member_of(graph)
        elif not is_acyclic(graph):
            return Validity(False, "a directed cycle within one time step")
    except CcpError as error:
        return Validity(False, error.message)
    return Validity(True)


def check_dag(graph: Graph) -> None:
    """Raise ``KnowledgeError`` if a graph of kind dag has an edge that is not ``-->``."""
    odd = [e for e in graph.edges if graph.kind == "dag" and not e.directed]
    if odd:
        raise KnowledgeError(
            f"edge {odd[0]} has no place in a dag", "name the latent, or use kind admg for <->"
        )


def _checked_pattern(graph: Graph) -> Pattern:
    p = pattern_of(graph)
    before = len(p.arrows())
    close(p)
    if len(p.arrows()) != before:
        raise KnowledgeError("edges are undirected that Meek's rules direct", "close it with meek_closure")
    if extend(p) is None:
        raise KnowledgeError(_no_member(graph), "search again, or drop or turn an edge")
    return p


def _no_member(graph: Graph) -> str:
    if not is_acyclic(graph):
        return "the graph has a directed cycle"
    return "no DAG has this skeleton with these arrows and colliders"


def cpdag_of(dag: Graph) -> Graph:
    """The CPDAG of a DAG's Markov equivalence class (Verma & Pearl 1990; Meek 1995).

    Edge confidences and origins are kept.

    Raises:
        UsageError: the graph has latents: its class is then a PAG (``pag_of``).
        KnowledgeError: not a DAG.
    """
    if dag.latents:
        raise UsageError("a graph with latents has no CPDAG over its measured nodes", "use its PAG")
    if dag.kind == "cpdag":
        dag = dag_extension(dag)
    check_dag(replace(dag, kind="dag"))
    return _painted(replace(dag, kind="cpdag"), _class_of(mixed_of(dag)))


def _class_of(dag: Mixed) -> Pattern:
    p = Pattern(dag.size)
    for v, row in enumerate(dag.parents):
        for a in row:
            p.add(a, v, directed=False)
    for v, row in enumerate(dag.parents):
        for a in row:
            if any(b != a and b not in p.near[a] for b in row):
                p.orient(a, v)
    close(p)
    return p


def is_cpdag(graph: Graph) -> bool:
    """Whether the graph is exactly the CPDAG of some DAG, with nothing added by background knowledge."""
    try:
        return _marks(cpdag_of(dag_extension(graph))) == _marks(graph)
    except CcpError:
        return False


def _marks(graph: Graph) -> set[tuple[str, str, str]]:
    pairs = (e if e.source < e.target else e.flipped() for e in graph.edges)
    return {(e.source, e.symbol, e.target) for e in pairs}


def meek_closure(graph: Graph, required: Iterable[Pair] = (), forbidden: Iterable[Pair] = ()) -> Graph:
    """The graph with every orientation that its arrows and the background knowledge imply (Meek 1995, rules 1
    to 4).

    Args:
        graph: a CPDAG or any graph of ``-->`` and ``---`` edges.
        required: (cause, effect) pairs; an undirected edge between them is directed.
        forbidden: (cause, effect) pairs; an undirected edge between them is directed the other way.

    Raises:
        KnowledgeError: the knowledge contradicts an arrow of the graph, or requires an edge the graph lacks.
    """
    p = pattern_of(graph)
    at = {n: i for i, n in enumerate(graph.nodes)}
    close(p)
    for cause, effect in required:
        if at[effect] not in p.near[at[cause]]:
            raise KnowledgeError(
                f"the graph has no edge between {cause} and {effect}", "it cannot be directed"
            )
        _direct(p, at[cause], at[effect], graph)
    for cause, effect in forbidden:
        if at[effect] in p.near[at[cause]]:
            _direct(p, at[effect], at[cause], graph)
    return _painted(graph, p)


def _direct(p: Pattern, a: int, b: int, graph: Graph) -> None:
    if b in p.parents[a]:
        raise KnowledgeError(
            f"knowledge asks for {graph.nodes[a]} --> {graph.nodes[b]}, the graph implies the reverse",
            "the data or the knowledge is wrong about this edge",
        )
    if b in p.free[a]:
        p.orient(a, b)
        close(p, [(a, b)])


def _painted(graph: Graph, p: Pattern) -> Graph:
    """The same edges with the marks of ``p``; an edge that changes keeps its confidences."""
    at = {n: i for i, n in enumerate(graph.nodes)}
    edges = []
    for e in graph.edges:
        a, b = at[e.source], at[e.target]
        if b in p.free[a]:
            edges.append(replace(e, source_mark="tail", target_mark="tail"))
        elif b in p.children[a]:
            edges.append(replace(e, source_mark="tail", target_mark="arrow"))
        else:
            edges.append(replace(e.flipped(), source_mark="tail", target_mark="arrow"))
    return replace(graph, edges=tuple(edges))


def dag_extension(cpdag: Graph) -> Graph:
    """One DAG of the class, the same one each time (Dor & Tarsi 1992).

    Raises:
        KnowledgeError: no DAG has this skeleton, these arrows and these unshielded colliders.
    """
    p = pattern_of(cpdag)
    arrows = extend(p)
    if arrows is None:
        raise KnowledgeError(_no_member(cpdag), "search again, or drop or turn an edge")
    return _as_dag(cpdag, arrows)


def _as_dag(graph: Graph, arrows: Iterable[tuple[int, int]]) -> Graph:
    p = Pattern(len(graph.nodes))
    for a, b in arrows:
        p.add(a, b, directed=True)
    return _painted(replace(graph, kind="dag"), p)


def members(cpdag: Graph, limit: int = 1000) -> tuple[Graph, ...]:
    """The DAGs of the class, at most ``limit`` of them, in a fixed order.

    Each undirected edge in turn is directed both ways and the consequences drawn; Meek (1995) shows that
    neither way is a dead end.

    Raises:
        KnowledgeError: the class is empty.
    """
    p = pattern_of(cpdag)
    close(p)
    if extend(p) is None:
        raise KnowledgeError(_no_member(cpdag), "search again, or drop or turn an edge")
    return tuple(_as_dag(cpdag, q.arrows()) for q in islice(_complete(p), limit))


def _complete(p: Pattern) -> Iterator[Pattern]:
    stack = [p]
    while stack:
        q = stack.pop()
        edge = next(iter(q.undirected()), None)
        if edge is None:
            yield q
            continue
        a, b = edge
        for x, y in ((b, a), (a, b)):
            twin = q.copy()
            twin.orient(x, y)
            close(twin, [(x, y)])
            stack.append(twin)
