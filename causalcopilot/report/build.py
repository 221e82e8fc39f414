"""From a stored run and its graphs to the view of a report."""

from __future__ import annotations

import json
from collections.abc import Sequence

from causalcopilot.domain.facts import display_level
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.domain.run import RunRecord
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.report import data_section, effect_sections, graph_section
from causalcopilot.report.again import command_line
from causalcopilot.report.findings import Findings, read_run
from causalcopilot.report.prose import Block, say
from causalcopilot.report.view import AnswerBox, Evidence, Grid, Section, View

VERDICTS = {
    "supported": "Supported",
    "fragile": "Fragile",
    "refuted": "Refuted",
    "not_identified": "Not identified",
    "inconclusive": "Inconclusive",
}
QUANTITIES = {
    "ATE": "average effect over everyone (ATE)",
    "ATT": "average effect on the treated (ATT)",
    "ATC": "average effect on the untreated (ATC)",
    "NIE": "average effect through the mediator (natural indirect effect)",
    "LATE": "average effect where the design moves the treatment (LATE)",
}


def build_view(run: RunRecord, graphs: Sequence[StoredGraph]) -> View:
    """Everything a report of ``run`` shows.

    Raises:
        Untraceable: the stored narrative does not check; nothing of it is shown.
    """
    findings = read_run(run)
    narrative = say(run.narrative, findings)
    answer = _answer(findings)
    sections = (
        Section("summary", "Summary", narrative, notes=_author(run)),
        *effect_sections.sections(findings),
        *graph_section.sections(findings, graphs),
        data_section.section(findings),
        _calls(run),
        _reproduce(findings),
    )
    shown = tuple(s for s in sections if not s.empty)
    head = (*answer.headline, *answer.interval) if answer else ()
    cited = (*head, *(b for s in shown for b in s.prose))
    return View(
        _title(run.question, run),
        _question(run.question, findings),
        f"{run.dataset} · {run.rows:,d} rows · {run.columns:,d} columns",
        answer,
        shown,
        _evidence(findings, cited),
        _meta(run),
    )


def _title(q: Question, run: RunRecord) -> str:
    if q.treatment and q.outcome and q.kind == "effect":
        return f"Effect of {q.treatment} on {q.outcome}"
    if q.kind == "subgroups" and q.treatment and q.outcome:
        return f"For whom {q.treatment} changes {q.outcome}"
    if q.kind == "mediation" and q.mediator:
        return f"Effect of {q.treatment} on {q.outcome} through {q.mediator}"
    if q.kind == "joint" and q.together:
        return f"Effect of {_together(q)} together on {q.outcome}"
    if q.kind in ("what_if", "counterfactual"):
        return f"What {q.outcome} would be with another {q.treatment}"
    words = {
        "explore": "What the data suggest",
        "graph": "A causal graph",
        "drivers": f"What drives {q.outcome}",
        "anomaly": f"Why one row of {q.outcome} is odd",
        "change": f"Why {q.outcome} changed",
        "arrows": f"The arrows into {q.outcome}",
    }
    if q.treatment and q.outcome:
        return f"{q.kind.replace('_', ' ').capitalize()}: {q.treatment} and {q.outcome}"
    return words.get(q.kind, "Report")


def _together(q: Question) -> str:
    names = [q.treatment or "", *q.together]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _question(q: Question, findings: Findings) -> str:
    if q.text:
        return q.text
    if q.kind == "mediation" and q.treatment and q.outcome and q.mediator:
        return f"How much of the effect of {q.treatment} on {q.outcome} goes through {q.mediator}?"
    if q.kind == "joint" and q.together:
        return f"What do {_together(q)} together do to {q.outcome}?"
    if q.kind == "effect" and q.treatment and q.outcome:
        known = findings.identification
        return f"What is the effect of {q.treatment} on {q.outcome}{_from_to(known.contrast if known else q.contrast)}?"
    if q.kind in ("explore", "graph"):
        return "Which causal structure do the data suggest?"
    return ""


def _from_to(contrast: Contrast | None) -> str:
    if contrast is None or contrast.control is None or contrast.treated is None:
        return ""
    return f" when it goes from {display_level(contrast.control)} to {display_level(contrast.treated)}"


def _answer(findings: Findings) -> AnswerBox | None:
    verdict = findings.verdict
    if verdict is None:
        return _plain_answer(findings)
    estimated, primary = findings.estimated, findings.primary
    headline: tuple[Block, ...] = ()
    interval: tuple[Block, ...] = ()
    scope = ""
    if estimated is not None and primary is not None and verdict.value != "not_identified":
        call = estimated.call.id
        effect = estimated.fact("effect")
        if effect is not None and effect.value is not None:
            headline = say(f"{{{call}.effect.with_unit}}", findings)
            if effect.low is not None and effect.high is not None:
                interval = say(f"{{{call}.effect.interval.with_unit}}", findings)
        words = QUANTITIES.get(primary.quantity, primary.quantity)
        scope = f"{words} · {primary.population} · {primary.level:.0%} interval"
    return AnswerBox(
        verdict.value, VERDICTS[verdict.value], headline, interval, scope, verdict.reason, verdict.next
    )


def _plain_answer(findings: Findings) -> AnswerBox | None:
    """The short answer to a question about structure: the newest ``answer`` fact."""
    if findings.run.question.kind in ("explore", "graph", "unclear", "effect"):
        return None
    for f in reversed(findings.found):
        if f.fact("answer") is not None:
            return AnswerBox("none", "Answer", say(f"{{{f.call.id}.answer}}", findings), (), "", "", "")
    return None


def _author(run: RunRecord) -> tuple[str, ...]:
    if run.author in ("", "expert"):
        return (
            ()
            if run.model == "expert"
            else ("Written by the built-in expert: the model's text did not check.",)
        )
    return (f"Written by the model {run.author}; every number and verdict in it comes from a stored result.",)


def _calls(run: RunRecord) -> Section:
    rows = []
    failed = []
    for i, c in enumerate(run.calls):
        error = dict(c.error or {})
        why = "; ".join(filter(None, (error.get("message"), error.get("hint"))))
        said = "ok" if c.ok else f"failed: {why}"
        rows.append((c.id, c.tool, _arguments(c.args), ", ".join(c.graphs), said))
        if not c.ok:
            failed.append(i)
    grid = Grid(
        "Every call, in order",
        ("call", "tool", "arguments", "graphs", "outcome"),
        tuple(rows),
        names=(1, 2),
        strong=tuple(failed),
    )
    return Section("calls", "What was run", grids=(grid,) if rows else (), quiet=True)


def _arguments(args: object) -> str:
    return json.dumps(args, ensure_ascii=False, sort_keys=True)


def _reproduce(findings: Findings) -> Section:
    run = findings.run
    rows = (
        ("command", command_line(run)),
        ("seed", str(run.seed)),
        ("ccp version", run.version or "unknown"),
        ("driven by", run.model),
        ("data", run.dataset),
        ("data hash", run.hash),
        ("knowledge from", str(run.knowledge.get("origin") or "nobody")),
    )
    return Section("reproduce", "How to reproduce it", grids=(Grid("", ("what", "value"), rows, names=(1,)),))


def _evidence(findings: Findings, blocks: Sequence[Block]) -> tuple[Evidence, ...]:
    calls = {c.id: c for c in (*(f.call for f in findings.found), *findings.failed)}
    shown: dict[tuple[str, str], list[str]] = {}
    for part in (p for b in blocks for p in b.parts if p.kind == "fact"):
        texts = shown.setdefault((part.call, part.key), [])
        if part.text not in texts:
            texts.append(part.text)
    out = []
    for (call, key), texts in sorted(shown.items(), key=lambda s: (int(s[0][0][1:] or 0), s[0][1])):
        fact = findings.facts[call][key]
        c = calls[call]
        out.append(
            Evidence(
                f"{call}.{key}",
                c.tool,
                _arguments(c.args),
                fact.label,
                fact.value,
                fact.low,
                fact.high,
                fact.unit,
                tuple(texts),
            )
        )
    return tuple(out)


def _meta(run: RunRecord) -> tuple[tuple[str, str], ...]:
    seconds = sum(c.seconds for c in run.calls)
    rows = (
        ("run", run.id),
        ("parent", run.parent),
        ("started", run.started),
        ("ended", run.ended),
        ("seconds in tools", f"{seconds:.1f}"),
        ("tokens", str(run.tokens) if run.tokens else ""),
    )
    return tuple((k, v) for k, v in rows if v)
