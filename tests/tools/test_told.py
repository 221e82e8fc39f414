"""What a reader is told before trusting a number: groups, panels nobody named, and outcomes that were computed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge, Role
from causalcopilot.domain.question import Question
from causalcopilot.domain.told import told
from causalcopilot.errors import DataError
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult
from causalcopilot_tools.effects import primary
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case


@pytest.fixture(autouse=True)
def one_fold_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(primary, "MEDIAN_SEEDS", 1)


def roles(**named: Role) -> Knowledge:
    return Knowledge(columns=tuple(ColumnKnowledge(n, role=r) for n, r in named.items()), origin="file")


def run(
    frame: pd.DataFrame, knowledge: Knowledge | None = None, question: Question | None = None
) -> tuple[Context, EstimateResult]:
    asked = question or Question("effect", treatment="t", outcome="y")
    context = case(frame, told(knowledge or Knowledge(), asked), asked)
    found = identify(context, treatment="t", outcome="y")
    assert isinstance(found, IdentifyResult)
    made = estimate(context, identification=found)
    assert isinstance(made, EstimateResult)
    return context, made


def handed_out(schools: int, size: int) -> pd.DataFrame:
    g = np.random.default_rng(1)
    school = np.repeat(np.arange(schools), size)
    t = g.permutation(np.arange(schools) % 2)[school]
    y = t + g.normal(size=schools)[school] + g.normal(size=len(school))
    return pd.DataFrame(
        {"t": t, "y": y, "school": [f"s{i}" for i in school], "age": g.normal(size=len(school))}
    )


def test_a_treatment_handed_out_by_a_column_that_is_held_names_the_flag() -> None:
    _, made = run(handed_out(36, 12))
    said = " ".join(made.findings)
    assert "which is held as a control" in said
    assert "--cluster school" in said
    asked = Question("effect", treatment="t", outcome="y", cluster="school")
    _, counted = run(handed_out(36, 12), question=asked)
    assert "held as a control" not in " ".join(counted.findings)
    assert counted.identification is not None
    assert "school" not in counted.identification.controls.used
    assert counted.fact("clusters").value == 36


def test_where_nothing_is_left_to_compare_the_hint_names_the_flag() -> None:
    with pytest.raises(DataError) as caught:
        run(handed_out(10, 80))
    assert "never varies within school" in caught.value.message
    assert "--cluster school" in caught.value.hint


def test_a_panel_that_nobody_named_is_told_with_both_ways_out() -> None:
    g = np.random.default_rng(2)
    firm, year = (a.ravel() for a in np.meshgrid(np.arange(60), np.arange(2010, 2018), indexing="ij"))
    level = g.normal(size=60)[firm]
    t = (g.random(480) < 1 / (1 + np.exp(-level))).astype(int)
    frame = pd.DataFrame(
        {"t": t, "y": level + t + g.normal(size=480), "firm": [f"f{i}" for i in firm], "year": year}
    )
    known = roles(year="pre_treatment")
    said = " ".join(run(frame, known)[1].findings)
    assert "Each firm is seen once in every year" in said
    assert "--unit firm --time year" in said
    assert "--cluster firm" in said
    cluster = Question("effect", treatment="t", outcome="y", cluster="firm")
    assert "seen once" not in " ".join(run(frame, known, cluster)[1].findings)
    loose = frame.assign(firm=[f"f{i}" for i in g.integers(0, 60, 480)])  # pairs repeat: no panel
    assert "seen once" not in " ".join(run(loose, known)[1].findings)


def made_from(computed: str) -> pd.DataFrame:
    g = np.random.default_rng(3)
    x, t = g.normal(size=400), (g.random(400) < 0.5).astype(int)
    dose = g.normal(size=400)
    y = {
        "copy": 3.0 * t,
        "line": 5.0 * dose,
        "sum": 3.0 * t + 2.0 * x,
        "noisy": 3.0 * t + 2.0 * x + 1e-3 * dose,
    }
    return pd.DataFrame({"t": dose if computed == "line" else t, "x": x, "y": y[computed]})


@pytest.mark.parametrize("computed", ["copy", "line"])
def test_a_copy_of_the_treatment_is_refused(computed: str) -> None:
    with pytest.raises(DataError, match="follows exactly from t in every row"):
        run(made_from(computed), roles(x="pre_treatment"))


@pytest.mark.parametrize(("computed", "status"), [("sum", "fail"), ("noisy", "pass")])
def test_a_sum_of_treatment_and_control_is_said_to_be_computed(computed: str, status: str) -> None:
    context, made = run(made_from(computed), roles(x="pre_treatment"))
    tried = refute(context, estimate=made)
    assert isinstance(tried, RefuteResult)
    check = next(c for c in tried.checks if c.name == "computed_outcome")
    assert check.status == status
    assert (tried.sensitivity is None) == (status == "fail")
    assert tried.verdict is not None
    if status == "fail":
        assert "how it was computed" in tried.verdict.reason
        assert "follows exactly from t and x" in check.detail
