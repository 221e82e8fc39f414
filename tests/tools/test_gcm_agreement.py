"""Our structural models against DoWhy's gcm on the same table and graph."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from causalcopilot_tools.explain.arrow_strength import arrow_strength
from causalcopilot_tools.explain.attribute_change import attribute_change
from causalcopilot_tools.explain.counterfactual import counterfactual
from causalcopilot_tools.explain.intervene import intervene
from tests.tools.framed import case
from tests.tools.structural_world import GRAPH, LIFT, shares, told, world

DRAWN = 0.06  # four standard errors of a mean over gcm's 20000 draws, y having a spread of 2.1
FITTED = 1e-6  # both fit the same straight lines
STRENGTH = 0.05  # gcm draws the values it cuts an arrow with; ours are quantiles
SPLIT = 0.08  # gcm weighs by a density ratio where ours fits both groups


@pytest.fixture(scope="module")
def gcm() -> Any:
    import os

    os.environ["LOKY_MAX_CPU_COUNT"] = "1"  # else a pool of processes that import DoWhy again
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from dowhy import gcm as module
    module.config.disable_progress_bars()
    module.config.set_default_n_jobs(1)
    return module


@pytest.fixture(scope="module")
def model(gcm: Any) -> Any:
    import networkx as nx

    edges = [(e.source, e.target) for e in GRAPH.graph.edges if e.target != "d"]
    made = gcm.InvertibleStructuralCausalModel(nx.DiGraph(edges))
    for node in made.graph.nodes:
        root = not list(made.graph.predecessors(node))
        line = (
            gcm.EmpiricalDistribution() if root else gcm.AdditiveNoiseModel(gcm.ml.create_linear_regressor())
        )
        made.set_causal_mechanism(node, line)
    gcm.util.general.set_random_seed(0)
    gcm.fit(made, world()[list("czqtmy")])
    return made


def test_interventions_and_counterfactuals(gcm: Any, model: Any) -> None:
    frame = world()
    drawn = gcm.interventional_samples(model, {"t": lambda v: 1.0}, num_samples_to_draw=20000)
    ours = intervene(case(frame), cause="t", outcome="y", graph=GRAPH, value=1.0)
    assert ours.fact("mean").value == pytest.approx(float(drawn["y"].mean()), abs=DRAWN)
    row = frame.loc[[99], list("czqtmy")]
    theirs = gcm.counterfactual_samples(model, {"t": lambda v: 0.0}, observed_data=row)
    mine = counterfactual(case(frame), cause="t", outcome="y", graph=GRAPH, row=100, value=0.0)
    assert mine.fact("counterfactual").value == pytest.approx(float(theirs["y"].iloc[0]), abs=FITTED)


def test_arrows(gcm: Any, model: Any) -> None:
    theirs = {a: float(v) ** 0.5 for (a, _), v in gcm.arrow_strength(model, "y").items()}
    ours = shares(arrow_strength(case(world()), outcome="y", graph=GRAPH), "strength")
    assert ours == pytest.approx(theirs, abs=STRENGTH)


def test_changes(gcm: Any, model: Any) -> None:
    frame = world(LIFT)
    old, new = (frame.loc[frame["period"] == p, list("czqtmy")] for p in (2023, 2024))
    theirs = gcm.distribution_change_robust(model, old, new, "y")
    ours = attribute_change(case(frame), outcome="y", graph=GRAPH, column="period", first=2023, second=2024)
    assert shares(ours, "share") == pytest.approx({k: float(v) for k, v in theirs.items()}, abs=SPLIT)
    assert np.isclose(sum(theirs.values()), told(ours, "difference"), atol=SPLIT)
