"""The ``--json`` documents fit their schemas, and equal runs give equal documents apart from ``meta``."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import jsonschema
import pytest

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.run import RunRecord
from causalcopilot.report import documents
from causalcopilot.report.documents import (
    analyze_document,
    ask_document,
    discover_document,
    estimate_document,
    schema,
)
from causalcopilot.toolkit.result import EstimateResult
from tests.report import refused, sample, sampled_effect

EMPTY_END = Estimate("anderson_rubin", "LATE", "compliers", 1.0, 0.5, None, None, 0.95, 100, "")


@dataclass(frozen=True)
class Short:
    answer: str | float | None = "yes"
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    ranking: tuple[str, ...] = ()
    graph: str | None = None
    verdict: str = ""


def valid(document: dict[str, Any], kind: documents.DocumentKind) -> dict[str, Any]:
    shipped = schema(kind)
    jsonschema.Draft202012Validator.check_schema(shipped)
    jsonschema.validate(json.loads(json.dumps(document, allow_nan=False)), shipped)
    return document


def renamed(run: RunRecord) -> RunRecord:
    """The same run at another time, with another id."""
    calls = tuple(replace(c, seconds=c.seconds * 3 + 1) for c in run.calls)
    return replace(
        run, id="r20270202-000000-zz99", started="2027-02-02T00:00:00Z", ended="2027", calls=calls, tokens=3
    )


def test_estimate_document_has_the_contract_shape() -> None:
    d = valid(estimate_document(sample.RUN), "estimate")
    assert list(d) == [
        "v", "meta", "question", "identification", "estimates", "primary", "checks", "sensitivity", "verdict",
        "range", "heterogeneity", "notes",
    ]  # fmt: skip
    assert d["identification"]["controls"]["forbidden"][0] == {
        "name": "wt82",
        "reason": "measured after the treatment: it is part of the outcome",
    }
    assert d["identification"]["contrast"] == {"control": 0, "treated": 1}
    assert d["estimates"][d["primary"]]["value"] == 3.4379
    assert d["verdict"]["value"] == "supported"
    assert d["sensitivity"]["benchmark"] == "smokeintensity"
    assert [c["status"] for c in d["checks"]].count("pass") == 5


def test_not_identified_gives_no_number() -> None:
    d = valid(estimate_document(refused.NOT_IDENTIFIED), "estimate")
    assert (d["estimates"], d["primary"], d["checks"], d["sensitivity"]) == ([], None, [], {})
    assert d["verdict"]["value"] == "not_identified"
    assert d["identification"]["blocking_path"] == ["t", "<--", "u", "-->", "y"]


def test_a_later_refusal_withdraws_the_estimate() -> None:
    other = replace(refused.REFUSED, treatments=("qsmk",), outcomes=("wt82_71",))
    late = sample.call("t6", "identify", {"graph": "nhefs@1"}, replace(refused.REFUSAL, identification=other))
    d = valid(estimate_document(replace(sample.RUN, calls=(*sample.RUN.calls, late))), "estimate")
    assert d["estimates"] == []
    assert d["verdict"]["value"] == "not_identified"


def test_an_estimate_of_a_refused_identification_is_never_shown() -> None:
    bad = replace(
        sampled_effect.ESTIMATE, identification=replace(sampled_effect.IDENTIFIED, status="not_identified")
    )
    assert isinstance(bad, EstimateResult)
    calls = (*sample.RUN.calls[:3], sample.call("t4", "estimate", {}, bad))
    assert estimate_document(replace(sample.RUN, calls=calls))["estimates"] == []


def test_without_refutation_nothing_is_supported() -> None:
    d = valid(estimate_document(replace(sample.RUN, calls=sample.RUN.calls[:4])), "estimate")
    assert d["verdict"]["value"] == "inconclusive"
    assert d["checks"] == []


def test_an_estimate_of_something_else_does_not_answer() -> None:
    other = replace(sample.RUN, question=replace(sample.RUN.question, treatment="age"))
    d = valid(estimate_document(other), "estimate")
    assert d["estimates"] == []
    assert d["identification"] is None


def test_discover_document() -> None:
    d = valid(discover_document(sample.RUN), "discover")
    assert d["graph"]["name"] == "nhefs@1"
    assert d["graph"]["edges"][1]["source_mark"] == "circle"
    assert d["agreement"][1] == {
        "source": "qsmk",
        "target": "wt82_71",
        "lag": 0,
        "symbols": {"fci": "o->", "boss": "---"},
    }
    assert isinstance(d["settings"], dict)
    assert valid(discover_document(refused.NOT_IDENTIFIED), "discover")["graph"] is None


def test_ask_document_lists_every_fact_of_its_text() -> None:
    d = valid(ask_document(sample.RUN, Short(3.4379, 3.4379, 2.4812, 4.3985, verdict="supported")), "ask")
    assert d["answer"] == 3.4379
    assert "3.44 kg (2.48 to 4.40)" in " ".join(d["text"].split())
    assert "**" not in d["text"]
    claim = next(e for e in d["evidence"] if e["reference"] == "t4.effect.with_unit")
    assert (claim["call"], claim["value"], claim["unit"]) == ("t4", 3.4379, "kg")
    assert valid(ask_document(sample.EXPLORATORY, Short(None, ranking=("age",))), "ask")["ranking"] == ["age"]


def test_an_interval_without_ends_is_null_and_its_ends_stay_apart() -> None:
    """JSON knows no infinity: a set without bounds must not end a script, nor swap its ends."""
    endless = Short(answer=float("nan"), value=1.5, low=float("-inf"), high=float("inf"))
    document = valid(ask_document(sample.RUN, endless), "ask")
    assert [document[k] for k in ("answer", "value", "low", "high")] == [None, 1.5, None, None]
    document = ask_document(sample.RUN, Short(value=1.5, low=1.0, high=2.5))
    assert [document[k] for k in ("low", "value", "high")] == [1.0, 1.5, 2.5]
    estimate = replace(EMPTY_END, low=float("-inf"), high=2.0)
    made = json.loads(json.dumps(documents.estimate_json(estimate), allow_nan=False))
    assert (made["low"], made["high"]) == (None, 2.0)


def test_analyze_document() -> None:
    d = analyze_document(sample.RUN, exit=0, report={"markdown": "report.md"}, folder="out")
    valid(d, "analyze")
    assert d["meta"]["folder"] == "out"
    assert d["report"] == {"markdown": "report.md", "html": None, "json": None}
    assert d["answer"] is None
    assert d["profile"]["columns"][2]["unit"] == "kg"
    explored = valid(analyze_document(sample.EXPLORATORY, exit=0), "analyze")
    assert explored["estimate"] is None
    assert valid(analyze_document(refused.NOT_IDENTIFIED, exit=4), "analyze")["discover"] is None


@pytest.mark.parametrize("run", [sample.RUN, refused.NOT_IDENTIFIED, sample.EXPLORATORY])
def test_equal_runs_differ_only_in_meta(run: RunRecord) -> None:
    for make in (
        estimate_document,
        discover_document,
        lambda r: ask_document(r, Short()),
        lambda r: analyze_document(r, exit=0, folder=r.id),
    ):
        one, two = make(run), make(renamed(run))
        assert one.pop("meta") != two.pop("meta")
        assert json.dumps(one) == json.dumps(two)


def test_a_schema_refuses_an_estimate_without_identification() -> None:
    d = estimate_document(refused.NOT_IDENTIFIED)
    d["estimates"] = estimate_document(sample.RUN)["estimates"]
    with pytest.raises(jsonschema.ValidationError):
        valid(d, "estimate")
