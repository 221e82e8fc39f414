"""Intervals of what a structural model says: rows drawn again, every mechanism fitted again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot_tools.explain.structural import Structural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RESAMPLES = 200
SECONDS = 9.0
"""Processor time after which no further resample is begun; the answer then says how many there were."""
WAITED = 40.0
"""The same on the clock, for a machine that others use too."""
FEWEST = 20
"""Fewer resamples than this give no interval."""
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """Ends of percentile intervals, ``None`` where too few resamples were made; each as many as there are values."""

    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    resamples: int
    findings: tuple[str, ...] = ()


def interval(
    statistic: Callable[[np.random.Generator], Floats],
    count: int,
    seed: int,
    resamples: int = RESAMPLES,
    seconds: float = SECONDS,
) -> Interval:
    """Percentile intervals (Efron 1979) of a statistic.

    Args:
        statistic: draws rows with the generator it is given and returns (count,) values.
        count: number of values.
        seed: seed of the run.
        resamples: how many draws.
        seconds: processor time after which no further draw is begun.
    """
    import time

    import numpy as np

    until, late = time.process_time() + seconds, time.monotonic() + WAITED
    draws: list[Floats] = []
    for i in range(resamples):
        if time.process_time() > until or time.monotonic() > late:
            break
        draws.append(statistic(np.random.default_rng([seed, 7919, i])))
    told: tuple[str, ...] = ()
    if len(draws) < resamples:
        told = (f"the intervals rest on {len(draws)} resamples instead of {resamples}: the time was up",)
    if len(draws) < FEWEST:
        none = (None,) * count
        return Interval(none, none, len(draws), (*told, "too few resamples for an interval"))
    # The k-th of B ordered draws stands for k / (B + 1) (Davison and Hinkley 1997): numpy's default would cut off
    # three percent at either end of 200 draws instead of two and a half.
    ends = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(np.array(draws), ends, axis=0, method="weibull")
    return Interval(tuple(map(float, low)), tuple(map(float, high)), len(draws), told)


def drawn(model: Structural, rng: np.random.Generator) -> Structural:
    """The model fitted on as many rows, drawn with replacement."""
    values = model.layout.values
    return model.refitted(values[rng.integers(0, len(values), len(values))], rng)
