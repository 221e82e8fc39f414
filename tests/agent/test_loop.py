"""The loop against the loopback server: what a model, a server or a user may do wrong, and what follows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    ToolMessage,
    messages_from_dict,
    messages_to_dict,
)

from causalcopilot.agent.events import Asked, Retried, Stopped, Token, ToolFinished, ToolStarted
from causalcopilot.agent.loop import Limits, run, shorten
from causalcopilot.agent.models import wire
from causalcopilot.agent.models.privacy import Privacy
from causalcopilot.data.dataset import DataRef, Dataset
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.errors import ColumnNotFound, MemoryBusy, ModelError, ToolFailed, ToolTimeout
from causalcopilot.testing import Loopback, Reply, ScriptedModel, calls
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.hooks import ScratchHooks
from causalcopilot.toolkit.registry import Registry
from causalcopilot.toolkit.result import Result
from causalcopilot.toolkit.tool import Column, tool
from causalcopilot.toolkit.toolbox import Toolbox
from tests.agent.played import Played, model_for, numbers

ESTIMATE = ("estimate", {"treatment": "smokes", "outcome": "weight"})
X = calls(ESTIMATE)
FINE = SimpleNamespace(
    ok=True, result=Result("fine"), error=None, seconds=0.0, content='{"call":"t1","ok":true}', graphs=()
)
PATIENCE = 3.0
"""Seconds within which the loop must have noticed; generous, because test machines are loaded."""


def test_calls_in_one_answer_run_in_order_under_our_ids(play: Callable[..., Played]) -> None:
    p = play([calls(("discover", {}), ESTIMATE, text="Thought: look."), "done"])
    assert [m.type for m in p.messages] == ["human", "ai", "tool", "tool", "ai"]
    assert p.toolbox.ran == [("t1", "discover", {}), ("t2", *ESTIMATE)]
    assert [m.tool_call_id for m in p.messages if isinstance(m, ToolMessage)] == ["t00000001", "t00000002"]
    assert [type(e) for e in p.events if not isinstance(e, Token)] == [
        Asked, ToolStarted, ToolFinished, ToolStarted, ToolFinished, Asked, Stopped,
    ]  # fmt: skip
    assert p.of(Asked)[0].text == "Thought: look."
    assert p.of(Asked)[0].calls[1] == {"call": "t2", "tool": "estimate", "args": ESTIMATE[1]}
    assert p.stopped == Stopped("answer", 2, 240)
    assert p.messages[-1].text == "done"
    sent = p.server.requests[1]["messages"]
    assert [c["id"] for c in sent[1]["tool_calls"]] == ["t00000001", "t00000002"]
    assert sent[2]["tool_call_id"] == "t00000001"


def test_the_result_rides_along_and_is_never_sent(play: Callable[..., Played]) -> None:
    p = play([X, "done"])
    tool = next(m for m in p.messages if isinstance(m, ToolMessage))
    assert tool.artifact.summary == "estimate done"
    assert "estimate done" not in json.dumps(p.server.requests)


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (("estimate", {"treatment": "smoke", "outcome": "weight"}), "invalid_call", "not one of age, smokes"),
        (("estimate", {"treatment": "age"}), "invalid_call", "needs outcome"),
        (("discover", {"metod": "pc"}), "invalid_call", "nearest: method"),
        (("estimat", {}), "unknown_tool", "did you mean estimate"),
        (("rm -rf /", {}), "unknown_tool", "there is no tool rm_-rf"),
        (("discover", '{"method": "pc", "alpha": 0.01'), "malformed", "not one complete JSON object"),
        (("discover", '{"method": "pc"'), "malformed", "not one complete JSON object"),
        (("discover", '{"method": "p'), "malformed", "not one complete JSON object"),
        (("discover", '{"alpha": NaN}'), "malformed", "not one complete JSON object"),
        (("discover", "1,"), "malformed", "not one complete JSON object"),
    ],
)
def test_bad_calls_are_answered_and_never_run(
    play: Callable[..., Played], call: tuple[str, Any], kind: str, says: str
) -> None:
    p = play([calls(call), "done"])
    assert p.answers[0]["ok"] is False
    assert says in p.answers[0]["error"]
    assert p.answers[0]["kind"] == kind
    assert p.of(ToolFinished)[0].kind == kind
    assert p.toolbox.ran == []
    assert p.of(ToolStarted) == []
    assert p.messages[-1].text == "done"


@pytest.mark.parametrize(
    "text", ['{"a": 1', '{"a": 1, "a": 2}', '{"a": NaN}', "[1]", "1", "", '{"a": 1} x', "{'a': 1}"]
)
def test_json_is_read_as_it_stands_or_not_at_all(text: str) -> None:
    assert wire.strict_json(text) is None
    assert wire.strict_json('{"a": {"b": [1, null]}}') == {"a": {"b": [1, None]}}


def test_an_answer_the_client_cannot_read_is_sent_back(toolbox: Any) -> None:
    bad = calls(("discover", "[1]"))
    p = Played([bad, bad, "done"], toolbox, settings={"stream": False})
    assert p.toolbox.ran == []
    assert "one JSON object" in p.server.requests[2]["messages"][-1]["content"]
    with pytest.raises(ModelError):
        Played([bad] * 4, toolbox, settings={"stream": False})


def test_a_bad_call_does_not_hold_up_its_neighbours(play: Callable[..., Played]) -> None:
    p = play([calls(("discover", '{"alpha"'), ESTIMATE), "done"])
    assert sorted(a["ok"] for a in p.answers) == [False, True]
    assert [r[1] for r in p.toolbox.ran] == ["estimate"]


def test_calls_without_arguments_run(play: Callable[..., Played]) -> None:
    assert play([calls(("discover", "")), "done"]).toolbox.ran == [("t1", "discover", {})]


def test_repeated_and_missing_ids_are_told_apart(play: Callable[..., Played]) -> None:
    p = play([Reply(calls=(("discover", {}), ESTIMATE), ids=("same", "same")), "done"])
    assert [a["tool"] for a in p.answers] == ["discover", "estimate"]


def test_the_step_limit_stops_a_model_that_never_does(play: Callable[..., Played]) -> None:
    script = [calls(("discover", {"alpha": a / 100})) for a in range(1, 9)]
    p = play(script, limits=Limits(max_steps=3))
    assert p.stopped == Stopped("step_limit", 3, 360)
    assert len(p.toolbox.ran) == 3
    assert wire.pending(p.messages) == []


def test_the_token_limit_counts_what_the_server_counts(play: Callable[..., Played]) -> None:
    script = [calls(("discover", {"alpha": a / 100})) for a in range(1, 9)]
    assert play(script, limits=Limits(max_tokens=300)).stopped == Stopped("token_limit", 3, 360)


def test_the_token_limit_holds_where_the_server_counts_nothing(play: Callable[..., Played]) -> None:
    script = [calls(("discover", {"alpha": a / 100}), text="long " * 400) for a in range(1, 30)]
    p = play(script, limits=Limits(max_tokens=2000), usage=None)
    assert p.stopped.reason == "token_limit"
    assert p.stopped.steps < 10


def test_the_time_limit_leaves_open_calls_for_a_resume(toolbox: Any) -> None:
    def act(*_: Any) -> Any:
        time.sleep(0.3)
        return FINE

    toolbox.act = act
    p = Played([calls(("discover", {}), ESTIMATE), "done"], toolbox, limits=Limits(seconds=0.25))
    assert p.stopped.reason == "time_limit"
    assert [c["name"] for c in wire.pending(p.messages)] == ["estimate"]


def test_declined_calls_are_told_to_the_model(play: Callable[..., Played]) -> None:
    asked: list[dict[str, Any]] = []

    def approve(call: dict[str, Any]) -> bool | str:
        asked.append(call)
        return "not now" if call["tool"] == "estimate" else False

    p = play([calls(("discover", {}), ESTIMATE), "done"], approve=approve)
    assert [(a["kind"], a["error"]) for a in p.answers] == [
        ("declined", "declined by the user"),
        ("declined", "not now"),
    ]
    assert asked[1] == {"call": "t2", "tool": "estimate", "args": ESTIMATE[1]}
    assert p.toolbox.ran == []


def test_the_third_same_call_is_answered_from_memory(play: Callable[..., Played]) -> None:
    p = play([X, X, X, "done"])
    assert len(p.toolbox.ran) == 2
    assert p.answers[2] == {
        "call": "t3",
        "ok": False,
        "kind": "repeated",
        "error": "you already have this: see t1",
    }


def test_a_model_that_only_repeats_itself_is_stopped(play: Callable[..., Played]) -> None:
    p = play([X] * 9, limits=Limits(max_steps=0))
    assert p.stopped.reason == "repeating"
    assert len(p.server.requests) == 5


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(""), "empty"),
        (Reply(refusal="I cannot", finish="content_filter"), "refused"),
        (Reply("some", finish="length"), "length"),
    ],
)
def test_an_unusable_answer_is_asked_again_once(play: Callable[..., Played], reply: Reply, why: str) -> None:
    p = play([reply, "better"])
    assert p.messages[-1].text == "better"
    assert [m.type for m in p.messages] == ["human", "ai"]
    assert p.of(Retried)[0].why == f"the model's answer was unusable ({why})"
    assert p.server.requests[1]["messages"][-1]["role"] == "user"
    twice = play([reply, reply, "too late"])
    assert twice.stopped.reason == "no_answer"
    assert [m.type for m in twice.messages] == ["human"]


def test_resume_runs_only_what_is_missing(toolbox: Any) -> None:
    messages: list[BaseMessage] = [HumanMessage("go")]
    with Loopback([calls(("discover", {}), ESTIMATE), "done"]) as server:
        for event in run(model_for(server), messages, toolbox, next_call=numbers()):
            if isinstance(event, ToolFinished):
                break
        again = messages_from_dict(json.loads(json.dumps(messages_to_dict(messages))))
        list(run(model_for(server), again, toolbox, next_call=numbers(3)))
    assert [r[:2] for r in toolbox.ran] == [("t1", "discover"), ("t2", "estimate")]
    assert again[-1].text == "done"
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "raised", [ToolFailed("boom: cell 42.4242", trace="x"), ToolTimeout("too slow", "fewer rows")]
)
def test_what_a_tool_raises_becomes_an_observation(
    play: Callable[..., Played], toolbox: Any, raised: Any
) -> None:
    def act(*_: Any) -> Any:
        raise raised

    toolbox.act = act
    p = play([X, "done"])
    assert (p.of(ToolFinished)[0].ok, p.of(ToolFinished)[0].kind) == (False, raised.kind)
    assert p.messages[-1].text == "done"
    says = (
        "too slow; fewer rows"
        if raised.kind == "tool_timeout"
        else "internal error in estimate; the other tools still work"
    )
    assert p.answers[0]["error"] == says
    assert "42.4242" not in json.dumps(p.server.requests)


@pytest.mark.parametrize(
    "error",
    [
        ColumnNotFound("no column 'x'", "did you mean 'y'?"),
        {"kind": "column_not_found", "message": "no column 'x'"},
    ],
)
def test_a_failed_outcome_is_told_as_it_stands(play: Callable[..., Played], toolbox: Any, error: Any) -> None:
    content = '{"call":"t1","ok":false,"kind":"column_not_found","error":"no column"}'
    toolbox.act = lambda *_: SimpleNamespace(
        ok=False, result=None, error=error, seconds=0.5, content=content, graphs=()
    )
    p = play([X, "done"])
    assert p.of(ToolFinished) == [
        ToolFinished("t1", "estimate", False, 0.5, error="no column 'x'", kind="column_not_found")
    ]
    assert [m.content for m in p.messages if isinstance(m, ToolMessage)] == [content]


def test_ctrl_c_in_a_tool_passes_and_leaves_the_call_open(toolbox: Any) -> None:
    def act(*_: Any) -> Any:
        raise KeyboardInterrupt

    toolbox.act = act
    messages: list[BaseMessage] = [HumanMessage("go")]
    model = ScriptedModel(script=[X, "done"])
    with pytest.raises(KeyboardInterrupt):
        list(run(model, messages, toolbox, next_call=numbers()))
    assert [c["id"] for c in wire.pending(messages)] == ["t00000001"]
    toolbox.act = None
    list(run(model, messages, toolbox, next_call=numbers(2)))
    assert messages[-1].text == "done"


def test_our_own_bugs_are_not_called_model_errors(toolbox: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        list(run(ScriptedModel(script=[lambda m: 1 / 0]), [HumanMessage("go")], toolbox, next_call=numbers()))


def test_tools_offered_are_fresh_each_step(toolbox: Any) -> None:
    model = ScriptedModel(script=[X, "done"])

    def act(*_: Any) -> Any:
        toolbox.offered = toolbox.offered[:1]
        return FINE

    toolbox.act = act
    list(run(model, [HumanMessage("go")], toolbox, next_call=numbers()))
    assert [s["function"]["name"] for s in model.specs] == ["discover"]


def test_old_results_shrink_to_a_line_in_the_view_only(toolbox: Any) -> None:
    long = json.dumps({"call": "t1", "ok": True, "facts": {f"edge.{i}": "a --> b" for i in range(50)}})
    toolbox.act = lambda *_: SimpleNamespace(
        ok=True, result=Result("learned"), error=None, seconds=0.0, content=long, graphs=()
    )
    model = ScriptedModel(script=[X, calls(("discover", {})), calls(("discover", {"method": "pc"})), "done"])
    messages: list[BaseMessage] = [HumanMessage("go")]
    list(run(model, messages, toolbox, next_call=numbers(), limits=Limits(keep=2)))
    seen = [str(m.content) for m in model.seen[-1] if isinstance(m, ToolMessage)]
    assert json.loads(seen[0]) == {"call": "t1", "tool": "estimate", "shortened": "learned"}
    assert seen[1:] == [long, long]
    assert [m.content for m in messages if isinstance(m, ToolMessage)] == [long] * 3
    assert shorten(messages, 0) == messages


def test_events_are_yielded_after_the_list_changed(toolbox: Any) -> None:
    messages: list[BaseMessage] = [HumanMessage("go")]
    lengths = {}
    for event in run(ScriptedModel(script=[X, "done"]), messages, toolbox, next_call=numbers()):
        lengths[type(event)] = (len(messages), messages[-1].type)
        if isinstance(event, ToolFinished):
            assert messages[-1].type == "tool"
        if isinstance(event, Asked):
            assert isinstance(messages[-1], AIMessage)
    assert lengths[Stopped] == (4, "ai")


def test_a_memory_that_cannot_keep_the_outcome_stops_the_run(toolbox: Any) -> None:
    def act(*_: Any) -> Any:
        raise MemoryBusy("in use", "wait")

    toolbox.act = act
    messages: list[BaseMessage] = [HumanMessage("go")]
    with pytest.raises(MemoryBusy):
        list(run(ScriptedModel(script=[X]), messages, toolbox, next_call=numbers()))
    assert len(wire.pending(messages)) == 1


@tool(group="effects", where="parent")
def slope(context: Context, of: Column, on: Column, fail: bool = False) -> Result:
    """Made-up slope.

    Args:
        of: outcome.
        on: treatment.
        fail: raise an error of the tool's own.
    """
    if fail:
        raise ValueError("cell value 42.4242")
    return Result("slope done", (Fact("effect", 2.5, label=f"effect of {on} on {of}"),))


@pytest.mark.parametrize("privacy", [Privacy(), Privacy("aliases")], ids=["names", "aliases"])
def test_the_real_toolbox_fits_the_loop(privacy: Privacy) -> None:
    names = ("weight", "{smokes}")
    profile = Profile("t", "h", 50, tuple(ColumnProfile(n, "continuous", "number", 0, 50) for n in names))
    ref = DataRef("t.parquet", "t", "h", 50, tuple((n, "continuous") for n in names))
    context = Context(Dataset(ref), profile)
    shown = privacy.shown(profile).columns
    script = [
        calls(("slope", {"of": shown["weight"], "on": shown["{smokes}"]})),
        calls(("slope", {"of": "nope", "on": shown["weight"]})),
        calls(("slope", {"of": shown["weight"], "on": shown["{smokes}"], "fail": True})),
        "done",
    ]
    model = ScriptedModel(script=script)
    hooks = ScratchHooks()
    box = Toolbox(Registry.of(slope), context, cast(Any, None), hooks)
    messages: list[BaseMessage] = [HumanMessage("go")]
    events = list(run(privacy.guard(model, profile), messages, box, next_call=numbers()))
    finished = [e for e in events if isinstance(e, ToolFinished)]
    assert [(e.ok, e.kind) for e in finished] == [(True, ""), (False, "invalid_call"), (False, "tool_failed")]
    assert finished[0].summary == "slope done"
    assert hooks.outcomes[0].args == {"of": "weight", "on": "{smokes}"}
    facts = json.loads(messages[2].text)["facts"]
    assert facts["effect"]["label"] == "effect of {smokes} on weight"
    seen = [m.text for m in model.seen[-1]]
    assert f"effect of {shown['{smokes}']} on {shown['weight']}" in seen[2]
    assert "42.4242" not in "".join(seen)
    assert "{smokes}" not in "".join(seen)
