"""Writes to the memory as plain data, so that one that cannot happen now can be spooled and happen later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.run import CallRecord, RunRecord
from causalcopilot.domain.serial import from_json, to_json
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.memory import graphs, runs
from causalcopilot.toolkit.result import NewGraph

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Operation = dict[str, Any]
"""``op`` says what to do; everything else is JSON."""


def stored_graph(new: NewGraph, graph_id: str, dataset: str, run: str, call: str, now: str) -> StoredGraph:
    """A new graph with its id and provenance."""
    return StoredGraph(
        graph_id,
        new.graph,
        dataset,
        new.method,
        new.op,
        new.parent,
        run,
        call,
        new.note,
        now,
        tuple(new.params),
    )


def call_operation(
    run: str,
    seq: int | None,
    call: CallRecord,
    message: Mapping[str, Any] | None,
    made: Sequence[StoredGraph],
    now: str,
) -> Operation:
    """A call, its facts, its graphs and its tool message; one transaction."""
    return {
        "op": "call",
        "run": run,
        "seq": seq,
        "call": _call_json(call),
        "message": dict(message) if message is not None else tool_message(call),
        "graphs": [_graph_json(g) for g in made],
        "made": now,
    }


def cite_operation(run: str, calls: Sequence[CallRecord], now: str) -> Operation:
    """Calls of earlier runs that a run stands on."""
    return {"op": "cite", "run": run, "calls": [_call_json(c) for c in calls], "made": now}


def tool_message(call: CallRecord) -> dict[str, Any]:
    """The tool message of a call in the memory's own, provider-free form."""
    return {"role": "tool", "call": call.id, "tool": call.tool, "ok": call.ok, "content": call.content}


def graph_operation(stored: StoredGraph) -> Operation:
    """One graph."""
    return {"op": "graph", "graph": _graph_json(stored)}


def apply(connection: DuckDBPyConnection, operation: Mapping[str, Any]) -> None:
    """Carry out one operation within the caller's transaction; doing it twice changes nothing more."""
    o = operation
    match o["op"]:
        case "message":
            runs.insert_message(connection, o["run"], o["seq"], o["role"], o["body"], o["made"])
        case "call":
            _apply_call(connection, o)
        case "cite":
            for call in o["calls"]:
                runs.insert_call(connection, o["run"], from_json(CallRecord, call), o["made"])
        case "graph":
            _insert_graph(connection, o["graph"], o["graph"]["run"])
        case "finish":
            runs.finish(connection, o["run"], o["values"], o["made"])
        case "artifact":
            row = [o["run"], o["kind"], o["path"], o["sha256"], o["bytes"], o["made"]]
            connection.execute("insert or replace into artifact values (?, ?, ?, ?, ?, ?)", row)
        case other:
            raise ValueError(f"unknown operation {other!r}")


def insert_run(connection: DuckDBPyConnection, run: RunRecord, now: str) -> None:
    """A run and the calls it already has."""
    runs.insert_run(connection, run, now)
    for call in run.calls:
        runs.insert_call(connection, run.id, call, now)


def _apply_call(connection: DuckDBPyConnection, o: Mapping[str, Any]) -> None:
    call = from_json(CallRecord, o["call"])
    for graph in o["graphs"]:
        _insert_graph(connection, graph, o["run"])
    runs.insert_call(connection, o["run"], call, o["made"])
    runs.insert_facts(connection, o["run"], call.id, o.get("facts", ()))
    runs.insert_message(connection, o["run"], o["seq"], "tool", o["message"], o["made"])


def _insert_graph(connection: DuckDBPyConnection, graph: Mapping[str, Any], run: str) -> None:
    """Store a graph; one made while the file was busy learns only now what data its run had."""
    dataset = graph["dataset"] or runs.dataset_of(connection, run)
    graphs.insert_graph(connection, _graph_of({**graph, "dataset": dataset}))


def _call_json(call: CallRecord) -> dict[str, Any]:
    return {
        "id": call.id,
        "tool": call.tool,
        "args": dict(call.args),
        "ok": call.ok,
        "result": call.result,
        "error": call.error,
        "content": runs.text(call.content),
        "seconds": call.seconds,
        "seed": call.seed,
        "graphs": list(call.graphs),
    }


def _graph_json(stored: StoredGraph) -> dict[str, Any]:
    plain = {k: v for k, v in vars(stored).items() if k not in ("graph", "params")}
    return {**plain, "graph": to_json(stored.graph), "params": [list(p) for p in stored.params]}


def _graph_of(data: Mapping[str, Any]) -> StoredGraph:
    params = tuple((k, v) for k, v in data["params"])
    return StoredGraph(**{**data, "graph": from_json(Graph, data["graph"]), "params": params})
