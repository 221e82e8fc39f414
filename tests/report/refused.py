"""A run that must not estimate, made by hand as the memory would give it back."""

from __future__ import annotations

from dataclasses import replace

from causalcopilot.domain.estimate import Verdict
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.identification import (
    Controls,
    Excluded,
    Identification,
)
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.result import (
    IdentifyResult,
    ProfileResult,
)
from tests.report.sample import RUN, call
from tests.report.sampled_table import HASH, column

REFUSED_GRAPH = Graph("dag", ("u", "t", "m", "y"), (
    Edge("u", "t", origin="user"), Edge("u", "y", origin="user"), Edge("t", "m", origin="user"),
    Edge("m", "y", origin="user"), Edge("t", "y", origin="user")), latents=("u",))  # fmt: skip
REFUSED = Identification(
    "not_identified", None, "ATE", "all units in the table", ("t",), ("y",), "continuous", Contrast(0.2, 1.7),
    Controls(forbidden=(Excluded("m", "lies between t and y"),)),
    blocking_path=("t", "<--", "u", "-->", "y"),
    would_help=("measure u", "an instrument for t", "an experiment on t"),
    graph="hidden@1", basis="graph",
)  # fmt: skip
REFUSAL = IdentifyResult(
    "not identified: t <-- u --> y",
    (
        Fact("status", "not_identified", "whether the effect of t on y is identified"),
        Fact("strategy", "none", "identification strategy"),
        Fact("verdict", "not_identified", "verdict"),
        Fact("direction", "unclear", "direction of the effect"),
        Fact("blocking_path", "t <-- u --> y", "open path that is not causal"),
        Fact("would_help.1", "measure u", "what would help"),
        Fact("would_help.2", "an instrument for t", "what would help"),
        Fact("would_help.3", "an experiment on t", "what would help"),
        Fact("excluded", 1, "number of columns that are not controls", format=",d"),
    ),
    identification=REFUSED,
    verdict=Verdict(
        "not_identified",
        "The effect of t on y does not follow from the data and what is known.",
        "measure u",
    ),
)
REFUSED_PROFILE = Profile("hidden.csv", HASH, 2000, tuple(column(n, "continuous", mean=0.1) for n in "tmy"))
NOT_IDENTIFIED = replace(
    RUN,
    id="r20260101-130000-cd34",
    command="estimate",
    question=Question("effect", "", "t", "y", graph="hidden"),
    dataset="hidden.csv",
    rows=2000,
    columns=3,
    verdict="not_identified",
    narrative="I cannot tell the effect of `t` on `y`: verdict **{t2.verdict}**, so no estimate is given. This path"
    " stays open whatever is adjusted for: {t2.blocking_path}. What would help: {t2.would_help.1};"
    " {t2.would_help.2}; {t2.would_help.3}.",
    settings={},
    calls=(
        call("t1", "profile", {}, ProfileResult("3 columns", (Fact("rows", 2000, "rows", format=",d"),),
                                                profile=REFUSED_PROFILE)),
        call("t2", "identify", {"treatment": "t", "outcome": "y", "graph": "hidden@1"}, REFUSAL),
    ),
)  # fmt: skip
REFUSED_GRAPHS = (StoredGraph("hidden@1", REFUSED_GRAPH, method="user", op="imported"),)
