"""Sources that are no delimited text: standard input, databases, workbooks, Parquet, frames."""

from __future__ import annotations

import io
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import duckdb
import numpy as np
import pandas as pd
import pytest

from causalcopilot.data import open_data
from causalcopilot.errors import DataError, UsageError
from tests.data.conftest import Write
from tests.data.tables import codes, message, to_parquet


def test_names_of_files_are_not_patterns(write: Write, tmp_path: Path, scratch: Path) -> None:
    for name in ("a[1]*?.csv", "it's {x}.csv", "b[1].parquet"):
        path = write(name, "a,b\n1,2\n3,4\n")
        if name.endswith("parquet"):
            to_parquet(pd.DataFrame({"a": [1, 3], "b": [2, 4]}), tmp_path / "plain.parquet")
            (tmp_path / "plain.parquet").replace(path)
        assert open_data(path, scratch=scratch).dataset.frame()["a"].tolist() == [1, 3]


def test_standard_input(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"a;b\n1;2\n3;4\n")))
    opened = open_data("-", scratch=scratch)
    assert opened.dataset.ref.name == "standard input"
    assert opened.dataset.frame()["b"].tolist() == [2, 4]


def test_duckdb_table(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE sales AS SELECT range AS a, range * 2.5 AS b FROM range(5)")
        con.execute("CREATE VIEW big AS SELECT * FROM sales WHERE a > 2")
    before = path.read_bytes()
    assert open_data(f"{path}::sales", scratch=scratch).dataset.rows == 5
    assert open_data(f"{path}::big", scratch=scratch).dataset.rows == 2
    assert path.read_bytes() == before
    with pytest.raises(DataError) as caught:
        open_data(f"{path}::salse", scratch=scratch)
    assert "::sales" in caught.value.hint
    with pytest.raises(DataError, match="2 tables"):
        open_data(str(path), scratch=scratch)


@pytest.mark.parametrize(
    "view",
    [
        "SELECT * FROM read_csv('{other}')",
        "SELECT * FROM '{other}'",
        "SELECT *, 1 AS c FROM read_text('{other}')",
    ],
)
def test_a_view_of_somebody_elses_reads_no_other_file(tmp_path: Path, scratch: Path, view: str) -> None:
    """Who sends a database writes its views; opening one must not read the files of who opens it."""
    other, path = tmp_path / "private.csv", tmp_path / "sent.duckdb"
    other.write_text("a,b\n1,CANARY\n2,CANARY\n")
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE sales AS SELECT range AS a, range * 2.5 AS b FROM range(5)")
        con.execute(f"CREATE VIEW orders AS {view.format(other=other)}")
    with pytest.raises(DataError, match="reads other files") as caught:
        open_data(f"{path}::orders", scratch=scratch)
    assert "CANARY" not in caught.value.message
    assert not any(b"CANARY" in f.read_bytes() for f in scratch.iterdir() if f.is_file())
    assert open_data(f"{path}::sales", scratch=scratch).dataset.rows == 5


def test_excel(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame(
            {"a": [1, 2], "b": ["x", None], "d": pd.to_datetime(["2020-01-01", "2020-01-02"])}
        ).to_excel(book, index=False, sheet_name="first")
        pd.DataFrame({"z": [1]}).to_excel(book, sheet_name="second")
    opened = open_data(str(path), scratch=scratch)
    assert opened.dataset.columns == ("a", "b", "d")
    assert opened.dataset.frame()["d"].iloc[1] == pd.Timestamp("2020-01-02")
    assert "first" in message(opened, "sheet")


def test_json_lines(write: Write, scratch: Path) -> None:
    text = '{"a":1,"b":"x","c":[1,2]}\n{"a":2.5,"b":null}\n' + '{"a":3,"b":"y"}\n'
    opened = open_data(write("a.jsonl", text), scratch=scratch)
    assert opened.dataset.frame()["a"].tolist() == [1.0, 2.5, 3.0]
    assert "nested" in codes(opened)


def test_stata(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "a.dta"
    pd.DataFrame({"a": [1, 2, 3], "s": ["x", "y", "z"]}).to_stata(path, version=118, write_index=False)
    assert open_data(str(path), scratch=scratch).dataset.frame()["s"].tolist() == ["x", "y", "z"]


def test_parquet_is_used_directly_only_when_clean(tmp_path: Path, scratch: Path) -> None:
    clean, odd = tmp_path / "clean.parquet", tmp_path / "odd.parquet"
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, 2.25], "c": ["x", "y", None]})
    to_parquet(frame, clean)
    to_parquet(frame.assign(b=[0.5, np.inf, 1.0]), odd)
    assert open_data(str(clean), scratch=scratch).dataset.ref.path == str(clean)
    opened = open_data(str(odd), scratch=scratch)
    assert Path(opened.dataset.ref.path).parent == scratch
    assert "infinite" in codes(opened)


def test_parquet_types_that_are_no_table_cells(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "odd.parquet"
    with duckdb.connect() as con:
        con.execute(
            "COPY (SELECT range AS a, range::DECIMAL(9,2) / 4 AS d, range::HUGEINT AS h, [range] AS l, "
            "{'x': range} AS s, range::UTINYINT AS u, TIMESTAMPTZ '2020-01-01 00:00:00+00' AS z, "
            f"('k' || range)::BLOB AS b FROM range(4)) TO '{path}'"
        )
    opened = open_data(str(path), scratch=scratch)
    frame = opened.dataset.frame()
    assert frame["d"].tolist() == [0.0, 0.25, 0.5, 0.75]
    assert frame["h"].tolist() == [0, 1, 2, 3]
    assert frame["l"].tolist()[1] == "[1]"
    assert frame["z"].dtype.kind == "M"
    assert "nested" in codes(opened)


# --- frames --------------------------------------------------------------------------------------------------------


def test_a_frame_is_never_changed(scratch: Path) -> None:
    frame = pd.DataFrame(
        {
            "a": [1, 2, 3],
            "b": [1.5, np.inf, np.nan],
            "c": ["x", None, " z "],
            "d": pd.to_datetime(["2020-01-01", None, "2020-01-03"]),
            "e": [True, False, True],
            "f": pd.Categorical(["u", "v", "u"]),
            "g": [1, "x", None],
            "h": pd.array([1, None, 3], dtype="Int64"),
        },
        index=["p", "q", "r"],
    )
    before = frame.copy(deep=True)
    opened = open_data(frame, scratch=scratch)
    given = opened.dataset.frame()
    given.loc[:, "a"] = 99
    pd.testing.assert_frame_equal(frame, before)
    assert opened.dataset.frame()["a"].tolist() == [1, 2, 3]
    assert opened.dataset.frame()["c"].iloc[2] == "z"
    assert opened.dataset.frame()["e"].tolist() == [1, 0, 1]


def test_frames_with_odd_names(scratch: Path) -> None:
    opened = open_data(pd.DataFrame([[1, 2, 3], [3, 4, 4]], columns=["a", "a", 7]), scratch=scratch)
    assert opened.dataset.columns == ("a", "a_2", "7")
    levels = pd.MultiIndex.from_tuples([("a", "x"), ("b", "")])
    assert open_data(pd.DataFrame([[1, 2]], columns=levels), scratch=scratch).dataset.columns == ("a_x", "b")


@pytest.mark.parametrize("thing", [None, 3, [1, 2]])
def test_other_objects_are_refused(thing: object, scratch: Path) -> None:
    with pytest.raises(UsageError):
        open_data(thing, scratch=scratch)


def test_empty_frames_are_refused(scratch: Path) -> None:
    for frame in (pd.DataFrame(), pd.DataFrame({"a": [], "b": []}), pd.DataFrame({"a": [1]})):
        with pytest.raises(DataError):
            open_data(frame, scratch=scratch)


def test_frames_with_odd_cells(tmp_path: Path, scratch: Path) -> None:
    cells = {
        "lists": [[1, 2], np.array([3]), None],
        "decimals": [Decimal("1.50"), Decimal("2.25"), None],
        "halves": ["\udc80x", "y\x00z", ""],
        "mixed": [1, "x", 2.5],
        "huge": [2**70, 1, 2],
        "complex": [1 + 2j, 3, 4],
        "span": pd.to_timedelta([1, 2, 3], unit="D"),
        "days": [date(2020, 1, 1), None, date(2020, 1, 3)],
        "sparse": pd.arrays.SparseArray([0.0, 1.0, 2.0]),
        "half": np.array([0.5, 1.5, 2.5], dtype=np.float16),
        "wide": np.array([1, 2, 3], dtype=np.longdouble),
        "swapped": np.array([1.5, 2.5, 3.5], dtype=">f8"),
        "unsigned": np.array([1, 2, 2**63 + 10**4], dtype=np.uint64),
        "month": pd.period_range("2020-01", periods=3, freq="M"),
        "zoned": pd.date_range("2020-01-01", periods=3, tz="Europe/Berlin"),
        "range": pd.cut([1, 2, 3], [0, 1, 2, 3]),
    }
    frame = open_data(pd.DataFrame(cells), scratch=scratch).dataset.frame()
    assert frame["decimals"].tolist()[:2] == [1.5, 2.25]
    assert frame["lists"].tolist()[0] == "[1, 2]"
    assert frame["mixed"].tolist() == ["1", "x", "2.5"]
    assert frame["span"].tolist() == [86_400, 172_800, 259_200]
    assert frame["days"].iloc[2] == pd.Timestamp("2020-01-03")
    assert frame["half"].tolist() == [0.5, 1.5, 2.5]
    assert frame["swapped"].tolist() == [1.5, 2.5, 3.5]
    assert frame["unsigned"].tolist()[:2] == [1, 2]
    assert frame["month"].iloc[1] == pd.Timestamp("2020-02-01")
    assert frame["zoned"].iloc[0] == pd.Timestamp("2019-12-31 23:00")
    assert frame["range"].tolist()[0] == "(0, 1]"
