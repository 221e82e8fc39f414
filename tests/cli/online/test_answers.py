"""An online model drives the same loop over the same tools: same choices, same answer, however it is reached."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from causalcopilot.testing import Loopback
from tests.agent.oracle import oracle
from tests.cli.conftest import Ccp
from tests.cli.online.asking import bodies_of_the_table, online, plain

WAYS = [
    ((), "native", False),
    (("--no-stream",), "native", False),
    ((), "text", False),
    (("--no-stream",), "auto", True),
]


@pytest.mark.parametrize(("stream", "mode", "no_tools"), WAYS)
def test_every_way_leads_to_the_same_answer(
    ccp: Ccp, table: Path, expert: Any, stream: tuple[str, ...], mode: str, no_tools: bool
) -> None:
    with Loopback(oracle(), no_tools=no_tools) as server:
        ran = online(ccp, table, server, "--json", "--tool-mode", mode, *stream)
    assert ran.code == 0, ran.err
    assert plain(ran.json) == expert
    assert ran.json["meta"]["model"] == "scripted"
    assert all(bool(r.get("stream")) != bool(stream) for r in server.requests)
    assert any(r.get("tools") for r in server.requests) == (mode != "text")


def test_a_whole_analysis_of_nhefs(ccp: Ccp, tmp_path: Path) -> None:
    """``analyze`` with an online model under aliases: the same document as the expert's, report and all."""
    words = ("analyze", "dataset:nhefs", "--json")
    by_expert = ccp(*words, "-o", str(tmp_path / "a"))
    assert by_expert.code == 0, by_expert.err
    with Loopback(oracle()) as server:
        ran = ccp(
            *words, "-o", str(tmp_path / "b"), "--memory", "other.duckdb", "--privacy", "aliases",
            "-m", "scripted", "--base-url", server.url,
        )  # fmt: skip
    assert ran.code == 0, ran.err
    assert plain(ran.json) == plain(by_expert.json)
    assert ran.json["estimate"]["verdict"]["value"] == "supported"
    assert not re.search(r"qsmk|wt82|smokeintensity|nhefs", bodies_of_the_table(server))
