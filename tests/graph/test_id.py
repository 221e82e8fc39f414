"""General identification: against hedges found by listing sets, and against the truth of discrete models."""

from __future__ import annotations

import random
from itertools import combinations, product

import numpy as np
import pytest
from numpy.typing import NDArray

from causalcopilot.graph.expressions import free, text, value
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.id import general_identification, projection
from causalcopilot.graph.mixed import Mixed
from causalcopilot.graph.separation import positions, reading
from tests.graph.brute import random_dag, subsets

GRAPHS = 560
EXACT = 1e-9
"""Two exact computations on tables of probabilities, up to rounding."""

CLASSICS = {
    "bow": ("dag { t <-> y t -> y }", False),
    "fork": ("dag { a -> t a -> y t -> y }", True),
    "M-bias": ("dag { t <-> c c <-> y t -> y }", True),
    "front door": ("dag { t <-> y t -> m m -> y }", True),
    "napkin": ("dag { w -> r r -> t t -> y w <-> t w <-> y }", True),
    "instrument": ("dag { z -> t t -> y t <-> y }", False),
    "front door with a leak": ("dag { t <-> y t -> m m -> y m <-> y }", False),
    "verma": ("dag { t -> a a -> b b -> y a <-> y }", True),
    "post-treatment confounded": ("dag { t -> m m -> y t <-> m }", False),
    "collider": ("dag { t -> c y -> c t -> y }", True),
    "no way": ("dag { t <-> y }", True),
}


@pytest.mark.parametrize("name", CLASSICS)
def test_classic_graphs(name: str) -> None:
    graph, expected = from_dagitty(CLASSICS[name][0]), CLASSICS[name][1]
    found = general_identification(graph, "t", "y")
    assert found is not None
    assert found.identified == expected
    assert bool(found.hedge) != expected
    if not expected:
        larger, smaller = found.hedge
        assert set(smaller) < set(larger)
        assert "t" in larger
        assert "t" not in smaller


def test_the_front_door_formula_is_the_textbook_one() -> None:
    found = general_identification(from_dagitty(CLASSICS["front door"][0]), "t", "y")
    assert found is not None
    assert found.formula == "Σ_{m} P(m | t) Σ_{t'} P(t') P(y | t', m)"


# --- against hedges -------------------------------------------------------------------------------------------


def joined(nodes: set[int], pairs: set[frozenset[int]]) -> bool:
    """Whether arcs within ``nodes`` join all of them."""
    seen, todo = set[int](), [min(nodes)]
    while todo:
        v = todo.pop()
        if v not in seen:
            seen.add(v)
            todo += [w for w in nodes if frozenset((v, w)) in pairs]
    return seen == nodes


def causes(nodes: set[int], goal: set[int], arrows: set[tuple[int, int]]) -> set[int]:
    found = set(goal)
    while True:
        more = {a for a, b in arrows if a in nodes and b in found} - found
        if not more:
            return found
        found |= more


def hedge_exists(graph: Mixed, observed: set[int], t: int, y: int) -> bool:
    """Shpitser & Pearl's definition, over all pairs of node sets."""
    arrows = {(a, b) for a in observed for b in graph.children[a]}
    arcs = {frozenset((a, b)) for a in observed for b in graph.siblings[a]}
    roots = causes(observed, {y}, {(a, b) for a, b in arrows if b != t})
    rest = sorted(observed - {t})
    for size in range(1, len(rest) + 1):
        for small in map(set, combinations(rest, size)):
            root = small & roots
            if not root or not joined(small, arcs) or causes(small, root, arrows) != small:
                continue
            others = [v for v in rest if v not in small]
            for more in subsets([str(v) for v in others]):
                large = small | {t} | {int(v) for v in more}
                if joined(large, arcs) and causes(large, root, arrows) == large:
                    return True
    return False


@pytest.mark.parametrize("block", range(8))
def test_no_disagreement_with_hedges(block: int) -> None:
    decided = {True: 0, False: 0}
    for seed in range(block * GRAPHS // 8, (block + 1) * GRAPHS // 8):
        rng = random.Random(seed)
        graph = random_dag(seed, rng.randint(4, 8), rng.uniform(0.25, 0.6), latents=rng.randint(1, 3))
        if len(graph.observed) < 2:
            continue
        t, y = graph.observed[:2]
        found = general_identification(graph, t, y)
        assert found is not None
        at = graph.nodes.index
        seen = positions(graph, graph.observed)
        assert found.identified != hedge_exists(projection(reading(graph), seen), seen, at(t), at(y)), graph
        decided[found.identified] += 1
    assert min(decided.values()) > 0


# --- against the truth ----------------------------------------------------------------------------------------


def tables(graph: Graph, rng: np.random.Generator) -> dict[str, tuple[tuple[str, ...], NDArray[np.float64]]]:
    """P(node = 1 | parents) of a random binary model, never near 0 or 1."""
    made = {}
    for n in graph.nodes:
        above = tuple(e.source for e in graph.edges if e.target == n)
        made[n] = (above, rng.uniform(0.15, 0.85, size=(2,) * len(above)))
    return made


def distribution(
    graph: Graph, made: dict[str, tuple[tuple[str, ...], NDArray[np.float64]]], **do: int
) -> NDArray[np.float64]:
    """Joint distribution of the measured nodes, with some nodes set."""
    out = np.zeros((2,) * len(graph.observed))
    for values in product((0, 1), repeat=len(graph.nodes)):
        at = dict(zip(graph.nodes, values, strict=True))
        weight = 1.0
        for n in graph.nodes:
            if n in do:
                weight *= float(at[n] == do[n])
                continue
            above, p = made[n]
            one = float(p[tuple(at[a] for a in above)])
            weight *= one if at[n] else 1 - one
        out[tuple(at[n] for n in graph.observed)] += weight
    return out


@pytest.mark.parametrize("seed", range(40))
def test_the_expression_gives_the_true_intervention(seed: int) -> None:
    graph = random_dag(seed, 6, 0.45, latents=1)
    t, y = graph.observed[:2]
    found = general_identification(graph, t, y)
    assert found is not None
    if not found.identified:
        return
    assert found.expression is not None
    made = tables(graph, np.random.default_rng(seed))
    joint = (graph.observed, distribution(graph, made))
    axes, array = value(found.expression, joint)
    assert set(axes) == free(found.expression)
    assert text(found.expression) == found.formula
    for level in (0, 1):
        under = distribution(graph, made, **{t: level})
        true = float(under.sum(axis=tuple(i for i, n in enumerate(graph.observed) if n != y))[1])
        at = tuple(1 if n == y else level if n == t else slice(None) for n in axes)
        assert np.allclose(array[at], true, atol=EXACT)  # whatever the columns that it need not depend on


def test_the_napkin_expression_holds() -> None:
    graph = from_dagitty("dag { u [latent] v [latent] w -> r r -> t t -> y u -> w u -> t v -> w v -> y }")
    found = general_identification(graph, "t", "y")
    assert found is not None
    assert found.expression is not None
    assert "/" in found.formula
    made = tables(graph, np.random.default_rng(3))
    axes, array = value(found.expression, (graph.observed, distribution(graph, made)))
    for level in (0, 1):
        under = distribution(graph, made, t=level)
        true = float(under.sum(axis=tuple(i for i, n in enumerate(graph.observed) if n != "y"))[1])
        at = tuple(1 if n == "y" else level if n == "t" else slice(None) for n in axes)
        assert np.allclose(array[at], true, atol=EXACT)
