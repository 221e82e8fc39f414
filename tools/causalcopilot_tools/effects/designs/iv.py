"""Instrumental variables on arrays: two-stage least squares, Anderson–Rubin sets, strength, over-identification.

Every function takes outcome, treatment and instruments with the exogenous columns already partialled out
(Frisch–Waugh), and heteroskedasticity-robust variances with the HC1 correction.  Rows that belong together add
their scores up within clusters, with the factor G / (G - 1) · (n - 1) / (n - k) and G - 1 degrees of freedom
(Cameron and Miller 2015); weighted rows enter as the square root of their weight times themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from causalcopilot.errors import DataError
from causalcopilot_tools.effects.regression import Coefficient

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GRID = 4001
"""Points at which an over-identified Anderson–Rubin set is looked at before its ends are refined."""
REFINE = 60
"""Halvings of the last step: the ends are exact to machine precision."""

Shape = Literal["bounded", "unbounded", "empty"]


@dataclass(frozen=True)
class Partialled:
    """Arrays with the exogenous columns removed.

    Attributes:
        Y, T: (n,) outcome and treatment residuals.
        Z: (n, k) instrument residuals, orthonormal columns.
        exogenous: columns removed, the constant included.
        clusters: (n,) numbers of the clusters from 0, or ``None`` for independent rows.
    """

    Y: NDArray[np.float64]
    T: NDArray[np.float64]
    Z: NDArray[np.float64]
    exogenous: int
    clusters: NDArray[np.int64] | None = None

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.Y)

    @property
    def instruments(self) -> int:
        """Instruments that add something."""
        return int(self.Z.shape[1])

    def spare(self, fitted: int) -> int:
        """Residual degrees of freedom with this many further coefficients."""
        return self.n - self.exogenous - fitted

    @property
    def groups(self) -> int:
        """Clusters; rows where they are independent."""
        return self.n if self.clusters is None else int(self.clusters.max()) + 1

    def degrees(self, fitted: int) -> int:
        """Degrees of freedom of tests and intervals: clusters less one, where there are any."""
        return self.spare(fitted) if self.clusters is None else self.groups - 1

    def meat(self, one: NDArray[np.float64], two: NDArray[np.float64], fitted: int) -> NDArray[np.float64]:
        """Cross-product of (n, k) scores, summed within clusters, with its small-sample factor."""

        factor = self.n / self.spare(fitted)
        if self.clusters is not None:
            G = self.groups
            factor = G / (G - 1) * (self.n - 1) / self.spare(fitted)
            one, two = (_sums(a, self.clusters, G) for a in (one, two))
        made: NDArray[np.float64] = factor * one.T @ two
        return made


def _sums(scores: NDArray[np.float64], code: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """(count, k) sums of (n, k) scores within clusters."""
    import numpy as np

    return np.column_stack([np.bincount(code, weights=c, minlength=count) for c in scores.T]).astype(float)


@dataclass(frozen=True)
class Region:
    """An Anderson–Rubin confidence set.

    Attributes:
        shape: bounded, unbounded (a half line, two rays or the whole line) or empty.
        pieces: disjoint intervals in order; ends may be infinite.
    """

    shape: Shape
    pieces: tuple[tuple[float, float], ...]

    def holds(self, value: float) -> bool:
        """Whether the set holds a value."""
        return any(low <= value <= high for low, high in self.pieces)


@dataclass(frozen=True)
class Tested:
    """A test statistic with its p value and degrees of freedom."""

    statistic: float
    p_value: float
    degrees: int


def partial_out(
    Y: NDArray[np.float64],
    T: NDArray[np.float64],
    Z: NDArray[np.float64],
    X: NDArray[np.float64],
    weights: NDArray[np.float64] | None = None,
    clusters: NDArray[np.int64] | None = None,
) -> Partialled:
    """Remove the constant and the exogenous columns X (n, p) from outcome, treatment and instruments (n, k).

    Args:
        Y, T, Z, X: the columns.
        weights: (n,) how much each row counts.
        clusters: (n,) numbers of rows that belong together.

    Raises:
        DataError: nothing of the instruments or of the treatment is left, or too few rows or clusters.
    """
    import numpy as np

    one = np.column_stack([np.ones(len(Y)), X])
    if weights is not None:
        root = np.sqrt(weights)
        Y, T, Z, one = Y * root, T * root, Z * root[:, None], one * root[:, None]
    basis = _orthonormal(one)
    if len(Y) - basis.shape[1] - Z.shape[1] < 2:
        raise DataError("too few rows for this many instruments and controls", "name fewer of them")

    def rest(columns: NDArray[np.float64]) -> NDArray[np.float64]:
        once = columns - basis @ (basis.T @ columns)
        left: NDArray[np.float64] = once - basis @ (basis.T @ once)
        return left

    spread = Z.std(axis=0)
    residual = rest(Z)
    kept = residual[:, residual.std(axis=0) > 1e-8 * np.where(spread > 0, spread, 1.0)]
    if not kept.shape[1]:
        raise DataError("the controls determine the instrument completely", "leave out controls that copy it")
    t = rest(T)
    if t.std() <= 1e-8 * max(T.std(), 1e-300):
        raise DataError("the controls determine the treatment completely", "leave out controls that copy it")
    code = None if clusters is None else np.unique(clusters, return_inverse=True)[1].astype(np.int64)
    p = Partialled(rest(Y), t, _orthonormal(kept), basis.shape[1], code)
    if p.groups - 1 < p.instruments + 1:
        raise DataError(
            f"{p.groups} clusters are too few for {p.instruments} instruments", "name fewer instruments"
        )
    return p


def _orthonormal(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """An orthonormal basis of the columns' span; columns that add nothing are left out."""
    import numpy as np

    scale = np.sqrt((columns**2).mean(axis=0))
    u, size, _ = np.linalg.svd(columns / np.where(scale > 0, scale, 1.0), full_matrices=False)
    basis: NDArray[np.float64] = u[:, size > 1e-9 * size[0]]
    return basis


def two_stage(p: Partialled) -> Coefficient:
    """Two-stage least squares with its HC1 or clustered standard error."""
    fitted = p.Z @ (p.Z.T @ p.T)
    strength = float(fitted @ p.T)
    value = float(fitted @ p.Y) / strength
    score = (fitted * (p.Y - value * p.T))[:, None]
    variance = float(p.meat(score, score, 1)[0, 0]) / strength**2
    return Coefficient(value, math.sqrt(variance), p.degrees(1))


def effective_f(p: Partialled) -> float:
    """Effective first-stage F of Montiel Olea and Pflueger (2013); with one instrument the robust F."""
    import numpy as np

    pi, residual = _first_stage(p)
    score = p.Z * residual[:, None]
    total = float(np.trace(p.meat(score, score, p.instruments)))
    return float(pi @ pi) / total if total > 0 else math.inf


def _first_stage(p: Partialled) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    pi = p.Z.T @ p.T
    return pi, p.T - p.Z @ pi


def reduced_form(p: Partialled) -> Tested:
    """Robust F test that the instruments do not move the outcome (Anderson–Rubin at an effect of zero)."""
    from scipy.special import fdtrc

    k = p.instruments
    value = float(_statistics(p, [0.0])[0])
    return Tested(value, float(fdtrc(k, p.degrees(k), value)), k)


def overidentification(p: Partialled) -> Tested | None:
    """Hansen's J after two-step GMM; ``None`` with one instrument, where nothing can be tested."""
    import numpy as np
    from scipy.special import chdtrc

    k = p.instruments
    if k < 2:
        return None
    first = p.Y - two_stage(p).value * p.T
    score = p.Z * first[:, None]
    plain = p.clusters is None
    weight = np.linalg.pinv(score.T @ score if plain else p.meat(score, score, 0))
    a, b = p.Z.T @ p.T, p.Z.T @ p.Y
    value = float(a @ weight @ b) / float(a @ weight @ a)
    moment = b - value * a
    statistic = float(moment @ weight @ moment)
    return Tested(statistic, float(chdtrc(k - 1, statistic)), k - 1)


def anderson_rubin(p: Partialled, level: float) -> Region:
    """Effects that a robust Anderson–Rubin test does not reject: right whatever the instruments' strength.

    One instrument: the quadratic inequality solved exactly.  More: the whole line is searched, ends refined.
    """
    from scipy.special import fdtri

    k = p.instruments
    limit = float(fdtri(k, p.degrees(k), level))
    return _quadratic(p, limit) if k == 1 else _searched(p, limit)


def _quadratic(p: Partialled, limit: float) -> Region:
    """``(a_y - b a_t)² <= limit (S_yy - 2 b S_yt + b² S_tt)`` solved for b."""
    import numpy as np

    a_t, a_y, s_tt, s_ty, s_yy = (float(m.ravel()[0]) for m in _moments(p))
    a, b, c = a_t**2 - limit * s_tt, -2.0 * (a_y * a_t - limit * s_ty), a_y**2 - limit * s_yy
    inside = b * b - 4.0 * a * c
    if a == 0.0 or inside <= 0.0:
        return Region("unbounded", ((-math.inf, math.inf),))
    one, two = sorted(float(r) for r in np.roots([a, b, c]).real)
    if a > 0.0:
        return Region("bounded", ((one, two),))
    return Region("unbounded", ((-math.inf, one), (two, math.inf)))


def _statistics(p: Partialled, effects: NDArray[np.float64] | list[float]) -> NDArray[np.float64]:
    """Robust F statistics of the instruments in ``Y - effect T``, one per effect."""
    import numpy as np

    b = np.asarray(effects, dtype=np.float64)
    g_t, g_y, tt, ty, yy = _moments(p)
    moment = g_y - b[:, None] * g_t
    spread = yy - b[:, None, None] * (ty + ty.T) + (b**2)[:, None, None] * tt
    return _wald(moment, spread)


def _moments(p: Partialled) -> tuple[NDArray[np.float64], ...]:
    g_t, g_y = p.Z.T @ p.T, p.Z.T @ p.Y
    u_t, u_y = p.T - p.Z @ g_t, p.Y - p.Z @ g_y

    def spread(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
        return p.meat(p.Z * one[:, None], p.Z * two[:, None], p.instruments)

    return g_t, g_y, spread(u_t, u_t), spread(u_t, u_y), spread(u_y, u_y)


def _wald(moment: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    solved = np.linalg.solve(spread, moment[..., None])[..., 0]
    value: NDArray[np.float64] = (moment * solved).sum(axis=-1) / moment.shape[-1]
    return value


def _searched(p: Partialled, limit: float) -> Region:
    """The set on the whole line, seen through ``b = centre + scale tan(angle)``."""
    import numpy as np

    c = two_stage(p)
    g_t, _, tt, _, _ = _moments(p)
    far = float(_wald(g_t[None], tt[None])[0]) <= limit

    def at(angle: NDArray[np.float64]) -> NDArray[np.float64]:
        turned: NDArray[np.float64] = c.value + 4.0 * c.std_error * np.tan(angle)
        return turned

    angles = np.linspace(-math.pi / 2, math.pi / 2, GRID + 2)[1:-1]
    inside = _statistics(p, at(angles)) <= limit
    padded = np.concatenate([[far], inside, [far]])
    edges = np.concatenate([[-math.pi / 2], angles, [math.pi / 2]])
    turns = np.flatnonzero(padded[1:] != padded[:-1])
    ends = [_refined(p, limit, edges[i], edges[i + 1], bool(padded[i]), at) for i in turns]
    if far:
        ends = [-math.inf, *ends, math.inf]
    pieces = tuple(zip(ends[::2], ends[1::2], strict=True))
    return Region("unbounded" if far else "bounded" if pieces else "empty", pieces)


def _refined(p: Partialled, limit: float, low: float, high: float, inside_low: bool, at: object) -> float:
    import numpy as np

    assert callable(at)
    for _ in range(REFINE):
        middle = 0.5 * (low + high)
        inside = bool(_statistics(p, at(np.array([middle])))[0] <= limit)
        low, high = (middle, high) if inside == inside_low else (low, middle)
    return float(at(np.array([0.5 * (low + high)]))[0])
