"""Sets of effects over classes of graphs, against listing the class."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, product

import numpy as np
import pytest
from numpy.typing import NDArray

from causalcopilot.errors import CcpError
from causalcopilot.graph.adjustment import is_valid_adjustment
from causalcopilot.graph.effect_sets import effect_set
from causalcopilot.graph.ends import ends_of
from causalcopilot.graph.equivalence import cpdag_of, members
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.graph import Edge, Graph, Mark
from causalcopilot.graph.mags import mags
from causalcopilot.graph.pags import mag_of, pag_of
from tests.graph.brute import descendants, random_dag

EXACT = 8
"""Digits to which two ways of solving the same linear equations agree."""
CLASSES = 60


def coefficient(
    sigma: NDArray[np.float64], names: tuple[str, ...], treatment: str, outcome: str, held: Iterable[str]
) -> float:
    """Of the treatment, in the regression of the outcome on it and what is held."""
    at = [names.index(n) for n in (treatment, *held)]
    return float(np.linalg.solve(sigma[np.ix_(at, at)], sigma[at, names.index(outcome)])[0])


def covariance(dag: Graph, seed: int) -> NDArray[np.float64]:
    """Covariance of a linear model on the DAG with random weights, in the order of its nodes."""
    rng = np.random.default_rng(seed)
    size = len(dag.nodes)
    B = np.zeros((size, size))
    for e in dag.edges:
        B[dag.nodes.index(e.target), dag.nodes.index(e.source)] = rng.uniform(0.4, 1.4) * rng.choice([-1, 1])
    inverse = np.linalg.inv(np.eye(size) - B)
    return np.asarray(inverse @ np.diag(rng.uniform(0.5, 1.5, size)) @ inverse.T)


def parents(dag: Graph, node: str) -> tuple[str, ...]:
    return tuple(e.source for e in dag.edges if e.target == node)


@pytest.mark.parametrize("seed", range(CLASSES))
def test_the_set_of_a_cpdag_is_that_of_its_members(seed: int) -> None:
    dag = random_dag(seed, 6, 0.4)
    sigma, cpdag = covariance(dag, seed), cpdag_of(dag)
    treatment, outcome = dag.nodes[:2]
    listed = set()
    for member in members(cpdag):
        cause = outcome in descendants(member, treatment)
        held = parents(member, treatment)
        listed.add(round(coefficient(sigma, dag.nodes, treatment, outcome, held), EXACT) if cause else 0.0)
    ways = effect_set(cpdag, treatment, outcome).ways
    assert all(w.held is not None for w in ways)
    told = {
        0.0 if w.zero else round(coefficient(sigma, dag.nodes, treatment, outcome, w.held or ()), EXACT)
        for w in ways
    }
    assert {v + 0.0 for v in told if abs(v) > 10**-EXACT} == {v + 0.0 for v in listed if abs(v) > 10**-EXACT}
    assert any(abs(v) <= 10**-EXACT for v in told) == any(abs(v) <= 10**-EXACT for v in listed)


def brute_mags(pag: Graph) -> set[frozenset[str]]:
    """All mark assignments of the skeleton whose class is that of the PAG."""
    marks: tuple[tuple[Mark, Mark], ...] = (("tail", "arrow"), ("arrow", "tail"), ("arrow", "arrow"))
    wanted, found = ends_of(pag), set()
    for way in product(marks, repeat=len(pag.edges)):
        edges = tuple(Edge(e.source, e.target, *m) for e, m in zip(pag.edges, way, strict=True))
        mag = Graph("pag", pag.nodes, tuple(e.flipped() if e.symbol == "<--" else e for e in edges))
        try:
            if ends_of(pag_of(mag)) == wanted and not ancestral_fault(mag):
                found.add(frozenset(map(str, mag.edges)))
        except CcpError:  # a graph that is no MAG has no PAG
            continue
    return found


def ancestral_fault(mag: Graph) -> bool:
    from causalcopilot.graph.equivalence import is_valid

    return not is_valid(mag).valid


@pytest.mark.parametrize("seed", range(25))
def test_the_mags_of_a_pag_are_all_of_them(seed: int) -> None:
    dag = random_dag(seed, 6, 0.4, latents=1)
    pag = pag_of(dag)
    if len(pag.edges) > 7:
        pytest.skip("too many marks to list naively")
    found = mags(pag)
    assert found is not None
    told = {
        frozenset(
            str(e) if e.source_mark != "arrow" or e.symbol == "<->" else str(e.flipped()) for e in m.edges
        )
        for m in found
    }
    assert len(told) == len(found)
    assert {unordered(m) for m in told} == {unordered(m) for m in brute_mags(pag)}
    assert ends_of(mag_of(dag)) in [ends_of(m) for m in found]


def unordered(edges: frozenset[str]) -> frozenset[str]:
    """``a <-> b`` and ``b <-> a`` are one edge."""
    return frozenset(" <-> ".join(sorted(e.split(" <-> "))) if "<->" in e else e for e in edges)


def test_the_effects_of_a_pag_name_what_each_member_holds() -> None:
    dag = from_dagitty("dag { u [latent] a -> t t -> y u -> t u -> b b -> y }")
    pag = pag_of(dag)
    found = effect_set(pag, "t", "y")
    assert found.ways
    for way in found.ways:
        if way.held is not None and not way.zero:
            assert any(is_valid_adjustment(m, "t", "y", way.held) for m in mags(pag) or ())


def test_an_edge_without_a_direction_gives_two_effects() -> None:
    graph = Graph(
        "cpdag", ("t", "a", "y"), tuple(Edge(p, q, "tail", "tail") for p, q in combinations("tay", 2))
    )
    found = effect_set(graph, "t", "y")
    assert set(found.open) == {"t --- a", "t --- y"}
    assert any(w.zero for w in found.ways)
    assert {w.held for w in found.ways if not w.zero} == {(), ("a",)}
