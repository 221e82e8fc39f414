"""Clusters, weights and negative controls, from the flags and words to the verdict."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.conftest import Ccp


def villages() -> None:
    """A trial by village in the current folder: 36 villages of 12 rows, effect 1."""
    g = np.random.default_rng(4)
    v = np.repeat(np.arange(36), 12)
    t = g.permutation(np.arange(36) % 2)[v]
    y = t + 0.7 * g.normal(size=36)[v] + g.normal(size=len(v))
    table = {"village": [f"v{i}" for i in v], "treated": t, "score": y, "w": g.uniform(1, 2, len(v))}
    pd.DataFrame(table).to_csv("trial.csv", index=False)


def test_a_unit_alone_is_the_cluster_of_a_trial(ccp: Ccp) -> None:
    villages()
    asked = ("estimate", "trial.csv", "-t", "treated", "-y", "score", "--design", "rct", "--json")
    plain, counted = ccp(*asked).json, ccp(*asked, "--unit", "village").json
    status = {c["name"]: c["status"] for c in plain["checks"]}
    assert status["repeated_units"] == "fail"  # found without a word, and told what to do
    assert "--cluster" in plain["verdict"]["next"]
    status = {c["name"]: c["status"] for c in counted["checks"]}
    assert (status["repeated_units"], status["few_clusters"]) == ("pass", "pass")
    errors = [d["estimates"][d["primary"]]["std_error"] for d in (plain, counted)]
    assert errors[1] > 1.5 * errors[0]


def test_controls_named_by_hand_do_not_hide_the_cluster(ccp: Ccp) -> None:
    """Only the columns that are named are read then; a role in the knowledge names one too."""
    villages()
    Path("trial.toml").write_text('[columns]\nvillage = { role = "cluster" }\n')
    asked = (
        "estimate",
        "trial.csv",
        "-t",
        "treated",
        "-y",
        "score",
        "--design",
        "rct",
        "--controls",
        "w",
        "--json",
    )
    for flags in ((), ("--no-knowledge", "--cluster", "village")):
        found = ccp(*asked, *flags).json
        assert found["estimates"][0]["note"].startswith("counted by village (36 clusters)")


def test_a_split_at_a_mediator_is_counted_and_weighed(ccp: Ccp) -> None:
    villages()
    table = pd.read_csv("trial.csv")
    table["later"] = table["score"] + np.random.default_rng(6).normal(size=len(table))
    table.to_csv("trial.csv", index=False)
    flags = ("--mediator", "score", "--cluster", "village", "--weights", "w")
    found = ccp("estimate", "trial.csv", "-t", "treated", "-y", "later", *flags, "--json").json
    assert found["identification"]["strategy"] == "Mediation"
    assert found["estimates"][0]["note"].startswith("counted by village (36 clusters) and weighed by w")
    assert "few_clusters" in {c["name"] for c in found["checks"]}


def test_clusters_and_weights_in_words(ccp: Ccp) -> None:
    villages()
    ran = ccp(
        "ask", "trial.csv", "What is the effect of treated on score, clustered by village and weighted by w?"
    )
    assert ran.code == 0, ran.err
    assert "belong together by village (36 clusters), weighed by w" in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--cluster", "nowhere"), "nowhere"),
        (("--cluster", "treated"), "cannot be the cluster"),
        (("--weights", "village"), "not positive numbers"),
        (("--cluster", "village", "--method", "matching"), "cannot count rows by village"),
    ],
)
def test_what_cannot_be_is_one_line_and_a_hint(ccp: Ccp, flags: tuple[str, ...], says: str) -> None:
    villages()
    ran = ccp("estimate", "trial.csv", "-t", "treated", "-y", "score", *flags)
    assert ran.code in (1, 2, 3)
    assert says in ran.err
    assert "hint:" in ran.err


def test_a_negative_control_is_kept_from_the_controls_and_refutes(ccp: Ccp) -> None:
    g = np.random.default_rng(5)
    age, hidden = g.normal(size=700), g.normal(size=700)
    t = (g.random(700) < 1 / (1 + np.exp(-age - 1.5 * hidden))).astype(int)
    before, after = (k * t + age + 1.5 * hidden + g.normal(size=700) for k in (0, 1))
    pd.DataFrame({"t": t, "age": age, "before": before, "after": after}).to_csv("hidden.csv", index=False)
    asked = ("estimate", "hidden.csv", "-t", "t", "-y", "after", "--json")
    found = ccp(*asked, "--negative-control", "before").json
    assert "before" not in found["identification"]["controls"]["minimal"]
    assert "before" in {x["name"] for x in found["identification"]["controls"]["forbidden"]}
    assert {c["name"]: c["status"] for c in found["checks"]}["negative_control_outcome:before"] == "fail"
    assert found["verdict"]["value"] == "refuted"
