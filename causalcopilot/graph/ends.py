"""Marks per node and neighbour, and the possibly directed paths of CPDAGs and PAGs."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from causalcopilot.errors import KnowledgeError
from causalcopilot.graph.graph import Graph, Mark
from causalcopilot.graph.mixed import shortest

Ends = list[dict[int, Mark]]
"""``ends[a][b]`` is the mark at ``a`` on the edge between ``a`` and ``b``."""

NONE: frozenset[int] = frozenset()


def ends_of(graph: Graph) -> Ends:
    """The marks of a CPDAG or PAG.

    Raises:
        KnowledgeError: two edges on one pair, a lag, or a mark that does not belong to the graph's kind (in a
            PAG a tail that faces a tail or a circle would mean selection bias, which is not read).
    """
    at = {n: i for i, n in enumerate(graph.nodes)}
    fitting = ("-->", "<--", "---") if graph.kind == "cpdag" else ("-->", "<--", "o->", "<-o", "<->", "o-o")
    ends: Ends = [{} for _ in graph.nodes]
    for e in graph.edges:
        a, b = at[e.source], at[e.target]
        if e.lag or e.symbol not in fitting:
            hint = "a cpdag has --> and --- edges"
            if graph.kind == "pag":
                hint = "a pag here has -->, o->, <-> and o-o; other tails would mean selection bias"
            raise KnowledgeError(f"edge {e} has no place in a {graph.kind}", hint)
        if b in ends[a]:
            raise KnowledgeError(
                f"two edges join {e.source} and {e.target}", f"a {graph.kind} has one per pair"
            )
        ends[a][b], ends[b][a] = e.source_mark, e.target_mark
    return ends


def visible(ends: Ends, a: int, b: int) -> bool:
    """Whether ``a --> b`` of a PAG is visible: no latent common cause is possible (Zhang 2008, def. 8).

    Some node not adjacent to ``b`` has an edge into ``a``, or a collider path into ``a`` whose inner nodes
    are parents of ``b``.
    """
    seen, stack = {a}, [a]
    while stack:
        v = stack.pop()
        for c, mark in ends[v].items():
            if mark != "arrow" or c in seen or c == b:
                continue
            if c not in ends[b]:
                return True
            if ends[c][v] == "arrow" and ends[c][b] == "tail":
                seen.add(c)
                stack.append(c)
    return False


def uncovered(
    ends: Ends, start: Iterable[int], avoid: Collection[int] = NONE, *, back: bool = False
) -> set[int]:
    """Ends of uncovered possibly directed paths from any of ``start``; with ``back``, their starts instead.

    No mark on such a path is an arrowhead that points back, and no two nodes two steps apart are adjacent.
    Uncovered paths suffice: where a possibly causal path exists, an uncovered one does (Zhang 2008 for PAGs;
    Perkovic, Kalisch & Maathuis 2017 for CPDAGs with background knowledge, where covered ones may mislead).
    """
    found = set(start)
    queue = [
        (v, w) for v in sorted(found) for w in sorted(ends[v]) if _open(ends, v, w, back) and w not in avoid
    ]
    seen = set(queue)
    for prev, v in queue:
        found.add(v)
        for w in sorted(ends[v]):
            covered = w == prev or w in ends[prev] or w in avoid
            if not covered and _open(ends, v, w, back) and (v, w) not in seen:
                seen.add((v, w))
                queue.append((v, w))
    return found


def _open(ends: Ends, v: int, w: int, back: bool) -> bool:
    """Whether ``v`` may cause ``w`` by their edge (with ``back``, ``w`` cause ``v``)."""
    return (ends[w][v] if back else ends[v][w]) != "arrow"


def reachable(
    ends: Ends, start: Iterable[int], avoid: Collection[int] = NONE, *, back: bool = False
) -> set[int]:
    """Ends of possibly directed paths from any of ``start``, covered or not; with ``back``, their starts."""
    found = set(start)
    stack = list(found)
    while stack:
        v = stack.pop()
        for w in ends[v]:
            if w not in found and w not in avoid and _open(ends, v, w, back):
                found.add(w)
                stack.append(w)
    return found


def possible_path(
    ends: Ends, start: int, goal: int, avoid: Collection[int] = NONE, *, covered: bool = True
) -> list[int]:
    """A shortest possibly directed path, or an empty list; only an uncovered one unless ``covered``."""
    if covered:
        steps = tuple(tuple(sorted(w for w, mark in row.items() if mark != "arrow")) for row in ends)
        return shortest(steps, start, goal, avoid)
    first = [(start, w) for w in sorted(ends[start]) if _open(ends, start, w, False) and w not in avoid]
    before: dict[tuple[int, int], tuple[int, int] | None] = dict.fromkeys(first)
    queue = list(first)
    for step in queue:
        prev, v = step
        if v == goal:
            return walk_back(before, step)
        for w in sorted(ends[v]):
            over = w == prev or w in ends[prev] or w in avoid or (v, w) in before
            if not over and _open(ends, v, w, False):
                before[v, w] = step
                queue.append((v, w))
    return [start] if start == goal else []


def walk_back(before: dict[tuple[int, int], tuple[int, int] | None], end: tuple[int, int]) -> list[int]:
    """The path that ends with the edge ``end``, from the edges that a search came by."""
    path = [end[1]]
    step: tuple[int, int] | None = end
    while step is not None:
        path.append(step[0])
        step = before[step]
    return path[::-1]


def definite(ends: Ends) -> tuple[tuple[int, ...], ...]:
    """Children by ``-->`` edges, per node."""
    return tuple(
        tuple(sorted(w for w, mark in row.items() if mark == "tail" and ends[w][v] == "arrow"))
        for v, row in enumerate(ends)
    )


def first_steps(ends: Ends, start: int, goal: int) -> list[int]:
    """Second nodes of the uncovered possibly directed paths from ``start`` to ``goal``."""
    steps = (w for w, mark in sorted(ends[start].items()) if mark != "arrow")
    return [w for w in steps if w == goal or _continues(ends, start, w, goal)]


def _continues(ends: Ends, start: int, first: int, goal: int) -> bool:
    """Whether an uncovered possibly directed path begins ``start, first`` and ends at ``goal``."""
    queue = [(start, first)]
    seen = set(queue)
    for prev, v in queue:
        if v == goal:
            return True
        for w, mark in ends[v].items():
            if mark != "arrow" and w != prev and w not in ends[prev] and (v, w) not in seen:
                seen.add((v, w))
                queue.append((v, w))
    return False
