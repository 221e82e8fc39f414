"""Graph scores against gadjid and against counts made by hand."""

from __future__ import annotations

import gadjid
import numpy as np
import pytest

from causalcopilot.graph.compare import compare, shd
from causalcopilot.graph.dagitty import from_dagitty
from causalcopilot.graph.equivalence import cpdag_of
from causalcopilot.graph.graph import Edge, Graph
from tests.graph.brute import random_dag


def matrix(cpdag: Graph) -> np.ndarray:
    """gadjid's coding: 1 for an arrow from row to column, 2 for an undirected edge."""
    at = {n: i for i, n in enumerate(cpdag.nodes)}
    m = np.zeros((len(at), len(at)), dtype=np.int8)
    for e in cpdag.edges:
        m[at[e.source], at[e.target]] = 2 if e.symbol == "---" else 1
    return m


@pytest.mark.parametrize("seed", range(25))
def test_shd_is_that_of_gadjid(seed: int) -> None:
    first = random_dag(seed, 8, 0.3)
    second = Graph("dag", first.nodes, random_dag(seed + 1000, 8, 0.3).edges)
    wanted = gadjid.shd(matrix(cpdag_of(first)), matrix(cpdag_of(second)))[1]
    assert shd(first, second) == shd(cpdag_of(first), second) == wanted
    assert shd(first, first) == 0


def test_counts_made_by_hand() -> None:
    truth = from_dagitty("dag { a -> b -> c -> d  a -> d }")
    guess = from_dagitty("pdag { a -- b -> c  d -> c  b -> d  e -> d }")
    found = compare(truth, guess)
    assert (found.shared, found.only_first, found.only_second, found.different_marks) == (1, 1, 2, 2)
    assert found.skeleton_precision == 3 / 5
    assert found.skeleton_recall == 3 / 4
    assert found.skeleton_f1 == 6 / 9
    assert found.arrowhead_precision == 1 / 4  # b->c right; d->c, b->d, e->d not
    assert found.arrowhead_recall == 1 / 4
    assert found.nodes_only_second == ("e",)
    assert [(d.first, d.second) for d in found.differences] == [
        ("a --> b", "a --- b"),
        ("a --> d", ""),
        ("", "b --> d"),
        ("c --> d", "c <-- d"),
        ("", "d <-- e"),
    ]
    assert not found.equal


def test_how_an_edge_is_written_does_not_count() -> None:
    first = Graph("pag", ("a", "b"), (Edge("a", "b", "circle", "arrow", confidence=0.5),))
    second = Graph("pag", ("b", "a"), (Edge("b", "a", "arrow", "circle", origin="user"),))
    assert compare(first, second).equal
    assert shd(first, second) == 0


def test_empty_graphs_have_no_ratios() -> None:
    nothing = Graph("dag", ("a",))
    found = compare(nothing, nothing)
    assert found.equal
    assert found.skeleton_f1 is None
    assert found.arrowhead_precision is None


def test_lags_and_double_edges() -> None:
    first = Graph("lagged", ("a", "b"), (Edge("a", "b", lag=1), Edge("a", "a", lag=1)))
    second = Graph("lagged", ("a", "b"), (Edge("a", "b", lag=2), Edge("a", "a", lag=1)))
    assert compare(first, second).shared == 1
    bow = from_dagitty("dag { a -> b  a <-> b }")
    assert [str(d.first) for d in compare(bow, from_dagitty("dag { a -> b }")).differences] == [
        "a --> b, a <-> b"
    ]


def test_an_invalid_cpdag_is_compared_as_drawn() -> None:
    square = from_dagitty("pdag { a -- b -- c -- d -- a }")
    assert shd(square, from_dagitty("pdag { a -- b -- c -- d  a }")) == 1
