"""Runs made by hand, as the memory would give them back: an effect and an exploration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from causalcopilot.domain.estimate import Check, Estimate, Sensitivity, Verdict
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.identification import (
    Alternative,
    Assumption,
    Controls,
    Excluded,
    Identification,
)
from causalcopilot.domain.profile import ColumnProfile, Notice, Profile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.domain.run import CallRecord, RunRecord
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.result import (
    DiscoverResult,
    EdgeAgreement,
    EstimateResult,
    IdentifyResult,
    NewGraph,
    ProfileResult,
    RefuteResult,
    Result,
    Table,
)
from causalcopilot.toolkit.serial import result_to_json

HASH = "sha256:" + "5a1e" * 16
LABEL = "effect of qsmk on wt82_71"
CONTROLS = ("sex", "race", "age", "education", "smokeintensity", "smokeyrs", "exercise", "active", "wt71")
NAMES = ("seqn", "qsmk", "wt82_71", *CONTROLS, "wt82", "death")


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

IDENTIFIED = Identification(
    "identified",
    "Conditional Exogeneity",
    "ATE",
    "all units in the table",
    ("qsmk",),
    ("wt82_71",),
    "binary",
    Contrast(0, 1),
    Controls(
        CONTROLS[:7],
        CONTROLS[7:],
        (
            Excluded("wt82", "measured after the treatment: it is part of the outcome"),
            Excluded("death", "measured after the treatment"),
            Excluded("seqn", "identifies rows"),
        ),
    ),
    assumptions=(
        Assumption(
            "no_unmeasured_confounding", False, "the card of this data set declares the nine controls"
        ),
        Assumption("positivity", True, "see the overlap check"),
        Assumption("consistency", False, "not testable here"),
    ),
    alternatives=(Alternative("Instrumental Variable", "no column is declared an instrument"),),
    basis="roles",
)
IDENTIFY = IdentifyResult(
    "identified by roles: 9 controls",
    (
        Fact("status", "identified", "whether the effect of qsmk on wt82_71 is identified"),
        Fact("strategy", "Conditional Exogeneity", "identification strategy"),
        Fact("quantity", "ATE", "causal quantity"),
        Fact("basis", "roles", "whose word the choice of controls rests on"),
        Fact("controls", 9, "number of controls", format=",d"),
        *(Fact(f"control.{i}", c, "control", subject=c) for i, c in enumerate(CONTROLS, 1)),
        Fact("excluded", 3, "number of columns that are not controls", format=",d"),
        Fact(
            "assumption.1",
            "no unmeasured common cause of treatment and outcome, given the controls",
            "assumption",
        ),
        Fact("assumption.2", "every kind of unit could have had either treatment value", "assumption"),
        Fact("assumption.3", "the treatment is one well-defined thing", "assumption"),
    ),
    identification=IDENTIFIED,
)

ESTIMATES = (
    Estimate("aipw", "ATE", "all units in the table", 3.4379, 0.49, 2.4812, 4.3985, 0.95, 1566, "kg"),
    Estimate("aipw_boosting", "ATE", "all units in the table", 3.31, 0.52, 2.29, 4.33, 0.95, 1566, "kg"),
    Estimate("regression", "ATE", "all units in the table", 3.462, 0.438, 2.603, 4.321, 0.95, 1566, "kg"),
    Estimate("ipw", "ATE", "all units in the table", 3.36, 0.51, 2.36, 4.36, 0.95, 1566, "kg"),
    Estimate("matching", "ATT", "units with qsmk = 1", 3.15, 0.66, 1.86, 4.44, 0.95, 1566, "kg"),
    Estimate(
        "aipw",
        "ATC",
        "units with qsmk = 0",
        3.6,
        1.3,
        1.05,
        6.15,
        0.95,
        1566,
        "kg",
        supported=False,
        note="too few controls have a counterpart",
    ),
    Estimate(
        "difference_in_means",
        "association",
        "all units in the table",
        2.5406,
        0.48,
        1.6,
        3.48,
        0.95,
        1566,
        "kg",
        note="not adjusted for anything",
    ),
)
BALANCE = Table(
    "balance",
    "Standardised differences between the arms, before and after weighting",
    ("covariate", "raw", "weighted"),
    (
        ("sex", -0.16, -0.01),
        ("race", -0.177, 0.004),
        ("age", 0.282, -0.012),
        ("education", 0.06, 0.008),
        ("smokeintensity", -0.217, 0.02),
        ("smokeyrs", 0.159, -0.03),
        ("exercise", 0.04, 0.011),
        ("active", 0.05, -0.006),
        ("wt71", 0.133, 0.015),
    ),
)
OVERLAP = Table(
    "overlap",
    "Rows by estimated probability of qsmk = 1",
    ("low", "high", "treated", "control"),
    tuple(
        (i / 20, (i + 1) / 20, t, c)
        for i, (t, c) in enumerate(
            zip(
                (0, 4, 21, 51, 70, 78, 62, 44, 31, 20, 10, 6, 4, 1, 1, 0, 0, 0, 0, 0),
                (3, 40, 128, 240, 250, 196, 130, 84, 46, 24, 12, 6, 2, 1, 0, 0, 0, 0, 0, 0),
                strict=True,
            )
        )
    ),
)
ESTIMATE = EstimateResult(
    "ATE 3.4 kg [2.5, 4.4] by aipw",
    (
        Fact("effect", 3.4379, LABEL, "kg", "wt82_71", ",.2f", 2.4812, 4.3985),
        Fact("std_error", 0.49, f"standard error of the {LABEL}", "kg", "wt82_71", ",.2f"),
        Fact("method", "aipw", "doubly robust (AIPW), two nuisance classes"),
        Fact("quantity", "ATE", "causal quantity"),
        Fact("population", "all units in the table", "whom the effect speaks of"),
        Fact("n_used", 1566, "rows used", format=",d"),
        Fact("rows_dropped", 63, "rows without treatment or outcome", format=",d"),
        Fact("direction", "increases", "direction of the effect", subject="wt82_71"),
        Fact("contrast.control", 0, "qsmk compared from", subject="qsmk"),
        Fact("contrast.treated", 1, "qsmk compared to", subject="qsmk"),
        Fact("difference_in_means", 2.5406, "difference in means, an association, not an effect", "kg",
             "wt82_71", ",.2f", 1.6, 3.48),
        Fact("agreement.low", 3.31, "lowest of the estimates", "kg", "wt82_71", ",.2f"),
        Fact("agreement.high", 3.462, "highest of the estimates", "kg", "wt82_71", ",.2f"),
        Fact("overlap.outside", 0.012, "share of rows without counterparts", format=".1%"),
        *(
            f
            for i, e in enumerate(ESTIMATES, 1)
            for f in (
                Fact(
                    f"estimate.{i}", e.value, f"{e.quantity} by {e.method}", "kg", "wt82_71", ",.2f",
                    e.low, e.high,
                ),
                Fact(f"estimate.{i}.method", e.method, e.method),
            )
        ),
    ),
    tables=(OVERLAP, BALANCE),
    findings=("63 rows without wt82_71 were left out.",),
    identification=IDENTIFIED,
    estimates=ESTIMATES,
)  # fmt: skip

CHECKS = (
    Check("placebo_treatment", "falsification", "pass", 0.04, 0.93, True,
          "A shuffled treatment gives effects around zero.", 0.61),
    Check("overlap", "diagnostic", "pass", 0.012, 0.05, True, "Share of rows outside .05 to .95."),
    Check("balance", "diagnostic", "pass", 0.03, 0.1, True, "Largest weighted difference: smokeyrs."),
    Check("sensitivity", "sensitivity", "pass", 0.158, 0.049, True, "Robustness value against a control."),
    Check("estimator_agreement", "agreement", "pass", 1.0, 1.0, True, "Estimators agree in sign and range."),
    Check("missing_outcome", "data", "warn", 0.0387, 0.05, True, "Share of rows without an outcome."),
    Check("negative_control_outcome", "falsification", "skipped", None, 0.05, True, "None is declared."),
    Check("random_common_cause", "stability", "info", 3.43, None, False, "Cannot fail for confounding."),
    Check("data_subset", "stability", "info", 3.4, None, False, "Cannot fail for confounding."),
)  # fmt: skip
REFUTE = RefuteResult(
    "supported: 5 of 6 checks passed",
    (
        Fact("verdict", "supported", "verdict", subject=LABEL),
        Fact("direction", "increases", "direction of the effect", subject="wt82_71"),
        Fact("reason", "all_passed", "rule that decided"),
        Fact("checks", 6, "checks that could fail", format="d"),
        Fact("passed", 5, "checks passed", format="d"),
        Fact("failed", 0, "checks failed", format="d"),
        Fact("warned", 1, "checks with a warning", format="d"),
        Fact("robustness_value", 0.158, "partial R² that brings the effect to zero", format=".3f"),
        Fact("robustness_value_alpha", 0.114, "partial R² that brings the interval to zero", format=".3f"),
        Fact("benchmark", "smokeintensity", "strongest measured control"),
        Fact("benchmark.strength", 0.049, "partial R² of the strongest measured control", format=".3f"),
        Fact("e_value", 2.31, "E-value", format=".2f"),
        Fact("e_value_limit", 2.02, "E-value of the interval", format=".2f"),
        *(f for i, c in enumerate(CHECKS, 1) for f in (
            Fact(f"check.{i}", c.name, "check"), Fact(f"check.{i}.status", c.status, f"status of {c.name}"))),
    ),
    checks=CHECKS,
    sensitivity=Sensitivity(0.158, 0.114, 2.31, 2.02, "smokeintensity", 0.049, 0.021),
    verdict=Verdict(
        "supported",
        "Every check that could have failed was run, and none did.",
        "Replicate on other data, or measure what could still confound.",
        "increases",
    ),
)  # fmt: skip

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
