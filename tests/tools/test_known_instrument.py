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


def test_rows_of_one_cluster_are_counted_together() -> None:
    """The same regression, with statsmodels' clustered errors: rows that share their causes are no evidence anew."""
    import statsmodels.api as sm

    rng, places = np.random.default_rng(4), np.repeat(np.arange(40), 20)
    shared = rng.normal(size=(3, 40))[:, places]
    f = world(0.0, 4, rows=800)
    f = f.assign(
        z=f["z"] + shared[0], t=f["t"] + shared[0] + shared[1], y=f["y"] + shared[0] + shared[1] + shared[2]
    )
    y, t, z, x = (f[c].to_numpy() for c in ("y", "t", "z", "x"))
    found = exogeneity(partial_out(y, t, z[:, None], x[:, None], clusters=places))
    rest = sm.OLS(f["t"], sm.add_constant(f[["x", "z"]])).fit().resid
    lines = sm.OLS(f["y"], sm.add_constant(f[["t", "x"]].assign(v=rest)))
    whole = lines.fit(cov_type="cluster", cov_kwds={"groups": places}, use_t=True)
    assert abs(found.statistic / whole.tvalues["v"] - 1) < 1e-6
    assert (
        abs(found.p_value / whole.pvalues["v"] - 1) < 1e-6
    )  # t with one degree of freedom fewer than clusters
    by_rows = exogeneity(partial_out(y, t, z[:, None], x[:, None]))
    assert abs(by_rows.statistic) > 1.5 * abs(found.statistic)


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
