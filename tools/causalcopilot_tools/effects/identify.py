"""``identify``: who is adjusted for, on whose word, and when the answer is no."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from causalcopilot.domain.designs import IN_PANELS, Beyond, design_of
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.identification import Assumption, Identification
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import ColumnProfile
from causalcopilot.domain.question import Quantity, Question
from causalcopilot.domain.verdict import decide
from causalcopilot.errors import ColumnNotFound, DataError, NotApplicable, nearest
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import IdentifyResult, Table
from causalcopilot.toolkit.tool import Card, Column, Columns, GraphRef, Value, tool
from causalcopilot_tools.effects.argument import argue
from causalcopilot_tools.effects.asked import Argument, Asked
from causalcopilot_tools.effects.assumptions import OF_DESIGNS, WORDS, of_rows
from causalcopilot_tools.effects.contrast import Chosen, choose_contrast, same_in_all
from causalcopilot_tools.effects.designs.detected import (
    Detected,
    crossed_with,
    detect,
    keys_of,
    panel_keys,
    unvouched,
)
from causalcopilot_tools.effects.designs.dispatch import IDENTIFY
from causalcopilot_tools.effects.designs.posed import Posed
from causalcopilot_tools.effects.graphical import from_text
from causalcopilot_tools.effects.survival import event_of

OUTCOME_TYPES = ("binary", "count", "continuous")


@tool(
    group="effects",
    where="parent",
    card=Card(
        assumes=(
            "the graph, roles or controls given are right; without any of them the answer is an assumption only",
        ),
        data="the profile and what is known; the rows are not read",
        cost="milliseconds",
        source="Perković et al. (2018) for graphs; VanderWeele (2019) for roles",
    ),
)
def identify(
    context: Context,
    treatment: Column,
    outcome: Column,
    graph: GraphRef | None = None,
    control_value: Value = None,
    treated_value: Value = None,
    quantity: Literal["auto", "ATE", "ATT", "ATC"] = "auto",
    controls: Columns | None = None,
    assume: bool = False,
) -> IdentifyResult:
    """Decide who is adjusted for to read an effect as causal, or refuse and say why.

    An instrument, a cutoff or a panel that the question names is its own argument; columns that it sets together
    with the treatment are read as one move, for which others have to be held than for the treatment alone.  Otherwise
    a graph that a person gave decides first, then roles and tiers in the knowledge, then a learned graph.
    With none of them every usable column is a control under an assumption that nobody vouches for.

    Args:
        treatment: column that would be set.
        outcome: column that would respond.
        graph: remembered graph to read; a learned one only counts where no person has spoken.
        control_value: treatment value to compare with.
        treated_value: treatment value of interest.
        quantity: average effect in all units (ATE), in the treated (ATT) or in the untreated (ATC).
        controls: adjustment set to use as it is; leave out to have it chosen.
        assume: take the assumption of no unmeasured common cause where the graph withholds it.
    """
    question, known = context.question, context.knowledge
    _check_columns(context, (treatment, outcome, *(controls or ())))
    if treatment == outcome:
        raise NotApplicable("treatment and outcome are the same column", "name two different columns")
    treated, responds = context.profile.column(treatment), context.profile.column(outcome)
    _check_outcome(responds)
    own = known.question.treatment in (None, treatment) and known.question.outcome in (None, outcome)
    asked_of_data = Knowledge() if not own else known
    chosen = choose_contrast(treated, *_asked_values(question, asked_of_data, control_value, treated_value))
    insisted = controls if controls is not None else question.controls
    if insisted is not None:
        _check_columns(context, insisted)
        insisted = tuple(dict.fromkeys(c for c in insisted if c not in (treatment, outcome)))
    given, learned = _graphs(known, graph)
    posed = Posed(context, treated, outcome, chosen, insisted, given, learned)
    free = given is None and insisted is None and not assume and not _randomised(question, asked_of_data)
    shown = _shown(posed, free)
    if shown is not None:
        question = shown.question
        chosen = replace(chosen, findings=(*chosen.findings, shown.told))
        posed = replace(posed, chosen=chosen, context=replace(context, question=question))
    design = design_of(question)
    if design is not None:
        posed = _as_number(
            posed, design, _asked_values(question, asked_of_data, control_value, treated_value)
        )
        chosen = posed.chosen
        by_design = IDENTIFY[design](posed)
        argued = _with_rows(by_design.identification, context)
        argued = argued if shown is None else unvouched(argued, shown)
        told = by_design.findings if argued.contrasts else chosen.findings + by_design.findings
        made = _result(argued, treated, told, by_design.open_class)
        seen = (
            Fact("design_seen", shown.told, "what in the table shows the design")
            if shown is not None
            else None
        )
        return made if seen is None else replace(made, facts=(*made.facts, seen))
    wanted = _quantity(quantity, question, asked_of_data, chosen)
    argument = argue(
        Asked(
            context.profile,
            known,
            treatment,
            outcome,
            insisted,
            given,
            learned,
            assume or question.assume,
            _randomised(question, asked_of_data),
        )
    )
    if argument.strategy in ("Front-Door", "General Identification") and wanted != "ATE":
        raise NotApplicable(
            f"{argument.strategy} identifies the ATE here, and not the {wanted}", "ask for the ATE"
        )
    found = _with_rows(_identification(argument, wanted, treated, outcome, chosen), context)
    return _result(found, treated, chosen.findings + argument.findings, argument.open_class)


def _as_number(posed: Posed, design: Beyond, asked: tuple[Scalar, Scalar]) -> Posed:
    """A treatment of few ordered numbers as a number, where the design compares no levels but follows a slope."""
    column, chosen = posed.treatment, posed.chosen
    levels = chosen.type == "categorical" and column.storage == "number" and column.type == "ordinal"
    if not levels or design not in ("iv", *IN_PANELS):
        return posed
    number = choose_contrast(replace(column, type="count"), *asked)
    told = tuple(f for f in chosen.findings if "is compared with" not in f)
    return replace(posed, chosen=replace(number, findings=(*told, *number.findings)))


def _shown(posed: Posed, free: bool) -> Detected | None:
    """The design that the table shows, where nobody named one that is complete; a panel that is named lacks columns."""
    q = posed.context.question
    if q.design == "panel" and not (q.unit and q.time):
        return _named_panel(posed)
    if q.design == "did" and not (q.unit or q.time):
        return _named_did(posed)
    if (
        q.design == "did"
        and q.time
        and not q.unit
        and posed.chosen.type == "binary"
        and q.time != posed.treatment.name
    ):
        told = f"{posed.treatment.name} marks the group, and {q.time} the time from which on it was reached"
        return Detected(replace(q, unit=posed.treatment.name), told, vouched=True)
    if (
        not free
        or q.design != "auto"
        or design_of(q) is not None
        or posed.context.knowledge.question.design != "auto"
    ):
        return None
    return detect(posed)


def _named_panel(posed: Posed) -> Detected | None:
    """Unit effects that were named without a unit, a time or both: what the table shows fills the gaps."""
    q = posed.context.question
    keys = keys_of(posed.context, (posed.treatment.name, posed.outcome), unit=q.unit, time=q.time)
    if keys is None:
        return None
    told = f"read as a panel of {keys[0]} by {keys[1]}, because fixed effects were named"
    return Detected(replace(q, unit=keys[0], time=keys[1]), told, vouched=True)


def _named_did(posed: Posed) -> Detected | None:
    """Difference-in-differences that was named without its columns: a product of two marks, else a panel."""
    q = posed.context.question
    parts = crossed_with(posed)
    if parts is not None:
        group, period = parts
        told = f"read as {group} before and after {period}, because difference-in-differences was named"
        return Detected(replace(q, unit=group, time=period), told, vouched=True)
    keys = panel_keys(posed)
    if keys is None:
        return None
    told = f"read as a panel of {keys[0]} by {keys[1]}, because difference-in-differences was named"
    return Detected(replace(q, unit=keys[0], time=keys[1]), told, vouched=True)


# --- what is asked ----------------------------------------------------------------------------------------


def _check_columns(context: Context, names: tuple[str, ...]) -> None:
    for name in names:
        if name not in context.profile.names:
            like = nearest(name, context.profile.names)
            raise ColumnNotFound(
                f"there is no column {name!r}",
                f"did you mean {', '.join(like)}?" if like else "see: ccp data show",
            )


def _check_outcome(column: ColumnProfile) -> None:
    if column.type == "constant" or column.distinct < 2:
        raise DataError(
            f"the outcome {column.name} {same_in_all(column)}",
            "there is nothing to explain; use another column",
        )
    numeric = column.type == "ordinal" and column.storage == "number"
    if column.type not in OUTCOME_TYPES and not numeric:
        raise NotApplicable(
            f"the outcome {column.name} is of type {column.type}, which has no average",
            "use a number or a column with two values; a knowledge file can correct the type",
        )


def _asked_values(
    question: Question, known: Knowledge, control: Scalar, treated: Scalar
) -> tuple[Scalar, Scalar]:
    """The contrast by authority: the call, the question, the knowledge."""
    if control is not None or treated is not None:
        return control, treated
    if question.contrast is not None and (
        question.contrast.control is not None or question.contrast.treated is not None
    ):
        return question.contrast.control, question.contrast.treated
    return known.question.control_value, known.question.treated_value


def _quantity(asked: str, question: Question, known: Knowledge, chosen: Chosen) -> Quantity:
    wanted: Quantity = question.quantity or known.question.quantity or "ATE"
    if asked in ("ATE", "ATT", "ATC"):
        wanted = asked  # type: ignore[assignment]
    if chosen.type == "continuous" and wanted != "ATE":
        raise NotApplicable(
            f"{wanted} needs a treatment with groups, and this one is a number",
            "ask for the ATE",
        )
    return wanted


def _randomised(question: Question, known: Knowledge) -> bool:
    return question.design == "rct" or (question.design == "auto" and known.question.design == "rct")


def _graphs(known: Knowledge, graph: StoredGraph | None) -> tuple[StoredGraph | None, StoredGraph | None]:
    """The graph a person gave, and the learned one; a graph in the call goes before the knowledge's."""
    learned = graph if graph is not None and graph.learned else None
    if graph is not None and learned is None:
        return graph, None
    return (from_text(known.graph) if known.graph.strip() else None), learned


# --- what is answered -------------------------------------------------------------------------------------


def _identification(
    argument: Argument, quantity: Quantity, treated: ColumnProfile, outcome: str, chosen: Chosen
) -> Identification:
    refused = argument.status == "not_identified"
    return Identification(
        status=argument.status,
        strategy=None if refused else argument.strategy,
        quantity=quantity,
        population=_population(quantity, treated.name, chosen),
        treatments=(treated.name,),
        outcomes=(outcome,),
        treatment_type=chosen.type,
        contrast=chosen.contrast,
        controls=argument.controls,
        design=argument.design,
        assumptions=argument.assumptions,
        alternatives=argument.alternatives,
        blocking_path=argument.blocking_path,
        would_help=argument.would_help,
        graph=argument.graph,
        basis=argument.basis,
        doubts=argument.doubts,
    )


def _with_rows(found: Identification, context: Context) -> Identification:
    """The same argument with what it assumes of the rows."""
    more = of_rows(context.profile, found.outcomes[0])
    if event := event_of(context, found.outcomes[0]):
        told = f"not testable here; {event} says whose time was cut short, not why"
        more += (Assumption("independent_censoring", False, told),)
    return replace(found, assumptions=(*found.assumptions, *more))


def _population(quantity: Quantity, treatment: str, chosen: Chosen) -> str:
    if quantity == "ATT":
        return f"units with {treatment} = {chosen.contrast.treated}"
    if quantity == "ATC":
        return f"units with {treatment} = {chosen.contrast.control}"
    return "all units in the table"


def _result(
    found: Identification, treated: ColumnProfile, findings: tuple[str, ...], open_class: str = ""
) -> IdentifyResult:
    refused = found.status == "not_identified"
    verdict = decide(found, None, (), None).verdict if refused else None
    facts = (*_head(found, treated), *_control_facts(found), *_word_facts(found))
    if open_class:
        facts += (Fact("range.graph", open_class, "graph whose open edges leave a range of effects"),)
    if verdict is not None:
        facts += (
            Fact("verdict", verdict.value, "verdict"),
            Fact("direction", verdict.direction, "direction of the effect"),
        )
    used = len(found.controls.used)
    left = sum(e.name not in found.controls.used for e in found.controls.forbidden)
    summary = (
        f"not identified: {' '.join(found.blocking_path) or 'no valid adjustment set'}"
        if refused
        else f"{found.status} by {found.basis}: {used} control{'s' * (used != 1)}, {left} left out"
    )
    return IdentifyResult(
        summary, facts, tables=(_table(found),), findings=findings, identification=found, verdict=verdict
    )


def _head(found: Identification, treated: ColumnProfile) -> tuple[Fact, ...]:
    t, y = found.treatments[0], found.outcomes[0]
    unit = treated.unit if found.treatment_type == "continuous" else ""
    return (
        Fact("status", found.status, f"whether the effect of {found.cause} on {y} is identified"),
        Fact("strategy", found.strategy or "none", "identification strategy"),
        Fact("quantity", found.quantity, "causal quantity"),
        Fact("population", found.population, "population"),
        Fact("basis", found.basis, "whose word the choice of controls rests on"),
        Fact("treatment_type", found.treatment_type, "how the treatment is read", subject=t),
        Fact("contrast.control", found.contrast.control, f"value of {t} compared with", unit, t),
        Fact("contrast.treated", found.contrast.treated, f"value of {t} of interest", unit, t),
        Fact("graph", found.graph, "graph it was read from"),
    )


def _control_facts(found: Identification) -> tuple[Fact, ...]:
    used = found.controls.used
    left = tuple(e for e in found.controls.forbidden if e.name not in used)
    forced = tuple(e for e in found.controls.forbidden if e.name in used)
    facts = [
        Fact("controls", len(used), "number of controls", format=",d"),
        Fact("excluded", len(left), "number of columns that are not controls", format=",d"),
    ]
    facts += [Fact(f"instrument.{i}", z, "instrument", subject=z) for i, z in enumerate(found.instruments, 1)]
    facts += [Fact(f"control.{i}", name, "control", subject=name) for i, name in enumerate(used, 1)]
    for i, e in enumerate(left, 1):
        facts.append(Fact(f"excluded.{i}", e.name, "not a control", subject=e.name))
        facts.append(Fact(f"excluded.{i}.reason", e.reason, f"why {e.name} is not a control", subject=e.name))
    for i, e in enumerate(forced, 1):
        facts.append(Fact(f"forced.{i}", e.name, "control used against advice", subject=e.name))
        facts.append(Fact(f"forced.{i}.reason", e.reason, f"why {e.name} should not be one", subject=e.name))
    for i, e in enumerate(found.doubts, 1):
        facts.append(
            Fact(f"doubted.{i}", e.name, "control that the learned graph speaks against", subject=e.name)
        )
        facts.append(Fact(f"doubted.{i}.reason", e.reason, f"what it says of {e.name}", subject=e.name))
    return tuple(facts)


def _word_facts(found: Identification) -> tuple[Fact, ...]:
    facts = []
    for i, a in enumerate(found.assumptions, 1):
        facts.append(Fact(f"assumption.{i}", WORDS.get(a.name, a.name), "assumption", subject=a.name))
        facts.append(Fact(f"assumption.{i}.evidence", a.evidence, "what speaks for it", subject=a.name))
        facts.append(
            Fact(f"assumption.{i}.testable", a.testable, "whether the data can test it", subject=a.name)
        )
    own = [a for a in found.assumptions if a.name in OF_DESIGNS]
    facts += [
        Fact(f"rests_on.{i}", WORDS[a.name], "what the design rests on", subject=a.name)
        for i, a in enumerate(own, 1)
    ]
    facts.append(Fact("blocking_path", " ".join(found.blocking_path), "open path that is not causal"))
    facts += [Fact(f"would_help.{i}", h, "what would help") for i, h in enumerate(found.would_help, 1)]
    return tuple(facts)


def _table(found: Identification) -> Table:
    rows: list[tuple[Scalar, ...]] = [(c, "control", "") for c in found.controls.minimal]
    rows += [(c, "control, for precision", "") for c in found.controls.optional]
    rows += [(z, "instrument", "") for z in found.instruments]
    rows += [
        (e.name, "left out" if e.name not in found.controls.used else "flagged", e.reason)
        for e in found.controls.forbidden
    ]
    return Table("controls", "Who is adjusted for", ("column", "use", "reason"), tuple(rows))
