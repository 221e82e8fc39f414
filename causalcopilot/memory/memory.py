"""The memory: runs and named graphs in one DuckDB file that several ccp processes may share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from causalcopilot.memory.graph_store import GraphStore
from causalcopilot.memory.run_store import RunStore

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class MemoryFacts:
    """What ``ccp doctor`` says of the memory.

    Attributes:
        path: the file.
        exists: whether it was ever written.
        schema: number of its last migration, 0 where it does not exist.
        graphs, runs: how many it holds.
        bytes: size on disk.
        writable: whether this user may write it.
        spooled: spooled writes that could not be taken in yet.
    """

    path: str
    exists: bool
    schema: int
    graphs: int
    runs: int
    bytes: int
    writable: bool
    spooled: int


class Memory(RunStore, GraphStore):
    """The memory file.  Every method is one short transaction; nothing is held open between them.

    What belongs to a run is never lost: where it cannot be written (the file is busy for ``wait`` seconds, or
    became read-only) it goes to a spool file beside the database, and from there into it as soon as any ccp can
    write.  A graph spooled meanwhile gets a name nobody else uses, so that its id holds for good.

    Args:
        path: the file; made at the first write.
        wait: seconds to wait for another program to leave the file.

    Every method may raise ``MemoryBusy`` (not those that spool) and ``MemoryUnreadable``.
    """

    def doctor(self) -> MemoryFacts:
        """How the memory is; makes no file."""
        exists = self._database.exists()
        schema, graph_count, run_count, spooled = self._read(self._counts, lambda: (0, 0, 0, 0))
        size = sum(p.stat().st_size for p in (self.path, _log_of(self.path)) if p.exists())
        return MemoryFacts(
            str(self.path),
            exists,
            schema,
            graph_count,
            run_count,
            size,
            _writable(self.path),
            spooled,
        )

    def _counts(self, connection: DuckDBPyConnection) -> tuple[int, int, int, int]:
        row = connection.execute(
            """select (select coalesce(max(version), 0) from schema_version),
                (select count(*) from graph where removed is null), (select count(*) from run)"""
        ).fetchone()
        assert row is not None
        return row[0], row[1], row[2], self._spool.waiting(connection)

    def inconsistencies(self) -> list[str]:
        """What in the memory refers to something that is not there, one sentence each; empty where all is well."""
        from causalcopilot.memory.consistency import inconsistencies

        return self._read(inconsistencies, list)


def _writable(path: Path) -> bool:
    """Whether the file, or the nearest folder there is, lets this user write."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return os.access(path, os.W_OK)


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")
