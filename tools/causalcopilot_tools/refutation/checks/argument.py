"""What was asked for against advice, where the contrast lies, and whether the fits ended well."""

from __future__ import annotations

from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.refutation.material import Material

TROUBLE = ("converge", "singular", "did not settle")
"""Words by which a finding of the estimate tells of numerical trouble."""


def forced_bad_controls(m: Material) -> tuple[Check, ...]:
    """Controls that were asked for although they bias the answer; those a learned graph doubts are told."""
    forced = [value for name, value in m.identification.design if name == "forced_bad_control"]
    doubted = [f"{d.name}: {d.reason}" for d in m.identification.doubts if d.name not in forced]
    detail = f"adjusted for because it was asked for: {', '.join(forced)}" if forced else "none"
    if doubted:
        detail = "; ".join(([detail] if forced else []) + doubted)
    status: CheckStatus = "fail" if forced else "warn" if doubted else "pass"
    return (Check("forced_bad_controls", "diagnostic", status, float(len(forced)), 0.0, True, detail),)


def extrapolation(m: Material) -> tuple[Check, ...]:
    """Whether both treatment values lie within the observed range (a number) or occur at all (levels)."""
    import numpy as np

    p = m.prepared
    if not m.continuous:
        return (
            Check("extrapolation", "diagnostic", "pass", 0.0, 0.0, True, "both values occur in the table"),
        )
    ends = [float(str(v)) for v in (p.contrast.control, p.contrast.treated)]
    low, high = float(p.T.min()), float(p.T.max())
    inner = np.quantile(p.T, [0.01, 0.99])
    beyond = sum(not low <= v <= high for v in ends)
    rare = sum(not inner[0] <= v <= inner[1] for v in ends)
    status: CheckStatus = "fail" if beyond else "warn" if rare else "pass"
    where = (
        "outside the observed range"
        if beyond
        else "among the rarest values"
        if rare
        else "within the usual range"
    )
    detail = f"the compared values of {p.treatment} lie {where}"
    return (Check("extrapolation", "diagnostic", status, float(beyond), 0.0, True, detail),)


def convergence(m: Material) -> tuple[Check, ...]:
    """Numerical trouble that the estimate reported."""
    said = [f for f in m.result.findings if any(word in f.lower() for word in TROUBLE)]
    status: CheckStatus = "warn" if said else "pass"
    detail = said[0] if said else "no fit reported trouble"
    return (Check("convergence", "diagnostic", status, float(len(said)), 0.0, True, detail),)
