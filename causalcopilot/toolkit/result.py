"""What tools return: frozen records with facts, graphs and tables.

The core's own kinds of result are here because the verdict, the report and the ``--json`` documents read
them; a plugin returns ``Result`` itself or a subclass of one of these.
"""

from __future__ import annotations

from dataclasses import dataclass

from causalcopilot.domain.effect_range import EffectRange
from causalcopilot.domain.estimate import Check, Estimate, Sensitivity, Verdict
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.heterogeneity import Heterogeneity
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.profile import Profile
from causalcopilot.graph.graph import Graph


@dataclass(frozen=True)
class Table:
    """A small table for the report; cells are values, never formatted text.

    Attributes:
        name: stable name a figure or report section looks for (``balance``, ``overlap`` …).
        title: caption.
        columns: column headings.
        rows: cells, row by row.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]


@dataclass(frozen=True)
class NewGraph:
    """A graph a tool wants remembered; the memory gives it a version.

    Attributes:
        graph: the graph.
        name: wished name; empty takes the data's name.
        method: what made it (``pc``, ``user`` …).
        params: settings as name and value pairs.
        op: ``discovered``, ``edited``, ``imported``, ``merged`` or ``copied``.
        parent: ``name@version`` it was made from, or empty.
        note: one line.
    """

    graph: Graph
    name: str = ""
    method: str = ""
    params: tuple[tuple[str, Scalar], ...] = ()
    op: str = "discovered"
    parent: str = ""
    note: str = ""


@dataclass(frozen=True)
class Result:
    """What every tool returns.

    Attributes:
        summary: one line for the progress view; may hold numbers, is never quoted in a report.
        facts: the values that may be referred to; keys are unique within the result.
        graphs: graphs to remember.
        tables: tables for the report.
        findings: notices about the computation that a reader must know (convergence, dropped rows …).
    """

    summary: str
    facts: tuple[Fact, ...] = ()
    graphs: tuple[NewGraph, ...] = ()
    tables: tuple[Table, ...] = ()
    findings: tuple[str, ...] = ()

    def fact(self, key: str) -> Fact:
        """The fact with this key; ``KeyError`` if there is none."""
        for f in self.facts:
            if f.key == key:
                return f
        raise KeyError(key)


@dataclass(frozen=True)
class ProfileResult(Result):
    """The profile of the table."""

    profile: Profile | None = None


@dataclass(frozen=True)
class EdgeAgreement:
    """One adjacency and which search methods found it, with the symbol each gave it.

    ``lag`` is the number of steps by which ``source`` precedes ``target``, in a graph over time.
    """

    source: str
    target: str
    symbols: tuple[tuple[str, str], ...]
    lag: int = 0


@dataclass(frozen=True)
class DiscoverResult(Result):
    """A learned graph (``graphs[0]``), how it was chosen, and what other methods say.

    Attributes:
        method: method of the primary graph.
        reason: the rule that chose it.
        agreement: every adjacency any method found.
        notes: knowledge honoured or contradicted, columns left out, limits.
    """

    method: str = ""
    reason: str = ""
    agreement: tuple[EdgeAgreement, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class StructureResult(Result):
    """The answer to a question about structure: yes, no or uncertain, with the path as evidence.

    Attributes:
        answer: ``yes``, ``no``, ``uncertain``.
        path: nodes and edge texts alternating, or empty.
        names: nodes the answer consists of (the confounders, the adjustment set …).
        graph: graph it was read from, or ``None`` when tested on data.
    """

    answer: str = "uncertain"
    path: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    graph: str | None = None


@dataclass(frozen=True)
class IdentifyResult(Result):
    """An identification and, when it refuses, the verdict ``not_identified``."""

    identification: Identification | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True)
class EstimateResult(Result):
    """All estimates of one identified effect; ``estimates[primary]`` answers the question.

    Tables: ``overlap`` (low, high, treated, control), ``balance`` (covariate, raw, weighted).
    """

    identification: Identification | None = None
    estimates: tuple[Estimate, ...] = ()
    primary: int = 0


@dataclass(frozen=True)
class RefuteResult(Result):
    """Every check tried on one estimate, the sensitivity figures, and the verdict by rule."""

    checks: tuple[Check, ...] = ()
    sensitivity: Sensitivity | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True)
class RangeResult(Result):
    """The effects that a graph with open edges allows; never an identified effect."""

    range: EffectRange | None = None


@dataclass(frozen=True)
class HeterogeneityResult(Result):
    """How an identified effect differs between rows.

    Tables: ``subgroups`` (modifier, level, rows, treated, effect, low, high, suppressed) where modifiers were named,
    ``projection`` (modifier, slope, low, high, p value).
    """

    heterogeneity: Heterogeneity | None = None


@dataclass(frozen=True)
class RankingResult(Result):
    """Columns in order of a stated quantity, best first."""

    ranking: tuple[str, ...] = ()
    graph: str | None = None


RESULT_TYPES: dict[str, type[Result]] = {
    t.__name__: t
    for t in (
        Result,
        ProfileResult,
        DiscoverResult,
        StructureResult,
        IdentifyResult,
        EstimateResult,
        RefuteResult,
        RankingResult,
        RangeResult,
        HeterogeneityResult,
    )
}
