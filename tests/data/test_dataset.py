"""What tools read."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causalcopilot.data import Dataset
from causalcopilot.errors import ColumnNotFound
from tests.data.tables import opened, to_parquet


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    frame = pd.DataFrame(
        {
            "Age": [30, 40, 50],
            "age": [1, 2, 3],
            "Income": [1.5, None, 2.5],
            "flag": [True, False, True],
            "maybe": pd.array([True, None, False], dtype="boolean"),
            "name": ["x", None, "z"],
            "day": pd.to_datetime(["2020-01-01", None, "2020-01-03"]),
            "none": [None, None, None],
        }
    )
    return opened(frame, tmp_path)


def test_frame_types(dataset: Dataset) -> None:
    frame = dataset.frame()
    kinds = {n: d.kind if isinstance(d, np.dtype) else str(d) for n, d in frame.dtypes.items()}
    assert kinds["Age"] == "i"
    assert kinds["Income"] == "f"
    assert kinds["flag"] == "i"
    assert kinds["maybe"] == "f"
    assert kinds["day"] == "M"
    assert kinds["none"] == "f"
    assert kinds["name"] == "str"
    assert frame["maybe"].tolist()[0] == 1.0
    assert np.isnan(frame["maybe"].tolist()[1])
    assert pd.isna(frame["name"].iloc[1])


def test_columns_in_the_order_asked_and_always_a_copy(dataset: Dataset) -> None:
    frame = dataset.frame(["flag", "INCOME", "flag"])
    assert frame.columns.tolist() == ["flag", "Income", "flag"]
    frame.iloc[0, 1] = -1
    assert dataset.frame(["Income"]).iloc[0, 0] == 1.5
    assert dataset.frame([]).shape == (3, 0)


def test_names_resolve_or_say_what_is_near(dataset: Dataset) -> None:
    assert dataset.resolve("income") == "Income"
    assert dataset.resolve("age") == "age"
    with pytest.raises(ColumnNotFound, match="ambiguous") as caught:
        dataset.resolve("AGE")
    assert caught.value.hint == "did you mean Age or age?"
    with pytest.raises(ColumnNotFound) as caught:
        dataset.frame(["incme"])
    assert "Income" in caught.value.hint
    assert caught.value.exit_code == 2


def test_it_travels_to_another_process(dataset: Dataset) -> None:
    other = pickle.loads(pickle.dumps(dataset))
    assert other == dataset
    pd.testing.assert_frame_equal(other.frame(), dataset.frame())


def test_two_tables_in_one_process(dataset: Dataset, tmp_path: Path) -> None:
    second = opened(
        to_parquet(pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]}), tmp_path / "s.parquet"), tmp_path
    )
    assert dataset.frame(["Age"])["Age"].tolist() == [30, 40, 50]
    assert second.frame(["b"])["b"].tolist() == [0.5, 1.5]
    assert dataset.frame(["Age"])["Age"].tolist() == [30, 40, 50]
