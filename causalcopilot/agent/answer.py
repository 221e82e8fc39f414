"""The short answer to a question, computed from results; never taken from a model's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from causalcopilot.agent import subgroups_answer
from causalcopilot.domain.answer import Answer
from causalcopilot.domain.estimate import Estimate, Verdict
from causalcopilot.domain.question import ABOUT_EFFECTS, Question
from causalcopilot.toolkit.result import (
    DiscoverResult,
    EstimateResult,
    IdentifyResult,
    RankingResult,
    RefuteResult,
    Result,
    StructureResult,
)

R = TypeVar("R", bound=Result)
OPPOSITE = {"yes": "no", "no": "yes", "uncertain": "uncertain"}


def answer_of(
    question: Question,
    results: Mapping[str, Result],
    graphs: Mapping[str, Sequence[str]],
    verdict: Verdict | None = None,
) -> Answer:
    """The answer to ``question`` from the successful results of its calls, by call id.

    Args:
        question: what was asked.
        results: call id to result, in call order.
        graphs: call id to the ids of the graphs it saved.
        verdict: the verdict of the rules, for an effect.
    """
    if question.kind == "subgroups":
        return subgroups_answer.answer(question, results, verdict, _effect(question, results, verdict))
    if question.kind in ABOUT_EFFECTS:
        return _effect(question, results, verdict)
    if question.kind == "independence":
        return _related(question, results, _structure(question, results, graphs, "independence"))
    if question.kind == "direction":
        return _direction(question, results)
    if question.kind == "domains":
        return _changes(question, results, graphs)
    if question.kind == "falsify":
        return _fits(question, results)
    if question.kind in ("direct_cause", "confounder", "collider", "mediator", "adjustment"):
        return _structure(question, results, graphs, "structure")
    if question.kind in ("what_if", "counterfactual"):
        return _supposed(question, results)
    if question.kind in ("anomaly", "change"):
        return _attributed(results)
    if question.kind in ("drivers", "arrows"):
        found = _last(results, RankingResult)
        if found is None:
            return Answer(None)
        call, ranking = found
        top = ranking.ranking[0] if ranking.ranking else None
        return Answer(top, ranking=ranking.ranking, graph=ranking.graph, evidence=(call,))
    learned = _last(results, DiscoverResult)
    if learned is None:
        return Answer(None)
    name = next(iter(graphs.get(learned[0], ())), None)
    return Answer(name, graph=name, evidence=(learned[0],))


def _effect(question: Question, results: Mapping[str, Result], verdict: Verdict | None) -> Answer:
    evidence = tuple(
        c for c, r in results.items() if isinstance(r, IdentifyResult | EstimateResult | RefuteResult)
    )
    named = verdict.value if verdict else ""
    estimated = _last(results, EstimateResult)
    if estimated is None or verdict is None or verdict.value == "not_identified":
        return Answer("uncertain" if named else None, verdict=named, evidence=evidence)
    result = estimated[1]
    e: Estimate = result.estimates[result.primary]
    said: str | float | None = e.value
    if question.closed:
        doubtful = (
            _unvouched(question, result)
            or _contradicted(question, results)
            or _turned(result, results)
            or _disputed(result, results)
        )
        said = "uncertain" if doubtful else _yes_no(verdict, e, question.expects)
        said = OPPOSITE[said] if question.negated else said
    return Answer(said, e.value, e.low, e.high, e.unit, verdict=named, evidence=evidence)


def _unvouched(question: Question, result: EstimateResult) -> bool:
    """Whether an effect was split at a column although nobody says what comes before what."""
    known = result.identification
    return question.kind == "mediation" and known is not None and known.status == "assumed"


def _contradicted(question: Question, results: Mapping[str, Result]) -> bool:
    """Whether the estimate rests on nobody's word and the graph learned beside it holds no way to the outcome."""
    from causalcopilot.graph.adjustment import adjustment

    estimated, learned = _last(results, EstimateResult), _last(results, DiscoverResult)
    known = estimated[1].identification if estimated else None
    if known is None or known.status != "assumed" or learned is None or not learned[1].graphs:
        return False
    graph = learned[1].graphs[0].graph
    t, y = question.treatment, question.outcome
    if t not in graph.observed or y not in graph.observed:
        return False
    return not adjustment(graph, t, y).causal_path


def _turned(result: EstimateResult, results: Mapping[str, Result]) -> bool:
    """Whether columns that only a search or nobody left out would turn the sign of the effect, were they held."""
    e, refuted, known = result.estimates[result.primary], _last(results, RefuteResult), result.identification
    if refuted is None or known is None or known.status != "assumed":
        return False
    if e.value is None or e.low is None or e.high is None:
        return False
    return any(
        c.name == "left_out_columns"
        and c.status == "warn"
        and c.statistic is not None
        and (e.value + c.statistic * (e.high - e.low) / 2) * e.value < 0
        for c in refuted[1].checks
    )


def _disputed(result: EstimateResult, results: Mapping[str, Result]) -> bool:
    """Whether the estimate rests on a design that nobody named, and an attempt to break it has succeeded."""
    refuted, known = _last(results, RefuteResult), result.identification
    if refuted is None or known is None or (known.status, known.basis) != ("assumed", "design"):
        return False
    return any(
        c.status == "fail" and c.can_lower_verdict and c.kind in ("falsification", "agreement")
        for c in refuted[1].checks
    )


def _yes_no(verdict: Verdict, e: Estimate, expects: int) -> str:
    """Yes and no need a verdict that lets the interval be read; otherwise the answer is uncertain.

    Where the question names a direction, an interval wholly on the other side of zero is a no.
    """
    if verdict.value not in ("supported", "fragile") or e.low is None or e.high is None:
        return "uncertain"
    sign = 1 if e.low > 0 else -1 if e.high < 0 else 0
    if sign:
        return "yes" if expects in (0, sign) else "no"
    return "no" if verdict.direction == "none_detected" and verdict.value == "supported" else "uncertain"


def _structure(
    question: Question, results: Mapping[str, Result], graphs: Mapping[str, Sequence[str]], tool: str
) -> Answer:
    found = _last(results, StructureResult)
    if found is None:
        return Answer(None)
    call, result = found
    said = result.answer
    if question.columns:
        said = _candidate(question.columns[0], result)
    if question.negated:
        said = OPPOSITE.get(said, said)
    names = result.names if tool == "structure" else ()
    return Answer(said, ranking=names, graph=result.graph, evidence=(call,))


def _related(question: Question, results: Mapping[str, Result], told: Answer) -> Answer:
    """The correlation of two numbers where it was asked how they go together, else yes or no."""
    found = _last(results, StructureResult)
    r = next((f for f in found[1].facts if f.key == "partial_correlation"), None) if found else None
    if question.closed or r is None or not isinstance(r.value, float):
        return told
    return replace(told, answer=r.value, value=r.value, low=r.low, high=r.high)


def _direction(question: Question, results: Mapping[str, Result]) -> Answer:
    """The name of the cause; yes or no where a direction was named; uncertain where the data do not say.

    A graph that was read beside it does not speak: it was asked what the data say.
    """
    told = {c: r for c, r in results.items() if any(f.key == "direction" for f in r.facts)}
    found = _last(told, StructureResult)
    if found is None:
        return Answer(None)
    call, result = found
    cause = result.names[0] if result.names else "uncertain"
    return Answer(result.answer if question.closed else cause, evidence=(call,))


def _changes(
    question: Question, results: Mapping[str, Result], graphs: Mapping[str, Sequence[str]]
) -> Answer:
    """Whether some mechanism changes, or that of the one column asked about; the changing columns as a ranking."""
    found = _last(results, StructureResult)
    if found is None:
        return Answer(None)
    call, result = found
    said = result.answer
    for name in question.columns[:1]:
        words = {f.value: f.key.partition(".")[0] for f in result.facts if f.key.count(".") == 1}
        said = {"changed": "yes", "same": "no"}.get(words.get(name, ""), "uncertain")
    graph = result.graph or next(iter(graphs.get(call, ())), None)
    return Answer(said, ranking=result.names, graph=graph, evidence=(call,))


def _fits(question: Question, results: Mapping[str, Result]) -> Answer:
    """Yes or no to whether the graph fits; where it is asked what is contradicted, how many claims are."""
    found = _last(results, StructureResult)
    if found is None:
        return Answer(None)
    call, result = found
    said: str | float = OPPOSITE.get(result.answer, result.answer) if question.negated else result.answer
    if not question.closed:
        said = float(str(result.fact("contradicted").value))
    return Answer(said, ranking=result.names, graph=result.graph, evidence=(call,))


def _supposed(question: Question, results: Mapping[str, Result]) -> Answer:
    """What the outcome would be, with its interval; in the graph that is assumed."""
    key = "mean" if question.kind == "what_if" else "counterfactual"
    for call, result in reversed(list(results.items())):
        told = {f.key: f for f in result.facts}
        if key in told and "setting" in told:
            f = told[key]
            value = f.value if isinstance(f.value, int | float) else None
            graph = str(told["graph"].value)
            return Answer(value, value, f.low, f.high, f.unit, graph=graph, evidence=(call,))
    return Answer(None)


def _attributed(results: Mapping[str, Result]) -> Answer:
    """The first root cause, where its share can be told from nothing; all of them as a ranking."""
    found = _last(results, RankingResult)
    if found is None:
        return Answer(None)
    call, ranking = found
    sure = ranking.ranking and ranking.fact("rank.1.sure").value == "yes"
    said = ranking.ranking[0] if sure else "uncertain"
    return Answer(said, ranking=ranking.ranking, graph=ranking.graph, evidence=(call,))


def _candidate(name: str, result: StructureResult) -> str:
    """Whether one named column plays the role that was asked about."""
    if name in result.names:
        return result.answer if result.answer != "no" else "uncertain"
    possible = {f.value for f in result.facts if f.key.startswith("possible.")}
    return "uncertain" if name in possible or result.answer == "uncertain" else "no"


def _last(results: Mapping[str, Result], cls: type[R]) -> tuple[str, R] | None:
    return next(((c, r) for c, r in reversed(list(results.items())) if isinstance(r, cls)), None)
