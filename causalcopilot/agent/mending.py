"""What keeps a model's answer from being taken, and what to tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_core.messages import BaseMessage, HumanMessage

from causalcopilot.agent import ending
from causalcopilot.agent.guards import guard
from causalcopilot.agent.prompts import load_prompt

if TYPE_CHECKING:
    from causalcopilot.domain.question import Question
    from causalcopilot.report.findings import Findings


def wrong(
    question: Question, findings: Findings, text: str, *, model: str, first: bool
) -> tuple[str, BaseMessage] | None:
    """Why an answer cannot be taken, and the message that asks for a better one; ``None`` where it can.

    Args:
        question: what was asked.
        findings: what was found, with the earlier calls that ``text`` stands on.
        text: the answer.
        model: who wrote it.
        first: it is the first answer to this question; only then is the model asked to go on with the analysis.
    """
    from causalcopilot.report.claims import find_faults

    lacking = ending.missing(question, findings)
    tried = any(c.tool == lacking and not c.ok for c in findings.run.calls)
    if lacking and first and not tried and model != "expert":
        return f"the model stopped before {lacking}", HumanMessage(load_prompt("unfinished", tool=lacking))
    faults = [str(f) for f in find_faults(text, findings.facts, findings.names)]
    faults += guard(question, findings, text) if model != "expert" else []
    if not faults:
        return None
    listed = "\n".join(f"- {f}" for f in faults[:20])
    return "the answer holds claims without a source", HumanMessage(load_prompt("repair", faults=listed))
