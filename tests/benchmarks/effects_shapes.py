"""How often the default interval covers for other shapes of data: numbers, three levels, clusters, weights, trials.

Run: ``python -m tests.benchmarks.effects_shapes [--repeats N] [--shapes a,b] [--save FILE]`` (5 repeats by default;
the target is measured with 200: coverage within 93 to 98 %).
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.identification import TreatmentType
from causalcopilot.domain.question import Contrast
from causalcopilot_tools.effects import primary, specification
from causalcopilot_tools.effects.refit import Prepared
from causalcopilot_tools.effects.sampling import PLAIN, Sampling
from causalcopilot_tools.effects.threads import one_thread

Array = NDArray[np.float64]
LEVEL = 0.95
WITHIN = (0.93, 0.98)
Drawn = tuple[Prepared, float]


def _prepared(
    X: Array,
    T: Array,
    Y: Array,
    kind: TreatmentType = "binary",
    sampling: Sampling = PLAIN,
    rct: bool = False,
) -> Prepared:
    names = tuple(f"x{j}" for j in range(X.shape[1]))
    n = len(Y)
    return Prepared(
        "t", "y", kind, Contrast(0, 1), "ATE", "all rows", rct, X, names, names, T, Y, 1.0, "", False, n, 0,
        sampling=sampling,
    )  # fmt: skip


def _logit(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def dose(g: np.random.Generator) -> Drawn:
    """A number with a straight effect; waves and squares in what confounds."""
    X = g.normal(size=(600, 4))
    T = np.sin(X[:, 0]) + 0.5 * X[:, 1] + g.normal(size=600)
    Y = 0.7 * T + X[:, 0] ** 2 + np.sin(X[:, 0]) + X[:, 1] + g.normal(size=600)
    return _prepared(X, T, Y, "continuous"), 0.7


def three_levels(g: np.random.Generator) -> Drawn:
    """Levels none, low, high; low against none, for all rows."""
    X = g.normal(size=(900, 4))
    odds = np.exp(np.column_stack([np.zeros(900), 0.6 * X[:, 0], 0.5 * X[:, 1] - 0.3 * X[:, 0]]))
    share = odds / odds.sum(axis=1, keepdims=True)
    level = (g.random(900)[:, None] > np.cumsum(share, axis=1)).sum(axis=1)
    effect = 1 + 0.5 * X[:, 0]
    Y = effect * (level == 1) + 2 * (level == 2) + X[:, 0] + X[:, 1] ** 2 + g.normal(size=900)
    T = np.where(level == 2, -1.0, level.astype(float))
    return _prepared(X, T, Y, "categorical"), float(effect.mean())


def clusters(g: np.random.Generator) -> Drawn:
    """Fifty villages; what confounds, the treatment and the noise have a village part."""
    v = np.repeat(np.arange(50), 16)
    village = g.normal(size=50)[v]
    X = np.column_stack([village, g.normal(size=(800, 3))])
    T = (g.random(800) < _logit(0.7 * village + 0.5 * X[:, 1])).astype(float)
    Y = (
        T
        + village
        + X[:, 1]
        + 0.7 * g.normal(size=50)[v]
        + g.normal(size=800)
        + 0.5 * g.normal(size=50)[v] * T
    )
    return _prepared(X, T, Y, sampling=Sampling("v", "", v)), 1.0


def trial_by_cluster(g: np.random.Generator) -> Drawn:
    """Forty villages of different size, half of them treated by lot."""
    size = g.integers(5, 40, 40)
    v = np.repeat(np.arange(40), size)
    T = g.permutation(np.arange(40) % 2)[v].astype(float)
    X = g.normal(size=(len(v), 2))
    Y = T + X[:, 0] + 0.8 * g.normal(size=40)[v] + g.normal(size=len(v))
    return _prepared(X, T, Y, sampling=Sampling("v", "", v), rct=True), 1.0


def few_clusters(g: np.random.Generator) -> Drawn:
    """The same trial in twelve villages."""
    v = np.repeat(np.arange(12), 30)
    T = g.permutation(np.arange(12) % 2)[v].astype(float)
    X = g.normal(size=(360, 1))
    Y = T + X[:, 0] + 0.8 * g.normal(size=12)[v] + g.normal(size=360)
    return _prepared(X, T, Y, sampling=Sampling("v", "", v), rct=True), 1.0


def weights(g: np.random.Generator) -> Drawn:
    """Rows drawn too often where the effect is large; the population's effect is 1."""
    a = g.normal(size=2400)
    kept = g.random(2400) < _logit(a)
    X = np.column_stack([a[kept], g.normal(size=(int(kept.sum()), 2))])
    w = 1 + np.exp(-X[:, 0])
    T = (g.random(len(X)) < _logit(0.6 * X[:, 0] - 0.4 * X[:, 1])).astype(float)
    Y = (1 + X[:, 0]) * T + X[:, 0] + X[:, 1] + g.normal(size=len(X))
    return _prepared(X, T, Y, sampling=Sampling("", "w", None, w / w.mean())), 1.0


SHAPES: dict[str, Callable[[np.random.Generator], Drawn]] = {
    f.__name__: f for f in (dose, three_levels, clusters, trial_by_cluster, few_clusters, weights)
}


def answer(p: Prepared, seed: int) -> Estimate | primary.Primary:
    """What the default says: interacted regression of a trial, else AIPW or PLR with its envelope."""
    if p.randomised:
        return specification.regression_interacted(p, LEVEL)
    repeats = primary.fold_seeds(p)
    if p.kind == "continuous":
        return primary.line_primary(p, primary.fit_line(p, seed, repeats), LEVEL)
    return primary.arms_primary(p, primary.fit_arms(p, seed, repeats), "ATE", LEVEL)


def one(name: str, repeat: int) -> tuple[bool, float, float]:
    """Whether one draw is covered, its error and its width."""
    p, truth = SHAPES[name](np.random.default_rng([len(name), ord(name[0]), repeat]))
    with one_thread():
        made = answer(p, repeat)
    e = made.interval if isinstance(made, primary.Primary) else made
    assert e.value is not None
    assert e.low is not None
    assert e.high is not None
    return bool(e.low <= truth <= e.high), abs(e.value - truth), e.high - e.low


def main(arguments: list[str] | None = None) -> None:
    """Draw, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--shapes", default="")
    parser.add_argument("--save", type=Path, default=None)
    given = parser.parse_args(arguments)
    seen: dict[str, dict[int, tuple[bool, float, float]]] = defaultdict(dict)
    if given.save is not None and given.save.exists():
        for line in given.save.read_text().splitlines():
            name, repeat, row = json.loads(line)
            seen[name][repeat] = row
    chosen = given.shapes.split(",") if given.shapes else list(SHAPES)
    for repeat in range(given.repeats):
        for name in chosen:
            if repeat not in seen[name]:
                seen[name][repeat] = one(name, repeat)
                if given.save is not None:
                    with given.save.open("a") as out:
                        out.write(json.dumps([name, repeat, seen[name][repeat]]) + "\n")
    print(f"{'shape':<18}{'n':>5}{'covered':>9}{'error':>8}{'width':>8}")
    for name in chosen:
        rows = np.array(list(seen[name].values()), dtype=float)
        covered, error, width = rows.mean(axis=0)
        note = "" if WITHIN[0] <= covered <= WITHIN[1] else f"  outside {WITHIN[0]} to {WITHIN[1]}"
        print(f"{name:<18}{len(rows):>5}{covered:>9.3f}{error:>8.3f}{width:>8.2f}{note}")


if __name__ == "__main__":
    main()
