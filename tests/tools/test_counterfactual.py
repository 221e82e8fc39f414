"""What one named row would have been, where the noise of every row is known."""

from __future__ import annotations

import numpy as np
import pytest

from causalcopilot.errors import NotApplicable
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.stored import StoredGraph
from causalcopilot_tools.explain.counterfactual import counterfactual
from tests.tools.framed import case
from tests.tools.structural_world import GRAPH, ODD, told, within, world

SLOPE = 0.1  # four standard errors of the total effect of t on 2000 rows, in units of y per unit of t


def test_a_row_keeps_its_noise() -> None:
    frame = world()
    for at in (ODD, 3, 1500):
        row = frame.iloc[at]
        found = counterfactual(case(frame), cause="t", outcome="y", graph=GRAPH, row=at + 1, value=0.0)
        truth = row["y"] - 0.8 * row["t"]
        assert told(found, "counterfactual") == pytest.approx(truth, abs=SLOPE * max(1.0, abs(row["t"])))
        assert within(found, "counterfactual", truth)
        assert found.fact("observed").value == row["y"]
        assert found.fact("cause.observed").value == row["t"]


def test_a_row_is_found_by_a_value_that_only_it_has() -> None:
    c = case(world(), types={"who": "identifier"})
    by_value = counterfactual(
        c, cause="t", outcome="y", graph=GRAPH, row="a0017", row_column="who", shift=1.0
    )
    by_number = counterfactual(c, cause="t", outcome="y", graph=GRAPH, row=17, shift=1.0)
    assert by_value.fact("counterfactual").value == by_number.fact("counterfactual").value
    assert "who = a0017" in str(by_value.fact("row").value)
    assert by_number.fact("difference").value == pytest.approx(0.8, abs=SLOPE)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (0, None, "no row 0"),
        (2001, None, "no row 2001"),
        ("A0017", None, "no number of a row"),
        ("nobody", "who", "no row has who = nobody"),
        (2023, "period", "1000 rows have period = 2023"),
        (4, None, "row 4 has no value of c"),
    ],
)
def test_a_row_that_is_not_one_row_is_refused(row: object, column: str | None, words: str) -> None:
    frame = world()
    frame.loc[3, "c"] = np.nan
    with pytest.raises(NotApplicable, match=words):
        counterfactual(
            case(frame), cause="t", outcome="y", graph=GRAPH, row=row, row_column=column, value=0.0
        )


def test_noise_behind_a_label_cannot_be_read_back() -> None:
    frame = world().assign(won=lambda f: (f["t"] > 0).astype(int))
    graph = StoredGraph("g@1", from_dagitty("dag { t -> won -> y }"))
    with pytest.raises(NotApplicable, match="won has labels"):
        counterfactual(case(frame), cause="t", outcome="y", graph=graph, row=1, value=0.0)


def test_no_online_model_is_offered_it() -> None:
    assert counterfactual.private
