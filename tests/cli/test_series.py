"""Graphs over time from the command line: what ``--time`` does, says and refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from causalcopilot.data.simulate import simulate
from causalcopilot.data.simulate_settings import Settings
from causalcopilot.report.documents import schema

SYSTEM = "--nodes 4 --rows 300 --lags 1 --degree 1 --seed 5".split()


@pytest.fixture
def table(ccp: Any) -> str:
    assert ccp("datasets", "simulate", "-o", "made.csv", *SYSTEM).code == 0
    return "made.csv"


def links(document: Any) -> set[tuple[str, str, int]]:
    edges = document["graph"]["edges"]
    return {(e["source"], e["target"], e["lag"]) for e in edges if e["target_mark"] == "arrow"}


def test_a_graph_over_time_as_a_document(ccp: Any, table: str) -> None:
    ran = ccp("discover", table, "--time", "time", "--bootstrap", "10", "--name", "over_time", "--json")
    assert ran.code == 0, ran.err
    validate(ran.json, schema("discover"))
    made = simulate(Settings(nodes=4, rows=300, lags=1, degree=1.0, seed=5))
    true = {(e.source, e.target, e.lag) for e in made.graph.edges}
    assert ran.json["graph"]["kind"] == "lagged"
    assert ran.json["graph"]["name"] == "over_time@1"
    assert len(links(ran.json) ^ true) <= 2
    assert {a["lag"] for a in ran.json["agreement"]} >= {0, 1}
    assert ccp("graph", "show", "over_time_majority").code == 0


def test_what_is_asked_of_a_graph_over_time(ccp: Any, table: str) -> None:
    shown = ccp("ask", table, "Draw the causal graph", "--time", "time")
    assert shown.code == 0, shown.err
    assert "the longest lag searched is" in " ".join(shown.out.split())
    asked = ccp("ask", table, "Does X1 directly cause X2?", "--time", "time")
    assert asked.out.split()[0] in ("yes", "no", "uncertain")
    common = ccp("ask", table, "Is there a confounder of X1 and X2?", "--time", "time")
    assert common.code == 2
    assert "lagged" in common.err


def test_lags_and_treatment_are_taken_from_the_command_line(ccp: Any, table: str) -> None:
    ran = ccp("discover", table, "--time", "time", "--lags", "3", "--treat", "none", "--json")
    assert ran.code == 0, ran.err
    assert any(n.startswith("longest lag 3 ") and "3 was asked for" in n for n in ran.json["notes"])
    for flags, says in (
        (("--lags", "3"), "needs --time"),
        (("--time", "time", "--lags", "99"), "whole number from 1 to 24"),
        (("--time", "time", "--treat", "wish"), "ways: auto"),
    ):
        refused = ccp("discover", table, *flags)
        assert refused.code == 2
        assert says in " ".join(refused.err.split())


def test_rows_in_the_order_of_time_are_not_taken_for_independent(ccp: Any, table: str) -> None:
    """Without ``--time`` the profile and the search say that the rows look like a series, and what to do."""
    made = simulate(Settings(nodes=4, rows=300, lags=1, degree=1.0, seed=8))
    import pandas as pd

    frame = pd.DataFrame(dict(made.data))
    names = [n for n in frame if n != "time"]
    frame[names] = frame[names].ewm(alpha=0.3).mean()
    frame.to_csv("smooth.csv", index=False)
    ran = ccp("discover", "smooth.csv", "--json")
    assert any("like steps of a series" in n and "--time time" in n for n in ran.json["notes"])
    frame.sample(frac=1, random_state=0).to_csv("shuffled.csv", index=False)
    assert not any("steps of a series" in n for n in ccp("discover", "shuffled.csv", "--json").json["notes"])


def test_rows_of_a_panel_are_not_taken_for_independent(ccp: Any) -> None:
    """Without ``--unit`` the search says that rows of one unit are alike, and what to do; not of units in name only."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(1)
    firm, year = np.repeat(np.arange(40), 10), np.tile(np.arange(2001, 2011), 40)
    own = rng.standard_normal((40, 3))
    frame = pd.DataFrame(own[firm] + rng.standard_normal((400, 3)), columns=list("abc"))
    frame.insert(0, "year", year)
    frame.insert(0, "firm", [f"F{i}" for i in firm])
    frame.sample(frac=1, random_state=0).to_csv("panel.csv", index=False)
    notes = ccp("discover", "panel.csv", "--json").json["notes"]
    said = [n for n in notes if "40 values of firm" in n]
    assert len(said) == 1
    assert "--time year --unit firm" in said[0]
    frame[list("abc")] = rng.standard_normal((400, 3))
    frame.to_csv("alone.csv", index=False)
    assert not any("of firm" in n for n in ccp("discover", "alone.csv", "--json").json["notes"])


def test_knowledge_may_name_the_time_column(ccp: Any, table: str) -> None:
    Path("made.toml").write_text('[columns.time]\nrole = "time"\n')
    ran = ccp("discover", table, "--json")
    assert ran.code == 0, ran.err
    assert ran.json["graph"]["kind"] == "lagged"
    assert ccp("discover", table, "--json", "--no-knowledge").json["graph"]["kind"] != "lagged"
    deep = ccp("discover", table, "--json", "--lags", "3", "--treat", "none")
    assert deep.code == 0, deep.err
    assert any(n.startswith("longest lag 3 ") for n in deep.json["notes"])
    refused = ccp("discover", table, "--test", "kci")
    assert refused.code == 2
    assert "--test kci and a search over time (time) do not go together" in " ".join(refused.err.split())
    assert "needs --time" in ccp("discover", table, "--lags", "3", "--no-knowledge").err


def test_a_report_shows_lags_and_checks(ccp: Any, table: str) -> None:
    ran = ccp("analyze", table, "--time", "time", "-o", "report", "--json")
    assert ran.code == 0, ran.err
    validate(ran.json, schema("analyze"))
    page = Path("report/report.html").read_text()
    assert "one step before" in page
    assert "1 step before" in page
    assert "Checks of the series" in page


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (("discover", "--time", "tim"), "no column 'tim'", "time"),
        (("discover", "--unit", "X1"), "--unit needs --time", "--time"),
        (("discover", "--time", "time", "--method", "pc"), "no method 'pc'", "lagged_boss"),
        (
            ("analyze", "--time", "time", "-t", "X1", "-y", "X2"),
            "effects over time are not",
            "ccp discover takes --time",
        ),
    ],
)
def test_what_does_not_go_is_said_with_the_way_out(
    ccp: Any, table: str, arguments: tuple[str, ...], error: str, hint: str
) -> None:
    command, *rest = arguments
    ran = ccp(command, table, *rest)
    assert ran.code == 2
    assert error in ran.err
    assert hint in ran.err
