"""The scripted server itself, read with the standard library: other tests lean on it."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from langchain_core.messages import HumanMessage

from causalcopilot.testing import Fault, Loopback, Reply, ScriptedModel, calls

PROMPT = 1.0
"""Seconds in which a closing server must let go of a request that hangs."""


def post(server: Loopback, **body: Any) -> tuple[int, str]:
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    connection.request("POST", "/v1/chat/completions", json.dumps({"model": "m", **body}), {"X-Mine": "yes"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def events(text: str) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_whole_answers() -> None:
    with Loopback(["hi", calls(("f", {"a": 1}))]) as server:
        first, second = (json.loads(post(server)[1]) for _ in range(2))
    assert first["choices"][0] == {
        "index": 0,
        "message": {"role": "assistant", "content": "hi"},
        "finish_reason": "stop",
    }
    assert first["usage"]["total_tokens"] == 120
    call = second["choices"][0]["message"]["tool_calls"][0]
    assert call["function"] == {"name": "f", "arguments": '{"a": 1}'}
    assert second["choices"][0]["finish_reason"] == "tool_calls"
    assert server.headers[0]["x-mine"] == "yes"
    assert server.requests[0] == {"model": "m"}


def test_streamed_answers_come_in_pieces_that_add_up() -> None:
    with Loopback([Reply("a long enough text", (("f", {"argument": "value"}),))]) as server:
        got = events(post(server, stream=True, stream_options={"include_usage": True})[1])
    deltas = [e["choices"][0]["delta"] for e in got if e["choices"]]
    assert "".join(d.get("content", "") for d in deltas) == "a long enough text"
    pieces = [d["tool_calls"][0]["function"]["arguments"] for d in deltas if "tool_calls" in d]
    assert len(pieces) > 3
    assert json.loads("".join(pieces)) == {"argument": "value"}
    assert got[-1]["usage"]["total_tokens"] == 120


def test_usage_is_streamed_only_when_asked_for() -> None:
    with Loopback(["x"]) as server:
        assert all("usage" not in e for e in events(post(server, stream=True)[1]))


def test_scripts_may_look_at_the_request() -> None:
    with Loopback([lambda request: f"you are {request['model']}"]) as server:
        assert "you are m" in post(server)[1]


def test_faults() -> None:
    script = [Fault(429, "slow down", {"retry-after": "3"}), Fault(200, body="<html>"), Fault(cut_after=2)]
    with Loopback(script) as server:
        assert post(server)[0] == 429
        assert post(server)[1] == "<html>"
        assert "[DONE]" not in post(server, stream=True)[1]
        assert post(server)[0] == 400, "the script is used up"
    with Loopback([Fault(cut_after=2, reset=True)]) as server, pytest.raises(http.client.IncompleteRead):
        post(server, stream=True)


def test_a_server_without_tools_keeps_its_script() -> None:
    with Loopback(["hi"], no_tools=True) as server:
        assert post(server, tools=[{}])[0] == 400
        assert "hi" in post(server)[1]
        assert len(server.requests) == 2


def test_leaving_does_not_wait_for_a_hanging_answer() -> None:
    with Loopback([Fault(hang=60)]) as server:
        address = urlsplit(server.url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port)
        connection.request("POST", "/", "{}")
        while not server.requests:
            time.sleep(0.01)
        start = time.monotonic()
    assert time.monotonic() - start < PROMPT
    connection.close()


def test_the_scripted_model_does_the_same_in_process() -> None:
    model = ScriptedModel(script=["hi", calls(("f", '{"a"')), lambda m: m[-1].text, ValueError("x")])
    assert model.invoke([HumanMessage("x")]).text == "hi"
    assert model.invoke([HumanMessage("x")]).invalid_tool_calls[0]["args"] == '{"a"'
    assert "".join(c.text for c in model.stream([HumanMessage("echo")])) == "echo"
    with pytest.raises(ValueError, match="x"):
        model.invoke([HumanMessage("x")])
    with pytest.raises(AssertionError, match="used up"):
        model.invoke([HumanMessage("x")])
    assert len(model.seen) == 5
