"""Does an instrument's answer hang on columns that nobody said to hold, or to leave out?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot.errors import CcpError
from causalcopilot_tools.effects.controls import default_controls, knows_order
from causalcopilot_tools.effects.designs import iv
from causalcopilot_tools.effects.designs.instrument import Arrays, arrays
from causalcopilot_tools.refutation.material import Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "instrument_columns"
NEAR = 0.5
"""Correlation with the treatment from which on a column is not held."""
NOISE = 2.5
"""Standard errors by which a correlation must be larger than another to be called so."""


def instrument_columns(m: Material) -> Check:
    """An instrument that was not drawn by lot goes with other columns, and then it matters which are held.

    Two signs, where nobody said who is held.  With every usable column held the effect lies outside the interval;
    or a column goes with the instrument more closely than the treatment does, which it cannot as an effect of the
    instrument through the treatment, unless the treatment moves it by more than one standard deviation a standard
    deviation.  Either means that the instrument has causes, or ways to the outcome, of its own.
    """
    found, known = m.identification, m.context.knowledge
    if found.controls.used or knows_order(known, m.treatment) or m.context.question.controls is not None:
        return _said("skipped", None, "who is held rests on somebody's word")
    more = _held_as_well(m)
    if not more:
        return _said("info", None, "there is no other column that could be held")
    try:
        wide = arrays(m.context, replace(found, controls=replace(found.controls, optional=more)))
    except CcpError as error:
        return _said("skipped", None, error.message)
    closer, nearer = _closer(wide), _nearer(m, wide)
    more = tuple(c for c in more if c not in nearer)
    wide, more = _strong_enough(m, wide, more)
    told: list[str] = []
    status: CheckStatus = "pass"
    if closer:
        status = "fail"
        told.append(f"the instrument goes with {', '.join(closer[:3])} more closely than {m.treatment} does")
    strength = iv.effective_f(wide.partialled)
    value: float | None = None
    if more and strength >= thresholds.WEAK_F and m.primary.low is not None and m.primary.high is not None:
        value = iv.two_stage(wide.partialled).value * wide.prepared.step
        inside = m.primary.low <= value <= m.primary.high
        words = "within" if inside else "outside"
        told.append(f"with {_listed(more)} held the effect is {value:.3g}, {words} the interval")
        status = status if inside else "fail"
    if status == "fail":
        told.append("hold what comes before the instrument (--controls, or roles in a knowledge file)")
    if not told:
        return _said("info", None, "with any column held the instrument is too weak to compare")
    return _said(status, value, "; ".join(told))


def _held_as_well(m: Material) -> tuple[str, ...]:
    t, y, profile = m.treatment, m.prepared.outcome, m.context.profile
    out = {*m.identification.instruments}
    for z in m.identification.instruments:
        out |= profile.made_from(z)
        for part in (n for made in profile.made if made.name == z for n in made.parts):
            out |= {part, *profile.made_from(part)}
    could = default_controls(profile, m.context.knowledge, t, y).used
    return tuple(c for c in could if c not in out)


def _strong_enough(m: Material, wide: Arrays, more: tuple[str, ...]) -> tuple[Arrays, tuple[str, ...]]:
    """The most columns with which the instrument still moves the treatment; those nearest to either go first."""
    found, p = m.identification, wide.prepared
    near: dict[str, float] = {}
    for column in (*wide.Z.T, p.T):
        for source, r in zip(p.sources, _correlations(p.X, column), strict=True):
            near[source] = max(near.get(source, 0.0), float(r))
    left = sorted(more, key=lambda s: near.get(s, 0.0))
    while True:
        kept = tuple(c for c in more if c in left)
        wide = arrays(m.context, replace(found, controls=replace(found.controls, optional=kept)))
        if not left or iv.effective_f(wide.partialled) >= thresholds.WEAK_F:
            return wide, kept
        del left[-max(1, len(left) // 4) :]


def _nearer(m: Material, wide: Arrays) -> set[str]:
    """Columns so near to the treatment that they may be it in other words, or its effects: each with its levels."""
    import numpy as np

    p, profile, found = wide.prepared, m.context.profile, set[str]()
    T = p.T - p.T.mean()
    if not T.any():
        return found
    for name in dict.fromkeys(p.sources):
        family = {name, *profile.made_from(name)}
        for base in (n for made in profile.made if made.name == name for n in made.parts):
            family |= profile.made_from(base)
        X = p.X[:, [i for i, source in enumerate(p.sources) if source in family]]
        X = X - X.mean(axis=0)
        fit = X @ np.linalg.lstsq(X, T, rcond=None)[0]
        if float(fit @ fit) >= NEAR**2 * float(T @ T):
            found |= family
    return found


def _closer(wide: Arrays) -> list[str]:
    """Columns that some instrument goes with more closely than with the treatment, the closest first."""
    import numpy as np

    p = wide.prepared
    found: dict[str, float] = {}
    for z in wide.Z.T:
        if np.ptp(z) == 0 or np.ptp(p.T) == 0:
            continue
        own = abs(float(np.corrcoef(z, p.T)[0, 1])) + NOISE / max(p.n, 1) ** 0.5
        for source, r in zip(p.sources, _correlations(p.X, z), strict=True):
            if r > own:
                found[source] = max(found.get(source, 0.0), r)
    return sorted(found, key=lambda s: -found[s])


def _correlations(X: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    centred, moved = X - X.mean(axis=0), z - z.mean()
    scale = np.sqrt((centred**2).sum(axis=0) * float(moved @ moved))
    out: NDArray[np.float64] = np.abs(moved @ centred) / np.where(scale > 0, scale, 1.0)
    return out


def _listed(names: tuple[str, ...], most: int = 4) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _said(status: CheckStatus, value: float | None, detail: str) -> Check:
    return Check(NAME, "sensitivity", status, value, None, True, detail)
