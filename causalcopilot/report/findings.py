"""A stored run read back: its results, the facts and names its prose may use, and which of them count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

from causalcopilot.domain.estimate import Estimate, Verdict
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.run import REFUSED, CallRecord, RunRecord
from causalcopilot.domain.visible import clean
from causalcopilot.toolkit.result import (
    DiscoverResult,
    EstimateResult,
    HeterogeneityResult,
    IdentifyResult,
    ProfileResult,
    RangeResult,
    RankingResult,
    RefuteResult,
    Result,
    StructureResult,
)

R = TypeVar("R", bound=Result, covariant=True)
S = TypeVar("S", bound=Result)


@dataclass(frozen=True)
class Found(Generic[R]):
    """A result and the call that made it."""

    call: CallRecord
    result: R

    def fact(self, key: str) -> Fact | None:
        """The fact with this key, or ``None``."""
        return next((f for f in self.result.facts if f.key == key), None)


def reason_of(call: CallRecord) -> Fact:
    """Why a call gave no result, in one line."""
    said = " ".join(str((call.error or {}).get("message") or "no reason was given").split()).rstrip(".")
    return Fact("why", said, f"why {call.tool} gave no result")


def _unquoted(call: CallRecord, run: RunRecord) -> CallRecord:
    """The call with a reason that repeats none of its arguments that hold a digit and are no words of the user's.

    A model could otherwise say a number through the error of a call that was bound to fail.
    """
    said = str((call.error or {}).get("message") or "")
    known = {*run.settings.get("columns", ()), *call.graphs}
    for given in sorted({str(v) for v in _leaves(call.args)}, key=len, reverse=True):
        if re.search(r"\d", given) and given not in known and given not in run.question.text:
            said = re.sub(rf"(?<![\w.]){re.escape(given)}(?![\w]|\.\d)", "…", said)
    return replace(call, error={**(call.error or {}), "message": said})


@dataclass(frozen=True)
class Findings:
    """What a run found.

    Attributes:
        run: the stored run.
        found: every result with its call, in order; failed calls are not among them.
    """

    run: RunRecord
    found: tuple[Found[Result], ...]

    def all(self, cls: type[S]) -> list[Found[S]]:
        """Results of one class, in call order."""
        return [Found(f.call, f.result) for f in self.found if isinstance(f.result, cls)]

    def last(self, cls: type[S]) -> Found[S] | None:
        """The newest result of one class."""
        found = self.all(cls)
        return found[-1] if found else None

    @cached_property
    def facts(self) -> dict[str, dict[str, Fact]]:
        """Facts by call id and key; those of a call that was run and gave no result are the reason alone."""
        return {
            **{f.call.id: {x.key: x for x in f.result.facts} for f in self.found},
            **{c.id: {"why": reason_of(c)} for c in self.failed},
        }

    @cached_property
    def failed(self) -> tuple[CallRecord, ...]:
        """Calls that were run and gave no result, in order; what an online model made up is not quoted from them."""
        found = (c for c in self.run.calls if not c.ok and c.error and c.error.get("kind") not in REFUSED)
        return tuple(found if self.run.model == "expert" else (_unquoted(c, self.run) for c in found))

    @cached_property
    def names(self) -> frozenset[str]:
        """What may stand in back-ticks: columns, latents, graphs, methods, tools, checks; as they are and cleaned,
        as an online model is shown them and the expert writes them."""
        names = {n for n in _names(self) if n}
        return frozenset(names | {c for n in names if (c := clean(n))})

    @cached_property
    def profile(self) -> Found[ProfileResult] | None:
        """The profile of the table."""
        return self.last(ProfileResult)

    @cached_property
    def identified(self) -> Found[IdentifyResult] | None:
        """The newest identification of the effect that was asked for."""
        return _newest([f for f in self.all(IdentifyResult) if _answers(self.run, f.result.identification)])

    @cached_property
    def estimated(self) -> Found[EstimateResult] | None:
        """The newest estimate of that effect; none where a later identification refused."""
        found = _newest([f for f in self.all(EstimateResult) if _answers(self.run, f.result.identification)])
        known = found.result.identification if found else None
        refused = known is not None and known.status == "not_identified"
        return None if refused or (found and self._refused_after(found.call.id)) else found

    @cached_property
    def refuted(self) -> Found[RefuteResult] | None:
        """The newest refutation of that estimate."""
        if self.estimated is None:
            return None
        position = {f.call.id: i for i, f in enumerate(self.found)}
        estimates = {f.call.id for f in self.all(EstimateResult)}
        own = self.estimated.call.id
        found = []
        for f in self.all(RefuteResult):
            meant = {a for a in f.call.args.values() if isinstance(a, str)} & estimates
            if own in meant or (not meant and position[f.call.id] > position[own]):
                found.append(f)
        return _newest(found)

    @cached_property
    def identification(self) -> Identification | None:
        """The identification in force."""
        if self.estimated is not None:
            return self.estimated.result.identification
        return self.identified.result.identification if self.identified else None

    @cached_property
    def ranged(self) -> Found[RangeResult] | None:
        """The newest range of effects over a graph's open edges, for the effect that was asked for."""
        q = self.run.question
        found = [f for f in self.all(RangeResult) if f.result.range is not None]
        if q.treatment and q.outcome:
            pair = (q.treatment, q.outcome)
            found = [
                f
                for f in found
                if f.result.range and (f.result.range.treatment, f.result.range.outcome) == pair
            ]
        return _newest(found)

    @cached_property
    def varied(self) -> Found[HeterogeneityResult] | None:
        """The newest look at how that effect differs between rows; none where the effect itself is refused."""
        if self.estimated is None:
            return None
        q = self.run.question
        pair = (q.treatment, q.outcome)
        found = [f for f in self.all(HeterogeneityResult) if f.result.heterogeneity is not None]
        if all(pair):
            found = [f for f in found if (h := f.result.heterogeneity) and (h.treatment, h.outcome) == pair]
        return _newest(found)

    @property
    def primary(self) -> Estimate | None:
        """The estimate that answers the question."""
        if self.estimated is None or not self.estimated.result.estimates:
            return None
        return self.estimated.result.estimates[self.estimated.result.primary]

    @cached_property
    def verdict(self) -> Verdict | None:
        """The verdict in force: the refutation's, a refusal's, or the rules' on an untested estimate."""
        from causalcopilot.domain.verdict import decide

        if self.refuted is not None and self.refuted.result.verdict is not None:
            return self.refuted.result.verdict
        if self.estimated is not None:
            return decide(self.identification, self.primary, (), None).verdict
        if self.identified is not None:
            return self.identified.result.verdict or decide(self.identification, None, (), None).verdict
        return None

    def _refused_after(self, call: str) -> bool:
        ids = [f.call.id for f in self.found]
        last = self.identified
        if last is None or last.result.identification is None:
            return False
        return last.result.identification.status == "not_identified" and ids.index(last.call.id) > ids.index(
            call
        )


def read_run(run: RunRecord) -> Findings:
    """The stored results of a run as records, with the ``graph`` facts that its saved graphs give."""
    from causalcopilot.toolkit.serial import result_from_json

    found = []
    for call in run.calls:
        if call.ok and call.result is not None:
            found.append(Found(call, _with_graph_facts(result_from_json(call.result), call)))
    return Findings(run, tuple(found))


def _with_graph_facts(result: Result, call: CallRecord) -> Result:
    known = {f.key for f in result.facts}
    keys = ["graph", *(f"graph.{n}" for n in range(2, len(call.graphs) + 1))]
    new = tuple(
        Fact(key, ref, label="graph in the memory")
        for key, ref in zip(keys, call.graphs, strict=False)
        if key not in known
    )
    return replace(result, facts=result.facts + new) if new else result


def _newest(found: list[Found[S]]) -> Found[S] | None:
    return found[-1] if found else None


def _answers(run: RunRecord, identification: Identification | None) -> bool:
    """Whether an identification is of the effect that was asked for; any is where nothing was."""
    asked = run.question
    if identification is None or asked.treatment is None or asked.outcome is None:
        return True
    return asked.treatment in identification.treatments and asked.outcome in identification.outcomes


def _names(findings: Findings) -> Iterator[str]:
    run = findings.run
    q = run.question
    yield from (
        q.treatment or "",
        q.outcome or "",
        q.instrument or "",
        q.mediator or "",
        q.time or "",
        q.unit or "",
        q.graph or "",
    )
    yield from (*q.given, *q.columns, *q.modifiers, *q.together, *(q.controls or ()))
    yield from (str(c.get("name", "")) for c in _dicts(run.knowledge.get("columns")))
    yield from run.settings.get("columns", ())
    for call in run.calls:
        kind = (call.error or {}).get("kind")
        if kind not in ("unknown_tool", "repeated"):
            yield call.tool
        if call.ok or (run.model == "expert" and kind not in REFUSED):
            # else a model could make a name, and say something, of what no tool took
            yield from _strings(call.args)
        yield from call.graphs
        yield from (g.partition("@")[0] for g in call.graphs)
    for f in findings.found:
        yield from _result_names(f.result)


def _result_names(result: Result) -> Iterator[str]:
    for new in result.graphs:
        yield from (new.name, new.method, *new.graph.nodes)
    if isinstance(result, ProfileResult) and result.profile:
        yield from result.profile.names
    if isinstance(result, DiscoverResult):
        yield result.method
        yield from (method for a in result.agreement for method, _ in a.symbols)
    if isinstance(result, EstimateResult):
        yield from (e.method for e in result.estimates)
    if isinstance(result, RefuteResult):
        yield from (c.name for c in result.checks)
    if isinstance(result, StructureResult):
        yield from result.names
    if isinstance(result, HeterogeneityResult) and result.heterogeneity:
        yield from result.heterogeneity.modifiers
    if isinstance(result, RankingResult):
        yield from result.ranking


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list | tuple) else []


def _strings(value: Any) -> Iterator[str]:
    yield from (v for v in _leaves(value) if isinstance(v, str))


def _leaves(value: Any) -> Iterator[Any]:
    """What arguments hold, without the lists and objects around it."""
    if isinstance(value, Mapping):
        for v in value.values():
            yield from _leaves(v)
    elif isinstance(value, list | tuple):
        for v in value:
            yield from _leaves(v)
    else:
        yield value
