"""The settings of a simulation, and whether they make sense together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from causalcopilot.data.simulate_equations import Noise, Scaling
from causalcopilot.errors import UsageError

Kind = Literal["linear", "nongaussian", "nonlinear", "discrete", "mixed"]
Shape = Literal["er", "scale-free"]
Mechanism = Literal["mcar", "mar"]
MOST_CELLS = 200_000_000
"""Rows times variables; a table of more takes more memory than a laptop has."""


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


def check(settings: Settings) -> None:
    """Raise ``UsageError`` for the first thing that is wrong."""
    for bad, message, hint in _rules(settings):
        if bad:
            raise UsageError(message, hint)


def _rules(s: Settings) -> Iterator[tuple[bool, str, str]]:
    yield s.nodes < 2, f"{s.nodes} variables make no graph", "give at least 2 nodes"
    yield s.rows < 2, f"{s.rows} rows make no table", "give at least 2 rows"
    cells = s.rows * (s.nodes + s.latents)
    yield cells > MOST_CELLS, f"{cells:,} cells are too many", f"at most {MOST_CELLS:,}: fewer rows or nodes"
    yield s.latents < 0, "a negative number of latents", "0 for none"
    yield s.seed < 0, "a seed is 0 or more", "give another seed"
    yield (
        not 0 <= s.degree <= s.nodes - 1,
        f"degree {s.degree:g} does not fit {s.nodes} nodes",
        f"between 0 and {s.nodes - 1}",
    )
    probability = s.edge_probability
    yield (
        probability is not None and not 0 <= probability <= 1,
        "an edge probability lies in 0 to 1",
        "or give a degree",
    )
    yield (
        probability is not None and s.graph != "er",
        "an edge probability needs an Erdős-Rényi graph",
        "give a degree for a scale-free graph",
    )
    yield not 0 < s.weights[0] <= s.weights[1], "weights are two sizes above 0, the smaller first", "0.5 2"
    yield s.domains < 1, "there is at least one domain", "1 for no shifts"
    yield not 0 <= s.interventions <= s.nodes, "more interventions than variables", f"at most {s.nodes}"
    yield not 0 < s.selection <= 1, "selection is a share above 0, up to 1", "1 for no selection"
    yield (
        not 0 <= s.measurement_error < 1,
        "measurement error is a share of variance from 0 to below 1",
        "0.1",
    )
    yield not 0 <= s.error_share <= 1, "the share of columns with error lies in 0 to 1", "1 for all"
    yield not 0 <= s.discrete_share <= 1, "the share of categories lies in 0 to 1", "0.5"
    yield not 0 <= s.missing <= 0.7, "the share of missing cells lies in 0 to 0.7", "0.1"
    yield s.lags < 0, "a negative lag", "0 for independent rows"
    yield s.drift and not s.lags, "only a series can drift", "give --lags 1 or more"
    yield from _series(s)


def _series(s: Settings) -> Iterator[tuple[bool, str, str]]:
    series = bool(s.lags)
    yield series and not s.linear, f"a series of kind {s.kind} is not simulated", "use linear or nongaussian"
    yield series and s.latents > 0, "a series with latents is not simulated", "drop one of the two"
    yield series and s.domains > 1, "a series with domains is not simulated", "use drift instead"
    yield (
        series and s.interventions > 0,
        "a series with interventions is not simulated",
        "drop one of the two",
    )
    yield series and s.selection < 1, "rows of a series cannot be selected", "drop the selection"
    yield series and s.scaling == "after", "a series is standardised in its equations or not at all", "inside"
