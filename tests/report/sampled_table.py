"""The table of the sample runs, profiled, and the graph that was learned from it."""

from __future__ import annotations

from typing import Any

from causalcopilot.domain.facts import Fact
from causalcopilot.domain.profile import ColumnProfile, Notice, Profile
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.toolkit.result import DiscoverResult, EdgeAgreement, NewGraph, ProfileResult, Table

HASH = "sha256:" + "5a1e" * 16
CONTROLS = ("sex", "race", "age", "education", "smokeintensity", "smokeyrs", "exercise", "active", "wt71")
NAMES = ("seqn", "qsmk", "wt82_71", *CONTROLS, "wt82", "death")


def column(name: str, type: str, **k: Any) -> ColumnProfile:
    defaults: dict[str, Any] = {"storage": "number", "missing": 0, "distinct": 40}
    return ColumnProfile(name, type, **{**defaults, **k})  # type: ignore[arg-type]


PROFILE = Profile(
    "dataset:nhefs",
    HASH,
    1629,
    (
        column("seqn", "identifier", distinct=1629, meaning="person"),
        column(
            "qsmk",
            "binary",
            distinct=2,
            mean=0.2627,
            levels=(("0", 1201), ("1", 428)),
            meaning="quit smoking",
        ),
        column(
            "wt82_71",
            "continuous",
            missing=63,
            distinct=1510,
            unit="kg",
            mean=2.638,
            std=7.88,
            low=-18.1,
            high=22.9,
        ),
        column("sex", "binary", distinct=2, mean=0.509, levels=(("1", 829), ("0", 800))),
        column("race", "binary", distinct=2, mean=0.132, levels=(("0", 1414), ("1", 215))),
        column("age", "count", unit="years", distinct=50, mean=43.9, std=12.2, low=25, high=71),
        column("education", "ordinal", distinct=5, mean=2.7),
        column(
            "smokeintensity",
            "count",
            unit="cigarettes a day",
            distinct=37,
            mean=20.6,
            std=11.8,
            low=1,
            high=60,
        ),
        column("smokeyrs", "count", unit="years", distinct=60, mean=24.9, std=12.2, low=3, high=54),
        column("exercise", "ordinal", distinct=3, mean=1.25),
        column("active", "ordinal", distinct=3, mean=0.65),
        column("wt71", "continuous", unit="kg", distinct=900, mean=71.1, std=15.7, low=43.1, high=113.4),
        column(
            "wt82",
            "continuous",
            unit="kg",
            missing=63,
            distinct=800,
            mean=73.5,
            std=16.2,
            low=43.5,
            high=118.0,
        ),
        column("death", "binary", distinct=2, mean=0.195),
    ),
    duplicate_rows=0,
    complete_rows=1566,
    identifiers=("seqn",),
    collinear=(("wt71", "wt82", "wt82_71"),),
    notices=(
        Notice("missing_outcome", "wt82_71 is missing in 63 of 1,629 rows", ("wt82_71",)),
        Notice("collinear", "wt82_71 is wt82 minus wt71", ("wt82_71", "wt82", "wt71")),
    ),
)

PROFILED = ProfileResult(
    "14 columns, 1,629 rows",
    (
        Fact("rows", 1629, "rows", format=",d"),
        Fact("columns", 14, "columns", format="d"),
        Fact("duplicate_rows", 0, "rows that repeat another row", format=",d"),
        Fact("missing_share", 0.0055, "share of empty cells", format=".1%"),
        Fact("complete_rows", 1566, "rows without an empty cell", format=",d"),
        Fact("outcome.mean", 2.638, "mean of wt82_71", "kg", "wt82_71", ".2f"),
    ),
    profile=PROFILE,
)

LEARNED = Graph(
    "pag",
    ("qsmk", "wt82_71", *CONTROLS),
    (
        Edge(
            "age", "smokeyrs", "tail", "arrow", confidence=1.0, source_confidence=0.93, target_confidence=0.97
        ),
        Edge(
            "age", "qsmk", "circle", "arrow", confidence=0.86, source_confidence=0.81, target_confidence=0.66
        ),
        Edge("sex", "wt71", "tail", "arrow", confidence=1.0, source_confidence=0.9, target_confidence=0.95),
        Edge("sex", "smokeintensity", "circle", "arrow", confidence=0.97, target_confidence=0.8),
        Edge("race", "smokeintensity", "circle", "arrow", confidence=0.99, target_confidence=0.83),
        Edge("qsmk", "wt82_71", "circle", "arrow", confidence=0.98, target_confidence=0.91),
        Edge("wt71", "wt82_71", "tail", "arrow", confidence=0.95, target_confidence=0.94),
        Edge("age", "wt82_71", "tail", "arrow", confidence=0.99, target_confidence=0.96),
        Edge("exercise", "active", "circle", "circle", confidence=1.0),
        Edge("education", "race", "circle", "circle", confidence=0.72),
        Edge("smokeintensity", "qsmk", "arrow", "arrow", confidence=0.55),
        Edge("education", "age", "circle", "arrow", confidence=0.9),
    ),
)

EDGE_FACTS = tuple(
    f
    for i, e in enumerate(LEARNED.edges, 1)
    for f in (
        Fact(f"edge.{i}", str(e), "edge", subject=f"{e.source}, {e.target}"),
        Fact(f"edge.{i}.confidence", e.confidence, f"share of resamples with {e}", format=".0%"),
    )
)
DISCOVERED = DiscoverResult(
    "fci: 11 nodes, 12 edges",
    (
        Fact("method", "fci", "search method"),
        Fact("runner_up", "boss", "search method compared with"),
        Fact("nodes", 11, "columns in the graph", format="d"),
        Fact("edges", 12, "edges", format="d"),
        Fact("directed", 4, "directed edges", format="d"),
        Fact("undirected", 0, "undirected edges", format="d"),
        Fact("bidirected", 1, "edges with a hidden common cause", format="d"),
        Fact("circles", 7, "edges with an undecided end", format="d"),
        Fact("agreement", 0.83, "share of edges that boss finds too", format=".0%"),
        Fact("bootstrap", 50, "resamples", format="d"),
        *EDGE_FACTS,
    ),
    (NewGraph(LEARNED, "nhefs", "fci", (("alpha", 0.05), ("bootstrap", 50))),),
    (
        Table(
            "agreement",
            "What the searches found",
            ("one", "other", "fci", "boss"),
            (("age", "smokeyrs", "-->", "-->"), ("qsmk", "wt82_71", "o->", "---")),
        ),
    ),
    (),
    "fci",
    "Hidden common causes cannot be ruled out, so a method that allows them is used.",
    (
        EdgeAgreement("age", "smokeyrs", (("fci", "-->"), ("boss", "-->"))),
        EdgeAgreement("qsmk", "wt82_71", (("fci", "o->"), ("boss", "---"))),
    ),
    ("seqn was left out: it identifies rows.",),
)
