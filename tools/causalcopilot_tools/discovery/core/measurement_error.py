"""Numbers recorded with error: a share of each column's variance that is noise and takes no part in any cause.

Such error leaves every path a little open, so that a search on the recorded columns draws edges past the variables
that separate (Scheines & Ramsey 2016).  One share for all columns is assumed here; it is told by the likelihood: the
graph learned on corrected correlations, with the error put back, must fit the recorded ones clearly better than the
graph that needs no error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from causalcopilot_tools.discovery.core.boss import BossResult
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, Moments, nearest_correlation

SHARES = (0.05, 0.02, 0.08, 0.1, 0.13, 0.2)
"""Shares tried; the others only where the first is better than none."""
PENALTIES = (1.0, 3.0)
"""Of the search, in units of the usual one: corrected correlations are noisier."""
LEAD = 1.0
"""Penalties by which a graph with error must score better than the one without."""
ROOM = 0.9
"""Largest part of the smallest eigenvalue of the correlations that may be called error."""

Search = Callable[[Moments, float], BossResult]
"""A search on moments with its penalty multiplied."""


def corrected(m: Moments, share: float) -> Moments:
    """Correlations of what would have been recorded without the error."""
    p = len(m.correlation)
    r = (m.correlation - share * np.eye(p)) / (1 - share)
    return replace(m, correlation=nearest_correlation(r))


def with_error(m: Moments, plain: BossResult, search: Search, penalty: float) -> tuple[float, BossResult]:
    """The share of error and the graph that fit best: zero and ``plain`` where error is not clearly needed.

    Args:
        m: moments of numbers.
        plain: what the search learned without correction.
        search: the search.
        penalty: per edge, in units of log(rows).
    """
    unit = penalty * float(np.log(m.rows))
    room = ROOM * float(np.linalg.eigvalsh(m.correlation)[0])
    without = best = _score(m, plain.dag, 0.0, unit)
    found = (0.0, plain)
    for share in SHARES:
        if share >= room:
            continue
        for times in PENALTIES:
            trial = search(corrected(m, share), times)
            score = _score(m, trial.dag, share, unit)
            if score > best:
                found, best = (share, trial), score
        if not found[0]:
            break
    return found if best > without + LEAD * unit else (0.0, plain)


def _score(m: Moments, dag: BoolArray, share: float, unit: float) -> float:
    """Penalised likelihood of the recorded correlations under a graph on the corrected ones."""
    p = len(dag)
    fitted = (1 - share) * _implied(corrected(m, share).correlation, dag) + share * np.eye(p)
    misfit = np.linalg.slogdet(fitted)[1] + np.trace(np.linalg.solve(fitted, m.correlation)) - p
    return float(-0.5 * m.rows * misfit - unit * (dag.sum() + (share > 0)))


def _implied(r: FloatArray, dag: BoolArray) -> FloatArray:
    """Correlations that the linear model fitted on a DAG implies."""
    p = len(r)
    effects, noise = np.zeros((p, p)), np.diag(r).copy()
    for v in range(p):
        causes = np.flatnonzero(dag[:, v])
        if len(causes):
            effects[v, causes] = np.linalg.solve(r[np.ix_(causes, causes)], r[causes, v])
            noise[v] -= effects[v] @ r[:, v]
    total = np.linalg.inv(np.eye(p) - effects)
    out: FloatArray = (total * noise) @ total.T
    return out
