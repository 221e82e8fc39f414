"""The tool ``estimate``: the number with its interval, and every other estimate beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Literal, get_args

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Quantity, Question
from causalcopilot.errors import DataError, NotApplicable, NotIdentified
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import EstimateResult, Table
from causalcopilot.toolkit.tool import Applies, Bounds, Card, Identified, Ok, Refusal, tool
from causalcopilot_tools.effects import dose, estimate_report, overlap, primary, scales, specification
from causalcopilot_tools.effects.designs.detected import keys_of
from causalcopilot_tools.effects.designs.dispatch import ESTIMATE, beyond_adjustment
from causalcopilot_tools.effects.envelope import SMALL_SAMPLE, Point, normal_interval
from causalcopilot_tools.effects.grouped import grouping_columns
from causalcopilot_tools.effects.nuisance import ArmNuisances, cross_fit_shares
from causalcopilot_tools.effects.plr import curvature
from causalcopilot_tools.effects.refit import (
    BY_ADJUSTMENT,
    DRAWN,
    MIN_ROWS,
    Prepared,
    bases_of,
    check,
    prepare,
)
from causalcopilot_tools.effects.sampling import brief
from causalcopilot_tools.effects.specification import make
from causalcopilot_tools.effects.survival import event_of, how_to_name, looks_cut_short
from causalcopilot_tools.effects.threads import one_thread
from causalcopilot_tools.effects.trimming import keep_rows

Method = Literal[
    "auto",
    "regression",
    "ipw",
    "aipw",
    "tmle",
    "matching",
    "entropy_balancing",
    "linear_dml",
    "sparse_linear_dml",
    "causal_forest_dml",
    "dr_learner",
    "s_learner",
    "t_learner",
    "x_learner",
]
Level = Annotated[float, Bounds(0.5, 0.999)]

TWO_ARM_METHODS = (
    "aipw",
    "ipw",
    "tmle",
    "matching",
    "entropy_balancing",
    "dr_learner",
    "s_learner",
    "t_learner",
    "x_learner",
)
CURVED = 3.0
"""A squared treatment term with a t statistic beyond this is reported: the line may not be straight."""
UNEXPLAINED = 0.05
NOTHING_LEFT = 0.01
"""With less of a continuous treatment's variance left over by the controls than the first of these, the slope
is not supported; with less than the second, there is nothing to estimate from."""


@dataclass(frozen=True)
class _Work:
    """What one way of estimating produced."""

    prepared: Prepared
    estimates: tuple[Estimate, ...]
    findings: tuple[str, ...]
    nuisances: ArmNuisances | None = None
    overlap: overlap.Overlap | None = None
    trimmed: int = 0
    seeds: int = 1
    facts: tuple[Fact, ...] = ()
    tables: tuple[Table, ...] = ()


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
    indirect and direct effects.
    Other estimators of the same effect are shown beside it, and the unadjusted difference as the association
    it is.  Effects on the treated are trimmed by the rule ``TRIM_RULE``.

    Args:
        identification: the identify call whose effect is estimated.
        method: estimator of the main answer; auto chooses by design and treatment type.
        level: coverage the interval aims at.
    """
    if identification.identification is None:
        raise NotIdentified("the effect is not identified, so there is nothing to estimate", "see identify")
    if beyond_adjustment(identification.identification):
        return _by_design(context, identification.identification, method, level)
    found = identification.identification
    p = prepare(context, found)
    if p.kind == "continuous" and method in TWO_ARM_METHODS:
        raise NotApplicable(
            f"{method} compares two treatment values, and {p.treatment} is continuous",
            "use auto, regression, linear_dml, sparse_linear_dml or causal_forest_dml",
        )
    with one_thread():
        work = (
            _continuous(p, method, level, context.seed)
            if p.kind == "continuous"
            else _arms(context, p, method, level)
        )
        if p.kind == "categorical":
            work = replace(work, tables=dose.levels(context, found, p, level))
    main = _counted(work.prepared, work.estimates[0])
    work = replace(work, estimates=(main, *work.estimates[1:]))
    return EstimateResult(
        summary=estimate_report.summary(work.prepared, main),
        facts=(
            *estimate_report.facts(work.prepared, work.estimates, work.overlap, work.trimmed, work.seeds),
            *work.facts,
        ),
        tables=(*estimate_report.tables(work.prepared, work.nuisances, work.estimates), *work.tables),
        findings=(*_data_findings(context, work.prepared, found), *work.findings),
        identification=identification.identification,
        estimates=work.estimates,
        primary=0,
    )


def _by_design(context: Context, found: Identification, method: Method, level: float) -> EstimateResult:
    """The estimates of a design with an estimator of its own."""
    _refuse_sampling(context, found)
    if method != "auto" or found.strategy is None:
        raise NotApplicable(
            f"{method} is a method of adjustment, and this is {found.strategy}", "leave --method at auto"
        )
    with one_thread():
        work = ESTIMATE[found.strategy](context, found, level)
    p, main = work.prepared, _counted(work.prepared, work.estimates[0])
    estimates = (main, *work.estimates[1:])
    return EstimateResult(
        summary=estimate_report.summary(p, main),
        facts=(*estimate_report.facts(p, estimates, None, 0, 0), *work.facts),
        tables=(*estimate_report.tables(p, None, estimates), *work.tables),
        findings=(*_data_findings(context, p, found), *work.findings),
        identification=found,
        estimates=estimates,
        primary=0,
    )


def _counted(p: Prepared, main: Estimate) -> Estimate:
    """The main estimate, saying in its note by what rows are counted and weighed, and up to when a time counts."""
    restricted = f"mean up to {p.horizon:g} (restricted mean survival time)" if p.horizon is not None else ""
    how = " and ".join(filter(None, (brief(p.sampling), restricted)))
    return replace(main, note="; ".join(filter(None, (how, main.note)))) if how else main


def _arms(context: Context, full: Prepared, method: Method, level: float) -> _Work:
    """Two treatment values compared."""
    seed = context.seed
    p, said = _trimmed(full, seed)
    trimmed = full.n - p.n if full.kind == "binary" else int(full.in_contrast.sum()) - p.n
    default = method == "aipw" or (method == "auto" and not p.randomised)
    seeds = primary.fold_seeds(p) if default else 1
    # A method that refuses does so before anything is fitted.
    asked = None if default or method == "tmle" else _chosen(p, method, level, seed)
    fits = primary.fit_arms(p, seed, seeds)
    nuisances = primary.mean_arms(fits)
    support = overlap.assess(p.T, nuisances, p.quantity, p.randomised)
    _refuse_hopeless(context, p, support)
    own = primary.arms_primary(p, fits, p.quantity, level)
    parts = _parts(p, "aipw", own, level)
    fitted = specification.targeted(p, nuisances, level)
    main = fitted if method == "tmle" else asked or _from_primary(p, "aipw", own, level)
    parts += (fitted,) if method != "tmle" and p.X.shape[1] else ()
    main = replace(main, supported=support.supported, note=_support_note(main.note, support))
    rest = specification.curve(p, level, seed, leave_out=(main.method,))
    other = _other_quantity(full, p, fits, level, seed)
    beside = tuple(replace(e, supported=support.supported) for e in (*parts, *rest.estimates))
    estimates = (main, *other, *beside, *_unadjusted(full, main, level))
    if default and primary.rows_learned(p) < SMALL_SAMPLE:
        said += (
            f"With fewer than {SMALL_SAMPLE} rows (or half as many in an arm) the interval is widened by how far "
            "the two fits differ.",
        )
    kind = next((c.type for c in context.profile.columns if c.name == p.outcome), None)
    scaled = scales.beside(p, nuisances, kind, level)
    said += scaled.findings + rest.skipped
    return _Work(p, estimates, said, nuisances, support, trimmed, seeds, scaled.facts)


def _trimmed(full: Prepared, seed: int) -> tuple[Prepared, tuple[str, ...]]:
    """Rows the estimate uses: everyone for ATE; the two arms, trimmed by rule, for ATT and ATC."""
    if full.quantity == "ATE":
        return full, ()
    pair = full.take(full.in_contrast)
    if pair.randomised or not pair.X.shape[1]:
        return pair, ()
    keep = keep_rows(cross_fit_shares(bases_of(pair), pair.T, seed), pair.T, pair.quantity)
    p = pair.take(keep)
    dropped = pair.n - p.n
    if not dropped:
        return pair, ()
    who = "control" if full.quantity == "ATT" else "treated"
    try:
        check(p)
    except DataError as error:
        raise DataError(
            f"the trimming rule leaves too little to compare: {error.message}",
            f"no {who} rows resemble the others; compare a narrower population",
        ) from error
    return p, (
        f"The trimming rule left out {dropped:,d} {who} rows without counterparts ({p.n:,d} rows remain).",
    )


def _refuse_hopeless(context: Context, p: Prepared, support: overlap.Overlap) -> None:
    if support.outside < overlap.HOPELESS:
        return
    for name in grouping_columns(context, p.treatment, p.outcome, ()):
        if name in p.sources:
            raise DataError(
                f"no overlap: {p.treatment} never varies within {name}, which is held as a control",
                f"if {p.treatment} was handed out by {name}, name it as the cluster: --cluster {name}",
            )
    arms = {
        level: float((p.T == arm).mean()) for arm, level in ((1, p.contrast.treated), (0, p.contrast.control))
    }
    rare = min(arms, key=lambda level: arms[level])
    if arms[rare] < overlap.INSIDE:
        raise DataError(
            f"no overlap: {p.treatment} = {rare} is rare ({arms[rare]:.1%} of the rows), so that hardly any row "
            f"had a chance of {overlap.INSIDE:.0%} or more of it",
            f"ask for the effect in the rows with {p.treatment} = {rare} (ATT or ATC), or narrow the population",
        )
    raise DataError(
        f"no overlap: the controls tell {p.treatment} = {p.contrast.treated} from {p.contrast.control} "
        "for practically every row",
        "leave out controls that are copies or consequences of the treatment, or narrow the population",
    )


def _parts(p: Prepared, prefix: str, own: primary.Primary, level: float) -> tuple[Estimate, ...]:
    """The two nuisance classes on their own."""
    out = [_from_point(p, f"{prefix}_stack", own.stack, level)]
    if own.boosting is not None:
        out.append(_from_point(p, f"{prefix}_boosting", own.boosting, level))
    return tuple(out)


def _from_point(p: Prepared, method: str, point: Point, level: float, note: str = "") -> Estimate:
    i = normal_interval(point, level, p.sampling.degrees)
    return make(p, method, i.value, i.std_error, i.high - i.value, level, note)


def _from_primary(p: Prepared, method: str, own: primary.Primary, level: float) -> Estimate:
    i = own.interval
    base = make(p, method, i.value, i.std_error, 0.0, level)
    return replace(base, low=i.low, high=i.high)


def _chosen(p: Prepared, method: Method, level: float, seed: int) -> Estimate:
    """The estimate by the method asked for; ``auto`` here means a randomised treatment."""
    builders: dict[str, Callable[[], Estimate]] = {
        "auto": lambda: _randomised(p, level),
        "regression": lambda: specification.regression(p, level),
        "ipw": lambda: specification.inverse_weighting(p, level),
        "matching": lambda: specification.nearest_neighbour(p, level, seed),
        "entropy_balancing": lambda: specification.balanced(p, level),
    }
    return builders[method]() if method in builders else _econml(p, method, level, seed)


def _randomised(p: Prepared, level: float) -> Estimate:
    """Interacted regression; with too many controls for it, plain regression; without any, the means."""
    if not p.X.shape[1]:
        return specification.unadjusted(p, level)
    try:
        return specification.regression_interacted(p, level)
    except NotApplicable:
        pass
    try:
        return specification.regression(p, level)
    except NotApplicable:
        return specification.unadjusted(p, level)


def _econml(p: Prepared, method: str, level: float, seed: int) -> Estimate:
    from causalcopilot_tools.effects import econml_dml, econml_learners

    note = "" if p.kind != "categorical" else "speaks of the rows with either value only"
    if method in get_args(econml_learners.MetaLearner):
        value = econml_learners.meta_learner(p, seed, method)  # type: ignore[arg-type]
        bare = make(p, method, value, 0.0, 0.0, level, "; ".join(filter(None, (note, "gives no interval"))))
        return replace(bare, std_error=None, low=None, high=None)
    fits: dict[str, Callable[[Prepared, int], Point]] = {
        "linear_dml": econml_dml.linear_dml,
        "causal_forest_dml": econml_dml.causal_forest_dml,
        "dr_learner": econml_learners.dr_learner,
        "sparse_linear_dml": econml_learners.sparse_linear_dml,
    }
    return _from_point(p, method, fits[method](p, seed), level, note)


def _other_quantity(
    full: Prepared, p: Prepared, fits: primary.ArmFits, level: float, seed: int
) -> tuple[Estimate, ...]:
    """ATT beside an ATE, ATE beside an ATT or ATC, with what overlap says about it."""
    if full.randomised:
        return ()
    if full.quantity == "ATE":
        if full.kind == "categorical":
            return ()
        q, who = _as(full, "ATT", f"rows with {full.treatment} = {full.contrast.treated}"), fits
    else:
        q = _as(full, "ATE", "all rows")
        check(q)
        # One fold seed: this number stands beside the answer and is large to fit when trimming was needed.
        who = fits if q.n == p.n else primary.fit_arms(q, seed, 1)
    support = overlap.assess(q.T, primary.mean_arms(who), q.quantity)
    e = _from_primary(q, "aipw", primary.arms_primary(q, who, q.quantity, level), level)
    return (replace(e, supported=support.supported, note=_support_note("", support)),)


def _as(p: Prepared, quantity: Quantity, population: str) -> Prepared:
    return replace(p, quantity=quantity, population=population)


def _support_note(note: str, support: overlap.Overlap) -> str:
    if support.supported:
        return note
    why = (
        f"not supported by overlap: {support.outside:.0%} of its rows lack counterparts, "
        f"effective sample share {support.ess_share:.0%}"
    )
    return f"{note}; {why}" if note else why


def _continuous(p: Prepared, method: Method, level: float, seed: int) -> _Work:
    """A slope times the contrast's step."""
    default = method == "auto" and not (p.randomised and not p.X.shape[1])
    seeds = primary.fold_seeds(p) if default else 1
    p = _as(p, "ATE", p.population)
    fits = primary.fit_line(p, seed, seeds)
    own = primary.line_primary(p, fits, level)
    if default:
        main = _from_primary(p, "plr", own, level)
    elif method == "auto":
        main = specification.unadjusted(p, level)
    else:
        main = _chosen(p, method, level, seed)
    problems = _line_problems(p, fits)
    note = "assumes a straight line: the same effect for every step of the treatment"
    main = replace(main, supported=not problems, note="; ".join((note, *problems)))
    rest = specification.curve(p, level, seed, leave_out=(main.method,))
    estimates = (main, *_parts(p, "plr", own, level), *rest.estimates, *_unadjusted(p, main, level))
    bend = curvature(p.Y, p.T, fits[0]["stack"])
    said = [f"The effect of {p.treatment} is taken as a straight line over its whole range."]
    if abs(bend) > CURVED:
        said.append(
            f"The data bend: a squared term of {p.treatment} has t = {bend:.1f}; read the line as an average."
        )
    shape = dose.dose_response(p, seed, level)
    return _Work(p, estimates, (*said, *problems, *rest.skipped), seeds=seeds, tables=shape)


def _unadjusted(p: Prepared, main: Estimate, level: float) -> tuple[Estimate, ...]:
    """The plain comparison, unless it is the main estimate already."""
    e = specification.unadjusted(p, level)
    return () if e.method == main.method else (e,)


def _line_problems(p: Prepared, fits: primary.LineFits) -> tuple[str, ...]:
    from causalcopilot_tools.effects.coding import as_number
    from causalcopilot_tools.effects.plr import plr_slope

    out = []
    low, high = float(p.T.min()), float(p.T.max())
    for value in (as_number(p.contrast.control), as_number(p.contrast.treated)):
        if value is not None and not low <= value <= high:
            out.append(f"{p.treatment} = {value:g} lies outside the data ({low:g} to {high:g})")
    unexplained = plr_slope(p.Y, p.T, fits[0]["stack"]).unexplained
    if unexplained < NOTHING_LEFT:
        raise DataError(
            f"the controls determine {p.treatment} almost completely",
            "leave out controls that are copies or consequences of the treatment",
        )
    if unexplained < UNEXPLAINED:
        out.append(f"the controls leave only {unexplained:.1%} of the variance of {p.treatment}")
    return tuple(out)


def _refuse_sampling(context: Context, found: Identification) -> None:
    """A design with its own estimator refuses clusters and weights that were asked for, by name."""
    if found.strategy in DRAWN:
        return
    q = context.question
    cluster = q.cluster or (q.unit if not q.time else None)
    for name, flag in ((cluster, "--cluster"), (q.weights, "--weights")):
        if name:
            raise NotApplicable(
                f"{found.strategy} does not take {flag} {name} here",
                f"leave {flag} out; adjustment, trials, instruments, cutoffs and adoption take it",
            )


def _data_findings(context: Context, p: Prepared, found: Identification) -> tuple[str, ...]:
    out = []
    if p.dropped:
        out.append(f"{p.dropped:,d} of {p.rows:,d} rows lack {p.treatment} or {p.outcome} and were left out.")
    if p.duplicates:
        out.append(
            f"{p.duplicates:,d} rows repeat another row; if they are copies, intervals are too narrow."
        )
    weights = context.knowledge.with_role("weight")
    if weights and p.sampling.weights is None:
        out.append(f"The weights in {weights[0]} are not used; the effect speaks of the table's rows.")
    if (
        p.horizon is None
        and not event_of(context, p.outcome)
        and (cut := looks_cut_short(context, p.outcome))
    ):
        out.append(
            f"{p.outcome} looks like a time to an event and {cut} says whether it came: where it did not, the time was "
            f"cut short, and a plain mean is biased. {how_to_name(cut)} to compare restricted means."
        )
    if p.sampling.clusters is None and found.strategy in BY_ADJUSTMENT:
        out += _together(context, p, found)
    return (*out, *p.findings)


def _together(context: Context, p: Prepared, found: Identification) -> list[str]:
    """Signs that rows belong together and nobody said so, with the flag that settles it."""
    t, held = p.treatment, found.controls.used
    for name in grouping_columns(context, t, p.outcome, ()):
        if name in held:
            return [
                f"{t} never varies within {name}, which is held as a control: no {name} holds both values, so nothing "
                f"can be compared within it. If {t} was handed out by {name}, name it as the cluster "
                f"(--cluster {name}); it is then counted by and not held."
            ]
        return [
            f"{t} never varies within {name}: if it was handed out by {name}, rows of one {name} belong "
            f"together and this interval is too narrow; name the column as the cluster (--cluster {name})."
        ]
    q = context.question
    keys = None if q.unit or q.time else keys_of(context, (t, p.outcome))
    if keys is None:
        return []
    unit, time = keys
    return [
        f"Each {unit} is seen once in every {time}, and its rows are compared as if they had nothing to do with each "
        f"other. --unit {unit} --time {time} compares each {unit} with itself over time; --cluster {unit} keeps this "
        f"comparison and counts by {unit}."
    ]
