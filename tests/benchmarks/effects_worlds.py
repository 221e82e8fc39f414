"""Worlds with a known effect of a two-armed treatment: the nine of the design study, and five fresh ones.

Each takes a generator and gives covariates, treatment, outcome and what made them, so that an estimator with the
true nuisances can stand beside the real ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ROWS = 1000


@dataclass(frozen=True)
class Drawn:
    """One table.

    Attributes:
        X, T, Y: (n, p) covariates, (n,) treatment and outcome.
        share, mean0, mean1: the truth behind them, (n,) each; the share of the real IHDP treatment is not known.
        binary: whether the outcome is 0 or 1.
    """

    X: Array
    T: Array
    Y: Array
    share: Array | None
    mean0: Array
    mean1: Array
    binary: bool = False

    @property
    def effect(self) -> float:
        """Average effect in these rows."""
        return float((self.mean1 - self.mean0).mean())


World = Callable[[np.random.Generator], Drawn]


def logit(z: Array) -> Array:
    """The logistic function."""
    return np.asarray(1 / (1 + np.exp(-z)))


def _made(
    g: np.random.Generator, X: Array, share: Array, mean: Array, effect: Array, noise: Array | None = None
) -> Drawn:
    T = (g.random(len(X)) < share).astype(float)
    error = g.normal(size=len(X)) if noise is None else noise
    return Drawn(X, T, mean + effect * T + error, share, mean, mean + effect)


def _normal(g: np.random.Generator, n: int = ROWS, p: int = 10) -> Array:
    return g.normal(size=(n, p))


# --- the nine of the design study ---------------------------------------------------------------------------


def linear(g: np.random.Generator) -> Drawn:
    """Everything a line can learn."""
    X = _normal(g)
    mean = X[:, 0] + 0.5 * X[:, 1] + 0.5 * X[:, 2]
    return _made(g, X, logit(0.6 * X[:, 0] - 0.4 * X[:, 1]), mean, np.ones(len(X)))


def curved(g: np.random.Generator) -> Drawn:
    """Waves and squares in the outcome; the effect varies with a confounder."""
    X = _normal(g)
    mean = np.sin(2 * X[:, 0]) + X[:, 1] ** 2 + X[:, 2] * X[:, 3]
    return _made(g, X, logit(0.8 * X[:, 0] - 0.5 * X[:, 1]), mean, 1 + X[:, 0])


def curved_both(g: np.random.Generator) -> Drawn:
    """The same waves drive treatment and outcome."""
    X = _normal(g)
    wave = 1.5 * np.sin(1.5 * X[:, 0])
    e = np.clip(logit(wave + 0.8 * (X[:, 1] ** 2 - 1)), 0.03, 0.97)
    return _made(g, X, e, wave + X[:, 1] ** 2, 1 + 0.5 * X[:, 0] ** 2)


def weak_overlap(g: np.random.Generator) -> Drawn:
    """Many rows are almost never in one of the arms."""
    X = _normal(g)
    e = logit(2.2 * X[:, 0] - 1.2 * X[:, 1])
    return _made(g, X, e, X[:, 0] * (1 + 0.5 * X[:, 1]), 1 + 0.5 * X[:, 0])


def many_columns(g: np.random.Generator) -> Drawn:
    """Sixty covariates for five hundred rows."""
    X = _normal(g, 500, 60)
    weights = np.where(np.arange(60) < 12, 0.9 ** np.arange(60), 0.0)
    return _made(g, X, logit(0.6 * X[:, 0] - 0.5 * X[:, 1] + 0.4 * X[:, 2]), X @ weights, np.ones(len(X)))


def heavy_tails(g: np.random.Generator) -> Drawn:
    """An exponential mean and noise with three degrees of freedom."""
    X = _normal(g)
    effect = 1 + (X[:, 1] > 0).astype(float)
    return _made(g, X, logit(0.8 * X[:, 0]), np.exp(0.7 * X[:, 0]), effect, g.standard_t(3, len(X)))


def two_level_outcome(g: np.random.Generator) -> Drawn:
    """An outcome that happens or does not."""
    X = _normal(g)
    e, base = logit(0.8 * X[:, 0] - 0.5 * X[:, 1]), X[:, 0] + 0.5 * X[:, 1]
    p0, p1 = logit(-1 + base), logit(-0.3 + base)
    T = (g.random(len(X)) < e).astype(float)
    Y = (g.random(len(X)) < np.where(T == 1, p1, p0)).astype(float)
    return Drawn(X, T, Y, e, p0, p1, True)


@cache
def _infants() -> tuple[Array, Array]:
    """Covariates and treatment of the infant health study (Hill 2011), as EconML ships them.

    Treated children of non-white mothers are left out, as Hill did, which makes the groups differ.
    """
    import econml
    import pandas as pd

    table = pd.read_csv(Path(econml.__file__).parent / "data" / "ihdp" / "sim.csv")
    table = table[~((table["treat"] == 1) & (table["momwhite"] == 0))]
    X = table.drop(columns=["treat", "momwhite", "momblack", "momhisp"]).to_numpy(dtype=float)
    return X, table["treat"].to_numpy(dtype=float)


def _on_infants(g: np.random.Generator, strengths: list[float], odds: list[float], shift: float) -> Drawn:
    X, T = _infants()
    many = np.array([len(np.unique(c)) > 2 for c in X.T])
    Z = np.where(many, (X - X.mean(axis=0)) / X.std(axis=0), X)
    beta = g.choice(strengths, size=X.shape[1], p=odds)
    line = Z @ beta
    mean0 = np.exp(np.clip((Z + shift) @ beta, None, 6)) if shift else line
    mean1 = line - (line - mean0)[T == 1].mean() + 4
    Y = np.where(T == 1, mean1, mean0) + g.normal(size=len(T))
    return Drawn(X, T, Y, None, mean0, mean1)


def infants_a(g: np.random.Generator) -> Drawn:
    """Hill's surface A on the real covariates: lines and one effect."""
    return _on_infants(g, [0, 1, 2, 3, 4], [0.5, 0.2, 0.15, 0.1, 0.05], 0.0)


def infants_b(g: np.random.Generator) -> Drawn:
    """Hill's surface B on the real covariates: an exponential untreated mean, a straight treated one."""
    return _on_infants(g, [0, 0.1, 0.2, 0.3, 0.4], [0.6, 0.1, 0.1, 0.1, 0.1], 0.5)


# --- five fresh ones, written before the default was run on them ----------------------------------------------


def correlated(g: np.random.Generator) -> Drawn:
    """Neighbouring covariates correlate at .8; a smooth threshold drives treatment and outcome."""
    X = _normal(g)
    for j in range(1, 10):
        X[:, j] = 0.8 * X[:, j - 1] + 0.6 * X[:, j]
    step = np.tanh(2 * X[:, 2])
    return _made(g, X, logit(0.9 * step + 0.4 * X[:, 5]), 2 * step + X[:, 6] + X[:, 5], 0.5 + 0.5 * step)


def cells(g: np.random.Generator) -> Drawn:
    """Categories and counts only, with effects of their combinations."""
    n = ROWS
    region, grade = g.integers(0, 4, n), g.integers(0, 6, n)
    flag, visits = (g.random((n, 3)) < [0.3, 0.5, 0.7]).astype(float), g.poisson(2.0, n)
    dummies = (region[:, None] == np.arange(1, 4)).astype(float)
    X = np.column_stack([dummies, grade, flag, visits]).astype(float)
    lift = np.array([0.0, 0.8, -0.5, 0.3])[region]
    e = logit(-0.4 + lift + 0.25 * (grade - 2.5) + 0.6 * flag[:, 0] * flag[:, 1])
    mean = 1.5 * lift + 0.4 * grade + flag[:, 0] * flag[:, 1] + 0.3 * np.minimum(visits, 4)
    return _made(g, X, e, mean, 1.0 + flag[:, 2])


def rare_treatment(g: np.random.Generator) -> Drawn:
    """One row in eight is treated, the more so the larger two covariates are."""
    X = _normal(g)
    e = logit(-2.3 + 0.7 * X[:, 0] + 0.5 * X[:, 1])
    return _made(g, X, e, X[:, 0] + 0.6 * np.abs(X[:, 1]), 0.8 + 0.3 * X[:, 2])


def skewed_spending(g: np.random.Generator) -> Drawn:
    """A log-normal amount that the treatment multiplies."""
    X = _normal(g)
    base = np.exp(1.0 + 0.4 * X[:, 0] + 0.3 * X[:, 1])
    e = logit(0.7 * X[:, 0] - 0.4 * X[:, 2])
    T = (g.random(len(X)) < e).astype(float)
    factor, sigma = np.exp(0.25 * T), 0.6
    Y = base * factor * np.exp(sigma * g.normal(size=len(X)) - sigma**2 / 2)
    return Drawn(X, T, Y, e, base, base * np.exp(0.25))


def counts(g: np.random.Generator) -> Drawn:
    """A Poisson count whose rate and treatment share a bend."""
    X = _normal(g)
    bend = np.log1p(np.exp(1.5 * X[:, 0]))
    rate0 = np.exp(np.clip(0.2 + 0.4 * bend - 0.3 * X[:, 1], None, 3.0))
    e = logit(0.8 * bend - 0.9 - 0.5 * X[:, 1])
    T = (g.random(len(X)) < e).astype(float)
    rate1 = 1.3 * rate0
    return Drawn(X, T, g.poisson(np.where(T == 1, rate1, rate0)).astype(float), e, rate0, rate1)


# --- known limits, apart ------------------------------------------------------------------------------------


def thresholds(g: np.random.Generator) -> Drawn:
    """Thresholds and their interaction: a world of trees."""
    X = _normal(g)
    a, b, c, d = ((X[:, j] > k).astype(float) for j, k in ((0, 0), (1, 0.5), (2, 0), (3, 0)))
    return _made(g, X, 0.2 + 0.3 * a + 0.3 * b * c, 2 * a + 1.5 * b * c + 0.5 * X[:, 4], 0.5 + d)


def checkerboard(g: np.random.Generator) -> Drawn:
    """Confounding by a product of signs, which nothing here learns from a thousand rows: a known limit."""
    X = _normal(g)
    c = np.sign(X[:, 0] * X[:, 1])
    return _made(g, X, 0.5 + 0.25 * c, c + X[:, 3], 1 + 0.5 * (X[:, 2] > 0).astype(float))


NINE: tuple[World, ...] = (
    linear,
    curved,
    curved_both,
    weak_overlap,
    many_columns,
    heavy_tails,
    two_level_outcome,
    infants_b,
    infants_a,
)
FRESH: tuple[World, ...] = (correlated, cells, rare_treatment, skewed_spending, counts)
LIMITS: tuple[World, ...] = (thresholds, checkerboard)
WORLDS: dict[str, World] = {f.__name__: f for f in (*NINE, *FRESH, *LIMITS)}
