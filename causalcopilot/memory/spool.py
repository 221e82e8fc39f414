"""What could not be written now: a JSON-lines file beside the database, taken in by the next ccp that can.

Only the process that made a spool file appends to it, and only whole lines count, so a line is either stored or
was never acknowledged.  The database remembers how many lines of which file it holds; thus nothing is taken in
twice, whoever takes it in and however that ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.memory.ids import new_run_id

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SILENCE = 60.0
"""Seconds of silence after which another process's spool file, fully taken in, is deleted."""


class Spool:
    """The spool files beside one database, one of which may be ours."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.own: Path | None = None

    def append(self, operation: Mapping[str, Any]) -> None:
        """Acknowledge an operation by having it on disk; ``OSError`` where even that is impossible."""
        line = json.dumps(operation, ensure_ascii=True).encode() + b"\n"
        try:
            while self.own is None or not _append(self.own, line):
                self.own = self.database.with_name(f"{self.database.name}.spool-{new_run_id()[1:]}.jsonl")
                self.own.touch()
        except OSError:
            self.own = None  # it may end in half a line; nothing goes behind that
            raise

    def files(self) -> list[Path]:
        """All spool files of the database, oldest first."""
        start, end = f"{self.database.name}.spool-", ".jsonl"
        try:
            names = [n for n in os.listdir(self.database.parent) if n.startswith(start) and n.endswith(end)]
        except OSError:
            return []
        return [self.database.parent / n for n in sorted(names)]

    def take_in(
        self,
        connection: DuckDBPyConnection,
        apply: Callable[[DuckDBPyConnection, Mapping[str, Any]], None],
    ) -> None:
        """Apply what is not yet in the database, within the caller's transaction."""
        for file in self.files():
            lines = whole_lines(file)
            row = connection.execute("select lines from spooled where file = ?", [file.name]).fetchone()
            done = row[0] if row else 0
            for line in lines[done:]:
                operation = _parsed(line)
                if operation is None:
                    _reject(file, line)
                else:
                    apply(connection, operation)
            if len(lines) > done:
                connection.execute("insert or replace into spooled values (?, ?)", [file.name, len(lines)])

    def waiting(self, connection: DuckDBPyConnection) -> int:
        """Lines that are not yet in the database."""
        rows = connection.execute("select file, lines from spooled").fetchall()
        done: dict[str, int] = dict(rows)
        return sum(max(0, len(whole_lines(f)) - done.get(f.name, 0)) for f in self.files())

    def tidy(self) -> None:
        """After a commit that took everything in: delete our file, and others' that fell silent."""
        for file in self.files():
            with contextlib.suppress(OSError):
                if file == self.own or time.time() - file.stat().st_mtime > SILENCE:
                    file.unlink()
        self.own = None


def _append(file: Path, line: bytes) -> bool:
    """Append to a file that is there; false if another ccp took it in and deleted it meanwhile."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_APPEND)
    except FileNotFoundError:
        return False
    try:
        if os.write(handle, line) < len(line):
            raise OSError(f"no room for a line in {file}")
        os.fsync(handle)
        return os.name != "posix" or os.fstat(handle).st_nlink > 0
    finally:
        os.close(handle)


def whole_lines(file: Path) -> list[bytes]:
    """Lines that were written to their end; the rest of a killed write is none."""
    try:
        return file.read_bytes().split(b"\n")[:-1]
    except OSError:
        return []


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        operation = json.loads(line)
    except ValueError:
        return None
    return operation if isinstance(operation, dict) and "op" in operation else None


def _reject(file: Path, line: bytes) -> None:
    """Keep a line nobody understands out of the way rather than lose it or stop at it."""
    with contextlib.suppress(OSError), open(file.with_suffix(".rejected"), "ab") as rejected:
        rejected.write(line + b"\n")
