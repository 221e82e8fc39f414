"""Strength of the arrows into an outcome: slope times spread, where lines are straight."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot.errors import NotApplicable
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.stored import StoredGraph
from causalcopilot_tools.explain.arrow_strength import arrow_strength
from tests.tools.framed import case
from tests.tools.structural_world import GRAPH, shares, within, world

SLOPE = 0.1  # four standard errors of a slope on 2000 rows, for causes with a spread near one


def test_strength_is_slope_times_spread() -> None:
    frame = world()
    found = arrow_strength(case(frame), outcome="y", graph=GRAPH)
    truth = {n: slope * frame[n].std() for n, slope in {"m": 1.0, "c": 0.5, "q": 0.3}.items()}
    assert list(shares(found, "strength")) == ["m", "c", "q"]
    for i, (name, strength) in enumerate(shares(found, "strength").items(), 1):
        assert strength == pytest.approx(truth[name], abs=SLOPE * frame[name].std())
        assert within(found, f"rank.{i}.strength", truth[name])


def test_an_arrow_that_only_acts_together_with_another_is_seen() -> None:
    rng = np.random.default_rng(0)
    a, b, e = rng.normal(size=(3, 2000))
    frame = pd.DataFrame({"a": a, "b": b, "y": a * b + 0.5 * e})
    graph = StoredGraph("g@1", from_dagitty("dag { a -> y  b -> y }"))
    found = arrow_strength(case(frame), outcome="y", graph=graph)
    for i in (1, 2):  # Var over a of a b, on average over b, is one
        assert found.fact(f"rank.{i}.strength").value == pytest.approx(
            1.0, abs=0.15
        )  # 500 rows: 4 * sqrt(2/500) / 2


def test_a_root_has_no_arrows() -> None:
    with pytest.raises(NotApplicable, match="no arrow points to c"):
        arrow_strength(case(world()), outcome="c", graph=GRAPH)
