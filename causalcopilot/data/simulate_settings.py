"""Whether settings of a simulation make sense together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from causalcopilot.errors import UsageError

if TYPE_CHECKING:
    from causalcopilot.data.simulate import Settings

MOST_CELLS = 200_000_000


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
