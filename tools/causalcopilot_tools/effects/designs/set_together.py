"""Which treatments a question sets together, and between which values each is moved."""

from __future__ import annotations

from dataclasses import dataclass

from causalcopilot.domain.profile import ColumnProfile
from causalcopilot.domain.question import Contrast
from causalcopilot.errors import NotApplicable, UsageError
from causalcopilot_tools.effects.contrast import choose_contrast
from causalcopilot_tools.effects.designs.posed import Posed

MOST = 5
"""Most columns set together: with more, hardly a row is near the setting."""


@dataclass(frozen=True)
class Together:
    """What is set together, and how.

    Attributes:
        names: the treatments, in the order they were named; ``outcome``: what responds.
        contrasts: one for each.
        findings: what had to be chosen.
    """

    names: tuple[str, ...]
    outcome: str
    contrasts: tuple[Contrast, ...]
    findings: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The treatments in words."""
        return f"{', '.join(self.names[:-1])} and {self.names[-1]}"


def together_of(posed: Posed) -> Together:
    """The treatments of the question, each with the values it is moved between.

    Raises:
        UsageError: the outcome among them, too many, or a column that cannot be moved so.
        NotApplicable: a column with several levels that have no order.
    """
    q = posed.context.question
    names = tuple(dict.fromkeys((posed.treatment.name, *q.together)))
    posed.check(*names)
    if posed.outcome in names:
        raise UsageError(f"{posed.outcome!r} is the outcome; only causes can be set", "name other columns")
    if not 2 <= len(names) <= MOST:
        raise UsageError(
            f"{len(names)} columns are set together, and two to {MOST} can be", "name two different columns"
        )
    contrasts: list[Contrast] = []
    told: list[str] = []
    for name in names:
        made, findings = _contrast(posed, posed.context.profile.column(name))
        contrasts.append(made)
        told += findings
    if q.quantity not in (None, "ATE"):
        told.append(f"The {q.quantity} was asked for; what columns do together is told for all units (ATE).")
    return Together(names, posed.outcome, tuple(contrasts), tuple(told))


def _contrast(posed: Posed, column: ColumnProfile) -> tuple[Contrast, tuple[str, ...]]:
    q, shift = posed.context.question, posed.context.question.shift
    asked = (q.contrast.control, q.contrast.treated) if q.contrast else (None, None)
    chosen = choose_contrast(column, *asked)
    if chosen.type == "categorical":
        raise NotApplicable(
            f"{column.name} has several levels, and columns that are set together must be numbers or have two",
            f"say that {column.name} is a number (--type {column.name}=continuous), or cut it into two levels",
        )
    if shift is None:
        return chosen.contrast, chosen.findings
    if chosen.type == "binary":
        if abs(shift) != 1:
            raise UsageError(
                f"{column.name} has two values and cannot be moved by {shift:g}", "leave the size out"
            )
        c = chosen.contrast
        return (c if shift > 0 else Contrast(c.treated, c.control)), chosen.findings
    start = choose_contrast(column, None, None).contrast.control
    assert isinstance(start, int | float)
    return Contrast(start, float(f"{start + shift:.12g}")), ()
