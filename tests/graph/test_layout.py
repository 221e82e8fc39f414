"""What the drawings must not do: put effects above causes, overlap boxes, run wide, or move the cursor."""

from __future__ import annotations

import re

import pytest

from causalcopilot.graph.dagitty import from_dagitty
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.layout import _cells, layers, layout, text_lines
from tests.graph.brute import random_dag


@pytest.mark.parametrize("seed", range(15))
def test_causes_are_above_effects(seed: int) -> None:
    dag = random_dag(seed, 15, 0.2)
    rows = layers(dag)
    assert sorted(n for row in rows for n in row) == sorted(dag.nodes)
    rank = {n: r for r, row in enumerate(rows) for n in row}
    assert all(rank[e.source] < rank[e.target] for e in dag.edges)
    assert layers(dag) == rows


@pytest.mark.parametrize("seed", range(15))
def test_boxes_and_bends(seed: int) -> None:
    dag = random_dag(seed, 15, 0.2)
    drawn = layout(dag)
    for i, a in enumerate(drawn.boxes):
        assert a.width / 2 <= a.x <= drawn.width - a.width / 2
        assert a.height / 2 <= a.y <= drawn.height - a.height / 2
        for b in drawn.boxes[i + 1 :]:
            assert abs(a.x - b.x) >= (a.width + b.width) / 2 or abs(a.y - b.y) >= a.height
    box = {b.name: b for b in drawn.boxes}
    for route in drawn.routes:
        layers_crossed = abs(box[route.edge.source].layer - box[route.edge.target].layer) - 1
        assert len(route.points) == 2 + max(0, layers_crossed)
        ends = (route.points[0], route.points[-1])
        for (x, y), name in zip(ends, (route.edge.source, route.edge.target), strict=True):
            b = box[name]
            assert abs(x - b.x) <= b.width / 2 + 2.01
            assert abs(y - b.y) <= b.height / 2 + 2.01


def test_cycles_loops_and_nothing() -> None:
    lagged = Graph(
        "lagged", ("a", "b"), (Edge("a", "b", lag=1), Edge("b", "a", lag=1), Edge("a", "a", lag=1))
    )
    assert len(layout(lagged).routes) == 3
    assert layers(Graph("dag", ())) == ()
    assert layout(Graph("dag", ())).boxes == ()
    assert text_lines(Graph("dag", ())) == []
    undirected = from_dagitty("pdag { a -- b -- c }")
    assert layers(undirected) == (("a", "b", "c"),)
    assert len(layout(undirected).boxes) == 3


def test_lines_are_those_of_the_manual() -> None:
    edges = (
        Edge("season", "ads", "circle", "arrow", confidence=0.6),
        Edge("price", "sales", confidence=0.98),
        Edge("income", "sales", "arrow", "arrow", confidence=0.4),
    )
    graph = Graph("pag", ("season", "ads", "price", "sales", "income", "x"), edges)
    assert sorted(text_lines(graph)) == sorted(
        [
            "season o─▶ ads   0.60 ██████",
            " price ──▶ sales 0.98 ██████████",
            "income ◀─▶ sales 0.40 ████",
            "alone: x",
        ]
    )


def test_confidence_of_the_marks_stands_beside_that_of_the_edge() -> None:
    """The end that came back less often counts."""
    edges = (
        Edge("a", "b", confidence=1.0, source_confidence=0.9, target_confidence=0.62),
        Edge("b", "c", "tail", "tail", confidence=0.4, source_confidence=0.3, target_confidence=0.3),
    )
    assert text_lines(Graph("cpdag", ("a", "b", "c"), edges)) == [
        "a ──▶ b 1.00 ██████████ marks 0.62",
        "b ─── c 0.40 ████       marks 0.30",
    ]


def test_lag_stands_at_the_cause_and_latents_are_named() -> None:
    assert text_lines(Graph("lagged", ("a", "b"), (Edge("a", "b", lag=2),))) == ["a[t-2] ──▶ b"]
    assert text_lines(from_dagitty("dag { u [latent] u -> a }"))[-1] == "latent: u"


def test_width_colour_and_control_characters() -> None:
    names = ("a" * 100, "日本語" * 20, "tab\there", "esc\x1b[31m")
    edges = tuple(Edge(a, b, confidence=1.0) for a in names for b in names if a < b)
    graph = Graph("dag", (*names, *(f"alone{i}" for i in range(40))), edges)
    for width in (40, 60, 80):
        lines = text_lines(graph, width=width)
        assert max(map(_cells, lines)) <= width
        assert not any("\x1b" in line or "\t" in line for line in lines)
        coloured = [re.sub(r"\x1b\[\d+m", "", line) for line in text_lines(graph, colour=True, width=width)]
        assert coloured == lines
