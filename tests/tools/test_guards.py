"""Guards: columns that restate treatment or outcome, and a sign that adjustment turns, each with its numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.toolkit.result import EstimateResult
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.checks import guards
from causalcopilot_tools.refutation.material import Material, material
from tests.tools.framed import case

ROWS = 1200


def reversed_by(hidden: float = 2.0, seed: int = 0) -> pd.DataFrame:
    """Treatment helps in each stratum of ``a`` and looks harmful without it."""
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 2, ROWS)
    t = (rng.random(ROWS) < 0.15 + 0.7 * a).astype(int)
    y = 1.0 * t - 2 * hidden * a + rng.normal(size=ROWS)
    return pd.DataFrame({"t": t, "y": y, "a": a, "b": rng.normal(size=ROWS)})


def estimated(data: pd.DataFrame, *controls: str) -> Material:
    known = Knowledge(
        columns=tuple(ColumnKnowledge(c, role="pre_treatment") for c in controls), origin="file"
    )
    context = case(data, known)
    result = estimate(context, identification=identify(context, treatment="t", outcome="y"))
    assert isinstance(result, EstimateResult)
    return material(context, result)


def test_a_reversal_is_shown_with_its_table() -> None:
    m = estimated(reversed_by(), "a", "b")
    check = guards.simpson(m)[0]
    assert (check.status, check.statistic, check.can_lower_verdict) == ("info", 1.0, False)
    table = guards.strata(m)
    assert table is not None
    inner, whole = table.rows[:-1], table.rows[-1]
    assert len(inner) == 2
    assert all(isinstance(r[5], float) and r[5] > 0 for r in inner)
    assert isinstance(whole[5], float)
    assert whole[5] < 0
    assert sum(int(str(r[1])) for r in inner) == whole[1]


def test_no_reversal_no_table() -> None:
    m = estimated(reversed_by(hidden=-0.5), "a", "b")
    assert guards.simpson(m)[0].statistic == 0.0
    assert guards.strata(m) is None


@pytest.mark.parametrize(("noise", "status"), [(0.02, "fail"), (0.5, "warn"), (3.0, "pass")])
def test_a_control_made_from_the_outcome_is_told_with_its_share(noise: float, status: str) -> None:
    data = reversed_by()
    data["b"] = data["y"] + noise * np.random.default_rng(5).normal(size=ROWS)
    check = guards.leakage(estimated(data))[0]
    assert check.status == status
    vouched = guards.leakage(estimated(data, "a", "b"))[0]
    assert vouched.status == ("warn" if status == "fail" else status)
    if status != "pass":
        assert "the control b and the outcome y" in check.detail
        assert "%" in check.detail
