"""BOSS: a CPDAG from a score; takes knowledge."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import Found, Settings, from_arrows
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.order import arranged, restored
from causalcopilot_tools.discovery.prepared import Prepared

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
ERROR_COLUMNS = 30
"""Above this measurement error is not looked for: it doubles the time."""
ERROR_STARTS = 3
COMPILED_WORK = 6000
"""Columns squared, times searches, from which it does for many."""


def search(data: Prepared, limits: Constraints, settings: Settings) -> Found:
    """Learn a CPDAG, or with knowledge the maximally oriented graph that keeps it."""

    from causalcopilot_tools.discovery.core.boss import IMPROVEMENT

    here, order = arranged(data)
    m = here.moments()
    bounds = limits.limits(here.names)
    result = on_moments(m, bounds, settings)
    share, result = _with_error(m, result, here, bounds, settings)
    marks = restored(from_arrows(result.dag | result.dag.T, result.arrows), order)
    same = sum(s > result.score - IMPROVEMENT for s in result.scores)
    params = (
        ("score", "bic" if data.all_numbers else "degenerate_gaussian_bic"),
        ("penalty", settings.penalty),
        ("starts", settings.starts),
        ("starts_with_best_score", same),
    )
    if not share:
        return Found("boss", "cpdag", marks, params, m.notes)
    told = (
        f"a graph in which about {share:.0%} of each column's variance is measurement error fits clearly better than"
        " any found without error; this is that graph (the same share is assumed for all columns)"
    )
    return Found("boss", "cpdag", marks, (*params, ("measurement_error", share)), (*m.notes, told))


def _with_error(
    m: Moments, plain: BossResult, data: Prepared, limits: Limits, settings: Settings
) -> tuple[float, BossResult]:
    """The share of measurement error that the table calls for, and the graph learned with it."""
    if (
        settings.error_share
        or len(data.names) > ERROR_COLUMNS
        or any(t not in ("continuous", "count") for t in data.types)
    ):
        return 0.0, plain
    from causalcopilot_tools.discovery.core.measurement_error import with_error

    few = replace(settings, starts=min(settings.starts, ERROR_STARTS))
    return with_error(
        m,
        plain,
        lambda moments, times: on_moments(moments, limits, replace(few, penalty=times * few.penalty)),
        settings.penalty,
    )


def on_moments(m: Moments, limits: Limits, settings: Settings, searches: int = 1) -> BossResult:
    """BOSS on moments: compiled for many columns or many searches."""
    if settings.error_share:
        from causalcopilot_tools.discovery.core.measurement_error import corrected

        m = corrected(m, settings.error_share)
    width = len(m.correlation)
    if width > COMPILED_WIDTH or width**2 * searches > COMPILED_WORK:
        from causalcopilot_tools.discovery.core import compiled_boss

        return compiled_boss.boss(m, settings.seed, settings.starts, settings.penalty, limits)
    from causalcopilot_tools.discovery.core.boss import boss

    return boss(m, settings.seed, settings.starts, settings.penalty, limits)
