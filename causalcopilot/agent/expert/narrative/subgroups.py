"""The expert's prose about groups: whether the effect differs at all, then for whom, then who should be treated."""

from __future__ import annotations

import re

from causalcopilot.agent.expert.narrative.words import no_result
from causalcopilot.agent.expert.state import Done, State
from causalcopilot.domain.run import REFUSED

_WHO = re.compile(r"\b(?:should|ought|rule|policy|target\w*|benefit\w*|profit\w*)\b", re.I)
"""Words of a question that asks whom to treat."""


def differences(state: State) -> tuple[str, ...]:
    """What the look into differences found, one paragraph a matter; empty where there was none."""
    h = state.last("heterogeneity")
    if h is None:
        failed = state.failed("heterogeneity")
        if failed is None or failed.kind in REFUSED:
            return ()
        return (f"I cannot tell for whom the effect differs. {no_result(failed)}",)
    return tuple(
        p
        for p in (
            _among(h),
            _joint(state, h),
            _line(h),
            _groups(h),
            _split(h),
            _ranking(h),
            _policy(state, h),
            _cap(state, h),
        )
        if p
    )


def _joint(state: State, h: Done) -> str:
    names = [h.ref(k) for k in h.numbered("modifier")]
    by = ", ".join(names[:8]) + (", and the rest listed in the report" if len(names) > 8 else "")
    text = (
        f"Does the effect differ between rows? **{h.ref('heterogeneity')}**, by the joint test on {by}"
        f" (p value {h.ref('joint.p_value')}, level {h.ref('joint.level')})."
    )
    if h.value("heterogeneity") == "detected":
        return text
    if h.value("negligible") == "yes":
        return text + " The intervals leave room for slight differences between these groups only."
    return (
        text
        + " This does not show that the effect is the same for everybody: the rows may be too few to tell."
    )


def _line(h: Done) -> str:
    """How the effect of a number is told by group."""
    if "line" not in h.facts:
        return ""
    return (
        f"The treatment is a number, so a group's effect is the slope of a straight line in it, for the step from"
        f" {h.ref('step.from')} to {h.ref('step.to')}; a group whose line bends is told its average slope. For whom to"
        f" treat no rule is learned.{_unnamed(h)}"
    )


def _unnamed(h: Done) -> str:
    """How the effect changes with each column, where none was named and no split is looked for."""
    keys = h.numbered("slope")
    if h.value("named") == "yes" or not keys:
        return ""
    lines = "; ".join(f"{h.ref(f'{k}.modifier')} {h.ref(k)} ({h.ref(f'{k}.interval')})" for k in keys[:6])
    return (
        f" No column was named beforehand; all together, the effect changes with a unit of each, the others held, by: {lines}."
        " Their intervals hold each by itself; ask by a column to have its groups."
    )


def _told(h: Done, key: str) -> str:
    where = f"{h.ref(f'{key}.modifier')} {h.ref(f'{key}.level')}"
    if h.value(key) is None:
        return f"{where}: not told, {h.ref(f'{key}.suppressed')}"
    return f"{where}: {h.ref(key)} ({h.ref(f'{key}.interval')})"


def _among(h: Done) -> str:
    if "among" not in h.facts:
        return ""
    where = f"where {h.ref('among.modifier')} is {h.ref('among.level')} ({h.ref('among.rows')} rows)"
    if h.value("among") is None:
        return f"The effect {where} is not told: {h.ref('among.suppressed')}."
    return f"The effect {where} is **{h.ref('among.with_unit')}** (interval {h.ref('among.interval')})."


def _groups(h: Done) -> str:
    keys = h.numbered("subgroup")
    if not keys:
        return ""
    text = (
        "By group, with intervals that hold for all of them together: "
        + "; ".join(_told(h, k) for k in keys[:12])
        + "."
    )
    if len(keys) > 12:
        text += " The rest is in the report."
    if tests := h.numbered("test"):
        listed = ", ".join(f"{h.ref(k)} {h.ref(f'{k}.p_value')}" for k in tests)
        text += f" P values that a column's groups are alike, by Holm's correction: {listed}."
    if h.value("heterogeneity") != "detected":
        text += " As the joint test finds no difference, these numbers do not tell the groups apart."
    return text


def _split(h: Done) -> str:
    if "split.rule" not in h.facts:
        return ""
    text = (
        f"No column was named beforehand, so some of the rows chose where to split them ({h.ref('split.rule')}) and"
        f" the others were asked: {_side(h, 'split.1')}; {_side(h, 'split.2')}."
    )
    if "split.difference" in h.facts:
        text += f" Their difference is {h.ref('split.difference')} ({h.ref('split.difference.interval')})."
    return text


def _side(h: Done, key: str) -> str:
    """A group of a split, whose level is a question answered and holds its column's name."""
    return f"{h.ref(f'{key}.level')}, " + ("not told" if h.value(key) is None else h.ref(key))


def _ranking(h: Done) -> str:
    if "ranking.autoc" not in h.facts:
        return ""
    text = (
        f"As a ranking of rows by their effect, {h.ref('ranking.learner')} scores {h.ref('ranking.autoc')}"
        f" ({h.ref('ranking.autoc.interval')}) on rows it has not seen; a ranking by chance would score nothing."
    )
    if h.value("learner") == "constant":
        text += " In cross-validation no learner did better at it than the same effect for everybody."
    return text


def _policy(state: State, h: Done) -> str:
    asked = state.question.goal or _WHO.search(state.question.text)
    if "policy.advice" not in h.facts or not asked:
        return ""
    text = f"Who should be treated, where {h.ref('policy.goal')} outcomes are wanted"
    text += f" and treating a row costs {h.ref('policy.cost')}" if h.value("policy.cost") else ""
    text += f"? The rows held out say: {h.ref('policy.advice')}."
    if h.value("policy.goal") == "lower":
        text += f" What follows counts a {h.ref('policy.goal')} outcome as worth something."
    if "policy.rule" not in h.facts:
        return text
    if h.value("policy.share") in (0, 1):
        who = "everybody" if h.value("policy.share") == 1 else "nobody"
        return (
            f"{text} The rule that was learned treats {who}; on rows it has not seen, treating everybody is worth"
            f" {h.ref('policy.everyone')} a row ({h.ref('policy.everyone.interval')}) against treating nobody."
        )
    return (
        f"{text} The rule that was learned treats {h.ref('policy.rule')} ({h.ref('policy.share')} of the population). On"
        f" rows it has not seen it is worth {h.ref('policy.value')} a row ({h.ref('policy.value.interval')}) against"
        f" treating nobody, and {h.ref('policy.beyond_all')} ({h.ref('policy.beyond_all.interval')}) against treating"
        " everybody."
    )


def _cap(state: State, h: Done) -> str:
    tried = state.last("refute")
    verdict = f" (verdict **{tried.ref('verdict')}**)" if tried else ""
    return (
        "The groups rest on the same argument as the whole: what is said of them may be read as causal only as far as"
        f" the average effect may{verdict}. The columns that set groups apart describe them; that changing such a"
        " column would change the effect does not follow."
    )
