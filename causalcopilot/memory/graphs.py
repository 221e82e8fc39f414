"""Named graphs in the memory: immutable versions with their provenance."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from causalcopilot.errors import GraphNotFound, UsageError, nearest
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.stored import GraphHead, StoredGraph

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

IN_FORCE = """removed is null and id not in (select id from undone where kind = 'graph')
    and run not in (select id from undone where kind = 'run')"""
"""Which versions there are for everybody: neither removed nor taken back."""
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_EDGE = (
    "source",
    "target",
    "source_mark",
    "target_mark",
    "lag",
    "confidence",
    "source_confidence",
    "target_confidence",
    "origin",
)


def next_id(connection: DuckDBPyConnection, name: str) -> str:
    """The id of the next version of ``name``; numbers of removed versions are never used again."""
    row = connection.execute(
        "select coalesce(max(version), 0) + 1 from graph where name = ?", [name]
    ).fetchone()
    assert row is not None
    return f"{name}@{row[0]}"


def graph_name(name: str) -> str:
    """The name itself; ``UsageError`` where it cannot be one."""
    if NAME.fullmatch(name):
        return name
    raise UsageError(
        f"{name!r} is not a graph name", "use letters, digits, _ - and ., at most 64 of them, and no version"
    )


def insert_graph(connection: DuckDBPyConnection, stored: StoredGraph) -> None:
    """Store one version; a version that is there already stays as it is."""
    name, _, version = stored.id.rpartition("@")
    present = connection.execute("select 1 from graph where id = ?", [stored.id]).fetchone()
    if present:
        return
    connection.execute(
        "insert into graph values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)",
        [
            stored.id,
            name,
            int(version),
            stored.graph.kind,
            stored.dataset,
            stored.run,
            stored.call,
            stored.method,
            json.dumps([list(p) for p in stored.params]),
            stored.parent,
            stored.op,
            stored.note,
            stored.made,
        ],
    )
    _insert_rows(connection, stored.id, stored.graph)


def _insert_rows(connection: DuckDBPyConnection, graph_id: str, graph: Graph) -> None:
    """Nodes and edges as columns of one statement each: row by row is seventy times slower."""
    hidden = set(graph.latents)
    if graph.nodes:
        connection.execute(
            "insert into node select ?, unnest(?), unnest(?), unnest(?)",
            [graph_id, list(range(len(graph.nodes))), list(graph.nodes), [n in hidden for n in graph.nodes]],
        )
    if graph.edges:
        columns = [[getattr(e, name) for e in graph.edges] for name in _EDGE]
        casts = ["varchar[]"] * 4 + ["integer[]"] + ["double[]"] * 3 + ["varchar[]"]
        unnested = ", ".join(f"unnest(?::{c})" for c in casts)
        connection.execute(
            f"insert into edge select ?, unnest(?), {unnested}",
            [graph_id, list(range(len(graph.edges))), *columns],
        )


def read_graph(connection: DuckDBPyConnection, ref: str, *, undone: bool = False) -> StoredGraph:
    """The graph called ``name`` (latest version) or ``name@version``; ``undone`` finds those taken back too.

    Raises:
        GraphNotFound: with the nearest names.
    """
    row = connection.execute(
        f"""select id, kind, params, dataset, method, op, parent, run, call, note, made from graph
        where {"removed is null" if undone else IN_FORCE} and (id = ? or name = ?)
        order by version desc limit 1""",
        [ref, ref],
    ).fetchone()
    if row is None:
        raise _not_found(connection, ref)
    nodes = connection.execute(
        "select name, latent from node where graph = ? order by seq", [row[0]]
    ).fetchall()
    edges = connection.execute(
        f"select {', '.join(_EDGE)} from edge where graph = ? order by seq", [row[0]]
    ).fetchall()
    graph = Graph(
        row[1],
        tuple(n for n, _ in nodes),
        tuple(Edge(*e) for e in edges),
        tuple(n for n, latent in nodes if latent),
    )
    names = ("dataset", "method", "op", "parent", "run", "call", "note", "made")
    params = tuple((k, v) for k, v in json.loads(row[2]))
    return StoredGraph(row[0], graph, params=params, **dict(zip(names, row[3:], strict=True)))


def read_heads(connection: DuckDBPyConnection) -> list[GraphHead]:
    """All versions that were neither removed nor taken back, newest first."""
    rows = connection.execute(
        f"""select id, kind, (select count(*) from node where graph = g.id),
            (select count(*) from edge where graph = g.id), dataset, method, op, run, made, note
        from graph g where {IN_FORCE} order by made desc, name, version desc"""
    ).fetchall()
    return [GraphHead(*r) for r in rows]


def remove_graph(connection: DuckDBPyConnection, ref: str, now: str) -> tuple[str, ...]:
    """Mark a version, or all versions of a name, as removed; the ids that were.

    Raises:
        GraphNotFound: with the nearest names.
    """
    rows = connection.execute(
        f"select id from graph where {IN_FORCE} and (id = ? or name = ?) order by version", [ref, ref]
    ).fetchall()
    if not rows:
        raise _not_found(connection, ref)
    ids = [r[0] for r in rows]
    connection.execute("update graph set removed = ? where list_contains(?, id)", [now, ids])
    return tuple(ids)


def not_found(ref: str, known: Sequence[str]) -> GraphNotFound:
    """No such graph; the hint names the nearest."""
    names = tuple(dict.fromkeys([k.rpartition("@")[0] for k in known] + list(known)))
    if not names:
        return GraphNotFound(f"no graph {ref!r}; none is remembered yet", "make one with: ccp discover DATA")
    close = nearest(ref, names)
    hint = (
        f"did you mean {' or '.join(repr(c) for c in close)}?" if close else "list them with: ccp graph list"
    )
    return GraphNotFound(f"no graph {ref!r}", hint)


def _not_found(connection: DuckDBPyConnection, ref: str) -> GraphNotFound:
    gone = connection.execute(
        """select removed is null, run, run in (select id from undone where kind = 'run') from graph
        where id = ? or name = ? order by version desc""",
        [ref, ref],
    ).fetchone()
    if gone:
        if gone[0]:
            back = f"run restore {gone[1]}" if gone[2] else f"graph undo {ref} --restore"
            return GraphNotFound(f"graph {ref!r} was taken back", f"bring it back with: ccp {back}")
        return GraphNotFound(f"graph {ref!r} was removed", "list the others with: ccp graph list")
    rows: list[Any] = connection.execute(f"select id from graph where {IN_FORCE}").fetchall()
    return not_found(ref, [r[0] for r in rows])
