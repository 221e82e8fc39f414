"""One warm process of our own in which tools run: a deadline, a memory ceiling, and a Ctrl-C that works.

A child that is late, dead or no longer wanted is killed with everything it started; the next call starts a
new one.  It is a plain subprocess, not ``multiprocessing``: a user's script needs no ``__main__`` guard.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from causalcopilot.errors import CcpError, ToolCrashed, ToolFailed, ToolOutOfMemory, ToolTimeout
from causalcopilot.toolkit.frames import read_frame, write_frame
from causalcopilot.toolkit.result import Result
from causalcopilot.toolkit.worker_main import WARM

START_ALLOWANCE = 120.0
"""Seconds a new child may take until it begins a call; not counted against the tool's deadline."""
PAUSE_ALLOWANCE = 300.0
"""Seconds that one pause (compiling a kernel, once per machine) may take; not counted either."""
PAUSED = (
    "compiling a part of ccp for this machine, once: up to half a minute, not counted against the time limit"
)
POLL = 0.1
"""Seconds between looks at the clock; also bounds how long Ctrl-C waits where signals do not wake a lock."""
TRACE_LIMIT = 20_000
"""Characters of a tool's output that are kept."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Worker:
    """Runs tools, one call at a time.

    Args:
        memory_mb: ceiling on the child's address space in MB (Linux only); 0 for none.
        extra_path: folders put in front of the child's module search path.
        warm: modules the child imports ahead of need.

    Attributes:
        notice: called with a line for the user when a call has to wait for something that happens once per machine.
        trace: what the last call printed.
    """

    def __init__(
        self, memory_mb: int = 0, *, extra_path: Sequence[str | Path] = (), warm: Sequence[str] = WARM
    ) -> None:
        self.memory_mb = memory_mb
        self.extra_path = tuple(str(p) for p in extra_path)
        self.warm = tuple(warm)
        self.trace = ""
        self.notice: Callable[[str], None] | None = None
        self._child: _Child | None = None
        self._number = 0

    @property
    def pid(self) -> int | None:
        """Process id of the living child, or ``None``."""
        return self._child.process.pid if self._alive() and self._child else None

    def start(self) -> None:
        """Start the child unless it lives, and return at once; it imports in the background."""
        if not self._alive():
            self.close()
            self._child = _Child({"memory_mb": self.memory_mb, "path": self.extra_path, "warm": self.warm})

    def call(
        self, target: str, context: object, kwargs: Mapping[str, Any], deadline: float = 300.0
    ) -> Result:
        """Run one tool and return its result.

        Args:
            target: ``module:attribute`` of a ``Tool`` or of a function ``(context, **kwargs) -> Result``.
            context: first argument.
            kwargs: the other arguments.
            deadline: seconds from the moment the tool begins.

        Raises:
            ToolTimeout: past the deadline; the child is gone.
            ToolOutOfMemory: the ceiling was reached; the child lives on.
            ToolCrashed: the tool ended its process.
            ToolFailed: the tool raised something it did not mean to; ``trace`` holds traceback and output.
            CcpError: whatever error of ours the tool raised, as itself.
            KeyboardInterrupt: Ctrl-C; the child is gone.
        """
        self.start()
        child, tool = self._child, target.rpartition(":")[2]
        assert child is not None
        self._number += 1
        body = pickle.dumps((self._number, tool, pickle.dumps((target, context, dict(kwargs)))))
        child.forget_output()
        try:
            child.send(body)
            kind, answer = self._wait(child, tool, deadline)
        except BaseException as error:
            self.close()
            self.trace = child.last_output
            if self.trace and isinstance(error, ToolCrashed | ToolTimeout):
                error.add_note(self.trace)
            raise
        self.trace = child.output()
        return self._opened(tool, kind, answer)

    def close(self) -> None:
        """End the child and all it started."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def __enter__(self) -> Worker:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _alive(self) -> bool:
        return self._child is not None and self._child.process.poll() is None

    def _wait(self, child: _Child, tool: str, deadline: float) -> tuple[str, bytes]:
        """The answer to the current call: its kind and content."""
        end, begun = time.monotonic() + START_ALLOWANCE, False
        paused: float | None = None
        told = False
        while True:
            left = (end if paused is None else paused + PAUSE_ALLOWANCE) - time.monotonic()
            if left <= 0:
                raise _late(tool, deadline, begun)
            try:
                frame = child.inbox.get(timeout=min(left, POLL))
            except queue.Empty:
                continue
            if frame is None:
                raise _crashed(tool, child.process.wait(), begun, self.memory_mb)
            kind, number, body = pickle.loads(frame)
            if number != self._number:
                continue
            if kind == "begun":
                end, begun = time.monotonic() + deadline, True
            elif kind == "paused":
                paused = time.monotonic()
                if self.notice is not None and not told:
                    self.notice(PAUSED)
                told = True
            elif kind == "resumed":
                end, paused = end + time.monotonic() - (paused or time.monotonic()), None
            else:
                return kind, body

    def _opened(self, tool: str, kind: str, answer: bytes) -> Result:
        """The result, or raise the error, that the child sent."""
        try:
            content = pickle.loads(answer)
        except Exception as error:
            raise ToolFailed(f"{tool} returned something that cannot be read: {error}") from error
        if kind == "ok":
            assert isinstance(content, Result)
            return content
        assert isinstance(content, CcpError)
        if isinstance(content, ToolFailed) and self.trace:
            content.trace += f"\noutput of the tool:\n{self.trace}"
        raise content


class _Child:
    """One child process, its pipes, and a thread that takes its answers off the pipe."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._log, self._reader = _capture()
        # The kernel's tie holds to the thread that started the child, so only the main thread may make it.
        tied = threading.current_thread() is threading.main_thread()
        text = json.dumps({**config, "tied": tied, "parent": os.getpid()})
        # -P: the user's working folder may hold a random.py or numpy.py that is none of ours
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "causalcopilot.toolkit.worker_main", text],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=_environment(),
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self.inbox: queue.Queue[bytes | None] = queue.Queue()
        self.last_output = ""
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, body: bytes) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # told as a crash by the other pipe
            write_frame(self.process.stdin, body)

    def output(self) -> str:
        """What the child printed since ``forget_output``, its end if it is long."""
        text = self._reader.read().decode(errors="replace").strip()
        return text if len(text) <= TRACE_LIMIT else f"…{text[-TRACE_LIMIT:]}"

    def forget_output(self) -> None:
        if os.name == "posix":
            self._log.truncate(0)
        self._reader.seek(0, os.SEEK_END)

    def kill(self) -> None:
        """End the process group and wait for it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()
        self.last_output = self.output()
        for pipe in (self.process.stdin, self._log, self._reader):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def _listen(self) -> None:
        pipe = self.process.stdout
        assert pipe is not None
        with pipe:
            while (frame := read_frame(pipe)) is not None:
                self.inbox.put(frame)
        self.inbox.put(None)


def _capture() -> tuple[IO[bytes], IO[bytes]]:
    """A nameless file for the child's output: one end to append, one to read."""
    handle, name = tempfile.mkstemp(prefix="ccp-worker-")
    os.close(handle)
    ends = open(name, "ab"), open(name, "rb")  # noqa: SIM115  both live as long as the child
    with contextlib.suppress(OSError):  # Windows keeps the name of an open file
        os.unlink(name)
    return ends


def _environment() -> dict[str, str]:
    """One thread per tool unless the user chose otherwise, and the same hashes each time."""
    environment = dict(os.environ)
    for name in _THREADS:
        environment.setdefault(name, "1")
    return {**environment, "LOKY_MAX_CPU_COUNT": "1", "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}


def _late(tool: str, deadline: float, begun: bool) -> ToolTimeout:
    if not begun:
        return ToolTimeout(f"the worker process did not get ready within {START_ALLOWANCE:g} s")
    hint = "raise --timeout, or use fewer rows or columns"
    return ToolTimeout(f"{tool} took more than {deadline:g} s", hint)


def _crashed(tool: str, code: int, begun: bool, memory_mb: int) -> CcpError:
    if memory_mb and not begun:
        return ToolOutOfMemory(
            f"the worker process for {tool} did not fit under its ceiling of {memory_mb} MB",
            "raise --max-memory",
        )
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    hint = "run again with -v for the details"
    if memory_mb or -code == getattr(signal, "SIGKILL", 0):
        hint = "memory may have run out: raise --max-memory, or use fewer rows or columns"
    who = tool if begun else f"the worker process for {tool}"
    return ToolCrashed(f"{who} ended unexpectedly ({how})", hint)
