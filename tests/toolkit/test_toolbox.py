"""From a call's name and arguments to a stored outcome."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from typing import Any

import pytest

from causalcopilot.domain.identification import Identification
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import MemoryBusy, UsageError
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.hooks import ScratchHooks
from causalcopilot.toolkit.outcome import Outcome
from causalcopilot.toolkit.registry import Registry
from causalcopilot.toolkit.result import EstimateResult
from causalcopilot.toolkit.schema import Called, checked_name
from causalcopilot.toolkit.toolbox import Toolbox, earlier, plain_name
from causalcopilot.toolkit.worker import Worker


@pytest.fixture
def box(plugin: Any, context: Context, worker: Worker) -> Toolbox:
    names = ("picky", "everything", "learn", "measure", "here", "stumble_here", "nap", "fall")
    registry = Registry.of(*(getattr(plugin, n) for n in names))
    return Toolbox(registry, replace(context, graphs=()), worker, ScratchHooks())


def kept(box: Toolbox) -> list[Outcome]:
    assert isinstance(box.hooks, ScratchHooks)
    return box.hooks.outcomes


def test_a_result_is_shown_as_its_facts(box: Toolbox) -> None:
    outcome = box.run("t1", "measure", {})
    assert outcome.ok
    assert outcome.seconds > 0
    assert outcome.content == (
        '{"call":"t1","tool":"measure","ok":true,"facts":{"effect":{"value":3.4,"low":2.5,"high":4.4,'
        '"unit":"kg","label":"effect of a on b"}}}'
    )
    assert kept(box) == [outcome]


def test_graphs_get_names_and_become_facts_and_arguments(box: Toolbox) -> None:
    assert (
        box.check("here", {"graph": "people"})
        == "graph: no graph 'people' is remembered; call discover first"
    )
    outcome = box.run("t1", "learn", {"copies": 2})
    assert outcome.graphs == ("people@1", "people@2")
    facts = json.loads(outcome.content)["facts"]
    assert facts["graph"]["value"] == "people@1"
    assert facts["graph.2"]["value"] == "people@2"
    assert facts["method"] == "pc"
    assert facts["edges"] == {"value": 1, "label": "edges found"}
    assert [g.id for g in box.context.graphs] == ["people@2", "people@1"]
    here = box.run("t2", "here", {"graph": "people"})
    assert here.result
    assert here.result.fact("graph").value == "people@2"
    assert here.result.fact("pid").value == os.getpid()
    assert here.args == {"graph": "people"}
    spec = next(s for s in box.specs() if s["function"]["name"] == "here")
    assert "people@2" in spec["function"]["parameters"]["properties"]["graph"]["enum"]


def test_an_earlier_result_is_handed_on(box: Toolbox) -> None:
    assert box.check("everything", {"a": "age", "estimate": "t1"})
    box.run("t1", "measure", {})
    outcome = box.run("t2", "everything", {"a": "age", "estimate": "t1", "given": ["t"]})
    assert outcome.result
    assert outcome.result.fact("estimate").value == "EstimateResult"
    assert outcome.args == {"a": "age", "estimate": "t1", "given": ["t"]}
    again = earlier([o.record() for o in kept(box)])
    assert (again["t1"].tool, again["t1"].result) == ("measure", box.results["t1"].result)


def test_a_graph_left_out_beside_an_estimate_is_the_one_it_was_identified_from(box: Toolbox) -> None:
    box.run("t1", "learn", {"copies": 2})
    about = Identification(
        "identified", None, "ATE", "all", ("a",), ("b",), "binary", Contrast(0, 1), graph="people@1"
    )
    box.results["t2"] = Called("measure", EstimateResult("measured", identification=about))
    outcome = box.run("t3", "everything", {"a": "age", "estimate": "t2"})
    assert outcome.result
    assert outcome.result.fact("graph").value == "people@1"
    chosen = box.run("t4", "everything", {"a": "age", "estimate": "t2", "graph": "people@2"})
    assert chosen.result
    assert chosen.result.fact("graph").value == "people@2"


@pytest.mark.parametrize(
    ("name", "args", "kind", "says"),
    [
        ("mesure", {}, "usage", "no tool 'mesure'"),
        ("everything", {"a": "agee"}, "column_not_found", "no column 'agee'"),
        ("picky", {}, "not_applicable", "picky does not apply: the question names no treatment"),
    ],
)
def test_a_bad_call_is_a_failed_outcome(
    box: Toolbox, name: str, args: dict[str, Any], kind: str, says: str
) -> None:
    outcome = box.run("t1", name, args)
    assert (outcome.ok, outcome.result, kept(box)) == (False, None, [outcome])
    assert outcome.args == args
    told = json.loads(outcome.content)
    assert (told["call"], told["ok"], told["kind"]) == ("t1", False, kind)
    assert says in told["error"]
    assert told["hint"]
    assert "t1" not in box.results


def test_applies_is_asked_with_the_question(box: Toolbox) -> None:
    box.context = replace(box.context, question=Question("effect", treatment="t"))
    assert box.run("t1", "picky", {}).ok


@pytest.mark.parametrize("name", ["fall", "stumble_here"])
def test_an_accident_is_kept_whole_but_shown_without_values(box: Toolbox, name: str) -> None:
    outcome = box.run("t1", name, {})
    assert outcome.error
    assert "4711" in outcome.error.message
    assert "plugin_tools.py" in outcome.error.trace  # type: ignore[attr-defined]
    assert "4711" not in outcome.content
    error = outcome.record().error
    assert error
    assert "4711" in error["trace"]


def test_the_shorter_deadline_holds(box: Toolbox) -> None:
    box.timeout = 0.3
    started = time.monotonic()
    outcome = box.run("t1", "nap", {"seconds": 60})
    assert time.monotonic() - started < 5
    assert outcome.error
    assert outcome.error.kind == "tool_timeout"


def test_a_refused_call_is_stored(box: Toolbox) -> None:
    outcome = box.refuse("t1", "nap", {"seconds": 1}, UsageError("declined by the user"))
    assert (kept(box), outcome.ok) == ([outcome], False)


def test_a_memory_that_cannot_store_is_not_hidden(box: Toolbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(outcome: Outcome) -> tuple[str, ...]:
        raise MemoryBusy("busy")

    monkeypatch.setattr(box.hooks, "keep", busy)
    with pytest.raises(MemoryBusy):
        box.run("t1", "measure", {})


def test_shown_names_reach_the_tool_as_real_ones(box: Toolbox) -> None:
    box.names = {"age": "v1", "Income": "v2", "t": "v3", "y": "v4"}
    outcome = box.run("t1", "everything", {"a": "v1"})
    assert outcome.args == {"a": "age"}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("dataset:nhefs", "nhefs"),
        ("/home/me/My sales (2024).csv", "My_sales_2024"),
        (r"C:\data\people.parquet", "people"),
        ("store.duckdb::orders", "orders"),
        ("-", "graph"),
        ("données.csv", "donn_es"),
        ("401ksubs.csv", "data_401ksubs"),
        ("sales-2024-05.csv", "sales_2024_05"),
        ("-7.csv", "data_7"),
    ],
)
def test_graph_names_come_from_the_data(source: str, name: str) -> None:
    assert plain_name(source) == name
    assert checked_name(name) == name


def test_langchain_agents_can_call_the_tools(box: Toolbox) -> None:
    from langchain_core.messages import ToolMessage

    from causalcopilot.toolkit.langchain import as_langchain_tools

    tools = {t.name: t for t in as_langchain_tools(box)}
    assert set(tools) == set(box.registry.names)
    call = {"name": "measure", "args": {}, "id": "x1", "type": "tool_call"}
    message = tools["measure"].invoke(call)
    assert isinstance(message, ToolMessage)
    assert message.tool_call_id == "x1"
    assert json.loads(str(message.content))["facts"]["effect"]["value"] == 3.4
    assert isinstance(message.artifact, Outcome)
    bad = tools["everything"].invoke(
        {"name": "everything", "args": {"a": "q"}, "id": "x2", "type": "tool_call"}
    )
    assert json.loads(str(bad.content))["kind"] == "column_not_found"
    assert [o.call for o in kept(box)] == ["t1", "t2"]


def test_create_agent_works_unchanged(box: Toolbox) -> None:
    """LangChain's own agent, a scripted model, our tools: an error is fed back, then the call succeeds."""
    from langchain.agents import create_agent
    from langchain_core.language_models.fake_chat_models import FakeMessagesListChatModel
    from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

    from causalcopilot.toolkit.langchain import as_langchain_tools

    class Scripted(FakeMessagesListChatModel):
        def bind_tools(self, tools: Any, **_: Any) -> Any:
            return self

    def asks(name: str, args: dict[str, Any], call: str) -> AIMessage:
        return AIMessage("", tool_calls=[{"name": name, "args": args, "id": call, "type": "tool_call"}])

    script: list[BaseMessage] = [
        asks("everything", {"a": "agee"}, "x1"),
        asks("learn", {}, "x2"),
        AIMessage("done"),
    ]
    agent = create_agent(Scripted(responses=script), as_langchain_tools(box))
    messages = agent.invoke({"messages": [HumanMessage("go")]})["messages"]
    assert messages[-1].content == "done"
    assert [o.ok for o in kept(box)] == [False, True]
    assert json.loads(messages[4].content)["facts"]["graph"]["value"] == "people@1"
