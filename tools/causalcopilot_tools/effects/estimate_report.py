"""Facts, tables and wording of an estimate; no numbers are made here."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.facts import Fact, Scalar, span_format
from causalcopilot.domain.verdict import direction
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.effects.aipw import balancing_weights
from causalcopilot_tools.effects.balance import standardised_differences
from causalcopilot_tools.effects.nuisance import ArmNuisances
from causalcopilot_tools.effects.overlap import Overlap, histogram
from causalcopilot_tools.effects.refit import Prepared

METHOD_LABELS = {
    "aipw": "doubly robust (AIPW), two nuisance classes",
    "aipw_stack": "doubly robust (AIPW), stacked learners",
    "aipw_boosting": "doubly robust (AIPW), boosted trees",
    "plr": "partially linear regression, two nuisance classes",
    "plr_stack": "partially linear regression, stacked learners",
    "plr_boosting": "partially linear regression, boosted trees",
    "regression": "linear regression (OLS, HC2)",
    "regression_interacted": "interacted linear regression (Lin, HC2)",
    "ipw": "inverse-probability weighting",
    "tmle": "targeted maximum likelihood (TMLE)",
    "entropy_balancing": "entropy balancing",
    "dr_learner": "DRLearner (EconML)",
    "sparse_linear_dml": "SparseLinearDML (EconML)",
    "s_learner": "S-learner",
    "t_learner": "T-learner",
    "x_learner": "X-learner",
    "matching": "nearest-neighbour matching",
    "linear_dml": "LinearDML (EconML)",
    "causal_forest_dml": "causal forest (EconML)",
    "difference_in_means": "difference in means",
    "unadjusted_slope": "unadjusted slope",
    "rd_robust": "local linear, robust bias-corrected interval",
    "rd_conventional": "local linear, conventional interval",
    "rd_with_covariates": "local linear with covariates",
    "rd_half_bandwidth": "local linear at half the bandwidth",
    "rd_double_bandwidth": "local linear at twice the bandwidth",
    "group_time_att": "difference-in-differences by group and period (Callaway–Sant'Anna)",
    "group_time_att_given_covariates": "difference-in-differences by group and period, doubly robust",
    "group_time_att_not_yet": "the same, compared with units not yet treated",
    "synthetic_control": "synthetic control",
    "synthetic_did": "synthetic difference-in-differences",
    "equal_donors": "difference-in-differences with equal donors",
    "fixed_effects": "unit and period effects, clustered by unit",
    "panel_dml": "unit and period effects with learned controls",
    "first_differences": "first differences",
    "mediation_multiply_robust": "mediation, multiply robust",
    "mediation_by_regression": "mediation by two regressions with an interaction",
    "joint_line": "linear regression on all that is set (OLS, HC3)",
    "joint_crossed": "a mean for every combination of what is set, controls held (OLS, HC3)",
    "joint_wide": "regression with products and squares (OLS, HC3)",
    "joint_equations": "the equations between fitted one by one",
    "joint_unadjusted": "the same with nothing held",
    "two_way_fixed_effects": "two-way fixed effects",
    "two_stage_least_squares": "two-stage least squares (HC1)",
    "front_door": "front door, one-step with cross-fitting",
    "front_door_lines": "front door, product of slopes",
    "plug_in": "observed shares plugged into the identifying expression",
    "anderson_rubin": "two-stage least squares with the Anderson–Rubin interval",
}


def number_format(std_error: float | None) -> str:
    """Two significant digits of the standard error, thousands grouped."""
    if not std_error or std_error != std_error:
        return ",.3g"
    digits = max(0, 1 - floor(log10(std_error)))
    return f",.{digits}f" if digits <= 6 else ".3g"


def facts(
    p: Prepared,
    estimates: Sequence[Estimate],
    overlap: Overlap | None,
    trimmed: int,
    seeds: int,
) -> tuple[Fact, ...]:
    """Every fact of the contract, keys unique."""
    main = estimates[0]
    spec = number_format(main.std_error)
    if main.low is not None and main.high is not None:
        spec = span_format(main.low, main.high)  # the digits of the headline
    label = f"effect of {p.treatment} on {p.outcome}"
    out = [
        _interval("effect", main, label, p.outcome, spec),
        Fact("std_error", main.std_error, f"standard error of the {label}", p.unit, p.outcome, spec),
        Fact("method", main.method, METHOD_LABELS.get(main.method, main.method)),
        Fact("quantity", main.quantity, "causal quantity"),
        Fact("population", main.population, "whom the effect speaks of"),
        Fact("level", main.level, "coverage the interval aims at", format=".4g"),
        Fact("direction", direction(main), "direction of the effect", subject=p.outcome),
        Fact("treatment", p.treatment, "treatment"),
        Fact("outcome", p.outcome, "outcome"),
        Fact("contrast.control", p.contrast.control, f"{p.treatment} compared from", subject=p.treatment),
        Fact("contrast.treated", p.contrast.treated, f"{p.treatment} compared to", subject=p.treatment),
        Fact("n_used", p.n, "rows used", format=",d"),
        Fact("rows_dropped", p.dropped, "rows without treatment or outcome", format=",d"),
        Fact("rows_imputed", p.imputed, "rows with a filled control", format=",d"),
        Fact("rows_trimmed", trimmed, "rows left out by the trimming rule", format=",d"),
        Fact("fold_seeds", seeds, "fold seeds of which the median is taken", format=",d"),
    ]
    s = p.sampling
    if s.clusters is not None:
        out.append(Fact("cluster", s.cluster, "column by which rows are counted together", subject=s.cluster))
        out.append(Fact("clusters", s.count, f"clusters by {s.cluster}", subject=s.cluster, format=",d"))
    if s.weights is not None:
        out.append(Fact("weights", s.weight, "column by which rows are weighed", subject=s.weight))
    if p.horizon is not None:
        out.append(
            Fact("horizon", p.horizon, f"time up to which {p.outcome} is averaged", p.unit, p.outcome, ",.4g")
        )
    if p.event:
        out.append(Fact("event", p.event, f"level of {p.outcome} that is counted", subject=p.outcome))
    out += _estimate_facts(p, estimates, spec)
    out += _agreement(estimates, p, spec)
    out += _support(p, estimates, overlap)
    return tuple(out)


def _interval(key: str, e: Estimate, label: str, subject: str, spec: str) -> Fact:
    return Fact(key, e.value, label, e.unit, subject, spec, e.low, e.high)


def _estimate_facts(p: Prepared, estimates: Sequence[Estimate], spec: str) -> list[Fact]:
    out = []
    for i, e in enumerate(estimates, 1):
        words = METHOD_LABELS.get(e.method, e.method)
        out += [
            _interval(f"estimate.{i}", e, f"{e.quantity} by {words}", p.outcome, spec),
            Fact(f"estimate.{i}.method", e.method, words),
            Fact(f"estimate.{i}.quantity", e.quantity, "quantity of this estimate"),
            Fact(f"estimate.{i}.supported", e.supported, "whether the data support this quantity"),
        ]
    raw = next((e for e in estimates if e.method in ("difference_in_means", "unadjusted_slope")), None)
    if raw:
        words = METHOD_LABELS[raw.method]
        tail = "" if p.randomised else ", an association, not an effect"
        out.append(_interval("difference_in_means", raw, f"{words}{tail}", p.outcome, spec))
    return out


def _agreement(estimates: Sequence[Estimate], p: Prepared, spec: str) -> list[Fact]:
    """Range over the adjusted estimates of the primary's quantity."""
    values = [e.value for e in estimates if e.quantity == estimates[0].quantity and e.value is not None]
    return [
        Fact("agreement.low", min(values), "lowest of the estimates", p.unit, p.outcome, spec),
        Fact("agreement.high", max(values), "highest of the estimates", p.unit, p.outcome, spec),
        Fact("agreement.count", len(values), "estimates of the same quantity", format=",d"),
    ]


def _support(p: Prepared, estimates: Sequence[Estimate], overlap: Overlap | None) -> list[Fact]:
    out: list[Fact] = []
    if overlap is not None:
        out += [
            Fact("overlap.outside", overlap.outside, "share of rows without counterparts", format=".1%"),
            Fact("overlap.ess_share", overlap.ess_share, "smallest effective share of an arm", format=".0%"),
            Fact("overlap.clipped", overlap.clipped, "share of clipped probabilities", format=".1%"),
            Fact("overlap.supported", overlap.supported, "whether overlap supports the quantity"),
        ]
        spec = number_format(estimates[0].std_error)
        for key, arm, level in (("treated", 1, p.contrast.treated), ("control", 0, p.contrast.control)):
            rows = p.Y[arm == p.T]
            mean = float(rows.mean())
            words = f"mean {p.outcome} where {p.treatment} is {level}"
            out.append(Fact(f"{key}_mean", mean, words, p.unit, p.outcome, spec))
            out.append(Fact(f"{key}_rows", len(rows), f"rows with {p.treatment} {level}", format=",d"))
    else:
        out.append(Fact("overlap.outside", None, "share of rows without counterparts (two-arm quantity)"))
    if estimates[0].quantity != "ATE":
        ate = next((e for e in estimates if e.quantity == "ATE"), None)
        if ate is not None:
            out.append(
                Fact("ate.supported", "yes" if ate.supported else "no", "whether overlap supports the ATE")
            )
    return out


def tables(p: Prepared, fit: ArmNuisances | None, estimates: Sequence[Estimate]) -> tuple[Table, ...]:
    """``overlap`` and ``balance`` for two arms, and ``estimates`` always."""
    out = [_estimates_table(estimates)]
    if fit is None:
        return tuple(out)
    out.append(
        Table(
            "overlap",
            f"Rows by estimated probability of {p.treatment} = {p.contrast.treated}",
            ("low", "high", "treated", "control"),
            histogram(p.T, fit),
        )
    )
    raw = standardised_differences(p.X, p.T)
    weighted = standardised_differences(p.X, p.T, balancing_weights(p.T, fit, p.quantity))
    rows = tuple((n, float(a), float(b)) for n, a, b in zip(p.names, raw, weighted, strict=True))
    title = "Standardised differences between the arms, before and after weighting"
    out.append(Table("balance", title, ("covariate", "raw", "weighted"), rows))
    return tuple(out)


def _estimates_table(estimates: Sequence[Estimate]) -> Table:
    rows: tuple[tuple[Scalar, ...], ...] = tuple(
        (e.method, e.quantity, e.value, e.low, e.high, e.supported, e.note) for e in estimates
    )
    columns = ("method", "quantity", "value", "low", "high", "supported", "note")
    return Table("estimates", "Every estimate made", columns, rows)


def summary(p: Prepared, main: Estimate) -> str:
    """One line for the progress view."""
    spec = number_format(main.std_error)
    unit = f" {p.unit}" if p.unit else ""
    ends = "no interval"
    if main.low is not None and main.high is not None:
        ends = f"[{main.low:{spec}}, {main.high:{spec}}]"
    return f"{main.quantity} {main.value:{spec}}{unit} {ends} by {main.method}"
