"""The curve beside one contrast: known means at every level, along bins, with honest errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.question import Contrast
from causalcopilot.toolkit.result import EstimateResult, Table
from causalcopilot_tools.effects import primary
from tests.tools.estimating import Opener, effect, open_in, run

SIGMAS = 4.0
"""Half-widths are 1.96 standard errors; a right curve lies further than four from the truth once in 16,000."""


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opener:
    monkeypatch.setattr(primary, "MEDIAN_SEEDS", 1)
    return open_in(tmp_path)


def table(result: EstimateResult, name: str) -> Table:
    return next(t for t in result.tables if t.name == name)


def near(value: object, low: object, high: object, truth: float) -> bool:
    """Within ``SIGMAS`` standard errors by the interval told."""
    half = (float(str(high)) - float(str(low))) / 2
    return abs(float(str(value)) - truth) < SIGMAS / 1.96 * half


def test_three_levels_get_a_row_each(opened: Opener) -> None:
    g = np.random.default_rng(1)
    a = g.normal(size=1500)
    odds = np.exp(np.column_stack([np.zeros(1500), 0.8 * a, -0.5 * a]))
    share = odds / odds.sum(axis=1, keepdims=True)
    code = (g.random(1500)[:, None] > np.cumsum(share, axis=1)).sum(axis=1)
    effects = np.array([0.0, 1.0, 3.0])
    frame = pd.DataFrame({"a": a, "t": np.array(["none", "low", "high"])[code]})
    frame["y"] = effects[code] + 2 * a + g.normal(size=1500)
    asked = effect("t", controls=("a",), contrast=Contrast("none", "low"), treatment_type="categorical")
    made = table(run(opened(frame), asked), "levels")
    truth = {"none": 0.0, "low": 1.0, "high": 3.0}
    assert [r[0] for r in made.rows] == ["none", "high", "low"]
    for name, rows, mean, low, high, gap, gap_low, gap_high in made.rows:
        assert rows == (frame.t == name).sum()
        assert near(mean, low, high, truth[str(name)] + 2 * a.mean())
        assert gap is None if name == "none" else near(gap, gap_low, gap_high, truth[str(name)])


def test_a_dose_gets_its_curve(opened: Opener) -> None:
    """The outcome turns at a dose of zero; a line would tell no effect at all."""
    g = np.random.default_rng(2)
    a = g.normal(size=2000)
    dose = 0.6 * a + g.normal(size=2000)
    frame = pd.DataFrame({"a": a, "t": dose, "y": dose**2 + a + g.normal(size=2000)})
    asked = effect("t", controls=("a",), contrast=Contrast(0, 1), treatment_type="continuous")
    made = table(run(opened(frame), asked), "dose_response")
    assert len(made.rows) == 5
    gaps = [float(str(r[5])) for r in made.rows[1:]]
    assert gaps[1] < gaps[0] < 0  # down to the middle
    assert gaps[1] < gaps[2] < gaps[3]  # and up again
    low, high = float(str(made.rows[2][6])), float(str(made.rows[2][7]))
    assert high < 0
    assert high - low < 1.5


def test_two_levels_need_no_curve(opened: Opener) -> None:
    g = np.random.default_rng(3)
    frame = pd.DataFrame({"a": g.normal(size=200), "t": g.integers(0, 2, 200), "y": g.normal(size=200)})
    assert {t.name for t in run(opened(frame), effect(controls=("a",))).tables}.isdisjoint(
        {"levels", "dose_response"}
    )
