"""What is referred to exists; where it does not, the memory says which row is at fault."""

from __future__ import annotations

import contextlib

import duckdb
import pytest

from causalcopilot.domain.facts import Fact
from causalcopilot.domain.question import Question
from causalcopilot.domain.run import CallRecord, RunRecord
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.memory import Memory
from causalcopilot.memory.database import CONFIG
from causalcopilot.toolkit.result import NewGraph

GRAPH = Graph("dag", ("a", "b"), (Edge("a", "b"),))
BREAKS = (
    ("delete from run where id = 'r1'", "a message of a run that is not there: r1"),
    ("delete from call where id = 't1'", "a fact of a call that is not there: r1 t1.effect"),
    ("delete from dataset", "a run on data that is not there: r1"),
    ("delete from graph", "a call whose graph is not there: r1 t1"),
    ("delete from node where name = 'b'", "an edge whose end is no node of its graph: g@1"),
    ("update graph set version = 2", "a graph whose id is not its name and version: g@1"),
    ("update call set error = '{}'", "a call that is neither a result nor an error: r1 t1"),
    ("update message set seq = 5 where seq = 0", "messages of a run that are not numbered on from zero: r1"),
    ("update run set status = 'running'", "a run that ended without an end, or goes on after it: r1"),
    ("insert into undone values ('run', 'r9', '')", "a run taken back that is not there: r9"),
    ("insert into undone values ('graph', 'g@9', '')", "a graph taken back that is not there: g@9"),
    (
        "update run set narrative = 'It is {t7.effect}.'",
        "a text that refers to a call without a result: r1 {t7.effect",
    ),
    (
        "update run set narrative = 'Why: {t7.why}.'",
        "a text that refers to a call without a result: r1 {t7.why",
    ),
)


@pytest.fixture
def filled(memory: Memory) -> Memory:
    memory.start_run(RunRecord("r1", "ask", Question(), "table.csv", "sha256:1", 10, 2))
    memory.add_message("r1", None, "human", {"type": "human"})
    result = {"type": "Result", "summary": "", "facts": []}
    memory.save_call(
        "r1",
        None,
        CallRecord("t1", "discover", {}, True, result),
        [NewGraph(GRAPH, "g")],
        [Fact("effect", 1.5)],
    )
    memory.finish_run("r1", "done", narrative="It is {t1.effect:.1f}.", author="expert")
    return memory


def test_a_sound_memory_has_no_faults(filled: Memory) -> None:
    assert filled.inconsistencies() == []
    filled.undo_run("r1")
    assert filled.inconsistencies() == []
    filled.restore_run("r1")
    filled.undo_graph("g")
    assert filled.inconsistencies() == []


def test_a_memory_that_is_not_there_has_no_faults_and_is_not_made(memory: Memory) -> None:
    assert memory.inconsistencies() == []
    assert not memory.path.exists()


@pytest.mark.parametrize(("broken", "told"), BREAKS)
def test_what_is_missing_is_told(filled: Memory, broken: str, told: str) -> None:
    with contextlib.closing(duckdb.connect(str(filled.path), config=CONFIG)) as connection:
        connection.execute(broken)
    assert told in filled.inconsistencies()
