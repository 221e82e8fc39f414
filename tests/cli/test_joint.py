"""Several columns set together, asked as people ask: the answer, its report, its JSON, refusals and follow-ups."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

import causalcopilot as cc
from causalcopilot.report.documents import schema
from causalcopilot.report.export import export_document
from tests.cli.conftest import Ccp

GRAPH = (
    "dag { age -> price age -> ad age -> promo age -> sales price -> ad price -> sales ad -> sales"
    " promo -> coupon promo -> sales coupon -> sales }"
)
HIDDEN = GRAPH.replace("dag {", "dag { u [latent] u -> ad u -> sales")
SUM, BOTH = -1.0, 15.0
"""Truth: a unit more of price takes 3, one more of ad brings 2; promo and coupon bring 5, 4 and 6 more together."""
TOLERANCE = 1.5
"""About four standard errors of either at 500 rows."""


@pytest.fixture
def shop(tmp_path: Path) -> str:
    rng, n = np.random.default_rng(3), 500
    age = rng.normal(45, 10, n).round(0)
    price = (10 + 0.1 * (age - 45) + rng.normal(size=n)).round(2)
    ad = (20 + 0.8 * (price - 10) + 0.05 * (age - 45) + 2 * rng.normal(size=n)).round(2)
    promo = (rng.random(n) < 1 / (1 + np.exp(-0.05 * (age - 45)))).astype(int)
    coupon = (rng.random(n) < 0.4 + 0.2 * promo).astype(int)
    sales = 100 - 3 * price + 2 * ad + 5 * promo + 4 * coupon + 6 * promo * coupon + 0.3 * age
    sales = (sales + 4 * rng.normal(size=n)).round(1)
    frame = pd.DataFrame(
        {"age": age, "price": price, "ad": ad, "promo": promo, "coupon": coupon, "sales": sales}
    )
    frame.to_csv(tmp_path / "shop.csv", index=False)
    (tmp_path / "g.txt").write_text(GRAPH)
    (tmp_path / "h.txt").write_text(HIDDEN)
    return "shop.csv"


def test_the_sum_its_parts_and_its_verdict(ccp: Ccp, shop: str) -> None:
    ran = ccp("ask", shop, "what is the joint effect of price and ad on sales?", "--graph", "g.txt", "--json")
    assert ran.code == 0
    told = ran.json
    assert told["value"] == pytest.approx(SUM, abs=TOLERANCE)
    assert told["low"] < told["value"] < told["high"]
    facts = {e["reference"].partition(".")[2]: e["value"] for e in told["evidence"]}
    assert [facts["part.1"], facts["part.2"]] == ["price", "ad"]
    parts = [facts["part.1.effect"], facts["part.2.effect"]]
    assert sum(parts) == pytest.approx(told["value"])
    assert parts == pytest.approx([-3.0, 2.0], abs=TOLERANCE)
    assert told["verdict"] in ("supported", "fragile")
    assert "straight lines" in told["text"]


def test_switches_are_told_with_what_they_add_together_and_reported(
    ccp: Ccp, shop: str, tmp_path: Path
) -> None:
    asked = "what would happen to sales if promo and coupon were both set to 1?"
    ran = ccp("ask", shop, asked, "--graph", "g.txt")
    assert ran.code == 0
    assert "They interact" in ran.out
    written = ccp("report", "-o", str(tmp_path / "rep"))
    assert written.code == 0
    text = (tmp_path / "rep" / "report.md").read_text()
    assert "Effect of promo and coupon together on sales" in text
    assert "What promo and coupon do to sales" in text
    assert "all together" in text
    assert ccp("report", "--check").code == 0


def test_yes_and_no_follow_the_direction_asked_for(ccp: Ccp, shop: str) -> None:
    found = ccp("ask", shop, "do promo and coupon together lower sales?", "--graph", "g.txt", "--json").json
    assert found["answer"] == "no"
    assert found["value"] == pytest.approx(BOTH, abs=TOLERANCE)


def test_what_is_not_identified_exits_with_what_would_help(ccp: Ccp, shop: str) -> None:
    ran = ccp("ask", shop, "joint effect of price and ad on sales", "--graph", "h.txt")
    assert ran.code == 4
    assert "measure u" in " ".join(ran.out.split())
    taken = ccp("ask", shop, "joint effect of price and ad on sales", "--graph", "h.txt", "--assume")
    assert taken.code == 0
    assert "fragile" in taken.out


def test_open_edges_give_a_range_and_what_would_settle_it(ccp: Ccp, shop: str) -> None:
    ran = ccp("ask", shop, "joint effect of price and ad on sales")
    assert ran.code == 4
    text = " ".join(ran.out.split())
    assert "settle which way" in text
    assert "This is a range of what may be" in text
    assert "price from" in text


def test_a_sentence_that_could_mean_two_things_is_refused_with_both(ccp: Ccp, shop: str) -> None:
    ran = ccp("ask", shop, "what is the effect of price and ad on sales?")
    assert ran.code == 2
    assert "price and ad together on sales" in ran.err
    assert "the effect of price on sales" in ran.err


def test_the_same_in_a_notebook_and_as_an_export(ccp: Ccp, shop: str, tmp_path: Path) -> None:
    frame = pd.read_csv(tmp_path / shop)
    before = frame.copy()
    found = cc.ask(frame, "effect of price and ad together on sales", graph=str(tmp_path / "g.txt"))
    pd.testing.assert_frame_equal(frame, before)
    assert found.identification is not None
    assert found.identification.treatments == ("price", "ad")
    assert len(found.identification.contrasts) == 2
    document = export_document(found.run)
    jsonschema.validate(json.loads(json.dumps(document)), schema("export"))
    assert document["identification"]["design"]["joint"]["route"] == "held"
    assert document["identification"]["strategy"] == "Conditional Exogeneity"
