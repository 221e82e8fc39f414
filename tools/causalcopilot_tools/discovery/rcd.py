"""RCD (lingam): linear, non-Gaussian, and hidden common causes allowed; an ADMG; takes no knowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import ARROW, Found, Settings, from_arrows
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.numbers import complete_numbers
from causalcopilot_tools.discovery.order import arranged, restored
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CARD = Card(
    assumes=("no cycles", "linear relations", "non-Gaussian noise"),
    data="at most 12 columns of numbers; at most 500 rows are used; rows with missing cells are left out",
    cost="1 s at 8 columns, 3 s at 12; lingam takes some seconds to import",
    source="Maeda & Shimizu 2020; lingam",
)
MAX_COLUMNS = 12
ROWS = 500
"""Rows used, drawn at random from more: time grows with the square of the rows."""


def search(data: Prepared, limits: Constraints, settings: Settings) -> Found:
    """Learn directed edges, and ``<->`` where a pair has a hidden common cause; ``limits`` are not taken.

    Raises:
        NotApplicable: a column is a category, there are too many columns, or too few complete rows.
    """
    import numpy as np

    from causalcopilot_tools.discovery.quiet import quiet

    here, order = arranged(data)
    z, notes = complete_numbers(here, "rcd", MAX_COLUMNS)
    if len(z) > ROWS:
        notes.append(f"rcd worked on {ROWS:,} of {len(z):,} rows, drawn at random")
        z = z[np.sort(np.random.default_rng(settings.seed).choice(len(z), ROWS, replace=False))]
    with quiet():
        from lingam import RCD

        model = RCD(cor_alpha=settings.alpha, ind_alpha=settings.alpha, shapiro_alpha=settings.alpha)
        model.fit(z)
    marks, given_up = _marks(restored(model.adjacency_matrix_, order))
    if given_up:
        notes.append(
            f"the tests contradicted one another: {given_up} weakest edges of directed cycles were taken out"
        )
    params = (("alpha", settings.alpha), ("independence", "hsic"), ("rows", len(z)))
    return Found("rcd", "admg", marks, params, tuple(notes))


def _marks(b: NDArray[np.float64]) -> tuple[NDArray[np.int8], int]:
    """Marks from strengths at [effect, cause], NaN where a hidden cause acts on both; cycles opened at the weakest."""
    import numpy as np

    from causalcopilot_tools.discovery.core.orient import find_cycle

    hidden = np.isnan(b) | np.isnan(b).T
    arrows = ((b != 0) & ~hidden).T
    given_up = 0
    while cycle := find_cycle(arrows):
        arcs = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
        arrows[min(arcs, key=lambda arc: abs(b[arc[1], arc[0]]))] = False
        given_up += 1
    marks = from_arrows(arrows | arrows.T, arrows)
    marks[hidden] = ARROW
    return marks, given_up
