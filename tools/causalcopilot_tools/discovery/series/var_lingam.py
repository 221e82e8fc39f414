"""VARLiNGAM (lingam): every direction within a step, where the noises are clearly not Gaussian."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import Settings
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.series.found import LaggedFound, Material, from_links

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CARD = Card(
    assumes=("no hidden common causes", "linear relations", "non-Gaussian noise", "no cycle within a step"),
    data="one stationary (or treated) series without gaps",
    cost="0.2 s at 10 columns; lingam takes some seconds to import",
    source="Hyvärinen, Zhang, Shimizu & Hoyer 2010; lingam",
)
MAX_COLUMNS = 30


def search(data: Material, limits: Constraints, settings: Settings) -> LaggedFound:
    """Learn a lagged DAG; takes no knowledge.

    Raises:
        NotApplicable: there is knowledge, a gap, a panel, or too many columns.
    """
    import numpy as np

    from causalcopilot_tools.discovery.series.order import canonical, reordered

    refuse(data, limits)
    order = canonical(data)
    x = reordered(data, order).x
    x = x[~np.isnan(x).any(axis=1)]
    weights = _fit((x - x.mean(axis=0)) / x.std(axis=0), data.stacked.lags, settings.seed)
    arrows = np.zeros(weights.shape, bool)
    arrows[np.ix_(np.arange(len(weights)), order, order)] = weights.transpose(0, 2, 1) != 0
    adjacent = arrows.copy()
    adjacent[0] |= arrows[0].T
    return LaggedFound("var_lingam", from_links(adjacent, arrows[0]), (("pruned", "adaptive lasso"),))


def refuse(data: Material, limits: Constraints) -> None:
    """Raise ``NotApplicable`` where the method does not fit."""
    if limits:
        raise NotApplicable(
            "var_lingam takes no knowledge (tiers, forbidden or required edges are given)",
            "use method lagged_boss, or set the knowledge aside",
        )
    if not gapless(data):
        raise NotApplicable("var_lingam takes one series without gaps", "use method lagged_boss or var")
    if len(data.names) > MAX_COLUMNS:
        raise NotApplicable(
            f"var_lingam takes at most {MAX_COLUMNS} columns ({len(data.names)} given)",
            "choose columns, or use method lagged_boss",
        )


def gapless(data: Material) -> bool:
    """One series, known at every step but the first ones."""
    return int(data.stacked.runs[-1]) == 1 and int(data.units[-1]) == 0


def _fit(x: NDArray[np.float64], lags: int, seed: int) -> NDArray[np.float64]:
    """(L + 1, p, p) weights at [lag, effect, cause]."""
    import numpy as np

    from causalcopilot_tools.discovery.quiet import quiet

    with quiet():
        import lingam

        model = lingam.VARLiNGAM(lags=lags, criterion=None, prune=True, random_state=seed)
        model.fit(x)
    return np.asarray(model.adjacency_matrices_, dtype=np.float64)
