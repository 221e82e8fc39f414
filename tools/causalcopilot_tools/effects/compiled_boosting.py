"""The compiled kernel of ``boosting``: histograms, splits and leaves of all rounds in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalcopilot_tools.compiled import compiled, inner

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DEPTH = 3
INNER, NODES = 2**DEPTH, 2 ** (DEPTH + 1)
"""Nodes are numbered like a heap: node ``k`` has children ``2k`` and ``2k + 1``; leaves lie from ``INNER`` on."""
LEAST_CURVATURE, TINY = 1e-3, 1e-15
"""Curvature that a leaf needs, and what keeps a division by it finite, as in scikit-learn."""


@compiled
def boost(
    codes: NDArray[np.uint8],
    bins: NDArray[np.int64],
    edges: Floats,
    y: Floats,
    rounds: int,
    rate: float,
    least_rows: int,
    logistic: bool,
    start: float,
    test: Floats,
) -> Floats:
    """Fit the trees on (n, p) bin codes and predict (m, p) test rows, (m,), before the link.

    Args:
        codes: bin of every training value.
        bins: (p,) bins of each column.
        edges: (p, most bins) upper edge of each bin, in the unit of the column.
        y: (n,) target; 0 or 1 where ``logistic``.
        rounds, rate: trees, and how much of each counts.
        least_rows: rows that a leaf needs.
        logistic: deviance of a probability instead of squared error.
        start: prediction before the first tree.
        test: rows to predict.
    """
    n, p = codes.shape
    fitted, predicted = np.full(n, start), np.full(len(test), start)
    gradient, curvature = np.empty(n, np.float32), np.ones(n, np.float32)
    node = np.empty(n, np.int64)
    width = bins.max()
    # Sums by node, column and bin, and by node: gradient, curvature, rows.
    slope, bend = np.zeros((INNER, p, width)), np.zeros((INNER, p, width))
    count = np.zeros((INNER, p, width), np.int64)
    slopes, bends, counts = np.zeros(NODES), np.zeros(NODES), np.zeros(NODES, np.int64)
    value, column, cut = np.zeros(NODES), np.empty(NODES, np.int64), np.zeros(NODES, np.int64)
    for _ in range(rounds):
        for i in range(n):
            if logistic:
                share = 1 / (1 + np.exp(-fitted[i]))
                gradient[i], curvature[i] = share - y[i], share * (1 - share)
            else:
                gradient[i] = fitted[i] - y[i]
        for k in range(NODES):
            column[k] = -1
        slopes[1], bends[1], counts[1] = 0.0, 0.0, n
        for i in range(n):
            node[i] = 1
            slopes[1] += gradient[i]
            bends[1] += curvature[i]
        value[1] = -slopes[1] / (bends[1] + TINY)
        _fill(codes, gradient, curvature, node, 1, slope, bend, count)
        for k in range(1, INNER):
            if k > 1 and column[k // 2] < 0:
                continue
            _split(k, bins, least_rows, slope, bend, count, slopes, bends, counts, value, column, cut)
            if column[k] < 0:
                continue
            for i in range(n):
                if node[i] == k:
                    node[i] = 2 * k + (codes[i, column[k]] > cut[k])
            if 2 * k < INNER:
                less = 2 * k if counts[2 * k] < counts[2 * k + 1] else 2 * k + 1
                more = 4 * k + 1 - less
                _fill(codes, gradient, curvature, node, less, slope, bend, count)
                for f in range(p):
                    for b in range(bins[f]):
                        slope[more, f, b] = slope[k, f, b] - slope[less, f, b]
                        bend[more, f, b] = bend[k, f, b] - bend[less, f, b]
                        count[more, f, b] = count[k, f, b] - count[less, f, b]
        for i in range(n):
            fitted[i] += rate * value[node[i]]
        for i in range(len(test)):
            k = 1
            while column[k] >= 0:
                k = 2 * k + (test[i, column[k]] > edges[column[k], cut[k]])
            predicted[i] += rate * value[k]
    return predicted


@inner
def _fill(
    codes: NDArray[np.uint8],
    gradient: NDArray[np.float32],
    curvature: NDArray[np.float32],
    node: NDArray[np.int64],
    k: int,
    slope: Floats,
    bend: Floats,
    count: NDArray[np.int64],
) -> None:
    """Histograms of node ``k`` from its rows."""
    for f in range(codes.shape[1]):
        for b in range(slope.shape[2]):
            slope[k, f, b], bend[k, f, b], count[k, f, b] = 0.0, 0.0, 0
    for i in range(len(codes)):
        if node[i] == k:
            for f in range(codes.shape[1]):
                b = codes[i, f]
                slope[k, f, b] += gradient[i]
                bend[k, f, b] += curvature[i]
                count[k, f, b] += 1


@inner
def _split(
    k: int,
    bins: NDArray[np.int64],
    least_rows: int,
    slope: Floats,
    bend: Floats,
    count: NDArray[np.int64],
    slopes: Floats,
    bends: Floats,
    counts: NDArray[np.int64],
    value: Floats,
    column: NDArray[np.int64],
    cut: NDArray[np.int64],
) -> None:
    """Where node ``k`` gains most by a split: writes its column and bin, and the sums of its children."""
    if counts[k] < 2 * least_rows or bends[k] < LEAST_CURVATURE:
        return
    most, now = 0.0, slopes[k] * value[k]
    for f in range(len(bins)):
        left, left_bend, left_rows = 0.0, 0.0, 0
        for b in range(bins[f] - 1):
            left += slope[k, f, b]
            left_bend += bend[k, f, b]
            left_rows += count[k, f, b]
            if left_rows < least_rows or left_bend < LEAST_CURVATURE:
                continue
            right, right_bend = slopes[k] - left, bends[k] - left_bend
            if counts[k] - left_rows < least_rows or right_bend < LEAST_CURVATURE:
                break
            low, high = -left / (left_bend + TINY), -right / (right_bend + TINY)
            gain = now - left * low - right * high
            if gain > most:
                most, column[k], cut[k] = gain, f, b
                slopes[2 * k], bends[2 * k], counts[2 * k] = left, left_bend, left_rows
                value[2 * k], value[2 * k + 1] = low, high
    if column[k] >= 0:
        a, b = 2 * k, 2 * k + 1
        slopes[b], bends[b], counts[b] = slopes[k] - slopes[a], bends[k] - bends[a], counts[k] - counts[a]
