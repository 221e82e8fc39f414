"""Graphs as JSON, DOT, dagitty, Mermaid and networkx, and graph files of any of the first three.

DOT and dagitty have files of their own; their functions are offered here too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from causalcopilot.errors import KnowledgeError, UsageError
from causalcopilot.graph.dagitty import Dagitty, from_dagitty, read_dagitty, to_dagitty
from causalcopilot.graph.dot import from_dot, to_dot
from causalcopilot.graph.graph import Edge, Graph, GraphKind, Mark
from causalcopilot.graph.graphtext import assemble

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "Dagitty",
    "from_dagitty",
    "from_dot",
    "from_json",
    "from_networkx",
    "parse_graph",
    "read_dagitty",
    "read_graph_file",
    "to_dagitty",
    "to_dot",
    "to_json",
    "to_mermaid",
    "to_networkx",
]

LARGEST_FILE = 20_000_000  # bytes; a graph of ten thousand edges takes about two million

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
    if graph.selected:
        document["selected"] = list(graph.selected)
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
        return Graph(kind, nodes, edges, latents, _names(data.get("selected", []), "selected"))
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


def parse_graph(text: str) -> Graph:
    """The graph of a text in JSON, DOT or dagitty, told apart by how it begins.

    Raises:
        KnowledgeError: with what was expected where; or when it begins like none of them.
    """
    bare = re.sub(r"^(?:\s|//[^\n]*|#[^\n]*|/\*.*?\*/)+", "", text, flags=re.S)
    if bare.startswith("{") or bare.startswith("["):
        return from_json(bare)
    word = (re.match(r"\w*", bare) or [""])[0].lower()
    if word in ("digraph", "graph", "strict"):
        return from_dot(text)
    if word in ("dag", "pdag", "cpdag", "mag", "pag", "admg"):
        return from_dagitty(text)
    raise KnowledgeError(
        f"the graph text begins with {bare[:20]!r}",
        "begin with dag {, pdag {, pag {, digraph { or a JSON object",
    )


def read_graph_file(path: str | Path) -> Graph:
    """The graph of a file: ``.json``, ``.dot`` and ``.gv`` by their suffix, anything else by its content.

    Raises:
        UsageError: there is no such file.
        KnowledgeError: its text cannot be read as a graph; the message names the file.
    """
    file = Path(path)
    if file.is_dir():
        raise UsageError(f"{path} is a folder", "give one file: .json, .dot or .txt (dagitty)")
    if not file.is_file():
        raise UsageError(f"there is no graph file {str(path)!r}", "give a .json, .dot or .txt (dagitty) file")
    if file.stat().st_size > LARGEST_FILE:
        raise KnowledgeError(f"{file.name} is too large for a graph file", "is it the data?")
    reader = {".json": from_json, ".dot": from_dot, ".gv": from_dot}.get(file.suffix.lower(), parse_graph)
    try:
        return reader(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise KnowledgeError(f"{file.name} is not UTF-8 text", "save the graph file as UTF-8") from None
    except KnowledgeError as error:
        raise KnowledgeError(f"{file.name}: {error.message}", error.hint) from None


def to_mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flowchart; ends that differ and are no plain arrow are told in the edge's label."""
    at = {n: f"n{i}" for i, n in enumerate(graph.nodes)}
    lines = ["flowchart TD"]
    for n in graph.nodes:
        text = n.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace("\n", " ")
        lines.append(f'  {at[n]}(["{text}"])' if n in graph.latents else f'  {at[n]}["{text}"]')
    arrows = {"-->": "-->", "---": "---", "<->": "<-->", "o-o": "o--o", "o->": "-->"}
    for e in graph.edges:
        e = e.flipped() if e.symbol not in arrows and not e.lag else e
        notes = [f"t-{e.lag}"] * bool(e.lag) + [e.symbol] * (e.symbol not in ("-->", "---", "<->", "o-o"))
        label = f'|"{" ".join(notes).replace("<", "&lt;").replace(">", "&gt;")}"|' if notes else ""
        lines.append(f"  {at[e.source]} {arrows.get(e.symbol, '---')}{label} {at[e.target]}")
    return "\n".join(lines) + "\n"


def to_networkx(graph: Graph) -> nx.MultiDiGraph:
    """The graph for networkx: one arc per edge, from ``source`` to ``target``, with marks, lag and
    confidences.

    The kind is in ``.graph["kind"]``; latents have the node attribute ``latent``.  An undirected edge is one
    arc with
    two tails: what reads only directions must look at the marks.
    """
    import networkx as nx

    result = nx.MultiDiGraph(kind=graph.kind)
    for n in graph.nodes:
        result.add_node(n, **({"latent": True} if n in graph.latents else {}))
    for e in graph.edges:
        row = {f.name: getattr(e, f.name) for f in fields(e) if f.name not in ("source", "target")}
        result.add_edge(e.source, e.target, **row)
    return result


def from_networkx(source: nx.Graph, kind: GraphKind | None = None) -> Graph:
    """The graph of any networkx graph; names become text.

    Without mark attributes an arc is ``-->`` and an edge of an undirected graph ``---``.

    Raises:
        KnowledgeError: a mark, share or kind that does not exist, or a directed cycle in a DAG.
    """
    usual = "arrow" if source.is_directed() else "tail"
    rows = [
        {"target_mark": usual, "origin": "user", **d, "source": str(a), "target": str(b)}
        for a, b, d in source.edges(data=True)
    ]
    edges = [_edge(row, i) for i, row in enumerate(rows, 1)]
    latents = [str(n) for n, d in source.nodes(data=True) if d.get("latent")]
    chosen = kind or source.graph.get("kind") or ("dag" if source.is_directed() else "cpdag")
    if chosen not in get_args(GraphKind):
        raise KnowledgeError(f"graph kind {chosen!r} is unknown", f"one of {', '.join(get_args(GraphKind))}")
    return assemble(chosen, [str(n) for n in source.nodes], edges, latents)
