"""Further questions to an online model in a chat: what it may cite, and what a failed turn leaves."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from causalcopilot.testing import Fault, Loopback
from tests.agent.oracle import choose, oracle
from tests.cli.conftest import Ccp, Ran
from tests.cli.online.asking import ASKED, last_run

AGAIN = "What is the effect of quit on gain?"


def chat(ccp: Ccp, monkeypatch: pytest.MonkeyPatch, table: Path, server: Loopback, *lines: str) -> Ran:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    return ccp("chat", str(table), "-m", "scripted", "--base-url", server.url)


def test_a_follow_up_may_cite_an_earlier_turn(ccp: Ccp, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record of the later turn holds what is cited, what that rests on, and what was tried against it."""
    said = "As before: `gain` {t3.direction} by {t3.effect.with_unit} on average."
    with Loopback([*[choose] * 5, said]) as server:
        ran = chat(ccp, monkeypatch, table, server, ASKED, AGAIN)
    assert ran.code == 0
    assert "As before: gain increases by 2." in " ".join(ran.out.split())
    assert ran.out.count("verdict: supported") == 2
    stored = last_run(ccp)
    assert stored["author"] == "scripted"
    assert [c["id"] for c in stored["calls"]] == ["t2", "t3", "t4"]
    assert len(server.requests) == 6


def test_a_follow_up_that_does_not_check_gets_the_experts_words_on_the_earlier_turn(
    ccp: Ccp, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Loopback([*[choose] * 5, *["It was 7.25 kg, see {t3.effect}."] * 3]) as server:
        ran = chat(ccp, monkeypatch, table, server, ASKED, AGAIN)
    assert ran.code == 0
    assert "7.25" not in ran.out
    assert last_run(ccp)["author"] == "expert"
    assert [c["id"] for c in last_run(ccp)["calls"]] == ["t2", "t3", "t4"]
    assert "the built-in expert wrote the narrative" in " ".join(ran.err.split())


def test_call_numbers_run_on_and_a_failed_turn_does_not_end_the_talk(
    ccp: Ccp, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Loopback([*[choose] * 5, Fault(400, "no"), *oracle()]) as server:
        ran = chat(ccp, monkeypatch, table, server, ASKED, AGAIN, "Are age and quit independent?")
    assert "error: the model failed" in ran.err
    assert ran.out.count("verdict: supported") == 1
    assert [c["id"] for c in last_run(ccp)["calls"]] == ["t5"]
