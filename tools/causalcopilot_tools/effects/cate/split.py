"""Honest splitting: groups chosen on one half of the rows, their effects estimated on the other.

Athey & Imbens (2016): a split that is chosen and estimated on the same rows looks larger than it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from causalcopilot_tools.effects.cate.candidates import Cut
from causalcopilot_tools.effects.cate.groups import FEWEST
from causalcopilot_tools.effects.cate.scores import Scores, average
from causalcopilot_tools.effects.folds import stratified_folds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def halves(T: NDArray[np.float64], seed: int, clusters: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
    """(n,) rows of the half that learns; the other half judges.  Both arms are dealt evenly, clusters stay whole."""
    import numpy as np

    return np.asarray(stratified_folds(T, 2, seed, 97, clusters) == 0)


def choose(
    scores: Scores, V: NDArray[np.float64], T: NDArray[np.float64], found: Sequence[Cut]
) -> Cut | None:
    """The cut whose two sides differ most in their effects, in standard errors; both sides need rows of both arms.

    Args:
        scores: of the rows that learn.
        V: (n, k) modifiers of those rows.
        T: (n,) their treatment.
        found: cuts to choose from.
    """
    import numpy as np

    best, far = None, 0.0
    for c in found:
        yes = c.holds(V)
        if (
            min(int(np.count_nonzero((T == arm) & (yes == side))) for arm in (0, 1) for side in (True, False))
            < FEWEST
        ):
            continue
        a, b = average(scores, yes), average(scores, ~yes)
        spread = float(np.hypot(a.std_error, b.std_error))
        away = abs(a.value - b.value) / spread if spread > 0 else 0.0
        if away > far:
            best, far = c, away
    return best
