"""An instrument that the knowledge names and the adjustment does not use: does it tell the same effect?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.effects.designs import iv
from causalcopilot_tools.effects.designs.instrument import arrays, region_words
from causalcopilot_tools.effects.intervals import two_sided_p
from causalcopilot_tools.refutation.material import Material

if TYPE_CHECKING:
    from causalcopilot_tools.effects.designs.iv import Partialled, Tested

NAME = "known_instrument"


def needless(m: Material) -> str:
    """Why the check does not apply; empty for an adjustment beside which the knowledge names an instrument."""
    if m.prepared.randomised:
        return "the treatment was randomised"
    return "" if _known(m) else "the knowledge names no instrument"


def known_instrument(m: Material) -> tuple[Check, ...]:
    """Durbin–Wu–Hausman: is what the instrument does not tell of the treatment tied to the outcome otherwise?

    Who says that a column is an instrument and that the controls are enough says two things that can contradict
    each other.  They also differ where effects differ, as the instrument speaks of compliers only.
    """
    named = _known(m)
    a = arrays(m.context, replace(m.identification, instruments=named))
    p, parts = a.prepared, a.partialled
    tested, strength = exogeneity(parts), iv.effective_f(parts)
    value = iv.two_stage(parts).value * p.step
    region = region_words(p, iv.anderson_rubin(parts, 0.95)).removeprefix("bounded: ")
    told = f"with {', '.join(named)} as instrument the effect is {value:.3g}"
    told += f" (Anderson–Rubin: {region}; first-stage F {strength:.1f}),"
    told += f" by adjustment {m.primary.value:.3g}; p {tested.p_value:.2g} that chance parts them"
    status: CheckStatus = "fail" if tested.p_value < thresholds.DESIGN_LEVEL else "pass"
    if status == "pass" and strength < thresholds.WEAK_F:
        status = "info"  # it could hardly have failed
    return (
        Check(
            NAME,
            "falsification",
            status,
            tested.statistic,
            thresholds.DESIGN_LEVEL,
            True,
            told,
            tested.p_value,
        ),
    )


def _known(m: Material) -> tuple[str, ...]:
    held = (*m.identification.controls.used, m.treatment, m.prepared.outcome)
    named = m.context.knowledge.with_role("instrument")
    return tuple(z for z in named if z in m.context.profile.names and z not in held)


def exogeneity(p: Partialled) -> Tested:
    """Robust test that the treatment's part beyond the instruments has no tie to the outcome but the effect.

    The residual of the first stage is added to the outcome's regression (Hausman 1978; Wooldridge 2010, §6.2.1); rows
    that belong together add their scores up, as the two estimates themselves do.
    """
    import numpy as np

    rest = p.T - p.Z @ (p.Z.T @ p.T)
    both = np.column_stack([p.T, rest])
    bread = np.linalg.pinv(both.T @ both)
    coefficients = bread @ (both.T @ p.Y)
    scores = both * (p.Y - both @ coefficients)[:, None]
    variance = float((bread @ p.meat(scores, scores, 2) @ bread)[1, 1])
    t = float(coefficients[1]) / variance**0.5 if variance > 0 else 0.0
    return iv.Tested(t, two_sided_p(t, p.degrees(2)), 1)
