"""Why does the mean of an outcome differ between two named periods or groups?  The difference, shared out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Fact, Scalar, display
from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import RankingResult, Table
from causalcopilot.toolkit.tool import Card, Column, GraphRef, Value, tool
from causalcopilot_tools.explain.intervene import form_of, unit_of
from causalcopilot_tools.explain.mechanisms import ROWS_TO_BEND, Mechanism, fit
from causalcopilot_tools.explain.named_row import equal
from causalcopilot_tools.explain.resampling import Interval, interval
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
DRAWS_AGAIN = 400
MIN_GROUP = 30
"""Fewest rows a period or group must have: its mechanisms are fitted on them alone."""


@dataclass(frozen=True)
class Part:
    """What the change of one mechanism adds to the difference of the means, in the outcome's unit."""

    name: str
    value: float
    low: float | None
    high: float | None
    why: str

    @property
    def sure(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@tool(
    group="explain",
    deadline=90.0,
    card=Card(
        assumes=(
            "the graph is right in both groups and has no hidden common causes",
            "noise adds to each mechanism and is independent of the causes",
        ),
        data=f"a fully directed graph; at least {MIN_GROUP} complete rows in each of two named groups",
        cost="seconds",
        source="Budhathoki, Janzing, Bloebaum & Ng 2021, for means; Quintas-Martinez et al. 2024 for the robust kind",
    ),
)
def attribute_change(
    context: Context, outcome: Column, graph: GraphRef, column: Column, first: Value, second: Value
) -> RankingResult:
    """Rank the mechanisms whose change made the mean of an outcome differ between two named groups or periods.

    Each column's mechanism (how it follows from its parents, and its noise) is fitted in both groups; Shapley
    values share out the difference of the means among the mechanisms that differ.  They add up to it.

    Args:
        outcome: column whose mean differs.
        graph: graph assumed in both groups.
        column: column that tells the groups or periods apart.
        first: its value in the first group; of a date column a year (2023), month (2023-05) or day.
        second: its value in the second group.
    """
    import numpy as np

    if column == outcome:
        raise NotApplicable(f"{column} is the outcome itself", "name the column that tells the groups apart")
    layout = layout_of(context, graph, outcome, without=(column,))
    one, two = (_members(context, layout, column, v) for v in (first, second))
    if np.array_equal(one, two):
        raise NotApplicable(f"{display(first)} and {display(second)} are the same rows", "name two groups")
    few = min(one.sum(), two.sum()) < ROWS_TO_BEND
    model = modelled(replace(layout, values=layout.values[one | two]), context.seed, straight=bool(few))
    rng = np.random.default_rng([context.seed, 2])
    a, b = layout.values[one], layout.values[two]
    values = parts(model, a, b, DRAWS, rng)
    old, new = float(a[:, -1].mean()), float(b[:, -1].mean())

    def again(r: np.random.Generator) -> Floats:
        x, y = (v[r.integers(0, len(v), len(v))] for v in (a, b))
        return np.append(parts(model, x, y, DRAWS_AGAIN, r), y[:, -1].mean() - x[:, -1].mean())

    ends = interval(again, len(values) + 1, context.seed)
    found = _ranked(model, values, ends)
    names = (f"{column} = {display(first)}", f"{column} = {display(second)}")
    findings = [*layout.findings, *ends.findings]
    if column in graph.graph.nodes:
        findings.append(
            f"{column} tells the groups apart, so its arrows were taken out: what it does shows as changed mechanisms"
        )
    left = float(new - old - values.sum())
    if abs(left) > 0.1 * abs(new - old) and abs(left) > 0.05 * float(layout.values[:, -1].std()):
        findings.append("the mechanisms do not reproduce the two means well: read the shares with care")
    unit, event = unit_of(context, layout)
    facts = [
        *head(layout, outcome),
        *_facts(outcome, names, (unit, form_of(event)), (old, new), ends, found),
        Fact(
            "left",
            left,
            "part of the difference that the mechanisms do not reproduce",
            unit,
            outcome,
            form_of(event),
        ),
        Fact("n.first", int(one.sum()), f"rows with {names[0]}", format=",d"),
        Fact("n.second", int(two.sum()), f"rows with {names[1]}", format=",d"),
    ]
    if event:
        facts.append(Fact("event", event, f"value of {outcome} that is counted", subject=outcome))
    top = found[0]
    return RankingResult(
        f"mean of {outcome} goes from {old:.4g} to {new:.4g}; most comes from {top.name} ({top.value:+.4g})",
        tuple(facts),
        tables=(_table(outcome, names, unit, found), mechanisms_table(model)),
        findings=tuple(findings),
        ranking=tuple(p.name for p in found),
        graph=graph.id or None,
    )


def parts(model: Structural, a: Floats, b: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """(p,) what the change of each mechanism from rows ``a`` to rows ``b`` adds to the mean of the outcome.

    Args:
        model: gives the form of each mechanism.
        a: (n, p) node values of the first group.
        b: (m, p) of the second.
        draws: draws of the noise.
        rng: generator.
    """
    import numpy as np

    before = [fit(m.node, m.shape, a, rng) for m in model.mechanisms]
    later = [fit(m.node, m.shape, b, rng) for m in model.mechanisms]
    u, v = (_noise(ms, draws, rng) for ms in (before, later))

    def outcome(on: NDArray[np.bool_]) -> Floats:
        values = np.empty((draws, len(before)))
        for j, (old, new) in enumerate(zip(before, later, strict=True)):
            values[:, j] = np.where(on[:, j], new.generate(values, v[:, j]), old.generate(values, u[:, j]))
        return values[:, -1]

    return walk(outcome, len(before), draws, rng)[0]


def _noise(mechanisms: list[Mechanism], draws: int, rng: np.random.Generator) -> Floats:
    import numpy as np

    return np.column_stack([sample(m.noise, draws, rng, m.node.kind == "number") for m in mechanisms])


def _members(context: Context, layout: Layout, column: str, value: Scalar) -> NDArray[np.bool_]:
    """Which rows of the layout belong to a group."""
    import numpy as np

    held = context.dataset.frame([column])[column].iloc[layout.rows]
    found = np.asarray(equal(held, value), dtype=bool)
    if not found.any():
        seen = held.dropna().astype(str)
        counts = seen.value_counts()
        listed = ", ".join(counts.index[counts >= MIN_GROUP][:6]) if len(counts) <= 20 else ""
        raise NotApplicable(
            f"no complete row has {column} = {display(value)}",
            f"values: {listed}" if listed else "name a value it has",
        )
    if int(found.sum()) < MIN_GROUP:
        raise NotApplicable(
            f"{column} = {display(value)} has only {int(found.sum())} complete rows",
            f"{MIN_GROUP} rows are needed in each group",
        )
    return found


def _ranked(model: Structural, values: Floats, ends: Interval) -> list[Part]:
    """Those that pushed the way the mean went first, most first; those that held it back last."""
    outcome = model.layout.outcome.name
    made = []
    for m, v, low, high in zip(model.mechanisms, values, ends.low, ends.high, strict=False):
        why = "its own level and spread" if not m.node.parents else "how it follows from its parents"
        if m.node.name == outcome and m.node.parents:
            why = "how it follows from its parents, or what none of them explains"
        made.append(Part(m.node.name, float(v), low, high, why))
    way = 1.0 if float(values.sum()) >= 0 else -1.0
    return sorted(made, key=lambda p: (-way * p.value, p.name))


def _facts(
    outcome: str,
    names: tuple[str, str],
    shown: tuple[str, str],
    means: tuple[float, float],
    ends: Interval,
    found: list[Part],
) -> list[Fact]:
    (old, new), (unit, form) = means, shown
    facts = [
        Fact("first", names[0], "the first group"),
        Fact("second", names[1], "the second group"),
        Fact("first.mean", old, f"mean of {outcome} with {names[0]}", unit, outcome, form),
        Fact("second.mean", new, f"mean of {outcome} with {names[1]}", unit, outcome, form),
        Fact(
            "difference",
            new - old,
            f"difference of the means of {outcome}",
            unit,
            outcome,
            form,
            ends.low[-1],
            ends.high[-1],
        ),
        Fact("count", len(found), "mechanisms compared", format="d"),
        Fact("resamples", ends.resamples, "resamples behind the intervals", format="d"),
    ]
    for i, p in enumerate(found, 1):
        facts += [
            Fact(f"rank.{i}", p.name, f"mechanism whose change may have moved {outcome}", subject=p.name),
            Fact(
                f"rank.{i}.share",
                p.value,
                f"what the change of the mechanism of {p.name} adds",
                unit,
                p.name,
                form,
                p.low,
                p.high,
            ),
            Fact(
                f"rank.{i}.sure",
                "yes" if p.sure else "no",
                f"whether the interval of {p.name} excludes zero",
                subject=p.name,
            ),
            Fact(f"rank.{i}.why", p.why, f"what changed of {p.name}", subject=p.name),
        ]
    return facts


def _table(outcome: str, names: tuple[str, str], unit: str, found: list[Part]) -> Table:
    return Table(
        "change",
        f"What moved the mean of {outcome} from {names[0]} to {names[1]}" + (f" ({unit})" if unit else ""),
        ("mechanism of", "share", "lowest", "highest", "what changed"),
        tuple((p.name, p.value, p.low, p.high, p.why) for p in found),
    )
