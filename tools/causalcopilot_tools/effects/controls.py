"""Who may be a control when no graph decides: roles, tiers, or nothing at all."""

from __future__ import annotations

from collections.abc import Mapping

from causalcopilot.domain.identification import Controls, Excluded
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile

MOSTLY_MISSING = 0.5
"""A column with a larger share of missing values is no default control: complete rows would be too few."""
LEAKS = ("leak", "copy", "determin", "derived")
"""Parts of notice codes by which the profile marks columns that restate the treatment or the outcome."""

ROLE_REASONS: Mapping[str | None, str] = {
    "post_treatment": "measured after the treatment",
    "mediator": "lies on the way from treatment to outcome",
    "identifier": "names the row",
    "instrument": "moves the treatment only; adjusting for it loses precision and can add bias",
    "time": "marks time",
    "unit": "names the unit",
    "weight": "is a sampling weight",
    "negative_control_outcome": "kept aside to test the adjustment: the treatment cannot change it",
    "excluded": "left out by the knowledge",
    "treatment": "another treatment",
    "outcome": "another outcome",
}
TYPE_REASONS: Mapping[str, str] = {
    "constant": "never varies",
    "identifier": "names the row",
    "date": "is a date",
    "text": "is free text",
}


def unusable(column: ColumnProfile, allow_dates: bool = False) -> str:
    """Why a column cannot enter a regression at all, or an empty text."""
    if column.type == "constant" or column.distinct < 2:
        return TYPE_REASONS["constant"]
    return "" if allow_dates and column.type == "date" else TYPE_REASONS.get(column.type, "")


def others(profile: Profile, treatment: str, outcome: str) -> tuple[ColumnProfile, ...]:
    """All columns but the treatment and the outcome, in table order."""
    return tuple(c for c in profile.columns if c.name not in (treatment, outcome))


def knows_order(knowledge: Knowledge, treatment: str) -> bool:
    """Whether roles or tiers say which columns come before this treatment."""
    return knowledge.has_roles or bool(_earlier(knowledge, treatment))


def role_controls(profile: Profile, knowledge: Knowledge, treatment: str, outcome: str) -> Controls:
    """All pre-treatment columns as controls; every other column with its reason."""
    earlier = _earlier(knowledge, treatment)
    used, left = [], []
    for column in others(profile, treatment, outcome):
        known = knowledge.column(column.name)
        before = (known is not None and known.role == "pre_treatment") or column.name in earlier
        reason = (
            unusable(column, allow_dates=True) if before else role_reason(known, knowledge.column(treatment))
        )
        if before and not reason:
            used.append(column.name)
        else:
            left.append(Excluded(column.name, reason))
    return Controls(tuple(used), (), tuple(left))


def role_reason(known: ColumnKnowledge | None, treatment: ColumnKnowledge | None) -> str:
    """Why the knowledge keeps a column out of the controls; empty where it is a pre-treatment column."""
    if known is not None and known.role == "pre_treatment":
        return ""
    if known is not None and known.role in ROLE_REASONS:
        plain = ROLE_REASONS[known.role]
        return f"{plain}: {known.reason}" if known.reason else plain
    tier = known.tier if known is not None else None
    if tier is not None and treatment is not None and treatment.tier is not None:
        if tier > treatment.tier:
            return "comes after the treatment in the given order"
        if tier == treatment.tier:
            return "has the treatment's place in the given order, so it may be its effect"
        return ""
    return (
        known.reason if known is not None else ""
    ) or "no role given: not known to come before the treatment"


def default_controls(
    profile: Profile,
    knowledge: Knowledge,
    treatment: str,
    outcome: str,
    effects: frozenset[str] = frozenset(),
) -> Controls:
    """With nothing known: every usable column, but those that cannot be controls on their face.

    Args:
        effects: columns that a learned graph makes definite effects of the treatment.
    """
    leaks = leakage(profile, treatment, outcome)
    used, left = [], []
    for column in others(profile, treatment, outcome):
        reason = _default_reason(column, profile, knowledge, effects, leaks)
        if reason:
            left.append(Excluded(column.name, reason))
        else:
            used.append(column.name)
    return Controls(tuple(used), (), tuple(left))


def leakage(profile: Profile, treatment: str, outcome: str) -> Mapping[str, str]:
    """Columns that (nearly) restate the treatment or the outcome, and which of the two."""
    found: dict[str, str] = {}
    groups = [tuple(g) for g in profile.collinear]
    groups += [n.columns for n in profile.notices if any(part in n.code for part in LEAKS)]
    for group in groups:
        for target, word in ((treatment, "treatment"), (outcome, "outcome")):
            if target in group:
                found.update({name: word for name in group if name not in (treatment, outcome)})
    return found


def _default_reason(
    column: ColumnProfile,
    profile: Profile,
    knowledge: Knowledge,
    effects: frozenset[str],
    leaks: Mapping[str, str],
) -> str:
    known = knowledge.column(column.name)
    if known is not None and known.role in ROLE_REASONS:
        return role_reason(known, None)
    if unusable(column):
        return unusable(column)
    if column.name in leaks:
        return f"nearly restates the {leaks[column.name]}"
    if column.name in effects:
        return "an effect of the treatment in the learned graph"
    if column.missing > MOSTLY_MISSING * max(profile.rows, 1):
        return "more than half of its values are missing"
    return ""


def _earlier(knowledge: Knowledge, treatment: str) -> tuple[str, ...]:
    """Columns whose tier lies before the treatment's and whose role does not say otherwise."""
    target = knowledge.column(treatment)
    if target is None or target.tier is None:
        return ()
    return tuple(
        c.name for c in knowledge.columns if c.role is None and c.tier is not None and c.tier < target.tier
    )
