"""Where adjustment fails: instruments and front doors that a DAG or ADMG implies."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, islice

from causalcopilot.graph.causes import sides
from causalcopilot.graph.connect import connected, smallest_separator
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.mixed import Mixed, closure, without
from causalcopilot.graph.separation import position, positions, reading

SETS_TRIED = 5000  # front-door sets looked at, smallest first; enough for 30 candidates up to size 3


@dataclass(frozen=True, slots=True)
class Instrument:
    """A node that moves the treatment and reaches the outcome only through it, once ``given`` is held fixed."""

    name: str
    given: tuple[str, ...] = ()


def instruments(graph: Graph, treatment: str, outcome: str) -> tuple[Instrument, ...]:
    """Measured (conditional) instruments that the graph implies, those without a condition first.

    ``z`` is one given W when W holds no effect of the treatment, separates ``z`` from the outcome once all
    edges out of the treatment are removed, and leaves ``z`` and the treatment connected (Pearl 2009, section
    7.4.5; Brito & Pearl 2002).  For each ``z`` one W is tried, the smallest and nearest to the outcome.  DAGs
    and ADMGs only: empty for the other classes.

    Raises:
        UsageError: an unknown node.
        KnowledgeError: the graph is not of its declared kind.
    """
    t, y = position(graph, treatment), position(graph, outcome)
    if graph.kind not in ("dag", "admg") or y not in sides(graph).possible_effects(t):
        return ()
    full = reading(graph)
    cut = without(full, ((t, c) for c in full.children[t]))
    before = positions(graph, graph.observed) - closure(full.children, (t,))
    found = []
    for z in sorted(before):
        given = smallest_separator(cut, z, y, before - {z})
        if given is not None and connected(full, z, t, given):
            found.append(Instrument(graph.nodes[z], tuple(graph.nodes[v] for v in sorted(given))))
    return tuple(sorted(found, key=lambda i: len(i.given)))


def front_door(graph: Graph, treatment: str, outcome: str) -> tuple[str, ...] | None:
    """A smallest set of measured mediators that meets the front-door criterion (Pearl 1995), or ``None``.

    The set meets every directed path, no back door is open from the treatment to it, and the treatment blocks
    every back door from it to the outcome.  DAGs and ADMGs only.

    Raises:
        UsageError: an unknown node.
        KnowledgeError: the graph is not of its declared kind.
    """
    t, y = position(graph, treatment), position(graph, outcome)
    if graph.kind not in ("dag", "admg"):
        return None
    full = reading(graph)
    between = closure(full.children, (t,)) & closure(full.parents, (y,)) - {t, y}
    backdoor = without(full, ((t, c) for c in full.children[t]))
    pool = [
        m for m in sorted(between & positions(graph, graph.observed)) if not connected(backdoor, t, m, ())
    ]
    sets = (set(m) for size in range(1, len(pool) + 1) for m in combinations(pool, size))
    for m in islice(sets, SETS_TRIED):
        if _meets_all(full, t, y, m) and _no_other_door(full, t, y, m):
            return tuple(graph.nodes[v] for v in sorted(m))
    return None


def _meets_all(full: Mixed, t: int, y: int, m: set[int]) -> bool:
    return y in closure(full.children, (t,)) and y not in closure(full.children, (t,), m)


def _no_other_door(full: Mixed, t: int, y: int, m: set[int]) -> bool:
    cut = without(full, ((v, c) for v in m for c in full.children[v]))
    return not any(connected(cut, v, y, {t}) for v in m)
