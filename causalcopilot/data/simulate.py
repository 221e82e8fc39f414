"""Tables with a known causal graph, for trying out and testing causal methods.

``simulate(Settings(nodes=10, rows=2000))`` draws a random graph, equations on it, rows of them, and then what
happens to rows on their way into a table: hidden variables, selection, measurement error, missing cells.
The same settings give the same table, byte for byte; with more rows the first ones stay what they were.

Numbers are standardised inside the equations (each variable has variance one before its effects are computed), so
that neither the order of variances nor R squared gives the causal order away (Reisach, Seiler & Weichwald 2021;
Ormaniec et al. 2024).
"""

from __future__ import annotations

from causalcopilot.data.simulate_draw import draw_series, draw_table
from causalcopilot.data.simulate_settings import Settings, check
from causalcopilot.data.simulation import Simulation


def simulate(settings: Settings) -> Simulation:
    """A table with its truth.

    Raises:
        UsageError: settings out of range, or that do not go together.
    """
    check(settings)
    return draw_series(settings) if settings.lags else draw_table(settings)
