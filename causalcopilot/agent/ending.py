"""How a question ended: which results answer it, what is still missing, and which failure is to blame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from causalcopilot.agent.topic import on_topic
from causalcopilot.domain.question import ABOUT_EFFECTS
from causalcopilot.domain.run import REFUSED, CallRecord
from causalcopilot.errors import CcpError, ModelError, UsageError

__all__ = ["NEEDED", "REFUSED", "STOPPED", "error_of", "failure", "missing", "needed", "results_of"]

if TYPE_CHECKING:
    from causalcopilot.domain.question import Question
    from causalcopilot.report.findings import Findings
    from causalcopilot.toolkit.result import Result

NEEDED: Mapping[str, tuple[str, ...]] = {
    "effect": ("identify", "estimate", "refute"),
    "mediation": ("identify", "estimate", "refute"),
    "joint": ("identify", "estimate", "refute"),
    "subgroups": ("identify", "estimate", "refute", "heterogeneity"),
    "independence": ("independence",),
    "direction": ("direction",),
    "domains": ("changes",),
    "falsify": ("discover", "falsify"),
    "graph": ("discover",),
    "explore": ("discover",),
    "drivers": ("discover", "drivers"),
    "what_if": ("discover", "intervene"),
    "counterfactual": ("discover", "counterfactual"),
    "anomaly": ("discover", "anomaly"),
    "change": ("discover", "attribute_change"),
    "arrows": ("discover", "arrow_strength"),
    "unclear": (),
}
"""Tools a question is answered with, the deciding one last; structure questions need those of ``_STRUCTURE``."""
_STRUCTURE = ("discover", "structure")

STOPPED: Mapping[str, str] = {
    "step_limit": "stopped at the limit of steps (--max-steps); this is what was found by then",
    "token_limit": "stopped at the limit of tokens (--max-tokens); this is what was found by then",
    "time_limit": "stopped at the limit of time (max_seconds); this is what was found by then",
    "repeating": "the model only repeated itself and was stopped; this is what was found by then",
    "no_answer": "the model gave no usable answer; this is what was found by then",
}


def needed(question: Question) -> tuple[str, ...]:
    """The tools this kind of question is answered with, the deciding one last."""
    tools = NEEDED.get("subgroups" if _asks_for_groups(question) else question.kind, _STRUCTURE)
    if question.time and question.kind != "effect":
        return tuple("discover_series" if t == "discover" else t for t in tools)
    return tools


def _asks_for_groups(question: Question) -> bool:
    return question.kind == "subgroups" or (question.kind == "effect" and bool(question.modifiers))


def results_of(question: Question, findings: Findings) -> dict[str, Result]:
    """The results that answer the question, by call id in call order; those beside it are left out."""
    if question.kind in ABOUT_EFFECTS:
        own = (findings.identified, findings.estimated, findings.refuted, findings.varied)
        ids = {f.call.id for f in own if f is not None}
    else:
        ids = set(on_topic(question, [(f.call.id, f.call.tool, f.call.args) for f in findings.found]))
    return {f.call.id: f.result for f in findings.found if f.call.id in ids}


def missing(question: Question, findings: Findings) -> str:
    """The tool that has yet to give a result before the question can be answered, or empty."""
    tools = needed(question)
    if not tools or (question.kind in ABOUT_EFFECTS and not (question.treatment and question.outcome)):
        return ""
    if question.kind in ABOUT_EFFECTS:
        known = findings.identification
        if known is None:
            return "identify"
        if known.status == "not_identified":
            return ""
        if findings.estimated is None:
            return "estimate"
        if _asks_for_groups(question) and findings.varied is None and not _refused_groups(findings):
            return "heterogeneity"
        return "" if findings.refuted is not None else "refute"
    results = results_of(question, findings)
    made = {f.call.tool for f in findings.found if f.call.id in results}
    return "" if tools[-1] in made else tools[-1]


def _refused_groups(findings: Findings) -> bool:
    """Whether groups were looked into and cannot be told apart: the average effect is the answer then."""
    return any(c.tool == "heterogeneity" for c in findings.failed)


def failure(question: Question, findings: Findings, reason: str) -> CcpError | None:
    """What kept the question from being answered, as an error with the right exit code; ``None`` when it was.

    An estimate that nothing was tried against is an answer: the rules give it its verdict.  A limit that was
    reached is no failure.

    Args:
        question: what was asked.
        findings: what the run found.
        reason: why the loop stopped.
    """
    lacking = missing(question, findings)
    if lacking in ("", "refute"):
        return None
    for tool in needed(question):
        failed = next(
            (c for c in findings.run.calls if c.tool == tool and _went_wrong(c, findings.run.model)), None
        )
        if failed is not None and not any(f.call.tool == tool for f in findings.found):
            return error_of(failed)
    if findings.run.model == "expert" or reason.endswith("_limit"):
        return None
    return ModelError(
        f"the model {findings.run.model} ended without an answer: it never got a result of {lacking}",
        "try another model with -m, or leave it out: the built-in expert needs none",
    )


def _went_wrong(call: CallRecord, model: str) -> bool:
    """A refused call is a model's mistake that it may mend; the expert makes none, so there it is a failure."""
    return not call.ok and (model == "expert" or (call.error or {}).get("kind") not in REFUSED)


def error_of(call: CallRecord) -> CcpError:
    """A failed call's error, as it was raised."""
    told = call.error or {}
    if told.get("kind") in REFUSED:  # the expert's call says what a flag said, and that does not fit
        return UsageError(str(told.get("message", "")), str(told.get("hint", "")))
    kinds = {c.kind: c for c in _core_errors(CcpError)}
    return kinds.get(str(told.get("kind")), CcpError)(str(told.get("message", "")), str(told.get("hint", "")))


def _core_errors(base: type[CcpError]) -> list[type[CcpError]]:
    """The core's own errors; a plugin's may be made of other arguments than a message and a hint."""
    core = [base] if base.__module__ == CcpError.__module__ else []
    return [*core, *(c for sub in base.__subclasses__() for c in _core_errors(sub))]
