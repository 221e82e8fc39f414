"""DirectLiNGAM (lingam): one DAG, where relations are linear and noise is not Gaussian; takes knowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import Found, Settings, from_arrows
from causalcopilot_tools.discovery.inputs import Prepared, canonical
from causalcopilot_tools.discovery.knowledge import Constraints, lingam_matrix

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
    import numpy as np

    order = canonical(data)
    here = data.keep([int(i) for i in order])
    x = here.matrix[~np.isnan(here.matrix).any(axis=1)]
    _refuse(here, len(x))
    strengths = _fit(x, limits, here.names, settings.seed)
    effects = np.zeros_like(strengths)
    effects[np.ix_(order, order)] = strengths
    arrows = (effects != 0).T
    dropped = data.rows - len(x)
    notes = (f"{dropped:,} rows with missing cells were left out",) if dropped else ()
    return Found(
        "direct_lingam", "dag", from_arrows(arrows | arrows.T, arrows), (("measure", "pwling"),), notes
    )


def _refuse(data: Prepared, rows: int) -> None:
    if not data.all_numbers:
        names = ", ".join(n for n, b in zip(data.names, data.blocks, strict=True) if len(b) > 1)
        raise NotApplicable(
            f"direct_lingam takes numbers only ({names} is a category)", "use method boss or pc"
        )
    if len(data.names) > MAX_COLUMNS:
        raise NotApplicable(
            f"direct_lingam takes at most {MAX_COLUMNS} columns ({len(data.names)} given)",
            "choose columns, or use method boss or pc",
        )
    if rows <= 2 * len(data.names):
        raise NotApplicable(
            f"direct_lingam needs more than {2 * len(data.names)} complete rows ({rows} given)",
            "use method pc",
        )


def _fit(
    x: NDArray[np.float64], limits: Constraints, names: tuple[str, ...], seed: int
) -> NDArray[np.float64]:
    """Strengths at [effect, cause]; forbidden edges are kept out, required ones in."""
    import numpy as np
    from lingam import DirectLiNGAM

    z = (x - x.mean(axis=0)) / x.std(axis=0)
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
