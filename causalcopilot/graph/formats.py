"""Graphs as JSON, DOT, dagitty, Mermaid and networkx, and graph files of any of the first three."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from causalcopilot.errors import KnowledgeError
from causalcopilot.graph.dagitty import from_dagitty, read_dagitty, to_dagitty
from causalcopilot.graph.graph import Edge, Graph, GraphKind, Mark

if TYPE_CHECKING:
    pass

__all__ = [
    "from_dagitty",
    "from_json",
    "read_dagitty",
    "to_dagitty",
    "to_json",
]

_OPTIONAL: dict[str, object] = {"source_confidence": None, "target_confidence": None, "origin": "data"}


def to_json(graph: Graph, name: str = "") -> dict[str, Any]:
    """Plain JSON data: name, kind, nodes, edges; latents and further edge fields only where there are any."""
    edges = []
    for e in graph.edges:
        fields = ("source", "target", "source_mark", "target_mark", "lag", "confidence")
        row = {f: getattr(e, f) for f in fields}
        row |= {f: getattr(e, f) for f, usual in _OPTIONAL.items() if getattr(e, f) != usual}
        edges.append(row)
    document: dict[str, Any] = {"name": name, "kind": graph.kind, "nodes": list(graph.nodes), "edges": edges}
    if graph.latents:
        document["latents"] = list(graph.latents)
    return document


def from_json(data: Mapping[str, Any] | str) -> Graph:
    """The graph of JSON data or text; nodes may be left out where edges name them all.

    Raises:
        KnowledgeError: naming the field that is wrong.
    """
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except json.JSONDecodeError as error:
            raise KnowledgeError(
                f"graph JSON, line {error.lineno}, column {error.colno}: {error.msg}"
            ) from None
    if isinstance(data, Mapping) and isinstance(data.get("graph"), Mapping):
        data = data["graph"]  # a whole ``discover`` document
    if not isinstance(data, Mapping) or not isinstance(data.get("edges"), list):
        raise KnowledgeError(
            "graph JSON needs an object with a list of edges", 'for example {"kind":"dag","edges":[]}'
        )
    kind = data.get("kind", "dag")
    if kind not in get_args(GraphKind):
        raise KnowledgeError(f"graph kind {kind!r} is unknown", f"one of {', '.join(get_args(GraphKind))}")
    edges = tuple(_edge(row, i) for i, row in enumerate(data["edges"], 1))
    latents = _names(data.get("latents", []), "latents")
    named = [n for e in edges for n in (e.source, e.target)]
    nodes = _names(data.get("nodes") or list(dict.fromkeys([*named, *latents])), "nodes")
    try:
        return Graph(kind, nodes, edges, latents)
    except ValueError as error:
        raise KnowledgeError(str(error), "list every node once under nodes") from None


def _names(value: object, field: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(n, str) for n in value):
        raise KnowledgeError(f"{field} of a graph must be a list of names", 'for example ["a", "b"]')
    return tuple(value)


def _edge(row: object, number: int) -> Edge:
    if not isinstance(row, Mapping) or not all(isinstance(row.get(k), str) for k in ("source", "target")):
        raise KnowledgeError(f"edge {number} needs a source and a target", '{"source":"a","target":"b"}')
    marks = (row.get("source_mark", "tail"), row.get("target_mark", "arrow"))
    for end, mark in zip(("source_mark", "target_mark"), marks, strict=True):
        if mark not in get_args(Mark):
            raise KnowledgeError(f"edge {number}: {end} is {mark!r}", f"one of {', '.join(get_args(Mark))}")
    lag = row.get("lag") or 0
    if not isinstance(lag, int) or lag < 0:
        raise KnowledgeError(f"edge {number}: lag is {lag!r}", "a whole number of steps, 0 or more")
    whole, here, there = (
        _share(row.get(f), f, number) for f in ("confidence", "source_confidence", "target_confidence")
    )
    origin = str(row.get("origin", "data"))
    return Edge(row["source"], row["target"], *marks, lag, whole, here, there, origin)


def _share(value: object, field: str, number: int) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise KnowledgeError(f"edge {number}: {field} is {value!r}", "a share from 0 to 1, or null")
    return float(value)
