"""The mediation design: whether the graph or the roles let the effect be split at a mediator, and its two parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.identification import Alternative, Assumption, Controls, Excluded, Identification
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.question import Quantity
from causalcopilot.errors import DataError, NotApplicable, UsageError
from causalcopilot.graph.graph import Graph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.effects import controls as columns
from causalcopilot_tools.effects import specification
from causalcopilot_tools.effects.assumptions import standard, voucher
from causalcopilot_tools.effects.coding import as_number
from causalcopilot_tools.effects.designs import mediation
from causalcopilot_tools.effects.designs.posed import Identified, Posed, design_value
from causalcopilot_tools.effects.refit import Prepared, outcome_bounds, prepare_with
from causalcopilot_tools.effects.work import Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CLEAR = 3.0
"""Standard errors by which the total effect must differ from zero for the indirect share of it to be told."""


HOPELESS = 0.9
"""Share of rows whose treatment the mediator gives away from which there is nothing to split."""
EVEN = 0.9
"""Share of the rows that weights must leave (Kish 1965) for the multiply robust interval to be told without a caution.

At .78 it covers too seldom (``tests/benchmarks/drawn_coverage.py``), at one it covers; between was not measured.
"""
COVERAGE = 0.92
"""Share of simulated draws, with weights that leave .78 of the rows, in which the 95 % interval covered."""


# --- identification ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Split:
    """What a graph says of splitting an effect at a mediator.

    Attributes:
        controls: columns that block what confounds treatment, mediator and outcome; ``None`` where none do.
        path: what stays open.
        why: in words.
    """

    controls: tuple[str, ...] | None
    path: tuple[str, ...] = ()
    why: str = ""


def split_in_graph(graph: Graph, t: str, m: str, y: str, usable: tuple[str, ...]) -> Split:
    """Natural effects by adjustment in a DAG or ADMG (Shpitser and VanderWeele 2011, Pearl 2014).

    No column caused by the treatment may be needed to separate mediator and outcome: if one is, the two parts are
    not identified whatever is measured.  Separators are looked for among measured ancestors, which hold one if any
    exists (van der Zander, Liskiewicz and Textor 2019).

    Raises:
        NotApplicable: the graph has undirected or circle marks, or the mediator does not lie between the two.
    """
    if graph.kind not in ("dag", "admg"):
        raise NotApplicable(
            f"a {graph.kind} leaves open what comes after what, and mediation needs to know",
            "give a graph whose edges are all directed",
        )
    below = {n: _reached(graph, n) for n in (t, m)}
    if m not in below[t] or y not in below[m]:
        raise NotApplicable(f"in the graph {m} does not lie between {t} and {y}", "name another mediator")
    above = {n for n in graph.observed if {t, m, y} & _reached(graph, n)} - {t, m, y}
    held = tuple(c for c in usable if c in above and c not in below[t])
    for cause, effect, given in ((t, m, held), (t, y, held), (m, y, (t, *held))):
        path = _open(graph, cause, effect, given)
        if path is not None:
            return Split(None, path, _why(graph, t, m, y, path, below[t]))
    return Split(held)


def _reached(graph: Graph, start: str) -> set[str]:
    """Everything a directed path leads to from here."""
    found: set[str] = set()
    todo = [start]
    while todo:
        here = todo.pop()
        for e in graph.edges:
            for a, b, at_a, at_b in (
                (e.source, e.target, e.source_mark, e.target_mark),
                (e.target, e.source, e.target_mark, e.source_mark),
            ):
                if a == here and at_a == "tail" and at_b == "arrow" and b not in found:
                    found.add(b)
                    todo.append(b)
    return found


def _open(graph: Graph, cause: str, effect: str, given: tuple[str, ...]) -> tuple[str, ...] | None:
    """A path that is open although everything that leaves the cause is cut."""
    from causalcopilot.graph.separation import open_path

    kept = tuple(
        e
        for e in graph.edges
        if not (
            (e.source == cause and e.source_mark == "tail") or (e.target == cause and e.target_mark == "tail")
        )
    )
    return open_path(replace(graph, edges=kept), cause, effect, given)


def _why(graph: Graph, t: str, m: str, y: str, path: tuple[str, ...], after: set[str]) -> str:
    caused = [n for n in path[2:-1:2] if n in after and n not in (m, y)]
    if caused:
        return (
            f"{caused[0]} is caused by {t} and confounds {m} and {y}: then the direct and the indirect effect are not "
            "identified, whatever is measured"
        )
    hidden = [n for n in path[2:-1:2] if n in graph.latents]
    return f"measure {hidden[0]}" if hidden else f"measure what joins {path[0]} and {path[-1]}"


def identify_mediation(posed: Posed) -> Identified:
    """Can the effect be split into what goes through the mediator and what does not?"""
    t, y, m = posed.treatment.name, posed.outcome, posed.context.question.mediator
    assert m is not None
    posed.check(m)
    if m in (t, y):
        raise UsageError("treatment and outcome cannot be the mediator", "name another column")
    if posed.chosen.type == "categorical":
        raise NotApplicable(f"{t} has more than two levels", "compare two levels, or use a number")
    kind = posed.context.profile.column(m)
    if kind.distinct > 2 and (kind.storage == "text" or kind.type == "nominal"):
        raise NotApplicable(
            f"the mediator {m} has more than two levels, and they have no order",
            "use a number or a two-valued column; a knowledge file can say that its levels have an order",
        )
    profile, known = posed.context.profile, posed.context.knowledge
    if m in columns.earlier_columns(known, t):
        raise NotApplicable(
            f"{m} comes before {t} according to {voucher(known)}, so nothing that {t} does can go through it",
            "name a column that was measured after the treatment",
        )
    others = tuple(c.name for c in columns.others(profile, t, y) if c.name != m and not columns.unusable(c))
    findings: tuple[str, ...] = ()
    if posed.graph is not None and posed.controls is None:
        split = split_in_graph(posed.graph.graph, t, m, y, others)
        if split.controls is None:
            return Identified(_refused(posed, m, split))
        used, basis, status = split.controls, "graph", "identified"
    elif posed.controls is not None:
        used, basis = tuple(c for c in posed.controls if c not in (t, m, y)), "controls"
        first = columns.earlier_columns(known, t).issuperset(used)
        status = "identified" if first and _said_after(known, t, m) else "assumed"
    elif columns.knows_order(known, t):
        told = columns.role_controls(profile, known, t, y)
        used, basis = tuple(c for c in told.used if c != m), "roles"
        status = "identified" if _said_after(known, t, m) else "assumed"
    else:
        used = tuple(c for c in columns.default_controls(profile, known, t, y).used if c != m)
        basis, status = "none", "assumed"
        findings = (f"Nobody says what comes before {t}: every other usable column is held, by assumption.",)
    who = (
        voucher(known) if basis in ("graph", "roles") else "the question" if basis == "controls" else "nobody"
    )
    found = Identification(
        status,  # type: ignore[arg-type]
        "Mediation",
        "NIE",
        "all units in the table",
        (t,),
        (y,),
        posed.chosen.type,
        posed.chosen.contrast,
        controls=Controls(
            used,
            (),
            tuple(Excluded(c, "not held in this split") for c in others if c not in used),
        ),
        design=(("mediator", m),),
        assumptions=_assumptions(t, m, y, who, who if status == "identified" else "nobody"),
        alternatives=(
            Alternative("Conditional Exogeneity", f"gives the whole effect, not the part through {m}"),
        ),
        graph=posed.graph.id if posed.graph is not None and basis == "graph" else None,
        basis=basis,  # type: ignore[arg-type]
    )
    return Identified(found, findings)


def _said_after(known: Knowledge, t: str, m: str) -> bool:
    """Whether the knowledge says that the mediator comes after the treatment."""
    column, target = known.column(m), known.column(t)
    if column is None:
        return False
    if column.role in ("mediator", "post_treatment"):
        return True
    tiers = column.tier, target.tier if target is not None else None
    return tiers[0] is not None and tiers[1] is not None and tiers[0] > tiers[1]


def _assumptions(t: str, m: str, y: str, who: str, said: str) -> tuple[Assumption, ...]:
    return (
        Assumption("no_confounding_of_treatment", False, f"untestable; {who} vouches for it"),
        Assumption(
            "no_confounding_of_mediator", False, f"untestable, also in an experiment on {t}; {who} vouches"
        ),
        Assumption("no_caused_confounder", False, f"nothing that {t} causes may confound {m} and {y}"),
        Assumption("mediator_between", False, f"{m} must come after {t} and before {y}; {said} says so"),
        *standard(),
    )


def _refused(posed: Posed, m: str, split: Split) -> Identification:
    t, y = posed.treatment.name, posed.outcome
    return Identification(
        "not_identified",
        None,
        "NIE",
        "all units in the table",
        (t,),
        (y,),
        posed.chosen.type,
        posed.chosen.contrast,
        design=(("mediator", m),),
        alternatives=(Alternative("Mediation", split.why),),
        blocking_path=split.path,
        would_help=(split.why, f"ask for the whole effect of {t} on {y}"),
        graph=posed.graph.id if posed.graph is not None else None,
        basis="graph",
    )


# --- estimation -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Arrays:
    """The rows of the design: outcome, treatment and controls, and the mediator (n,)."""

    prepared: Prepared
    M: NDArray[np.float64]
    mediator: str


def arrays(context: Context, found: Identification) -> Arrays:
    """Read and code the rows.

    Raises:
        DataError: the mediator never varies.
    """
    from causalcopilot_tools.effects.design_matrix import encode

    m = design_value(found, "mediator")
    p, frame = prepare_with(context, found, (m,))
    kind = context.profile.column(m)
    number = kind.storage == "number" and kind.distinct > 2  # levels in order enter as a number
    coded = encode(frame, [m], {m: "continuous" if number else kind.type}).X
    if coded.shape[1] != 1:
        raise DataError(f"the mediator {m} never varies in these rows", "use another column")
    rows = p.in_contrast
    return Arrays(p.take(rows), coded[rows, 0], m)


def estimate_mediation(context: Context, found: Identification, level: float) -> Work:
    """The indirect effect first; then the direct and the total one, and the same by regression."""
    a = arrays(context, found)
    p = a.prepared
    line = by_line(a)
    main = line
    if p.kind == "binary":
        main = mediation.multiply_robust(p.Y, p.T, a.M, p.X, context.seed, outcome_bounds(p), p.sampling)
    if main.outside is not None and main.outside > HOPELESS:
        raise DataError(
            f"given the controls, {a.mediator} tells {p.treatment} in {main.outside:.0%} of the rows",
            "a copy of the treatment is no mediator; name another column",
        )
    made = list(
        _three(p, a.mediator, main, level, "multiply_robust" if main is not line else "by_regression")
    )
    if main is not line:
        made += _three(p, a.mediator, line, level, "by_regression")
    made.append(specification.unadjusted(p, level))
    facts, told = _facts(a, main, level), _told(a, main, level)
    if main is not line and (left := _left(p)) < EVEN:
        facts, told = (*facts, *_safer(a, line, left, level)), (*told, _narrow(p, left))
    return Work(p, tuple(made), facts, (_table(a, made),), told)


def _left(p: Prepared) -> float:
    """Equal rows that the weighted ones are worth, as a share of them: (Σw)² / (n Σw²); one without weights."""
    w = p.sampling.weights
    return 1.0 if w is None else float(w.sum() ** 2 / (w**2).sum()) / len(w)


def _safer(a: Arrays, line: mediation.Effects, left: float, level: float) -> tuple[Fact, ...]:
    """What uneven weights leave, how often such an interval covered, and the safer reading, by regression."""
    p = a.prepared
    value, half = line.indirect, p.sampling.quantile(level) * line.errors()[0]
    words = f"effect of {p.treatment} on {p.outcome} through {a.mediator}, by regression"
    return (
        Fact(
            "weights_leave",
            left,
            "equal rows that the weighted rows are worth, as a share of them",
            format=".0%",
        ),
        Fact("weights_coverage", COVERAGE, "draws in which such a 95 % interval covered", format=".0%"),
        Fact("indirect_by_regression", value, words, p.unit, p.outcome, ",.3g", value - half, value + half),
    )


def _narrow(p: Prepared, left: float) -> str:
    """That the interval is likely too narrow under weights as uneven as these."""
    return (
        f"The weights in {p.sampling.weight} are uneven ({p.n:,d} rows are worth {left:.0%} of as many equal ones): in "
        "simulated data with such weights the multiply robust interval covered the truth in about "
        f"{COVERAGE:.0%} of the draws instead of 95%. The regression estimate beside it, whose interval covered there, "
        "is the safer reading where straight lines will do."
    )


def by_line(a: Arrays) -> mediation.Effects:
    """The split by two linear regressions with an interaction."""
    p = a.prepared
    low, high = 0.0, 1.0
    if p.kind == "continuous":
        low, high = as_number(p.contrast.control) or 0.0, as_number(p.contrast.treated) or 0.0
    return mediation.by_regression(p.Y, p.T, a.M, p.X, low, high, p.sampling)


def _three(
    p: Prepared, m: str, e: mediation.Effects, level: float, how: str
) -> tuple[Estimate, Estimate, Estimate]:
    """Indirect, direct and total effect as estimates."""
    whole: dict[Quantity, tuple[float, float, str]] = {
        "NIE": (e.indirect, e.errors()[0], f"through {m}"),
        "NDE": (e.direct, e.errors()[1], f"past {m}"),
        "ATE": (e.total, e.errors()[2], "both parts together"),
    }
    made = [
        specification.make(
            replace(p, quantity=q),
            f"mediation_{how}",
            value,
            error,
            p.sampling.quantile(level) * error,
            level,
            note,
        )
        for q, (value, error, note) in whole.items()
    ]
    return made[0], made[1], made[2]


def _told(a: Arrays, e: mediation.Effects, level: float) -> tuple[str, ...]:
    share, _ = _share(e, a.prepared.sampling.quantile(level))
    if share is not None:
        return ()
    return ("The total effect is too close to zero, or its parts too opposed, for a share of it to be told.",)


def _share(e: mediation.Effects, half: float) -> tuple[float | None, float]:
    """Indirect over total effect with ``half`` its standard errors; ``None`` where the total is not clear of zero."""
    error = e.errors()[2]
    if error <= 0 or abs(e.total) < CLEAR * error or e.direct * e.indirect < 0:
        return None, 0.0
    ratio, spread = e.share()
    return ratio, half * spread


def _facts(a: Arrays, e: mediation.Effects, level: float) -> tuple[Fact, ...]:
    p, m = a.prepared, a.mediator
    half = p.sampling.quantile(level)
    indirect, direct, total = e.errors()
    share, wide = _share(e, half)
    facts = [Fact("mediator", m, "mediator", subject=m)]
    for key, value, error, words in (
        ("indirect", e.indirect, indirect, f"effect of {p.treatment} on {p.outcome} through {m}"),
        ("direct", e.direct, direct, f"effect of {p.treatment} on {p.outcome} past {m}"),
        ("total", e.total, total, f"total effect of {p.treatment} on {p.outcome}"),
    ):
        facts.append(
            Fact(key, value, words, p.unit, p.outcome, ",.3g", value - half * error, value + half * error)
        )
    low, high = (None, None) if share is None else (share - wide, share + wide)
    facts.append(
        Fact("share", share, f"share of the effect that goes through {m}", format=".0%", low=low, high=high)
    )
    return tuple(facts)


def _table(a: Arrays, made: list[Estimate]) -> Table:
    rows: tuple[tuple[Scalar, ...], ...] = tuple(
        (e.note, e.method.removeprefix("mediation_").replace("_", " "), e.value, e.low, e.high)
        for e in made
        if e.method.startswith("mediation_")
    )
    title = f"The effect split at {a.mediator}"
    return Table("mediation", title, ("part", "method", "value", "low", "high"), rows)
