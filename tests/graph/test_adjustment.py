"""Adjustment against the criterion written out over listed paths, and against the classic graphs."""

from __future__ import annotations

import random
import time

import pytest

from causalcopilot.errors import UsageError
from causalcopilot.graph.adjustment import Adjustment, adjustment, is_valid_adjustment
from causalcopilot.graph.dagitty import from_dagitty
from causalcopilot.graph.equivalence import cpdag_of, meek_closure, members
from causalcopilot.graph.graph import Edge, Graph
from tests.graph.brute import descendants, random_admg, random_dag, subsets, valid_in_dag

SECONDS_PER_QUERY = 0.3  # measured 3 to 25 ms on 200 nodes; the room is for a loaded machine


def reasons(found: Adjustment) -> dict[str, str]:
    return {e.name: e.reason for e in found.forbidden}


def check_against(graph: Graph, dags: tuple[Graph, ...], t: str, y: str) -> str:
    """Compare every subset, and every set the answer names, with the criterion in each of ``dags``."""
    rest = [n for n in graph.nodes if n not in (t, y)]
    valid = [set(z) for z in subsets(rest) if all(valid_in_dag(d, t, y, z) for d in dags)]
    for z in subsets(rest):
        assert is_valid_adjustment(graph, t, y, z) == (set(z) in valid), z
    found = adjustment(graph, t, y)
    assert found.valid == bool(valid)
    assert found.causal_path == any(y in descendants(d, t) for d in dags)
    if valid:
        assert len(found.minimal) == len(valid[0])
        assert not found.blocking_path
        assert set(found.minimal) <= set(found.all_allowed)
        for named in (found.minimal, found.all_allowed, found.optimal):
            assert named is None or set(named) in valid
        for extra in found.unneeded:
            assert {*found.minimal, extra} in valid
        for name, reason in reasons(found).items():
            assert reason != "collider" or {*found.minimal, name} not in valid
            assert "mediator" not in reason or not any(name in z for z in valid)
    else:
        assert found.minimal == found.all_allowed == ()
        assert found.blocking_path[0] == t
        assert found.blocking_path[-1] == y
        assert found.reason
    if found.causal_path:
        assert found.example_path[0] == t
        assert found.example_path[-1] == y
    return found.status


@pytest.mark.parametrize("seed", range(120))
def test_dags_with_latents(seed: int) -> None:
    dag = random_dag(seed, 6, 0.4, latents=seed % 3)
    t, y = random.Random(seed).sample(dag.observed, 2)
    check_against(dag, (dag,), t, y)


@pytest.mark.parametrize("seed", range(12))
def test_larger_dags_with_latents(seed: int) -> None:
    dag = random_dag(seed, 8, 0.3, latents=1 + seed % 2)
    t, y = random.Random(seed).sample(dag.observed, 2)
    check_against(dag, (dag,), t, y)


@pytest.mark.parametrize("seed", range(80))
def test_admgs(seed: int) -> None:
    admg = random_admg(seed, 5, 0.4)
    t, y = random.Random(seed).sample(admg.nodes, 2)
    check_against(admg, (admg,), t, y)


def test_cpdags_mean_every_member() -> None:
    """Half of them with background knowledge; all three statuses must have occurred, or nothing was tested."""
    seen = set()
    for seed in range(150):
        rng = random.Random(seed)
        dag = random_dag(seed, 5 + seed % 2, 0.5)
        graph = cpdag_of(dag)
        if seed % 2:
            known = rng.sample([(e.source, e.target) for e in dag.edges], min(2, len(dag.edges)))
            graph = meek_closure(graph, required=known)
        t, y = rng.sample(graph.nodes, 2)
        dags = members(graph)
        seen.add((check_against(graph, dags, t, y), len(dags) > 1))
        found = adjustment(graph, t, y)
        if found.valid and found.causal_path:
            assert {adjustment(d, t, y).optimal for d in dags} == {found.optimal}
    assert {("valid", True), ("not_amenable", True), ("no_valid_set", True)} <= seen


@pytest.mark.parametrize(
    ("text", "status", "minimal", "optimal"),
    [
        ("dag { t -> y  c -> t  c -> y }", "valid", ("c",), ("c",)),
        ("dag { u [latent] u -> {t y} t -> y }", "no_valid_set", (), None),  # bow
        ("dag { t <-> y  t -> y }", "no_valid_set", (), None),
        ("dag { a -> {t z} b -> {z y} t -> y }", "valid", (), ("b",)),  # M-bias
        ("dag { u [latent] u -> {t y} t -> m -> y }", "no_valid_set", (), None),  # front-door
        ("dag { w -> z -> t -> y  t <-> w <-> y }", "no_valid_set", (), None),  # napkin
        ("dag { u [latent] z -> t -> y  u -> {t y} }", "no_valid_set", (), None),  # instrument
        ("dag { a -> {t z} b -> {z y} z -> {t y} t -> y }", "valid", ("z", "b"), ("z", "b")),  # butterfly
        ("dag { t -> y  t -> c  y -> c }", "valid", (), ()),  # collider
        ("dag { t -> s  t -> y }", "valid", (), ()),  # post-treatment
        ("dag { u [latent] u -> {t c} c -> y  t -> y }", "valid", ("c",), ("c",)),
        ("dag { y -> t }", "no_valid_set", (), None),  # reverse
        ("dag { t  y }", "valid", (), None),  # nothing between them
    ],
)
def test_classic_graphs(
    text: str, status: str, minimal: tuple[str, ...], optimal: tuple[str, ...] | None
) -> None:
    found = adjustment(from_dagitty(text), "t", "y")
    assert (found.status, set(found.minimal)) == (status, set(minimal))
    assert (found.optimal if found.optimal is None else set(found.optimal)) == (
        optimal if optimal is None else set(optimal)
    )


def test_every_exclusion_has_its_reason() -> None:
    found = adjustment(
        from_dagitty(
            "dag { z -> t  c -> {t y} t -> m -> y -> d  m -> e  t -> s  q -> y  u [latent] u -> y"
            " a -> {t k} b -> {k y} c -> proxy }"
        ),
        "t",
        "y",
    )
    assert found.minimal == ("c",)
    assert set(found.all_allowed) == {"c", "q", "b"}
    assert found.unneeded == ("proxy",)
    assert reasons(found) == {
        "z": "instrument",
        "a": "instrument",
        "m": "mediator",
        "d": "descendant of y",
        "e": "descendant of m",
        "s": "post_treatment",
        "u": "latent",
        "k": "collider",
    }
    assert found.example_path == ("t", "-->", "m", "-->", "y")


def test_the_blocking_path_names_the_latent() -> None:
    found = adjustment(from_dagitty("dag { u [latent] u -> t u -> y t -> y }"), "t", "y")
    assert found.blocking_path == ("t", "<--", "u", "-->", "y")
    assert found.reason == "no set of measured columns blocks t <-- u --> y"
    arc = adjustment(from_dagitty("dag { t <-> y t -> y }"), "t", "y")
    assert arc.blocking_path == ("t", "<->", "y")


def test_an_instrument_that_blocks_is_kept() -> None:
    """Given z the path t <-- w --> z <-- b --> y is open, so w is needed though it looks like an instrument."""
    text = "dag { b [latent] w -> {z t} z -> t  b -> {z y} t -> y }"
    found = adjustment(from_dagitty(text), "t", "y")
    assert found.minimal == ("z", "w") or found.minimal == ("w", "z")


def test_undirected_and_circle_edges_are_doubts() -> None:
    cpdag = from_dagitty("pdag { t -- c  c -- y  t -- y }")
    found = adjustment(cpdag, "t", "y")
    assert found.status == "not_amenable"
    assert not found.amenable
    assert found.blocking_path == ("t", "---", "c", "---", "y")
    assert reasons(found) == {"c": "possible descendant of t"}
    pag = adjustment(from_dagitty("pag { t @-> y  z @-> y }"), "t", "y")
    assert pag.status == "not_amenable"
    assert pag.blocking_path == ("t", "o->", "y")


def test_an_invalid_graph_is_an_answer_not_a_crash() -> None:
    square = from_dagitty("pdag { t -- a -- y -- b -- t }")
    found = adjustment(square, "t", "y")
    assert found.status == "invalid_graph"
    assert "no DAG" in found.reason


def test_wrong_questions_are_refused() -> None:
    dag = from_dagitty("dag { u [latent] u -> t  u -> y  t -> y }")
    for t, y in (("t", "t"), ("u", "y"), ("t", "nope")):
        with pytest.raises(UsageError):
            adjustment(dag, t, y)


def test_two_hundred_nodes_are_quick() -> None:
    rng = random.Random(1)
    nodes = [f"n{i}" for i in range(200)]
    arrows = [(a, b) for i, a in enumerate(nodes) for b in nodes[i + 1 :] if rng.random() < 0.05]
    dag = Graph.from_arrows("dag", nodes, arrows)
    for graph in (dag, cpdag_of(dag)):
        started = time.process_time()
        for k in range(3):
            assert adjustment(graph, f"n{20 + k}", f"n{150 + k}").status != "invalid_graph"
        assert (time.process_time() - started) / 3 < SECONDS_PER_QUERY


def test_many_confounders_are_no_burden() -> None:
    """The shape on which subset searches take minutes."""
    names = [f"c{i}" for i in range(25)]
    edges = [*((c, "t") for c in names), *((c, "y") for c in names), ("t", "y")]
    found = adjustment(Graph.from_arrows("dag", [*names, "t", "y"], edges), "t", "y")
    assert found.minimal == tuple(names)
    assert found.optimal == tuple(names)


def test_confidence_and_origin_do_not_matter() -> None:
    plain = Graph("dag", ("c", "t", "y"), (Edge("c", "t"), Edge("c", "y"), Edge("t", "y")))
    sure = Graph("dag", plain.nodes, tuple(Edge(e.source, e.target, confidence=0.5) for e in plain.edges))
    assert adjustment(plain, "t", "y") == adjustment(sure, "t", "y")
