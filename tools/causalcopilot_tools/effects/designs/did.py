"""Difference-in-differences on arrays: effects by group and period, their averages, and two-way fixed effects.

Callaway and Sant'Anna (2021) without covariates: every group that adopts together is compared, period by period,
with units that never or not yet adopted.  Standard errors come from influence functions summed within units, or
within clusters of units; weighted units count in means and in the groups' shares.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from causalcopilot.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Comparison = Literal["never", "not_yet"]
MIN_COMPARISON = 2
"""Comparison units a group and period needs."""
SWEEPS, SETTLED = 500, 1e-10
"""Sweeps of the alternating projections that remove unit and period means, and when they have settled."""


@dataclass(frozen=True)
class Panel:
    """Units by periods.

    Attributes:
        Y: (N, P) outcome, NaN where a unit was not seen.
        first: (N,) index of the first treated period; P for units that never adopt.
        weights: (N,) how much each unit counts, mean one, or ``None``.
        clusters: (N,) numbers of units that belong together, or ``None``.
    """

    Y: NDArray[np.float64]
    first: NDArray[np.int64]
    weights: NDArray[np.float64] | None = None
    clusters: NDArray[np.int64] | None = None

    @property
    def units(self) -> int:
        """Number of units."""
        return int(self.Y.shape[0])

    @property
    def periods(self) -> int:
        """Number of periods."""
        return int(self.Y.shape[1])

    @property
    def treated(self) -> int:
        """Units that adopt at some time."""
        return int((self.first < self.periods).sum())

    @property
    def counts(self) -> tuple[int, int]:
        """Adopters and others: units, or clusters that hold any."""
        import numpy as np

        on = self.first < self.periods
        if self.clusters is None:
            return int(on.sum()), int((~on).sum())
        return len(np.unique(self.clusters[on])), len(np.unique(self.clusters[~on]))

    def take(self, rows: NDArray[np.bool_]) -> Panel:
        """Some units; their weights keep a mean of one."""
        w = None if self.weights is None else self.weights[rows]
        return Panel(
            self.Y[rows],
            self.first[rows],
            None if w is None else w / w.mean(),
            None if self.clusters is None else self.clusters[rows],
        )

    def summed(self, influence: NDArray[np.float64]) -> NDArray[np.float64]:
        """Influence by unit (N,) as one value for each cluster (G,), on the scale that ``Average`` reads."""
        import numpy as np

        if self.clusters is None:
            return influence
        code = np.unique(self.clusters, return_inverse=True)[1]
        sums = np.bincount(code, weights=influence)
        G = len(sums)
        scaled: NDArray[np.float64] = sums * G / self.units * math.sqrt(G / (G - 1))
        return scaled

    @property
    def groups(self) -> list[int]:
        """Periods in which some unit adopts, the first period left out."""
        return sorted({int(g) for g in self.first if 0 < g < self.periods})


@dataclass(frozen=True)
class Cell:
    """Effect of one group in one period (or, before adoption, its change against the period before).

    Attributes:
        group, period: indices; ``period >= group`` after adoption.
        value: difference in differences.
        influence: (N,) its influence function.
        units: treated units in it.
    """

    group: int
    period: int
    value: float
    influence: NDArray[np.float64]
    units: int

    @property
    def event(self) -> int:
        """Periods since adoption."""
        return self.period - self.group


@dataclass(frozen=True)
class Average:
    """A weighted average of cells with its influence function (N,), or (G,) where units belong to clusters."""

    value: float
    influence: NDArray[np.float64]

    @property
    def std_error(self) -> float:
        """Standard error, clustered by unit or by what units belong to."""
        return float(math.sqrt(float(self.influence @ self.influence)) / len(self.influence))


def cells(panel: Panel, comparison: Comparison) -> tuple[Cell, ...]:
    """Every group and period that can be compared; before adoption in steps of one period."""
    made = []
    for g in panel.groups:
        for t in range(1, panel.periods):
            cell = _cell(panel, g, t, comparison)
            if cell is not None:
                made.append(cell)
    return tuple(made)


def _cell(panel: Panel, g: int, t: int, comparison: Comparison) -> Cell | None:
    import numpy as np

    base = g - 1 if t >= g else t - 1
    change = panel.Y[:, t] - panel.Y[:, base]
    seen = np.isfinite(change)
    free = panel.first >= panel.periods if comparison == "never" else panel.first > max(t, base)
    one, other = seen & (panel.first == g), seen & free & (panel.first != g)
    n_one, n_other = int(one.sum()), int(other.sum())
    if not n_one or n_other < MIN_COMPARISON:
        return None
    influence = np.zeros(panel.units)
    counts = np.ones(panel.units) if panel.weights is None else panel.weights
    means = []
    for rows, n, sign in ((one, n_one, 1.0), (other, n_other, -1.0)):
        w = counts[rows] / counts[rows].sum()
        mean = float(w @ change[rows])
        small = math.sqrt(n / (n - 1)) if n > 1 else 1.0
        influence[rows] += sign * panel.units * w * small * (change[rows] - mean)
        means.append(mean)
    return Cell(g, t, means[0] - means[1], influence, n_one)


def average(panel: Panel, chosen: Sequence[Cell]) -> Average:
    """Average weighted by the groups' sizes, whose sampling error the influence function counts too.

    Raises:
        DataError: nothing to average.
    """
    import numpy as np

    if not chosen:
        raise DataError(
            "no group and period can be compared",
            "units are needed that adopt after the first period, and others that have not adopted by then",
        )
    member = np.column_stack([panel.first == c.group for c in chosen]).astype(np.float64)
    if panel.weights is not None:
        member *= panel.weights[:, None]
    share = member.mean(axis=0)
    total = float(share.sum())
    weight = share / total
    values = np.array([c.value for c in chosen])
    influence = np.column_stack([c.influence for c in chosen]) @ weight
    moved = member - share
    influence = influence + (moved / total - np.outer(moved.sum(axis=1), share / total**2)) @ values
    return Average(float(weight @ values), panel.summed(influence))


def overall(panel: Panel, comparison: Comparison) -> Average:
    """Average effect over treated unit-periods (the simple aggregation)."""
    return average(panel, [c for c in cells(panel, comparison) if c.event >= 0])


def by_event(panel: Panel, comparison: Comparison) -> dict[int, Average]:
    """Average effect by periods since adoption; before adoption, the average change against the period before."""
    found: dict[int, list[Cell]] = {}
    for c in cells(panel, comparison):
        found.setdefault(c.event, []).append(c)
    return {e: average(panel, found[e]) for e in sorted(found)}


@dataclass(frozen=True)
class Joint:
    """A joint F test with its degrees of freedom."""

    statistic: float
    p_value: float
    tested: int


def jointly_zero(averages: Sequence[Average], smaller: int) -> Joint | None:
    """Are all of them zero?  Hotelling's F; ``None`` where there is nothing to test or too few units.

    Args:
        averages: what is tested.
        smaller: units in the smaller of the two groups compared; it sets the degrees of freedom, because the
            spread of the averages is mostly that group's.
    """
    import numpy as np
    from scipy.special import fdtrc

    if not averages:
        return None
    n = len(averages[0].influence)
    influence = np.column_stack([a.influence for a in averages])
    spread = influence.T @ influence / n**2
    values = np.array([a.value for a in averages])
    rank = int(np.linalg.matrix_rank(spread, hermitian=True))
    if not rank or smaller - rank < 2:
        return None
    square = float(values @ np.linalg.pinv(spread, hermitian=True) @ values)
    statistic = square * (smaller - rank) / (rank * (smaller - 1))
    return Joint(statistic, float(fdtrc(rank, smaller - rank, statistic)), rank)


def breakdown(events: dict[int, Average], leads: int, critical: float) -> float | None:
    """How many times the largest earlier change of trend, repeated every period after adoption, the interval of the
    average effect withstands before it holds zero.

    Relative magnitudes of Rambachan and Roth (2023); the largest earlier change is taken as it is estimated, which
    chance makes larger rather than smaller.

    Args:
        events: averages by periods since adoption; before it, changes from period to period.
        leads: earlier periods looked at.
        critical: half-width of the interval in standard errors.
    """
    import numpy as np

    before = [abs(v.value) for e, v in events.items() if -leads <= e < 0]
    after = [(e, v) for e, v in events.items() if e >= 0]
    if not before or not after or max(before) <= 0.0:
        return None
    mean = Average(
        float(np.mean([v.value for _, v in after])), np.mean([v.influence for _, v in after], axis=0)
    )
    clear = max(abs(mean.value) - critical * mean.std_error, 0.0)
    return clear / (max(before) * float(np.mean([e + 1 for e, _ in after])))


def earlier(panel: Panel, periods: int) -> Panel:
    """The same units before adoption only, as if they had adopted this many periods earlier."""
    import numpy as np

    Y, first = panel.Y.copy(), panel.first.copy()
    adopts = first < panel.periods
    late = adopts[:, None] & (np.arange(panel.periods)[None, :] >= first[:, None])
    Y[late] = np.nan
    first[adopts] -= periods
    return replace(panel, Y=Y, first=first).take(first >= 1)


def two_way(panel: Panel) -> tuple[float, float]:
    """Two-way fixed effects of being treated, and its standard error clustered by unit (or by their clusters)."""
    import numpy as np

    seen = np.isfinite(panel.Y)
    D = (np.arange(panel.periods)[None, :] >= panel.first[:, None]).astype(np.float64)
    w = np.ones(panel.units) if panel.weights is None else panel.weights
    y, d = (_without_means(np.where(seen, A, 0.0), seen, w) for A in (panel.Y, D))
    strength = float((w[:, None] * d * d).sum())
    if strength <= 1e-12:
        raise DataError("the treatment does not vary within units and periods", "use another column")
    value = float((w[:, None] * d * y).sum()) / strength
    scores = w * (d * (y - value * d)).sum(axis=1)
    if panel.clusters is not None:
        scores = np.bincount(np.unique(panel.clusters, return_inverse=True)[1], weights=scores)
    n = len(scores)
    return value, math.sqrt(float(scores @ scores) * n / (n - 1)) / strength


def _without_means(
    A: NDArray[np.float64], seen: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Residuals after unit and (weighted) period means; cells not seen stay zero."""
    import numpy as np

    by_unit, by_period = np.maximum(seen.sum(axis=1), 1), weights @ seen
    by_period = np.where(by_period > 0, by_period, 1.0)
    out = A.copy()
    scale = max(float(np.abs(A).max()), 1e-300)
    for _ in range(SWEEPS):
        rows = out.sum(axis=1) / by_unit
        out = np.where(seen, out - rows[:, None], 0.0)
        columns = weights @ out / by_period
        out = np.where(seen, out - columns[None, :], 0.0)
        if float(np.abs(rows).max()) < SETTLED * scale and float(np.abs(columns).max()) < SETTLED * scale:
            break
    return out
