"""How strong is each arrow into an outcome?  The scatter that a direct cause brings along its own arrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Fact
from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import RankingResult, Table
from causalcopilot.toolkit.tool import Card, Column, GraphRef, tool
from causalcopilot_tools.explain.intervene import unit_of
from causalcopilot_tools.explain.mechanisms import Mechanism
from causalcopilot_tools.explain.resampling import Interval, drawn, interval
from causalcopilot_tools.explain.structural import Layout, head, layout_of, mechanisms_table, modelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

REDRAWS = 20
"""Values of a cause tried in every row to tell how far they scatter the outcome."""
ROWS = 500
"""Most rows this is tried in."""


@dataclass(frozen=True)
class Arrow:
    """One arrow into the outcome; strength in the outcome's unit."""

    name: str
    strength: float
    low: float | None
    high: float | None
    share: float


@tool(
    group="explain",
    deadline=60.0,
    card=Card(
        assumes=("the graph is right and has no hidden common causes", "noise adds to the mechanism"),
        data="a graph that is fully directed above the outcome",
        cost="a second",
        source="Janzing, Balduzzi, Grosse-Wentrup & Schoelkopf 2013, with the variance as measure",
    ),
)
def arrow_strength(context: Context, outcome: Column, graph: GraphRef) -> RankingResult:
    """Rank the direct causes of an outcome by the strength of their arrows.

    An arrow is cut by feeding the mechanism values of the cause drawn at random from its column; the strength is
    the standard deviation this adds, in the outcome's unit.  What a cause does through others does not count.

    Args:
        outcome: column the arrows point to.
        graph: graph assumed.
    """
    import numpy as np

    layout = layout_of(context, graph, outcome)
    causes = layout.outcome.parents
    if not causes:
        raise NotApplicable(f"no arrow points to {outcome} in {graph.id}", "name another column or graph")
    model = modelled(layout, context.seed, only=(layout.outcome.at,))

    def strengths(found: Mechanism, values: Floats, rng: np.random.Generator) -> Floats:
        return np.array([strength(found, values, c, rng) for c in causes])

    centre = strengths(model.mechanisms[-1], layout.values, np.random.default_rng([context.seed, 3]))

    def again(rng: np.random.Generator) -> Floats:
        other = drawn(model, rng)
        return strengths(other.mechanisms[-1], other.layout.values, rng)

    ends = interval(again, len(causes), context.seed)
    total = float(layout.values[:, -1].var())
    found = _ranked(layout, centre, ends, total)
    unit, event = unit_of(context, layout)
    facts = [
        *head(layout, outcome),
        Fact("count", len(found), f"arrows into {outcome}", format="d"),
        Fact("spread", total**0.5, f"standard deviation of {outcome}", unit, outcome, ".4g"),
        Fact("resamples", ends.resamples, "resamples behind the intervals", format="d"),
    ]
    if event:
        facts.append(Fact("event", event, f"value of {outcome} that is counted", subject=outcome))
    for i, a in enumerate(found, 1):
        facts += [
            Fact(f"rank.{i}", a.name, f"direct cause of {outcome}", subject=a.name),
            Fact(
                f"rank.{i}.strength",
                a.strength,
                f"scatter of {outcome} that the arrow from {a.name} brings",
                unit,
                a.name,
                ".3g",
                a.low,
                a.high,
            ),
            Fact(
                f"rank.{i}.share",
                a.share,
                f"its square as a share of the variance of {outcome}",
                "",
                a.name,
                ".0%",
            ),
        ]
    top = found[0]
    return RankingResult(
        f"strongest arrow into {outcome}: from {top.name} ({top.strength:.3g} {unit})".replace(" )", ")"),
        tuple(facts),
        tables=(_table(outcome, unit, found), mechanisms_table(model)),
        findings=(*layout.findings, *ends.findings),
        ranking=tuple(a.name for a in found),
        graph=graph.id or None,
    )


def strength(mechanism: Mechanism, values: Floats, cause: int, rng: np.random.Generator) -> float:
    """The standard deviation of a mechanism when one cause is drawn anew and the others stay, in mean square over rows.

    For a straight line it is the slope, without sign, times the standard deviation of the cause.

    Args:
        mechanism: of the outcome.
        values: (n, p) node values.
        cause: position of the cause.
        rng: generator.
    """
    import numpy as np

    own = values[:, cause]
    rows = rng.permutation(len(values))[:ROWS]
    tried = np.quantile(own, (np.arange(REDRAWS) + 0.5) / REDRAWS, method="inverted_cdf")
    wide = np.repeat(values[rows], REDRAWS, axis=0)
    wide[:, cause] = np.tile(tried, len(rows))
    made = mechanism.mean(wide).reshape(len(rows), REDRAWS)
    rescale = float(own.var()) / float(tried.var()) if tried.var() > 0 else 1.0
    return float(np.sqrt(made.var(axis=1).mean() * rescale))


def _ranked(layout: Layout, centre: Floats, ends: Interval, total: float) -> list[Arrow]:
    names = [layout.nodes[c].name for c in layout.outcome.parents]
    made = [
        Arrow(n, float(v), low, high, float(v) ** 2 / total if total > 0 else 0.0)
        for n, v, low, high in zip(names, centre, ends.low, ends.high, strict=True)
    ]
    return sorted(made, key=lambda a: (-a.strength, a.name))


def _table(outcome: str, unit: str, found: list[Arrow]) -> Table:
    return Table(
        "arrows",
        f"Arrows into {outcome}, strongest first",
        ("cause", f"strength ({unit})" if unit else "strength", "lowest", "highest", "share of variance"),
        tuple((a.name, a.strength, a.low, a.high, a.share) for a in found),
    )
