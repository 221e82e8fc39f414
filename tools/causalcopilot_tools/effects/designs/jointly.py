"""Estimating what several treatments do together: the number, and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.identification import Identification
from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects import specification
from causalcopilot_tools.effects.designs import joint, joint_told
from causalcopilot_tools.effects.designs.joint_rows import Arrays, arrays, half_width
from causalcopilot_tools.effects.work import Work


def answer_of(a: Arrays) -> joint.Joint:
    """The estimate that answers: one regression, or all the equations."""
    p = a.prepared
    if a.route == "equations":
        assert a.chain is not None
        return joint.by_equations(a.moves, a.chain, p.sampling)
    return joint.by_line(p.Y, a.moves, p.X, p.sampling, crossed=a.crossed)


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
        (*joint_told.facts(a, main, plain, level), *joint_told.interaction_facts(a, pairs, p_value, level)),
        (joint_told.table(a, main, level), *joint_told.pair_tables(a, pairs)),
        (*joint_told.said(a), *joint_told.interacting(a, pairs, p_value)),
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
