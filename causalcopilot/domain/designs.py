"""Which design beyond adjustment a question asks for, read from its flags alone."""

from __future__ import annotations

from typing import Literal

from causalcopilot.domain.identification import Strategy
from causalcopilot.domain.question import Question
from causalcopilot.errors import UsageError

Beyond = Literal["iv", "rd", "did", "sc", "panel", "mediation", "joint"]

STRATEGIES: dict[Beyond, Strategy] = {
    "iv": "Instrumental Variable",
    "rd": "Regression Discontinuity",
    "did": "Difference-in-Differences",
    "sc": "Synthetic Control",
    "panel": "Panel Fixed Effects",
    "mediation": "Mediation",
    "joint": "Joint Intervention",
}
"""The strategy of each design that is offered."""
IN_PANELS: tuple[Beyond, ...] = ("did", "sc", "panel")
"""Designs that need a time and a unit column; ``did`` stands for all of them where none is named."""
PANEL_WORDS = {"did": "difference-in-differences", "sc": "synthetic control", "panel": "a panel design"}
OFFERED = (
    "available: adjustment, rct, iv (--instrument), rd (--running, --cutoff), "
    "and did, sc and panel (--time, --unit)"
)


def design_of(question: Question) -> Beyond | None:
    """The design beyond adjustment that the question asks for, or ``None``.

    ``auto`` follows the flags: an instrument, a running variable, or a time and unit column (``did``, which the
    way the treatment runs through the panel may turn into another design).

    Raises:
        UsageError: flags of two designs, of another design than the one named, or half of a pair.
    """
    flagged = _flagged(question)
    named: Beyond | None = question.design if question.design in STRATEGIES else None
    if question.design != "auto":
        other = [
            flags
            for design, flags in flagged.items()
            if design != named and not {design, named} <= {*IN_PANELS}
        ]
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


def same_design(a: Question, b: Question) -> bool:
    """Whether two questions ask for the same design on the same rows: else no estimate of one answers the other."""
    return _setting(a) == _setting(b)


def _setting(q: Question) -> tuple[object, ...]:
    return (
        q.design, instruments_of(q), q.running, q.cutoff, q.time, q.unit, q.cluster, q.weights, q.event, q.horizon,
        frozenset(q.negative_controls), q.mediator, frozenset((q.treatment, *q.together)) if q.together else None,
    )  # fmt: skip


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
    if q.mediator:
        found["mediation"] = "--mediator"
    if q.together:
        found["joint"] = "setting several columns together"
    if q.time:  # a unit alone names what rows belong to: a cluster
        found["did"] = "--time and --unit"
    return found


def _check_complete(design: Beyond | None, question: Question) -> None:
    if design == "rd" and (not question.running or question.cutoff is None):
        raise UsageError(
            "a regression discontinuity needs --running and --cutoff",
            "name the running variable and the value at which the treatment changes",
        )
    if design in IN_PANELS and not (question.time and question.unit):
        raise UsageError(
            f"{PANEL_WORDS[design]} needs --time and --unit",
            "name both columns; leave both out to treat rows as independent",
        )
