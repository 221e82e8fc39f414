"""Tables as people have them: each line of the input table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causalcopilot.data import ReadOptions, open_data
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.errors import ColumnNotFound, DataError
from tests.data.conftest import Write
from tests.data.tables import codes, message

# --- unusable: one line, a hint, exit 3 ------------------------------------------------------------------------

JUNK = np.random.default_rng(0).bytes(4_000)

UNUSABLE = {
    "empty.csv": b"",
    "blank.csv": b"\n\n   \n",
    "mark_only.csv": b"\xef\xbb\xbf",
    "header_only.csv": b"a,b\n",
    "header_without_newline.csv": b"a,b",
    "one_column.csv": b"a\n1\n2\n",
    "all_missing.csv": b"a,b\n,NA\n.,?\n",
    "junk.csv": JUNK,
    "junk_without_zero.csv": bytes(range(1, 32)) * 100,
    "false.parquet": b"a,b\n1,2\n",
    "false_magic.parquet": b"PAR1" + b"x" * 100,
    "false.xlsx": b"a,b\n1,2\n",
    "false_zip.xlsx": b"PK\x03\x04" + b"x" * 100,
    "false.duckdb": b"a,b\n1,2\n",
    "false.dta": b"<stata_dta><header><release>113</release>" + b"x" * 100,
    "cut.jsonl": b'{"a": 1,\n',
    "scalar.json": b"3",
    "false.csv.gz": b"a,b\n1,2\n",
    "old.xls": b"\xd0\xcf\x11\xe0 old workbook",
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_unusable_file_is_a_data_error_with_a_hint(name: str, write: Write, scratch: Path) -> None:
    with pytest.raises(DataError) as caught:
        open_data(write(name, UNUSABLE[name]), scratch=scratch)
    assert caught.value.exit_code == 3
    assert "\n" not in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "source", ["nowhere.csv", "a\0b", "x" * 5_000, "https://example.org/a.csv", "no.duckdb::t"]
)
def test_missing_file(source: str, scratch: Path) -> None:
    with pytest.raises(DataError, match="no file"):
        open_data(source, scratch=scratch)


def test_missing_file_names_the_nearest(write: Write, scratch: Path) -> None:
    path = write("sales_2023.csv", "a,b\n1,2\n")
    with pytest.raises(DataError) as caught:
        open_data(path.replace("sales", "slaes"), scratch=scratch)
    assert "sales_2023.csv" in caught.value.hint


def test_folder_is_no_table(tmp_path: Path, scratch: Path) -> None:
    with pytest.raises(DataError, match="folder"):
        open_data(str(tmp_path), scratch=scratch)


# --- encodings and layouts --------------------------------------------------------------------------------------

ACCENTS = "año,größe\n1,é\n2,ü\n3,é\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_encodings(encoding: str, write: Write, scratch: Path) -> None:
    opened = open_data(write("a.csv", ACCENTS, encoding), scratch=scratch)
    assert opened.dataset.columns == ("año", "größe")
    assert opened.dataset.frame()["größe"].tolist() == ["é", "ü", "é"]
    assert ("encoding" in codes(opened)) == (not encoding.startswith("utf-8"))


def test_one_accent_in_the_last_row_does_not_break_the_read(write: Write, scratch: Path) -> None:
    rows = "".join(f"{i},name\n" for i in range(50_000))
    opened = open_data(write("late.csv", f"a,b\n{rows}7,Zoë\n", "latin-1"), scratch=scratch)
    assert opened.dataset.frame()["b"].iloc[-1] == "Zoë"
    assert "encoding" in codes(opened)


def test_encoding_can_be_overridden(write: Write, scratch: Path) -> None:
    path = write("a.csv", "a,b\n1,ж\n2,я\n", "koi8-r")
    opened = open_data(path, scratch=scratch, options=ReadOptions(encoding="koi8-r"))
    assert opened.dataset.frame()["b"].tolist() == ["ж", "я"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str, write: Write, scratch: Path) -> None:
    text = "a,b,c\n1,2,x\n3,4,y\n".replace(",", delimiter)
    opened = open_data(write("a.txt", text), scratch=scratch)
    assert opened.dataset.columns == ("a", "b", "c")
    assert ("delimiter" in codes(opened)) == (delimiter != ",")


def test_semicolons_with_decimal_comma(write: Write, scratch: Path) -> None:
    opened = open_data(write("a.csv", "a;b;c\n1,5;2;1.234,5\n2,25;3;12\n3,0;4;7,25\n"), scratch=scratch)
    frame = opened.dataset.frame()
    assert frame["a"].tolist() == [1.5, 2.25, 3.0]
    assert frame["c"].tolist() == [1234.5, 12.0, 7.25]
    assert frame["b"].dtype == np.int64
    assert "a, c" in message(opened, "decimal_comma")


def test_a_sign_that_every_number_carries_is_taken_away_and_told(write: Write, scratch: Path) -> None:
    cells = "share;pay;mixed;text\n12.5%;$1,200;1%;5% off\n-3 %;$950;$2;none\n;-$80.5;3;x\n"
    opened = open_data(str(write("signs.csv", cells)), scratch=scratch)
    frame = opened.dataset.frame(["share", "pay", "mixed", "text"])
    assert frame["share"].tolist()[:2] == [12.5, -3.0]
    assert frame["pay"].tolist() == [1200.0, 950.0, -80.5]
    assert [str(v) for v in frame["mixed"]] == ["1%", "$2", "3"]
    assert [n.columns for n in opened.notices if n.code == "signs"] == [("share",), ("pay",)]


def test_thousands_separators_in_a_comma_file(write: Write, scratch: Path) -> None:
    opened = open_data(write("a.csv", '"a","b"\n"1,234",1\n"12",2\n"1,000,000",3\n'), scratch=scratch)
    assert opened.dataset.frame()["a"].tolist() == [1234, 12, 1_000_000]
    assert "thousands" in codes(opened)


def test_null_tokens_are_missing_and_told(write: Write, scratch: Path) -> None:
    text = "a,b,c\n1,NA,x\n.,2.5,?\n3,#N/A,None\n4,5,null\n5, n/a ,y\n6,NaN,N/A\n7,,y\n"
    opened = open_data(write("a.csv", text), scratch=scratch)
    frame = opened.dataset.frame()
    assert frame["a"].isna().sum() == 1
    assert frame["b"].dropna().tolist() == [2.5, 5.0]
    assert frame["c"].dropna().tolist() == ["x", "y", "y"]
    assert "NA (1)" in message(opened, "null_tokens")


def test_null_tokens_can_be_overridden(write: Write, scratch: Path) -> None:
    options = ReadOptions(null_tokens=("-9",))
    frame = open_data(write("a.csv", "a,b\n1,NA\n-9,x\n"), scratch=scratch, options=options).dataset.frame()
    assert frame["b"].tolist() == ["NA", "x"]
    assert frame["a"].isna().tolist() == [False, True]


def test_text_after_20000_numeric_rows(write: Write, scratch: Path) -> None:
    rows = "".join(f"{i * 1.5},{i % 2}\n" for i in range(20_000))
    opened = open_data(write("a.csv", f"a,b\n{rows}oops,1\nbad,0\n"), scratch=scratch)
    assert opened.dataset.rows == 20_002
    assert opened.dataset.frame()["a"].isna().sum() == 2
    assert (
        message(opened, "odd_cells") == "a: 2 cells without a number (first in row 20,001); read as missing"
    )


def test_text_among_few_codes_makes_levels(write: Write, scratch: Path) -> None:
    rows = "".join(f"{i % 3},{i}\n" for i in range(20_000))
    opened = open_data(write("a.csv", f"a,b\n{rows}many,1\n"), scratch=scratch)
    assert opened.dataset.type_of("a") == "nominal"
    assert "mixed" in codes(opened)


def test_infinities_are_missing_and_told(write: Write, scratch: Path) -> None:
    opened = open_data(write("a.csv", "a,b\n1,inf\n2,-Infinity\n3,4\n4,1e400\n5,6\n"), scratch=scratch)
    assert opened.dataset.frame()["b"].dropna().tolist() == [4, 6]
    assert "infinite" in codes(opened)


def test_constant_and_empty_columns_are_told(write: Write, scratch: Path) -> None:
    opened = open_data(write("a.csv", "a,b,c,d\n1,1,x,\n1,2,x,NA\n1,3,x,\n"), scratch=scratch)
    assert message(opened, "constant").endswith("a, c")
    assert message(opened, "all_missing").endswith("d")
    assert opened.dataset.type_of("d") == "constant"


@pytest.mark.parametrize(
    ("cells", "first", "form"),
    [
        (["2020-01-31", "2020-02-01"], "2020-01-31", ""),
        (["2020-01-31 10:30:00", "2020-02-01T11:00:00"], "2020-01-31 10:30", ""),
        (["31.01.2020", "1.2.2020"], "2020-01-31", "DD.MM.YYYY"),
        (["31/01/2020", "01/02/2020"], "2020-01-31", "DD/MM/YYYY"),
        (["01/31/2020", "02/01/2020"], "2020-01-31", "MM/DD/YYYY"),
        (["01/02/2020", "03/04/2020"], "2020-02-01", "the other way round"),
        (["Jan 2020", "Nov 2019"], "2020-01-01", "Mon YYYY"),
        (["January 2020", "November 2019"], "2020-01-01", "Month YYYY"),
        (["31-Jan-2020", "1-Nov-2019"], "2020-01-31", "DD-Mon-YYYY"),
    ],
)
def test_dates(cells: list[str], first: str, form: str, write: Write, scratch: Path) -> None:
    text = "d,y\n" + "".join(f"{c},1\n{c},2\n" for c in cells) + ",3\n2020-05-05,4\n" * (not form)
    opened = open_data(write("a.csv", text), scratch=scratch)
    column = opened.dataset.frame()["d"]
    assert column.iloc[0] == pd.Timestamp(first)
    assert column.dtype.kind == "M"
    assert ("date_format" in codes(opened)) == bool(form)
    assert form in (message(opened, "date_format") if form else "")


def test_text_treatment_and_booleans(write: Write, scratch: Path) -> None:
    opened = open_data(
        write("a.csv", "t,b,y\ncontrol,True,1\ntreated,false,2\ncontrol,,3\n"), scratch=scratch
    )
    frame = opened.dataset.frame()
    assert opened.dataset.type_of("t") == "binary"
    assert frame["t"].tolist() == ["control", "treated", "control"]
    assert frame["b"].tolist()[:2] == [1.0, 0.0]


def test_underscores_and_long_numbers_are_kept(write: Write, scratch: Path) -> None:
    text = "a,b\n1_2,123456789012345678\n3_4,123456789012345679\n5_6,\n"
    frame = open_data(write("a.csv", text), scratch=scratch).dataset.frame()
    assert frame["a"].tolist() == ["1_2", "3_4", "5_6"]
    frame = open_data(write("b.csv", text.replace(",\n", ",7\n")), scratch=scratch).dataset.frame()
    assert frame["b"].tolist() == [123456789012345678, 123456789012345679, 7]


# --- names -------------------------------------------------------------------------------------------------------


def test_duplicate_and_empty_names_are_renamed_and_told(write: Write, scratch: Path) -> None:
    opened = open_data(write("a.csv", "x,x,x_2,,Age,age\n1,2,3,4,5,6\n5,6,7,8,9,1\n"), scratch=scratch)
    assert opened.dataset.columns == ("x", "x_3", "x_2", "column_4", "Age", "age")
    assert opened.dataset.frame().iloc[0].tolist() == [1, 2, 3, 4, 5, 6]
    assert {"duplicate_names", "empty_names"} <= codes(opened)


def test_names_with_quotes_newlines_escapes_and_braces(write: Write, scratch: Path) -> None:
    header = '"a ""q""","line\nbreak","b{x}","\x1b[31mred\x1b[0m",it\'s,"a,b",back\\slash\n'
    opened = open_data(write("a.csv", header + "1,2,3,4,5,6,7\n2,3,4,5,6,7,8\n"), scratch=scratch)
    assert opened.dataset.columns == ('a "q"', "line break", "b{x}", "red", "it's", "a,b", "back\\slash")
    assert opened.dataset.frame().to_numpy().tolist() == [[1, 2, 3, 4, 5, 6, 7], [2, 3, 4, 5, 6, 7, 8]]
    assert {"control_names", "odd_names"} <= codes(opened)
    assert opened.dataset.resolve("line\nbreak") == "line break"


def test_header_of_numbers(write: Write, scratch: Path) -> None:
    assert open_data(write("a.csv", "1.5,2\n3,4\n"), scratch=scratch).dataset.rows == 2
    years = open_data(write("b.csv", "1990,1991\n3,4\n"), scratch=scratch).dataset
    assert years.columns == ("1990", "1991")


def test_unnamed_row_names_and_trailing_delimiters(write: Write, scratch: Path) -> None:
    first = open_data(write("a.csv", '"a","b"\n"r1",1,2\n"r2",3,4\n'), scratch=scratch).dataset
    assert first.columns == ("column_1", "a", "b")
    second = open_data(write("b.csv", "a,b\n1,2,\n3,4,\n"), scratch=scratch).dataset
    assert second.columns == ("a", "b", "column_3")


# --- rows --------------------------------------------------------------------------------------------------------


def test_rows_of_the_wrong_length(write: Write, scratch: Path) -> None:
    opened = open_data(write("a.csv", "a,b,c\n1,2\n1,2,3\n1,2,3,4\n2,3,4\n"), scratch=scratch)
    assert opened.dataset.rows == 3
    assert message(opened, "short_rows").startswith("1 row ")
    assert message(opened, "dropped_rows").startswith("1 row ")


def test_mostly_wrong_rows_are_no_table(write: Write, scratch: Path) -> None:
    with pytest.raises(DataError, match="do not fit the header"):
        open_data(write("a.csv", "a,b\n1,2\n" + "1,2,3\n1,2,3,4\n" * 5), scratch=scratch)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ('a,b\n"x ""y"", z",1\n"multi\nline",2\n', 'x "y", z'),
        ('a,b\n"x \\"y\\" z",1\nz,2\n', 'x "y" z'),
        ('a,b\n5" pipe,1\n"unclosed,3\nz,4\n', '5" pipe'),
        ("a,b\r\nx,1\r\ny,2\r\n", "x"),
        ("a,b\rx,1\ry,2\r", "x"),
        ("a,b\nx,1\r\ny,2\n", "x"),
        ("\n\na,b\nx,1\n\ny,2\n\n", "x"),
    ],
)
def test_quotes_and_line_ends(text: str, first: str, write: Write, scratch: Path) -> None:
    dataset = open_data(write("a.csv", text), scratch=scratch).dataset
    assert dataset.columns == ("a", "b")
    assert dataset.frame()["a"].iloc[0] == first
    assert dataset.rows >= 2


# --- width -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("wide") / "wide.csv"
    names = ",".join(f"v{i}" for i in range(10_000))
    rows = (",".join(str((i * j) % 7) for i in range(10_000)) for j in range(1, 9))
    path.write_text("\n".join([names, *rows]) + "\n")
    return str(path)


def test_ten_thousand_columns_need_a_choice(wide: str, scratch: Path) -> None:
    with pytest.raises(DataError) as caught:
        open_data(wide, scratch=scratch)
    assert "10,000 columns" in caught.value.message
    assert "-t" in caught.value.hint
    assert "--controls" in caught.value.hint


def test_ten_thousand_columns_with_a_choice(wide: str, scratch: Path) -> None:
    opened = open_data(wide, scratch=scratch, columns=["v9999", "V3", "v17"])
    assert opened.dataset.columns == ("v3", "v17", "v9999")
    assert len(opened.available) == 10_000
    with pytest.raises(ColumnNotFound):
        open_data(wide, scratch=scratch, columns=["v10000"])


# --- overrides -----------------------------------------------------------------------------------------------------


def test_types_of_the_knowledge_override_and_keep_leading_zeros(write: Write, scratch: Path) -> None:
    knowledge = Knowledge(
        columns=(ColumnKnowledge("zip", type="nominal"), ColumnKnowledge("k", type="ordinal"))
    )
    path = write("a.csv", "zip,k,y\n01234,1,2\n00500,25,3\n01234,99,5\n")
    dataset = open_data(path, scratch=scratch, knowledge=knowledge).dataset
    assert dataset.frame()["zip"].tolist() == ["01234", "00500", "01234"]
    assert dataset.type_of("k") == "ordinal"
    options = ReadOptions(types={"k": "continuous"})
    assert (
        open_data(path, scratch=scratch, knowledge=knowledge, options=options).dataset.type_of("k")
        == "continuous"
    )


def test_nothing_heavy_is_imported(write: Write, scratch: Path) -> None:
    path = write("a.csv", "a,b\n1,2\n3,5\n")
    code = (
        "import sys; from pathlib import Path; from causalcopilot.data import open_data, profile_dataset\n"
        f"o = open_data({path!r}, scratch=Path({str(scratch)!r}))\n"
        f"n = open_data('dataset:nhefs', scratch=Path({str(scratch)!r})); profile_dataset(n.dataset)\n"
        "print([m for m in ('pandas', 'scipy', 'statsmodels', 'causaldata', 'openpyxl') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_numbers_too_large_to_compute_with_are_missing_and_told(write: Write, scratch: Path) -> None:
    for large in ("1e31", "-1.7976931348623157e308"):
        opened = open_data(write("a.csv", f"a,b\n1,3\n2,{large}\n3,4\n"), scratch=scratch)
        assert opened.dataset.frame()["b"].dropna().tolist() == [3, 4]
        assert "infinite" in codes(opened)
    opened = open_data(write("a.csv", "a,b\n1,3\n2,1e30\n3,4\n"), scratch=scratch)
    assert opened.dataset.frame()["b"].max() == 1e30
    assert "infinite" not in codes(opened)
