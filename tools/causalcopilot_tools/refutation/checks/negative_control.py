"""An outcome the treatment cannot change: does the same adjustment find an effect on it?"""

from __future__ import annotations

from dataclasses import replace

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.knowledge import Role
from causalcopilot_tools.effects.intervals import two_sided_p
from causalcopilot_tools.effects.refit import fit_effect, prepare
from causalcopilot_tools.refutation.material import Material, trimmed

NAME: Role = "negative_control_outcome"
FULL_ROWS = 5_000
"""Up to this many rows the whole stack of learners is used."""


def negative_control_outcome(m: Material) -> tuple[Check, ...]:
    """Estimate the effect on every negative-control outcome, which is never a control itself."""
    named = [c for c in m.context.knowledge.with_role(NAME) if c in m.context.profile.names]
    if not named:
        return (Check(NAME, "falsification", "skipped", None, None, True, "no such column is named"),)
    return tuple(_one(m, name, len(named)) for name in named)


def _one(m: Material, name: str, count: int) -> Check:
    if m.late:
        return Check(f"{NAME}:{name}", "falsification", "skipped", None, None, True, "the time was up")
    p = trimmed(prepare(m.context, with_outcome(m.identification, name)), m.context.seed)
    fit = fit_effect(p, m.context.seed, fast=p.n > FULL_ROWS)
    z = abs(fit.value) / fit.std_error if fit.std_error > 0 else 0.0
    p_value = min(1.0, two_sided_p(z, p.sampling.degrees) * count)
    status: CheckStatus = "pass"
    if p_value < thresholds.NEGATIVE_CONTROL_WARN:
        status = "fail" if p_value < thresholds.NEGATIVE_CONTROL_FAIL else "warn"
    found = f"{fit.value:.3g} (standard error {fit.std_error:.2g})"
    detail = f"on {name}, where there should be nothing, the same adjustment finds {found}"
    return Check(f"{NAME}:{name}", "falsification", status, fit.value, 0.0, True, detail, p_value)


def with_outcome(found: Identification, name: str) -> Identification:
    """The same argument for another outcome."""
    kept = replace(
        found.controls,
        minimal=tuple(c for c in found.controls.minimal if c != name),
        optional=tuple(c for c in found.controls.optional if c != name),
    )
    return replace(found, outcomes=(name,), controls=kept)
