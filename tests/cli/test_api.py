"""The Python API gives what the command line gives, and leaves the caller's frame alone."""

from __future__ import annotations

from typing import Any

import pytest

import causalcopilot as cc
from causalcopilot.errors import ColumnNotFound
from tests.cli.conftest import Ccp

TRUE_EFFECT = 2.0
TOLERANCE = 0.35
"""Outcome units; four standard errors of the difference at 800 rows."""


def frame() -> Any:
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(5)
    age = rng.normal(50, 10, 800)
    treated = (rng.random(800) < 1 / (1 + np.exp(-(age - 50) / 10))).astype(int)
    recovery = TRUE_EFFECT * treated + 0.1 * age + rng.normal(0, 1, 800)
    return pd.DataFrame({"age": age, "treated": treated, "recovery": recovery})


def test_analyze_a_frame(ccp: Ccp) -> None:
    table = frame()
    before = table.copy(deep=True)
    found = cc.analyze(table, treatment="treated", outcome="recovery", controls=["age"])
    assert table.equals(before)
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(TRUE_EFFECT, abs=TOLERANCE)
    assert found.verdict is not None
    assert found.identification is not None
    assert found.identification.basis == "controls"
    assert "recovery" in str(found)
    assert found._repr_html_().startswith("<iframe")
    assert found.to_json()["verdict"]["value"] == found.verdict.value


def test_the_same_numbers_as_the_command_line(ccp: Ccp, tmp_path: Any) -> None:
    table = frame()
    table.to_csv(tmp_path / "t.csv", index=False)
    told = ccp("estimate", "t.csv", "-t", "treated", "-y", "recovery", "--controls", "age", "--json").json
    found = cc.analyze(table, treatment="treated", outcome="recovery", controls=["age"])
    assert [e["value"] for e in told["estimates"]] == [e["value"] for e in found.to_json()["estimates"]]
    assert told["meta"]["data"]["hash"] == found.run.hash


def test_ask_a_frame(ccp: Ccp) -> None:
    assert cc.ask(frame(), "Are age and treated independent?").answer.answer == "no"


def test_ask_learns_the_graph_as_pinned(ccp: Ccp) -> None:
    found = cc.ask(frame(), "Does age directly cause treated?", method="pc", test="fisherz", alpha=0.05)
    learned = next(c for c in found.run.calls if c.tool == "discover")
    assert (learned.args["method"], learned.args["test"], learned.args["alpha"]) == ("pc", "fisher_z", 0.05)


def test_a_report_from_a_notebook(ccp: Ccp, tmp_path: Any) -> None:
    found = cc.analyze("dataset:hidden_confounder")
    assert found.estimate is None
    assert found.verdict is not None
    assert found.verdict.value == "not_identified"
    paths = found.write(tmp_path / "report")
    assert all(p.is_file() for p in paths.all)


def test_an_unknown_column_is_one_clear_error(ccp: Ccp) -> None:
    with pytest.raises(ColumnNotFound, match="tretaed") as e:
        cc.analyze(frame(), treatment="tretaed", outcome="recovery")
    assert "treated" in e.value.hint


def test_the_public_names() -> None:
    assert set(cc.__all__) == {"Analysis", "__version__", "analyze", "ask"}
    assert all(hasattr(cc, name) for name in cc.__all__)
    with pytest.raises(AttributeError):
        _ = cc.nothing
