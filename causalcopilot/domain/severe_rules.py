"""The verdict's rules that leave nothing to read as causal: not identified, refuted, or inconclusive."""

from __future__ import annotations

from causalcopilot.domain.rule import Case, Rule
from causalcopilot.domain.thresholds import MIN_ROWS


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


def _turned(case: Case) -> bool:
    """Whether columns that nobody's word leaves out would turn the sign of the effect, were they held."""
    e = case.estimate
    if e is None or e.value is None or e.low is None or e.high is None:
        return False
    half = (e.high - e.low) / 2
    moves = (c.statistic for c in case.named("left_out_columns") if c.status == "warn")
    return any(m is not None and (e.value + m * half) * e.value < 0 for m in moves)


SEVERE_RULES: tuple[Rule, ...] = (
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
        "left_out_turns",
        "inconclusive",
        _turned,
        "Held as well, columns that nobody's word leaves out turn the effect's sign: their order decides the answer.",
        "Say in a knowledge file which columns come before {treatment} and which after.",
        "A search drops a common cause whose two paths nearly cancel; a later column turns signs when it is held.",
    ),
    Rule(
        "wide_interval",
        "inconclusive",
        lambda c: c.has("precision", "fail"),
        "The interval holds zero and also effects that would matter: the data are compatible with both.",
        "Collect more rows, or a more precise outcome; more analysis of the same rows will not help.",
        "Equivalence margin (Schuirmann 1987); Cohen (1988) for its size.",
    ),
)
"""In the order in which they are tried."""
