"""Rows that are steps of a series are told; sorted, clustered by one column, and shuffled tables are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causalcopilot.data.opening import open_data
from causalcopilot.data.profiling import profile_dataset
from causalcopilot.data.row_order import CODE


def told(frame: pd.DataFrame, scratch: Path) -> tuple[str, ...]:
    """The columns that the notice on row order names."""
    opened = open_data(frame, scratch=scratch)
    found = [n for n in profile_dataset(opened.dataset, opened.notices).notices if n.code == CODE]
    return found[0].columns if found else ()


def series(rows: int, memory: float, seed: int) -> pd.DataFrame:
    """Three autoregressions."""
    rng = np.random.default_rng(seed)
    x = np.zeros((rows, 3))
    for t in range(1, rows):
        x[t] = memory * x[t - 1] + rng.standard_normal(3)
    return pd.DataFrame(x, columns=["a", "b", "c"])


@pytest.mark.parametrize("dated", [True, False])
def test_a_series_is_told_with_and_without_its_dates(dated: bool, tmp_path: Path) -> None:
    frame = series(300, 0.7, 1)
    if dated:
        frame.insert(0, "day", pd.date_range("2020-01-01", periods=300))
    frame.loc[5:20, "b"] = np.nan
    frame.loc[40, "c"] = np.inf
    assert told(frame, tmp_path) == ("a", "b", "c")


@pytest.mark.parametrize("seed", range(5))
def test_the_same_rows_shuffled_are_not(seed: int, tmp_path: Path) -> None:
    assert not told(series(300, 0.7, seed).sample(frac=1, random_state=seed), tmp_path)


def test_weak_memory_and_few_rows_are_not(tmp_path: Path) -> None:
    assert not told(series(2000, 0.15, 2), tmp_path)
    assert not told(series(30, 0.9, 2), tmp_path)


def test_a_table_sorted_by_a_cause_of_all_is_not(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    cause = np.sort(rng.lognormal(size=500))
    frame = pd.DataFrame({"cause": cause, **{n: 2 * cause + rng.standard_normal(500) for n in "abc"}})
    assert not told(frame, tmp_path)


def test_a_table_sorted_by_groups_is_not(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    treated = np.repeat([1, 0], [200, 400])
    frame = pd.DataFrame({"treated": treated, **{n: 4 * treated + rng.standard_normal(600) for n in "abc"}})
    assert not told(frame, tmp_path)
