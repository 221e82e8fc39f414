"""BOSS on a series beside its own past: links across and within time steps from one score.

Time order forbids every edge but those into the present, so the search runs over orders of the present variables
only, and lagged causes decide directions within a step that rows alone could not (the idea of PCMCI+, Runge 2020,
with the score search of Andrews et al. 2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalcopilot_tools.discovery.core import compiled_backward, compiled_boss, compiled_orient, lagged
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, IntArray, Moments
from causalcopilot_tools.discovery.core.pc import Limits

WORK = 3e8
"""Variables squared times stacked columns cubed up to which parents are also chosen backwards (about half a second)."""


@dataclass(frozen=True)
class LaggedResult:
    """Links by lag.

    Attributes:
        adjacent: (L + 1, p, p); ``[l, i, j]`` joins ``i`` at t - l with ``j`` at t; symmetric at lag 0.
        arrows: (p, p) directed edges within a step.
        dag: (L + 1, p, p) one member of the class, cause and effect.
        score: its score, higher is better.
        scores: score of each start.
    """

    adjacent: BoolArray
    arrows: BoolArray
    dag: BoolArray
    score: float
    scores: tuple[float, ...]


def search(
    m: Moments,
    p: int,
    seed: int,
    starts: int = 5,
    penalty: float = 1.0,
    known: Limits | None = None,
) -> LaggedResult:
    """Learn a lagged graph that holds at every step.

    Args:
        m: moments of the stacked columns, present first (``lagged.moments``).
        p: variables.
        seed: of the random orders.
        starts: how many.
        penalty: per coefficient, in units of log(rows).
        known: limits over the variables; a forbidden pair is forbidden at every lag, a required one gets the lag
            that scores best.
    """
    lags = len(m.correlation) // p - 1
    bounds = lagged.limits(p, lags, known.forbidden, known.ordered) if known else lagged.limits(p, lags)
    result = _run(m, p, seed, starts, penalty, bounds)
    for i, j in np.argwhere(known.required) if known else ():
        if not result.dag[:, i, j].any():
            result = max(
                (_run(m, p, seed, starts, penalty, b) for b in _with(bounds, int(i), int(j), p, lags)),
                key=lambda r: r.score,
            )
        bounds = _fixed(bounds, result, int(i), int(j), p)
    return _run(m, p, seed, starts, penalty, bounds) if known and known.required.any() else result


def residuals(s: lagged.Stacked, dag: BoolArray) -> FloatArray:
    """(m, p) what each present variable has left when its causes in ``dag`` (L + 1, p, p) are taken out."""
    m = len(s.z)
    e = np.empty((m, s.p))
    for j in range(s.p):
        design = np.column_stack([np.ones(m), s.z[:, dag[:, :, j].ravel()]])
        e[:, j] = s.present[:, j] - design @ np.linalg.lstsq(design, s.present[:, j], rcond=None)[0]
    return e


def _run(m: Moments, p: int, seed: int, starts: int, penalty: float, bounds: Limits) -> LaggedResult:
    found = compiled_boss.boss(m, seed, starts, penalty, bounds)
    dag, score = found.dag, found.score
    if p**2 * len(dag) ** 3 <= WORK:
        better, other = compiled_backward.improve(
            m.correlation,
            ~bounds.forbidden[:, :p] & ~np.eye(len(dag), p, dtype=bool),
            bounds.required[:, :p],
            m.rows,
            penalty,
            _order(dag[:p, :p]),
            seed,
        )
        if other > score + compiled_backward.IMPROVEMENT:
            dag, score = np.zeros_like(dag), other
            dag[:, :p] = better
    arrows = compiled_orient.class_of(dag, bounds.fixed(dag | dag.T))
    return LaggedResult(
        lagged.unstack(dag | dag.T, p),
        arrows[:p, :p],
        lagged.unstack(dag, p),
        score,
        found.scores,
    )


def _order(dag: BoolArray) -> IntArray:
    """The variables, causes first."""
    left, out = list(range(len(dag))), []
    while left:
        first = next(v for v in left if not dag[left, v].any())
        out.append(first)
        left.remove(first)
    return np.array(out, dtype=np.int64)


def _with(bounds: Limits, i: int, j: int, p: int, lags: int) -> list[Limits]:
    """The limits with the link from ``i`` to ``j`` required, once for each lag it may have."""
    out = []
    for lag in range(lags + 1):
        required = bounds.required.copy()
        required[lag * p + i, j] = True
        if not (bounds.forbidden & required).any() and not (lag == 0 and _reaches(required[:p, :p], j, i)):
            out.append(Limits(bounds.forbidden, required, bounds.ordered))
    return out


def _fixed(bounds: Limits, result: LaggedResult, i: int, j: int, p: int) -> Limits:
    """The limits with those lags of ``i`` to ``j`` required that the result has."""
    required = bounds.required.copy()
    for lag in np.flatnonzero(result.dag[:, i, j]):
        required[int(lag) * p + i, j] = True
    return Limits(bounds.forbidden, required, bounds.ordered)


def _reaches(arrows: BoolArray, a: int, b: int) -> bool:
    """Whether a directed path leads from ``a`` to ``b``."""
    seen, queue = {a}, [a]
    while queue:
        v = queue.pop()
        if v == b:
            return True
        new = [int(w) for w in np.flatnonzero(arrows[v]) if int(w) not in seen]
        seen.update(new)
        queue += new
    return False
