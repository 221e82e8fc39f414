"""The tool ``estimate``: the number with its interval, and every other estimate beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import NotApplicable, NotIdentified
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import EstimateResult
from causalcopilot.toolkit.tool import Applies, Bounds, Card, Identified, Ok, Refusal, tool
from causalcopilot_tools.effects import dose, estimate_report
from causalcopilot_tools.effects.arms import compare_arms
from causalcopilot_tools.effects.cautions import cautions
from causalcopilot_tools.effects.designs.dispatch import ESTIMATE, beyond_adjustment
from causalcopilot_tools.effects.methods import TWO_ARM_METHODS, Method
from causalcopilot_tools.effects.refit import MIN_ROWS, Prepared, prepare
from causalcopilot_tools.effects.sampling import brief
from causalcopilot_tools.effects.slope import fit_slope
from causalcopilot_tools.effects.threads import one_thread
from causalcopilot_tools.effects.work import Work

Level = Annotated[float, Bounds(0.5, 0.999)]


def _applies(profile: Profile, question: Question) -> Ok | Refusal:
    """Needs a table with enough rows."""
    if profile.rows < MIN_ROWS:
        return Refusal(
            f"{profile.rows} rows are too few to estimate an effect", f"at least {MIN_ROWS} are needed"
        )
    return Ok()


applies: Applies = _applies


@tool(
    group="effects",
    applies=applies,
    card=Card(
        assumes=(
            "the effect is identified: the controls block every non-causal path, or treatment was randomised",
            "every kind of row could have had either treatment value (overlap)",
            "outcome and treatment can be learned from the controls, not only balanced by them in principle",
        ),
        data="one row per unit; numeric or two-level outcome; binary, many-level, text or numeric treatment",
        cost="one to ten seconds; the methods of EconML add ten to sixty",
        source="Robins, Rotnitzky & Zhao 1994; Chernozhukov et al. 2018; Lin 2013; Abadie & Imbens 2006",
    ),
)
def estimate(
    context: Context, identification: Identified, method: Method = "auto", level: Level = 0.95
) -> EstimateResult:
    """Estimate an identified effect with its interval, in the outcome's unit and for the contrast asked.

    ``auto`` takes, for a randomised treatment, interacted regression; for one or more treatment levels,
    cross-fitted AIPW with two nuisance classes and the interval that holds both; for a numeric treatment, a
    partially linear regression; for an instrument, two-stage least squares with the Anderson–Rubin set;
    at a cutoff, local lines with the robust bias-corrected interval; in a panel, group-time effects, for one
    treated unit its synthetic control, for a treatment that comes and goes unit effects; for a mediator, the natural
    indirect and direct effects; for several treatments set together, one regression on all of them, or equation by
    equation.
    Other estimators of the same effect are shown beside it, and the unadjusted difference as the association
    it is.  Effects on the treated are trimmed by one declared rule.

    Args:
        identification: the identify call whose effect is estimated.
        method: estimator of the main answer; auto chooses by design and treatment type.
        level: coverage the interval aims at.
    """
    found = identification.identification
    if found is None:
        raise NotIdentified("the effect is not identified, so there is nothing to estimate", "see identify")
    with one_thread():
        work = (_by_design if beyond_adjustment(found) else _by_adjustment)(context, found, method, level)
    main = _counted(work.prepared, work.estimates[0])
    estimates = (main, *work.estimates[1:])
    return EstimateResult(
        summary=estimate_report.summary(work.prepared, main),
        facts=(
            *estimate_report.facts(work.prepared, estimates, work.overlap, work.trimmed, work.seeds),
            *work.facts,
        ),
        tables=(*estimate_report.tables(work.prepared, work.nuisances, estimates), *work.tables),
        findings=(*cautions(context, work.prepared, found), *work.findings),
        identification=found,
        estimates=estimates,
        primary=0,
    )


def _by_adjustment(context: Context, found: Identification, method: Method, level: float) -> Work:
    """Treatment values compared, or a slope, among rows with the same controls."""
    p = prepare(context, found)
    if p.kind != "continuous":
        work = compare_arms(context, p, method, level)
        return (
            replace(work, tables=dose.levels(context, found, p, level)) if p.kind == "categorical" else work
        )
    if method in TWO_ARM_METHODS:
        raise NotApplicable(
            f"{method} compares two treatment values, and {p.treatment} is continuous",
            "use auto, regression, linear_dml, sparse_linear_dml or causal_forest_dml",
        )
    return fit_slope(p, method, level, context.seed)


def _by_design(context: Context, found: Identification, method: Method, level: float) -> Work:
    """The estimates of a design with an estimator of its own."""
    if method != "auto" or found.strategy is None:
        raise NotApplicable(
            f"{method} is a method of adjustment, and this is {found.strategy}", "leave --method at auto"
        )
    return ESTIMATE[found.strategy](context, found, level)


def _counted(p: Prepared, main: Estimate) -> Estimate:
    """The main estimate, saying in its note by what rows are counted and weighed, and up to when a time counts."""
    restricted = f"mean up to {p.horizon:g} (restricted mean survival time)" if p.horizon is not None else ""
    how = " and ".join(filter(None, (brief(p.sampling), restricted)))
    return replace(main, note="; ".join(filter(None, (how, main.note)))) if how else main
