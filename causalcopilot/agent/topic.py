"""Which calls are about the question: a model may estimate whatever it likes, but only the effect that was asked
for may be told as the answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from causalcopilot.domain.designs import same_design
from causalcopilot.domain.question import MODELLED, Question

Call = tuple[str, str, Mapping[str, Any]]
"""Id, tool and arguments."""

SYMMETRIC = ("confounder", "collider")
BY_DESIGN = ("identify", "estimate", "refute", "heterogeneity")
"""Tools that take the design from the question and not from their arguments."""


def carries_over(tool: str, asked: Question, now: Question) -> bool:
    """Whether what a tool found under an earlier question may stand in the answer to this one.

    A look into differences tells of the group it was asked for: for women it says nothing of men.
    """
    if tool == "heterogeneity" and asked.among[:2] != now.among[:2]:
        return False
    return tool not in BY_DESIGN or same_design(asked, now)


def on_topic(question: Question, calls: Iterable[Call]) -> frozenset[str]:
    """Ids of the calls whose results may answer ``question``, for calls in order.

    An estimate is about what its identification is about, a refutation about what its estimate is about.
    Tools that describe the whole table or graph always are.
    """
    kept: set[str] = set()
    for call, tool, args in calls:
        test = _TESTS.get(tool)
        if test is None or test(question, args, kept):
            kept.add(call)
    return frozenset(kept)


def _same_effect(question: Question, args: Mapping[str, Any], kept: Collection[str]) -> bool:
    if not (question.treatment and question.outcome):
        return True
    return (args.get("treatment"), args.get("outcome")) == (question.treatment, question.outcome)


def _builds_on(key: str) -> Callable[[Question, Mapping[str, Any], Collection[str]], bool]:
    return lambda question, args, kept: _cites(args, key, kept)


def _cites(args: Mapping[str, Any], key: str, kept: Collection[str]) -> bool:
    """Whether an argument is the id of a kept call; a model may have put anything there."""
    cited = args.get(key)
    return isinstance(cited, str) and cited in kept


def _listed(value: Any) -> tuple[str, ...]:
    """The texts of a list; nothing where a model has put something else."""
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list | tuple) else ()


def _same_groups(question: Question, args: Mapping[str, Any], kept: Collection[str]) -> bool:
    """The same effect, and where columns were named that it may differ by, the same columns."""
    by = _listed(args.get("modifiers"))
    return _cites(args, "identification", kept) and (question.kind != "subgroups" or by == question.modifiers)


def _same_structure(question: Question, args: Mapping[str, Any], kept: Collection[str]) -> bool:
    wanted = {"effect": "adjustment", "direction": "direct_cause"}.get(question.kind, question.kind)
    if question.kind == "unclear" or not (question.treatment and question.outcome):
        return True
    pair, asked = (args.get("a"), args.get("b")), (question.treatment, question.outcome)
    either = wanted in SYMMETRIC and pair == asked[::-1]
    return args.get("question") == wanted and (pair == asked or either)


def _same_independence(question: Question, args: Mapping[str, Any], kept: Collection[str]) -> bool:
    if question.kind != "independence":
        return True
    pair, asked = (args.get("a"), args.get("b")), (question.treatment, question.outcome)
    return pair in (asked, asked[::-1]) and set(_listed(args.get("given"))) == set(question.given)


def _same_pair(question: Question, args: Mapping[str, Any], kept: Collection[str]) -> bool:
    if question.kind != "direction":
        return True
    return (args.get("a"), args.get("b")) == (question.treatment, question.outcome)


def _same_supposition(question: Question, args: Mapping[str, Any], kept: Collection[str]) -> bool:
    """The same cause, outcome and setting; of a question about a row the same row too."""
    if question.kind not in MODELLED:
        return True
    value = question.contrast.treated if question.contrast else None
    asked = {
        "cause": question.treatment,
        "outcome": question.outcome,
        "value": value,
        "shift": question.shift,
        "factor": question.factor,
        "row": question.row,
        "row_column": question.row_column,
    }
    return all(args.get(k) == v for k, v in asked.items())


def _same_change(question: Question, args: Mapping[str, Any], kept: Collection[str]) -> bool:
    if question.kind != "change" or question.contrast is None:
        return True
    groups = (args.get("first"), args.get("second"))
    asked = (question.contrast.control, question.contrast.treated)
    return (args.get("outcome"), args.get("column")) == (
        question.outcome,
        *question.given,
    ) and groups == asked


def _same_outcome(question: Question, args: Mapping[str, Any], kept: Collection[str]) -> bool:
    return question.outcome is None or args.get("outcome") == question.outcome


_TESTS: dict[str, Callable[[Question, Mapping[str, Any], Collection[str]], bool]] = {
    "identify": _same_effect,
    "effect_range": _same_effect,
    "estimate": _builds_on("identification"),
    "refute": _builds_on("estimate"),
    "heterogeneity": _same_groups,
    "structure": _same_structure,
    "independence": _same_independence,
    "direction": _same_pair,
    "drivers": _same_outcome,
    "intervene": _same_supposition,
    "counterfactual": _same_supposition,
    "anomaly": _same_supposition,
    "attribute_change": _same_change,
    "arrow_strength": _same_outcome,
}
