"""Which of two columns is the cause: how often ``direction`` decides, and how often it is right.

    python -m tests.benchmarks.direction            # 240 confirming pairs, and what must stay undecided
    python -m tests.benchmarks.direction --quick    # 40
    python -m tests.benchmarks.direction --develop  # the pairs that thresholds were chosen on

The rules were chosen on the families of ``--develop`` (random Fourier curves, polynomials; Gaussian, Laplace and
uniform noise) and are confirmed on other seeds, curves, causes and noises (small networks, sines, kinks, softplus;
Student, logistic, beta and skewed noise).  Target: of nonlinear additive and multiplicative-noise pairs at least
70 % decided, and at least 85 % of the decided right.  Linear Gaussian, independent and confounded pairs should be
left undecided: there the share of decided is the share of false claims.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalcopilot_tools.discovery.core.direction_rules import decide_direction

Array = np.ndarray[Any, Any]
Rng = np.random.Generator
Draw = Callable[[Rng, int], Array]
ROWS = (500, 1000)
DEVELOP_SEED, CONFIRM_SEED = 11_000, 52_000


def _standard(x: Array) -> Array:
    return np.asarray((x - x.mean()) / x.std())


@dataclass(frozen=True)
class Family:
    """Causes, curves and noises that pairs are drawn from."""

    causes: tuple[Draw, ...]
    noises: tuple[Draw, ...]
    curves: tuple[Callable[[Rng, Array], Array], ...]
    levels: tuple[Callable[[Rng, Array], Array], ...]


def _mixture(rng: Rng, n: int) -> Array:
    return np.asarray(rng.standard_normal(n) * 0.6 + rng.choice([-1.2, 0.3, 1.5], n))


def _fourier(rng: Rng, x: Array) -> Array:
    w = rng.standard_normal(60) / rng.uniform(0.6, 1.4)
    return np.asarray(np.cos(np.outer(x, w) + rng.uniform(0, 2 * np.pi, 60)) @ rng.standard_normal(60))


def _polynomial(rng: Rng, x: Array) -> Array:
    z = np.clip(x, -3, 3)
    curve: Array = (
        rng.uniform(-1, 1) * z
        + rng.choice([-1, 1]) * rng.uniform(0.4, 1) * z**2
        + rng.uniform(-0.4, 0.4) * z**3
    )
    return curve


def _sigmoid(rng: Rng, x: Array) -> Array:
    return np.tanh(rng.uniform(1, 3) * (x - rng.uniform(-0.7, 0.7)))


def _network(rng: Rng, x: Array) -> Array:
    a, b, c = rng.normal(0, 1.5, 8), rng.normal(0, 1, 8), rng.standard_normal(8)
    return np.asarray(np.tanh(np.outer(x, a) + b) @ c)


def _sine(rng: Rng, x: Array) -> Array:
    return np.sin(rng.uniform(1.0, 2.2) * x + rng.uniform(0, 2 * np.pi))


def _kink(rng: Rng, x: Array) -> Array:
    at = rng.uniform(-0.5, 0.5)
    return rng.uniform(-0.3, 0.3) * x + np.abs(x - at)


def _softplus(rng: Rng, x: Array) -> Array:
    s = rng.uniform(2, 4) * rng.choice([-1, 1])
    return np.asarray(np.logaddexp(0, s * (x - rng.uniform(-0.5, 0.5))))


def _hump(rng: Rng, x: Array) -> Array:
    return np.exp(-((x - rng.uniform(-0.8, 0.8)) ** 2) * rng.uniform(0.5, 2.0))


DEVELOP = Family(
    (lambda r, n: r.standard_normal(n), lambda r, n: r.uniform(-1, 1, n), _mixture),
    (lambda r, n: r.standard_normal(n), lambda r, n: r.laplace(size=n), lambda r, n: r.uniform(-1, 1, n)),
    (_fourier, _polynomial, _sigmoid),
    (
        lambda r, x: np.exp(0.5 * _standard(_fourier(r, x))),
        lambda r, x: np.exp(r.uniform(0.4, 0.9) * x),
        lambda r, x: np.abs(x - r.uniform(-1, 1)) + 0.05,
    ),
)
CONFIRM = Family(
    (
        lambda r, n: r.standard_normal(n),
        lambda r, n: r.gamma(2.0, size=n),
        lambda r, n: r.beta(2, 3, n),
        lambda r, n: r.standard_t(6, n),
        lambda r, n: r.choice([-1, 1], n) * (1 + 0.6 * r.standard_normal(n)),
    ),
    (
        lambda r, n: r.standard_normal(n),
        lambda r, n: r.standard_t(5, n),
        lambda r, n: r.logistic(size=n),
        lambda r, n: r.beta(2, 2, n),
        lambda r, n: r.gamma(3.0, size=n),
    ),
    (_network, _sine, _kink, _softplus, _hump),
    (
        lambda r, x: np.logaddexp(0, r.choice([-1, 1]) * r.uniform(1, 2) * x) + 0.1,
        lambda r, x: 0.3 + _standard(_network(r, x)) ** 2,
        lambda r, x: 0.2 + np.abs(x),
        lambda r, x: 1.2 + np.sin(r.uniform(1, 2) * x + r.uniform(0, 6)),
    ),
)


def _pick(rng: Rng, options: tuple[Any, ...]) -> Any:
    return options[rng.integers(len(options))]


def additive(f: Family, rng: Rng, n: int) -> tuple[Array, Array]:
    """``y = f(x) + e``."""
    x = _standard(_pick(rng, f.causes)(rng, n))
    y = _standard(_pick(rng, f.curves)(rng, x))
    return x, y + rng.uniform(0.2, 0.8) * _standard(_pick(rng, f.noises)(rng, n))


def location_scale(f: Family, rng: Rng, n: int) -> tuple[Array, Array]:
    """``y = f(x) + g(x) e``."""
    x = _standard(_pick(rng, f.causes)(rng, n))
    y, g = _standard(_pick(rng, f.curves)(rng, x)), _pick(rng, f.levels)(rng, x)
    g = g / np.sqrt((g**2).mean())
    return x, y + rng.uniform(0.4, 1.0) * g * _standard(_pick(rng, f.noises)(rng, n))


def multiplicative(f: Family, rng: Rng, n: int) -> tuple[Array, Array]:
    """``y = f(x) e`` with ``f`` positive: ``e`` is centred, or positive and lognormal or gamma."""
    x = _standard(_pick(rng, f.causes)(rng, n))
    level = _standard(_pick(rng, f.curves)(rng, x))
    level = level - level.min() + 0.1 if rng.random() < 0.5 else np.exp(rng.uniform(0.5, 1.0) * level)
    kind = rng.integers(3)
    if kind == 0:
        e = _standard(_pick(rng, f.noises)(rng, n))
    elif kind == 1:
        e = np.exp(rng.uniform(0.2, 0.6) * rng.standard_normal(n))
    else:
        e = rng.gamma(4.0, 0.25, n)
    return x, level * e


def linear_gaussian(f: Family, rng: Rng, n: int) -> tuple[Array, Array]:
    """Cannot be decided: both directions fit."""
    x = rng.standard_normal(n)
    return x, rng.uniform(0.3, 1.5) * x + rng.standard_normal(n)


def independent(f: Family, rng: Rng, n: int) -> tuple[Array, Array]:
    """Two columns that have nothing to do with each other."""
    return _pick(rng, f.causes)(rng, n), _pick(rng, f.noises)(rng, n)


def confounded_linear(f: Family, rng: Rng, n: int) -> tuple[Array, Array]:
    """A hidden cause of both, linear and Gaussian."""
    u = rng.standard_normal(n)
    return u + rng.uniform(0.4, 1) * rng.standard_normal(n), u + rng.uniform(0.4, 1) * rng.standard_normal(n)


def confounded_curved(f: Family, rng: Rng, n: int) -> tuple[Array, Array]:
    """A hidden cause of both along curves, with noise on both."""
    u = _standard(_pick(rng, f.causes)(rng, n))
    sides = (_standard(_pick(rng, f.curves)(rng, u)) for _ in range(2))
    x, y = (s + rng.uniform(0.4, 0.8) * _standard(_pick(rng, f.noises)(rng, n)) for s in sides)
    return x, y


DECIDABLE = (additive, location_scale, multiplicative)
UNDECIDABLE = (linear_gaussian, independent, confounded_linear, confounded_curved)


def measure(family: Family, seed: int, count: int) -> None:
    """Print one row per kind of pair; pairs are turned round at random."""
    print(f"{'pairs':20s} {'count':>6s} {'decided':>8s} {'right of decided':>17s} {'CPU s / pair':>13s}")
    pooled = np.zeros(3)
    for kind in (*DECIDABLE, *UNDECIDABLE):
        decided = right = 0
        began = time.process_time()
        for i in range(count):
            rng = np.random.default_rng([seed, i, (*DECIDABLE, *UNDECIDABLE).index(kind)])
            x, y = kind(family, rng, ROWS[i % len(ROWS)])
            turned = rng.random() < 0.5
            said = decide_direction(*((y, x) if turned else (x, y)), seed=0).answer
            decided += said != "undecided"
            right += said == ("b_to_a" if turned else "a_to_b")
        spent = (time.process_time() - began) / count
        known = kind in DECIDABLE
        pooled += (count, decided, right) if known else 0
        shown = f"{right / decided:.0%}" if known and decided else "-"
        print(f"{kind.__name__:20s} {count:6d} {decided / count:8.0%} {shown:>17s} {spent:13.2f}", flush=True)
        if kind is DECIDABLE[-1]:
            total, sure, hit = pooled
            print(f"{'all decidable':20s} {total:6.0f} {sure / total:8.1%} {hit / max(sure, 1):>17.1%}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--develop", action="store_true")
    args = parser.parse_args()
    family, seed = (DEVELOP, DEVELOP_SEED) if args.develop else (CONFIRM, CONFIRM_SEED)
    measure(family, seed, 14 if args.quick else 80)


if __name__ == "__main__":
    main()
