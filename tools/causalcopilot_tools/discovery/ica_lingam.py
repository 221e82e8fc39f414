"""ICA-LiNGAM (lingam): one DAG, where relations are linear and noise is not Gaussian; takes no knowledge."""

from __future__ import annotations

from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import Found, Settings, from_arrows
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.numbers import complete_numbers
from causalcopilot_tools.discovery.order import arranged, restored
from causalcopilot_tools.discovery.prepared import Prepared

CARD = Card(
    assumes=("no hidden common causes", "no cycles", "linear relations", "non-Gaussian noise"),
    data="at most 150 columns of numbers; rows with missing cells are left out",
    cost="0.1 s at 10 columns, 5 s at 100; lingam takes some seconds to import",
    source="Shimizu et al. 2006; lingam",
)
MAX_COLUMNS = 150
ITERATIONS = 2000
"""Of the independent component analysis, which settles in a few hundred on noise that is not Gaussian."""


def search(data: Prepared, limits: Constraints, settings: Settings) -> Found:
    """Learn a DAG; ``limits`` are not taken (``discover`` refuses them for this method).

    Raises:
        NotApplicable: a column is a category, there are too many columns, or too few complete rows.
    """
    import warnings

    from causalcopilot_tools.discovery.quiet import quiet

    here, order = arranged(data)
    z, notes = complete_numbers(here, "ica_lingam", MAX_COLUMNS)
    with quiet(), warnings.catch_warnings(record=True) as told:
        from lingam import ICALiNGAM
        from sklearn.exceptions import ConvergenceWarning

        warnings.simplefilter("always")
        model = ICALiNGAM(random_state=settings.seed, max_iter=ITERATIONS)
        model.fit(z)
    if any(issubclass(w.category, ConvergenceWarning) for w in told):
        notes.append(
            "the independent component analysis did not settle: read the directions as a hint "
            "(noise that is nearly Gaussian does this)"
        )
    arrows = restored(model.adjacency_matrix_ != 0, order).T
    params = (("iterations", ITERATIONS),)
    return Found("ica_lingam", "dag", from_arrows(arrows | arrows.T, arrows), params, tuple(notes))
