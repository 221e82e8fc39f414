"""``refute``: try to break an estimate, measure what would overturn it, and let the declared rules decide."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from causalcopilot.domain.estimate import Check, CheckKind, Sensitivity
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.verdict import UNTOLD, Decision, decide
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import RefuteResult, Table
from causalcopilot.toolkit.tool import Card, Estimated, GraphRef, tool

from .checks import (
    adoption,
    agreement,
    argument,
    attrition,
    balance,
    discontinuity,
    front_door,
    guards,
    implied,
    instrument,
    joint,
    known_instrument,
    left_out,
    line,
    mediation,
    negative_control,
    omitted,
    overlap,
    placebo,
    random_draw,
    rows,
    sensitivity,
    synthetic,
    unit_effects,
    units,
)
from .checks import specification as spec
from .material import Material, material

BUDGET = 240.0
"""Seconds after which no further costly check is begun; generous, so that results do not depend on the machine."""
TWO_ARMS = "the treatment is a number, so there are no arms to compare"
NUMBER_ONLY = "the treatment has arms and not a slope"
DETERMINED = "the outcome follows exactly from treatment and controls, so there is no cause left to be hidden"
RANDOMISED = "the treatment was randomised, so no common cause can be missing"


@dataclass(frozen=True)
class Planned:
    """One check to try: its name and family (for when it does not get to speak), and when it does not apply."""

    name: str
    kind: CheckKind
    run: Callable[[Material], tuple[Check, ...]]
    counts: bool = True
    needless: Callable[[Material], str] = lambda m: ""


def _arms_only(m: Material) -> str:
    return TWO_ARMS if m.continuous else ""


def _sides_only(m: Material) -> str:
    return "" if m.identification.strategy in attrition.BY_DESIGN else _arms_only(m)


def _number_only(m: Material) -> str:
    return "" if m.continuous else NUMBER_ONLY


def _observational(m: Material) -> str:
    if m.prepared.randomised:
        return RANDOMISED
    return DETERMINED if m.determined else ""


PLAN: tuple[Planned, ...] = (
    Planned("sample_size", "data", rows.sample_size),
    Planned("duplicates", "data", rows.duplicates),
    Planned("dropped_rows", "data", rows.dropped_rows),
    Planned(attrition.NAME, "data", attrition.missing_by_arm, needless=_sides_only),
    Planned("filled_controls", "data", rows.filled_controls),
    Planned(units.NAME, "data", units.repeated_units),
    Planned("precision", "diagnostic", rows.precision),
    Planned(random_draw.NAME, "falsification", random_draw.random_draw, needless=random_draw.needless),
    Planned("forced_bad_controls", "diagnostic", argument.forced_bad_controls),
    Planned("leakage", "diagnostic", guards.leakage),
    Planned("computed_outcome", "diagnostic", guards.computed_outcome),
    Planned("simpson_reversal", "diagnostic", guards.simpson, counts=False),
    Planned("extrapolation", "diagnostic", argument.extrapolation),
    Planned("convergence", "diagnostic", argument.convergence),
    Planned("overlap", "diagnostic", overlap.overlap, needless=_arms_only),
    Planned("support", "diagnostic", overlap.support, needless=_number_only),
    Planned("straight_line", "diagnostic", line.straight_line, needless=_number_only),
    Planned("balance", "diagnostic", balance.balance, needless=_arms_only),
    Planned("agreement", "agreement", agreement.agreement),
    Planned("sensitivity", "sensitivity", sensitivity.sensitivity, needless=_observational),
    Planned(
        known_instrument.NAME,
        "falsification",
        known_instrument.known_instrument,
        needless=known_instrument.needless,
    ),
    Planned(left_out.NAME, "sensitivity", left_out.left_out_columns, needless=left_out.needless),
    Planned(
        omitted.NAME,
        "sensitivity",
        omitted.omitted_variable_bound,
        needless=lambda m: _observational(m) or _arms_only(m),
    ),
    Planned("placebo_treatment", "falsification", placebo.placebo_treatment),
    Planned(negative_control.NAME, "falsification", negative_control.negative_control_outcome),
    Planned(implied.NAME, "falsification", implied.implied_independences, needless=implied.needless),
    Planned("specification", "stability", spec.specification, counts=False),
    Planned("random_common_cause", "stability", spec.random_common_cause, counts=False),
    Planned("data_subset", "stability", spec.data_subset, counts=False),
)
"""Every check in the order in which it is tried and listed."""
ANY_DESIGN = ("sample_size", "duplicates", "dropped_rows", "precision", implied.NAME)
"""Of these, the ones that also speak of a design beyond adjustment."""
COUNTS_UNITS = ("Synthetic Control",)
"""Designs in which one treated unit has few rows by nature: units and periods are counted instead."""
JOINT = ("forced_bad_controls", "filled_controls")
"""Of these, the ones that also speak of several treatments set together, which are adjusted for as one is."""
BY_DESIGN: dict[str, Planned] = {
    "Instrumental Variable": Planned("instrument", "diagnostic", instrument.instrument),
    "Regression Discontinuity": Planned("discontinuity", "diagnostic", discontinuity.discontinuity),
    "Difference-in-Differences": Planned("adoption", "diagnostic", adoption.adoption),
    "Synthetic Control": Planned("synthetic", "diagnostic", synthetic.synthetic),
    "Panel Fixed Effects": Planned("unit_effects", "diagnostic", unit_effects.unit_effects),
    "Mediation": Planned("mediation", "diagnostic", mediation.mediation),
    "Joint Intervention": Planned("together", "diagnostic", joint.together),
    "Front-Door": Planned("front_door", "diagnostic", front_door.front_door),
}
"""The checks of each design beyond adjustment."""


@tool(
    group="refutation",
    card=Card(
        assumes=(
            "the estimate's identification; the checks look for signs that it, or the estimator, fails",
        ),
        data="the rows the estimate used",
        cost="one to five seconds",
        source="Cinelli & Hazlett 2020; VanderWeele & Ding 2017; Austin 2009; Lipsitch et al. 2010",
    ),
)
def refute(context: Context, estimate: Estimated, graph: GraphRef | None = None) -> RefuteResult:
    """Try to break an estimate with every check that applies, and give the verdict by declared rules.

    Falsification (placebo treatment, negative-control outcomes), diagnostics (overlap, balance, precision,
    rows), agreement of estimators and sensitivity to a hidden common cause can lower the verdict; a random
    common cause and data subsets cannot show confounding and are only listed.  A random draw is tested by the
    columns it should leave even.  An instrument has checks of
    its own: weakness, the Anderson–Rubin set, over-identification, hidden causes of the instrument; so has a
    cutoff: density, covariates, bandwidth, donut, placebo cut-offs; and a panel:
    earlier trends, a placebo date, the number of units, the other comparison group; a synthetic control
    (fit before, placebo donors and dates), unit effects (the next period's treatment), a mediator and several
    treatments set together too.

    Args:
        estimate: the estimate call to be tested.
        graph: the graph a person gave, if the effect was identified from one; the data may contradict it.
    """
    m = replace(material(context, estimate, ends=time.monotonic() + BUDGET), graph=graph)
    own = BY_DESIGN.get(m.identification.strategy or "")
    plan = PLAN if own is None else (*PLAN, own)
    checks = tuple(c for planned in plan for c in attempt(planned, m))
    figures = _figures(m)
    decision = decide(m.identification, m.primary, checks, figures)
    return RefuteResult(
        summary=f"{decision.verdict.value}: {decision.code}; {_tally(checks)}",
        facts=_facts(m, checks, figures, decision),
        tables=_tables(m, checks),
        findings=tuple(f"{c.name}: {c.detail}" for c in checks if c.status in ("fail", "error")),
        checks=checks,
        sensitivity=figures,
        verdict=decision.verdict,
    )


def attempt(planned: Planned, m: Material) -> tuple[Check, ...]:
    """Run one check; what does not apply is listed as skipped, what breaks is listed as an error."""
    needless = planned.needless(m)
    if m.by_design and planned in PLAN and not _speaks(planned.name, m):
        needless = "belongs to adjustment; this design has checks of its own"
    if planned.name == "sample_size" and m.identification.strategy in COUNTS_UNITS:
        needless = "units and periods are counted instead of rows"
    if not needless and m.late:
        needless = "the time was up"
    if needless:
        return (Check(planned.name, planned.kind, "skipped", None, None, planned.counts, needless),)
    try:
        return planned.run(m)
    except Exception as error:  # recorded as a check that did not pass; the others must still be tried
        told = f"{type(error).__name__}: {error}"
        return (Check(planned.name, planned.kind, "error", None, None, planned.counts, told),)


def _speaks(name: str, m: Material) -> bool:
    """Whether a check of adjustment speaks of this design too."""
    if name in JOINT and m.identification.strategy == "Joint Intervention":
        return True
    if name == attrition.NAME:
        return m.identification.strategy in (*attrition.BY_DESIGN, *attrition.WITH_ARMS)
    return name in ANY_DESIGN or (name == units.NAME and m.prepared.sampling.clusters is not None)


def _figures(m: Material) -> Sensitivity | None:
    """Sensitivity figures; ``None`` where no common cause can be missing or there is no interval."""
    complete = m.primary.value is not None and m.primary.low is not None and m.primary.high is not None
    hidden = not (m.prepared.randomised or m.by_design or m.determined)
    return sensitivity.measure(m) if complete and hidden else None


def _tally(checks: tuple[Check, ...]) -> str:
    count = [c for c in checks if c.can_lower_verdict]
    passed, warned, failed = (sum(c.status == s for c in count) for s in ("pass", "warn", "fail"))
    return f"{passed} passed, {warned} warned, {failed} failed"


def _facts(
    m: Material, checks: tuple[Check, ...], figures: Sensitivity | None, decision: Decision
) -> tuple[Fact, ...]:
    count = [c for c in checks if c.can_lower_verdict]
    facts = [
        Fact("verdict", decision.verdict.value, "verdict"),
        Fact("direction", decision.verdict.direction, "direction of the effect"),
        Fact("reason", decision.code, "rule that decided"),
        Fact("checks", len(checks), "checks listed", format=",d"),
        Fact(
            "passed",
            sum(c.status == "pass" for c in count),
            "checks passed that could have failed",
            format=",d",
        ),
        Fact("warned", sum(c.status == "warn" for c in count), "checks with a warning", format=",d"),
        Fact("failed", sum(c.status == "fail" for c in count), "checks failed", format=",d"),
    ]
    facts += [Fact(f"also.{i}", code, "another rule that applied") for i, code in enumerate(decision.also, 1)]
    if decision.verdict.value != "supported":
        told = (decision.verdict.reason, *decision.also_said)
        facts += [Fact(f"why.{i}", words, "what lowers the verdict") for i, words in enumerate(told, 1)]
        facts.append(Fact("next", decision.verdict.next, "what to do about it"))
    elif UNTOLD in decision.verdict.reason:
        alone = UNTOLD.removeprefix("; ")
        facts.append(Fact("word", f"{alone[0].upper()}{alone[1:]}.", "what a supported verdict rests on"))
    for i, c in enumerate(checks, 1):
        facts += [
            Fact(f"check.{i}", c.name, "check", subject=c.name),
            Fact(f"check.{i}.status", c.status, f"outcome of the check {c.name}", subject=c.name),
            Fact(
                f"check.{i}.statistic",
                c.statistic,
                f"statistic of the check {c.name}",
                subject=c.name,
                format=".3g",
            ),
            Fact(
                f"check.{i}.threshold",
                c.threshold,
                f"threshold of the check {c.name}",
                subject=c.name,
                format=".3g",
            ),
        ]
        if c.status in ("warn", "fail", "error"):
            facts.append(
                Fact(f"check.{i}.detail", c.detail, f"what the check {c.name} found", subject=c.name)
            )
    return (*facts, *_strengths(m, figures), *_named(m, checks))


def _strengths(m: Material, s: Sensitivity | None) -> tuple[Fact, ...]:
    """Robustness values beside the strongest measured control, on one scale."""
    if s is None:
        return ()
    known = sensitivity.benchmarks(m)
    top = known[0] if known else None
    with_both = "share of the remaining variance of treatment and of outcome"
    return (
        Fact(
            "robustness_value",
            s.robustness_value,
            f"hidden cause that would cancel the effect: {with_both}",
            format=".1%",
        ),
        Fact(
            "robustness_value_alpha",
            s.robustness_value_alpha,
            f"hidden cause that would bring the interval to zero: {with_both}",
            format=".1%",
        ),
        Fact("benchmark", s.benchmark, "strongest measured control", subject=s.benchmark or ""),
        Fact(
            "benchmark.strength",
            top.strength if top else None,
            f"hidden cause as strong as the strongest measured control: {with_both}",
            subject=s.benchmark or "",
            format=".1%",
        ),
        Fact("benchmark.treatment", s.benchmark_treatment, "its partial R² with the treatment", format=".1%"),
        Fact("benchmark.outcome", s.benchmark_outcome, "its partial R² with the outcome", format=".1%"),
        Fact("e_value", s.e_value, "E-value of the point estimate", format=".2f"),
        Fact("e_value_limit", s.e_value_limit, "E-value of the nearer end of the interval", format=".2f"),
    )


def _named(m: Material, checks: tuple[Check, ...]) -> tuple[Fact, ...]:
    """Statistics that readers ask for by name."""
    keys = {
        "overlap": ("overlap.outside", "share of rows without counterparts", ".1%", ""),
        "support": ("support.left", "share of the treatment's variance left by the controls", ".1%", ""),
        "balance": ("balance.worst", "largest standardised difference after weighting", ".2f", ""),
        "placebo_treatment": ("placebo.value", "mean effect of shuffled treatments", ".3g", m.prepared.unit),
        "specification": (
            "specification.same_sign",
            "share of leave-one-out fits with the same sign",
            ".0%",
            "",
        ),
        "dropped_rows": ("rows.dropped_share", "share of rows left out", ".1%", ""),
    }
    facts = []
    for c in checks:
        if c.name in keys and c.statistic is not None:
            key, label, form, unit = keys[c.name]
            facts.append(Fact(key, c.statistic, label, unit, c.name, form))
    controls = [c for c in checks if c.name.startswith(negative_control.NAME) and c.statistic is not None]
    for i, c in enumerate(controls, 1):
        column = c.name.partition(":")[2]
        facts.append(
            Fact(f"negative_control.{i}", column, "outcome the treatment cannot change", subject=column)
        )
        facts.append(
            Fact(f"negative_control.{i}.effect", c.statistic, f"apparent effect on {column}", subject=column)
        )
        facts.append(
            Fact(f"negative_control.{i}.p_value", c.p_value, f"p value of it on {column}", subject=column)
        )
    return tuple(facts)


def _tables(m: Material, checks: tuple[Check, ...]) -> tuple[Table, ...]:
    listed: tuple[tuple[Scalar, ...], ...] = tuple(
        (c.name, c.kind, c.status, c.statistic, c.threshold, c.can_lower_verdict, c.detail) for c in checks
    )
    columns = ("check", "kind", "status", "statistic", "threshold", "counts", "detail")
    tables = [Table("checks", "What was tried to break the estimate", columns, listed)]
    turned = None if m.by_design else guards.strata(m)
    if turned is not None:
        tables.append(turned)
    if not m.prepared.randomised and not m.by_design and m.line.names:
        strengths = tuple((b.name, b.treatment, b.outcome, b.strength) for b in sensitivity.benchmarks(m))
        heads = (
            "control",
            "partial R² with treatment",
            "partial R² with outcome",
            "strength of a hidden cause like it",
        )
        tables.append(Table("benchmarks", "How strong the measured controls are", heads, strengths))
        without = tuple(zip(m.line.names, m.line.without, strict=True))
        title = "Least-squares effect without one control at a time"
        tables.append(Table("specification", title, ("left out", "effect"), without))
    return tuple(tables)
