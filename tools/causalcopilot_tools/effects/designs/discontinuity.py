"""The regression-discontinuity design: which side is treated, whom the effect speaks of, and its estimates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.identification import Alternative, Assumption, Controls, Excluded, Identification
from causalcopilot.errors import DataError, NotApplicable, UsageError
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.effects import controls as columns
from causalcopilot_tools.effects import specification
from causalcopilot_tools.effects.assumptions import standard
from causalcopilot_tools.effects.coding import code_treatment, numbers
from causalcopilot_tools.effects.design_matrix import Design, encode
from causalcopilot_tools.effects.designs import rd
from causalcopilot_tools.effects.designs.posed import Identified, Posed, design_value
from causalcopilot_tools.effects.intervals import normal_quantile
from causalcopilot_tools.effects.refit import Prepared, prepare_with
from causalcopilot_tools.effects.work import Work

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

NO_SWITCH = 0.05
"""With a smaller difference in the treated share across the cutoff, there is no discontinuity to use."""
FEW = 200
"""With fewer rows within the bandwidth a reader is told so.  The published interval covered .91 instead of .95 with
about 100 to 140 rows; the one used here allows for few rows (``rd._few``)."""
SCALES = ((0.5, "rd_half_bandwidth"), (2.0, "rd_double_bandwidth"))


# --- identification ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Switch:
    """How the treatment switches at the cutoff.

    Attributes:
        below, above: treated shares on the two sides.
        sharp: every unit follows the rule.
        tied_above: whether units exactly at the cutoff belong above.
    """

    below: float
    above: float
    sharp: bool
    tied_above: bool

    @property
    def treated_above(self) -> bool:
        """Whether the side above the cutoff is the treated one."""
        return self.above > self.below


def find_switch(T: NDArray[np.float64], r: NDArray[np.float64], cutoff: float) -> Switch:
    """Read the rule off the rows: treatment (n,) 0 or 1, running variable (n,).

    Raises:
        DataError: a side without rows, or hardly any change of the treated share at the cutoff.
    """
    import numpy as np

    tied = r == cutoff
    if not (r < cutoff).any() or not (r > cutoff).any():
        raise DataError(
            f"no rows lie on one side of the cutoff {cutoff:g}", "check --cutoff against the column's range"
        )
    below, above = float(T[r < cutoff].mean()), float(T[r > cutoff].mean())
    if abs(above - below) < NO_SWITCH:
        raise DataError(
            f"the treated share hardly changes at the cutoff ({below:.0%} below, {above:.0%} above)",
            "check --running and --cutoff",
        )
    tied_above = True
    if tied.any() and float(np.ptp(T[tied])) == 0.0:
        tied_above = bool(T[tied][0] == round(above))
    right = (r > cutoff) | (tied & tied_above)
    sharp = bool(np.array_equal((1.0 if above > below else 0.0) == T, right))
    return Switch(below, above, sharp, tied_above)


def identify_discontinuity(posed: Posed) -> Identified:
    """The argument from a cutoff: units just below and just above are alike but for the treatment."""
    t, y, q = posed.treatment.name, posed.outcome, posed.context.question
    assert q.running is not None
    assert q.cutoff is not None
    posed.check(q.running)
    if q.running in (t, y):
        raise UsageError("treatment and outcome cannot be the running variable", "name another column")
    if posed.chosen.type != "binary":
        raise NotApplicable(
            f"{t} has more than two values, and a discontinuity switches one treatment on",
            "use a column that says who was treated",
        )
    frame = posed.context.dataset.frame([t, q.running])
    r, T = _running(frame[q.running], q.running), code_treatment(frame[t], "binary", posed.chosen.contrast)[0]
    import numpy as np

    rows = np.isfinite(r) & np.isfinite(T)
    switch = find_switch(T[rows], r[rows], q.cutoff)
    tested, left = _covariates(posed, q.running)
    at = f"units with {q.running} at {q.cutoff:g}"
    found = Identification(
        "identified",
        "Regression Discontinuity",
        "LATE",
        at if switch.sharp else f"compliers among {at}",
        (t,),
        (y,),
        "binary",
        posed.chosen.contrast,
        controls=Controls((), (), left),
        design=(
            ("running", q.running),
            ("cutoff", repr(float(q.cutoff))),
            ("treated_side", "above" if switch.treated_above else "below"),
            ("fuzzy", "no" if switch.sharp else "yes"),
            ("tied", "above" if switch.tied_above else "below"),
            *(("continuity", c) for c in tested),
        ),
        assumptions=_assumptions(switch.sharp),
        alternatives=(Alternative("Conditional Exogeneity", "a running variable and its cutoff were named"),),
        basis="design",
    )
    return Identified(found, _told(posed, switch))


def _told(posed: Posed, switch: Switch) -> tuple[str, ...]:
    t, asked = posed.treatment.name, posed.context.question.quantity
    side = "above" if switch.treated_above else "below"
    tail = "." if switch.sharp else "; the design is fuzzy."
    shares = f"{switch.below:.0%} are treated below, {switch.above:.0%} above{tail}"
    out: tuple[str, ...] = (f"{t} switches on {side} the cutoff: {shares}",)
    if asked in ("ATE", "ATT", "ATC"):
        out += (f"a cutoff identifies the effect at the cutoff only (LATE), not the {asked} asked for",)
    return out


def _assumptions(sharp: bool) -> tuple[Assumption, ...]:
    made = (
        Assumption("continuity", True, "the density and covariate checks look for a break"),
        Assumption("no_manipulation", True, "tested by the density at the cutoff"),
        *(a for a in standard() if a.name != "positivity"),
    )
    if sharp:
        return made
    return (
        *made,
        Assumption("exclusion", False, "crossing the cutoff must act through the treatment only; untestable"),
        Assumption("monotonicity", False, "not testable here"),
    )


def _covariates(posed: Posed, running: str) -> tuple[tuple[str, ...], tuple[Excluded, ...]]:
    """Columns whose continuity is tested, and why no column is adjusted for."""
    t, y, profile, known = posed.treatment.name, posed.outcome, posed.context.profile, posed.context.knowledge
    others = [c for c in columns.others(profile, t, y) if c.name != running]
    if posed.controls is not None:
        tested = tuple(c for c in posed.controls if c != running)
    elif columns.knows_order(known, t):
        tested = tuple(c for c in columns.role_controls(profile, known, t, y).minimal if c != running)
    else:
        tested = ()
    words = {True: "tested for a jump at the cutoff, not adjusted for", False: "not needed at a cutoff"}
    return tested, tuple(Excluded(c.name, words[c.name in tested]) for c in others)


def _running(values: pd.Series, name: str) -> NDArray[np.float64]:
    made = numbers(values)
    if made is None:
        raise NotApplicable(f"the running variable {name} is not a number", "name a numeric column")
    return made


# --- estimation -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Arrays:
    """The rows of a discontinuity design.

    Attributes:
        prepared: outcome and treatment.
        x: (n,) running variable less the cutoff, turned so that the treated side is not negative.
        fuzzy: whether take-up must be divided by.
        covariates: coded columns whose continuity is tested.
    """

    prepared: Prepared
    x: NDArray[np.float64]
    fuzzy: bool
    covariates: Design

    @property
    def clusters(self) -> NDArray[np.int64] | None:
        """(n,) numbers of rows that belong together, or ``None``."""
        return self.prepared.sampling.clusters

    @property
    def weights(self) -> NDArray[np.float64] | None:
        """(n,) how much each row counts, or ``None``."""
        return self.prepared.sampling.weights

    def fit(
        self, level: float, bandwidths: tuple[float, float] | None = None, covariates: bool = False
    ) -> rd.Local:
        """The jump in these rows, counted and weighed as they were drawn."""
        held = self.covariates.X if covariates else None
        return rd.fit(
            self.prepared.Y, self.x, self.takeup, level, bandwidths, held, self.clusters, self.weights
        )

    @property
    def takeup(self) -> NDArray[np.float64] | None:
        """Treatment received, in a fuzzy design."""
        return self.prepared.T if self.fuzzy else None


def distance(found: Identification, values: pd.Series) -> NDArray[np.float64]:
    """(n,) running variable less the cutoff, turned so that the treated side is not negative; NaN where missing."""
    import numpy as np

    x = _running(values, design_value(found, "running")) - float(design_value(found, "cutoff"))
    above = design_value(found, "treated_side") == "above"
    tied_treated = (design_value(found, "tied") == "above") == above
    return np.where(x == 0.0, 0.0 if tied_treated else -np.finfo(float).tiny, x if above else -x)


def arrays(context: Context, found: Identification) -> Arrays:
    """Read and turn the rows."""
    import numpy as np

    name = design_value(found, "running")
    tested = [value for key, value in found.design if key == "continuity"]
    p, frame = prepare_with(context, found, (name,))
    x = distance(found, frame[name])
    rows = np.isfinite(x) & p.in_contrast
    x = x[rows]
    whole = context.dataset.frame(tested).loc[frame.index[rows]] if tested else frame.loc[rows, []]
    types = {c.name: c.type for c in context.profile.columns}
    fuzzy = design_value(found, "fuzzy") == "yes"
    return Arrays(p.take(rows), x, fuzzy, encode(whole, tested, types))


def estimate_discontinuity(context: Context, found: Identification, level: float) -> Work:
    """The jump at the cutoff with its robust bias-corrected interval, and the same at other bandwidths."""
    import numpy as np

    a = arrays(context, found)
    p = a.prepared
    main = a.fit(level)
    first = _estimate(p, "rd_robust", main, level, "interval allows for the lines' bias")
    plain = specification.make(
        p,
        "rd_conventional",
        main.value,
        main.conventional_error,
        normal_quantile(level) * main.conventional_error,
        level,
        "ignores the lines' bias: too narrow",
    )
    others, said = [replace(plain, n_used=main.rows)], []
    for scale, method in SCALES:
        try:
            fitted = a.fit(level, (scale * main.bandwidth, scale * main.pilot))
            others.append(_estimate(p, method, fitted, level, f"bandwidth {scale * main.bandwidth:.3g}"))
        except DataError as error:
            said.append(f"{method} is not shown: {error.message}.")
    if a.covariates.X.shape[1]:
        try:
            adjusted = a.fit(level, covariates=True)
            note = "with the tested covariates, for precision"
            others.append(_estimate(p, "rd_with_covariates", adjusted, level, note))
        except DataError as error:
            said.append(f"rd_with_covariates is not shown: {error.message}.")
    others.append(replace(specification.unadjusted(p, level), note=specification.ASSOCIATION))
    inside = p.take(np.abs(a.x) <= main.bandwidth)
    said.append(f"{p.n - inside.n:,d} rows lie outside the bandwidth and do not enter the estimate.")
    if main.rows < FEW:
        said.append(
            f"Only {main.rows} rows lie within the bandwidth: the answer hangs on few of them, and the interval is "
            "widened for it."
        )
    facts = _facts(found, a, main)
    return Work(inside, (first, *others), facts, (_bins(a, main, found),), tuple(said))


def _estimate(p: Prepared, method: str, fitted: rd.Local, level: float, note: str) -> Estimate:
    return Estimate(
        method,
        p.quantity,
        p.population,
        fitted.value,
        fitted.std_error,
        fitted.low,
        fitted.high,
        level,
        fitted.rows,
        p.unit,
        note=note,
    )


def _facts(found: Identification, a: Arrays, main: rd.Local) -> tuple[Fact, ...]:
    running, side = design_value(found, "running"), design_value(found, "treated_side")
    facts = (
        Fact("running", running, "running variable"),
        Fact("cutoff", float(design_value(found, "cutoff")), f"cutoff of {running}", subject=running),
        Fact("treated_side", side, "side of the cutoff on which the treatment is on"),
        Fact("fuzzy", "yes" if a.fuzzy else "no", "whether some units do not follow the cutoff"),
        Fact("bandwidth", main.bandwidth, f"distance of {running} from the cutoff used", format=".3g"),
        Fact("bias_corrected", main.corrected, "bias-corrected estimate", a.prepared.unit, format=",.3g"),
        Fact("rows.untreated_side", main.left, "rows within the bandwidth, untreated side", format=",d"),
        Fact("rows.treated_side", main.right, "rows within the bandwidth, treated side", format=",d"),
    )
    if main.first_stage_f is None:
        return facts
    return (
        *facts,
        Fact("first_stage.f", main.first_stage_f, "squared t of the jump in treatment", format=".1f"),
    )


def _bins(a: Arrays, main: rd.Local, found: Identification) -> Table:
    """Means of the outcome in equal steps of the running variable, within twice the bandwidth."""
    import numpy as np

    turned = 1.0 if design_value(found, "treated_side") == "above" else -1.0
    cutoff, step = float(design_value(found, "cutoff")), main.bandwidth / 5
    rows, w = [], np.ones(len(a.x)) if a.weights is None else a.weights
    for k in range(-10, 10):
        inside = (a.x >= k * step) & (a.x < (k + 1) * step)
        if inside.any():
            ends = sorted((cutoff + turned * k * step, cutoff + turned * (k + 1) * step))
            mean, share = (
                float(np.average(v[inside], weights=w[inside])) for v in (a.prepared.Y, a.prepared.T)
            )
            rows.append((ends[0], ends[1], int(inside.sum()), mean, share))
    name = design_value(found, "running")
    heads = (f"{name} from", "to", "rows", f"mean {a.prepared.outcome}", "treated share")
    return Table("discontinuity", "Outcome on both sides of the cutoff", heads, tuple(sorted(rows)))
