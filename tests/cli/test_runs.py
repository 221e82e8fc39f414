"""What the main job must show: NHEFS, NSW with CPS controls, a hidden confounder, and what is said of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ccp

NINE = {"sex", "age", "race", "education", "wt71", "smokeintensity", "smokeyrs", "active", "exercise"}
NHEFS_POINT = (3.4, 3.5)
"""Kilograms; the published answers (Hernán & Robins 2020, chapters 12 to 15) lie in this range."""
NHEFS_WIDTH = 3.0
"""Kilograms; an interval wider than this would not be useful to anybody."""
NSW_RANGE = (1_000.0, 2_300.0)
"""Dollars around the experiment's 1,794, about its standard error to either side."""
NSW_DIFFERENCE = -8_498.0
"""Dollars: the published raw difference in means of NSW treated and CPS-1 controls (Dehejia & Wahba 1999)."""


def estimate(ccp: Ccp, *words: str, code: int = 0) -> Any:
    ran = ccp("estimate", *words, "--json")
    assert ran.code == code, ran.err
    return ran.json


def primary(document: Any) -> Any:
    return document["estimates"][document["primary"]]


def test_nhefs(ccp: Ccp) -> None:
    found = estimate(ccp, "dataset:nhefs")
    i, e = found["identification"], primary(found)
    assert i["status"] == "identified"
    assert i["strategy"] == "Conditional Exogeneity"
    assert set(i["controls"]["minimal"] + i["controls"]["optional"]) == NINE
    left_out = {x["name"]: x["reason"] for x in i["controls"]["forbidden"]}
    assert "82" in left_out["wt82"]
    assert all(left_out.values())
    assert e["quantity"] == "ATE"
    assert e["unit"] == "kg"
    assert e["low"] < NHEFS_POINT[0] < NHEFS_POINT[1] < e["high"]
    assert e["high"] - e["low"] <= NHEFS_WIDTH
    assert found["verdict"]["value"] == "supported"
    assert found["verdict"]["direction"] == "increases"
    s = found["sensitivity"]
    assert s["benchmark"] in NINE
    assert s["robustness_value"] > max(s["benchmark_treatment"], s["benchmark_outcome"])
    status = {c["name"]: c["status"] for c in found["checks"]}
    assert status["random_common_cause"] == status["data_subset"] == "info"
    assert all(c["status"] != "pass" for c in found["checks"] if not c["can_lower_verdict"])


def test_nsw_with_cps_controls(ccp: Ccp) -> None:
    found = estimate(ccp, "dataset:nsw_cps", "-t", "treat", "-y", "re78")
    e = primary(found)
    assert e["quantity"] == "ATT"
    assert NSW_RANGE[0] < e["value"] < NSW_RANGE[1]
    ate = next(x for x in found["estimates"] if x["quantity"] == "ATE")
    assert not ate["supported"]
    raw = next(x for x in found["estimates"] if x["method"] == "difference_in_means")
    assert raw["quantity"] == "association"
    assert raw["value"] == pytest.approx(NSW_DIFFERENCE, abs=1.0)


def test_a_hidden_confounder_is_refused_with_its_path(ccp: Ccp) -> None:
    found = estimate(ccp, "dataset:hidden_confounder", code=4)
    assert found["identification"]["status"] == "not_identified"
    assert found["identification"]["blocking_path"] == ["t", "<--", "u", "-->", "y"]
    assert found["identification"]["would_help"]
    assert found["estimates"] == []
    assert found["verdict"]["value"] == "not_identified"


def test_the_same_without_knowledge_is_only_an_assumption(ccp: Ccp) -> None:
    found = estimate(ccp, "dataset:hidden_confounder", "-t", "t", "-y", "y", "--no-knowledge")
    assert found["identification"]["status"] == "assumed"
    assert any(a["name"] == "no_unmeasured_confounding" for a in found["identification"]["assumptions"])
    assert found["verdict"]["value"] == "fragile"
    assert 0 < found["sensitivity"]["robustness_value"] < 1


def test_a_graph_as_text_or_file(ccp: Ccp, tmp_path: Any) -> None:
    text = "dag { u [latent] u -> t u -> y t -> y }"
    words = ("dataset:hidden_confounder", "-t", "t", "-y", "y", "--no-knowledge", "--graph")
    assert estimate(ccp, *words, text, code=4)["identification"]["blocking_path"] == [
        "t",
        "<--",
        "u",
        "-->",
        "y",
    ]
    (tmp_path / "g.txt").write_text(text)
    assert estimate(ccp, *words, "g.txt", code=4)["verdict"]["value"] == "not_identified"


def test_the_shop_graph_gives_its_true_effect(ccp: Ccp) -> None:
    found = estimate(ccp, "dataset:simulated_shop")
    card = ccp("datasets", "show", "simulated_shop", "--json").json["card"]
    e = primary(found)
    assert found["identification"]["basis"] == "graph"
    assert e["low"] < card["accepted"]["low"] or card["accepted"]["low"] is None
    reasons = {x["name"]: x["reason"] for x in found["identification"]["controls"]["forbidden"]}
    assert reasons["visits"].startswith("mediator")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Are income and distance independent?", "yes"),
        ("Does coupon directly cause visits?", "yes"),
        ("Does visits directly cause coupon?", "no"),
        ("Is there a confounder of coupon and spend?", "yes"),
        ("Is there a mediator of coupon and spend?", "yes"),
        ("Is income a mediator of coupon and spend?", "no"),
        ("Is there a collider of coupon and spend?", "yes"),
    ],
)
def test_structure_questions_from_the_given_graph(ccp: Ccp, question: str, answer: str) -> None:
    ran = ccp("ask", "dataset:simulated_shop", question, "--json")
    assert ran.code == 0, ran.err
    assert ran.json["answer"] == answer
    assert ran.json["evidence"]


def test_an_effect_question_with_values(ccp: Ccp) -> None:
    ran = ccp(
        "ask",
        "dataset:simulated_shop",
        "What is the effect of income on spend when income goes from 40 to 50?",
        "--json",
    )
    assert ran.code == 0, ran.err
    assert isinstance(ran.json["answer"], float)
    assert ran.json["verdict"] == "supported"


def test_drivers_are_causes_and_never_effects(ccp: Ccp) -> None:
    ran = ccp("ask", "dataset:simulated_shop", "What drives spend?", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["ranking"]
    assert "review" not in ran.json["ranking"]
    assert set(ran.json["ranking"][:3]) <= {"coupon", "income", "visits", "loyalty", "distance", "newsletter"}


def test_a_question_nobody_understands(ccp: Ccp) -> None:
    ran = ccp("ask", "dataset:simulated_shop", "Tell me a joke", "--json")
    assert ran.code == 2
    assert ran.json["answer"] is None
    assert "What is the effect of coupon on spend?" in ran.json["text"]


def test_the_gate(ccp: Ccp) -> None:
    words = ("estimate", "dataset:hidden_confounder", "-t", "t", "-y", "y", "--no-knowledge", "--json")
    assert ccp(*words, "--fail-on", "fragile,refuted").code == 5
    assert ccp(*words, "--fail-on", "refuted").code == 0


def test_discover_remembers_what_it_learned(ccp: Ccp) -> None:
    ran = ccp("discover", "dataset:simulated_shop", "--name", "shop", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["graph"]["name"] == "shop@1"
    shown = ccp("graph", "show", "shop", "--json").json
    assert shown["graph"]["edges"] == ran.json["graph"]["edges"]
    assert "shop@1" in ccp("graph", "list").out
    for form in ("dot", "dagitty", "json", "mermaid", "svg"):
        done = ccp("graph", "export", "shop", "-f", form)
        assert done.code == 0, done.err
        assert "coupon" in done.out


def test_refute_repeats_an_earlier_run(ccp: Ccp) -> None:
    first = estimate(ccp, "dataset:simulated_shop")
    again = ccp("refute", "last", "--json")
    assert again.code == 0, again.err
    assert again.json["estimates"] == first["estimates"]
    assert again.json["meta"]["parent"] == first["meta"]["run"]


def test_two_graphs_are_compared_in_words(ccp: Ccp, tmp_path: Path) -> None:
    for name, edges in (("one", "a -> b b -> c"), ("two", "b -> a b -> c c -> d")):
        (tmp_path / f"{name}.dagitty").write_text(f"dag {{ {edges} }}")
        assert ccp("graph", "import", f"{name}.dagitty", "--name", name).code == 0
    told = ccp("graph", "diff", "one", "two").out
    assert "GraphDiff" not in told
    assert "one@1 and two@1: 1 of their edges are the same" in told
    assert "only in two@1:\n  columns d\n  c --> d" in told
    assert "a --> b  |  a <-- b" in told


def test_a_report_that_was_written_elsewhere_is_asked_for_by_its_folder(ccp: Ccp) -> None:
    done = ccp("estimate", "dataset:simulated_shop", "--json")
    absent = ccp("report", "last", "--check")
    assert absent.code == 1
    assert "there is no report of run" in absent.err
    assert "with -o" in absent.err
    assert ccp("report", done.json["meta"]["run"], "-o", "there").code == 0
    assert ccp("report", "last", "--check", "-o", "there").code == 0


def test_a_report_is_remembered_by_path_and_hash_and_found_again(ccp: Ccp, tmp_path: Any) -> None:
    import hashlib

    from causalcopilot.memory.memory import Memory

    words = ("analyze", "dataset:hidden_confounder", "-o", "elsewhere", "--memory", "m.duckdb", "--json")
    run = ccp(*words).json["meta"]["run"]
    noted = {kind: (path, sha) for kind, path, sha, _ in Memory(tmp_path / "m.duckdb").artifacts(run)}
    assert set(noted) == {"markdown", "html", "json"}
    for kind, name in (("markdown", "report.md"), ("html", "report.html"), ("json", "report.json")):
        written = tmp_path / "elsewhere" / name
        assert noted[kind] == (str(written), hashlib.sha256(written.read_bytes()).hexdigest())
    assert ccp("report", run, "--check", "--memory", "m.duckdb").code == 0
    page = tmp_path / "elsewhere" / "report.md"
    page.write_text(page.read_text("utf-8") + "The effect is 99.\n", "utf-8")
    assert ccp("report", run, "--check", "--memory", "m.duckdb").code == 1
