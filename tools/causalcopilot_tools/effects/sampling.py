"""How the rows were drawn: which belong together (clusters), and how many each stands for (weights).

Clustered standard errors sum influence values within clusters (Liang & Zeger 1986) and are read with a t quantile
of G - 1 degrees of freedom (Cameron & Miller 2015).  Weights make the estimand that of the weighted population.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.errors import DataError, NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects.aipw import Effect, standard_error
from causalcopilot_tools.effects.intervals import normal_quantile, t_quantile

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

FEW_CLUSTERS = 30
"""Below about this many, clustered standard errors are themselves uncertain (Cameron & Miller 2015)."""
MIN_CLUSTERS = 2
"""Clusters that each arm must hold: with one, its cluster and the treatment cannot be told apart."""


@dataclass(frozen=True)
class Sampling:
    """Rows that belong together and what each counts; neither by default.

    Attributes:
        cluster, weight: columns they come from, empty where there are none.
        clusters: (n,) cluster number of each row, or ``None`` for independent rows.
        weights: (n,) positive, mean one, or ``None`` for equal weights.
    """

    cluster: str = ""
    weight: str = ""
    clusters: NDArray[np.int64] | None = None
    weights: NDArray[np.float64] | None = None

    @property
    def plain(self) -> bool:
        """Independent rows that count alike."""
        return self.clusters is None and self.weights is None

    @property
    def count(self) -> int:
        """Number of clusters; 0 for independent rows."""
        import numpy as np

        return 0 if self.clusters is None else len(np.unique(self.clusters))

    @property
    def degrees(self) -> float | None:
        """Degrees of freedom of a clustered interval; ``None`` asks for the normal quantile."""
        return None if self.clusters is None else float(self.count - 1)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Sampling:
        """The same for some rows; weights keep their mean of one."""
        w = None if self.weights is None else self.weights[rows]
        return replace(
            self,
            clusters=None if self.clusters is None else self.clusters[rows],
            weights=None if w is None else w / w.mean(),
        )

    def quantile(self, level: float) -> float:
        """Half-width of the interval in standard errors."""
        return normal_quantile(level) if self.degrees is None else t_quantile(level, self.degrees)

    def refuse(self, method: str) -> None:
        """Raise ``NotApplicable`` where a method takes rows as independent and equal, and these are not."""
        if self.plain:
            return
        what = [f"count rows by {self.cluster}"] if self.clusters is not None else []
        what += [f"weigh rows by {self.weight}"] if self.weights is not None else []
        raise NotApplicable(f"{method} cannot {' or '.join(what)}", "use auto, regression, ipw or tmle")


PLAIN = Sampling()


def clustered(effect: Effect, sampling: Sampling) -> Effect:
    """The same effect with its standard error counted by cluster, G/(G-1) as small-sample factor."""
    if sampling.clusters is None:
        return effect
    return replace(effect, std_error=clustered_error(effect.influence, sampling.clusters))


def clustered_error(influence: NDArray[np.float64], clusters: NDArray[np.int64]) -> float:
    """Standard error of a mean of (n,) influence values, summed within clusters."""
    import numpy as np

    _, code = np.unique(clusters, return_inverse=True)
    sums = np.bincount(code, weights=influence)
    count = len(sums)
    if count < 2:
        return standard_error(influence)
    return float(np.sqrt((sums**2).sum() * count / (count - 1))) / len(influence)


def columns(context: Context, taken: tuple[str, ...]) -> tuple[str, str]:
    """The cluster and the weight column by the knowledge, each empty where there is none.

    A ``unit`` column counts as cluster: the rows of one unit belong together.
    """
    known, names = context.knowledge, context.profile.names
    groups = (*known.with_role("cluster"), *known.with_role("unit"))
    cluster = next((c for c in groups if c in names and c not in taken), "")
    weight = next((c for c in known.with_role("weight") if c in names and c not in taken), "")
    return cluster, weight


def read(frame: pd.DataFrame, cluster: str, weight: str) -> tuple[Sampling, NDArray[np.bool_]]:
    """Clusters and weights of a table's rows, and (n,) which rows have both.

    Raises:
        DataError: weights that are no numbers, or negative.
    """
    import numpy as np
    import pandas as pd

    ok: NDArray[np.bool_] = np.ones(len(frame), dtype=bool)
    codes: NDArray[np.int64] | None = None
    weights: NDArray[np.float64] | None = None
    if cluster:
        codes = pd.factorize(frame[cluster])[0].astype(np.int64)
        ok &= codes >= 0
    if weight:
        read_as = pd.to_numeric(frame[weight], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        if np.isfinite(read_as).sum() == 0 or (read_as[np.isfinite(read_as)] < 0).any():
            raise DataError(f"the weights in {weight!r} are not positive numbers", "name a column of weights")
        weights = read_as
        ok &= np.isfinite(read_as) & (read_as > 0)
    return Sampling(cluster if cluster else "", weight if weight else "", codes, weights), ok


def of_units(sampling: Sampling, unit: NDArray[np.int64], units: int) -> NDArray[np.int64] | None:
    """(units,) cluster of each unit of a panel, -1 for one without rows; ``None`` for rows that are not clustered.

    Args:
        sampling: of the rows.
        unit: (n,) number of each row's unit.
        units: how many there are.

    Raises:
        DataError: a unit belongs to several clusters.
    """
    import numpy as np

    if sampling.clusters is None:
        return None
    clusters = np.full(units, -1)
    clusters[unit] = sampling.clusters
    if (clusters[unit] != sampling.clusters).any():
        raise DataError(
            f"some units stand in several values of {sampling.cluster}",
            "a cluster of a panel holds whole units; name another column",
        )
    return clusters


def settle(sampling: Sampling, T: NDArray[np.float64] | None, treatment: str) -> Sampling:
    """Clusters dropped where each holds one row; an arm with too few clusters refused.

    Args:
        sampling: of the rows used.
        T: (n,) 1 treated, 0 control; ``None`` for a treatment without arms.
        treatment: its name, for the message.

    Raises:
        DataError: fewer than two clusters, or an arm in fewer than two.
    """
    import numpy as np

    if sampling.clusters is None:
        return sampling
    groups = [sampling.clusters] if T is None else [sampling.clusters[arm == T] for arm in (1, 0)]
    fewest = min(len(np.unique(g)) for g in groups)
    if fewest < MIN_CLUSTERS:
        where = "the rows hold" if T is None else f"an arm of {treatment} holds"
        raise DataError(
            f"{where} {fewest} value{'s' * (fewest != 1)} of {sampling.cluster}: nothing to count by",
            "name another cluster column; one cluster against others cannot be told from the treatment",
        )
    return (
        replace(sampling, cluster="", clusters=None) if sampling.count == len(sampling.clusters) else sampling
    )


def brief(sampling: Sampling) -> str:
    """Clusters and weights in a few words, empty for independent and equal rows."""
    words = [f"counted by {sampling.cluster} ({sampling.count:,d} clusters)"] if sampling.cluster else []
    words += [f"weighed by {sampling.weight}"] if sampling.weight else []
    return " and ".join(words)


BY_DESIGN: dict[str | None, str] = {
    "Instrumental Variable": "standard errors, first-stage F and the Anderson–Rubin set are clustered, with {df:,d} "
    "degrees of freedom.",
    "Regression Discontinuity": "standard errors near the cutoff are clustered; the bandwidth is chosen as if rows "
    "were independent.",
    "Difference-in-Differences": "units of one cluster are summed before their spread is taken.",
    "Panel Fixed Effects": "what units of one cluster contribute is summed before its spread is taken; folds keep a "
    "cluster together.",
    "General Identification": "whole clusters are drawn anew for the standard error, and intervals use t with {df:,d} "
    "degrees of freedom.",
}
"""How the designs with estimators of their own count by cluster."""
FOLDS = (
    "folds keep a cluster together, standard errors are clustered, and intervals use t with {df:,d} degrees of "
    "freedom."
)
UNWEIGHED: dict[str | None, str] = {
    "Regression Discontinuity": " The bandwidth and the density at the cutoff take rows as they are.",
    "Difference-in-Differences": " A unit counts by the average weight of its rows.",
}


def said(sampling: Sampling, strategy: str | None = None) -> tuple[str, ...]:
    """What a reader must know of clusters and weights, in an identification by this strategy."""
    out = []
    if sampling.clusters is not None:
        count = sampling.count
        how = BY_DESIGN.get(strategy, FOLDS).format(df=count - 1)
        out.append(f"Rows are counted by {sampling.cluster} ({count:,d} clusters): {how}")
        if count < FEW_CLUSTERS:
            out.append(
                f"Only {count} clusters: with fewer than about {FEW_CLUSTERS}, clustered intervals are themselves "
                "uncertain and tend to be too narrow."
            )
    if sampling.weights is not None:
        w = sampling.weights
        worth = float(w.sum() ** 2 / (w**2).sum())
        out.append(
            f"Rows are weighed by {sampling.weight}: the effect speaks of the weighted population; "
            f"{len(w):,d} rows are worth {worth:,.0f} equal ones.{UNWEIGHED.get(strategy, '')}"
        )
    return tuple(out)
