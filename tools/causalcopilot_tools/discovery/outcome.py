"""From searches to the result of the tool: facts, graph, tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from causalcopilot.data.names import counted
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.identification import Excluded
from causalcopilot.graph.graph import Graph
from causalcopilot.toolkit.result import DiscoverResult, NewGraph, Table
from causalcopilot_tools.discovery.agreement import Compared


@dataclass(frozen=True)
class Report:
    """Everything ``discover`` has to say.

    Attributes:
        graph: the learned graph, with confidences where there was a bootstrap.
        method, runner_up: searches; ``runner_up`` may be empty.
        reason: why this method.
        params: its settings.
        compared: agreement with the runner-up.
        violations: contradictions of the knowledge.
        left_out: columns that took no part.
        notes: what a reader must know.
        resamples: bootstrap resamples done.
    """

    graph: Graph
    method: str
    runner_up: str
    reason: str
    params: tuple[tuple[str, Scalar], ...]
    compared: Compared
    violations: tuple[str, ...]
    left_out: tuple[Excluded, ...]
    notes: tuple[str, ...]
    resamples: int


def result(report: Report, name: str) -> DiscoverResult:
    """The tool's answer."""
    g = report.graph
    params = (*report.params, ("bootstrap", report.resamples), ("runner_up", report.runner_up))
    new = NewGraph(g, name, report.method, params, "discovered", note=report.reason)
    summary = f"{report.method}: {counted(len(g.nodes), 'node')}, {counted(len(g.edges), 'edge')}"
    notes = (*report.notes, *(f"against the knowledge: {v}" for v in report.violations))
    return DiscoverResult(
        summary,
        tuple(_facts(report)),
        (new,),
        tuple(_tables(report)),
        notes,
        report.method,
        report.reason,
        report.compared.edges,
        notes,
    )


def _facts(r: Report) -> Iterator[Fact]:
    yield Fact("method", r.method, "search method")
    yield Fact("runner_up", r.runner_up or "none", "search method compared with")
    yield from _settings(r.params)
    yield Fact("nodes", len(r.graph.nodes), "columns in the graph", format="d")
    yield Fact("edges", len(r.graph.edges), "edges", format="d")
    yield from _kinds(r.graph)
    if r.compared.share is not None:
        label = f"share of edges that {r.runner_up} finds too"
        yield Fact("agreement", r.compared.share, label, format=".0%")
    yield Fact(
        "stable_edges", sum(r.compared.stable), "edges that the second search and resamples keep", format="d"
    )
    yield Fact("bootstrap", r.resamples, "resamples", format="d")
    yield Fact("knowledge.violations", len(r.violations), "contradictions of the knowledge", format="d")
    for i, v in enumerate(r.violations, 1):
        yield Fact(f"knowledge.violation.{i}", v, "contradiction of the knowledge")
    yield from _edge_facts(r)
    for i, e in enumerate(r.left_out, 1):
        yield Fact(f"left_out.{i}", e.name, "column left out", subject=e.name)
        yield Fact(f"left_out.{i}.reason", e.reason, f"why {e.name} was left out", subject=e.name)


def _settings(params: tuple[tuple[str, Scalar], ...]) -> Iterator[Fact]:
    """What the search was told or chose: the test and its level, or the score."""
    told = dict(params)
    for key, label in (("test", "independence test"), ("score", "score of the search")):
        if told.get(key) is not None:
            yield Fact(key, told[key], label)
    if told.get("alpha") is not None:
        yield Fact("alpha", told["alpha"], "level of the independence tests", format="g")


def _kinds(graph: Graph) -> Iterator[Fact]:
    marks = [(e.source_mark, e.target_mark) for e in graph.edges]
    yield Fact("directed", sum(e.directed for e in graph.edges), "directed edges", format="d")
    yield Fact("undirected", marks.count(("tail", "tail")), "undirected edges", format="d")
    yield Fact("bidirected", marks.count(("arrow", "arrow")), "edges with a hidden common cause", format="d")
    yield Fact("circles", sum("circle" in m for m in marks), "edges with an undecided end", format="d")


def _edge_facts(r: Report) -> Iterator[Fact]:
    for i, e in enumerate(r.graph.edges, 1):
        subject = f"{e.source}, {e.target}"
        yield Fact(f"edge.{i}", str(e), "edge", subject=subject)
        if e.confidence is not None:
            label = f"share of resamples in which {e.source} and {e.target} are adjacent"
            yield Fact(f"edge.{i}.confidence", e.confidence, label, subject=subject, format=".0%")


def _tables(r: Report) -> Iterator[Table]:
    rows: list[tuple[Scalar, ...]] = []
    for e, stable in zip(r.graph.edges, r.compared.stable, strict=True):
        rows.append(
            (e.source, e.symbol, e.target, e.confidence, e.source_confidence, e.target_confidence, stable)
        )
    heads = ("source", "edge", "target", "adjacent", "mark at source", "mark at target", "stable")
    yield Table("edges", f"Edges found by {r.method}", heads, tuple(rows))
    if r.runner_up:
        yield Table("agreement", "What the two searches found", *_side_by_side(r))
    if r.left_out:
        gone = tuple((e.name, e.reason) for e in r.left_out)
        yield Table("left_out", "Columns left out of the search", ("column", "reason"), gone)


def _side_by_side(r: Report) -> tuple[tuple[str, ...], tuple[tuple[Scalar, ...], ...]]:
    rows: list[tuple[Scalar, ...]] = []
    for a in r.compared.edges:
        symbols = dict(a.symbols)
        rows.append((a.source, a.target, symbols.get(r.method, "none"), symbols.get(r.runner_up, "none")))
    return ("one", "other", r.method, r.runner_up), tuple(rows)
