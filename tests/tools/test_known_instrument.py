"""An instrument that is known and not used: it contradicts an adjustment that leaves a hidden cause to act."""

from __future__ import annotations

import numpy as np
import pandas as pd

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot_tools.effects.designs.iv import partial_out
from causalcopilot_tools.refutation.checks.known_instrument import exogeneity, known_instrument, needless
from tests.tools.refuting import built, only

DRAWS = 400
LEVEL, SLACK = 0.05, 0.035
"""Level of the test, and three simulation errors of 400 draws."""
KNOWN = Knowledge(
    columns=(ColumnKnowledge("x", role="pre_treatment"), ColumnKnowledge("z", role="instrument")),
    origin="file",
)


def world(hidden: float, seed: int = 0, push: float = 1.0, rows: int = 800) -> pd.DataFrame:
    """A treatment of effect 1 that ``z`` pushes, with a hidden cause of the given strength."""
    rng = np.random.default_rng(seed)
    x, z, u = rng.normal(size=(3, rows))
    t = push * z + 0.5 * x + u + rng.normal(size=rows)
    return pd.DataFrame({"x": x, "z": z, "t": t, "y": t + x + hidden * u + rng.normal(size=rows)})


def test_a_hidden_cause_parts_the_two_answers_and_both_are_told() -> None:
    check = only(known_instrument(built(world(1.0), KNOWN)))
    assert check.status == "fail"
    assert "with z as instrument the effect is" in check.detail
    assert "by adjustment" in check.detail


def test_without_one_they_agree_and_a_weak_instrument_says_nothing() -> None:
    assert only(known_instrument(built(world(0.0), KNOWN))).status == "pass"
    assert only(known_instrument(built(world(0.0, push=0.05), KNOWN))).status == "info"


def test_it_applies_only_where_an_instrument_is_known() -> None:
    assert not needless(built(world(0.0), KNOWN))
    known = Knowledge(columns=(ColumnKnowledge("x", role="pre_treatment"),), origin="file")
    assert needless(built(world(0.0), known))


def test_its_level_and_a_second_route_to_the_statistic() -> None:
    import statsmodels.api as sm

    rejected = []
    for seed in range(DRAWS):
        f = world(0.0, seed, rows=300)
        p = partial_out(f["y"].to_numpy(), f["t"].to_numpy(), f[["z"]].to_numpy(), f[["x"]].to_numpy())
        rejected.append(exogeneity(p).p_value < LEVEL)
    assert abs(np.mean(rejected) - LEVEL) < SLACK
    rest = sm.OLS(f["t"], sm.add_constant(f[["x", "z"]])).fit().resid
    whole = sm.OLS(f["y"], sm.add_constant(f[["t", "x"]].assign(v=rest))).fit(cov_type="HC1")
    assert abs(exogeneity(p).statistic / whole.tvalues["v"] - 1) < 1e-6  # the same regression, partialled out
