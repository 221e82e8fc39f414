"""What can speak against four means: small cells, an earlier trend, other rows than before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects.controls import default_controls
from causalcopilot_tools.effects.design_matrix import encode
from causalcopilot_tools.effects.designs.crossed import Cells, cells
from causalcopilot_tools.effects.designs.posed import design_value
from causalcopilot_tools.effects.intervals import two_sided_p
from causalcopilot_tools.effects.regression import robust
from causalcopilot_tools.effects.sampling import Sampling
from causalcopilot_tools.refutation.material import Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def crossed(m: Material) -> tuple[Check, ...]:
    """Every check of a difference-in-differences of groups and periods, from one reading of the rows."""
    c = cells(m.context, m.identification)
    return (_sizes(c), _earlier_trends(c, m), _composition(c, m))


def _sizes(c: Cells) -> Check:
    fewest = min(c.counts)
    status: CheckStatus = "pass" if fewest >= thresholds.MIN_UNITS else "fail"
    detail = "rows of the group after and before, and of the others: " + ", ".join(
        f"{n:,d}" for n in c.counts
    )
    return Check("few_units", "data", status, float(fewest), float(thresholds.MIN_UNITS), True, detail)


def _earlier_trends(c: Cells, m: Material) -> Check:
    """Did the group move away from the others already before?  A slope over the earlier times, if there are several."""
    import numpy as np

    name = "earlier_trends"
    time = _times(m)
    before = c.period == 0
    values = None
    if time:
        column = m.context.dataset.frame([time])[time].to_numpy(dtype=float)
        values = column[m.context.dataset.frame([time]).index.get_indexer(c.frame.index)]
        before &= np.isfinite(values)
    if values is None or len(np.unique(values[before])) < 2:
        why = "there is one time before the treatment only, so parallel trends stay untested"
        return Check(name, "falsification", "skipped", None, None, True, why)
    when, G = values[before], c.group[before]
    dummies = [(when == v).astype(float) for v in np.unique(when)]
    A = np.column_stack([G * (when - when.mean()), G, *dummies])
    try:
        p_value, slope = _p_of(A, c.prepared.Y[before], c.prepared.sampling.take(before))
    except NotApplicable as error:
        return Check(name, "falsification", "skipped", None, None, True, error.message)
    status: CheckStatus = "fail" if p_value < thresholds.DESIGN_LEVEL else "pass"
    detail = f"before the treatment the group moved by {slope:.3g} a {time} against the others"
    return Check(name, "falsification", status, p_value, thresholds.DESIGN_LEVEL, True, detail, p_value)


def _times(m: Material) -> str:
    """A column of times of which the period is a cut, or empty."""
    period = design_value(m.identification, "time")
    profile = m.context.profile
    for made in profile.made:
        if made.name == period and made.how == "function" and made.parts[0] in profile.time_columns:
            return made.parts[0]
    return ""


def _composition(c: Cells, m: Material) -> Check:
    """Does anything else that is known of the rows change in the group alone?  Then other rows are compared."""
    import numpy as np

    name, found, p = "composition", m.identification, c.prepared
    own = {*p.sources, m.treatment, p.outcome}
    profile, known = m.context.profile, m.context.knowledge
    near = {*profile.made_from(design_value(found, "group")), *profile.made_from(design_value(found, "time"))}
    could = [n for n in default_controls(profile, known, m.treatment, p.outcome).used if n not in own | near]
    could = [n for n in could if n not in profile.time_columns]
    types = {column.name: column.type for column in profile.columns}
    frame = m.context.dataset.frame(could).loc[c.frame.index] if could else None
    coded = encode(frame, could, types) if frame is not None else None
    if coded is None or not coded.X.shape[1]:
        why = "nothing else is known of the rows"
        return Check(name, "falsification", "info", None, None, False, why)
    A = np.column_stack([c.group * c.period, np.ones(p.n), c.group, c.period])
    chances = [_p_of(A, x, p.sampling)[0] if np.ptp(x) > 0 else 1.0 for x in coded.X.T]
    worst = int(np.argmin(chances))
    chance = min(1.0, chances[worst] * len(chances))
    status: CheckStatus = "pass" if chance >= thresholds.DESIGN_LEVEL else "warn"
    detail = f"of {len(could)} columns {coded.sources[worst]} changes most in the group alone"
    if status == "warn":
        detail += (
            ": other rows may be compared after than before; hold it where the treatment cannot change it"
        )
    return Check(name, "falsification", status, chance, thresholds.DESIGN_LEVEL, True, detail, chance)


def _p_of(A: NDArray[np.float64], y: NDArray[np.float64], sampling: Sampling) -> tuple[float, float]:
    """Two-sided p value of the first column, and its coefficient."""
    c = robust(A, y, sampling)
    return (two_sided_p(c.value / c.std_error, c.degrees) if c.std_error > 0 else 1.0), c.value
