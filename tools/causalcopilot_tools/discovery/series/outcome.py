"""From checks and searches over time to the result of the tool: facts, graphs, tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.graph.graph import Graph
from causalcopilot.toolkit.result import DiscoverResult, NewGraph, Table
from causalcopilot_tools.discovery import outcome
from causalcopilot_tools.discovery.core.lag_order import LagOrder
from causalcopilot_tools.discovery.series.checked import Checked
from causalcopilot_tools.discovery.series.prepared import Series


@dataclass(frozen=True)
class Lags:
    """How the longest lag was chosen.

    Attributes:
        used: the longest lag searched.
        order: what the criteria said; ``None`` where the lag was given.
        reason: why, in words.
        left_over: variables whose residuals still hold autocorrelation.
        least_p: smallest p-value of those tests, times the number of variables.
    """

    used: int
    order: LagOrder | None
    reason: str
    left_over: tuple[str, ...]
    least_p: float


@dataclass(frozen=True)
class SeriesReport:
    """What a search over time has to say beyond a search of a table.

    Attributes:
        series: the treated series.
        time, unit: columns.
        rows: steps with a complete past.
        lags: how far back.
        fragile: why the result hangs on more than usual, in words.
        majority: graph most resamples vote for, if there were any.
        block: steps of a bootstrap block.
    """

    series: Series
    time: str
    unit: str | None
    rows: int
    lags: Lags
    fragile: tuple[str, ...]
    majority: Graph | None = None
    block: int = 0


def result(report: outcome.Report, over: SeriesReport, name: str) -> DiscoverResult:
    """The tool's answer."""
    plain = outcome.result(report, name)
    facts = [f for f in plain.facts if f.key != "nodes"]
    tables = [t for t in plain.tables if t.name not in ("edges", "agreement")]
    tables = [_edges(report), *([_side_by_side(report)] if report.runner_up else []), _checks(over), *tables]
    graphs = list(plain.graphs)
    if over.majority is not None:
        wished = f"{name}_majority" if name else ""
        params = (("bootstrap", report.resamples), ("block", over.block))
        note = (
            "the learned graph, changed where two thirds of the resamples give another answer; kept beside the graph,"
            " which loses no edge to it"
        )
        graphs.append(
            NewGraph(over.majority, wished, f"{report.method}, bagged", params, "discovered", note=note)
        )
    nodes = Fact("nodes", len(report.graph.nodes), "columns in the graph", format="d")
    g = report.graph
    summary = f"{report.method}: {len(g.nodes)} columns, {len(g.edges)} edges, lags to {over.lags.used}"
    return replace(
        plain,
        summary=summary,
        facts=(*facts[:2], nodes, *facts[2:], *_facts(over)),
        tables=tuple(tables),
        graphs=tuple(graphs),
    )


def _facts(o: SeriesReport) -> Iterator[Fact]:
    s = o.series
    yield Fact("time", o.time, "time column")
    yield Fact("step", s.index.step, "what one step is")
    if o.unit:
        yield Fact("unit", o.unit, "unit column")
        yield Fact("units", len(s.index.units), "units", format="d")
    yield Fact("steps", o.rows, "steps with a complete past", format="d")
    yield Fact("gaps", s.index.gaps, "missing steps", format="d")
    yield Fact("regular", "yes" if s.index.regular else "no", "evenly spaced in time")
    yield from _lag_facts(o.lags)
    groups = changed(s)
    count = sum(len(names) for names in groups.values())
    yield Fact("changed", count, "columns that were changed before the search", format="d")
    for i, (how, names) in enumerate(groups.items(), 1):
        yield Fact(f"changed.{i}", ", ".join(names), "columns that were changed alike")
        yield Fact(f"changed.{i}.how", how, "what was done to them")
    yield from _check_facts(s.checks)
    yield Fact("fragile", "yes" if o.fragile else "no", "whether the series make the graph fragile")
    yield Fact(
        "standing",
        "fragile" if o.fragile else "not fragile",
        "standing of the graph, as far as its series go",
    )
    for i, why in enumerate(o.fragile, 1):
        yield Fact(f"fragile.{i}", why, "why the graph is fragile")
    if o.block:
        yield Fact("bootstrap.block", o.block, "steps of a bootstrap block", format="d")


def changed(s: Series) -> dict[str, list[str]]:
    """What was done, and to which columns."""
    out: dict[str, list[str]] = {}
    for c in s.checks:
        if how := c.done():
            out.setdefault(how, []).append(c.name)
    return out


def _lag_facts(lags: Lags) -> Iterator[Fact]:
    yield Fact("lags", lags.used, "longest lag searched", unit="steps", format="d")
    yield Fact("lags.reason", lags.reason, "why this lag")
    if lags.order is not None:
        yield Fact("lags.aic", lags.order.aic, "lag by AIC", unit="steps", format="d")
        yield Fact("lags.bic", lags.order.bic, "lag by BIC", unit="steps", format="d")
        yield Fact("lags.tried", lags.order.tried, "longest lag tried", unit="steps", format="d")
    yield Fact(
        "residuals.p_value", lags.least_p, "autocorrelation left in the residuals, corrected", format=".2g"
    )


def _check_facts(checks: tuple[Checked, ...]) -> Iterator[Fact]:
    tested = [c for c in checks if c.tests is not None]
    yield Fact("tested", len(tested), "columns tested for a constant mean", format="d")
    roots = sum(c.tests.unit_root for c in tested if c.tests)
    drifts = sum(c.tests.drifts for c in tested if c.tests) - roots
    yield Fact("unit_roots", roots, "columns with a unit root", format="d")
    yield Fact("drifts", drifts, "columns whose mean moves without a clear unit root", format="d")
    yield Fact("seasonal", sum(c.season is not None for c in checks), "columns with a season", format="d")
    broken = [c for c in checks if c.broke]
    yield Fact("breaks", len(broken), "columns with a structural break", format="d")
    for i, c in enumerate(broken, 1):
        yield Fact(f"break.{i}", c.name, "column with a break", subject=c.name)
        yield Fact(f"break.{i}.at", c.break_at, f"time of the break of {c.name}", subject=c.name)


def _edges(r: outcome.Report) -> Table:
    rows: list[tuple[Scalar, ...]] = [
        (e.source, e.lag, e.symbol, e.target, e.confidence, e.source_confidence, e.target_confidence, stable)
        for e, stable in zip(r.graph.edges, r.compared.stable, strict=True)
    ]
    heads = ("source", "lag", "edge", "target", "adjacent", "mark at source", "mark at target", "stable")
    return Table("edges", f"Edges found by {r.method}", heads, tuple(rows))


def _side_by_side(r: outcome.Report) -> Table:
    rows: list[tuple[Scalar, ...]] = []
    for a in r.compared.edges:
        symbols = dict(a.symbols)
        rows.append(
            (a.source, a.lag, a.target, symbols.get(r.method, "none"), symbols.get(r.runner_up, "none"))
        )
    heads = ("one", "lag", "other", r.method, r.runner_up)
    return Table("agreement", "What the two searches found", heads, tuple(rows))


def _checks(o: SeriesReport) -> Table:
    rows: list[tuple[Scalar, ...]] = []
    for c in o.series.checks:
        t = c.tests
        rows.append(
            (
                c.name,
                c.season.period if c.season else None,
                f"{t.adf_p:.2g}" if t else None,
                f"{t.kpss_level:.2f}" if t else None,
                f"{t.kpss_trend:.2f}" if t else None,
                c.done() or "nothing",
                c.break_at or None,
            )
        )
    heads = (
        "column",
        "season (steps)",
        "unit root, ADF p",
        "KPSS, level (.74)",
        "KPSS, trend (.22)",
        "what was done",
        "break at",
    )
    return Table("series", "Checks of the series, with 1 % critical values", heads, tuple(rows))
