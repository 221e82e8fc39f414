"""The whole look at one effect: joint test, groups, honest split, learners, rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from causalcopilot.domain.heterogeneity import Heterogeneity, ModifierTest, Slope, Subgroup
from causalcopilot.domain.thresholds import NULL_MARGIN
from causalcopilot_tools.effects.cate import groups, line, projection
from causalcopilot_tools.effects.cate.halves import Halves
from causalcopilot_tools.effects.cate.material import Material
from causalcopilot_tools.effects.cate.scores import average
from causalcopilot_tools.effects.cate.shown import subgroup, too_small
from causalcopilot_tools.effects.intervals import t_quantile, two_sided_p
from causalcopilot_tools.effects.nuisance import LineNuisances

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def look(m: Material, cost: float, goal: Literal["raise", "lower"], level: float, seed: int) -> Heterogeneity:
    """Everything the tool tells, from scores and modifiers."""
    p = m.prepared
    fitted = projection.project(m.scores, m.V)
    statistic, p_value = projection.wald(fitted.coefficients[1:], fitted.covariance[1:, 1:], fitted.degrees)
    shown, tests, among, negligible = _named(m, level, seed)
    base = Heterogeneity(
        p.treatment,
        p.outcome,
        p.unit,
        p.quantity,
        bool(m.named),
        m.named or tuple(dict.fromkeys(m.sources)),
        level,
        "detected" if p_value < 1 - level else "none_detected",
        statistic,
        p_value,
        m.V.shape[1],
        negligible,
        subgroup(_arms(m), "all", p.population, average(m.scores), p.T == p.T, p.sampling.quantile(level)),
        slopes=_slopes(m, fitted, level),
        groups=shown,
        tests=tests,
        among=among,
    )
    return base if p.kind == "continuous" else _by_halves(base, m, cost, goal, level, seed)


def _arms(m: Material) -> NDArray[np.float64] | None:
    """(n,) the treatment of two values; ``None`` for one that is a number, which treats nobody."""
    return None if m.prepared.kind == "continuous" else m.prepared.T


def _unfit(m: Material, rows: NDArray[np.bool_], share: float) -> str:
    """Why a group's effect is not told, or empty."""
    if m.prepared.kind == "continuous":
        return line.too_flat(m.prepared, m.scores, rows, share)
    return too_small(m.prepared.T, rows)


def _slopes(m: Material, fitted: projection.Projection, level: float) -> tuple[Slope, ...]:
    q = t_quantile(level, fitted.degrees)
    out = []
    for j, name in enumerate(m.names, 1):
        value, error = float(fitted.coefficients[j]), float(fitted.covariance[j, j]) ** 0.5
        p_value = two_sided_p(value / error, fitted.degrees) if error > 0 else 1.0
        out.append(Slope(name, value, error, value - q * error, value + q * error, p_value))
    return tuple(out)


def _named(
    m: Material, level: float, seed: int
) -> tuple[tuple[Subgroup, ...], tuple[ModifierTest, ...], Subgroup | None, bool | None]:
    """Groups of the named modifiers, whether each one's groups differ, the group asked about, and negligibility."""
    if not m.named:
        return (), (), None, None
    p, degrees = m.prepared, m.prepared.sampling.degrees
    rows = [
        (c, name, mask)
        for c in m.named
        for name, mask in groups.cut(m.frame[c], c in m.nominal, m.among[1] if c == m.among[0] else "")
    ]
    share = line.left_over(p, m.fit) if isinstance(m.fit, LineNuisances) else 1.0
    why = [_unfit(m, mask, share) for *_, mask in rows]
    usable = [i for i, reason in enumerate(why) if not reason]
    found = groups.effects(m.scores, [rows[i][2] for i in usable], level, seed, degrees) if usable else None
    place = {i: k for k, i in enumerate(usable)}
    shown = []
    for i, (column, name, mask) in enumerate(rows):
        e = average(m.scores, mask) if not why[i] else None
        shown.append(subgroup(_arms(m), column, name, e, mask, found.critical if found else 0.0, why[i]))
    by = {c: [place[i] for i, r in enumerate(rows) if r[0] == c and i in place] for c in m.named}
    able = [c for c in m.named if len(by[c]) > 1]
    raw = [groups.equal(found, by[c], p.n) for c in able] if found else []
    adjusted = groups.holm([r[1] for r in raw])
    tests = tuple(ModifierTest(c, s, v, a) for c, (s, v), a in zip(able, raw, adjusted, strict=True))
    margin = NULL_MARGIN * float(p.Y.std())
    small = (
        bool(able) and found is not None and all(groups.widest(found, by[c], level) < margin for c in able)
    )
    among = next((s for s in shown if (s.modifier, s.level) == m.among), None)
    return tuple(shown), tests, among, small


def _by_halves(
    base: Heterogeneity, m: Material, cost: float, goal: Literal["raise", "lower"], level: float, seed: int
) -> Heterogeneity:
    """What is chosen on one half of the rows and judged on the other."""
    if not Halves.enough(m, seed):
        return base
    halves = Halves(m, level, seed)
    base = replace(base, policy=halves.policy(cost, goal))
    if m.named:
        return base
    tried, ranked = halves.rank()
    return replace(base, split=halves.split(), learners=tried, ranking=ranked)
