"""What a verdict's rule is, and all that it may look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from causalcopilot.domain.estimate import Check, CheckStatus, Estimate, Sensitivity, VerdictValue
from causalcopilot.domain.identification import Identification


@dataclass(frozen=True)
class Case:
    """All that a rule may look at."""

    identification: Identification | None
    estimate: Estimate | None
    checks: tuple[Check, ...]
    sensitivity: Sensitivity | None

    def named(self, name: str) -> tuple[Check, ...]:
        """Checks of this name; ``negative_control_outcome:re75`` belongs to ``negative_control_outcome``."""
        return tuple(c for c in self.checks if c.name.split(":")[0] == name)

    def has(self, name: str, *statuses: CheckStatus) -> bool:
        """Whether a check of this name that counts ended in one of these statuses."""
        return any(c.can_lower_verdict and c.status in statuses for c in self.named(name))


@dataclass(frozen=True)
class Rule:
    """One declared rule.

    Attributes:
        code: one word, the fact ``reason``.
        lowers_to: the verdict when it applies and no earlier rule does.
        applies: predicate on the case; pure.
        reason: one sentence for a reader; ``{treatment}``, ``{outcome}``, ``{benchmark}``, ``{check}`` are filled.
        next: what to do about it.
        source: where the rule comes from.
    """

    code: str
    lowers_to: VerdictValue
    applies: Callable[[Case], bool]
    reason: str
    next: str
    source: str
