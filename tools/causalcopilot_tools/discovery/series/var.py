"""Vector autoregression: Granger tests with a bound on false discoveries, PC on what is left within a step."""

from __future__ import annotations

from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import Settings
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.series.found import LaggedFound, Material, from_links

CARD = Card(
    assumes=("no hidden common causes", "linear relations"),
    data="a stationary (or treated) series of numbers",
    cost="milliseconds",
    source="Granger 1969; Geweke 1984; Benjamini & Hochberg 1995; Demiralp & Hoover 2003 for the step itself",
)
FALSE_SHARE = 0.05
"""Expected share of false links among the lagged ones."""


def search(data: Material, limits: Constraints, settings: Settings) -> LaggedFound:
    """Learn the reduced form: a lagged link may run through another variable within the step.

    Raises:
        NotApplicable: the knowledge requires an edge, or there are too few rows for the equations.
    """
    import numpy as np

    from causalcopilot_tools.discovery.core import granger
    from causalcopilot_tools.discovery.core.compiled_pc import pc
    from causalcopilot_tools.discovery.core.lagged import exact

    s = data.stacked
    if limits.required:
        raise NotApplicable("var takes no required edges", "use method lagged_boss, or set them aside")
    if len(s.z) <= s.z.shape[1] + 10:
        raise NotApplicable(
            f"var needs more than {s.z.shape[1] + 10} steps for these columns and lags ({len(s.z)} given)",
            "use fewer columns or a shorter lag",
        )
    if exact(np.asarray(np.corrcoef(s.z.T), np.float64)):
        raise NotApplicable(
            "var needs columns that do not determine one another", "leave one out, or use method lagged_boss"
        )
    known = limits.limits(data.names) if limits else None
    fit = granger.fit(s, known.forbidden if known else None)
    links = granger.discoveries(fit.p_values, FALSE_SHARE)
    within = pc(
        np.asarray(np.corrcoef(fit.residuals.T), np.float64),
        float(len(s.z) - s.past.shape[1]),
        settings.alpha,
        known,
    )
    adjacent = np.concatenate([within.skeleton.adjacent[None], links])
    note = "var tells the reduced form: a lagged link may lead through another column within the same step"
    params = (
        ("test", "t"),
        ("false_discovery_rate", FALSE_SHARE),
        ("within_step", "pc"),
        ("alpha", settings.alpha),
    )
    return LaggedFound("var", from_links(adjacent, within.arrows), params, (note,))
