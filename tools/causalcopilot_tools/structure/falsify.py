"""Does a graph fit the data?  Every independence it implies, tested, and every edge it draws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import KnowledgeError, NotApplicable
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import StructureResult, Table
from causalcopilot.toolkit.tool import Alpha, Card, GraphRef, Ok, Refusal, tool
from causalcopilot_tools.structure.examination import ROWS, SECONDS, TESTS, Examination, Tested, drawn

if TYPE_CHECKING:
    from causalcopilot_tools.discovery.prepared import Prepared

MIN_ROWS = 50
"""With fewer rows the tests see strong associations only, and every graph would seem to fit."""
SHOWN = 20
"""Contradictions and needless edges that are told one by one."""
REMEMBERED = 8
_KNOWN: dict[Any, Examination] = {}


def _applies(profile: Profile, question: Question) -> Ok | Refusal:
    if profile.rows < MIN_ROWS:
        return Refusal(f"{profile.rows} rows are too few to test a graph", f"at least {MIN_ROWS} are needed")
    return Ok()


@tool(
    group="structure",
    deadline=120.0,
    applies=_applies,
    card=Card(
        assumes=("rows are independent of one another", "nodes that the table lacks are unmeasured causes"),
        data="columns of numbers or categories; rows with a missing cell are left out test by test",
        cost="a tenth of a second for each pair of columns, at most half a minute",
        source="Pearl 2009 (implied independences); Benjamini & Hochberg 1995; Eulig et al. 2023 (relabelings)",
    ),
)
def falsify(context: Context, graph: GraphRef, alpha: Alpha = 0.05) -> StructureResult:
    """Hold a graph against the data: which of its claims do the data contradict?

    Each pair of columns without an edge is tested for independence given the set that separates it in the graph,
    each edge for dependence. Answers yes (it fits), no (a claim is contradicted) or uncertain, with the
    share of randomly relabeled graphs that fit as well. A graph that fits is not thereby right: others may
    imply the same.

    Args:
        graph: graph to test.
        alpha: level, after correction for the number of independences.

    Raises:
        NotApplicable: the graph shares fewer than two usable columns with the table, or is lagged.
    """
    found, notes = examined(context, graph, alpha)
    return _result(graph, found, notes)


def examined(
    context: Context, stored: StoredGraph, alpha: float = 0.05
) -> tuple[Examination, tuple[str, ...]]:
    """The examination of a graph on the table, and what a reader must know about it; computed once per table.

    Raises:
        NotApplicable: see ``falsify``.
    """
    if stored.graph.kind == "lagged":
        raise NotApplicable(
            f"{stored.id or 'the graph'} is lagged: its independences are not tested",
            "test a graph without lags",
        )
    shared = [n for n in stored.graph.observed if n in context.dataset.columns]
    from causalcopilot_tools.discovery import dependence
    from causalcopilot_tools.discovery.encoding import encode

    data = encode(context, shared, asked=shared) if shared else None
    if data is None or len(data.names) < 2:
        raise NotApplicable(
            f"{stored.id or 'the graph'} shares fewer than two usable columns with the table",
            "name its nodes like the columns",
        )
    notes = [f"{e.name} {e.reason}: it counts as unmeasured" for e in data.left_out]
    if absent := [n for n in stored.graph.observed if n not in context.dataset.columns]:
        notes.append(f"nodes that the table does not measure count as latent: {', '.join(absent)}")
    if found := dependence.alike(context, data):
        data = dependence.one_of_each(context, data, found.unit)
        notes.append(f"{found.said}: one row of each was drawn for the tests, which take rows as independent")
    if data.rows > ROWS:
        notes.append(f"{ROWS:,} of {data.rows:,} rows were drawn for the tests")
    try:
        return _once(drawn(data, context.seed), stored.graph, context.seed, alpha), tuple(notes)
    except KnowledgeError as e:
        raise NotApplicable(f"{stored.id or 'the graph'} cannot be tested: {e}", e.hint) from e


def _once(data: Prepared, graph: Graph, seed: int, alpha: float) -> Examination:
    """Examine, or recall: the expert asks before an estimate, and the refutation of the estimate asks again."""
    from hashlib import blake2b

    from causalcopilot_tools.structure.examination import examine

    key = (blake2b(data.matrix.tobytes()).hexdigest(), data.names, graph, seed, alpha)
    if key not in _KNOWN:
        if len(_KNOWN) >= REMEMBERED:
            _KNOWN.pop(next(iter(_KNOWN)))
        _KNOWN[key] = examine(data, graph, seed, alpha)
    return _KNOWN[key]


def _result(stored: StoredGraph, found: Examination, notes: tuple[str, ...]) -> StructureResult:
    told = tuple(str(t.claim) for t in found.contradicted)
    bad, tested = len(found.contradicted), len(found.independent)
    held = (
        f"{bad} of {tested} implied independences contradicted"
        if tested
        else "it implies none that can be tested"
    )
    return StructureResult(
        f"fits the data: {found.answer} ({held})",
        tuple(_facts(stored, found)),
        tables=tuple(_tables(found)),
        findings=(*notes, *_findings(found)),
        answer=found.answer,
        names=told[:SHOWN],
        graph=stored.id or None,
    )


def _findings(found: Examination) -> Iterator[str]:
    if found.untested:
        yield (
            f"{found.untested} claims of the graph were not tested: at most {TESTS} independences and edges each are, "
            f"within {SECONDS:.0f} seconds, and none where a column is determined by others"
        )
    if not found.implied:
        yield "the graph joins every two columns, so it implies no independence that data could contradict"
    elif found.share is not None and found.share >= 0.5 and not found.contradicted:
        yield f"{found.share:.0%} of graphs with shuffled names fit as well: this fit says little"
    if found.answer == "yes":
        yield "a graph that fits is not thereby right: every graph of its class implies the same"


def _facts(stored: StoredGraph, found: Examination) -> Iterator[Fact]:
    yield Fact("answer", found.answer, "the graph fits the data", subject=stored.id)
    yield Fact("graph", stored.id, "graph tested", subject=stored.id)
    yield Fact("implied", found.implied, "independences the graph implies", format=",d")
    yield Fact("tested", len(found.independent), "independences tested", format=",d")
    yield Fact("edges_tested", len(found.edges), "edges tested", format=",d")
    yield Fact("untested", found.untested, "claims not tested", format=",d")
    yield Fact("contradicted", len(found.contradicted), "independences the data contradict", format=",d")
    for i, t in enumerate(found.contradicted[:SHOWN], 1):
        key, label = f"contradiction.{i}", str(t.claim)
        yield Fact(key, label, "independent in the graph, not in the data", subject=label)
        yield Fact(f"{key}.p_value", t.adjusted, f"corrected p-value of {label}", format=".3g")
        yield Fact(f"{key}.strength", t.found.strength, f"association between {label}", format=".2f")
    yield Fact("needless", len(found.needless), "edges between columns found independent", format=",d")
    for i, t in enumerate(found.needless[:SHOWN], 1):
        yield Fact(f"needless.{i}", str(t.claim.edge), "edge without a dependence in the data")
        yield Fact(f"needless.{i}.p_value", t.found.p_value, f"p-value of {t.claim}", format=".3g")
    if found.share is not None:
        yield Fact("relabelings", found.relabelings, "graphs with shuffled names", format=",d")
        yield Fact("share", found.share, "share of shuffled graphs that fit as well", format=".0%")
        yield Fact("violations", found.violations, "its violations by the linear test", format=",d")
        yield Fact("usual", found.usual, "mean violations of shuffled graphs", format=".1f")
    yield Fact("n", found.rows, "rows used", format=",d")
    yield Fact("alpha", found.alpha, "level after correction", format="g")


def _tables(found: Examination) -> Iterator[Table]:
    heads = ("pair", "given", "p-value", "corrected", "association", "test", "verdict of the data")
    if found.independent:
        rows = tuple(
            _row(t, t.adjusted, "contradicted" if t in found.contradicted else "not contradicted")
            for t in found.independent
        )
        yield Table("independences", "Independences the graph implies, most doubtful first", heads, rows)
    if found.edges:
        rows = tuple(
            _row(t, None, "no dependence found" if t in found.needless else "dependent or unclear")
            for t in found.edges
        )
        yield Table("edges", "Edges the graph draws, most doubtful first", heads, rows)


def _row(t: Tested, corrected: float | None, said: str) -> tuple[Scalar, ...]:
    c, f = t.claim, t.found
    pair = str(c.edge) if c.edge is not None else f"{c.a}, {c.b}"
    return (pair, ", ".join(c.given), f.p_value, corrected, f.strength, f.test, said)
