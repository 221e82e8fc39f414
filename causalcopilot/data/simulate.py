"""Tables with a known causal graph, for trying out and testing causal methods.

``simulate(Settings(nodes=10, rows=2000))`` draws a random graph, equations on it, rows of them, and then what
happens to rows on their way into a table: hidden variables, selection, measurement error, missing cells.
The same settings give the same table, byte for byte; with more rows the first ones stay what they were.

Numbers are standardised inside the equations (each variable has variance one before its effects are computed), so
that neither the order of variances nor R squared gives the causal order away (Reisach, Seiler & Weichwald 2021;
Ormaniec et al. 2024).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from causalcopilot.data.simulate_equations import Noise, Scaling
from causalcopilot.graph.graph import Graph

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

Kind = Literal["linear", "nongaussian", "nonlinear", "discrete", "mixed"]
Shape = Literal["er", "scale-free"]
Mechanism = Literal["mcar", "mar"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What is simulated.

    Attributes:
        nodes: measured variables, called X1, X2 …; latents come on top.
        rows: rows of the table.
        graph: ``er`` (Erdős-Rényi) or ``scale-free``.
        degree: expected number of neighbours of a variable (in a series: within one time step).
        edge_probability: instead of a degree, for ``er``.
        kind: ``linear`` (Gaussian), ``nongaussian`` (linear), ``nonlinear`` (additive, curved), ``discrete``
            (multinomial logit on levels of the causes), ``mixed`` (numbers and categories, linear links).
        noise: distribution of the noises of numbers; by ``kind`` when not given.
        discrete_share: share of categories in ``mixed``.
        weights: least and greatest size of a linear weight, signs at random; the noise has variance one.
        scaling: ``inside`` the equations; ``after`` them (columns standardised at the end: R squared then tells
            the order); ``none`` (variances tell it too).
        latents: unmeasured common causes of two or three variables each.
        domains: rows come from so many domains, in which a third of the variables have other mechanisms; a column
            ``domain`` says from which.
        interventions: so many variables are set at random in part of the rows; a column ``intervention`` says which.
        selection: share of the population that gets into the table, depending on two of the variables; 1 for all.
        measurement_error: share of the variance of a recorded number that is error, 0 to below 1.
        error_share: share of the number columns that are measured with error.
        missing: share of missing cells.
        mechanism: ``mcar`` completely at random; ``mar`` depending on columns that are always seen.
        lags: longest lag of a time series; 0 for independent rows.  Series are linear.
        drift: the series has no constant mean.
        seed: of everything.
    """

    nodes: int = 10
    rows: int = 2000
    graph: Shape = "er"
    degree: float = 3.0
    edge_probability: float | None = None
    kind: Kind = "linear"
    noise: Noise | None = None
    discrete_share: float = 0.5
    weights: tuple[float, float] = (0.4, 1.2)
    scaling: Scaling = "inside"
    latents: int = 0
    domains: int = 1
    interventions: int = 0
    selection: float = 1.0
    measurement_error: float = 0.0
    error_share: float = 1.0
    missing: float = 0.0
    mechanism: Mechanism = "mcar"
    lags: int = 0
    drift: bool = False
    seed: int = 0

    @property
    def linear(self) -> bool:
        """Whether all links are linear in numbers."""
        return self.kind in ("linear", "nongaussian")


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


def simulate(settings: Settings) -> Simulation:
    """A table with its truth.

    Raises:
        UsageError: settings out of range, or that do not go together.
    """
    from causalcopilot.data.simulate_settings import check

    check(settings)
    if settings.lags:
        from causalcopilot.data.simulate_draw import draw_series

        return draw_series(settings)
    from causalcopilot.data.simulate_draw import draw_table

    return draw_table(settings)
