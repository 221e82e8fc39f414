"""A simulated table and everything that is true about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from causalcopilot.data.simulate_settings import Settings
from causalcopilot.graph.graph import Graph

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


@dataclass(frozen=True)
class Simulation:
    """A table and everything that is true about it.

    Attributes:
        data: columns by name, each (rows,): float64 for numbers and binaries (NaN where missing), object with the
            labels ``a`` to ``d`` for categories of more than two levels, ``domain`` and ``intervention`` (None
            where missing), int64 for ``time``.
        graph: the graph behind it, latents included (kind dag, or lagged).
        truth: what is to be learned of it from measured columns: its CPDAG; with latents its PAG; of a series the
            lagged graph itself.  Selection and measurement error are not in it.
        weights: (p, p) linear coefficients, row cause and column effect, over ``graph.nodes`` without the context
            columns, of the first domain; (lags + 1, p, p) for a series; ``None`` where links are not linear.
        noise_spread: (p,) standard deviations of the noises, in the same order; ``None`` likewise.
        effects: (p, p) total effects in the same order, averaged over domains (a rise of the row variable by one,
            set from outside, changes the column variable by so much); ``None`` for series too.
        variables: names of the variables in that order, latents last.
        latent_values: latents by name, which the table does not hold.
        changed: variables whose mechanism differs between domains.
        targets: variables set at random in some rows.
        selected_on: variables on which selection depends.
        drivers: column with gaps to the complete column that drives them (MAR).
        settings: what was asked for.
    """

    data: Mapping[str, NDArray[Any]]
    graph: Graph
    truth: Graph
    weights: Values | None
    noise_spread: Values | None
    effects: Values | None
    variables: tuple[str, ...]
    latent_values: Mapping[str, Values] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    selected_on: tuple[str, ...] = ()
    drivers: Mapping[str, str] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)

    def effect(self, cause: str, effect: str) -> float | None:
        """Total effect of one variable on another, ``None`` where it is no single number."""
        if self.effects is None:
            return None
        return float(self.effects[self.variables.index(cause), self.variables.index(effect)])
