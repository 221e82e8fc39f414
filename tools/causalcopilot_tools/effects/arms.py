"""Two treatment values compared: the default estimate, what stands beside it, and what overlap says of it."""

from __future__ import annotations

from dataclasses import replace

from causalcopilot.domain.estimate import Estimate
from causalcopilot.errors import DataError
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects import overlap, primary, scales, specification
from causalcopilot_tools.effects.envelope import SMALL_SAMPLE
from causalcopilot_tools.effects.grouped import grouping_columns
from causalcopilot_tools.effects.methods import Method, by_method, from_primary, nuisance_classes
from causalcopilot_tools.effects.nuisance import cross_fit_shares
from causalcopilot_tools.effects.refit import Prepared, bases_of, check
from causalcopilot_tools.effects.trimming import keep_rows
from causalcopilot_tools.effects.work import Work


def compare_arms(context: Context, full: Prepared, method: Method, level: float) -> Work:
    """Fit cross-fitted AIPW, or ``method``, and put every other estimate of the two values beside it.

    Args:
        context: the case; its seed draws the folds.
        full: all rows, of which those of the quantity asked for are used.
        method: estimator of the answer.
        level: coverage the intervals aim at.

    Raises ``DataError`` where overlap or the trimming rule leaves too little to compare, and ``NotApplicable`` where
    the method asked for cannot be used.
    """
    seed = context.seed
    p, said = _trimmed(full, seed)
    trimmed = full.n - p.n if full.kind == "binary" else int(full.in_contrast.sum()) - p.n
    default = method == "aipw" or (method == "auto" and not p.randomised)
    seeds = primary.fold_seeds(p) if default else 1
    # A method that refuses does so before anything is fitted.
    asked = None if default or method == "tmle" else by_method(p, method, level, seed)
    fits = primary.fit_arms(p, seed, seeds)
    nuisances = primary.mean_arms(fits)
    support = overlap.assess(p.T, nuisances, p.quantity, p.randomised)
    _refuse_hopeless(context, p, support)
    own = primary.arms_primary(p, fits, p.quantity, level)
    parts = nuisance_classes(p, "aipw", own, level)
    fitted = specification.targeted(p, nuisances, level)
    main = fitted if method == "tmle" else asked or from_primary(p, "aipw", own, level)
    parts += (fitted,) if method != "tmle" and p.X.shape[1] else ()
    main = replace(main, supported=support.supported, note=_support_note(main.note, support))
    rest = specification.curve(p, level, seed, leave_out=(main.method,))
    other = _other_quantity(full, p, fits, level, seed)
    beside = tuple(replace(e, supported=support.supported) for e in (*parts, *rest.estimates))
    estimates = (main, *other, *beside, *specification.unadjusted_beside(full, main, level))
    if default and primary.rows_learned(p) < SMALL_SAMPLE:
        said += (
            f"With fewer than {SMALL_SAMPLE} rows (or half as many in an arm) the interval is widened by how far "
            "the two fits differ.",
        )
    kind = next((c.type for c in context.profile.columns if c.name == p.outcome), None)
    scaled = scales.beside(p, nuisances, kind, level)
    said += scaled.findings + rest.skipped
    return Work(
        p,
        estimates,
        scaled.facts,
        findings=said,
        nuisances=nuisances,
        overlap=support,
        trimmed=trimmed,
        seeds=seeds,
    )


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
    """Raise ``DataError``, naming the likeliest cause, where hardly any row has a counterpart."""
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


def _other_quantity(
    full: Prepared, p: Prepared, fits: primary.ArmFits, level: float, seed: int
) -> tuple[Estimate, ...]:
    """ATT beside an ATE, ATE beside an ATT or ATC, with what overlap says about it."""
    if full.randomised:
        return ()
    if full.quantity == "ATE":
        if full.kind == "categorical":
            return ()
        treated = f"rows with {full.treatment} = {full.contrast.treated}"
        q, who = replace(full, quantity="ATT", population=treated), fits
    else:
        q = replace(full, quantity="ATE", population="all rows")
        check(q)
        # One fold seed: this number stands beside the answer and is large to fit when trimming was needed.
        who = fits if q.n == p.n else primary.fit_arms(q, seed, 1)
    support = overlap.assess(q.T, primary.mean_arms(who), q.quantity)
    e = from_primary(q, "aipw", primary.arms_primary(q, who, q.quantity, level), level)
    return (replace(e, supported=support.supported, note=_support_note("", support)),)


def _support_note(note: str, support: overlap.Overlap) -> str:
    if support.supported:
        return note
    why = (
        f"not supported by overlap: {support.outside:.0%} of its rows lack counterparts, "
        f"effective sample share {support.ess_share:.0%}"
    )
    return f"{note}; {why}" if note else why
