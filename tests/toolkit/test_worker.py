"""The worker under tools that sleep, allocate, crash, print and dial."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from causalcopilot.errors import DataError, ToolCrashed, ToolFailed, ToolOutOfMemory, ToolTimeout
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.worker import PAUSED, Worker

HERE = Path(__file__).parent
CTRL_C_LIMIT = 2.0
"""Seconds within which Ctrl-C must answer (the design's promise)."""
CEILING_MB = 3000
"""Room for numpy with one BLAS thread, less than the allocation tried."""


def gone(pid: int, within: float = 5.0) -> bool:
    """Whether a process has ended (a zombie waiting for its parent counts)."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def interrupt_after(seconds: float) -> None:
    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)).start()


def test_a_deadline_ends_the_tool_and_the_next_call_works(worker: Worker) -> None:
    worker.call("plugin_tools:process_id", None, {})
    started = time.monotonic()
    with pytest.raises(ToolTimeout, match=r"sleep took more than 0\.3 s"):
        worker.call("plugin_tools:sleep", None, {"seconds": 60}, deadline=0.3)
    assert time.monotonic() - started < 2
    assert "going to sleep" in worker.trace
    assert worker.call("plugin_tools:sleep", None, {"seconds": 0}).fact("slept").value == 0


def test_a_pause_is_told_once_and_not_counted_against_the_deadline(worker: Worker) -> None:
    said: list[str] = []
    worker.notice = said.append
    try:
        done = worker.call("plugin_tools:prepare", None, {"seconds": 1.0, "work": 0.0}, deadline=0.5)
        assert done.fact("slept").value == 1.0
        assert said == [PAUSED]
        with pytest.raises(ToolTimeout, match=r"prepare took more than 0\.3 s"):
            worker.call("plugin_tools:prepare", None, {"seconds": 0.5, "work": 60.0}, deadline=0.3)
    finally:
        worker.notice = None


def test_the_ceiling_is_an_answer_and_the_child_survives_it() -> None:
    with Worker(CEILING_MB, extra_path=[HERE], warm=()) as worker:
        with pytest.raises(ToolOutOfMemory, match="ceiling of 3000 MB"):
            worker.call("plugin_tools:allocate", None, {"megabytes": 8000})
        pid = worker.pid
        assert worker.call("plugin_tools:allocate", None, {"megabytes": 8}).fact("total").value == 8 << 17
        assert worker.pid == pid


@pytest.mark.parametrize(("tool", "says"), [("segfault", "SIGSEGV"), ("leave", "exit code 11")])
def test_a_crash_is_told_and_the_next_call_gets_a_new_child(worker: Worker, tool: str, says: str) -> None:
    with pytest.raises(ToolCrashed, match=says) as caught:
        worker.call(f"plugin_tools:{tool}", None, {})
    if tool == "segfault":
        assert "Segmentation fault" in "".join(caught.value.__notes__)
    assert worker.call("plugin_tools:sleep", None, {"seconds": 0}).fact("slept").value == 0


def test_a_child_that_died_between_calls_is_replaced(worker: Worker) -> None:
    worker.start()
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert worker.call("plugin_tools:sleep", None, {"seconds": 0}).summary == "said"


def test_output_is_captured_and_standard_input_is_empty(
    worker: Worker, capfd: pytest.CaptureFixture[str]
) -> None:
    assert worker.call("plugin_tools:talk", None, {}).fact("read").value == ""
    assert set(worker.trace.splitlines()) == {"to standard output", "to standard error", "past Python"}
    worker.call("plugin_tools:sleep", None, {"seconds": 0})
    assert worker.trace == "going to sleep for 0 s"
    assert capfd.readouterr() == ("", "")


def test_an_accident_carries_traceback_and_output(worker: Worker) -> None:
    with pytest.raises(ToolFailed, match="stumble failed: ValueError") as caught:
        worker.call("plugin_tools:stumble", None, {})
    assert "plugin_tools.py" in caught.value.trace
    assert "just before" in caught.value.trace


def test_our_own_errors_travel_as_themselves(worker: Worker) -> None:
    with pytest.raises(DataError) as caught:
        worker.call("plugin_tools:refuse", None, {})
    assert (caught.value.message, caught.value.hint) == ("the table is empty", "give one with rows")
    with pytest.raises(ToolFailed, match="Peculiar: abc"):
        worker.call("plugin_tools:refuse_peculiarly", None, {})
    with pytest.raises(ToolFailed, match="returned dict, not a Result"):
        worker.call("plugin_tools:wrong_return", None, {})


def test_numpy_scalars_come_back_plain(worker: Worker) -> None:
    facts = worker.call("plugin_tools:numpy_facts", None, {}).facts
    assert [type(f.value) for f in facts] == [int, float, bool]


def test_no_tool_reaches_the_network(worker: Worker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        with pytest.raises(ToolFailed, match="may not use the network"):
            worker.call("plugin_tools:dial", None, {"host": "127.0.0.1", "port": port})
        with pytest.raises(TimeoutError):
            server.accept()
    with pytest.raises(ToolFailed, match="may not use the network"):
        worker.call("plugin_tools:resolve", None, {})


def test_the_child_has_one_thread_and_fixed_hashes(worker: Worker) -> None:
    r = worker.call("plugin_tools:process_id", None, {})
    assert (r.fact("pid").value, r.fact("seed").value) == (worker.pid, "0")
    assert r.fact("threads").value == os.environ.get("OMP_NUM_THREADS", "1")


def test_context_and_arguments_arrive(worker: Worker, context: Context) -> None:
    r = worker.call("plugin_tools:echo", context, {"given": ("a", "b"), "alpha": 0.1})
    assert r.fact("columns").value == 4
    assert r.fact("got").value == "[('alpha', 0.1), ('given', ('a', 'b'))]"


def test_a_call_longer_than_the_pipe_arrives_while_the_child_starts() -> None:
    with Worker(extra_path=[HERE], warm=()) as worker:
        long = "x" * 3_000_000
        r = worker.call("plugin_tools:sleep", long, {"seconds": 0})
        assert r.summary == "said"


def test_ctrl_c_stops_a_tool_inside_blas(worker: Worker) -> None:
    worker.call("plugin_tools:allocate", None, {"megabytes": 1})
    pid = worker.pid
    assert pid
    interrupt_after(0.5)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        worker.call("plugin_tools:spin", None, {})
    assert time.monotonic() - started < 0.5 + CTRL_C_LIMIT
    assert worker.pid is None
    assert gone(pid)


def test_ctrl_c_stops_a_child_that_is_still_importing() -> None:
    worker = Worker(extra_path=[HERE], warm=("pandas", "scipy.stats", "sklearn.ensemble"))
    worker.start()
    pid = worker.pid
    assert pid
    interrupt_after(0.15)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        worker.call("plugin_tools:sleep", None, {"seconds": 60})
    assert time.monotonic() - started < 0.15 + CTRL_C_LIMIT
    assert gone(pid)


SCRIPT = """
    import os, signal, sys
    from causalcopilot.toolkit.worker import PAUSED, Worker
    worker = Worker(extra_path=[sys.argv[1]], warm=())
    print(worker.call("plugin_tools:process_id", None, {}).fact("pid").value, flush=True)
    if sys.argv[2] == "busy":
        import threading
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGKILL)).start()
        worker.call("plugin_tools:spin", None, {})
"""


@pytest.mark.parametrize("how", ["idle", "busy"])
def test_the_child_ends_with_its_parent_and_needs_no_main_guard(tmp_path: Path, how: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    (tmp_path / "numpy.py").write_text("raise ImportError('the wrong numpy')")
    done = subprocess.run(
        [sys.executable, "-P", str(script), str(HERE), how], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.returncode == (0 if how == "idle" else -signal.SIGKILL)
    assert gone(int(done.stdout))


def test_the_warm_start_leaves_the_heavy_libraries_alone() -> None:
    with Worker(extra_path=[HERE]) as worker:
        time.sleep(0.1)
        assert worker.call("plugin_tools:heavy_modules", None, {}).fact("heavy").value == ""
