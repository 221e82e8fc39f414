"""Questions to a structural model from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Ccp
from tests.tools.structural_world import world

DAG = "dag { c -> {t y}  t -> m -> y  z -> t  q -> y }"


def test_what_if_is_a_number_with_an_interval_around_the_truth(ccp: Ccp) -> None:
    ran = ccp("ask", "dataset:simulated_shop", "What would spend be if coupon were 1 higher?", "--json")
    assert ran.code == 2  # a column of two values cannot be shifted
    ran = ccp("ask", "dataset:simulated_shop", "What would spend be if coupon were 1?", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["unit"] == "dollars"
    assert ran.json["low"] < ran.json["value"] < ran.json["high"]
    assert "In the given graph" in ran.json["text"]


def test_a_change_is_explained_and_reported(ccp: Ccp, tmp_path: Path) -> None:
    world(1.0).to_csv("table.csv", index=False)
    ran = ccp("ask", "table.csv", "Why did y rise between 2023 and 2024?", "--graph", DAG, "--json")
    assert ran.code == 0, ran.err
    assert (ran.json["answer"], ran.json["ranking"][0]) == ("m", "m")
    made = ccp("report", ran.json["meta"]["run"], "-f", "md", "-o", str(tmp_path / "rep"))
    assert made.code == 0, made.err
    text = next((tmp_path / "rep").rglob("*.md")).read_text("utf-8")
    assert "What moved the mean of y from period = 2023 to period = 2024" in text
    assert "Why y changed" in text


def test_a_row_is_named_explained_and_kept_from_online_models(ccp: Ccp) -> None:
    world().to_csv("table.csv", index=False)
    words = ("ask", "table.csv", "why is y so high for who = A0017?", "--graph", DAG)
    ran = ccp(*words, "--json")
    assert ran.code == 0, ran.err
    assert ran.json["ranking"][0] == "t"
    before = len(ccp("run", "list", "--json").json["runs"])
    refused = ccp(*words, "-m", "openai:any", "--base-url", "http://127.0.0.1:9/v1")
    assert refused.code == 2
    assert "this machine only" in refused.err
    assert len(ccp("run", "list", "--json").json["runs"]) == before
    nobody = ccp("ask", "table.csv", "why is y so high for who = Z1?", "--graph", DAG)
    assert (nobody.code, "no row has who = Z1" in nobody.err) == (2, True)


def test_open_edges_are_refused_by_name(ccp: Ccp) -> None:
    world().to_csv("table.csv", index=False)
    ran = ccp(
        "ask", "table.csv", "What would y be if t were 1?", "--graph", "pdag { c -- t  t -> y  c -> y }"
    )
    assert ran.code == 4
    assert "c --- t" in ran.err
    assert "hint:" in ran.err
