"""Learners of the effect by row, and the choice between them by cross-validated doubly robust loss.

S-, T- and X-learner (Künzel et al. 2019), DR-learner (Kennedy 2023) and R-learner (Nie & Wager 2021), each from a
ridge line or small boosted trees, against one effect for all rows.  The loss of a prediction is its squared
distance from the doubly robust scores, up to a constant that is the same for every learner.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalcopilot_tools.effects.aipw import clipped
from causalcopilot_tools.effects.cate.scores import Scores
from causalcopilot_tools.effects.folds import stratified_folds
from causalcopilot_tools.effects.nuisance import ArmNuisances

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDS = 3
ROUNDS = 40
"""Trees of a boosted learner: effects are fainter than outcomes, so they get fewer."""
PENALTIES = (1.0, 10.0, 100.0, 1000.0)
CONSTANT = "constant"


@dataclass(frozen=True)
class Taught:
    """Rows that a learner may see.

    Attributes:
        V: (n, k) modifiers.
        Y, T: (n,) outcome and treatment.
        fit: nuisances of these rows.
        scores: their doubly robust scores.
    """

    V: NDArray[np.float64]
    Y: NDArray[np.float64]
    T: NDArray[np.float64]
    fit: ArmNuisances
    scores: Scores

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Taught:
        """The same for some rows."""
        f = self.fit
        fit = ArmNuisances(f.mean0[rows], f.mean1[rows], f.share0[rows], f.share1[rows])
        return Taught(self.V[rows], self.Y[rows], self.T[rows], fit, self.scores.take(rows))


Predict = Callable[["NDArray[np.float64]"], "NDArray[np.float64]"]
Learn = Callable[[Taught, int], Predict]


def constant(a: Taught, seed: int) -> Predict:
    """One effect for all rows."""
    import numpy as np

    value = float(a.scores.gain.sum() / a.scores.mass.sum())
    return lambda V: np.full(len(V), value)


def s_boosted(a: Taught, seed: int) -> Predict:
    """One model of the outcome with the treatment among its columns."""
    import numpy as np

    model = _trees(seed).fit(np.column_stack([a.T, a.V]), a.Y)

    def at(V: NDArray[np.float64], t: float) -> NDArray[np.float64]:
        out: NDArray[np.float64] = model.predict(np.column_stack([np.full(len(V), t), V]))
        return out

    return lambda V: at(V, 1.0) - at(V, 0.0)


def t_line(a: Taught, seed: int) -> Predict:
    """A model of the outcome in each arm."""
    one, zero = (_line().fit(a.V[arm == a.T], a.Y[arm == a.T]) for arm in (1, 0))
    return lambda V: one.predict(V) - zero.predict(V)


def x_boosted(a: Taught, seed: int) -> Predict:
    """Each arm's outcomes less the other arm's predictions, learned apart and weighed by the propensity."""
    import numpy as np

    t, c = a.T == 1, a.T == 0
    one = _trees(seed).fit(a.V[t], a.Y[t] - a.fit.mean0[t])
    zero = _trees(seed).fit(a.V[c], a.fit.mean1[c] - a.Y[c])
    share = float(np.mean(a.fit.share1))
    return lambda V: share * zero.predict(V) + (1 - share) * one.predict(V)


def dr_line(a: Taught, seed: int) -> Predict:
    """The scores on the modifiers, by a line."""
    return _weighted(_line(), a.V, *_pseudo(a))


def dr_boosted(a: Taught, seed: int) -> Predict:
    """The scores on the modifiers, by trees."""
    return _weighted(_trees(seed), a.V, *_pseudo(a))


def r_line(a: Taught, seed: int) -> Predict:
    """What the means leave of outcome and treatment, one on the other, by a line."""
    return _weighted(_line(), a.V, *_residuals(a))


def r_boosted(a: Taught, seed: int) -> Predict:
    """What the means leave of outcome and treatment, one on the other, by trees."""
    return _weighted(_trees(seed), a.V, *_residuals(a))


LEARNERS: dict[str, Learn] = {
    CONSTANT: constant,
    "dr_line": dr_line,
    "dr_boosted": dr_boosted,
    "r_line": r_line,
    "r_boosted": r_boosted,
    "s_boosted": s_boosted,
    "t_line": t_line,
    "x_boosted": x_boosted,
}


def losses(a: Taught, seed: int, names: Sequence[str] = tuple(LEARNERS)) -> dict[str, float]:
    """Cross-validated loss of each learner beyond that of one effect for all, in squared outcome units a row."""
    import numpy as np

    fold = stratified_folds(a.T, FOLDS, seed, 71, a.scores.clusters)
    out: dict[str, float] = {}
    for name in names:
        total = 0.0
        for f in range(FOLDS):
            predicted = LEARNERS[name](a.take(fold != f), seed)(a.V[fold == f])
            held = a.scores.take(fold == f)
            total += float(np.sum(held.mass * predicted**2 - 2 * held.gain * predicted))
        out[name] = total / float(a.scores.mass.sum())
    return {name: v - out[CONSTANT] for name, v in out.items()} if CONSTANT in out else out


def _pseudo(a: Taught) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Targets and weights whose weighted squares are the doubly robust loss, for rows of any quantity."""
    import numpy as np

    if (a.scores.mass > 0).all():
        return a.scores.gain / a.scores.mass, a.scores.mass
    # Rows without mass still move the scores (controls of an ATT): weigh the usual scores by who is meant.
    f, w = a.fit, np.where(a.scores.mass[a.T == 1].sum() > 0, a.fit.share1, a.fit.share0)
    e1, e0 = clipped(f.share1), clipped(f.share0)
    score = f.mean1 - f.mean0 + (a.T == 1) * (a.Y - f.mean1) / e1 - (a.T == 0) * (a.Y - f.mean0) / e0
    return score, w


def _residuals(a: Taught) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import numpy as np

    e = clipped(a.fit.share1)
    left = a.T - e
    mean = e * a.fit.mean1 + (1 - e) * a.fit.mean0
    return (a.Y - mean) / np.where(np.abs(left) < 1e-6, 1e-6, left), left**2


def _weighted(model: Any, V: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64]) -> Predict:
    fitted = model.fit(V, y, **_weights(model, w))

    def predict(V: NDArray[np.float64]) -> NDArray[np.float64]:
        out: NDArray[np.float64] = fitted.predict(V)
        return out

    return predict


def _weights(model: Any, w: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    return {"ridgecv__sample_weight": w} if hasattr(model, "steps") else {"sample_weight": w}


def _line() -> Any:
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), RidgeCV(PENALTIES))


def _trees(seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        max_iter=ROUNDS, max_depth=3, learning_rate=0.08, min_samples_leaf=20, random_state=seed
    )
