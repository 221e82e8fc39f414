"""What can speak against a split at a mediator: thin overlap, disagreement, a hidden cause of mediator and outcome."""

from __future__ import annotations

from dataclasses import replace

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.effects.designs.mediated import Arrays, arrays, by_line
from causalcopilot_tools.effects.refit import bases_of
from causalcopilot_tools.effects.regression import ols
from causalcopilot_tools.refutation.checks.units import clustered_ratio
from causalcopilot_tools.refutation.material import Material
from causalcopilot_tools.refutation.ols import fit_line
from causalcopilot_tools.refutation.strength import benchmark, robustness

LEVEL = 0.95
"""Level of the interval of what the mediator does whose nearer end a hidden cause must not undo."""


def mediation(m: Material) -> tuple[Check, ...]:
    """Every check of a mediation, from one reading of the rows."""
    a = arrays(m.context, m.identification)
    return (_overlap(a, m), _agreement(a, m), _moves(a), _sensitivity(a, m))


def _overlap(a: Arrays, m: Material) -> Check:
    """Rows whose treatment is as good as told by mediator and controls have no counterpart."""
    import numpy as np

    from causalcopilot_tools.effects.nuisance import cross_fit_shares
    from causalcopilot_tools.effects.threads import one_thread

    name, p = "mediation_overlap", a.prepared
    if p.kind == "continuous":
        return Check(name, "diagnostic", "info", None, None, True, "the treatment is a number without arms")
    with one_thread():
        bases = bases_of(replace(p, X=np.column_stack([p.X, a.M])))
        share = cross_fit_shares(bases, p.T, m.context.seed)
    outside = float(((share < thresholds.OUTSIDE) | (share > 1 - thresholds.OUTSIDE)).mean())
    status: CheckStatus = "pass"
    if outside > thresholds.OUTSIDE_WARN:
        status = "fail" if outside > thresholds.OUTSIDE_FAIL else "warn"
    detail = f"given mediator and controls, {outside:.1%} of the rows have next to no chance of the other treatment"
    return Check(name, "diagnostic", status, outside, thresholds.OUTSIDE_FAIL, True, detail)


def _agreement(a: Arrays, m: Material) -> Check:
    """Two linear regressions must tell an indirect effect inside the interval."""
    name, low, high = "mediation_agreement", m.primary.low, m.primary.high
    if m.primary.method == "mediation_by_regression":
        why = "there is one estimator for a treatment that is a number"
        return Check(name, "agreement", "info", None, None, True, why)
    value = by_line(a).indirect
    agrees = low is not None and high is not None and low <= value <= high
    detail = f"two linear regressions say {value:.3g} through {a.mediator}"
    return Check(name, "agreement", "pass" if agrees else "warn", value, None, True, detail)


def _moves(a: Arrays) -> Check:
    """Whether the treatment moves the mediator at all; without it there is no indirect effect to find."""
    import numpy as np

    p = a.prepared
    line = fit_line(p.X, p.T / p.step, a.M, p.sources)
    value, error = line.value, line.std_error
    if not p.sampling.plain:
        drawn = ols(a.M, p.T / p.step, p.X, False, p.sampling)
        value, error = drawn.value, drawn.std_error
    t = value / error if error > 0 else float(np.inf)
    detail = f"the treatment moves {a.mediator} by {value:.3g} (t = {t:.1f})"
    return Check("mediator_moves", "diagnostic", "info", t, None, False, detail)


def _sensitivity(a: Arrays, m: Material) -> Check:
    """Would a hidden cause of mediator and outcome, as strong as the strongest control, undo the mediator's part?"""
    import numpy as np

    name, p = "mediation_sensitivity", a.prepared
    low, high = m.primary.low, m.primary.high
    if not p.sources:
        status: CheckStatus = "info" if m.identification.basis == "graph" else "skipped"
        why = "no common cause of mediator and outcome is held, so there is nothing to compare a hidden one with"
        return Check(name, "sensitivity", status, None, None, True, why)
    X = np.column_stack([p.X, p.T])
    line = fit_line(X, a.M, p.Y, (*p.sources, p.treatment))
    made = [
        benchmark(*one)
        for one in zip(line.names, line.treatment, line.outcome, strict=True)
        if one[0] != p.treatment
    ]
    if not made or low is None or high is None or low <= 0.0 <= high:
        why = "the interval of the indirect effect holds zero, so there is nothing to overturn"
        return Check(name, "sensitivity", "info", None, None, True, why)
    scale = line.spread_t / line.spread_y if line.spread_y > 0 else 0.0
    error = line.std_error
    if p.sampling.clusters is not None:
        error *= max(
            1.0, clustered_ratio(X, a.M, p.Y, np.unique(p.sampling.clusters, return_inverse=True)[1])
        )
    nearer = max(abs(line.value) - p.sampling.quantile(LEVEL) * error, 0.0)
    top = max(made, key=lambda b: b.factor)
    withstood, needed = robustness(nearer * scale), thresholds.BENCHMARK_MARGIN * top.strength
    enough = withstood >= needed or (
        nearer > 0 and robustness(abs(line.value) * scale) >= thresholds.POINT_MULTIPLE * top.strength
    )
    detail = (
        f"what {a.mediator} does to the outcome stands against hidden causes of both up to {withstood:.1%}; "
        f"one like {top.name} has {top.strength:.1%}"
    )
    return Check(name, "sensitivity", "pass" if enough else "fail", withstood, needed, True, detail)
