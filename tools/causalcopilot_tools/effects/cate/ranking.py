"""Whether a prediction of the effect by row is right (calibration) and ranks rows (targeting), on rows it has not seen.

Calibration: slope of the scores on the prediction (Chernozhukov, Demirer, Duflo & Fernández-Val 2025).  Ranking: area
under the targeting operator characteristic (AUTOC) of Yadlowsky, Fleming, Shah, Brunskill & Wager (2025), with the
half-sample bootstrap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot_tools.effects.cate.projection import Projection, project
from causalcopilot_tools.effects.cate.scores import Scores
from causalcopilot_tools.effects.folds import generator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DRAWS = 200
"""Half samples: the error of the standard error is then about five percent of it."""
PARTS = 4


def calibration(scores: Scores, predicted: NDArray[np.float64]) -> Projection | None:
    """Line of the scores in the prediction: a slope of one when it is right, of zero when it says nothing."""
    import numpy as np

    return project(scores, predicted[:, None]) if np.ptp(predicted) > 0 else None


def parts(predicted: NDArray[np.float64]) -> list[NDArray[np.bool_]]:
    """(n,) rows of each quarter of the prediction, lowest first; fewer where predictions tie."""
    import numpy as np

    inner = np.unique(np.quantile(predicted, np.arange(1, PARTS) / PARTS))
    place = np.searchsorted(inner, predicted, side="left")
    return [np.asarray(place == i) for i in range(len(inner) + 1) if (place == i).any()]


def autoc(scores: Scores, predicted: NDArray[np.float64], seed: int) -> tuple[float, float]:
    """Area under the targeting curve and its standard error, in the unit of the outcome.

    The curve at share q is the effect among the rows of the q highest predictions less the effect in all rows.
    """
    import numpy as np

    value = _area(scores, predicted)
    g = generator(seed, 83)
    n = len(predicted)
    if scores.clusters is None:
        draws = (g.permutation(n)[: n // 2] for _ in range(DRAWS))
    else:
        names = np.unique(scores.clusters)
        picks = (g.permutation(names)[: len(names) // 2] for _ in range(DRAWS))
        draws = (np.flatnonzero(np.isin(scores.clusters, p)) for p in picks)
    made = np.array([_area(scores.take(i), predicted[i]) for i in draws])
    # The spread of half samples around the whole estimates the whole's own spread (Efron & Tibshirani 1993).
    return value, float(np.sqrt(np.mean((made - value) ** 2)))


def _area(scores: Scores, predicted: NDArray[np.float64]) -> float:
    import numpy as np

    _, code = np.unique(-predicted, return_inverse=True)
    size = np.bincount(code)
    # Rows that tie are taken together, evenly: each of them adds the mean of its tie.
    gain, mass = (np.repeat(np.bincount(code, weights=v) / size, size) for v in (scores.gain, scores.mass))
    total = mass.sum()
    upto, held = np.cumsum(gain), np.cumsum(mass)
    ok = held > 0
    curve = upto[ok] / held[ok] - gain.sum() / total
    return float((mass[ok] * curve).sum() / total)
