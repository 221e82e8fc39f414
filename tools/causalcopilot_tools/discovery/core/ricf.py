"""Gaussian maximum likelihood of a graph with ``-->`` and ``<->`` edges, from a correlation matrix.

Residual iterative conditional fitting (Drton, Eichler & Richardson 2009): each variable in turn is regressed on its
causes and on what the residuals of its siblings leave of it.
"""

from __future__ import annotations

import numpy as np

from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray

TOLERANCE = 1e-7
"""Change of the log determinant, per row, at which fitting stops."""
SWEEPS = 100


def log_determinant(r: FloatArray, arrows: BoolArray, arcs: BoolArray) -> float:
    """Log determinant of the fitted correlations; minus half of it times rows is the log likelihood, up to a
    constant.

    Args:
        r: (p, p) positive definite.
        arrows: ``arrows[i, j]`` for i --> j, acyclic.
        arcs: (p, p) symmetric, for i <-> j.
    """
    p = len(r)
    effects, noise = np.zeros((p, p)), np.eye(p)
    alone = ~arcs.any(axis=0)
    for v in range(p):
        causes = np.flatnonzero(arrows[:, v])
        if len(causes):
            effects[v, causes] = np.linalg.solve(r[np.ix_(causes, causes)], r[causes, v])
        noise[v, v] = r[v, v] - effects[v] @ r[:, v]
    joined = np.flatnonzero(~alone)
    last = np.inf
    for _ in range(SWEEPS if len(joined) else 0):
        for v in joined.tolist():
            _refit(r, effects, noise, np.flatnonzero(arrows[:, v]), np.flatnonzero(arcs[v]), v, joined)
        now = float(np.linalg.slogdet(noise)[1])
        if abs(last - now) < TOLERANCE:
            break
        last = now
    return float(np.linalg.slogdet(noise)[1])


def _refit(
    r: FloatArray,
    effects: FloatArray,
    noise: FloatArray,
    causes: np.ndarray,
    siblings: np.ndarray,
    v: int,
    joined: np.ndarray,
) -> None:
    """Regress ``v`` anew; changes ``effects`` and ``noise``."""
    others = joined[joined != v]
    away = np.eye(len(r))[others] - effects[others]
    inverse = np.linalg.inv(noise[np.ix_(others, others)])
    at = np.searchsorted(others, siblings)
    basis = np.vstack([np.eye(len(r))[causes], inverse[at] @ away])
    gram = basis @ r @ basis.T
    weights = np.linalg.solve(gram, basis @ r[:, v])
    left = float(r[v, v] - weights @ (basis @ r[:, v]))
    effects[v] = 0.0
    effects[v, causes] = weights[: len(causes)]
    row = np.zeros(len(others))
    row[at] = weights[len(causes) :]
    noise[v, others] = noise[others, v] = row
    noise[v, v] = left + row @ inverse @ row
