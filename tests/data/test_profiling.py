"""The profile against counts made by hand."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causalcopilot.data import open_data, profile_dataset
from causalcopilot.data.collinear import collinear_groups, correlations
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge, QuestionDefaults
from tests.data.tables import opened

SECONDS = 1.5  # NHEFS profiles in about 0.1 s of CPU; the rest is room for a busy machine


def shop(n: int = 400) -> pd.DataFrame:
    draw = np.random.default_rng(11)
    spend = draw.gamma(3, 10, n)
    frame = pd.DataFrame(
        {
            "id": np.arange(n),
            "spend": spend,
            "spend_cents": spend * 100 + draw.normal(0, 0.1, n),
            "a": draw.normal(size=n),
            "b": draw.normal(size=n),
            "constant": 1,
            "gap": np.where(np.arange(n) % 2 == 0, np.nan, draw.normal(size=n)),
            "level": draw.choice(["low", "mid", "high"], n, p=[0.5, 0.3, 0.2]),
        }
    )
    return frame.assign(total=frame["a"] + 2 * frame["b"])


def test_counts(tmp_path: Path) -> None:
    frame = shop().drop(columns="id")
    frame = pd.concat([frame, frame.iloc[:7]], ignore_index=True)
    data = opened(frame, tmp_path)
    known = Knowledge(
        columns=(ColumnKnowledge("spend", unit="dollars", meaning="money"),),
        question=QuestionDefaults(outcome="spend"),
    )
    profile = profile_dataset(data, knowledge=known)
    assert (profile.rows, profile.duplicate_rows) == (407, 7)
    assert profile.complete_rows == int(frame.notna().all(axis=1).sum())
    assert profile.constants == ("constant",)
    assert set(profile.collinear) == {("spend", "spend_cents"), ("a", "b", "total")}
    spend = profile.column("spend")
    assert (spend.unit, spend.meaning, spend.type) == ("dollars", "money", "continuous")
    assert spend.low == pytest.approx(frame["spend"].quantile(0.01))
    assert profile.column("gap").missing == int(frame["gap"].isna().sum())
    assert [n for n, _ in profile.column("level").levels] == ["low", "mid", "high"]
    found = {n.code: n for n in profile.notices}
    assert found["leakage"].columns == ("spend_cents",)
    assert found["mostly_missing"].columns == ("gap",)
    assert found["duplicate_rows"].message.startswith("7 of 407 rows")


def test_notices_of_opening_come_first(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id;a;b\n" + "".join(f"{i};{i % 3};1\n" for i in range(30)))
    opening = open_data(str(path), scratch=tmp_path)
    profile = profile_dataset(opening.dataset, opening.notices)
    assert profile.notices[: len(opening.notices)] == opening.notices
    assert profile.identifiers == ("id",)


def test_time_and_unit_of_a_panel(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        [(f"s{i}", 2000 + t, 3 + i * t, "x" if i < 5 else "y") for i in range(12) for t in range(8)],
        columns=["state", "year", "sales", "region"],
    )
    profile = profile_dataset(opened(frame, tmp_path))
    assert profile.time_columns == ("year",)
    assert profile.unit_columns == ("state",)


def test_few_rows_and_missing_everywhere(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, None], "b": [None, 2.5], "c": [None, None]})
    profile = profile_dataset(opened(frame, tmp_path))
    assert profile.complete_rows == 0
    assert profile.collinear == ()


def test_speed_on_a_table_of_usual_size(tmp_path: Path) -> None:
    opening = open_data("dataset:nhefs", scratch=tmp_path)
    start = time.process_time()
    profile_dataset(opening.dataset)
    assert time.process_time() - start < SECONDS


def test_correlations_agree_with_pandas_pair_by_pair() -> None:
    draw = np.random.default_rng(2)
    x = draw.normal(size=(200, 5)) @ draw.normal(size=(5, 5))
    x[draw.random(x.shape) < 0.15] = np.nan
    np.testing.assert_allclose(correlations(x), pd.DataFrame(x).corr().to_numpy(), atol=1e-12)


def test_groups_need_near_equality() -> None:
    draw = np.random.default_rng(2)
    x = draw.normal(size=(500, 4))
    table = np.c_[x, x[:, 0] + 0.5 * draw.normal(size=500), x[:, 1] - x[:, 2], -3 * x[:, 3] + 7]
    assert collinear_groups(correlations(table)) == [(1, 2, 5), (3, 6)]
    assert collinear_groups(np.eye(0)) == []
