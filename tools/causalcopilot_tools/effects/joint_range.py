"""What several treatments set together may do where a graph's open edges leave it unidentified (joint IDA)."""

from __future__ import annotations

from causalcopilot.domain.effect_range import EffectRange, PossibleEffect
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.identification import Controls, Identification
from causalcopilot.errors import CcpError, NotApplicable
from causalcopilot.graph.formats import to_dagitty
from causalcopilot.graph.joint import JointWay, joint_ways
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import RangeResult, Table
from causalcopilot_tools.effects import graphical
from causalcopilot_tools.effects.contrast import choose_contrast
from causalcopilot_tools.effects.designs.joint_rows import Arrays, arrays, half_width
from causalcopilot_tools.effects.designs.jointly import answer_of
from causalcopilot_tools.effects.designs.posed import Posed
from causalcopilot_tools.effects.designs.set_together import Together, together_of
from causalcopilot_tools.effects.range_facts import format_of, range_facts

LEVEL = 0.95


def joint_range(context: Context, treatment: str, outcome: str, graph: StoredGraph) -> RangeResult:
    """The range over the class of what the question's treatments, set together, do to the outcome.

    Raises:
        NotApplicable: no open edge, too many members, or none that is identified.
    """
    if graph.graph.kind not in ("cpdag", "pag"):
        raise NotApplicable(f"{graph.id} leaves no edge open", "ask for the effect itself")
    column = context.profile.column(treatment)
    posed = Posed(context, column, outcome, choose_contrast(column, None, None), None, graph)
    asked = together_of(posed)
    seen = graphical.view(graph, context.profile, treatment, outcome)
    ways, open_edges = joint_ways(seen.graph, asked.names, outcome)
    if not ways:
        raise NotApplicable(
            f"{graph.id} leaves too many edges open to list what they allow",
            "settle some of them: an order of the columns, or forbidden and required edges",
        )
    made, unit, skipped = _effects(context, posed, asked, ways)
    if not made:
        raise NotApplicable(
            "in no graph of the class is it told what they do together", "measure more of the common causes"
        )
    ranged = EffectRange(
        treatment,
        outcome,
        graph.id,
        min(e.low for e in made),
        max(e.high for e in made),
        made[0].value,
        made[-1].value,
        LEVEL,
        unit,
        tuple(made),
        open_edges,
        sum(w.unknown for w in ways),
        asked.names[1:],
    )
    return RangeResult(
        f"between {ranged.low:.3g} and {ranged.high:.3g} over {len(made)} joint effects that the class allows",
        _facts(ranged, asked),
        tables=(_table(ranged, asked),),
        findings=(*seen.findings, *skipped, *asked.findings),
        range=ranged,
    )


def _effects(
    context: Context, posed: Posed, asked: Together, ways: tuple[JointWay, ...]
) -> tuple[list[PossibleEffect], str, tuple[str, ...]]:
    """Every way's estimate, lowest first; the unit of the outcome; and why others could not be made."""
    made, skipped, unit = [], [], context.profile.column(asked.outcome).unit
    known: dict[object, PossibleEffect] = {}
    for way in ways:
        if way.zero:
            made.append(PossibleEffect(way.points, (), True, 0.0, 0.0, 0.0, tuple(0.0 for _ in asked.names)))
        elif not way.unknown:
            key = (way.held, way.equations)
            try:
                if key not in known:
                    a = arrays(context, as_if_identified(posed, asked, way))
                    unit, known[key] = a.prepared.unit, _estimated(a, way)
            except CcpError as error:
                skipped.append(
                    f"with {', '.join(way.held or ()) or 'the equations between'}: {error.message}"
                )
                continue
            one = known[key]
            made.append(PossibleEffect(way.points, one.held, False, one.value, one.low, one.high, one.parts))
    return sorted(made, key=lambda e: e.value), unit, tuple(dict.fromkeys(skipped))


def _estimated(a: Arrays, way: JointWay) -> PossibleEffect:
    j = answer_of(a)
    half = half_width(a.prepared, LEVEL) * j.std_error
    held = way.held or tuple(dict.fromkeys(v for v, _ in way.equations[:-1]))
    return PossibleEffect(
        way.points, held, False, j.value, j.value - half, j.value + half, tuple(float(p) for p in j.parts)
    )


def as_if_identified(posed: Posed, asked: Together, way: JointWay) -> Identification:
    """The effect under one member of the class."""
    route = "equations" if way.held is None else "held"
    design = (("route", route), *((("graph", to_dagitty(way.graph)),) if way.held is None else ()))
    return Identification(
        "assumed",
        "Joint Intervention",
        "ATE",
        "all units in the table",
        asked.names,
        (asked.outcome,),
        posed.chosen.type,
        asked.contrasts[0],
        Controls(way.held or ()),
        design=design,
        basis="discovered",
        contrasts=asked.contrasts,
    )


def _facts(r: EffectRange, asked: Together) -> tuple[Fact, ...]:
    spec = format_of(r)
    facts = range_facts(r, f"joint effect of {asked.said} on {r.outcome}")
    for i, (name, c) in enumerate(zip(asked.names, asked.contrasts, strict=True)):
        parts = [e.parts[i] for e in r.effects]
        words = f"what {name} adds, the others set, "
        facts += [
            Fact(f"range.part.{i + 1}", name, "one of the columns set together", subject=name),
            Fact(f"range.part.{i + 1}.control", c.control, f"{name} compared from", subject=name),
            Fact(f"range.part.{i + 1}.treated", c.treated, f"{name} compared to", subject=name),
            Fact(f"range.part.{i + 1}.low", min(parts), f"{words}at the least", r.unit, r.outcome, spec),
            Fact(f"range.part.{i + 1}.high", max(parts), f"{words}at the most", r.unit, r.outcome, spec),
        ]
    return tuple(facts)


def _table(r: EffectRange, asked: Together) -> Table:
    rows: list[tuple[Scalar, ...]] = [
        (
            ", ".join(e.points) or "as it stands",
            ", ".join(e.held) or "nothing",
            *e.parts,
            e.value,
            e.low,
            e.high,
        )
        for e in r.effects
    ]
    heads = ("if", "held", *asked.names, "all together", "low", "high")
    return Table("effect_range", "Joint effects that the open edges allow", heads, tuple(rows))
