"""Does everything in the memory that is referred to exist, and do the marks of what was taken back make sense?

Each rule is a sentence and a query for the rows that break it.  Nothing is changed; ``ccp doctor`` tells what is found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LISTED = 5
"""Rows named for each rule that is broken."""

_RULES: tuple[tuple[str, str], ...] = (
    ("a message of a run that is not there", "select run from message where run not in (select id from run)"),
    ("a call of a run that is not there", "select run from call where run not in (select id from run)"),
    (
        "a run on data that is not there",
        "select id from run where dataset <> '' and dataset not in (select hash from dataset)",
    ),
    (
        "a fact of a call that is not there",
        "select run || ' ' || call || '.' || key from fact where (run, call) not in (select (run, id) from call)",
    ),
    (
        "a fact of a call that failed",
        "select f.run || ' ' || f.call from fact f join call c on (f.run, f.call) = (c.run, c.id) where not c.ok",
    ),
    (
        "an estimate of a call that is not there",
        "select run || ' ' || call from estimate where (run, call) not in (select (run, id) from call)",
    ),
    ("a file of a run that is not there", "select run from artifact where run not in (select id from run)"),
    (
        "a graph of a run or call that is not there",
        """select id from graph where (run <> '' and run not in (select id from run))
        or (run <> '' and call <> '' and (run, call) not in (select (run, id) from call))""",
    ),
    (
        "a graph whose id is not its name and version",
        "select id from graph where id <> name || '@' || version or version < 1",
    ),
    (
        "a call whose graph is not there",
        """select run || ' ' || id from (select run, id, unnest(graphs::json::varchar[]) as made from call)
        where made not in (select id from graph)""",
    ),
    (
        "a node or edge of a graph that is not there",
        """select graph from (select graph from node union all select graph from edge)
        where graph not in (select id from graph)""",
    ),
    (
        "an edge whose end is no node of its graph",
        """select e.graph from edge e where (e.graph, e.source) not in (select (graph, name) from node)
        or (e.graph, e.target) not in (select (graph, name) from node)""",
    ),
    (
        "a call that is neither a result nor an error",
        "select run || ' ' || id from call where ok <> (result is not null) or ok <> (error is null)",
    ),
    (
        "messages of a run that are not numbered on from zero",
        "select run from message group by run having min(seq) <> 0 or max(seq) <> count(*) - 1",
    ),
    (
        "a run that ended without an end, or goes on after it",
        "select id from run where (status = 'running') <> (ended = '')",
    ),
    (
        "a run taken back that is not there",
        "select id from undone where kind = 'run' and id not in (select id from run)",
    ),
    (
        "a graph taken back that is not there",
        "select id from undone where kind = 'graph' and id not in (select id from graph)",
    ),
)
_REFERENCES = """
    with told as (
        select id as run, unnest(regexp_extract_all(narrative, '\\{\\s*t[0-9]+\\.[a-z0-9_]+')) as reference
        from run where narrative <> '')
    select run || ' ' || reference from told
    where (run, regexp_extract(reference, 't[0-9]+')) not in (select (run, id) from call where ok)
    and not (reference like '%.why'
        and (run, regexp_extract(reference, 't[0-9]+')) in (select (run, id) from call where not ok))"""


def inconsistencies(connection: DuckDBPyConnection) -> list[str]:
    """What does not hold, one sentence a rule with the first rows that break it; empty where all is well."""
    rules = (*_RULES, ("a text that refers to a call without a result", _REFERENCES))
    found = []
    for sentence, query in rules:
        rows = [
            str(r[0])
            for r in connection.execute(
                f"select distinct * from ({query}) order by 1 limit {LISTED + 1}"
            ).fetchall()
        ]
        if rows:
            more = " …" if len(rows) > LISTED else ""
            found.append(f"{sentence}: {', '.join(rows[:LISTED])}{more}")
    return found
