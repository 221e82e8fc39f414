"""Remembered graphs: list, show, compare, save under another name."""

from __future__ import annotations

from causalcopilot.domain.facts import Fact
from causalcopilot.errors import UsageError
from causalcopilot.graph.compare import compare
from causalcopilot.graph.graph import Edge
from causalcopilot.graph.layout import layers
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import NewGraph, Result, Table
from causalcopilot.toolkit.tool import Card, GraphRef, Name, tool

MOST_SHOWN = 200
"""Edges, differences or graphs told one by one; the rest are counted."""

_CARD = Card(data="remembered graphs; the table is not read", cost="milliseconds")


@tool(group="structure", where="parent", card=_CARD)
def list_graphs(context: Context) -> Result:
    """List the remembered graphs, newest first."""
    heads = context.graphs
    facts = [Fact("count", len(heads), "remembered graphs", format="d")]
    for i, h in enumerate(heads[:MOST_SHOWN], 1):
        facts.append(
            Fact(f"graph.{i}", h.id, f"{h.kind} of {h.nodes} nodes and {h.edges} edges", subject=h.id)
        )
        facts.append(Fact(f"graph.{i}.kind", h.kind, f"class of {h.id}", subject=h.id))
        facts.append(Fact(f"graph.{i}.edges", h.edges, f"edges of {h.id}", subject=h.id, format="d"))
    table = Table(
        "graphs",
        "Remembered graphs",
        ("graph", "class", "nodes", "edges", "method", "made by"),
        tuple((h.id, h.kind, h.nodes, h.edges, h.method, h.op) for h in heads),
    )
    count = f"{len(heads)} remembered graph{'s' * (len(heads) != 1)}"
    return Result(count, tuple(facts), tables=(table,), findings=_cut(len(heads), "graphs"))


def _cut(count: int, what: str) -> tuple[str, ...]:
    return (f"{count - MOST_SHOWN} more {what} are not told one by one",) if count > MOST_SHOWN else ()


@tool(group="structure", where="parent", card=_CARD)
def show_graph(context: Context, graph: GraphRef) -> Result:
    """Show the edges of a graph with the marks at both ends, causes first.

    Args:
        graph: graph to show.
    """
    g = graph.graph
    place = {n: (r, i) for r, row in enumerate(layers(g)) for i, n in enumerate(row)}
    edges = sorted(g.edges, key=lambda e: (place[e.source], place[e.target], e.lag))
    facts = [
        Fact("graph", graph.id, "graph shown", subject=graph.id),
        Fact("kind", g.kind, "class of the graph", subject=graph.id),
        Fact("nodes", len(g.nodes), "nodes", subject=graph.id, format="d"),
        Fact("edges", len(g.edges), "edges", subject=graph.id, format="d"),
    ]
    for i, e in enumerate(edges[:MOST_SHOWN], 1):
        facts += _edge(i, e)
    facts += [Fact(f"latent.{i}", n, "unmeasured node", subject=n) for i, n in enumerate(g.latents, 1)]
    table = Table(
        "edges",
        f"Edges of {graph.id}",
        ("from", "edge", "to", "lag", "confidence"),
        tuple((e.source, e.symbol, e.target, e.lag, e.confidence) for e in edges),
    )
    summary = f"{graph.id}: {g.kind} of {len(g.nodes)} nodes and {len(g.edges)} edges"
    return Result(summary, tuple(facts), tables=(table,), findings=_cut(len(edges), "edges"))


def _edge(number: int, edge: Edge) -> list[Fact]:
    facts = [Fact(f"edge.{number}", str(edge), "edge", subject=edge.source)]
    if edge.confidence is not None:
        label = f"share of resamples with {edge.source} and {edge.target} joined"
        facts.append(
            Fact(f"edge.{number}.confidence", edge.confidence, label, subject=edge.source, format=".2f")
        )
    return facts


@tool(group="structure", where="parent", card=_CARD)
def compare_graphs(context: Context, first: GraphRef, second: GraphRef) -> Result:
    """Compare two graphs edge by edge; the scores read the first as the truth.

    Args:
        first: graph to compare with.
        second: graph that is compared.
    """
    found = compare(first.graph, second.graph)
    both = f"{first.id} and {second.id}"
    counts = (
        ("shared", found.shared, f"edges that {both} share"),
        ("only_first", found.only_first, f"pairs joined in {first.id} only"),
        ("only_second", found.only_second, f"pairs joined in {second.id} only"),
        ("different_marks", found.different_marks, "pairs joined in both with other marks"),
        ("shd", found.shd, "structural Hamming distance"),
    )
    scores = (
        ("skeleton_f1", found.skeleton_f1, "F1 of the adjacencies"),
        (
            "arrowhead_precision",
            found.arrowhead_precision,
            f"share of arrowheads of {second.id} that are right",
        ),
        ("arrowhead_recall", found.arrowhead_recall, f"share of arrowheads of {first.id} that are found"),
    )
    facts = [
        Fact("first", first.id, "first graph", subject=first.id),
        Fact("second", second.id, "second graph", subject=second.id),
        *(Fact(key, value, label, format="d") for key, value, label in counts),
        *(Fact(key, value, label, format=".2f") for key, value, label in scores),
    ]
    for i, d in enumerate(found.differences[:MOST_SHOWN], 1):
        text = f"{d.first or 'no edge'} in {first.id}, {d.second or 'no edge'} in {second.id}"
        facts.append(Fact(f"difference.{i}", text, f"difference at {d.a} and {d.b}", subject=d.a))
    table = Table(
        "differences",
        f"Where {both} differ",
        ("from", "to", "lag", first.id, second.id),
        tuple((d.a, d.b, d.lag, d.first, d.second) for d in found.differences),
    )
    summary = (
        "the graphs are equal"
        if found.equal
        else f"{found.shared} edges shared, {len(found.differences)} differ"
    )
    return Result(summary, tuple(facts), tables=(table,), findings=_told(first, second))


def _told(first: StoredGraph, second: StoredGraph) -> tuple[str, ...]:
    """Nodes that one graph lacks, and graphs learned from other data."""
    found = compare(first.graph, second.graph)
    told = []
    for graph, names in ((second, found.nodes_only_first), (first, found.nodes_only_second)):
        if names:
            told.append(f"{graph.id} lacks the nodes {', '.join(names)}")
    if first.dataset and second.dataset and first.dataset != second.dataset:
        told.append(f"{first.id} and {second.id} were learned from different data")
    return (*told, *_cut(len(found.differences), "differences"))


@tool(group="structure", where="parent", card=_CARD)
def save_graph(context: Context, graph: GraphRef, name: Name) -> Result:
    """Save a graph under another name; the original stays as it is.

    Args:
        graph: graph to save.
        name: name for the copy; where it exists, a new version is added.
    """
    if not name:
        raise UsageError("a graph needs a name", "letters, digits, _ - and . are allowed")
    new = NewGraph(graph.graph, name, graph.method, op="copied", parent=graph.id, note=graph.note)
    facts = (
        Fact("name", name, "name of the copy", subject=name),
        Fact("parent", graph.id, "graph it was copied from", subject=graph.id),
    )
    return Result(f"{graph.id} saved as {name}", facts, graphs=(new,))
