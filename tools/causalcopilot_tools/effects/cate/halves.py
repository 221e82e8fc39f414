"""What is chosen on one half of the rows and judged on the other: a split, a learner, a rule for whom to treat."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.domain.heterogeneity import (
    Advice,
    Difference,
    HonestSplit,
    LearnerLoss,
    Policy,
    Ranking,
    Rule,
    Subgroup,
)
from causalcopilot_tools.effects.aipw import Effect
from causalcopilot_tools.effects.cate import groups, learners, policy, ranking, split
from causalcopilot_tools.effects.cate.candidates import cuts
from causalcopilot_tools.effects.cate.material import Material, learning_scores
from causalcopilot_tools.effects.cate.scores import Scores
from causalcopilot_tools.effects.cate.shown import subgroup, too_small
from causalcopilot_tools.effects.folds import stratified_folds
from causalcopilot_tools.effects.intervals import two_sided_p

if TYPE_CHECKING:
    from typing import Literal

    import numpy as np
    from numpy.typing import NDArray

HALF_ROWS = 100
"""Rows that each half needs before anything is chosen on one and judged on the other."""
TRIED = 2
"""Folds of the learning half in which the depth of a rule is chosen."""


class Halves:
    """The rows dealt into a half that learns and a half that judges.

    Nuisances of the learning half see no judging row, so nothing chosen there owes anything to the rows that judge.
    """

    def __init__(self, m: Material, level: float, seed: int) -> None:
        self.m, self.level, self.seed = m, level, seed
        self.learn = split.halves(m.prepared.T, seed, m.scores.clusters)
        self.scores, self.fit = learning_scores(m, self.learn, seed)
        self.held = m.scores.take(~self.learn)
        self.cuts = cuts(m.V[self.learn], m.names)
        self.q = m.prepared.sampling.quantile(level)

    @staticmethod
    def enough(m: Material, seed: int) -> bool:
        """Whether each half holds enough rows of both arms."""
        import numpy as np

        T = m.prepared.T
        learn = split.halves(T, seed, m.scores.clusters)
        arms = [int(np.count_nonzero((arm == T) & half)) for arm in (0, 1) for half in (learn, ~learn)]
        return min(int(learn.sum()), int((~learn).sum())) >= HALF_ROWS and min(arms) >= groups.FEWEST

    def difference(self, value: float, error: float) -> Difference:
        """A difference with its interval and the two-sided p value that goes with it (clusters: t)."""
        p_value = two_sided_p(value / error, self.m.prepared.sampling.degrees) if error > 0 else 1.0
        return Difference(value, error, value - self.q * error, value + self.q * error, p_value)

    def _effects(
        self, name: str, rows: list[tuple[str, NDArray[np.bool_]]]
    ) -> tuple[list[Subgroup], groups.Effects]:
        """Effects of groups on the judging half; ``rows`` are (n,) over all rows."""
        import numpy as np

        degrees = self.m.prepared.sampling.degrees
        judge = ~self.learn
        made = groups.effects(self.held, [r[judge] for _, r in rows], self.level, self.seed, degrees)
        shown = []
        for i, (label, r) in enumerate(rows):
            e = Effect(float(made.values[i]), float(made.errors[i]), np.empty(0))
            inside = r & judge
            shown.append(
                subgroup(
                    self.m.prepared.T,
                    name,
                    label,
                    e,
                    inside,
                    made.critical,
                    too_small(self.m.prepared.T, inside),
                )
            )
        return shown, made

    def split(self) -> HonestSplit | None:
        """The two groups that differ most on the learning half, told by the other."""
        import numpy as np

        p = self.m.prepared
        cut = split.choose(self.scores, self.m.V[self.learn], p.T[self.learn], self.cuts)
        if cut is None:
            return None
        yes = cut.holds(self.m.V)
        column = self.m.sources[cut.column]
        shown, made = self._effects(column, [(cut.yes, yes), (cut.no, ~yes)])
        V = made.covariance
        error = float(np.sqrt(max(V[0, 0] + V[1, 1] - 2 * V[0, 1], 0.0)))
        gap = self.difference(float(made.values[1] - made.values[0]), error)
        return HonestSplit(column, tuple(shown), None if any(s.suppressed for s in shown) else gap)

    def rank(self) -> tuple[tuple[LearnerLoss, ...], Ranking | None]:
        """Learners by cross-validated loss on the learning half, and the best one's ranking on the other."""
        p, m, learn = self.m.prepared, self.m, self.learn
        taught = learners.Taught(m.V[learn], p.Y[learn], p.T[learn], self.fit, self.scores)
        loss = learners.losses(taught, self.seed)
        order = sorted(loss, key=lambda name: loss[name])
        told = tuple(LearnerLoss(name, loss[name], name == order[0]) for name in order)
        best = next(name for name in order if name != learners.CONSTANT)
        predicted = learners.LEARNERS[best](taught, self.seed)(m.V)
        held = predicted[~learn]
        line = ranking.calibration(self.held, held)
        if line is None:
            return told, None
        slope = self.difference(float(line.coefficients[1]), float(line.covariance[1, 1]) ** 0.5)
        masks = ranking.parts(held)
        words = ("lowest quarter", "second quarter", "third quarter", "highest quarter")
        names = words if len(masks) == len(words) else tuple(f"part {i}" for i in range(1, len(masks) + 1))
        whole = [self._whole(r) for r in masks]
        shown, _ = self._effects("predicted effect", list(zip(names, whole, strict=True)))
        value, error = ranking.autoc(self.held, held, self.seed)
        return told, Ranking(best, tuple(shown), slope, self.difference(value, error))

    def _whole(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Rows of the judging half as rows of the table."""
        import numpy as np

        out = np.zeros(len(self.learn), dtype=bool)
        out[np.flatnonzero(~self.learn)[rows]] = True
        return out

    def policy(self, cost: float, goal: Literal["raise", "lower"]) -> Policy:
        """Rules of one and two questions learned on one half, and what they are worth on the other."""
        sign = -1.0 if goal == "lower" else 1.0
        learned, held = (replace(s, gain=sign * s.gain) for s in (self.scores, self.held))
        V = self.m.V
        depth = self._depth(learned, cost)
        rules = []
        everyone = Difference(0.0, 0.0, 0.0, 0.0, 1.0)
        for d in (1, 2):
            leaves = policy.grow(learned, V[self.learn], self.cuts, d, cost)
            v = policy.value(held, policy.treated(leaves, V[~self.learn]), cost)
            everyone = self.difference(v.everyone.value, v.everyone.std_error)
            rules.append(
                Rule(
                    d,
                    tuple(leaf.text for leaf in leaves if leaf.treat),
                    v.share,
                    self.difference(v.rule.value, v.rule.std_error),
                    self.difference(v.beyond.value, v.beyond.std_error),
                    d == depth,
                )
            )
        return Policy(goal, cost, tuple(rules), everyone, _advice(rules[depth - 1], everyone))

    def _depth(self, learned: Scores, cost: float) -> int:
        """One question, unless two are worth more on rows of the learning half that were left out in turn."""
        V, T = self.m.V[self.learn], self.m.prepared.T[self.learn]
        fold = stratified_folds(T, TRIED, self.seed, 131, learned.clusters)
        worth = {1: 0.0, 2: 0.0}
        for f in range(TRIED):
            inside, out = fold != f, fold == f
            for d in worth:
                leaves = policy.grow(learned.take(inside), V[inside], self.cuts, d, cost)
                worth[d] += policy.value(learned.take(out), policy.treated(leaves, V[out]), cost).rule.value
        return 2 if worth[2] > worth[1] else 1


def _advice(rule: Rule, everyone: Difference) -> Advice:
    """What the held-out rows support: a choice that is clear of the others, or none."""
    if rule.value.low > 0 and rule.beyond_all.low > 0 and 0 < rule.share < 1:
        return "treat_by_rule"
    if everyone.low > 0:
        return "treat_all"
    if everyone.high < 0 and (rule.share == 0 or rule.value.high < 0):
        return "treat_none"
    return "undecided"
