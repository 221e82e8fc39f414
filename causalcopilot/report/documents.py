"""The ``--json`` documents, from a stored run.

Everything that differs between two equal runs (ids, times, seconds, paths) is in ``meta``; the rest is the
same, byte for byte, for the same data, seed, machine and fresh memory.  The schemas lie beside this file and
fields are only ever added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from causalcopilot.domain.estimate import Estimate, Verdict
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.run import RunRecord
from causalcopilot.graph.graph import Graph
from causalcopilot.report.claims import Part, render, text_of
from causalcopilot.report.findings import Findings, Found, read_run, reason_of
from causalcopilot.toolkit.result import DiscoverResult

Document = dict[str, Any]
DocumentKind = Literal["discover", "estimate", "ask", "analyze", "report", "export"]
VERSION = 1


class ShortAnswer(Protocol):
    """The answer to ``ask``, computed from results (``agent.answer.Answer``)."""

    @property
    def answer(self) -> str | float | None: ...  # noqa: D102
    @property
    def value(self) -> float | None: ...  # noqa: D102
    @property
    def low(self) -> float | None: ...  # noqa: D102
    @property
    def high(self) -> float | None: ...  # noqa: D102
    @property
    def unit(self) -> str: ...  # noqa: D102
    @property
    def ranking(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def graph(self) -> str | None: ...  # noqa: D102
    @property
    def verdict(self) -> str: ...  # noqa: D102


def discover_document(run: RunRecord) -> Document:
    """The newest graph search of a run: graph, method, agreement of methods, notes."""
    findings = read_run(run)
    return {**_head(run), **_discover(findings)}


def estimate_document(run: RunRecord) -> Document:
    """Question, identification, estimates, checks, sensitivity and verdict of a run.

    Not identified: ``estimates`` is empty, ``primary`` is ``null`` and the verdict is ``not_identified``.
    """
    findings = read_run(run)
    return {**_head(run), **_estimate(findings)}


def ask_document(run: RunRecord, answer: ShortAnswer) -> Document:
    """The answer to a question, the text in words, and the facts it rests on.

    Raises:
        Untraceable: the stored narrative does not check.
    """
    findings = read_run(run)
    return {**_head(run), **_ask(findings, answer)}


def analyze_document(
    run: RunRecord,
    *,
    exit: int,
    report: Mapping[str, str] | None = None,
    folder: str = "",
    answer: ShortAnswer | None = None,
) -> Document:
    """Everything one analysis found.

    Args:
        run: the finished run.
        exit: the exit code of the command.
        report: file name by format (``markdown``, ``html``, ``json``); absent formats are ``null``.
        folder: where the report lies (goes to ``meta``).
        answer: the short answer, where the question was one.
    """
    findings = read_run(run)
    head = _head(run)
    if folder:
        head["meta"]["folder"] = folder
    files = dict(report or {})
    return {
        **head,
        "profile": _profile(findings),
        **analysis_parts(findings),
        "answer": _ask(findings, answer) if answer is not None else None,
        "report": {k: files.get(k) for k in ("markdown", "html", "json")},
        "exit": exit,
    }


def analysis_parts(findings: Findings) -> Document:
    """``discover`` and ``estimate`` of a run; ``None`` where there was no search, or no effect asked for."""
    asked = findings.run.question.kind == "effect" or findings.identification is not None
    return {
        "discover": _discover(findings) if findings.last(DiscoverResult) else None,
        "estimate": _estimate(findings) if asked else None,
    }


def schema(kind: DocumentKind) -> Document:
    """The JSON schema of a document, as shipped."""
    from importlib.resources import files

    text = (files("causalcopilot") / "report" / "schemas" / f"{kind}.json").read_text(encoding="utf-8")
    loaded: Document = json.loads(text)
    return loaded


def graph_json(graph: Graph, name: str | None) -> Document:
    """A graph in the shape scripts may rely on; ``name`` is ``None`` for a graph that was not saved."""
    from causalcopilot.graph.formats import to_json

    return {**to_json(graph), "name": name}


def evidence_of(parts: Sequence[Part], facts: Mapping[str, Mapping[str, Fact]]) -> list[Document]:
    """One entry per distinct reference of a narrative, in order of appearance."""
    seen: dict[str, Document] = {}
    for p in parts:
        if p.kind == "fact" and p.reference not in seen:
            fact = facts[p.call][p.key]
            seen[p.reference] = {
                "text": p.text,
                "reference": p.reference,
                "call": p.call,
                "key": p.key,
                "value": number(p.value),
                "low": number(fact.low),
                "high": number(fact.high),
                "unit": fact.unit,
                "label": fact.label,
            }
    return list(seen.values())


def number(value: Scalar) -> Scalar:
    """A value JSON can hold: NaN and infinities become ``None``."""
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return None
    return value


def head_meta(run: RunRecord) -> Document:
    """All that differs between two equal runs."""
    return {
        "run": run.id,
        "parent": run.parent,
        "started": run.started,
        "ended": run.ended,
        "seconds": {c.id: c.seconds for c in run.calls},
        "version": run.version,
        "model": run.model,
        "seed": run.seed,
        "tokens": run.tokens,
        "data": {"name": run.dataset, "hash": run.hash, "rows": run.rows, "columns": run.columns},
    }


def _head(run: RunRecord) -> Document:
    return {"v": VERSION, "meta": head_meta(run)}


def _discover(findings: Findings) -> Document:
    found = findings.last(DiscoverResult)
    if found is None:
        nothing: Document = {"graph": None, "method": None, "reason": None, "settings": {}}
        return {**nothing, "agreement": [], "left_out": [], "notes": []}
    result = found.result
    gone = next((t.rows for t in result.tables if t.name == "left_out"), ())
    return {
        "graph": _found_graph(found),
        "method": result.method,
        "reason": result.reason,
        "settings": dict(result.graphs[0].params) if result.graphs else {},
        "agreement": [
            {"source": a.source, "target": a.target, "lag": a.lag, "symbols": dict(a.symbols)}
            for a in result.agreement
        ],
        "left_out": [{"column": column, "reason": reason} for column, reason in gone],
        "notes": list(dict.fromkeys((*result.notes, *result.findings))),
    }


def _found_graph(found: Found[DiscoverResult]) -> Document | None:
    if not found.result.graphs:
        return None
    name = found.call.graphs[0] if found.call.graphs else None
    return graph_json(found.result.graphs[0].graph, name)


def _estimate(findings: Findings) -> Document:
    from causalcopilot.domain.serial import to_json

    estimated, refuted = findings.estimated, findings.refuted
    estimates = list(estimated.result.estimates) if estimated else []
    sensitivity = refuted.result.sensitivity if refuted else None
    return {
        "question": to_json(findings.run.question),
        "identification": _identification(findings.identification),
        "estimates": [estimate_json(e) for e in estimates],
        "primary": estimated.result.primary if estimated and estimates else None,
        "checks": [to_json(c) for c in refuted.result.checks] if refuted else [],
        "sensitivity": to_json(sensitivity) if sensitivity else {},
        "verdict": _verdict(findings.verdict),
        "range": _range(findings),
        "heterogeneity": _heterogeneity(findings),
        "notes": list(
            dict.fromkeys(
                (
                    *(findings.identified.result.findings if findings.identified else ()),
                    *(estimated.result.findings if estimated else ()),
                    *_without(findings),
                )
            )
        ),
    }


def _without(findings: Findings) -> tuple[str, ...]:
    """What was tried beside the estimate and gave no result, each with its reason in one line."""
    made = {f.call.tool for f in findings.found}
    return tuple(
        f"{c.tool} gave no result: {reason_of(c).value}" for c in findings.failed if c.tool not in made
    )


def _range(findings: Findings) -> Document | None:
    """The effects that open edges of a graph allow, where that was asked."""
    from causalcopilot.domain.serial import to_json

    found = findings.ranged
    if found is None or found.result.range is None:
        return None
    made: Document = to_json(found.result.range)
    return made


def _heterogeneity(findings: Findings) -> Document | None:
    """For whom the effect is larger or smaller, where that was asked; read no further than the verdict allows."""
    from causalcopilot.domain.serial import to_json

    found = findings.varied
    if found is None or found.result.heterogeneity is None:
        return None
    made: Document = to_json(found.result.heterogeneity)
    verdict = findings.verdict
    return {**made, "verdict": verdict.value if verdict else None}


def estimate_json(e: Estimate) -> Document:
    """One estimate; numbers that do not exist are ``null``."""
    from causalcopilot.domain.serial import to_json

    made: Document = to_json(e)
    return made


def _verdict(verdict: Verdict | None) -> Document:
    v = verdict or Verdict("inconclusive", "The run ended before an identification.", "Run it again.")
    return {"value": v.value, "reason": v.reason, "next": v.next, "direction": v.direction}


def _identification(i: Identification | None) -> Document | None:
    from causalcopilot.domain.serial import to_json

    if i is None:
        return None
    body: Document = to_json(i)
    body["design"] = dict(i.design)
    return body


def _ask(findings: Findings, answer: ShortAnswer) -> Document:
    parts = render(findings.run.narrative, findings.facts, findings.names)
    value = answer.answer
    return {
        "answer": number(value) if isinstance(value, float) else value,
        "value": number(answer.value),
        "low": number(answer.low),
        "high": number(answer.high),
        "unit": answer.unit,
        "ranking": list(answer.ranking),
        "graph": answer.graph,
        "verdict": answer.verdict or None,
        "text": text_of(parts).replace("**", ""),
        "evidence": evidence_of(parts, findings.facts),
    }


def _profile(findings: Findings) -> Document:
    from causalcopilot.domain.serial import to_json

    found = findings.profile
    if found is None or found.result.profile is None:
        run = findings.run
        return {"name": run.dataset, "hash": run.hash, "rows": run.rows, "columns": []}
    body: Document = to_json(found.result.profile)
    return body
