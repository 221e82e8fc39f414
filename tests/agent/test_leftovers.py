"""What killed processes leave behind is told apart from what still runs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from causalcopilot.agent import leftovers
from causalcopilot.domain.question import Question
from causalcopilot.domain.run import RunRecord
from causalcopilot.memory.memory import Memory

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are not asked about there")


@pytest.fixture
def gone() -> int:
    """The number of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_scratch_folders_of_ended_processes_are_removed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, gone: int
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in (f"ccp-{gone}-a1b2", f"ccp-{os.getpid()}-a1b2", "ccp-notes-2024", f"other-{gone}-a1b2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "snapshot.parquet").write_text("rows")
    (tmp_path / f"ccp-{gone}-link").symlink_to(tmp_path / "ccp-notes-2024")
    new = leftovers.scratch_folder()
    left = {p.name for p in tmp_path.iterdir()}
    assert left == {
        new.name, f"ccp-{os.getpid()}-a1b2", "ccp-notes-2024", f"other-{gone}-a1b2", f"ccp-{gone}-link",
    }  # fmt: skip
    assert (tmp_path / "ccp-notes-2024" / "snapshot.parquet").exists()


def test_runs_of_ended_processes_are_marked_interrupted(tmp_path: Path, gone: int) -> None:
    memory, here = Memory(tmp_path / "m.duckdb"), leftovers.process()
    stored = {
        "r1": {**here, "pid": gone},
        "r2": here,
        "r3": {**here, "pid": gone, "host": "elsewhere"},
        "r4": {**here, "born": "0"},
        "r5": None,
    }
    for run, process in stored.items():
        kept = {"process": process} if process else {}
        memory.start_run(RunRecord(run, "ask", Question(), "t.csv", "sha256:0", 1, 1, settings=kept))
    assert sorted(leftovers.mark_interrupted(memory)) == ["r1", "r4"]
    assert {r.id: r.status for r in memory.runs()} == {
        "r1": "interrupted", "r2": "running", "r3": "running", "r4": "interrupted", "r5": "running",
    }  # fmt: skip
    assert leftovers.mark_interrupted(memory) == []


def test_a_resumed_run_belongs_to_the_process_that_goes_on_with_it(tmp_path: Path, gone: int) -> None:
    memory, here = Memory(tmp_path / "m.duckdb"), leftovers.process()
    kept = {"process": {**here, "pid": gone}, "graph": "g@1"}
    memory.start_run(RunRecord("r1", "ask", Question(), "t.csv", "sha256:0", 1, 1, settings=kept))
    memory.resume_run("r1", {"process": here})
    assert memory.run("r1").settings == {"process": here, "graph": "g@1"}
    assert leftovers.mark_interrupted(memory) == []
