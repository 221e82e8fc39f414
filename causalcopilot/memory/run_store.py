"""Runs in the memory: begun, written call by call, closed, read again, taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.facts import Fact
from causalcopilot.domain.run import CallRecord, RunRecord, RunStatus
from causalcopilot.errors import MemoryBusy, UsageError
from causalcopilot.memory import graphs as versions
from causalcopilot.memory import runs, undoing
from causalcopilot.memory.database import NotWritable
from causalcopilot.memory.store import Store, raiser, stamp
from causalcopilot.toolkit.result import NewGraph

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Complete = Callable[[tuple[str, ...]], tuple[CallRecord, Mapping[str, Any] | None]]
"""From the ids of a call's new graphs to its record and (or ``None`` for the memory's own) its tool message."""


class RunStore(Store):
    """What the memory does with runs."""

    def start_run(self, run: RunRecord) -> None:
        """Store a new run; ``UsageError`` if its id is taken."""
        from causalcopilot.memory.operations import insert_run

        def work(connection: DuckDBPyConnection) -> None:
            if runs.has_run(connection, run.id):
                raise UsageError(f"run {run.id} is stored already", "go on with it: ccp run resume")
            insert_run(connection, run, stamp())

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
            {"op": "message", "run": run, "seq": seq, "role": role, "body": dict(body), "made": stamp()}
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

        now = stamp()
        names = [versions.graph_name(g.name or "graph") for g in graphs]

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
            self._write(cite_operation(run, calls, stamp()))

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
        self._write({"op": "finish", "run": run, "values": values, "made": stamp()})

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
        return self._change(lambda c: undoing.undo_run(c, run, stamp()), _no_run(run))

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
        self._write({**operation, "sha256": hashlib.sha256(content).hexdigest(), "made": stamp()})

    def artifacts(self, run: str) -> list[tuple[str, str, str, int]]:
        """Kind, path, sha256 and size of the files a run made."""
        sql = "select kind, path, sha256, bytes from artifact where run = ? order by made, kind, path"
        return self._read(lambda connection: connection.execute(sql, [run]).fetchall(), list)


def _new_ids(connection: DuckDBPyConnection, names: Sequence[str]) -> tuple[str, ...]:
    """Next versions for several graphs of one call, which may share a name."""
    ids: list[str] = []
    for i, name in enumerate(names):
        _, _, version = versions.next_id(connection, name).rpartition("@")
        ids.append(f"{name}@{int(version) + names[:i].count(name)}")
    return tuple(ids)


def _with_facts(operation: dict[str, Any], facts: Sequence[Fact]) -> dict[str, Any]:
    """The call operation with facts that its result does not hold."""
    if not facts:
        return operation
    from causalcopilot.domain.serial import to_json

    return {**operation, "facts": [to_json(f) for f in facts]}


def _no_run(prefix: str) -> Callable[[], RunRecord]:
    from causalcopilot.errors import RunNotFound

    return raiser(
        RunNotFound(f"no run {prefix!r}; none is remembered yet", "make one with: ccp analyze DATA")
    )
