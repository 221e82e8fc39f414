"""One DuckDB file that several processes share by never holding it: open, one transaction, close.

DuckDB lets one process at a time have a file open, and refuses the others at once; so whoever is refused tries
again with a growing, jittered pause.
"""

from __future__ import annotations

import contextlib
import glob
import os
import random
import re
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from causalcopilot.errors import MemoryBusy, MemoryUnreadable
from causalcopilot.interrupts import interruptible
from causalcopilot.memory.migrations import migrate

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FIRST_PAUSE, LAST_PAUSE = 0.005, 0.1
"""Seconds between two tries: grows by 1.6 each time, half to one and a half of it at random."""
ABANDONED = 60.0
"""Seconds after which the draft of a file belongs to nobody; making one takes a fraction of a second."""
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "storage_compatibility_version": "v1.2.0",  # DuckDB 1.2 and later can read the file
    "default_block_size": 16_384,  # many small tables: a fifth of the file that the default gives
    "autoinstall_known_extensions": False,
}


class NotWritable(MemoryUnreadable):
    """The file or its folder cannot be written."""


class Database:
    """The file behind the memory.

    Args:
        path: the file; made with its folder at the first write.
        wait: seconds to wait for another process to leave.
    """

    def __init__(self, path: Path, wait: float) -> None:
        self.path, self.wait = path, wait

    def exists(self) -> bool:
        """Whether there is anything to read."""
        with contextlib.suppress(OSError):
            return self.path.stat().st_size > 0
        return False

    @contextlib.contextmanager
    def write(
        self, wait: float | None = None, prepare: Callable[[DuckDBPyConnection], None] | None = None
    ) -> Iterator[DuckDBPyConnection]:
        """One transaction; ``prepare`` runs first and is committed with it, or not at all.

        Raises:
            MemoryBusy: another program holds the file.
            MemoryUnreadable: the file is damaged, from a newer ccp, or cannot be written.
        """
        if not self.exists():
            self._create()
        connection = self._open(self.wait if wait is None else wait, read_only=False)
        with _explained(self.path), contextlib.closing(connection):
            migrate(connection, self.path)
            connection.execute("begin")
            if prepare:
                prepare(connection)
            yield connection
            connection.execute("commit")

    @contextlib.contextmanager
    def read(self, wait: float | None = None) -> Iterator[DuckDBPyConnection]:
        """Read an existing file, also one we may not write."""
        wait = self.wait if wait is None else wait
        try:
            connection = self._open(wait, read_only=False)
        except NotWritable:
            connection = self._open(wait, read_only=True)
            with _explained(self.path), contextlib.closing(connection):
                yield connection
            return
        with _explained(self.path), contextlib.closing(connection):
            migrate(connection, self.path)
            yield connection

    def _open(self, wait: float, read_only: bool) -> DuckDBPyConnection:
        import duckdb

        end, pause = time.monotonic() + wait, FIRST_PAUSE
        while True:
            try:
                with interruptible():
                    return duckdb.connect(str(self.path), read_only=read_only, config=CONFIG)
            except duckdb.Error as error:
                text = str(error)
                if not _in_use(text):
                    raise _unreadable(self.path, text) from None
                if time.monotonic() >= end:
                    raise _busy(self.path, text, wait) from None
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 1.6, LAST_PAUSE)

    def _create(self) -> None:
        """Make the file under another name first, so that nobody ever meets a half-made one."""
        import duckdb

        draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._sweep()
            with interruptible(), contextlib.closing(duckdb.connect(str(draft), config=CONFIG)) as connection:
                migrate(connection, draft)
            _put(draft, self.path)
        except (OSError, duckdb.IOException) as error:
            raise _unreadable(self.path, str(error)) from None
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove drafts that a killed process left."""
        for left in self.path.parent.glob(f".{glob.escape(self.path.name)}.*.new"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > ABANDONED:
                    left.unlink()


def _put(draft: Path, path: Path) -> None:
    """Give the draft its name unless somebody else was first; an empty file is as good as none."""
    if path.is_file() and path.stat().st_size == 0:
        os.replace(draft, path)
        return
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError:  # no hard links here
        if not path.exists():
            os.rename(draft, path)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Tell damage found while reading or writing as what it is; our own mistakes stay as they are."""
    import duckdb

    try:
        with interruptible():
            yield
    except (duckdb.IOException, duckdb.FatalException, duckdb.SerializationException) as error:
        raise _unreadable(path, str(error)) from error
    except duckdb.Error as error:
        if type(error) is duckdb.Error or isinstance(error, duckdb.InternalException):
            raise _unreadable(path, str(error)) from error
        raise


def _in_use(text: str) -> bool:
    signs = ("could not set lock", "used by another process", "different configuration")
    return any(s in text.lower() for s in signs)


def _busy(path: Path, text: str, wait: float) -> MemoryBusy:
    found = re.search(r"\(PID (\d+)\)", text)
    who = f"another program (PID {found[1]})" if found else "another program"
    return MemoryBusy(
        f"the memory {path} is in use by {who}; waited {wait:g} s",
        "let it finish or end it, or use another file with --memory PATH",
    )


def _unreadable(path: Path, text: str) -> MemoryUnreadable:
    first = text.splitlines()[0] if text else "unknown error"
    denied = ("permission denied", "read-only file system", "access is denied", "read-only mode")
    if any(s in first.lower() for s in denied):
        return NotWritable(f"the memory {path} cannot be written", "use another file with --memory PATH")
    return MemoryUnreadable(
        f"the memory {path} cannot be read: {first}",
        "move the file away to begin a new one, or use another with --memory PATH",
    )
