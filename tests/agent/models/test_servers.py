"""Servers that cut, refuse, hang or are not there: what the loop makes of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from causalcopilot.agent.events import Retried
from causalcopilot.agent.loop import run
from causalcopilot.agent.models.factory import make_model
from causalcopilot.agent.models.failures import model_error
from causalcopilot.agent.models.settings import ModelSettings
from causalcopilot.errors import ModelError
from causalcopilot.testing import Fault, Loopback, Reply, calls
from causalcopilot.toolkit.result import Result
from tests.agent.played import Played, numbers

ESTIMATE = ("estimate", {"treatment": "smokes", "outcome": "weight"})
X = calls(ESTIMATE)
FINE = SimpleNamespace(
    ok=True, result=Result("fine"), error=None, seconds=0.0, content='{"call":"t1","ok":true}', graphs=()
)
PATIENCE = 3.0
"""Seconds within which the loop must have noticed; generous, because test machines are loaded."""


@pytest.mark.parametrize("reset", [False, True], ids=["silent", "reset"])
@pytest.mark.parametrize("after", [0, 3])
def test_a_cut_stream_is_noticed_and_asked_again_unstreamed(toolbox: Any, reset: bool, after: int) -> None:
    p = Played([Fault(cut_after=after, reset=reset), "whole"], toolbox)
    assert p.messages[-1].text == "whole"
    assert p.of(Retried) == [Retried("the model's answer was cut off", 1)]
    assert [bool(r.get("stream")) for r in p.server.requests] == [True, False]


def test_a_server_that_never_says_why_it_finished_is_served_unstreamed(toolbox: Any) -> None:
    p = Played([Reply("half", finish=""), Reply("whole", finish="")], toolbox)
    assert p.messages[-1].text == "whole"


def test_429_and_500_are_retried_and_retry_after_is_kept(play: Callable[..., Played]) -> None:
    p = play([Fault(429, headers={"retry-after": "0.05"}), Fault(500, headers={"retry-after": "0.05"}), "ok"])
    assert len(p.server.requests) == 3
    assert p.messages[-1].text == "ok"


@pytest.mark.parametrize(
    ("fault", "hint"),
    [
        (Fault(401, "bad key sk-abcdefghijklmnop1234"), "API key"),
        (Fault(404, "no such model"), "model's name"),
        (Fault(400, "maximum context: context_length_exceeded"), "fewer columns"),
        (Fault(403, "not for you"), "may not use this model"),
        (Fault(200, body="<html>hello</html>"), "base URL"),
    ],
)
def test_provider_failures_are_model_errors_with_a_hint(
    play: Callable[..., Played], fault: Fault, hint: str
) -> None:
    with pytest.raises(ModelError) as caught:
        play([fault] * 3)
    assert hint in caught.value.hint
    assert caught.value.exit_code == 6
    assert "sk-abc" not in caught.value.message
    assert "\n" not in caught.value.message


def test_nobody_listening_is_a_model_error(toolbox: Any) -> None:
    with Loopback([]) as server:
        gone = server.url
    model = make_model(ModelSettings("m", gone, tool_mode="native", retries=0))
    with pytest.raises(ModelError) as caught:
        list(run(model, [HumanMessage("x")], toolbox, next_call=numbers()))
    assert "is the server running" in caught.value.hint


def test_a_server_that_hangs_meets_the_timeout(toolbox: Any) -> None:
    start = time.monotonic()
    with pytest.raises(ModelError) as caught:
        Played([Fault(hang=30)] * 3, toolbox, settings={"timeout": 0.2})
    assert "took too long" in caught.value.hint
    assert time.monotonic() - start < 2 * PATIENCE


@pytest.mark.parametrize("before", range(230, 300, 7))
def test_a_long_failure_is_cut_without_leaving_half_a_key(before: int) -> None:
    """A key that the cut would halve is shorter than what the pattern of keys looks for."""
    told = model_error(RuntimeError("x" * before + " sk-abcdefghijklmnopqrstuvwxyz " + "y" * 200)).message
    assert "sk-" not in told
    assert told.endswith("…")
