"""What was taken back: a mark beside the row, so that nothing is lost and everything can come back.

One row of ``undone`` takes back a whole run with every graph it saved, or one version of a graph.  Because it is
one row, a process killed in the middle leaves either all of it or none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.errors import GraphNotFound, UsageError
from causalcopilot.memory import graphs, runs

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def undo_run(connection: DuckDBPyConnection, prefix: str, now: str) -> tuple[str, tuple[str, ...]]:
    """Take back a run and the graph versions it saved; its id and theirs.

    Raises:
        RunNotFound: unknown or ambiguous.
        UsageError: it was taken back before.
    """
    record = runs.read_run(connection, prefix)
    if record.status == "undone":
        raise UsageError(f"run {record.id} was taken back before", f"see: ccp run show {record.id}")
    saved = _saved(connection, record.id)
    connection.execute("insert into undone values ('run', ?, ?)", [record.id, now])
    return record.id, saved


def restore_run(connection: DuckDBPyConnection, prefix: str) -> tuple[str, tuple[str, ...]]:
    """Bring a run that was taken back into force again, with its graphs."""
    record = runs.read_run(connection, prefix)
    if record.status != "undone":
        raise UsageError(f"run {record.id} was not taken back", "list runs with: ccp run list")
    connection.execute("delete from undone where kind = 'run' and id = ?", [record.id])
    return record.id, _saved(connection, record.id)


def _saved(connection: DuckDBPyConnection, run: str) -> tuple[str, ...]:
    rows = connection.execute(
        f"select id from graph where {graphs.IN_FORCE} and run = ? order by made, id", [run]
    ).fetchall()
    return tuple(r[0] for r in rows)


def undo_graph(connection: DuckDBPyConnection, name: str, now: str) -> tuple[str, str]:
    """Take back the newest version of a graph; its id and that of the version now in force, or empty.

    Raises:
        GraphNotFound: no such graph.
    """
    newest = graphs.read_graph(connection, name).id
    connection.execute("insert into undone values ('graph', ?, ?)", [newest, now])
    try:
        return newest, graphs.read_graph(connection, newest.rpartition("@")[0]).id
    except GraphNotFound:
        return newest, ""


def restore_graph(connection: DuckDBPyConnection, name: str) -> str:
    """Bring back the version that was taken back last (or this very ``name@version``); its id."""
    row = connection.execute(
        """select g.id from undone u join graph g on u.id = g.id
        where u.kind = 'graph' and (g.id = ? or g.name = ?) order by u.made desc, g.version limit 1""",
        [name, name],
    ).fetchone()
    if row is None:
        raise UsageError(f"no version of {name!r} was taken back", "list graphs with: ccp graph list")
    connection.execute("delete from undone where kind = 'graph' and id = ?", [row[0]])
    return str(row[0])
