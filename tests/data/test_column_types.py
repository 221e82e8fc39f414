"""Each typing rule, and its near misses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.data.tables import opened

N = 200
DRAW = np.random.default_rng(3)

CASES: dict[str, tuple[str, Any]] = {
    "same": ("constant", ["x"] * N),
    "zero_one": ("binary", DRAW.integers(0, 2, N)),
    "yes_no": ("binary", DRAW.choice(["yes", "no"], N)),
    "one_two": ("binary", DRAW.choice([1.5, 2.5], N)),
    "flag": ("binary", DRAW.random(N) < 0.5),
    "grade": ("ordinal", DRAW.integers(1, 6, N)),
    "half_points": ("ordinal", DRAW.choice([0.5, 1, 1.5, 2], N)),
    "visits": ("count", np.r_[0, DRAW.poisson(20, N - 1)]),
    "age": ("continuous", DRAW.integers(20, 80, N)),
    "change": ("continuous", DRAW.integers(-20, 30, N)),
    "height": ("continuous", DRAW.normal(170, 9, N)),
    "colour": ("nominal", DRAW.choice(["red", "green", "blue"], N)),
    "day": ("date", pd.date_range("2020-01-01", periods=N)),
    "row": ("identifier", np.arange(1, N + 1)),
    "patient_id": ("identifier", DRAW.permutation(10_000)[:N]),
    "customerId": ("identifier", DRAW.integers(0, 60, N)),
    "code": ("identifier", [f"k{i:05d}" for i in range(N)]),
    "note": ("text", [f"called on day {i} about case {i * 7}" for i in range(N)]),
    "income": ("continuous", DRAW.permutation(90_000)[:N] + 20_000),
    "paid": ("continuous", DRAW.permutation(1_000)[:N] * 10.0 + 7),
    "few_ids_id": ("ordinal", DRAW.integers(0, 5, N)),
}


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("types")
    frame = pd.DataFrame({name: values for name, (_, values) in CASES.items()})
    return dict(opened(frame, folder).ref.columns)


@pytest.mark.parametrize("name", CASES)
def test_rule(name: str, types: dict[str, str]) -> None:
    assert types[name] == CASES[name][0]


def test_short_tables_have_numbers_too(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1.5, 2.5, 3.1, 4.7, 5.2, 6.3], "b": [3, 9, 27, 81, 243, 729]})
    assert dict(opened(frame, tmp_path).ref.columns) == {"a": "continuous", "b": "continuous"}
