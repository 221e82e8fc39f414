"""BOSS: a CPDAG from a score; takes knowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import Found, Settings, from_arrows
from causalcopilot_tools.discovery.inputs import Prepared, canonical
from causalcopilot_tools.discovery.knowledge import Constraints

if TYPE_CHECKING:
    from causalcopilot_tools.discovery.core.boss import BossResult
    from causalcopilot_tools.discovery.core.moments import Moments
    from causalcopilot_tools.discovery.core.pc import Limits

CARD = Card(
    assumes=("no hidden common causes", "faithfulness", "no cycles", "linear relations"),
    data="numbers and categories (as indicators); missing cells allowed",
    cost="0.1 s at 10 columns, 1 s at 100; once per machine about 15 s to compile",
    source="Andrews et al. 2023 (BOSS); Andrews, Ramsey & Cooper 2019 (degenerate Gaussian score)",
)

COMPILED_WIDTH = 20
"""Matrix columns from which loading compiled code (0.6 CPU seconds) repays itself in one search."""
COMPILED_WORK = 6000
"""Columns squared, times searches, from which it does for many."""


def search(data: Prepared, limits: Constraints, settings: Settings) -> Found:
    """Learn a CPDAG, or with knowledge the maximally oriented graph that keeps it."""
    import numpy as np

    from causalcopilot_tools.discovery.core.boss import IMPROVEMENT

    order = canonical(data)
    here = data.keep([int(i) for i in order])
    m = here.moments()
    result = on_moments(m, limits.limits(here.names), settings)
    marks = np.zeros((len(order), len(order)), np.int8)
    marks[np.ix_(order, order)] = from_arrows(result.dag | result.dag.T, result.arrows)
    same = sum(s > result.score - IMPROVEMENT for s in result.scores)
    params = (
        ("score", "bic" if data.all_numbers else "degenerate_gaussian_bic"),
        ("penalty", settings.penalty),
        ("starts", settings.starts),
        ("starts_with_best_score", same),
    )
    return Found("boss", "cpdag", marks, params, m.notes)


def on_moments(m: Moments, limits: Limits, settings: Settings, searches: int = 1) -> BossResult:
    """BOSS on moments: compiled for many columns or many searches."""
    width = len(m.correlation)
    if width > COMPILED_WIDTH or width**2 * searches > COMPILED_WORK:
        from causalcopilot_tools.discovery.core import compiled_boss

        return compiled_boss.boss(m, settings.seed, settings.starts, settings.penalty, limits)
    from causalcopilot_tools.discovery.core.boss import boss

    return boss(m, settings.seed, settings.starts, settings.penalty, limits)
