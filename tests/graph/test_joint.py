"""Adjustment for several treatments set together, against the definition by listing paths and members."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

from causalcopilot.errors import KnowledgeError, UsageError
from causalcopilot.graph.equivalence import cpdag_of, members
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.joint import (
    MOST_MEMBERS,
    JointWay,
    equations,
    is_valid_joint_adjustment,
    joint_adjustment,
    joint_ways,
)
from causalcopilot.graph.mags import mags
from causalcopilot.graph.pags import pag_of
from tests.graph.brute import descendants, is_causal, is_open, paths, random_admg, random_dag, subsets
from tests.graph.test_effect_sets import covariance

GRAPHS = 120


def valid(graph: Graph, xs: tuple[str, ...], y: str, z: Iterable[str]) -> bool:
    """The criterion for sets in a DAG or ADMG (Shpitser et al. 2010), every proper path listed."""
    given = set(z)
    if given & {*xs, y} or given & set(graph.latents):
        return False
    for x in xs:
        for path in paths(graph, x, y):
            if any(e.target in xs for e in path):
                continue
            if is_causal(path):
                if any(given & descendants(graph, e.target) for e in path):
                    return False
            elif is_open(graph, path, given):
                return False
    return True


def choices(graph: Graph, xs: tuple[str, ...], y: str) -> list[tuple[str, ...]]:
    return list(subsets(n for n in graph.observed if n not in (*xs, y)))


def drawn(seed: int, graph: Graph) -> tuple[tuple[str, ...], str] | None:
    seen = graph.observed
    if len(seen) < 4:
        return None
    return (seen[0], seen[1], *((seen[3],) if seed % 3 == 0 else ())), seen[2]


@pytest.mark.parametrize("seed", range(GRAPHS))
def test_sets_are_valid_as_by_definition(seed: int) -> None:
    graph = random_admg(seed, 6, 0.35) if seed % 2 else random_dag(seed, 7, 0.4, latents=seed % 3)
    asked = drawn(seed, graph)
    if asked is None:
        return
    xs, y = asked
    right = [z for z in choices(graph, xs, y) if valid(graph, xs, y, z)]
    assert [z for z in choices(graph, xs, y) if is_valid_joint_adjustment(graph, xs, y, z)] == right
    found = joint_adjustment(graph, xs, y)
    assert found.valid == bool(right)
    if found.valid:
        assert valid(graph, xs, y, found.minimal)
        assert valid(graph, xs, y, found.all_allowed)
        assert set(found.minimal) <= set(found.all_allowed)
    else:
        assert found.blocking_path[0] in xs
        assert found.blocking_path[-1] == y


@pytest.mark.parametrize("seed", range(60))
def test_a_class_has_a_valid_set_where_one_set_is_valid_in_every_member(seed: int) -> None:
    cpdag = cpdag_of(random_dag(seed + 900, 6, 0.45))
    xs, y = (cpdag.nodes[0], cpdag.nodes[1]), cpdag.nodes[2]
    listed = members(cpdag)
    right = [z for z in choices(cpdag, xs, y) if all(valid(m, xs, y, z) for m in listed)]
    assert joint_adjustment(cpdag, xs, y).valid == bool(right)
    assert [z for z in choices(cpdag, xs, y) if is_valid_joint_adjustment(cpdag, xs, y, z)] == right


@pytest.mark.parametrize("seed", range(30))
def test_what_a_pag_calls_valid_is_valid_in_the_graph_that_made_it(seed: int) -> None:
    dag = random_dag(seed + 40, 7, 0.4, latents=1)
    pag = pag_of(dag)
    asked = drawn(1, pag)
    assert asked is not None
    xs, y = asked
    found = joint_adjustment(pag, xs, y)
    if found.valid:
        assert valid(dag, xs, y, found.minimal)
        assert all(joint_adjustment(m, xs, y).status != "not_amenable" for m in mags(pag) or ())


def sorted_parents(graph: Graph) -> dict[str, list[str]]:
    return {v: sorted(above) for v, above in equations(graph, ("a", "b"), "y").items()}


def test_what_one_treatment_moves_and_the_other_follows_leaves_only_equations() -> None:
    """A moves Z, Z decides B, and Z moves Y too: Z must be held for B and must not be held for A."""
    graph = from_dagitty("dag { a -> z z -> b z -> y b -> y a -> y }")
    found = joint_adjustment(graph, ("a", "b"), "y")
    assert found.status == "no_valid_set"
    assert sorted_parents(graph) == {"z": ["a"], "y": ["a", "b", "z"]}


def test_a_treatment_that_acts_through_the_other_only_does_not_act() -> None:
    graph = from_dagitty("dag { a -> b b -> y c -> a c -> y }")
    found = joint_adjustment(graph, ("a", "b"), "y")
    assert found.valid
    assert found.acting == ("b",)


def test_hidden_causes_stand_in_no_equation() -> None:
    graph = from_dagitty("dag { u [latent] a -> z u -> z u -> y z -> b b -> y z -> y }")
    with pytest.raises(KnowledgeError, match="u is unmeasured"):
        equations(graph, ("a", "b"), "y")
    own = from_dagitty("dag { u [latent] a -> z u -> z z -> b b -> y z -> y }")
    assert sorted_parents(own) == {"z": ["a"], "y": ["b", "z"]}


def cut(dag: Graph, xs: tuple[str, ...], y: str, sigma: NDArray[np.float64]) -> tuple[float, ...]:
    """What each of xs adds with all set: every equation from the covariances, those of xs cut, by definition."""
    n = len(dag.nodes)
    B = np.zeros((n, n))
    for v, name in enumerate(dag.nodes):
        above = [dag.nodes.index(e.source) for e in dag.edges if e.target == name]
        if name not in xs and above:
            B[v, above] = np.linalg.solve(sigma[np.ix_(above, above)], sigma[above, v])
    total = np.linalg.inv(np.eye(n) - B)
    return tuple(float(total[dag.nodes.index(y), dag.nodes.index(x)]) for x in xs)


def told(way: JointWay, xs: tuple[str, ...], y: str, sigma: NDArray[np.float64]) -> tuple[float, ...]:
    """What one way says: one regression on what is set and held, or its equations."""
    if way.zero:
        return tuple(0.0 for _ in xs)
    if way.held is None:
        return cut(way.graph, xs, y, sigma)
    nodes = way.graph.nodes
    at = [nodes.index(v) for v in (*xs, *way.held)]
    slopes = np.linalg.solve(sigma[np.ix_(at, at)], sigma[at, nodes.index(y)])
    return tuple(float(b) for b in slopes[: len(xs)])


@pytest.mark.parametrize("seed", range(60))
def test_the_ways_of_a_class_are_the_effects_of_its_members(seed: int) -> None:
    dag = random_dag(seed + 500, 6, 0.45)
    xs, y = dag.nodes[: 2 + seed % 2], dag.nodes[3]
    sigma, cpdag = covariance(dag, seed), cpdag_of(dag)
    ways, _ = joint_ways(cpdag, xs, y)
    assert not any(w.unknown for w in ways)
    right = {tuple(round(v, 6) + 0.0 for v in cut(m, xs, y, sigma)) for m in members(cpdag)}
    assert {tuple(round(v, 6) + 0.0 for v in told(w, xs, y, sigma)) for w in ways} == right


@pytest.mark.parametrize("seed", range(25))
def test_the_ways_of_a_pag_hold_what_each_member_may_hold(seed: int) -> None:
    dag = random_dag(seed + 200, 6, 0.4, latents=1)
    pag = pag_of(dag)
    asked = drawn(1, pag)
    assert asked is not None
    xs, y = asked
    ways, open_edges = joint_ways(pag, xs, y)
    listed = mags(pag)
    assert bool(ways) == (listed is not None and len(listed) <= MOST_MEMBERS)
    for way in ways:
        assert len(way.points) == len(open_edges)
        if way.held is not None:
            assert is_valid_joint_adjustment(way.graph, xs, y, way.held)
    own = joint_adjustment(pag, xs, y)
    if ways and own.valid and own.acting:
        assert not any(w.unknown for w in ways)


def test_a_class_that_is_too_wide_is_not_listed() -> None:
    names = tuple(f"v{i}" for i in range(8))
    arrows = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    ways, open_edges = joint_ways(cpdag_of(Graph.from_arrows("dag", names, arrows)), names[:2], "v5")
    assert ways == ()
    assert open_edges


def test_bad_names_are_refused() -> None:
    graph = from_dagitty("dag { u [latent] a -> y b -> y u -> y }")
    for xs, y in ((("a", "y"), "y"), (("a", "u"), "y"), (("a", "nobody"), "y"), ((), "y")):
        with pytest.raises(UsageError):
            joint_adjustment(graph, xs, y)
