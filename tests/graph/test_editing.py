"""Graphs changed by hand: what was asked changes, everything else stays, and what cannot be is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causalcopilot.errors import UsageError
from causalcopilot.graph.editing import drawn, edited, read_edges
from causalcopilot.graph.graph import Edge, Graph

LEARNED = Graph(
    "cpdag",
    ("a", "b", "c", "d"),
    (
        Edge("a", "b", confidence=0.9, source_confidence=0.8, target_confidence=0.8),
        Edge("b", "c", confidence=0.7),
        Edge("c", "d", "tail", "tail", confidence=0.4),
    ),
)


def told(graph: Graph) -> list[str]:
    return [f"{e} {e.origin}" for e in graph.edges]


def test_edges_are_added_removed_and_turned() -> None:
    made = edited(LEARNED, add=["c -> d", "a -> c"], remove=["b c"], reverse=["a -> b"])
    assert told(made) == ["b --> a user", "c --> d user", "a --> c user"]
    assert LEARNED.edges[0].origin == "data"
    assert made.kind == "cpdag"
    turned = made.edges[0]
    assert (turned.confidence, turned.source_confidence, turned.target_confidence) == (0.9, None, None)


def test_what_is_not_touched_keeps_origin_and_confidence() -> None:
    made = edited(LEARNED, nodes=["e"], add=["d -> e"])
    assert made.edges[:3] == LEARNED.edges
    assert made.nodes == (*LEARNED.nodes, "e")


def test_adding_and_taking_away_again_gives_the_same_graph() -> None:
    dag = drawn(read_edges("a -> b, b -> c", str))
    once = edited(dag, add=["a -> c"])
    assert replace(edited(once, remove=["a c"]), edges=dag.edges) == dag
    assert edited(edited(dag, reverse=["a b"]), reverse=["a b"]).edges == dag.edges


@pytest.mark.parametrize(
    ("text", "kind", "edges"),
    [
        ("a -> b <- c", "dag", ["a --> b", "c --> b"]),
        ("a <-> b; b --> c", "admg", ["a <-> b", "b --> c"]),
        ("a -- b, b -> c", "cpdag", ["a --- b", "b --> c"]),
        ("a o-> b o-o c", "pag", ["a o-> b", "b o-o c"]),
    ],
)
def test_every_mark_can_be_written(text: str, kind: str, edges: list[str]) -> None:
    graph = drawn(read_edges(text, str))
    assert (graph.kind, [str(e) for e in graph.edges]) == (kind, edges)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"add": ["a -> "]}, "is no edge"),
        ({"add": ["a -> x"]}, "no node 'x'"),
        ({"add": ["a -> a"]}, "joined to itself"),
        ({"remove": ["a d"]}, "no edge joins"),
        ({"remove": ["a"]}, "does not name two nodes"),
        ({"reverse": ["c d"]}, "no direction to turn"),
        ({"add": ["a o-> c"]}, "cannot stand in one graph"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, list[str]], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        edited(LEARNED, **change)


def test_a_cycle_is_refused() -> None:
    dag = drawn(read_edges("a -> b -> c", str))
    with pytest.raises(UsageError, match="form a cycle"):
        edited(dag, add=["c -> a"])
    with pytest.raises(UsageError, match="form a cycle"):
        drawn(read_edges("a -> b, b -> a", str))
