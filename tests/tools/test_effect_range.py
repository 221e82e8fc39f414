"""The range of effects over a class: what identify offers, what is estimated, and that the truth lies in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.effect_range import EffectRange
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.errors import NotApplicable
from causalcopilot.graph.equivalence import cpdag_of
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.pags import pag_of
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.result import IdentifyResult, RangeResult
from causalcopilot.toolkit.serial import result_from_json, result_to_json
from causalcopilot_tools.effects.effect_range import effect_range
from causalcopilot_tools.effects.identify import identify
from tests.graph.brute import random_dag
from tests.tools.framed import case

ROWS, DRAWS, COVERED = 300, 60, 53
"""With a coverage of .95 in each draw, fewer than 53 of 60 happen three times in a thousand."""


def drawn(dag: Graph, seed: int, rows: int = ROWS) -> tuple[pd.DataFrame, float]:
    """Rows of a linear model on the DAG, and the true effect of its first node on its second."""
    rng = np.random.default_rng(seed)
    size = len(dag.nodes)
    B = np.zeros((size, size))
    for e in dag.edges:
        B[dag.nodes.index(e.target), dag.nodes.index(e.source)] = rng.uniform(0.4, 1.2) * rng.choice([-1, 1])
    total = np.linalg.inv(np.eye(size) - B)
    values = rng.normal(size=(rows, size)) @ total.T
    kept = [i for i, n in enumerate(dag.nodes) if n not in dag.latents]
    frame = pd.DataFrame(values[:, kept], columns=[dag.nodes[i] for i in kept])
    return frame, float(total[1, 0])


def ranged(frame: pd.DataFrame, graph: Graph, t: str, y: str, **values: float) -> EffectRange:
    made = effect_range(
        case(frame), treatment=t, outcome=y, graph=StoredGraph("table@1", graph, op="discovered"), **values
    )
    assert isinstance(made, RangeResult)
    assert made.range is not None
    assert result_from_json(result_to_json(made)) == made
    assert (made.fact("range.low").value, made.fact("range.high").value) == (made.range.low, made.range.high)
    r = made.range
    assert r.effects
    assert (r.low, r.high) == (
        min(e.low for e in r.effects),
        max(e.high for e in r.effects),
    )  # sampling error included
    assert (r.effect_low, r.effect_high) == (min(e.value for e in r.effects), max(e.value for e in r.effects))
    return r


def test_the_range_covers_the_true_effect_of_a_step() -> None:
    covered = 0
    for seed in range(DRAWS):
        dag = random_dag(seed, 5, 0.5)
        frame, true = drawn(dag, seed)
        found = ranged(frame, cpdag_of(dag), *dag.nodes[:2], control_value=0.0, treated_value=1.0)
        covered += found.low <= true <= found.high
    assert covered >= COVERED


def test_a_complete_graph_gives_every_effect_that_fits() -> None:
    dag = Graph.from_arrows("dag", ("t", "y", "a"), [("a", "t"), ("a", "y"), ("t", "y")])
    frame, true = drawn(dag, 1, 2000)
    found = ranged(frame, cpdag_of(dag), "t", "y", control_value=0.0, treated_value=1.0)
    assert {e.held for e in found.effects if not e.zero} == {(), ("a",)}
    assert any(e.zero for e in found.effects)
    assert set(found.open) == {"t --- y", "t --- a"}
    assert found.low <= min(0.0, true)
    assert found.high >= true
    held = next(e for e in found.effects if e.held == ("a",))
    assert held.low <= true <= held.high


def test_a_pag_counts_members_that_no_adjustment_speaks_of() -> None:
    dag = Graph.from_arrows("dag", ("t", "y", "a"), [("t", "y"), ("a", "y")])
    frame, _ = drawn(dag, 0)
    found = ranged(frame, pag_of(dag), "t", "y")
    assert found.unknown >= 1  # t --> y is invisible there: a hidden cause may stand behind it
    assert any(e.zero for e in found.effects)


def test_identify_says_where_a_range_can_be_had() -> None:
    graph = Graph("cpdag", ("t", "y", "a"), (Edge("t", "y", "tail", "tail"), Edge("t", "a", "tail", "tail")))
    stored = StoredGraph("mine@1", graph, op="imported")
    frame, _ = drawn(Graph.from_arrows("dag", ("t", "y", "a"), [("t", "y"), ("t", "a")]), 0)
    refused = identify(case(frame), treatment="t", outcome="y", graph=stored)
    assert isinstance(refused, IdentifyResult)
    assert refused.fact("status").value == "not_identified"
    assert refused.fact("range.graph").value == "mine@1"
    learned = StoredGraph("table@1", graph, op="discovered")
    assumed = identify(case(frame, Knowledge()), treatment="t", outcome="y", graph=learned)
    assert (assumed.fact("status").value, assumed.fact("range.graph").value) == ("assumed", "table@1")


def test_a_graph_without_open_edges_has_no_range() -> None:
    dag = Graph.from_arrows("dag", ("t", "y"), [("t", "y")])
    frame, _ = drawn(dag, 0)
    with pytest.raises(NotApplicable, match="no edge open"):
        ranged(frame, dag, "t", "y")
