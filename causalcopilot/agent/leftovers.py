"""What a killed process leaves behind: runs that still call themselves running, and scratch folders."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causalcopilot.memory.memory import Memory

_SCRATCH = re.compile(r"ccp-(\d+)-\w+")


def process() -> dict[str, Any]:
    """What a run stores of the process that drives it, so that others can see whether it still lives."""
    return {"pid": os.getpid(), "host": platform.node(), "born": _born(os.getpid())}


def scratch_folder() -> Path:
    """A new scratch folder that names its process; those of processes that are gone are removed."""
    sweep()
    return Path(tempfile.mkdtemp(prefix=f"ccp-{os.getpid()}-"))


def sweep() -> list[Path]:
    """Remove the scratch folders of processes that are gone; what was removed."""
    gone = []
    for folder in Path(tempfile.gettempdir()).glob("ccp-*-*"):
        named = _SCRATCH.fullmatch(folder.name)
        if named is None or folder.is_symlink() or not _ours(folder) or _lives(int(named[1])):
            continue
        shutil.rmtree(folder, ignore_errors=True)
        gone.append(folder)
    return gone


def mark_interrupted(memory: Memory) -> list[str]:
    """Mark the runs of processes that are gone as interrupted; their ids.

    A run of another machine, or from before processes were stored, stays as it is.
    """
    stale = [run.id for run in memory.unfinished() if _gone(run.settings.get("process"))]
    for run in stale:
        memory.finish_run(run, "interrupted")
    return stale


def _gone(stored: Any) -> bool:
    if not isinstance(stored, Mapping) or stored.get("host") != platform.node():
        return False
    pid = int(stored["pid"])
    return not _lives(pid) or _born(pid) != stored.get("born")


def _lives(pid: int) -> bool:
    """Whether a process runs; where the system cannot be asked safely, yes."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _born(pid: int) -> str:
    """When a process began, in the system's own count, since numbers are used again; empty where unknown."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return told.rpartition(")")[2].split()[19]


def _ours(folder: Path) -> bool:
    try:
        return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
    except OSError:
        return False
