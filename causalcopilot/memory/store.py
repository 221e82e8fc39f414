"""Reading and writing the memory file in short transactions, and the spool for what cannot be written now."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from causalcopilot.errors import MemoryBusy
from causalcopilot.graph.stored import GraphHead, StoredGraph
from causalcopilot.memory.database import Database, NotWritable
from causalcopilot.memory.spool import Spool

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

SPOOLING_WAIT = 0.2
"""Seconds to wait for the file while we are spooling: the run must go on."""


class Store:
    """What runs and graphs are kept with; remembers the graphs it has seen, for when the file is busy.

    Args:
        path: the file; made at the first write.
        wait: seconds to wait for another program to leave the file.
    """

    def __init__(self, path: Path | str, wait: float = 10.0) -> None:
        self.path = Path(path).expanduser()
        self._database = Database(self.path, wait)
        self._spool = Spool(self.path)
        self._tag = secrets.token_hex(3)
        self._known: dict[str, StoredGraph] = {}
        self._heads: list[GraphHead] = []

    @property
    def spooling(self) -> bool:
        """Whether something of ours still waits beside the database."""
        return self._spool.own is not None

    def hurry(self) -> None:
        """Wait no longer for other programs: the user wants to leave, and the spool keeps what is left to write."""
        self._database.wait = min(self._database.wait, SPOOLING_WAIT)

    def _write(self, operation: dict[str, Any]) -> None:
        """Do one operation of a run now, or put it aside."""
        from causalcopilot.memory.operations import apply

        try:
            self._transact(lambda connection: apply(connection, operation))
        except (MemoryBusy, NotWritable) as error:
            self._put_aside(operation, error)

    def _change(self, work: Callable[[DuckDBPyConnection], T], empty: Callable[[], Any]) -> T:
        """Change what is in force, in one transaction; where there is no file yet, what ``empty`` raises."""
        if not self._database.exists() and not self._spool.files():
            empty()
        changed = self._transact(work)
        self._known.clear()
        return changed

    def _transact(self, work: Callable[[DuckDBPyConnection], T]) -> T:
        """Run ``work`` in one transaction, after whatever waits in spool files."""
        with self._database.write(self._wait, self._take_in) as connection:
            result = work(connection)
        self._spool.tidy()
        return result

    def _read(self, query: Callable[[DuckDBPyConnection], T], empty: Callable[[], T]) -> T:
        """Run ``query``; where there is no file yet, what ``empty`` says."""
        if self._spool.files():
            try:
                return self._transact(query)
            except NotWritable:
                pass
        if not self._database.exists():
            return empty()
        with self._database.read(self._wait) as connection:
            return query(connection)

    @property
    def _wait(self) -> float:
        wait = self._database.wait
        return min(wait, SPOOLING_WAIT) if self.spooling else wait

    def _take_in(self, connection: DuckDBPyConnection) -> None:
        from causalcopilot.memory.operations import apply

        self._spool.take_in(connection, apply)

    def _put_aside(self, operation: dict[str, Any], error: MemoryBusy | NotWritable) -> None:
        """Spool an operation; where even that fails, tell why the memory itself failed."""
        try:
            self._spool.append(operation)
        except OSError:
            raise error from None

    def _private_ids(self, names: Sequence[str]) -> tuple[str, ...]:
        """Ids under names that only this object gives, for graphs whose next version nobody can look up."""
        ids: list[str] = []
        for name in names:
            own = f"{name[:50]}-{self._tag}"
            taken = sum(i.rpartition("@")[0] == own for i in (*self._known, *ids))
            ids.append(f"{own}@{taken + 1}")
        return tuple(ids)

    def _remember(self, made: Sequence[StoredGraph]) -> None:
        self._known.update((g.id, g) for g in made)


def raiser(error: Exception) -> Callable[[], Any]:
    """What a reading is to do where there is no file yet: raise ``error``."""

    def empty() -> Any:
        raise error

    return empty


def stamp() -> str:
    """The time in UTC, ISO 8601 to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
