"""The profile tool repeats what the profile says, as facts."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from causalcopilot.domain.profile import Notice
from causalcopilot.domain.question import Question
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import ProfileResult
from causalcopilot.toolkit.serial import result_from_json, result_to_json
from causalcopilot_tools.profiling.profile import profile
from tests.tools.framed import case


def small() -> Context:
    frame = pd.DataFrame(
        {
            "t": [0, 1, 0, 1, 0, 0],
            "y": [1.0, 2.0, 3.0, 4.0, None, 1.0],
            "k": [1, 1, 1, 1, 1, 1],
            "id": [10, 11, 12, 13, 14, 10],
        }
    )
    context = case(frame, question=Question("effect", treatment="t", outcome="y"), types={"id": "identifier"})
    columns = tuple(replace(c, unit="kg") if c.name == "y" else c for c in context.profile.columns)
    filled = replace(
        context.profile,
        columns=columns,
        complete_rows=5,
        constants=("k",),
        identifiers=("id",),
        notices=(Notice("constant_column", "k has a single value", ("k",)),),
    )
    return replace(context, profile=filled)


def test_facts_repeat_the_profile() -> None:
    context = small()
    r = profile(context)
    assert isinstance(r, ProfileResult)
    assert r.profile is context.profile
    got = {f.key: f.value for f in r.facts}
    assert got == {
        "rows": 6,
        "columns": 4,
        "duplicate_rows": 1,
        "duplicate_share": 1 / 6,
        "complete_rows": 5,
        "missing_share": 1 / 24,
        "constants": 1,
        "constant.1": "k",
        "identifiers": 1,
        "identifier.1": "id",
        "notice.1": "constant_column",
        "treatment.type": "binary",
        "treatment.levels": 2,
        "outcome.type": "continuous",
        "outcome.mean": 2.2,
        "outcome.unit": "kg",
    }
    assert r.fact("outcome.mean").unit == "kg"
    assert r.findings == ("k has a single value",)
    assert [row[0] for row in r.tables[0].rows] == ["t", "y", "k", "id"]
    assert result_from_json(result_to_json(r)) == r


def test_no_question_no_treatment_facts() -> None:
    r = profile(replace(small(), question=Question()))
    assert not [f.key for f in r.facts if f.key.startswith(("treatment", "outcome"))]


def test_runs_in_the_parent_and_tells_no_single_value() -> None:
    assert profile.where == "parent"
    heads = profile(small()).tables[0].columns
    assert not {"minimum", "maximum"} & set(heads)
