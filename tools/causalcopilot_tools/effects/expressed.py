"""When no columns can be held but the graph identifies the effect all the same: the front door, or an expression."""

from __future__ import annotations

from dataclasses import replace

from causalcopilot.domain.identification import Alternative, Assumption, Controls, Excluded, Strategy
from causalcopilot.graph.alternatives import front_door
from causalcopilot.graph.expressions import columns_of
from causalcopilot.graph.formats import to_dagitty
from causalcopilot.graph.id import general_identification
from causalcopilot_tools.effects import assumptions as say
from causalcopilot_tools.effects import graphical
from causalcopilot_tools.effects.asked import Argument, Asked


def by_expression(asked: Asked, base: Argument, view: graphical.View) -> Argument | None:
    """The front door where the graph has one, else a general expression, else ``None`` with nothing claimed."""
    if view.found.status != "no_valid_set" or view.graph.selected:
        return None
    t, y = asked.treatment, asked.outcome
    general = general_identification(view.graph, t, y)
    if general is None or general.expression is None:
        return None
    path = " ".join(view.found.blocking_path)
    other = Alternative(
        "Conditional Exogeneity", f"no set of columns blocks {path}" if path else "no valid set"
    )
    door = front_door(view.graph, t, y)
    strategy: Strategy = "Front-Door" if door else "General Identification"
    design = (("mediators", ", ".join(door)),) if door else (("graph", to_dagitty(view.graph)),)
    return replace(
        base,
        status="identified",
        strategy=strategy,
        controls=Controls((), (), _left_out(base, columns_of(general.expression))),
        assumptions=_assumptions(door or ()),
        alternatives=(*base.alternatives, other),
        design=(*base.design, *design, ("expression", general.formula)),
        findings=(
            *base.findings,
            f"no adjustment is enough, but the graph identifies the effect: {general.formula}",
        ),
    )


def _left_out(base: Argument, used: frozenset[str]) -> tuple[Excluded, ...]:
    """Every column that the expression does not name."""
    return tuple(e for e in base.controls.forbidden if e.name not in used)


def _assumptions(mediators: tuple[str, ...]) -> tuple[Assumption, ...]:
    drawn = Assumption("graph_correct", False, "whoever drew the graph vouches for it")
    if not mediators:
        return (drawn, *say.standard())
    named = ", ".join(mediators)
    return (
        drawn,
        Assumption("full_mediation", False, f"the given graph says so of {named}"),
        Assumption("mediators_unconfounded", False, f"the given graph says so of {named}"),
        *(a for a in say.standard() if a.name != "positivity"),
        Assumption("positivity", True, "see the check of overlap given the mediators"),
    )
