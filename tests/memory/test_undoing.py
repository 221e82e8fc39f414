"""Taking back runs and graph versions: marked, never deleted, and back again when wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from causalcopilot.domain.run import CallRecord
from causalcopilot.errors import GraphNotFound, RunNotFound, UsageError
from causalcopilot.memory.memory import Memory
from causalcopilot.toolkit.result import NewGraph
from tests.memory.test_memory import PLAIN, a_run


def started(memory: Memory) -> str:
    run = a_run("20260101-000000-aaaa")
    memory.start_run(run)
    return run.id


def test_a_run_goes_with_its_graphs_and_comes_back(memory: Memory) -> None:
    memory.save_graph(NewGraph(PLAIN, "g"))
    run = started(memory)
    saved = memory.save_call(run, None, CallRecord("t1", "discover", {}, True), [NewGraph(PLAIN, "g")] * 2)
    assert saved == ("g@2", "g@3")
    memory.finish_run(run, "done")
    assert memory.undo_run(run) == (run, saved)
    assert (memory.run(run).status, [h.id for h in memory.graphs()]) == ("undone", ["g@1"])
    assert memory.graph("g").id == "g@1"
    with pytest.raises(GraphNotFound, match="taken back"):
        memory.graph("g@3")
    assert memory.graph("g@3", undone=True).graph == PLAIN
    assert memory.save_graph(NewGraph(PLAIN, "g")) == "g@4"  # numbers are never used again
    assert memory.restore_run(run) == (run, saved)
    assert (memory.run(run).status, memory.graph("g@3").id) == ("done", "g@3")


def test_undo_is_one_transaction_seen_by_every_process(memory: Memory) -> None:
    run = started(memory)
    memory.save_call(run, None, CallRecord("t1", "discover", {}, True), [NewGraph(PLAIN, "g")])
    memory.undo_run(run)
    other = Memory(memory.path)
    assert (other.graphs(), other.runs()[0].status) == ([], "undone")
    with pytest.raises(UsageError, match="taken back before"):
        other.undo_run(run)
    with pytest.raises(RunNotFound):
        other.undo_run("nothing")


def test_versions_of_a_graph_go_one_by_one(memory: Memory) -> None:
    for _ in range(3):
        memory.save_graph(NewGraph(PLAIN, "g"))
    assert memory.undo_graph("g") == ("g@3", "g@2")
    assert memory.undo_graph("g") == ("g@2", "g@1")
    assert memory.restore_graph("g") == "g@2"
    assert memory.restore_graph("g@3") == "g@3"
    assert memory.graph("g").id == "g@3"
    with pytest.raises(UsageError, match="no version"):
        memory.restore_graph("g")
    for _ in range(3):
        last = memory.undo_graph("g")
    assert last == ("g@1", "")
    with pytest.raises(GraphNotFound, match="taken back"):
        memory.graph("g")


def test_nothing_to_take_back(tmp_path: Path) -> None:
    empty = Memory(tmp_path / "none.duckdb")
    with pytest.raises(RunNotFound):
        empty.undo_run("last")
    with pytest.raises(GraphNotFound):
        empty.undo_graph("g")
    assert not empty.path.exists()
