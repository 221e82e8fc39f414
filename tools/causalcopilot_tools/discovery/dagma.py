"""DAGMA (optional): a graph by continuous optimisation, where acyclicity is a smooth penalty; takes forbidden edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import Found, Settings, from_arrows
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.numbers import complete_numbers
from causalcopilot_tools.discovery.order import arranged, restored
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from causalcopilot_tools.discovery.core.pc import Limits

CARD = Card(
    assumes=(
        "no hidden common causes",
        "no cycles",
        "linear relations",
        "strong edges (weak ones are cut); without telling scales it errs more than boss",
    ),
    data="at most 50 columns of numbers; rows with missing cells are left out",
    cost="1 s at 10 columns, 3 s at 40; needs the extra: pip install 'causalcopilot[continuous]'",
    source="Bello, Aragam & Ravikumar 2022 (DAGMA); Zheng et al. 2018 (NOTEARS); dagma",
)
MAX_COLUMNS = 50
SPARSITY = 0.03
"""Weight of the sum of absolute strengths, the default of the paper."""
THRESHOLD = 0.15
"""Strength on standardised columns below which an edge is cut; the paper's 0.3 is for raw scales."""
INSTALL = "pip install 'causalcopilot[continuous]'"


def search(data: Prepared, limits: Constraints, settings: Settings) -> Found:
    """Learn the class of the optimised DAG: on standardised columns nothing tells the members of a class apart.

    Raises:
        NotApplicable: the extra is not installed, required edges are given (it cannot promise them), a column is
            a category, there are too many columns, or too few complete rows.
    """

    from causalcopilot_tools.discovery.core.orient import class_of

    if limits.required:
        a, b = min(limits.required)
        raise NotApplicable(
            f"dagma cannot promise required edges ({a} -> {b} is required)", "use method pc, boss or exact"
        )
    here, order = arranged(data)
    z, notes = complete_numbers(here, "dagma", MAX_COLUMNS)
    bounds = limits.limits(here.names)
    w = _optimised(z, bounds)
    dag, cut = _acyclic(w)
    if cut:
        notes.append(f"{cut} weakest edges of directed cycles were taken out of the optimiser's answer")
    against = _in_order(dag, w, bounds)
    if against:
        notes.append(f"{against} edges were taken out because they made an indirect cause against the order")
    marks = restored(from_arrows(dag | dag.T, class_of(dag, bounds.fixed(dag | dag.T))), order)
    params = (("sparsity", SPARSITY), ("threshold", THRESHOLD))
    return Found("dagma", "cpdag", marks, params, tuple(notes))


def _optimised(z: NDArray[np.float64], limits: Limits) -> NDArray[np.float64]:
    """(p, p) strengths, row causes column."""
    import numpy as np

    from causalcopilot_tools.discovery.quiet import quiet

    try:
        from dagma.linear import DagmaLinear
    except ImportError as e:
        raise NotApplicable(f"dagma is not installed ({e.name} is missing)", INSTALL) from e
    out = tuple((int(i), int(j)) for i, j in np.argwhere(limits.forbidden))
    with quiet():
        model = DagmaLinear(loss_type="l2")
        # a fresh list: the library changes its default one, so that a call would hang on earlier calls
        w = model.fit(
            z.copy(),
            lambda1=SPARSITY,
            w_threshold=THRESHOLD,
            s=[1.0, 0.9, 0.8, 0.7, 0.6],
            exclude_edges=out or None,
        )
    return np.asarray(w, dtype=np.float64)


def _acyclic(w: NDArray[np.float64]) -> tuple[NDArray[np.bool_], int]:
    """Arrows of the strengths, cycles opened at the weakest."""
    from causalcopilot_tools.discovery.core.orient import find_cycle

    arrows, cut = w != 0, 0
    while cycle := find_cycle(arrows):
        arcs = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
        arrows[min(arcs, key=lambda arc: abs(w[arc]))] = False
        cut += 1
    return arrows, cut


def _in_order(dag: NDArray[np.bool_], w: NDArray[np.float64], limits: Limits) -> int:
    """Open, in place, the ways from a later to an earlier column at their weakest edge; how many edges went."""
    from causalcopilot_tools.discovery.core.orient import find_cycle

    gone = 0
    while limits.ordered is not None:
        cycle = find_cycle(dag | limits.ordered.T)  # an arrow from the earlier to the later closes such a way
        arcs = [a for a in zip(cycle, [*cycle[1:], *cycle[:1]], strict=True) if dag[a]]
        if not arcs:
            break
        dag[min(arcs, key=lambda arc: abs(w[arc]))] = False
        gone += 1
    return gone
