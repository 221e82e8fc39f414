"""Servers that refuse, stumble, hang or are not there, and models that cannot be used."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from causalcopilot.testing import Fault, Loopback
from tests.agent.oracle import choose, oracle
from tests.cli.conftest import Ccp
from tests.cli.online.asking import ASKED, last_run, online, runs

PATIENCE = 20.0
"""Seconds; a run against a hanging server takes three short waits, not three times a minute."""
BUSY = {"retry-after": "0.01"}
REFUSALS: tuple[tuple[str, Fault, str], ...] = (
    ("wrong key", Fault(401, "Incorrect API key provided: sk-abcdefghijklmnop"), "check the API key"),
    ("no such model", Fault(404, "The model does not exist"), "the model's name"),
    ("quota", Fault(429, "You exceeded your quota", BUSY), "quota"),
    ("broken server", Fault(500, "boom", BUSY), "try again later"),
    ("too long", Fault(400, "This model's maximum context length is 4096 tokens"), "hint"),
    ("web page", Fault(200, body="<html>login</html>"), "base URL"),
)


@pytest.mark.parametrize(("fault", "hint"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_a_server_that_refuses(ccp: Ccp, table: Path, fault: Fault, hint: str) -> None:
    with Loopback([fault] * 12) as server:
        ran = online(ccp, table, server)
    assert ran.code == 6, ran.err
    told = ran.err[ran.err.index("error:") :]
    assert len(told.splitlines()) == 2
    assert hint in told.splitlines()[1]
    assert "sk-abcdef" not in ran.err
    assert 1 <= len(server.requests) <= 4
    assert last_run(ccp)["status"] == "failed"


def test_bursts_pass(ccp: Ccp, table: Path) -> None:
    burst = [Fault(429, "slow down", BUSY), Fault(503, "busy", BUSY)]
    with Loopback([*burst, choose, choose, *burst, Fault(cut_after=3), *oracle()]) as server:
        ran = online(ccp, table, server, "--json")
    assert ran.code == 0, ran.err
    assert ran.json["verdict"] == "supported"


def test_a_server_that_hangs(ccp: Ccp, table: Path) -> None:
    began = time.monotonic()
    with Loopback([Fault(hang=60.0)] * 12) as server:
        ran = online(ccp, table, server, "--timeout", "0.2")
    assert time.monotonic() - began < PATIENCE
    assert ran.code == 6
    assert "--timeout" in ran.err.splitlines()[-1]


def test_nobody_there(ccp: Ccp, table: Path) -> None:
    ran = ccp("ask", str(table), ASKED, "-m", "scripted", "--base-url", "http://127.0.0.1:9/v1")
    assert ran.code == 6
    assert "is the server running" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-m", "openai:some-model"), "no API key"),
        (("-m", "some-model"), "no address"),
        (("-m", "openai:some-model", "--offline"), "--offline forbids"),
        (("-m", "some-model", "--base-url", "http://127.0.0.1:9/v1", "--offline"), "--offline forbids"),
    ],
)
def test_a_model_that_cannot_be_used(ccp: Ccp, table: Path, words: tuple[str, ...], said: str) -> None:
    ran = ccp("ask", str(table), ASKED, *words)
    assert ran.code == 78
    assert said in ran.err
    assert "hint:" in ran.err
    assert runs(ccp) == 0


def test_a_key_in_the_environment_sends_nothing(
    ccp: Ccp, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Loopback(oracle()) as server:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-lying-around-0123456789")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        ran = ccp("ask", str(table), ASKED)
        assert ran.code == 0
        assert server.requests == []
        assert ran.err.count("-m openai:NAME") == 1
        assert "sk-lying" not in ran.err + ran.out
        chosen = ccp("ask", str(table), ASKED, "-m", "openai:gpt-test", "--memory", "other.duckdb")
        assert chosen.code == 0, chosen.err
        assert server.requests
        assert server.headers[0]["authorization"] == "Bearer sk-lying-around-0123456789"
        assert "-m openai:NAME" not in chosen.err
