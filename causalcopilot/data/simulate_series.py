"""Vector autoregressions with links inside and across time steps, stationary or drifting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.data.simulate_equations import Noise, noise_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

ROOT = 0.9
"""Largest modulus of a root of the process: lagged weights are shrunk until it holds."""
BURN_IN = 200
DRIFT_STEP, TREND = 0.05, 1.0
"""Step of the random walk, and size of the trend over the whole series, that drive a drifting variable."""


@dataclass(frozen=True)
class Process:
    """x[t] = sum over lags l of x[t-l] @ weights[l] + noise.

    Attributes:
        weights: (lags + 1, p, p); ``weights[l, i, j]`` is the effect of ``i`` on ``j`` after ``l`` steps.
        spread: (p,) standard deviations of the noises.
        noise: distribution of each noise.
    """

    weights: Values
    spread: Values
    noise: tuple[Noise, ...]


def draw_process(
    links: NDArray[np.bool_], lags: int, noise: Noise, standardise: bool, streams: Sequence[int]
) -> Process:
    """A random stationary process: links within a step as given, each variable on its own past, and three
    lagged links for every two variables.

    Args:
        links: (p, p) who causes whom within one step.
        lags: longest lag.
        noise: distribution; ``any`` draws one for each variable.
        standardise: scale every variable to variance one in the long run.
        streams: seed.
    """
    import numpy as np

    rng = np.random.default_rng([*streams, 3])
    p = len(links)
    weights = np.zeros((lags + 1, p, p))
    weights[0] = links * rng.uniform(0.3, 0.7, (p, p)) * rng.choice([-1.0, 1.0], (p, p))
    weights[1][np.diag_indices(p)] = rng.uniform(0.3, 0.6, p)
    for _ in range(round(1.5 * p)):
        i, j = rng.choice(p, 2, replace=False)
        weights[int(rng.integers(1, lags + 1)), i, j] = rng.uniform(0.2, 0.45) * rng.choice([-1.0, 1.0])
    while np.abs(np.linalg.eigvals(companion(weights))).max() > ROOT:
        weights[1:] *= 0.95
    spread = np.ones(p)
    if standardise:
        unit = np.sqrt(np.diag(long_run_covariance(weights, spread)))
        weights, spread = weights * unit[:, None] / unit, spread / unit
    choices: tuple[Noise, ...] = ("laplace", "uniform", "exponential")
    kinds = tuple(choices[int(k)] for k in rng.integers(3, size=p)) if noise == "any" else (noise,) * p
    return Process(weights, spread, kinds)


def companion(weights: Values) -> Values:
    """(p lags, p lags) transition matrix of the stacked state."""
    import numpy as np

    lags, p = len(weights) - 1, weights.shape[1]
    within = np.linalg.inv(np.eye(p) - weights[0].T)
    out = np.zeros((p * lags, p * lags))
    out[:p] = np.hstack([within @ weights[lag].T for lag in range(1, lags + 1)])
    out[p:, :-p] = np.eye(p * (lags - 1))
    return out


def long_run_covariance(weights: Values, spread: Values) -> Values:
    """(p, p) covariance of the stationary process, summed by repeated squaring (Anderson & Moore 1979)."""
    import numpy as np

    step, p = companion(weights), weights.shape[1]
    within = np.linalg.inv(np.eye(p) - weights[0].T)
    total = np.zeros_like(step)
    total[:p, :p] = within @ np.diag(spread**2) @ within.T
    for _ in range(30):
        total = total + step @ total @ step.T
        step = step @ step
    return np.asarray(total[:p, :p])


def run_process(process: Process, rows: int, drift: bool, streams: Sequence[int]) -> Values:
    """(rows, p) a stretch of the process after a burn-in.

    With ``drift`` the noises have a mean that wanders: the links hold at every step, but the series has no
    constant mean.
    """
    import numpy as np

    lags, p = len(process.weights) - 1, process.weights.shape[1]
    noise = np.empty((rows + BURN_IN, p))
    for j in range(p):
        rng = np.random.default_rng([*streams, j])
        noise[:, j] = process.spread[j] * noise_of(process.noise[j], rows + BURN_IN, rng)
        if drift:
            rng = np.random.default_rng([*streams, j, 1])
            slope = TREND * rng.standard_normal() / rows
            walk = np.cumsum(DRIFT_STEP * rng.standard_normal(rows) + slope)
            noise[BURN_IN:, j] += process.spread[j] * walk
    within = np.linalg.inv(np.eye(p) - process.weights[0])
    out = np.zeros((rows + BURN_IN, p))
    for t in range(lags, rows + BURN_IN):
        past = sum((out[t - lag] @ process.weights[lag] for lag in range(1, lags + 1)), noise[t])
        out[t] = past @ within
    return out[BURN_IN:]
