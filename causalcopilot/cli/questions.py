"""From flags and words to the question a command asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from causalcopilot.domain.comma_list import split_list
from causalcopilot.domain.designs import design_of
from causalcopilot.domain.question import Contrast, Design, Question, QuestionKind
from causalcopilot.errors import NotApplicable, UsageError

if TYPE_CHECKING:
    from causalcopilot.agent.case import Case


def effect_question(
    treatment: str | None,
    outcome: str | None,
    *,
    start: str | None = None,
    to: str | None = None,
    controls: str | None = None,
    quantity: str | None = None,
    design: str = "auto",
    method: str = "auto",
    assume: bool = False,
    **fields: Any,
) -> Question:
    """The question a command's flags ask; refuses half a contrast and designs that do not exist."""
    if (start is None) != (to is None):
        raise UsageError(
            "--from and --to go together", "give both treatment values, for example --from 0 --to 1"
        )
    name = quantity.upper() if quantity else None
    if name not in (None, "ATE", "ATT", "ATC"):
        raise UsageError(f"--quantity {quantity!r} is not a quantity", "quantities: ATE, ATT, ATC")
    kind: QuestionKind = "effect" if treatment and outcome else "explore"
    if fields.get("mediator"):
        kind = "mediation"
    return Question(
        kind,
        treatment=treatment,
        outcome=outcome,
        contrast=Contrast(_scalar(start), _scalar(to)) if start is not None and to is not None else None,
        controls=None if controls is None else split_list(controls),
        quantity=name,  # type: ignore[arg-type]
        design=design_named(design),
        method=method,
        assume=assume,
        **fields,
    )


def design_named(name: str) -> Design:
    """The design of ``--design``; raises ``UsageError`` where there is none of that name."""
    designs: tuple[Design, ...] = get_args(Design)
    for design in designs:
        if design == name:
            return design
    raise UsageError(f"--design {name!r} is not a design", f"designs: {', '.join(designs)}")


def _scalar(text: str) -> float | int | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def types_of(given: Sequence[str] | None) -> dict[str, Any]:
    """``--type COL=TYPE`` pairs; raises ``UsageError`` where a type does not exist."""
    from typing import get_args

    from causalcopilot.domain.knowledge import ColumnType

    pairs = {}
    for item in given or ():
        name, equals, kind = item.rpartition("=")
        if not equals or kind not in get_args(ColumnType):
            raise UsageError(f"--type {item!r} is not COL=TYPE", f"types: {', '.join(get_args(ColumnType))}")
        pairs[name] = kind
    return pairs


def not_over_time(question: Question) -> Question:
    """The question, unless it asks for an effect between steps in time, which is not offered, or of half a design."""
    if question.kind != "effect":
        return question
    named = question.design in ("did", "panel") and not (question.time and question.unit)
    if question.time and not question.unit and not named:
        raise NotApplicable(
            "effects over time are not estimated here (--time)",
            "ccp discover takes --time for a graph over time; a panel needs --time and --unit",
        )
    if not named:  # what a panel, or before and after, lacks is looked for in the table
        design_of(question)
    return question


def with_text(base: Question) -> Callable[[Case], Question]:
    """A question in plain words, understood once the table is open; flags win over words."""

    def build(case: Case) -> Question:
        from causalcopilot.agent.language.intent import parse_question

        spoken = parse_question(base.text, case.profile, case.knowledge)
        kind = spoken.kind
        if kind == "unclear" and base.treatment and base.outcome:
            kind = "effect"
        asked = replace(
            spoken,
            kind=kind,
            time=base.time or spoken.time,
            treatment=base.treatment or spoken.treatment,
            outcome=base.outcome or spoken.outcome,
            contrast=base.contrast or spoken.contrast,
            controls=base.controls if base.controls is not None else spoken.controls,
            quantity=base.quantity or spoken.quantity,
            design=base.design if base.design != "auto" else spoken.design,
            instrument=base.instrument or spoken.instrument,
            running=base.running or spoken.running,
            cutoff=base.cutoff if base.cutoff is not None else spoken.cutoff,
            method=base.method if base.method != "auto" else spoken.method,
            assume=base.assume,
            unit=base.unit or spoken.unit,
            mediator=base.mediator or spoken.mediator,
            cluster=base.cluster or spoken.cluster,
            weights=base.weights or spoken.weights,
            event=base.event or spoken.event,
            horizon=base.horizon if base.horizon is not None else spoken.horizon,
            negative_controls=base.negative_controls or spoken.negative_controls,
            modifiers=base.modifiers or spoken.modifiers,
            among=() if base.modifiers and spoken.among[:1] != base.modifiers[:1] else spoken.among,
        )
        return not_over_time(asked)

    return build


def no_half_effect(base: Question) -> Callable[[Case], Question] | Question:
    """The question of ``analyze`` without words: a treatment alone, or an outcome alone, is no effect and no survey."""
    if bool(base.treatment) == bool(base.outcome):
        return base
    missing, flag = ("an outcome", "-y") if base.treatment else ("a treatment", "-t")

    def build(case: Case) -> Question:
        asked = case.knowledge.question
        if not ((base.treatment or asked.treatment) and (base.outcome or asked.outcome)):
            raise UsageError(
                f"{base.treatment or base.outcome!r} alone is no effect: {missing} is missing",
                f"name it with {flag}; or name neither, to explore",
            )
        return base

    return build


def must_be_effect(base: Question) -> Callable[[Case], Question] | Question:
    """The question of ``estimate``: treatment and outcome from the flags or from the knowledge, never absent."""
    if base.treatment and base.outcome:
        return base

    def build(case: Case) -> Question:
        asked = case.knowledge.question
        if not ((base.treatment or asked.treatment) and (base.outcome or asked.outcome)):
            raise UsageError("estimate needs a treatment and an outcome", "name them with -t and -y")
        return base

    return build
