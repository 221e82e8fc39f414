"""Common causes and common effects of two nodes."""

from __future__ import annotations

from causalcopilot.graph.causes import Sides, sides
from causalcopilot.graph.connect import open_trail
from causalcopilot.graph.ends import Ends, visible, walk_back
from causalcopilot.graph.evidence import Answer, Relation, listed, named, possible_steps, surely_direct, two
from causalcopilot.graph.flow import fork
from causalcopilot.graph.graph import Graph, Mark
from causalcopilot.graph.mixed import Adjacency, Mixed, closure
from causalcopilot.graph.separation import reading, spelled


def confounders(graph: Graph, a: str, b: str) -> Relation:
    """Common causes: nodes with directed paths to ``a`` and to ``b`` that share nothing else.

    An ``<->`` stands for a hidden one, which has no name.  A cause of a common cause is not listed: its paths
    to both run through the nearer one.

    Raises:
        UsageError, KnowledgeError: as ``direct_cause``.
    """
    i, j = two(graph, a, b)
    exact = listed(graph, a, b, confounders)
    if exact:
        return exact
    facing = sides(graph)
    if facing.ends is None:
        forks = _forks(_with_arcs(reading(graph)), i, j)
        names = [c for c in forks if c < len(graph.nodes)]
        path = _trek(graph, *next(iter(forks.values()))) if forks else ()
        return Relation("yes" if forks else "no", named(graph, names), path=path)
    apart = i not in facing.possible_causes(j) and j not in facing.possible_causes(i)
    sure = _forks(facing.children if apart or graph.kind == "cpdag" else _direct_steps(facing), i, j)
    may = _forks(possible_steps(facing), i, j)
    both = facing.ends[i].get(j) == facing.ends[j].get(i) == "arrow"
    trail = open_trail(reading(graph), i, j, ()) if apart else []
    doubt = [] if graph.kind == "cpdag" else _hidden_trek(facing.ends, i, j)
    possible = named(graph, sorted(set(may) - set(sure)))
    if both:
        return Relation("yes", named(graph, sorted(sure)), possible, (a, "<->", b))
    if sure:
        return Relation("yes", named(graph, sorted(sure)), possible, _trek(graph, *next(iter(sure.values()))))
    if trail:
        return Relation("yes", (), possible, spelled(graph, trail))
    if may:
        return Relation("uncertain", (), possible, _trek(graph, *next(iter(may.values()))))
    if doubt:
        return Relation("uncertain", path=spelled(graph, [(v, "") for v in doubt]))
    return Relation("no")


Fork = tuple[list[int], list[int]]


def _forks(steps: Adjacency, a: int, b: int) -> dict[int, Fork]:
    """Roots of two paths to ``a`` and ``b`` that share nothing else, shortest pair first."""
    above = _reversed(steps)
    roots = closure(above, (a,)) & closure(above, (b,)) - {a, b}
    found = {c: f for c in sorted(roots) if (f := fork(steps, c, a, b))}
    return dict(sorted(found.items(), key=lambda item: (sum(map(len, item[1])), item[0])))


def _with_arcs(graph: Mixed) -> Adjacency:
    """Children, with one further parentless node for each ``<->``: the latent it stands for."""
    arcs = [(a, b) for a, row in enumerate(graph.siblings) for b in row if a < b]
    return (*graph.children, *arcs)


def _trek(graph: Graph, left: list[int], right: list[int]) -> tuple[str, ...]:
    """A path from the end of ``left`` up to the shared root and down to the end of ``right``."""
    up = left[::-1]
    if up[-1] >= len(graph.nodes):  # the root is a latent that only an arc stands for
        trail = [*((v, "<--") for v in up[:-1]), (right[1], "<->"), *((v, "-->") for v in right[2:])]
    else:
        trail = [*((v, "<--") for v in up), *((v, "-->") for v in right[1:])]
    return spelled(graph, trail)


def _direct_steps(facing: Sides) -> Adjacency:
    return tuple(
        tuple(w for w in row if surely_direct(facing, v, w)) for v, row in enumerate(facing.children)
    )


def _hidden_trek(ends: Ends, a: int, b: int) -> list[int]:
    """A path without certain colliders whose marks allow an arrowhead at both ``a`` and ``b``, or an empty
    list.

    A tail allows one where its edge is not visible: a latent may stand beside it.  Without such a path
        nothing, measured or hidden, causes both.
    """

    def allows(end: int, other: int) -> bool:
        return ends[end][other] != "tail" or not visible(ends, end, other)

    first = [(a, w) for w in sorted(ends[a]) if allows(a, w)]
    before: dict[tuple[int, int], tuple[int, int] | None] = dict.fromkeys(first)
    queue = list(first)
    for step in queue:
        prev, v = step
        if v == b:
            if allows(b, prev):
                return walk_back(before, step)
            continue
        for w in sorted(ends[v]):
            collider = ends[v][prev] == "arrow" == ends[v][w]
            if w not in (a, prev) and not collider and (v, w) not in before:
                before[v, w] = step
                queue.append((v, w))
    return []


def colliders(graph: Graph, a: str, b: str) -> Relation:
    """Common effects: nodes that directed paths from ``a`` and from ``b`` enter, sharing nothing else.

    Where the graph has ``<->`` or circles, a node with arrowheads from both also counts: adjusting for it
    joins the two whether or not they cause it.

    Raises:
        UsageError, KnowledgeError: as ``direct_cause``.
    """
    i, j = two(graph, a, b)
    exact = listed(graph, a, b, colliders)
    if exact:
        return exact
    facing = sides(graph)
    sure_steps = _direct_steps(facing) if graph.kind == "pag" else facing.children
    sure = {c: _joined(graph, f) for c, f in _forks(_reversed(sure_steps), i, j).items()}
    may = {c: _joined(graph, f) for c, f in _forks(_reversed(possible_steps(facing)), i, j).items()}
    for c in range(len(graph.nodes)):
        heads = _heads(graph, c, i, j)
        if heads and c not in (i, j):
            target = sure if heads[0] == heads[1] == "arrow" else may
            target.setdefault(c, _marked(graph, i, c, j))
    chosen = sure or may
    path = min(chosen.values(), key=len) if chosen else ()
    answer: Answer = "yes" if sure else "uncertain" if may else "no"
    return Relation(answer, named(graph, sorted(sure)), named(graph, sorted(set(may) - set(sure))), path)


def _heads(graph: Graph, c: int, a: int, b: int) -> tuple[Mark, ...]:
    """The marks at ``c`` of its edges from ``a`` and from ``b``, arrowheads first, if neither is a tail."""
    marks: list[Mark] = []
    for v in (a, b):
        found = {e.target_mark for e in graph.between(graph.nodes[v], graph.nodes[c])} - {"tail"}
        if not found:
            return ()
        marks.append("arrow" if "arrow" in found else "circle")
    return tuple(marks)


def _marked(graph: Graph, a: int, c: int, b: int) -> tuple[str, ...]:
    names = [graph.nodes[v] for v in (a, c, b)]
    into = next(e for e in graph.between(names[0], names[1]) if e.target_mark != "tail")
    out = next(e for e in graph.between(names[1], names[2]) if e.source_mark != "tail")
    return (names[0], into.symbol, names[1], out.symbol, names[2])


def _joined(graph: Graph, f: Fork) -> tuple[str, ...]:
    """A path from the end of the first branch down to the shared node and up the second."""
    down, up = f[0][::-1], f[1]
    return spelled(graph, [*((v, "-->") for v in down), *((v, "<--") for v in up[1:])])


def _reversed(steps: Adjacency) -> Adjacency:
    back: list[list[int]] = [[] for _ in steps]
    for v, row in enumerate(steps):
        for w in row:
            back[w].append(v)
    return tuple(map(tuple, back))
