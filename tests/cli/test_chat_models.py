"""Changing who answers in the middle of a chat: nothing is sent before, and what is sent is what /prompt shows."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from causalcopilot.graph.dot import to_dot
from causalcopilot.graph.formats import to_json
from causalcopilot.memory.memory import Memory
from causalcopilot.testing import Loopback, calls
from tests.agent.tables import CANARIES, smoking
from tests.cli.conftest import Ccp, Ran

ASKED = "Are age and sex independent?"
TEST = calls(("independence", {"a": "age", "b": "sex"}))
SAID = "The answer is {t1.answer}."


def chat(ccp: Ccp, monkeypatch: pytest.MonkeyPatch, folder: Path, server: Loopback, *lines: str) -> Ran:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    memory = str(folder / "m.duckdb")
    return ccp("chat", str(smoking(folder)), "--base-url", server.url, "--memory", memory)


def test_a_model_is_asked_only_once_it_was_named(
    ccp: Ccp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CCP_PRICE_IN", "2")
    monkeypatch.setenv("CCP_PRICE_OUT", "8")
    with Loopback([TEST, SAID]) as server:
        ran = chat(
            ccp,
            monkeypatch,
            tmp_path,
            server,
            ASKED,
            "/clear",
            "/model scripted",
            ASKED,
            "/cost",
            "/model expert",
        )
    assert [r.model for r in Memory(tmp_path / "m.duckdb").runs()] == ["scripted", "expert"]
    assert len(server.requests) == 2
    assert "names, types and aggregates are sent" in " ".join(ran.out.split())
    assert "at the configured prices" in ran.out
    assert "nothing leaves this machine" in ran.out
    sent = json.dumps(server.requests)
    assert not any(label in sent for label in CANARIES)


def test_prompt_shows_the_very_request(ccp: Ccp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with Loopback([TEST, SAID]) as server:
        ran = chat(ccp, monkeypatch, tmp_path, server, "/model scripted", f"/prompt {ASKED}", ASKED)
    start = ran.out.index("{\n")
    shown, _ = json.JSONDecoder().raw_decode(ran.out[start:])
    assert shown["messages"] == server.requests[0]["messages"]
    assert shown["tools"] == server.requests[0]["tools"]


def test_aliases_begin_a_fresh_conversation(
    ccp: Ccp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    test = calls(("independence", {"a": "v1", "b": "v2"}))
    with Loopback([test, SAID]) as server:
        ran = chat(
            ccp, monkeypatch, tmp_path, server, ASKED, "/privacy aliases", "/model scripted",
            "Are age and quit independent?",
        )  # fmt: skip
    assert "a fresh conversation begins" in " ".join(ran.err.split())
    told = " ".join(
        m["content"] or "" for r in server.requests for m in r["messages"] if m["role"] != "system"
    )
    assert '"v1"' in told
    assert '"clinic"' not in told
    assert "quit" not in told.replace("quitting", "").replace("Are age and quit independent?", "")


def test_a_model_that_cannot_be_used_leaves_the_old_one(
    ccp: Ccp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO("/model openai:some-model\n/model\n"))
    ran = ccp("chat", str(smoking(tmp_path)), "--memory", str(tmp_path / "m.duckdb"))
    assert "error:" in ran.err
    assert "expert: the built-in expert" in ran.out


def test_proposals_wait_for_consent(ccp: Ccp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    proposed = calls(("propose", {"kind": "edge", "a": "age", "b": "gain"}))
    with Loopback([proposed, TEST, "The answer is {t2.answer}."]) as server:
        ran = chat(
            ccp, monkeypatch, tmp_path, server, "/model scripted", ASKED, "/accept", "/accept 2", "/accept 1",
            "/model expert", "draw the causal graph of age and gain", "/edges", "/graph",
            "/undo", "/undo", "/forbid age gain",
        )  # fmt: skip
    assert "[1] proposal: age --> gain; the data agree" in " ".join(ran.out.split())
    assert "no proposal '2'" in ran.err
    assert "accepted: proposal: age --> gain" in ran.out
    assert "forbidden: age --> gain" in ran.out
    assert "proposed by scripted (t1), accepted by the user" in " ".join(ran.out.split())
    memory = Memory(tmp_path / "m.duckdb")
    drawn = memory.graph("smoking@1", undone=True).graph
    assert [(e.source, e.target, e.origin) for e in drawn.edges] == [("age", "gain", "model")]
    assert [e["origin"] for e in to_json(drawn)["edges"]] == ["model"]
    assert 'origin="model"' in to_dot(drawn)
    assert "proposed by a model and accepted: age --> gain" in " ".join(ran.out.split())
    knowledge = memory.runs()[0].knowledge
    assert knowledge["required"] == [["age", "gain"]]
    assert "proposed by scripted" in knowledge["origins"][0][1]
