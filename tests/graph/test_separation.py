"""Separation against networkx and against a listing of all paths."""

from __future__ import annotations

import random
import time

import networkx as nx
import pytest

from causalcopilot.errors import KnowledgeError, UsageError
from causalcopilot.graph.dagitty import from_dagitty
from causalcopilot.graph.equivalence import cpdag_of, members
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.separation import d_separated, open_path, separator
from tests.graph.brute import is_open, paths, random_admg, random_dag, separated, subsets

SECONDS_PER_QUERY = 0.05  # the promise for 200 nodes; measured about 1 ms, so a loaded machine passes


@pytest.mark.parametrize("seed", range(40))
def test_agrees_with_networkx_on_dags(seed: int) -> None:
    rng = random.Random(seed)
    dag = random_dag(seed, 12, 0.25)
    reference = nx.DiGraph([(e.source, e.target) for e in dag.edges])
    reference.add_nodes_from(dag.nodes)
    for _ in range(20):
        a, b, *given = rng.sample(dag.nodes, rng.randint(2, 6))
        assert d_separated(dag, a, b, given) == nx.is_d_separator(reference, {a}, {b}, set(given))


@pytest.mark.parametrize("seed", range(40))
def test_agrees_with_listed_paths_on_admgs(seed: int) -> None:
    admg = random_admg(seed, 5, 0.4)
    a, b, *rest = admg.nodes
    for given in subsets(rest):
        assert d_separated(admg, a, b, given) == separated(admg, a, b, given)


@pytest.mark.parametrize("seed", range(30))
def test_open_path_is_a_shortest_open_path(seed: int) -> None:
    admg = random_admg(seed, 6, 0.35)
    a, b, c, *_ = admg.nodes
    found = open_path(admg, a, b, [c])
    open_ones = [p for p in paths(admg, a, b) if is_open(admg, p, [c])]
    if not open_ones:
        assert found is None
        return
    assert found is not None
    words = [(a, *(w for e in p for w in (e.symbol, e.target))) for p in open_ones]
    assert found in words
    assert len(found) == min(map(len, words))


@pytest.mark.parametrize("seed", range(30))
def test_separator_is_smallest(seed: int) -> None:
    dag = random_dag(seed, 6, 0.4, latents=1)
    a, b = dag.observed[:2]
    rest = [n for n in dag.observed if n not in (a, b)]
    sizes = [len(z) for z in subsets(rest) if separated(dag, a, b, z)]
    found = separator(dag, a, b)
    if not sizes:
        assert found is None
    else:
        assert found is not None
        assert separated(dag, a, b, found)
        assert len(found) == min(sizes)


@pytest.mark.parametrize("seed", range(20))
def test_a_cpdag_separates_as_all_its_members_do(seed: int) -> None:
    cpdag = cpdag_of(random_dag(seed, 5, 0.5))
    a, b, *rest = cpdag.nodes
    for given in subsets(rest):
        answers = {separated(m, a, b, given) for m in members(cpdag)}
        assert answers == {d_separated(cpdag, a, b, given)}


def test_two_hundred_nodes_are_quick() -> None:
    rng = random.Random(0)
    nodes = [f"n{i}" for i in range(200)]
    arrows = [(a, b) for i, a in enumerate(nodes) for b in nodes[i + 1 :] if rng.random() < 0.05]
    dag = Graph.from_arrows("dag", nodes, arrows)
    started = time.process_time()
    for k in range(10):
        d_separated(dag, "n3", f"n{150 + k}", ["n20", "n90"])
    assert (time.process_time() - started) / 10 < SECONDS_PER_QUERY


def test_paths_through_latents_are_named() -> None:
    dag = from_dagitty("dag { u [latent] u -> t u -> y t -> m }")
    assert open_path(dag, "t", "y") == ("t", "<--", "u", "-->", "y")
    assert open_path(dag, "m", "y", ["t"]) is None


def test_sets_on_both_sides() -> None:
    dag = from_dagitty("dag { a -> b -> c  d -> c }")
    assert d_separated(dag, ["a", "b"], "d")
    assert not d_separated(dag, ["a", "b"], "d", "c")
    assert d_separated(dag, "a", ["c", "d"], ["b"])


def test_wrong_questions_are_refused() -> None:
    dag = from_dagitty("dag { age -> weight }")
    with pytest.raises(UsageError, match="'wieght'") as caught:
        d_separated(dag, "age", "wieght")
    assert "weight" in caught.value.hint
    with pytest.raises(UsageError, match="disjoint"):
        d_separated(dag, "age", "weight", ["age"])
    with pytest.raises(KnowledgeError, match="cycle"):
        d_separated(Graph.from_arrows("dag", "ab", [("a", "b"), ("b", "a")]), "a", "b")
    with pytest.raises(KnowledgeError, match="lagged"):
        d_separated(Graph("lagged", ("a", "b"), (Edge("a", "b", lag=1),)), "a", "b")
