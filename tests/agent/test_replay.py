"""Running stored calls again: the same facts, the facts that differ, and graphs under new names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from causalcopilot.agent.replay import Difference, replay
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.run import CallRecord
from causalcopilot.toolkit.result import Result
from causalcopilot.toolkit.serial import result_to_json

LEARNED = Result("", (Fact("graph", "sales@1"), Fact("edges", 3)))
ESTIMATED = Result("", (Fact("effect", 1.25, low=1.0, high=1.5), Fact("n", float("nan"))))
CALLS = (
    CallRecord("t1", "discover", {}, True, result_to_json(LEARNED), graphs=("sales@1",)),
    CallRecord(
        "t2", "estimate", {"treatment": "age"}, False, error={"kind": "usage", "message": "needs outcome"}
    ),
    CallRecord("t3", "estimate", {"treatment": "age", "outcome": "weight"}, True, result_to_json(ESTIMATED)),
)


def again(toolbox: Any, estimated: Result, **options: Any) -> list[Any]:
    def act(call: str, name: str, args: Any) -> Any:
        first = name == "discover"
        result = Result("", (Fact("graph", "sales@2"), Fact("edges", 3))) if first else estimated
        graphs = ("sales@2",) if first else ()
        return SimpleNamespace(ok=True, result=result, error=None, seconds=0.0, content="", graphs=graphs)

    toolbox.act = act
    return list(replay(CALLS, toolbox, **options))


def test_equal_results_are_the_same_and_refused_calls_are_left_out(toolbox: Any) -> None:
    found = again(toolbox, ESTIMATED)
    assert [(r.call, r.same) for r in found] == [("t1", True), ("t3", True)]
    assert [r[0] for r in toolbox.ran] == ["t1", "t3"]


def test_a_fact_that_differs_is_named(toolbox: Any) -> None:
    found = again(toolbox, Result("", (Fact("effect", 1.2500001, low=1.0, high=1.5), Fact("extra", "x"))))
    assert found[1].same is False
    assert found[1].differences == (
        Difference("effect", (1.25, 1.0, 1.5), (1.2500001, 1.0, 1.5)),
        Difference("n", (None, None, None), None),
        Difference("extra", None, ("x", None, None)),
    )


def test_tolerance_is_relative(toolbox: Any) -> None:
    close = Result("", (Fact("effect", 1.2500001, low=1.0, high=1.5), Fact("n", None)))
    assert again(toolbox, close, tolerance=1e-6)[1].same
    assert not again(toolbox, close, tolerance=1e-9)[1].same


@pytest.mark.parametrize("ok", [True, False])
def test_later_calls_use_the_new_graph(toolbox: Any, ok: bool) -> None:
    later = CallRecord(
        "t4", "discover", {"graph": "sales@1", "over": ["sales@1", "x"]}, ok, result_to_json(LEARNED)
    )
    toolbox.check = lambda name, args: None
    toolbox.act = lambda *_: SimpleNamespace(
        ok=True,
        result=Result("", (Fact("graph", "sales@2"), Fact("edges", 3))),
        error=None,
        graphs=("sales@2",),
    )
    found = list(replay([CALLS[0], later], toolbox))
    assert toolbox.ran[1][2] == {"graph": "sales@2", "over": ["sales@2", "x"]}
    assert found[1].same is ok
