"""Mechanisms that differ between domains, on tables whose changing columns are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from causalcopilot.data.simulate import simulate
from causalcopilot.data.simulate_settings import Settings
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.errors import NotApplicable
from causalcopilot.graph.compare import shd
from causalcopilot.graph.equivalence import cpdag_of
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.result import StructureResult
from causalcopilot.toolkit.serial import result_from_json, result_to_json
from causalcopilot_tools.discovery.changes import ROW_ORDER, centred, changes, mechanisms
from causalcopilot_tools.discovery.discover import discover
from causalcopilot_tools.discovery.inputs import prepare
from tests.tools.framed import case

ROWS = 900
REGION = Knowledge((ColumnKnowledge("region", role="domain"),), origin="file")
GRAPH = Graph.from_arrows("dag", "abcd", [("a", "b"), ("b", "c"), ("c", "d")])
TABLES = 6
FOUND_LEAST, FALSE_MOST = 0.9, 0.05  # shares over fresh tables of ten columns; measured .99 and .00 on forty
P_TOLERANCE = 1e-9  # of p-values by the same formula
MEAN_TOLERANCE = 1e-9


def shifted(seed: int = 1, rows: int = ROWS) -> pd.DataFrame:
    """a -> b -> c -> d in three regions: the slope of b, the level of a and the spread of d differ; c keeps its law."""
    rng = np.random.default_rng(seed)
    region = rng.integers(0, 3, rows)
    e = rng.standard_normal((4, rows))
    a = e[0] + np.array([0.0, 1.5, -1.0])[region]
    b = np.array([0.4, 1.2, 0.8])[region] * a + e[1]
    c = 0.8 * b + e[2]
    d = 0.8 * c + np.array([1.0, 2.0, 0.5])[region] * e[3]
    return pd.DataFrame({"a": a, "b": b, "c": c, "d": d, "region": np.array(["n", "s", "w"])[region]})


def ask(frame: pd.DataFrame, knowledge: Knowledge | None = None, **arguments: object) -> StructureResult:
    result = changes(case(frame, knowledge), **arguments)
    assert isinstance(result, StructureResult)
    return result


def facts(result: StructureResult) -> dict[str, object]:
    return {f.key: f.value for f in result.facts}


def said(result: StructureResult) -> dict[str, object]:
    return {str(row[0]): row[1] for row in result.tables[0].rows}


def test_each_column_is_told_by_its_own_mechanism_and_not_by_that_of_its_causes() -> None:
    result = ask(shifted(), graph=StoredGraph("g@1", GRAPH), domain="region")
    assert said(result) == {"a": "yes", "b": "yes", "c": "no", "d": "yes"}
    told = facts(result)
    how = {told[f"changed.{i}"]: told[f"changed.{i}.how"] for i in (1, 2, 3)}
    assert how == {"a": "level or slopes", "b": "level or slopes", "d": "spread of what is left"}
    assert (result.answer, result.names, told["domains"], told["graph"]) == ("yes", ("a", "b", "d"), 3, "g@1")
    assert result_from_json(result_to_json(result)) == result


def test_the_test_of_level_is_an_analysis_of_variance_where_there_are_no_causes() -> None:
    from causalcopilot_tools.discovery.changes import _placed

    frame = shifted(rows=300)[["a", "region"]].assign(z=np.random.default_rng(0).standard_normal(300))
    context = case(frame)
    data, place = _placed(context, prepare(context), "region", False)
    alone = Graph("dag", ("a", "z"))
    found = {m.name: m for m in mechanisms(data, place, alone, 0.05)}
    groups = [frame.loc[frame["region"] == r, "z"] for r in ("n", "s", "w")]
    spread = stats.levene(*groups, center="median").pvalue
    assert found["z"].spread == pytest.approx(spread, abs=P_TOLERANCE)
    assert found["z"].level == pytest.approx(
        stats.f_oneway(*groups).pvalue, abs=0.01
    )  # likelihood ratio against F
    assert found["z"].changes == "no"


def test_a_graph_is_learned_within_domains_and_remembered() -> None:
    result = ask(shifted(), REGION)
    assert {"a", "b"} <= set(result.names)
    assert said(result)["c"] != "yes"
    assert set(result.graphs[0].graph.nodes) == {"a", "b", "c", "d"}
    assert "within domains" in result.graphs[0].note


def test_fresh_tables_are_told_right() -> None:
    found = false = there = absent = 0
    for seed in range(TABLES):
        made = simulate(Settings(nodes=10, rows=1000, edge_probability=0.2, domains=3, seed=8100 + seed))
        result = ask(pd.DataFrame(dict(made.data)), domain="domain")
        truth = set(made.changed)
        found += len(truth & set(result.names))
        false += len(set(result.names) - truth)
        there += len(truth)
        absent += 10 - len(truth)
    assert found >= FOUND_LEAST * there
    assert false <= FALSE_MOST * absent


def test_nothing_changes_where_nothing_does() -> None:
    frame = shifted().assign(region=np.array(["n", "s"])[np.random.default_rng(3).integers(0, 2, ROWS)])
    frame["d"] = 0.8 * frame["c"] + np.random.default_rng(4).standard_normal(ROWS)
    frame["a"] = np.random.default_rng(5).standard_normal(ROWS)
    result = ask(frame[["a", "c", "d", "region"]], REGION)
    assert (result.answer, result.names) == ("no", ())


def test_drift_is_seen_in_the_order_of_the_rows() -> None:
    frame = shifted()[["a", "b", "c"]].reset_index(drop=True)
    frame["b"] += np.linspace(0, 3, ROWS)
    frame["c"] += 0.8 * np.linspace(0, 3, ROWS)
    result = ask(
        frame, drift=True, graph=StoredGraph("g@1", Graph.from_arrows("dag", "abc", [("a", "b"), ("b", "c")]))
    )
    assert (facts(result)["domain"], result.names) == (ROW_ORDER, ("b",))


def test_open_edges_leave_a_column_open() -> None:
    lines = Graph("cpdag", ("a", "b"), (Edge("a", "b", "tail", "tail"),))
    rng = np.random.default_rng(6)
    region = rng.integers(0, 2, ROWS)
    a = rng.standard_normal(ROWS) + 2.0 * region
    frame = pd.DataFrame({"a": a, "b": a + rng.standard_normal(ROWS), "region": np.array(["n", "s"])[region]})
    assert said(ask(frame, domain="region", graph=StoredGraph("g@1", lines)))["b"] == "uncertain"


def test_domain_means_are_taken_out_and_categories_left_alone() -> None:
    from causalcopilot_tools.discovery.changes import _placed

    frame = shifted().assign(flag=np.where(shifted()["a"] > 0, "yes", "no"))
    context = case(frame)
    data, place = _placed(context, prepare(context), "region", False)
    inside = centred(data, place)
    codes = data.matrix[:, data.blocks[data.names.index(place)][0]]
    for n in ("a", "b", "c", "d"):
        x = inside.matrix[:, data.blocks[data.names.index(n)][0]]
        assert max(abs(x[codes == k].mean() - x.mean()) for k in range(3)) < MEAN_TOLERANCE
    flag = data.blocks[data.names.index("flag")]
    assert (inside.matrix[:, flag] == data.matrix[:, flag]).all()


def test_bad_domains_are_named_and_the_frame_stays() -> None:
    frame = shifted()
    before = frame.copy()
    with pytest.raises(NotApplicable, match="nobody said which column"):
        ask(frame)
    with pytest.raises(NotApplicable, match="fewer than two domains"):
        ask(frame.assign(region="n"), domain="region", columns=("a", "b"))
    ask(frame, domain="region")
    pd.testing.assert_frame_equal(frame, before)


def test_discovery_takes_out_the_means_of_named_domains_and_says_so() -> None:
    made = simulate(Settings(nodes=8, rows=1500, edge_probability=0.25, domains=3, seed=8200))
    frame = pd.DataFrame(dict(made.data))
    nodes = tuple(n for n in made.graph.nodes if n != "domain")
    truth = cpdag_of(
        Graph("dag", nodes, tuple(e for e in made.graph.edges if "domain" not in (e.source, e.target)))
    )
    known = Knowledge((ColumnKnowledge("domain", role="domain"),), origin="file")
    inside = discover(case(frame, known))
    pooled = discover(case(frame.drop(columns="domain")))
    assert any("mean was taken out" in n for n in inside.findings)
    assert not any("mean was taken out" in n for n in pooled.findings)
    assert shd(inside.graphs[0].graph, truth) < shd(pooled.graphs[0].graph, truth)
