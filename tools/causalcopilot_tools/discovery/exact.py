"""Exact search: the CPDAG whose score is the best of all graphs; few columns only; takes knowledge."""

from __future__ import annotations

from causalcopilot.errors import KnowledgeError, NotApplicable
from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import Found, Settings, from_arrows
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.order import arranged, restored
from causalcopilot_tools.discovery.prepared import Prepared

CARD = Card(
    assumes=("no hidden common causes", "faithfulness", "no cycles", "linear relations"),
    data="at most 20 columns of numbers and categories (as indicators); missing cells allowed",
    cost="0.1 s at 10 columns, 0.7 s at 18, 3 s and 0.5 GB of memory at 20",
    source="Silander & Myllymäki 2006 (dynamic programming); Andrews, Ramsey & Cooper 2019 (degenerate Gaussian)",
)
MAX_COLUMNS = 20
"""Above this the table of all sets takes gigabytes; it doubles with each column."""


def search(data: Prepared, limits: Constraints, settings: Settings) -> Found:
    """Learn a CPDAG, or with knowledge the maximally oriented graph that keeps it.

    Raises:
        NotApplicable: too many columns.
        KnowledgeError: no graph respects the knowledge.
    """

    from causalcopilot_tools.discovery.core.exact import exact

    if len(data.names) > MAX_COLUMNS:
        raise NotApplicable(
            f"exact takes at most {MAX_COLUMNS} columns ({len(data.names)} given): it looks at every set of them",
            "choose columns, or use method boss, which mostly reaches the same score",
        )
    here, order = arranged(data)
    m = here.moments()
    try:
        result = exact(m, settings.penalty, limits.limits(here.names))
    except ValueError as e:
        raise KnowledgeError(
            "no graph respects the knowledge: tiers, forbidden and required edges leave no order",
            "take one of the required edges out",
        ) from e
    marks = restored(from_arrows(result.dag | result.dag.T, result.arrows), order)
    params = (
        ("score", "bic" if data.all_numbers else "degenerate_gaussian_bic"),
        ("penalty", settings.penalty),
    )
    return Found("exact", "cpdag", marks, params, m.notes)
