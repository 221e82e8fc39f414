"""The verdict: may the stated interval be read as causal?

One tuple of declared rules decides, in order of severity; the first that applies gives the verdict, its code,
its sentence and the next step.  No model takes part.  A passing check never raises a verdict: every rule
lowers it, and ``supported`` is what is left when none applies.  The thresholds that the checks compare with
stand here too, so that all of the judgement is here and in ``design_rules``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from causalcopilot.domain.design_rules import DESIGN_CORE, DESIGN_RULES, unnamed
from causalcopilot.domain.estimate import Check, Direction, Estimate, Sensitivity, Verdict, VerdictValue
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.rule import Case, Rule

SEVERITY: tuple[VerdictValue, ...] = ("not_identified", "refuted", "inconclusive", "fragile", "supported")
"""Verdicts from worst to best."""

OUTSIDE = 0.05
"""A propensity below this, or above one minus it, counts as outside the region of overlap."""
OUTSIDE_WARN, OUTSIDE_FAIL = 0.05, 0.30
"""Share of rows outside.  Crump et al. (2009) drop rows outside [.1, .9]; [.05, .95] is the milder rule."""
ESS_WARN, ESS_FAIL = 0.20, 0.10
"""Effective sample size of the worse arm, as a share of its rows (Kish)."""
SMD_WARN, SMD_FAIL = 0.10, 0.25
"""Largest weighted standardised mean difference (Austin 2009; Stuart 2010)."""
RESIDUAL_WARN, RESIDUAL_FAIL = 0.10, 0.02
"""Share of a continuous treatment's variance that the controls must leave; below, nothing is left to compare."""
PLACEBO_LEVEL = 0.05
"""Two-sided level of the band that the placebo refits span."""
NEGATIVE_CONTROL_WARN, NEGATIVE_CONTROL_FAIL = 0.05, 0.01
"""Levels, after Bonferroni over the negative controls (Lipsitch et al. 2010).  A design is called refuted
at the stricter level only, because one honest design in twenty fails the milder one."""
DRAW_WARN, DRAW_FAIL = 0.05, 0.01
"""Levels, corrected for the number of columns, at which a column moves with a treatment that is said to be drawn by
lot.  At the stricter one an honest draw fails in one case of a hundred."""
GRAPH_WARN, GRAPH_FAIL = 0.05, 0.01
"""Levels, after correction for their number, at which an independence that a given graph implies is contradicted.
At the stricter one a right graph fails in one case of a hundred."""
NULL_MARGIN = 0.2
"""An interval holding zero is precise when it stays within this many standard deviations of the outcome
(Cohen's small effect; the two-one-sided-tests reading of an equivalence margin).  Where the quartiles tell
of a smaller standard deviation (heavy tails), that one counts: outliers must not make a zero look precise."""
BENCHMARK_MARGIN = 1.25
"""The nearer end of the interval must withstand a hidden cause this many times as strong as the strongest
control.  At one, the sampling error of the benchmark lets a hidden cause of exactly its strength pass in up
to one case of five (own simulation: 300 draws each of four strengths at two sizes); at this margin in one
of fifty."""
BENCHMARK_CHANCE = 6.63
"""Times one over the degrees of freedom: a partial R² that chance alone exceeds in one case of a hundred.
A benchmark below it on either side cannot fail, so passing it is told and not counted."""
POINT_MULTIPLE = 2.0
"""Or else the point itself must withstand one of this multiple, with the interval clear of zero: with few
rows the interval's end lies near zero for want of rows, not for want of strength (same simulation: a hidden
cause of the benchmark's strength passes in less than one case of ten at every strength)."""
LOST_WARN, LOST_FAIL = 0.05, 0.20
"""Share of rows dropped for a missing outcome, treatment or control."""
ARM_LOSS_FAIL, ARM_LOSS_LEVEL = 0.05, 0.01
"""Difference between the arms in the share without an outcome that fails, where chance at this level cannot make it
(near the limits that the What Works Clearinghouse draws for trials that lose a tenth of their rows)."""
FILLED_WARN, FILLED_FAIL = 0.05, 0.20
"""Share of rows with a control that was missing and filled in: there the control is not held."""
CLUSTER_WARN, CLUSTER_FAIL = 1.10, 1.25
"""Standard error counted by unit over the one counted by row; at 1.25 a 95 % interval covers about 88 %."""
CLUSTERS_WARN, CLUSTERS_FAIL = 30, 8
"""Clusters below which clustered errors are uncertain (Cameron and Miller 2015), and below which they are not
to be trusted: with so few, intervals that aim at 95 % cover less than 90 % where clusters differ in size."""
BEND_T, BEND_FAIL = 3.0, 1.0
"""A squared term this clear of chance that moves the effect of the step by more than half the interval's width."""
REPEATED_FAIL = 0.90
"""Share of rows with an exact twin from which standard errors are taken to be wrong."""
MIN_ROWS, MIN_ARM = 40, 10
"""Fewest rows, and fewest rows in one arm (or with the rarer outcome), for which an interval is offered."""
WEAK_F = 10.0
"""Effective first-stage F below which an instrument is weak (Staiger and Stock 1997;
Montiel Olea and Pflueger 2013)."""
DESIGN_LEVEL = 0.05
"""Level of the tests that belong to a design (over-identification, density, continuity, earlier trends)."""
MIN_UNITS = 5
"""Fewest adopting units, and fewest units they are compared with, for standard errors clustered by unit."""
FIT_WARN, FIT_FAIL = 0.10, 0.25
"""Root mean square gap of a synthetic control before the treatment, as a share of how far units lie apart then
(the standardised-difference margins of balance, over periods instead of covariates)."""
RANK_FAIL = 0.10
"""Rank p value among placebo donors above which the treated unit does not stand out (Abadie et al. 2010)."""
MIN_CHANGING = 20
"""Fewest units whose treatment changes, for standard errors clustered by unit (Cameron and Miller 2015 put the
danger below 20 to 50)."""
OWN_RULE = frozenset(
    "placebo_treatment negative_control_outcome sample_size precision overlap support forced_bad_controls "
    "sensitivity agreement balance extrapolation duplicates dropped_rows anderson_rubin weak_instrument "
    "overidentification instrument_sensitivity density covariate_continuity bandwidth donut placebo_cutoff "
    "mediation_overlap mediation_sensitivity next_period first_differences panel_sensitivity "
    "fit_before placebo_units placebo_time one_donor other_weights "
    "earlier_trends placebo_date few_units other_comparison repeated_units filled_controls straight_line "
    "few_clusters implied_independences random_draw missing_by_arm known_instrument computed_outcome".split()
)
"""Checks whose failure has a rule of its own; any other failed check falls under ``check_failed``."""
CORE = ("placebo_treatment", "precision")
"""Checks without which nothing is supported, whatever the design (more by design: see ``_core``)."""


@dataclass(frozen=True)
class Decision:
    """The verdict, the code of the rule that decided, and codes and sentences of later rules that also applied."""

    verdict: Verdict
    code: str
    also: tuple[str, ...] = ()
    also_said: tuple[str, ...] = ()


def decide(
    identification: Identification | None,
    estimate: Estimate | None,
    checks: Sequence[Check],
    sensitivity: Sensitivity | None = None,
) -> Decision:
    """Apply the rules in order; total (every case gets a verdict) and monotone (a failed check never raises it)."""
    case = Case(identification, estimate, tuple(checks), sensitivity)
    hits = [rule for rule in RULES if rule.applies(case)]
    first, words = hits[0], _words(case)
    sure = first.lowers_to in ("supported", "fragile", "inconclusive")
    verdict = Verdict(
        first.lowers_to,
        first.reason.format_map(words),
        first.next.format_map(words),
        direction(estimate) if sure else "unclear",
    )
    later = tuple(r for r in hits[1:] if r.lowers_to != "supported")
    said = tuple(r.reason.format_map(words) for r in later)
    return Decision(verdict, first.code, tuple(r.code for r in later), said)


def direction(estimate: Estimate | None) -> Direction:
    """Which way the interval points; ``none_detected`` where it holds zero, ``unclear`` where there is none."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return "unclear"
    if estimate.low > 0:
        return "increases"
    return "decreases" if estimate.high < 0 else "none_detected"


def rules_table() -> str:
    """The rules as a Markdown table, in the order in which they are tried."""
    rows = [
        "| order | code | verdict | when | what to do | source |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for number, r in enumerate(RULES, 1):
        cells = (str(number), f"`{r.code}`", f"`{r.lowers_to}`", r.reason, r.next, r.source)
        rows.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
    return "\n".join(rows) + "\n"


def _words(case: Case) -> dict[str, str]:
    """What the templates of reasons and next steps may name."""
    found, sens = case.identification, case.sensitivity
    failed = [c.name for c in case.checks if c.can_lower_verdict and c.status in ("fail", "error")]
    helps = found.would_help if found else ()
    return {
        "treatment": found.treatments[0] if found and found.treatments else "the treatment",
        "outcome": found.outcomes[0] if found and found.outcomes else "the outcome",
        "benchmark": (sens.benchmark if sens else None) or "the strongest measured control",
        "check": failed[0] if failed else "a check",
        "help": _sentence(
            helps[0] if helps else "say which columns come before the treatment, or give a graph"
        ),
    }


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def _continuous(case: Case) -> bool:
    return case.identification is not None and case.identification.treatment_type == "continuous"


def _randomised(case: Case) -> bool:
    return case.identification is not None and case.identification.strategy == "RCT"


def _core(case: Case) -> tuple[str, ...]:
    """Checks that must have given an answer before anything is called supported."""
    by_design = DESIGN_CORE.get((case.identification.strategy if case.identification else None) or "")
    if by_design:
        return by_design
    overlap = "support" if _continuous(case) else "overlap"
    return CORE + ((overlap,) if _randomised(case) else (overlap, "sensitivity"))


def _answered(case: Case, name: str) -> bool:
    """Whether the check spoke; ``info`` is an answer where there was nothing to compare with (no controls)."""
    return any(c.status in ("pass", "warn", "fail", "info") for c in case.named(name))


def _refuses(case: Case) -> bool:
    return case.identification is None or case.identification.status == "not_identified"


def _no_interval(case: Case) -> bool:
    e = case.estimate
    return e is None or e.value is None or e.low is None or e.high is None


def _too_small(case: Case) -> bool:
    few = case.estimate is not None and case.estimate.n_used < MIN_ROWS
    return few or case.has("sample_size", "fail")


def _untested(case: Case) -> bool:
    return not any(c.can_lower_verdict and c.status in ("pass", "warn", "fail") for c in case.checks)


def _no_support(case: Case) -> bool:
    return case.has("overlap", "fail") or case.has("support", "fail")


def _weak_support(case: Case) -> bool:
    return case.estimate is not None and not case.estimate.supported


def _assumed(case: Case) -> bool:
    """Nobody vouches for an adjustment; a design that nobody named has a rule of its own."""
    found = case.identification
    return found is not None and found.status == "assumed" and not unnamed(found)


def _against_graph(case: Case) -> bool:
    return case.identification is not None and "assumed_against_graph" in dict(case.identification.design)


def _other_failure(case: Case) -> bool:
    """A failed check that no rule of its own speaks of."""
    failed = (c for c in case.checks if c.can_lower_verdict and c.status == "fail")
    return any(c.name.split(":")[0] not in OWN_RULE for c in failed)


def _errors(case: Case) -> bool:
    return any(c.can_lower_verdict and c.status == "error" for c in case.checks)


def _core_missing(case: Case) -> bool:
    return not all(_answered(case, name) for name in _core(case))


RULES: tuple[Rule, ...] = (
    Rule(
        "not_identified",
        "not_identified",
        _refuses,
        "The effect of {treatment} on {outcome} does not follow from the data and what is known.",
        "{help}",
        "Pearl (2009); Perković et al. (2018): without a valid adjustment set or design, no estimate is causal.",
    ),
    Rule(
        "placebo_failed",
        "refuted",
        lambda c: c.has("placebo_treatment", "fail"),
        "A shuffled treatment, which cannot have an effect, also seems to have one: the procedure is broken here.",
        "Do not use the number; look for rows or columns that tie the outcome to the order of the table.",
        "Placebo treatment refutation (Sharma and Kiciman 2020).",
    ),
    Rule(
        "negative_control_failed",
        "refuted",
        lambda c: c.has("negative_control_outcome", "fail"),
        "The same adjustment finds an effect where {treatment} cannot have one: groups differ in hidden ways.",
        "Measure what separates the groups, or use a design that does not rest on adjustment.",
        "Negative controls (Lipsitch et al. 2010).",
    ),
    Rule(
        "no_effect_fits",
        "inconclusive",
        lambda c: (
            c.has("anderson_rubin", "fail") and any(a.statistic == 0 for a in c.named("anderson_rubin"))
        ),
        "No single effect fits all instruments: at least one is invalid, or they move different people.",
        "Estimate with each instrument alone, and drop the one that cannot be defended.",
        "An empty set rejects the model (Anderson and Rubin 1949; Davidson and MacKinnon 2014).",
    ),
    Rule(
        "instrument_uninformative",
        "inconclusive",
        lambda c: c.has("anderson_rubin", "fail"),
        "The instrument says too little: the set of effects it cannot rule out has no bounds.",
        "Find a stronger instrument, or more rows; the point estimate means nothing here.",
        "Anderson and Rubin (1949); Dufour (1997): with a weak instrument an honest set may be unbounded.",
    ),
    Rule(
        "no_interval",
        "inconclusive",
        _no_interval,
        "There is no estimate with an interval to judge.",
        "Estimate the effect with a method that gives an interval.",
        "A point without an interval cannot be judged.",
    ),
    Rule(
        "too_few_rows",
        "inconclusive",
        _too_small,
        "Too few rows, or too few in one group, for the interval to be trusted.",
        "Collect more rows, or ask about groups that are larger.",
        "Large-sample intervals need rows in each arm; minimum declared here.",
    ),
    Rule(
        "not_tried",
        "inconclusive",
        _untested,
        "No check that could have failed was run.",
        "Run the refutation.",
        "An untested estimate is not a supported one (Popper's asymmetry, made a rule).",
    ),
    Rule(
        "wide_interval",
        "inconclusive",
        lambda c: c.has("precision", "fail"),
        "The interval holds zero and also effects that would matter: the data are compatible with both.",
        "Collect more rows, or a more precise outcome; more analysis of the same rows will not help.",
        "Equivalence margin (Schuirmann 1987); Cohen (1988) for its size.",
    ),
    *DESIGN_RULES,
    Rule(
        "overlap_failed",
        "fragile",
        _no_support,
        "Too many rows have no counterpart under the other value of {treatment}: the number extrapolates.",
        "Ask for another group (ATT or ATC), compare values that occur side by side, or restrict the population.",
        "Positivity (Crump et al. 2009; Petersen et al. 2012).",
    ),
    Rule(
        "forced_bad_control",
        "fragile",
        lambda c: c.has("forced_bad_controls", "fail"),
        "A column that would bias the answer is adjusted for because it was asked for.",
        "Leave that column out of the controls.",
        "Good and bad controls (Cinelli, Forney and Pearl 2022).",
    ),
    Rule(
        "assumed_against_graph",
        "fragile",
        _against_graph,
        "What is known leaves a path open from {treatment} to {outcome} that is not causal; it was assumed away.",
        "Measure what lies on that path, or find a design that does not need every common cause.",
        "An assumption that contradicts the given graph is nobody's knowledge, only a what-if.",
    ),
    Rule(
        "graph_contradicted",
        "fragile",
        lambda c: c.has("implied_independences", "fail"),
        "The data contradict the given graph: two columns that it says are independent are not.",
        "Ask `ccp ask DATA 'does the graph fit the data?' --graph G` what is contradicted, and mend the graph.",
        "Implied independences (Pearl 2009), corrected for their number (Benjamini and Hochberg 1995).",
    ),
    Rule(
        "benchmark_overturns",
        "fragile",
        lambda c: c.has("sensitivity", "fail"),
        "An unmeasured common cause as strong as {benchmark} would be enough to overturn the answer.",
        "Measure what could act like {benchmark}, or find a design that does not need every common cause.",
        "Bounds from observed covariates (Cinelli and Hazlett 2020).",
    ),
    Rule(
        "overlap_weak",
        "fragile",
        _weak_support,
        "Some rows hardly have a counterpart under the other value of {treatment}; there only the model speaks.",
        "Look at the overlap histogram; ask for the effect in another group (ATT or ATC), or restrict the population.",
        "The estimate itself is marked as not supported; a verdict must not say otherwise.",
    ),
    Rule(
        "assumed",
        "fragile",
        _assumed,
        "Nobody vouches for the assumption that all common causes of {treatment} and {outcome} are measured.",
        "Give a graph, or a knowledge file that says which columns come before the treatment.",
        "The assumption is untestable; a learned graph or a default does not replace someone's word.",
    ),
    Rule(
        "negative_control_doubtful",
        "fragile",
        lambda c: c.has("negative_control_outcome", "warn"),
        "The same adjustment finds a weak sign of an effect on an outcome that {treatment} cannot change.",
        "Look for what separates the groups, and measure it.",
        "Negative controls (Lipsitch et al. 2010), at the milder level.",
    ),
    Rule(
        "estimators_disagree",
        "fragile",
        lambda c: c.has("agreement", "fail"),
        "Sound estimators of the same quantity disagree beyond the stated interval.",
        "Look at the table of estimates: the answer depends on how the controls enter.",
        "Agreement across nuisance classes; own measurements: no estimator is safe everywhere.",
    ),
    Rule(
        "balance_failed",
        "fragile",
        lambda c: c.has("balance", "fail", "warn"),
        "After weighting, the groups still differ in a measured control.",
        "Look at the balance table; ask for the effect in another group (ATT or ATC), or restrict the population.",
        "Standardised mean differences (Austin 2009; Stuart 2010).",
    ),
    Rule(
        "extrapolates",
        "fragile",
        lambda c: c.has("extrapolation", "fail"),
        "The values of {treatment} that are compared lie outside those observed.",
        "Compare values within the observed range.",
        "No data, only the model, speak beyond the observed range (King and Zeng 2006).",
    ),
    Rule(
        "repeated_rows",
        "fragile",
        lambda c: c.has("duplicates", "fail"),
        "Nearly every row stands in the table more than once, so the interval is too narrow.",
        "Remove the repeated rows, or say which column names the unit.",
        "Own finding: a public table held each row twice; its standard errors were too small by root two.",
    ),
    Rule(
        "rows_lost",
        "fragile",
        lambda c: c.has("dropped_rows", "fail"),
        "Many rows were left out because a value is missing; those left may differ.",
        "Find out why the values are missing, or collect them.",
        "Complete-case analysis (Little and Rubin 2019).",
    ),
    Rule(
        "units_repeat",
        "fragile",
        lambda c: c.has("repeated_units", "fail"),
        "Rows of one unit resemble each other, and the interval takes them as independent: it is too narrow.",
        "Name the column that rows belong to (--cluster), or take one row for each unit.",
        "Clustered standard errors (Liang and Zeger 1986; Moulton 1990).",
    ),
    Rule(
        "few_clusters",
        "fragile",
        lambda c: c.has("few_clusters", "fail"),
        "Rows belong to so few clusters that their standard error cannot be trusted.",
        "Collect more clusters; more rows in the same ones will not help.",
        "Few clusters (Cameron and Miller 2015; MacKinnon and Webb 2018).",
    ),
    Rule(
        "controls_filled",
        "fragile",
        lambda c: c.has("filled_controls", "fail"),
        "Many rows lack the value of a control, which was filled in: there it is not held, and may confound.",
        "Find out why the values are missing, or collect them.",
        "Missing confounders filled by a mean leave confounding behind (Greenland and Finkle 1995).",
    ),
    Rule(
        "line_bends",
        "fragile",
        lambda c: c.has("straight_line", "fail"),
        "The effect is told as a straight line, but the outcome bends in {treatment} just where values are compared.",
        "Cut {treatment} into levels and compare two of them.",
        "A slope is an average over all values (Angrist and Krueger 1999); it need not be the step's effect.",
    ),
    Rule(
        "check_failed",
        "fragile",
        _other_failure,
        "The check {check} failed.",
        "Read what the check {check} says.",
        "Any failed check that counts lowers the verdict, also one from a plugin.",
    ),
    Rule(
        "check_error",
        "fragile",
        _errors,
        "The check {check} could not be completed, so it cannot speak for the estimate.",
        "Read the error of the check {check}; run the refutation again.",
        "A check that did not finish is not a check that passed.",
    ),
    Rule(
        "core_check_missing",
        "fragile",
        _core_missing,
        "A check without which nothing is called supported was skipped.",
        "Run the refutation again with more time.",
        "Overlap, placebo treatment, precision and (without randomisation) sensitivity are the minimum; "
        "a design beyond adjustment has its own.",
    ),
    Rule(
        "all_passed",
        "supported",
        lambda c: True,
        "Identified, and no check that could have failed has failed; warnings, where there are any, are listed.",
        "Report the interval together with its assumptions.",
        "Nothing lowered the verdict.",
    ),
)
"""Every rule, worst verdict first."""
