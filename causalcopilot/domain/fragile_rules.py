"""The verdict's rules, whatever the design, for an interval that stands on weak ground."""

from __future__ import annotations

from causalcopilot.domain.core_checks import core_missing
from causalcopilot.domain.design_rules import unnamed
from causalcopilot.domain.rule import Case, Rule

OWN_RULE = frozenset(
    "placebo_treatment negative_control_outcome sample_size precision overlap support forced_bad_controls "
    "sensitivity agreement balance extrapolation duplicates dropped_rows anderson_rubin weak_instrument "
    "overidentification instrument_sensitivity density covariate_continuity bandwidth donut placebo_cutoff "
    "mediation_overlap mediation_sensitivity next_period first_differences line_within_units panel_sensitivity "
    "joint_support joint_interaction joint_lines joint_routes joint_sensitivity "
    "fit_before placebo_units placebo_time one_donor other_weights "
    "earlier_trends placebo_date few_units other_comparison repeated_units filled_controls straight_line "
    "few_clusters implied_independences random_draw missing_by_arm known_instrument computed_outcome "
    "instrument_columns".split()
)
"""Checks whose failure has a rule of its own; any other failed check falls under ``check_failed``."""


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


FRAGILE_RULES: tuple[Rule, ...] = (
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
        "left_out_matters",
        "fragile",
        lambda c: c.has("left_out_columns", "warn"),
        "Held as well, columns that nobody's word leaves out move the effect beyond its interval.",
        "Say in a knowledge file which columns come before {treatment} and which after.",
        "Only knowledge tells a common cause from an effect (VanderWeele 2019).",
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
        lambda c: c.has("straight_line", "fail") or c.has("line_within_units", "fail"),
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
        core_missing,
        "A check without which nothing is called supported was skipped.",
        "Run the refutation again with more time.",
        "Overlap, placebo treatment, precision and (without randomisation) sensitivity are the minimum; "
        "a design beyond adjustment has its own.",
    ),
)
"""In the order in which they are tried."""
