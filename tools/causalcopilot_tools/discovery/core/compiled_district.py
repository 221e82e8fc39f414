"""Compiled Gaussian likelihood of one district (variables joined by ``<->``) of a mixed graph, given its causes.

Residual iterative conditional fitting as in ``ricf``, which fits whole graphs: their likelihood is the product of
their districts' (Drton, Eichler & Richardson 2009).
"""

from __future__ import annotations

import numpy as np

from causalcopilot_tools.compiled import ZERO, compiled, inner
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, IntArray

SWEEPS = 500
SINGULAR = 1e-12


@compiled
def log_determinant(
    r: FloatArray, columns: IntArray, causes: BoolArray, siblings: BoolArray, tolerance: float
) -> float:
    """Log determinant of the fitted noise covariance of a district; infinite where it cannot be fitted.

    Args:
        r: (p, p) correlations.
        columns: (k,) the ``d`` members, then their causes outside.
        causes: (d, k) causes of each member, by place in ``columns``.
        siblings: (d, d) symmetric.
        tolerance: change at which fitting stops.
    """
    d, k = causes.shape
    s = np.empty((k, k))
    for i in range(k):
        for j in range(k):
            s[i, j] = r[columns[i], columns[j]]
    effects, noise = np.zeros((d, k)), np.zeros((d, d))
    basis, gram, right = np.empty((k + d, k)), np.empty((k + d, k + d)), np.empty(k + d)
    inverse, root, row = np.empty((d, d)), np.empty((d, d)), np.empty(d)
    for v in range(d):
        _regress(s, v, causes, effects, noise, basis, gram, right)
    if d == 1:
        return float(np.log(max(noise[0, 0], SINGULAR)))
    last = np.inf
    for _ in range(SWEEPS):
        for v in range(d):
            if not _invert(noise, v, root, inverse):
                return np.inf
            _refit(s, v, causes, siblings, effects, noise, inverse, basis, gram, right, row)
        now = _log_det(noise, root)
        if abs(last - now) < tolerance:
            return now
        last = now
    return last


@inner
def _regress(
    s: FloatArray,
    v: int,
    causes: BoolArray,
    effects: FloatArray,
    noise: FloatArray,
    basis: FloatArray,
    gram: FloatArray,
    right: FloatArray,
) -> None:
    """``v`` on its causes alone."""
    k = len(s)
    n = ZERO
    for j in range(k):
        if causes[v, j]:
            basis[n, :] = 0.0
            basis[n, j] = 1.0
            n += 1
    noise[v, v] = _solve(s, v, basis, n, gram, right)
    n = 0
    for j in range(k):
        if causes[v, j]:
            effects[v, j] = right[n]
            n += 1


@inner
def _solve(s: FloatArray, v: int, basis: FloatArray, n: int, gram: FloatArray, right: FloatArray) -> float:
    """Regress ``v`` on the first ``n`` combinations of ``basis``: weights into ``right``, rest of its variance."""
    k = len(s)
    for i in range(n):
        total = 0.0
        for j in range(k):
            total += basis[i, j] * s[j, v]
        right[i] = total
        for j in range(i + 1):
            total = 0.0
            for a in range(k):
                if basis[i, a] != 0.0:
                    part = 0.0
                    for b in range(k):
                        part += s[a, b] * basis[j, b]
                    total += basis[i, a] * part
            gram[i, j] = total
    left = s[v, v]
    for i in range(n):  # Cholesky, forward
        for j in range(i):
            total = gram[i, j]
            for t in range(j):
                total -= gram[i, t] * gram[j, t]
            gram[i, j] = total / gram[j, j]
        total, value = gram[i, i], right[i]
        for t in range(i):
            total -= gram[i, t] * gram[i, t]
            value -= gram[i, t] * right[t]
        gram[i, i] = np.sqrt(max(total, SINGULAR))
        right[i] = value / gram[i, i]
        left -= right[i] * right[i]
    for i in range(n - 1, -1, -1):
        value = right[i]
        for t in range(i + 1, n):
            value -= gram[t, i] * right[t]
        right[i] = value / gram[i, i]
    return float(max(left, SINGULAR))


@inner
def _refit(
    s: FloatArray,
    v: int,
    causes: BoolArray,
    siblings: BoolArray,
    effects: FloatArray,
    noise: FloatArray,
    inverse: FloatArray,
    basis: FloatArray,
    gram: FloatArray,
    right: FloatArray,
    row: FloatArray,
) -> None:
    """``v`` on its causes and on what the others' residuals say of its siblings."""
    d, k = causes.shape
    n = ZERO
    for j in range(k):
        if causes[v, j]:
            basis[n, :] = 0.0
            basis[n, j] = 1.0
            n += 1
    for w in range(d):
        if siblings[v, w]:
            basis[n, :] = 0.0
            for o in range(d):
                if o != v:
                    f = inverse[w, o]
                    basis[n, o] += f
                    for j in range(k):
                        basis[n, j] -= f * effects[o, j]
            n += 1
    left = _solve(s, v, basis, n, gram, right)
    n = 0
    for j in range(k):
        effects[v, j] = 0.0
        if causes[v, j]:
            effects[v, j] = right[n]
            n += 1
    for w in range(d):
        row[w] = 0.0
        if siblings[v, w]:
            row[w] = right[n]
            n += 1
    extra = 0.0
    for a in range(d):
        if row[a] != 0.0:
            for b in range(d):
                extra += row[a] * inverse[a, b] * row[b]
    for w in range(d):
        if w != v:
            noise[v, w] = noise[w, v] = row[w]
    noise[v, v] = left + extra


@inner
def _invert(noise: FloatArray, v: int, root: FloatArray, inverse: FloatArray) -> bool:
    """Inverse of the noise covariance without ``v``, whose row and column are zero."""
    d = len(noise)
    for i in range(d):
        for j in range(i + 1):
            total = noise[i, j]
            if v in (i, j):
                total = 1.0 if i == j else 0.0
            for t in range(j):
                total -= root[i, t] * root[j, t]
            if i > j:
                root[i, j] = total / root[j, j]
            elif total <= SINGULAR:
                return False
            else:
                root[i, i] = np.sqrt(total)
    for c in range(d):
        for i in range(d):
            value = 1.0 if i == c else 0.0
            for t in range(i):
                value -= root[i, t] * inverse[t, c]
            inverse[i, c] = value / root[i, i]
        for i in range(d - 1, -1, -1):
            value = inverse[i, c]
            for t in range(i + 1, d):
                value -= root[t, i] * inverse[t, c]
            inverse[i, c] = value / root[i, i]
    inverse[v, :] = 0.0
    inverse[:, v] = 0.0
    return True


@inner
def _log_det(noise: FloatArray, root: FloatArray) -> float:
    out = 0.0
    for i in range(len(noise)):
        for j in range(i + 1):
            total = noise[i, j]
            for t in range(j):
                total -= root[i, t] * root[j, t]
            if i > j:
                root[i, j] = total / root[j, j]
            else:
                out += np.log(max(total, SINGULAR))
                root[i, i] = np.sqrt(max(total, SINGULAR))
    return out
