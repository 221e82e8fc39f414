"""How far back to look: AIC proposes, the residuals of the learned graph confirm or ask for more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot_tools.discovery.found import Settings
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.series.found import Material
from causalcopilot_tools.discovery.series.outcome import Lags
from causalcopilot_tools.discovery.series.prepared import Series, require_length

if TYPE_CHECKING:
    from causalcopilot_tools.discovery.core.lag_order import LagOrder

LEVEL = 0.01
"""Level of the residual tests, divided by the number of variables."""
MARGIN = 1
"""Lags searched beyond AIC's: a criterion pays for a whole order, the search for each link alone."""
FURTHER = 3
"""Lags added at most when residuals still hold autocorrelation."""


@dataclass(frozen=True)
class Chosen:
    """The series with its past, and why that far back."""

    data: Material
    lags: Lags


def choose(s: Series, limits: Constraints, settings: Settings, given: int | None) -> Chosen:
    """Choose the longest lag.

    AIC rather than BIC: BIC counts every coefficient of a full autoregression and stops too early for sparse
    links, while the search drops surplus lags by itself.

    Raises:
        NotApplicable: too few steps have a complete past.
    """
    from causalcopilot_tools.discovery.core import lag_order

    if given is not None:
        return _judged(s, limits, settings, given, None, f"{given} was asked for")
    known = _complete(s)
    require_length(known, 1, s.names)
    order = lag_order.choose(s.x, s.units, _most(s, known))
    start = min(order.aic + MARGIN, order.tried)
    first = _judged(s, limits, settings, start, order, _why(order, start))
    best = first
    for lag in range(start + 1, min(start + FURTHER, order.tried) + 1):
        if not best.lags.left_over:
            break
        reason = f"{_why(order, start)}; raised to {lag}, because the residuals still held autocorrelation"
        best = _judged(s, limits, settings, lag, order, reason)
    return first if best.lags.left_over else best


def _why(order: LagOrder, start: int) -> str:
    same = "as does BIC" if order.aic == order.bic else f"BIC {order.bic}"
    more = (
        "; one more is searched, for single links that a whole order does not repay"
        if start > order.aic
        else ""
    )
    return f"AIC prefers {order.aic} of up to {order.tried}, {same}{more}"


def _complete(s: Series) -> int:
    from causalcopilot_tools.discovery.core import lagged

    return len(lagged.stack(s.x, s.units, 1).z)


def _most(s: Series, known: int) -> int:
    """The longest order for which enough rows keep their past, gaps considered."""
    from causalcopilot_tools.discovery.core import lag_order, lagged

    most = lag_order.longest(known, len(s.names))
    while most > 1:
        rows = len(lagged.stack(s.x, s.units, most).z)
        if lag_order.longest(rows, len(s.names)) >= most and rows >= known / 2:
            return most
        most -= 1
    return 1


def _judged(
    s: Series, limits: Constraints, settings: Settings, lag: int, order: LagOrder | None, reason: str
) -> Chosen:
    """The series with so much past, and what a graph over it leaves in the residuals."""
    import numpy as np

    from causalcopilot_tools.discovery.core import lag_order, lagged, lagged_boss

    stacked = lagged.stack(s.x, s.units, lag)
    require_length(len(stacked.z), lag, s.names)
    known = limits.limits(s.names) if limits else None
    found = lagged_boss.search(lagged.moments(stacked), stacked.p, settings.seed, 2, settings.penalty, known)
    p_values = lag_order.left_over(lagged_boss.residuals(stacked, found.dag), stacked.runs, lag)
    left = tuple(s.names[int(j)] for j in np.flatnonzero(p_values < LEVEL / len(s.names)))
    least = min(1.0, float(p_values.min()) * len(s.names))
    return Chosen(Material(stacked, s.names, s.x, s.units), Lags(lag, order, reason, left, least))
