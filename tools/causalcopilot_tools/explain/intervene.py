"""What would an outcome be if a cause were set, shifted or multiplied?  An intervention on a structural model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Fact
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Result, Table
from causalcopilot.toolkit.tool import Card, Column, GraphRef, Value, tool
from causalcopilot_tools.explain.resampling import drawn, interval
from causalcopilot_tools.explain.setting import Factor, Shift, after, read_setting, unseen
from causalcopilot_tools.explain.structural import Layout, head, layout_of, mechanisms_table, modelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SHOWN = (0.1, 0.5, 0.9)
"""Quantiles of the outcome shown beside its mean."""


@tool(
    group="explain",
    deadline=60.0,
    card=Card(
        assumes=(
            "the graph is right and has no hidden common causes",
            "noise adds to each mechanism and is independent of the causes",
        ),
        data="a fully directed graph with the cause and its outcome",
        cost="a second; every mechanism is fitted again in each resample",
        source="Pearl 2009, chapter 3; Peters, Janzing & Schoelkopf 2017, chapter 6",
    ),
)
def intervene(
    context: Context,
    cause: Column,
    outcome: Column,
    graph: GraphRef,
    value: Value | None = None,
    shift: Shift | None = None,
    factor: Factor | None = None,
) -> Result:
    """Tell what an outcome would be on average if a cause were set to a value, shifted or multiplied.

    The columns between cause and outcome are made anew from their mechanisms, with each row's own noise; all
    others stay.  Give one of ``value``, ``shift`` and ``factor``.  A class of graphs with open edges is refused.

    Args:
        cause: column that is set.
        outcome: column that responds.
        graph: graph assumed.
        value: value it is set to, in the column's unit.
        shift: amount added to it in every row, in the column's unit.
        factor: number it is multiplied by in every row (2 doubles it); not for a column with values below zero.
    """
    import numpy as np

    layout = layout_of(context, graph, outcome)
    setting = read_setting(layout, cause, value, shift, factor)
    model = modelled(layout, context.seed, only=layout.below(setting.at))
    made = after(model, setting, layout.values, model.noise)[:, -1]
    was = layout.values[:, -1]

    def means(rng: np.random.Generator) -> Floats:
        again = drawn(model, rng)
        seen = again.layout.values
        new, old = float(after(again, setting, seen, again.noise)[:, -1].mean()), float(seen[:, -1].mean())
        return np.array([new, old, new - old])

    ends = interval(means, 3, context.seed)
    share, words = unseen(layout, setting)
    findings = [*layout.findings, *ends.findings]
    if words:
        findings.append(
            f"{setting.says} puts {share:.0%} of the rows where hardly any row is ({words}): read it as an"
            " extrapolation"
        )
    centre = (float(made.mean()), float(was.mean()), float(made.mean() - was.mean()))
    unit, event = unit_of(context, layout)
    facts = [
        *head(layout, outcome),
        *_facts(outcome, setting.says, unit, form_of(event), centre, ends.low, ends.high),
        Fact("cause", cause, "cause that is set", subject=cause),
        Fact("setting", setting.says, "what is done", subject=cause),
        Fact(
            "extrapolated", "yes" if words else "no", f"whether {setting.says} lies outside of what is seen"
        ),
        Fact("extrapolated.share", share, "share of rows put where hardly any row is", format=".0%"),
        Fact("resamples", ends.resamples, "resamples behind the intervals", format="d"),
    ]
    if event:
        facts.append(Fact("event", event, f"value of {outcome} that is counted", subject=outcome))
    for q in SHOWN if layout.outcome.kind == "number" else ():
        key, name = f"{q:.0%}".rstrip("%"), f"{q:.0%} quantile of {outcome}"
        facts.append(
            Fact(
                f"quantile.{key}",
                float(np.quantile(made, q)),
                f"{name} at {setting.says}",
                unit,
                outcome,
                ".4g",
            )
        )
        facts.append(
            Fact(
                f"quantile.{key}.observed",
                float(np.quantile(was, q)),
                f"{name} as observed",
                unit,
                outcome,
                ".4g",
            )
        )
    summary = f"mean of {outcome} at {setting.says}: {centre[0]:.4g} {unit} (observed {centre[1]:.4g})"
    return Result(
        summary.replace("  ", " "),
        tuple(facts),
        tables=(_table(outcome, setting.says, made, was, layout), mechanisms_table(model)),
        findings=tuple(findings),
    )


def unit_of(context: Context, layout: Layout) -> tuple[str, str]:
    """The unit of the outcome; of one with two values none, and the value whose share is told."""
    node = layout.outcome
    if node.kind == "binary":
        return "", node.levels[1]
    return context.profile.column(node.name).unit, ""


def form_of(event: str) -> str:
    """How values of the outcome are shown: a share in percent."""
    return ".1%" if event else ".4g"


def _facts(
    outcome: str,
    says: str,
    unit: str,
    form: str,
    centre: tuple[float, ...],
    low: tuple[float | None, ...],
    high: tuple[float | None, ...],
) -> list[Fact]:
    labels = (
        ("mean", f"mean of {outcome} at {says}"),
        ("observed", f"mean of {outcome} as observed"),
        ("difference", f"difference of the means of {outcome}, {says} against as observed"),
    )
    return [
        Fact(key, centre[i], label, unit, outcome, form, low[i], high[i])
        for i, (key, label) in enumerate(labels)
    ]


def _table(outcome: str, says: str, made: Floats, was: Floats, layout: Layout) -> Table:
    import numpy as np

    rows = [("mean", float(was.mean()), float(made.mean()))]
    if layout.outcome.kind == "number":
        rows.append(("standard deviation", float(was.std()), float(made.std())))
        rows += [
            (f"{q:.0%} quantile", float(np.quantile(was, q)), float(np.quantile(made, q))) for q in SHOWN
        ]
    return Table(
        "intervention", f"{outcome} as observed and at {says}", ("", "as observed", says), tuple(rows)
    )
