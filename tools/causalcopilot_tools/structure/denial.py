"""A learned graph without an arrow is no proof that there is none: a "no" needs a test, or someone's word."""

from __future__ import annotations

from dataclasses import dataclass

from causalcopilot.domain.facts import Fact
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.errors import CcpError
from causalcopilot.graph.evidence import Answer
from causalcopilot.graph.separation import separator
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import StructureResult
from causalcopilot_tools.structure.independence import independence

SURE = 0.9
"""Share of resamples with this very arrowhead from which a reversed edge counts as evidence."""


@dataclass(frozen=True)
class Denial:
    """What stands behind a "no" read off a learned graph: the answer it leaves, the words, and the test's facts."""

    answer: Answer
    says: str
    facts: tuple[Fact, ...] = ()


def deny(context: Context, a: str, b: str, graph: StoredGraph) -> Denial:
    """Whether a learned graph's "no" to "does a directly cause b?" can be said.

    Knowledge that forbids the arrow says so by itself.  Where the graph joins the two the other way, only an
    arrowhead that nearly every resample shows counts.  Where it does not join them, the columns that separate them
    in the graph must make them independent in the rows, by a test that could have seen a moderate relation.
    """
    if _forbidden(context.knowledge, a, b):
        return Denial("no", "what is known rules it out")
    edges = graph.graph.between(a, b)
    if edges:
        sure = any((e.source_confidence or 0.0) >= SURE and e.source_mark == "arrow" for e in edges)
        if sure:
            return Denial("no", f"the learned graph has {edges[0]}, as nearly every resample has")
        return Denial(
            "uncertain", f"the learned graph has {edges[0]}, and no test of these rows tells the direction"
        )
    return _tested(context, a, b, graph)


def _forbidden(known: Knowledge, a: str, b: str) -> bool:
    first, second = known.column(a), known.column(b)
    tiers = (first.tier if first else None, second.tier if second else None)
    later = tiers[0] is not None and tiers[1] is not None and tiers[0] > tiers[1]
    return (a, b) in known.forbidden or later


def _tested(context: Context, a: str, b: str, graph: StoredGraph) -> Denial:
    columns = set(context.dataset.columns)
    try:
        given = separator(graph.graph, a, b, tuple(n for n in graph.graph.observed if n in columns))
        if given is None:
            return Denial(
                "uncertain", "the learned graph has no arrow, and names no columns to test that with"
            )
        made = independence(context, a=a, b=b, given=given)
    except CcpError as error:
        return Denial(
            "uncertain", f"the learned graph has no arrow, which could not be tested: {error.message}"
        )
    assert isinstance(made, StructureResult)
    held = f" given {', '.join(given)}" if given else ""
    p = made.fact("p_value")
    facts: tuple[Fact, ...] = (
        Fact("test.p_value", p.value, f"p-value of independence of {a} and {b}{held}", format=p.format),
    )
    facts += tuple(Fact(f"test.given.{i}", n, "held in the test", subject=n) for i, n in enumerate(given, 1))
    if made.answer == "yes":
        return Denial("no", f"the learned graph has no arrow, and the rows show independence{held}", facts)
    found = "show a relation that is left" if made.answer == "no" else "are too few to tell"
    return Denial("uncertain", f"the learned graph has no arrow, but the rows{held} {found}", facts)
