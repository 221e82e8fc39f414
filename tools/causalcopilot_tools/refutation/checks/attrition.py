"""Is the outcome missing more often on one side of the comparison?  Then those who answer no longer compare.

The sides are the arms, the values of the instrument, the sides of a cutoff, units that adopt and those that do not, or
one unit at different times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot.errors import DataError
from causalcopilot_tools.effects.coding import code_treatment
from causalcopilot_tools.effects.design_matrix import encode
from causalcopilot_tools.effects.designs import panel, rd
from causalcopilot_tools.effects.designs.adoption import read_adoption
from causalcopilot_tools.effects.designs.discontinuity import arrays, distance
from causalcopilot_tools.effects.designs.posed import design_value
from causalcopilot_tools.effects.intervals import two_sided_p
from causalcopilot_tools.effects.sampling import columns as sampling_columns
from causalcopilot_tools.effects.sampling import of_units, settle
from causalcopilot_tools.effects.sampling import read as read_sampling

from ..material import Material
from .random_draw import score_tests

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

NAME = "missing_by_arm"
LEVEL = 0.95
FEWEST = 8
"""Rows without an outcome near a cutoff below which chance alone may put them all on one side at the level asked for
(two to the power of one less than their number, in one)."""


def missing_by_arm(m: Material) -> tuple[Check, ...]:
    """Difference between the arms in the share of rows without an outcome, and whether chance could make it.

    A draw by lot grants that the arms compare, not that those who stay do (Lee 2009).  Rows that belong together go
    missing together: where they are counted by cluster, so are those without an outcome.
    """
    found, y = m.identification, m.prepared.outcome
    if found.strategy in BY_DESIGN:
        return (BY_DESIGN[found.strategy](m),)
    cluster = sampling_columns(m.context, (m.treatment, y))[0]
    frame = m.context.dataset.frame([m.treatment, y, *filter(None, (cluster,))])
    T = code_treatment(frame[m.treatment], found.treatment_type, found.contrast)[0]
    lost = frame[y].isna().to_numpy()
    one, zero = lost[T == 1], lost[T == 0]
    share, gap = float(lost.mean()), float(one.mean() - zero.mean())
    if not share:
        return (_said("pass", 0.0, None, f"no row lacks {y}"),)
    chance = _chance(T, lost, frame[cluster] if cluster else None)
    told = f"{y} is missing in {one.mean():.1%} of the rows with {m.treatment} = {found.contrast.treated}"
    told += f" and in {zero.mean():.1%} of those with {found.contrast.control}"
    return (_judged(gap, chance, told),)


def _chance(T: NDArray[np.float64], lost: NDArray[np.bool_], cluster: pd.Series | None) -> float:
    """P value of no difference between the arms in what is lost: two shares, or a score test summed by cluster.

    Args:
        T: (n,) 1 treated, 0 control, other rows are in neither arm.
        lost: (n,) rows without an outcome.
        cluster: n values that say which rows belong together, or ``None``.
    """
    import numpy as np

    rows = np.isin(T, (0, 1)) & (True if cluster is None else cluster.notna().to_numpy())
    if cluster is not None:
        code = np.unique(cluster[rows].astype(str), return_inverse=True)[1]
        return two_sided_p(float(score_tests(T[rows][:, None], lost[rows].astype(float), code)[0]))
    sizes = [int((T == arm).sum()) for arm in (1, 0)]
    pooled = float(lost[rows].mean())
    error = (pooled * (1 - pooled) * sum(1 / n for n in sizes)) ** 0.5
    gap = float(lost[T == 1].mean() - lost[T == 0].mean())
    return two_sided_p(gap / error) if error > 0 else 1.0


def _by_instrument(m: Material) -> Check:
    """Both values of an instrument, or its lower and upper half; the side that differs most, Bonferroni."""
    import numpy as np

    found, y = m.identification, m.prepared.outcome
    cluster = sampling_columns(m.context, (*found.treatments, y, *found.instruments))[0]
    frame = m.context.dataset.frame([y, *found.instruments, *filter(None, (cluster,))])
    frame = frame[frame[list(found.instruments)].notna().all(axis=1)]
    lost = frame[y].isna().to_numpy(dtype=float)
    if not lost.any():
        return _said("pass", 0.0, None, f"no row lacks {y}")
    coded = encode(frame, found.instruments, {c.name: c.type for c in m.context.profile.columns})
    code = np.unique(frame[cluster].astype(str), return_inverse=True)[1] if cluster else None
    tried = []
    for name, z in zip(coded.names, coded.X.T, strict=True):
        high = z > (z.min() if len(np.unique(z)) == 2 else np.median(z))
        if high.any() and not high.all():
            chance = two_sided_p(float(score_tests(high[:, None].astype(float), lost, code)[0]))
            tried.append((chance, float(lost[high].mean()), float(lost[~high].mean()), name))
    if not tried:
        return _said("skipped", None, None, "the instrument does not vary where the outcome is missing")
    chance, upper, lower, name = min(tried)
    told = (
        f"{y} is missing in {upper:.1%} of the rows with {name} high and in {lower:.1%} of those with it low"
    )
    return _judged(upper - lower, min(1.0, chance * len(tried)), told)


def _by_side(m: Material) -> Check:
    """Does the share without an outcome jump at the cutoff?  At the bandwidth of the estimate, by the same lines.

    A share that changes smoothly with the running variable leaves those just below and just above alike.
    """
    import numpy as np

    found, y, running = m.identification, m.prepared.outcome, design_value(m.identification, "running")
    drawn = sampling_columns(m.context, (m.treatment, y, running))
    frame = m.context.dataset.frame([y, running, *filter(None, drawn)])
    x = distance(found, frame[running])
    sampling, whole = read_sampling(frame, *drawn)
    rows = np.isfinite(x) & whole
    x, lost, sampling = x[rows], frame[y].isna().to_numpy(dtype=float)[rows], sampling.take(rows)
    if not lost.any():
        return _said("pass", 0.0, None, f"no row lacks {y}")
    main = arrays(m.context, found).fit(m.primary.level)
    near = np.abs(x) < main.bandwidth
    one, other = (float(lost[near & side].mean()) for side in (x >= 0, x < 0))
    told = (
        f"{y} is missing in {one:.1%} of the rows within the bandwidth on the treated side of the cutoff and in "
        f"{other:.1%} of those on the other"
    )
    if lost[near].sum() < FEWEST:
        return _said("pass", abs(one - other), None, f"{told}, which is {int(lost[near].sum())} rows in all")
    clusters = settle(sampling, None, m.treatment).clusters
    try:
        jump = rd.fit(lost, x, None, LEVEL, (main.bandwidth, main.pilot), None, clusters, sampling.weights)
    except DataError as error:
        return _said("skipped", None, None, error.message)
    return _judged(jump.value, jump.p_value, f"{told}; at the cutoff itself it jumps by {jump.value:.1%}")


def _by_adoption(m: Material) -> Check:
    """Share of a unit's periods without an outcome, rows that are absent counted: adopters and others, Welch's test."""
    import numpy as np

    found, y = m.identification, m.prepared.outcome
    unit, time = design_value(found, "unit"), design_value(found, "time")
    if not unit:
        return _said("skipped", None, None, "no unit is followed over time")
    frame = m.context.dataset.frame([m.treatment, y, unit, time])
    T = code_treatment(frame[m.treatment], "binary", found.contrast)[0]
    seen = read_adoption(frame, T, unit, time)
    there = (seen.unit >= 0) & (seen.period >= 0) & frame[y].notna().to_numpy()
    P = len(seen.periods)
    share = 1.0 - np.bincount(seen.unit[there], minlength=len(seen.units)) / P
    if not share.any():
        return _said("pass", 0.0, None, f"no unit lacks {y} in any period")
    one, other = share[(seen.first > 0) & (seen.first < P)], share[seen.first == P]
    if min(len(one), len(other)) < 2:
        return _said("skipped", None, None, "there is one kind of unit only")
    gap = float(one.mean() - other.mean())
    error, degrees = _welch(one, other)
    chance = two_sided_p(gap / error, degrees) if error > 0 else float(gap == 0)
    told = f"{y} is missing in {one.mean():.1%} of the periods of adopters and in {other.mean():.1%} of the others'"
    return _judged(gap, chance, told)


def _by_change(m: Material) -> Check:
    """Is the outcome missing more often when a unit's treatment is higher?  The within slope of being missing.

    Rows that are absent altogether cannot be counted: nobody knows what their treatment would have been.
    """
    import numpy as np

    found, y = m.identification, m.prepared.outcome
    unit, time = design_value(found, "unit"), design_value(found, "time")
    drawn = sampling_columns(m.context, (m.treatment, y, unit, time))
    frame = m.context.dataset.frame([m.treatment, y, unit, time, *filter(None, drawn)])
    T, step = code_treatment(frame[m.treatment], found.treatment_type, found.contrast)
    sampling, whole = read_sampling(frame, *drawn)
    rows = np.isfinite(T) & whole & frame[[unit, time]].notna().all(axis=1).to_numpy(dtype=bool)
    lost = frame[y].isna().to_numpy(dtype=float)[rows]
    if not lost.any():
        return _said("pass", 0.0, None, f"no row lacks {y}")
    who, when = (np.unique(frame[c][rows].astype(str), return_inverse=True)[1] for c in (unit, time))
    sampling = settle(sampling.take(rows), None, m.treatment)
    own = of_units(sampling, who, int(who.max()) + 1)
    groups = None if own is None else np.unique(own, return_inverse=True)[1][who]
    long = panel.Long(lost, T[rows], np.empty((len(lost), 0)), who, when, groups, sampling.weights)
    try:
        s = panel.fixed_effects(long)
    except DataError as error:
        return _said("skipped", None, None, error.message)
    gap, error_of = float(s.values[0]) * step, s.error() * abs(step)
    degrees = len(s.influence) - 1
    chance = two_sided_p(gap / error_of, degrees) if error_of > 0 else float(gap == 0)
    contrast = f"{found.contrast.control} to {found.contrast.treated}"
    told = f"within {unit}, going from {contrast} in {m.treatment} moves the share of rows without {y} by {gap:.1%}"
    return _judged(gap, chance, told)


def _welch(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[float, float]:
    a, b = (float(v.var(ddof=1)) / len(v) for v in (one, other))
    spread = a**2 / (len(one) - 1) + b**2 / (len(other) - 1)
    return (a + b) ** 0.5, (a + b) ** 2 / spread if spread > 0 else 1.0


def _judged(gap: float, chance: float, told: str) -> Check:
    """A difference that chance does not make: a warning, and from a size on a failure."""
    status: CheckStatus = "pass"
    if chance < thresholds.ARM_LOSS_LEVEL:
        status = "fail" if abs(gap) > thresholds.ARM_LOSS_FAIL else "warn"
    return _said(status, abs(gap), chance, told)


BY_DESIGN: dict[str | None, Callable[[Material], Check]] = {
    "Instrumental Variable": _by_instrument,
    "Regression Discontinuity": _by_side,
    "Difference-in-Differences": _by_adoption,
    "Panel Fixed Effects": _by_change,
}
"""How the designs beyond adjustment that have sides too compare them."""
WITH_ARMS = ("Mediation", "Front-Door", "General Identification")
"""Designs whose sides are the arms of the treatment."""


def _said(status: CheckStatus, gap: float | None, chance: float | None, detail: str) -> Check:
    return Check(NAME, "data", status, gap, thresholds.ARM_LOSS_FAIL, True, detail, chance)
