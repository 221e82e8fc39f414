"""The propose tool: what is proposed is labelled so, compared with the data, and refused where it makes no sense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.question import Question
from causalcopilot.errors import UsageError
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.structure.propose import propose
from tests.tools.framed import case

ROWS = 800
"""Enough that a slope of one is found and a column of noise is not, for this seed."""


@pytest.fixture(scope="module")
def context() -> Context:
    """``c`` acts on ``t`` and ``y``, ``z`` on ``t`` alone, ``n`` on nothing."""
    rng = np.random.default_rng(3)
    c, z, n = rng.normal(size=(3, ROWS))
    t = c + z + rng.normal(size=ROWS)
    y = t + c + rng.normal(size=ROWS)
    made = case(pd.DataFrame({"c": c, "z": z, "n": n, "t": t, "y": y}))
    return replace(made, question=Question("effect", treatment="t", outcome="y"))


def facts(context: Context, **args: Any) -> dict[str, Any]:
    found = propose(context, **args)
    assert found.graphs == ()  # a proposal makes nothing
    return {f.key: f.value for f in found.facts}


@pytest.mark.parametrize(
    ("kind", "a", "b", "evidence"),
    [
        ("edge", "c", "t", "agrees"),
        ("edge", "n", "t", "contradicts"),
        ("no_edge", "n", "t", "agrees"),
        ("no_edge", "c", "t", "silent"),
        ("confounder", "c", None, "agrees"),
        ("confounder", "n", None, "contradicts"),
        ("instrument", "z", None, "agrees"),
        ("instrument", "n", None, "contradicts"),
        ("before_treatment", "n", None, "silent"),
    ],
)
def test_the_data_are_heard(context: Context, kind: str, a: str, b: str | None, evidence: str) -> None:
    found = facts(context, kind=kind, a=a, b=b)
    assert str(found["proposal"]).startswith("proposal: ")
    assert (found["origin"], found["evidence"]) == ("model", evidence)
    assert found["reason.1"]


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("dag { c -> t }", "agrees"),
        ("dag { t -> c }", "contradicts"),
        ("dag { t c }", "contradicts"),
        ("pdag { c -- t }", "silent"),
        ("dag { t -> y }", "silent"),
    ],
)
def test_a_graph_is_heard_beside_them(context: Context, text: str, evidence: str) -> None:
    graph = StoredGraph("g@1", from_dagitty(text))
    assert facts(context, kind="edge", a="c", b="t", graph=graph)["evidence"] == evidence


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"kind": "edge", "a": "c"}, "two different columns"),
        ({"kind": "edge", "a": "c", "b": "c"}, "two different columns"),
        ({"kind": "confounder", "a": "t"}, "is what the question is about"),
        ({"kind": "mediator", "a": "c", "b": "y"}, "one column"),
    ],
)
def test_what_makes_no_sense_is_refused(context: Context, args: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        propose(context, **args)


def test_a_role_needs_a_question(context: Context) -> None:
    with pytest.raises(UsageError, match="treatment and outcome"):
        propose(replace(context, question=Question("graph")), kind="confounder", a="c")
