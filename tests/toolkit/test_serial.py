"""Results survive the way through JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from causalcopilot.domain.effect_range import EffectRange, PossibleEffect
from causalcopilot.domain.estimate import Check, Estimate, Sensitivity, Verdict
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.identification import Controls, Excluded, Identification
from causalcopilot.domain.profile import ColumnProfile, Notice, Profile
from causalcopilot.domain.question import Contrast
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.toolkit.result import (
    RESULT_TYPES,
    DiscoverResult,
    EdgeAgreement,
    EstimateResult,
    HeterogeneityResult,
    IdentifyResult,
    NewGraph,
    ProfileResult,
    RangeResult,
    RankingResult,
    RefuteResult,
    Result,
    StructureResult,
    Table,
)
from causalcopilot.toolkit.serial import plain, result_from_json, result_to_json
from tests.agent.groups import EXPLORED

GRAPH = Graph(
    "pag",
    ("a", "b", "u"),
    (Edge("a", "b", "circle", "arrow", confidence=0.1, source_confidence=1 / 3, target_confidence=1.0),),
    ("u",),
)
FACTS = (
    Fact("effect", 0.1 + 0.2, "effect", "kg", "t", ".2f", -1e-300, 1e300),
    Fact("n", 3),
    Fact("flag", True),
    Fact("none", None),
    Fact("whole", 3.0),
)
IDENTIFICATION = Identification(
    "identified",
    "Conditional Exogeneity",
    "ATT",
    "the treated",
    ("t",),
    ("y",),
    "categorical",
    Contrast("no", "yes"),
    Controls(("a",), ("b",), (Excluded("c", "a mediator"),)),
    design=(("cutoff", "3"),),
    basis="roles",
)
RANGE = EffectRange(
    "t",
    "y",
    "g@1",
    -1.0,
    2.0,
    -0.5,
    1.5,
    0.95,
    "kg",
    (PossibleEffect(("t --> a",), ("b",), False, 1.5, 1.0, 2.0),),
)
TABLE = Table("balance", "Balance", ("covariate", "raw"), (("a", 0.5), ("b", None)))
RESULTS = (
    Result("s", FACTS, (NewGraph(GRAPH, "g", "fci", (("alpha", 0.05), ("steps", 3))),), (TABLE,), ("f",)),
    ProfileResult(
        "s",
        profile=Profile(
            "d",
            "h",
            3,
            (ColumnProfile("a", "nominal", "text", 0, 2, levels=(("x", 2), ("y", 1)), minimum="x"),),
            notices=(Notice("odd", "odd", ("a",)),),
        ),
    ),
    DiscoverResult("s", agreement=(EdgeAgreement("a", "b", (("pc", "-->"),)),), notes=("n",)),
    StructureResult("s", answer="yes", path=("a", "-->", "b"), graph="g@1"),
    IdentifyResult("s", identification=IDENTIFICATION, verdict=Verdict("not_identified", "r")),
    EstimateResult(
        "s",
        identification=IDENTIFICATION,
        estimates=(Estimate("aipw", "ATT", "all", 1.0, None, None, 2.0, 0.95, 3, "kg"),),
    ),
    RefuteResult(
        "s",
        checks=(Check("overlap", "diagnostic", "pass", 0.01, 0.1, True),),
        sensitivity=Sensitivity(0.2, benchmark="a"),
        verdict=Verdict("supported", "all_passed", direction="increases"),
    ),
    RangeResult("s", range=RANGE),
    HeterogeneityResult("s", heterogeneity=EXPLORED),
    RankingResult("s", ranking=("a", "b")),
)


def test_every_core_result_is_covered() -> None:
    assert {type(r).__name__ for r in RESULTS} == set(RESULT_TYPES)


@pytest.mark.parametrize("result", RESULTS, ids=lambda r: type(r).__name__)
def test_results_come_back_equal(result: Result) -> None:
    data = result_to_json(result)
    assert data["type"] == type(result).__name__
    assert result_from_json(json.loads(json.dumps(data))) == result


def test_numbers_keep_their_type() -> None:
    back = result_from_json(json.loads(json.dumps(result_to_json(RESULTS[0]))))
    assert [type(f.value) for f in back.facts] == [float, int, bool, type(None), float]


def test_a_plugins_own_result_comes_back_as_its_core_class(plugin: Any) -> None:
    own = plugin.OwnResult("s", FACTS, primary=1, extra=2.5)
    data = result_to_json(own)
    assert (data["type"], data["base"], data["extra"]) == ("OwnResult", "EstimateResult", 2.5)
    assert result_from_json(data) == EstimateResult("s", FACTS, primary=1)


def test_infinities_become_none() -> None:
    data = result_to_json(Result("s", (Fact("x", float("inf")),)))
    assert result_from_json(data).fact("x").value is None


def test_plain_frees_records_of_numpy_and_shares_the_rest() -> None:
    import numpy as np

    cells: Any = ((np.float64(0.5),), (np.int32(2),))
    table = Table("t", "t", ("a",), cells)
    made = plain(Result("s", FACTS, tables=(table,)))
    assert [type(c) for row in made.tables[0].rows for c in row] == [float, int]
    assert made.facts is FACTS
    assert plain(RESULTS[0]) is RESULTS[0]
