"""Regression discontinuity on arrays: local lines, robust bias-corrected intervals, the density at the cutoff.

Calonico, Cattaneo and Titiunik (2014) for the interval, Cattaneo, Jansson and Ma (2020) for the density; the
computation is diff-diff's, which reproduces the reference implementations.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalcopilot.errors import DataError
from causalcopilot_tools.effects.intervals import t_quantile, two_sided_p

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIN_SIDE = 20
MIN_VALUES = 5
"""Rows, and different values of the running variable, that each side of the cutoff needs."""
MIN_CLUSTERS = 10
"""Clusters near the cutoff that an interval counted by cluster needs."""
MOST_LEVERAGE = 0.9
NEIGHBOURS = 0.75
"""Largest leverage counted, and share of the degrees of freedom that the three-neighbour variance keeps: neighbours
share rows, and correlations of a quarter between six of them cost about that much."""


@dataclass(frozen=True)
class Local:
    """A jump at zero.

    Attributes:
        value: local linear estimate at the bandwidth (what is reported).
        conventional_error: its standard error without regard to bias.
        corrected: bias-corrected estimate, the centre of the interval.
        std_error, low, high: robust bias-corrected standard error and interval, allowing for few rows (``_few``).
        degrees: degrees of freedom of the interval.
        p_value: of no jump, robust.
        bandwidth, pilot: of the estimate and of the bias.
        left, right: rows within the bandwidth.
        first_stage_f: squared robust t of the jump in take-up; ``None`` in a sharp design.
    """

    value: float
    conventional_error: float
    corrected: float
    std_error: float
    low: float
    high: float
    p_value: float
    bandwidth: float
    pilot: float
    left: int
    right: int
    first_stage_f: float | None = None
    degrees: float = float("inf")

    @property
    def rows(self) -> int:
        """Rows within the bandwidth."""
        return self.left + self.right


def fit(
    Y: NDArray[np.float64],
    x: NDArray[np.float64],
    takeup: NDArray[np.float64] | None = None,
    level: float = 0.95,
    bandwidths: tuple[float, float] | None = None,
    covariates: NDArray[np.float64] | None = None,
    clusters: NDArray[np.int64] | None = None,
    weights: NDArray[np.float64] | None = None,
) -> Local:
    """Jump of Y (n,) at ``x = 0`` (n,), units with ``x >= 0`` on the treated side; divided by take-up's if given.

    Args:
        Y, x: outcome, and running variable less the cutoff.
        takeup: (n,) treatment received, for a fuzzy design.
        level: coverage of the interval.
        bandwidths: of the estimate and of its bias; chosen to be MSE-optimal when left out.
        covariates: (n, p) columns that do not jump at the cutoff; they enter with common coefficients, for
            precision only (Calonico, Cattaneo, Farrell and Titiunik 2019).
        clusters: (n,) numbers of rows that belong together; the bandwidth is chosen as if they did not.
        weights: (n,) how much each row counts, times its kernel weight; the bandwidth is chosen without them.

    Raises:
        DataError: too few rows or values near the cutoff, or nothing that varies there.
    """
    import numpy as np
    import pandas as pd

    _check_sides(x)
    frame = pd.DataFrame({"y": Y, "x": x})
    more: dict[str, Any] = {}
    if takeup is not None:
        frame["t"] = takeup
        more["takeup"] = "t"
    if covariates is not None and covariates.shape[1]:
        names = [f"c{k}" for k in range(covariates.shape[1])]
        frame[names] = covariates
        more["covariates"] = names
    h, b = bandwidths or (None, None)
    from diff_diff import RegressionDiscontinuity

    model = RegressionDiscontinuity(h=h, b=b, alpha=1.0 - level)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            r = model.fit(frame, outcome="y", running="x", **more)
        except (ValueError, TypeError, ZeroDivisionError, np.linalg.LinAlgError) as error:
            raise DataError(
                f"no local line can be fitted at the cutoff: {str(error).split('.')[0]}",
                "the running variable needs many different values on both sides of the cutoff",
            ) from error
    if weights is not None:
        return _weighed(_without(Y, covariates, r), x, takeup, r, level, weights, clusters)
    strength = None if takeup is None else float(r.first_stage_t_stat) ** 2
    spread, degrees = _few(_without(Y, covariates, r), x, takeup, r, clusters)
    if not np.isfinite(spread):
        raise DataError("the local lines at the cutoff are degenerate", "collect more rows near the cutoff")
    half = t_quantile(level, degrees) * spread
    made = Local(
        float(r.att_conventional),
        float(r.se_conventional),
        float(r.att),
        spread,
        float(r.att) - half,
        float(r.att) + half,
        two_sided_p(float(r.att) / spread, degrees) if spread > 0 else 0.0,
        float(r.h_left),
        float(r.b_left),
        int(r.n_h_left),
        int(r.n_h_right),
        strength,
        degrees,
    )
    if not np.isfinite([made.value, made.low, made.high]).all():
        raise DataError("the local lines at the cutoff are degenerate", "collect more rows near the cutoff")
    return made


def _without(Y: NDArray[np.float64], X: NDArray[np.float64] | None, fitted: Any) -> NDArray[np.float64]:
    """The outcome less what the covariates' common coefficients say."""
    import numpy as np

    told = fitted.covariate_coefficients
    if X is None or told is None:
        return Y
    slopes = np.nan_to_num(np.asarray(list(told.values()) if isinstance(told, dict) else told, dtype=float))
    left: NDArray[np.float64] = Y - X[:, : len(slopes)] @ slopes
    return left


def _few(
    Y: NDArray[np.float64],
    x: NDArray[np.float64],
    takeup: NDArray[np.float64] | None,
    fitted: Any,
    clusters: NDArray[np.int64] | None = None,
) -> tuple[float, float]:
    """Standard error and degrees of freedom that allow for few rows near the cutoff.

    The estimate is a weighted sum of outcomes, and a few rows next to the cutoff carry most of the weight.  The
    published error is an average of as many squared residuals: its degrees of freedom are those of that sum
    (Satterthwaite 1946), times what a variance from three neighbours loses by using each of them again.  Leverage
    makes residuals too small; where HC2 (MacKinnon and White 1985) says more, it is taken.
    """
    level = Y
    if takeup is not None:
        level = (Y - float(fitted.att_conventional) * takeup) / float(fitted.first_stage)
    s = _sums(x, float(fitted.h_left), float(fitted.b_left))
    own, degrees = s.spread(level, clusters)
    if clusters is not None:
        return own, degrees
    return max(float(fitted.se), own), degrees


@dataclass(frozen=True)
class Sums:
    """A jump as weighted sums of the rows' values.

    Attributes:
        line, curve: (n,) what the local linear and the bias-corrected jump count of each row.
        x: (n,) running variable.
        rows: (n,) weight of each row in the curve of the wider window.
    """

    line: NDArray[np.float64]
    curve: NDArray[np.float64]
    x: NDArray[np.float64]
    rows: NDArray[np.float64]

    def spread(
        self, values: NDArray[np.float64], clusters: NDArray[np.int64] | None, corrected: bool = True
    ) -> tuple[float, float]:
        """Standard error of the jump of (n,) values, and its degrees of freedom; raises with few clusters."""
        import numpy as np

        weights = self.curve if corrected else self.line
        residual = np.zeros(len(self.x))
        for side in (self.x < 0, self.x >= 0):
            z = self.x[side]
            square = np.column_stack([np.ones_like(z), z, z * z])
            curve = _projection(square, self.rows[side])
            leverage = np.minimum((square * curve.T).sum(axis=1), MOST_LEVERAGE)
            residual[side] = (values[side] - square @ (curve @ values[side])) / np.sqrt(1.0 - leverage)
        sizes = weights**2
        own = float(np.sqrt((sizes * residual**2).sum()))
        degrees = max(NEIGHBOURS * float(sizes.sum()) ** 2 / float((sizes**2).sum()), 2.0)
        if clusters is None:
            return own, degrees
        near = weights != 0.0
        code = np.unique(clusters[near], return_inverse=True)[1]
        summed = np.bincount(code, weights=(weights * residual)[near])
        G = len(summed)
        if G < MIN_CLUSTERS:
            raise DataError(
                f"the rows near the cutoff belong to {G} clusters only",
                f"{MIN_CLUSTERS} are needed to count by them",
            )
        return float(np.sqrt((summed**2).sum() * G / (G - 1))), float(min(degrees, G - 1))


def _sums(x: NDArray[np.float64], h: float, b: float, weights: NDArray[np.float64] | None = None) -> Sums:
    """What each row counts in the jump at zero, with triangular kernels of half-widths ``h`` and ``b``."""
    import numpy as np

    counts = np.ones(len(x)) if weights is None else weights
    line, curve, rows = np.zeros(len(x)), np.zeros(len(x)), counts * np.maximum(1.0 - np.abs(x) / b, 0.0)
    for side, sign in ((x < 0, -1.0), (x >= 0, 1.0)):
        z = x[side]
        near = counts[side] * np.maximum(1.0 - np.abs(z) / h, 0.0)
        straight = _projection(np.column_stack([np.ones_like(z), z]), near)[0]
        bent = _projection(np.column_stack([np.ones_like(z), z, z * z]), rows[side])[2]
        line[side] = sign * straight
        curve[side] = sign * (straight - float(straight @ (z * z)) * bent)
    return Sums(line, curve, x, rows)


def _weighed(
    Y: NDArray[np.float64],
    x: NDArray[np.float64],
    takeup: NDArray[np.float64] | None,
    fitted: Any,
    level: float,
    weights: NDArray[np.float64],
    clusters: NDArray[np.int64] | None,
) -> Local:
    """The jump with weighted rows at the bandwidths of ``fitted``, by the closed form that ``_few`` uses too."""
    import numpy as np

    h, b = float(fitted.h_left), float(fitted.b_left)
    s = _sums(x, h, b, weights)
    value, values, strength = float(s.line @ Y), Y, None
    if takeup is not None:
        jump = float(s.line @ takeup)
        error = s.spread(takeup, clusters)[0]
        strength = float((s.curve @ takeup) / error) ** 2 if error > 0 else float("inf")
        if abs(jump) < 1e-12:
            raise DataError("the treatment does not jump at the cutoff", "check --running and --cutoff")
        value /= jump
        values = (Y - value * takeup) / jump
    centre = value + float(s.curve @ values) if takeup is not None else float(s.curve @ Y)
    spread, degrees = s.spread(values, clusters)
    if not np.isfinite([value, centre, spread]).all():
        raise DataError("the local lines at the cutoff are degenerate", "collect more rows near the cutoff")
    half = t_quantile(level, degrees) * spread
    near = np.abs(x) < h
    return Local(
        value,
        s.spread(values, clusters, corrected=False)[0],
        centre,
        spread,
        centre - half,
        centre + half,
        two_sided_p(centre / spread, degrees) if spread > 0 else 0.0,
        h,
        b,
        int((near & (x < 0)).sum()),
        int((near & (x >= 0)).sum()),
        strength,
        degrees,
    )


def _projection(columns: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k, n) what turns outcomes into the coefficients of a weighted fit."""
    import numpy as np

    weighted = columns * kernel[:, None]
    made: NDArray[np.float64] = np.linalg.pinv(weighted.T @ columns) @ weighted.T
    return made


def _check_sides(x: NDArray[np.float64]) -> None:
    import numpy as np

    for side, words in ((x[x < 0], "below"), (x[x >= 0], "at or above")):
        if len(side) < MIN_SIDE or len(np.unique(side)) < MIN_VALUES:
            raise DataError(
                f"only {len(side)} rows with {len(np.unique(side))} different values lie {words} the cutoff",
                f"each side needs {MIN_SIDE} rows and {MIN_VALUES} values",
            )


@dataclass(frozen=True)
class Density:
    """Test of a continuous density at zero: statistic, p value, densities on both sides."""

    statistic: float
    p_value: float
    left: float
    right: float


def density(x: NDArray[np.float64]) -> Density:
    """Do units pile up on one side of the cutoff?  Raises ``DataError`` where it cannot be estimated."""
    import numpy as np
    import pandas as pd
    from diff_diff import RDDensityTest

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            r = RDDensityTest().fit(pd.DataFrame({"x": x}), running="x")
        except (ValueError, TypeError, ZeroDivisionError, np.linalg.LinAlgError) as error:
            raise DataError(f"the density cannot be estimated: {str(error).split('.')[0]}") from error
    return Density(float(r.t_stat), float(r.p_value), float(r.f_left), float(r.f_right))
