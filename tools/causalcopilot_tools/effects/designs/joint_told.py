"""What is told of several treatments set together: facts, tables and findings; no numbers are made here."""

from __future__ import annotations

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.thresholds import JOINT_WARN
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.effects.designs import joint
from causalcopilot_tools.effects.designs.joint_rows import Arrays, half_width


def facts(a: Arrays, j: joint.Joint, plain: Estimate, level: float) -> tuple[Fact, ...]:
    """The parts of the answer, with what setting them together adds to their sum; and the unadjusted number."""
    p, half = a.prepared, half_width(a.prepared, level)
    facts = [
        Fact("joint", len(a.names), "columns set together", format="d"),
        Fact("route", a.route, "whether columns are held, or the equations between are fitted"),
        Fact(
            "unadjusted", plain.value, f"{p.outcome} by {p.treatment}, adjusted for nothing: an association",
            p.unit, p.outcome, ",.3g", plain.low, plain.high,
        ),
    ]  # fmt: skip
    for i, (name, c, value, error) in enumerate(
        zip(a.names, a.contrasts, j.parts, j.part_errors, strict=True), 1
    ):
        ends = float(value - half * error), float(value + half * error)
        others = (
            "the others held where they start" if len(a.names) > 2 else f"{_other(a, i)} held where it starts"
        )
        facts += [
            Fact(f"part.{i}", name, "one of the columns set together", subject=name),
            Fact(f"part.{i}.control", c.control, f"{name} compared from", subject=name),
            Fact(f"part.{i}.treated", c.treated, f"{name} compared to", subject=name),
            Fact(
                f"part.{i}.effect", float(value), f"effect of {name} on {p.outcome}, {others}", p.unit, p.outcome,
                ",.3g", *ends,
            ),
        ]  # fmt: skip
    if a.crossed:
        extra = float(j.value - j.parts.sum())
        error = joint.error_of(j.influence - j.part_influences.sum(axis=1), j.clusters)
        facts.append(
            Fact(
                "extra", extra, "what setting them together adds to the sum of their own effects", p.unit, p.outcome,
                ",.3g", extra - half * error, extra + half * error,
            )
        )  # fmt: skip
    return tuple(facts)


def _other(a: Arrays, i: int) -> str:
    return next(n for k, n in enumerate(a.names, 1) if k != i)


def interaction_facts(
    a: Arrays, pairs: tuple[joint.Interaction, ...], p_value: float, level: float
) -> tuple[Fact, ...]:
    """How much the effect of each differs by another."""
    if not pairs:
        return ()
    p, half = a.prepared, half_width(a.prepared, level)
    facts = [Fact("interaction.p_value", p_value, "p value that none of them interacts", format=".3g")]
    differ = "yes" if p_value < JOINT_WARN else "no"
    facts.append(Fact("interacting", differ, "whether the effect of one differs by another"))
    for k, x in enumerate(pairs, 1):
        scale = _steps(a)[x.first] * _steps(a)[x.second]
        value, error = x.value * scale, x.std_error * abs(scale)
        one, other = a.names[x.first], a.names[x.second]
        more = f"how much more {one} does to {p.outcome} once {other} has been moved"
        facts += [
            Fact(f"interaction.{k}", f"{one} and {other}", "two columns that may interact"),
            Fact(f"interaction.{k}.first", one, "column whose effect may differ", subject=one),
            Fact(f"interaction.{k}.second", other, "column it may differ by", subject=other),
            Fact(
                f"interaction.{k}.more", value, more, p.unit, p.outcome, ",.3g",
                value - half * error, value + half * error,
            ),
        ]  # fmt: skip
    return tuple(facts)


def _steps(a: Arrays) -> list[float]:
    return [float(s) for s in a.moves.high - a.moves.low]


def table(a: Arrays, j: joint.Joint, level: float) -> Table:
    """What each does, the others held, and all together."""
    half = half_width(a.prepared, level)
    rows: list[tuple[Scalar, ...]] = [
        (name, c.control, c.treated, float(v), float(v - half * e), float(v + half * e))
        for name, c, v, e in zip(a.names, a.contrasts, j.parts, j.part_errors, strict=True)
    ]
    error = half * j.std_error
    rows.append(("all together", "", "", j.value, j.value - error, j.value + error))
    heads = ("set", "from", "to", "effect, the others held", "low", "high")
    return Table("joint", f"What {a.prepared.treatment} do to {a.prepared.outcome}", heads, tuple(rows))


def pair_tables(a: Arrays, pairs: tuple[joint.Interaction, ...]) -> tuple[Table, ...]:
    """The pairs that may interact."""
    if not pairs:
        return ()
    rows: list[tuple[Scalar, ...]] = []
    for x in pairs:
        scale = _steps(a)[x.first] * _steps(a)[x.second]
        rows.append(
            (a.names[x.first], a.names[x.second], x.value * scale, x.std_error * abs(scale), x.p_value)
        )
    heads = ("column", "differs by", "more after both steps", "standard error", "p value")
    return (Table("joint_interactions", "Whether the effect of one differs by another", heads, tuple(rows)),)


def said(a: Arrays) -> tuple[str, ...]:
    """What the number assumes of its shape."""
    if a.crossed:
        return ()
    return (
        f"The number assumes that {a.prepared.outcome} is a straight line in each of {a.prepared.treatment}.",
    )


def interacting(a: Arrays, pairs: tuple[joint.Interaction, ...], p_value: float) -> tuple[str, ...]:
    """The pairs that interact, told."""
    if not pairs or not p_value < JOINT_WARN:
        return ()
    worst = min(pairs, key=lambda x: x.p_value)
    one, other = a.names[worst.first], a.names[worst.second]
    return (f"The effect of {one} on {a.prepared.outcome} differs by {other} (p = {p_value:.2g}).",)
