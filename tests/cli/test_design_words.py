"""``ccp ask``: the design named from the question and the table alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest

from tests.cli.conftest import Ccp


def elections() -> str:
    rng = np.random.default_rng(0)
    margin = rng.normal(0, 20, 1500)
    win = (margin >= 0).astype(int)
    vote = 45 + 7 * win + 0.2 * margin + rng.normal(0, 5, 1500)
    pd.DataFrame({"margin": margin, "win": win, "vote": vote}).to_csv("elections.csv", index=False)
    return "elections.csv"


def laws(adopters: int) -> str:
    rng = np.random.default_rng(0)
    state, year = np.repeat(np.arange(30), 14), np.tile(np.arange(2000, 2014), 30)
    law = ((state < adopters) & (year >= 2008)).astype(int)
    level = rng.normal(size=30)[state] + 0.1 * (year - 2000) + 0.5 * law + rng.normal(0, 0.3, len(year))
    names = np.array([f"s{i}" for i in state])
    pd.DataFrame({"state": names, "year": year, "law": law, "homicide": level}).to_csv(
        "laws.csv", index=False
    )
    return "laws.csv"


@pytest.mark.parametrize(
    ("table", "question", "strategy"),
    [
        ("elections", "What is the effect of win on vote?", "Regression Discontinuity"),
        ("laws", "What is the effect of law on homicide?", "Difference-in-Differences"),
        ("one law", "What is the effect of law on homicide?", "Synthetic Control"),
        (
            "dataset:close_college",
            "What is the effect of educ on lwage using nearc4 as an instrument?",
            "Instrumental Variable",
        ),
        ("dataset:nsw", "What is the effect of treat on re78 in this randomised experiment?", "RCT"),
    ],
)
def test_the_design_is_named(ccp: Ccp, table: str, question: str, strategy: str) -> None:
    made: dict[str, Callable[[], str]] = {
        "elections": elections,
        "laws": partial(laws, 12),
        "one law": partial(laws, 1),
    }
    data = made[table]() if table in made else table
    more = ("--no-knowledge",) if table == "dataset:nsw" else ()
    ran = ccp("ask", data, question, *more, "--json")
    assert ran.code == 0, ran.err
    assert f"by {strategy}" in ran.json["text"]
    assert ran.json["low"] is not None


def test_a_named_design_without_its_columns_is_refused(ccp: Ccp) -> None:
    ran = ccp("ask", elections(), "What is the effect of win on vote by difference-in-differences?")
    assert ran.code == 2
    assert "--time and --unit" in ran.err
