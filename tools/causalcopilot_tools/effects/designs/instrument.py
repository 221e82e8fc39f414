"""The instrumental-variable design: who the effect speaks of, what it assumes, and its estimates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.designs import instruments_of
from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.identification import (
    Alternative,
    Assumption,
    Controls,
    Excluded,
    Identification,
)
from causalcopilot.errors import DataError, NotApplicable, UsageError
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.effects import controls as columns
from causalcopilot_tools.effects import specification
from causalcopilot_tools.effects.assumptions import standard, voucher
from causalcopilot_tools.effects.designs import iv
from causalcopilot_tools.effects.designs.posed import Identified, Posed
from causalcopilot_tools.effects.intervals import t_quantile
from causalcopilot_tools.effects.refit import Prepared, prepare_with
from causalcopilot_tools.effects.work import Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NOT_COMPLIERS = (
    "an instrument identifies the effect in those it moves (LATE), not the {asked} that was asked for"
)


# --- identification ---------------------------------------------------------------------------------------


def identify_instrument(posed: Posed) -> Identified:
    """The argument from an instrument: three assumptions no data can prove, and one that they can."""
    t, y, known = posed.treatment.name, posed.outcome, posed.context.knowledge
    named = instruments_of(posed.context.question) or known.with_role("instrument")
    if not named:
        raise UsageError("no instrument is named", "name it with --instrument")
    posed.check(*named)
    if {t, y} & set(named):
        raise UsageError("treatment and outcome cannot be the instrument", "name another column")
    if posed.chosen.type == "categorical":
        raise NotApplicable(
            f"{t} has more than two levels, and an instrument moves a number or a two-valued treatment",
            "compare two of its levels in a table that holds only those",
        )
    controls = _controls(posed, named)
    told = ", ".join(named)
    who = "the question" if instruments_of(posed.context.question) else voucher(known)
    asked = posed.context.question.quantity
    wide = NOT_COMPLIERS.format(asked=asked) if asked in ("ATE", "ATT", "ATC") else ""
    found = Identification(
        "identified",
        "Instrumental Variable",
        "LATE",
        f"compliers: units whose {t} moves with {told}",
        (t,),
        (y,),
        posed.chosen.type,
        posed.chosen.contrast,
        controls=controls,
        instruments=named,
        design=tuple(("instrument", z) for z in named),
        assumptions=(
            Assumption("relevance", True, "tested by the first-stage F"),
            Assumption("exclusion", False, f"untestable; {who} vouches for {told}"),
            Assumption("independence", False, f"untestable; {who} vouches for {told}"),
            Assumption("monotonicity", False, "not testable here"),
            *(a for a in standard() if a.name != "positivity"),
        ),
        alternatives=(Alternative("Conditional Exogeneity", "an instrument was named"),),
        basis="design",
    )
    return Identified(found, (wide,) if wide else ())


def _controls(posed: Posed, instruments: tuple[str, ...]) -> Controls:
    """Exogenous covariates: those asked for, else those the roles put before the treatment."""
    t, y, profile, known = posed.treatment.name, posed.outcome, posed.context.profile, posed.context.knowledge
    drawn = (*instruments, *known.with_role("cluster"), *known.with_role("weight"))
    others = [c.name for c in columns.others(profile, t, y) if c.name not in drawn]
    if posed.controls is not None:
        used = tuple(c for c in posed.controls if c in others)
        left = tuple(Excluded(n, "not among the requested controls") for n in others if n not in used)
        return Controls(used, (), left)
    if columns.knows_order(known, t):
        told = columns.role_controls(profile, known, t, y)
        left = tuple(e for e in told.forbidden if e.name not in instruments)
        return Controls(tuple(c for c in told.minimal if c not in instruments), (), left)
    reason = "not known to come before the instrument; name it with --controls if it does"
    return Controls((), (), tuple(Excluded(n, reason) for n in others))


COPY = 1e-9
"""A correlation of instrument and treatment this near to one is one, but for rounding."""

# --- estimation -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Arrays:
    """The rows of an instrumental-variable design.

    Attributes:
        prepared: outcome, treatment and controls.
        Z: (n, k) coded instruments.
        names: k names of the coded instruments.
        partialled: all three without the controls.
    """

    prepared: Prepared
    Z: NDArray[np.float64]
    names: tuple[str, ...]
    partialled: iv.Partialled


def arrays(context: Context, found: Identification) -> Arrays:
    """Read and code the rows; the treatment's other values stay out of a two-valued comparison.

    Raises:
        DataError: an instrument that never varies, or that the controls determine.
    """
    from causalcopilot_tools.effects.design_matrix import encode

    p, frame = prepare_with(context, found, found.instruments)
    types = {c.name: c.type for c in context.profile.columns}
    coded = encode(frame, found.instruments, types)
    rows = p.in_contrast
    p, Z = p.take(rows), coded.X[rows]
    if not Z.shape[1] or not (Z.max(axis=0) > Z.min(axis=0)).any():
        raise DataError(f"the instrument {', '.join(found.instruments)} never varies", "use another column")
    _refuse_copy(p, found.instruments, Z)
    s = p.sampling
    return Arrays(p, Z, coded.names, iv.partial_out(p.Y, p.T, Z, p.X, s.weights, s.clusters))


def _refuse_copy(p: Prepared, instruments: tuple[str, ...], Z: NDArray[np.float64]) -> None:
    """An instrument that is the treatment leaves in all that the treatment shares with the outcome."""
    import numpy as np

    for column in Z.T:
        if np.ptp(column) > 0 and np.ptp(p.T) > 0 and abs(np.corrcoef(column, p.T)[0, 1]) > 1 - COPY:
            raise DataError(
                f"the instrument {', '.join(instruments)} is {p.treatment} itself in every row: it is a copy, "
                "or everyone did as assigned",
                "use another column; where a lot decided the treatment: --design rct",
            )


def estimate_instrument(context: Context, found: Identification, level: float) -> Work:
    """Two-stage least squares and the Anderson–Rubin set; the set answers where the instrument is weak."""
    a = arrays(context, found)
    p, parts = a.prepared, a.partialled
    strength = iv.effective_f(parts)
    region = iv.anderson_rubin(parts, level)
    wald, robust = _wald(p, parts, level), _anderson_rubin(p, parts, region, level)
    weak = strength < thresholds.WEAK_F
    first = (robust, wald) if weak else (wald, robust)
    plain = specification.regression(p, level) if p.X.shape[1] else None
    beside = tuple(_association(e) for e in (plain, specification.unadjusted(p, level)) if e is not None)
    said: tuple[str, ...] = ()
    if weak:
        said += (
            f"The instrument is weak (effective F {strength:.1f}): the Anderson–Rubin interval answers, "
            "and two-stage least squares stands beside it only.",
        )
    if region.shape != "bounded":
        said += (f"The Anderson–Rubin set is {region_words(p, region)}.",)
    return Work(p, (*first, *beside), _facts(p, parts, region, strength, level), (_stages(a),), said)


def _wald(p: Prepared, parts: iv.Partialled, level: float) -> Estimate:
    c = iv.two_stage(parts)
    error = c.std_error * abs(p.step)
    half = t_quantile(level, c.degrees) * error
    return specification.make(p, "two_stage_least_squares", c.value * p.step, error, half, level)


def _anderson_rubin(p: Prepared, parts: iv.Partialled, region: iv.Region, level: float) -> Estimate:
    """The same point with the set as interval; no ends where the set is not one bounded piece or several."""
    c = iv.two_stage(parts)
    low, high = ends(p, region)
    return Estimate(
        "anderson_rubin",
        p.quantity,
        p.population,
        c.value * p.step,
        c.std_error * abs(p.step),
        low,
        high,
        level,
        p.n,
        p.unit,
        note=f"right however weak the instrument is; the set is {region_words(p, region)}",
    )


def ends(p: Prepared, region: iv.Region) -> tuple[float | None, float | None]:
    """Outer ends of a bounded set for the contrast; ``None`` where there are none."""
    if region.shape != "bounded":
        return None, None
    two = (region.pieces[0][0] * p.step, region.pieces[-1][1] * p.step)
    return min(two), max(two)


def region_words(p: Prepared, region: iv.Region) -> str:
    """The set for the contrast, in words."""
    if region.shape == "empty":
        return "empty: no effect fits all instruments"
    pieces = [sorted((a * p.step, b * p.step)) for a, b in region.pieces]
    told = " or ".join(_piece(low, high) for low, high in sorted(pieces))
    return f"{region.shape}: {told}"


def _piece(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return "every value"
    if math.isinf(low):
        return f"up to {high:.3g}"
    return f"from {low:.3g} on" if math.isinf(high) else f"{low:.3g} to {high:.3g}"


def _association(e: Estimate) -> Estimate:
    from dataclasses import replace

    return replace(e, quantity="association", note="association, not an effect: the instrument is not used")


def _facts(
    p: Prepared, parts: iv.Partialled, region: iv.Region, strength: float, level: float
) -> tuple[Fact, ...]:
    low, high = ends(p, region)
    reduced, over = iv.reduced_form(parts), iv.overidentification(parts)
    facts = [
        Fact("first_stage.f", strength, "effective first-stage F", subject=p.treatment, format=".1f"),
        Fact("instruments", parts.instruments, "instruments used", format=",d"),
        Fact("anderson_rubin.shape", region.shape, "shape of the Anderson–Rubin set"),
        Fact("anderson_rubin.low", low, "lower end of the Anderson–Rubin set", p.unit, p.outcome, ",.3g"),
        Fact("anderson_rubin.high", high, "upper end of the Anderson–Rubin set", p.unit, p.outcome, ",.3g"),
        Fact("reduced_form.p_value", reduced.p_value, "p value of no effect at all", format=".3g"),
    ]
    if over is not None:
        facts.append(Fact("overidentification.p_value", over.p_value, "p value of Hansen's J", format=".3g"))
    return tuple(facts)


def _stages(a: Arrays) -> Table:
    """How far each instrument moves the treatment and the outcome, one instrument at a time."""
    import numpy as np

    p, rows = a.prepared, []
    root = np.ones((p.n, 1)) if p.sampling.weights is None else np.sqrt(p.sampling.weights)[:, None]
    for name, z in zip(a.names, a.Z.T, strict=True):
        one = np.column_stack([np.ones(p.n), z, p.X])
        moves = np.linalg.lstsq(root * one, root * np.column_stack([p.T, p.Y]), rcond=None)[0][1]
        rows.append((name, float(moves[0]), float(moves[1])))
    title = "First stage and reduced form: what one unit of the instrument moves"
    return Table("instrument", title, ("instrument", p.treatment, p.outcome), tuple(rows))
