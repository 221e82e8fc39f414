"""Designs that a table shows by itself, and tables that show none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.identification import Identification
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.question import Question
from causalcopilot.errors import UsageError
from causalcopilot.toolkit.result import IdentifyResult
from causalcopilot_tools.effects.designs.detected import cutoff_of, roundest
from causalcopilot_tools.effects.identify import identify
from tests.tools.framed import case

ROWS = 400


def argued(
    data: pd.DataFrame,
    t: str,
    y: str,
    known: Knowledge | None = None,
    question: Question | None = None,
    types: dict[str, str] | None = None,
    **arguments: object,
) -> tuple[Identification, tuple[str, ...]]:
    context = case(data, known, question, types)  # type: ignore[arg-type]
    result = identify(context, treatment=t, outcome=y, **arguments)
    assert isinstance(result, IdentifyResult)
    assert result.identification is not None
    return result.identification, result.findings


def elections(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    margin = rng.normal(0, 20, ROWS)
    win = (margin >= 0).astype(int)
    vote = 45 + 7 * win + 0.2 * margin + rng.normal(0, 5, ROWS)
    return pd.DataFrame({"margin": margin, "win": win, "vote": vote, "age": rng.normal(50, 9, ROWS)})


def panel(seed: int = 0, adopters: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    state, year = np.repeat(np.arange(30), 10), np.tile(np.arange(2000, 2010), 30)
    law = ((state < adopters) & (year >= 2005)).astype(int)
    level = rng.normal(size=30)[state] + 0.1 * (year - 2000) + 0.5 * law + rng.normal(0, 0.3, 300)
    return pd.DataFrame({"state": state, "year": year, "law": law, "homicide": level})


PANEL_TYPES = {"state": "count", "year": "count"}


def test_a_treatment_that_a_number_decides_is_a_sharp_discontinuity() -> None:
    found, told = argued(elections(), "win", "vote")
    assert found.strategy == "Regression Discontinuity"
    assert dict(found.design)["running"] == "margin"
    assert float(dict(found.design)["cutoff"]) == 0.0
    assert any("win changes exactly where margin crosses 0" in f for f in told)


def test_a_panel_with_adoption_is_difference_in_differences() -> None:
    found, told = argued(panel(), "law", "homicide", types=PANEL_TYPES)
    assert found.strategy == "Difference-in-Differences"
    assert (dict(found.design)["unit"], dict(found.design)["time"]) == ("state", "year")
    assert any("read as a panel" in f for f in told)


def test_a_design_that_nobody_named_is_an_assumption_until_it_is_named() -> None:
    """A panel shows who adopts when, and not why: with another policy on the same day no check would see it."""
    seen = argued(elections(), "win", "vote")[0]
    assert seen.status == "assumed"
    assert seen.would_help[0].endswith("name the design: --running margin --cutoff 0")
    named = Question("effect", "win", "vote", running="margin", cutoff=0.0)
    assert argued(elections(), "win", "vote", None, named)[0].status == "identified"
    seen = argued(panel(), "law", "homicide", types=PANEL_TYPES)[0]
    assert seen.status == "assumed"
    named = Question("effect", "law", "homicide", unit="state", time="year")
    assert argued(panel(), "law", "homicide", None, named, PANEL_TYPES)[0].status == "identified"
    roles = Knowledge(
        columns=(ColumnKnowledge("state", role="unit"), ColumnKnowledge("year", role="time")), origin="file"
    )
    assert argued(panel(), "law", "homicide", roles, types=PANEL_TYPES)[0].status == "identified"


def test_one_adopter_is_a_synthetic_control() -> None:
    assert argued(panel(adopters=1), "law", "homicide", types=PANEL_TYPES)[0].strategy == "Synthetic Control"


def test_a_panel_that_is_named_without_columns_is_found_or_refused() -> None:
    named = Question("effect", treatment="law", outcome="homicide", design="did")
    assert (
        argued(panel(), "law", "homicide", None, named, PANEL_TYPES)[0].strategy
        == "Difference-in-Differences"
    )
    with pytest.raises(UsageError, match="--time and --unit"):
        argued(elections(), "win", "vote", None, named)


def test_what_people_say_goes_before_what_the_table_shows() -> None:
    asked = Question("effect", design="adjustment")
    assert argued(elections(), "win", "vote", None, asked)[0].strategy == "Conditional Exogeneity"
    drawn = Knowledge(graph="dag { age -> win age -> vote win -> vote }", origin="file")
    assert argued(elections(), "win", "vote", drawn)[0].strategy == "Conditional Exogeneity"
    later = Knowledge(columns=(ColumnKnowledge("margin", role="post_treatment"),), origin="file")
    assert argued(elections(), "win", "vote", later)[0].strategy == "Conditional Exogeneity"


def test_no_design_is_seen_where_there_is_none() -> None:
    data = elections()
    data.loc[5, "win"] = 1 - data.loc[5, "win"]  # one exception is enough
    assert argued(data, "win", "vote")[0].strategy == "Conditional Exogeneity"
    data = elections()
    data["copy"] = 100 * data["win"] + np.random.default_rng(0).normal(size=ROWS)  # two islands: no cutoff
    assert argued(data.drop(columns="margin"), "win", "vote")[0].strategy == "Conditional Exogeneity"
    sparse = shuffled().sample(frac=0.6, random_state=0).reset_index(drop=True)
    assert argued(sparse, "law", "homicide", types=PANEL_TYPES)[0].strategy == "Conditional Exogeneity"


def shuffled() -> pd.DataFrame:
    """The same panel with a law that comes and goes."""
    data = panel()
    data["law"] = np.random.default_rng(1).permutation(data["law"].to_numpy())
    return data


def test_a_treatment_that_comes_and_goes_or_is_a_number_is_followed_within_units() -> None:
    number = shuffled()
    number["law"] = number["law"] + np.random.default_rng(2).normal(size=len(number))
    for data in (shuffled(), number):
        found, told = argued(data, "law", "homicide", types=PANEL_TYPES)
        assert (found.strategy, found.status) == ("Panel Fixed Effects", "assumed")
        assert (dict(found.design)["unit"], dict(found.design)["time"]) == ("state", "year")
        assert any("compared with itself" in t for t in told)


def test_rows_are_not_followed_within_units_where_somebody_said_who_comes_first() -> None:
    known = Knowledge(columns=(ColumnKnowledge("pop", role="pre_treatment"),), origin="file")
    data = shuffled().assign(pop=np.random.default_rng(3).normal(size=len(panel())))
    found = argued(data, "law", "homicide", known, types=PANEL_TYPES)[0]
    assert found.strategy == "Conditional Exogeneity"
    few = shuffled()
    few.loc[few["state"] >= 5, "law"] = 0  # nine units or fewer that change tell too little
    assert argued(few, "law", "homicide", types=PANEL_TYPES)[0].strategy == "Conditional Exogeneity"


@pytest.mark.parametrize(
    ("left", "right", "cutoff"),
    [
        (-0.3, 0.2, 0.0),
        (64.97, 65.03, 65.0),
        (0.49, 0.502, 0.5),
        (17.0, 18.0, 18.0),
        (1990.0, 2001.0, 2000.0),
    ],
)
def test_the_cutoff_is_the_roundest_number_between_the_sides(
    left: float, right: float, cutoff: float
) -> None:
    assert roundest(left, right) == pytest.approx(cutoff)


def test_treatment_below_the_cutoff_is_seen_as_well() -> None:
    r = np.random.default_rng(0).uniform(0, 100, 300)
    assert cutoff_of((r < 40).astype(float), r) == pytest.approx(40, abs=1.0)
    assert cutoff_of(np.ones(300), r) is None


def test_fixed_effects_that_were_named_find_unit_and_time_in_the_table() -> None:
    for q in (
        Question("effect", "law", "homicide", design="panel"),
        Question("effect", "law", "homicide", design="panel", unit="state"),
    ):
        found, told = argued(panel(), "law", "homicide", None, q, PANEL_TYPES)
        assert found.strategy == "Panel Fixed Effects"
        assert (dict(found.design)["unit"], dict(found.design)["time"]) == ("state", "year")
        assert any("because fixed effects were named" in t for t in told)


def test_a_code_that_is_read_as_a_number_is_the_unit_of_a_full_panel() -> None:
    data = panel()
    data["state"] = 410_032.0 + 37 * data["state"]
    q = Question("effect", "law", "homicide", design="panel")
    found = argued(data, "law", "homicide", None, q, {"state": "continuous", "year": "count"})[0]
    assert (dict(found.design)["unit"], dict(found.design)["time"]) == ("state", "year")
