"""Instruments and front doors on textbook graphs, and against their definitions on random ones."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from causalcopilot.graph.alternatives import Instrument, front_door, instruments
from causalcopilot.graph.dagitty import from_dagitty
from causalcopilot.graph.graph import Graph
from tests.graph.brute import descendants, is_causal, is_open, paths, random_dag, separated, subsets


def less(graph: Graph, *tails: str) -> Graph:
    return replace(graph, edges=tuple(e for e in graph.edges if e.source not in tails or e.symbol != "-->"))


def is_instrument(graph: Graph, z: str, given: tuple[str, ...], t: str, y: str) -> bool:
    if {z, *given} & descendants(graph, t):
        return False
    return separated(less(graph, t), z, y, given) and not separated(graph, z, t, given)


def is_front_door(graph: Graph, m: tuple[str, ...], t: str, y: str) -> bool:
    causal = [p for p in paths(graph, t, y) if is_causal(p)]
    if not causal or any(not {e.target for e in p} & set(m) for p in causal):
        return False
    if any(not separated(less(graph, t), t, v, ()) for v in m):
        return False
    return not any(is_open(less(graph, *m), p, [t]) for v in m for p in paths(less(graph, *m), v, y))


@pytest.mark.parametrize("seed", range(80))
def test_against_the_definitions(seed: int) -> None:
    dag = random_dag(seed, 6, 0.4, latents=1 + seed % 2)
    t, y = random.Random(seed).sample(dag.observed, 2)
    for found in instruments(dag, t, y):
        assert is_instrument(dag, found.name, found.given, t, y)
    inner = [n for n in dag.observed if n not in (t, y)]
    doors = [m for m in subsets(inner) if m and is_front_door(dag, m, t, y)]
    door = front_door(dag, t, y)
    assert (door is None) == (not doors)
    assert door is None or (len(door) == len(doors[0]) and is_front_door(dag, door, t, y))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dag { z -> t -> y  t <-> y }", (Instrument("z"),)),
        ("dag { z -> t -> y  t <-> y  c -> {z y} }", (Instrument("z", ("c",)),)),
        ("dag { z -> t -> y  t <-> y  z -> y }", ()),
        ("dag { z -> t  t <-> y }", ()),
        ("dag { z -> s  z -> t -> y  t <-> y }", (Instrument("z"), Instrument("s"))),
        ("pag { z @-> t -> y }", ()),
    ],
)
def test_instruments(text: str, found: tuple[Instrument, ...]) -> None:
    assert set(instruments(from_dagitty(text), "t", "y")) == set(found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dag { t -> m -> y  t <-> y }", ("m",)),
        ("dag { t -> {m n} m -> y  n -> y  t <-> y }", ("m", "n")),
        ("dag { t -> m -> y  t <-> y  t -> y }", None),
        ("dag { t -> m -> y  t <-> y  m <-> y }", None),
        ("dag { t -> m -> y  t <-> y  t <-> m }", None),
    ],
)
def test_front_doors(text: str, found: tuple[str, ...] | None) -> None:
    assert front_door(from_dagitty(text), "t", "y") == found
