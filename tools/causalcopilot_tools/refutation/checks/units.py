"""Rows of one unit may resemble each other; an interval that takes them as independent is then too narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.effects.grouped import grouping_columns
from causalcopilot_tools.effects.refit import prepare_with
from causalcopilot_tools.refutation.material import Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "repeated_units"


def repeated_units(m: Material) -> tuple[Check, ...]:
    """Standard error of a regression with rows clustered by unit, against the same with independent rows.

    Where the interval is counted by cluster already, the number of clusters is looked at instead.
    Clustering: Liang and Zeger (1986), without a small-sample factor, which would favour the failure.
    """
    counted = m.prepared.sampling
    if counted.clusters is not None:
        return (_said("pass", 1.0, f"the interval is counted by {counted.cluster}"), _few(counted.count))
    unit = _unit(m)
    if unit is None:
        return (_said("skipped", None, "no column is said to name the unit, nor looks as if it did"),)
    p, frame = prepare_with(m.context, m.identification, (unit,))
    rows = p.in_contrast
    codes = frame[unit][rows].astype("category").cat.codes.to_numpy()
    units, count = len(set(codes.tolist())), len(codes)
    if units == count:
        return (_said("pass", 1.0, f"each {unit} stands in one row"),)
    ratio = clustered_ratio(p.X[rows], p.T[rows], p.Y[rows], codes)
    status: CheckStatus = "pass"
    if ratio > thresholds.CLUSTER_WARN:
        status = "fail" if ratio > thresholds.CLUSTER_FAIL else "warn"
    told = (
        f"{count} rows hold {units} values of {unit}; counted by it, the error is {ratio:.2f} times as large "
        f"(beyond {thresholds.CLUSTER_FAIL:g} a 95% interval covers less than 88%)"
    )
    return (_said(status, ratio, told),)


def _said(status: CheckStatus, ratio: float | None, detail: str) -> Check:
    return Check(NAME, "data", status, ratio, thresholds.CLUSTER_FAIL, True, detail)


def _unit(m: Material) -> str | None:
    """The unit by the question or the knowledge, else a column by whose values the treatment was handed out."""
    named = (m.context.question.unit, *m.context.knowledge.with_role("unit"))
    p, used = m.prepared, m.identification.controls.used
    looks = grouping_columns(m.context, p.treatment, p.outcome, used)
    return next((c for c in (*named, *looks) if c in m.context.profile.names and c != m.treatment), None)


def _few(count: int) -> Check:
    """Clustered errors rest on the number of clusters, not of rows."""
    status: CheckStatus = "pass"
    if count < thresholds.CLUSTERS_WARN:
        status = "fail" if count < thresholds.CLUSTERS_FAIL else "warn"
    detail = f"{count} clusters; with fewer than about {thresholds.CLUSTERS_WARN} their errors are uncertain"
    return Check("few_clusters", "data", status, float(count), float(thresholds.CLUSTERS_FAIL), True, detail)


def clustered_ratio(
    X: NDArray[np.float64], T: NDArray[np.float64], Y: NDArray[np.float64], codes: NDArray[np.int64]
) -> float:
    """Clustered over heteroscedasticity-robust standard error of the treatment's coefficient.

    Args:
        X: (n, p) controls.
        T, Y: (n,) treatment and outcome.
        codes: (n,) whole numbers from 0, one for each unit.
    """
    import numpy as np

    W = np.column_stack([np.ones(len(Y)), X])
    t, y = (v - W @ np.linalg.lstsq(W, v, rcond=None)[0] for v in (T, Y))
    score = t * (y - t * float(t @ y) / float(t @ t))
    plain = float(score @ score)
    return float(np.sqrt((np.bincount(codes, score) ** 2).sum() / plain)) if plain > 0 else 1.0
