"""Why is the outcome of one named row so far from the mean?  Its deviation, shared out among the causes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Fact
from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import RankingResult, Table
from causalcopilot.toolkit.tool import Card, Column, GraphRef, Value, tool
from causalcopilot_tools.explain.named_row import in_layout, position
from causalcopilot_tools.explain.resampling import Interval, drawn, interval
from causalcopilot_tools.explain.shapley import sample, walk
from causalcopilot_tools.explain.structural import (
    Layout,
    Structural,
    head,
    layout_of,
    mechanisms_table,
    modelled,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DRAWS = 1000
DRAWS_AGAIN = 200
"""Draws behind the shares, and behind those of each resample."""
USUAL = 0.05
"""Where a larger share of rows lies as far out, the outcome of the row is not called unusual."""


@dataclass(frozen=True)
class Share:
    """What one column's own noise adds to the deviation.

    Attributes:
        name: column; the outcome itself stands for what none of its causes explains.
        value, low, high: in the outcome's unit.
        oddness: share of rows whose noise lies as far from its middle as that of the row.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    oddness: float

    @property
    def sure(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@tool(
    group="explain",
    deadline=60.0,
    card=Card(
        assumes=(
            "the graph is right and has no hidden common causes",
            "noise adds to each mechanism; the noises are independent",
        ),
        data="a fully directed graph; answers with values of one row, so an online model is never offered it",
        cost="seconds",
        source="Budhathoki, Minorics, Bloebaum & Janzing 2022, here in the outcome's unit",
    ),
    private=True,
)
def anomaly(
    context: Context, outcome: Column, graph: GraphRef, row: Value, row_column: Column | None = None
) -> RankingResult:
    """Rank the root causes of an outcome of one named row: whose own noise moved it away from the mean, and how far.

    A cause that only passes on what its own causes did gets nothing: the share goes to where the deviation
    came in.  The shares add up to the deviation of the row from the mean.  The row is kept out of the fit.

    Args:
        outcome: column whose value in the row is to be explained.
        graph: graph assumed.
        row: number of the row, the first being 1; with ``row_column`` the value that names it.
        row_column: column whose value names the row.
    """
    import numpy as np

    layout = layout_of(context, graph, outcome)
    place = position(context, row, row_column)
    at = in_layout(context, layout, place)
    if layout.outcome.kind != "number":
        raise NotApplicable(
            f"{outcome} has two values, and a value of two is no deviation", "ask about a column of numbers"
        )
    if len(layout.nodes) < 2:
        raise NotApplicable(f"{outcome} has no cause in {graph.id}", "give a graph in which it has causes")
    odd = layout.values[at : at + 1]
    rest = replace(layout, values=np.delete(layout.values, at, axis=0), rows=np.delete(layout.rows, at))
    model = modelled(rest, context.seed)
    rng = np.random.default_rng([context.seed, 1])
    values, mean = shares(model, odd, DRAWS, rng)
    ends = interval(lambda r: shares(drawn(model, r), odd, DRAWS_AGAIN, r)[0], len(values), context.seed)
    found = _ranked(model, odd, values, ends)
    was, named = float(odd[0, -1]), f"row {place + 1}" + (f" ({row_column} = {row})" if row_column else "")
    tail = _tail(rest.values[:, -1], was)
    findings = [*layout.findings, *ends.findings, f"{named} was kept out of the fit"]
    if tail > USUAL:
        findings.append(
            f"{outcome} of {named} is not unusual: {tail:.0%} of the rows lie as far out on its side"
        )
    facts = [
        *head(layout, outcome),
        *_facts(context, outcome, named, was, mean, tail, found),
        Fact("resamples", ends.resamples, "resamples behind the intervals", format="d"),
    ]
    top = found[0]
    return RankingResult(
        f"{outcome} of {named} is {was:.4g} against {mean:.4g} on average; most comes from {top.name}",
        tuple(facts),
        tables=(_table(context, outcome, named, layout, odd, found), mechanisms_table(model)),
        findings=tuple(findings),
        ranking=tuple(s.name for s in found),
        graph=graph.id or None,
    )


def shares(model: Structural, odd: Floats, draws: int, rng: np.random.Generator) -> tuple[Floats, float]:
    """What the noise of each node adds to the outcome of a row, against noise as the other rows have it.

    Args:
        model: fitted on the other rows.
        odd: (1, p) values of the row.
        draws: draws of the noise of other rows, each node's apart from the others'.
        rng: generator.

    Returns:
        (p,) shares in the unit of the outcome, and the mean outcome without the row's noise.
    """
    import numpy as np

    mechanisms = model.mechanisms
    usual = np.column_stack([sample(m.noise, draws, rng, m.node.kind == "number") for m in mechanisms])
    many = np.repeat(odd, draws, axis=0)
    own = np.column_stack([m.abduct(many, rng) for m in mechanisms])

    def outcome(on: NDArray[np.bool_]) -> Floats:
        noise = np.where(on, own, usual)
        values = np.empty_like(noise)
        for m in mechanisms:
            values[:, m.node.at] = m.generate(values, noise[:, m.node.at])
        return values[:, -1]

    found, mean, _ = walk(outcome, len(mechanisms), draws, rng)
    return found, mean


def _ranked(model: Structural, odd: Floats, values: Floats, ends: Interval) -> list[Share]:
    """Those that pushed the way the row went first, most first; those that held it back last."""
    import numpy as np

    made = []
    for m, v, low, high in zip(model.mechanisms, values, ends.low, ends.high, strict=True):
        middle = float(np.median(m.noise))
        own = float(m.abduct(odd, np.random.default_rng(0))[0])
        if m.node.kind == "number":
            oddness = float((np.abs(m.noise - middle) >= abs(own - middle)).mean())
        else:
            column = model.layout.values[:, m.node.at]
            oddness = float((column == odd[0, m.node.at]).mean())
        made.append(Share(m.node.name, float(v), low, high, oddness))
    way = 1.0 if float(values.sum()) >= 0 else -1.0
    return sorted(made, key=lambda s: (-way * s.value, s.name))


def _tail(others: Floats, was: float) -> float:
    """The share of the other rows that lie as far from the mean, on the same side."""
    return float((others >= was).mean() if was >= others.mean() else (others <= was).mean())


def _facts(
    context: Context, outcome: str, named: str, was: float, mean: float, tail: float, found: list[Share]
) -> list[Fact]:
    unit = context.profile.column(outcome).unit
    facts = [
        Fact("row", named, "the row asked about"),
        Fact("observed", was, f"{outcome} of {named}", unit, outcome, ".4g"),
        Fact("mean", mean, f"{outcome} on average, in the model", unit, outcome, ".4g"),
        Fact(
            "deviation", was - mean, f"how far {outcome} of {named} is from the average", unit, outcome, ".4g"
        ),
        Fact(
            "side", "high" if was >= mean else "low", f"on which side of the mean {outcome} of {named} lies"
        ),
        Fact("tail", tail, "share of the other rows as far out on that side", "", outcome, ".1%"),
        Fact("unusual", "no" if tail > USUAL else "yes", f"whether {outcome} of {named} is unusual"),
        Fact("count", len(found), "columns whose noise was weighed", format="d"),
    ]
    for i, s in enumerate(found, 1):
        what = f"own noise of {s.name}" if s.name != outcome else f"what no cause explains of {outcome}"
        facts += [
            Fact(f"rank.{i}", s.name, f"possible root cause of {outcome} of {named}", subject=s.name),
            Fact(
                f"rank.{i}.share",
                s.value,
                f"what the {what} adds to it" if s.name != outcome else what,
                unit,
                s.name,
                ".4g",
                s.low,
                s.high,
            ),
            Fact(
                f"rank.{i}.sure",
                "yes" if s.sure else "no",
                f"whether the interval of {s.name} excludes zero",
                subject=s.name,
            ),
            Fact(
                f"rank.{i}.oddness",
                s.oddness,
                f"share of rows whose noise of {s.name} is as unusual",
                "",
                s.name,
                ".1%",
            ),
        ]
    return facts


def _table(
    context: Context, outcome: str, named: str, layout: Layout, odd: Floats, found: list[Share]
) -> Table:
    unit = context.profile.column(outcome).unit
    rows = []
    for s in found:
        node = layout.nodes[layout.at(s.name)]
        v = odd[0, node.at]
        shown = float(v) if node.kind == "number" else node.levels[int(v)]
        rows.append((s.name, shown, s.value, s.low, s.high, s.oddness))
    return Table(
        "anomaly",
        f"What moved {outcome} of {named}, by where it came in" + (f" ({unit})" if unit else ""),
        ("own noise of", "value in the row", "share", "lowest", "highest", "rows as unusual"),
        tuple(rows),
    )
