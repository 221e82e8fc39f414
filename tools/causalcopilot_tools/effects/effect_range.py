"""``effect_range``: what an effect may be where a graph's open edges leave it unidentified."""

from __future__ import annotations

from dataclasses import dataclass, replace

from causalcopilot.domain.effect_range import EffectRange, PossibleEffect
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.identification import Controls, Identification
from causalcopilot.errors import CcpError, NotApplicable
from causalcopilot.graph.effect_sets import EffectSet, Way, effect_set
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import RangeResult, Table
from causalcopilot.toolkit.tool import Card, Column, GraphRef, Value, tool
from causalcopilot_tools.effects import graphical, specification
from causalcopilot_tools.effects.contrast import Chosen, choose_contrast
from causalcopilot_tools.effects.joint_range import joint_range
from causalcopilot_tools.effects.range_facts import range_facts
from causalcopilot_tools.effects.refit import prepare

LEVEL = 0.95


@dataclass(frozen=True)
class _Asked:
    """The effect that is asked for, and how its treatment is read."""

    context: Context
    treatment: str
    outcome: str
    chosen: Chosen


@tool(
    group="effects",
    deadline=120.0,
    card=Card(
        assumes=(
            "the graph's class holds the true graph: no edge is missing, and every arrow is right",
            "effects are close to linear in the columns held",
        ),
        data="a CPDAG or PAG that holds both columns and leaves edges at the treatment open",
        cost="one regression for each way the open edges may point",
        source="IDA, Maathuis, Kalisch & Buehlmann 2009; LV-IDA, Malinsky & Spirtes 2017; joint IDA, Nandy, "
        "Maathuis & Richardson 2017",
    ),
)
def effect_range(
    context: Context,
    treatment: Column,
    outcome: Column,
    graph: GraphRef,
    control_value: Value = None,
    treated_value: Value = None,
) -> RangeResult:
    """Give the range of effects over all graphs that a CPDAG or PAG stands for, and the edges that decide.

    This is no identified effect: every member of the class fits the same rows, and only knowledge can settle
    which of them is right.  The range runs from the lowest to the highest end of the intervals of all members
    that adjustment identifies.  Of several treatments that the question sets together, it is the range of their
    joint effect.

    Args:
        treatment: column that would be set.
        outcome: column that would respond.
        graph: graph with open edges.
        control_value: treatment value to compare with.
        treated_value: treatment value of interest.
    """
    q = context.question
    if q.together and (treatment, outcome) == (q.treatment, q.outcome):
        return joint_range(context, treatment, outcome, graph)
    chosen = choose_contrast(context.profile.column(treatment), control_value, treated_value)
    asked = _Asked(context, treatment, outcome, chosen)
    if graph.graph.kind not in ("cpdag", "pag"):
        raise NotApplicable(f"{graph.id} leaves no edge open", "ask for the effect itself")
    seen = graphical.view(graph, context.profile, treatment, outcome)
    found = effect_set(seen.graph, treatment, outcome)
    if not found.ways:
        raise NotApplicable(
            f"{graph.id} leaves too many edges open to list what they allow",
            "settle some of them: an order of the columns, or forbidden and required edges",
        )
    made, skipped = _effects(asked, found)
    if not made:
        raise NotApplicable(
            "in no graph of the class does a set of columns identify the effect",
            "measure more of the common causes",
        )
    ranged = _range(asked, graph, found, made)
    return RangeResult(
        _summary(ranged),
        _facts(ranged, chosen),
        tables=(_table(ranged),),
        findings=(*seen.findings, *skipped, *chosen.findings),
        range=ranged,
    )


def _effects(asked: _Asked, found: EffectSet) -> tuple[list[PossibleEffect], tuple[str, ...]]:
    """The estimate of every way that adjustment identifies, lowest first, and why others could not be made."""
    made, skipped = [], []
    for way in found.ways:
        if way.zero:
            made.append(PossibleEffect(way.points, (), True, 0.0, 0.0, 0.0))
        elif way.held is not None:
            try:
                made.append(_estimated(asked, way))
            except CcpError as error:
                skipped.append(f"with {', '.join(way.held) or 'nothing'} held: {error.message}")
    return sorted(made, key=lambda e: e.value), tuple(skipped)


def _estimated(asked: _Asked, way: Way) -> PossibleEffect:
    p = prepare(asked.context, _as_if_identified(asked, way))
    straight = p.kind == "continuous" or not p.X.shape[1]
    e = (specification.regression if straight else specification.regression_interacted)(p, LEVEL)
    assert e.value is not None
    assert e.low is not None
    assert e.high is not None
    return PossibleEffect(way.points, way.held or (), False, e.value, e.low, e.high)


def _as_if_identified(asked: _Asked, way: Way) -> Identification:
    """The effect under one member of the class."""
    return Identification(
        "assumed",
        "Conditional Exogeneity",
        "ATE",
        "all units in the table",
        (asked.treatment,),
        (asked.outcome,),
        asked.chosen.type,
        asked.chosen.contrast,
        Controls(way.held or ()),
        basis="discovered",
    )


def _range(asked: _Asked, graph: StoredGraph, found: EffectSet, made: list[PossibleEffect]) -> EffectRange:
    unit = next((c.unit for c in asked.context.profile.columns if c.name == asked.outcome), "")
    ranged = EffectRange(
        asked.treatment,
        asked.outcome,
        graph.id,
        min(e.low for e in made),
        max(e.high for e in made),
        made[0].value,
        made[-1].value,
        LEVEL,
        unit,
        tuple(made),
        found.open,
        sum(w.held is None and not w.zero for w in found.ways),
    )
    real = next((e for e in made if not e.zero), None)
    if real is None:
        return ranged
    p = prepare(asked.context, _as_if_identified(asked, Way(real.held, False, ())))
    return replace(ranged, unit=p.unit)


def _summary(r: EffectRange) -> str:
    return (
        f"between {r.low:.3g} and {r.high:.3g} over {len(r.effects)} effects that the class allows"
        f"{', depending on ' + ', '.join(r.open) if r.open else ''}"
    )


def _facts(r: EffectRange, chosen: Chosen) -> tuple[Fact, ...]:
    return (
        *range_facts(r, f"effect of {r.treatment} on {r.outcome}"),
        Fact("contrast.control", chosen.contrast.control, f"value of {r.treatment} compared with"),
        Fact("contrast.treated", chosen.contrast.treated, f"value of {r.treatment} of interest"),
    )


def _table(r: EffectRange) -> Table:
    rows: list[tuple[Scalar, ...]] = [
        (", ".join(e.points) or "as it stands", ", ".join(e.held) or "nothing", e.value, e.low, e.high)
        for e in r.effects
    ]
    heads = ("if", "held", "effect", "low", "high")
    return Table("effect_range", "Effects that the open edges allow", heads, tuple(rows))
