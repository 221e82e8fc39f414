"""Which design beyond adjustment a question asks for, read from its flags alone."""

from __future__ import annotations

from typing import Literal

from causalcopilot.domain.identification import Strategy
from causalcopilot.domain.question import Question
from causalcopilot.errors import NotApplicable, UsageError

Beyond = Literal["iv", "rd", "did"]

STRATEGIES: dict[Beyond, Strategy] = {
    "iv": "Instrumental Variable",
    "rd": "Regression Discontinuity",
    "did": "Difference-in-Differences",
}
"""The strategy of each design that is offered."""
NOT_YET = {
    "sc": "synthetic control",
    "panel": "a panel design",
}
"""Designs that a question may name and this version does not offer."""
OFFERED = "available: adjustment, rct, iv (--instrument), rd (--running, --cutoff) and did (--time, --unit)"


def design_of(question: Question) -> Beyond | None:
    """The design beyond adjustment that the question asks for, or ``None``.

    ``auto`` follows the flags: an instrument, a running variable, or a time and unit column.

    Raises:
        NotApplicable: a design that is not offered.
        UsageError: flags of two designs, of another design than the one named, or half of a pair.
    """
    if question.design in NOT_YET:
        raise NotApplicable(f"{NOT_YET[question.design]} is not offered yet", OFFERED)
    flagged = _flagged(question)
    named: Beyond | None = question.design if question.design in STRATEGIES else None
    if question.design != "auto":
        other = [flags for design, flags in flagged.items() if design != named]
        if other:
            raise UsageError(f"--design {question.design} does not use {other[0]}", OFFERED)
    elif len(flagged) > 1:
        raise UsageError(f"{' and '.join(flagged.values())} belong to different designs", "choose one design")
    design = named or next(iter(flagged), None)
    _check_complete(design, question)
    return design


def asks_for_design(question: Question) -> bool:
    """Whether any flag or name points beyond adjustment; never raises."""
    return bool(_flagged(question)) or question.design in STRATEGIES


def instruments_of(question: Question) -> tuple[str, ...]:
    """The named instruments, in order."""
    return tuple(n.strip() for n in (question.instrument or "").split(",") if n.strip())


def _flagged(question: Question) -> dict[Beyond, str]:
    """Each design that a flag belongs to, with those flags."""
    q, found = question, dict[Beyond, str]()
    if instruments_of(q):
        found["iv"] = "--instrument"
    if q.running or q.cutoff is not None:
        found["rd"] = "--running and --cutoff"
    if q.time or q.unit:
        found["did"] = "--time and --unit"
    return found


def _check_complete(design: Beyond | None, question: Question) -> None:
    if design == "rd" and (not question.running or question.cutoff is None):
        raise UsageError(
            "a regression discontinuity needs --running and --cutoff",
            "name the running variable and the value at which the treatment changes",
        )
    if design == "did" and not (question.time and question.unit):
        raise UsageError(
            "difference-in-differences needs --time and --unit",
            "name both columns; leave both out to treat rows as independent",
        )
