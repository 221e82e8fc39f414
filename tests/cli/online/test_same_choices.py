"""One question of each kind, asked of the expert and of a scripted model that makes the same choices: the same facts.

The expert's run is recorded, its calls are handed out by a server one answer at a time, natively and as text, and the
two runs are compared call by call and document by document.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from causalcopilot.domain.question import ABOUT_ROWS, QuestionKind
from causalcopilot.testing import Loopback, Reply, calls
from tests.cli.conftest import Ccp, Ran

ROWS = 240
DAG = "dag { c -> {t y}  t -> m -> y  t -> y  site -> c }"
GIVEN = ("--graph", DAG)

ASKED: dict[str, tuple[str, ...]] = {
    "effect": ("Does t raise y?", *GIVEN),
    "effect by design": ("What is the effect of t on y in a randomised trial?",),
    "independence": ("Are t and y independent given c?",),
    "direct_cause": ("Does t directly cause y?", *GIVEN),
    "confounder": ("Is there a confounder between t and y?", *GIVEN),
    "collider": ("Is there a collider between c and t?", *GIVEN),
    "mediator": ("Which variables mediate the effect of t on y?", *GIVEN),
    "adjustment": ("What should I adjust for to find the effect of t on y?", *GIVEN),
    "graph": ("Draw the causal graph of c, t, m and y",),
    "graph over time": ("Learn the causal graph", "--time", "step"),
    "drivers": ("What drives y?",),
    "direction": ("Which way does it go between c and y?",),
    "falsify": ("Does the graph fit the data?", *GIVEN),
    "domains": ("Which mechanisms differ between values of site?", *GIVEN),
    "joint": ("What is the effect of t and c together on y?", *GIVEN),
    "mediation": ("How much of the effect of t on y goes through m?", *GIVEN),
    "subgroups": ("Does the effect of t on y differ by site?", *GIVEN),
    "what_if": ("What would y be if t were 1?", *GIVEN),
    "counterfactual": ("What would y have been in row 3 if t had been 1?", *GIVEN),
    "anomaly": ("Why is y so high in row 3?", *GIVEN),
    "change": ("Why is y higher for site north than for site south?", *GIVEN),
    "arrows": ("How strong are the arrows into y?", *GIVEN),
    "explore": (),
}
"""A question of every kind with the options it needs; none is an exploration, which ``analyze`` makes."""


@pytest.fixture
def data(tmp_path: Path) -> str:
    dice = np.random.default_rng(11)
    south = dice.random(ROWS) < 0.5
    c = np.where(south, 0.8, 0.0) + dice.normal(size=ROWS)
    t = (dice.random(ROWS) < 1 / (1 + np.exp(-c))).astype(int)
    m = 1.2 * t + dice.normal(size=ROWS)
    y = 0.8 * m + 0.5 * t + 0.7 * c - np.where(south, 1.0, 0.0) + dice.normal(size=ROWS)
    site = np.where(south, "south", "north")
    rows = zip(site, c.round(4), t, m.round(4), y.round(4), strict=True)
    path = tmp_path / "small.csv"
    path.write_text("site,c,t,m,y\n" + "\n".join(",".join(map(str, r)) for r in rows) + "\n")
    return str(path)


@pytest.fixture
def series(tmp_path: Path) -> str:
    dice = np.random.default_rng(5)
    x, z = np.zeros(ROWS), np.zeros(ROWS)
    for i in range(1, ROWS):
        x[i] = 0.5 * x[i - 1] + dice.normal()
        z[i] = 0.4 * z[i - 1] + 0.7 * x[i - 1] + dice.normal()
    rows = zip(range(ROWS), x.round(4), z.round(4), strict=True)
    path = tmp_path / "series.csv"
    path.write_text("step,x,z\n" + "\n".join(",".join(map(str, r)) for r in rows) + "\n")
    return str(path)


def run(ccp: Ccp, kind: str, table: str, memory: str, *words: str) -> Ran:
    common = ("--memory", memory, "--json", *words)
    if kind == "explore":
        return ccp("analyze", table, "-o", f"{memory}-report", *common)
    return ccp("ask", table, *ASKED[kind], *common)


def stored(ccp: Ccp, memory: str) -> Any:
    return ccp("run", "show", "last", "--facts", "--memory", memory, "--json").json["run"]


def script(recorded: Any, text: bool) -> Sequence[Reply]:
    """The expert's calls and its last words, as a model with or without tool calls would give them."""
    made = [(c["tool"], c["args"]) for c in recorded["calls"]]
    if not text:
        return [*(calls(c) for c in made), Reply(recorded["narrative"])]
    said = [Reply(f"Thought: go on.\nAction: {n}\nAction Input: {json.dumps(a)}") for n, a in made]
    return [*said, Reply(f"Thought: done.\nFinal Answer: {recorded['narrative']}")]


def facts(recorded: Any) -> list[Any]:
    """What every call was asked and what it gave, without what differs between equal runs."""
    return [(c["tool"], c["args"], c["ok"], json.loads(c["content"])) for c in recorded["calls"]]


def plain(document: Any) -> Any:
    """A document without its paths, times and ids, which stand in ``meta``, and without its files."""
    return {k: v for k, v in document.items() if k not in ("meta", "report")}


def test_every_kind_of_question_is_asked() -> None:
    assert {k.split()[0] for k in ASKED} == set(get_args(QuestionKind)) - {"unclear"}


@pytest.mark.parametrize("kind", [k for k in ASKED if k not in ABOUT_ROWS])
def test_the_same_choices_give_the_same_facts(ccp: Ccp, data: str, series: str, kind: str) -> None:
    table = series if kind == "graph over time" else data
    by_expert = run(ccp, kind, table, "expert.duckdb")
    assert by_expert.code == 0, by_expert.err
    recorded = stored(ccp, "expert.duckdb")
    assert recorded["author"] == "expert"
    assert recorded["question"]["kind"] == kind.split()[0]
    assert recorded["calls"]
    for mode in ("native", "text"):
        with Loopback(script(recorded, mode == "text")) as server:
            words = ("-m", "scripted", "--base-url", server.url, "--tool-mode", mode)
            by_model = run(ccp, kind, table, f"{mode}.duckdb", *words)
        assert by_model.code == 0, by_model.err
        again = stored(ccp, f"{mode}.duckdb")
        assert again["author"] == "scripted", "the model's own words were kept"
        assert facts(again) == facts(recorded)
        assert plain(by_model.json) == plain(by_expert.json)


@pytest.mark.parametrize("kind", ABOUT_ROWS)
def test_a_single_row_is_answered_here_only(ccp: Ccp, data: str, kind: str) -> None:
    """No model may make these choices: it would be shown values of one row."""
    assert run(ccp, kind, data, "expert.duckdb").code == 0
    with Loopback([]) as server:
        refused = run(ccp, kind, data, "other.duckdb", "-m", "scripted", "--base-url", server.url)
    assert refused.code == 2
    assert server.requests == []
