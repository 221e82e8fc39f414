"""Content hash and column statistics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from causalcopilot.data.describe import describe_column
from tests.data.tables import opened, to_parquet

REL = 1e-12  # both sides sum the same float64 values, only the order of operations differs


def table() -> pd.DataFrame:
    draw = np.random.default_rng(5)
    n = 300
    frame = pd.DataFrame(
        {
            "whole": draw.integers(-5, 50, n),
            "real": draw.normal(size=n),
            "single": draw.normal(size=n).astype(np.float32),
            "gaps": np.where(draw.random(n) < 0.2, np.nan, draw.integers(0, 9, n)),
            "text": draw.choice(["a", "b", "Zoë", "x y"], n),
            "maybe": draw.choice(np.array(["p", "q", None], dtype=object), n),
            "flag": draw.random(n) < 0.5,
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 500, n), unit="D"),
            "clock": pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 9_999_999, n), unit="s"),
            "long": draw.integers(2**60, 2**61, n),
        }
    )
    frame.loc[3, "real"] = -0.0
    frame.loc[4, "day"] = pd.NaT
    return frame


def test_the_same_table_has_the_same_hash_in_every_format(tmp_path: Path) -> None:
    frame = table()
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t", encoding="utf-16")
    frame.to_csv(tmp_path / "semicolon.csv", index=False, sep=";", decimal=",")
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True, date_format="iso", double_precision=15)
    narrow = frame.astype({"whole": np.int8})
    sources: list[str | pd.DataFrame] = [
        frame,
        narrow,
        frame.astype({"text": "category"}),
        frame.set_index(pd.Index(range(5, 305))),
        str(tmp_path / "a.csv"),
        str(tmp_path / "a.tsv"),
        str(tmp_path / "semicolon.csv"),
        to_parquet(frame, tmp_path / "a.parquet"),
        to_parquet(narrow, tmp_path / "narrow.parquet"),
    ]
    hashes = {opened(s, tmp_path).ref.hash for s in sources}
    assert len(hashes) == 1
    assert hashes.pop().startswith("sha256:")


def test_excel_has_the_hash_of_its_frame(tmp_path: Path) -> None:
    frame = table()[["whole", "gaps", "text", "maybe", "flag", "day"]]
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    assert opened(str(tmp_path / "a.xlsx"), tmp_path).ref.hash == opened(frame, tmp_path).ref.hash


def test_values_names_and_order_matter(tmp_path: Path) -> None:
    frame = table()
    changed = frame.copy()
    changed.loc[7, "whole"] += 1
    far = frame.copy()
    far.loc[7, "long"] += 1
    variants = [
        frame,
        changed,
        far,
        frame.iloc[::-1],
        frame[frame.columns[::-1]],
        frame.rename(columns={"whole": "hole"}),
        frame.iloc[:-1],
        frame.assign(gaps=frame["gaps"].fillna(0)),
    ]
    assert len({opened(v, tmp_path).ref.hash for v in variants}) == len(variants)


CELLS = st.one_of(st.none(), st.text(alphabet="ab ,;\"'\n1.-", max_size=4))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, st.integers(-(2**62), 2**62)), min_size=2, max_size=8))
def test_hash_of_any_text_survives_a_csv(tmp_path: Path, rows: list[tuple[str | None, int]]) -> None:
    frame = pd.DataFrame(rows, columns=["text", "number"])
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert opened(str(tmp_path / "t.csv"), tmp_path).ref.hash == opened(frame, tmp_path).ref.hash


def test_statistics_agree_with_pandas() -> None:
    values = np.random.default_rng(1).gamma(2, size=501)
    stats = describe_column("x", values, "number", 510)
    series = pd.Series(values)
    assert stats.missing == 9
    assert stats.distinct == series.nunique()
    assert stats.mean == pytest.approx(series.mean(), rel=REL)
    assert stats.std == pytest.approx(series.std(), rel=REL)
    assert stats.skew == pytest.approx(
        float(((series - series.mean()) ** 3).mean()) / series.std(ddof=0) ** 3, rel=1e-9
    )
    assert (stats.low, stats.high) == pytest.approx(tuple(series.quantile([0.01, 0.99])), rel=REL)
    assert (stats.minimum, stats.maximum) == (series.min(), series.max())


def test_levels_are_ranked_and_whole_numbers_have_no_point() -> None:
    stats = describe_column("x", np.array([2.0, 1.0, 2.0, 3.0]), "number", 4)
    assert stats.levels == (("2", 2), ("1", 1), ("3", 1))
    flags = describe_column("x", np.array([True, False, True]), "boolean", 3)
    assert flags.levels == (("1", 2), ("0", 1))
    assert flags.mean == pytest.approx(2 / 3, rel=REL)


def test_a_constant_has_no_skew() -> None:
    stats = describe_column("x", np.array([0.1] * 10), "number", 10)
    assert stats.skew is None
    assert stats.std == pytest.approx(0, abs=1e-15)
