"""The set of effects of one node on another over the class of a CPDAG or PAG.

For a CPDAG: one effect for every set of parents that the treatment has somewhere in the class (IDA: Maathuis,
Kalisch & Buehlmann 2009).  For a PAG: one for every MAG of the class, by the adjustment criterion, which in some
members identifies none (as in LV-IDA: Malinsky & Spirtes 2017).  Several treatments at once: Nandy, Maathuis &
Richardson (2017), by listing the class.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.graph.adjustment import adjustment
from causalcopilot.graph.equivalence import members
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.mags import mags
from causalcopilot.graph.mixed import order
from causalcopilot.graph.orientations import orientations
from causalcopilot.graph.separation import position, reading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OPEN = ("---", "o-o", "o->", "<-o")
MOST_MEMBERS = 2000


@dataclass(frozen=True, slots=True)
class Way:
    """One effect that the class allows.

    Attributes:
        held: columns to hold fixed for it; ``None`` where no set of columns identifies it.
        zero: the treatment is no cause of the outcome there.
        points: the open edges at the treatment as they point there.
    """

    held: tuple[str, ...] | None
    zero: bool
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EffectSet:
    """Every effect the class allows, and the edges at the treatment that tell them apart.

    Attributes:
        ways: without repetition; empty where there are too many to list.
        open: edges at the treatment that the class leaves open.
    """

    ways: tuple[Way, ...]
    open: tuple[str, ...]


def effect_set(graph: Graph, treatment: str, outcome: str) -> EffectSet:
    """The effects of ``treatment`` on ``outcome`` over the class of a CPDAG (or DAG) or PAG.

    Raises:
        UsageError: an unknown node.
        KnowledgeError: the graph is not of its declared kind, or of a kind without a class.
    """
    position(graph, outcome)
    open_edges = tuple(str(graph.between(treatment, n)[0]) for n in _open_neighbours(graph, treatment))
    ways = _in_mags(graph, treatment, outcome) if graph.kind == "pag" else _in_dags(graph, treatment, outcome)
    return EffectSet(tuple(dict.fromkeys(ways)), open_edges)


def _in_dags(graph: Graph, treatment: str, outcome: str) -> list[Way]:
    ways = []
    for way in orientations(graph, treatment):
        zero = outcome in way.parents or outcome not in way.causes
        hidden = set(way.parents) & set(graph.latents)
        held = None if hidden and not zero else tuple(p for p in way.parents if p != outcome)
        ways.append(Way(held, zero, _points(graph, treatment, way.parents)))
    return ways


def _points(graph: Graph, treatment: str, parents: Iterable[str]) -> tuple[str, ...]:
    into = set(parents)
    near = _open_neighbours(graph, treatment)
    return tuple(f"{n} --> {treatment}" if n in into else f"{treatment} --> {n}" for n in near)


def _in_mags(graph: Graph, treatment: str, outcome: str) -> list[Way]:
    ways = []
    for mag in mags(graph) or ():
        found = adjustment(mag, treatment, outcome)
        points = tuple(str(mag.between(treatment, n)[0]) for n in _open_neighbours(graph, treatment))
        held = found.minimal if found.valid else None
        ways.append(Way(held, not found.causal_path, points))
    return ways


def _open_neighbours(graph: Graph, node: str) -> list[str]:
    """Nodes that an edge without two settled ends joins to ``node``."""
    touching = (e for e in graph.edges if node in (e.source, e.target) and e.symbol in OPEN)
    return [e.target if e.source == node else e.source for e in touching]


def joint_effects(
    graph: Graph, treatments: tuple[str, ...], outcome: str, covariance: NDArray[np.float64]
) -> tuple[tuple[float, ...], ...] | None:
    """Effects of one unit more of each treatment, all of them being set, in every DAG of a CPDAG's class.

    Each member's equations are fitted from the covariances, those of the treatments are cut, and the ways that
    are left are summed (linear models).

    Args:
        graph: a CPDAG or DAG without latents.
        treatments: nodes that are set together.
        outcome: node that responds.
        covariance: (p, p) in the order of ``graph.nodes``.

    Returns:
        One tuple per member, without repetition up to ten digits; ``None`` where there are more than
        ``MOST_MEMBERS``.
    """
    dags = members(graph, MOST_MEMBERS + 1)
    if len(dags) > MOST_MEMBERS:
        return None
    found = {tuple(round(v, 10) for v in _joint(d, treatments, outcome, covariance)) for d in dags}
    return tuple(sorted(found))


def _joint(
    dag: Graph, treatments: tuple[str, ...], outcome: str, covariance: NDArray[np.float64]
) -> list[float]:
    import numpy as np

    m = reading(dag)
    total = np.eye(m.size)
    cut = {position(dag, t) for t in treatments}
    for v in order(m.children) or ():
        above = list(m.parents[v])
        if v in cut or not above:
            continue
        slopes = np.linalg.solve(covariance[np.ix_(above, above)], covariance[above, v])
        total[v] += slopes @ total[above]
    y = position(dag, outcome)
    return [float(total[y, position(dag, t)]) for t in treatments]
