"""A question whose words could be several columns is asked back in a chat; scripts get an error with the candidates."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from causalcopilot.memory.memory import Memory
from tests.cli.conftest import Ccp, Ran

ASKED = "Are price and Sold independent?"


@pytest.fixture
def table(tmp_path: Path) -> str:
    rows = "\n".join(f"{i % 7},{i % 5},{i % 3}" for i in range(60))
    path = tmp_path / "shop.csv"
    path.write_text(f"Unit Price,List Price,Sold\n{rows}\n")
    return str(path)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "m.duckdb")


def flat(text: str) -> str:
    return " ".join(text.split())


def chat(ccp: Ccp, monkeypatch: pytest.MonkeyPatch, table: str, *lines: str) -> Ran:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    ran = ccp("chat", table, "--memory", "m.duckdb")
    assert ran.code == 0, ran.err
    return ran


@pytest.mark.parametrize(
    ("said", "meant"), [("2", "List Price"), ("unit price", "Unit Price"), ("`List Price`", "List Price")]
)
def test_the_one_that_is_named_is_asked_about(
    ccp: Ccp, monkeypatch: pytest.MonkeyPatch, table: str, memory: Memory, said: str, meant: str
) -> None:
    ran = chat(ccp, monkeypatch, table, ASKED, said)
    assert "Which one: 1 'Unit Price', 2 'List Price'?" in flat(ran.err)
    assert "error" not in ran.err
    (run,) = memory.runs()
    assert (memory.run(run.id).question.treatment, memory.run(run.id).question.outcome) == (meant, "Sold")


def test_the_only_one_that_is_near_takes_a_yes(
    ccp: Ccp, monkeypatch: pytest.MonkeyPatch, table: str, memory: Memory
) -> None:
    ran = chat(ccp, monkeypatch, table, "Are Sold list and Unit Price independent?", "yes")
    assert "Do you mean 'Sold'?" in flat(ran.err)
    assert memory.run(memory.runs()[0].id).question.treatment == "Sold"


def test_what_names_none_of_them_is_a_line_of_its_own(
    ccp: Ccp, monkeypatch: pytest.MonkeyPatch, table: str, memory: Memory
) -> None:
    chat(ccp, monkeypatch, table, ASKED, "Are List Price and Sold independent?", "1")
    assert [memory.run(r.id).question.treatment for r in memory.runs()][-1] == "List Price"


def test_a_script_gets_the_candidates(ccp: Ccp, table: str) -> None:
    ran = ccp("ask", table, ASKED)
    assert ran.code == 2
    assert "'price' could be 'Unit Price' or 'List Price'" in ran.err
