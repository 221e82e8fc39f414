"""When the design or the user settles the controls: randomisation, and adjustment sets that are insisted on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from causalcopilot.domain.identification import Assumption, Controls, Excluded
from causalcopilot.domain.profile import ColumnProfile
from causalcopilot.graph.stored import StoredGraph
from causalcopilot_tools.effects import assumptions as say
from causalcopilot_tools.effects import controls as columns
from causalcopilot_tools.effects import doubts, graphical
from causalcopilot_tools.effects.asked import Argument, Asked, against_graph, refuse

KNOW_THE_ORDER = (
    "give a graph, or a knowledge file that says which columns come before the treatment",
    "randomise the treatment",
)


def randomised(asked: Asked) -> Argument:
    """Randomisation identifies; controls only sharpen the interval, so only safe ones enter."""
    t, y = asked.treatment, asked.outcome
    notes: tuple[str, ...] = ()
    forced: tuple[Excluded, ...] = ()
    if asked.controls is not None:
        forced = _bad_by_role(asked, asked.controls)
        used = _without(columns.others(asked.profile, t, y), asked.controls)
        controls = Controls((), asked.controls, tuple(Excluded(n, "not asked for") for n in used) + forced)
    elif columns.knows_order(asked.knowledge, t):
        known = columns.role_controls(asked.profile, asked.knowledge, t, y)
        controls = Controls((), known.minimal, known.forbidden)
    else:
        reason = "not known to come before the treatment; randomisation does not need it"
        controls = Controls(
            (), (), tuple(Excluded(c.name, reason) for c in columns.others(asked.profile, t, y))
        )
        notes = ("no columns are known to come before the treatment, so none is used for precision",)
    vouched = say.voucher(asked.knowledge) if asked.knowledge.question.design == "rct" else "the question"
    chance = Assumption("randomisation", True, f"stated by {vouched}; the check random_draw tests it")
    return Argument(
        "identified",
        "design",
        controls,
        "RCT",
        (chance, *say.standard(), *_forced_assumption(forced)),
        design=_forced_design(forced),
        findings=notes,
    )


def chosen(asked: Asked) -> Argument:
    """The user's own adjustment set: used as given, checked against the graph or the roles, flagged where bad."""
    assert asked.controls is not None
    used, rest = (
        asked.controls,
        _without(columns.others(asked.profile, asked.treatment, asked.outcome), asked.controls),
    )
    left = tuple(Excluded(n, "not among the requested controls") for n in rest)
    if asked.given is not None:
        return _chosen_against_graph(asked, asked.given, left)
    forced = _bad_by_role(asked, used)
    before = columns.earlier_columns(asked.knowledge, asked.treatment)
    vouched = columns.knows_order(asked.knowledge, asked.treatment) and before.issuperset(used)
    against = () if vouched else doubts.of_learned(asked, used)
    notes = tuple(
        f"{n} comes before the treatment according to {say.voucher(asked.knowledge)}, but is not adjusted for"
        for n in rest
        if n in before
    )
    notes += tuple(f"{e.name} is held because it was asked for, but {e.reason}" for e in against)
    return Argument(
        "identified" if vouched and not forced else "assumed",
        "controls",
        Controls(used, (), forced + left),
        assumptions=(*_named_by_hand(asked, used, vouched), *say.standard(), *_forced_assumption(forced)),
        would_help=() if vouched else KNOW_THE_ORDER,
        design=_forced_design(forced),
        findings=notes,
        doubts=against,
    )


def _named_by_hand(asked: Asked, used: tuple[str, ...], vouched: bool) -> tuple[Assumption, ...]:
    """Choosing controls is not knowing where they stand: without an order nobody vouches that they do no harm."""
    if vouched:
        who = say.voucher(asked.knowledge)
        return (
            say.unconfounded(
                f"untestable; whoever chose the controls vouches for it, and {who} for their order"
            ),
        )
    what = "nothing known says that they come before the treatment" if used else "no order is known"
    return (
        say.unconfounded("untestable; whoever chose the controls takes it on"),
        Assumption("controls_before_treatment", False, f"the controls were named by hand, and {what}"),
    )


def _chosen_against_graph(asked: Asked, stored: StoredGraph, left: tuple[Excluded, ...]) -> Argument:
    assert asked.controls is not None
    view = graphical.view(stored, asked.profile, asked.treatment, asked.outcome)
    judged = graphical.judge(view, asked.controls)
    base = Argument(
        "identified",
        "controls",
        Controls(asked.controls, (), judged.forced + left),
        assumptions=(
            say.unconfounded("untestable; follows from the given graph and the requested controls"),
            Assumption("graph_correct", False, "whoever drew the graph vouches for it"),
            *say.standard(),
        ),
        graph=stored.id or None,
        findings=view.findings,
    )
    if judged.valid:
        return base
    if judged.forced:
        base = replace(
            base,
            status="assumed",
            assumptions=base.assumptions + _forced_assumption(judged.forced),
            design=_forced_design(judged.forced),
        )
        if not judged.open_path:
            return base
    if asked.assume:
        return against_graph(base, judged.open_path)
    return refuse(base, judged.open_path, graphical.helps(view, judged.open_path))


def _bad_by_role(asked: Asked, used: Iterable[str]) -> tuple[Excluded, ...]:
    """Requested controls that the knowledge says cannot be controls."""
    known, treated = asked.knowledge, asked.knowledge.column(asked.treatment)
    bad = []
    for name in used:
        column = known.column(name)
        if column is None or (column.role is None and column.tier is None) or column.role == "pre_treatment":
            continue
        reason = columns.role_reason(column, treated)
        if reason and not reason.startswith("no role given"):
            bad.append(Excluded(name, f"{reason}; used because it was asked for"))
    return tuple(bad)


def _forced_design(forced: Iterable[Excluded]) -> tuple[tuple[str, str], ...]:
    return tuple(("forced_bad_control", e.name) for e in forced)


def _forced_assumption(forced: tuple[Excluded, ...]) -> tuple[Assumption, ...]:
    if not forced:
        return ()
    told = "; ".join(f"{e.name}: {e.reason}" for e in forced)
    return (Assumption("forced_controls", False, told),)


def _without(profiled: Iterable[ColumnProfile], used: Iterable[str]) -> tuple[str, ...]:
    taken = set(used)
    return tuple(c.name for c in profiled if c.name not in taken)
