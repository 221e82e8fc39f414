"""The answer to a question about a part of an effect."""

from __future__ import annotations

from causalcopilot.agent.expert.narrative.effect import basis, interval, reasons, refutation, sampled
from causalcopilot.agent.expert.narrative.words import column, failure, paragraphs
from causalcopilot.agent.expert.state import Done, State


def mediation(state: State) -> str:
    """The part of an effect that goes through a column, beside the rest and the whole."""
    found, e, q = state.last("identify"), state.last("estimate"), state.question
    if found is None or (e is None and found.value("status") != "not_identified"):
        return failure(state)
    through = column(q.mediator)
    if e is None or found.value("status") == "not_identified":
        text = f"I cannot tell how much of the effect of {column(q.treatment)} on {column(q.outcome)} goes through {through}: verdict **{found.ref('verdict')}**, so no part of it is given."
        if found.value("blocking_path"):
            text += f" This path stays open whatever is held: {found.ref('blocking_path')}."
        if helps := found.numbered("would_help"):
            text += " What would help: " + "; ".join(found.ref(k) for k in helps) + "."
        return text
    tried = state.last("refute")
    verdict = f" Verdict: **{tried.ref('verdict')}**." if tried else " Nothing was tried against it."
    head = (
        f"The part of the effect of {column(q.treatment)} on {column(q.outcome)} that goes through {through} is "
        f"**{e.ref('effect.with_unit')}** ({interval(e)}); direction: {e.ref('direction')}. The direct part is "
        f"{e.ref('direct')} ({e.ref('direct.interval')}), and the whole effect {e.ref('total')} ({e.ref('total.interval')}), "
        f"going from {e.ref('contrast.control')} to {e.ref('contrast.treated')}, from {e.ref('n_used')} rows{sampled(e)}.{verdict}"
    )
    if e.value("share") is not None:
        head += f" As a share of the whole, that is {e.ref('share')} ({e.ref('share.interval')})."
    else:
        head += (
            " No share of the whole is told: the whole may be nothing, or its parts point to different sides."
        )
    warn = (
        f"A split rests on assumptions of its own: {through} and {column(q.outcome)} have neither a hidden common cause"
        f" nor a common cause that {column(q.treatment)} itself moves. Drawing {column(q.treatment)} by lot would not grant this."
    )
    return paragraphs(head, _uneven(e), reasons(state), warn, basis(found), refutation(state))


def _uneven(e: Done) -> str:
    """That uneven weights make the interval too narrow, with what to read instead; empty where they do not."""
    if e.value("weights_leave") is None:
        return ""
    return (
        f"The interval is likely a little too narrow: the weights are uneven, the rows are worth {e.ref('weights_leave')} of "
        f"as many equal rows, and in simulated data with such weights it covered the truth in {e.ref('weights_coverage')} "
        f"of the draws instead of the share it claims. Regression gives {e.ref('indirect_by_regression')} "
        f"({e.ref('indirect_by_regression.interval')}): its interval covered there, and is the safer reading where straight "
        "lines will do."
    )
