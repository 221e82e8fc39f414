"""What ``ccp discover`` prints about two searches that disagree and about columns that took no part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jsonschema import validate

from causalcopilot.cli.text.discover import discover_text
from causalcopilot.report.documents import schema
from tests.cli.conftest import Ccp


def test_disagreement_is_told_edge_by_edge() -> None:
    edge = {"source": "a", "target": "b", "source_mark": "tail", "target_mark": "arrow", "lag": 0}
    agreement = [
        {"source": "a", "target": "b", "lag": 0, "symbols": {"boss": "-->", "pc": "<--"}},
        {"source": "b", "target": "c", "lag": 0, "symbols": {"boss": "-->", "pc": "---"}},
        {"source": "a", "target": "d", "lag": 0, "symbols": {"boss": "---"}},
        {"source": "c", "target": "d", "lag": 0, "symbols": {"pc": "-->"}},
    ]
    document = {
        "graph": {"name": "g@1", "kind": "cpdag", "nodes": list("abcd"), "edges": [edge]},
        "method": "boss",
        "reason": "",
        "settings": {"runner_up": "pc"},
        "agreement": agreement,
        "notes": [],
    }
    lines = discover_text(document, []).split("\n")
    assert lines[-4:] == [
        "2 of 4 adjacencies found by more than one method",
        "  only boss: a --- d",
        "  only pc: c --> d",
        "  turned around: boss a --> b but pc a <-- b",
    ]


def test_columns_left_out_are_named_with_their_reasons(ccp: Any) -> None:
    rng = np.random.default_rng(1)
    a = rng.standard_normal(200)
    b = a + rng.standard_normal(200)
    frame = pd.DataFrame({"a": a, "b": b, "same": b, "sum": a + b, "one": 1, "none": None})
    frame.to_csv("hostile.csv", index=False)
    ran = ccp("discover", "hostile.csv", "--json")
    validate(ran.json, schema("discover"))
    why = {e["column"]: e["reason"] for e in ran.json["left_out"]}
    assert why == {
        "same": "repeats b",
        "sum": "is determined by a, b",
        "one": "has a single value",
        "none": "has no values",
    }
    said = " ".join(ccp("discover", "hostile.csv").out.split())
    assert "left out of the search: one (has a single value)" in said
    assert "same (repeats b); sum (is determined by a, b)" in said


def test_an_edge_over_time_that_one_search_found_alone_is_told_with_its_lag() -> None:
    from causalcopilot.cli.text.discover import _compared

    pairs = [
        {"source": "a", "target": "b", "lag": 2, "symbols": {"var": "-->"}},
        {"source": "a", "target": "b", "lag": 0, "symbols": {"var": "-->"}},
    ]
    assert "only var: a[t-2] --> b, a --> b" in "\n".join(_compared(pairs))


def test_a_graph_that_forbids_nothing_is_not_said_to_have_been_tested(ccp: Ccp, tmp_path: Path) -> None:
    rows = "".join(f"{n % 7},{n * n % 11},{n % 3}\n" for n in range(60))
    (tmp_path / "t.csv").write_text(f"a,b,c\n{rows}")
    ran = ccp("ask", "t.csv", "Does this graph fit the data?", "--graph", "dag { a -> b a -> c b -> c }")
    assert "implies no independence" in " ".join(ran.out.split())
    assert "Of 0" not in ran.out
