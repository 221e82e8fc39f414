"""m-connection by reachability, and smallest separators by flow, on integer graphs.

A walk is m-connecting given Z when every collider on it is an ancestor of Z and no other inner node is in Z;
the shortest such walk is a path.  Shachter (1998) for the reachability; van der Zander, Liskiewicz and Textor
(2014, 2019) for separators in ancestral moral graphs.
"""

from __future__ import annotations

from collections.abc import Collection

from causalcopilot.graph.flow import Network
from causalcopilot.graph.mixed import Mixed, closure

Step = tuple[int, bool]
"""A node, and whether the edge it was entered by has an arrowhead at it."""
Trail = list[tuple[int, str]]
"""A path: nodes in order, each with the symbol of the edge it was entered by (``""`` at the start)."""


def trace(
    graph: Mixed, start: int, given: Collection[int], goal: int = -1
) -> dict[Step, tuple[Step, str] | None]:
    """Every step an m-connecting walk from ``start`` can make given ``given``.

    Each comes with the step before it and the symbol of the edge between.  Stops early once ``goal`` is
    entered.  ``given`` must not hold ``start``.
    """
    z = set(given)
    opened = closure(graph.parents, z)
    before: dict[Step, tuple[Step, str] | None] = {(start, False): None}
    queue: list[Step] = [(start, False)]
    for step in queue:
        v = step[0]
        if v == goal:
            break
        if v == start and before[step] is not None:
            continue
        for following, symbol in _next(graph, step, v in z, v in opened):
            if following not in before:
                before[following] = step, symbol
                queue.append(following)
    return before


def _next(graph: Mixed, step: Step, conditioned: bool, opened: bool) -> list[tuple[Step, str]]:
    v, into = step
    steps: list[tuple[Step, str]] = []
    if not conditioned:
        steps += [((c, True), "-->") for c in graph.children[v]]
    if opened if into else not conditioned:
        steps += [((p, False), "<--") for p in graph.parents[v]]
        steps += [((s, True), "<->") for s in graph.siblings[v]]
    return steps


def connected(graph: Mixed, a: int, b: int, given: Collection[int]) -> bool:
    """Whether some path between two nodes is open given others."""
    found = trace(graph, a, given, b)
    return (b, True) in found or (b, False) in found


def open_trail(graph: Mixed, a: int, b: int, given: Collection[int]) -> Trail:
    """A shortest open path from ``a`` to ``b``, or an empty list."""
    found = trace(graph, a, given, b)
    end = next((s for s in found if s[0] == b), None)
    trail: Trail = []
    while end is not None:
        link = found[end]
        trail.append((end[0], link[1] if link else ""))
        end = link[0] if link else None
    return trail[::-1]


def smallest_separator(graph: Mixed, a: int, b: int, allowed: Collection[int]) -> set[int] | None:
    """A separator of ``a`` and ``b`` with the fewest nodes, all from ``allowed``; ``None`` if there is none.

    Of several of that size, the one nearest to ``b``, which is unique.  It is a minimum vertex cut in the
    moral graph of the ancestors of ``a`` and ``b``.
    """
    field = closure(graph.parents, (a, b))
    usable = (set(allowed) & field) - {a, b}
    if connected(graph, a, b, usable):
        return None
    return _cut(_cliques(graph, field), 2 * graph.size, a, b, usable)


def _cliques(graph: Mixed, field: set[int]) -> list[set[int]]:
    """Cliques of the moral graph of ``field``: each district with the parents of its nodes."""
    cliques, left = [], set(field)
    outside = [v for v in range(graph.size) if v not in field]
    for v in sorted(field):
        if v in left:
            district = closure(graph.siblings, (v,), outside)
            left -= district
            cliques.append(district | {p for d in district for p in graph.parents[d]})
    return [c for c in cliques if len(c) > 1]


def _cut(cliques: list[set[int]], hub: int, a: int, b: int, usable: set[int]) -> set[int]:
    """Minimum vertex cut nearest to ``b`` by unit augmentations.

    Node ``v`` becomes the arc ``2v -> 2v + 1``, of capacity one where it may be cut; a clique becomes a star
    around a hub, numbered from ``hub``, that cannot be cut.  The caller has made sure that a cut exists.
    """
    net = Network()
    endless = len(usable) + 1
    for v in {v for c in cliques for v in c}:
        net.join(2 * v, 2 * v + 1, 1 if v in usable else endless)
    for k, clique in enumerate(cliques, hub):
        for v in clique:
            net.join(2 * v + 1, k, endless)
            net.join(k, 2 * v, endless)
    while net.push(2 * a + 1, 2 * b):
        pass
    near = net.reaching(2 * b)
    return {v for v in usable if 2 * v + 1 in near and 2 * v not in near}
