"""Designs beyond adjustment, from the command line to the verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.cli.conftest import Ccp

SCHOOLING = 0.124
"""Published return to a year of schooling with distance to college as instrument (Cunningham 2021)."""


def test_an_instrument(ccp: Ccp) -> None:
    ran = ccp(
        *("estimate", "dataset:close_college", "-t", "educ", "-y", "lwage", "--instrument", "NEARC4"),
        *("--controls", "exper,black,south,married,smsa", "--json"),
    )
    assert ran.code == 0, ran.err
    found = ran.json
    assert found["identification"]["strategy"] == "Instrumental Variable"
    assert found["identification"]["instruments"] == ["nearc4"]
    first = found["estimates"][found["primary"]]
    assert first["quantity"] == "LATE"
    assert first["low"] < SCHOOLING < first["high"]
    assert any(e["method"] == "anderson_rubin" for e in found["estimates"])
    status = {c["name"]: c["status"] for c in found["checks"]}
    assert status["weak_instrument"] == "pass"
    assert status["overidentification"] == "skipped"
    assert status["overlap"] == "skipped"
    assert found["verdict"]["value"] == "fragile"


def test_a_weak_instrument_tells_that_it_sets_no_bounds(ccp: Ccp) -> None:
    rng = np.random.default_rng(3)
    z, u = rng.normal(size=400), rng.normal(size=400)
    t = 0.03 * z + u
    table = pd.DataFrame({"z": z, "t": t, "y": t + u + rng.normal(size=400)})
    table.to_csv("weak.csv", index=False)
    ran = ccp("estimate", "weak.csv", "-t", "t", "-y", "y", "--instrument", "z", "--json")
    assert ran.code == 0, ran.err
    found = ran.json
    first = found["estimates"][found["primary"]]
    assert first["method"] == "anderson_rubin"
    assert first["low"] is None
    assert found["verdict"]["value"] == "inconclusive"


def test_a_cutoff(ccp: Ccp) -> None:
    rng = np.random.default_rng(1)
    score = rng.uniform(0, 100, 1500)
    table = pd.DataFrame({"score": score, "grant": (score < 40).astype(int), "age": rng.normal(40, 9, 1500)})
    table["income"] = 20 + 0.1 * score + 3 * table.grant + rng.normal(size=1500)
    table.to_csv("grants.csv", index=False)
    ran = ccp(
        *("estimate", "grants.csv", "-t", "grant", "-y", "income", "--running", "score", "--cutoff", "40"),
        *("--controls", "age", "--json"),
    )
    assert ran.code == 0, ran.err
    found = ran.json
    assert found["identification"]["strategy"] == "Regression Discontinuity"
    assert found["identification"]["design"]["treated_side"] == "below"
    first = found["estimates"][found["primary"]]
    assert first["method"] == "rd_robust"
    assert first["low"] < 3 < first["high"]
    status = {c["name"]: c["status"] for c in found["checks"]}
    assert status["density"] == status["covariate_continuity"] == "pass"
    assert found["verdict"]["value"] == "supported"


def test_a_panel(ccp: Ccp) -> None:
    rng = np.random.default_rng(2)
    shop, month = (a.ravel() for a in np.meshgrid(np.arange(80), np.arange(8), indexing="ij"))
    start = np.where(np.arange(80) < 40, rng.choice([4, 6], 80), 99)[shop]
    on = (month >= start).astype(int)
    level = rng.normal(size=80)[shop] + 0.2 * month
    table = pd.DataFrame({"shop": shop, "month": month, "promo": on})
    table["sales"] = level + 2 * on + 0.5 * rng.normal(size=len(shop))
    table.to_csv("shops.csv", index=False)
    ran = ccp(
        *(
            "estimate",
            "shops.csv",
            "-t",
            "promo",
            "-y",
            "sales",
            "--time",
            "month",
            "--unit",
            "shop",
            "--json",
        )
    )
    assert ran.code == 0, ran.err
    found = ran.json
    assert found["identification"]["strategy"] == "Difference-in-Differences"
    first = found["estimates"][found["primary"]]
    assert first["quantity"] == "ATT"
    assert first["low"] < 2 < first["high"]
    status = {c["name"]: c["status"] for c in found["checks"]}
    assert status["earlier_trends"] == "pass"
    assert status["placebo_treatment"] == "skipped"
    assert found["verdict"]["value"] == "supported"
