"""The export fits its shipped schema, speaks the five strategy names, and agrees with the stored estimate."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import jsonschema
import pytest

from causalcopilot.domain.identification import Strategy
from causalcopilot.errors import NotApplicable
from causalcopilot.report.documents import estimate_document, schema
from causalcopilot.report.export import INTERVALS, STRATEGIES, export_document
from causalcopilot_tools.effects.estimate_report import METHOD_LABELS
from tests.report import sample

FIVE = {
    "RCT",
    "Conditional Exogeneity",
    "Instrumental Variable",
    "Regression Discontinuity",
    "Difference-in-Differences",
}


def valid(document: dict[str, Any]) -> dict[str, Any]:
    shipped = schema("export")
    jsonschema.Draft202012Validator.check_schema(shipped)
    jsonschema.validate(json.loads(json.dumps(document, allow_nan=False)), shipped)
    return document


def test_every_strategy_has_one_of_the_five_names() -> None:
    assert set(STRATEGIES) == set(get_args(Strategy))
    assert set(STRATEGIES.values()) == FIVE
    listed = schema("export")["properties"]["identification"]["properties"]["strategy"]["enum"]
    assert set(listed) == FIVE | {None}


def test_the_export_says_what_the_estimate_says() -> None:
    made, own = valid(export_document(sample.RUN)), estimate_document(sample.RUN)
    assert made["identification"]["strategy"] in FIVE
    assert made["identification"]["controls"]["minimal"] == own["identification"]["controls"]["minimal"]
    first = next(e for e in made["estimates"] if e["primary"])
    told = own["estimates"][own["primary"]]
    assert first["point"] == told["value"]
    assert first["ci"] == [told["low"], told["high"]]
    assert made["refutation"]["verdict"] == own["verdict"]["value"]
    assert len(made["refutation"]["checks"]) == len(own["checks"])
    assert all(block is None for block in made["identification"]["design"].values())


def test_errors_fit_their_intervals_and_associations_are_no_effects() -> None:
    """A program that pools studies reads the error: it must be the one that the interval is made with."""
    made = export_document(sample.RUN)["estimates"]
    assert [e["causal"] for e in made] == [e["quantity"] != "association" for e in made]
    assert {e["causal"] for e in made} == {True, False}
    own = estimate_document(sample.RUN)["estimates"]
    for e, told in zip(made, own, strict=True):
        if e["ci_method"] == "analytic":
            assert e["se"] == told["std_error"]
        else:
            assert 2 * 1.959963985 * e["se"] == pytest.approx(e["ci"][1] - e["ci"][0], rel=1e-6)
    assert {"analytic", "envelope"} <= {e["ci_method"] for e in made}


def test_every_way_to_make_an_interval_is_that_of_a_method_that_exists() -> None:
    assert set(INTERVALS) <= set(METHOD_LABELS)
    bootstrapped = [m for m, told in METHOD_LABELS.items() if "identifying expression" in told]
    assert [INTERVALS[m] for m in bootstrapped] == ["bootstrap"]


def test_a_schema_that_does_not_fit_is_noticed() -> None:
    made = export_document(sample.RUN)
    made["identification"]["strategy"] = "Synthetic Control"
    with pytest.raises(jsonschema.ValidationError):
        valid(made)


def test_a_run_without_an_effect_is_not_exported() -> None:
    with pytest.raises(NotApplicable, match="no identified or refused effect"):
        export_document(replace(sample.RUN, calls=()))
