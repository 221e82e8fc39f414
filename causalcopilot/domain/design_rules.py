"""The verdict's rules for designs beyond adjustment; ``verdict`` tries them among its own, in this order."""

from __future__ import annotations

from causalcopilot.domain.rule import Rule

DESIGN_CORE: dict[str, tuple[str, ...]] = {
    "Instrumental Variable": ("precision", "weak_instrument", "anderson_rubin"),
    "Difference-in-Differences": ("precision", "earlier_trends"),
    "Regression Discontinuity": ("precision", "density", "bandwidth"),
    "Synthetic Control": ("precision", "fit_before", "placebo_units"),
}
"""The checks of each design beyond adjustment without which nothing is supported."""

DESIGN_RULES: tuple[Rule, ...] = (
    Rule(
        "instrument_weak",
        "fragile",
        lambda c: c.has("weak_instrument", "fail"),
        "The instrument hardly moves {treatment}; only the Anderson–Rubin interval can be read.",
        "Find a stronger instrument; do not read the two-stage standard error.",
        "Staiger and Stock (1997); Montiel Olea and Pflueger (2013).",
    ),
    Rule(
        "instruments_disagree",
        "fragile",
        lambda c: c.has("overidentification", "fail"),
        "The instruments tell different effects, so at least one is invalid or they move different people.",
        "Estimate with each instrument alone, and drop the one that cannot be defended.",
        "Hansen's J (Hansen 1982).",
    ),
    Rule(
        "instrument_confounded",
        "fragile",
        lambda c: c.has("instrument_sensitivity", "fail"),
        "A hidden common cause of instrument and {outcome}, as strong as the strongest control, would overturn it.",
        "Defend the instrument beyond the measured controls, or find one that was assigned by chance.",
        "Omitted variables of instruments (Cinelli and Hazlett 2025).",
    ),
    Rule(
        "cutoff_manipulated",
        "fragile",
        lambda c: c.has("density", "fail"),
        "Units pile up on one side of the cutoff, as they would if they could choose their side.",
        "Find out who sets the running variable; look at the units next to the cutoff.",
        "Density at the cutoff (McCrary 2008; Cattaneo, Jansson and Ma 2020).",
    ),
    Rule(
        "covariate_jumps",
        "fragile",
        lambda c: c.has("covariate_continuity", "fail"),
        "A column measured before {treatment} also jumps at the cutoff: the two sides differ in more than it.",
        "Find out what else changes at this cutoff.",
        "Continuity of covariates (Lee 2008).",
    ),
    Rule(
        "cutoff_sensitive",
        "fragile",
        lambda c: c.has("bandwidth", "fail") or c.has("donut", "fail"),
        "The jump changes beyond its interval with the bandwidth, or without the units next to the cutoff.",
        "Look at the outcome on both sides of the cutoff; do not rest on one bandwidth.",
        "Bandwidth and donut checks (Cattaneo, Idrobo and Titiunik 2020; Barreca et al. 2011).",
    ),
    Rule(
        "placebo_cutoff_failed",
        "fragile",
        lambda c: c.has("placebo_cutoff", "fail"),
        "The outcome also jumps where {treatment} does not change.",
        "Look at the outcome along the running variable; a curve can look like a jump.",
        "Placebo cut-offs (Imbens and Lemieux 2008).",
    ),
    Rule(
        "trends_differ",
        "fragile",
        lambda c: c.has("earlier_trends", "fail") or c.has("placebo_date", "fail"),
        "Adopters moved differently from the others already before {treatment}: their trends are not parallel.",
        "Look at the event study; compare with units whose earlier course is the same.",
        "Tests of earlier trends (Callaway and Sant'Anna 2021); passing them proves nothing (Roth 2022).",
    ),
    Rule(
        "trends_untested",
        "fragile",
        lambda c: any(x.status == "skipped" for x in c.named("earlier_trends")),
        "No earlier periods show whether adopters and the others moved in parallel.",
        "Add periods before adoption.",
        "Parallel trends rest on nothing but words where only one earlier period is seen.",
    ),
    Rule(
        "few_units",
        "fragile",
        lambda c: c.has("few_units", "fail"),
        "Too few units adopt, or are compared with those that do, for the standard error to be trusted.",
        "Add units; with one adopter, synthetic control is the design to use.",
        "Few treated clusters (Conley and Taber 2011; MacKinnon and Webb 2018).",
    ),
    Rule(
        "comparisons_disagree",
        "fragile",
        lambda c: c.has("other_comparison", "fail"),
        "Compared with units that adopt later, the effect lies outside the interval.",
        "Look at the event study for each comparison group.",
        "Never and not yet treated units (Callaway and Sant'Anna 2021).",
    ),
    Rule(
        "fit_poor",
        "fragile",
        lambda c: c.has("fit_before", "fail"),
        "Before the treatment the weighted donors do not follow the treated unit: they tell little of what came after.",
        "Look at the course of both; add donors that resemble the unit, or compare changes (--design did).",
        "Fit before the treatment (Abadie, Diamond and Hainmueller 2010; Abadie 2021).",
    ),
    Rule(
        "placebo_units_match",
        "fragile",
        lambda c: c.has("placebo_units", "fail"),
        "Donors that were never treated show gaps as large: the effect does not stand out among placebos.",
        "Look at the table of placebos; with few donors no rank can be small.",
        "Permutation over units (Abadie, Diamond and Hainmueller 2010).",
    ),
    Rule(
        "placebo_time_failed",
        "fragile",
        lambda c: c.has("placebo_time", "fail"),
        "A gap opens already before {treatment}, when none can: the donors do not tell what would have been.",
        "Find out what happened then, or begin the treatment there if it was anticipated.",
        "Placebo dates (Abadie, Diamond and Hainmueller 2015).",
    ),
    Rule(
        "one_donor_decides",
        "fragile",
        lambda c: c.has("one_donor", "fail"),
        "The answer hangs on a single donor: without it the effect leaves its interval, or turns.",
        "Find out what else happened to that donor.",
        "Leave-one-out (Abadie, Diamond and Hainmueller 2015).",
    ),
    Rule(
        "weights_disagree",
        "fragile",
        lambda c: c.has("other_weights", "fail"),
        "Synthetic difference-in-differences, with a level of its own, tells an effect outside the interval.",
        "Look at the level of the treated unit before the treatment: donors may not reach it.",
        "Arkhangelsky et al. (2021).",
    ),
)
"""Failures of a design, each of which makes an answer fragile."""
