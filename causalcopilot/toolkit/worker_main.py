"""The child process in which tools run; started by ``worker.Worker``, not by hand.

It answers one call after another.  While it has nothing to do it imports what most tools need, one module
at a time, so that a call never waits for more than the module just being imported.  Everything a tool prints
goes to standard error, which the parent captures; the parent's standard output cannot be reached from here.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import pickle
import queue
import signal
import sys
import threading
import traceback
import warnings
from functools import partial
from typing import IO, Any

from causalcopilot.errors import CcpError, ToolFailed, ToolOutOfMemory
from causalcopilot.toolkit import pause
from causalcopilot.toolkit.frames import read_frame, write_frame

WARM = (
    "numpy",
    "duckdb",
    "pandas",
    "scipy.stats",
    "sklearn.linear_model",
    "sklearn.preprocessing",
    "numba",
)
"""Imported ahead of need.  econml, dowhy and causal-learn cost seconds: their tools import them."""

CRAMPED = 64 << 20
"""Bytes of address space; the largest library a tool loads (OpenBLAS, DuckDB) maps about as many at once."""


def main() -> None:
    """Serve calls until the parent goes away."""
    config = json.loads(sys.argv[1])
    requests, answers = _claim_pipes()
    _settle(config)
    inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, inbox), daemon=True).start()
    if config["memory_mb"]:  # not before: a thread that finds no room to start is waited for without end
        _limit_memory(config["memory_mb"])
    _serve(inbox, answers, list(config["warm"]), config["memory_mb"])


def _claim_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Move the parent's pipes out of reach of a tool's ``print`` and ``input``."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    return requests, answers


def _settle(config: dict[str, Any]) -> None:
    """Signals, guards and search path, before anything heavy is imported."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    warnings.simplefilter("ignore", FutureWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    sys.path[:0] = config["path"]
    if config["tied"]:
        _die_with_parent(config["parent"])
    sys.addaudithook(_no_network)


def _die_with_parent(parent: int) -> None:
    """On Linux the kernel ends this process with its parent, even inside C code that never lets go."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(0)


def _limit_memory(megabytes: int) -> None:
    """A ceiling on the address space; Linux only, other systems ignore or misread it."""
    if not sys.platform.startswith("linux"):
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = megabytes << 20
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _no_network(event: str, args: tuple[Any, ...]) -> None:
    """Audit hook: a tool may talk to its own helpers through local sockets, and to nobody else."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        import socket

        if getattr(args[0], "family", None) == getattr(socket, "AF_UNIX", -1):
            return
    elif event not in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        return
    raise PermissionError("a tool may not use the network")


def _listen(requests: IO[bytes], inbox: queue.SimpleQueue[bytes]) -> None:
    """Take requests off the pipe at once; when the parent is gone or nothing can be read, so is this process."""
    try:
        while (frame := read_frame(requests)) is not None:
            inbox.put(frame)
    finally:
        os._exit(0)


def _serve(inbox: queue.SimpleQueue[bytes], answers: IO[bytes], warm: list[str], memory_mb: int) -> None:
    """Answer calls; import ahead while there is none."""
    while True:
        try:
            frame = inbox.get(block=not warm)
        except queue.Empty:
            _warm_up(warm.pop(0))
            continue
        number, tool, request = pickle.loads(frame)
        write_frame(answers, pickle.dumps(("begun", number, b"")))
        pause.listen(partial(_tell_pause, answers, number))
        answer = _answer(number, tool, request, memory_mb)
        pause.listen(None)
        write_frame(answers, pickle.dumps(answer))


def _tell_pause(answers: IO[bytes], number: int, begins: bool) -> None:
    write_frame(answers, pickle.dumps(("paused" if begins else "resumed", number, b"")))


def _warm_up(module: str) -> None:
    """Import one module ahead of need.

    A module that cannot be imported, for whatever reason of its own, must not end the worker: it is told on
    standard error here, and the tool that needs it meets the same error and answers with it.
    """
    try:
        importlib.import_module(module)
    except Exception:  # any code may run in an import
        traceback.print_exc()


def _answer(number: int, tool: str, request: bytes, memory_mb: int) -> tuple[str, int, bytes]:
    """Run one call; whatever happens becomes a picklable answer."""
    try:
        return "ok", number, pickle.dumps(_run(request))
    except MemoryError:
        error: CcpError = _out_of_memory(tool, memory_mb)
    except CcpError as raised:
        error = raised
    except BaseException as raised:
        error = _out_of_memory(tool, memory_mb) if _cramped(memory_mb) else _failed(tool, raised)
    sys.stdout.flush()
    return "error", number, _pickled(tool, error)


def _run(request: bytes) -> object:
    from causalcopilot.toolkit.result import Result
    from causalcopilot.toolkit.serial import plain

    target, context, arguments = pickle.loads(request)
    module, _, attribute = target.partition(":")
    result = getattr(importlib.import_module(module), attribute)(context, **arguments)
    if not isinstance(result, Result):
        raise TypeError(f"returned {type(result).__name__}, not a Result")
    return plain(result)


def _out_of_memory(tool: str, memory_mb: int) -> ToolOutOfMemory:
    ceiling = f"its ceiling of {memory_mb} MB" if memory_mb else "this machine has"
    return ToolOutOfMemory(
        f"{tool} needed more memory than {ceiling}", "raise --max-memory, or use fewer rows or columns"
    )


def _cramped(memory_mb: int) -> bool:
    """Whether the ceiling is so near that it explains any failure: libraries that find no room to load or
    to compile their parts say so in many ways, seldom as a ``MemoryError``."""
    if not memory_mb or not sys.platform.startswith("linux"):
        return False
    with open("/proc/self/statm") as f:
        used = int(f.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return (memory_mb << 20) - used < CRAMPED


def _failed(tool: str, raised: BaseException) -> ToolFailed:
    text = f"{type(raised).__name__}: {raised}".splitlines()[0]
    return ToolFailed(
        f"{tool} failed: {text}",
        "this is a bug in the tool; run again with -v for the details",
        "".join(traceback.format_exception(raised)),
    )


def _pickled(tool: str, error: CcpError) -> bytes:
    """The error as bytes that surely can be read again; one that cannot goes as a ``ToolFailed`` that quotes it."""
    try:
        body = pickle.dumps(error)
        pickle.loads(body)
    except Exception:  # a plugin's own error class may raise anything while it is packed or unpacked
        return pickle.dumps(_failed(tool, error))
    return body


if __name__ == "__main__":
    main()
