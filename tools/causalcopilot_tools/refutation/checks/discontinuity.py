"""What can speak against a discontinuity: sorting, other jumps, and an answer that hangs on few rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckKind, CheckStatus
from causalcopilot.errors import DataError
from causalcopilot_tools.effects.designs import rd
from causalcopilot_tools.effects.designs.discontinuity import Arrays, arrays, distance
from causalcopilot_tools.effects.designs.posed import design_value
from causalcopilot_tools.effects.threads import one_thread
from causalcopilot_tools.refutation.material import Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DONUT = 0.1
"""Share of the bandwidth that the donut leaves out on each side."""
SPREAD = (0.5, 2.0)
LEVEL = 0.95
PLACEBO_ROWS = 50
"""Fewest rows of one side on which a placebo cutoff is tried."""


def discontinuity(m: Material) -> tuple[Check, ...]:
    """Every check of a regression-discontinuity design, from one reading of the rows."""
    a = arrays(m.context, m.identification)
    with one_thread():
        main = a.fit(m.primary.level)
        found = [
            _said("density", "falsification", lambda: _density(m)),
            _said("covariate_continuity", "falsification", lambda: _continuity(a)),
            _said("bandwidth", "stability", lambda: _bandwidth(a, main, m.primary.level)),
            _said("donut", "stability", lambda: _donut(a, main, m.primary.level)),
            _said("placebo_cutoff", "falsification", lambda: _placebo(a)),
        ]
        if main.first_stage_f is not None:
            found.append(_take_up(main.first_stage_f))
    return tuple(found)


def _said(name: str, kind: CheckKind, run: Callable[[], Check]) -> Check:
    """The check, or that it could not be made with these rows."""
    try:
        return run()
    except DataError as error:
        return Check(name, kind, "skipped", None, None, True, error.message)


def _density(m: Material) -> Check:
    """Units pile up by where they stand, whether or not their outcome is known: those without one are counted too."""
    import numpy as np

    running = design_value(m.identification, "running")
    x = distance(m.identification, m.context.dataset.frame([running])[running])
    d = rd.density(x[np.isfinite(x)])
    status: CheckStatus = "fail" if d.p_value < thresholds.DESIGN_LEVEL else "pass"
    detail = (
        f"density {d.left:.3g} on the untreated side of the cutoff, {d.right:.3g} on the treated side "
        f"(t = {d.statistic:.2f})"
    )
    level = thresholds.DESIGN_LEVEL
    return Check("density", "falsification", status, d.p_value, level, True, detail, d.p_value)


def _continuity(a: Arrays) -> Check:
    """The smallest p value over the covariates, Bonferroni."""
    name, known = "covariate_continuity", a.covariates
    if not known.names:
        why = "no column is known to come before the treatment; name some with --controls"
        return Check(name, "falsification", "info", None, None, True, why)
    tried: dict[str, float] = {}
    for column, values in zip(known.names, known.X.T, strict=True):
        try:
            tried[column] = rd.fit(values, a.x, clusters=a.clusters, weights=a.weights).p_value
        except DataError:  # a rare level does not vary near the cutoff: nothing to test there
            continue
    if not tried:
        return Check(name, "falsification", "info", None, None, True, "no covariate varies near the cutoff")
    worst = min(tried, key=lambda c: tried[c])
    p_value = min(1.0, tried[worst] * len(tried))
    status: CheckStatus = "fail" if p_value < thresholds.DESIGN_LEVEL else "pass"
    detail = f"{len(tried)} covariates tried for a jump; {worst} comes closest"
    return Check(name, "falsification", status, p_value, thresholds.DESIGN_LEVEL, True, detail, p_value)


def _bandwidth(a: Arrays, main: rd.Local, level: float) -> Check:
    """Half and twice the bandwidth: intervals must meet the main one."""
    h, b = main.bandwidth, main.pilot
    others = [a.fit(level, (s * h, s * b)) for s in SPREAD]
    told = " and ".join(f"{o.value:.3g} ({o.low:.3g} to {o.high:.3g})" for o in others)
    return _compared("bandwidth", main, others, f"at half and twice the bandwidth {h:.3g}: {told}")


def _donut(a: Arrays, main: rd.Local, level: float) -> Check:
    """Without the units next to the cutoff, where sorting would show."""
    import numpy as np

    far = np.abs(a.x) >= DONUT * main.bandwidth
    kept = replace(a, prepared=a.prepared.take(far), x=a.x[far])
    other = kept.fit(level, (main.bandwidth, main.pilot))
    left_out = int((~far).sum())
    told = f"without the {left_out} units next to the cutoff {other.value:.3g} ({other.low:.3g} to {other.high:.3g})"
    return _compared("donut", main, [other], told)


def _compared(name: str, main: rd.Local, others: list[rd.Local], detail: str) -> Check:
    """Fail where an interval misses the main one, warn where a point lies outside it."""
    missed = any(o.low > main.high or o.high < main.low for o in others)
    outside = any(not main.low <= o.value <= main.high for o in others)
    status: CheckStatus = "fail" if missed else "warn" if outside else "pass"
    moved = max(abs(o.value - main.value) for o in others) / main.std_error
    return Check(name, "stability", status, moved, None, True, detail)


def _placebo(a: Arrays) -> Check:
    """The middle of each side as a cutoff, with that side's rows alone."""
    import numpy as np

    tried: list[rd.Local] = []
    for side in (a.x < 0, a.x >= 0):
        x: NDArray[np.float64] = a.x[side] - np.median(a.x[side])
        if len(x) >= PLACEBO_ROWS:
            tried.append(replace(a, prepared=a.prepared.take(side), x=x, fuzzy=False).fit(LEVEL))
    if not tried:
        raise DataError(f"no side of the cutoff has {PLACEBO_ROWS} rows")
    p_value = min(1.0, min(o.p_value for o in tried) * len(tried))
    status: CheckStatus = "fail" if p_value < thresholds.DESIGN_LEVEL else "pass"
    detail = f"jumps of {' and '.join(f'{o.value:.3g}' for o in tried)} in the middle of the sides"
    return Check(
        "placebo_cutoff", "falsification", status, p_value, thresholds.DESIGN_LEVEL, True, detail, p_value
    )


def _take_up(strength: float) -> Check:
    status: CheckStatus = "fail" if strength < thresholds.WEAK_F else "pass"
    detail = f"squared t {strength:.1f} of the jump in treatment at the cutoff"
    return Check("weak_instrument", "diagnostic", status, strength, thresholds.WEAK_F, True, detail)
