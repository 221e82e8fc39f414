"""Who drives an outcome?  Its causes in a graph, by the strength of their total effects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.facts import Fact
from causalcopilot.errors import NotApplicable
from causalcopilot.graph.adjustment import Adjustment, adjustment
from causalcopilot.graph.causes import sides
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.orientations import orientations
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import RankingResult, Table
from causalcopilot.toolkit.tool import Card, Column, GraphRef, tool
from causalcopilot_tools.effects.design_matrix import encode
from causalcopilot_tools.explain.strength import Strength, strength
from causalcopilot_tools.structure.structure import measured, present

if TYPE_CHECKING:
    import pandas as pd

UNFIT = {"identifier": "names the row", "text": "is free text", "constant": "never varies"}


@dataclass(frozen=True)
class Driver:
    """One cause of the outcome.

    Attributes:
        name: column.
        certain: whether it is a cause in every graph of the class.
        path: a (possibly) directed path to the outcome.
        value: strength in outcome standard deviations per standard deviation of the cause; the mean over the
            open orientations where the graph leaves some; ``None`` where the graph does not identify it.
        low, high: range over those orientations, or ``None``.
        effect: the identified linear effect with its sign and interval, or ``None``.
        controls: what was held fixed, or what stands in the way.
    """

    name: str
    certain: bool
    path: tuple[str, ...]
    value: float | None
    low: float | None = None
    high: float | None = None
    effect: Strength | None = None
    controls: str = ""


@tool(
    group="explain",
    deadline=120.0,
    card=Card(
        assumes=("the graph is right", "effects are close to linear"),
        data="a numeric or two-valued outcome that the graph holds",
        cost="one regression per ancestor; seconds on wide tables",
        source="total effects by graph-based adjustment (Henckel et al. 2022); open orientations as in IDA "
        "(Maathuis, Kalisch & Buehlmann 2009)",
    ),
)
def drivers(context: Context, outcome: Column, graph: GraphRef) -> RankingResult:
    """Rank the causes of an outcome in a graph by the strength of their total linear effects.

    Only columns with a (possibly) directed path to the outcome count, never its effects.  Strength is in
    standard deviations of the outcome per standard deviation of the cause, with the graph's controls held
    fixed.  Where the graph leaves an edge open, it is the mean over the possible orientations; where the
    effect is not identified, none is given.

    Args:
        outcome: column to explain.
        graph: graph to read.
    """
    present(graph, outcome)
    seen, unmeasured = measured(graph.graph, context.dataset.columns)
    causes, left_out = _causes(context, seen, outcome)
    frame = _frame(context, outcome, seen)
    found = sorted((_driver(context, frame, seen, c, outcome) for c in causes), key=_rank)
    findings = [f"{name} is a cause in the graph but {why}, so it is not ranked" for name, why in left_out]
    if unmeasured:
        findings.append(f"nodes that the table does not measure count as latent: {', '.join(unmeasured)}")
    return RankingResult(
        _summary(outcome, found),
        tuple(_facts(outcome, graph, found)),
        tables=(_table(outcome, found),),
        findings=tuple(findings),
        ranking=tuple(d.name for d in found),
        graph=graph.id or None,
    )


def _causes(context: Context, graph: Graph, outcome: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Possible causes that a regression can use, and the others with the reason."""
    facing = sides(graph)
    above = facing.possible_causes(graph.nodes.index(outcome))
    names = [graph.nodes[v] for v in sorted(above) if graph.nodes[v] != outcome]
    kept, left_out = [], []
    for name in names:
        if name in graph.latents:
            continue
        why = UNFIT.get(context.dataset.type_of(name), "")
        if why:
            left_out.append((name, why))
        else:
            kept.append(name)
    return kept, left_out


def _frame(context: Context, outcome: str, graph: Graph) -> pd.DataFrame:
    """The graph's columns, in rows that have the outcome; the outcome as a number.

    Raises:
        NotApplicable: the outcome is neither a number nor two-valued, or hardly ever known.
    """
    import pandas as pd

    frame = context.dataset.frame([n for n in graph.observed if n != outcome])
    y = context.dataset.frame([outcome])[outcome]
    if context.dataset.type_of(outcome) in ("identifier", "constant", "date") or y.nunique() < 2:
        raise NotApplicable(f"{outcome} is no outcome that causes could move", "name a column that varies")
    if not pd.api.types.is_numeric_dtype(y):
        if y.nunique() != 2:
            raise NotApplicable(
                f"{outcome} is text with {y.nunique()} levels", "name a numeric or two-valued column"
            )
        y = y.map({level: float(i) for i, level in enumerate(sorted(y.dropna().unique()))})
    frame[outcome] = y.astype(float)
    return frame[y.notna()].reset_index(drop=True)


def _driver(context: Context, frame: pd.DataFrame, graph: Graph, name: str, outcome: str) -> Driver:
    found = adjustment(graph, name, outcome)
    at = graph.nodes.index
    certain = sides(graph).certain_cause(at(name), at(outcome))
    if found.valid:
        return _identified(context, frame, found, certain)
    ways = orientations(graph, name) if graph.kind == "cpdag" and not graph.latents else ()
    values = [_open_way(context, frame, name, outcome, w.parents, outcome in w.causes) for w in ways]
    known = [v for v in values if v is not None]
    if not known or len(known) < len(values):
        return Driver(name, certain, found.example_path, None, controls=found.reason)
    mean = sum(known) / len(known)
    told = f"{len(known)} orientations of its edges are possible"
    return Driver(name, certain, found.example_path, mean, min(known), max(known), controls=told)


def _identified(context: Context, frame: pd.DataFrame, found: Adjustment, certain: bool) -> Driver:
    controls = found.minimal if found.optimal is None else found.optimal
    effect = _strength(context, frame, found.treatment, found.outcome, controls)
    told = f"given {', '.join(controls)}" if controls else "nothing to hold fixed"
    if effect is None:
        told = "too few rows, or the controls determine it"
    value = None if effect is None else effect.value
    return Driver(found.treatment, certain, found.example_path, value, effect=effect, controls=told)


def _open_way(
    context: Context, frame: pd.DataFrame, name: str, outcome: str, parents: tuple[str, ...], causal: bool
) -> float | None:
    """Strength if the open edges at ``name`` point that way; zero where the outcome is then no effect of it."""
    if outcome in parents or not causal:
        return 0.0
    effect = _strength(context, frame, name, outcome, parents)
    return None if effect is None else effect.value


def _strength(
    context: Context, frame: pd.DataFrame, name: str, outcome: str, controls: Iterable[str]
) -> Strength | None:
    types = dict(context.dataset.ref.columns)
    rows = frame[frame[name].notna()]
    cause, given = encode(rows, [name], types), encode(rows, list(controls), types)
    if not cause.X.shape[1]:
        return None
    found = strength(rows[outcome].to_numpy(float), cause.X, given.X)
    if found is not None and cause.names != (name,):  # a level stands for the column: a sign would mislead
        return replace(found, signed=None, low=None, high=None)
    return found


def _rank(driver: Driver) -> tuple[Any, ...]:
    """Strongest first, certain before uncertain of equals, those without a strength last."""
    return (
        driver.value is None,
        -(driver.value or 0.0),
        -(driver.high or 0.0),
        not driver.certain,
        driver.name,
    )


def _summary(outcome: str, found: list[Driver]) -> str:
    if not found:
        return f"the graph has no cause of {outcome}"
    first = found[0]
    shown = "strength not identified" if first.value is None else f"{first.value:.2f} SD per SD"
    return f"{len(found)} possible causes of {outcome}, first {first.name} ({shown})"


def _facts(outcome: str, graph: StoredGraph, found: list[Driver]) -> list[Fact]:
    facts = [
        Fact("outcome", outcome, "outcome explained", subject=outcome),
        Fact("graph", graph.id, "graph read", subject=graph.id),
        Fact("kind", graph.graph.kind, "class of the graph", subject=graph.id),
        Fact("count", len(found), f"possible causes of {outcome}", format="d"),
        Fact(
            "certain", sum(d.certain for d in found), f"certain causes of {outcome} in the graph", format="d"
        ),
    ]
    for i, d in enumerate(found, 1):
        facts += _ranked(f"rank.{i}", d, outcome)
    return facts


def _ranked(key: str, d: Driver, outcome: str) -> list[Fact]:
    unit = f"SD of {outcome} per SD of {d.name}"
    kind = "mean over the open orientations of" if d.low is not None else "size of"
    facts = [
        Fact(key, d.name, f"possible cause of {outcome}", subject=d.name),
        Fact(
            f"{key}.strength",
            d.value,
            f"{kind} the linear effect of {d.name} on {outcome}",
            unit if d.value is not None else "",
            d.name,
            ".2f",
            d.low,
            d.high,
        ),
        Fact(f"{key}.path", " ".join(d.path), f"path from {d.name} to {outcome}", subject=d.name),
        Fact(
            f"{key}.certain",
            "yes" if d.certain else "uncertain",
            f"{d.name} causes {outcome} in the graph",
            subject=d.name,
        ),
        Fact(f"{key}.basis", d.controls, f"how the strength of {d.name} was found", subject=d.name),
    ]
    if d.effect is not None and d.effect.signed is not None:
        e = d.effect
        label = f"linear effect of {d.name} on {outcome}, standardised"
        facts.append(Fact(f"{key}.effect", e.signed, label, unit, d.name, ".2f", e.low, e.high))
    return facts


def _table(outcome: str, found: list[Driver]) -> Table:
    return Table(
        "drivers",
        f"Possible causes of {outcome}, strongest first",
        ("cause", "strength (SD per SD)", "lowest", "highest", "certain", "path", "basis"),
        tuple(
            (
                d.name,
                d.value,
                d.low,
                d.high,
                "yes" if d.certain else "uncertain",
                " ".join(d.path),
                d.controls,
            )
            for d in found
        ),
    )
