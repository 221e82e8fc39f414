"""A value put in a person's mouth: ``price = 5`` becomes the effect of going there from where the data are."""

from __future__ import annotations

from dataclasses import replace

from causalcopilot.agent.language.said import Said
from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.profile import ColumnProfile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import UsageError


def set_to(said: Said, column: str, text: str, start: str | None = None) -> Question:
    """The effect, on the outcome in question, of setting ``column`` to a value.

    The value compared with is the one given, else that of the last question about the same column, else the
    other label of a two-valued column, else the column's mean.

    Args:
        said: the last question; its outcome is the one asked about.
        column: column that is set.
        text: value it is set to, as typed.
        start: value compared with, as typed.

    Raises:
        UsageError: no outcome is known, the column is the outcome, or the value is not one it has.
    """
    from causalcopilot.agent.language.contrasts import read_value

    asked = said.question
    outcome = asked.outcome or said.knowledge.question.outcome
    if outcome is None:
        raise UsageError("setting a value needs an outcome", "ask about an effect first: effect of A on B")
    if column == outcome:
        raise UsageError(f"{column!r} is the outcome; only a cause can be set", "set another column")
    profile = said.profile.column(column)
    value = _known(profile, _coded(said, column, read_value(text)))
    if asked.kind in ("what_if", "counterfactual") and start is None:
        return replace(asked, treatment=column, contrast=Contrast(None, value), shift=None, factor=None)
    same = asked.kind == "effect" and asked.treatment == column
    before = said.contrast if same else None
    control = (
        _known(profile, _coded(said, column, read_value(start)))
        if start is not None
        else _start(profile, value, before)
    )
    if control == value:
        raise UsageError(f"{column} stays at {value}, so there is nothing to compare", "give another value")
    plain = Question("effect", treatment=column, outcome=outcome)
    base = replace(asked, closed=False, expects=0, modifiers=()) if same else plain
    return replace(base, contrast=Contrast(control, value))


def _coded(said: Said, column: str, value: Scalar) -> Scalar:
    """The code that a word for a value stands for in this column: 1 for "female" where the meaning says so."""
    from causalcopilot.agent.language.levels import level_named

    meant = level_named(value, said.profile, said.knowledge) if isinstance(value, str) else None
    return _number(meant[1]) if meant and meant[0] == column else value


def _start(profile: ColumnProfile, value: Scalar, before: Contrast | None) -> Scalar:
    """Where the comparison starts."""
    labels = [_number(label) for label, _ in profile.levels]
    if profile.type == "binary" and len(labels) == 2:
        return next(label for label in labels if label != value)
    if before is not None and before.control != value:
        return before.control
    if profile.mean is not None and profile.type in ("continuous", "count"):
        mean = float(f"{profile.mean:.3g}")
        return int(mean) if mean.is_integer() else mean
    others = [label for label in labels if label != value]
    if not others:
        raise UsageError(f"{profile.name} has no other value to compare with", "give both: from A to B")
    return others[0]


def _known(profile: ColumnProfile, value: Scalar) -> Scalar:
    """The value as the column writes it; ``UsageError`` where it has labels and this is none of them."""
    if profile.type not in ("binary", "nominal") or not profile.levels:
        if isinstance(value, str):
            raise UsageError(f"{profile.name} is a number, and {value!r} is none", "give a number")
        return value
    for label, _ in profile.levels:
        if _number(label) == value or label.lower() == str(value).lower():
            return _number(label)
    labels = ", ".join(label for label, _ in profile.levels[:8])
    raise UsageError(f"{profile.name} has no value {value!r}", f"values: {labels}")


def _number(label: str) -> Scalar:
    from causalcopilot.agent.language.contrasts import read_value

    return read_value(label)
