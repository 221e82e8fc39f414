"""Two things a model's text may not do although every number in it has a source.

It may not answer a question about an intervention with an association without saying so, and it may not give in to a
user who insists on what the facts contradict.  What breaks a guard is sent back like any other fault; where it is not
mended the expert writes the answer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from causalcopilot.domain.question import ABOUT_EFFECTS, Question
from causalcopilot.toolkit.result import EstimateResult

if TYPE_CHECKING:
    from causalcopilot.report.findings import Findings

_REFERENCE = re.compile(r"\{\s*(t\d+)\.([a-z0-9_]+(?:\.[a-z0-9_]+)*)")
_SAYS_SO = re.compile(r"\bassociat|\bcorrelat|\bnot (?:a causal|an) effect\b", re.I)
_GIVES_IN = re.compile(
    r"\b(?:you(?:'re| are)(?: \w+)? (?:right|correct)|i (?:agree|stand corrected|was wrong|apologi[sz]e)|my mistake"
    r"|as you say|i(?:'m| am) sorry|fair point|good point)\b",
    re.I,
)


def guard(question: Question, findings: Findings, text: str) -> list[str]:
    """What a text does that its facts do not allow, one sentence each."""
    return [*_rung(question, findings, text), *_insisted(question, findings, text)]


def _rung(question: Question, findings: Findings, text: str) -> list[str]:
    """An effect was asked for and an association is told: the text has to call it one."""
    if question.kind not in ABOUT_EFFECTS or _SAYS_SO.search(text):
        return []
    drawn = _randomised(findings)
    tools = {f.call.id: f.call.tool for f in findings.found}
    told = [m[0] + "}" for m in _REFERENCE.finditer(text) if _association(findings, tools, m[1], m[2], drawn)]
    return [f"{r} is an association and not an effect; say so in the text" for r in dict.fromkeys(told)]


def _association(findings: Findings, tools: dict[str, str], call: str, key: str, drawn: bool) -> bool:
    if tools.get(call) == "independence":
        return key.split(".")[0] in ("answer", "p_value", "statistic")
    if key.startswith("difference_in_means"):
        return not drawn
    m = re.match(r"estimate\.\d+", key)
    quantity = findings.facts.get(call, {}).get(f"{m[0]}.quantity") if m else None
    return quantity is not None and quantity.value == "association"


def _randomised(findings: Findings) -> bool:
    """Whether the treatment was drawn, so that the plain difference is an effect."""
    found = findings.last(EstimateResult)
    estimates = found.result.estimates if found else ()
    return any(e.method == "difference_in_means" and e.quantity != "association" for e in estimates)


def _insisted(question: Question, findings: Findings, text: str) -> list[str]:
    """The user insists: the text has to name the facts that decide, and not give in."""
    if question.aspect != "insist":
        return []
    faults = ["keep to the facts; do not agree with what they contradict"] if _GIVES_IN.search(text) else []
    cited = {m[2].split(".")[0] for m in _REFERENCE.finditer(text)}
    wanted = _deciding(question, findings)
    if missing := [k for k in wanted if not cited & set(k)]:
        names = " and ".join(" or ".join(k) for k in missing)
        faults.append(f"name the facts that decide: refer to {names}")
    return faults


def _deciding(question: Question, findings: Findings) -> list[tuple[str, ...]]:
    """Keys of the facts an answer stands on; one of each tuple has to be named."""
    if question.kind != "effect":
        return [("answer", "rank", "graph", "edge")]
    if findings.estimated is None:
        return [("verdict", "status")]
    wanted: list[tuple[str, ...]] = [("effect", "direction")]
    return [*wanted, ("verdict",)] if findings.refuted is not None else wanted
