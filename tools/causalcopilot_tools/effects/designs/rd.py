"""Regression discontinuity on arrays: local lines, robust bias-corrected intervals, the density at the cutoff.

Calonico, Cattaneo and Titiunik (2014) for the interval, Cattaneo, Jansson and Ma (2020) for the density; the
computation is diff-diff's, which reproduces the reference implementations.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalcopilot.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIN_SIDE = 20
MIN_VALUES = 5
"""Rows, and different values of the running variable, that each side of the cutoff needs."""


@dataclass(frozen=True)
class Local:
    """A jump at zero.

    Attributes:
        value: local linear estimate at the bandwidth (what is reported).
        conventional_error: its standard error without regard to bias.
        corrected: bias-corrected estimate, the centre of the interval.
        std_error, low, high: robust bias-corrected standard error and interval.
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
) -> Local:
    """Jump of Y (n,) at ``x = 0`` (n,), units with ``x >= 0`` on the treated side; divided by take-up's if given.

    Args:
        Y, x: outcome, and running variable less the cutoff.
        takeup: (n,) treatment received, for a fuzzy design.
        level: coverage of the interval.
        bandwidths: of the estimate and of its bias; chosen to be MSE-optimal when left out.

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
    strength = None if takeup is None else float(r.first_stage_t_stat) ** 2
    made = Local(
        float(r.att_conventional),
        float(r.se_conventional),
        float(r.att),
        float(r.se),
        float(r.conf_int[0]),
        float(r.conf_int[1]),
        float(r.p_value),
        float(r.h_left),
        float(r.b_left),
        int(r.n_h_left),
        int(r.n_h_right),
        strength,
    )
    if not np.isfinite([made.value, made.low, made.high]).all():
        raise DataError("the local lines at the cutoff are degenerate", "collect more rows near the cutoff")
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
