"""The tool ``heterogeneity``: for whom the effect is larger or smaller, and who should be treated."""

from __future__ import annotations

from typing import Annotated, Literal

from causalcopilot.domain.identification import Identification
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import NotApplicable, NotIdentified
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import HeterogeneityResult
from causalcopilot.toolkit.tool import Applies, Bounds, Card, Columns, Identified, Ok, Refusal, tool
from causalcopilot_tools.effects import heterogeneity_report as report
from causalcopilot_tools.effects.cate import analysis, material
from causalcopilot_tools.effects.refit import BY_ADJUSTMENT, MIN_ROWS
from causalcopilot_tools.effects.threads import one_thread

Level = Annotated[float, Bounds(0.5, 0.999)]
Cost = Annotated[float, Bounds(-1e12, 1e12)]


def _applies(profile: Profile, question: Question) -> Ok | Refusal:
    """Needs a table with enough rows."""
    if profile.rows < 2 * MIN_ROWS:
        return Refusal(
            f"{profile.rows} rows are too few to tell for whom an effect differs",
            f"at least {2 * MIN_ROWS} are needed",
        )
    return Ok()


applies: Applies = _applies


@tool(
    group="effects",
    applies=applies,
    card=Card(
        assumes=(
            "the average effect is identified by adjustment or randomisation; no group is identified better than it",
            "modifiers are measured before the treatment",
            "every kind of row could have had either treatment value (overlap), in every group that is shown",
        ),
        data="binary or numeric treatment; numeric or two-level outcome; modifiers of any kind, 20 rows in each arm of "
        "a group, or 40 where the treatment is a number",
        cost="as much as the estimate, once or twice",
        source="Semenova & Chernozhukov 2021; Athey & Imbens 2016; Yadlowsky et al. 2025; Athey & Wager 2021; "
        "Robinson 1988",
    ),
)
def heterogeneity(
    context: Context,
    identification: Identified,
    modifiers: Columns = (),
    cost: Cost = 0.0,
    goal: Literal["raise", "lower"] = "raise",
    level: Level = 0.95,
) -> HeterogeneityResult:
    """Tell for whom an identified effect is larger or smaller, with one joint test that it differs at all.

    Everything is read from cross-fitted doubly robust scores: their best linear projection on the modifiers with a
    joint test; for modifiers that are named, effects by level or tercile with intervals that hold together and Holm's
    correction over modifiers; where none is named, all controls are modifiers, and groups, learners of the effect by
    row and their ranking are chosen on one half of the rows and judged on the other.  A rule of one or two questions
    for whom to treat is learned and valued on separate halves.  Without a rejection by the joint test, differences
    between groups are not to be read.  With a numeric treatment a group's effect is the slope of a straight line times
    the step compared; groups, slopes and tests are told, and nothing is chosen or ruled.

    Args:
        identification: the identify call whose effect is looked into.
        modifiers: columns the effect may differ by, named before looking; empty takes the controls and explores.
        cost: what treating one row costs, in the unit of the outcome; enters the treatment rule only.
        goal: whether a higher or a lower outcome is better; enters the treatment rule only.
        level: coverage of the intervals; one minus it is the level of the joint test.
    """
    found = identification.identification
    if found is None or found.status == "not_identified":
        raise NotIdentified(
            "the effect is not identified, so its differences between groups are not either", "see identify"
        )
    _refuse_other(found)
    with one_thread():
        m = material.read(context, found, tuple(dict.fromkeys(modifiers)))
        made = analysis.look(m, cost, goal, level, context.seed)
    return HeterogeneityResult(
        report.summary(made),
        report.facts(made, found),
        tables=report.tables(made),
        findings=m.findings,
        heterogeneity=made,
    )


def _refuse_other(found: Identification) -> None:
    """Designs and treatments whose effects by group are not offered, by name."""
    if found.strategy not in BY_ADJUSTMENT:
        raise NotApplicable(
            f"effects by group are told under adjustment or randomisation, and this is {found.strategy}",
            "open a table that holds the rows of one group only, and ask again",
        )
    if found.treatment_type == "categorical":
        raise NotApplicable(
            "effects by group need a treatment of two values or a number, "
            f"and {found.treatments[0]} has several levels",
            "keep the rows of two values only",
        )
