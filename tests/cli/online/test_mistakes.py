"""What a model gets wrong is told to it, or replaced, and never becomes the answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from causalcopilot.agent.conversation import REPAIRS
from causalcopilot.testing import Fault, Loopback, Reply, calls
from tests.agent.oracle import LONG, Request, choose, oracle, then
from tests.agent.tables import COLUMNS
from tests.cli.conftest import Ccp
from tests.cli.online.asking import last_run, online, plain

Script = Sequence[Any]
WRONG_CALLS: tuple[tuple[str, Any, str, str], ...] = (
    ("identify", {"treatment": "quitt", "outcome": "gain"}, "invalid_call", "quit"),
    ("identify", {"treatment": "quit", "outcome": "gain", "sql": "drop"}, "invalid_call", "sql"),
    ("identify", {"treatment": 5, "outcome": ["gain"]}, "invalid_call", "treatment"),
    ("identify", '{"treatment": "quit", "outc', "malformed", "JSON"),
    ("estimate", {"identification": "t99"}, "invalid_call", "t99"),
    ("read_file", {"path": "/etc/passwd"}, "unknown_tool", "there is no tool read_file"),
)


def test_a_models_mistakes_are_told_to_it_and_kept(ccp: Ccp, table: Path) -> None:
    wrong = [calls((tool, args)) for tool, args, _, _ in WRONG_CALLS]
    with Loopback(then(*wrong)) as server:
        ran = online(ccp, table, server, "--json")
    assert ran.code == 0, ran.err
    assert (ran.json["answer"], ran.json["verdict"]) == ("yes", "supported")
    stored = last_run(ccp)
    assert stored["status"] == "done"
    assert stored["author"] == "scripted"
    failed = [c for c in stored["calls"] if not c["ok"]]
    assert len(failed) == len(WRONG_CALLS)
    for call, (tool, _, kind, word) in zip(failed, WRONG_CALLS, strict=True):
        assert (call["tool"], call["error"]["kind"]) == (tool, kind)
        assert word in call["error"]["message"]
        assert word in call["content"]
    observed = [m["content"] for m in server.requests[-1]["messages"] if m["role"] == "tool"]
    assert len(observed) == len(stored["calls"])


def endings(*texts: str) -> Script:
    """The expert's calls, but these texts, in turn, where it would answer."""
    left = list(texts)

    def answer(request: Request) -> Reply:
        reply = choose(request)
        return Reply(left.pop(0)) if not reply.calls and left else reply

    return [answer] * LONG


INVENTED = "Quitting raises `gain` by 7.25 kg, which is highly significant."


def test_numbers_without_a_source_are_sent_back(ccp: Ccp, table: Path) -> None:
    with Loopback(endings(INVENTED)) as server:
        ran = online(ccp, table, server)
    assert ran.code == 0
    assert "7.25" not in ran.out
    assert "claims without a source; asking again" in ran.err
    assert "a numeral; numbers are written as references" in server.requests[-1]["messages"][-1]["content"]
    assert last_run(ccp)["author"] == "scripted"


def test_a_model_that_keeps_inventing_is_replaced_by_the_experts_words(
    ccp: Ccp, table: Path, expert: Any
) -> None:
    with Loopback(endings(INVENTED, INVENTED, INVENTED)) as server:
        ran = online(ccp, table, server, "--events", "events.ndjson", "--json")
    assert ran.code == 0
    assert plain(ran.json) == expert
    events = [json.loads(line) for line in Path("events.ndjson").read_text().splitlines()]
    assert [e["code"] for e in events if e["type"] == "notice"][-1] == "narrative"
    assert sum(e["type"] == "retry" for e in events) == REPAIRS


def test_a_failure_while_mending_does_not_lose_the_analysis(ccp: Ccp, table: Path) -> None:
    with Loopback([*[choose] * 4, INVENTED, Fault(400, "quota used up")]) as server:
        ran = online(ccp, table, server, "--json", "--events", "events.ndjson")
    assert ran.code == 0
    assert ran.json["verdict"] == "supported"
    assert last_run(ccp)["author"] == "expert"
    assert "quota used up" in Path("events.ndjson").read_text()


def test_a_model_that_stops_early_is_asked_to_go_on(ccp: Ccp, table: Path) -> None:
    with Loopback(then(calls(("profile", {})), "Surely it does.")) as server:
        ran = online(ccp, table, server)
    assert ran.code == 0
    assert "the model stopped before identify; asking again" in ran.err
    assert "verdict: supported" in ran.out


def test_a_model_that_never_works_ends_in_a_clear_error(ccp: Ccp, table: Path) -> None:
    with Loopback(["Surely it does."] * LONG) as server:
        ran = online(ccp, table, server)
    assert ran.code == 6
    assert "never got a result of identify" in ran.err
    assert "hint:" in ran.err
    assert last_run(ccp)["status"] == "failed"


def test_an_effect_that_was_not_asked_for_is_no_answer(ccp: Ccp, table: Path, expert: Any) -> None:
    """Another pair of columns, estimated after the right one, changes neither number nor verdict nor words."""
    aside: Script = [
        calls(("identify", {"treatment": "sex", "outcome": "gain"})),
        calls(("estimate", {"identification": "t5"})),
        INVENTED, INVENTED, INVENTED,
    ]  # fmt: skip
    with Loopback([*[choose] * 4, *aside]) as server:
        ran = online(ccp, table, server, "--json")
    assert ran.code == 0, ran.err
    assert plain(ran.json) == expert


def wander() -> Script:
    """Never done, never quite the same call twice."""
    names = [c for c in COLUMNS if c != "clinic"]
    pairs = [(a, b) for a in names for b in names if a != b]
    return [calls(("identify", {"treatment": a, "outcome": b})) for a, b in pairs]


def test_an_endless_loop_meets_the_step_limit(ccp: Ccp, table: Path) -> None:
    with Loopback(wander()) as server:
        ran = online(ccp, table, server, "--max-steps", "5")
    assert len(server.requests) == 5
    assert ran.code == 7
    assert "--max-steps" in ran.err
    assert last_run(ccp)["status"] == "limit"


def test_a_limit_leaves_a_sound_answer(ccp: Ccp, table: Path) -> None:
    with Loopback([*[choose] * 4, *wander()]) as server:
        ran = online(ccp, table, server, "--max-steps", "6", "--json")
    assert ran.code == 7
    assert (ran.json["answer"], ran.json["verdict"]) == ("yes", "supported")


def test_the_same_call_over_and_over_is_stopped(ccp: Ccp, table: Path) -> None:
    with Loopback([calls(("profile", {}))] * LONG) as server:
        ran = online(ccp, table, server)
    assert ran.code == 6
    assert "repeated itself" in ran.err
    assert len(server.requests) < 10


def test_a_token_limit(ccp: Ccp, table: Path) -> None:
    with Loopback(oracle(), usage=(900, 100)) as server:
        ran = online(ccp, table, server, "--max-tokens", "2000")
    assert ran.code == 7
    assert len(server.requests) == 2
    assert "--max-tokens" in ran.err


def test_silence(ccp: Ccp, table: Path) -> None:
    with Loopback([Reply("")] * LONG) as server:
        ran = online(ccp, table, server)
    assert ran.code == 6
    assert "no usable answer" in ran.err
    assert len(server.requests) == 2
