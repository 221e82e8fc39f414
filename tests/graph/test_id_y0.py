"""General identification against y0's ``ID`` (Shpitser & Pearl 2006) on random graphs with hidden causes."""

from __future__ import annotations

import pytest

from causalcopilot.graph.graph import Graph
from causalcopilot.graph.id import general_identification
from tests.graph.brute import random_admg

GRAPHS = 300
FEWEST = 40
"""Graphs of either verdict without which agreement would say little."""


def by_y0(graph: Graph, treatment: str, outcome: str) -> bool:
    from y0.algorithm.identify import identify_outcomes
    from y0.dsl import Variable
    from y0.graph import NxMixedGraph

    made = NxMixedGraph.from_str_edges(
        nodes=graph.nodes,
        directed=[(e.source, e.target) for e in graph.edges if e.directed],
        undirected=[(e.source, e.target) for e in graph.edges if not e.directed],
    )
    return identify_outcomes(made, Variable(treatment), Variable(outcome)) is not None


def test_verdicts_are_those_of_y0() -> None:
    pytest.importorskip("y0")
    verdicts = []
    for seed in range(GRAPHS):
        graph = random_admg(seed, 4 + seed % 4, 0.75)
        t, y = graph.nodes[0], graph.nodes[-1]
        found = general_identification(graph, t, y)
        assert found is not None
        assert found.identified == by_y0(graph, t, y), f"seed {seed}: {graph.edges}"
        verdicts.append(found.identified)
    assert min(verdicts.count(True), verdicts.count(False)) >= FEWEST
