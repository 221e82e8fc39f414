"""The sections about graphs: each remembered graph of the run, how it was found, what it identifies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from causalcopilot.domain.facts import Scalar
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.report.escape import clean
from causalcopilot.report.findings import Findings
from causalcopilot.report.graph_figure import graph_figure
from causalcopilot.report.view import Figure, Grid, Section
from causalcopilot.toolkit.result import DiscoverResult, Table

KINDS = {
    "dag": "directed acyclic graph (DAG)",
    "cpdag": "class of graphs that the data cannot tell apart (CPDAG)",
    "pag": "class of graphs with possible hidden common causes (PAG)",
    "admg": "graph with hidden common causes (ADMG)",
    "lagged": "graph over time",
}
_MANY_EDGES = 120
_TOLD = {
    "falsify": "The graph held against the data",
    "direction": "Which way the noise points",
    "changes": "What differs between the domains",
    "intervene": "What would follow",
    "counterfactual": "What would have followed for one row",
    "anomaly": "Why the row is odd",
    "attribute_change": "Why the mean changed",
    "arrow_strength": "The arrows into the outcome",
}
"""Tools whose newest result has a section of its own, and its title."""


def sections(findings: Findings, graphs: Sequence[StoredGraph]) -> Iterator[Section]:
    """One section for each graph, what the data say against graphs and of directions, the effects a survey found."""
    for i, stored in enumerate(graphs, 1):
        yield _graph(findings, stored, i, len(graphs))
    for tool, title in _TOLD.items():
        yield _tables(findings, tool, title)
    yield _survey(findings)


def _graph(findings: Findings, stored: StoredGraph, number: int, count: int) -> Section:
    q, known = findings.run.question, findings.identification
    path = known.blocking_path if known is not None and known.graph in (stored.id, None) else ()
    nodes = set(stored.graph.nodes)
    drawn = graph_figure(
        stored.graph,
        treatment=q.treatment if q.treatment in nodes and q.treatment else "",
        outcome=q.outcome if q.outcome in nodes and q.outcome else "",
        path=path if set(path[::2]) <= nodes else (),
        title=f"Causal graph {stored.id}",
    )
    name = "graph" if count == 1 else f"graph-{number}"
    figure = Figure(name, f"Causal graph {stored.id}", drawn, KINDS.get(stored.graph.kind, ""))
    discovered = next((f for f in findings.all(DiscoverResult) if stored.id in f.call.graphs), None)
    grids = [_edges(stored.graph)] if stored.graph.edges else []
    notes = [_origin(stored), stored.note]
    if discovered is not None:
        result = discovered.result
        notes += [result.reason, *result.notes, *result.findings]
        grids += [_grid(t) for t in result.tables if t.name in ("series", "agreement", "left_out") and t.rows]
    told = tuple(dict.fromkeys(n[:1].upper() + n[1:] for n in notes if n))
    return Section(f"graph-{number}", f"Graph {stored.id}", (), told, (figure,), tuple(grids))


def _origin(stored: StoredGraph) -> str:
    how = {
        "discovered": "Learned from the data",
        "edited": "Edited by hand",
        "imported": "Given by the user",
        "merged": "Merged from several graphs",
        "copied": "Copied",
    }.get(stored.op, stored.op.capitalize() or "Remembered")
    by = f" with {stored.method}" if stored.method and stored.op == "discovered" else ""
    settings = ", ".join(f"{k} {v}" for k, v in stored.params if v not in (None, ""))
    base = f", from {stored.parent}" if stored.parent else ""
    return f"{how}{by}{base}{f' ({settings})' if settings else ''}."


_PUT = {"data": "", "required": "knowledge", "model": "a model's proposal, accepted"}
"""Who put an edge there, in words; others as they are."""


def _edges(graph: Graph) -> Grid:
    rows = []
    for e in graph.edges[:_MANY_EDGES]:
        lag = f"{e.lag} steps before" if e.lag > 1 else "one step before" if e.lag else ""
        rows.append(
            (
                e.source,
                e.symbol,
                e.target,
                lag,
                _share(e.confidence),
                _share(e.source_confidence),
                _share(e.target_confidence),
                _PUT.get(e.origin, e.origin),
            )
        )
    heads = ("from", "edge", "to", "lag", "adjacent in", "mark at from", "mark at to", "put there by")
    more = f"; the first {_MANY_EDGES} of {len(graph.edges)}" if len(graph.edges) > _MANY_EDGES else ""
    resampled = any(e.confidence is not None for e in graph.edges)
    caption = f"Edges, with the share of resamples that have them{more}" if resampled else f"Edges{more}"
    return Grid(caption, heads, tuple(rows), numeric=(4, 5, 6), names=(0, 1, 2)).compact()


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _cell(value: Scalar) -> str:
    return "–" if value is None else f"{value:.3g}" if isinstance(value, float) else clean(str(value))


def _grid(table: Table) -> Grid:
    rows = tuple(tuple(_cell(c) for c in row) for row in table.rows)
    return Grid(
        table.title,
        table.columns,
        rows,
        names=tuple(range(len(table.columns))) if table.name == "agreement" else (0,),
    )


def _tables(findings: Findings, tool: str, title: str) -> Section:
    """The tables of the newest result of a tool, with what a reader must know about them."""
    found = next((f.result for f in reversed(findings.found) if f.call.tool == tool), None)
    if found is None:
        return Section(tool, title)
    notes = tuple(n[:1].upper() + n[1:] for n in found.findings)
    return Section(tool, title, notes=notes, grids=tuple(_grid(t) for t in found.tables if t.rows))


def _survey(findings: Findings) -> Section:
    """Effects that a graph identifies by adjustment, as the survey tool lists them; nothing is estimated."""
    grids = [_grid(t) for f in findings.found if f.call.tool == "survey" for t in f.result.tables if t.rows]
    notes = (
        ("These effects could be asked for next, if the graph is right. None of them was estimated.",)
        if grids
        else ()
    )
    return Section("identifies", "Which effects the graph identifies", notes=notes, grids=tuple(grids[-1:]))
