"""What a run found, read back: a model says nothing through the error of a call that was bound to fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causalcopilot.domain.run import CallRecord
from causalcopilot.report.findings import Findings
from tests.report import sample

SMUGGLED = "effect_is_8264.19"
FAILED = CallRecord(
    "t9",
    "attribute_change",
    {"outcome": "wt82_71", "first": SMUGGLED, "second": 7391.37, "row": 5},
    False,
    None,
    {
        "kind": "not_applicable",
        "message": f"no complete row of 1566 has wt82_71 = {SMUGGLED} or 7391.37. Row 5 has none of 50",
    },
)


def read(model: str, text: str = "") -> Findings:
    run = replace(
        sample.RUN,
        model=model,
        question=replace(sample.RUN.question, text=text),
        settings={"columns": ["wt82_71"]},
        calls=(*sample.RUN.calls, FAILED),
    )
    return Findings(run, ())


@pytest.mark.parametrize(
    ("model", "text", "why"),
    [
        ("openai:any", "", "no complete row of 1566 has wt82_71 = … or …. Row … has none of 50"),
        ("openai:any", "why row 5?", "no complete row of 1566 has wt82_71 = … or …. Row 5 has none of 50"),
        ("expert", "", str((FAILED.error or {})["message"])),
    ],
)
def test_the_reason_of_a_failure_repeats_nothing_that_a_model_made_up(
    model: str, text: str, why: str
) -> None:
    assert read(model, text).facts["t9"]["why"].value == why


def test_an_argument_that_no_tool_took_is_no_name() -> None:
    assert SMUGGLED not in read("openai:any").names
    assert "attribute_change" in read("openai:any").names
    assert SMUGGLED in read("expert").names
