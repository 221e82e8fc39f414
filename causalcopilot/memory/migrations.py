"""The shape of the memory file, as an append-only list of steps; a released step is never edited.

JSON is kept as text: it reads back exactly, and ``result ->> '$.summary'`` works on text too.  Times are ISO 8601
text in UTC.  Nothing is unique but by the keys below; rows of one call are written in one transaction.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from causalcopilot.errors import MemoryUnreadable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MIGRATIONS: tuple[str, ...] = (
    """
    create table dataset(hash varchar primary key, name varchar, "rows" bigint, "columns" bigint, made varchar);
    create table run(
        id varchar primary key, command varchar, question varchar, name varchar, dataset varchar, model varchar,
        seed bigint, status varchar, verdict varchar, narrative varchar, author varchar, parent varchar,
        knowledge varchar, settings varchar, started varchar, ended varchar, version varchar, tokens bigint);
    create table message(
        run varchar, seq integer, role varchar, body varchar, made varchar, primary key(run, seq));
    create table call(
        run varchar, id varchar, seq integer, tool varchar, args varchar, ok boolean, result varchar, error varchar,
        content varchar, seconds double, seed bigint, graphs varchar, made varchar, primary key(run, id));
    create table fact(
        run varchar, call varchar, seq integer, key varchar, value varchar, number double, label varchar,
        unit varchar, subject varchar, format varchar, low double, high double, primary key(run, call, key));
    create table estimate(
        run varchar, call varchar, seq integer, is_primary boolean, treatment varchar, outcome varchar,
        status varchar, strategy varchar, method varchar, quantity varchar, population varchar, value double,
        std_error double, low double, high double, level double, n_used bigint, unit varchar, supported boolean,
        primary key(run, call, seq));
    create table graph(
        id varchar primary key, name varchar, version integer,
        kind varchar check (kind in ('dag', 'cpdag', 'pag', 'admg', 'lagged')),
        dataset varchar, run varchar, call varchar, method varchar, params varchar, parent varchar, op varchar,
        note varchar, made varchar, removed varchar);
    create table node(graph varchar, seq integer, name varchar, latent boolean, primary key(graph, name));
    create table edge(
        graph varchar, seq integer, source varchar, target varchar,
        source_mark varchar check (source_mark in ('tail', 'arrow', 'circle')),
        target_mark varchar check (target_mark in ('tail', 'arrow', 'circle')),
        lag integer, confidence double, source_confidence double, target_confidence double, origin varchar,
        primary key(graph, seq));
    create table artifact(run varchar, kind varchar, path varchar, sha256 varchar, bytes bigint, made varchar,
        primary key(run, kind, path));
    create table spooled(file varchar primary key, lines bigint);
    create view latest as
        select * from graph where removed is null
        qualify row_number() over (partition by name order by version desc) = 1;
    """,
    """
    create table undone(kind varchar check (kind in ('run', 'graph')), id varchar, made varchar, primary key(kind, id));
    create or replace view latest as
        select * from graph where removed is null
        and id not in (select id from undone where kind = 'graph')
        and run not in (select id from undone where kind = 'run')
        qualify row_number() over (partition by name order by version desc) = 1;
    """,
)


def migrate(connection: DuckDBPyConnection, path: Path) -> None:
    """Bring the file to this ccp's schema, each step in one transaction, after a copy of what was there.

    Raises:
        MemoryUnreadable: the file was written by a newer ccp, or holds tables and is no memory.
    """
    _refuse_foreign(connection, path)
    connection.execute("create table if not exists schema_version(version integer)")
    version = schema_version(connection)
    if version > len(MIGRATIONS):
        raise MemoryUnreadable(
            f"{path} was written by a newer ccp (schema {version}; this one knows {len(MIGRATIONS)})",
            "upgrade ccp, or use another file with --memory PATH",
        )
    if 0 < version < len(MIGRATIONS):
        _back_up(connection, path, version)
    for number, sql in enumerate(MIGRATIONS[version:], version + 1):
        connection.execute("begin")
        connection.execute(sql)
        connection.execute("insert into schema_version values (?)", [number])
        connection.execute("commit")


def _refuse_foreign(connection: DuckDBPyConnection, path: Path) -> None:
    """Refuse a database of somebody's tables, or a CSV file, which DuckDB opens as a view: nothing is added to it."""
    rows = connection.execute(
        "select table_name from duckdb_tables() where not internal"
        " union all select view_name from duckdb_views() where not internal"
    ).fetchall()
    if rows and ("schema_version",) not in rows:
        raise MemoryUnreadable(
            f"{path} is no memory of ccp: it holds {', '.join(sorted(str(r[0]) for r in rows)[:3])}",
            "give another file with --memory PATH; data stand after the command",
        )


def schema_version(connection: DuckDBPyConnection) -> int:
    """Number of the last step applied."""
    row = connection.execute("select coalesce(max(version), 0) from schema_version").fetchone()
    return int(row[0]) if row else 0


def _back_up(connection: DuckDBPyConnection, path: Path, version: int) -> None:
    """Copy the database to ``memory.duckdb.v2.bak``.

    DuckDB makes the copy: were we to open and close the file ourselves, the system would drop our lock on it.
    """
    copy = path.with_name(f"{path.name}.v{version}.bak")
    copy.unlink(missing_ok=True)
    row = connection.execute("select current_database()").fetchone()
    source = str(row[0]) if row else ""
    connection.execute(f"attach {_quoted(str(copy), chr(39))} as backup")
    connection.execute(f"copy from database {_quoted(source, chr(34))} to backup")
    connection.execute("detach backup")


def _quoted(text: str, quote: str) -> str:
    return quote + text.replace(quote, quote * 2) + quote
