"""The set of effects of one node on another over the class of a CPDAG or PAG.

For a CPDAG: one effect for every set of parents that the treatment has somewhere in the class (IDA: Maathuis,
Kalisch & Buehlmann 2009).  For a PAG: one for every MAG of the class, by the adjustment criterion, which in some
members identifies none (as in LV-IDA: Malinsky & Spirtes 2017).  Several treatments at once: ``joint``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from causalcopilot.graph.adjustment import adjustment
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.mags import mags
from causalcopilot.graph.orientations import orientations
from causalcopilot.graph.separation import position

OPEN = ("---", "o-o", "o->", "<-o")


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
