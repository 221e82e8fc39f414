"""Difference-in-differences with covariates: doubly robust group-time effects, and where two-way effects come from.

Sant'Anna and Zhao (2020) within Callaway and Sant'Anna (2021): every comparison is weighted by the chance of adopting
and adjusted by the course of comparison units with the same covariates, taken at the period before.  Goodman-Bacon
(2021) for the parts of two-way fixed effects.  The computation is diff-diff's, which reproduces the R package ``did``.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.errors import DataError
from causalcopilot_tools.effects.designs.did import Comparison, Panel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Conditional:
    """Effects given covariates.

    Attributes:
        value, std_error: average over treated unit-periods, clustered by unit.
        events: periods since adoption to value and standard error; before it, the change against the period before.
    """

    value: float
    std_error: float
    events: dict[int, tuple[float, float]]


def long_frame(panel: Panel, X: NDArray[np.float64] | None = None) -> pd.DataFrame:
    """The panel as rows: ``unit``, ``time`` (from one), ``first`` (zero for never), ``y`` and ``x0`` …

    Args:
        panel: units by periods.
        X: (N, P, k) covariates.
    """
    import numpy as np
    import pandas as pd

    unit, time = (a.ravel() for a in np.meshgrid(range(panel.units), range(panel.periods), indexing="ij"))
    first = np.where(panel.first < panel.periods, panel.first + 1, 0)
    frame = pd.DataFrame({"unit": unit, "time": time + 1, "first": first[unit], "y": panel.Y.ravel()})
    if panel.weights is not None:
        frame["weight"] = panel.weights[unit]
    if panel.clusters is not None:
        frame["cluster"] = panel.clusters[unit]
    if X is not None:
        for k in range(X.shape[2]):
            frame[f"x{k}"] = X[:, :, k].ravel()
    return frame.dropna()


def doubly_robust(panel: Panel, X: NDArray[np.float64], comparison: Comparison) -> Conditional:
    """Group-time effects given covariates (N, P, k).

    Raises:
        DataError: the groups are too small for the covariates, or nothing is left to compare.
    """
    import numpy as np
    from diff_diff import CallawaySantAnna, SurveyDesign

    group = "never_treated" if comparison == "never" else "not_yet_treated"
    weighed = panel.weights is not None
    by = None if panel.clusters is None else "cluster"
    design = SurveyDesign(weights="weight", psu=by) if weighed else None
    model = CallawaySantAnna(
        group,
        estimation_method="dr",
        pscore_fallback="unconditional",
        cluster=None if weighed else by,
    )
    names = [f"x{k}" for k in range(X.shape[2])]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            r = model.fit(
                long_frame(panel, X),
                outcome="y",
                unit="unit",
                time="time",
                first_treat="first",
                covariates=names,
                aggregate="event_study",
                survey_design=design,
            )
        except (ValueError, ZeroDivisionError, np.linalg.LinAlgError) as error:
            raise DataError(
                f"the covariates leave nothing to compare: {str(error).split('.')[0]}",
                "name fewer controls; each group that adopts together needs more units than controls",
            ) from error
    value, error_ = float(r.overall_att), float(r.overall_se)
    if not np.isfinite([value, error_]).all():
        raise DataError("the covariates leave nothing to compare", "name fewer controls")
    events = {
        int(e): (float(v["effect"]), float(v["se"]))
        for e, v in r.event_study_effects.items()
        if np.isfinite(v["effect"]) and np.isfinite(v["se"]) and v["se"] > 0
    }
    return Conditional(value, error_, dict(sorted(events.items())))


@dataclass(frozen=True)
class Parts:
    """Where the two-way fixed-effects number comes from: weight and value of each kind of comparison.

    Attributes:
        never: adopters with units that never do.
        later: adopters with units that adopt later.
        earlier: adopters with units that adopted earlier, which are treated already.
        value: the two-way number itself.
    """

    never: tuple[float, float | None]
    later: tuple[float, float | None]
    earlier: tuple[float, float | None]
    value: float


def decompose(panel: Panel) -> Parts | None:
    """Goodman-Bacon's decomposition; ``None`` where cells are missing or units weighted, so that it does not hold."""
    import numpy as np
    from diff_diff import BaconDecomposition

    if np.isnan(panel.Y).any() or panel.weights is not None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            r = BaconDecomposition().fit(
                long_frame(panel), outcome="y", unit="unit", time="time", first_treat="first"
            )
        except (ValueError, ZeroDivisionError):
            return None

    def part(weight: float, value: float | None) -> tuple[float, float | None]:
        return float(weight), None if value is None or not weight > 0 else float(value)

    return Parts(
        part(r.total_weight_treated_vs_never, r.weighted_avg_treated_vs_never),
        part(r.total_weight_earlier_vs_later, r.weighted_avg_earlier_vs_later),
        part(r.total_weight_later_vs_earlier, r.weighted_avg_later_vs_earlier),
        float(r.twfe_estimate),
    )
