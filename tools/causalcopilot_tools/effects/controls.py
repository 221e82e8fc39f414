"""Who may be a control when no graph decides: roles, tiers, or nothing at all."""

from __future__ import annotations

from collections.abc import Mapping

from causalcopilot.domain.identification import Controls, Excluded
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot_tools.effects.dated import too_late

MOSTLY_MISSING = 0.5
"""A column with a larger share of missing values is no default control: complete rows would be too few."""
LEAKAGE = "leakage"
"""Code of the profile's notice on columns that may be the outcome in disguise."""

ROLE_REASONS: Mapping[str | None, str] = {
    "post_treatment": "measured after the treatment",
    "mediator": "lies on the way from treatment to outcome",
    "identifier": "names the row",
    "instrument": "moves the treatment only; adjusting for it loses precision and can add bias",
    "time": "marks time",
    "unit": "names the unit",
    "cluster": "names the group that rows belong to",
    "weight": "is a sampling weight",
    "event": "says whether the outcome's event was seen",
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
    return bool(earlier_columns(knowledge, treatment))


def speaks_of(knowledge: Knowledge, treatment: str) -> bool:
    """Whether the roles are about this treatment: "before the treatment" says nothing about another one's causes."""
    about = {*knowledge.with_role("treatment"), knowledge.question.treatment} - {None}
    known = knowledge.column(treatment)
    other = known is not None and known.role == "pre_treatment"
    return knowledge.has_roles and (treatment in about if about else not other)


def role_controls(profile: Profile, knowledge: Knowledge, treatment: str, outcome: str) -> Controls:
    """All pre-treatment columns as controls; every other column with its reason."""
    before, roles_hold = earlier_columns(knowledge, treatment), speaks_of(knowledge, treatment)
    used, left = [], []
    for column in others(profile, treatment, outcome):
        known, target = knowledge.column(column.name), knowledge.column(treatment)
        reason = role_reason(known, target, roles_hold)
        if column.name in before:
            reason = unusable(column, allow_dates=True)
        if column.name in before and not reason:
            used.append(column.name)
        else:
            left.append(Excluded(column.name, reason))
    return Controls(tuple(used), (), tuple(left))


def role_reason(
    known: ColumnKnowledge | None, treatment: ColumnKnowledge | None, roles_hold: bool = True
) -> str:
    """Why the knowledge keeps a column out of the controls; empty where it is a pre-treatment column."""
    if roles_hold and known is not None and known.role == "pre_treatment":
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
    said = {**too_late(profile.names, treatment, outcome), **computed(profile, treatment, outcome)}
    used, left = [], []
    for column in others(profile, treatment, outcome):
        reason = _default_reason(column, profile, knowledge, effects, leaks, said) or _later(
            knowledge, column.name, treatment
        )
        if reason:
            left.append(Excluded(column.name, reason))
        else:
            used.append(column.name)
    return Controls(tuple(used), (), tuple(left))


def leakage(profile: Profile, treatment: str, outcome: str) -> Mapping[str, str]:
    """Columns that (nearly) restate the treatment or the outcome, and which of the two."""
    found: dict[str, str] = {}
    for notice in profile.notices:
        if notice.code == LEAKAGE:
            found.update({name: "outcome" for name in notice.columns if name not in (treatment, outcome)})
    for group in profile.collinear:
        for target, word in ((treatment, "treatment"), (outcome, "outcome")):
            if target in group:
                found.update({name: word for name in group if name not in (treatment, outcome)})
    return found


def computed(profile: Profile, treatment: str, outcome: str) -> Mapping[str, str]:
    """Columns that were computed from the treatment or the outcome, or the outcome from them, each with its reason.

    Held, they say the treatment or the outcome over again; what a treatment of two values is a cut or a level of is
    that treatment in finer detail, and no value of it holds both.  A time from which on something was so is none of
    them, nor are the two whose product a treatment is: their own effects must be held.
    """
    found: dict[str, str] = {}
    for target, word in ((treatment, "treatment"), (outcome, "outcome")):
        of_target = [m for m in profile.made if m.name == target and not profile.of_time(m.parts[0])]
        bases = {m.parts[0] for m in of_target if m.how == "function"}
        for base in (target, *sorted(bases)):
            for name in sorted(profile.made_from(base)):
                found.setdefault(
                    name,
                    f"was computed from {base}, as the {word} was"
                    if base != target
                    else f"was computed from the {word}",
                )
        parts = [n for m in of_target if m.how != "product" or target == outcome for n in m.parts]
        for name in parts:
            found.setdefault(name, f"the {word} was computed from it")
    return {name: reason for name, reason in found.items() if name not in (treatment, outcome)}


def _default_reason(
    column: ColumnProfile,
    profile: Profile,
    knowledge: Knowledge,
    effects: frozenset[str],
    leaks: Mapping[str, str],
    said: Mapping[str, str],
) -> str:
    known = knowledge.column(column.name)
    if known is not None and known.role in ROLE_REASONS:
        return role_reason(known, None)
    if unusable(column):
        return unusable(column)
    if column.name in said:
        return said[column.name]
    if column.name in leaks:
        return f"nearly restates the {leaks[column.name]}"
    if column.name in effects:
        return "the learned graph says it is an effect of treatment or outcome"
    if column.missing > MOSTLY_MISSING * max(profile.rows, 1):
        return "more than half of its values are missing"
    return ""


def _later(knowledge: Knowledge, name: str, treatment: str) -> str:
    """The reason when the given order puts a column after the treatment."""
    known, target = knowledge.column(name), knowledge.column(treatment)
    if known is None or target is None or known.tier is None or target.tier is None:
        return ""
    return "comes after the treatment in the given order" if known.tier > target.tier else ""


def earlier_columns(knowledge: Knowledge, treatment: str) -> frozenset[str]:
    """Columns known to come before this treatment: by their role, or by a lower tier where no role says otherwise."""
    target = knowledge.column(treatment)
    named = knowledge.with_role("pre_treatment") if speaks_of(knowledge, treatment) else ()
    if target is None or target.tier is None:
        return frozenset(named)
    return frozenset(named).union(
        c.name
        for c in knowledge.columns
        if c.role in (None, "pre_treatment") and c.tier is not None and c.tier < target.tier
    )
