"""The short answer to a question about groups, computed from results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from causalcopilot.domain.answer import Answer
from causalcopilot.domain.estimate import Verdict
from causalcopilot.domain.heterogeneity import Heterogeneity, Subgroup
from causalcopilot.domain.question import Question
from causalcopilot.toolkit.result import HeterogeneityResult, Result

READABLE = ("supported", "fragile")
"""Verdicts of the average effect under which what is said of its groups may be read as causal."""


def answer(
    question: Question, results: Mapping[str, Result], verdict: Verdict | None, average: Answer
) -> Answer:
    """Yes, no or uncertain for a closed question; the effect in a group that was asked for; else the modifiers.

    Args:
        question: what was asked.
        results: call id to result, in call order.
        verdict: verdict of the average effect; no group is read further than it.
        average: the answer about the average effect.
    """
    looks = ((c, r) for c, r in reversed(list(results.items())) if isinstance(r, HeterogeneityResult))
    call, look = next(looks, ("", None))
    h = look.heterogeneity if look is not None else None
    if h is None or verdict is None or verdict.value == "not_identified":
        told = replace(average, answer="uncertain" if average.verdict else None)
        return replace(told, value=None, low=None, high=None) if question.among else told
    evidence = tuple(dict.fromkeys((*average.evidence, call)))
    readable = verdict.value in READABLE
    if len(question.among) == 2:
        return _group(question, h, readable, replace(average, evidence=evidence))
    ranking = _modifiers(h) if h.found == "detected" else ()
    said = _closed(question, h, readable) if question.closed else None
    return replace(average, answer=said, ranking=ranking, evidence=evidence)


def _group(question: Question, h: Heterogeneity, readable: bool, average: Answer) -> Answer:
    s = h.among
    if s is None or s.value is None or s.low is None or s.high is None:
        return replace(average, answer="uncertain", value=None, low=None, high=None)
    told = replace(average, answer=s.value, value=s.value, low=s.low, high=s.high)
    if not question.closed:
        return told
    sign = 1 if s.low > 0 else -1 if s.high < 0 else 0
    if not readable or not sign:
        return replace(told, answer="uncertain")
    return replace(told, answer="yes" if (question.expects in (0, sign)) != question.negated else "no")


def _closed(question: Question, h: Heterogeneity, readable: bool) -> str:
    """Whether the effect differs: yes where the test says so, no only where every difference is shown to be small."""
    if not readable:
        return "uncertain"
    if len(question.among) == 3:
        return _more(question, h)
    if h.found == "none_detected" and not h.negligible:
        return "uncertain"
    differs = h.found == "detected"
    return "yes" if differs != question.negated else "no"


def _more(question: Question, h: Heterogeneity) -> str:
    """Whether the effect in one group is larger (or smaller) than in the column's other groups."""
    column, level, word = question.among
    test = next((t for t in h.tests if t.modifier == column), None)
    shown = [s for s in h.groups if s.modifier == column and s.value is not None]
    own = [s for s in shown if s.level == level]
    rest = [s for s in shown if s.level != level]
    if test is None or test.p_adjusted >= 1 - h.level or not own or len(rest) != 1:
        return "uncertain"
    return "yes" if (_size(own[0]) > _size(rest[0])) == (word == "more") else "no"


def _size(s: Subgroup) -> float:
    return s.value if s.value is not None else float("nan")


def _modifiers(h: Heterogeneity) -> tuple[str, ...]:
    """Modifiers by which the effect differs, clearest first."""
    if h.tests:
        return tuple(
            t.modifier for t in sorted(h.tests, key=lambda t: t.p_adjusted) if t.p_adjusted < 1 - h.level
        )
    ordered = sorted(h.slopes, key=lambda s: s.p_value)
    return tuple(s.modifier for s in ordered if s.p_value < (1 - h.level) / len(h.slopes))
