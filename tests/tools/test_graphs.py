"""The tools on remembered graphs read what they are given and change nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from causalcopilot.errors import UsageError
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.stored import GraphHead, StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.structure.graphs import (
    MOST_SHOWN,
    compare_graphs,
    list_graphs,
    save_graph,
    show_graph,
)
from tests.tools.framed import case

FIRST = StoredGraph(
    "people@1", from_dagitty("dag { u [latent] u -> a -> b }"), "sha256:1", "user", note="mine"
)
SECOND = StoredGraph("people@2", from_dagitty("pdag { b -- a  b -> c }"), "sha256:2", "pc")


@pytest.fixture(scope="module")
def context() -> Context:
    bare = case(pd.DataFrame(np.eye(3), columns=list("abc")))
    heads = (GraphHead("people@2", "cpdag", 3, 2, method="pc"), GraphHead("people@1", "dag", 3, 2))
    return replace(bare, graphs=heads)


def test_all_of_them_run_in_the_parent() -> None:
    assert {t.where for t in (list_graphs, show_graph, compare_graphs, save_graph)} == {"parent"}


def test_list(context: Context) -> None:
    found = list_graphs(context)
    assert found.fact("count").value == 2
    assert [found.fact(f"graph.{i}").value for i in (1, 2)] == ["people@2", "people@1"]
    assert found.summary == "2 remembered graphs"
    assert list_graphs(replace(context, graphs=())).fact("count").value == 0


def test_show(context: Context) -> None:
    found = show_graph(context, graph=FIRST)
    facts = {
        k: found.fact(k).value for k in ("graph", "kind", "nodes", "edges", "edge.1", "edge.2", "latent.1")
    }
    assert facts == {
        "graph": "people@1",
        "kind": "dag",
        "nodes": 3,
        "edges": 2,
        "edge.1": "u --> a",
        "edge.2": "a --> b",
        "latent.1": "u",
    }
    sure = StoredGraph("s@1", Graph("pag", ("a", "b"), (Edge("a", "b", "circle", confidence=0.4),)))
    shown = show_graph(context, graph=sure)
    assert (shown.fact("edge.1").value, shown.fact("edge.1.confidence").value) == ("a o-> b", 0.4)


def test_a_large_graph_is_cut_and_says_so(context: Context) -> None:
    nodes = [f"n{i}" for i in range(MOST_SHOWN + 3)]
    chain = Graph.from_arrows("dag", nodes, pairwise(nodes))
    found = show_graph(context, graph=StoredGraph("long@1", chain))
    assert found.fact("edges").value == MOST_SHOWN + 2
    assert "2 more edges" in found.findings[0]


def test_compare(context: Context) -> None:
    found = compare_graphs(context, first=FIRST, second=SECOND)
    keys = ("first", "second", "shared", "only_first", "only_second", "different_marks")
    assert [found.fact(k).value for k in keys] == ["people@1", "people@2", 0, 1, 1, 1]
    texts = [found.fact(f"difference.{i}").value for i in (1, 2, 3)]
    assert "a --> b in people@1, a --- b in people@2" in texts
    assert "u --> a in people@1, no edge in people@2" in texts
    assert any("lacks the nodes u" in f for f in found.findings)
    assert any("different data" in f for f in found.findings)
    assert compare_graphs(context, first=FIRST, second=FIRST).summary == "the graphs are equal"


def test_save(context: Context) -> None:
    found = save_graph(context, graph=FIRST, name="copy")
    (new,) = found.graphs
    assert new.graph == FIRST.graph
    assert (new.name, new.op, new.parent, new.method) == ("copy", "copied", "people@1", "user")
    with pytest.raises(UsageError, match="name"):
        save_graph(context, graph=FIRST, name="")
