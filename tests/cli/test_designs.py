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


def test_one_treated_unit(ccp: Ccp) -> None:
    rng = np.random.default_rng(5)
    state, year = (a.ravel() for a in np.meshgrid(np.arange(26), np.arange(20), indexing="ij"))
    course = rng.normal(size=(2, 20)).cumsum(axis=1)
    load = rng.uniform(0, 1, (26, 2))
    load[0] = load[1:5].mean(axis=0)
    packs = (20 + load @ course + 0.3 * rng.normal(size=(26, 20))).ravel()
    law = ((state == 0) & (year >= 14)).astype(int)
    pd.DataFrame({"state": state, "year": year, "law": law, "packs": packs - 4 * law}).to_csv(
        "p.csv", index=False
    )
    ran = ccp("estimate", "p.csv", "-t", "law", "-y", "packs", "--time", "year", "--unit", "state", "--json")
    assert ran.code == 0, ran.err
    found = ran.json
    assert found["identification"]["strategy"] == "Synthetic Control"
    assert found["identification"]["design"]["start"] == "14"
    first = found["estimates"][found["primary"]]
    assert first["low"] < -4 < first["high"]
    assert found["verdict"]["value"] == "supported"
    exported = ccp("report", "last", "--export")
    assert exported.json["identification"]["strategy"] == "Difference-in-Differences"
    assert exported.json["identification"]["design"]["sc"]["treated_unit"] == "0"


def test_the_part_of_an_effect_that_goes_through_a_column(ccp: Ccp) -> None:
    rng = np.random.default_rng(6)
    n = 700
    w = rng.normal(size=n)
    t = (w + rng.normal(size=n) > 0).astype(int)
    m = 0.8 * t + 0.3 * w + rng.normal(size=n)
    y = 0.5 * t + 0.9 * m + 0.3 * w + rng.normal(size=n)
    pd.DataFrame({"t": t, "m": m, "y": y, "w": w}).to_csv("m.csv", index=False)
    ran = ccp("estimate", "m.csv", "-t", "t", "-y", "y", "--mediator", "m", "--controls", "w", "--json")
    assert ran.code == 0, ran.err
    first = ran.json["estimates"][ran.json["primary"]]
    assert first["quantity"] == "NIE"
    assert first["low"] < 0.72 < first["high"]
    asked = "How much of the effect of t on y goes through m?"
    told = ccp(
        "ask", "m.csv", asked, "--graph", "dag { w -> t w -> m w -> y t -> m m -> y t -> y }", "--json"
    )
    assert told.code == 0, told.err
    assert told.json["low"] < 0.72 < told.json["high"]
    assert "share of the whole" in told.json["text"]
    forbidden = "dag { t -> w w -> m w -> y t -> m m -> y t -> y }"
    refused = ccp(
        "estimate", "m.csv", "-t", "t", "-y", "y", "--mediator", "m", "--graph", forbidden, "--json"
    )
    assert refused.code == 4
    assert refused.json["identification"]["blocking_path"] == ["m", "<--", "w", "-->", "y"]
