"""An online model drives the same loop over the same tools: same choices, same answer, however it is reached."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from causalcopilot.testing import Loopback
from tests.agent.oracle import oracle
from tests.agent.tables import smoking
from tests.cli.conftest import Ccp

ASKED = "Does quit increase gain?"
Ask = Callable[..., Any]


def plain(document: Any) -> Any:
    """What may not differ between two equal runs."""
    return {k: v for k, v in document.items() if k != "meta"}


_RESULTS: dict[bytes, Any] = {}


@pytest.fixture(autouse=True)
def compute_once(warm_worker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools are pure: a call with equal arguments on equal data is worked out once for all these tests."""
    real = warm_worker.call

    def call(target: str, context: Any, kwargs: Any, deadline: float) -> Any:
        key = pickle.dumps((target, context.profile.hash, context.question, context.knowledge, kwargs))
        if key not in _RESULTS:
            _RESULTS[key] = real(target, context, kwargs, deadline)
        return _RESULTS[key]

    monkeypatch.setattr(warm_worker, "call", call)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return smoking(tmp_path)


def test_four_ways_to_the_same_answer(ccp: Ccp, table: Path, tmp_path: Path) -> None:
    expert = ccp("ask", str(table), ASKED, "--json")
    assert expert.code == 0
    assert expert.json["answer"] == "yes"
    assert expert.json["verdict"] == "supported"
    for stream in ((), ("--no-stream",)):
        for mode, no_tools in (("native", False), ("text", False), ("auto", True)):
            with Loopback(oracle(), no_tools=no_tools) as server:
                memory = tmp_path / f"{mode}{len(stream)}.duckdb"
                ran = ccp(
                    "ask", str(table), ASKED, "--json", "-m", "scripted", "--base-url", server.url,
                    "--tool-mode", mode, "--memory", str(memory), *stream,
                )  # fmt: skip
            assert ran.code == 0, ran.err
            assert plain(ran.json) == plain(expert.json), (mode, stream)
            assert ran.json["meta"]["model"] == "scripted"
            assert all(bool(r.get("stream")) != bool(stream) for r in server.requests)
            assert any(r.get("tools") for r in server.requests) == (mode != "text")
