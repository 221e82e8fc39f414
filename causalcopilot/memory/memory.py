"""The memory: runs and named graphs in one DuckDB file that several ccp processes may share."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from causalcopilot.domain.facts import Fact
from causalcopilot.domain.run import CallRecord, RunRecord, RunStatus
from causalcopilot.errors import MemoryBusy, UsageError
from causalcopilot.graph.stored import GraphHead, StoredGraph
from causalcopilot.memory import graphs, runs, undoing
from causalcopilot.memory.database import Database, NotWritable
from causalcopilot.memory.spool import Spool
from causalcopilot.toolkit.result import NewGraph

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")
Complete = Callable[[tuple[str, ...]], tuple[CallRecord, Mapping[str, Any] | None]]
"""From the ids of a call's new graphs to its record and (or ``None`` for the memory's own) its tool message."""

SPOOLING_WAIT = 0.2
"""Seconds to wait for the file while we are spooling: the run must go on."""


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


class Memory:
    """The memory file.  Every method is one short transaction; nothing is held open between them.

    What belongs to a run is never lost: where it cannot be written (the file is busy for ``wait`` seconds, or
    became read-only) it goes to a spool file beside the database, and from there into it as soon as any ccp can
    write.  A graph spooled meanwhile gets a name nobody else uses, so that its id holds for good.

    Args:
        path: the file; made at the first write.
        wait: seconds to wait for another program to leave the file.

    Every method may raise ``MemoryBusy`` (not those that spool) and ``MemoryUnreadable``.
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

    # --- runs

    def start_run(self, run: RunRecord) -> None:
        """Store a new run; ``UsageError`` if its id is taken."""
        from causalcopilot.memory.operations import insert_run

        def work(connection: DuckDBPyConnection) -> None:
            if runs.has_run(connection, run.id):
                raise UsageError(f"run {run.id} is stored already", "go on with it: ccp run resume")
            insert_run(connection, run, _now())

        self._transact(work)

    def resume_run(self, run: str, settings: Mapping[str, Any] | None = None) -> RunRecord:
        """Mark a run (by id, prefix or ``last``) as running again, with ``settings`` that are new; the run."""

        def work(connection: DuckDBPyConnection) -> RunRecord:
            record = runs.read_run(connection, run)
            kept = {**record.settings, **(settings or {})}
            connection.execute(
                "update run set status = 'running', ended = '', settings = ? where id = ?",
                [runs.dumps(kept), record.id],
            )
            return replace(record, status="running", ended="", settings=kept)

        return self._transact(work)

    def add_message(self, run: str, seq: int | None, role: str, body: Mapping[str, Any]) -> None:
        """Store one message of the conversation; ``seq=None`` makes it the next one."""
        self._write(
            {"op": "message", "run": run, "seq": seq, "role": role, "body": dict(body), "made": _now()}
        )

    def save_call(
        self,
        run: str,
        seq: int | None,
        call: CallRecord | Complete,
        graphs: Sequence[NewGraph] = (),
        facts: Sequence[Fact] = (),
        message: Mapping[str, Any] | None = None,
    ) -> tuple[str, ...]:
        """Store one finished call with its graphs, facts and tool message, all or nothing.

        Args:
            run: id of the run.
            seq: place of the tool message in the conversation; ``None`` for the next.
            call: the record, or a function that makes it (and the message) once the graphs have ids.
            graphs: graphs to remember as new versions of their names.
            facts: facts to store beside those in the call's result.
            message: body of the tool message; by default role, call, tool, ok and content.

        Returns:
            ``name@version`` of each graph.
        """
        from causalcopilot.memory.operations import apply, call_operation, stored_graph

        now = _now()
        names = [_graph_name(g) for g in graphs]

        def operation(ids: tuple[str, ...], dataset: str) -> dict[str, Any]:
            record, body = (
                call(ids) if callable(call) else (replace(call, graphs=ids or call.graphs), message)
            )
            made = [
                stored_graph(g, i, dataset, run, record.id, now) for g, i in zip(graphs, ids, strict=True)
            ]
            self._remember(made)
            done = call_operation(run, seq, record, body, made, now)
            return _with_facts(done, facts)

        def work(connection: DuckDBPyConnection) -> tuple[str, ...]:
            ids = _new_ids(connection, names)
            apply(connection, operation(ids, runs.dataset_of(connection, run)))
            return ids

        try:
            return self._transact(work)
        except (MemoryBusy, NotWritable) as error:
            ids = self._private_ids(names)
            self._put_aside(operation(ids, ""), error)
            return ids

    def add_calls(self, run: str, calls: Sequence[CallRecord]) -> None:
        """Store calls of earlier runs with a run that cites them; their graphs and messages stay where they are."""
        from causalcopilot.memory.operations import cite_operation

        if calls:
            self._write(cite_operation(run, calls, _now()))

    def finish_run(
        self,
        run: str,
        status: RunStatus,
        verdict: str = "",
        narrative: str = "",
        author: str = "",
        tokens: int = 0,
    ) -> None:
        """Close a run with what came of it."""
        values = [status, verdict, runs.text(narrative), author, tokens]
        self._write({"op": "finish", "run": run, "values": values, "made": _now()})

    def run(self, prefix: str) -> RunRecord:
        """A run with its calls by id, unique prefix or ``last``; ``RunNotFound`` otherwise."""
        return self._read(lambda connection: runs.read_run(connection, prefix), _no_run(prefix))

    def runs(self, limit: int = 20) -> list[RunRecord]:
        """The newest runs without their calls, newest first."""
        return self._read(lambda connection: runs.read_runs(connection, limit), list)

    def unfinished(self) -> list[RunRecord]:
        """Runs that call themselves running, without their calls, newest first."""
        return self._read(runs.read_unfinished, list)

    def undo_run(self, run: str) -> tuple[str, tuple[str, ...]]:
        """Take back a run with the graph versions it saved, all or nothing; its id and theirs.

        Nothing is deleted: ``restore_run`` brings both back, and version numbers are never used again.
        """
        return self._change(lambda c: undoing.undo_run(c, run, _now()), _no_run(run))

    def restore_run(self, run: str) -> tuple[str, tuple[str, ...]]:
        """Bring a run that was taken back into force again; its id and those of its graphs."""
        return self._change(lambda c: undoing.restore_run(c, run), _no_run(run))

    def messages(self, run: str) -> list[dict[str, Any]]:
        """Bodies of a run's messages in order; with these the run can go on."""
        return self._read(lambda connection: runs.read_messages(connection, run), list)

    def add_artifact(self, run: str, kind: str, path: Path | str) -> None:
        """Note a file the run made, with its hash and size as it is now."""
        file = Path(path)
        content = file.read_bytes() if file.is_file() else b""
        operation = {"op": "artifact", "run": run, "kind": kind, "path": str(path), "bytes": len(content)}
        self._write({**operation, "sha256": hashlib.sha256(content).hexdigest(), "made": _now()})

    def artifacts(self, run: str) -> list[tuple[str, str, str, int]]:
        """Kind, path, sha256 and size of the files a run made."""
        sql = "select kind, path, sha256, bytes from artifact where run = ? order by made, kind, path"
        return self._read(lambda connection: connection.execute(sql, [run]).fetchall(), list)

    # --- graphs

    def save_graph(self, new: NewGraph, dataset: str = "", run: str = "", call: str = "") -> str:
        """Remember a graph as the next version of its name; its ``name@version``."""
        from causalcopilot.memory.operations import apply, graph_operation, stored_graph

        name, now = _graph_name(new), _now()

        def work(connection: DuckDBPyConnection) -> str:
            stored = stored_graph(new, graphs.next_id(connection, name), dataset, run, call, now)
            apply(connection, graph_operation(stored))
            return stored.id

        try:
            return self._transact(work)
        except (MemoryBusy, NotWritable) as error:
            if not run:
                raise
            stored = stored_graph(new, self._private_ids([name])[0], dataset, run, call, now)
            self._put_aside(graph_operation(stored), error)
            self._remember([stored])
            return stored.id

    def graph(self, ref: str, *, undone: bool = False) -> StoredGraph:
        """A graph by ``name`` (latest version) or ``name@version``; ``GraphNotFound`` with the nearest names.

        With ``undone`` versions that were taken back are found too, as the records of old runs need them.
        """
        missing: Callable[[], StoredGraph] = _raiser(graphs.not_found(ref, ()))
        try:
            stored = self._read(lambda c: graphs.read_graph(c, ref, undone=undone), missing)
        except MemoryBusy:
            latest = (i for i in reversed(self._known) if ref in (i, i.rpartition("@")[0]))
            found = next(latest, None)
            if not self.spooling or found is None:
                raise
            return self._known[found]
        self._known[stored.id] = stored
        return stored

    def graphs(self) -> list[GraphHead]:
        """All versions of all graphs, newest first."""
        try:
            self._heads = self._read(graphs.read_heads, list)
        except MemoryBusy:
            if not self.spooling:
                raise
            listed = {h.id for h in self._heads}
            mine = [_head(g) for i, g in reversed(self._known.items()) if i not in listed]
            return mine + self._heads
        return list(self._heads)

    def delete_graph(self, ref: str) -> tuple[str, ...]:
        """Remove one version (``name@version``) or all of a name; what was removed.

        The versions are only marked: their numbers are never given again, and parent links keep their meaning.
        """
        return self._change(lambda c: graphs.remove_graph(c, ref, _now()), _raiser(graphs.not_found(ref, ())))

    def undo_graph(self, name: str) -> tuple[str, str]:
        """Take back the newest version of a graph; its id and that of the version in force now, or empty."""
        return self._change(
            lambda c: undoing.undo_graph(c, name, _now()), _raiser(graphs.not_found(name, ()))
        )

    def restore_graph(self, name: str) -> str:
        """Bring back the version of a graph that was taken back last, or this very one; its id."""
        return self._change(lambda c: undoing.restore_graph(c, name), _raiser(graphs.not_found(name, ())))

    # --- health

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

    # --- how it is done

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


def _new_ids(connection: DuckDBPyConnection, names: Sequence[str]) -> tuple[str, ...]:
    """Next versions for several graphs of one call, which may share a name."""
    ids: list[str] = []
    for i, name in enumerate(names):
        _, _, version = graphs.next_id(connection, name).rpartition("@")
        ids.append(f"{name}@{int(version) + names[:i].count(name)}")
    return tuple(ids)


def _graph_name(new: NewGraph) -> str:
    return graphs.graph_name(new.name or "graph")


def _with_facts(operation: dict[str, Any], facts: Sequence[Fact]) -> dict[str, Any]:
    """The call operation with facts that its result does not hold."""
    if not facts:
        return operation
    from causalcopilot.domain.serial import to_json

    return {**operation, "facts": [to_json(f) for f in facts]}


def _head(stored: StoredGraph) -> GraphHead:
    g = stored.graph
    provenance = (stored.dataset, stored.method, stored.op, stored.run, stored.made, stored.note)
    return GraphHead(stored.id, g.kind, len(g.nodes), len(g.edges), *provenance)


def _no_run(prefix: str) -> Callable[[], RunRecord]:
    from causalcopilot.errors import RunNotFound

    return _raiser(
        RunNotFound(f"no run {prefix!r}; none is remembered yet", "make one with: ccp analyze DATA")
    )


def _raiser(error: Exception) -> Callable[[], Any]:
    def empty() -> Any:
        raise error

    return empty


def _writable(path: Path) -> bool:
    """Whether the file, or the nearest folder there is, lets this user write."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return os.access(path, os.W_OK)


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
