"""What goes into the memory comes out of it, by id, prefix and name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.domain.run import CallRecord, RunRecord
from causalcopilot.errors import GraphNotFound, MemoryUnreadable, RunNotFound, UsageError
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.memory import Memory, new_run_id
from causalcopilot.memory.ids import ALPHABET, base32
from causalcopilot.toolkit.hooks import MemoryHooks
from causalcopilot.toolkit.outcome import Outcome
from causalcopilot.toolkit.result import EstimateResult, NewGraph, Result
from causalcopilot.toolkit.serial import result_to_json

MARKS = Graph(
    "pag",
    ("a b", "ü", "c", "u"),
    (
        Edge("a b", "ü", "tail", "arrow", confidence=0.1, source_confidence=1 / 3, target_confidence=0.9),
        Edge("ü", "c", "circle", "arrow"),
        Edge("a b", "c", "circle", "circle", origin="user"),
        Edge("c", "u", "arrow", "arrow"),
        Edge("u", "ü", "tail", "tail", confidence=1.0),
    ),
    ("u",),
)
LAGGED = Graph("lagged", ("x", "y"), (Edge("x", "y", lag=2), Edge("x", "y"), Edge("x", "x", lag=1)))
BOW = Graph("admg", ("x", "y"), (Edge("x", "y"), Edge("x", "y", "arrow", "arrow")))
PLAIN = Graph.from_arrows("dag", ("a", "b"), [("a", "b")])


def a_run(run_id: str = "", **more: Any) -> RunRecord:
    question = Question("effect", "does a …?", "a", "b", Contrast("no", "yes"), ("c",), cutoff=2.0)
    record = RunRecord(run_id or new_run_id(), "estimate", question, "people.csv", "sha256:1", 10, 3)
    return replace(record, started="2025-01-01T00:00:00+00:00", seed=7, version="0.1", **more)


def a_call(call_id: str = "t1", **more: Any) -> CallRecord:
    result = result_to_json(Result("done", (Fact("effect", 3.4, "effect of a on b", "kg"), Fact("n", 3))))
    return CallRecord(
        call_id, "estimate", {"a": "x", "given": ["c"]}, True, result, None, "{}", 0.5, 7, **more
    )


@pytest.mark.parametrize("graph", [MARKS, LAGGED, BOW, PLAIN, Graph("cpdag", ("alone",)), Graph("dag", ())])
def test_graphs_come_back_equal(memory: Memory, graph: Graph) -> None:
    new = NewGraph(graph, "g", "pc", (("alpha", 0.05), ("steps", 3), ("fast", True)), "edited", "g@1", "why")
    assert memory.save_graph(new, dataset="sha256:1", call="t1") == "g@1"
    stored = memory.graph("g")
    assert stored.graph == graph
    assert (stored.id, stored.dataset, stored.method, stored.op) == ("g@1", "sha256:1", "pc", "edited")
    assert (stored.parent, stored.note, stored.call) == ("g@1", "why", "t1")
    assert stored.params == new.params
    assert stored.made


def test_versions_count_up_and_are_never_given_twice(memory: Memory) -> None:
    for _ in range(3):
        memory.save_graph(NewGraph(PLAIN, "g"))
    memory.save_graph(NewGraph(BOW, "h"))
    assert [g.id for g in memory.graphs()] == ["h@1", "g@3", "g@2", "g@1"]
    assert (memory.graphs()[0].nodes, memory.graphs()[0].edges, memory.graphs()[0].kind) == (2, 2, "admg")
    assert memory.graph("g@2").id == "g@2"
    assert memory.delete_graph("g@3") == ("g@3",)
    assert memory.graph("g").id == "g@2"
    assert memory.save_graph(NewGraph(PLAIN, "g")) == "g@4"
    assert memory.delete_graph("g") == ("g@1", "g@2", "g@4")
    with pytest.raises(GraphNotFound, match="graph 'g' was removed"):
        memory.graph("g")
    assert memory.save_graph(NewGraph(PLAIN, "g")) == "g@5"


def test_unknown_graphs_are_told_with_the_nearest(memory: Memory) -> None:
    with pytest.raises(GraphNotFound, match="none is remembered yet"):
        memory.graph("sales")
    with pytest.raises(GraphNotFound):
        memory.delete_graph("sales")
    assert not memory.path.exists()
    memory.save_graph(NewGraph(PLAIN, "sales"))
    with pytest.raises(GraphNotFound) as caught:
        memory.graph("salse")
    assert caught.value.hint == "did you mean 'sales' or 'sales@1'?"
    for bad in ("a@2", "", "x/y", "two words", "a\n"):
        if bad:
            with pytest.raises(UsageError, match="is not a graph name"):
                memory.save_graph(NewGraph(PLAIN, bad))
    assert memory.save_graph(NewGraph(PLAIN)) == "graph@1"


def test_a_run_comes_back_equal(memory: Memory) -> None:
    run = a_run(knowledge={"tiers": [1, 2.5, None]}, settings={"timeout": 3}, parent="r0", model="openai:x")
    memory.start_run(run)
    ids = memory.save_call(
        run.id, 2, a_call(), [NewGraph(PLAIN, "g"), NewGraph(BOW, "g"), NewGraph(BOW, "h")]
    )
    assert ids == ("g@1", "g@2", "h@1")
    failed = CallRecord("t2", "refute", {}, False, None, {"kind": "usage", "message": "m", "hint": ""}, "x")
    memory.save_call(run.id, 3, failed)
    memory.finish_run(run.id, "done", "supported", "It is {t1.effect}.", "expert", 42)
    back = memory.run(run.id)
    assert back.ended > "2025"
    expected = replace(
        run,
        status="done",
        verdict="supported",
        narrative="It is {t1.effect}.",
        author="expert",
        tokens=42,
        ended=back.ended,
        calls=(a_call(graphs=ids), failed),
    )
    assert back == expected
    assert memory.runs() == [replace(expected, calls=())]
    stored = memory.graph("g@2")
    assert (stored.graph, stored.run, stored.call, stored.dataset) == (BOW, run.id, "t1", "sha256:1")


def test_messages_are_the_checkpoint(memory: Memory) -> None:
    run = a_run()
    memory.start_run(run)
    memory.add_message(run.id, 0, "system", {"type": "system", "data": {"content": "be brief \ud800 é \x00"}})
    memory.add_message(run.id, None, "ai", {"type": "ai", "data": {"tool_calls": []}})
    memory.save_call(run.id, None, a_call(), message={"type": "tool", "data": {"content": "c"}})
    memory.save_call(run.id, None, a_call("t2"))
    assert memory.messages(run.id) == [
        {"type": "system", "data": {"content": "be brief \ud800 é \x00"}},
        {"type": "ai", "data": {"tool_calls": []}},
        {"type": "tool", "data": {"content": "c"}},
        {"role": "tool", "call": "t2", "tool": "estimate", "ok": True, "content": "{}"},
    ]
    memory.finish_run(run.id, "interrupted")
    again = memory.resume_run(run.id)
    assert (again.status, memory.run("last").status, len(again.calls)) == ("running", "running", 2)


def test_runs_are_found_by_prefix(memory: Memory) -> None:
    for name in ("r1abc", "r1abd", "r2xyz", "r2xyz9"):
        memory.start_run(a_run(name))
    assert memory.run("r1abd").id == "r1abd"
    assert memory.run("R1ABC").id == "r1abc"
    assert memory.run("r2xyz").id == "r2xyz"
    assert memory.run("last").id == "r2xyz9"
    assert [r.id for r in memory.runs(2)] == ["r2xyz9", "r2xyz"]
    with pytest.raises(RunNotFound, match="'r1ab' fits several runs") as caught:
        memory.run("r1ab")
    assert caught.value.hint == "give more of the id: r1abd, r1abc"
    for unknown in ("r9", "", "%"):
        with pytest.raises(RunNotFound, match="no run"):
            memory.run(unknown)
    with pytest.raises(UsageError, match="stored already"):
        memory.start_run(a_run("r1abc"))


def test_facts_and_estimates_can_be_queried(memory: Memory) -> None:
    why = Identification(
        "assumed", "Conditional Exogeneity", "ATE", "all", ("a",), ("b",), "binary", Contrast(0, 1)
    )
    numbers = (Estimate("aipw", "ATE", "all", 3.4, 0.5, 2.4, 4.4, 0.95, 99, "kg"),)
    result = EstimateResult("r", (Fact("effect", 3.4, low=2.4),), identification=why, estimates=numbers)
    run = a_run()
    memory.start_run(run)
    memory.save_call(run.id, 0, replace(a_call(), result=result_to_json(result)), facts=[Fact("more", "x")])
    with duckdb.connect(str(memory.path)) as connection:
        facts = connection.execute("select call, key, value, number, low from fact order by key").fetchall()
        assert facts == [("t1", "effect", "3.4", 3.4, 2.4), ("t1", "more", '"x"', None, None)]
        sql = "select treatment, outcome, method, value, n_used, is_primary from estimate"
        assert connection.execute(sql).fetchall() == [("a", "b", "aipw", 3.4, 99, True)]
        assert connection.execute("select result ->> '$.summary' from call").fetchall() == [("r",)]
        assert connection.execute('select name, "rows" from dataset').fetchall() == [("people.csv", 10)]


def test_the_hooks_store_an_outcome_with_its_graph_facts(memory: Memory) -> None:
    run = a_run()
    memory.start_run(run)
    result = Result("learned", (Fact("edges", 1),), (NewGraph(PLAIN, "g"),))
    hooks = MemoryHooks(memory, run.id, 7, lambda o: {"type": "tool", "data": {"content": o.content}})
    assert hooks.keep(Outcome.done("t1", "discover", {}, result, 0.1)) == ("g@1",)
    call = memory.run(run.id).calls[0]
    assert call.graphs == ("g@1",)
    assert call.result
    assert [f["key"] for f in call.result["facts"]] == ["graph", "edges"]
    assert '"graph":{"value":"g@1"' in call.content
    assert memory.messages(run.id) == [{"type": "tool", "data": {"content": call.content}}]
    assert hooks.graph("g").graph == PLAIN
    assert [h.id for h in hooks.graphs()] == ["g@1"]


def test_artifacts_are_noted_by_hash(memory: Memory, tmp_path: Path) -> None:
    run = a_run()
    memory.start_run(run)
    (tmp_path / "report.md").write_text("abc")
    memory.add_artifact(run.id, "markdown", tmp_path / "report.md")
    memory.add_artifact(run.id, "markdown", tmp_path / "report.md")
    [(kind, path, sha, size)] = memory.artifacts(run.id)
    assert (kind, Path(path).name, size) == ("markdown", "report.md", 3)
    assert sha.startswith("ba7816bf8f01cfea")  # SHA-256 of "abc", FIPS 180-4 example


def test_the_doctor_makes_no_file(memory: Memory) -> None:
    facts = memory.doctor()
    assert (facts.exists, facts.schema, facts.bytes, facts.writable) == (False, 0, 0, True)
    assert not memory.path.exists()
    memory.start_run(a_run())
    memory.save_graph(NewGraph(PLAIN))
    facts = memory.doctor()
    assert (facts.exists, facts.schema, facts.graphs, facts.runs, facts.spooled) == (True, 2, 1, 1, 0)
    assert facts.bytes > 0


def test_reading_an_absent_memory_finds_nothing(memory: Memory) -> None:
    assert (memory.graphs(), memory.runs(), memory.messages("r1")) == ([], [], [])
    with pytest.raises(RunNotFound, match="none is remembered yet"):
        memory.run("last")


def test_ids_sort_by_time() -> None:
    ids = [new_run_id() for _ in range(500)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 500
    assert {len(i) for i in ids} == {12}
    assert list(ALPHABET) == sorted(ALPHABET)
    assert [base32(n, 2) for n in (0, 31, 32, 1023)] == ["00", "0z", "10", "zz"]


@pytest.mark.parametrize("name", ["data.duckdb", "data.csv"])
def test_a_file_of_data_is_no_memory_and_stays_as_it_is(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if path.suffix == ".csv":
        path.write_text("t,y\n0,1\n1,2\n")
    else:
        with duckdb.connect(str(path)) as connection:
            connection.execute("create table sales as select 1 as t")
    before = path.read_bytes()
    with pytest.raises(MemoryUnreadable, match="is no memory of ccp"):
        Memory(path).graphs()
    with pytest.raises(MemoryUnreadable, match="is no memory of ccp"):
        Memory(path).save_graph(NewGraph(Graph("dag", ("a", "b")), "g"))
    assert path.read_bytes() == before
