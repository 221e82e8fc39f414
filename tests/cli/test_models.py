"""``ccp models test`` finds out how a model calls tools, and later runs need not."""

from __future__ import annotations

from pathlib import Path

from causalcopilot.agent.models.settings import ModelSettings
from causalcopilot.agent.models.tool_modes import speaks_text
from causalcopilot.testing import Fault, Loopback, calls
from tests.agent.oracle import oracle
from tests.agent.tables import smoking
from tests.cli.conftest import Ccp


def test_what_the_test_finds_is_what_a_run_begins_with(ccp: Ccp, tmp_path: Path) -> None:
    table = smoking(tmp_path)
    asked = ("ask", str(table), "Are age and sex independent?", "-m", "m", "--base-url")
    with Loopback(["ready", *oracle()], no_tools=True) as server:
        tried = ccp("models", "test", "-m", "m", "--base-url", server.url)
        assert "native tool calls  no" in tried.out
        assert speaks_text(ModelSettings("m", server.url))
        ran = ccp(*asked, server.url)
        assert ran.code == 0, ran.err
        assert ["tools" in r for r in server.requests][2:] == [False] * (len(server.requests) - 2)
        server.no_tools = False  # the server was given tool calling since
        server.remaining = ["ready", calls(("ping", {"word": "ready"})), *oracle()]
        assert "native tool calls  yes" in ccp("models", "test", "-m", "m", "--base-url", server.url).out
        assert not speaks_text(ModelSettings("m", server.url))


def test_a_server_that_does_not_answer_changes_nothing(ccp: Ccp) -> None:
    with Loopback([Fault(401, "no")]) as server:
        tried = ccp("models", "test", "-m", "m", "--base-url", server.url)
        assert "answers            no" in tried.out
        assert tried.code == 6
        assert not speaks_text(ModelSettings("m", server.url))
