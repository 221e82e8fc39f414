"""Scores of a numeric treatment: residual on residual, so that a group's effect is the slope of its own line.

A partially linear model whose slope differs by group (Robinson 1988; Chernozhukov et al. 2018; Semenova & Chernozhukov
2021): with gain w·v·r and mass w·v², v and r the residuals of treatment and outcome, the sum of gains over the sum of
masses is the slope in any group of rows, and its projection on modifiers is least squares with their products.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects.cate.groups import FEWEST
from causalcopilot_tools.effects.cate.scores import Scores
from causalcopilot_tools.effects.nuisance import LineNuisances
from causalcopilot_tools.effects.refit import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST_ROWS = 2 * FEWEST
"""Rows a group needs to be shown: as many as two arms need together."""
LEAST = 0.01
"""Share of the treatment's variance that must be left in a group once the controls are held."""


def straight(p: Prepared, fit: LineNuisances) -> Scores:
    """Scores of n rows for a step of the treatment, from out-of-fold means.

    Raises:
        NotApplicable: the controls leave nothing of the treatment.
    """
    import numpy as np

    r, v = p.Y - fit.mean_y, p.T - fit.mean_t
    w = np.ones(p.n) if p.sampling.weights is None else p.sampling.weights / p.sampling.weights.mean()
    info = float((w * v * v).mean())
    if info <= 1e-12 * max(float(p.T.var()), 1e-300):
        raise NotApplicable(
            f"the controls determine {p.treatment} completely", "leave out copies of the treatment"
        )
    return Scores(w * v * r * p.step / info, w * v * v / info, p.sampling.clusters)


def mean_line(fits: Sequence[dict[str, LineNuisances]]) -> LineNuisances:
    """The stacked means averaged over fold seeds."""
    parts = [f["stack"] for f in fits]
    y, t = (sum((getattr(x, k) for x in parts[1:]), getattr(parts[0], k)) for k in ("mean_y", "mean_t"))
    return LineNuisances(y / len(parts), t / len(parts))


def too_flat(p: Prepared, scores: Scores, rows: NDArray[np.bool_], own: float) -> str:
    """Why a group's slope is not shown, or empty.

    Args:
        p: arrays of the effect.
        scores: of its n rows.
        rows: (n,) the group.
        own: share of the treatment's variance that the controls leave over in all rows.
    """
    import numpy as np

    n = int(np.count_nonzero(rows))
    if n < FEWEST_ROWS:
        return f"only {n} row{'s' * (n != 1)} (at least {FEWEST_ROWS} are needed)"
    if float(scores.mass[rows].mean()) * own < LEAST:
        return f"{p.treatment} hardly varies here once the controls are held"
    return ""


def left_over(p: Prepared, fit: LineNuisances) -> float:
    """Share of the treatment's variance that the controls leave over."""
    spread = float(p.T.var())
    return float(((p.T - fit.mean_t) ** 2).mean()) / spread if spread > 0 else 0.0


def plain_residual(Y: NDArray[np.float64], T: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) outcome less its plain line in the treatment: what the modifiers to look at are chosen by."""
    t = T - T.mean()
    slope = float((t * Y).sum() / max(float((t * t).sum()), 1e-300))
    out: NDArray[np.float64] = Y - Y.mean() - slope * t
    return out


def told(p: Prepared, share: float) -> tuple[str, ...]:
    """What a reader must know of slopes by group."""
    c = p.contrast
    return (
        f"{p.treatment} is a number: a group's effect is the slope of a straight line in it, times the step from "
        f"{c.control} to {c.treated}. Within a group, rows count more where {p.treatment} varies more once the controls"
        f" are held; over all rows they leave {share:.1%} of its variance.",
        f"As {p.treatment} is a number, no split of the rows, no ranking and no rule for whom to treat is looked for.",
    )
