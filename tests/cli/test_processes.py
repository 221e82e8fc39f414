"""Whole processes: killed, interrupted, two at once, twice the same, cut off by a pipe, on a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ccp
from tests.cli.test_inputs import plain, text

SCRIPT = str(Path(sys.executable).with_name("ccp"))
ANSWER = 2.0
"""Seconds of processor time in which Ctrl-C must have ended everything: what is promised to users, on a machine that
is theirs alone; by the clock a busy machine would fail the test."""
PATIENCE = 60.0
"""Seconds after which a process that should have done something fails the test; generous, the machine may be busy."""
EFFECT = ("estimate", "data.csv", "-t", "t", "-y", "y", "--controls", "x,w", "--method", "regression")
"""A run of seconds; with ``regression`` the main estimate is quick and the refits are not."""

LARGE = 500_000
"""Rows whose reading takes long enough to be interrupted in it."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals, process groups and terminals of POSIX")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a table of known effect."""
    (tmp_path / "data.csv").write_text(text(plain(250)))
    return tmp_path


def start(
    folder: Path, *words: str, environment: Mapping[str, str] | None = None, code: str = "", **more: Any
) -> Any:
    """The installed script as a user starts it, or ``code`` that runs it, in a process group of its own."""
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen(
        [sys.executable, "-c", code] if code else [SCRIPT, *words],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        start_new_session=True,
        **more,
    )


def finish(process: Any) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, (out or b"").decode(), (err or b"").decode()


def until(condition: Callable[[], Any]) -> Any:
    """Wait until ``condition`` gives something true; that."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def children(pid: int) -> list[int]:
    """Living processes that ``pid`` started."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True)
    rows = (line.split() for line in listed.stdout.splitlines())
    return [int(row[0]) for row in rows if row[1] == str(pid) and not row[2].startswith("Z")]


def spent(pids: Iterable[int]) -> float:
    """Seconds of processor time that living processes have taken; 0 where the system does not tell."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def of_the_ended() -> float:
    """Seconds of processor time of all ended children, with those that they waited for."""
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip() in ("", "Z")


def interrupted(process: Any, *, group: bool = False, told: Path | None = None) -> str:
    """Send Ctrl-C; the process must answer in time, in two lines, and leave nobody behind.  Its standard error, or
    what stands in the file ``told``."""
    helpers = children(process.pid)
    before = spent([process.pid, *helpers]) + of_the_ended()
    (os.killpg if group else os.kill)(process.pid, signal.SIGINT)
    code, out, err = finish(process)
    took = of_the_ended() - before
    err = told.read_text() if told else err
    assert code == 130, err
    assert out == ""
    assert "Traceback" not in err
    assert [line.split()[0] for line in err.splitlines()[-2:]] == ["error:", "hint:"]
    assert "error: interrupted" in err
    until(lambda: all(map(gone, helpers)))
    assert took < ANSWER or not sys.platform.startswith("linux")
    return err


def reported(folder: Path, name: str) -> Callable[[], bool]:
    """Whether the line of a finished step stands in the file ``err``."""
    return lambda: any(line.split()[:1] == [name] for line in (folder / "err").read_text().splitlines())


# --- killed ----------------------------------------------------------------------------------------------------


def test_a_killed_run_keeps_every_finished_step(folder: Path, ccp: Ccp) -> None:
    with (folder / "err").open("wb") as err:
        process = start(folder, *EFFECT, stderr=err)
        until(reported(folder, "estimate"))
        helpers = children(process.pid)
        process.kill()
        process.communicate()
    until(lambda: all(map(gone, helpers)))
    shown = ccp("run", "show", "last", "--json").json["run"]
    assert shown["status"] == "interrupted"
    assert [c["tool"] for c in shown["calls"]] == ["profile", "discover", "identify", "estimate"]
    assert all(c["ok"] for c in shown["calls"])
    assert "by regression" in ccp("run", "show", "last").out
    assert ccp("doctor").code == 0
    assert ccp(*EFFECT, "--max-steps", "1").code == 7
    assert len(ccp("run", "list", "--json").json["runs"]) == 2


# --- two at once, and twice the same ---------------------------------------------------------------------------


def without_meta(document: str) -> str:
    """A document as scripts compare it."""
    return json.dumps({k: v for k, v in json.loads(document).items() if k != "meta"})


def test_two_processes_on_one_memory_say_the_same(folder: Path, ccp: Ccp) -> None:
    pair = [start(folder, *EFFECT, "--json", environment={"PYTHONHASHSEED": seed}) for seed in ("1", "2")]
    (code, first, told), (other, second, _) = map(finish, pair)
    assert code == other == 0, told
    assert without_meta(first) == without_meta(second)
    assert json.loads(first)["meta"]["run"] != json.loads(second)["meta"]["run"]
    runs = ccp("run", "list", "--json").json["runs"]
    assert [r["status"] for r in runs] == ["done", "done"]


@pytest.mark.parametrize("words", [("discover", "data.csv"), ("ask", "data.csv", "what drives y?")])
def test_the_same_again_in_another_process(words: tuple[str, ...], folder: Path, ccp: Ccp) -> None:
    """The other one runs here, over a warm worker, with another hash seed."""
    again = [*words, "--seed", "5", "--json", "--memory"]
    code, out, err = finish(start(folder, *again, "there.duckdb", environment={"PYTHONHASHSEED": "3"}))
    assert code == 0, err
    assert without_meta(out) == without_meta(ccp(*again, "here.duckdb").out)


# --- Ctrl-C ----------------------------------------------------------------------------------------------------


def test_an_interrupted_run_is_named_and_kept(folder: Path, ccp: Ccp) -> None:
    with (folder / "err").open("wb") as err:
        process = start(folder, *EFFECT[:-2], stderr=err)  # the default method, which takes seconds
        until(reported(folder, "identify"))
        assert children(process.pid)
        told = interrupted(process, group=True, told=folder / "err")
    run = ccp("run", "list", "--json").json["runs"][0]
    assert run["status"] == "interrupted"
    assert f"error: interrupted; run {run['id']} is kept" in told
    assert f"hint:  go on with: ccp run resume {run['id']}" in told


@pytest.mark.parametrize("seconds", [0.3, 1.0])
def test_ctrl_c_while_the_worker_starts(seconds: float, folder: Path) -> None:
    process = start(folder, *EFFECT)
    until(lambda: children(process.pid))
    time.sleep(seconds - 0.3)
    interrupted(process, group=True)


AT_CALL = """
import importlib, runpy, sys
from pathlib import Path
module = importlib.import_module({module!r})
kept = getattr(module, {function!r})
def told(*given, **more):
    Path("reached").touch()
    return kept(*given, **more)
setattr(module, {function!r}, told)
sys.argv = {argv!r}
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize(
    ("module", "function"),
    [("causalcopilot.data.delimited", "_read"), ("causalcopilot.data.opening", "plan_columns")],
)
def test_ctrl_c_while_a_large_table_is_read(module: str, function: str, folder: Path) -> None:
    import duckdb

    columns = ", ".join(f"random() AS c{i}" for i in range(8))
    duckdb.sql(f"COPY (SELECT {columns} FROM range({LARGE})) TO '{folder / 'large.csv'}'")
    argv = [SCRIPT, "estimate", "large.csv", "-t", "c0", "-y", "c1"]
    process = start(folder, code=AT_CALL.format(module=module, function=function, argv=argv))
    until((folder / "reached").exists)
    assert "no run had begun" in interrupted(process)


AT_LOADING = """
import runpy, signal, sys
from importlib.machinery import ExtensionFileLoader
from pathlib import Path
loader, left = ExtensionFileLoader.exec_module.__code__, {calls}
def called(frame, event, given):
    global left
    below = frame.f_back
    while event == "call" and below is not None:
        if below.f_code is loader and below.f_locals["self"].name == "_duckdb":
            if left == 0:
                Path("reached").touch()
                sys.setprofile(None)
                signal.raise_signal(signal.SIGINT)
            left -= 1
            return
        below = below.f_back
sys.setprofile(called)
sys.argv = {argv!r}
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("calls", [1, 40, 300])
def test_ctrl_c_while_duckdb_is_loaded(calls: int, folder: Path) -> None:
    """Where its C code would swallow one, end the process, or make an ``ImportError`` of it."""
    code, _, err = finish(start(folder, code=AT_LOADING.format(calls=calls, argv=[SCRIPT, *EFFECT])))
    assert (folder / "reached").exists(), (
        "DuckDB no longer runs Python while it is loaded: the test does nothing"
    )
    assert code == 130, err
    *steps, error, hint = err.splitlines()
    assert (error, hint) == ("error: interrupted", "hint:  no run had begun, so nothing is kept")
    assert all(step.startswith("  data ") for step in steps), "the table may be read meanwhile"


AT_IMPORT = """
import runpy, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder())
sys.argv = {argv!r}
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("module", ["causalcopilot.cli.app", "click", "causalcopilot.data", "duckdb"])
def test_ctrl_c_during_an_import(module: str, folder: Path) -> None:
    code = AT_IMPORT.format(module=module, argv=[SCRIPT, *EFFECT])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 130
    assert done.stderr.startswith("error: interrupted\n")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


# --- a ceiling -------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ceilings hold on Linux only")
def test_a_ceiling_too_low_for_the_libraries_is_told_as_such(folder: Path) -> None:
    code, out, err = finish(start(folder, *EFFECT, "--max-memory", "120"))
    assert code == 7, err
    assert out == ""
    assert "ceiling of 120 MB" in err
    assert "raise --max-memory" in err


# --- pipes and terminals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [("--help",), ("tools", "list", "--json"), ("estimate", "nowhere.csv", "--json")]
)
def test_a_reader_who_left_hears_nothing(words: tuple[str, ...], folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = start(folder, *words, stdout=writer)
    os.close(writer)
    code, _, err = finish(process)
    assert code == 141
    assert [line for line in err.splitlines() if not line.startswith(("error: no file", "hint: "))] == []


def on_terminal(folder: Path, *words: str, term: str) -> tuple[int, str, str]:
    """Run with standard error on a pseudo-terminal: exit code, standard output, what the terminal was sent."""
    import pty
    import threading

    ours, theirs = pty.openpty()
    kept = {
        k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "CI", "TERM", "COLUMNS")
    }
    process = subprocess.Popen(
        [SCRIPT, *words],
        cwd=folder,
        env={**kept, "TERM": term},
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    seen: list[bytes] = []

    def read() -> None:
        try:
            while chunk := os.read(ours, 4096):
                seen.append(chunk)
        except OSError:
            """Linux tells the end of a pseudo-terminal this way."""

    reader = threading.Thread(target=read)
    reader.start()
    out, _ = process.communicate(timeout=PATIENCE)
    reader.join(PATIENCE)
    os.close(ours)
    return process.returncode, out.decode(), b"".join(seen).decode()


def screen_of(sent: str) -> list[str]:
    """The lines that stand on the screen in the end, for the few controls a live line needs."""
    lines, row = [""], 0
    for token in re.findall(r"\x1b\[[?\d;]*[A-Za-z]|\r\n|\r|[^\x1b\r]+", sent):
        if token == "\r\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif token == "\x1b[1A":
            row -= 1
        elif token == "\x1b[2K":
            lines[row] = ""
        elif token[0] not in "\x1b\r":
            lines[row] += token
    return lines


def test_a_terminal_has_a_live_line_that_leaves_no_trace(folder: Path) -> None:
    code, out, sent = on_terminal(folder, *EFFECT, "--max-steps", "3", term="xterm-256color")
    assert code == 7
    assert "\x1b" not in out
    assert "0:00:0" in sent  # the clock of the live line
    assert sent.count("\x1b[?25l") == sent.count("\x1b[?25h")  # the cursor comes back
    lasting = screen_of(sent)
    assert [line.split()[0] for line in lasting[:4]] == ["data", "profile", "discover", "identify"]
    assert not any("0:00:0" in line for line in lasting)


def test_a_dumb_terminal_gets_plain_lines(folder: Path) -> None:
    code, _, sent = on_terminal(folder, *EFFECT, "--max-steps", "1", term="dumb")
    assert code == 7
    assert "\x1b" not in sent
    assert "profile" in sent
