"""What several treatments do together, on arrays: least squares, the product terms, and equation by equation.

The treatments' coefficients in one regression with valid controls are their joint effects where everything is linear
(Perkovic et al. 2018 for who is held; Nandy, Maathuis & Richardson 2017 for the effects).  Where no set can be held,
the equations between treatments and outcome are fitted one by one and what is left after cutting the treatments' own
is added up along the paths.  Standard errors from influence functions (HC3), so that any two fits can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects.designs.mediation import least_squares
from causalcopilot_tools.effects.sampling import PLAIN, Sampling, clustered_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SPARE = 10
"""Rows beyond the columns of a regression below which nothing is fitted."""
ROWS_A_COLUMN = 20
"""Rows per column from which the wide regression lets every treatment's effect vary with every control."""
DETERMINED = 1e-8
"""Share of a treatment's spread that must be left given the other treatments and the controls."""


@dataclass(frozen=True)
class Moves:
    """The treatments as numbers and what is done to each.

    Attributes:
        values: (n, k) values; 0 and 1 where there are two.
        low, high: (k,) the setting compared with, and the one of interest.
        two_valued: (k,) whether a treatment has two values only.
    """

    values: Floats
    low: Floats
    high: Floats
    two_valued: NDArray[np.bool_]

    @property
    def count(self) -> int:
        """Number of treatments."""
        return int(self.values.shape[1])

    def scaled(self) -> tuple[Moves, Floats]:
        """The same moves with every treatment counted from ``low`` in its own spread, and (k,) those spreads.

        No effect of a move changes, and sums of squares of columns in different units stay well conditioned.
        """
        import numpy as np

        sd = self.values.std(axis=0)
        sd = np.where(sd > 0, sd, 1.0)
        return Moves(
            (self.values - self.low) / sd, np.zeros(self.count), (self.high - self.low) / sd, self.two_valued
        ), sd

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Every two of them."""
        return tuple(combinations(range(self.count), 2))


@dataclass(frozen=True)
class Joint:
    """The effect of moving all treatments from ``low`` to ``high``, and what each adds; influences average to zero.

    Attributes:
        value: effect of moving them all.
        parts: (k,) effect of moving one alone, the others held at ``low`` by intervention.
        influence: (n,) of ``value``; ``part_influences``: (n, k).
        clusters: (n,) rows that belong together, or ``None``.
    """

    value: float
    parts: Floats
    influence: Floats
    part_influences: Floats
    clusters: NDArray[np.int64] | None = None

    @property
    def std_error(self) -> float:
        """Standard error of ``value``."""
        return error_of(self.influence, self.clusters)

    @property
    def part_errors(self) -> tuple[float, ...]:
        """Standard errors of ``parts``."""
        return tuple(error_of(column, self.clusters) for column in self.part_influences.T)


def error_of(influence: Floats, clusters: NDArray[np.int64] | None) -> float:
    """Standard error of a mean of (n,) influence values, summed within clusters where there are some."""
    if clusters is not None:
        return clustered_error(influence, clusters)
    return math.sqrt(float((influence**2).mean()) / len(influence))


def by_line(Y: Floats, moves: Moves, X: Floats, sampling: Sampling = PLAIN, crossed: bool = False) -> Joint:
    """One regression of Y (n,) on the treatments and the controls X (n, p), with all their products if ``crossed``.

    Raises:
        NotApplicable: too few rows, or a treatment that the others and the controls determine.
    """
    sizes = range(2, moves.count + 1) if crossed else ()
    products = tuple(p for size in sizes for p in combinations(range(moves.count), size))
    return _fitted(Y, moves, X, sampling, products, wide=False)


def by_wide_line(Y: Floats, moves: Moves, X: Floats, sampling: Sampling = PLAIN) -> Joint:
    """The same with products of treatments, squares of numbers and, where rows allow, products with the controls."""
    return _fitted(Y, moves, X, sampling, moves.pairs, wide=True)


def _fitted(
    Y: Floats,
    moves: Moves,
    X: Floats,
    sampling: Sampling,
    pairs: Sequence[tuple[int, ...]],
    wide: bool,
) -> Joint:
    import numpy as np

    moves, _ = moves.scaled()
    w = np.ones(len(Y)) if sampling.weights is None else sampling.weights
    Xc = _scaled(X, w)
    squares = [i for i in range(moves.count) if wide and not moves.two_valued[i]]
    free = len(Y) - (moves.count + len(pairs) + len(squares) + 1 + Xc.shape[1])
    if free < SPARE:
        raise NotApplicable(
            f"{len(Y)} rows are too few for a regression with {len(Y) - free} columns", "name fewer controls"
        )
    _refuse_determined(moves, Xc)
    vary = wide and len(Y) >= ROWS_A_COLUMN * (1 + Xc.shape[1]) * (1 + moves.count)
    lead = _terms(moves.values, pairs, squares)
    D = np.column_stack([lead, np.ones(len(Y)), Xc])
    if vary and Xc.shape[1]:
        D = np.column_stack([D, *(moves.values[:, [i]] * Xc for i in range(moves.count))])
    beta, influence = least_squares(D, Y, w)
    grown = [_terms(at[None, :], pairs, squares)[0] for at in _settings(moves)]
    steps = np.array([row - grown[0] for row in grown[1:]])  # the controls' products vanish at their mean
    q = lead.shape[1]
    told, moved = steps @ beta[:q], influence[:, :q] @ steps.T
    return Joint(float(told[0]), told[1:], moved[:, 0], moved[:, 1:], sampling.clusters)


def _settings(moves: Moves) -> list[Floats]:
    """All low; all high; then one high at a time."""
    import numpy as np

    alone = [np.where(np.arange(moves.count) == i, moves.high, moves.low) for i in range(moves.count)]
    return [moves.low, moves.high, *alone]


def _terms(A: Floats, pairs: Sequence[tuple[int, ...]], squares: Sequence[int]) -> Floats:
    import numpy as np

    return np.column_stack(
        [A, *(A[:, list(p)].prod(axis=1) for p in pairs), *(A[:, i] ** 2 for i in squares)]
    )


def _scaled(X: Floats, w: Floats) -> Floats:
    """Controls less their (weighted) mean, over their spread."""
    import numpy as np

    if not X.shape[1]:
        return X
    sd = X.std(axis=0)
    out: Floats = (X - np.average(X, axis=0, weights=w)) / np.where(sd > 0, sd, 1.0)
    return out


def left_of_each(moves: Moves, X: Floats) -> Floats:
    """(k,) share of each treatment's variance that the other treatments and the controls leave."""
    import numpy as np

    out = []
    for i in range(moves.count):
        others = np.column_stack([np.ones(len(X)), np.delete(moves.values, i, axis=1), X])
        a = moves.values[:, i] - moves.values[:, i].mean()
        rest = a - others @ np.linalg.lstsq(others, a, rcond=None)[0]
        out.append(float(rest @ rest) / max(float(a @ a), 1e-300))
    return np.array(out)


def _refuse_determined(moves: Moves, Xc: Floats) -> None:
    if (left_of_each(moves, Xc) < DETERMINED).any():
        raise NotApplicable(
            "the controls and the other treatments determine one of the treatments completely",
            "set fewer columns together, or leave out copies of them",
        )


@dataclass(frozen=True)
class Interaction:
    """How much more the effect of one treatment is for every unit of another; the step of 0 to 1 where two-valued."""

    first: int
    second: int
    value: float
    std_error: float
    p_value: float


def interactions(
    Y: Floats, moves: Moves, X: Floats, sampling: Sampling = PLAIN
) -> tuple[tuple[Interaction, ...], float]:
    """Every product of two treatments, and the p value that none of them matters (Wald, robust)."""
    import numpy as np
    from scipy import stats

    moves, sd = moves.scaled()
    w = np.ones(len(Y)) if sampling.weights is None else sampling.weights
    centre, Xc = moves.values - np.average(moves.values, axis=0, weights=w), _scaled(X, w)
    squares = [i for i in range(moves.count) if not moves.two_valued[i]]
    lead = _terms(centre, moves.pairs, squares)
    if len(Y) - lead.shape[1] - 1 - Xc.shape[1] < SPARE:
        return (), math.nan
    beta, influence = least_squares(np.column_stack([lead, np.ones(len(Y)), Xc]), Y, w)
    at = slice(moves.count, moves.count + len(moves.pairs))
    b, moved = beta[at], influence[:, at]
    if sampling.clusters is not None:
        code = np.unique(sampling.clusters, return_inverse=True)[1]
        moved = np.column_stack([np.bincount(code, column) for column in moved.T])
    spread = moved.T @ moved / len(Y) ** 2
    made = []
    for k, (i, j) in enumerate(moves.pairs):
        error = math.sqrt(float(spread[k, k]))
        p = float(2 * stats.norm.sf(abs(b[k]) / error)) if error > 0 else math.nan
        unit = float(sd[i] * sd[j])
        made.append(Interaction(i, j, float(b[k]) / unit, error / unit, p))
    wald = float(b @ np.linalg.pinv(spread, hermitian=True) @ b)
    return tuple(made), float(stats.chi2.sf(wald, len(b)))


@dataclass(frozen=True)
class Equation:
    """One column's linear equation.

    Attributes:
        values: (n,) the column.
        moving: positions of its parents among the treatments (first) and the earlier equations (after them).
        held: (n, q) its other parents.
    """

    values: Floats
    moving: tuple[int, ...]
    held: Floats


def by_equations(moves: Moves, chain: Sequence[Equation], sampling: Sampling = PLAIN) -> Joint:
    """Fit every equation, cut the treatments' own, and add up the ways that are left; the outcome's comes last.

    Raises:
        NotApplicable: too few rows for one of the equations, or parents that determine one another.
    """
    import numpy as np

    moves, _ = moves.scaled()
    k, size = moves.count, moves.count + len(chain)
    n = len(chain[-1].values)
    w = np.ones(n) if sampling.weights is None else sampling.weights
    # columns between are counted in their own spreads, which what is added up over them does not see
    between = [_scaled(e.values[:, None], w)[:, 0] for e in chain[:-1]]
    V = np.column_stack([moves.values, *between, chain[-1].values])
    B, fits = np.zeros((size, size)), []
    for v, e in enumerate(chain, k):
        D = np.column_stack([V[:, list(e.moving)], np.ones(n), _scaled(e.held, w)])
        if n - D.shape[1] < SPARE or np.linalg.matrix_rank(D) < D.shape[1]:
            raise NotApplicable(
                "the causes of one of the columns between determine one another, or the rows are too few",
                "correct the graph, or hold fewer columns",
            )
        beta, influence = least_squares(D, V[:, v], w)
        B[v, list(e.moving)] = beta[: len(e.moving)]
        fits.append(influence)
    total = np.linalg.inv(np.eye(size) - B)
    y, step = size - 1, moves.high - moves.low
    moved = np.zeros((n, k))
    for (v, e), influence in zip(enumerate(chain, k), fits, strict=True):
        for c, u in enumerate(e.moving):
            moved += total[y, v] * influence[:, [c]] * total[u, :k]
    parts = total[y, :k] * step
    moved = moved * step
    return Joint(float(parts.sum()), parts, moved.sum(axis=1), moved, sampling.clusters)
