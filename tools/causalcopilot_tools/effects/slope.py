"""A numeric treatment taken as a straight line: the slope times the step that was asked for."""

from __future__ import annotations

from dataclasses import replace

from causalcopilot.errors import DataError
from causalcopilot_tools.effects import dose, primary, specification
from causalcopilot_tools.effects.coding import as_number
from causalcopilot_tools.effects.methods import Method, by_method, from_primary, nuisance_classes
from causalcopilot_tools.effects.plr import curvature, plr_slope
from causalcopilot_tools.effects.refit import Prepared
from causalcopilot_tools.effects.work import Work

CURVED = 3.0
"""A squared treatment term with a t statistic beyond this is reported: the line may not be straight."""
UNEXPLAINED = 0.05
NOTHING_LEFT = 0.01
"""With less of a continuous treatment's variance left over by the controls than the first of these, the slope
is not supported; with less than the second, there is nothing to estimate from."""


def fit_slope(p: Prepared, method: Method, level: float, seed: int) -> Work:
    """Fit a partially linear regression, or ``method``, and put the other estimates of the slope beside it.

    Raises ``DataError`` where the controls leave nothing of the treatment to compare, and ``NotApplicable`` where the
    method asked for cannot be used.
    """
    default = method == "auto" and not (p.randomised and not p.X.shape[1])
    seeds = primary.fold_seeds(p) if default else 1
    p = replace(p, quantity="ATE")
    fits = primary.fit_line(p, seed, seeds)
    own = primary.line_primary(p, fits, level)
    if default:
        main = from_primary(p, "plr", own, level)
    elif method == "auto":
        main = specification.unadjusted(p, level)
    else:
        main = by_method(p, method, level, seed)
    problems = _problems(p, fits)
    note = "assumes a straight line: the same effect for every step of the treatment"
    main = replace(main, supported=not problems, note="; ".join((note, *problems)))
    rest = specification.curve(p, level, seed, leave_out=(main.method,))
    estimates = (
        main,
        *nuisance_classes(p, "plr", own, level),
        *rest.estimates,
        *specification.unadjusted_beside(p, main, level),
    )
    bend = curvature(p.Y, p.T, fits[0]["stack"])
    said = [f"The effect of {p.treatment} is taken as a straight line over its whole range."]
    if abs(bend) > CURVED:
        said.append(
            f"The data bend: a squared term of {p.treatment} has t = {bend:.1f}; read the line as an average."
        )
    shape = dose.dose_response(p, seed, level)
    findings = (*said, *problems, *rest.skipped)
    return Work(p, estimates, tables=shape, findings=findings, seeds=seeds)


def _problems(p: Prepared, fits: primary.LineFits) -> tuple[str, ...]:
    """Why the data hardly support the line, one sentence for each reason."""
    out = []
    low, high = float(p.T.min()), float(p.T.max())
    for value in (as_number(p.contrast.control), as_number(p.contrast.treated)):
        if value is not None and not low <= value <= high:
            out.append(f"{p.treatment} = {value:g} lies outside the data ({low:g} to {high:g})")
    unexplained = plr_slope(p.Y, p.T, fits[0]["stack"]).unexplained
    if unexplained < NOTHING_LEFT:
        raise DataError(
            f"the controls determine {p.treatment} almost completely",
            "leave out controls that are copies or consequences of the treatment",
        )
    if unexplained < UNEXPLAINED:
        out.append(f"the controls leave only {unexplained:.1%} of the variance of {p.treatment}")
    return tuple(out)
