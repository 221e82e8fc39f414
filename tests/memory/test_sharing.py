"""Several processes on one memory: busy, killed, damaged, newer, spooled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import duckdb
import pytest

from causalcopilot.domain.question import Question
from causalcopilot.domain.run import CallRecord, RunRecord
from causalcopilot.errors import GraphNotFound, MemoryBusy, MemoryUnreadable
from causalcopilot.graph.graph import Graph
from causalcopilot.memory import Memory, migrations, new_run_id
from causalcopilot.memory.database import NotWritable
from causalcopilot.toolkit.result import NewGraph

PLAIN = Graph.from_arrows("dag", ("a", "b"), [("a", "b")])
Holder = Callable[[Path], AbstractContextManager[int]]


def started(memory: Memory) -> str:
    run = RunRecord(new_run_id(), "analyze", Question(), "people.csv", "sha256:1", 10, 3)
    memory.start_run(run)
    return run.id


def script(text: str, *args: object) -> subprocess.Popen[str]:
    head = """
        import sys
        from causalcopilot.graph.graph import Graph
        from causalcopilot.memory import Memory
        from causalcopilot.toolkit.result import NewGraph
        new = NewGraph(Graph.from_arrows("dag", ("a", "b"), [("a", "b")]), "g")
        memory = Memory(sys.argv[1], wait=60)
    """
    code = textwrap.dedent(head) + textwrap.dedent(text)
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_three_writers_make_one_gapless_history(memory: Memory) -> None:
    work = "print(*[memory.save_graph(new) for _ in range(6)])"
    writers = [script(work, memory.path) for _ in range(3)]
    ids = []
    for writer in writers:
        out, err = writer.communicate()
        assert err == ""
        ids += out.split()
    assert sorted(ids, key=lambda i: int(i[2:])) == [f"g@{v}" for v in range(1, 19)]
    assert len(memory.graphs()) == 18
    assert [p.name for p in memory.path.parent.iterdir()] == ["memory.duckdb"]


def test_kill_9_loses_nothing_acknowledged(memory: Memory) -> None:
    writer = script("while True: print(memory.save_graph(new), flush=True)", memory.path)
    assert writer.stdout
    acknowledged = [writer.stdout.readline().strip() for _ in range(4)]
    time.sleep(0.03)
    writer.send_signal(signal.SIGKILL)
    rest, _ = writer.communicate()
    acknowledged += rest.split()
    stored = {g.id for g in memory.graphs()}
    assert set(acknowledged) <= stored
    assert len(stored) <= len(acknowledged) + 1
    assert memory.save_graph(NewGraph(PLAIN, "g")) == f"g@{len(stored) + 1}"


def test_whoever_is_in_the_way_is_named(memory: Memory, holding: Holder) -> None:
    memory.save_graph(NewGraph(PLAIN, "g"))
    hurried = Memory(memory.path, wait=0.2)
    with holding(memory.path) as pid:
        for blocked in (hurried.graphs, lambda: hurried.graph("g"), lambda: started(hurried)):
            with pytest.raises(MemoryBusy, match=rf"in use by another program \(PID {pid}\)"):
                blocked()
        with pytest.raises(MemoryBusy):
            hurried.save_graph(NewGraph(PLAIN, "g"))
    assert not hurried.spooling
    assert hurried.save_graph(NewGraph(PLAIN, "g")) == "g@2"


def test_a_short_wait_is_enough_when_the_other_leaves(memory: Memory) -> None:
    memory.save_graph(NewGraph(PLAIN, "g"))
    hold = "import duckdb, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(0.3)"
    holder = script(hold, memory.path)
    assert holder.stdout
    holder.stdout.readline()
    assert memory.save_graph(NewGraph(PLAIN, "g")) == "g@2"
    holder.communicate()


def work_on(memory: Memory, run: str) -> tuple[str, ...]:
    """A message, a call with two graphs, a closing; the ids of the graphs."""
    memory.add_message(run, None, "ai", {"n": 1})
    call = CallRecord("t1", "discover", {}, True, {"type": "Result", "facts": []}, content="c")
    ids = memory.save_call(run, None, call, [NewGraph(PLAIN, "g"), NewGraph(PLAIN, "g", parent="g@1")])
    memory.finish_run(run, "done", "supported", "fine")
    return ids


def test_a_run_goes_on_while_the_memory_is_busy(memory: Memory, holding: Holder) -> None:
    memory.save_graph(NewGraph(PLAIN, "g"))
    hurried = Memory(memory.path, wait=0.1)
    run = started(hurried)
    assert [h.id for h in hurried.graphs()] == ["g@1"]
    with holding(memory.path):
        ids = work_on(hurried, run)
        assert hurried.spooling
        assert hurried.graph(ids[1]).parent == "g@1"
        assert {h.id for h in hurried.graphs()} == {"g@1", *ids}
        with pytest.raises(MemoryBusy):
            hurried.graph("other")
    assert ids[0].startswith("g-")
    assert memory.doctor().spooled == 0  # any ccp takes it in, also one that only reads
    back = Memory(memory.path).run(run)
    assert (back.status, back.verdict, back.calls[0].graphs) == ("done", "supported", ids)
    assert [m.get("n", m.get("call")) for m in memory.messages(run)] == [1, "t1"]
    stored = memory.graph(ids[1])
    assert (stored.run, stored.dataset, stored.parent) == (run, "sha256:1", "g@1")
    assert hurried.save_graph(NewGraph(PLAIN, "g")) == "g@2"
    assert not hurried.spooling
    assert [p.name for p in memory.path.parent.iterdir()] == ["memory.duckdb"]


def test_a_spool_is_taken_in_once_and_survives_its_writer(memory: Memory, holding: Holder) -> None:
    hurried = Memory(memory.path, wait=0.1)
    run = started(hurried)
    with holding(memory.path):
        hurried.add_message(run, None, "ai", {"n": 1})
        hurried.add_message(run, None, "ai", {"n": 2})
    [file] = memory.path.parent.glob("*.jsonl")
    with file.open("ab") as torn:
        torn.write(b'{"op": "message", "run": "half a li')
    content = file.read_bytes()
    for _ in range(2):  # a reader that could not delete the file meets it again
        assert Memory(memory.path).messages(run) == [{"n": 1}, {"n": 2}]
        file.write_bytes(content)
    with file.open("wb") as more:
        more.write(content.rpartition(b"\n")[0] + b"\nnot json\n")
        line = {"op": "message", "run": run, "seq": None, "role": "ai", "body": {"n": 3}, "made": "now"}
        more.write(json.dumps(line).encode() + b"\n")
    assert memory.messages(run) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert file.with_suffix(".rejected").read_bytes() == b"not json\n"
    os.utime(file, (0, 0))
    memory.save_graph(NewGraph(PLAIN))
    assert not file.exists()
    with holding(memory.path):  # its writer, had it lived on, begins another file
        hurried.add_message(run, None, "ai", {"n": 4})
    assert memory.messages(run)[-1] == {"n": 4}


def test_a_memory_that_became_read_only_is_read_and_spooled(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(memory)
    memory.save_graph(NewGraph(PLAIN, "g"))
    connect = duckdb.connect

    def read_only(path: str, *, read_only: bool, config: dict[str, object]) -> duckdb.DuckDBPyConnection:
        if not read_only:
            raise duckdb.IOException(f'Cannot open file "{path}": Permission denied')
        return connect(path, read_only=True, config=config)  # type: ignore[arg-type]

    monkeypatch.setattr(duckdb, "connect", read_only)
    assert memory.graph("g").graph == PLAIN
    ids = work_on(memory, run)
    assert memory.spooling
    assert memory.run(run).status == "running"
    with pytest.raises(NotWritable, match="cannot be written"):
        started(memory)
    monkeypatch.undo()
    assert memory.run(run).status == "done"
    assert memory.graph(ids[0]).run == run


@pytest.mark.parametrize("content", [b"junk" * 5000, b"x"])
def test_a_file_that_is_no_memory_is_left_alone(memory: Memory, content: bytes) -> None:
    memory.path.write_bytes(content)
    for use in (memory.graphs, lambda: memory.save_graph(NewGraph(PLAIN)), memory.doctor):
        with pytest.raises(MemoryUnreadable, match="cannot be read") as caught:
            use()
        assert "move the file away" in caught.value.hint
    assert memory.path.read_bytes() == content


def test_a_damaged_memory_is_told(memory: Memory) -> None:
    memory.save_graph(NewGraph(PLAIN, "g"))
    damaged = bytearray(memory.path.read_bytes())
    for at in range(12_288, len(damaged), 512):
        damaged[at : at + 8] = b"\xff" * 8
    memory.path.write_bytes(damaged)
    with pytest.raises(MemoryUnreadable):
        Memory(memory.path).graph("g")


def test_a_folder_or_an_impossible_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "file" / "memory.duckdb"):
        with pytest.raises(MemoryUnreadable):
            Memory(place).save_graph(NewGraph(PLAIN))


def test_an_empty_file_is_as_good_as_none(memory: Memory) -> None:
    memory.path.write_bytes(b"")
    assert memory.graphs() == []
    assert memory.save_graph(NewGraph(PLAIN, "g")) == "g@1"


def test_a_newer_memory_is_refused(memory: Memory) -> None:
    memory.save_graph(NewGraph(PLAIN, "g"))
    with duckdb.connect(str(memory.path)) as connection:
        connection.execute("insert into schema_version values (99)")
    with pytest.raises(MemoryUnreadable, match=r"newer ccp \(schema 99; this one knows 2\)"):
        memory.graphs()


def test_a_migration_keeps_a_copy(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.save_graph(NewGraph(PLAIN, "g"))
    step = "alter table graph add column colour varchar"
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, step))
    assert memory.doctor().schema == 3
    assert memory.graph("g").graph == PLAIN
    monkeypatch.undo()
    with pytest.raises(MemoryUnreadable, match="newer"):
        memory.graphs()
    copy = Memory(memory.path.with_name("memory.duckdb.v2.bak"))
    assert copy.doctor().schema == 2
    assert copy.graph("g").graph == PLAIN
    assert copy.save_graph(NewGraph(PLAIN, "g")) == "g@2"


def test_a_failed_migration_changes_nothing(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.save_graph(NewGraph(PLAIN, "g"))
    steps = ("create table extra(a integer); insert into nowhere values (1)",)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, *steps))
    with pytest.raises(duckdb.CatalogException):
        memory.graphs()
    monkeypatch.undo()
    assert memory.graph("g").graph == PLAIN
    with duckdb.connect(str(memory.path)) as connection, pytest.raises(duckdb.CatalogException):
        connection.execute("select * from extra")


def test_an_error_inside_leaves_nothing_half_done(memory: Memory) -> None:
    run = started(memory)

    def fails(ids: tuple[str, ...]) -> tuple[CallRecord, None]:
        raise GraphNotFound("oops")

    with pytest.raises(GraphNotFound):
        memory.save_call(run, None, fails, [NewGraph(PLAIN, "g")])
    assert (memory.graphs(), memory.run(run).calls, memory.spooling) == ([], (), False)


def test_a_draft_that_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    left, young = (tmp_path / f".m.duckdb.{name}.new" for name in ("left", "young"))
    for draft in (left, young):
        draft.touch()
    os.utime(left, (0, 0))
    started(Memory(tmp_path / "m.duckdb"))
    assert (left.exists(), young.exists()) == (False, True)
