"""A long conversation: old results are a line each and can be shown again; what is too long is sent shorter, once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, ToolMessage

from causalcopilot.agent.conversation import ONLINE_RESULTS
from causalcopilot.agent.events import Retried, Stopped, ToolFinished
from causalcopilot.agent.loop import Limits, run
from causalcopilot.agent.models import wire
from causalcopilot.agent.models.factory import make_model
from causalcopilot.agent.models.failures import overflowed
from causalcopilot.agent.models.settings import ModelSettings
from causalcopilot.agent.models.tool_modes import endpoint, modes_file, remember, speaks_text
from causalcopilot.agent.models.window import RECALL, offered
from causalcopilot.domain.question import Question
from causalcopilot.errors import ModelError
from causalcopilot.testing import Fault, Loopback, Reply, ScriptedModel, calls
from tests.agent.played import Played, numbers
from tests.agent.test_conversation import SAID, TEST, ask, open_session, scripted  # noqa: F401 - a fixture

LONG = "This model's maximum context length is 4096 tokens. However, you requested 5000 (200 in the tools)."
OVERFLOWS = (
    (400, LONG),
    (400, "context_length_exceeded"),
    (413, "prompt is too long: 250000 tokens > 200000 maximum"),
    (400, "the request exceeds the available context size, try increasing it (n_ctx)"),
    (500, "Input is too long for requested model."),
)


def step(alpha: int) -> Reply:
    return calls(("discover", {"alpha": alpha / 100}))


def result(call: str) -> ToolMessage:
    content = json.dumps({"call": call, "ok": True, "facts": {"edges": "many " * 40}})
    return ToolMessage(
        content, tool_call_id=wire.wire_id(call), name="discover", additional_kwargs={"summary": "s"}
    )


def long_results(call: str, name: str, args: Any) -> Any:
    from types import SimpleNamespace

    from causalcopilot.toolkit.result import Result

    content = result(call).content
    return SimpleNamespace(
        ok=True, result=Result("learned"), error=None, seconds=0.0, content=content, graphs=()
    )


def test_recall_is_offered_only_while_something_is_shortened() -> None:
    messages = [HumanMessage("go"), result("t1"), result("t2"), result("t3")]
    assert offered([], messages, 0) == []
    assert offered([], messages, 3) == []
    (spec,) = offered([], messages, 1)
    assert spec["function"]["name"] == RECALL
    assert spec["function"]["parameters"]["properties"]["call"]["enum"] == ["t1", "t2"]


def test_an_old_result_can_be_shown_again(play: Callable[..., Played], toolbox: Any) -> None:
    toolbox.act = long_results
    script = [step(1), step(2), step(3), calls((RECALL, {"call": "t1"})), "done"]
    p = play(script, limits=Limits(keep=1))
    sent = [m["content"] for m in p.server.requests[3]["messages"] if m["role"] == "tool"]
    assert json.loads(sent[0]) == {"call": "t1", "tool": "discover", "shortened": "learned"}
    assert p.answers[-1] == {
        "call": "t4", "ok": True, "recalled": "t1", "tool": "discover", "result": p.answers[0],
    }  # fmt: skip
    assert [c for c, _, _ in p.toolbox.ran] == ["t1", "t2", "t3"]
    assert p.of(ToolFinished)[-1].summary == "showed t1 again"
    assert RECALL not in [t["function"]["name"] for t in p.server.requests[0]["tools"]]
    assert RECALL in [t["function"]["name"] for t in p.server.requests[3]["tools"]]


@pytest.mark.parametrize(
    "args", [{"call": "t9"}, {}, {"call": "t1", "path": "x"}, {"call": ["t1"]}, '{"call": "t1']
)
def test_a_recall_of_nothing_is_told_so(toolbox: Any, args: Any) -> None:
    toolbox.act = long_results
    p = Played([step(1), step(2), calls((RECALL, args)), "done"], toolbox, limits=Limits(keep=1))
    assert (p.answers[-1]["ok"], p.answers[-1]["kind"]) == (False, "invalid_call")
    assert "one of t1, t2" in p.answers[-1]["error"]


def test_recalling_without_end_is_stopped(toolbox: Any) -> None:
    toolbox.act = long_results
    script = [step(1), step(2), *[calls((RECALL, {"call": "t1"}))] * 9]
    p = Played(script, toolbox, limits=Limits(keep=1, max_steps=0))
    assert p.stopped.reason == "repeating"


def test_without_anything_shortened_recall_is_no_tool(toolbox: Any) -> None:
    p = Played([calls((RECALL, {"call": "t1"})), "done"], toolbox)
    assert p.answers[0]["kind"] == "unknown_tool"


@pytest.mark.parametrize(("status", "message"), OVERFLOWS)
def test_a_request_that_is_too_long_is_sent_shorter_once(
    play: Callable[..., Played],
    toolbox: Any,
    status: int,
    message: str,
) -> None:
    toolbox.act = long_results
    busy = {"retry-after": "0"}
    p = play(
        [step(1), step(2), *[Fault(status, message, busy)] * (3 if status == 500 else 1), step(3), "done"],
        limits=Limits(keep=8),
    )
    assert isinstance(p.events[-1], Stopped)
    assert p.stopped.reason == "answer"
    assert "longer than the model takes" in p.of(Retried)[0].why
    lengths = [sum(len(str(m["content"])) for m in r["messages"]) for r in p.server.requests]
    assert lengths[-2] < lengths[2]
    last = [m["content"] for m in p.server.requests[-1]["messages"] if m["role"] == "tool"]
    assert ["shortened" in c for c in last] == [True, True, False]  # it stays short


def test_what_cannot_be_shortened_is_a_clear_error(toolbox: Any) -> None:
    with pytest.raises(ModelError) as caught:
        Played([Fault(400, LONG)] * 3, toolbox)
    assert "fewer columns" in caught.value.hint
    toolbox.act = long_results
    with pytest.raises(ModelError) as caught:
        Played([step(1), step(2), *[Fault(400, LONG)] * 2, "never"], toolbox, limits=Limits(keep=8))
    assert "larger context window" in caught.value.hint


def test_too_long_is_not_taken_for_a_lack_of_tools(toolbox: Any) -> None:
    """The message speaks of tools, and in ``auto`` mode that word alone would change how tools are called."""
    with Loopback([Fault(400, LONG)] * 3) as server, pytest.raises(ModelError):
        list(
            run(
                make_model(ModelSettings("m", server.url)), [HumanMessage("go")], toolbox, next_call=numbers()
            )
        )
    assert all("tools" in r for r in server.requests)
    assert not modes_file().exists()


@pytest.mark.parametrize(
    ("status", "message"), [(401, "context length"), (400, "bad temperature"), (None, "maximum context")]
)
def test_other_faults_are_not_too_long(status: int | None, message: str) -> None:
    error = ValueError(message)
    error.status_code = status  # type: ignore[attr-defined]
    assert not overflowed(error)


def test_a_whole_conversation_recalls_and_goes_on_after_it(open_session: Any) -> None:  # noqa: F811
    """What is shown again is no call of the run; its number is used all the same, also by a resumed run."""
    pairs = [(a, b) for a in ("age", "sex", "quit", "gain", "after") for b in ("age", "sex", "quit") if a < b]
    filler = [calls(("independence", {"a": a, "b": b})) for a, b in pairs]
    assert len(filler) >= ONLINE_RESULTS
    script = [TEST, *filler, calls((RECALL, {"call": "t1"})), SAID]
    conversation, model = scripted(open_session, *script)
    turn, _ = ask(conversation, Question("independence", treatment="age", outcome="sex"))
    assert (turn.error, turn.run.author) == (None, "scripted")
    assert RECALL not in [c.tool for c in turn.run.calls]
    shown = json.loads(conversation.messages[-2].text)
    assert (shown["call"], shown["recalled"]) == (f"t{len(filler) + 2}", "t1")
    assert "p_value" in shown["result"]["facts"]
    assert wire.last_call(conversation.messages, turn.run.calls) == len(filler) + 2
    again, _ = scripted(open_session, "nothing")
    again.go_on([turn.run])
    assert again.calls == len(filler) + 2
    summaries = [m.additional_kwargs["summary"] for m in again.messages if isinstance(m, ToolMessage)]
    assert all(summaries)
    assert isinstance(model, ScriptedModel)


# --- how a model calls tools is found out once


def test_a_model_without_tools_is_remembered(toolbox: Any) -> None:
    answer = "Final Answer: fine"
    with Loopback([answer, answer], no_tools=True) as server:
        settings = ModelSettings("m", server.url)
        assert not speaks_text(settings)
        for _ in range(2):
            messages = [HumanMessage("go")]
            list(run(make_model(settings), messages, toolbox, next_call=numbers()))  # type: ignore[arg-type]
            assert messages[-1].text == "fine"
        assert ["tools" in r for r in server.requests] == [True, False, False]
        assert speaks_text(settings)
        assert not speaks_text(ModelSettings("other", server.url))
        remember(settings, text=False)
        assert not speaks_text(settings)


def test_what_is_remembered_holds_no_secret() -> None:
    settings = ModelSettings(
        "m", "https://user:hunter2@models.example:8443/v1?key=hunter3", api_key="sk-hunter4"
    )
    remember(settings, text=True)
    assert endpoint(settings) == "https://models.example:8443/v1 m"
    assert "hunter" not in modes_file().read_text()
    assert speaks_text(settings)


def test_a_broken_file_of_modes_is_no_reason_to_stop(tmp_path: Path) -> None:
    modes_file().parent.mkdir(parents=True)
    modes_file().write_text("{")
    settings = ModelSettings("m", "http://127.0.0.1:1/v1")
    assert not speaks_text(settings)
    remember(settings, text=True)
    assert speaks_text(settings)
