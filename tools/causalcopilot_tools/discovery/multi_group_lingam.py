"""Multi-group LiNGAM (lingam): one causal order for several groups of rows; takes knowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.direct_lingam import keep_limits
from causalcopilot_tools.discovery.found import Found, Settings, from_arrows
from causalcopilot_tools.discovery.knowledge import Constraints, lingam_matrix
from causalcopilot_tools.discovery.numbers import complete_numbers
from causalcopilot_tools.discovery.order import canonical
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CARD = Card(
    assumes=(
        "no hidden common causes",
        "no cycles",
        "linear relations",
        "non-Gaussian noise",
        "one causal order in all groups, whatever the strengths",
    ),
    data="at most 20 columns of numbers and a column of domains; rows with missing cells are left out",
    cost="0.1 s per group at 10 columns; lingam takes some seconds to import",
    source="Shimizu 2012; lingam",
)
MAX_COLUMNS = 20


def search(data: Prepared, limits: Constraints, settings: Settings) -> Found:
    """Learn a DAG over the columns without the domain ``settings.domain``, whose values are the groups.

    An edge is drawn where at least half of the groups have it.

    Raises:
        NotApplicable: a column is a category, there are too many columns, or a group has too few complete rows.
    """
    import numpy as np

    place = data.names.index(settings.domain)
    order = np.array([i for i in canonical(data) if i != place])
    here = data.keep([int(i) for i in order])
    codes = data.matrix[:, data.blocks[place][0]]
    groups, notes = _groups(here, codes, settings.domain)
    strengths = _fit(groups, limits, data.names, order, settings.seed)
    share = (strengths != 0).mean(axis=0).T
    arrows = np.zeros((len(data.names), len(data.names)), bool)
    arrows[np.ix_(order, order)] = share >= 0.5
    some = int(((share > 0) & (share < 1)).sum())
    if some:
        seldom = int(((share > 0) & (share < 0.5)).sum())
        notes.append(
            f"{some} edges are there in some groups only; those in fewer than half ({seldom}) are not drawn"
        )
    notes.append(f"{settings.domain} gave the {len(groups)} groups; it is no node of this graph")
    params = (("measure", "pwling"), ("domain", settings.domain), ("groups", len(groups)))
    marks = from_arrows(arrows | arrows.T, arrows)
    return Found("multi_group_lingam", "dag", marks, params, tuple(notes), (settings.domain,))


def _groups(
    data: Prepared, codes: NDArray[np.float64], domain: str
) -> tuple[list[NDArray[np.float64]], list[str]]:
    import numpy as np

    groups, left_out = [], 0
    for code in np.unique(codes):
        part = data.resample(np.flatnonzero(codes == code))
        try:
            groups.append(complete_numbers(part, "multi_group_lingam", MAX_COLUMNS)[0])
        except NotApplicable as e:
            raise NotApplicable(f"{e.message}, in one of the groups of {domain}", e.hint) from e
        left_out += part.rows - len(groups[-1])
    return groups, [f"{left_out:,} rows with missing cells were left out"] if left_out else []


def _fit(
    groups: list[NDArray[np.float64]],
    limits: Constraints,
    names: tuple[str, ...],
    order: NDArray[np.int64],
    seed: int,
) -> NDArray[np.float64]:
    """(groups, p, p) strengths at [effect, cause]; forbidden edges are kept out, required ones in."""
    import numpy as np

    from causalcopilot_tools.discovery.quiet import quiet

    with quiet():
        from lingam import MultiGroupDirectLiNGAM

        bounds = limits.limits(names).permuted(order)
        prior = lingam_matrix(limits, names)[np.ix_(order, order)] if limits else None
        model = MultiGroupDirectLiNGAM(random_state=seed, prior_knowledge=prior)
        model.fit([g.copy() for g in groups])
        causes = list(model.causal_order_)
        each = zip(groups, model.adjacency_matrices_, strict=True)
        return np.array([keep_limits(z, np.array(b), causes, bounds) for z, b in each])
