"""The effect of the sample run: identified, estimated and refuted."""

from __future__ import annotations

from causalcopilot.domain.estimate import Check, Estimate, Sensitivity, Verdict
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.identification import (
    Alternative,
    Assumption,
    Controls,
    Excluded,
    Identification,
)
from causalcopilot.domain.question import Contrast
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult, Table
from tests.report.sampled_table import CONTROLS

LABEL = "effect of qsmk on wt82_71"

IDENTIFIED = Identification(
    "identified",
    "Conditional Exogeneity",
    "ATE",
    "all units in the table",
    ("qsmk",),
    ("wt82_71",),
    "binary",
    Contrast(0, 1),
    Controls(
        CONTROLS[:7],
        CONTROLS[7:],
        (
            Excluded("wt82", "measured after the treatment: it is part of the outcome"),
            Excluded("death", "measured after the treatment"),
            Excluded("seqn", "identifies rows"),
        ),
    ),
    assumptions=(
        Assumption(
            "no_unmeasured_confounding", False, "the card of this data set declares the nine controls"
        ),
        Assumption("positivity", True, "see the overlap check"),
        Assumption("consistency", False, "not testable here"),
    ),
    alternatives=(Alternative("Instrumental Variable", "no column is declared an instrument"),),
    basis="roles",
)
IDENTIFY = IdentifyResult(
    "identified by roles: 9 controls",
    (
        Fact("status", "identified", "whether the effect of qsmk on wt82_71 is identified"),
        Fact("strategy", "Conditional Exogeneity", "identification strategy"),
        Fact("quantity", "ATE", "causal quantity"),
        Fact("basis", "roles", "whose word the choice of controls rests on"),
        Fact("controls", 9, "number of controls", format=",d"),
        *(Fact(f"control.{i}", c, "control", subject=c) for i, c in enumerate(CONTROLS, 1)),
        Fact("excluded", 3, "number of columns that are not controls", format=",d"),
        Fact(
            "assumption.1",
            "no unmeasured common cause of treatment and outcome, given the controls",
            "assumption",
        ),
        Fact("assumption.2", "every kind of unit could have had either treatment value", "assumption"),
        Fact("assumption.3", "the treatment is one well-defined thing", "assumption"),
    ),
    identification=IDENTIFIED,
)

ESTIMATES = (
    Estimate("aipw", "ATE", "all units in the table", 3.4379, 0.49, 2.4812, 4.3985, 0.95, 1566, "kg"),
    Estimate("aipw_boosting", "ATE", "all units in the table", 3.31, 0.52, 2.29, 4.33, 0.95, 1566, "kg"),
    Estimate("regression", "ATE", "all units in the table", 3.462, 0.438, 2.603, 4.321, 0.95, 1566, "kg"),
    Estimate("ipw", "ATE", "all units in the table", 3.36, 0.51, 2.36, 4.36, 0.95, 1566, "kg"),
    Estimate("matching", "ATT", "units with qsmk = 1", 3.15, 0.66, 1.86, 4.44, 0.95, 1566, "kg"),
    Estimate(
        "aipw",
        "ATC",
        "units with qsmk = 0",
        3.6,
        1.3,
        1.05,
        6.15,
        0.95,
        1566,
        "kg",
        supported=False,
        note="too few controls have a counterpart",
    ),
    Estimate(
        "difference_in_means",
        "association",
        "all units in the table",
        2.5406,
        0.48,
        1.6,
        3.48,
        0.95,
        1566,
        "kg",
        note="not adjusted for anything",
    ),
)
BALANCE = Table(
    "balance",
    "Standardised differences between the arms, before and after weighting",
    ("covariate", "raw", "weighted"),
    (
        ("sex", -0.16, -0.01),
        ("race", -0.177, 0.004),
        ("age", 0.282, -0.012),
        ("education", 0.06, 0.008),
        ("smokeintensity", -0.217, 0.02),
        ("smokeyrs", 0.159, -0.03),
        ("exercise", 0.04, 0.011),
        ("active", 0.05, -0.006),
        ("wt71", 0.133, 0.015),
    ),
)
OVERLAP = Table(
    "overlap",
    "Rows by estimated probability of qsmk = 1",
    ("low", "high", "treated", "control"),
    tuple(
        (i / 20, (i + 1) / 20, t, c)
        for i, (t, c) in enumerate(
            zip(
                (0, 4, 21, 51, 70, 78, 62, 44, 31, 20, 10, 6, 4, 1, 1, 0, 0, 0, 0, 0),
                (3, 40, 128, 240, 250, 196, 130, 84, 46, 24, 12, 6, 2, 1, 0, 0, 0, 0, 0, 0),
                strict=True,
            )
        )
    ),
)
ESTIMATE = EstimateResult(
    "ATE 3.4 kg [2.5, 4.4] by aipw",
    (
        Fact("effect", 3.4379, LABEL, "kg", "wt82_71", ",.2f", 2.4812, 4.3985),
        Fact("std_error", 0.49, f"standard error of the {LABEL}", "kg", "wt82_71", ",.2f"),
        Fact("method", "aipw", "doubly robust (AIPW), two nuisance classes"),
        Fact("quantity", "ATE", "causal quantity"),
        Fact("population", "all units in the table", "whom the effect speaks of"),
        Fact("n_used", 1566, "rows used", format=",d"),
        Fact("rows_dropped", 63, "rows without treatment or outcome", format=",d"),
        Fact("direction", "increases", "direction of the effect", subject="wt82_71"),
        Fact("contrast.control", 0, "qsmk compared from", subject="qsmk"),
        Fact("contrast.treated", 1, "qsmk compared to", subject="qsmk"),
        Fact("difference_in_means", 2.5406, "difference in means, an association, not an effect", "kg",
             "wt82_71", ",.2f", 1.6, 3.48),
        Fact("agreement.low", 3.31, "lowest of the estimates", "kg", "wt82_71", ",.2f"),
        Fact("agreement.high", 3.462, "highest of the estimates", "kg", "wt82_71", ",.2f"),
        Fact("overlap.outside", 0.012, "share of rows without counterparts", format=".1%"),
        *(
            f
            for i, e in enumerate(ESTIMATES, 1)
            for f in (
                Fact(
                    f"estimate.{i}", e.value, f"{e.quantity} by {e.method}", "kg", "wt82_71", ",.2f",
                    e.low, e.high,
                ),
                Fact(f"estimate.{i}.method", e.method, e.method),
            )
        ),
    ),
    tables=(OVERLAP, BALANCE),
    findings=("63 rows without wt82_71 were left out.",),
    identification=IDENTIFIED,
    estimates=ESTIMATES,
)  # fmt: skip

CHECKS = (
    Check("placebo_treatment", "falsification", "pass", 0.04, 0.93, True,
          "A shuffled treatment gives effects around zero.", 0.61),
    Check("overlap", "diagnostic", "pass", 0.012, 0.05, True, "Share of rows outside .05 to .95."),
    Check("balance", "diagnostic", "pass", 0.03, 0.1, True, "Largest weighted difference: smokeyrs."),
    Check("sensitivity", "sensitivity", "pass", 0.158, 0.049, True, "Robustness value against a control."),
    Check("estimator_agreement", "agreement", "pass", 1.0, 1.0, True, "Estimators agree in sign and range."),
    Check("missing_outcome", "data", "warn", 0.0387, 0.05, True, "Share of rows without an outcome."),
    Check("negative_control_outcome", "falsification", "skipped", None, 0.05, True, "None is declared."),
    Check("random_common_cause", "stability", "info", 3.43, None, False, "Cannot fail for confounding."),
    Check("data_subset", "stability", "info", 3.4, None, False, "Cannot fail for confounding."),
)  # fmt: skip
REFUTE = RefuteResult(
    "supported: 5 of 6 checks passed",
    (
        Fact("verdict", "supported", "verdict", subject=LABEL),
        Fact("direction", "increases", "direction of the effect", subject="wt82_71"),
        Fact("reason", "all_passed", "rule that decided"),
        Fact("checks", 6, "checks that could fail", format="d"),
        Fact("passed", 5, "checks passed", format="d"),
        Fact("failed", 0, "checks failed", format="d"),
        Fact("warned", 1, "checks with a warning", format="d"),
        Fact("robustness_value", 0.158, "partial R² that brings the effect to zero", format=".3f"),
        Fact("robustness_value_alpha", 0.114, "partial R² that brings the interval to zero", format=".3f"),
        Fact("benchmark", "smokeintensity", "strongest measured control"),
        Fact("benchmark.strength", 0.049, "partial R² of the strongest measured control", format=".3f"),
        Fact("e_value", 2.31, "E-value", format=".2f"),
        Fact("e_value_limit", 2.02, "E-value of the interval", format=".2f"),
        *(f for i, c in enumerate(CHECKS, 1) for f in (
            Fact(f"check.{i}", c.name, "check"), Fact(f"check.{i}.status", c.status, f"status of {c.name}"))),
    ),
    checks=CHECKS,
    sensitivity=Sensitivity(0.158, 0.114, 2.31, 2.02, "smokeintensity", 0.049, 0.021),
    verdict=Verdict(
        "supported",
        "Every check that could have failed was run, and none did.",
        "Replicate on other data, or measure what could still confound.",
        "increases",
    ),
)  # fmt: skip
