"""BOSS over time: links across steps and a CPDAG within a step, from one score; takes knowledge."""

from __future__ import annotations

from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import Settings
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.series.found import LaggedFound, Material, from_links

CARD = Card(
    assumes=(
        "no hidden common causes",
        "the same links at every step",
        "linear relations",
        "no cycle within a step",
    ),
    data="a stationary (or treated) series of numbers",
    cost="0.02 s at 10 columns and 2 lags; once per machine about 15 s to compile",
    source="Andrews et al. 2023 (BOSS) on lagged columns; time order as in Runge 2020 (PCMCI+)",
)


def search(data: Material, limits: Constraints, settings: Settings) -> LaggedFound:
    """Learn a lagged graph; the answer does not depend on the order of the columns."""
    import numpy as np

    from causalcopilot_tools.discovery.core import lagged, lagged_boss
    from causalcopilot_tools.discovery.core.boss import IMPROVEMENT
    from causalcopilot_tools.discovery.series.order import canonical, reordered

    order = canonical(data)
    here = reordered(data, order)
    known = limits.limits(here.names) if limits else None
    p = len(order)
    result = lagged_boss.search(
        lagged.moments(here.stacked), p, settings.seed, settings.starts, settings.penalty, known
    )
    ends = np.zeros((2, *result.adjacent.shape), np.int8)
    back = np.ix_(np.arange(2), np.arange(ends.shape[1]), order, order)
    ends[back] = from_links(result.adjacent, result.arrows)
    same = sum(s > result.score - IMPROVEMENT for s in result.scores)
    params = (
        ("score", "bic"),
        ("penalty", settings.penalty),
        ("starts", settings.starts),
        ("starts_with_best_score", same),
    )
    return LaggedFound("lagged_boss", ends, params)
