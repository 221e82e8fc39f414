"""Clusters and weights where an effect is split at a mediator, goes through a front door or follows an expression."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.question import Question
from causalcopilot.domain.told import told
from causalcopilot.errors import DataError
from causalcopilot.toolkit.result import EstimateResult, RefuteResult
from causalcopilot_tools.effects.designs import mediation
from causalcopilot_tools.effects.designs.front_door import front_door, product_of_slopes
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.effects.nuisance import ArmNuisances
from causalcopilot_tools.effects.sampling import Sampling, clustered
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case
from tests.tools.test_through import DOOR, NAPKIN, napkin, sigmoid, through_door

Array = NDArray[np.float64]
SAME_ALGEBRA = 1e-9
"""Relative: two routes to one closed form."""
JACKKNIFE = 0.03
"""Relative: errors from leaving out one cluster of 40 at a time differ from linear ones by terms of order 1/40."""
FACTOR = 0.02
"""Relative: leverage of single rows (HC3), which the jackknife of clusters does not see in this way."""
BOOTSTRAP = 0.2
"""Relative: two times four standard errors of a spread from 300 draws, and the skewness of a ratio of shares."""


def mediated(seed: int = 0, towns: int = 40, size: int = 15) -> pd.DataFrame:
    """Towns share a part of treatment, mediator and outcome each; weights go with how far the mediator moves."""
    g = np.random.default_rng(seed)
    code = np.repeat(np.arange(towns), size)
    n, share = len(code), g.normal(size=(towns, 3))[code]
    x, w = g.normal(size=n), g.uniform(0.2, 3, n)
    t = (g.random(n) < sigmoid(0.6 * x + 1.5 * share[:, 2])).astype(int)
    m = (0.4 + 0.4 * w) * t + x + 0.7 * share[:, 0] + g.normal(size=n)
    y = 0.5 * t + 0.9 * m + x + 0.7 * share[:, 1] + g.normal(size=n)
    return pd.DataFrame({"t": t, "m": m, "y": y, "x": x, "w": w, "town": [f"v{c}" for c in code]})


def split(frame: pd.DataFrame, sampling: Sampling) -> mediation.Effects:
    Y, T, M = (frame[c].to_numpy(float) for c in ("y", "t", "m"))
    return mediation.by_regression(Y, T, M, frame[["x"]].to_numpy(), 0.0, 1.0, sampling)


def weighed(frame: pd.DataFrame, clusters: bool = True) -> Sampling:
    w = frame["w"].to_numpy()
    code = pd.factorize(frame["town"])[0].astype(np.int64)
    return Sampling("town", "w", code if clusters else None, w / w.mean())


def test_weights_that_are_counts_stand_for_repeated_rows() -> None:
    frame = mediated().assign(w=lambda d: np.ceil(d["w"]))
    again = frame.loc[frame.index.repeat(frame["w"].astype(int))]
    one, other = split(frame, weighed(frame, False)), split(again, Sampling())
    assert (one.indirect, one.direct) == pytest.approx((other.indirect, other.direct), rel=SAME_ALGEBRA)
    assert one.indirect != pytest.approx(split(frame, Sampling()).indirect, rel=0.02)


def test_clustered_errors_are_those_of_leaving_towns_out() -> None:
    """Also of the weighted means of the controls, which the direct effect with an interaction rests on."""
    frame = mediated()
    frame["y"] += 0.5 * frame["t"] * frame["m"]
    towns = frame["town"].unique()
    e = split(frame, weighed(frame))
    left = [split(f, weighed(f, False)) for f in (frame[frame["town"] != v] for v in towns)]
    for name, error in zip(("indirect", "direct", "total"), e.errors(), strict=True):
        values = np.array([getattr(one, name) for one in left])
        spread = float(np.sqrt(((values - values.mean()) ** 2).sum() * (len(towns) - 1) / len(towns)))
        assert error == pytest.approx(spread, rel=JACKKNIFE + FACTOR)
    assert e.errors()[0] > 1.1 * split(frame, weighed(frame, False)).errors()[0]


def door_nuisances(frame: pd.DataFrame) -> ArmNuisances:
    """The true means and probabilities of ``through_door``, but for what the hidden cause adds."""
    m = frame["m"].to_numpy()
    bend = m + 0.5 * m**2
    share = sigmoid(m - 0.5)
    return ArmNuisances(bend - 0.7, bend + 0.7, 1 - share, share)


def test_a_front_door_weighs_counts_as_repeated_rows_and_sums_clusters() -> None:
    frame, _ = through_door(2, 600)
    g = np.random.default_rng(3)
    w = g.integers(1, 4, 600).astype(float)
    again = frame.loc[frame.index.repeat(w.astype(int))].reset_index(drop=True)
    Y, T, M = frame["y"].to_numpy(), frame["t"].to_numpy(float), frame[["m"]].to_numpy()
    Yr, Tr, Mr = again["y"].to_numpy(), again["t"].to_numpy(float), again[["m"]].to_numpy()
    pairs = (
        (front_door(Y, T, door_nuisances(frame), w), front_door(Yr, Tr, door_nuisances(again))),
        (product_of_slopes(Y, T, M, 1.0, w / w.mean()), product_of_slopes(Yr, Tr, Mr)),
    )
    code = np.arange(600)
    for one, other in pairs:
        assert one.value == pytest.approx(other.value, rel=SAME_ALGEBRA)
        by_row = Sampling("row", "", np.repeat(code, w.astype(int)))
        summed = clustered(other, by_row).std_error  # the copies of a row are one cluster
        assert clustered(one, Sampling("row", "w", code, w)).std_error == pytest.approx(summed, rel=1e-6)


# --- the tools ------------------------------------------------------------------------------------------------


def run(
    frame: pd.DataFrame, graph: str = "", refuted: bool = True, **question: Any
) -> tuple[EstimateResult, RefuteResult | None]:
    asked = Question(
        "mediation" if "mediator" in question else "effect", treatment="t", outcome="y", **question
    )
    context = case(frame, told(Knowledge(graph=graph), asked), asked)
    made = estimate(context, identification=identify(context, treatment="t", outcome="y"))
    assert isinstance(made, EstimateResult)
    tried = refute(context, estimate=made) if refuted else None
    assert tried is None or isinstance(tried, RefuteResult)
    return made, tried


def test_a_split_by_cluster_and_weight_from_the_table_to_the_checks() -> None:
    frame = mediated()
    made, tried = run(frame, mediator="m", cluster="town", weights="w", controls=("x",))
    assert tried is not None
    assert made.estimates[0].note.startswith("counted by town (40 clusters) and weighed by w")
    reference = split(frame, weighed(frame))
    by_line = next(e for e in made.estimates if (e.method, e.quantity) == ("mediation_by_regression", "NIE"))
    assert (by_line.value, by_line.std_error) == pytest.approx(
        (reference.indirect, reference.errors()[0]), rel=SAME_ALGEBRA
    )
    assert {"cluster", "clusters", "weights"} <= {f.key for f in made.facts}
    checks = {c.name: c.status for c in tried.checks}
    assert checks["few_clusters"] == "pass"
    assert checks["mediation_overlap"] in ("pass", "warn")
    plain, _ = run(frame.drop(columns=["town", "w"]), mediator="m", controls=("x",), refuted=False)
    assert abs(float(plain.estimates[0].value or 0) - float(made.estimates[0].value or 0)) > 0.02
    assert plain.estimates[0].std_error != made.estimates[0].std_error


def test_one_cluster_to_an_arm_splits_nothing() -> None:
    frame = mediated().assign(town=lambda d: d["t"].map({0: "a", 1: "b"}))
    with pytest.raises(DataError, match="nothing to count by"):
        run(frame, mediator="m", cluster="town", controls=("x",), refuted=False)


def test_a_front_door_takes_clusters_and_weights_from_the_question() -> None:
    frame, _ = through_door(4, 400)
    frame["town"], frame["w"] = frame.index % 60, np.exp(0.5 * frame["m"])
    made, tried = run(frame, DOOR, cluster="town", weights="w")
    plain, _ = run(frame[["t", "m", "y"]], DOOR, refuted=False)
    assert tried is not None
    assert made.estimates[0].note.startswith("counted by town (60 clusters) and weighed by w")
    assert made.estimates[0].value != pytest.approx(plain.estimates[0].value, rel=0.02)
    assert "few_clusters" in {c.name for c in tried.checks}


def test_an_expression_draws_whole_clusters_and_counts_cells_by_weight() -> None:
    """Each row copied four times and named as one cluster: the error is that of the single rows."""
    frame, _ = napkin(1, 1500)
    once, _ = run(frame, NAPKIN, refuted=False)
    copied = pd.concat([frame.assign(id=range(1500))] * 4, ignore_index=True)
    counted, _ = run(copied, NAPKIN, cluster="id", refuted=False)
    naive, _ = run(copied.drop(columns="id"), NAPKIN, refuted=False)
    first, other, narrow = (e.estimates[0] for e in (once, counted, naive))
    assert other.value == pytest.approx(first.value, rel=SAME_ALGEBRA)
    assert other.std_error == pytest.approx(first.std_error, rel=BOOTSTRAP)
    assert float(narrow.std_error or 0) < 0.7 * float(first.std_error or 0)
    assert any("whole clusters are drawn anew" in f for f in counted.findings)
    many = np.random.default_rng(0).integers(1, 4, 1500)
    weights, _ = run(frame.assign(many=many), NAPKIN, weights="many", refuted=False)
    again, _ = run(frame.loc[frame.index.repeat(many)].reset_index(drop=True), NAPKIN, refuted=False)
    assert weights.estimates[0].value == pytest.approx(again.estimates[0].value, rel=SAME_ALGEBRA)
