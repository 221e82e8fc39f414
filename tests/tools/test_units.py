"""Rows that belong together, seen by the checks: repeated units, and treatments handed out by group."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.knowledge import ColumnKnowledge
from causalcopilot_tools.effects.grouped import assigned_by
from causalcopilot_tools.refutation.checks import units
from causalcopilot_tools.refutation.material import material
from tests.tools.refuting import CONTROLS, draw, estimated, refuted, roles


def by_unit(seed: int = 30) -> tuple[pd.DataFrame, np.ndarray]:
    """Treatment drawn by unit and a common part in each unit's rows: the row-wise error is far too small."""
    rng = np.random.default_rng(seed)
    frame, unit = draw(seed, rows=800, effect=0.0), np.repeat(np.arange(40), 20)
    t, common = rng.integers(0, 2, 40)[unit], 2 * rng.normal(size=40)[unit]
    return frame.assign(t=t, y=frame.y + common, g=unit), unit


def checked(frame: pd.DataFrame, *extra: ColumnKnowledge) -> list[tuple[str, str]]:
    """Names and outcomes of the checks, the column ``g`` read as a name."""
    context, result = estimated(frame, roles(*extra))
    seen = replace(context.profile, columns=tuple(
        replace(c, type="nominal") if c.name == "g" else c for c in context.profile.columns
    ))  # fmt: skip
    m = material(replace(context, profile=seen), result)
    return [(c.name, c.status) for c in units.repeated_units(m)]


def test_rows_named_as_belonging_together_are_counted_so() -> None:
    drawn, _ = by_unit()
    for role in ("unit", "cluster"):
        found = checked(drawn, ColumnKnowledge("g", role=role))
        assert found == [("repeated_units", "pass"), ("few_clusters", "pass")]


def test_few_clusters_warn_and_very_few_fail() -> None:
    drawn, unit = by_unit()
    for size, status in ((2, "warn"), (8, "fail")):
        coarse = drawn.assign(g=unit // size, t=(unit // size) % 2)
        known = ColumnKnowledge("g", role="cluster")
        assert checked(coarse, known)[1] == ("few_clusters", status)
    judged = refuted(*estimated(coarse, roles(known))).verdict
    assert judged is not None
    assert judged.value != "supported"


def test_a_treatment_handed_out_by_group_is_found_without_a_word() -> None:
    drawn, _ = by_unit()
    assert checked(drawn) == [("repeated_units", "fail")]
    assert checked(drawn.assign(t=draw(31, rows=800).t)) == [("repeated_units", "skipped")]
    assert checked(drawn.assign(g=np.arange(800)), ColumnKnowledge("g", role="unit")) == [
        ("repeated_units", "pass")
    ]


def test_a_step_along_a_number_is_a_cutoff_and_no_group() -> None:
    group = pd.Series(np.repeat(np.arange(20), 5))
    assert assigned_by((group % 2).astype(int), group)
    assert not assigned_by((group > 9).astype(int), group)
    assert assigned_by((group > 9).astype(int), "v" + group.astype(str))
    assert not assigned_by(pd.Series(np.arange(100) % 2), group)


def test_clustered_ratio_is_the_ratio_of_two_reference_fits() -> None:
    import statsmodels.api as sm

    frame, unit = draw(31, rows=400), np.repeat(np.arange(80), 5)
    X, t, y = frame[list(CONTROLS)].to_numpy(), frame.t.to_numpy(float), frame.y.to_numpy()
    fit = sm.OLS(y, np.column_stack([np.ones(400), t, X]))
    by_unit = fit.fit(cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False}).bse[1]
    assert units.clustered_ratio(X, t, y, unit) == pytest.approx(by_unit / fit.fit(cov_type="HC0").bse[1])
