"""The graph with the best score of all, by dynamic programming over sets (Silander & Myllymäki 2006), on moments.

Score as in ``boss``: Gaussian likelihood of each block given its parents' blocks minus ``penalty * log(rows)`` per
coefficient.  Time and memory grow as columns times ``2 ** columns``.  Reference: causal-learn's ``bic_exact_search``
(its score is ``penalty=0.5``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, IntArray, Moments
from causalcopilot_tools.discovery.core.orient import class_of
from causalcopilot_tools.discovery.core.pc import Limits

BATCH = 20_000
"""Determinants taken at once."""


@dataclass(frozen=True)
class ExactResult:
    """The best graph.

    Attributes:
        arrows: (p, p) directed edges of its class.
        dag: one member.
        score: higher is better.
    """

    arrows: BoolArray
    dag: BoolArray
    score: float


def exact(m: Moments, penalty: float = 1.0, limits: Limits | None = None) -> ExactResult:
    """Search all graphs that respect the limits.

    Args:
        m: moments; complete and positive definite.
        penalty: per coefficient, in units of log(rows).
        limits: edges the graph may not have or must have, and who may not cause whom even indirectly.

    Raises:
        ValueError: no graph respects the limits.
    """
    p = len(m.blocks)
    limits = limits or Limits.none(p)
    logs, width = _determinants(m)
    best = np.stack([_best_parents(m, logs, width, y, penalty, limits) for y in range(p)])
    total, last = _orders(best, limits.before())
    whole = (1 << p) - 1
    if not np.isfinite(total[whole]):
        raise ValueError("no graph respects the limits")
    dag = np.zeros((p, p), bool)
    left = whole
    while left:
        y = int(last[left])
        left ^= 1 << y
        dag[_members(_shrunk(best[y], left), p), y] = True
    return ExactResult(class_of(dag, limits.fixed(dag | dag.T)), dag, float(total[whole]))


def _determinants(m: Moments) -> tuple[FloatArray, IntArray]:
    """(2 ** p,) log determinant of the correlations of each set of variables, and its matrix columns."""
    p = len(m.blocks)
    sets = np.arange(1 << p)
    inside = (sets[:, None] >> np.arange(p)) & 1 == 1
    width = inside @ np.array([len(b) for b in m.blocks])
    columns = np.repeat(inside, [len(b) for b in m.blocks], axis=1)
    where = np.concatenate(m.blocks)
    logs = np.zeros(1 << p)
    for w in range(1, int(width.max()) + 1):
        same = np.flatnonzero(width == w)
        for at in range(0, len(same), BATCH):
            some = same[at : at + BATCH]
            taken = where[np.nonzero(columns[some])[1].reshape(len(some), w)]
            logs[some] = np.linalg.slogdet(m.correlation[taken[:, :, None], taken[:, None, :]])[1]
    return logs, width


def _best_parents(
    m: Moments, logs: FloatArray, width: IntArray, y: int, penalty: float, limits: Limits
) -> FloatArray:
    """(2 ** p,) best score of ``y`` with parents within each set; minus infinity where none is allowed."""
    p = len(m.blocks)
    sets = np.arange(1 << p)
    bit = 1 << y
    ratio = logs[sets | bit] - logs
    score: FloatArray = -0.5 * m.rows * ratio - penalty * np.log(m.rows) * len(m.blocks[y]) * width
    closed = bit | sum(1 << int(v) for v in np.flatnonzero(limits.forbidden[:, y]))
    needed = sum(1 << int(v) for v in np.flatnonzero(limits.required[:, y]))
    score[(sets & closed != 0) | (sets & needed != needed)] = -np.inf
    for v in range(p):
        with_v, without = _halves(score, v, p)
        np.maximum(with_v, without, out=with_v)
    return score


def _halves(values: FloatArray, v: int, p: int) -> tuple[FloatArray, FloatArray]:
    """Views of the sets with ``v`` and of the same sets without it."""
    shaped = values.reshape(1 << (p - 1 - v), 2, 1 << v)
    return shaped[:, 1], shaped[:, 0]


def _orders(best: FloatArray, before: BoolArray) -> tuple[FloatArray, IntArray]:
    """(2 ** p,) score of the best graph on each set, and the variable that nothing in it depends on."""
    p = len(best)
    sets = np.arange(1 << p)
    size = ((sets[:, None] >> np.arange(p)) & 1).sum(axis=1)
    later = [sum(1 << int(u) for u in np.flatnonzero(before[v])) for v in range(p)]
    total = np.full(1 << p, -np.inf)
    last = np.zeros(1 << p, np.int64)
    total[0] = 0.0
    for k in range(1, p + 1):
        layer = sets[size == k]
        for v in range(p):
            own = layer[(layer >> v & 1 == 1) & (layer & later[v] == 0)]
            rest = own ^ (1 << v)
            value = total[rest] + best[v, rest]
            better = value > total[own]
            total[own[better]] = value[better]
            last[own[better]] = v
    return total, last


def _shrunk(best: FloatArray, within: int) -> int:
    """The smallest set inside ``within`` whose score is the best one there."""
    while True:
        smaller = next(
            (
                within ^ (1 << v)
                for v in range(within.bit_length())
                if within >> v & 1 and best[within ^ (1 << v)] == best[within]
            ),
            None,
        )
        if smaller is None:
            return within
        within = smaller


def _members(code: int, p: int) -> list[int]:
    return [v for v in range(p) if code >> v & 1]
