"""Estimating what several treatments do together: their rows, the number, its parts, and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.question import Contrast
from causalcopilot.domain.thresholds import JOINT_WARN
from causalcopilot.errors import DataError, KnowledgeError, NotApplicable
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.joint import equations
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.effects import specification
from causalcopilot_tools.effects.coding import as_number, code_treatment
from causalcopilot_tools.effects.contrast import choose_contrast
from causalcopilot_tools.effects.designs import joint
from causalcopilot_tools.effects.designs.posed import design_value
from causalcopilot_tools.effects.intervals import t_quantile
from causalcopilot_tools.effects.refit import Prepared, prepare_with
from causalcopilot_tools.effects.work import Work

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

MOST_CROSSED = 3
"""Two-valued treatments up to which all their products enter the answer itself."""


@dataclass(frozen=True)
class Arrays:
    """The rows of a joint question.

    Attributes:
        prepared: outcome, first treatment and controls; named for all treatments.
        moves: all treatments and what is done to each.
        chain: the equations between treatments and outcome, or ``None`` where no graph gives them.
        names: the treatments.
        contrasts: the values each is moved between.
        route: ``held`` or ``equations``: which of the two answers.
    """

    prepared: Prepared
    moves: joint.Moves
    chain: tuple[joint.Equation, ...] | None
    names: tuple[str, ...]
    contrasts: tuple[Contrast, ...]
    route: str

    @property
    def crossed(self) -> bool:
        """Whether the answer lets the treatments interact: all have two values, so no shape is assumed of them."""
        return self.route == "held" and bool(self.moves.two_valued.all()) and len(self.names) <= MOST_CROSSED


def arrays(context: Context, found: Identification) -> Arrays:
    """Read and code the rows.

    Raises:
        DataError: a treatment that never varies in the rows left.
        NotApplicable: a column between that is no number.
    """
    import numpy as np

    names, route = found.treatments, design_value(found, "route") or "held"
    text = design_value(found, "graph")
    between = _between(found, text)
    wanted = [n for v, above in between.items() for n in (v, *above) if n not in (names[0], *found.outcomes)]
    needed = list(dict.fromkeys((*names[1:], *(wanted if route == "equations" else ()))))
    p, frame = prepare_with(context, found, needed)
    values, low, high, two = [p.T], [0.0], [1.0], [p.kind != "continuous"]
    if p.kind == "continuous":
        low, high = [as_number(p.contrast.control) or 0.0], [as_number(p.contrast.treated) or 0.0]
    for name, c in zip(names[1:], found.contrasts[1:], strict=True):
        kind = choose_contrast(context.profile.column(name), c.control, c.treated).type
        coded, _ = code_treatment(frame[name], kind, c)
        values.append(coded)
        two.append(kind == "binary")
        low.append(0.0 if kind == "binary" else as_number(c.control) or 0.0)
        high.append(1.0 if kind == "binary" else as_number(c.treated) or 0.0)
    A = np.column_stack(values)
    keep = np.isfinite(A).all(axis=1) & ~((A < 0) & np.array(two)).any(axis=1)
    p, A, frame = p.take(keep), A[keep], frame.loc[keep]
    for name, column in zip(names, A.T, strict=True):
        if np.ptp(column) == 0:
            raise DataError(f"{name} has a single value in the rows that hold all of them", "leave it out")
    p = replace(
        p,
        treatment=found.cause,
        contrast=Contrast(_setting(found, "control"), _setting(found, "treated")),
        dropped=p.dropped + int((~keep).sum()),
    )
    moves = joint.Moves(A, np.array(low), np.array(high), np.array(two))
    chain = _chain(context, found, between, p, moves, frame) if between else None
    if chain is None and route == "equations":
        raise NotApplicable(
            "a column between has several levels without an order, and its equation is no straight line",
            "cut it into two levels, or give a graph without it",
        )
    return Arrays(p, moves, chain, names, found.contrasts, route)


def _setting(found: Identification, side: str) -> str:
    """``a = 0 and b = 0``."""
    from causalcopilot.domain.facts import display

    said = [
        f"{n} = {display(getattr(c, side))}" for n, c in zip(found.treatments, found.contrasts, strict=True)
    ]
    return " and ".join(said)


def _between(found: Identification, text: str) -> dict[str, tuple[str, ...]]:
    """The equations that the graph gives, or nothing where there is no graph or it does not give them all."""
    if not text:
        return {}
    try:
        return equations(from_dagitty(text), found.treatments, found.outcomes[0])
    except KnowledgeError:
        return {}


def _chain(
    context: Context,
    found: Identification,
    between: dict[str, tuple[str, ...]],
    p: Prepared,
    moves: joint.Moves,
    frame: pd.DataFrame,
) -> tuple[joint.Equation, ...] | None:
    """Every equation as arrays; ``None`` where a column between is no number, or was not read."""
    from causalcopilot_tools.effects.design_matrix import encode

    wanted = {n for v, above in between.items() for n in (v, *above)} - {*found.outcomes, found.treatments[0]}
    if not wanted <= set(frame.columns):
        more = context.dataset.frame(sorted(wanted)).loc[frame.index]
        if more.isna().to_numpy().any():
            return None
        frame = more
    types = {c.name: c.type for c in context.profile.columns}
    at = {n: i for i, n in enumerate(found.treatments)}
    coded: dict[str, NDArray[np.float64]] = {found.outcomes[0]: p.Y}
    made = []
    for v, above in between.items():
        if v not in coded:
            column = encode(frame, [v], {v: "continuous" if types[v] in NUMBERS else types[v]}).X
            if column.shape[1] != 1:
                return None
            coded[v] = column[:, 0]
        held = [n for n in above if n not in at]
        X = encode(frame, held, types).X
        made.append(joint.Equation(coded[v], tuple(at[n] for n in above if n in at), X))
        at[v] = len(at)
    return tuple(made)


NUMBERS = ("count", "continuous", "ordinal")


def answer_of(a: Arrays) -> joint.Joint:
    """The estimate that answers: one regression, or all the equations."""
    p = a.prepared
    if a.route == "equations":
        assert a.chain is not None
        return joint.by_equations(a.moves, a.chain, p.sampling)
    return joint.by_line(p.Y, a.moves, p.X, p.sampling, crossed=a.crossed)


def half_width(p: Prepared, level: float) -> float:
    """Half of an interval in standard errors: a t quantile, of clusters where rows come in them."""
    free = float(max(p.n - p.X.shape[1] - 2, 1))
    return p.sampling.quantile(level) if p.sampling.clusters is not None else t_quantile(level, free)


def estimate_joint(context: Context, found: Identification, level: float) -> Work:
    """The effect of moving all of them, then what a wider regression and the other route say, then the raw one."""
    a = arrays(context, found)
    main = answer_of(a)
    method = "joint_equations" if a.route == "equations" else "joint_crossed" if a.crossed else "joint_line"
    estimates = [_made(a, method, main, level, HOW[method])]
    estimates += [_made(a, name, j, level, HOW[name]) for name, j in beside(a)]
    raw = joint.by_line(a.prepared.Y, a.moves, a.prepared.X[:, :0], a.prepared.sampling)
    plain = _made(a, "joint_unadjusted", raw, level, specification.ASSOCIATION)
    estimates.append(replace(plain, quantity="association"))
    pairs, p_value = joint.interactions(a.prepared.Y, a.moves, a.prepared.X, a.prepared.sampling)
    if a.route == "equations":
        pairs = ()
    return Work(
        a.prepared,
        tuple(estimates),
        (*_facts(a, main, plain, level), *_interaction_facts(a, pairs, p_value, level)),
        (_table(a, main, level), *_pair_tables(a, pairs)),
        (*_told(a), *_interacting(a, pairs, p_value)),
    )


HOW = {
    "joint_line": "a straight line in every column that is set",
    "joint_crossed": "every combination of the two-valued columns has a mean of its own",
    "joint_equations": "the equations between are fitted one by one, and those of what is set are cut",
    "joint_wide": "products and squares of what is set, and products with what is held",
}


def beside(a: Arrays) -> list[tuple[str, joint.Joint]]:
    """Other estimates of the same effect: with or without products, the wide regression, the other route."""
    p, made = a.prepared, list[tuple[str, joint.Joint]]()
    tries: dict[str, Callable[[], joint.Joint | None]] = {
        "joint_line": lambda: joint.by_line(p.Y, a.moves, p.X, p.sampling) if a.crossed else None,
        "joint_wide": lambda: wider(a),
        "joint_equations": lambda: other_route(a),
    }
    for name, build in tries.items():
        try:
            j = build()
        except NotApplicable:
            continue  # too few rows for it: the answer stands without it
        if j is not None:
            made.append((name, j))
    return made


def wider(a: Arrays) -> joint.Joint | None:
    """The wide regression with the same columns held; none where the answer holds nothing but fits equations."""
    p = a.prepared
    return None if a.route == "equations" else joint.by_wide_line(p.Y, a.moves, p.X, p.sampling)


def other_route(a: Arrays) -> joint.Joint | None:
    """Equation by equation where the answer is one regression and the graph gives the equations too."""
    if a.route == "equations" or a.chain is None or len(a.chain) < 2:
        return None  # with one equation the two ways hold columns of the same kind
    return joint.by_equations(a.moves, a.chain, a.prepared.sampling)


def _made(a: Arrays, method: str, j: joint.Joint, level: float, note: str) -> Estimate:
    error = j.std_error
    return specification.make(
        a.prepared, method, j.value, error, half_width(a.prepared, level) * error, level, note
    )


# --- what is told -----------------------------------------------------------------------------------------


def _facts(a: Arrays, j: joint.Joint, plain: Estimate, level: float) -> tuple[Fact, ...]:
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


def _interaction_facts(
    a: Arrays, pairs: tuple[joint.Interaction, ...], p_value: float, level: float
) -> tuple[Fact, ...]:
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


def _table(a: Arrays, j: joint.Joint, level: float) -> Table:
    half = half_width(a.prepared, level)
    rows: list[tuple[Scalar, ...]] = [
        (name, c.control, c.treated, float(v), float(v - half * e), float(v + half * e))
        for name, c, v, e in zip(a.names, a.contrasts, j.parts, j.part_errors, strict=True)
    ]
    error = half * j.std_error
    rows.append(("all together", "", "", j.value, j.value - error, j.value + error))
    heads = ("set", "from", "to", "effect, the others held", "low", "high")
    return Table("joint", f"What {a.prepared.treatment} do to {a.prepared.outcome}", heads, tuple(rows))


def _pair_tables(a: Arrays, pairs: tuple[joint.Interaction, ...]) -> tuple[Table, ...]:
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


def _told(a: Arrays) -> tuple[str, ...]:
    if a.crossed:
        return ()
    return (
        f"The number assumes that {a.prepared.outcome} is a straight line in each of {a.prepared.treatment}.",
    )


def _interacting(a: Arrays, pairs: tuple[joint.Interaction, ...], p_value: float) -> tuple[str, ...]:
    """The pairs that interact, told."""
    if not pairs or not p_value < JOINT_WARN:
        return ()
    worst = min(pairs, key=lambda x: x.p_value)
    one, other = a.names[worst.first], a.names[worst.second]
    return (f"The effect of {one} on {a.prepared.outcome} differs by {other} (p = {p_value:.2g}).",)
