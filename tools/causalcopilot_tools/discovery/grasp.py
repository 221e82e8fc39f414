"""GRaSP (causal-learn): a CPDAG from a score over permutations; takes no knowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import Found, Settings, from_arrows
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.order import arranged, restored
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CARD = Card(
    assumes=("no hidden common causes", "faithfulness", "no cycles", "linear relations"),
    data="numbers; missing cells allowed (searched on their correlations)",
    cost="0.1 s at 10 columns, 1 s at 30; causal-learn takes some seconds to import",
    source="Lam, Andrews & Ramsey 2022; causal-learn",
)


def search(data: Prepared, limits: Constraints, settings: Settings) -> Found:
    """Learn a CPDAG; ``limits`` are not taken (``discover`` refuses them for this method).

    Raises:
        NotApplicable: a column is a category, or there are too few rows.
    """
    import numpy as np

    from causalcopilot_tools.discovery.core.boss import IMPROVEMENT, bic
    from causalcopilot_tools.discovery.core.orient import class_of

    if not data.all_numbers:
        raise NotApplicable("grasp takes numbers only", "use method boss or pc")
    if data.rows <= len(data.names):
        raise NotApplicable(f"grasp needs more rows than columns ({data.rows} given)", "use method pc")
    here, order = arranged(data)
    m = here.moments()
    x = with_moments(m.correlation, int(m.rows), settings.seed)
    best, dag = -np.inf, np.zeros((len(order), len(order)), bool)
    for start in range(settings.starts):
        found = _start(x, settings, start)
        score = bic(m, found, settings.penalty)
        if score > best + IMPROVEMENT:
            best, dag = score, found
    marks = restored(from_arrows(dag | dag.T, class_of(dag)), order)
    params = (("score", "bic"), ("penalty", settings.penalty), ("starts", settings.starts))
    return Found("grasp", "cpdag", marks, params, m.notes)


def _start(x: NDArray[np.float64], settings: Settings, start: int) -> NDArray[np.bool_]:
    """One DAG of the class that a seeded start ends in."""
    import random

    import numpy as np

    from causalcopilot_tools.discovery.core.orient import least_contradicted, unshielded
    from causalcopilot_tools.discovery.quiet import quiet

    before = random.getstate()
    random.seed(settings.seed * 1000 + start)  # causal-learn shuffles with the global generator
    try:
        with quiet():
            from causallearn.search.PermutationBased.GRaSP import grasp

            learned = np.asarray(grasp(x, parameters={"lambda_value": settings.penalty}, verbose=False).graph)
    finally:
        random.setstate(before)
    adjacent, arrows = learned != 0, (learned == -1) & (learned.T == 1)
    evidence = {(a, m, c): 1.0 if arrows[a, m] and arrows[c, m] else -1.0 for a, m, c in unshielded(adjacent)}
    return least_contradicted(adjacent, evidence, np.zeros_like(adjacent))


def with_moments(correlation: NDArray[np.float64], rows: int, seed: int) -> NDArray[np.float64]:
    """A matrix of ``rows`` rows whose sample correlation is exactly the one given."""
    import numpy as np

    x = np.random.default_rng(seed).standard_normal((rows, len(correlation)))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(x.T @ x / rows).T)
    out: NDArray[np.float64] = x @ np.linalg.cholesky(correlation).T
    return out
