"""Rows that a search takes for independent ones: units whose rows are alike, and steps of a series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causalcopilot.data.row_order import CODE
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.profile import Notice
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.discovery.dependence import alike, cautions, one_of_each
from causalcopilot_tools.discovery.encoding import encode
from tests.tools.framed import case

UNITS, STEPS = 40, 10
COLUMNS = ("a", "b")


def panel(own: float) -> Context:
    """Two columns of which ``own`` belongs to the unit, and a year."""
    rng = np.random.default_rng(3)
    unit, year = np.repeat(np.arange(UNITS), STEPS), np.tile(np.arange(STEPS), UNITS)
    a, b = own * rng.normal(size=(2, UNITS))[:, unit] + rng.normal(size=(2, UNITS * STEPS))
    known = Knowledge(
        (ColumnKnowledge("person", role="unit"), ColumnKnowledge("year", role="time")), origin="file"
    )
    return case(pd.DataFrame({"person": unit, "year": year, "a": a, "b": b}), known)


def told(context: Context) -> list[str]:
    return cautions(context, encode(context, COLUMNS, asked=COLUMNS))


def test_units_whose_rows_are_alike_are_told_with_the_cure() -> None:
    (said,) = told(panel(1.0))
    assert "the rows come from 40 values of person, and rows of one are alike (a, b)" in said
    assert "edges may be too many" in said
    assert said.endswith("search over time instead (--time year --unit person)")


def test_units_whose_rows_differ_are_not() -> None:
    assert told(panel(0.0)) == []
    assert alike(panel(0.0), encode(panel(0.0), COLUMNS, asked=COLUMNS)) is None


def test_rows_in_the_order_of_time_are_told() -> None:
    context = panel(0.0)
    ordered = replace(context.profile, notices=(Notice(CODE, "in order", ("a",), "read"),))
    (said,) = told(replace(context, profile=ordered))
    assert "like steps of a series" in said


@pytest.mark.parametrize("missing", [0, 7])
def test_one_row_of_each_unit_is_drawn_and_none_of_no_unit(missing: int) -> None:
    context = panel(1.0)
    frame = context.dataset.frame()
    frame["person"] = frame["person"].astype("Int64").mask(frame["person"] < missing)
    frame["a"] = frame["person"].fillna(-1).astype(float)  # tells of which unit a drawn row is
    other = case(frame, context.knowledge)
    drawn = one_of_each(other, encode(other, COLUMNS, asked=COLUMNS), "person")
    assert sorted(drawn.matrix[:, 0]) == list(range(missing, UNITS))
    again = one_of_each(other, encode(other, COLUMNS, asked=COLUMNS), "person")
    assert (again.matrix == drawn.matrix).all()
