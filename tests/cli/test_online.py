"""An online model drives the same loop over the same tools: same choices, same answer, however it is reached."""

from __future__ import annotations

import io
import json
import pickle
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from causalcopilot.agent.conversation import REPAIRS
from causalcopilot.testing import Fault, Loopback, Reply, calls
from tests.agent.oracle import LONG, Request, choose, oracle, then
from tests.agent.tables import CANARIES, COLUMNS, EXTREME, smoking
from tests.cli.conftest import Ccp, Ran

ASKED = "Does quit increase gain?"
Script = Sequence[Any]
PATIENCE = 20.0
"""Seconds; a run against a hanging server takes three short waits, not three times a minute."""


def plain(document: Any) -> Any:
    """What may not differ between two equal runs."""
    told = json.dumps({k: v for k, v in document.items() if k != "meta"}, ensure_ascii=False)
    return json.loads(
        told.replace("column ", "")
    )  # the word stands before names that look like codes, as aliases do


_RESULTS: dict[bytes, Any] = {}


@pytest.fixture(autouse=True)
def compute_once(warm_worker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools are pure: a call with equal arguments on equal data is worked out once for all these tests."""
    real = warm_worker.call

    def call(target: str, context: Any, kwargs: Any, deadline: float) -> Any:
        asked = replace(context.question, text="", closed=False)
        key = pickle.dumps((target, context.profile.hash, asked, context.knowledge, kwargs))
        if key not in _RESULTS:
            _RESULTS[key] = real(target, context, kwargs, deadline)
        return _RESULTS[key]

    monkeypatch.setattr(warm_worker, "call", call)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return smoking(tmp_path)


_EXPERT: list[Any] = []


@pytest.fixture
def expert(ccp: Ccp, table: Path) -> Any:
    """The expert's answer, without meta; worked out once."""
    if not _EXPERT:
        ran = ccp("ask", str(table), ASKED, "--json", "--memory", "expert.duckdb")
        assert ran.code == 0, ran.err
        assert (ran.json["answer"], ran.json["verdict"]) == ("yes", "supported")
        _EXPERT.append(plain(ran.json))
    return _EXPERT[0]


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


def online(ccp: Ccp, table: Path, server: Loopback, *words: str, asked: str = ASKED) -> Ran:
    return ccp("ask", str(table), asked, "-m", "scripted", "--base-url", server.url, *words)


def last_run(ccp: Ccp) -> Any:
    return ccp("run", "show", "last", "--json").json["run"]


def runs(ccp: Ccp) -> int:
    return len(ccp("run", "list", "--json").json["runs"])


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


def bodies(server: Loopback) -> str:
    assert server.requests
    return json.dumps(server.requests, ensure_ascii=False)


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


def bodies_of_the_table(server: Loopback) -> str:
    """Everything sent but the instructions, which know no table, and the tools' descriptions."""
    told = [m for r in server.requests for m in r["messages"] if m["role"] != "system"]
    enums = re.findall(r'"enum": \[[^]]*\]', bodies(server).replace('\\"', '"'))
    return json.dumps(told, ensure_ascii=False).replace('\\"', '"') + "".join(enums)


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


def chat(ccp: Ccp, monkeypatch: pytest.MonkeyPatch, table: Path, server: Loopback, *lines: str) -> Ran:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    return ccp("chat", str(table), "-m", "scripted", "--base-url", server.url)


AGAIN = "What is the effect of quit on gain?"


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
