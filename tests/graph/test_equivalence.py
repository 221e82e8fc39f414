"""Equivalence classes against a listing of every DAG on four nodes."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import combinations, product

import pytest

from causalcopilot.errors import KnowledgeError, UsageError
from causalcopilot.graph.dagitty import from_dagitty
from causalcopilot.graph.equivalence import (
    cpdag_of,
    dag_extension,
    is_acyclic,
    is_cpdag,
    is_valid,
    meek_closure,
    members,
)
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.orientations import orientations
from tests.graph.brute import random_dag

Arrows = frozenset[tuple[str, str]]
CLASSES_OF_FOUR, DAGS_OF_FOUR = 185, 543  # Gillispie & Perlman (2001); Robinson (1973)


def arrows_of(graph: Graph) -> Arrows:
    return frozenset((e.source, e.target) for e in graph.edges)


def all_classes() -> dict[tuple[object, object], list[Graph]]:
    """Every DAG on four nodes, by skeleton and unshielded colliders."""
    nodes = "abcd"
    pairs = list(combinations(nodes, 2))
    classes: dict[tuple[object, object], list[Graph]] = defaultdict(list)
    for choice in product((0, 1, 2), repeat=len(pairs)):
        arrows = [(a, b) if k == 1 else (b, a) for (a, b), k in zip(pairs, choice, strict=True) if k]
        dag = Graph.from_arrows("dag", nodes, arrows)
        if not is_acyclic(dag):
            continue
        skeleton = frozenset(frozenset(p) for p in arrows)
        colliders = frozenset(
            (a, c, b)
            for c in nodes
            for a, b in combinations(sorted(x for x, y in arrows if y == c), 2)
            if frozenset((a, b)) not in skeleton
        )
        classes[skeleton, colliders].append(dag)
    return classes


def test_every_class_of_four_nodes() -> None:
    classes = all_classes()
    assert len(classes) == CLASSES_OF_FOUR
    assert sum(map(len, classes.values())) == DAGS_OF_FOUR
    for dags in classes.values():
        cpdag = cpdag_of(dags[0])
        wanted = {arrows_of(d) for d in dags}
        found = members(cpdag)
        assert len(found) == len(dags)
        assert {arrows_of(d) for d in found} == wanted
        assert arrows_of(dag_extension(cpdag)) in wanted
        assert is_cpdag(cpdag)
        assert is_valid(cpdag)
        for e in cpdag.edges:
            ways = {pair for w in wanted for pair in w if set(pair) == {e.source, e.target}}
            assert len(ways) == (2 if e.symbol == "---" else 1)


@pytest.mark.parametrize("seed", range(60))
def test_background_knowledge_leaves_exactly_the_agreeing_members(seed: int) -> None:
    rng = random.Random(seed)
    dag = random_dag(seed, 6, 0.5)
    known = rng.sample(sorted(arrows_of(dag)), min(2, len(dag.edges)))
    cpdag = cpdag_of(dag)
    closed = meek_closure(cpdag, required=known[:1], forbidden=[(b, a) for a, b in known[1:]])
    wanted = {arrows_of(m) for m in members(cpdag) if set(known) <= arrows_of(m)}
    assert {arrows_of(m) for m in members(closed)} == wanted
    for e in closed.edges:
        ways = {pair for w in wanted for pair in w if set(pair) == {e.source, e.target}}
        assert len(ways) == (2 if e.symbol == "---" else 1), str(e)


def test_rule_four() -> None:
    """Meek (1995), figure of rule 4: without knowledge inside a component it never applies."""
    nodes = ("a", "b", "c", "d")
    free = (Edge("a", other, "tail", "tail") for other in "bcd")
    edges = (*free, Edge("d", "c"), Edge("c", "b"))
    closed = meek_closure(Graph("cpdag", nodes, edges))
    assert [e.symbol for e in closed.between("a", "b")] == ["-->"]


def test_closure_keeps_confidence_and_origin() -> None:
    graph = Graph(
        "cpdag", ("a", "b"), (Edge("a", "b", "tail", "tail", confidence=0.9, source_confidence=0.7),)
    )
    (edge,) = meek_closure(graph, required=[("b", "a")]).edges
    assert (edge.source, edge.target, edge.symbol) == ("b", "a", "-->")
    assert edge.confidence == 0.9
    assert edge.target_confidence == 0.7


def test_contradicting_knowledge_is_refused() -> None:
    cpdag = from_dagitty("pdag { a -> c b -> c c -> d }")
    with pytest.raises(KnowledgeError, match="c --> a"):
        meek_closure(cpdag, required=[("c", "a")])
    with pytest.raises(KnowledgeError, match="no edge between a and d"):
        meek_closure(cpdag, required=[("a", "d")])
    assert meek_closure(cpdag, forbidden=[("a", "d")]) == cpdag


def test_validity_names_the_reason() -> None:
    square = from_dagitty("pdag { a -- b -- c -- d -- a }")
    assert "no DAG" in is_valid(square).reason
    with pytest.raises(KnowledgeError):
        members(square)
    assert "Meek" in is_valid(from_dagitty("pdag { a -> b -- c }")).reason
    assert "cycle" in is_valid(Graph.from_arrows("dag", "ab", [("a", "b"), ("b", "a")])).reason
    arc = Graph("dag", ("a", "b"), (Edge("a", "b", "arrow", "arrow"),))
    assert not is_valid(arc)
    assert is_valid(Graph("admg", arc.nodes, arc.edges))
    almost = from_dagitty("pag { a -> b -> c  c <-> a }")
    assert "ancestor" in is_valid(almost).reason
    assert is_valid(Graph("lagged", ("a", "b"), (Edge("a", "b", lag=1), Edge("b", "a"))))


def test_limit_and_latents() -> None:
    clique = from_dagitty("pdag { a -- b -- c -- a  d -- {a b c} }")
    assert len(members(clique)) == 24
    assert len(members(clique, limit=5)) == 5
    with pytest.raises(UsageError, match="latents"):
        cpdag_of(from_dagitty("dag { u [latent] u -> a u -> b }"))


@pytest.mark.parametrize("seed", range(60))
def test_orientations_at_a_node_are_those_of_the_members(seed: int) -> None:
    dag = random_dag(seed, 5 + seed % 2, 0.5)
    graph = cpdag_of(dag)
    if seed % 3 == 0:
        graph = meek_closure(graph, required=[(e.source, e.target) for e in dag.edges[:2]])
    for node in graph.nodes:
        wanted = {frozenset(a for a, b in arrows_of(m) if b == node) for m in members(graph)}
        found = orientations(graph, node)
        assert {frozenset(o.parents) for o in found} == wanted
        assert len(found) == len(wanted)
        for o in found:
            assert not o.causes & set(o.parents)
