"""What would an outcome of one named row have been, had a cause been another?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Fact
from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Result
from causalcopilot.toolkit.tool import Card, Column, GraphRef, Value, tool
from causalcopilot_tools.explain.named_row import in_layout, position
from causalcopilot_tools.explain.resampling import drawn, interval
from causalcopilot_tools.explain.setting import Factor, Shift, after, read_setting, unseen
from causalcopilot_tools.explain.structural import Layout, head, layout_of, mechanisms_table, modelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@tool(
    group="explain",
    deadline=60.0,
    card=Card(
        assumes=(
            "the graph is right and has no hidden common causes",
            "noise adds to each mechanism and can be read back from the row (invertible)",
        ),
        data="a fully directed graph; the columns between cause and outcome are numbers; answers with values of one "
        "row, so an online model is never offered it",
        cost="a second",
        source="Pearl 2009, section 7.1: abduction, action, prediction",
    ),
    private=True,
)
def counterfactual(
    context: Context,
    cause: Column,
    outcome: Column,
    graph: GraphRef,
    row: Value,
    value: Value | None = None,
    shift: Shift | None = None,
    factor: Factor | None = None,
    row_column: Column | None = None,
) -> Result:
    """Tell what an outcome of one named row would have been, had a cause been set otherwise, shifted or multiplied.

    The row keeps its own noise, which is read back from it; the interval tells how well the mechanisms are known.

    Args:
        cause: column that would have been set.
        outcome: column that would have responded.
        graph: graph assumed.
        row: number of the row, the first being 1; with ``row_column`` the value that names it.
        value: value the cause would have had, in its unit.
        shift: amount that would have been added to it, in its unit.
        factor: number it would have been multiplied by; not for a column with values below zero.
        row_column: column whose value names the row.
    """
    import numpy as np

    layout = layout_of(context, graph, outcome)
    setting = read_setting(layout, cause, value, shift, factor)
    _require_numbers(layout, setting.at)
    place = position(context, row, row_column)
    at = in_layout(context, layout, place)
    model = modelled(layout, context.seed, only=layout.below(setting.at))
    row_values = layout.values[at : at + 1]

    def would(found: object, rng: np.random.Generator) -> float:
        noise = np.column_stack([m.abduct(row_values, rng) for m in found.mechanisms])  # type: ignore[attr-defined]
        return float(after(found, setting, row_values, noise)[0, -1])  # type: ignore[arg-type]

    made = would(model, np.random.default_rng(context.seed))
    was = float(row_values[0, -1])

    def again(rng: np.random.Generator) -> Floats:
        new = would(drawn(model, rng), rng)
        return np.array([new, new - was])

    ends = interval(again, 2, context.seed)
    share, words = unseen(layout, setting)
    outside = (
        share > 0.05 and bool(words)
        if value is not None
        else _outside(layout, setting.at, setting.of(row_values[:, setting.at]))
    )
    findings = [*layout.findings, *ends.findings]
    findings.append("the noise of a row is read back from it: this needs noise that adds to each mechanism")
    if outside:
        findings.append(f"{setting.says} lies where hardly any row is: read it as an extrapolation")
    unit = context.profile.column(outcome).unit
    named = f"row {place + 1}" + (f" ({row_column} = {row})" if row_column else "")
    facts = (
        *head(layout, outcome),
        Fact(
            "counterfactual",
            made,
            f"{outcome} of {named} had it been {setting.says}",
            unit,
            outcome,
            ".4g",
            ends.low[0],
            ends.high[0],
        ),
        Fact("observed", was, f"{outcome} of {named} as observed", unit, outcome, ".4g"),
        Fact(
            "difference",
            made - was,
            f"what {setting.says} would have changed for {named}",
            unit,
            outcome,
            ".4g",
            ends.low[1],
            ends.high[1],
        ),
        Fact("cause", cause, "cause that would have been set", subject=cause),
        Fact(
            "cause.observed",
            _shown(layout, setting.at, row_values),
            f"{cause} of {named} as observed",
            context.profile.column(cause).unit,
            cause,
            ".4g" if layout.nodes[setting.at].kind == "number" else "",
        ),
        Fact("setting", setting.says, "what would have been done", subject=cause),
        Fact("row", named, "the row asked about"),
        Fact(
            "extrapolated", "yes" if outside else "no", f"whether {setting.says} lies outside of what is seen"
        ),
        Fact("resamples", ends.resamples, "resamples behind the interval", format="d"),
    )
    summary = f"{outcome} of {named} would have been {made:.4g} {unit} at {setting.says}, against {was:.4g}"
    return Result(
        summary.replace("  ", " "), facts, tables=(mechanisms_table(model),), findings=tuple(findings)
    )


def _require_numbers(layout: Layout, cause: int) -> None:
    """Refuse columns whose noise cannot be read back from a row."""
    for j in layout.below(cause):
        node = layout.nodes[j]
        if node.kind != "number":
            raise NotApplicable(
                f"{node.name} has labels, and the noise behind a label cannot be read back from a row",
                "ask what the outcome would be on average: intervene needs no such reading",
            )


def _outside(layout: Layout, at: int, moved: Floats) -> bool:
    import numpy as np

    from causalcopilot_tools.explain.setting import EDGES

    low, high = np.quantile(layout.values[:, at], EDGES)
    return bool(moved[0] < low or moved[0] > high)


def _shown(layout: Layout, at: int, row: Floats) -> float | str:
    node = layout.nodes[at]
    return float(row[0, at]) if node.kind == "number" else node.levels[int(row[0, at])]
