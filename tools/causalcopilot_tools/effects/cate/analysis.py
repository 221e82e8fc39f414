"""The whole look at one effect: joint test, groups, honest split, learners, rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from causalcopilot.domain.heterogeneity import (
    Difference,
    Heterogeneity,
    HonestSplit,
    ModifierTest,
    Slope,
    Subgroup,
)
from causalcopilot.domain.verdict import NULL_MARGIN
from causalcopilot_tools.effects.aipw import Effect
from causalcopilot_tools.effects.cate import groups, projection, split
from causalcopilot_tools.effects.cate.candidates import cuts
from causalcopilot_tools.effects.cate.material import Material, learning_scores
from causalcopilot_tools.effects.cate.scores import Scores, average

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HALF_ROWS = 100
"""Rows that each half needs before anything is chosen on one and judged on the other."""


def look(m: Material, cost: float, goal: Literal["raise", "lower"], level: float, seed: int) -> Heterogeneity:
    """Everything the tool tells, from scores and modifiers."""
    p = m.prepared
    line = projection.project(m.scores, m.V)
    statistic, p_value = projection.wald(line.coefficients[1:], line.covariance[1:, 1:], line.degrees)
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
        _subgroup(m, "all", p.population, average(m.scores), p.T == p.T, p.sampling.quantile(level)),
        slopes=_slopes(m, line, level),
        groups=shown,
        tests=tests,
        among=among,
    )
    return _by_halves(base, m, cost, goal, level, seed)


def _slopes(m: Material, line: projection.Projection, level: float) -> tuple[Slope, ...]:
    from scipy.special import stdtr

    q = m.prepared.sampling.quantile(level)
    out = []
    for j, name in enumerate(m.names, 1):
        value, error = float(line.coefficients[j]), float(line.covariance[j, j]) ** 0.5
        p_value = 2 * float(stdtr(line.degrees, -abs(value) / error)) if error > 0 else 1.0
        out.append(Slope(name, value, error, value - q * error, value + q * error, p_value))
    return tuple(out)


def _named(
    m: Material, level: float, seed: int
) -> tuple[tuple[Subgroup, ...], tuple[ModifierTest, ...], Subgroup | None, bool | None]:
    """Groups of the named modifiers, whether each one's groups differ, the group asked about, and negligibility."""
    if not m.named:
        return (), (), None, None
    p, degrees = m.prepared, m.prepared.sampling.degrees
    rows = [(c, name, mask) for c in m.named for name, mask in groups.cut(m.frame[c], c in m.nominal)]
    why = [_too_small(p.T, mask) for *_, mask in rows]
    usable = [i for i, reason in enumerate(why) if not reason]
    found = groups.effects(m.scores, [rows[i][2] for i in usable], level, seed, degrees) if usable else None
    place = {i: k for k, i in enumerate(usable)}
    shown = []
    for i, (column, name, mask) in enumerate(rows):
        e = average(m.scores, mask) if not why[i] else None
        shown.append(_subgroup(m, column, name, e, mask, found.critical if found else 0.0, why[i]))
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


def _too_small(T: NDArray[np.float64], rows: NDArray[np.bool_]) -> str:
    """Why a group's effect is not shown, or empty."""
    import numpy as np

    counts = {
        word: int(np.count_nonzero((T == arm) & rows)) for arm, word in ((1, "treated"), (0, "control"))
    }
    word = min(counts, key=lambda w: counts[w])
    if counts[word] >= groups.FEWEST:
        return ""
    return f"only {counts[word]} {word} row{'s' * (counts[word] != 1)} (at least {groups.FEWEST} are needed)"


def _subgroup(
    m: Material, modifier: str, name: str, e: Effect | None, rows: NDArray[np.bool_], q: float, why: str = ""
) -> Subgroup:
    import numpy as np

    n, treated = int(np.count_nonzero(rows)), int(np.count_nonzero(rows & (m.prepared.T == 1)))
    if e is None or why or e.value != e.value:
        return Subgroup(
            modifier, name, n, treated, None, None, None, None, why or "no row the quantity speaks of"
        )
    return Subgroup(
        modifier, name, n, treated, e.value, e.std_error, e.value - q * e.std_error, e.value + q * e.std_error
    )


def difference(value: float, error: float, q: float) -> Difference:
    """A difference with its interval and a two-sided normal p value."""
    from scipy.special import ndtr

    p_value = 2 * float(ndtr(-abs(value) / error)) if error > 0 else 1.0
    return Difference(value, error, value - q * error, value + q * error, p_value)


def _by_halves(
    base: Heterogeneity, m: Material, cost: float, goal: Literal["raise", "lower"], level: float, seed: int
) -> Heterogeneity:
    """What is chosen on one half of the rows and judged on the other."""
    from dataclasses import replace

    import numpy as np

    p = m.prepared
    learn = split.halves(p.T, seed, p.sampling.clusters)
    judge = ~learn
    fewest = min(int(np.count_nonzero((p.T == arm) & half)) for arm in (0, 1) for half in (learn, judge))
    if min(int(learn.sum()), int(judge.sum())) < HALF_ROWS or fewest < groups.FEWEST:
        return base
    taught, _ = learning_scores(m, learn, seed)
    if not m.named:
        base = replace(base, split=_split(m, taught, learn, judge, level, seed))
    return base


def _split(
    m: Material, taught: Scores, learn: NDArray[np.bool_], judge: NDArray[np.bool_], level: float, seed: int
) -> HonestSplit | None:
    import numpy as np

    p = m.prepared
    cut = split.choose(taught, m.V[learn], p.T[learn], cuts(m.V[learn], m.names))
    if cut is None:
        return None
    yes = cut.holds(m.V)
    sides = [(cut.yes, yes & judge), (cut.no, ~yes & judge)]
    column = m.sources[cut.column]
    scores = m.scores.take(judge)
    made = groups.effects(scores, [rows[judge] for _, rows in sides], level, seed, p.sampling.degrees)
    shown = []
    for i, (name, rows) in enumerate(sides):
        why = _too_small(p.T, rows)
        e = Effect(float(made.values[i]), float(made.errors[i]), np.empty(0))
        shown.append(_subgroup(m, column, name, e, rows, made.critical, why))
    V = made.covariance
    error = float(np.sqrt(max(V[0, 0] + V[1, 1] - 2 * V[0, 1], 0.0)))
    gap = difference(float(made.values[1] - made.values[0]), error, p.sampling.quantile(level))
    return HonestSplit(column, tuple(shown), None if any(s.suppressed for s in shown) else gap)
