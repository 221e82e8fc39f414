"""Columns as numbers: controls, treatments and outcomes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.question import Contrast
from causalcopilot.errors import DataError, NotApplicable
from causalcopilot_tools.effects.coding import code_outcome, code_treatment
from causalcopilot_tools.effects.design_matrix import POOLED, encode, level_text


def test_numbers_enter_as_they_are_and_levels_as_indicators() -> None:
    frame = pd.DataFrame({"age": [30.0, 40.0, 50.0, 60.0] * 10, "town": ["b", "a", "b", "c"] * 10})
    d = encode(frame, ["age", "town"], {"town": "nominal"})
    assert d.names == ("age", "town=a", "town=c")
    assert d.sources == ("age", "town", "town")
    assert d.X[:4].tolist() == [[30, 0, 0], [40, 1, 0], [50, 0, 0], [60, 0, 1]]
    assert d.findings == ("Coded as indicators, reference level in brackets: town (b).",)


def test_an_ordinal_number_is_coded_by_level_until_it_has_many() -> None:
    few = encode(pd.DataFrame({"school": [1, 2, 3] * 20}), ["school"], {"school": "ordinal"})
    assert few.names == ("school=2", "school=3")
    many = encode(pd.DataFrame({"school": list(range(20)) * 3}), ["school"], {"school": "ordinal"})
    assert many.names == ("school",)


def test_missing_values_are_filled_marked_and_told() -> None:
    income = [np.nan] * 12 + [np.inf] + [10.0, 20.0] * 20 + [15.0]
    town = ["a"] * 30 + [None] * 14 + ["b"] * 10
    d = encode(pd.DataFrame({"income": income, "town": town}), ["income", "town"])
    assert d.names == ("income", "income (missing)", "town=b", "town (missing)")
    assert d.X[0].tolist() == [15.0, 1.0, 0.0, 0.0]
    assert d.X[35].tolist()[2:] == [0.0, 1.0]
    assert d.imputed == 13 + 14
    told = " ".join(d.findings)
    assert "income (13 rows, mean 15)" in told
    assert "town (14 rows, most frequent level a)" in told


def test_rare_levels_are_pooled_and_useless_columns_dropped() -> None:
    town = ["a"] * 500 + ["b"] * 480 + [f"t{i}" for i in range(20)]
    frame = pd.DataFrame(
        {"town": town, "one": 1.0, "id": [f"x{i}" for i in range(1000)], "copy": [0.0] * 500 + [1.0] * 500}
    )
    frame["again"] = frame["copy"]
    d = encode(frame, ["town", "one", "id", "copy", "again"])
    assert d.names == ("town=b", f"town={POOLED}", "copy")
    assert d.X[:, 1].sum() == 20
    assert "one, id, again" in d.findings[-1]
    assert "town: 20 rare levels are pooled as one." in d.findings
    frame["town"] = ["a"] * 500 + ["b"] * 499 + ["t"]
    assert "pooled" not in " ".join(encode(frame, ["town"]).findings)


def test_dates_become_days_and_the_frame_stays_as_it_was() -> None:
    frame = pd.DataFrame(
        {"day": pd.to_datetime(["2020-01-01", None, "2020-01-11"]), "x": [1.0, np.nan, np.inf]}
    )
    before = frame.copy(deep=True)
    d = encode(frame, ["day", "x"])
    assert d.X[:, 0].tolist() == [0.0, 5.0, 10.0]
    pd.testing.assert_frame_equal(frame, before)


def test_no_columns_is_an_empty_matrix() -> None:
    assert encode(pd.DataFrame({"a": [1, 2]}), []).X.shape == (2, 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (1, "1"),
        (0.5, "0.5"),
        (True, "1"),
        (np.int64(3), "3"),
        (np.nan, None),
        ("x", "x"),
        (None, None),
        (np.inf, None),
    ],
)
def test_levels_are_written_as_users_write_them(value: object, text: str | None) -> None:
    assert level_text(value) == text


def test_text_treatment_by_level_and_other_arms_apart() -> None:
    coded, step = code_treatment(
        pd.Series(["drug", "none", "other", None], name="arm"), "categorical", Contrast("none", "drug")
    )
    assert coded[:3].tolist() == [1.0, 0.0, -1.0]
    assert np.isnan(coded[3])
    assert step == 1


def test_numeric_levels_match_however_the_contrast_is_written() -> None:
    column = pd.Series([0.0, 1.0, np.nan], name="t")
    for contrast in (Contrast(0, 1), Contrast("0", "1"), Contrast(0.0, True)):
        coded = code_treatment(column, "binary", contrast)[0]
        assert coded[:2].tolist() == [0, 1]
    reverse = code_treatment(column, "binary", Contrast(1, 0))[0]
    assert reverse[:2].tolist() == [1, 0]


def test_treatments_that_cannot_be_compared_are_refused() -> None:
    text = pd.Series(["a", "b"], name="t")
    with pytest.raises(DataError, match="no row has t = bb"):
        code_treatment(text, "binary", Contrast("a", "bb"))
    with pytest.raises(NotApplicable, match="itself"):
        code_treatment(text, "binary", Contrast("a", "a"))
    with pytest.raises(NotApplicable, match="text"):
        code_treatment(text, "continuous", Contrast(0, 1))
    with pytest.raises(NotApplicable, match="not numeric"):
        code_treatment(pd.Series([1.0, 2.0], name="t"), "continuous", Contrast("low", 1))


def test_two_level_outcomes_are_in_percentage_points() -> None:
    zero_one = code_outcome(pd.Series([0, 1, 1], name="died"))
    assert (zero_one.values.tolist(), zero_one.unit, zero_one.finding) == (
        [0, 100, 100],
        "percentage points",
        "",
    )
    text = code_outcome(pd.Series(["no", "yes", None], name="died"))
    assert text.values[:2].tolist() == [0, 100]
    assert np.isnan(text.values[2])
    assert "'yes' counts as the event" in text.finding
    told = code_outcome(pd.Series(["good", "bad"], name="state"), levels=("good", "bad"))
    assert told.values.tolist() == [0, 100]
    coded = code_outcome(pd.Series([1, 2], name="died"), kind="binary")
    assert coded.values.tolist() == [0, 100]
    assert "2 counts as the event" in coded.finding


def test_numeric_outcomes_keep_their_unit_and_text_is_refused() -> None:
    weight = code_outcome(pd.Series([1.5, np.inf, 3.0], name="w"), "kg", "continuous")
    assert weight.unit == "kg"
    assert np.isnan(weight.values[1])
    with pytest.raises(NotApplicable, match="3 levels"):
        code_outcome(pd.Series(["a", "b", "c"], name="y"))
    with pytest.raises(NotApplicable, match="date"):
        code_outcome(pd.Series(pd.to_datetime(["2020-01-01"]), name="y"))
    with pytest.raises(DataError, match="single value"):
        code_outcome(pd.Series(["a", "a"], name="y"))
