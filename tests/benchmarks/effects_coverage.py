"""How often the intervals cover: the default estimate and its rivals on worlds with known effects.

Run: ``python tests/benchmarks/effects_coverage.py [repeats] [rows] [world,world…]`` (20 repeats of 1000 rows by
default, some minutes).  Not run by pytest.  With 20 repeats a coverage of .95 has a standard error of .05.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from causalcopilot.domain.question import Contrast
from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects import primary, specification
from causalcopilot_tools.effects.refit import Prepared
from causalcopilot_tools.effects.threads import one_thread

Array = NDArray[np.float64]
World = tuple[Array, Array, Array]
"""Propensity, untreated mean and effect of each row."""
LEVEL = 0.95


def _logit(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def linear(X: Array) -> World:
    """Everything a line can learn."""
    return _logit(0.6 * X[:, 0] - 0.4 * X[:, 1]), X[:, 0] + 0.5 * X[:, 1] + 0.5 * X[:, 2], np.ones(len(X))


def curved(X: Array) -> World:
    """Waves and squares in the outcome; the effect varies with a confounder."""
    mean = np.sin(2 * X[:, 0]) + X[:, 1] ** 2 + X[:, 2] * X[:, 3]
    return _logit(0.8 * X[:, 0] - 0.5 * X[:, 1]), mean, 1 + X[:, 0]


def curved_both(X: Array) -> World:
    """The same waves drive treatment and outcome."""
    wave = 1.5 * np.sin(1.5 * X[:, 0])
    e = np.clip(_logit(wave + 0.8 * (X[:, 1] ** 2 - 1)), 0.03, 0.97)
    return e, wave + X[:, 1] ** 2, 1 + 0.5 * X[:, 0] ** 2


def weak_overlap(X: Array) -> World:
    """Many rows are almost never in one of the arms."""
    return _logit(2.2 * X[:, 0] - 1.2 * X[:, 1]), X[:, 0] * (1 + 0.5 * X[:, 1]), 1 + 0.5 * X[:, 0]


def steps(X: Array) -> World:
    """Thresholds and their interaction: a world of trees."""
    a, b, c, d = ((X[:, j] > k).astype(float) for j, k in ((0, 0), (1, 0.5), (2, 0), (3, 0)))
    return 0.2 + 0.3 * a + 0.3 * b * c, 2 * a + 1.5 * b * c + 0.5 * X[:, 4], np.asarray(0.5 + d)


def checkerboard(X: Array) -> World:
    """Confounding by a product of signs, which nothing here learns from a thousand rows: a known limit."""
    c = np.sign(X[:, 0] * X[:, 1])
    return 0.5 + 0.25 * c, c + X[:, 3], 1 + 0.5 * (X[:, 2] > 0).astype(np.float64)


WORLDS: dict[str, Callable[[Array], World]] = {
    f.__name__: f for f in (linear, curved, curved_both, weak_overlap, steps, checkerboard)
}


def draw(world: Callable[[Array], World], n: int, seed: int) -> tuple[Prepared, float]:
    """One table of ten covariates, and its true average effect."""
    g = np.random.default_rng([seed, n])
    X = g.normal(size=(n, 10))
    e, mean, tau = world(X)
    T = (g.random(n) < e).astype(float)
    Y = mean + tau * T + g.normal(size=n)
    names = tuple(f"x{j}" for j in range(10))
    prepared = Prepared(
        "t",
        "y",
        "binary",
        Contrast(0, 1),
        "ATE",
        "all rows",
        False,
        X,
        names,
        names,
        T,
        Y,
        1.0,
        "",
        False,
        n,
        0,
    )
    return prepared, float(tau.mean())


def intervals(p: Prepared, seed: int) -> dict[str, tuple[float, float, float]]:
    """Value, low and high of every estimator."""
    fits = primary.fit_arms(p, seed, primary.fold_seeds(p))
    own = primary.arms_primary(p, fits, "ATE", LEVEL)
    out = {"aipw": (own.interval.value, own.interval.low, own.interval.high)}
    for name, point in (("aipw_stack", own.stack), ("aipw_boosting", own.boosting)):
        if point is not None:
            half = 1.96 * point.std_error
            out[name] = (point.value, point.value - half, point.value + half)
    try:
        others = (*specification.curve(p, LEVEL, seed).estimates, specification.unadjusted(p, LEVEL))
    except NotApplicable:
        others = ()
    for e in others:
        out[e.method] = (e.value or 0.0, e.low or 0.0, e.high or 0.0)
    return out


def main(arguments: list[str]) -> None:
    """Print error, coverage and width by world and estimator, in standard deviations of the outcome."""
    repeats = int(arguments[0]) if arguments else 20
    n = int(arguments[1]) if len(arguments) > 1 else 1000
    chosen = arguments[2].split(",") if len(arguments) > 2 else list(WORLDS)
    print(f"{'world':<14}{'estimator':<24}{'error':>8}{'covered':>9}{'width':>8}{'cpu s':>8}")
    for name in chosen:
        rows: dict[str, list[tuple[float, bool, float]]] = {}
        start = time.process_time()
        for seed in range(repeats):
            p, truth = draw(WORLDS[name], n, seed)
            spread = float(p.Y.std())
            with one_thread():
                made = intervals(p, seed)
            for method, (value, low, high) in made.items():
                rows.setdefault(method, []).append(
                    (abs(value - truth) / spread, low <= truth <= high, (high - low) / spread)
                )
        each = (time.process_time() - start) / repeats
        for method, seen in rows.items():
            error, covered, width = np.mean(np.array(seen, dtype=float), axis=0)
            print(f"{name:<14}{method:<24}{error:>8.3f}{covered:>9.2f}{width:>8.2f}{each:>8.1f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
