"""The command that a report prints under "How to reproduce it" is run, and finds the same facts."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from causalcopilot.cli.repeat import spoken
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.report.again import command_line
from tests.cli.conftest import Ccp
from tests.report import sample

ROWS = 160
DAG = "dag { c -> {t y}  t -> y  c -> n }"


@pytest.fixture
def data(tmp_path: Path) -> str:
    dice = np.random.default_rng(2)
    c = dice.normal(size=ROWS)
    t = (dice.random(ROWS) < 1 / (1 + np.exp(-c))).astype(int)
    y = 1.5 * t + c + dice.normal(size=ROWS)
    n = 0.3 * c + dice.normal(size=ROWS)
    who = np.arange(ROWS) // 4
    w = dice.integers(1, 4, ROWS)
    rows = zip(c.round(4), t, y.round(4), n.round(4), who, w, strict=True)
    path = tmp_path / "my table.csv"
    path.write_text("c,t,y,n,who,w\n" + "\n".join(",".join(map(str, r)) for r in rows) + "\n")
    return path.name


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("ask", "my table.csv", "Does t raise y?", "--graph", DAG, "--negative-control", "n"),
    ("ask", "my table.csv", "Does t raise y, controlling for c?", "--cluster", "who", "--weights", "w"),
    ("ask", "my table.csv", "Are t and y independent given c?", "--test", "fisherz", "--alpha", "0.2"),
    ("ask", "my table.csv", "effect of t on y", "--design", "rct", "--method", "regression", "--seed", "3"),
    ("discover", "my table.csv", "--columns", "c,t,y", "--method", "pc", "--alpha", "0.2", "--name", "mine"),
    ("estimate", "my table.csv", "-t", "c", "-y", "y", "--controls", "n", "--from", "0.25", "--to", "1.5"),
)  # fmt: skip


def document(ccp: Ccp, *words: str) -> Any:
    ran = ccp(*words, "--json")
    assert ran.code == 0, ran.err
    return ran.json


def printed(ccp: Ccp, memory: str) -> str:
    """The command in the report of the last run."""
    made = ccp("report", "-f", "md", "-o", "rep", "--memory", memory)
    assert made.code == 0, made.err
    text = next(Path("rep").rglob("*.md")).read_text("utf-8")
    row = re.search(r"^\| command +\| `+ ?(.+?) ?`+ +\|$", text, re.M)
    assert row, "no command in the report"
    return row[1]


@pytest.mark.parametrize("words", COMMANDS, ids=[f"{w[0]} {' '.join(w[2:])}"[:60] for w in COMMANDS])
def test_the_printed_command_gives_the_run_again(ccp: Ccp, data: str, words: tuple[str, ...]) -> None:
    first = document(ccp, *words, "--memory", "a.duckdb")
    command = shlex.split(printed(ccp, "a.duckdb"))
    assert command[0] == "ccp"
    assert "--memory" not in command
    second = document(ccp, *command[1:], "--memory", "b.duckdb")
    assert {k: v for k, v in first.items() if k != "meta"} == {k: v for k, v in second.items() if k != "meta"}


def test_what_only_shows_a_result_is_left_out() -> None:
    typed = "--json ask a.csv q --memory m -o out --events=- -m openai:x --base-url http://u:p@h/v1 --seed 4 --assume"
    assert shlex.join(spoken(typed.split())) == "ask a.csv q -m openai:x --seed 4 --assume"
    assert spoken(["ask", "--", "--json", "q"]) == ["ask", "--", "--json", "q"]


def test_a_turn_of_a_chat_is_rebuilt_from_what_was_asked() -> None:
    asked = Question(
        "effect", text="and given age?", treatment="t", outcome="y", contrast=Contrast(0.25, 1.5),
        controls=("age",), graph="g@2", negative_controls=("n",), design="iv", instrument="z", cluster="who",
    )  # fmt: skip
    kept = {"types": ["who=nominal"], "pins": {"alpha": 0.1}, "use_knowledge": False}
    run = replace(sample.RUN, command="chat", question=asked, settings=kept, dataset="a.csv")
    assert command_line(run) == (
        "ccp estimate a.csv -t t -y y --from 0.25 --to 1.5 --controls age --graph g@2 --design iv --instrument z"
        " --cluster who --negative-control n --alpha 0.1 --type who=nominal --no-knowledge --seed 0"
    )
    refuted = replace(run, command="refute", parent="r123")
    assert command_line(refuted) == "ccp refute r123 --seed 0"


def test_no_part_of_a_design_is_lost_in_a_rebuilt_command() -> None:
    named = {k: f"{k}_column" for k in "instrument running time unit cluster weights event mediator".split()}
    asked = Question(
        "effect", treatment="t", outcome="y", cutoff=3.5, horizon=7.25, negative_controls=("left",), quantity="ATT",
        modifiers=("sex",), assume=True, method="matching", **named,  # type: ignore[arg-type]
    )  # fmt: skip
    words = shlex.split(command_line(replace(sample.RUN, command="chat", question=asked, settings={})))
    for value in (*named.values(), "3.5", "7.25", "left", "ATT", "sex", "matching", "--assume"):
        assert value in words, value
