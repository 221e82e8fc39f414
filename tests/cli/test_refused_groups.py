"""Groups that cannot be looked into do not take the estimate with them: it is told, and the reason beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from causalcopilot.testing import Loopback
from tests.agent.oracle import LONG, choose
from tests.cli.conftest import Ccp

ROWS = 120
WHY = "patient_no cannot be a modifier: it names the row"


@pytest.fixture
def table(tmp_path: Path) -> str:
    dice = np.random.default_rng(4)
    c = dice.normal(size=ROWS)
    t = (dice.random(ROWS) < 1 / (1 + np.exp(-c))).astype(int)
    y = 2 * t + c + dice.normal(size=ROWS)
    rows = zip((f"p{i}" for i in range(ROWS)), c.round(4), t, y.round(4), strict=True)
    path = tmp_path / "small.csv"
    path.write_text("patient_no,c,t,y\n" + "\n".join(",".join(map(str, r)) for r in rows) + "\n")
    return str(path)


def asked(table: str) -> tuple[str, ...]:
    return ("ask", table, "What is the effect of t on y, controlling for c?", "--by", "patient_no")


def test_the_estimate_is_told_and_the_refusal_beside_it(ccp: Ccp, table: str, tmp_path: Path) -> None:
    ran = ccp(*asked(table), "--json")
    assert ran.code == 0, ran.err
    assert ran.json["low"] < 2 < ran.json["high"]
    assert f"heterogeneity gave no result: {WHY}" in " ".join(ran.json["text"].replace("`", "").split())
    made = ccp("report", "-f", "md", "-o", str(tmp_path / "rep"))
    assert made.code == 0, made.err
    text = (tmp_path / "rep" / "report.md").read_text("utf-8")
    assert f"Not told: {WHY}" in text
    assert f"failed: {WHY}; name a column" in text


def test_an_estimate_says_so_among_its_notes(ccp: Ccp, table: str) -> None:
    words = ("estimate", table, "-t", "t", "-y", "y", "--controls", "c", "--by", "patient_no")
    ran = ccp(*words, "--json")
    assert ran.code == 0, ran.err
    assert ran.json["heterogeneity"] is None
    assert f"heterogeneity gave no result: {WHY}" in ran.json["notes"]
    shown: Any = ccp(*words)
    assert WHY in " ".join(shown.out.split())


def test_a_model_may_answer_once_groups_were_refused(ccp: Ccp, table: str) -> None:
    with Loopback([choose] * LONG) as server:
        ran = ccp(*asked(table), "--json", "-m", "scripted", "--base-url", server.url)
    assert ran.code == 0, ran.err
    assert ran.json["verdict"]


def test_an_answer_that_failed_names_the_reason(ccp: Ccp, table: str, tmp_path: Path) -> None:
    """Not only the stream of events: the report of a run that came to nothing says why in one line."""
    failed = ccp("ask", table, "What would y be if t were 1?", "--graph", "pdag { c -- t  t -> y }")
    assert failed.code == 4
    made = ccp("report", "-f", "md", "-o", str(tmp_path / "rep"))
    assert made.code == 0, made.err
    text = (tmp_path / "rep" / "report.md").read_text("utf-8")
    told = next(line for line in text.splitlines() if line.startswith("I cannot tell."))
    assert "`intervene` gave no result: " in told
    assert "c --- t" in told.replace("\\", "")
