"""What can speak against an instrument: weakness, an unbounded set, disagreement, a hidden cause."""

from __future__ import annotations

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.effects.designs import iv
from causalcopilot_tools.effects.designs.instrument import Arrays, arrays, region_words
from causalcopilot_tools.effects.intervals import t_quantile, two_sided_p
from causalcopilot_tools.refutation.checks.instrument_columns import instrument_columns
from causalcopilot_tools.refutation.checks.random_draw import score_tests
from causalcopilot_tools.refutation.checks.units import clustered_ratio
from causalcopilot_tools.refutation.material import Material
from causalcopilot_tools.refutation.ols import fit_line
from causalcopilot_tools.refutation.strength import benchmark, robustness


def instrument(m: Material) -> tuple[Check, ...]:
    """Every check of an instrumental-variable design, from one reading of the rows."""
    a = arrays(m.context, m.identification)
    parts = a.partialled
    region = iv.anderson_rubin(parts, m.primary.level)
    strength = iv.effective_f(parts)
    reduced = iv.reduced_form(parts)
    weak: CheckStatus = "fail" if strength < thresholds.WEAK_F else "pass"
    bounded: CheckStatus = "pass" if region.shape == "bounded" else "fail"
    return (
        Check(
            "weak_instrument",
            "diagnostic",
            weak,
            strength,
            thresholds.WEAK_F,
            True,
            f"effective first-stage F {strength:.1f} of {', '.join(m.identification.instruments)}",
        ),
        Check(
            "anderson_rubin",
            "diagnostic",
            bounded,
            float(len(region.pieces)),
            None,
            True,
            f"the set of effects not ruled out is {region_words(a.prepared, region)}",
        ),
        _overidentification(parts),
        Check(
            "reduced_form",
            "diagnostic",
            "info",
            reduced.statistic,
            None,
            False,
            f"F test that {m.prepared.outcome} does not move with the instrument at all",
            reduced.p_value,
        ),
        _balance(a),
        instrument_columns(m),
        _sensitivity(m),
    )


def _balance(a: Arrays) -> Check:
    """How far the instrument is from drawn by lot: its correlation with the controls, which are held anyway.

    Score tests, by cluster where rows are counted so, with Bonferroni's correction for every pair tried.
    """
    import numpy as np

    name, p = "instrument_balance", a.prepared
    if not p.sources:
        why = "no control is held, so there is nothing to compare across the instrument's values"
        return Check(name, "diagnostic", "info", None, None, False, why)
    code = None if p.sampling.clusters is None else np.unique(p.sampling.clusters, return_inverse=True)[1]
    varies = np.ptp(p.X, axis=0) > 0
    tried: list[tuple[float, float, str]] = []
    for z in (z for z in a.Z.T if np.ptp(z) > 0 and varies.any()):
        scores = np.abs(score_tests(p.X[:, varies], z, code))
        together = np.abs(np.corrcoef(z, p.X[:, varies], rowvar=False)[0, 1:])
        held = [s for s, v in zip(p.sources, varies, strict=True) if v]
        tried += zip(scores.tolist(), together.tolist(), held, strict=True)
    if not tried:
        return Check(name, "diagnostic", "info", None, None, False, "the controls do not vary")
    score, r, worst = max(tried)
    p_value = min(1.0, two_sided_p(score) * len(tried))
    drawn = (
        "as if drawn by lot"
        if p_value >= thresholds.DESIGN_LEVEL
        else "not drawn by lot: the controls must be right"
    )
    detail = f"the instrument goes most with {worst} (correlation {r:.2f}), {drawn}"
    return Check(name, "diagnostic", "info", r, None, False, detail, p_value)


def _overidentification(parts: iv.Partialled) -> Check:
    found = iv.overidentification(parts)
    if found is None:
        why = "one instrument: nothing is left over to test the exclusion with"
        return Check("overidentification", "falsification", "skipped", None, None, True, why)
    status: CheckStatus = "fail" if found.p_value < thresholds.DESIGN_LEVEL else "pass"
    detail = f"Hansen's J {found.statistic:.2f} with {found.degrees} degrees of freedom: one effect for all?"
    return Check(
        "overidentification",
        "falsification",
        status,
        found.p_value,
        thresholds.DESIGN_LEVEL,
        True,
        detail,
        found.p_value,
    )


def _sensitivity(m: Material) -> Check:
    """Would a hidden cause of instrument and outcome, as strong as the strongest control, reach the interval's end?

    The reduced form carries it: no effect of the instrument on the outcome is no effect of the treatment.
    """
    import numpy as np

    name = "instrument_sensitivity"
    a = arrays(m.context, m.identification)
    p, known = a.prepared, a.prepared.sources
    if not known or a.Z.shape[1] != 1:
        why = "there is no measured control to compare a hidden cause with"
        if known:
            why = "there are several instruments; see over-identification"
        return Check(name, "sensitivity", "info", None, None, True, why)
    line = fit_line(p.X, a.Z[:, 0], p.Y, known)
    half = t_quantile(m.primary.level, line.dof) * line.std_error
    if p.sampling.clusters is not None:
        codes = np.unique(p.sampling.clusters, return_inverse=True)[1]
        half *= max(1.0, clustered_ratio(p.X, a.Z[:, 0], p.Y, codes))
    nearer = max(abs(line.value) - half, 0.0)
    scale = line.spread_t / line.spread_y if line.spread_y > 0 else 0.0
    made = [benchmark(*one) for one in zip(line.names, line.treatment, line.outcome, strict=True)]
    top = max(made, key=lambda b: b.factor)
    withstood, needed = robustness(nearer * scale), thresholds.BENCHMARK_MARGIN * top.strength
    point = robustness(abs(line.value) * scale)
    enough = withstood >= needed or point >= thresholds.POINT_MULTIPLE * top.strength
    detail = (
        f"the instrument's own effect stands against hidden causes up to a strength of {withstood:.1%}; "
        f"one like {top.name} has {top.strength:.1%}"
    )
    return Check(name, "sensitivity", "pass" if enough else "fail", withstood, needed, True, detail)
