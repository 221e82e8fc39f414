"""Runs made by hand, as the memory would give them back: an effect and an exploration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from causalcopilot.domain.question import Contrast, Question
from causalcopilot.domain.run import CallRecord, RunRecord
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.result import Result
from causalcopilot.toolkit.serial import result_to_json
from tests.report.sampled_effect import ESTIMATE, IDENTIFY, REFUTE
from tests.report.sampled_table import DISCOVERED, HASH, LEARNED, PROFILED


def call(
    id: str,
    tool: str,
    args: Mapping[str, Any],
    result: Result,
    graphs: Sequence[str] = (),
    seconds: float = 1.0,
) -> CallRecord:
    return CallRecord(
        id, tool, dict(args), True, result_to_json(result), seconds=seconds, graphs=tuple(graphs)
    )


NARRATIVE = """Quitting (`qsmk`) {t4.direction} `wt82_71`: the {t4.quantity} is **{t4.effect.with_unit}** 
({t4.effect.interval}), from {t4.n_used} rows. The verdict is **{t5.verdict}**.

The comparison uses {t3.controls} controls and leaves out {t3.excluded} columns, each with its reason below.
The plain difference in means is {t4.difference_in_means.with_unit}; that is an association, not an effect.

- Of {t5.checks} checks, {t5.passed} passed and {t5.warned} warned.
- An unmeasured confounder would bring the estimate to nothing if it explained {t5.robustness_value} of what is
  left of both; the strongest measured control, {t5.benchmark}, reaches {t5.benchmark.strength}.

Beside this, a graph was learned with {t2.method} and saved as {t2.graph}."""

RUN = RunRecord(
    "r20260101-120000-ab12",
    "analyze",
    Question(
        "effect", "What does quitting smoking do to weight?", "qsmk", "wt82_71", contrast=Contrast(0, 1)
    ),
    "dataset:nhefs",
    HASH,
    1629,
    14,
    status="done",
    verdict="supported",
    narrative=NARRATIVE,
    author="expert",
    settings={"argv": ["analyze", "dataset:nhefs", "-t", "qsmk", "-y", "wt82_71"]},
    started="2026-01-01T12:00:00Z",
    ended="2026-01-01T12:00:21Z",
    version="0.1.0",
    calls=(
        call("t1", "profile", {}, PROFILED, seconds=0.21),
        call("t2", "discover", {"method": "auto", "bootstrap": 50}, DISCOVERED, ["nhefs@1"], 4.1),
        call("t3", "identify", {"treatment": "qsmk", "outcome": "wt82_71"}, IDENTIFY, seconds=0.01),
        call("t4", "estimate", {"identification": "t3", "method": "auto"}, ESTIMATE, seconds=6.2),
        call("t5", "refute", {"estimate": "t4"}, REFUTE, seconds=9.7),
    ),
)
GRAPHS = (
    StoredGraph(
        "nhefs@1", LEARNED, HASH, "fci", "discovered", run=RUN.id, call="t2", made="2026-01-01T12:00:05Z"
    ),
)

EXPLORATORY = replace(
    RUN,
    id="r20260101-140000-ef56",
    question=Question("explore"),
    verdict="",
    narrative="The graph {t2.graph} was learned with {t2.method}: {t2.nodes} columns, {t2.edges} edges, of"
    " which {t2.directed} have a direction.\n\n- {t2.edge.1}\n- {t2.edge.6} ({t2.edge.6.confidence})\n\nNo"
    " treatment and outcome were named, so nothing here is an effect.",
    settings={},
    calls=RUN.calls[:2],
)
