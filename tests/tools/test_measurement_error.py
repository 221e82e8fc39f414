"""Measurement error is recognised where the table calls for it, told to the user, and never where there is none."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from causalcopilot.data.simulate import simulate
from causalcopilot.data.simulate_settings import Settings
from causalcopilot.graph.compare import compare
from causalcopilot.toolkit.result import DiscoverResult
from causalcopilot_tools.discovery.discover import discover
from tests.tools.framed import case

STRONG = Settings(rows=1000, edge_probability=0.2, weights=(0.5, 2.0), scaling="after")
GRAPHS = 6


def learn(settings: Settings, seed: int, bootstrap: int = 0) -> tuple[float, DiscoverResult]:
    made = simulate(replace(settings, seed=seed))
    result = discover(case(pd.DataFrame(dict(made.data))), method="boss", bootstrap=bootstrap)
    assert isinstance(result, DiscoverResult)
    return compare(made.truth, result.graphs[0].graph).skeleton_f1 or 0.0, result


def test_error_in_every_column_is_found_and_corrected() -> None:
    """A tenth of each variance: without the correction the skeleton's F1 is near .8 on these tables.

    It may go unseen in one of six: the error must be needed clearly.
    """
    scores, seen = [], 0
    for seed in range(GRAPHS):
        f1, result = learn(replace(STRONG, measurement_error=0.1), 900 + seed)
        scores.append(f1)
        seen += any("measurement error fits clearly better" in n for n in result.notes)
    assert seen >= GRAPHS - 1
    assert sum(scores) / GRAPHS > 0.92


@pytest.mark.parametrize("kind", ["linear", "nongaussian"])
def test_no_error_is_seen_where_there_is_none(kind: str) -> None:
    for seed in range(GRAPHS):
        settings = replace(STRONG, kind=kind, scaling=("after", "inside")[seed % 2])  # type: ignore[arg-type]
        result = learn(settings, 950 + seed)[1]
        assert not any("measurement error" in n for n in result.notes)


@pytest.mark.parametrize("missing", [0.0, 0.05])
def test_resamples_are_corrected_alike(missing: float) -> None:
    """Most edges of the corrected graph come back in the resamples."""
    result = learn(replace(STRONG, measurement_error=0.1, missing=missing), 903, 10)[1]
    shares = [e.confidence or 0.0 for e in result.graphs[0].graph.edges]
    assert any("measurement error" in n for n in result.notes)
    assert sum(shares) / len(shares) > 0.8
