"""What leaves this machine: the prompt that was shown, no cell, and under aliases no name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from causalcopilot.testing import Fault, Loopback, calls
from tests.agent.oracle import choose, oracle
from tests.agent.tables import CANARIES, EXTREME
from tests.cli.conftest import Ccp
from tests.cli.online.asking import ASKED, bodies, bodies_of_the_table, online, plain, runs


@pytest.mark.parametrize("words", [(), ("--no-stream",), ("--tool-mode", "text"), ("--privacy", "aliases")])
def test_the_prompt_that_is_shown_is_the_one_that_is_sent(
    ccp: Ccp, table: Path, words: tuple[str, ...]
) -> None:
    with Loopback([Fault(400, "enough")]) as server:
        shown = online(ccp, table, server, "--show-prompt", *words)
        assert shown.code == 0
        assert server.requests == []
        assert runs(ccp) == 0
        assert online(ccp, table, server, *words).code == 6
    assert shown.json == server.requests[0]


def test_the_experts_prompt(ccp: Ccp, table: Path) -> None:
    with Loopback(oracle()) as server:
        sent = online(ccp, table, server, "--show-prompt").json
    shown = ccp("ask", str(table), ASKED, "--show-prompt")
    assert shown.code == 0
    assert runs(ccp) == 0
    assert shown.json["model"] == "expert"
    private = {"anomaly", "counterfactual"}  # they answer with values of one row
    names = [t["function"]["name"] for t in shown.json["tools"]]
    assert private < set(names)
    assert [n for n in names if n not in private] == [t["function"]["name"] for t in sent["tools"]]
    told = [json.dumps(m["messages"][0]["content"]) for m in (shown.json, sent)]
    assert [any(f"{name}:" in text or f"`{name}`" in text for name in private) for text in told] == [
        True,
        False,
    ]
    assert ccp("ask", str(table), ASKED, "--show-prompt", "-m", "openai:some-model").code == 0


@pytest.mark.parametrize("mode", ["native", "text"])
def test_aliases_hide_every_name_and_change_no_number(ccp: Ccp, table: Path, expert: Any, mode: str) -> None:
    with Loopback(oracle()) as server:
        words = ("--privacy", "aliases", "--tool-mode", mode, "--json")
        ran = online(ccp, table, server, *words)
    assert ran.code == 0, ran.err
    assert plain(ran.json) == expert
    table_blocks = bodies_of_the_table(server)
    for name in ("quit", "gain", "after", "clinic", "smoking"):
        assert not re.search(rf"\b{name}\b", table_blocks), name
    assert not re.search(r'"(?:age|sex)"', table_blocks)


@pytest.mark.parametrize("words", [(), ("--privacy", "aliases")])
def test_no_cell_leaves(ccp: Ccp, table: Path, words: tuple[str, ...]) -> None:
    """Labels and extremes stay here, also when a model provokes errors that might quote them."""
    provoke = [
        calls(("identify", {"treatment": "clinic", "outcome": "gain", "treated_value": "nowhere"})),
        calls(("identify", {"treatment": "v6", "outcome": "v4", "treated_value": "nowhere"})),
        calls(("identify", {"treatment": "clinic", "outcome": "gain"})),
        calls(("identify", {"treatment": "quit", "outcome": "clinic"})),
        calls(("identify", {"treatment": "v3", "outcome": "v6"})),
        calls(("estimate", {"identification": "t8"})),
        calls(("estimate", {"identification": "t9"})),
    ]
    with Loopback([*[choose] * 4, *provoke, *oracle()]) as server:
        assert online(ccp, table, server, *words).code == 0
    sent = bodies(server)
    for cell in (*CANARIES, EXTREME, EXTREME[:-1]):
        assert cell not in sent, cell


def test_labels_go_out_only_when_they_are_shared(ccp: Ccp, table: Path) -> None:
    """The other side of the test above: what it looks for would be found."""
    with Loopback([]) as server:
        ran = online(ccp, table, server, "--share-levels", "--show-prompt")
    assert all(label in ran.out for label in CANARIES)
