"""The checks without which nothing is called supported, by design."""

from __future__ import annotations

from causalcopilot.domain.rule import Case

CORE = ("placebo_treatment", "precision")
"""Checks without which no adjustment and no trial is supported; ``core_checks`` adds to them."""
DESIGN_CORE: dict[str, tuple[str, ...]] = {
    "Instrumental Variable": ("precision", "weak_instrument", "anderson_rubin"),
    "Difference-in-Differences": ("precision", "earlier_trends"),
    "Regression Discontinuity": ("precision", "density", "bandwidth"),
    "Synthetic Control": ("precision", "fit_before", "placebo_units"),
    "Panel Fixed Effects": ("precision", "next_period"),
    "Mediation": ("precision", "mediation_overlap", "mediation_sensitivity"),
    "Joint Intervention": ("precision", "joint_support", "joint_sensitivity", "joint_lines"),
    "Front-Door": ("precision", "mediators_moved"),
    "General Identification": ("precision",),
}
"""The checks of each design beyond adjustment without which nothing is supported."""


def core_checks(case: Case) -> tuple[str, ...]:
    """Checks that must have given an answer before anything is called supported."""
    by_design = DESIGN_CORE.get((case.identification.strategy if case.identification else None) or "")
    if by_design:
        return by_design
    overlap = "support" if _continuous(case) else "overlap"
    return CORE + ((overlap,) if _randomised(case) else (overlap, "sensitivity"))


def core_missing(case: Case) -> bool:
    """Whether one of them was skipped, or gave no answer."""
    return not all(_answered(case, name) for name in core_checks(case))


def _answered(case: Case, name: str) -> bool:
    """Whether the check spoke; ``info`` is an answer where there was nothing to compare with (no controls)."""
    return case.has(name, "pass", "warn", "fail", "info")


def _continuous(case: Case) -> bool:
    return case.identification is not None and case.identification.treatment_type == "continuous"


def _randomised(case: Case) -> bool:
    return case.identification is not None and case.identification.strategy == "RCT"
