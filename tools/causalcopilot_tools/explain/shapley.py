"""Shapley values of the parts of a structural model, by walking each draw from one state to the other.

Every draw switches the parts one by one in an order of its own (Castro et al. 2009) and in the reverse of it; what
the outcome gains at a step belongs to the part that was switched.  The gains of a draw add up to the whole
difference, so the values do too; where every mechanism is a straight line they are exact, as no order matters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


def walk(
    outcome: Callable[[Bools], Floats], parts: int, draws: int, rng: np.random.Generator
) -> tuple[Floats, float, float]:
    """Shapley values of the parts, and the mean outcome before and after all of them are switched.

    Args:
        outcome: takes (draws, parts), true where a part is switched, and returns (draws,) values.
        parts: number of parts.
        draws: number of draws.
        rng: gives the orders.
    """
    import numpy as np

    value = np.zeros(parts)
    order = rng.permuted(np.tile(np.arange(parts), (draws, 1)), axis=1)
    lines = np.arange(draws)
    first = last = 0.0
    for way in (order, order[:, ::-1]):
        on = np.zeros((draws, parts), bool)
        before = outcome(on)
        first = float(before.mean())
        for step in range(parts):
            on[lines, way[:, step]] = True
            now = outcome(on)
            np.add.at(value, way[:, step], now - before)
            before = now
        last = float(before.mean())
    return value / (2 * draws), first, last


def sample(noise: Floats, draws: int, rng: np.random.Generator, numeric: bool) -> Floats:
    """(draws,) values spread evenly over the sorted noise, in random order; of numbers, with exactly its mean."""
    import numpy as np

    at = np.floor((np.arange(draws) + 0.5) * len(noise) / draws).astype(int)
    out = np.sort(noise)[at]
    if numeric:
        out = out + (noise.mean() - out.mean())
    return np.asarray(rng.permutation(out))
