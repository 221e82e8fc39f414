"""PC: a CPDAG from conditional independence tests; takes knowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.citests import ON_MOMENTS, citest, depth_of, name_of, notes_of
from causalcopilot_tools.discovery.found import Found, Settings, from_arrows
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.order import arranged, restored
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    from causalcopilot_tools.discovery.core.moments import Moments
    from causalcopilot_tools.discovery.core.pc import Limits, PcResult

CARD = Card(
    assumes=(
        "no hidden common causes",
        "faithfulness",
        "no cycles",
        "linear relations (test auto; any relation with rcot, kci or, for categories, chi_square, g_square)",
    ),
    data="numbers (Fisher's Z) and categories (likelihood ratio on indicators); missing cells allowed",
    cost="well under a second up to 100 columns; with rcot seconds, with kci about half a minute at 10 columns",
    source="Spirtes & Glymour 1991; Colombo & Maathuis 2014; Ramsey 2016 (collider rule); Zhang et al. 2011 (kci)",
)

COMPILED_WORK = 6000
"""Columns squared, times searches, from which loading compiled code (0.6 CPU seconds) repays itself."""


def search(data: Prepared, limits: Constraints, settings: Settings) -> Found:
    """Learn a CPDAG, or with knowledge the maximally oriented graph that keeps it."""

    here, order = arranged(data)
    result, said = _searched(here, limits.limits(here.names), settings)
    marks = restored(from_arrows(result.skeleton.adjacent, result.arrows), order)
    notes = [*said]
    notes += [
        f"{here.names[a]} --- {here.names[b]} was given up: the knowledge would make a cycle of it"
        for a, b in result.dropped
    ]
    if result.skeleton.cut:
        notes.append(
            f"conditioning sets above {result.skeleton.depth} were not tried: they would be too many; "
            "some adjacencies may be indirect"
        )
    params = (
        ("alpha", settings.alpha),
        ("test", name_of(settings.test, data)),
        ("depth", result.skeleton.depth),
    )
    return Found("pc", "cpdag", marks, params, tuple(notes))


def _searched(data: Prepared, limits: Limits, settings: Settings) -> tuple[PcResult, list[str]]:
    """The search with the test it was told to use, and what must be said of that test."""
    if settings.test in ON_MOMENTS:
        m = data.moments()
        return on_moments(m, limits, settings), [*m.notes]
    from causalcopilot_tools.discovery.core.pc import pc

    test = citest(data, settings.test, settings.seed)
    result = pc(test, settings.alpha, limits, depth_of(settings.test, settings.max_depth))
    return result, notes_of(settings.test, test, data)


def on_moments(m: Moments, limits: Limits, settings: Settings, searches: int = 1) -> PcResult:
    """PC on moments: compiled for many columns or many searches, where the tests are Fisher's Z on all rows."""
    if m.scalar and m.how == "complete" and len(m.blocks) ** 2 * searches > COMPILED_WORK:
        from causalcopilot_tools.discovery.core import compiled_pc

        return compiled_pc.pc(m.correlation, m.rows, settings.alpha, limits, settings.max_depth)
    from causalcopilot_tools.discovery.core.citest import GaussianTest
    from causalcopilot_tools.discovery.core.pc import pc

    return pc(GaussianTest(m), settings.alpha, limits, settings.max_depth)
