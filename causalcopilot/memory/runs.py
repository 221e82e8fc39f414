"""Runs, messages, calls, facts and estimates in the memory."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.question import Question
from causalcopilot.domain.run import CallRecord, RunRecord
from causalcopilot.errors import RunNotFound

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_RUN = """select r.id, command, question, r.name as dataset, r.dataset as hash, coalesce(d.rows, 0) as "rows",
    coalesce(d.columns, 0) as "columns", model, seed,
    case when u.id is null then status else 'undone' end as status, verdict, narrative, author, parent, knowledge,
    settings, started, ended, version, tokens
    from run r left join dataset d on d.hash = r.dataset
    left join undone u on u.kind = 'run' and u.id = r.id"""
_CALL = "select id, tool, args, ok, result, error, content, seconds, seed, graphs from call"


def dumps(value: object) -> str:
    """JSON text; what is not finite becomes null."""
    return json.dumps(_finite(value), ensure_ascii=True, allow_nan=False)


def text(value: str) -> str:
    """Text that surely can be stored: lone surrogates become question marks."""
    return value.encode("utf-8", "replace").decode("utf-8")


def insert_run(connection: DuckDBPyConnection, run: RunRecord, now: str) -> None:
    """Store a run without its calls; a run that is there already stays as it is."""
    from causalcopilot.domain.serial import to_json

    connection.execute(
        "insert or ignore into dataset values (?, ?, ?, ?, ?)",
        [run.hash, text(run.dataset), run.rows, run.columns, now],
    )
    connection.execute(
        f"insert or ignore into run values ({_marks(18)})",
        [
            run.id,
            run.command,
            dumps(to_json(run.question)),
            text(run.dataset),
            run.hash,
            run.model,
            run.seed,
            run.status,
            run.verdict,
            text(run.narrative),
            run.author,
            run.parent,
            dumps(dict(run.knowledge)),
            dumps(dict(run.settings)),
            run.started or now,
            run.ended,
            run.version,
            run.tokens,
        ],
    )


def has_run(connection: DuckDBPyConnection, run: str) -> bool:
    """Whether this very id is stored."""
    return connection.execute("select 1 from run where id = ?", [run]).fetchone() is not None


def insert_message(
    connection: DuckDBPyConnection, run: str, seq: int | None, role: str, body: Mapping[str, Any], now: str
) -> None:
    """Store one message; without ``seq`` it is the next of its run."""
    connection.execute(
        """insert or ignore into message select ?, coalesce(?::integer, coalesce(max(seq), -1) + 1), ?, ?, ?
        from message where run = ?""",
        [run, seq, role, dumps(dict(body)), now, run],
    )


def insert_call(connection: DuckDBPyConnection, run: str, call: CallRecord, now: str) -> None:
    """Store one call with its facts and estimates."""
    row = connection.execute("select count(*) from call where run = ?", [run]).fetchone()
    connection.execute(
        f"insert or ignore into call values ({_marks(13)})",
        [
            run,
            call.id,
            row[0] if row else 0,
            call.tool,
            dumps(dict(call.args)),
            call.ok,
            None if call.result is None else dumps(dict(call.result)),
            None if call.error is None else dumps(dict(call.error)),
            text(call.content),
            call.seconds,
            call.seed,
            dumps(list(call.graphs)),
            now,
        ],
    )
    result = call.result or {}
    insert_facts(connection, run, call.id, result.get("facts", ()))
    if "EstimateResult" in (result.get("type"), result.get("base")):
        _insert_estimates(connection, run, call.id, result)


def insert_facts(
    connection: DuckDBPyConnection, run: str, call: str, facts: Sequence[Mapping[str, Any]]
) -> None:
    """Store the facts of a call (as JSON objects)."""
    if not facts:
        return
    words = [[text(str(f.get(k) or "")) for f in facts] for k in ("label", "unit", "subject", "format")]
    numbers = [_number(f.get("value")) for f in facts]
    ends = [[_number(f.get(k)) for f in facts] for k in ("low", "high")]
    connection.execute(
        """insert or ignore into fact select ?, ?, unnest(?), unnest(?::varchar[]), unnest(?::varchar[]),
        unnest(?::double[]), unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[]),
        unnest(?::varchar[]), unnest(?::double[]), unnest(?::double[])""",
        [
            run,
            call,
            list(range(len(facts))),
            [f["key"] for f in facts],
            [dumps(f.get("value")) for f in facts],
            numbers,
            *words,
            *ends,
        ],
    )


def finish(connection: DuckDBPyConnection, run: str, values: Sequence[object], now: str) -> None:
    """Close a run; ``values`` are status, verdict, narrative, author and tokens."""
    connection.execute(
        "update run set status = ?, verdict = ?, narrative = ?, author = ?, tokens = ?, ended = ? where id = ?",
        [*values, now, run],
    )


def dataset_of(connection: DuckDBPyConnection, run: str) -> str:
    """Content hash of the data of a run, or empty."""
    row = connection.execute("select dataset from run where id = ?", [run]).fetchone()
    return row[0] if row else ""


def read_run(connection: DuckDBPyConnection, prefix: str) -> RunRecord:
    """A run with its calls, by id, unique prefix or ``last``.

    Raises:
        RunNotFound: unknown or ambiguous.
    """
    record = _record(_run_row(connection, prefix))
    order = "try_cast(id[2:] as integer), seq"  # calls of earlier runs that are cited come first
    rows = query(connection, f"{_CALL} where run = ? order by {order}", [record.id])
    return replace(record, calls=tuple(_call(r) for r in rows))


def read_runs(connection: DuckDBPyConnection, limit: int) -> list[RunRecord]:
    """The newest runs, without their calls."""
    return [_record(r) for r in query(connection, f"{_RUN} order by r.id desc limit ?", [limit])]


def read_unfinished(connection: DuckDBPyConnection) -> list[RunRecord]:
    """Runs that call themselves running, without their calls."""
    return [_record(r) for r in query(connection, f"{_RUN} where status = 'running' order by r.id desc")]


def query(connection: DuckDBPyConnection, sql: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
    """Rows by column name."""
    cursor = connection.execute(sql, list(values))
    names = [d[0] for d in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def read_messages(connection: DuckDBPyConnection, run: str) -> list[dict[str, Any]]:
    """Bodies of a run's messages in order."""
    rows = connection.execute("select body from message where run = ? order by seq", [run]).fetchall()
    return [json.loads(r[0]) for r in rows]


def _run_row(connection: DuckDBPyConnection, prefix: str) -> dict[str, Any]:
    if prefix == "last":
        rows = query(connection, f"{_RUN} order by r.id desc limit 1")
        if not rows:
            raise RunNotFound("no run is remembered yet", "make one with: ccp analyze DATA")
        return rows[0]
    wanted = prefix.lower()
    fitting = f"{_RUN} where starts_with(r.id, ?) and ? <> '' order by r.id = ? desc, r.id desc limit 4"
    rows = query(connection, fitting, [wanted, wanted, wanted])
    if not rows:
        raise RunNotFound(f"no run {prefix!r}", "list them with: ccp run list")
    if len(rows) > 1 and rows[0]["id"] != wanted:
        ids = ", ".join(r["id"] for r in rows[:3]) + (" …" if len(rows) > 3 else "")
        raise RunNotFound(f"{prefix!r} fits several runs", f"give more of the id: {ids}")
    return rows[0]


def _record(row: Mapping[str, Any]) -> RunRecord:
    from causalcopilot.domain.serial import from_json

    parts = {k: json.loads(row[k]) for k in ("question", "knowledge", "settings")}
    return RunRecord(**{**row, **parts, "question": from_json(Question, parts["question"])})


def _call(row: Mapping[str, Any]) -> CallRecord:
    parts = {k: None if row[k] is None else json.loads(row[k]) for k in ("args", "result", "error", "graphs")}
    return CallRecord(**{**row, **parts, "graphs": tuple(parts["graphs"] or ())})


def _insert_estimates(connection: DuckDBPyConnection, run: str, call: str, result: Mapping[str, Any]) -> None:
    """One row per estimate of an ``EstimateResult``, for people who query the file."""
    why = result.get("identification") or {}
    case = [next(iter(why.get(k) or ()), None) for k in ("treatments", "outcomes")]
    names = "method quantity population value std_error low high level n_used unit supported".split()
    for i, e in enumerate(result.get("estimates", ())):
        primary = i == result.get("primary", 0)
        row = [
            run,
            call,
            i,
            primary,
            *case,
            why.get("status"),
            why.get("strategy"),
            *(e.get(n) for n in names),
        ]
        connection.execute(f"insert or ignore into estimate values ({_marks(len(row))})", row)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return value


def _marks(count: int) -> str:
    return ", ".join("?" * count)
