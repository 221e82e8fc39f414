"""DirectLiNGAM (lingam): one DAG, where relations are linear and noise is not Gaussian; takes knowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import Found, Settings, from_arrows
from causalcopilot_tools.discovery.knowledge import Constraints, lingam_matrix
from causalcopilot_tools.discovery.numbers import complete_numbers
from causalcopilot_tools.discovery.order import arranged, restored
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from causalcopilot_tools.discovery.core.pc import Limits

CARD = Card(
    assumes=("no hidden common causes", "no cycles", "linear relations", "non-Gaussian noise"),
    data="numbers; rows with missing cells are left out",
    cost="0.1 s at 10 columns, 4 s at 30; lingam takes some seconds to import",
    source="Shimizu et al. 2011; lingam",
)
MAX_COLUMNS = 30


def search(data: Prepared, limits: Constraints, settings: Settings) -> Found:
    """Learn a DAG.

    Raises:
        NotApplicable: a column is a category, there are too many columns, or too few complete rows.
    """

    here, order = arranged(data)
    z, notes = complete_numbers(here, "direct_lingam", MAX_COLUMNS)
    arrows = restored(_fit(z, limits, here.names, settings.seed) != 0, order).T
    marks = from_arrows(arrows | arrows.T, arrows)
    return Found("direct_lingam", "dag", marks, (("measure", "pwling"),), tuple(notes))


def _fit(
    z: NDArray[np.float64], limits: Constraints, names: tuple[str, ...], seed: int
) -> NDArray[np.float64]:
    """Strengths at [effect, cause]; forbidden edges are kept out, required ones in."""
    import numpy as np
    from lingam import DirectLiNGAM

    model = DirectLiNGAM(random_state=seed, prior_knowledge=lingam_matrix(limits, names) if limits else None)
    model.fit(z)
    b: NDArray[np.float64] = np.array(model.adjacency_matrix_, dtype=np.float64)
    return keep_limits(z, b, list(model.causal_order_), limits.limits(names))


def keep_limits(
    z: NDArray[np.float64], b: NDArray[np.float64], causes: list[int], bounds: Limits
) -> NDArray[np.float64]:
    """The strengths ``b`` at [effect, cause] with forbidden edges taken out of the regressions and required ones in.

    Args:
        z: (n, p) standardised rows.
        b: (p, p); changed in place.
        causes: the causal order.
        bounds: the limits.
    """
    import numpy as np
    from lingam.utils import predict_adaptive_lasso

    for effect in np.flatnonzero(((b != 0) & bounds.forbidden.T).any(axis=1)):
        allowed = [c for c in causes[: causes.index(int(effect))] if not bounds.forbidden[c, effect]]
        b[effect] = 0.0
        if allowed:
            b[effect, allowed] = predict_adaptive_lasso(z, allowed, int(effect))
    for cause, effect in np.argwhere(bounds.required):
        if b[effect, cause] == 0:  # pruned by the lasso, but known to be there
            b[effect, cause] = np.finfo(float).tiny
    return b
