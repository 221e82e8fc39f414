"""What can speak against an effect of several treatments set together: the setting, its shape, the other route, and
a hidden cause of the move."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.effects.designs import joint
from causalcopilot_tools.effects.designs.joint_rows import Arrays, arrays, half_width
from causalcopilot_tools.effects.designs.jointly import answer_of, other_route, wider
from causalcopilot_tools.effects.designs.mediation import least_squares
from causalcopilot_tools.effects.intervals import two_sided_p
from causalcopilot_tools.refutation.checks.negative_control import NAME as NEGATIVE
from causalcopilot_tools.refutation.checks.negative_control import with_outcome
from causalcopilot_tools.refutation.material import Material
from causalcopilot_tools.refutation.ols import fit_line
from causalcopilot_tools.refutation.strength import Benchmark, benchmark, robustness

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CELL = 10
"""Rows that show a setting of two-valued columns below which there is nothing to compare."""
FAR = 0.99
"""A setting further from the middle of the columns than this share of the rows is one that hardly any row shows."""
SHUFFLES = 200
LEVEL = 0.95


def together(m: Material) -> tuple[Check, ...]:
    """Every check of a joint effect, from one reading of the rows."""
    a = arrays(m.context, m.identification)
    main = answer_of(a)
    return (
        _support(a, m),
        _lines(a, main),
        _interaction(a),
        _routes(a, main),
        _sensitivity(a, m),
        _placebo(a, m),
        *(_negative_controls(m) if a.route == "held" else ()),
    )


# --- the setting -------------------------------------------------------------------------------------------------


def _support(a: Arrays, m: Material) -> Check:
    """Do rows show the settings compared, and do the treatments move apart once the controls are held?"""
    name = "joint_support"
    if a.moves.two_valued.all():
        return _cells(name, a, m)
    left = float(joint.left_of_each(a.moves, a.prepared.X).min())
    beyond = max(_distance(a, a.moves.low), _distance(a, a.moves.high))
    status: CheckStatus = "pass"
    if left < thresholds.RESIDUAL_WARN:
        status = "fail" if left < thresholds.RESIDUAL_FAIL else "warn"
    detail = f"the others and the controls leave at least {left:.1%} of the variance of each"
    if beyond > FAR:
        status = "fail"
        detail += f"; one of the settings lies further out than {beyond:.1%} of the rows"
        return Check(name, "diagnostic", status, beyond, FAR, True, detail)
    return Check(name, "diagnostic", status, left, thresholds.RESIDUAL_FAIL, True, detail)


def _distance(a: Arrays, setting: Floats) -> float:
    """Share of the rows that lie nearer to the middle of the treatments (Mahalanobis) than a setting does."""
    import numpy as np

    A = a.moves.values
    inverse = np.linalg.pinv(np.atleast_2d(np.cov(A.T)))
    apart, own = setting - A.mean(axis=0), A - A.mean(axis=0)
    return float((np.einsum("ij,jk,ik->i", own, inverse, own) < apart @ inverse @ apart - 1e-9).mean())


def _cells(name: str, a: Arrays, m: Material) -> Check:
    """Rows with all treatments at their first value, and with all at their second; and who could be neither."""
    import numpy as np

    from causalcopilot_tools.effects.nuisance import cross_fit_shares
    from causalcopilot_tools.effects.refit import bases_of
    from causalcopilot_tools.effects.threads import one_thread

    ends = [(a.moves.values == s).all(axis=1) for s in (a.moves.low, a.moves.high)]
    fewest = min(int(e.sum()) for e in ends)
    if fewest < CELL:
        detail = f"only {fewest} rows show one of the two settings compared"
        return Check(name, "diagnostic", "fail", float(fewest), float(CELL), True, detail)
    if not a.prepared.X.shape[1]:
        detail = f"{fewest} rows show the rarer of the two settings compared"
        return Check(name, "diagnostic", "pass", float(fewest), float(CELL), True, detail)
    with one_thread():
        bases = bases_of(a.prepared)
        shares = [cross_fit_shares(bases, e.astype(np.float64), m.context.seed) for e in ends]
    # a setting of k columns at once is rarer by nature than one of two arms: the bound shrinks with its own share
    bound = [min(thresholds.OUTSIDE, 0.2 * float(e.mean())) for e in ends]
    outside = max(float((s < b).mean()) for s, b in zip(shares, bound, strict=True))
    status: CheckStatus = "pass"
    if outside > thresholds.OUTSIDE_WARN:
        status = "fail" if outside > thresholds.OUTSIDE_FAIL else "warn"
    detail = f"{outside:.1%} of the rows have next to no chance of one of the settings; {fewest} rows show the rarer"
    return Check(name, "diagnostic", status, outside, thresholds.OUTSIDE_FAIL, True, detail)


# --- the shape -----------------------------------------------------------------------------------------------------


def _lines(a: Arrays, main: joint.Joint) -> Check:
    """Does a regression with products and squares, and with effects that differ by the controls, say otherwise?"""
    name = "joint_lines"
    wide = wider(a)
    if wide is None:
        return _curved_equations(name, a)
    apart, t = _apart(a, wide, main)
    p_value = two_sided_p(t, a.prepared.sampling.degrees)
    matters = abs(apart) > half_width(a.prepared, LEVEL) * main.std_error
    status: CheckStatus = "pass"
    if matters and p_value < thresholds.JOINT_WARN:
        status = "fail" if p_value < thresholds.JOINT_FAIL else "warn"
    detail = f"a wider regression says {wide.value:.3g} (the difference is {t:.1f} of its standard errors)"
    return Check(name, "diagnostic", status, t, None, True, detail, p_value)


def _apart(a: Arrays, one: joint.Joint, other: joint.Joint) -> tuple[float, float]:
    """Difference of two fits to the same rows, and how many of its standard errors that is."""
    apart = one.value - other.value
    error = joint.error_of(one.influence - other.influence, a.prepared.sampling.clusters)
    scale = max(one.std_error, other.std_error)
    return apart, abs(apart) / error if error > 1e-9 * scale else 0.0


def _curved_equations(name: str, a: Arrays) -> Check:
    """Squares of fitted values in each equation (Ramsey 1969): a column between that bends spoils what is added up."""
    import numpy as np
    from scipy import stats

    worst = 1.0
    assert a.chain is not None
    V = np.column_stack([a.moves.values, *(e.values for e in a.chain)])
    for e in a.chain:
        D = np.column_stack([np.ones(len(V)), _apiece(V[:, list(e.moving)]), _apiece(e.held)])
        fitted = D @ np.linalg.lstsq(D, e.values, rcond=None)[0]
        scale = float(fitted.std()) or 1.0
        z = (fitted - fitted.mean()) / scale
        E = np.column_stack([z**2, D])
        beta, influence = least_squares(E, e.values, np.ones(len(V)))
        error = joint.error_of(influence[:, 0], a.prepared.sampling.clusters)
        if error > 0:
            worst = min(worst, float(2 * stats.norm.sf(abs(beta[0]) / error)))
    p_value = min(1.0, worst * len(a.chain))
    status: CheckStatus = (
        "fail" if p_value < thresholds.JOINT_FAIL else "warn" if p_value < thresholds.JOINT_WARN else "pass"
    )
    detail = f"the square of what an equation says adds to the equation (corrected p = {p_value:.2g})"
    return Check(name, "diagnostic", status, None, thresholds.JOINT_FAIL, True, detail, p_value)


def _apiece(X: Floats) -> Floats:
    """Columns in their own spreads: the same fits, and well conditioned."""
    import numpy as np

    sd = X.std(axis=0)
    out: Floats = (X - X.mean(axis=0)) / np.where(sd > 0, sd, 1.0)
    return out


def _interaction(a: Arrays) -> Check:
    """Does the effect of one differ by another?  Told only where the answer lets it."""
    p, name = a.prepared, "joint_interaction"
    if a.route == "equations":
        why = "the equations have no products; their shape is checked as a whole"
        return Check(name, "diagnostic", "info", None, None, True, why)
    pairs, p_value = joint.interactions(p.Y, a.moves, p.X, p.sampling)
    if not pairs or math.isnan(p_value):
        return Check(name, "diagnostic", "skipped", None, None, True, "too few rows for the products")
    worst = min(pairs, key=lambda x: x.p_value)
    one, other = a.names[worst.first], a.names[worst.second]
    differs = p_value < thresholds.JOINT_WARN
    detail = f"the effect of {one} {'differs' if differs else 'does not clearly differ'} by {other}"
    if a.crossed:
        told = f"{detail}; the answer allows for it"
        return Check(name, "diagnostic", "info", None, None, True, told, p_value)
    status: CheckStatus = "pass" if not differs else "fail" if p_value < thresholds.JOINT_FAIL else "warn"
    return Check(name, "diagnostic", status, None, thresholds.JOINT_FAIL, True, detail, p_value)


# --- the argument --------------------------------------------------------------------------------------------------


def _routes(a: Arrays, main: joint.Joint) -> Check:
    """Where the graph gives both, fitting its equations must say what holding columns says."""
    from scipy import stats

    name = "joint_routes"
    other = other_route(a)
    if other is None:
        why = "the graph gives one way only" if a.chain else "no graph gives the equations between"
        return Check(name, "falsification", "info", None, None, True, why)
    _, t = _apart(a, other, main)
    p_value = float(2 * stats.norm.sf(t))
    status: CheckStatus = (
        "fail" if p_value < thresholds.JOINT_FAIL else "warn" if p_value < thresholds.JOINT_WARN else "pass"
    )
    detail = f"equation by equation it is {other.value:.3g} (p = {p_value:.2g} that both say the same)"
    return Check(name, "falsification", status, t, None, True, detail, p_value)


def _sensitivity(a: Arrays, m: Material) -> Check:
    """Would a hidden cause of the move and the outcome, as strong as the strongest control, overturn the answer?

    The move of all treatments is one coefficient of the same regression written otherwise: of the first treatment
    in steps, the differences of the others from it being held.  Bounds as for one treatment then apply.
    """
    name = "joint_sensitivity"
    low, high = m.primary.low, m.primary.high
    p = a.prepared
    if a.route == "equations":
        why = "a hidden cause may stand in any of the equations between, and is not bounded here"
        return Check(name, "sensitivity", "info", None, None, True, why)
    X, sources = p.X, p.sources
    if not X.shape[1]:
        status: CheckStatus = "info" if m.identification.basis == "graph" else "skipped"
        why = "no common cause is held, so there is nothing to compare a hidden one with"
        return Check(name, "sensitivity", status, None, None, True, why)
    u, rest = _move(a)
    line = fit_line(_join(X, rest), u, p.Y, (*sources, *(["(differences)"] * rest.shape[1])))
    made = [
        benchmark(*one)
        for one in zip(line.names, line.treatment, line.outcome, strict=True)
        if one[0] != "(differences)"
    ]
    if low is None or high is None:
        return Check(name, "sensitivity", "skipped", None, None, True, "there is no interval")
    top = max(made, key=lambda b: b.factor)
    if low <= 0.0 <= high:
        return _of_a_zero(name, m, top, line.spread_y / line.spread_t if line.spread_t > 0 else 0.0)
    scale = line.spread_t / line.spread_y if line.spread_y > 0 else 0.0
    point = abs(m.primary.value or 0.0)
    nearer = min(abs(low), abs(high))
    withstood, needed = robustness(nearer * scale), thresholds.BENCHMARK_MARGIN * top.strength
    enough = withstood >= needed or robustness(point * scale) >= thresholds.POINT_MULTIPLE * top.strength
    status = "pass" if enough else "fail"
    detail = (
        f"moving them together stands against hidden causes up to a strength of {withstood:.1%}; one like {top.name} "
        f"has {top.strength:.1%}, and {thresholds.BENCHMARK_MARGIN:g} times that is asked for"
    )
    if enough and min(top.treatment, top.outcome) < thresholds.BENCHMARK_CHANCE / line.dof:
        status = "info"
        detail += f"; {top.name} is tied to them no more than chance ties it, so that says little"
    return Check(name, "sensitivity", status, withstood, needed, True, detail)


def _of_a_zero(name: str, m: Material, top: Benchmark, scale: float) -> Check:
    assert m.primary.low is not None
    assert m.primary.high is not None
    hidden = (max(abs(m.primary.low), abs(m.primary.high)) + top.factor * scale) / m.spread
    margin = thresholds.NULL_MARGIN
    detail = f"a hidden cause like {top.name} could hide an effect of up to {hidden:.2f} standard deviations"
    status: CheckStatus = "pass" if hidden <= margin else "fail"
    return Check(name, "sensitivity", status, hidden, margin, True, detail)


def _move(a: Arrays) -> tuple[Floats, Floats]:
    """The first treatment in steps (n,), and the others' differences from it (n, k - 1)."""
    import numpy as np

    steps = a.moves.values / (a.moves.high - a.moves.low)
    return steps[:, 0], np.delete(steps, 0, axis=1) - steps[:, [0]]


def _join(X: Floats, rest: Floats) -> Floats:
    import numpy as np

    return np.column_stack([X, rest])


def _placebo(a: Arrays, m: Material) -> Check:
    """Treatments shuffled together have no effect: intervals that miss zero too often are too narrow."""
    import numpy as np

    name = "joint_placebo"
    rng = np.random.default_rng([m.context.seed, 83])
    p, missed = a.prepared, 0
    if a.route == "equations" or p.sampling.clusters is not None:
        why = "rows that follow equations, or come in clusters, are not shuffled one by one"
        return Check(name, "falsification", "info", None, None, True, why)
    half = half_width(p, LEVEL)
    shuffles = SHUFFLES if p.n * (1 + p.X.shape[1]) <= 50_000 else SHUFFLES // 4
    for _ in range(shuffles):
        shuffled = replace(a.moves, values=a.moves.values[rng.permutation(p.n)])
        j = joint.by_line(p.Y, shuffled, p.X, p.sampling, crossed=a.crossed)
        missed += abs(j.value) > half * j.std_error
    share, bound = missed / shuffles, 1 - LEVEL + 3 * math.sqrt(LEVEL * (1 - LEVEL) / shuffles)
    detail = f"with the treatments shuffled, {share:.1%} of the intervals miss zero; {1 - LEVEL:.0%} should"
    return Check(name, "falsification", "pass" if share <= bound else "fail", share, bound, True, detail)


def _negative_controls(m: Material) -> tuple[Check, ...]:
    """Moving the treatments must do nothing to outcomes that they cannot change."""
    named = [c for c in m.context.knowledge.with_role(NEGATIVE) if c in m.context.profile.names]
    made = []
    for column in named:
        a = arrays(m.context, replace(with_outcome(m.identification, column), design=()))
        j = answer_of(a)
        t = abs(j.value) / j.std_error if j.std_error > 0 else 0.0
        p_value = min(1.0, two_sided_p(t, a.prepared.sampling.degrees) * len(named))
        status: CheckStatus = "pass"
        if p_value < thresholds.NEGATIVE_CONTROL_WARN:
            status = "fail" if p_value < thresholds.NEGATIVE_CONTROL_FAIL else "warn"
        detail = f"on {column}, where there should be nothing, the same adjustment finds {j.value:.3g}"
        made.append(
            Check(f"{NEGATIVE}:{column}", "falsification", status, j.value, 0.0, True, detail, p_value)
        )
    return tuple(made)
