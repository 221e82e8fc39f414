"""Small tables with a known graph, for tests of discovery; columns are standardised as they are made, so that
the order of variances tells nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def random_dag(p: int, degree: float, rng: np.random.Generator) -> Bools:
    """An Erdős–Rényi DAG with ``degree`` neighbours per node on average; row causes column."""
    upper = np.triu(rng.random((p, p)) < degree / (p - 1), 1)
    order = rng.permutation(p)
    dag = np.zeros((p, p), bool)
    dag[np.ix_(order, order)] = upper
    return dag


def causal_order(dag: Bools) -> list[int]:
    left, order = list(range(len(dag))), []
    while left:
        source = next(v for v in left if not dag[left, v].any())
        order.append(source)
        left.remove(source)
    return order


def linear(dag: Bools, n: int, rng: np.random.Generator, noise: str = "gaussian") -> Floats:
    """Linear structural model with weights ±[0.4, 1.2]; noise ``gaussian``, ``uniform`` or ``exponential``."""
    x = np.zeros((n, len(dag)))
    for j in causal_order(dag):
        weights = rng.uniform(0.4, 1.2, len(dag)) * rng.choice([-1, 1], len(dag))
        x[:, j] = _noise(noise, n, rng) + x[:, dag[:, j]] @ weights[dag[:, j]]
        x[:, j] = (x[:, j] - x[:, j].mean()) / x[:, j].std()
    return x


def _noise(kind: str, n: int, rng: np.random.Generator) -> Floats:
    if kind == "gaussian":
        return rng.standard_normal(n)
    return rng.uniform(-1.7, 1.7, n) if kind == "uniform" else rng.exponential(1.0, n) - 1


def frame_of(x: Floats) -> pd.DataFrame:
    return pd.DataFrame(x, columns=[f"v{i}" for i in range(x.shape[1])])


def adjacencies(dag: Bools) -> set[frozenset[str]]:
    return {frozenset((f"v{i}", f"v{j}")) for i, j in np.argwhere(dag)}
